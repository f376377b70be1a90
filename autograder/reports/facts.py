"""What every report tells of a result: levels, how checks went, facts, and proofs in words."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager

from autograder import i18n
from autograder.grading.result import CheckResult, Result
from autograder.i18n import N_, _, ngettext
from autograder.reports import reading
from autograder.reports.harmless import line

LEVELS = {
    1: N_("Level 1: two users"),
    2: N_("Level 2: many users"),
    3: N_("Level 3: robust"),
    0: N_("Obligatory"),
}
WORDS = {
    "passed": N_("passed"),
    "failed": N_("failed"),
    "skipped": N_("skipped"),
    "error": N_("the grader failed"),
}
IDENTITY = re.compile(r"(?m), 0x[0-9a-f]+:$")  # in a heading, see `harness/stacks.py`
MARKS = {"passed": "✓", "failed": "✗", "skipped": "–", "error": "!"}


def speaking_as(result: Result) -> AbstractContextManager[None]:
    """Speak the language that the stories of a result are told in."""
    return i18n.speaking(language_of(result))


def language_of(result: Result) -> str:
    """Return the language that the stories of a result are told in."""
    language = result.environment.get("language")
    return language if language in i18n.LANGUAGES else i18n.language()


def headline(result: Result) -> str:
    """Return the outcome in a sentence or two."""
    reason = line(result.reason or "")
    if result.outcome == "not_gradable":
        return _("not gradable: {reason}").format(reason=reason)
    if result.outcome == "grader_fault":
        return _("not graded, and not by your fault: {reason}").format(reason=reason)
    score = _("Score: {score} of {most}").format(score=result.score, most=result.max_score)
    return f"{score}. {reason}" if reason else score


def of_check(check: CheckResult) -> list[tuple[str, str]]:
    """Return what is known of a check that did not pass, each fact with its name."""
    facts = (
        (_("expected"), check.expected),
        (_("actual"), check.actual),
        (_("likely cause"), check.cause),
        (_("hint"), check.hint),
        (_("how we know"), evidence(check)),
        (_("read on"), reading.read_on(check.id) if check.status == "failed" else ""),
    )
    return [(name, text) for name, text in facts if text]


def stacks(check: CheckResult) -> str:
    """Return where each thread was, without what only the grader knows threads by."""
    return IDENTITY.sub(":", check.stacks or "")


def findings(check: CheckResult) -> list[tuple[str, list[str]]]:
    """Return what was found in the program's calls and source, in sentences under headings."""
    found = (
        (_("What the program did"), check.trail),
        (_("Worth a look"), check.suspects),
    )
    return [(heading, sentences) for heading, sentences in found if sentences]


def evidence(check: CheckResult) -> str:
    """Return how the grader knows that nothing (more) came, empty where it claims no such thing."""
    if check.evidence == "quiescent":
        return _("every thread of the program waits, and none can go on by itself")
    if check.evidence == "silence":
        return _("a while of waiting was in vain: the program never rested, so there is no proof")
    return ""


def hidden(result: Result) -> str:
    """Return how many checks an instructor keeps back, empty if none is known of."""
    count = result.environment.get("hidden_checks", 0)
    if not isinstance(count, int) or count < 1:
        return ""
    return ngettext(
        "Your instructor's grading has {count} more check, which stays hidden.",
        "Your instructor's grading has {count} more checks, which stay hidden.",
        count,
    ).format(count=count)
