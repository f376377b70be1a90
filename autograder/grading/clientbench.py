"""What a check of the client gets: the client at the kit's own server, and its story."""

from __future__ import annotations

import random
from pathlib import Path

from autograder.grading.chat import STDERR_TAIL
from autograder.harness.backend import State
from autograder.harness.habits import Habits
from autograder.harness.room import ALPHABET
from autograder.harness.story import Story
from autograder.harness.unmet import Evidence, Unmet
from autograder.harness.visitor import Visitor
from autograder.i18n import _
from autograder.transcript import Transcript


class ClientBench:
    """Starts the client under test and tells its story.

    Args:
        script: The client's file.
        server: What is known of the server of the same work: its port, its dialect.
        seed: Of everything random in the check.
    """

    def __init__(self, script: Path, server: Habits, seed: int) -> None:
        self.story = Story()
        self.transcript = Transcript()
        self.evidence: Evidence | None = None
        self._script, self._server = script, server
        self._dice = random.Random(seed)
        self._visitor: Visitor | None = None

    def start(self, *, terminal: bool = False) -> None:
        """Start the client and wait until it has connected.

        Args:
            terminal: Under a pseudo-terminal instead of pipes.

        Raises:
            Unmet: it did not connect.
        """
        self.story.step(
            _("client.py is started in a terminal.")
            if terminal
            else _("client.py is started, with pipes for keyboard and screen.")
        )
        ports = {self._server.port} - {0} | {14900}
        self._visitor = Visitor(
            self._script, ports, self._server.dialect, self.transcript, terminal=terminal
        )

    @property
    def visitor(self) -> Visitor:
        """The client that was started."""
        assert self._visitor is not None
        return self._visitor

    def nonce(self) -> str:
        """Return a word that nothing else contains."""
        return "".join(self._dice.choices(ALPHABET, k=8))

    def server_says(self, text: str) -> None:
        """Let the kit's server send one line."""
        self.story.step(_("The server sends “{text}”.").format(text=text))
        self.visitor.server.say_bytes(text.encode() + b"\n")

    def types(self, text: str) -> None:
        """Type on the client's keyboard; a line ends with a newline in `text`."""
        step = (
            _("The user types “{text}” and Enter.")
            if text.endswith("\n")
            else _("The user types “{text}”, not yet Enter.")
        )
        self.story.step(step.format(text=text.rstrip("\n")))
        self.visitor.program.type_bytes(text.encode())

    def screen_shows(self, text: str) -> None:
        """Wait until the client has printed `text`.

        Raises:
            Unmet: it did not.
        """
        self.story.step(_("The screen must show “{text}”.").format(text=text))
        seen, state = self.visitor.shows(self.visitor.program.stdout, text.encode())
        if not seen:
            raise self._unmet(_("client.py prints “{text}”").format(text=text), state)

    def server_receives(self, text: str) -> bool:
        """Wait for `text` at the kit's server; return whether it came."""
        self.story.step(_("The server must receive “{text}”.").format(text=text))
        seen, self._last = self.visitor.shows(self.visitor.server.inbox, text.encode())
        return seen

    def must_receive(self, text: str) -> None:
        """Wait for `text` at the kit's server.

        Raises:
            Unmet: it did not come.
        """
        if not self.server_receives(text):
            raise self._unmet(_("the server receives “{text}”").format(text=text), self._last)

    def _unmet(self, expected: str, state: State) -> Unmet:
        failures = self.visitor.program.failures()
        cause = ""
        if failures:
            cause = _("a thread of the client ended: {failure}").format(failure=failures[-1])
        elif state is State.GONE:
            status = self.visitor.program.exit_status
            cause = _("the client has ended with exit status {status}").format(status=status)
        proved = state in (State.QUIET, State.STUCK, State.GONE)
        return Unmet(
            expected,
            _("it did not, and the client waits: it never will")
            if proved
            else _("it did not in time"),
            cause=cause,
            evidence="quiescent" if proved else "silence",
            stacks=self.visitor.program.stacks(),
        )

    def stderr_tail(self) -> str:
        """Return the end of what the client printed to standard error."""
        if self._visitor is None:
            return ""
        return self._visitor.program.stderr.data()[-STDERR_TAIL:].decode("utf-8", "replace")

    def close(self) -> None:
        """Reap the client; idempotent."""
        if self._visitor is not None:
            self._visitor.close()
