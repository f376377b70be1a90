"""What a result keeps of a long check."""

from __future__ import annotations

from autograder.grading import happenings
from autograder.grading.happenings import MOST_ABOUT, MOST_EVENTS
from autograder.harness.calls import SocketCall
from autograder.transcript import Transcript


class Recorded:
    """Stands in for a program under test, of which only its calls are asked."""

    name = "server.py"

    def __init__(self, *calls: SocketCall) -> None:
        self._calls = list(calls)

    def calls(self) -> list[SocketCall]:
        return self._calls


def test_the_latest_events_are_kept_and_the_first_that_are_about_a_line():
    transcript = Transcript()
    transcript.add("anna", "sent", "anna-1")
    for number in range(MOST_EVENTS + 2 * MOST_ABOUT + 100):
        transcript.add("boris", "received", f"{number} anna-1" if number % 2 else "noise")
    kept = [event["text"] for event in happenings.of(transcript, {}, "anna-1")]
    assert kept[:2] == ["anna-1", "1 anna-1"]
    assert kept[-1] == f"{MOST_EVENTS + 2 * MOST_ABOUT + 99} anna-1"
    assert len(kept) == MOST_ABOUT + MOST_EVENTS


def test_calls_of_threads_stand_among_them_with_names_and_lines():
    transcript = Transcript()
    transcript.add("anna", "sent", "hi")
    program = Recorded(
        SocketCall(1, transcript.began, 7, "T", "accept", 5, 0, "server.py", 9, b""),
        SocketCall(2, transcript.began + 60, 7, "T", "recv", 5, 2, "server.py", 12, b"h\xff"),
    )
    first, said, last = happenings.of(transcript, {program: {5: "anna"}})
    assert (first["call"], first["peer"], first["line"]) == ("accept", "anna", "server.py:9")
    assert said["dir"] == "sent"
    assert last == {
        "t": 60.0,
        "who": "server.py",
        "dir": "thread",
        "thread": "T",
        "call": "recv",
        "peer": "anna",
        "size": 2,
        "line": "server.py:12",
        "text": "h\\xff",
    }
