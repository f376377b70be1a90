"""What became of a message inside the server, told from its calls on sockets."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from autograder.harness.calls import SocketCall
from autograder.harness.lines import is_changed
from autograder.harness.recorder import KEPT
from autograder.i18n import _, ngettext

SENDS = ("send", "sendall")
EMPTY_IN_A_ROW = 3  # the first b'' is news, and a program may well ask once more


@dataclass(frozen=True)
class Trail:
    """Follows messages through a program.

    Attributes:
        calls: What the program did, oldest first.
        people: Port of a connection → whose it is.
    """

    calls: Sequence[SocketCall]
    people: Mapping[int, str]

    def of_message(self, text: bytes, author: int, listener: int) -> tuple[list[str], str]:
        """Tell how far a message came on its way.

        Args:
            text: What is unmistakable in it.
            author, listener: The ports of their connections.

        Returns:
            Sentences, and the last of them if it says where the way ended. There are none where
            the calls do not show it, as of a program that forks.
        """
        if not self._whole:
            return [], ""
        pieces = self._pieces(author, ("recv",), text)
        if not pieces:
            end = self._unread(author)
            return [end] if end else [], end
        read = pieces[-1]
        shown = text.decode("utf-8", "replace")
        sentence = _("recv() brought “{text}” from {who}").format(
            text=shown, who=self.people[author]
        )
        facts = [_at(read, sentence)]
        lines = read.data.count(b"\n")
        if lines > 1 and read.size <= KEPT:
            facts.append(_("that recv() brought {count} lines in one piece").format(count=lines))
        sent = {port: out[-1] for port in self.people if (out := self._pieces(port, SENDS, text))}
        alike: dict[tuple[str, str, str], list[int]] = {}
        for port, call in sent.items():
            alike.setdefault((call.call, call.place, call.thread), []).append(port)
        for ports in alike.values():
            call, names = sent[ports[0]], ", ".join(self.people[port] for port in ports)
            told = _("{call}() sent it to {names}").format(call=call.call, names=names)
            facts.append(_at(call, told))
        if listener in sent:
            return facts, ""
        end = self._torn(listener, pieces) or self._unsent(listener, read, shown)
        return [*facts, end] if end else facts, end

    def of_noise(self, text: bytes, listener: int) -> list[str]:
        """Tell who sent something to a listener that should not have come."""
        pieces = self._pieces(listener, SENDS, text) if self._whole else []
        if not pieces:
            return []
        piece = pieces[-1]
        told = _("{call}() sent “{text}” to {who}").format(
            call=piece.call, text=text.decode("utf-8", "replace"), who=self.people[listener]
        )
        return [_at(piece, told)]

    def empty_reads(self) -> list[str]:
        """Tell of loops that go on reading from somebody who has gone."""
        facts = []
        for (port, ident), run in itertools.groupby(
            sorted(
                self._calls_of(("recv",)), key=lambda call: (call.peer, call.ident, call.number)
            ),
            key=lambda call: (call.peer, call.ident),
        ):
            tail = list(itertools.takewhile(lambda call: call.size == 0, reversed(list(run))))
            if len(tail) >= EMPTY_IN_A_ROW and port in self.people and ident:
                told = ngettext(
                    "recv() returned b'' {count} time: {who} has gone, and the loop goes on",
                    "recv() returned b'' {count} times: {who} has gone, and the loop goes on",
                    len(tail),
                ).format(count=len(tail), who=self.people[port])
                facts.append(_at(tail[0], told))
        return facts

    @cached_property
    def _whole(self) -> bool:
        """Whether nothing is missing: of a fork's child nothing is noted."""
        return bool(self.calls) and not any(call.call == "fork" for call in self.calls)

    def _calls_of(self, names: tuple[str, ...]) -> Iterator[SocketCall]:
        return (call for call in self.calls if call.call in names)

    def _pieces(self, port: int, names: tuple[str, ...], text: bytes) -> list[SocketCall]:
        """Return the calls that brought, or took, the last occurrence of a text."""
        stream, ends = b"", []
        for call in self._calls_of(names):
            if call.peer == port and call.size > 0:
                stream += call.data + b"\xff" * (call.size > KEPT)  # what was cut off is a gap
                ends.append((len(stream), call))
        found = stream.rfind(text)
        if found < 0:
            return []
        first = sum(end <= found for end, _call in ends)
        last = sum(end < found + len(text) for end, _call in ends)
        return [call for _end, call in ends[first : last + 1]]

    def _torn(self, listener: int, pieces: Sequence[SocketCall]) -> str:
        """Tell that pieces of a message were handed on before all of it had come."""
        early = [
            call
            for call in self._calls_of(SENDS)
            if call.peer == listener and pieces[0].number < call.number < pieces[-1].number
        ]
        if not early or early[0].size < 0:
            return ""
        told = _("it came in {count} pieces, and {call}() sent the first as if it were all")
        return _at(early[0], told.format(count=len(pieces), call=early[0].call))

    def _unread(self, author: int) -> str:
        if self.calls[0].number > 1:
            return ""  # it may have been read before
        who = self.people[author]
        reads = [call for call in self._calls_of(("recv",)) if call.peer == author]
        if any(call.size > KEPT for call in reads):
            return ""  # it may stand in what was not kept
        if reads:
            told = _("after this recv() the server read nothing more from {who}").format(who=who)
            return _at(reads[-1], told)
        if any(call.peer == author for call in self.calls):
            return _("the server never called recv() for {who}").format(who=who)
        return _("accept() never returned the connection of {who}").format(who=who)

    def _unsent(self, listener: int, read: SocketCall, text: str) -> str:
        who = self.people[listener]
        later = [c for c in self.calls if c.peer == listener and c.number > read.number]
        failed = [call for call in later if call.call in SENDS and call.size < 0]
        closed = [c for c in self.calls if c.peer == listener and c.call == "close"]
        if failed:
            name = errno.errorcode.get(-failed[0].size, "?")
            told = _("{call}() to {who} failed: {name}, {reason}").format(
                call=failed[0].call, who=who, name=name, reason=os.strerror(-failed[0].size)
            )
            return _at(failed[0], told)
        if closed:
            return _at(closed[-1], _("the server closed the connection of {who}").format(who=who))
        if any(call.call in SENDS and call.size > KEPT for call in later):
            return ""
        sends = (call for call in later if call.call in SENDS)
        if changed := next((call for call in sends if is_changed(text, call.data)), None):
            other = changed.data.decode("utf-8", "replace").strip()
            told = _("{call}() sent it to {who} changed: “{text}”")
            return _at(changed, told.format(call=changed.call, who=who, text=other))
        told = _("“{text}” was read, and never sent to {who}").format(text=text, who=who)
        own = (call for call in later if call.ident == read.ident)  # others have other messages
        sent = next((call for call in own if call.call in SENDS and call.size > 0), None)
        if sent:
            other = sent.data.decode("utf-8", "replace").strip()
            told = _("the next that {call}() sent to {who} was “{text}”").format(
                call=sent.call, who=who, text=other
            )
        return _at(sent or read, told)


def _at(call: SocketCall, sentence: str) -> str:
    place = f"{call.place}: " if call.place else ""
    thread = f" [{call.thread}]" if call.thread else ""
    return f"{place}{sentence}{thread}"
