"""One run of a student's script: started, watched, typed to, stopped and reaped."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from autograder.fence import force
from autograder.fence.force import Streams
from autograder.harness import calls, spawning, stacks
from autograder.harness.calls import SocketCall
from autograder.harness.deadline import Deadline
from autograder.harness.inbox import Inbox
from autograder.harness.pump import Pump
from autograder.harness.selfreport import SelfReport
from autograder.i18n import _
from autograder.transcript import Transcript

KEPT_OUTPUT = 1 << 20  # bytes of each output stream; a log flood is counted, not stored
FLOOD_BYTES = 64 << 10  # printed before anybody has come
MOST_QUOTED = 80  # characters
SURVIVOR_S = 5.0  # for the end of a pipe whose writers have all been killed


@dataclass(frozen=True)
class Chaos:
    """What the launcher does to the sockets of the program under test.

    Attributes:
        seed: Of all random choices.
        pause_s: Longest pause around each recv and send, seconds; 0 for none.
        meet_s: How long a thread whose client has left waits for another such, seconds: at the
            end of its input, and in its next send; 0 for not at all.
        most_bytes: Most bytes one recv returns; 0 for no bound.
        send_buffer: SO_SNDBUF of accepted sockets, bytes; 0 leaves the system's.
    """

    seed: int = 0
    pause_s: float = 0.0
    meet_s: float = 0.0
    most_bytes: int = 0
    send_buffer: int = 0

    def words(self) -> list[str]:
        """Return it as the launcher takes it."""
        return [str(value) for value in astuple(self)]


class Program:
    """A script running in its own process group; a context manager that leaves nothing.

    Args:
        script: The file to run; its folder is the working directory.
        arguments: What follows the script's name on the command line.
        transcript: Gets what the program prints, under `name`.
        name: How the transcript calls the program.
        chaos: What to do to its sockets.
        timezone: A POSIX TZ string for the program, or None for this machine's.

    Attributes:
        told: What it tells of itself.
        typed: What was typed on its keyboard, in order.
    """

    def __init__(
        self,
        script: Path,
        arguments: Sequence[str] = (),
        *,
        transcript: Transcript,
        name: str,
        chaos: Chaos | None = None,
        timezone: str | None = None,
    ) -> None:
        self.name = name
        self.script = script
        self.stdout = Inbox(KEPT_OUTPUT)
        self.stderr = Inbox(KEPT_OUTPUT)
        self.typed: list[bytes] = []
        self._transcript = transcript
        self._folder = Path(tempfile.mkdtemp(prefix="lab4-"))
        self._stacks, self._calls = self._folder / "stacks", self._folder / "calls"
        self._home = force.rules().lay_out(script.parent, self._folder)
        self.told = SelfReport(self._folder / "report", self._home)
        trouble = (chaos or Chaos()).words()
        streams = self._open_streams()
        try:
            self._process = spawning.spawn(
                [str(self._folder), *trouble, str(self._home / script.name), *arguments],
                streams,
                script.parent,
                self._home,
                self._environment(timezone),
            )
        finally:
            for stream in set(streams):
                os.close(stream)
        self._pumps = self._start_pumps()

    # -- what a subclass with a terminal does differently

    def _open_streams(self) -> Streams:
        """Make the program's three streams; keep our ends of them."""
        stdin, keyboard = os.pipe()
        self._screen, stdout = os.pipe()
        self._errors, stderr = os.pipe()
        self._keyboard: int | None = keyboard
        return stdin, stdout, stderr

    def _start_pumps(self) -> list[Pump]:
        return [
            self._start_pump(self._screen, self.stdout),
            self._start_pump(self._errors, self.stderr),
        ]

    def end_input(self) -> None:
        """Close the program's standard input."""
        if self._keyboard is not None:
            os.close(self._keyboard)
            self._keyboard = None

    # -- the rest is the same for pipes and terminals

    def type_bytes(self, data: bytes) -> None:
        """Type on the program's keyboard; a program that no longer reads loses it."""
        self.typed.append(data)
        self._transcript.add(self.name, "event", _("typed: ").encode() + data.rstrip(b"\n"))
        if self._keyboard is not None:
            with contextlib.suppress(OSError):
                os.write(self._keyboard, data)

    def _environment(self, timezone: str | None) -> dict[str, str]:
        environment = force.rules().environment()
        environment |= {"LANG": "C.UTF-8", "HOME": str(self._home), "TERM": "xterm"}
        if timezone:
            environment["TZ"] = timezone
        return environment

    def _start_pump(self, stream: int, inbox: Inbox) -> Pump:
        def note(data: bytes) -> None:
            self._transcript.add(self.name, "console", data)

        return Pump(stream, inbox, note, f"{self.name} output")

    def unread(self) -> bool:
        """Return whether it has printed what `stdout` or `stderr` does not have yet (Linux)."""
        return any(pump.unread() for pump in self._pumps)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """The exit status, or None while the program runs."""
        return self._process.poll()

    @property
    def floods(self) -> bool:
        """Whether it prints far more than a greeting: an endless loop."""
        return max(self.stdout.size, self.stderr.size) > FLOOD_BYTES

    def wait(self, deadline: Deadline) -> int | None:
        """Wait for the program's end; return its exit status, or None if it still runs."""
        try:
            return self._process.wait(deadline.left_s())
        except subprocess.TimeoutExpired:
            return None

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._transcript.add(self.name, "event", "SIGINT")
        spawning.interrupt(self._process)

    def terminate(self) -> None:
        """Ask it to stop, as `kill PID` does."""
        self._transcript.add(self.name, "event", "SIGTERM")
        self._process.send_signal(signal.SIGTERM)

    def calls(self) -> list[SocketCall]:
        """Return its latest calls on sockets, oldest first."""
        return calls.read(self._calls)

    def source(self, name: str) -> str | None:
        """Return the text of one of its files; None for what is not there or is no text."""
        path = self.script.parent / name
        if not path.resolve().is_relative_to(self.script.parent.resolve()):
            return None
        try:
            return path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None

    def last_words(self) -> str:
        """Return the last line that it printed to standard error, or its beginning; or ""."""
        return self.stderr.last_line()[:MOST_QUOTED]

    def stacks(self) -> str | None:
        """Return every thread's stack now, or None where the system cannot tell."""
        if not hasattr(signal, "SIGUSR1") or self.exit_status is not None:
            return None
        size = self._stacks.stat().st_size if self._stacks.exists() else -1
        if size < 0:
            return None  # the launcher has not got so far: SIGUSR1 would kill the program
        self._process.send_signal(signal.SIGUSR1)
        deadline, tick, text = Deadline(1.0), threading.Event(), ""
        while not deadline.passed():
            tick.wait(0.005)
            newer = self._stacks.read_bytes()[size:].decode("utf-8", "replace")
            if newer == text and stacks.is_complete(newer):
                break
            text = newer
        names = {call.ident: call.thread for call in self.calls()}
        return stacks.readable(text, self._home, names) or None

    def close(self) -> None:
        """Kill the program and all it has started, and wait for them; idempotent."""
        if not self._pumps:
            return
        spawning.kill_family(self._process)
        self.end_input()
        for pump in self._pumps:
            pump.thread.join(SURVIVOR_S)
            if pump.thread.is_alive():
                raise RuntimeError(
                    f"{pump.thread.name}: a survivor of {self.script.name} holds the pipe"
                )
        self._pumps = []
        shutil.rmtree(self._folder)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
