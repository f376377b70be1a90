"""What is settled before a class is graded: each function returns it, or refuses in a sentence.

All raise click.UsageError where the instructor has to ask for something else.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from autograder import fence, i18n
from autograder.batch import folder, lock, run, summary, workers
from autograder.batch.folder import Folder
from autograder.batch.run import Engine
from autograder.batch.settings import Settings
from autograder.fence import Tier
from autograder.grading import catalog, rubric
from autograder.grading.checks import needs
from autograder.i18n import _
from autograder.intake import NONE, Choices, ChoicesError, Entry, choices, read


def must_be_outside(output: Path, submissions: Sequence[Path]) -> None:
    """Refuse a folder for results that would be taken for a submission by the next run."""
    for path in submissions:
        if output.resolve().is_relative_to(path.resolve()):
            raise click.UsageError(
                _(
                    "{output} lies in {path}, where the submissions are: name a folder elsewhere"
                ).format(output=output, path=path)
            )


def must_be_a_rubric(path: Path) -> None:
    """Refuse a rubric by which nothing can be graded, as far as that is known before a run."""
    try:
        points = rubric.load(path)
        if points.checks is None:  # else it takes a run to know what checks there are
            points.must_name_only(catalog.ABOUT.keys() | needs().keys(), path)
    except rubric.RubricError as error:
        raise click.UsageError(str(error)) from error


def opened(output: Path, stack: contextlib.ExitStack) -> Folder:
    """Keep the folder for results to this run."""
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


def read_choices(path: Path | None) -> Choices:
    """Return what the instructor says about single works."""
    try:
        return choices.load(path) if path else NONE
    except ChoicesError as error:
        raise click.UsageError(str(error)) from error


@contextlib.contextmanager
def chosen_engine(
    scheduler: str | None, jobs: int | None
) -> Iterator[tuple[Engine, Callable[[], Tier]]]:
    """Return what grades, and what finds its best sandbox."""
    if scheduler is None:
        yield run.locally(jobs or workers.usual_number()), fence.best
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


def chosen_tier(sandbox: str, find_best: Callable[[], Tier]) -> Tier:
    """Return the sandbox to take; never a weaker one than was asked for."""
    if sandbox == "off":
        return fence.T0
    best = find_best()
    if sandbox == "require" and not best.confined:
        words = [best.reason, best.remedy, _("--sandbox off takes the programs as they are")]
        raise click.UsageError(
            _("no sandbox works here: {words}").format(words="; ".join(filter(None, words)))
        )
    return best


def make_settings(out: Folder, rubric_file: Path, seed: int | None, tier: Tier) -> Settings:
    """Return what all are graded by; of the seeds that were named, the nearest counts."""
    copy = rubric.copy(rubric_file, out.rubric)
    seeds = (seed, rubric.load(copy).seed, summary.seed_of(out.summary))
    seed = next((named for named in seeds if named is not None), random.randrange(1_000_000))
    return Settings(copy, seed, i18n.language(), tier)


def read_works(submissions: Sequence[Path], choices: Choices, out: Folder) -> list[Entry]:
    """Copy all submissions to where they are graded from."""
    try:
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
