"""What happened in a check, on the wire and between threads, as a result keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autograder.harness.calls import SocketCall
from autograder.harness.program import Program
from autograder.transcript import Transcript

MOST_EVENTS = 200  # of each kind that a result of a failed check keeps
MOST_ABOUT = 60  # early events about one line: it is said once and heard by a few dozen
MOST_TEXT = 80  # characters of what a thread sent or received: the wire has it all

Names = Mapping[int, str]  # port of a connection → whose it is, as the transcript calls him


def of(
    transcript: Transcript, programs: Mapping[Program, Names], about: str = ""
) -> list[dict[str, object]]:
    """Return the latest events, in order: those of the transcript, and those of threads.

    As many of each kind: a server that spins would push out all that went over the wire.

    Args:
        transcript: What clients sent and received.
        programs: Those under test, each with the names of its connections.
        about: What stands in the line in question: the first events with it are kept, too.
    """
    wire = [event.as_dict() for event in transcript.events()]
    notes = _in_order(
        _event(program, call, names, transcript.began)
        for program, names in programs.items()
        for call in program.calls()
    )
    earlier = _in_order(wire[:-MOST_EVENTS] + notes[:-MOST_EVENTS])
    early = [event for event in earlier if about and about in str(event["text"])]
    return [*early[:MOST_ABOUT], *_in_order(wire[-MOST_EVENTS:] + notes[-MOST_EVENTS:])]


def _in_order(events: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(events, key=lambda event: float(str(event["t"])))


def _event(program: Program, call: SocketCall, names: Names, began: float) -> dict[str, object]:
    return {
        "t": round(call.t - began, 6),
        "who": program.name,
        "dir": "thread",
        "thread": call.thread,
        "call": call.call,
        "peer": names.get(call.peer),
        "size": call.size,
        "line": call.place,
        "text": call.data.decode("utf-8", "backslashreplace")[:MOST_TEXT],
    }
