"""What all tests of the kit share: English words, and programs written by a test."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder import fence, i18n
from autograder.fence import force
from autograder.harness import spawning
from autograder.harness.program import Chaos, Program
from autograder.harness.sockets import Server
from autograder.transcript import Transcript

if TYPE_CHECKING:
    from autograder.fence.nursery import Nursery


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Tests assert texts, in English whatever this machine speaks."""
    before = i18n.language()
    i18n.set_language("en")
    yield
    i18n.set_language(before)


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a program."""

    def write(source: str, name: str = "server.py") -> Path:
        path = tmp_path / name
        if not path.exists() or path.read_text(encoding="utf-8") != source:
            path.write_text(source, encoding="utf-8")
        return path

    return write


@pytest.fixture
def launch(script: Callable[..., Path]) -> Iterator[Callable[..., Program]]:
    """Return a function that runs source text as a program under test."""
    with contextlib.ExitStack() as stack:

        def run(source: str, *words: str, kind: type[Program] = Program, **how: object) -> Program:
            path = script(source, "program.py")
            program = kind(path, words, transcript=Transcript(), name=path.name, **how)
            return stack.enter_context(program)

        yield run


@pytest.fixture
def serve(script: Callable[..., Path]) -> Iterator[Callable[..., Server]]:
    """Return a function that starts source text as a server under test."""
    with contextlib.ExitStack() as stack:

        def run(source: str, *words: str, chaos: Chaos | None = None) -> Server:
            server = Server(script(source), words, transcript=Transcript(), chaos=chaos)
            return stack.enter_context(server)

        yield run


@pytest.fixture(scope="session")
def fenced_nursery() -> Iterator[Nursery]:
    """What starts programs behind the best fence, on a network that this process does not see."""
    tier = fence.best()
    if not tier.cell:
        pytest.skip(f"no cells here: {tier.reason}")
    from autograder.fence.nursery import Nursery  # there is none on Windows

    rules = force.rules_of(tier, own_network=True)
    with contextlib.closing(Nursery(spawning.LAUNCHER, lambda: rules)) as nursery:
        yield nursery


@pytest.fixture(params=["zygote", "plain", "fenced"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """All ways to start a program: from the zygote, as on other systems, and in a cell."""
    if request.param == "plain":
        monkeypatch.setattr(spawning, "_nursery", None)
    elif spawning._nursery is None:
        pytest.skip("only Linux has a zygote")
    elif request.param == "fenced":
        nursery = request.getfixturevalue("fenced_nursery")
        monkeypatch.setattr(spawning, "_nursery", nursery)
        monkeypatch.setattr(force, "rules", nursery._asked)
    return str(request.param)
