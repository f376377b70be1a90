"""A client under test at the kit's own server: started, typed to, looked at."""

from __future__ import annotations

import threading
from pathlib import Path

from autograder.harness import quiescence
from autograder.harness.backend import PROOFS, State
from autograder.harness.console import ASKS_FOR_NAME, Rest, Typist
from autograder.harness.counterpart import Counterpart
from autograder.harness.deadline import Deadline
from autograder.harness.dialect import Dialect
from autograder.harness.inbox import Inbox
from autograder.harness.ports import numbers_in
from autograder.harness.program import Program
from autograder.harness.readiness import FLOOD_S, LAST_WORDS_S
from autograder.harness.sockets import STATES
from autograder.harness.syscalls import Doing
from autograder.harness.terminal import TerminalProgram
from autograder.harness.threadstate import ThreadState, waits_for_a_key, waits_for_a_socket
from autograder.harness.unmet import Evidence, Unmet
from autograder.i18n import _
from autograder.transcript import Transcript

COMMAND_LINES: tuple[tuple[str, ...], ...] = (
    ("--host", "127.0.0.1", "--port", "{port}"),
    (),
    ("127.0.0.1", "{port}"),
    ("{port}",),
)
ARRIVE_S = 2.5
LOOK_EVERY_S = 0.005
RESTS = 3  # looks in a row: one alone may fall between two steps of its start
ASK_S = 0.5  # who has not come by then may wait for a word on its keyboard
SEE_S = 3.0
CATCH_UP_S = 0.5
NAME = "vera"  # of nobody whom the kit's server lets speak
MOST_QUESTIONS = 3


class Visitor:
    """The client's process and the server it talks to; a context manager.

    Args:
        script: The client's file.
        ports: Where the client may look for its server.
        dialect: How its own server wants to be talked to.
        terminal: Whether to run it under a pseudo-terminal.

    Raises:
        Unmet: it did not connect.
    """

    def __init__(
        self,
        script: Path,
        ports: set[int],
        dialect: Dialect,
        transcript: Transcript,
        *,
        terminal: bool = False,
    ) -> None:
        self._kind = TerminalProgram if terminal else Program
        self._script, self._transcript = script, transcript
        self._dialect, self._ports = dialect, ports
        self._threads: tuple[ThreadState, ...] = ()  # when last looked at
        self.program: Program
        self.server: Counterpart
        first: Unmet | None = None
        for words in COMMAND_LINES:
            try:
                self._start(words)
                break
            except Unmet as unmet:
                self.close()
                first = first or unmet
                # It waits for something else, or prints without end: other words won't help.
                if unmet.evidence == "quiescent" or self.program.floods:
                    raise first from None
        else:
            assert first is not None
            raise first
        if dialect.hello == "none":
            self._answer_for_name()
        elif not self.server.inbox.wait(bool, ASK_S):
            self.program.type_bytes(NAME.encode() + b"\n")

    def _answer_for_name(self) -> None:
        """Type a name if the client, which has connected, asks for one before it goes on.

        It does if its words say so, or if it waits for a key and nothing in it for the server.
        """
        self.wait_for_rest(Deadline(ASK_S))
        asks = ASKS_FOR_NAME.search(self.program.stdout.last_line()) is not None
        for _question in range(MOST_QUESTIONS):
            if not asks and not self._waits_for_keys_only():
                return
            self.program.type_bytes(NAME.encode() + b"\n")
            self.wait_for_rest(Deadline(ASK_S))
            asks = False

    def _waits_for_keys_only(self) -> bool:
        """Return whether it is proved to read nothing of the server's before it is typed to."""
        if self.state() not in (State.QUIET, State.STUCK):
            return False
        hears = any(map(waits_for_a_socket, self._threads))
        return not hears and any(map(waits_for_a_key, self._threads))

    def _start(self, words: tuple[str, ...]) -> None:
        self.server = Counterpart(
            self._ports, self._dialect.greeting, self._dialect.welcome, self._transcript
        )
        self.program = self._kind(
            self._script,
            [word.format(port=self.server.port) for word in words],
            transcript=self._transcript,
            name=self._script.name,
        )
        whole, flood = Deadline(ARRIVE_S), Deadline(FLOOD_S)
        typist = Typist(self.program, [NAME] * MOST_QUESTIONS, port=self.server.port)
        rested = 0
        with Rest(self.program) as rest:
            while not self.server.wait_for_client(Deadline(LOOK_EVERY_S)):
                if self.program.exit_status is not None and not self.server.unread():
                    self.program.stderr.wait_end(LAST_WORDS_S)
                    raise self._absent(_("it ended with exit status {status}"))
                rested = rested + 1 if rest.asks() and not self.server.unread() else 0
                if rested >= (RESTS if quiescence.available() else 1):
                    rested = 0
                    if not typist.answers() and rest.proved():
                        raise self._absent(_("it waits for something else"), "quiescent")
                if whole.passed() or (flood.passed() and self.program.floods):
                    raise self._absent(_("it did not in time"), "silence")

    def _absent(self, actual: str, evidence: Evidence | None = None) -> Unmet:
        failures = self.program.told.failures()
        causes = [str(failures[-1]) if failures else self.program.last_words()]
        hint = _("Connect to --host and --port, or else to localhost and your server's port.")
        met = self.server.taken & numbers_in(self._script)
        if met:
            said = _("port {port}, which the client may have tried, was not free")
            causes += [said.format(port=port) for port in sorted(met)]
            hint = _(
                "Perhaps your client is right: end the program that uses the port, or wait a "
                "minute until the system lets it go, then check again."
            )
        return Unmet(
            _("client.py connects to the server"),
            actual.format(status=self.program.exit_status),
            cause="; ".join(filter(None, causes)),
            evidence=evidence,
            stacks=self.program.stacks(),
            hint=hint,
        )

    def state(self) -> State:
        """Return what the client does now, and whether all that it wrote has been read."""
        state = self._seen()
        # Looked at after the client was seen quiet: what it wrote has then arrived here.
        if state in PROOFS and (self.program.unread() or self.server.unread()):
            return State.BUSY
        return state

    def _seen(self) -> State:
        if self.program.exit_status is not None:
            return State.GONE
        if not quiescence.available():
            return State.UNKNOWN
        arrived = self.server.wait_for_client(Deadline(0))
        with quiescence.Observer(self.program.pid, 0) as observer:
            seen = observer.observe([self.server.connection] if arrived else [])
            self._threads = seen.threads
        return STATES[seen.verdict]

    def waits_for_the_server_only(self) -> bool:
        """Return whether it waited in recv() when last looked at, and nobody for the keyboard."""
        receives = any(thread.doing is Doing.RECV for thread in self._threads)
        return receives and not any(map(waits_for_a_key, self._threads))

    def shows(self, inbox: Inbox, needle: bytes, *, whole_line: bool = False) -> tuple[bool, State]:
        """Wait until `needle` is in `inbox`, or the client has nothing more to say.

        Args:
            inbox: Of the screen, or of the kit's server.
            needle: What must come.
            whole_line: Whether a newline must come after it.

        Returns:
            Whether it came, and what the client did when last looked at.
        """

        def came(data: bytearray) -> bool:
            place = data.find(needle)
            return place >= 0 and (not whole_line or data.find(b"\n", place) >= 0)

        deadline, pause_s = Deadline(SEE_S), 0.005
        while not inbox.wait(came, pause_s):
            state = self.state()
            if state in PROOFS:
                # Of a program that has gone, the end comes too where the system tells nothing.
                return inbox.wait(came, LAST_WORDS_S if state is State.GONE else 0), state
            if deadline.passed():
                return False, state
            threading.Event().wait(pause_s)
            pause_s = min(2 * pause_s, 0.05)
        return True, State.UNKNOWN

    def wait_for_rest(self, deadline: Deadline) -> None:
        """Wait until the client is proved to rest; where that cannot be, until the deadline."""
        tick = threading.Event()
        while self.state() not in PROOFS and not deadline.passed():
            tick.wait(LOOK_EVERY_S)

    def wait_until_it_listens(self, turn_s: float, long_turn_s: float) -> None:
        """Wait until the client waits for the next key and the next line, and for nothing else.

        A client that waits for the two in turn has to be found where it waits for a key: who
        asks it while it waits for the server learns nothing of what it does meanwhile.

        Args:
            turn_s: At most for a client of which it cannot be told what it waits for.
            long_turn_s: At most for one that waits for the server only, with a time-out.
        """
        tick, turn, long_turn = threading.Event(), Deadline(turn_s), Deadline(long_turn_s)
        while (state := self.state()) not in PROOFS and not long_turn.passed():
            if state is State.POLLING:
                if any(map(waits_for_a_key, self._threads)):
                    return
                turn = Deadline(turn_s)  # so it can be told: it moves on between two turns only
            elif turn.passed():
                return
            tick.wait(LOOK_EVERY_S)

    def catch_up(self) -> None:
        """Wait until what the client wrote so far has been read, where that can be told."""
        deadline, tick = Deadline(CATCH_UP_S), threading.Event()
        while (self.program.unread() or self.server.unread()) and not deadline.passed():
            tick.wait(0.002)

    def close(self) -> None:
        """Reap the client and stop the kit's server; idempotent."""
        self.program.close()
        self.server.close()
