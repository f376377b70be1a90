"""`lab4 check`: grades one work, once or after every change."""

from __future__ import annotations

import dataclasses
import signal
import sys
from pathlib import Path

import click
from rich.console import Console

from autograder import i18n
from autograder.grading import catalog, rubric
from autograder.grading.request import Request, SessionError
from autograder.grading.result import Result
from autograder.harness import isolation
from autograder.i18n import _
from autograder.options import (
    BELOW_MINIMUM,
    EXIT_STATUS,
    INTERRUPTED,
    language_option,
    rubric_option,
    seed_option,
)

console = Console()


def _work_here() -> Path:
    """Return the folder to check where none is named: `lab4`, or this one if we are in it."""
    return Path() if Path("server.py").is_file() and not Path("lab4").is_dir() else Path("lab4")


@click.command(help=_("Check the work in the folder PATH (default: lab4) and show the points."))
@click.argument("path", type=click.Path(path_type=Path), default=_work_here)
@click.option("--level", type=click.IntRange(1, 3), help=_("Only the checks of this level."))
@click.option("--watch", "watching", is_flag=True, help=_("Check again after every change."))
@language_option
@click.option(
    "--json", "file", type=click.Path(dir_okay=False, path_type=Path), help=_("Write the result.")
)
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("Write the result as a page for a browser."),
)
@seed_option
@rubric_option
@click.option("--min-score", type=int, help=_("Exit with status 1 if the score is lower."))
def check(
    path: Path,
    level: int | None,
    watching: bool,
    lang: str | None,
    file: Path | None,
    page: Path | None,
    seed: int | None,
    rubric_file: Path,
    min_score: int | None,
) -> None:
    """Grade one submission."""
    from autograder.reports import scorecard

    if not path.is_dir():
        raise click.UsageError(
            _("{path} is not a folder: name the folder that holds server.py").format(path=path)
        )
    if page and not page.parent.is_dir():  # to be known now, not after the checks
        raise click.UsageError(
            _("there is no folder {folder}: name a page in a folder that exists").format(
                folder=page.parent
            )
        )
    isolation.own_network()  # if it can be had: every port is free there
    request = Request(path, level, seed, rubric_file, file, lang or i18n.language())
    try:
        if watching:
            result = _watch(request, page)
        else:
            result = _graded(request)
            scorecard.show(result, console)
            if page:
                _write_page(result, page)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not stop the clearing up
        console.print(_("Interrupted; the checks were not run to the end."))
        sys.exit(INTERRUPTED)
    status = EXIT_STATUS[result.outcome]
    if status == 0 and min_score is not None and result.score < min_score:
        status = BELOW_MINIMUM
    sys.exit(status)


def _watch(request: Request, page: Path | None) -> Result:
    """Grade, and again after every change, until Ctrl-C; return the last result."""
    from watchfiles import PythonFilter, watch

    from autograder.reports import rerun

    # It begins to look when asked for the first time: before the first grading, or a change in
    # the meantime would be missed.
    changes = watch(
        request.path,
        watch_filter=PythonFilter(),
        raise_interrupt=True,
        yield_on_timeout=True,
        rust_timeout=100,
    )
    next(changes)
    shown = rerun.Reruns(console)
    while True:
        result = _graded(request)
        # The same dice for all runs: what changes is then the work's doing.
        request = dataclasses.replace(request, seed=result.environment["seed"])
        if page:
            _write_page(result, page)
        try:
            if shown.show(result):
                waiting = _("Waiting for a change in {path} (Ctrl-C ends).")
                console.print(waiting.format(path=request.path), markup=False, highlight=False)
            while not next(changes):
                pass
        except KeyboardInterrupt:
            console.print()
            return result


def _graded(request: Request) -> Result:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from autograder.grading.session import grade

    try:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=Console(file=sys.stdout),  # this one: pytest puts another in its place
            transient=True,
            disable=not console.is_terminal,  # elsewhere it would leave an empty line
        ) as bars:
            bar = bars.add_task(_("starting"), total=None)

            def progress(done: int, total: int, next_check: str) -> None:
                bars.update(bar, completed=done, total=total, description=catalog.title(next_check))

            result = grade(request, progress)
    except (SessionError, rubric.RubricError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(
            _("the result could not be written: {error}").format(error=error)
        ) from error
    return result


def _write_page(result: Result, path: Path) -> None:
    from autograder.grading import atomic
    from autograder.reports.pages import submission_page

    try:
        atomic.write(path, submission_page.make(result))
    except OSError as error:
        raise click.UsageError(
            _("the page could not be written: {error}").format(error=error)
        ) from error
    console.print(
        _("Open {path} in a browser.").format(path=path),
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
