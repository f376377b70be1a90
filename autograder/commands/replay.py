"""`lab4 replay`: runs one check of a result again, as it was run then."""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console

from autograder import i18n
from autograder.grading import rubric
from autograder.grading.request import SessionError
from autograder.i18n import _
from autograder.options import INTERRUPTED, OTHERWISE, language_option, rubric_option


@click.command(help=_("Run one CHECK of the file RESULT again, and tell each step as it is done."))
@click.argument(
    "file", metavar="RESULT", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.argument("check", metavar="CHECK")
@click.option(
    "--path",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=_("Where the work is now, if it has moved."),
)
@click.option("--step", is_flag=True, help=_("Wait for Enter before each step."))
@language_option
@rubric_option
@click.pass_context
def replay(
    context: click.Context,
    file: Path,
    check: str,
    path: Path | None,
    step: bool,
    lang: str | None,
    rubric_file: Path,
) -> None:
    """Replay one check of a result."""
    from autograder import fence
    from autograder.grading import result
    from autograder.replay import Replay, ReplayError
    from autograder.reports import comparison
    from autograder.reports.comparison import language_of
    from autograder.reports.live import Live

    # pytest puts another standard output and input in their places while it runs.
    screen = Console(file=sys.stdout)
    live = Live(check, screen, sys.stdin if step else None)
    try:
        with tempfile.TemporaryDirectory(prefix="lab4-") as staging:
            found = result.read(file)
            replayed = Replay.of(found, check, path, Path(staging))
            # What goes wrong before is told in the language of who asks.
            i18n.set_language(lang or context.find_root().params["lang"] or language_of(found))
            comparison.announce(replayed.origin, replayed.changed, screen)
            ended = replayed.run(live.progress, live.tell, rubric_file, step)
    except (result.ResultError, ReplayError, SessionError, rubric.RubricError) as error:
        raise click.UsageError(str(error)) from error
    except fence.FenceError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.UsageError(
            _("{path} cannot be read ({error}): look at its rights").format(
                path=file, error=error.strerror
            )
        ) from error
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        screen.print("\n" + _("Interrupted; the check was not run to the end."))
        sys.exit(INTERRUPTED)
    comparison.show(ended.then, ended.now, ended.same, screen)
    sys.exit(0 if ended.same else OTHERWISE)
