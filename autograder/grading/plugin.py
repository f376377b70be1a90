"""The pytest plugin: `pytest tests/graded --submission PATH` grades one work.

A check is a test with the mark `check(id, needs=[...], echo=False, order=False,
audit=True)`. Its fixtures: `chat` (rooms on the server under test) or `client` (the client
under test and its kit server). After the test's own story the whole history is accounted
for, unless `audit` is off; `echo` and `order` say what else is a fault in this check.
"""

from __future__ import annotations

import functools
import secrets
import zlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from autograder import i18n
from autograder.grading import catalog, rubric
from autograder.grading.chat import Chat
from autograder.grading.clientbench import ClientBench
from autograder.grading.grader import Grader
from autograder.grading.item import mark_of, program_of, result_of, stage_of
from autograder.grading.request import Tell
from autograder.grading.submission import NotGradable, open_submission
from autograder.harness.unmet import Unmet
from autograder.i18n import _

GRADER = pytest.StashKey[Grader]()
TELL = pytest.StashKey[Tell]()  # who wants to know of each step, if anybody does


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lab4", "grading a chat")
    group.addoption("--submission", type=Path, help="folder of the work to grade")
    group.addoption("--result", type=Path, help="write the result here after every check")
    group.addoption("--rubric", type=Path, default=rubric.DEFAULT, help="points (TOML)")
    group.addoption("--seed", type=int, help="repeat the random choices of an earlier run")
    group.addoption("--level", type=int, choices=(1, 2, 3), help="only the checks of one level")
    group.addoption("--only", help="only this check, and those that it needs")
    group.addoption("--lang", choices=i18n.LANGUAGES, help="language of stories and hints")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "check(id, needs=[], echo=False, order=False, audit=True): a check, see plugin.py",
    )
    path: Path | None = config.getoption("--submission")
    if path is None:
        return
    i18n.set_language(config.getoption("--lang") or i18n.default_language())
    try:
        submission = open_submission(path)
        points = rubric.load(config.getoption("--rubric"))
    except (NotGradable, rubric.RubricError) as error:
        raise pytest.UsageError(str(error)) from error
    seed = config.getoption("--seed")
    grader = Grader(
        submission,
        points,
        secrets.randbelow(1_000_000) if seed is None else seed,
        config.getoption("--result"),
    )
    config.stash[GRADER] = grader
    config.pluginmanager.register(_Hooks(grader), "lab4-hooks")


def pytest_unconfigure(config: pytest.Config) -> None:
    if grader := config.stash.get(GRADER, None):
        grader.submission.close()


@pytest.fixture
def chat(request: pytest.FixtureRequest, program: str) -> Iterator[Chat]:
    """Rooms on the server under test."""
    grader = request.config.stash[GRADER]
    opened = Chat(grader.habits(program), _seed(grader, request.node), _tell(request))
    yield opened
    opened.close()


@pytest.fixture
def client(request: pytest.FixtureRequest) -> Iterator[ClientBench]:
    """The client under test, and the kit's own server for it."""
    grader = request.config.stash[GRADER]
    path = grader.submission.program("client.py")
    if path is None:
        raise Unmet(
            _("the work has a client.py"),
            _("there is none"),
            hint=_("Put your client beside server.py and call it client.py."),
        )
    known = grader.habits(grader.served_by)
    opened = ClientBench(path, known, _seed(grader, request.node), _tell(request))
    yield opened
    opened.close()


def _seed(grader: Grader, item: pytest.Item) -> int:
    # Of its own for each check, so that a check alone repeats what it did among the others.
    return grader.seed + zlib.crc32(item.name.encode())


def _tell(request: pytest.FixtureRequest) -> Callable[[str], None] | None:
    """Return what tells a step of this check, None if nobody listens."""
    tell = request.config.stash.get(TELL, None)
    item = request.node
    return tell and functools.partial(tell, mark_of(item).args[0], program_of(item))


class _Hooks:
    """What changes in a pytest run that grades."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        mark = metafunc.definition.get_closest_marker("check")
        if mark and "program" in metafunc.fixturenames:
            metafunc.parametrize("program", self._grader.programs(self._level(mark.args[0]) or 1))

    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Drop what the rubric does not know, and what was not asked for.

        `starts` always stays, though it may give no points and not be told of: it finds out how
        the server wants to be started.
        """
        if session.testsfailed:  # a file of checks cannot be read, and pytest will say so
            return
        known = {mark_of(item).args[0] for item in items} | catalog.ABOUT.keys()
        try:
            self._grader.rubric.must_name_only(known, config.getoption("--rubric"))
        except rubric.RubricError as error:
            pytest.exit(str(error), pytest.ExitCode.USAGE_ERROR)
        levels, asked = self._grader.rubric.levels, config.getoption("--level")
        wanted = [name for name, level in levels.items() if level == (asked or level)]
        wanted += ["threads"] if "threads" in levels else []
        if only := config.getoption("--only"):
            wanted = [name for name in _with_needs(only, items) if name in levels]
        wanted.append("starts")
        dropped = [item for item in items if mark_of(item).args[0] not in wanted]
        items[:] = [item for item in items if item not in dropped]
        # Of the others `starts` may be among those that run; a level is worth what it is worth.
        self._grader.planned = {name for name in levels if levels[name] == (asked or levels[name])}
        if dropped:
            config.hook.pytest_deselected(items=dropped)

    def _level(self, check: str) -> int:
        return self._grader.rubric.levels.get(check, 1 if check == "starts" else 3)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        mark = mark_of(item)
        check, level = mark.args[0], self._level(mark.args[0])
        if check == "starts":
            return  # on each program: it also finds out how that wants to be talked to
        if level == 1 and self._grader.status(check) == "passed":
            pytest.skip(_("passed already on another program of this work"))
        # Where another program may serve instead, one that does not start is not asked more.
        several = len(self._grader.programs(1)) > 1
        if several and level in (0, 1) and not self._grader.starts(program_of(item)):
            pytest.skip(_("needs {check}").format(check="starts"))
        missing = self._grader.unmet_need(mark.kwargs.get("needs", []))
        if missing:
            pytest.skip(_("needs {check}").format(check=missing))

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        outcome = yield
        chat = pyfuncitem.funcargs.get("chat")
        options = mark_of(pyfuncitem).kwargs
        if isinstance(chat, Chat) and options.get("audit", True):
            chat.audit(echo=options.get("echo", False), order=options.get("order", False))
        return outcome

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        stage = stage_of(item)
        if call.excinfo and isinstance(call.excinfo.value, Unmet):
            report.outcome = "failed"
            report.longrepr = catalog.explain_failure(
                mark_of(item).args[0], stage.story.steps if stage else [], call.excinfo.value
            )
        # One result a run: of the call, or of the phase that kept it from being called.
        if report.when == "call" or call.excinfo:
            self._grader.record(result_of(item, call, report.duration), program_of(item))
        return report


def _with_needs(check: str, items: list[pytest.Item]) -> set[str]:
    """Return a check, all that it needs, and `starts`, which finds out how the server starts."""
    needs = {mark_of(item).args[0]: mark_of(item).kwargs.get("needs", []) for item in items}
    wanted, waiting = {"starts"}, [check]
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        waiting += needs.get(name, [])
    return wanted
