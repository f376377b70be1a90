"""What happened in a check, on the wire and between threads, as a result keeps it."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.harness.calls import SocketCall
from autograder.harness.program import Program
from autograder.transcript import Transcript

MOST_EVENTS = 400  # of a failed check that a result keeps
MOST_ABOUT = 60  # early events about one line: it is said once and heard by a few dozen
MOST_TEXT = 80  # characters of what a thread sent or received: the wire has it all

Names = Mapping[int, str]  # port of a connection → whose it is, as the transcript calls him


def of(
    transcript: Transcript, programs: Mapping[Program, Names], about: str = ""
) -> list[dict[str, object]]:
    """Return the latest events, in order: those of the transcript, and those of threads.

    Args:
        transcript: What clients sent and received.
        programs: Those under test, each with the names of its connections.
        about: What stands in the line in question: the first events with it are kept, too.
    """
    events = [event.as_dict() for event in transcript.events()]
    for program, names in programs.items():
        calls = program.calls()
        events += [_event(program, call, names, transcript.began) for call in calls]
    events.sort(key=lambda event: float(str(event["t"])))
    early = [event for event in events[:-MOST_EVENTS] if about and about in str(event["text"])]
    return [*early[:MOST_ABOUT], *events[-MOST_EVENTS:]]


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
