"""`github`: the summary of a job of GitHub Actions, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.grading.result import CheckResult, Result
from autograder.i18n import N_, _
from autograder.reports import facts
from autograder.reports.exports import feedback
from autograder.reports.exports.format import Export, Format, Options, fitted
from autograder.reports.harmless import html, markdown

MOST_BYTES = 1_000_000  # GitHub takes 1 MiB a step
MARKS = {"passed": "✅", "failed": "❌", "skipped": "➖", "error": "⚠️"}


def make(results: Sequence[Result], options: Options) -> Export:
    """Return a table of the checks of each submission, with the stories of what failed."""

    def text(characters: int) -> str:
        sections = [_section(result, options, characters) for result in results]
        return "\n".join([*_overview(results), *sections])

    return Export(fitted(text, MOST_BYTES))


def _overview(results: Sequence[Result]) -> Iterator[str]:
    if len(results) > 1:
        headings = (_("Submission"), _("Outcome"))
        yield f"| {' | '.join(headings)} |\n| --- | --- |"
        for result in results:
            name, outcome = feedback.name_of(result), facts.headline(result)
            yield f"| {markdown(name)} | {markdown(outcome)} |"
        yield ""


def _section(result: Result, options: Options, characters: int) -> str:
    with facts.speaking_as(result):
        name, outcome = feedback.name_of(result), facts.headline(result)
        parts = [f"## {markdown(name)}\n", f"**{markdown(outcome)}**\n"]
        checks = feedback.told(result, options.hidden) if result.outcome == "graded" else []
        if checks:
            headings = (_("Check"), _("Points"))
            parts.append(f"| | {' | '.join(headings)} |\n| --- | --- | ---: |")
            parts += [_row(check) for check in checks]
            parts.append("")
        parts += [_details(check, characters) for check in checks if check.status == "failed"]
    return "\n".join(parts)


def _row(check: CheckResult) -> str:
    worth = f"{check.points}/{check.max_points}" if check.max_points else ""
    return f"| {MARKS[check.status]} | {markdown(feedback.title_of(check))} | {worth} |"


def _details(check: CheckResult, characters: int) -> str:
    # In <pre>, GitHub looks neither for Markdown nor for people to call.
    title, text = html(feedback.title_of(check)), html(feedback.of_check(check, characters))
    return f"<details><summary>{title}</summary>\n\n<pre>{text}</pre>\n\n</details>\n"


FORMAT = Format(
    "github", N_("The summary of a GitHub Actions job, in Markdown."), make, file="summary.md"
)
