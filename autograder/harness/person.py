"""One member of a chat: says, hears, leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.harness import settling
from autograder.harness.backend import PROOFS, Line, State
from autograder.harness.deadline import Deadline
from autograder.harness.history import Message
from autograder.harness.lines import is_changed
from autograder.harness.patience import FENCED, GOING, PROVING
from autograder.harness.story import named
from autograder.harness.unmet import Unmet
from autograder.i18n import _, ngettext

if TYPE_CHECKING:
    from autograder.harness.room import Room

HEAR_S = 3.0
MOST_HEAR_S = 12.0  # for several messages that keep coming
GOODBYE_S = 0.5  # for the server to hang up after we said that nothing more comes
MOST_BETWEEN_LOOKS_S = 0.02


class Person:
    """Made by `Room.enter`; `str()` of it is how the story calls it."""

    def __init__(self, room: Room, name: str, line: Line) -> None:
        self.room = room
        self.name = name
        self.line = line
        self.present = False  # certainly in the room
        self._said = 0
        self._last_state = State.UNKNOWN  # when something was last missing
        self._mark = 0  # bytes that had come when somebody last spoke
        self.all_here = 0  # bytes that had come when somebody last came or left
        self.talk = (0, 0)  # from where to where, in bytes, all just talked before the last mark

    def __str__(self) -> str:
        return named(self.name)

    def compose(self, text: str = "{}", *, aside: bool = False) -> Message:
        """Make the next message without sending it.

        Args:
            text: What to say; `{}` in it becomes the message's unique token.
            aside: Nobody has to hear it.
        """
        self._said += 1
        token = f"{self.name}-{self._said}-{self.room.nonce}"
        others = frozenset(p for p in self.room.members if p is not self and not aside)
        message = Message(self, self._said, token, text.format(token), others)
        self.room.messages.append(message)
        if not aside:
            for person in self.room.everybody:
                person._mark = person.line.inbox.size
        return message

    def says(self, step: str = "", *, text: str = "{}") -> Message:
        """Send one line; returns at once.

        Args:
            step: How the story tells it, with `{who}` and `{text}`.
            text: What to say; `{}` in it becomes the message's unique token.
        """
        message = self.compose(text)
        step = step or _("{who} says “{text}”.")
        self.room.story.step(step.format(who=self, text=message))
        self.line.send(message.data + b"\n")
        return message

    def whispers(self) -> Message:
        """Send one line for the harness's own proof: no step of the story."""
        message = self.compose(aside=True)
        self.line.send(message.data + b"\n")
        return message

    def begins(self) -> Message:
        """Send the first half of a line, and see the server take it in."""
        message = self.compose()
        half = len(message.data) // 2
        step = _("{who} sends the beginning of a line: “{text}”.")
        self.room.story.step(step.format(who=self, text=message.data[:half].decode()))
        self.line.send(message.data[:half])
        self.room.settle(GOING)
        return message

    def ends(self, message: Message) -> None:
        """Send the second half of a line that was begun."""
        half = len(message.data) // 2
        step = _("{who} sends the rest of it: “{text}”.")
        self.room.story.step(step.format(who=self, text=message.data[half:].decode()))
        self.line.send(message.data[half:] + b"\n")

    def says_at_once(self, count: int) -> list[Message]:
        """Send several lines in one piece."""
        messages = [self.compose() for _number in range(count)]
        self.room.story.step(
            ngettext(
                "{who} sends {count} line in one piece.",
                "{who} sends {count} lines in one piece.",
                count,
            ).format(who=self, count=count)
        )
        self.line.send(b"".join(message.data + b"\n" for message in messages))
        return messages

    def gets(self, message: Message) -> bool:
        """Wait for a message as long as it can still come; return whether it came."""
        return not self.lacks([message])

    def hears(self, message: Message) -> None:
        """Wait for a message.

        Raises:
            Unmet: it did not come: proved where the server is quiet or stuck, else timed out.
        """
        step = _("{who} must hear “{text}” of {author}.")
        self.room.story.step(step.format(who=self, text=message, author=message.author))
        if self.lacks([message]):
            raise self.deaf_to(message)

    def hears_all(self, messages: Sequence[Message]) -> None:
        """Wait for several messages, told as part of the step before.

        Raises:
            Unmet: one did not come.
        """
        missing = self.lacks(messages)
        if missing:
            raise self.deaf_to(missing[0])

    def lacks(self, messages: Sequence[Message], within_s: float = HEAR_S) -> list[Message]:
        """Wait for messages as long as they can still come; return those that did not."""
        missing = list(messages)
        searched = 0

        def arrived(data: bytearray) -> bool:
            nonlocal searched
            if missing and data.find(missing[0].data, searched) < 0:
                return False  # nor need the others be looked for yet: this is called often
            missing[:] = [m for m in missing if data.find(m.data, searched) < 0]
            # Next time look only at what is new, and at what may be a beginning.
            searched = max(0, len(data) - max((len(m.data) for m in missing), default=0))
            return not missing

        deadline, pause_s, still = Deadline(within_s), 0.003, len(missing)
        whole = Deadline(MOST_HEAR_S)
        while not self.line.inbox.wait(arrived, min(pause_s, deadline.left_s())):
            if len(missing) < still and not whole.passed():  # slow is not silent
                deadline, still = Deadline(within_s), len(missing)
            self._last_state = self.room.state()
            over = self._last_state in PROOFS or self.line.inbox.ended or deadline.passed()
            over = over or self.room.flooded()
            # What came while we looked counts: look again before the verdict.
            if over and not self.line.inbox.wait(arrived, 0):
                break
            pause_s = min(pause_s * 2, MOST_BETWEEN_LOOKS_S)
        return missing

    def deaf_to(self, message: Message) -> Unmet:
        """Return the failure to hear `message`, with what came instead since somebody spoke."""
        state = self._last_state
        came = self.line.inbox.data(self._mark)
        instead, right = came.decode("utf-8", "replace").strip(), message.beginning_in(came)
        hint = ""
        if self.line.inbox.ended:
            actual = _("the server closed the connection of {who}").format(who=self)
        elif right > len(str(message).encode()):  # what differs lies beyond what is quoted
            after = came.partition(message.data[:right])[2].decode("utf-8", "replace")
            actual = _("of {size} bytes the first {right} came; after them came “{text}”").format(
                size=len(message.data), right=right, text=after.strip()[:40]
            )
        elif instead:
            actual = _("instead came “{text}”").format(text=instead[:80])
            if message.text == message.token and is_changed(message.token, came):
                hint = _("Pass on what was said as it came, and change nothing in it.")
        elif state is State.QUIET:
            actual = _("nothing came, and all threads of the server wait: nothing more will come")
        elif state is State.STUCK:
            actual = _("nothing came, and the server is stuck")
        else:
            seconds = Deadline(HEAR_S).timeout_s
            actual = _("nothing came in {seconds:.0f} seconds").format(seconds=seconds)
        expected = _("{who} receives “{text}”").format(who=self, text=message)
        return self.room.unmet(expected, actual, hint=hint, state=state, missing=message.to(self))

    def does_not_hear(self, message: Message) -> None:
        """Make sure that a message did not come and will not.

        Raises:
            Unmet: it came.
        """
        self.room.story.step(_("{who} must not hear “{text}”.").format(who=self, text=message))
        fenced = settling.pass_fence(self.room, self)
        evidence = self.room.settle(FENCED if fenced else PROVING)
        # A timer could still bring it; if only one that cannot be seen, the audit at the end waits.
        if fenced and evidence == "silence" and not settling.fence_is_enough(self.room):
            evidence = self.room.settle(PROVING)
        self.room.evidence = "fence" if fenced and evidence == "silence" else evidence
        if self.line.inbox.find(message.data) >= 0:
            raise self.room.unmet(
                _("{who} does not receive “{text}”").format(who=self, text=message),
                _("it came"),
                offending=message.to(self),
            )

    def leaves(self) -> None:
        """Go as a program that ends normally, when the server rests.

        Who goes while it still walks through its clients is another check.
        """
        self.room.calm(GOING)
        self.room.story.step(_("{who} leaves.").format(who=self))
        self.present = False
        self.line.close()
        self.room.wait_until_noticed()

    def says_last_words(self) -> Message:
        """Send a line and the end of the connection in one go, as `echo bye | nc` does."""
        message = self.compose()
        step = _("{who} says “{text}” and leaves in the same moment.")
        self.room.story.step(step.format(who=self, text=message))
        self.line.send_last(message.data + b"\n")
        self._wait_for_the_end()
        self.room.wait_until_noticed()
        return message

    def says_goodbye(self) -> None:
        """Leave politely: FIN first, go on reading until the server hangs up.

        A client that closes while lines are on their way to it would reset the connection, and
        that is another check.
        """
        self.line.half_close()
        self._wait_for_the_end()

    def _wait_for_the_end(self) -> None:
        self.present = False
        self.line.inbox.wait_end(Deadline(GOODBYE_S).left_s())
        self.line.close()

    def crashes(self) -> None:
        """Go without goodbye, when the server rests: the connection is reset."""
        self.room.calm(GOING)
        self.room.story.step(_("{who}'s connection is reset.").format(who=self))
        self.present = False
        self.line.reset()
        self.room.wait_until_noticed()

    def mark(self) -> int:
        """Return a mark: how many bytes have come, once nothing more is on its way."""
        self.room.settle(GOING)
        self.talk = (self.all_here, self.line.inbox.size)
        return self.talk[1]
