"""The page of one submission: its points, and each failure as a story with its proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.grading import catalog
from autograder.grading.result import CheckResult, Result
from autograder.i18n import _
from autograder.reports import diagram, facts, log
from autograder.reports.harmless import CLIPPED, clip, line
from autograder.reports.pages.rendering import render

MOST = 2_000_000  # bytes of a page
# Rows of each log, characters of each row, and of each other text, the fullest first: the first
# that fits is taken. The result file has all.
DETAIL = ((400, 160, 4000), (100, 300, 2000), (40, 200, 500), (10, 100, 100))
MOST_WHO = 24  # characters of the name of a speaker
LATEST = 14  # rows of a log that are seen at once: what happened just before the failure


@dataclass(frozen=True)
class Level:
    """The checks of a level, and what they have earned."""

    name: str
    checks: list[CheckResult]

    @property
    def points(self) -> int:
        """What was earned."""
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> int:
        """What can be earned; 0 for badges."""
        return sum(check.max_points for check in self.checks)


@dataclass(frozen=True)
class Failure:
    """What the page tells of a check that failed.

    Attributes:
        facts: What is known, each with its name.
        findings: Sentences about the program's calls and source, under headings.
        earlier, latest: The log of the wire; what is earlier is unfolded on demand.
        left_out: How many rows, the earliest, had no room.
        diagram: The same as a picture, an `<svg>`, empty if there is none.
    """

    check: CheckResult
    steps: list[str]
    facts: list[tuple[str, str]]
    findings: list[tuple[str, list[str]]]
    earlier: list[log.Row]
    latest: list[log.Row]
    left_out: int
    stacks: str
    stderr: str
    diagram: Markup


def make(result: Result, *, back: str = "") -> bytes:
    """Return the page, as UTF-8, in the language in force.

    Args:
        result: What was found.
        back: Where the page of the class is, seen from this one; empty if there is none.
    """
    failed = [check for check in result.checks if check.status in ("failed", "error")]
    found = [(check, log.rows(check), diagram.draw(check)) for check in failed]
    data = b""
    for detail in DETAIL:
        told = [_failure(check, talk, picture, *detail) for check, talk, picture in found]
        data = _page(result, told, back).encode()
        if len(data) <= MOST:
            break
    return data


def _page(result: Result, failures: Sequence[Failure], back: str) -> str:
    levels = [
        Level(name, [check for check in result.checks if check.level == level])
        for level, name in facts.LEVELS.items()
    ]
    return render(
        "submission.html",
        result=result,
        headline=facts.headline(result),
        hidden=facts.hidden(result),
        told_in=facts.language_of(result),
        levels=[level for level in levels if level.checks],
        failures=failures,
        title_of=lambda check: catalog.title(check.id, own=check.title),
        made=_made(result),
        back=back,
    )


def _made(result: Result) -> list[tuple[str, str]]:
    """Return what is known of the work and of how it was graded, each fact with its name."""
    about, where = result.submission, result.environment
    chosen = about.get("chosen") or {}
    renamed = [f"{name} ← {path}" for name, path in chosen.items() if name != path]
    known = (
        (_("files"), ", ".join(map(str, about.get("files") or []))),
        (_("graded as"), ", ".join(renamed) or None),
        (_("passed over"), ", ".join(map(str, about.get("passed_over") or [])) or None),
        (_("time"), _("{seconds:.1f} s").format(seconds=result.duration_s)),
        (_("seed"), where.get("seed")),
        (_("sandbox"), where.get("sandbox")),
        ("Python", where.get("python")),
        (_("system"), where.get("os")),
        (_("kit"), where.get("kit")),
    )
    return [(name, clip(line(str(value)), 2000)) for name, value in known if value is not None]


def _failure(
    check: CheckResult, talk: list[log.Row], picture: str, rows: int, row: int, text: int
) -> Failure:
    shown = [
        log.Row(each.ms, clip(each.who, MOST_WHO), each.kind, _ends(each.text, row))
        for each in talk[-rows:]
    ]
    return Failure(
        check,
        [clip(step, text) for step in check.story],
        [(name, clip(fact, text)) for name, fact in facts.of_check(check)],
        [(name, [clip(s, text) for s in said[:rows]]) for name, said in facts.findings(check)],
        shown[:-LATEST],
        shown[-LATEST:],
        len(talk) - len(shown),
        clip(facts.stacks(check), text),
        check.stderr_tail[-text:],
        Markup(picture),
    )


def _ends(text: str, most: int) -> str:
    """Return the beginning and the end of a long text: lines are torn, or glued, at their ends."""
    if len(text) <= most:
        return text
    return f"{text[: most * 2 // 3]} {CLIPPED} {text[-most // 3 :]}"
