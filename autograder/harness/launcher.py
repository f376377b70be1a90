"""Runs inside the student's process, before the student's script: eyes, ears and trouble.

Used as `python -I -u launcher.py FOLDER CHAOS SCRIPT [ARG ...]`, CHAOS being the five numbers of
`program.Chaos`, or by `zygote.py` after a fork, which may have opened the three files below for a
program that cannot. It stands alone (standard library only, nothing of the kit is imported)
because the kit must not be within reach of the code under test, and it imports late what it
seldom needs, because every check starts a program.

What it tells, one JSON object a line in FOLDER/report:
    {"event": "starting"}                      the program starts a thread through `threading`
    {"event": "thread", "tid"}                 that thread runs
    {"event": "listen", "host", "port"}        listen() was called on a TCP socket
    {"event": "timed send"}                    SO_SNDTIMEO was set
    {"event": "exception", "thread", "type", "message", "file", "line", "text"}
FOLDER/stacks gets the stack of every thread whenever SIGUSR1 arrives (not on Windows).
FOLDER/calls is the ring of `recorder.py`.
All of it is hearsay from an untrusted process: good for explaining, never for points.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import socket
import sys
import threading
import time
import types
from importlib.machinery import SourceFileLoader
from typing import Any

RECORDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorder.py")
recorder = types.ModuleType("lab4_recorder")  # a student's own module may be called recorder
SourceFileLoader("lab4_recorder", RECORDER).exec_module(recorder)


def watch(report: str | int, stacks: str | int) -> None:
    """Report threads, listening sockets and uncaught exceptions; dump stacks on SIGUSR1."""
    own_files = (__file__, RECORDER, getattr(sys.modules["__main__"], "__file__", None))
    told = open(report, "ab", buffering=0)

    def tell(line: bytes) -> None:
        # One write of one line each: O_APPEND keeps lines of different threads apart.
        told.write(line + b"\n")

    def tell_exception(thread: str, error: type[BaseException], value: Any, trace: Any) -> None:
        import json
        import traceback

        fields = {"event": "exception", "thread": thread, "type": error.__name__}
        if isinstance(value, SyntaxError):
            place = (value.filename or "", value.lineno, (value.text or "").strip())
            message = value.msg
        else:
            frames = [f for f in traceback.extract_tb(trace) if f.filename not in own_files]
            of_student = [f for f in frames if os.path.dirname(f.filename) == sys.path[0]]
            at = (of_student or frames)[-1:]
            place = (at[0].filename, at[0].lineno, at[0].line or "") if at else ("", None, "")
            message = str(value)[:500]
        fields |= {"message": message, "file": os.path.basename(place[0])}
        tell(json.dumps(fields | {"line": place[1], "text": place[2]}).encode())

    def start(self: threading.Thread) -> None:
        # Told before: by the time anybody hears of the thread's work it has been told.
        if of_student := not started_by_asyncio():
            tell(b'{"event": "starting"}')
        real_start(self)
        if of_student:
            tell(b'{"event": "thread", "tid": %d}' % (self.native_id or 0))

    def started_by_asyncio() -> bool:
        """Return whether a thread is one that asyncio's event loop needs for itself."""
        frame = sys._getframe(2)
        while frame.f_back and frame.f_globals.get("__name__") == "concurrent.futures.thread":
            frame = frame.f_back
        return str(frame.f_globals.get("__name__")).startswith("asyncio.")

    def setsockopt(self: socket.socket, level: int, option: int, *value: Any) -> None:
        real_setsockopt(self, level, option, *value)
        if level == socket.SOL_SOCKET and option == socket.SO_SNDTIMEO:
            tell(b'{"event": "timed send"}')

    def listen(self: socket.socket, *args: Any) -> None:
        real_listen(self, *args)
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host, port = self.getsockname()[:2]
            tell(b'{"event": "listen", "host": "%s", "port": %d}' % (host.encode(), port))

    def without_ours(trace: Any) -> Any:
        """Take our frames out of a traceback: they are none of the student's."""
        while trace and trace.tb_frame.f_code.co_filename in own_files:
            trace = trace.tb_next
        at = trace
        while at and at.tb_next:
            if at.tb_next.tb_frame.f_code.co_filename in own_files:
                at.tb_next = at.tb_next.tb_next
            else:
                at = at.tb_next
        return trace

    def thread_failed(args: threading.ExceptHookArgs) -> None:
        if args.exc_type is not SystemExit:
            name = args.thread.name if args.thread else "?"
            tell_exception(name, args.exc_type, args.exc_value, args.exc_traceback)
        without_ours(args.exc_traceback)
        thread_hook(args)

    def main_failed(error: type[BaseException], value: BaseException, trace: Any) -> None:
        if not issubclass(error, KeyboardInterrupt):
            tell_exception("MainThread", error, value, trace)
        trace = without_ours(trace)
        sys.__excepthook__(error, value.with_traceback(trace), trace)

    real_start, real_listen = threading.Thread.start, socket.socket.listen
    real_setsockopt = socket.socket.setsockopt
    thread_hook = threading.excepthook
    setattr(threading.Thread, "start", start)  # noqa: B010 - mypy forbids the assignment
    setattr(socket.socket, "listen", listen)  # noqa: B010
    setattr(socket.socket, "setsockopt", setsockopt)  # noqa: B010
    threading.excepthook = thread_failed
    sys.excepthook = main_failed
    if hasattr(faulthandler, "register"):
        shown = open(stacks, "ab", buffering=0)
        faulthandler.register(signal.SIGUSR1, file=shown, all_threads=True)


class Meeting:
    """Where a thread waits for another one to come to the same place, but not for long."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # protects `_first`
        self._first: threading.Event | None = None  # of who waits

    def meet(self, within_s: float) -> None:
        """Return when a second thread has come, or after so many seconds."""
        with self._lock:
            if self._first:
                self._first.set()
                self._first = None
                return
            mine = self._first = threading.Event()
        if not mine.wait(within_s):
            with self._lock:
                if self._first is mine:
                    self._first = None


def disturb(seed: int, pause_s: float, meet_s: float, most_bytes: int, send_buffer: int) -> None:
    """Make lucky timing unlikely: seeded pauses, short reads, small send buffers.

    Two whose clients leave at once meet at the end of their input, and in what they send first
    after it: there each holds what it has locked by then. Pauses alone make that a matter of luck.
    """
    if not (pause_s or meet_s or most_bytes or send_buffer):
        return
    import random
    import weakref

    at_end, in_send, of_thread = Meeting(), Meeting(), threading.local()

    dice = random.Random(seed)
    real = {name: getattr(socket.socket, name) for name in ("recv", "recv_into", "send", "sendall")}
    real_listen = socket.socket.listen

    def pause() -> None:
        if pause_s and dice.random() < 0.5:
            time.sleep(dice.random() * pause_s)

    def has_read(sock: socket.socket, got: Any) -> Any:
        ended = getattr(of_thread, "ended", lambda: None)
        if meet_s and not got and ended() is not sock:  # who reads on has met already
            of_thread.ended, of_thread.leaving = weakref.ref(sock), True
            at_end.meet(meet_s)
        return got

    def before_send() -> None:
        if getattr(of_thread, "leaving", False):
            of_thread.leaving = False
            in_send.meet(meet_s)
        else:
            pause()

    def recv(self: socket.socket, size: int, *flags: int) -> Any:
        pause()
        return has_read(self, real["recv"](self, min(size, most_bytes or size), *flags))

    def recv_into(self: socket.socket, buffer: Any, size: int = 0, *flags: int) -> Any:
        pause()
        size = size or memoryview(buffer).nbytes
        return has_read(
            self, real["recv_into"](self, buffer, min(size, most_bytes or size), *flags)
        )

    def send(self: socket.socket, *args: Any) -> Any:
        before_send()
        return real["send"](self, *args)

    def sendall(self: socket.socket, *args: Any) -> Any:
        before_send()
        return real["sendall"](self, *args)

    def listen(self: socket.socket, *args: Any) -> None:
        # Accepted sockets inherit it: a send then blocks after some KB instead of MBs.
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        real_listen(self, *args)

    for trouble in (recv, recv_into, send, sendall):
        setattr(socket.socket, trouble.__name__, trouble)
    if send_buffer:
        setattr(socket.socket, "listen", listen)  # noqa: B010


def run(script: str, arguments: list[str]) -> None:
    """Run `script` as `__main__`, as `python SCRIPT` would."""
    sys.argv = [script, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    sys.modules["lab4_launcher"] = sys.modules["__main__"]  # else its globals are cleared
    main_module = types.ModuleType("__main__")
    main_module.__file__ = script
    main_module.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main_module
    loader = SourceFileLoader("__main__", script)
    try:
        refuse_unreadable(script, loader.get_data(script))
        # Compiled once for all checks: the loader keeps the code in __pycache__ beside the script.
        code = loader.get_code("__main__")
    except SyntaxError as error:
        raise error.with_traceback(None) from None  # the importer's frames are not the student's
    assert code is not None
    exec(code, main_module.__dict__)


def refuse_unreadable(script: str, source: bytes) -> None:
    """Raise the SyntaxError of `python SCRIPT` where compile() would raise none, or another."""
    try:
        source.decode()
    except UnicodeDecodeError as error:
        import re

        blank = rb"[ \t\f]*(#[^\r\n]*)?(\r\n|\r|\n)"
        cookie = rb"[ \t\f]*#[^\r\n]*?coding[:=][ \t]*[-\w.]"  # PEP 263: in line 1 or 2
        if not re.match(rb"\xef\xbb\xbf|(%s)?%s" % (blank, cookie), source):
            line = len((source[: error.start] + b".").splitlines())
            raise SyntaxError(
                f"Non-UTF-8 code starting with '\\x{source[error.start]:02x}' on line {line}, "
                "but no encoding declared; see https://peps.python.org/pep-0263/ for details",
                (script, line, None, None),
            ) from None
    if b"\0" in source:  # to Python before 3.12, and its first corrections, a ValueError
        line = source[: source.index(b"\0")].count(b"\n") + 1
        raise SyntaxError("source code cannot contain null bytes", (script, line, None, None))


def main(
    words: list[str],
    report: int | None = None,
    stacks: int | None = None,
    calls: int | None = None,
) -> None:
    """Put the hooks in place, and hand over to the script.

    Args:
        words: The command line.
        report, stacks, calls: Descriptors of the files, where FOLDER is out of reach.
    """
    folder, seed, pause_s, meet_s, most_bytes, send_buffer, script, *arguments = words
    # A shell that starts the grader in the background lets it, and all it starts, ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    watch(report or os.path.join(folder, "report"), stacks or os.path.join(folder, "stacks"))
    if calls is None:
        how = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        calls = os.open(os.path.join(folder, "calls"), how)
    if sys.stdout.isatty():  # as without -u: who begins a line and does not flush shows nothing
        sys.stdout.reconfigure(line_buffering=True, write_through=False)  # type: ignore[union-attr]
    recorder.record(calls, os.path.join(os.path.dirname(os.path.abspath(script)), ""))
    disturb(int(seed), float(pause_s), float(meet_s), int(most_bytes), int(send_buffer))
    run(script, arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
