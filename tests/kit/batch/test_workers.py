"""Tasks run side by side, and one that ends badly costs nothing but itself."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest

from autograder.batch import workers
from autograder.batch.workers import Lost
from autograder.harness.deadline import Deadline

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has networks of one's own")
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")

BINDS = """
import pathlib, socket, threading
with socket.create_server(("127.0.0.1", 14900)):
    pathlib.Path({own!r}).touch()
    while not pathlib.Path({other!r}).exists():
        threading.Event().wait(0.01)
"""
# Dies in the first attempt; the second one finds the trace of it.
DIES_ONCE = """
import os, pathlib, signal
trace = pathlib.Path({trace!r})
if not trace.exists():
    trace.touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""
# A program of its own that ignores everything, and a file left behind.
STUBBORN = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); signal.pause()"
WAITS = """
import os, pathlib, subprocess, sys, tempfile
tempfile.mkstemp()
with subprocess.Popen([sys.executable, "-c", {stubborn!r}], stdin=subprocess.DEVNULL) as child:
    sign = pathlib.Path({sign!r})
    sign.with_suffix(".new").write_text(f"{{os.getpid()}} {{child.pid}} {{tempfile.gettempdir()}}")
    sign.with_suffix(".new").rename(sign)
    child.wait()
"""


def script(source: str, **words: object):
    """Return a task that runs source text."""
    return functools.partial(exec, source.format(**{k: str(w) for k, w in words.items()}))


def run(*tasks, number=1, **how):
    return [answer for _task, answer in workers.run(workers._call, tasks, number, **how)]


def wait_for(path: Path) -> str:
    end, tick = Deadline(30), threading.Event()
    while not path.exists():
        assert not end.passed(), f"{path.name} did not come"
        tick.wait(0.01)
    return path.read_text(encoding="utf-8")


def test_each_task_has_its_answer():
    asked = [functools.partial(pow, 2, power) for power in range(5)]
    assert sorted(run(*asked, number=2)) == [1, 2, 4, 8, 16]


def test_a_task_is_not_taken_before_a_worker_is_free():
    taken = []

    def tasks():
        for number in range(4):
            taken.append(number)
            yield functools.partial(abs, number)

    done = workers.run(workers._call, tasks(), 1)
    next(done)
    assert taken == [0]
    done.close()


@linux
def test_two_tasks_have_the_same_port_at_once(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    binding = [script(BINDS, own=one, other=other), script(BINDS, own=other, other=one)]
    assert run(*binding, number=2, most_s=30) == [None, None]


@linux
def test_the_machines_own_network_is_not_theirs():
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = "import socket; socket.create_connection({address})"
        with pytest.raises(ConnectionRefusedError):
            run(script(source, address=server.getsockname()))


def test_what_the_work_raises_is_raised_here_with_its_place():
    with pytest.raises(ZeroDivisionError) as caught:
        run(functools.partial(eval, "1 // 0"))
    assert "in _call" in caught.value.__notes__[0]


@posix
def test_a_killed_worker_costs_only_its_own_task():
    killed = functools.partial(exec, "import os; os.kill(os.getpid(), 9)")
    answers = run(functools.partial(abs, -1), killed, functools.partial(abs, -2), number=2)
    assert {1, 2, Lost("its process was killed by SIGKILL")} == set(answers)


def test_a_worker_that_exits_has_no_answer():
    (answer,) = run(functools.partial(os._exit, 7))
    assert answer == Lost("its process ended with status 7")


@posix
def test_a_lost_task_is_tried_again(tmp_path):
    assert run(script(DIES_ONCE, trace=tmp_path / "trace"), attempts=2) == [None]
    always = functools.partial(exec, "import os; os.kill(os.getpid(), 9)")
    assert run(always, attempts=2) == [Lost("its process was killed by SIGKILL")]


def test_what_takes_too_long_is_ended_with_all_that_it_started(tmp_path):
    sign = tmp_path / "sign"
    ran = run(script(WAITS, sign=sign, stubborn=STUBBORN), most_s=2)
    assert ran == [Lost("it took more than 2 s")]
    worker, child, folder = sign.read_text(encoding="utf-8").split()
    assert not psutil.pid_exists(int(worker)) and not psutil.pid_exists(int(child))
    assert not Path(folder).exists()


def test_who_stops_listening_ends_the_workers(tmp_path):
    sign = tmp_path / "sign"
    done = workers.run(
        workers._call, [functools.partial(abs, -1), script(WAITS, sign=sign, stubborn=STUBBORN)], 2
    )
    next(done)
    worker, child, folder = wait_for(sign).split()
    done.close()
    assert not psutil.pid_exists(int(worker)) and not psutil.pid_exists(int(child))
    assert not Path(folder).exists()


@posix
def test_a_worker_that_ends_just_before_it_is_interrupted_is_no_trouble(monkeypatch, tmp_path):
    def ends(pid: int) -> list[psutil.Process]:
        worker = psutil.Process(pid)
        worker.kill()
        worker.wait(30)
        return []

    sign = tmp_path / "sign"
    waits = script(WAITS, sign=sign, stubborn=STUBBORN)
    done = workers.run(workers._call, [functools.partial(abs, -1), waits], 2)
    next(done)
    _worker, child, _folder = wait_for(sign).split()
    monkeypatch.setattr(workers.spawning, "descendants", ends)
    done.close()
    psutil.Process(int(child)).kill()  # an orphan: the worker could not end it any more


@posix
def test_workers_do_not_outlive_a_killed_parent(tmp_path):
    sign = tmp_path / "sign"
    waits = WAITS.format(sign=str(sign), stubborn=STUBBORN)
    parent = f"""
    import functools
    from autograder.batch import workers
    if __name__ == "__main__":
        list(workers.run(workers._call, [functools.partial(exec, {waits!r})], 1))
    """
    path = tmp_path / "parent.py"
    path.write_text(textwrap.dedent(parent), encoding="utf-8")
    with subprocess.Popen([sys.executable, str(path)]) as process:
        worker, child, folder = wait_for(sign).split()
        process.kill()
    for pid in (worker, child):
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(int(pid)).wait(30)
    end, tick = Deadline(30), threading.Event()
    while Path(folder).exists():
        assert not end.passed()
        tick.wait(0.01)


def test_what_is_temporary_is_gone_at_the_end():
    before = set(Path(tempfile.gettempdir()).glob("lab4-worker-*"))
    (folder,) = run(tempfile.gettempdir)
    assert Path(folder).name.startswith("lab4-worker-")
    assert not Path(folder).exists()
    assert Path(folder) not in before


@pytest.fixture
def unasked():
    """Nobody knows yet whether tasks can be kept apart; nor afterwards."""
    workers.can_be_kept_apart.cache_clear()
    yield
    workers.can_be_kept_apart.cache_clear()


def test_what_cannot_be_kept_apart_is_done_one_by_one(unasked, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(workers, "own_network", bool)  # bool() is False, in any process
    spans = run(*[functools.partial(eval, "[t(), t()]", {"t": time.monotonic})] * 3, number=2)
    for (_began, ended), (began, _ended) in itertools.pairwise(spans):
        assert ended <= began
    said = capsys.readouterr().err
    assert said.count("they are graded one after the other.") == 1


def test_one_worker_needs_no_network_of_its_own(monkeypatch, capsys):
    monkeypatch.setattr(workers, "own_network", bool)
    assert run(functools.partial(abs, -1)) == [1]
    assert capsys.readouterr().err == ""


def test_a_worker_without_a_network_of_its_own_does_nothing_beside_others(monkeypatch):
    monkeypatch.setattr(workers, "can_be_kept_apart", lambda: True)
    monkeypatch.setattr(workers, "own_network", bool)
    with pytest.raises(OSError, match="no network of its own"):
        run(functools.partial(abs, -1), number=2)


@pytest.fixture
def long_path(monkeypatch):
    """A folder for temporary files in which no server can listen."""
    workers._context.cache_clear()
    monkeypatch.setattr(workers, "LONGEST_TEMPORARY", 1)
    yield
    workers._context.cache_clear()


def test_where_no_server_can_fork_workers_each_is_started_anew(long_path):
    assert workers._context().get_start_method() == "spawn"
    assert run(functools.partial(abs, -1)) == [1]


@linux
def test_linux_is_asked_once(unasked):
    assert workers.can_be_kept_apart() is workers.can_be_kept_apart()
    assert workers.can_be_kept_apart.cache_info().misses == 1
