"""Processes: forked from the zygote or started plainly, waited for, killed with their family."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from autograder.fence import force
from autograder.harness import spawning
from autograder.harness.deadline import Deadline
from autograder.harness.program import Chaos

if sys.platform == "linux":
    from autograder.fence.forked import Forked
    from autograder.fence.nursery import Nursery

LONG_S = 20.0
FOR_EVER = "import threading; threading.Event().wait()\n"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a zygote")


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """A nursery of the test's own."""
    own = Nursery(spawning.LAUNCHER, force.rules)
    yield own
    own.close()


@pytest.fixture
def fork(nursery, script, tmp_path):
    """Return a function that forks source text in the test's own nursery."""

    numbers = itertools.count()

    def fork(source: str) -> Forked:
        path = script(source, f"program{next(numbers)}.py")
        words = [str(tmp_path), *Chaos().words(), str(path)]
        with Path(os.devnull).open("rb") as nothing, (tmp_path / "out").open("ab") as out:
            streams = (nothing.fileno(), out.fileno(), out.fileno())
            return nursery.spawn(words, streams, tmp_path, tmp_path, {"PATH": os.environ["PATH"]})

    return fork


def gone(pid: int) -> bool:
    """Wait for the end of a process that is not our child; return whether it came."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return True
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(LONG_S)
            return True
        return False
    return True


@LINUX
@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("pass", 0),
        ("import sys; sys.exit(3)", 3),
        ("import sys; sys.exit('no')", 1),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import os; os.abort()", -6),
    ],
)
def test_the_exit_status_is_counted_as_subprocess_does(fork, source, status):
    process = fork(source)
    assert process.wait(LONG_S) == status
    assert process.wait() == process.poll() == status


@LINUX
def test_a_wait_can_be_given_up_and_taken_up_again(fork):
    process = fork(FOR_EVER)
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.001)
    process.send_signal(15)
    assert process.wait(LONG_S) == -15
    process.send_signal(15)  # it has ended: nobody gets it


@LINUX
def test_programs_can_be_asked_for_from_many_threads(fork):
    with ThreadPoolExecutor(8) as pool:
        processes = list(pool.map(lambda number: fork("import os; os._exit(7)"), range(24)))
    assert {process.wait(LONG_S) for process in processes} == {7}
    assert len({process.pid for process in processes}) == 24


@LINUX
def test_a_program_that_kills_the_zygote_gets_a_new_one(nursery, fork):
    killer = fork("import os; os.kill(os.getppid(), 9); " + FOR_EVER)
    assert killer.wait(LONG_S) == -9
    assert gone(killer.pid)  # it dies with its parent
    assert fork("raise SystemExit(5)").wait(LONG_S) == 5


@LINUX
def test_the_end_of_the_nursery_ends_its_programs(nursery, fork):
    processes = [fork(FOR_EVER) for _number in range(3)]
    nursery.close()
    nursery.close()
    assert all(gone(process.pid) for process in processes)


@LINUX
def test_the_programs_of_a_grader_that_is_killed_die_with_it(tmp_path, eventually):
    grader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            """
import sys, threading
from pathlib import Path
from autograder.harness.program import Program
from autograder.transcript import Transcript
path = Path(sys.argv[1]) / "p.py"
path.write_text("import os, threading\\nif not os.fork(): os.setsid()\\nthreading.Event().wait()")
program = Program(path, transcript=Transcript(), name="p.py")
print(program.pid, flush=True)
threading.Event().wait()
""",
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
    )
    with grader:
        pid = int(grader.stdout.readline())
        eventually(lambda: psutil.Process(pid).children(), timeout_s=LONG_S)
        family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
        grader.kill()
    assert all(gone(pid) for pid in family)


@LINUX
def test_orphans_are_strays_until_they_are_killed(nursery, fork, tmp_path, eventually):
    process = fork("import os, sys\nif os.fork(): os._exit(0)\nos.setsid()\n" + FOR_EVER)
    assert process.wait(LONG_S) == 0
    nursery.forget(process)
    eventually(nursery.strays, timeout_s=LONG_S)
    (stray,) = nursery.strays()
    stray.kill()
    eventually(lambda: not nursery.strays(), timeout_s=LONG_S)


@LINUX
def test_a_running_program_is_no_stray(nursery, fork):
    process = fork(FOR_EVER)
    assert nursery.strays() == []
    process.send_signal(9)
    assert process.wait(LONG_S) == -9


@LINUX
def test_descriptors_are_given_back(nursery, fork):
    def open_now() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - it is about the system

    nursery.forget(fork("pass"))
    before = open_now()
    for _number in range(5):
        nursery.forget(fork("pass"))
    assert open_now() == before


@LINUX
def test_a_zygote_that_cannot_start_is_an_error(fork, monkeypatch):
    monkeypatch.setattr(Nursery, "_start", lambda self: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        fork("pass")


@LINUX
def test_warming_up_starts_one_zygote(nursery, fork):
    nursery.warm_up()
    zygote = nursery._zygote
    nursery.warm_up()
    fork("pass").wait(LONG_S)
    assert nursery._zygote is zygote


def test_warming_up_means_nothing_where_there_is_no_zygote(monkeypatch):
    monkeypatch.setattr(spawning, "_nursery", None)
    spawning.warm_up()


@pytest.mark.skipif(sys.platform == "win32", reason="fork")
def test_descendants_are_found_through_generations(launch, eventually):
    program = launch("import os\nfor _ in range(2):\n    if os.fork(): break\n" + FOR_EVER)
    eventually(lambda: len(spawning.descendants(program.pid)) == 2, timeout_s=LONG_S)
    assert len(spawning.descendants(program.pid, recursive=False)) == 1
    program.close()
    assert spawning.descendants(program.pid) == []


def test_kill_family_takes_a_program_that_has_ended(way, launch):
    program = launch("pass")
    program.wait(Deadline(LONG_S))
    program.close()
    assert program.exit_status == 0


def test_two_programs_do_not_kill_each_other(way, launch):
    one, other = launch(FOR_EVER), launch(FOR_EVER)
    one.close()
    assert other.exit_status is None
    other.close()
    assert other.exit_status == -9


def test_programs_can_be_closed_from_many_threads_at_once(way, launch):
    programs = [launch(FOR_EVER) for _number in range(6)]
    together = threading.Barrier(len(programs))

    def close(program) -> None:
        together.wait()
        program.close()

    with ThreadPoolExecutor(len(programs)) as pool:
        list(pool.map(close, programs))
    assert [program.exit_status for program in programs] == [-9] * 6
