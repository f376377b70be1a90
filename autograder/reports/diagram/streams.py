"""Which read took what was written: the two ends of each direction of a connection compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from autograder.reports.diagram.events import Event

READS = ("recv", "recv_into", "recvfrom", "read", "readline")
WRITES = ("send", "sendall", "sendto", "write")
LOOK_AHEAD = 50  # writes: so many may have been lost to view, or be on the way


def ends(events: Sequence[Event]) -> dict[int, int | None]:
    """Return for each write, by its place among the events, the place of its read.

    None says that nobody has read it. A write that is not in the answer was seen at one end
    only: nothing is known of the threads of the program.
    """
    if not any(event.kind == "thread" for event in events):
        return {}
    streams: dict[tuple[str, str], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for place, event in enumerate(events):
        if event.kind == "sent":
            streams["in", event.who][0].append(place)
        elif event.kind == "received":
            streams["out", event.who][1].append(place)
        elif event.kind == "thread" and event.peer and event.call in READS and event.size > 0:
            streams["in", event.peer][1].append(place)
        elif event.kind == "thread" and event.peer and event.call in WRITES:
            streams["out", event.peer][0].append(place)
    found: dict[int, int | None] = {}
    for writes, reads in streams.values():
        indices = arrivals([events[w] for w in writes], [events[r] for r in reads])
        for place, index in zip(writes, indices, strict=True):
            found[place] = None if index is None else reads[index]
    return found


def arrivals(writes: Sequence[Event], reads: Sequence[Event]) -> list[int | None]:
    """Return for each write which read, by its index, took the last byte of it; None if none.

    The text of a read tells where in the stream it is, even if the beginning of the stream
    was cut off from the transcript; where a read has only a part of a text, bytes are counted.
    """
    found: list[int | None] = [None] * len(writes)
    place, taken = 0, 0  # the write whose bytes come next, and how many of them have come
    for number, read in enumerate(reads):
        hits = [
            k
            for k, write in enumerate(writes[place : place + LOOK_AHEAD], place)
            if write.text.strip() and write.text.strip() in read.text
        ]
        if hits:
            for hit in hits:
                found[hit] = number
            place, taken = hits[-1] + 1, 0
            continue
        taken += max(0, read.size)
        while place < len(writes) and 0 <= writes[place].size <= taken and taken:
            taken -= writes[place].size
            found[place] = number
            place += 1
    return found
