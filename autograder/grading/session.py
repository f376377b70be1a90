"""Runs pytest over the graded checks for one submission, inside this process."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator

import pytest
import pytest_timeout
from _pytest._io import TerminalWriter

from autograder.grading import plugin, result, rubric
from autograder.grading.request import CHECKS, ROOT, Progress, Request, SessionError, Tell
from autograder.grading.result import Result
from autograder.grading.submission import NotGradable, look_into
from autograder.harness import spawning
from autograder.harness.deadline import stretch
from autograder.i18n import _

MOST_CHECK_S = 60  # the last backstop, on an idle laptop; every wait in a check ends long before


class _Silent:
    """Stands in for pytest's terminal reporter: pytest-timeout writes all stacks to it."""

    def __init__(self) -> None:
        self._tw = TerminalWriter(io.StringIO())


class _Listener:
    """Tells how far the run is, and keeps the grader to ask for the result."""

    def __init__(self, progress: Progress, tell: Tell | None) -> None:
        self._progress, self._tell = progress, tell
        self._total, self._done = 0, 0
        self.result: Result | None = None
        self.interrupted = False
        self.refused = ""
        self.unreadable = ""  # a file of checks, and why
        self.failure: BaseException | None = None

    def pytest_configure(self, config: pytest.Config) -> None:
        if self._tell:
            config.stash[plugin.TELL] = self._tell

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            said = [
                line[1:].strip() for line in report.longreprtext.splitlines() if line[:1] == "E"
            ]
            self.unreadable = f"{report.nodeid}: {''.join(said[-1:])}"

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._total = len(session.items)
        session.config.pluginmanager.register(_Silent(), "terminalreporter")
        self.result = session.config.stash[plugin.GRADER].result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        mark = item.get_closest_marker("check")
        self._progress(self._done, self._total, mark.args[0] if mark else "")
        self._done += 1

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if isinstance(excinfo.value, pytest.exit.Exception):  # the plugin's word on the rubric
            self.refused = str(excinfo.value)
        else:  # pytest calls its own stop after an unreadable file an interrupt as well
            self.interrupted = not isinstance(excinfo.value, pytest.Session.Interrupted)

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        self.failure = excinfo.value
        return True  # it is told by who asked for the grading, not printed by pytest


def grade(request: Request, progress: Progress, tell: Tell | None = None) -> Result:
    """Grade one submission.

    Args:
        request: What and how.
        progress: Called with (checks done, checks in all, id of the next check).
        tell: Called with (id of a check, its server program, a step) before each step.

    Raises:
        SessionError: the checks are not where they should be, or pytest could not run them.
        RubricError: the rubric is broken, or names a check that does not exist.
        OSError: the result cannot be written any more.
        KeyboardInterrupt: Ctrl-C; nothing is left behind.
    """
    if not CHECKS.is_dir():
        raise SessionError(
            _(
                "the checks are not in {folder}: install the kit with {command} in its folder"
            ).format(folder=CHECKS, command="`pip install -e .`")
        )
    points = rubric.load(request.rubric)
    try:
        look_into(request.path)
    except NotGradable as reason:
        return _not_gradable(request, str(reason))
    _write_first(request)
    listener = _Listener(progress, tell)
    with _only_our_plugins(), _own_temporary_folder():
        spawning.warm_up()  # while pytest collects the checks
        status = _run(_arguments(request, points), listener)
    if listener.refused:
        raise rubric.RubricError(listener.refused)
    if isinstance(listener.failure, OSError):
        raise listener.failure
    if listener.result is None or status not in (0, 1, 5):
        ended = _("pytest ended with status {status}").format(status=status)
        why = repr(listener.failure) if listener.failure else listener.unreadable or ended
        raise SessionError(
            _("the checks could not be run: {why}").format(why=why)
        ) from listener.failure
    return listener.result


def _run(arguments: list[str], listener: _Listener) -> int:
    status = pytest.main(arguments, plugins=[plugin, pytest_timeout, listener])
    if listener.interrupted:
        raise KeyboardInterrupt
    return int(status)


@contextlib.contextmanager
def _own_temporary_folder() -> Iterator[None]:
    """Keep all that is temporary in one folder: Ctrl-C may come where nobody can clean up."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="lab4-", ignore_cleanup_errors=True) as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = before


def _arguments(request: Request, points: rubric.Rubric) -> list[str]:
    arguments = [
        str(CHECKS),
        *([str(points.checks)] if points.checks else []),
        "--submission",
        str(request.path),
        "--rubric",
        str(request.rubric),
        "--lang",
        request.language,
        f"--timeout={0 if request.held else MOST_CHECK_S * stretch():.0f}",
        *("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-o", "addopts="),
        *("-o", "filterwarnings="),  # a warning about the grader is no reason to grade nothing
        "--import-mode=importlib",
        *("-p", "no:cacheprovider", "-p", "no:terminal"),
        # It collects garbage five times over at the end: 0.1 s of a grading that takes 2.
        *("-p", "no:unraisableexception"),
        "--capture=sys",  # who shows the progress keeps the screen, unlike what a check prints
    ]
    seed = points.seed if request.seed is None else request.seed
    if seed is not None:
        arguments.append(f"--seed={seed}")
    if request.file:
        arguments.append(f"--result={request.file}")
    if request.level:
        arguments.append(f"--level={request.level}")
    if request.only:
        arguments.append(f"--only={request.only}")
    if request.to_first_failure:
        arguments.append("--maxfail=1")
    return arguments


@contextlib.contextmanager
def _only_our_plugins() -> Iterator[None]:
    """Whatever else is installed here must not change how a work is graded."""
    name = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _write_first(request: Request) -> None:
    """Write a result without checks: that it cannot be written is said now, not after them."""
    if request.file:
        try:
            result.write(_unfinished(request), request.file)
        except OSError as error:
            raise SessionError(
                _(
                    "the result cannot be written to {path} ({reason}): "
                    "name a file in a folder in which you may write"
                ).format(path=request.file, reason=error.strerror)
            ) from error


def _unfinished(request: Request) -> Result:
    """Return the result of a run that has not come to its first check."""
    return Result(
        submission={"name": request.path.resolve().name, "files": [], "sha256": None},
        environment=result.environment(request.seed),
        outcome="grader_fault",
        reason=_("the run was cut off before the first check"),
        max_score=sum(rubric.load(request.rubric).points.values()),
    )


def _not_gradable(request: Request, reason: str) -> Result:
    found = _unfinished(request)
    found.outcome, found.reason = "not_gradable", reason
    if request.file:
        result.write(found, request.file)
    return found
