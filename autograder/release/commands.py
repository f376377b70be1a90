"""`lab4 release`: the commands that pack what an instructor hands out; and `lab4 stubs`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from autograder.grading import rubric
from autograder.grading.request import ROOT
from autograder.i18n import _
from autograder.options import language_option, rubric_option

console = Console()
out_argument = click.argument(
    "out", metavar="OUT.zip", type=click.Path(dir_okay=False, path_type=Path)
)


@click.group(help=_("Pack what is handed out: the students' kit, graders for course platforms."))
def release() -> None:
    """Do nothing by itself; the commands below do."""


@release.command(help=_("Pack what students get: the programs to fill in, and their checks."))
@out_argument
@rubric_option
@language_option
def students(out: Path, rubric_file: Path, lang: str | None) -> None:
    """Pack the students' kit."""
    from autograder.release import students

    _pack(out, rubric_file, students.make)


@release.command(help=_("Pack an autograder for Gradescope, to be uploaded as it is."))
@out_argument
@rubric_option
@language_option
def gradescope(out: Path, rubric_file: Path, lang: str | None) -> None:
    """Pack the autograder for Gradescope."""
    from autograder.release import platforms

    _pack(out, rubric_file, platforms.gradescope)


@release.command(help=_("Pack an autograder for Classroom 50; its README says where it goes."))
@out_argument
@rubric_option
@language_option
def classroom50(out: Path, rubric_file: Path, lang: str | None) -> None:
    """Pack the autograder for Classroom 50."""
    from autograder.release import platforms

    _pack(out, rubric_file, platforms.classroom50)


@release.command(
    help=_("Pack a repository for students, in which GitHub Actions checks each push.")
)
@out_argument
@rubric_option
@language_option
def github(out: Path, rubric_file: Path, lang: str | None) -> None:
    """Pack the repository with its workflow."""
    from autograder.release import platforms

    _pack(out, rubric_file, platforms.github)


def _pack(out: Path, rubric_file: Path, make: Callable[[Path], dict[str, bytes]]) -> None:
    """Write what `make` returns for a rubric; say what is wrong in a sentence."""
    from autograder import stubs
    from autograder.batch import preparation
    from autograder.release import archive
    from autograder.release.kit import ReleaseError

    preparation.must_be_a_rubric(rubric_file)
    try:
        files = make(rubric_file)
    except rubric.RubricError as error:
        raise click.UsageError(str(error)) from error
    except (ReleaseError, stubs.MarkerError, OSError) as error:
        raise click.ClickException(str(error)) from error
    try:
        archive.write(out, files)
    except OSError as error:
        raise click.ClickException(
            _("{path} cannot be written ({error}): name another file").format(
                path=out, error=error.strerror
            )
        ) from error
    size = _("{path}: {size} KB").format(path=out, size=-(-out.stat().st_size // 1024))
    console.print(size, markup=False, highlight=False, soft_wrap=True)


@click.command("stubs", help=_("Make lab4/ from reference/ (for those who maintain the kit)."))
def make_stubs() -> None:
    """Write the stubs that have changed, if what they replace may be lost: it may be solved."""
    from autograder import stubs

    try:
        changed = stubs.out_of_date(ROOT / "reference", ROOT / "lab4")
        if lost := ", ".join(str(path) for path in changed if path.exists()):
            question = _("{files}: write the stubs over what stands there now?")
            click.confirm(question.format(files=lost), abort=True)
        for path, text in changed.items():
            path.write_text(text, encoding="utf-8")
    except (stubs.MarkerError, OSError) as error:
        raise click.ClickException(str(error)) from error
