"""Grading workers behind a fence, as processes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import fence
from autograder.fence import Tier

WORKER = Path(__file__).with_name("worker.py")
ROOT = Path(__file__).parents[3]
SYSTEM_PYTHON = Path("/usr/bin/python3")
NOBODY = 65534
ONLY_ON_LINUX = ("test_cell.py", "test_hostile.py", "test_lower_tiers.py", "test_page.py")
collect_ignore = [] if sys.platform == "linux" else [*ONLY_ON_LINUX, "test_probe.py"]


class Worker:
    """One worker, that is asked one thing at a time.

    Args:
        tier: What it fences programs in by.
        user: Who it is; None for who we are.
        python: Its interpreter.
    """

    def __init__(
        self, tier: Tier, user: int | None = None, python: Path = Path(sys.executable)
    ) -> None:
        packages = sysconfig.get_path("purelib")
        self.process = subprocess.Popen(
            [str(python), "-B", str(WORKER), tier.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"SECRET": "secret", "PYTHONPATH": f"{ROOT}:{packages}"},
            user=user,
            group=user,
            extra_groups=None if user is None else [],
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


@pytest.fixture(scope="session")
def system_python() -> Path:
    """An interpreter like ours that every user can start, and that finds what we have."""
    question = "import sys, autograder, psutil; print(*sys.version_info[:2])"
    environment = {"PYTHONPATH": f"{ROOT}:{sysconfig.get_path('purelib')}"}
    user = NOBODY if os.geteuid() == 0 else None
    for python in (Path(sys.executable), SYSTEM_PYTHON):
        with contextlib.suppress(OSError):
            done = subprocess.run(
                [str(python), "-B", "-c", question],
                capture_output=True,
                text=True,
                env=environment,
                user=user,
                cwd="/",
            )
            if done.stdout.split() == [str(number) for number in sys.version_info[:2]]:
                return python
    pytest.skip("no Python of this version that other users can start")


@pytest.fixture(scope="module")
def new_worker() -> Iterator[Callable[..., Worker]]:
    """Return a function that starts a worker."""
    with contextlib.ExitStack() as stack:

        def start(*how: Any) -> Worker:
            return stack.enter_context(contextlib.closing(Worker(*how)))

        yield start


@pytest.fixture(scope="module")
def worker(best: Tier, new_worker: Callable[..., Worker]) -> Worker:
    """A worker behind the best fence."""
    return new_worker(best)


@pytest.fixture(scope="module", params=["ourselves", "nobody"])
def worker_of(
    request: pytest.FixtureRequest, best: Tier, new_worker: Callable[..., Worker]
) -> Worker:
    """The same, and one of a user without any rights: root has other ways to fence in."""
    if request.param == "ourselves":
        return new_worker(best)
    if os.geteuid() != 0:
        pytest.skip("we have no rights ourselves")
    return new_worker(best, NOBODY, request.getfixturevalue("system_python"))
