"""A check that was run again: which work it is about, and whether it ended as before."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from autograder import i18n
from autograder.grading.result import CheckResult, Result
from autograder.i18n import N_, _
from autograder.reports import card
from autograder.reports.harmless import line

STATUS = {
    "passed": N_("passed"),
    "failed": N_("failed"),
    "skipped": N_("skipped"),
    "error": N_("the grader itself failed"),
}


def language_of(result: Result) -> str:
    """Return the language of a result, for its words are compared; ours if it does not say."""
    told = result.environment.get("language")
    return told if told in i18n.LANGUAGES else i18n.language()


def announce(origin: str, changed: bool, console: Console) -> None:
    """Say which work is run; and that it is another than then, if so."""
    console.print(Text(_("The work in {path}").format(path=line(origin))), soft_wrap=True)
    if changed:
        text = _("It has changed since that result was made: it may well end otherwise.")
        console.print(Text(text, "yellow"), soft_wrap=True)


def show(then: CheckResult, now: CheckResult, same: bool, console: Console) -> None:
    """Show how a check ended now, and whether it ended so then."""
    if now.status in ("failed", "error"):
        console.print(card.explained(now, story=False))
    console.print()
    if same:
        text = _("It ended as in the result: {status}.").format(status=_outcome(now))
        console.print(Text(text, "bold"), soft_wrap=True)
        return
    console.print(Text(_("It ended otherwise than in the result."), "bold yellow"), soft_wrap=True)
    for when, check in ((_("then"), then), (_("now"), now)):
        console.print(Text.assemble((f"{when}: ", "bold"), _outcome(check)), soft_wrap=True)


def _outcome(check: CheckResult) -> str:
    status = _(STATUS[check.status])
    told = check.cause if check.status == "skipped" else check.actual
    return line(f"{status} ({told})" if told else status)
