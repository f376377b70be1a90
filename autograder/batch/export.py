"""`lab4 export`: hands the results of a class, or of one work, on to other systems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.console import Console

from autograder.batch import finished, settings
from autograder.batch.folder import Folder
from autograder.grading import catalog, result, rubric
from autograder.grading.result import Result
from autograder.i18n import _, ngettext
from autograder.options import language_option, rubric_option
from autograder.reports import exports
from autograder.reports.exports import FORMATS, Options

console = Console(soft_wrap=True, highlight=False, markup=False)
KINDS = "\n".join(f"{name:<14}{_(each.about)}" for name, each in FORMATS.items())


@click.command(
    help=_("Write the results of lab4 grade (a folder), or one result (a file)."),
    epilog=f"\b\n{KINDS}",  # \b: each on its own line
)
@click.argument("results", metavar="RESULTS", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "name",
    required=True,
    type=click.Choice(list(FORMATS)),
    metavar="FORMAT",
    help=_("The kind of file, see below."),
)
@click.option(
    "--to",
    "out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("The file that is made, or replaced."),
)
@click.option(
    "--worksheet",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=_("The gradebook that is filled in (moodle, canvas)."),
)
@click.option("--assignment", help=_("The column of the gradebook: title or number (canvas)."))
@click.option("--scaled", is_flag=True, help=_("Bring points to the maximum of the gradebook."))
@click.option("--problem", default="lab4", help=_("The problem that gets the score (autolab)."))
@rubric_option
@language_option
def export(
    results: Path,
    name: str,
    out: Path,
    worksheet: Path | None,
    assignment: str | None,
    scaled: bool,
    problem: str,
    rubric_file: Path,
    lang: str | None,
) -> None:
    """Write one file of results."""
    try:
        found = _of_class(results) if results.is_dir() else [result.read(results)]
        _must_be_theirs(rubric_file, results, found)
        hidden = known_hidden(rubric.load(rubric_file), found)
        options = Options(hidden, worksheet, assignment, scaled, problem)
        notes = exports.write(name, found, out, options)
    except (exports.ExportError, result.ResultError, rubric.RubricError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            _("{path} cannot be read or written: {error}").format(
                path=error.filename or out, error=error.strerror
            )
        ) from error
    for note in notes:
        console.print(note)
    count = len(found)
    console.print(
        ngettext("{path}: {count} submission", "{path}: {count} submissions", count).format(
            path=out, count=count
        )
    )


def of_class(folder: Folder, names: Sequence[str], rubric_file: Path) -> Iterator[Path]:
    """Write the results of the latest run in formats that need nothing else; yield each file.

    Args:
        names: Of formats that have a `file`.
        rubric_file: What they were graded by.

    Raises:
        ExportError: it cannot be made, see `exports.write`.
        OSError: it cannot be written.
    """
    if not names:
        return
    found = _of_class(folder.path)
    hidden = known_hidden(rubric.load(rubric_file), found)
    for name in dict.fromkeys(names):
        path = folder.path / FORMATS[name].file
        exports.write(name, found, path, Options(hidden))
        yield path


def known_hidden(points: rubric.Rubric, results: Sequence[Result]) -> frozenset[str]:
    """Return the hidden checks of a rubric as far as an export can know them.

    An instructor's own is known only where it was run.
    """
    run = {check.id for found in results for check in found.checks}
    return points.hidden & (catalog.ABOUT.keys() | run)


def _must_be_theirs(rubric_file: Path, path: Path, results: Sequence[Result]) -> None:
    """Refuse a rubric that works of a class were not graded by: it may hide fewer checks."""
    digest = settings.digest_of(rubric_file)
    if any(found.environment.get("rubric", digest) != digest for found in results):
        raise click.UsageError(
            _(
                "{path} was graded by another rubric than {rubric}: name the right one with "
                "--rubric, or grade again by this one"
            ).format(path=path, rubric=rubric_file)
        )


def _of_class(path: Path) -> list[Result]:
    """Return the results of the latest run that wrote to a folder, in its order."""
    folder = Folder(path)
    keys = finished.keys(folder, console)
    return [result.read(folder.results / f"{key}.json") for key in keys]
