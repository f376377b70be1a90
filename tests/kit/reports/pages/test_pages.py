"""What stands on the pages, in both languages, and how large they are."""

from __future__ import annotations

import time

import pytest

from autograder import i18n
from autograder.grading import rubric
from autograder.grading.result import CheckResult
from autograder.reports import facts
from autograder.reports.pages import figures, submission_page

MOST = 2_000_000  # bytes of any page


def test_a_failure_is_told_with_all_that_is_known(work, parsed):
    text = " ".join(parsed(submission_page.make(work("Anna", relay="it was lost"))).text.split())
    told = [
        "Score: 85 of 100",
        "✗ failed",
        "Anna enters. ✗ here: Anna waits.",
        "expected boris hears “hello” actual nothing came likely cause it was lost",
        "hint Look at the other socket.",
        "how we know every thread of the program waits",
        "What the program did server.py:12: recv() brought “hello”",
        "Worth a look server.py:14: sends to the author only",
        "never came",
        "16 earlier rows",
        "9.0 server.py ▷ printed 16:04 - Пользователь #1 - 9\\n",
        "Thread 1 server.py:12 in serve",
        "Traceback File 'server.py'",
    ]
    places = [text.index(each) for each in told]
    assert places == sorted(places)


def test_each_check_says_in_a_word_how_it_went(work, parsed):
    text = parsed(submission_page.make(work("Anna", relay="lost"))).text
    assert text.count("✓ passed") == len(rubric.load().points) - 1
    assert text.count("✗ failed") == 2  # in the list, and where it is told


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("not_gradable", "not gradable: no server.py"),
        ("grader_fault", "not graded, and not by your fault: no server.py"),
    ],
)
def test_a_work_without_a_score_says_why(work, parsed, outcome, told):
    result = work("Anna")
    result.checks, result.outcome, result.reason = [], outcome, "no server.py"
    assert told in parsed(submission_page.make(result)).text


def test_a_fault_of_the_grader_is_nobodys_failure(work, parsed):
    result = work("Anna")
    result.checks = [CheckResult("relay", 1, "error", 0, 15, "Relay")]
    assert "it is not your fault" in parsed(submission_page.make(result)).text


def test_ids_of_elements_are_given_once(written, parsed):
    for path in written.rglob("*.html"):
        ids = parsed(path.read_bytes()).ids
        assert len(ids) == len(set(ids)), path


def test_the_page_of_a_class_counts(written, parsed):
    text = " ".join(parsed((written / "index.html").read_bytes()).text.split())
    for told in (
        "5 works in all 4 graded 1 not gradable 0 the grader failed 87.0 mean score",
        "not gradable: there is no server.py",
        "2 × Thread: OSError “…” ( Борисова Лия, Григорьева Кира)",
        "Борисова Лия 9.0 relay 1.5 s",
    ):
        assert told in text


def test_pages_speak_the_language_in_force(results, page_of_class, parsed):
    with i18n.speaking("ru"):
        one = parsed(submission_page.make(results["ключ 2"])).text
        whole = parsed(page_of_class(results)).text
    assert "✗" in one
    for word in ("ожидалось", "вероятная причина", "Уровень 1: два участника"):
        assert word in one
    assert "средний балл" in whole


def test_causes_are_one_whatever_was_said_and_where(results):
    works = [figures.work(key, each) for key, each in results.items()]
    relay = figures.outcomes(works, figures.Check("relay", 1, "Relay"))
    assert [(cause.text, len(cause.works)) for cause in relay.causes] == [
        ("Thread: OSError “…”", 2)
    ]
    assert (relay.counts["failed"], relay.counts["passed"]) == (2, 2)
    assert relay.share("failed") == 50


def test_scores_fall_into_tenths(work):
    works = [figures.work("a", work("Anna")), figures.work("b", work("Boris", relay="x"))]
    (name, tenths), *levels = figures.distributions(works)
    assert name == "All points"
    assert {percent: count for percent, count in tenths if count} == {"80–89": 1, "100": 1}
    assert [name for name, _tenths in levels] == [facts.LEVELS[1], facts.LEVELS[2]]
    assert dict(levels[0][1])["70–79"] == 1  # 45 of 60


def test_checks_stand_in_the_order_of_levels():
    checks = [figures.Check(id_, level, id_) for id_, level in (("t", 0), ("c", 3), ("a", 1))]
    assert [check.id for check in figures.united([*checks, *checks])] == ["a", "c", "t"]


def test_a_flood_makes_no_flood_of_a_page(work):
    flood = [{"t": 1.0, "who": "<" * 99, "dir": "received", "text": "<\x1b" * 50}] * 120
    result = work("Anna")
    result.checks = result.checks[:12]
    for check in result.checks:
        check.status, check.transcript = "failed", flood
        check.stacks = check.stderr_tail = check.cause = check.actual = "<&" * 3000
        check.story = ["\x00" * 1000] * 100
    page = submission_page.make(result)
    assert len(page) <= MOST
    assert b"earlier rows are left out here" in page


def test_three_hundred_works_and_forty_checks_are_quick_and_small(work, page_of_class):
    points = rubric.load().points
    result = work("Фамилия Имя Отчество", **dict.fromkeys(points, "it was lost, server.py:1: no"))
    result.checks += [CheckResult(f"own_{n}", 3, "failed", 0, 1, "Own") for n in range(13)]
    began = time.monotonic()
    page = page_of_class({f"Фамилия-Имя-Отчество-{n}": result for n in range(300)})
    assert time.monotonic() - began < 10  # takes half a second on an idle laptop
    assert len(page) <= MOST
