"""Finds what the latest run has finished, for commands that read its results."""

from __future__ import annotations

import click
from rich.console import Console

from autograder.batch import summary
from autograder.batch.folder import Folder
from autograder.i18n import _, ngettext


def keys(folder: Folder, console: Console) -> list[str]:
    """Return the keys of the finished works in the order of the run; tell of those that are not.

    Raises:
        UsageError: no run has written to this folder.
    """
    try:
        planned, finished = summary.contents(folder.summary)
    except (OSError, ValueError) as error:
        raise click.UsageError(
            _(
                "{path} holds no results of a class: name the folder that lab4 grade has written to"
            ).format(path=folder.path)
        ) from error
    if left := planned - len(finished):
        text = ngettext(
            "{count} submission is not graded yet: run lab4 grade again",
            "{count} submissions are not graded yet: run lab4 grade again",
            left,
        )
        console.print(text.format(count=left))
    return finished
