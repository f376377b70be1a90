"""What several commands share: options and exit statuses."""

from __future__ import annotations

from pathlib import Path

import click

from autograder import i18n
from autograder.grading import rubric
from autograder.grading.result import Outcome
from autograder.i18n import _

EXIT_STATUS: dict[Outcome, int] = {"graded": 0, "not_gradable": 3, "grader_fault": 4}
BELOW_MINIMUM = 1
OTHERWISE = 1  # a check did not end as it did before
INTERRUPTED = 130  # as a shell has it: 128 and the number of SIGINT

language_option = click.option(
    "--lang", type=click.Choice(i18n.LANGUAGES), help=_("Language; by default the system's.")
)
rubric_option = click.option(
    "--rubric",
    "rubric_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=rubric.DEFAULT,
    help=_("Points of each check (TOML)."),
)
seed_option = click.option(
    "--seed", type=int, help=_("Repeat the random choices of an earlier run.")
)
jobs_option = click.option("--jobs", type=click.IntRange(1), help=_("Gradings side by side."))
