"""A chat as its members live it: people enter, say things, hear them or do not, and leave.

Rules:
1. A wait for something that must come has a deadline; it ends early, with proof, when the
   server is quiet or stuck and what was waited for is not there.
2. That something does not come is believed after a causal fence and a proof of quiet, or,
   where the system has no such proof, after a silence window.
3. What a member must hear is fixed at the moment the message is said: everybody who is
   certainly in the room, except its author.
4. `audit()` accounts for the whole history: every message to every member exactly once and
   whole. Echo and order are asked for by the checks that are about them: a bug must not
   fail a check that is about something else.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from autograder.harness import diagnosis, settling
from autograder.harness.backend import Backend, State
from autograder.harness.dialect import CONTRACT, Dialect
from autograder.harness.history import Message, account
from autograder.harness.passage import Passage
from autograder.harness.patience import COMING, FENCED, GOING, PROVING, Patience
from autograder.harness.person import Person
from autograder.harness.story import Story, named
from autograder.harness.unmet import Evidence, Unmet
from autograder.i18n import _, ngettext

LETTERS = "bcdfghjkmnpqrstvwxz"
ALPHABET = LETTERS + "23456789"


class Room:
    """The members of one chat on one running server.

    Args:
        backend: The server, by sockets or by simulation.
        story: Gets the steps.
        seed: Of everything random in the messages.
        dialect: How the server wants to be talked to.
        whispering: Whether that is certain, so that members may speak for the harness's sake.
    """

    def __init__(
        self,
        backend: Backend,
        story: Story,
        *,
        seed: int,
        dialect: Dialect = CONTRACT,
        whispering: bool = True,
    ) -> None:
        self.backend = backend
        self.story = story
        self.dialect = dialect
        self.dice = random.Random(seed)
        # No digits: where nothing ends a line, the time of day may follow a message at once.
        self.nonce = "".join(self.dice.choices(LETTERS, k=5))
        self.everybody: list[Person] = []
        self.messages: list[Message] = []
        self.evidence: Evidence | None = None
        self.whispering = whispering  # until somebody did not hear a whisper

    # -- who is there

    @property
    def members(self) -> list[Person]:
        """Those who are certainly in the room now."""
        return [person for person in self.everybody if person.present]

    def enter(self, *names: str, frozen: bool = False, receive_buffer: int = 0) -> list[Person]:
        """Let people in one by one, each handshake complete before the next.

        Args:
            names: Who.
            frozen: They never read until thawed.
            receive_buffer: SO_RCVBUF of theirs in bytes; 0 leaves the system's.

        Raises:
            Unmet: the server could not be reached, or hung up at once.
        """
        came = []
        people = ", ".join(named(name) for name in names)
        self.story.step(
            ngettext("{people} enters.", "{people} enter.", len(names)).format(people=people)
        )
        for name in names:
            if self.messages or len(self.members) < len(self.everybody):
                self.calm(GOING)  # who comes while a message goes round is another check
            self.state()  # what is done for him is told from what was done before
            person = self.connect(name, frozen=frozen, receive_buffer=receive_buffer)
            if self.dialect.hello != "none":
                self.settle(COMING)
                person.line.send(f"{name}\n".encode())
            # Who comes in the midst of a whisper is another check, too.
            self.settle(FENCED if settling.unobserved(self) and not frozen else COMING)
            settling.wait_out_naps(self)
            if not frozen:
                settling.wait_until_in(self, person)
            if person.line.inbox.ended and not frozen:
                raise self.unmet(
                    _("{who} can enter the chat").format(who=person),
                    _("the server closed the connection at once"),
                    hint=_("Let everybody in who connects, and keep the connection open."),
                )
            person.present = not frozen  # who does not read cannot be expected to hear
            came.append(person)
            self._all_are_here()
            self.backend.all_came_in()
        return came

    def connect(self, name: str, *, frozen: bool = False, receive_buffer: int = 0) -> Person:
        """Connect somebody who says nothing yet, not even a name; no step of the story.

        Raises:
            Unmet: the server could not be reached.
        """
        try:
            line = self.backend.connect(name, frozen=frozen, receive_buffer=receive_buffer)
        except OSError as error:
            raise self.unmet(
                _("{who} can connect").format(who=named(name)),
                _("the connection failed: {error}").format(error=error),
            ) from error
        person = Person(self, name, line)
        self.everybody.append(person)
        return person

    def somebody_silent(self, name: str) -> Person:
        """Let somebody connect who will say nothing, not even a name."""
        self.story.step(_("{who} connects and says nothing.").format(who=named(name)))
        person = self.connect(name)
        self.settle(COMING)
        return person

    # -- what may be concluded

    def settle(self, patience: Patience = PROVING) -> Evidence:
        """Wait until the server has nothing more to say; see `settling.settle`."""
        return settling.settle(self, patience)

    def calm(self, patience: Patience = PROVING) -> Evidence:
        """Wait as `settle` does, but rather for a fence than for silence."""
        return settling.calm(self, patience)

    def wait_until_noticed(self) -> None:
        """Give the server time to notice that somebody has gone: what comes next is no race."""
        self.settle(GOING)
        self._all_are_here()

    def _all_are_here(self) -> None:
        for person in self.everybody:
            person.all_here = person.line.inbox.size

    def state(self) -> State:
        """Return what can be said of the server at this moment."""
        return self.backend.state([person.line for person in self.everybody])

    def flooded(self) -> bool:
        """Return whether the server sends somebody without end: it is not worth waiting for."""
        return any(person.line.inbox.overflows for person in self.everybody)

    def heard(self) -> int:
        """Return how many bytes all together have received."""
        return sum(person.line.inbox.size for person in self.everybody)

    def audit(self, *, echo: bool = False, order: bool = False) -> None:
        """Account for everything that was said; see the rules above.

        Args:
            echo: Whether an author's own message coming back is a fault here.
            order: Whether another order, or lines written into each other, are a fault here.

        Raises:
            Unmet: something was lost, doubled, torn, out of order, or never said.
        """
        self.evidence = self.settle() if echo else settling.hear_out(self)
        # Who relays raw pieces glues them together; that is what the checks about framing say.
        lines = order and self.dialect.framing == "line"
        fault = account(
            self.everybody, self.messages, self.nonce, echo=echo, order=order, lines=lines
        )
        if fault:
            self.story.step(_("At the end every line is accounted for."))
            raise self.unmet(
                fault.expected,
                fault.actual,
                cause=fault.cause,
                hint=fault.hint,
                missing=fault.missing,
                offending=fault.offending,
            )

    def unmet(
        self,
        expected: str,
        actual: str,
        *,
        cause: str = "",
        hint: str = "",
        state: State | None = None,
        stacks: str | None = None,
        missing: Passage | None = None,
        offending: Passage | None = None,
    ) -> Unmet:
        """Return the failure, with what is known of the server: exceptions, end, stacks, calls.

        Args:
            stacks: Where its threads were, if they were asked already.
            missing: What did not come.
            offending: What should not have come.
        """
        if offending:
            self.settle(GOING)  # a call is noted when it returns: what it sent may be here before
        found = diagnosis.of(self.backend, self.everybody, state, missing, offending)
        return Unmet(
            expected,
            actual,
            cause=cause or found.cause,
            hint=hint,
            evidence=diagnosis.evidence(state),
            stacks=stacks or found.stacks,
            trail=found.trail,
            missing=missing,
            offending=offending,
        )

    def close(self) -> None:
        """Cut everybody's connection; idempotent.

        By a reset, and after the server is gone (see `Chat.close`): the side that closes
        first would keep the port in TIME_WAIT, and a server without SO_REUSEADDR could not
        be started again for a minute. A reset takes that state away.
        """
        for person in self.everybody:
            person.line.reset()


def hear_each_other(people: Sequence[Person], rounds: int) -> None:
    """Let each of `people` speak in turn, and wait each time until all the others heard it.

    Raises:
        Unmet: somebody did not.
    """
    for _round in range(rounds):
        for author in people:
            message = author.says(_("{who} says “{text}”: all the others must hear it."))
            for listener in people:
                if listener is not author:
                    listener.hears_all([message])
