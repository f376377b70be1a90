"""A real scheduler and real workers: nothing is lost or counted twice when one is killed."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from autograder.grading import result

pytest.importorskip("distributed", reason="the extra `dask` is not installed")
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
GOOD = (ROOT / "tests/corpus/correct/locked_list/server.py").read_text(encoding="utf-8")
SLOW = "import threading; threading.Event().wait()"  # it never listens: the checks wait for that


@pytest.fixture
def dask(tmp_path, temporary):
    """Return a function that starts a part of a cluster; all are ended."""
    with contextlib.ExitStack() as stack:

        def start(*words: object) -> subprocess.Popen[bytes]:
            with (tmp_path / f"{words[0]}.log").open("ab") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "dask", *map(str, words)],
                    cwd=ROOT,
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                    start_new_session=True,
                )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        yield start


@pytest.fixture
def scheduler(dask, tmp_path, wait_for):
    """The address of a scheduler."""
    file = tmp_path / "scheduler.json"
    words = ("--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", file)
    process = dask("scheduler", *words)
    wait_for(process, lambda: file.exists() and file.read_text().endswith("}"))
    return json.loads(file.read_text(encoding="utf-8"))["address"]


@pytest.fixture
def cluster(dask, scheduler, temporary):
    """Two workers; each is at one submission at a time."""
    where = ("--local-directory", temporary, "--nthreads", 1, "--no-nanny", "--no-dashboard")
    return [dask("worker", scheduler, *where) for _number in range(2)]


def test_a_killed_worker_loses_nothing(works, running, scheduler, cluster, tmp_path):
    works("anna", GOOD)
    for number in range(6):
        works(f"slow {number}", SLOW)
    with running("--dask", scheduler) as process:
        said = ""
        while "1/7" not in said:
            said += process.stdout.readline()
            assert process.poll() is None, process.communicate()
        victim = next(w for w in cluster if graders(w))
        families = graders(victim)
        victim.kill()
        rest, error = process.communicate(timeout=100)
    assert (process.returncode, error) == (0, "")
    told = re.findall(r"^\d/7 (.+): (\d+) of 20$", said + rest, re.M)
    assert sorted(told) == [("anna", "20"), *((f"slow {n}", "0") for n in range(6))]
    found = [result.read(path) for path in (tmp_path / "out" / "results").iterdir()]
    assert sorted(r.submission["name"] for r in found) == [name for name, _score in sorted(told)]
    assert {r.outcome for r in found} == {"graded"}
    psutil.wait_procs(families, timeout=30)
    assert not [grader for grader in families if grader.is_running()]


def graders(worker):
    """Return the processes that grade for a worker of the cluster."""
    return psutil.Process(worker.pid).children(recursive=True)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_an_interrupt_leaves_the_cluster_without_work(works, running, lab4, scheduler, cluster):
    for number in range(4):
        works(f"slow {number}", SLOW)
    with running("--dask", scheduler) as process:
        while not process.stdout.readline().startswith("1/4"):
            assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGINT)
        said, error = process.communicate(timeout=60)
    assert said.splitlines()[-1].startswith("Interrupted; run the same command again")
    assert (process.returncode, error) == (130, "")
    done = lab4("--dask", scheduler)
    assert done.returncode == 0
    assert re.match(r"4 submissions, [1-3] of them finished", done.stdout)


def test_what_is_wrong_with_a_cluster_is_one_sentence(works, lab4, scheduler, dask, temporary):
    works("anna")
    nobody = lab4("--dask", "tcp://127.0.0.1:9", "--seed", 1)
    assert nobody.returncode == 1
    assert "no scheduler of Dask answers at tcp://127.0.0.1:9" in " ".join(nobody.stderr.split())
    empty = lab4("--dask", scheduler)
    assert empty.returncode == 1
    assert f"the scheduler at {scheduler} has no workers: start some" in " ".join(
        empty.stderr.split()
    )
    both = lab4("--dask", scheduler, "--jobs", 2)
    assert both.returncode == 2
    assert "leave it out, the workers of the cluster decide" in " ".join(both.stderr.split())
