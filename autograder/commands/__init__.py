"""The commands of `lab4`; imported once the language is chosen, so that help is translated.

What only one command needs (pytest, the watcher, the doctor) is imported by that command:
`lab4 --help` should not wait for it.
"""

from __future__ import annotations

import importlib
import importlib.util

import click

from autograder.commands import reference
from autograder.commands.check import check
from autograder.commands.learning import examine, explain, notebooks
from autograder.commands.reference import chat, serve
from autograder.commands.replay import replay
from autograder.i18n import _
from autograder.options import language_option

# A students' kit has neither these packages nor the reference, see `release/students.py`.
OPTIONAL = {
    "batch": ["commands.grade", "export.export", "report.report"],
    "release": ["commands.release", "commands.make_stubs"],
    "trust": ["commands.trust"],
}


@click.group(help=_("Check and try out the chat of lab 4."))
@click.version_option(package_name="lab4")
@language_option
def lab4(lang: str | None) -> None:
    """Do nothing by itself; the commands below do."""


def _add_what_is_there() -> None:
    """Offer the commands of the packages that this copy of the kit has."""
    for command in (check, explain, replay, notebooks, examine):
        lab4.add_command(command)
    if reference.FOLDER.is_dir():
        for command in (serve, chat):
            lab4.add_command(command)
    for package, names in OPTIONAL.items():
        if importlib.util.find_spec(f"autograder.{package}"):
            for module, name in (path.split(".") for path in names):
                found = importlib.import_module(f"autograder.{package}.{module}")
                lab4.add_command(getattr(found, name))


_add_what_is_there()
