"""How long grading takes: `lab4 check` on the reference and on submissions where nothing works."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from report import Verdict
from servers import HERE, Trouble

ROOT = HERE.parents[1]
SUBMISSIONS = {
    "reference": ROOT / "reference",
    "hopeless, listens": HERE / "hopeless" / "listens",
    "hopeless, prints": HERE / "hopeless" / "prints",
}
# figure, submission, bound in seconds; what `lab4 --help` takes is taken off the processor time
GOALS = [
    ("duration_s", "reference", 1.5),
    ("cpu_s", "reference", 1.0),
    ("duration_s", "hopeless, listens", 4.0),
    ("duration_s", "hopeless, prints", 4.0),
]
LIMIT = 120.0  # seconds for one submission
GRADED = 0  # exit status: graded, whatever the score


def measure(rounds: int) -> dict[str, list[dict[str, float]]]:
    """Grade each submission so many times, in turn.

    Raises:
        Trouble: the command does not run yet, or did not grade a submission.
    """
    found = shutil.which("lab4", path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}")
    if not found:
        raise Trouble("lab4 is not installed, so grading cannot be timed; `pip install -e .` first")
    times: dict[str, list[dict[str, float]]] = {name: [] for name in SUBMISSIONS}
    for _ in range(rounds):
        start = timed([found, "--help"])
        for name, folder in SUBMISSIONS.items():
            times[name].append(grade(found, name, folder, start))
    return times


def grade(lab4: str, name: str, folder: Path, start: dict[str, float]) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="lab4-bench-") as temporary:
        result = Path(temporary) / "result.json"
        figures = timed([lab4, "check", str(folder), "--json", str(result)])
        if not result.exists():
            status = f"exit status {figures['status']:.0f}"
            raise Trouble(f"`lab4 check` wrote no result for {name} ({status})")
        graded = json.loads(result.read_text("utf-8"))
    if graded["outcome"] != "graded":
        raise Trouble(f"{name} was not graded: {graded['outcome']}, {graded['reason']}")
    figures["duration_s"] = graded["duration_s"]
    figures["score"] = graded["score"]
    figures["cpu_s"] -= start["cpu_s"]
    figures["start_s"] = start["wall_s"]
    return figures


def timed(command: list[str]) -> dict[str, float]:
    """Run a command to its end; return its time, and the processor time of it and its children."""
    before, start = os.times(), time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            status = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            raise Trouble(f"`lab4 {command[1]}` took more than {LIMIT:.0f} s") from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        wall, after = time.monotonic() - start, os.times()
        errors.seek(0)
        last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
    if status != GRADED:
        raise Trouble(f"`lab4 {command[1]}` does not run yet: {' '.join(last) or status}")
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return {"wall_s": wall, "cpu_s": used, "status": status}


def judge(times: dict[str, list[dict[str, float]]]) -> list[Verdict]:
    """Compare the medians with the goals."""
    words = {"duration_s": "time it reports", "cpu_s": "processor time after its start"}
    verdicts = []
    for figure, name, bound in GOALS:
        value = median(run[figure] for run in times[name])
        whole = median(run["wall_s"] for run in times[name])
        verdicts.append(
            Verdict(
                f"lab4 check, {name}: {words[figure]}",
                f"{value:.2f} s",
                f"whole process: {whole:.2f} s",
                "",
                f"≤ {bound} s",
                value <= bound,
            )
        )
    return verdicts
