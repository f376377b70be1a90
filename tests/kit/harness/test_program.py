"""One run of a program: nothing of it is left after close(), whatever it does."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sys

import psutil
import pytest

from autograder.harness import quiescence, spawning
from autograder.harness.deadline import Deadline
from autograder.harness.program import FLOOD_BYTES, KEPT_OUTPUT, Program

LONG_S = 20.0
FIRST_IN_CELL = 2  # process id
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="fork and setsid")
FOR_EVER = "import threading; threading.Event().wait()\n"


def says(program: Program, pattern: str) -> re.Match[str]:
    """Wait until the program has printed something."""
    program.stdout.wait(lambda data: re.search(pattern.encode(), data) is not None, LONG_S)
    match = re.search(pattern, program.stdout.data().decode())
    assert match, (program.stdout.data(), program.stderr.data())
    return match


def pids(program: Program, count: int) -> list[int]:
    """Wait until the program has told the ids of its processes."""
    says(program, rf"(?s)(pid \d+\n.*){{{count}}}")
    return [int(pid) for pid in re.findall(r"pid (\d+)", program.stdout.data().decode())]


def running(pid: int) -> bool:
    """Return whether a process runs; one that was killed may not have been reaped yet."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


# -- the end


def test_a_program_that_ends_at_once_is_heard_to_the_end(way, launch):
    program = launch("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert program.wait(Deadline(LONG_S)) == 3
    assert program.exit_status == 3
    assert program.stdout.wait_end(LONG_S)
    assert program.stderr.wait_end(LONG_S)
    assert (program.stdout.data(), program.stderr.data()) == (b"out\n", b"err\n")


def test_close_may_be_called_twice_and_kills(way, launch):
    program = launch("import os; print('pid', os.getpid())\n" + FOR_EVER)
    (pid,) = pids(program, 1)
    assert pid == (FIRST_IN_CELL if way == "fenced" else program.pid)
    program.close()
    program.close()
    assert not running(program.pid)
    assert program.exit_status == -9


def test_a_failing_test_leaves_nothing(way, launch):
    with pytest.raises(ZeroDivisionError), launch(FOR_EVER) as program:
        raise ZeroDivisionError
    assert not running(program.pid)


@POSIX
def test_polite_signals_reach_it_and_may_be_ignored(way, launch):
    program = launch(
        """
import signal
for name in ("SIGINT", "SIGTERM"):
    signal.signal(getattr(signal, name), lambda number, frame: print("no", number))
print("ready")
while True:
    signal.pause()
"""
    )
    says(program, "ready")
    program.interrupt()
    says(program, "no 2")
    program.terminate()
    says(program, "no 15")
    assert program.exit_status is None
    program.close()
    assert not running(program.pid)


@POSIX
def test_ctrl_c_reaches_it_also_when_the_grader_runs_in_the_background(launch, monkeypatch):
    monkeypatch.setattr(spawning, "_nursery", None)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does with `command &`
    try:
        program = launch(
            "import threading\ntry:\n    print('ready')\n    threading.Event().wait()\n"
            "except KeyboardInterrupt:\n    print('bye')\n"
        )
    finally:
        signal.signal(signal.SIGINT, before)
    says(program, "ready")
    program.interrupt()
    says(program, "bye")
    assert program.wait(Deadline(5)) == 0


@POSIX
def test_a_signal_that_nobody_handles_is_the_exit_status(way, launch):
    program = launch("print('ready')\n" + FOR_EVER)
    says(program, "ready")
    program.terminate()
    assert program.wait(Deadline(LONG_S)) == -15


@POSIX
def test_children_in_sessions_of_their_own_are_killed(way, launch):
    program = launch(
        """
import os
for number in range(3):
    if os.fork() == 0:
        os.setsid()
        os.fork()
        break
os.write(1, b"pid %d\\n" % os.getpid())
"""
        + FOR_EVER
    )
    pids(program, 7)
    family = [program.pid, *(child.pid for child in spawning.descendants(program.pid))]
    assert len(family) == 7
    program.close()
    assert [pid for pid in family if running(pid)] == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs a subreaper")
def test_a_daemon_that_holds_the_port_is_killed(launch):
    program = launch(
        """
import os, signal, socket
server = socket.create_server(("127.0.0.1", 0))
for name in ("SIGHUP", "SIGINT", "SIGTERM"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
for _time in range(2):
    if os.fork():
        os._exit(0)
    os.setsid()
print("port", server.getsockname()[1])
print("pid", os.getpid())
"""
        + FOR_EVER
    )
    (daemon,) = pids(program, 1)
    port = int(says(program, r"port (\d+)")[1])
    assert program.wait(Deadline(LONG_S)) == 0
    assert running(daemon)
    program.close()
    assert not running(daemon)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))


# -- streams


def test_a_flood_is_counted_and_not_kept(way, launch):
    program = launch(
        "import sys\nfor _ in range(3000): sys.stderr.write('x' * 1000)\nprint('done')"
    )
    says(program, "done")
    assert program.stderr.wait_end(LONG_S)
    assert program.stderr.size == 3_000_000
    assert len(program.stderr.data()) == KEPT_OUTPUT
    assert program.floods


def test_printing_for_ever_is_a_flood_and_ends_with_close(way, launch):
    program = launch("while True: print('x' * 999)")
    program.stdout.wait(lambda data: len(data) > FLOOD_BYTES, LONG_S)
    assert program.floods
    program.close()
    assert not running(program.pid)


def test_the_keyboard_reaches_it_line_by_line(way, launch):
    program = launch("for _ in range(2): print('<' + input() + '>')\ninput()")
    program.type_bytes("привет\nмир\n".encode())
    says(program, "<привет>\n<мир>\n")
    program.end_input()
    program.end_input()
    assert program.wait(Deadline(LONG_S)) == 1
    assert program.told.failures()[-1].type == "EOFError"


def test_typing_to_a_program_that_has_gone_is_lost(way, launch):
    program = launch("pass")
    program.wait(Deadline(LONG_S))
    program.type_bytes(b"anybody?\n")
    program.end_input()
    program.type_bytes(b"anybody?\n")


# -- what it is given


def test_it_sees_its_own_folder_its_words_and_little_else(way, launch, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "s")
    program = launch(
        """
import os, sys, __main__
print(os.getcwd(), sys.argv[1:], __name__, __main__.__file__ == __file__ == sys.argv[0])
print(sys.path[0], os.environ.get("SECRET"), os.environ["HOME"], sys.stdin.encoding)
""",
        "--port",
        "0",
    )
    assert program.stdout.wait_end(LONG_S)
    home = "/work" if way == "fenced" else tmp_path
    assert program.stdout.data().decode().splitlines() == [
        f"{home} ['--port', '0'] __main__ True",
        f"{home} None {home} utf-8",
    ]


def test_modules_beside_it_can_be_imported(way, launch, script):
    script("WORD = 'found'", "helper.py")
    program = launch("import helper; print(helper.WORD)")
    says(program, "found")


@POSIX
def test_its_clock_can_be_in_another_zone(way, launch):
    program = launch("import time; print(time.tzname[0], time.timezone)", timezone="LAB3:20")
    says(program, "LAB 12000")


def test_no_descriptor_of_ours_is_open_in_it(way, launch):
    with socket.create_server(("127.0.0.1", 0)) as ours:
        os.set_inheritable(ours.fileno(), True)
        program = launch(
            """
import os, stat
for number in range(256):
    try:
        print("socket" if stat.S_ISSOCK(os.fstat(number).st_mode) else "no socket", number)
    except OSError:
        pass
print("end")
"""
        )
        says(program, "end")
        assert "no socket 0\n" in program.stdout.data().decode()
        assert "\nsocket" not in program.stdout.data().decode()


# -- what it tells


def test_an_exception_is_told_with_its_place(way, launch):
    program = launch("def f(x):\n    return 1 / x\n\nf(0)\n")
    assert program.wait(Deadline(LONG_S)) == 1
    (failure,) = program.told.failures()
    assert str(failure) == (
        "program.py:2: ZeroDivisionError: division by zero (return 1 / x) [MainThread]"
    )
    assert program.stderr.wait_end(LONG_S)
    shown = program.stderr.data().decode()
    assert "ZeroDivisionError" in shown
    assert "launcher" not in shown
    assert "zygote" not in shown


def test_an_exception_in_a_thread_names_the_thread(way, launch):
    program = launch(
        "import threading\nthreading.Thread(target=lambda: {}['x'], name='reader').start()\n"
    )
    assert program.wait(Deadline(LONG_S)) == 0
    (failure,) = program.told.failures()
    assert (failure.thread, failure.type, failure.line) == ("reader", "KeyError", 2)


def test_an_exception_in_a_library_is_told_where_the_program_called_it(way, launch):
    program = launch("import json\n\njson.loads('{')\n")
    program.wait(Deadline(LONG_S))
    (failure,) = program.told.failures()
    assert (failure.file, failure.line, failure.text) == ("program.py", 3, "json.loads('{')")


def test_a_syntax_error_is_told_with_its_line(way, launch):
    program = launch("x = 1\nif x = 1:\n    pass\n")
    assert program.wait(Deadline(LONG_S)) == 1
    (failure,) = program.told.failures()
    assert (failure.type, failure.file, failure.line) == ("SyntaxError", "program.py", 2)
    assert failure.text == "if x = 1:"


@pytest.mark.parametrize("source", ["import sys; sys.exit(1)", "raise KeyboardInterrupt"])
def test_leaving_on_purpose_is_no_failure(way, launch, source):
    program = launch(source)
    assert program.wait(Deadline(LONG_S)) is not None
    assert program.told.failures() == []


def test_threads_and_listeners_are_told(way, launch):
    program = launch(
        """
import socket, threading
server = socket.create_server(("127.0.0.1", 0))
thread = threading.Thread(target=threading.Event().wait, daemon=True)
thread.start()
print("tid", thread.native_id, "port", server.getsockname()[1])
"""
        + FOR_EVER
    )
    told = says(program, r"tid (\d+) port (\d+)")
    assert program.told.threads_started() == [int(told[1])]
    assert program.told.listens_on() == {("127.0.0.1", int(told[2]))}


def test_lies_in_the_report_are_no_news(way, launch):
    program = launch(
        """
import glob, os
for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []:
    try:
        path = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        continue
    if path.endswith("/report"):
        words = [b"not json", b"[1]", b'{"event": "listen", "port": "x"}', b'{"event": 5}']
        words += [b'{"event": "thread", "tid": null}', b'{"event": "exception"}', b"\\xff"]
        os.write(int(name), b"\\n".join(words) + b"\\n")
print("lied")
"""
    )
    says(program, "lied")
    program.wait(Deadline(LONG_S))
    assert program.told.listens_on() == set()
    assert program.told.threads_started() == []
    assert len(program.told.failures()) <= 1


@POSIX
def test_stacks_show_where_each_thread_of_the_program_is(way, launch, eventually):
    program = launch(
        """
import threading
def waits_for_godot():
    print("ready")
    threading.Event().wait()
threading.Thread(target=waits_for_godot, daemon=True).start()
waits_for_godot()
"""
    )
    says(program, "(?s)ready.*ready")
    if quiescence.available():  # Python walks the frames of a thread that runs at its own risk
        with quiescence.Observer(program.pid, 0) as observer:
            eventually(lambda: observer.observe([]).verdict is quiescence.Verdict.QUIET)
    stacks = program.stacks()
    assert stacks is not None
    assert stacks.count("waits_for_godot") == 2
    assert re.search(r'File "program.py", line [45] in waits_for_godot', stacks)
    assert "launcher.py" not in stacks
    assert "zygote.py" not in stacks


def test_a_program_that_has_ended_has_no_stacks(way, launch):
    program = launch("pass")
    program.wait(Deadline(LONG_S))
    assert program.stacks() is None
