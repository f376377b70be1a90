"""`lab4 trust`: the commands by which those who maintain the kit grade the grader."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from autograder.i18n import _
from autograder.options import jobs_option
from autograder.trust.corpus import Specimen

if TYPE_CHECKING:
    from autograder.grading.result import Result
    from autograder.trust.pool import Job

T = TypeVar("T")
console = Console()
blind_option = click.option(
    "--blind", is_flag=True, help=_("Do not look into the kernel, as on Windows and macOS.")
)
names = click.argument("names", nargs=-1)


@click.group(help=_("Grade the grader (for those who maintain the kit)."))
def trust() -> None:
    """Do nothing by itself; the commands below do."""


@trust.command(help=_("Show which checks fail on which broken programs (default: all)."))
@names
@jobs_option
@blind_option
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help=_("Draw it, too."))
def matrix(names: tuple[str, ...], jobs: int | None, blind: bool, svg: Path | None) -> None:
    """Grade each broken program once."""
    from autograder.batch import workers
    from autograder.trust import corpus, matrix, picture, pool

    specimens = _chosen(corpus.broken(), names)
    work = [pool.Job(specimen, 1, observing=not blind) for specimen in specimens]
    graded = _graded(work, jobs or workers.processors())
    rows = [matrix.Row(job.specimen, result) for job, result in graded]
    rows.sort(key=lambda row: specimens.index(row.specimen))
    if svg:
        picture.draw(rows, svg)
    sys.exit(0 if matrix.show(rows, console) else 1)


@trust.command(help=_("Grade again and again, in random order: each verdict must be the same."))
@names
@click.option(
    "--runs",
    type=click.IntRange(1),
    default=50,
    help=_("Of the reference; a fifth of it of each right design, a 50th of each broken one."),
)
@click.option("--load", type=click.IntRange(0), default=0, help=_("Endless loops beside it."))
@jobs_option
@blind_option
@click.option("--seed", type=int, help=_("Repeat the order and the choices of a campaign."))
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("campaign"),
    help=_("Where the results of wrong gradings go."),
)
def campaign(
    names: tuple[str, ...],
    runs: int,
    load: int,
    jobs: int | None,
    blind: bool,
    seed: int | None,
    keep: Path,
) -> None:
    """Look for flakes; an interrupted campaign goes on when it is started again."""
    from autograder.batch import workers
    from autograder.trust import campaign, corpus, pool
    from autograder.trust.logbook import AnotherCampaign, Logbook

    everything = [corpus.reference(), *corpus.correct(), *corpus.broken()]
    chosen = _chosen(everything, names)
    settings = {
        "kit": corpus.digest(),
        "names": list(names),
        "runs": runs,
        "load": load,
        "blind": blind,
        "seed": seed,
    }
    try:
        book = Logbook(keep, settings)
    except AnotherCampaign as error:
        raise click.UsageError(
            _(
                "{folder} holds another campaign that was interrupted, or of another state of "
                "the kit: remove it, or name another folder by --keep"
            ).format(folder=keep)
        ) from error
    work = campaign.plan(runs, chosen, book.seed, observing=not blind)
    rest = list(book.rest(work))
    tally = campaign.Tally(keep)
    tally.remember(book.entries)
    done = f", {len(work) - len(rest)} of them done before" if book.entries else ""
    console.print(f"seed {book.seed}, {len(work)} gradings{done}, {load} loops beside them")
    with pool.busy(load):
        for job, result in _graded(rest, jobs or workers.processors()):
            entry = tally.take(job, result)
            book.add(entry)
            for fault in entry.faults:
                console.print(
                    f"{entry.program}, seed {entry.seed}: {fault}", markup=False, highlight=False
                )
    book.finish()
    for line in tally.summary():
        console.print(line)
    sys.exit(1 if tally.wrong else 0)


@trust.command(help=_("Change the reference in one place after another: a check must see each."))
@click.argument("programs", nargs=-1)
@jobs_option
def mutants(programs: tuple[str, ...], jobs: int | None) -> None:
    """Grade all mutants of some programs of the reference (default: all)."""
    from autograder.batch import workers
    from autograder.trust import killing

    if unknown := set(programs) - set(killing.PROGRAMS):
        raise click.UsageError(
            _("there is no program {names} in reference/").format(names=", ".join(unknown))
        )
    chosen = killing.plan(programs or killing.PROGRAMS)
    done = killing.run(chosen, jobs or workers.processors())
    fates = list(_with_progress(done, len(chosen), lambda fate: fate.killer))
    sys.exit(0 if killing.show(fates, console) else 1)


@trust.command(help=_("Compare what is told of broken programs with what is on record."))
@names
@click.option("--record", is_flag=True, help=_("Add what is new to the records."))
@click.option("--anew", is_flag=True, help=_("Forget what is on record before."))
@jobs_option
def golden(names: tuple[str, ...], record: bool, anew: bool, jobs: int | None) -> None:
    """Look at what students read, once more after every change of the words or of the causes."""
    from autograder.batch import workers
    from autograder.trust import corpus, golden

    work = golden.plan(_chosen(corpus.broken(), names))
    strange = 0
    if anew:
        for job in work:
            golden.path(job.specimen, job.language).unlink(missing_ok=True)
    for job, cards in golden.compare(_graded(work, jobs or workers.processors())):
        if cards and (record or anew):
            golden.record(job.specimen, job.language, cards)
        elif cards:
            strange += 1
            console.print(f"{job.specimen.name} ({job.language}):", style="bold")
            console.print("\n".join(cards), markup=False, highlight=False)
    console.print(
        _("{count} of {total} differ from the records").format(count=strange, total=len(work))
    )
    sys.exit(1 if strange else 0)


def _chosen(specimens: list[Specimen], names: tuple[str, ...]) -> list[Specimen]:
    known = {specimen.name for specimen in specimens}
    if unknown := set(names) - known:
        raise click.UsageError(
            _("there is no program {names} in tests/corpus").format(names=", ".join(unknown))
        )
    return [specimen for specimen in specimens if not names or specimen.name in names]


def _with_progress(done: Iterable[T], total: int, name: Callable[[T], str]) -> Iterator[T]:
    """Pass on what is done, and show how far that is and what was the last."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        bar = bars.add_task("", total=total)
        for one in done:
            yield one
            bars.update(bar, advance=1, description=name(one))


def _graded(work: list[Job], number: int) -> Iterator[tuple[Job, Result]]:
    """Grade all jobs, with progress."""
    from autograder.trust import pool

    return _with_progress(pool.run(work, number), len(work), lambda done: done[0].specimen.name)
