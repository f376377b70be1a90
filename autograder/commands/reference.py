"""`lab4 serve` and `lab4 chat`: start the programs of the reference."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from autograder import i18n
from autograder.grading.request import ROOT
from autograder.i18n import _

FOLDER = ROOT / "reference"


@click.command(
    help=_("Start the multi-user reference server; options go to it (try --port 14900)."),
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve(arguments: tuple[str, ...]) -> None:
    """Run the reference server."""
    _run_reference("server.py", arguments)


@click.command(
    help=_("Start the reference client; options go to it."),
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def chat(arguments: tuple[str, ...]) -> None:
    """Run the reference client."""
    _run_reference("client.py", arguments)


def _run_reference(name: str, arguments: tuple[str, ...]) -> None:
    script = FOLDER / name
    # Of two options the later one counts: what the user asks for.
    command = [sys.executable, str(script), "--lang", i18n.language(), *arguments]
    if os.name == "posix":
        os.execv(sys.executable, command)  # every signal is for the program itself
    sys.exit(subprocess.call(command))
