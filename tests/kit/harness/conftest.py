"""Servers as real processes, and waiting for what must come to pass."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

Eventually = Callable[..., None]


@pytest.fixture
def eventually() -> Eventually:
    """Return a function that waits until a predicate holds; it fails after `timeout_s`."""

    def wait(predicate: Callable[[], object], timeout_s: float = 20.0) -> None:
        tick, end = threading.Event(), time.monotonic() + timeout_s
        while not predicate():
            assert time.monotonic() < end, f"not true within {timeout_s} s: {predicate}"
            tick.wait(0.001)

    return wait


@pytest.fixture
def start() -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Return a function that runs Python source text; its processes are killed at the end."""
    with contextlib.ExitStack() as stack:

        def run(source: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-I", "-u", "-c", source],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield run
