"""`lab4 report`: writes the pages of a class, one for all and one for each submission."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from autograder import i18n
from autograder.batch import finished
from autograder.batch.folder import Folder
from autograder.grading import atomic, result
from autograder.i18n import _
from autograder.reports import facts
from autograder.reports.pages import class_page, figures, submission_page
from autograder.reports.pages.figures import Check, Work

console = Console(soft_wrap=True, highlight=False, markup=False)
INDEX = "index.html"
SUBMISSIONS = "submissions"


@click.command(help=_("Write pages for a browser about the results that lab4 grade put into OUT."))
@click.argument("out", metavar="OUT", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--lang",
    type=click.Choice(i18n.LANGUAGES),
    help=_("Language of the pages; by default that of the results."),
)
def report(out: Path, lang: str | None) -> None:
    """Write all pages."""
    folder = Folder(out)
    pages = folder.report / SUBMISSIONS
    keys = finished.keys(folder, console)
    works: list[Work] = []
    checks: list[Check] = []
    spoken = lang or i18n.language()
    try:
        pages.mkdir(parents=True, exist_ok=True)
        for key in _told(keys):
            found = result.read(folder.results / f"{key}.json")
            language = lang or facts.language_of(found)
            with i18n.speaking(language):
                page = submission_page.make(found, back=f"../{INDEX}")
            atomic.write(pages / f"{key}.html", page)
            works.append(figures.work(key, found))
            checks = figures.united([*checks, *figures.checks_of(found)])
            spoken = language
        with i18n.speaking(spoken):
            page = class_page.make(works, checks, SUBMISSIONS)
        atomic.write(folder.report / INDEX, page)  # when all is there that it leads to
        _clear(pages, keys)
    except result.ResultError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            _("{path} cannot be read or written: {error}").format(
                path=error.filename or folder.report, error=error.strerror
            )
        ) from error
    console.print(_("Open {path} in a browser.").format(path=folder.report / INDEX))


def _told(keys: Sequence[str]) -> Iterable[str]:
    """Return the keys; a bar shows how many were taken."""
    hidden = not console.is_terminal
    text = _("writing the pages")
    return track(keys, text, console=console, transient=True, disable=hidden)


def _clear(pages: Path, keys: Iterable[str]) -> None:
    """Remove the pages of works that an earlier run had and the latest has not."""
    kept = {unicodedata.normalize("NFC", key) for key in keys}  # macOS may spell them otherwise
    for path in pages.glob("*.html"):
        if unicodedata.normalize("NFC", path.stem) not in kept:
            path.unlink()
