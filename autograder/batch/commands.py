"""`lab4 grade`: the command by which an instructor grades a class."""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click
from rich.console import Console

from autograder.grading import rubric
from autograder.i18n import _, ngettext
from autograder.options import (
    EXIT_STATUS,
    INTERRUPTED,
    jobs_option,
    language_option,
    rubric_option,
    seed_option,
)
from autograder.reports.exports import FORMATS, ExportError

if TYPE_CHECKING:
    from autograder.batch.folder import Folder
    from autograder.batch.run import Engine
    from autograder.batch.settings import Settings
    from autograder.intake import Entry

console = Console()


@click.command(help=_("Grade the works of a class; what is finished already is not graded again."))
@click.argument(
    "submissions",
    nargs=-1,
    required=True,
    metavar="SUBMISSIONS...",
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "-o",
    "--output",
    "output",
    required=True,
    metavar="OUT",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Folder for the results and the summary."),
)
@jobs_option
@language_option
@seed_option
@rubric_option
@click.option(
    "--choices",
    "choices_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=_("Which file is the server or the client of whom (TOML), where the search errs."),
)
@click.option(
    "--sandbox",
    type=click.Choice(["require", "auto", "off"]),
    default="require",
    show_default=True,
    help=_("Refuse to grade without a sandbox; take the best there is, even none; or take none."),
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice([name for name, each in FORMATS.items() if each.file]),
    help=_("Write the grades of all into OUT, too; may be repeated. See lab4 export for more."),
)
@click.option(
    "--dask",
    "scheduler",
    metavar="ADDRESS",
    help=_("Grade on the cluster of this Dask scheduler, such as tcp://host:8786."),
)
def grade(
    submissions: tuple[Path, ...],
    output: Path,
    jobs: int | None,
    lang: str | None,
    seed: int | None,
    rubric_file: Path,
    choices_file: Path | None,
    sandbox: str,
    formats: tuple[str, ...],
    scheduler: str | None,
) -> None:
    """Grade a class."""
    from autograder import fence
    from autograder.batch import export, preparation

    if scheduler and jobs:
        raise click.UsageError(
            _("--jobs is about this machine: leave it out, the workers of the cluster decide")
        )
    preparation.must_be_outside(output, submissions)
    preparation.must_be_a_rubric(rubric_file)
    choices = preparation.read_choices(choices_file)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        with contextlib.ExitStack() as stack:
            out = preparation.opened(output, stack)
            engine, find_best = stack.enter_context(preparation.chosen_engine(scheduler, jobs))
            with console.status(_("trying the sandbox")):
                tier = preparation.chosen_tier(sandbox, find_best)
            settings = preparation.make_settings(out, rubric_file, seed, tier)
            with console.status(_("reading the submissions")):
                entries = preparation.read_works(submissions, choices, out)
            status = _grade(entries, settings, out, engine)
            for path in export.of_class(out, formats, settings.rubric):
                console.print(str(path), markup=False, highlight=False, soft_wrap=True)
            sys.exit(status)
    except rubric.RubricError as error:
        raise click.UsageError(str(error)) from error
    except (fence.FenceError, ExportError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        console.print(
            _(
                "The run has stopped, because something could not be written ({error}): put that "
                "right, and run the same command again; what is finished is kept."
            ).format(error=error),
            markup=False,
            soft_wrap=True,
        )
        sys.exit(EXIT_STATUS["grader_fault"])
    except KeyboardInterrupt:
        console.print(
            _("Interrupted; run the same command again to go on: what is finished is kept."),
            soft_wrap=True,
        )
        sys.exit(INTERRUPTED)


def _grade(entries: list[Entry], settings: Settings, out: Folder, engine: Engine) -> int:
    """Grade what is left to be graded, and say how it went; return the exit status."""
    from autograder.batch import overview, progress, run

    summary = run.begin(entries, settings, out)
    finished, count = len(summary.rows), len(entries)
    console.print(
        ngettext(
            "{count} submission, {finished} of them finished by an earlier run; seed {seed}",
            "{count} submissions, {finished} of them finished by an earlier run; seed {seed}",
            count,
        ).format(count=count, finished=finished, seed=settings.seed),
        highlight=False,
    )
    console.print(
        _("Sandbox {name}: {title}").format(name=settings.tier.name, title=settings.tier.title),
        highlight=False,
        soft_wrap=True,
    )
    with progress.shown(summary, console) as watcher:
        run.grade(entries, settings, out, summary, engine, watcher)
    overview.show(summary, out, console)
    return EXIT_STATUS["grader_fault" if summary.with_outcome("grader_fault") else "graded"]


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not stop the clearing up
    raise KeyboardInterrupt
