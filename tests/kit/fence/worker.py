"""A grading worker for the tests: on a network of its own, it does what it is told line by line.

Started as `python worker.py TIER`. A line of its input is JSON [QUESTION, ...], a line of its
output the JSON answer; see `run` and `grade`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from autograder import fence
from autograder.grading import rubric
from autograder.grading.request import Request
from autograder.grading.session import grade as grade_by
from autograder.harness.deadline import Deadline
from autograder.harness.isolation import own_network
from autograder.harness.program import Program
from autograder.transcript import Transcript

MOST_S = 20.0


def run(files: dict[str, str], words: list[str]) -> dict[str, Any]:
    """Run a server.py until it ends."""
    with tempfile.TemporaryDirectory() as folder:
        script = _write(files, Path(folder))
        began = time.monotonic()
        with Program(script, words, transcript=Transcript(), name=script.name) as program:
            status = program.wait(Deadline(MOST_S))
            took_s = time.monotonic() - began
            failures = [str(failure) for failure in program.told.failures()]
        return {
            "status": status,
            "stdout": program.stdout.data().decode(),
            "stderr": program.stderr.data().decode(errors="replace"),
            "failures": failures,
            "took_s": took_s,
        }


def grade(files: dict[str, str], level: int | None) -> dict[str, Any]:
    """Grade a submission."""
    with tempfile.TemporaryDirectory() as folder:
        _write(files, Path(folder))
        request = Request(Path(folder), level, 1, rubric.DEFAULT, None, "en")
        return grade_by(request, lambda *_progress: None).as_dict()


def _write(files: dict[str, str], folder: Path) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "server.py"


def main() -> None:
    """Answer until there are no more questions."""
    assert own_network()
    fence.enter(next(tier for tier in fence.TIERS if tier.name == sys.argv[1]))
    for line in sys.stdin:
        question, *arguments = json.loads(line)
        answer = {"run": run, "grade": grade}[question](*arguments)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
