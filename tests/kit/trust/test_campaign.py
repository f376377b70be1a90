"""A campaign grades what it should, so often as it should, and keeps what is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from autograder.grading import result as results
from autograder.trust import campaign
from autograder.trust.corpus import Specimen
from autograder.trust.pool import Job

REFERENCE = Specimen("reference", "correct", "The reference", {})
DESIGN = Specimen("design", "correct", "A design", {})
BUG = Specimen("bug", "server", "A bug", {}, fails=frozenset({"relay"}))
ALL = [REFERENCE, DESIGN, BUG]


@pytest.mark.parametrize(("runs", "times"), [(100, (100, 20, 2)), (7, (7, 1, 1)), (1, (1, 1, 1))])
def test_each_kind_has_its_number_of_runs(runs, times):
    counts = Counter(job.specimen.name for job in campaign.plan(runs, ALL, seed=1))
    assert tuple(counts[specimen.name] for specimen in ALL) == times


def test_a_seed_means_an_order():
    first = campaign.plan(100, ALL, seed=1)
    assert first == campaign.plan(100, ALL, seed=1)
    assert first != campaign.plan(100, ALL, seed=2)
    assert [job.specimen for job in first] != sorted(
        (job.specimen for job in first), key=ALL.index
    ), "nothing is shuffled"
    assert len({job.seed for job in first}) > 100


@pytest.mark.parametrize("observing", [True, False])
def test_all_look_into_the_kernel_or_none(observing):
    jobs = campaign.plan(10, ALL, seed=1, observing=observing)
    assert {job.observing for job in jobs} == {observing}


def test_a_right_grading_is_counted_only(tmp_path, made_up):
    tally = campaign.Tally(tmp_path / "kept")
    assert tally.take(Job(REFERENCE, 7), made_up(starts="passed")).faults == []
    assert tally.take(Job(BUG, 7), made_up(starts="passed", relay="failed")).faults == []
    assert not (tmp_path / "kept").exists()
    figures, wrong = tally.summary()
    assert figures.startswith("2 gradings of 2 programs in 0.0 min")
    assert wrong == "0 wrong"


def test_the_result_of_a_wrong_grading_is_kept(tmp_path, made_up):
    tally = campaign.Tally(tmp_path / "deep" / "kept")
    wrong = made_up(starts="passed", relay="passed", races="failed")
    found = tally.take(Job(BUG, 7), wrong).faults
    assert [fault.split(":")[0] for fault in found] == [
        "races failed",
        "relay did not fail",
    ]
    assert tally.take(Job(BUG, 8), made_up(relay="failed")).faults == []
    assert results.read(tally.folder / "bug-7.json") == wrong
    assert [path.name for path in tally.folder.iterdir()] == ["bug-7.json"]
    assert tally.wrong == [("bug", 7, fault) for fault in found]
    _figures, *rest = tally.summary()
    assert rest == [f"1 wrong; their results are in {tally.folder}", "  bug: 1 of 2"]


def test_what_was_done_before_an_interruption_counts(tmp_path, made_up):
    first = campaign.Tally(tmp_path)
    entries = [
        first.take(Job(BUG, 7), made_up(relay="passed")),
        first.take(Job(BUG, 8), made_up(relay="failed")),
    ]
    second = campaign.Tally(tmp_path)
    second.remember([replace(entry, after_s=600 * n) for n, entry in enumerate(entries, 1)])
    figures, *rest = second.summary()
    assert figures == "2 gradings of 1 programs in 20.0 min"
    assert rest == list(first.summary())[1:]
