"""Runs inside the student's process, before the student's script: eyes, ears and trouble.

Used as `python -I -u launcher.py FOLDER SEED PAUSE_S MOST_BYTES SEND_BUFFER SCRIPT [ARG ...]`
(see `program.Chaos`). It stands alone (standard library only, nothing of the kit is
imported) because the kit must not be within reach of the code under test, and it imports
late what it seldom needs, because every check starts a program.

What it tells, one JSON object a line in FOLDER/report:
    {"event": "thread", "tid"}                 a thread started through `threading`
    {"event": "exception", "thread", "type", "message", "file", "line", "text"}
FOLDER/stacks gets the stack of every thread whenever SIGUSR1 arrives (not on Windows).
All of it is hearsay from an untrusted process: good for explaining, never for points.
"""

import faulthandler
import os
import signal
import socket
import sys
import threading
import time
import types


def watch(folder):
    """Report started threads and uncaught exceptions; dump all stacks on SIGUSR1."""
    here = __file__  # globals of this module are gone when the interpreter shuts down
    # One write of one line each: O_APPEND keeps lines of different threads apart.
    path = os.path.join(folder, "report")
    report = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def tell_failure(**fields):
        import json

        os.write(report, json.dumps({"event": "exception", **fields}).encode() + b"\n")

    def tell_exception(thread, exception_type, exception, trace):
        import traceback

        frames = [f for f in traceback.extract_tb(trace) if f.filename != here]
        last = frames[-1] if frames else None
        own = [f for f in frames if os.path.dirname(f.filename) == sys.path[0]]
        at = own[-1] if own else last
        tell_failure(
            thread=thread,
            type=exception_type.__name__,
            message=str(exception)[:500],
            file=os.path.basename(at.filename) if at else None,
            line=at.lineno if at else None,
            text=at.line if at else None,
        )

    start = threading.Thread.start

    def start_and_tell(self):
        start(self)
        os.write(report, b'{"event": "thread", "tid": %d}\n' % self.native_id)

    threading.Thread.start = start_and_tell

    thread_hook = threading.excepthook

    def thread_failed(args):
        if args.exc_type is not SystemExit:
            name = args.thread.name if args.thread else "?"
            tell_exception(name, args.exc_type, args.exc_value, args.exc_traceback)
        thread_hook(args)

    threading.excepthook = thread_failed

    def main_failed(exception_type, exception, trace):
        if isinstance(exception, SyntaxError):
            tell_failure(
                thread="MainThread",
                type=exception_type.__name__,
                message=exception.msg,
                file=os.path.basename(exception.filename or ""),
                line=exception.lineno,
                text=(exception.text or "").strip(),
            )
        elif not issubclass(exception_type, KeyboardInterrupt):
            tell_exception("MainThread", exception_type, exception, trace)
        while trace and trace.tb_frame.f_code.co_filename == here:
            trace = trace.tb_next  # the student's traceback begins in the student's file
        sys.__excepthook__(exception_type, exception, trace)

    sys.excepthook = main_failed

    if hasattr(faulthandler, "register"):
        stacks = open(os.path.join(folder, "stacks"), "ab", buffering=0)  # noqa: SIM115 - open as long as we live
        faulthandler.register(signal.SIGUSR1, file=stacks, all_threads=True)


def disturb(seed, pause_s, most_bytes, send_buffer):
    """Make lucky timing unlikely: seeded pauses, short reads, small send buffers."""
    if not (pause_s or most_bytes or send_buffer):
        return
    import random

    dice = random.Random(seed)
    names = ("recv", "recv_into", "send", "sendall", "listen")
    real = {name: getattr(socket.socket, name) for name in names}

    def pause():
        if pause_s and dice.random() < 0.5:
            time.sleep(dice.random() * pause_s)

    def recv(self, size, *flags):
        pause()
        return real["recv"](self, min(size, most_bytes or size), *flags)

    def recv_into(self, buffer, size=0, *flags):
        pause()
        size = size or memoryview(buffer).nbytes
        return real["recv_into"](self, buffer, min(size, most_bytes or size), *flags)

    def send(self, *args):
        pause()
        return real["send"](self, *args)

    def sendall(self, *args):
        pause()
        return real["sendall"](self, *args)

    def listen(self, *args):
        # Accepted sockets inherit it: a send then blocks after some KB instead of MBs.
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        return real["listen"](self, *args)

    if pause_s or most_bytes:
        socket.socket.recv, socket.socket.recv_into = recv, recv_into
    if pause_s:
        socket.socket.send, socket.socket.sendall = send, sendall
    if send_buffer:
        socket.socket.listen = listen


def run(script, arguments):
    """Run `script` as `__main__`, as `python SCRIPT` would."""
    sys.argv = [script, *arguments]
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    main_module = types.ModuleType("__main__")
    main_module.__file__ = script
    main_module.__builtins__ = __builtins__
    sys.modules["__main__"] = main_module
    with open(script, "rb") as file:
        source = file.read()
    exec(compile(source, script, "exec"), main_module.__dict__)


def main():
    """Put the hooks in place, and hand over to the script."""
    folder, seed, pause_s, most_bytes, send_buffer, script, *arguments = sys.argv[1:]
    watch(folder)
    disturb(int(seed), float(pause_s), int(most_bytes), int(send_buffer))
    run(script, arguments)


if __name__ == "__main__":
    main()
