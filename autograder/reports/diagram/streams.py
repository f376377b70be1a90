"""Which read took what was written: the two ends of each direction of a connection compared.

A write belongs to the read that took its first byte. The text of a read tells where in the stream
it is, even if a part of the stream is missing in the transcript; where a read has no beginning of
a text, or only the first characters of it are known, bytes are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from autograder.reports.diagram.events import Event

READS = ("recv", "recv_into", "recvfrom", "read", "readline")
WRITES = ("send", "sendall", "sendto", "write")
LOOK_AHEAD = 50  # writes: so many may have been lost to view, or be on the way
BEGINNING = 40  # characters of a text
SOMEWHERE = -1  # the place of a read that must have been


def ends(events: Sequence[Event]) -> dict[int, int | None]:
    """Return for each write, by its place among the events, the place of its read.

    None says that nobody has read it; SOMEWHERE that somebody has, but the transcript does not
    show it: what comes later in that stream is read later. A write that is not in the answer was
    seen at one end only: nothing is known of the threads of the program.
    """
    if not any(event.kind == "thread" for event in events):
        return {}
    streams: dict[tuple[str, str], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for place, event in enumerate(events):
        if event.kind == "sent":
            streams["in", event.who][0].append(place)
        elif event.kind == "received":
            streams["out", event.who][1].append(place)
        elif event.kind == "thread" and event.peer and (event.size or 0) > 0:
            if event.call in READS:
                streams["in", event.peer][1].append(place)
            elif event.call in WRITES:
                streams["out", event.peer][0].append(place)
    found: dict[int, int | None] = {}
    for writes, reads in streams.values():
        indices = arrivals([events[w] for w in writes], [events[r] for r in reads])
        for place, index in zip(writes, indices, strict=True):
            later = bool(reads) and reads[-1] > place
            found[place] = (SOMEWHERE if later else None) if index is None else reads[index]
    return found


def arrivals(writes: Sequence[Event], reads: Sequence[Event]) -> list[int | None]:
    """Return for each write which read, by its index, took its first byte; None if none is seen."""
    found: list[int | None] = [None] * len(writes)
    place, rest = 0, 0  # the next write, and how many bytes of the one before are still to come
    for number, read in enumerate(reads):
        left = (read.size or 0) - rest
        taken = _beginnings(writes, place, read.text)
        if not taken and not _fits(writes, place, read.text):
            rest = 0  # of a write that the transcript does not have
            continue
        for k in taken:
            found[k] = number
            left -= writes[k].size or 0
        place = taken[-1] + 1 if taken else place
        while left > 0 and place < len(writes) and not (taken and _complete(read)):
            found[place] = number
            left -= writes[place].size or 0
            place += 1
        rest = max(0, -left)
    return found


def _beginnings(writes: Sequence[Event], place: int, text: str) -> list[int]:
    """Return the writes, from `place` on and one after the other, that begin in a text."""
    taken: list[int] = []
    at = 0
    for k in range(place, min(place + LOOK_AHEAD, len(writes))):
        beginning = writes[k].text.strip()[:BEGINNING]
        begins = text.find(beginning, at) if beginning else -1
        if begins >= 0:
            taken.append(k)
            at = begins + len(beginning)
        elif taken:
            break
    return taken


def _fits(writes: Sequence[Event], place: int, text: str) -> bool:
    """Return whether a text may be a part of the next write, or of the one before."""
    near = writes[max(0, place - 1) : place + 1]
    return not text.strip() or any(text.strip() in write.text for write in near)


def _complete(read: Event) -> bool:
    return len(read.text.encode(errors="replace")) >= (read.size or 0)
