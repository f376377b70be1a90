"""How a submission's server is started and talked to: found out once, used by every check."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.harness.console import ASKS_FOR_NAME
from autograder.harness.dialect import CONTRACT, Dialect, Framing, Hello
from autograder.harness.history import Message
from autograder.harness.lines import plain, without_numbers
from autograder.harness.patience import COMING, PROVING
from autograder.harness.person import Person
from autograder.harness.program import Chaos
from autograder.harness.room import Room
from autograder.harness.sockets import Server, free_port
from autograder.harness.story import Story
from autograder.harness.unmet import Unmet
from autograder.transcript import Transcript

# Command lines to try in turn while the server ends before it listens. Port 0: any free one.
COMMAND_LINES: tuple[tuple[str, ...], ...] = (
    ("--host", "127.0.0.1", "--port", "0"),
    ("--port", "0"),
    (),
    ("{port}",),
    ("127.0.0.1", "{port}"),
)


@dataclass
class Habits:
    """What is known of one server program.

    Attributes:
        script: Its file.
        command_line: The arguments it starts with; `{port}` stands for a free port.
        dialect: How it wants to be talked to.
        port: Where it listened when it was first started.
        restless: It never rests; see `Backend`.
    """

    script: Path
    command_line: tuple[str, ...] = COMMAND_LINES[0]
    dialect: Dialect = CONTRACT
    port: int = 0
    restless: bool = False

    def start(
        self,
        transcript: Transcript,
        *,
        chaos: Chaos | None = None,
        timezone: str | None = None,
        port: int | None = None,
    ) -> Server:
        """Start the server once more.

        Args:
            transcript: Gets what it prints.
            chaos: What to do to its sockets.
            timezone: A POSIX TZ string for it.
            port: Where it should listen, if it can be told at all.

        Raises:
            Unmet: it did not come to listen.
        """
        spare = free_port()
        words = [word.format(port=port or spare) for word in self.command_line]
        if port and "--port" in words:
            words[words.index("--port") + 1] = str(port)
        server = Server(
            self.script,
            words,
            transcript=transcript,
            spare_port=port or spare,
            chaos=chaos,
            timezone=timezone,
        )
        server.restless = self.restless
        return server


def learn_command_line(habits: Habits, transcript: Transcript) -> Server:
    """Start the server with the first command line that makes it listen, and remember that.

    Raises:
        Unmet: none did; what is said is about the first that failed for a reason of its own.
    """
    first: Unmet | None = None
    for habits.command_line in COMMAND_LINES:
        try:
            server = habits.start(transcript)
        except Unmet as unmet:
            first = first or unmet
            if unmet.evidence:  # it runs and does not listen: other words won't help
                break
        else:
            habits.port = server.address[1]
            return server
    habits.command_line = COMMAND_LINES[0]
    assert first is not None
    raise first


def probe_dialect(server: Server, seed: int) -> Dialect:
    """Find out how a server wants to be talked to, with two clients that say little.

    The contract is tried first: a line of text reaches the other as it is. If it does not,
    and the next line does together with the first, the first was taken for a name.
    """
    room = Room(server, Story(), seed=seed, whispering=False)
    try:
        return _probe(room)
    except Unmet:
        return CONTRACT  # whatever is wrong, the checks will say it
    finally:
        room.close()


def _probe(room: Room) -> Dialect:
    anna, boris = room.enter("anna", "boris")
    greeting = boris.line.inbox.data()  # not the speaker's own: it may say what he is called
    first, spoke = anna.compose(), anna.line.inbox.size
    anna.line.send(first.data)  # no newline yet: who relays this takes a recv for a message
    room.settle(COMING)
    raw = boris.line.inbox.find(first.data) >= 0
    anna.line.send(b"\n")
    came = boris.gets(first)
    welcome = anna.line.inbox.data(spoke)
    if not came:  # a name that was not taken, perhaps; and who has none may hear nothing
        for person in (anna, boris):
            person.line.send(f"{person.name}\n".encode())
    room.settle(COMING)
    second, mark = anna.compose(), boris.line.inbox.size
    anna.line.send(second.data)
    if room.settle(COMING) == "silence":
        room.settle(PROVING)  # that it waits for the newline is held against a client
    raw = raw or boris.line.inbox.find(second.data) >= 0
    _before, glued = _heard_around(boris, second, mark)
    anna.line.send(b"\n")
    if not boris.gets(second):
        silent = replace(CONTRACT, greeting=greeting)
        return replace(silent, framing="raw", source="probed") if raw else silent
    if b"\n" not in _heard_around(boris, second, mark)[1]:
        room.settle(COMING)  # what ends the line may be sent by itself
    before, after = _heard_around(boris, second, mark)
    after = b"".join(after.partition(b"\n")[:2])
    if raw:  # who relays a recv relays the newline that was in it
        after = glued if b"\n" in glued else b"\n"
    found = replace(CONTRACT, greeting=greeting, around=(before, after), by_line=not raw)
    asked = not came and ASKS_FOR_NAME.search(greeting.decode("utf-8", "replace"))
    if asked or _was_a_name(boris.line.inbox.data(), mark, first, second):
        hello: Hello = "prompted name" if greeting.strip() else "name"
        framing: Framing = "raw" if raw else "line"
        return replace(found, hello=hello, welcome=welcome, framing=framing, source="probed")
    return replace(found, framing="raw", source="probed") if raw else found


def _heard_around(listener: Person, message: Message, mark: int) -> tuple[bytes, bytes]:
    """Return what the listener received before and after a message, from offset `mark` on."""
    before, _text, after = listener.line.inbox.data(mark).partition(message.data)
    return before, after


def _was_a_name(data: bytes, mark: int, first: Message, second: Message) -> bool:
    """Return whether a server took somebody's first line for a name, given what another heard.

    The second was said when the other had `mark` bytes.

    It did if the line, or the name said after it, came with other words around it than a message
    has: in a notice, or before what was said; in large letters, perhaps.
    """
    parts = [part.decode("utf-8", "replace").casefold() for part in (data[:mark], data[mark:])]
    usual = _around(parts[1], re.escape(second.text.casefold()))
    # In what somebody says the name has a number behind it.
    for name in (re.escape(first.text.casefold()), rf"\b{first.author.name}\b(?!-\d)"):
        found = _around(parts[0], name) or _around(parts[1], name)
        if usual and found and not _is_alike(found, usual):
            return True
    return False


def _is_alike(found: tuple[str, str], usual: tuple[str, str]) -> bool:
    """Return whether words stand around a text as they do around a message.

    A prompt may stand before it, which ends no line. Where each recv is a message, the newline
    after it may have come as another one, marked as well, or may not have come yet.
    """
    (before, after), (mark, end) = found, usual
    return before.endswith(mark) and (after == end or {after, end} <= {"", mark})


def _around(told: str, pattern: str) -> tuple[str, str] | None:
    """Return what stands before and after a text on its line, without times and numbers."""
    found = re.search(rf"(?P<before>.*?)(?:{pattern})(?P<after>.*)", told)
    if found is None:
        return None
    before, after = (without_numbers(plain(part)) for part in found.groups())
    return before, after
