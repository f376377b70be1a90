"""The records of what students are told: complete, and still true of some programs."""

from __future__ import annotations

import pytest

from autograder.grading.result import CheckResult, Result
from autograder.i18n import LANGUAGES
from autograder.trust import corpus, golden, pool

# One of each kind of fault, and none whose threads race.
SAMPLE = (
    *("decodes_half_letters", "echo_to_author", "first_two_hear", "join_told_twice"),
    *("name_read_in_accept_loop", "no_leave_notice", "no_reuseaddr", "number_is_list_length"),
    *("target_called", "time_padded_right", "sends_no_newline", "pair_first_line_only"),
)


def test_each_broken_program_has_a_record_in_each_language_and_nothing_else_has():
    for language in LANGUAGES:
        found = {path.stem for path in (golden.FOLDER / language).iterdir()}
        assert found == {specimen.name for specimen in corpus.broken()}


def test_each_record_tells_of_each_check_that_must_fail():
    for specimen in corpus.broken():
        for language in LANGUAGES:
            told = {card.split()[1] for card in golden.recorded(specimen, language)}
            assert told == specimen.fails, specimen.name


@pytest.mark.slow
def test_what_is_told_is_what_stands_in_the_records():
    chosen = [specimen for specimen in corpus.broken() if specimen.name in SAMPLE]
    assert len(chosen) == len(SAMPLE)
    for job, cards in golden.compare(pool.run(golden.plan(chosen), 2)):
        assert not cards, f"{job.specimen.name} ({job.language}): {cards}"


def test_cards_of_one_check_stand_together_in_the_order_of_the_checks(tmp_path, monkeypatch):
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    specimen = corpus.broken()[0]
    golden.record(specimen, "en", ["✗ crowd\nit came\n"])
    golden.record(specimen, "en", ["✗ starts\nit ended\n", "✗ crowd\nnothing came\n"])
    assert golden.recorded(specimen, "en") == [
        *("✗ starts\nit ended\n", "✗ crowd\nit came\n", "✗ crowd\nnothing came\n")
    ]


def test_accidents_are_left_out_and_places_kept():
    result = Result({}, {"language": "en"})
    check = CheckResult("crowd", 2, "failed", 0, 6, "A crowd")
    check.actual = "Boris, Vera and userl got “x-1-abc” 3 times in 0.25 s"
    told = "server.py:31: recv() returned b'' {} times [Thread-{} (f)]"
    check.trail = [told.format(17, 4), told.format(3, 5)]
    result.checks = [check]
    (specimen,) = (one for one in corpus.broken() if one.name == "every_50th_lost")
    assert golden.said(specimen, result) == [
        "✗ crowd\n"
        "actual: Anna and Anna got “…” # times in # s\n"
        "read on: Notebook #, “…”, section “…”: notebooks/en/7_many_users.ipynb\n"
        "What the program did:\n"
        "  server.py:31: recv() returned b'' # times [Thread-# (f)]\n"
    ]
