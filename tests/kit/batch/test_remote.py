"""A machine of a cluster grades as this one does, or says why it does not."""

from __future__ import annotations

import dataclasses

import pytest

from autograder import fence
from autograder.batch import remote
from autograder.batch.job import Job
from autograder.batch.remote import Machine, Parcel
from autograder.batch.settings import Settings, kit
from autograder.batch.workers import Lost
from autograder.grading import rubric
from autograder.intake import Entry

FIT = Machine("far", kit(), fence.T1, apart=True, daemon=False)


@pytest.fixture
def one(tmp_path, few):
    """A job."""
    folder = tmp_path / "work"
    (folder / "lib").mkdir(parents=True)
    (folder / "server.py").write_text("import sys; sys.exit('no')", encoding="utf-8")
    (folder / "lib" / "имя.bin").write_bytes(b"\0\xff")
    entry = Entry("Anna", "anna", "works/anna", folder=folder, sha256="ab")
    points = rubric.copy(few, tmp_path / "rubric")
    return Job(entry, Settings(points, 7, "en", fence.T0), tmp_path / "draft.json")


def test_a_parcel_holds_all_that_is_needed(one, tmp_path):
    (tmp_path / "far").mkdir()
    there = Parcel.of(one).unwrap(tmp_path / "far")
    assert there.settings.conditions() == one.settings.conditions()
    assert (there.entry.folder / "lib" / "имя.bin").read_bytes() == b"\0\xff"
    assert there.entry.folder.joinpath("server.py").read_text() == "import sys; sys.exit('no')"


def test_a_parcel_is_graded(one, monkeypatch):
    monkeypatch.setattr(remote, "here", lambda: FIT)
    found = remote.grade(Parcel.of(one))
    assert (found.outcome, found.score, found.max_score) == ("graded", 0, 20)
    assert found.checks[0].id == "starts"
    assert found.environment["seed"] == 7


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kit": {"kit": "0", "checks": ""}}, "far has another version of the kit"),
        ({"apart": False}, "far gives programs no network of their own"),
        ({"tier": fence.T0}, "far has no sandbox of the kind T1, but T0"),
    ],
)
def test_an_unfit_machine_grades_nothing(one, monkeypatch, change, why):
    unfit = dataclasses.replace(FIT, **change)
    monkeypatch.setattr(remote, "here", lambda: unfit)
    strict = dataclasses.replace(one.settings, tier=fence.T1)
    found = remote.grade(Parcel.of(dataclasses.replace(one, settings=strict)))
    assert isinstance(found, Lost)
    assert found.why.startswith(why)


def test_this_machine_is_described():
    machine = remote.here()
    assert machine.kit == kit()
    assert machine.tier.name == fence.best().name
    assert not machine.daemon
