"""A class of small works, a rubric of few checks, and the command as a process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.grading import rubric
from autograder.harness.deadline import Deadline

ROOT = Path(__file__).parents[3]
HOPELESS = "import sys; sys.exit('no')"


@pytest.fixture
def works(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that adds a work, name and server, to the folder of all works."""
    folder = tmp_path / "works"
    folder.mkdir()

    def add(name: str, server: str = HOPELESS) -> Path:
        (folder / name).mkdir()
        (folder / name / "server.py").write_text(server, encoding="utf-8")
        return folder

    return add


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A rubric of two checks."""
    lines = rubric.DEFAULT.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line[:1] == "[" or line.split(" ")[0] in ("starts", "relay")]
    path = tmp_path / "few.toml"
    path.write_text("\n".join(kept), encoding="utf-8")
    return path


@pytest.fixture
def lab4(
    tmp_path: Path, temporary: Path, few: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that grades all works with two checks, and waits for the end."""

    def grade(*words: object) -> subprocess.CompletedProcess[str]:
        with started(tmp_path, temporary, "--rubric", few, *words) as process:
            said, error = process.communicate(timeout=100)
        assert "Traceback" not in said + error
        return subprocess.CompletedProcess(process.args, process.returncode, said, error)

    return grade


@pytest.fixture
def running(
    tmp_path: Path, temporary: Path, few: Path
) -> Callable[..., contextlib.AbstractContextManager]:
    """Return a function that starts to grade all works with two checks."""
    return lambda *words: started(tmp_path, temporary, "--rubric", few, *words)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """The folder for temporary files; its path is short, as it usually is."""
    with tempfile.TemporaryDirectory(prefix="lab4-test-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def started(where: Path, temporary: Path, *words: object) -> Iterator[subprocess.Popen[str]]:
    command = ["grade", "works", "-o", "out", *words]
    for option, value in (("--lang", "en"), ("--sandbox", "off")):
        command += [] if option in words else [option, value]
    with subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", *map(str, command)],
        cwd=where,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def wait_for() -> Callable[[subprocess.Popen[str], Callable[[], object]], None]:
    """Return a function that waits until something is true, while a process runs."""

    def wait(process: subprocess.Popen[str], condition: Callable[[], object]) -> None:
        end, tick = Deadline(30), threading.Event()
        while not condition():
            assert process.poll() is None, process.communicate()
            assert not end.passed()
            tick.wait(0.01)

    return wait
