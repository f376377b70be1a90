"""What a check of the client gets: the client at the kit's own server, and its story."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.grading import happenings, instead
from autograder.grading.chat import STDERR_TAIL
from autograder.harness import diagnosis
from autograder.harness.backend import PROOFS, State
from autograder.harness.deadline import Deadline
from autograder.harness.habits import Habits
from autograder.harness.passage import SCREEN, Passage
from autograder.harness.ports import ports_in_common
from autograder.harness.room import ALPHABET
from autograder.harness.story import Story
from autograder.harness.unmet import Evidence, Unmet
from autograder.harness.visitor import Visitor
from autograder.i18n import _
from autograder.transcript import Transcript

CONTRACT_PORT = 14900
LISTEN_S = 2.0  # longer than the time-outs that a loop around recv() usually has
LONG_TURN_S = 6.0  # for the other ones, where the system tells what a client waits for
STATUS_S = 1.0  # for the exit status of a client that has been seen to end
MOST_BETWEEN = 100  # bytes between a name and what is said


class ClientBench:
    """Starts the client under test and tells its story.

    Args:
        script: The client's file.
        server: What is known of the server of the same work: its port, its dialect.
        seed: Of everything random in the check.
        tell: Called with each step of the story before it is done.
    """

    def __init__(
        self,
        script: Path,
        server: Habits,
        seed: int,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.story = Story(tell)
        self.transcript = Transcript()
        self.evidence: Evidence | None = None
        self.script, self._server = script, server
        self._dice = random.Random(seed)
        self._visitor: Visitor | None = None
        self._said: tuple[str, ...] = ()  # by the kit's server, in its latest piece
        self._before = (0, 0)  # bytes on the screen and at the server at the last event

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
        ports = {self._server.port} - {0} | {CONTRACT_PORT}
        ports |= ports_in_common(self.script, self._server.script)
        self._visitor = Visitor(
            self.script, ports, self._server.dialect, self.transcript, terminal=terminal
        )
        for answer in self._visitor.program.typed:
            step = _("It asks something: the user types “{text}” and Enter.")
            self.story.step(step.format(text=answer.decode().rstrip("\n")))

    @property
    def visitor(self) -> Visitor:
        """The client that was started."""
        assert self._visitor is not None
        return self._visitor

    def nonce(self) -> str:
        """Return a word that nothing else contains."""
        return "".join(self._dice.choices(ALPHABET, k=8))

    def server_says(self, *texts: str) -> None:
        """Let the kit's server send lines in one piece, as the server of the same work does."""
        alone, together = _("The server sends “{text}”."), _("The server sends at once: {text}.")
        self.story.step((together if len(texts) > 1 else alone).format(text=" / ".join(texts)))
        self._mark()
        before, after = self._server.dialect.around
        self._said = texts
        self.visitor.server.say_bytes(b"".join([before + t.encode() + after for t in texts]))

    def types(self, text: str) -> None:
        """Type on the client's keyboard; a line ends with a newline in `text`."""
        step = (
            _("The user types “{text}” and Enter.")
            if text.endswith("\n")
            else _("The user types “{text}”, not yet Enter.")
        )
        self.story.step(step.format(text=text.rstrip("\n")))
        self._mark()
        self.visitor.program.type_bytes(text.encode())

    def listens(self) -> None:
        """Wait until the client waits for the next key and the next line; see `Visitor`."""
        self.visitor.wait_until_it_listens(LISTEN_S, LONG_TURN_S)

    def _mark(self) -> None:
        """Remember what has come before an event: what comes from now on may be the answer."""
        self.visitor.catch_up()
        self._before = self.visitor.program.stdout.size, self.visitor.server.inbox.size

    def screen_shows(self, text: str) -> None:
        """Wait until the client has printed `text`.

        Raises:
            Unmet: it did not.
        """
        self.story.step(_("The screen must show “{text}”.").format(text=text))
        screen = self.visitor.program.stdout
        seen, state = self.visitor.shows(screen, text.encode())
        if seen:
            return
        actual, came = instead.did_not(state), instead.shown(screen, self._before[0])
        if came:
            said = _("{actual}; instead the screen shows “{text}”")
            actual = said.format(actual=actual, text=came)
        expected = _("client.py prints “{text}”").format(text=text)
        missing = Passage(self.visitor.server.name, SCREEN, text)
        hint, cause = instead.how_to_show(text, came), ""
        if text in self._said[1:]:  # the one before it was shown
            hint = _("One recv() may bring several lines: print every one of them.")
        if state is not State.GONE and not self._server.dialect.ends_lines:
            own = self._server.script.name
            cause = _("{server} sends no newline after a message, nor was one sent here").format(
                server=own
            )
            hint = hint or _(
                "End each line with a newline in {server}: a client that reads lines waits for it."
            ).format(server=own)
        raise self._unmet(expected, actual, state, hint, cause=cause, missing=missing)

    def may_send(self, text: str) -> None:
        """Wait for `text` at the kit's server, or until it is known that it does not come."""
        step = _("The server may receive “{text}”, or client.py takes it for an answer.")
        self.story.step(step.format(text=text))
        self._server_receives(text)

    def _server_receives(self, text: str, *, whole_line: bool = False) -> bool:
        """Wait for `text` at the kit's server; return whether it came."""
        inbox = self.visitor.server.inbox
        seen, self._last = self.visitor.shows(inbox, text.encode(), whole_line=whole_line)
        return seen

    def must_receive(self, text: str) -> None:
        """Wait for `text` at the kit's server; for all of its line, if the own server does.

        Raises:
            Unmet: it did not come.
        """
        self.story.step(_("The server must receive “{text}”.").format(text=text))
        by_line = self._server.dialect.by_line
        if self._server_receives(text, whole_line=by_line):
            return
        inbox, cause, hint, missing = self.visitor.server.inbox, "", "", True
        expected, actual = _("the server receives “{text}”"), instead.did_not(self._last)
        came = instead.shown(inbox, self._before[1])
        if inbox.find(text.encode()) >= 0:
            expected = _("the server receives “{text}” and a newline after it")
            actual = _("the text came, but no newline after it")
            cause = _("{server} waits for whole lines: it would tell nobody what was typed").format(
                server=self._server.script.name
            )
            hint = _("Send a newline after each line: input() takes off the one that was typed.")
            missing = False
        elif came:
            said = _("{actual}; instead the server received “{text}”")
            actual = said.format(actual=actual, text=came)
        elif self._last in PROOFS and self.visitor.waits_for_the_server_only():
            cause = _("nothing reads what is typed: the client waits in recv() for the server")
            hint = _("Read the keyboard in a loop, and receive in another thread: neither waits.")
        line = Passage(self.script.name, self.visitor.server.name, text)
        raise self._unmet(
            expected.format(text=text),
            actual,
            self._last,
            hint,
            cause=cause,
            missing=line if missing else None,
            offending=None if missing else line,
        )

    def must_have_received_once(self, texts: Sequence[str]) -> None:
        """Look back: what was typed before the last line, which has come, was sent once at most.

        Raises:
            Unmet: something came twice.
        """
        came = self.visitor.server.inbox.data()
        first, *others = (text.encode() for text in texts)
        named = re.compile(b"%b(?=.{,%d}?(?:%b))" % (first, MOST_BETWEEN, b"|".join(others)))
        came = named.sub(b"", came)  # it was taken for a name, and stands before what is said
        for text in texts[:-1]:
            if (count := came.count(text.encode())) > 1:
                raise Unmet(
                    _("the server receives “{text}” once").format(text=text),
                    _("it came {count} times").format(count=count),
                    cause=_("something sends what was sent already"),
                    hint=_("Send each line in one place only, when it was typed."),
                    offending=Passage(self.script.name, self.visitor.server.name, text),
                )

    def must_have_shown_once(self, texts: Sequence[str]) -> None:
        """Look back: what the server said before the last line, which is shown, stands there once.

        Raises:
            Unmet: a line stands there twice.
        """
        for text in texts[:-1]:
            if (count := instead.times_shown(self.visitor.program.stdout, text)) > 1:
                raise Unmet(
                    _("client.py prints “{text}” once").format(text=text),
                    _("it stands on the screen {count} times").format(count=count),
                    cause=_("something prints what was printed already"),
                    hint=_("Print each line in one place only, when it has come."),
                    offending=Passage(self.visitor.server.name, SCREEN, text),
                )

    def _unmet(
        self,
        expected: str,
        actual: str,
        state: State,
        hint: str = "",
        *,
        cause: str = "",
        missing: Passage | None = None,
        offending: Passage | None = None,
    ) -> Unmet:
        program = self.visitor.program
        if failures := program.told.failures():
            cause = _("a thread of the client ended: {failure}").format(failure=failures[-1])
        elif state is State.GONE and not cause:
            # Seen to end by a look at its threads, perhaps: the status comes a moment later.
            status = program.wait(Deadline(STATUS_S))
            if status is not None:
                cause = _("the client has ended with exit status {status}").format(status=status)
                cause = ": ".join(filter(None, (cause, program.last_words())))
        return Unmet(
            expected,
            actual,
            cause=cause,
            hint=hint,
            evidence=diagnosis.evidence(state),
            stacks=program.stacks(),
            missing=missing,
            offending=offending,
        )

    def happenings(self, about: str = "") -> list[dict[str, object]]:
        """Return the latest of what happened, and what happened to a line; see `happenings.of`."""
        programs = {self._visitor.program: dict[int, str]()} if self._visitor else {}
        return happenings.of(self.transcript, programs, about)

    def stderr_tail(self) -> str:
        """Return the end of what the client printed to standard error."""
        if self._visitor is None:
            return ""
        return self._visitor.program.stderr.data()[-STDERR_TAIL:].decode("utf-8", "replace")

    def close(self) -> None:
        """Reap the client; idempotent."""
        if self._visitor is not None:
            self._visitor.close()
