"""A campaign that was interrupted goes on, and nothing else goes on in its place."""

from __future__ import annotations

import pytest

from autograder.trust.corpus import Specimen
from autograder.trust.logbook import FILE, AnotherCampaign, Entry, Logbook
from autograder.trust.pool import Job

SETTINGS = {"kit": "abc", "names": [], "runs": 10, "load": 0, "blind": False, "seed": 5}
BUG = Specimen("bug", "server", "A bug", {})
JOBS = [Job(BUG, seed) for seed in (1, 2, 2, 3)]
FIRST = Entry("bug", 2, [], 1.5)
SECOND = Entry("bug", 1, ["relay did not fail", "ещё"], 2.5)


def begun(folder, *entries, **changed):
    book = Logbook(folder, SETTINGS | changed)
    for entry in entries:
        book.add(entry)
    return book


def test_what_is_done_is_not_done_again(tmp_path):
    begun(tmp_path, FIRST, SECOND)
    book = Logbook(tmp_path, SETTINGS)
    assert book.entries == [FIRST, SECOND]
    assert [job.seed for job in book.rest(JOBS)] == [2, 3], "one of two alike is done"


def test_nothing_is_written_before_something_is_done(tmp_path):
    assert list(begun(tmp_path / "new").rest(JOBS)) == JOBS
    assert not (tmp_path / "new").exists()


def test_without_a_seed_it_is_that_of_the_file(tmp_path):
    begun(tmp_path, FIRST)
    assert Logbook(tmp_path, SETTINGS | {"seed": None}).seed == 5


def test_without_a_seed_and_a_file_there_is_one_that_stays(tmp_path):
    book = begun(tmp_path, FIRST, seed=None)
    assert Logbook(tmp_path, SETTINGS | {"seed": None}).seed == book.seed


@pytest.mark.parametrize(
    "change", [{"kit": "abd"}, {"names": ["bug"]}, {"runs": 11}, {"load": 1}, {"seed": 6}]
)
def test_another_campaign_does_not_go_on_with_it(tmp_path, change):
    begun(tmp_path, FIRST)
    with pytest.raises(AnotherCampaign):
        Logbook(tmp_path, SETTINGS | change)


@pytest.mark.parametrize("damage", [b"", b"[]\n", b"{}\n", b"no JSON\n"])
def test_a_file_that_is_no_logbook_is_left_alone(tmp_path, damage):
    path = tmp_path / FILE
    path.write_bytes(damage)
    with pytest.raises(AnotherCampaign):
        Logbook(tmp_path, SETTINGS | {"seed": None})
    assert path.read_bytes() == damage


def test_a_kill_in_the_midst_of_a_line_costs_that_line_only(tmp_path):
    begun(tmp_path, FIRST, SECOND)
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-9])
    book = Logbook(tmp_path, SETTINGS)
    assert book.entries == [FIRST]
    book.add(SECOND)
    assert Logbook(tmp_path, SETTINGS).entries == [FIRST, SECOND]


def test_at_its_end_a_campaign_leaves_no_file(tmp_path):
    book = begun(tmp_path, FIRST)
    book.finish()
    book.finish()
    assert Logbook(tmp_path, SETTINGS).entries == []
    assert not list(tmp_path.iterdir())
