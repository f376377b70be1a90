"""The student's own programs: where they lie, and how a notebook runs them.

The environment variable LAB4_WORK names the folder; without it that is `lab4/`. The programs run
as processes of their own, started and observed by the grader's harness.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from autograder import i18n
from autograder.grading.chat import Chat
from autograder.grading.request import ROOT
from autograder.harness.habits import Habits
from autograder.harness.unmet import Unmet
from lab4nb.boxes import Box, note, todo, wrong
from lab4nb.language import language, say

SEED = 4

Answer = TypeVar("Answer")


class Missing(Exception):
    """A program that a cell needs is not there or cannot be imported; `box` says so."""

    def __init__(self, box: Box) -> None:
        super().__init__(box.text)
        self.box = box


def folder() -> Path:
    """Return the folder with the student's programs."""
    return Path(os.environ.get("LAB4_WORK", ROOT / "lab4")).resolve()


def about() -> Box:
    """Return what this notebook runs on, and whose programs it will try."""
    version = ".".join(map(str, sys.version_info[:3]))
    return note("work.about", version=version, folder=folder())


def program(name: str) -> Path:
    """Return the path of one of the student's programs.

    Raises:
        Missing: it is not there.
    """
    path = folder() / name
    if not path.is_file():
        raise Missing(todo("boxes.no_file", file=name, folder=folder()))
    return path


def module(name: str) -> ModuleType:
    """Import one of the student's programs anew, as it is now.

    Raises:
        Missing: it is not there, or Python cannot import it.
    """
    path = program(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"student_{name}", path)
    assert spec and spec.loader
    fresh = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(fresh)
    except Exception as error:  # whatever a student's code raises is told in words
        raise Missing(wrong("boxes.raised", error=repr(error))) from error
    return fresh


@contextlib.contextmanager
def chat(name: str = "server.py") -> Iterator[Chat]:
    """Start one of the student's servers; all is closed when the `with` block ends.

    Raises:
        Missing: it is not there.
        Unmet: it does not listen.
    """
    with running(program(name)) as chat:
        yield chat


@contextlib.contextmanager
def running(script: Path) -> Iterator[Chat]:
    """Start a server and learn how it wants to be talked to.

    Raises:
        Unmet: it does not listen.
    """
    i18n.set_language(language())  # of what the harness tells
    with contextlib.closing(Chat(Habits(script), SEED)) as chat:
        chat.first_start()
        yield chat


def in_words(check: Callable[[], Answer]) -> Callable[[], Answer | Box]:
    """Make a check answer in words also if the student's program is not there or fails it."""

    @functools.wraps(check)
    def answer() -> Answer | Box:
        i18n.set_language(language())  # of what the harness tells
        try:
            return check()
        except Missing as missing:
            return missing.box
        except Unmet as unmet:
            return told(unmet)

    return answer


def told(unmet: Unmet, last_words: str = "") -> Box:
    """Return what the harness found wrong as a box; a gap that is still open is no mistake.

    Args:
        unmet: What it found.
        last_words: What the program wrote to its standard error.
    """
    if gap := re.search(r"(TODO\([\d.]+\)) \S+ (\w+\.py)", f"{unmet.cause}\n{last_words}"):
        return todo("boxes.not_done_in", file=gap[2], said=gap[1])
    lines = [say("work.expected", text=unmet.expected), say("work.actual", text=unmet.actual)]
    lines += [say("work.cause", text=unmet.cause)] if unmet.cause else []
    lines += [say("work.hint", text=unmet.hint)] if unmet.hint else []
    return Box("wrong", "\n".join(lines))
