"""`lab4 grade`: the command by which an instructor grades a class."""

from __future__ import annotations

import contextlib
import random
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click
from rich.console import Console

from autograder import i18n
from autograder.grading import catalog, rubric
from autograder.i18n import _, ngettext
from autograder.options import (
    EXIT_STATUS,
    INTERRUPTED,
    jobs_option,
    language_option,
    rubric_option,
    seed_option,
)

if TYPE_CHECKING:
    from autograder.batch.folder import Folder
    from autograder.batch.run import Engine
    from autograder.batch.settings import Settings
    from autograder.fence import Tier
    from autograder.intake import Choices, Entry

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
    scheduler: str | None,
) -> None:
    """Grade a class."""
    from autograder import fence

    if scheduler and jobs:
        raise click.UsageError(
            _("--jobs is about this machine: leave it out, the workers of the cluster decide")
        )
    _must_be_outside(output, submissions)
    _must_be_a_rubric(rubric_file)
    choices = _choices(choices_file)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        with contextlib.ExitStack() as stack:
            out = _opened(output, stack)
            engine, find_best = stack.enter_context(_engine(scheduler, jobs))
            settings = _settings(out, rubric_file, seed, _tier(sandbox, find_best))
            entries = _read(submissions, choices, out)
            _grade(entries, settings, out, engine)
    except rubric.RubricError as error:
        raise click.UsageError(str(error)) from error
    except fence.FenceError as error:
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


def _grade(entries: list[Entry], settings: Settings, out: Folder, engine: Engine) -> None:
    """Grade what is left to be graded, and say how it went."""
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
    sys.exit(EXIT_STATUS["grader_fault" if summary.with_outcome("grader_fault") else "graded"])


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not stop the clearing up
    raise KeyboardInterrupt


def _must_be_outside(output: Path, submissions: Sequence[Path]) -> None:
    for path in submissions:
        if output.resolve().is_relative_to(path.resolve()):
            raise click.UsageError(
                _(
                    "{output} lies in {path}, where the submissions are: name a folder elsewhere"
                ).format(output=output, path=path)
            )


def _must_be_a_rubric(path: Path) -> None:
    from autograder.grading.checks import needs

    try:
        points = rubric.load(path)
        if points.checks is None:  # else it takes a run to know what checks there are
            points.must_name_only(catalog.ABOUT.keys() | needs().keys(), path)
    except rubric.RubricError as error:
        raise click.UsageError(str(error)) from error


def _opened(output: Path, stack: contextlib.ExitStack) -> Folder:
    """Keep the folder for results to this run."""
    from autograder.batch import folder, lock

    try:
        return stack.enter_context(folder.opened(output))
    except lock.Held as holder:
        raise click.UsageError(
            _(
                "another run (process {pid}) writes to {output}: wait for its end, or name "
                "another folder"
            ).format(pid=holder.pid, output=output)
        ) from holder
    except OSError as error:
        raise click.UsageError(
            _("{output} cannot be written to ({error}): name another folder").format(
                output=output, error=error.strerror
            )
        ) from error


def _choices(path: Path | None) -> Choices:
    from autograder.intake import NONE, ChoicesError, choices

    try:
        return choices.load(path) if path else NONE
    except ChoicesError as error:
        raise click.UsageError(str(error)) from error


@contextlib.contextmanager
def _engine(scheduler: str | None, jobs: int | None) -> Iterator[tuple[Engine, Callable[[], Tier]]]:
    """Return what grades, and what finds its best sandbox."""
    from autograder import fence
    from autograder.batch import run, workers

    if scheduler is None:
        yield run.locally(jobs or workers.processors()), fence.best
        return
    try:
        from autograder.batch.cluster import Cluster, ClusterError
    except ImportError as error:
        raise click.UsageError(
            _("--dask needs what is not installed here: {command}").format(
                command="pip install -e '.[dask]'"
            )
        ) from error
    try:
        with Cluster(scheduler) as cluster:
            yield cluster.engine, lambda: cluster.tier
    except ClusterError as error:
        raise click.ClickException(
            _("{error}; what is finished is kept").format(error=error)
        ) from error


def _tier(sandbox: str, find_best: Callable[[], Tier]) -> Tier:
    """Return the sandbox to take; never a weaker one than was asked for."""
    from autograder import fence

    if sandbox == "off":
        return fence.T0
    with console.status(_("trying the sandbox")):
        best = find_best()
    if sandbox == "require" and not best.confined:
        words = [best.reason, best.remedy, _("--sandbox off takes the programs as they are")]
        raise click.UsageError(
            _("no sandbox works here: {words}").format(words="; ".join(filter(None, words)))
        )
    return best


def _settings(out: Folder, rubric_file: Path, seed: int | None, tier: Tier) -> Settings:
    """Return what all are graded by; of the seeds that were named, the nearest counts."""
    from autograder.batch import summary
    from autograder.batch.settings import Settings

    copy = rubric.copy(rubric_file, out.rubric)
    seeds = (seed, rubric.load(copy).seed, summary.seed_of(out.summary))
    seed = next((named for named in seeds if named is not None), random.randrange(1_000_000))
    return Settings(copy, seed, i18n.language(), tier)


def _read(submissions: Sequence[Path], choices: Choices, out: Folder) -> list[Entry]:
    """Copy all submissions to where they are graded from."""
    from autograder.intake import ChoicesError, read

    try:
        with console.status(_("reading the submissions")):
            entries = list(read(submissions, out.staging, choices))
    except ChoicesError as error:
        raise click.UsageError(str(error)) from error
    if not entries:
        raise click.UsageError(
            _("there is no submission in {paths}: name folders or archives that hold some").format(
                paths=", ".join(map(str, submissions))
            )
        )
    return entries
