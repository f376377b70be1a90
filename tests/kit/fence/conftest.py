"""Grading workers behind a fence, as processes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import fence
from autograder.fence import Tier

WORKER = Path(__file__).with_name("worker.py")
ROOT = Path(__file__).parents[3]


class Worker:
    """One worker, that is asked one thing at a time."""

    def __init__(self, tier: Tier) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(WORKER), tier.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"SECRET": "secret", "PYTHONPATH": str(ROOT)},
        )

    def ask(self, *question: object) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self.process.communicate(timeout=30)
        assert self.process.returncode == 0


@pytest.fixture(scope="session")
def best() -> Tier:
    """The best tier of this machine, if it is one with cells."""
    found = fence.best()
    if not found.cell:
        pytest.skip(f"no cells here: {found.reason}")
    return found


@pytest.fixture(scope="module")
def new_worker() -> Iterator[Callable[[Tier], Worker]]:
    """Return a function that starts a worker."""
    with contextlib.ExitStack() as stack:

        def start(tier: Tier) -> Worker:
            return stack.enter_context(contextlib.closing(Worker(tier)))

        yield start


@pytest.fixture(scope="module")
def worker(best: Tier, new_worker: Callable[[Tier], Worker]) -> Worker:
    """A worker behind the best fence."""
    return new_worker(best)
