"""Programs forked from a warm interpreter, on this side of the fence (Linux)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import psutil

from autograder.fence import bubblewrap
from autograder.fence.force import PYTHON_OPTIONS, FenceError, Rules, Streams
from autograder.fence.forked import Forked, ready
from autograder.i18n import _

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ZYGOTE = "autograder/fence/zygote.py"  # below the folder of the kit
APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND
TOLD = {"report": APPEND, "stacks": APPEND, "calls": os.O_RDWR | os.O_CREAT}  # by the launcher
FAREWELL_S = 5.0  # for the zygote to end its programs; a program may have stopped it
CREDENTIALS = struct.Struct("=iII")  # struct ucred: process id, user, group
MOST_SAID = 500  # characters of what a zygote that did not start has said


class Nursery:
    """Keeps one zygote for this process, started when first needed; safe from any thread.

    Args:
        launcher: The file that runs each program: its `main` gets the words of a request.
        rules: Returns what programs are to be shut in by; a change means a new zygote.
    """

    def __init__(self, launcher: Path, rules: Callable[[], Rules]) -> None:
        self._launcher = launcher
        self._asked = rules
        self._lock = threading.Lock()  # protects all below, and the order of question and answer
        self._rules = Rules()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._said: IO[bytes] | None = None  # what the zygote, or bubblewrap, complains about
        self._own: set[int] = set()  # the programs it was asked for and that still run

    def spawn(
        self,
        words: Sequence[str],
        streams: Streams,
        stage: Path,
        home: Path,
        env: dict[str, str],
    ) -> Forked:
        """Fork one program.

        Args:
            words: The launcher's; the first is a folder for what it tells.
            streams: Standard input, output and error.
            stage: The folder of the submission, which is copied into a cell.
            home: The working directory as the program knows it, see `Rules.lay_out`.
            env: The whole environment.

        Raises:
            OSError: the zygote could not be started.
        """
        rules, folder = self._asked(), Path(words[0])
        # A fenced program gets the files in it opened, and need not know where it is.
        wanted = ["", *words[1:]] if rules.confined else list(words)
        request = json.dumps({"cwd": str(home), "env": env, "words": wanted}).encode()
        with self._lock:
            try:
                forked = self._ask(request, streams, folder, stage)
            except ConnectionError:  # the zygote was killed: a program without a fence can do that
                self._stop()
                forked = self._ask(request, streams, folder, stage)
            self._own.add(forked.pid)
        return forked

    def warm_up(self) -> None:
        """Start the zygote now, to be ready when the first program is wanted."""
        with self._lock:
            self._start()

    def strays(self) -> list[psutil.Process]:
        """Return what ended programs without a cell have left behind."""
        with self._lock:
            if self._zygote is None or self._rules.cell:
                return []
            pid = self._zygote.pid
            found = []
            for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                if int(word) not in self._own:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        found.append(psutil.Process(int(word)))
            return found

    def forget(self, forked: Forked) -> None:
        """Say that a program has ended; wait for all that is left in its cell."""
        forked.wait_for_cell()
        with self._lock:
            self._own.discard(forked.pid)

    def close(self) -> None:
        """End the zygote; idempotent."""
        with self._lock:
            self._stop()

    def _start(self) -> None:
        if self._zygote is not None and self._rules != self._asked():
            self._stop()
        if self._zygote is None:
            self._rules = self._asked()
            with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
                control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                ours.enter_context(control)
                theirs.enter_context(other)
                control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
                said = ours.enter_context(tempfile.TemporaryFile())
                command, given = self._command(other.fileno(), theirs)
                self._zygote = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    pass_fds=[other.fileno(), *given],
                    start_new_session=True,  # Ctrl-C in our terminal is not for it
                )
                self._control, self._said = control, said
                ours.pop_all()  # they are closed with the zygote

    def _command(self, control: int, pipes: contextlib.ExitStack) -> tuple[list[str], list[int]]:
        """Return the zygote's command line, and the descriptors that it names."""
        rules = self._rules
        told: dict[str, object] = {"uid": rules.uid, "cell": rules.cell} if rules.confined else {}
        if rules.landlock:
            told["hidden"] = str(ROOT)
        words = [str(control), str(self._launcher), json.dumps(told)]
        if not rules.cell:
            return [sys.executable, *PYTHON_OPTIONS, str(HERE / "zygote.py"), *words], []
        words[1] = bubblewrap.inside(self._launcher)
        given: list[int] = []
        arguments = bubblewrap.arguments(
            self._launcher, uid=rules.uid, own_network=rules.own_network
        )
        for path, content in bubblewrap.files(rules.uid).items():
            given.append(_pipe_with(content, pipes))
            arguments += ["--perms", "0644", "--ro-bind-data", str(given[-1]), path]
        arguments += bubblewrap.LAST_ARGUMENTS
        # Not on the command line, where the programs' own /proc would show them.
        given.append(_pipe_with("\0".join(arguments).encode() + b"\0", pipes))
        command = [str(bubblewrap.executable()), "--args", str(given[-1])]
        python = [str(bubblewrap.python()), *PYTHON_OPTIONS, f"{bubblewrap.KIT}/{ZYGOTE}"]
        return [*command, "--", *python, *words], given

    def _ask(self, request: bytes, streams: Streams, folder: Path, stage: Path) -> Forked:
        self._start()
        assert self._control is not None
        read, write = os.pipe()
        try:
            with contextlib.ExitStack() as opened:
                opened.callback(os.close, write)
                descriptors = [*streams, write]
                if self._rules.confined:
                    descriptors += [_open(folder / name, how, opened) for name, how in TOLD.items()]
                if self._rules.cell:
                    descriptors.append(_open(stage, os.O_RDONLY | os.O_DIRECTORY, opened))
                socket.send_fds(self._control, [request], descriptors)
            pid = self._who_isready(read)
        except ConnectionError:
            os.close(read)
            said = _("the process that starts programs has ended: {why}")
            raise ConnectionResetError(said.format(why=self._why())) from None
        except BaseException:
            os.close(read)
            raise
        return Forked(pid, read)

    def _who_isready(self, status: int) -> int:
        """Wait for the program's process, and return its id as it is known on this side."""
        assert self._control is not None
        ready([self._control.fileno(), status], None)
        if not ready([self._control.fileno()], 0):
            raise FenceError(_("a program could not be started: {why}").format(why=self._why()))
        size = socket.CMSG_SPACE(CREDENTIALS.size)
        answer, ancillary, _flags, _address = self._control.recvmsg(64, size)
        if not answer:
            raise ConnectionResetError
        (_level, _kind, credentials) = ancillary[0]
        pid: int = CREDENTIALS.unpack(credentials)[0]
        return pid

    def _why(self) -> str:
        """Return the last words of the zygote, which stand behind any traceback."""
        assert self._said is not None
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:MOST_SAID] if lines else _("it said nothing")

    def _stop(self) -> None:
        if self._zygote is not None and self._control is not None and self._said is not None:
            self._control.close()  # it kills its whole family, orphans too, and ends
            try:
                self._zygote.wait(FAREWELL_S)
            except subprocess.TimeoutExpired:
                if self._rules.cell:  # whose first process bubblewrap would leave alone
                    for first in psutil.Process(self._zygote.pid).children():
                        first.kill()
                self._zygote.kill()  # what it started itself dies with it
                self._zygote.wait()
            self._said.close()
        self._zygote = self._control = self._said = None


def _open(path: Path, flags: int, opened: contextlib.ExitStack) -> int:
    descriptor = os.open(path, flags, 0o600)
    opened.callback(os.close, descriptor)
    return descriptor


def _pipe_with(content: bytes, opened: contextlib.ExitStack) -> int:
    """Return a pipe to read `content` from, which must fit into it."""
    read, write = os.pipe()
    opened.callback(os.close, read)
    os.write(write, content)
    os.close(write)
    return read
