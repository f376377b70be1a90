"""The plugin: what becomes of a check that passes, fails, is skipped, or breaks."""

from __future__ import annotations

import pytest

from autograder.grading import rubric, session

TALK = """
@pytest.mark.check("relay")
def test_relay(chat):
    anna, boris = chat.room().enter("anna", "boris")
    message = anna.says()
    boris.hears(message)
"""


def only(result):
    (check,) = result.checks
    return check


def test_a_passed_check_keeps_its_story_and_no_transcript(grade, own_checks):
    own_checks(TALK)
    check = only(grade())
    assert (check.status, check.points) == ("passed", 15)
    assert check.story[:2] == ["server.py is started.", "Anna, Boris enter."]
    assert check.story[2].startswith("Anna says “anna-1-")
    assert check.story[3].endswith("of Anna.")
    assert check.transcript == []
    assert check.evidence == "quiescent"
    assert check.title == "What the first one says, the second one hears"


def test_a_failed_check_tells_everything(grade, own_checks):
    own_checks(TALK + "    anna.hears(message)\n")
    check = only(grade())
    assert (check.status, check.points) == ("failed", 0)
    assert check.story[-1].startswith("Anna must hear “anna-1-")
    assert check.expected.startswith("Anna receives “anna-1-")
    assert (
        check.actual == "nothing came, and all threads of the server wait: nothing more will come"
    )
    assert check.hint == "Read from one client in a loop and send what came to the other."
    assert check.evidence == "quiescent"
    assert check.missing.items() >= {"from": "anna", "to": "anna"}.items()
    assert f"“{check.missing['text']}”" in check.expected
    assert check.offending is None
    events = [(event["who"], event["dir"]) for event in check.transcript]
    assert ("anna", "sent") in events
    assert ("boris", "received") in events
    assert ("server.py", "console") in events
    assert [event["t"] for event in check.transcript] == sorted(
        event["t"] for event in check.transcript
    )


def test_what_the_server_prints_on_stderr_is_kept(work, grade, own_checks):
    server = (work / "server.py").read_text(encoding="utf-8")
    loud = f"import sys\nprint('x' * 5000, 'careful', file=sys.stderr)\n{server}"
    (work / "server.py").write_text(loud, encoding="utf-8")
    own_checks(TALK + "    anna.hears(message)\n")
    check = only(grade())
    assert check.stderr_tail.endswith("x careful\n")
    assert len(check.stderr_tail) == 2000


@pytest.mark.parametrize(
    ("source", "actual"),
    [
        ("def test_relay(chat): 1 / 0", "ZeroDivisionError: division by zero"),
        ("def test_relay(no_such_fixture): pass", "FixtureLookupError: ('no_such_fixture'"),
        ("def test_relay(chat): assert chat is None", "AssertionError: "),
    ],
)
def test_a_check_that_breaks_is_a_fault_of_the_grader(grade, own_checks, source, actual):
    own_checks(f"@pytest.mark.check('relay')\n{source}\n")
    result = grade()
    assert only(result).status == "error"
    assert actual in only(result).actual
    assert result.outcome == "grader_fault"
    assert result.reason == "the grader itself failed in: relay"


def test_a_check_that_hangs_is_cut_off_and_the_next_one_runs(grade, own_checks, monkeypatch):
    monkeypatch.setattr(session, "MOST_CHECK_S", 1)
    own_checks(
        """
import threading
@pytest.mark.check("starts")
def test_starts(chat):
    chat.start()
    threading.Event().wait()
"""
        + TALK
    )
    hung, passed = grade().checks
    assert (hung.status, passed.status) == ("error", "passed")
    assert "Timeout" in hung.actual


def test_what_needs_a_failed_check_is_skipped_and_says_so(grade, own_checks):
    own_checks(
        """
@pytest.mark.check("starts")
def test_starts(chat):
    anna, boris = chat.room().enter("anna", "boris")
    anna.hears(anna.says())
@pytest.mark.check("relay", needs=["starts"])
def test_relay(chat): 1 / 0
@pytest.mark.check("relay_back", needs=["relay"])
def test_relay_back(chat): 1 / 0
@pytest.mark.check("text_intact", needs=["crowd"])
def test_text_intact(chat): chat.start()
"""
    )
    result = grade()
    assert [(c.id, c.status, c.cause * (c.status == "skipped")) for c in result.checks] == [
        ("starts", "failed", ""),
        ("relay", "skipped", "needs starts"),
        ("relay_back", "skipped", "needs relay"),
        ("text_intact", "passed", ""),
    ]
    assert result.outcome == "graded"


def test_a_check_without_a_mark_is_refused(grade, own_checks, capfd):
    own_checks("def test_relay(chat): pass")
    with pytest.raises(rubric.RubricError, match=r"test_relay has no id: write @pytest\.mark"):
        grade()


@pytest.mark.parametrize(("words", "status"), [("", "passed"), (", echo=True", "failed")])
def test_an_echo_counts_where_the_mark_says_so(work, grade, own_checks, words, status):
    server = (work / "server.py").read_text(encoding="utf-8")
    echoing = server.replace('{text}", client)', '{text}", None)')
    assert echoing != server
    (work / "server.py").write_text(echoing, encoding="utf-8")
    own_checks(TALK.replace('"relay"', f'"relay"{words}'))
    assert only(grade()).status == status


def test_the_audit_can_be_left_out(work, grade, own_checks):
    own_checks(
        """
@pytest.mark.check("relay", audit=False)
def test_relay(chat):
    anna, boris = chat.room().enter("anna", "boris")
    message = anna.compose()
@pytest.mark.check("relay_back")
def test_relay_back(chat):
    anna, boris = chat.room().enter("anna", "boris")
    message = anna.compose()
"""
    )
    lax, strict = grade().checks
    assert (lax.status, strict.status) == ("passed", "failed")
    assert strict.story[-1] == "At the end every line is accounted for."
    assert strict.actual == "it never came"
