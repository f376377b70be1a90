"""The commands of `lab4`; imported once the language is chosen, so that help is translated.

What only one command needs (pytest, the watcher, the doctor) is imported by that command:
`lab4 --help` should not wait for it.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console

from autograder import i18n
from autograder.grading import catalog, rubric
from autograder.grading.request import ROOT, Request, SessionError
from autograder.grading.result import Result
from autograder.harness import isolation
from autograder.i18n import _
from autograder.options import (
    BELOW_MINIMUM,
    EXIT_STATUS,
    INTERRUPTED,
    OTHERWISE,
    language_option,
    rubric_option,
    seed_option,
)

console = Console()
# A students' kit has neither these packages nor the reference, see `release/students.py`.
OPTIONAL = {
    "batch": ["commands.grade", "export.export", "report.report"],
    "release": ["commands.release", "commands.make_stubs"],
    "trust": ["commands.trust"],
}
REFERENCE = ROOT / "reference"


def _work_here() -> Path:
    """Return the folder to check where none is named: `lab4`, or this one if we are in it."""
    return Path() if Path("server.py").is_file() and not Path("lab4").is_dir() else Path("lab4")


@click.group(help=_("Check and try out the chat of lab 4."))
@click.version_option(package_name="lab4")
@language_option
def lab4(lang: str | None) -> None:
    """Do nothing by itself; the commands below do."""


@lab4.command(help=_("Check the work in the folder PATH (default: lab4) and show the points."))
@click.argument(
    "path", type=click.Path(exists=True, file_okay=False, path_type=Path), default=_work_here
)
@click.option("--level", type=click.IntRange(1, 3), help=_("Only the checks of this level."))
@click.option("--watch", "watching", is_flag=True, help=_("Check again after every change."))
@language_option
@click.option(
    "--json", "file", type=click.Path(dir_okay=False, path_type=Path), help=_("Write the result.")
)
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("Write the result as a page for a browser."),
)
@seed_option
@rubric_option
@click.option("--min-score", type=int, help=_("Exit with status 1 if the score is lower."))
def check(
    path: Path,
    level: int | None,
    watching: bool,
    lang: str | None,
    file: Path | None,
    page: Path | None,
    seed: int | None,
    rubric_file: Path,
    min_score: int | None,
) -> None:
    """Grade one submission."""
    from autograder.reports import scorecard

    if page and not page.parent.is_dir():  # to be known now, not after the checks
        raise click.UsageError(
            _("there is no folder {folder}: name a page in a folder that exists").format(
                folder=page.parent
            )
        )
    isolation.own_network()  # if it can be had: every port is free there
    request = Request(path, level, seed, rubric_file, file, lang or i18n.language())
    try:
        if watching:
            result = _watch(request, page)
        else:
            result = _graded(request)
            scorecard.show(result, console)
            if page:
                _write_page(result, page)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not stop the clearing up
        console.print(_("Interrupted; the checks were not run to the end."))
        sys.exit(INTERRUPTED)
    status = EXIT_STATUS[result.outcome]
    if status == 0 and min_score is not None and result.score < min_score:
        status = BELOW_MINIMUM
    sys.exit(status)


def _watch(request: Request, page: Path | None) -> Result:
    """Grade, and again after every change, until Ctrl-C; return the last result."""
    from watchfiles import PythonFilter, watch

    from autograder.reports import rerun

    # It begins to look when asked for the first time: before the first grading, or a change in
    # the meantime would be missed.
    changes = watch(
        request.path,
        watch_filter=PythonFilter(),
        raise_interrupt=True,
        yield_on_timeout=True,
        rust_timeout=100,
    )
    next(changes)
    shown = rerun.Reruns(console)
    while True:
        result = _graded(request)
        # The same dice for all runs: what changes is then the work's doing.
        request = dataclasses.replace(request, seed=result.environment["seed"])
        if page:
            _write_page(result, page)
        try:
            if shown.show(result):
                waiting = _("Waiting for a change in {path} (Ctrl-C ends).")
                console.print(waiting.format(path=request.path), markup=False, highlight=False)
            while not next(changes):
                pass
        except KeyboardInterrupt:
            console.print()
            return result


def _graded(request: Request) -> Result:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from autograder.grading.session import grade

    try:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=Console(file=sys.stdout),  # this one: pytest puts another in its place
            transient=True,
            disable=not console.is_terminal,  # elsewhere it would leave an empty line
        ) as bars:
            bar = bars.add_task(_("starting"), total=None)

            def progress(done: int, total: int, next_check: str) -> None:
                bars.update(bar, completed=done, total=total, description=catalog.title(next_check))

            result = grade(request, progress)
    except (SessionError, rubric.RubricError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(
            _("the result could not be written: {error}").format(error=error)
        ) from error
    return result


def _write_page(result: Result, path: Path) -> None:
    from autograder.grading import atomic
    from autograder.reports.pages import submission_page

    try:
        atomic.write(path, submission_page.make(result))
    except OSError as error:
        raise click.UsageError(
            _("the page could not be written: {error}").format(error=error)
        ) from error
    console.print(
        _("Open {path} in a browser.").format(path=path),
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


@lab4.command(
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


@lab4.command(help=_("Run one CHECK of the file RESULT again, and tell each step as it is done."))
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
def replay(
    file: Path, check: str, path: Path | None, step: bool, lang: str | None, rubric_file: Path
) -> None:
    """Replay one check of a result."""
    from autograder import fence
    from autograder.grading import result
    from autograder.replay import Replay, ReplayError
    from autograder.reports import comparison
    from autograder.reports.live import Live

    # pytest puts another standard output and input in their places while it runs.
    screen = Console(file=sys.stdout)
    live = Live(check, screen, sys.stdin if step else None)
    try:
        found = result.read(file)
        i18n.set_language(lang or comparison.language_of(found))
        replayed = Replay.of(found, check, path)
        comparison.announce(replayed.path, replayed.changed, screen)
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
        console.print("\n" + _("Interrupted; the check was not run to the end."))
        sys.exit(INTERRUPTED)
    comparison.show(ended.then, ended.now, ended.same, screen)
    sys.exit(0 if ended.same else OTHERWISE)


@lab4.command(
    help=_("Start the multi-user reference server; options go to it (try --port 14900)."),
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve(arguments: tuple[str, ...]) -> None:
    """Run the reference server."""
    _run_reference("server.py", arguments)


@lab4.command(
    help=_("Start the reference client; options go to it."),
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def chat(arguments: tuple[str, ...]) -> None:
    """Run the reference client."""
    _run_reference("client.py", arguments)


def _run_reference(name: str, arguments: tuple[str, ...]) -> None:
    script = REFERENCE / name
    # Of two options the later one counts: what the user asks for.
    command = [sys.executable, str(script), "--lang", i18n.language(), *arguments]
    if os.name == "posix":
        os.execv(sys.executable, command)  # every signal is for the program itself
    sys.exit(subprocess.call(command))


@lab4.command(help=_("Open the walkthroughs in JupyterLab."))
@language_option
def notebooks(lang: str | None) -> None:
    """Open the notebooks of a language."""
    from autograder.notebooks import CannotOpen, open_lab

    try:
        sys.exit(open_lab(lang or i18n.language()))
    except CannotOpen as error:
        raise click.UsageError(str(error)) from error


@lab4.command("doctor", help=_("Say what this machine can prove, and what is missing."))
@language_option
def examine(lang: str | None) -> None:
    """Show the state of this machine."""
    from autograder import doctor

    sys.exit(doctor.show(console))


def _add_what_is_there() -> None:
    """Offer the commands of the packages that this copy of the kit has."""
    for package, names in OPTIONAL.items():
        if importlib.util.find_spec(f"autograder.{package}"):
            for module, name in (path.split(".") for path in names):
                found = importlib.import_module(f"autograder.{package}.{module}")
                lab4.add_command(getattr(found, name))
    if not REFERENCE.is_dir():
        for solved in (serve, chat):
            del lab4.commands[str(solved.name)]


_add_what_is_there()
