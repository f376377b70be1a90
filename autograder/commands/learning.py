"""`lab4 explain`, `lab4 notebooks` and `lab4 doctor`: what to read, and what works here."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from autograder import i18n
from autograder.i18n import _
from autograder.options import language_option

console = Console()


@click.command(
    help=_("Say what CHECK tests, why, what fails and passes; without CHECK, list all checks.")
)
@click.argument("name", metavar="[CHECK]", required=False)
@language_option
def explain(name: str | None, lang: str | None) -> None:
    """Explain one check, or list all."""
    from autograder.reports import explanation

    try:
        console.print(explanation.page(name) if name else explanation.overview())
    except explanation.UnknownCheck as error:
        raise click.UsageError(str(error)) from error


@click.command(help=_("Open the walkthroughs in JupyterLab."))
@language_option
def notebooks(lang: str | None) -> None:
    """Open the notebooks of a language."""
    from autograder.notebooks import CannotOpen, open_lab

    try:
        sys.exit(open_lab(lang or i18n.language()))
    except CannotOpen as error:
        raise click.UsageError(str(error)) from error


@click.command("doctor", help=_("Say what this machine can prove, and what is missing."))
@language_option
def examine(lang: str | None) -> None:
    """Show the state of this machine."""
    from autograder import doctor

    sys.exit(doctor.show(console))
