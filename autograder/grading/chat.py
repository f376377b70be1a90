"""What a check of the server gets: rooms on fresh servers, one transcript, one story."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from autograder.grading import happenings
from autograder.harness.habits import Habits, learn_command_line, probe_dialect
from autograder.harness.program import Chaos
from autograder.harness.room import Room
from autograder.harness.sockets import Server
from autograder.harness.story import Story
from autograder.harness.unmet import Evidence, Unmet
from autograder.i18n import _
from autograder.transcript import Transcript

STDERR_TAIL = 2_000  # bytes


class Chat:
    """Opens servers and rooms for one check, accounts for them, and closes them all.

    Args:
        habits: How the server under test is started and talked to.
        seed: Of everything random in the check.
        tell: Called with each step of the story before it is done.
    """

    def __init__(
        self, habits: Habits, seed: int, tell: Callable[[str], None] | None = None
    ) -> None:
        self.habits = habits
        self.script = habits.script
        self.seed = seed
        self.story = Story(tell)
        self.transcript = Transcript()
        self.servers: list[Server] = []
        self.rooms: list[Room] = []

    def start(
        self, *, chaos: Chaos | None = None, timezone: str | None = None, port: int | None = None
    ) -> Server:
        """Start the server; see `Habits.start`.

        Raises:
            Unmet: it did not come to listen.
        """
        told = _("{script} is started.")
        if chaos and chaos.pause_s:
            told = _("{script} is started; its threads pause at random at recv() and send().")
        if chaos and chaos.most_bytes:
            told = _("{script} is started; each of its recv() brings one byte only, as TCP may.")
        if timezone:
            told = _("{script} is started with the clock of another time zone.")
        self.story.step(told.format(script=self.habits.script.name))
        try:
            server = self.habits.start(self.transcript, chaos=chaos, timezone=timezone, port=port)
        except Unmet as unmet:
            if port:  # that the port is taken is what the check is about: its own hint is right
                unmet.hint = ""
            raise
        self.servers.append(server)
        return server

    def first_start(self) -> Server:
        """Start the server for the first time: find out how, and how it wants to be talked to.

        Raises:
            Unmet: it did not come to listen.
        """
        with learn_command_line(self.habits, Transcript()) as server:
            self.habits.dialect = probe_dialect(server, self.seed)
            self.habits.restless = server.restless
        return self.start()

    def room(self, server: Server | None = None) -> Room:
        """Open a room on a server, by default on a fresh one.

        Raises:
            Unmet: the fresh server did not come to listen.
        """
        room = Room(
            server or self.start(),
            self.story,
            seed=self.seed + len(self.rooms),
            dialect=self.habits.dialect,
        )
        self.rooms.append(room)
        return room

    def audit(self, *, echo: bool = False, order: bool = False) -> None:
        """Account for every line of every room; see `Room.audit`."""
        for room in self.rooms:
            room.audit(echo=echo, order=order)

    def finish(self, *, order: bool = False) -> None:
        """Account for what was said so far and let all go, to begin again on a fresh server.

        Args:
            order: See `Room.audit`.

        Raises:
            Unmet: something is not accounted for.
        """
        self.audit(order=order)
        self.close()
        self.rooms.clear()

    @property
    def evidence(self) -> Evidence | None:
        """The weakest of what the rooms' conclusions rest on."""
        seen = [room.evidence for room in self.rooms]
        order: tuple[Evidence, ...] = ("silence", "fence", "quiescent", "simulation")
        return next((kind for kind in order if kind in seen), None)

    def happenings(self, about: str = "") -> list[dict[str, object]]:
        """Return the latest of what happened, and what happened to a line; see `happenings.of`."""
        programs = {
            server.program: {
                person.line.port: person.name
                for room in self.rooms
                if room.backend is server
                for person in room.everybody
            }
            for server in self.servers
        }
        return happenings.of(self.transcript, programs, about)

    def stderr_tail(self) -> str:
        """Return the end of what the servers printed to standard error."""
        data = b"".join(server.program.stderr.data()[-STDERR_TAIL:] for server in self.servers)
        return data[-STDERR_TAIL:].decode("utf-8", "replace")

    def close(self) -> None:
        """Let everybody go and reap the servers; idempotent."""
        self.habits.restless |= any(server.restless for server in self.servers)
        with contextlib.ExitStack() as stack:
            # Last in, first out: the servers go first, and nobody is told of the leaves.
            for room in self.rooms:
                stack.callback(room.close)
            for server in self.servers:
                stack.callback(server.close)
