"""How the way of a message through the server is told."""

from __future__ import annotations

import errno

import pytest

from autograder.harness.calls import SocketCall
from autograder.harness.recorder import KEPT
from autograder.harness.trail import Trail

ANNA, BORIS, VERA = 1, 2, 3
PEOPLE = {ANNA: "Anna", BORIS: "Boris", VERA: "Vera"}


def trail(*calls: tuple[object, ...], first: int = 1) -> Trail:
    """Make one of (call, peer, bytes or size) each; lines count from 1."""
    made = []
    for number, (name, peer, what) in enumerate(calls, first):
        data = what if isinstance(what, bytes) else b""
        size = what if isinstance(what, int) else len(data)
        place = ("server.py", number - first + 1)
        made.append(
            SocketCall(number, 0.0, 7, "T", str(name), int(str(peer)), size, *place, data[:KEPT])
        )
    return Trail(made, PEOPLE)


def told(*calls: tuple[object, ...], first: int = 1) -> list[str]:
    facts, end = trail(*calls, first=first).of_message(b"hi", ANNA, VERA)
    assert end in ("", *facts[-1:])
    return facts


def test_a_message_that_was_read_and_sent_to_others_only():
    assert told(("recv", ANNA, b"hi\n"), ("send", BORIS, b"Anna: hi\n")) == [
        "server.py:1: recv() brought “hi” from Anna [T]",
        "server.py:2: send() sent it to Boris [T]",
        "server.py:1: “hi” was read, and never sent to Vera [T]",
    ]


def test_a_message_that_was_sent_changed_was_sent():
    end = "server.py:2: send() sent it to Vera changed: “Anna: HI!” [T]"
    assert told(("recv", ANNA, b"hi\n"), ("send", VERA, b"Anna: HI!\n"))[-1] == end


def test_a_message_that_was_sent_has_no_end_in_the_server():
    calls = (("recv", ANNA, b"hi\n"), ("sendall", BORIS, b"hi\n"), ("sendall", VERA, b"hi\n"))
    facts, end = trail(*calls).of_message(b"hi", ANNA, VERA)
    assert end == ""
    assert facts[1:] == [
        "server.py:2: sendall() sent it to Boris [T]",
        "server.py:3: sendall() sent it to Vera [T]",
    ]


@pytest.mark.parametrize(
    ("calls", "end"),
    [
        ([("accept", BORIS, 0)], "accept() never returned the connection of Anna"),
        ([("accept", ANNA, 0)], "the server never called recv() for Anna"),
        (
            [("accept", ANNA, 0), ("recv", ANNA, b"Anna\n")],
            "server.py:2: after this recv() the server read nothing more from Anna [T]",
        ),
        (
            [("recv", ANNA, b"hi\n"), ("send", VERA, -errno.EPIPE)],
            "server.py:2: send() to Vera failed: EPIPE, Broken pipe [T]",
        ),
        (
            [("recv", ANNA, b"hi\n"), ("send", VERA, b"12:00 - yo\n"), ("send", VERA, b"x")],
            "server.py:2: the next that send() sent to Vera was “12:00 - yo” [T]",
        ),
        (
            [("recv", ANNA, b"hi\n"), ("close", VERA, 0)],
            "server.py:2: the server closed the connection of Vera [T]",
        ),
    ],
)
def test_where_the_way_ended(calls, end):
    assert told(*calls)[-1] == end


def test_a_text_in_pieces_is_found():
    facts = told(("recv", ANNA, b"h"), ("recv", ANNA, b"i\n"), ("send", VERA, b"hi\n"))
    assert facts[0] == "server.py:2: recv() brought “hi” from Anna [T]"


def test_a_thread_may_be_called_anything():
    call = SocketCall(1, 0.0, 7, "{0} {x}", "recv", ANNA, 2, "{}.py", 1, b"hi")
    sent = SocketCall(2, 0.0, 7, "{0} {x}", "send", VERA, 2, "{}.py", 2, b"hi")
    facts, _end = Trail([call, sent], PEOPLE).of_message(b"hi", ANNA, VERA)
    assert facts[1] == "{}.py:2: send() sent it to Vera [{0} {x}]"


def test_a_piece_that_was_handed_on_is_told():
    facts = told(("recv", ANNA, b"h"), ("send", VERA, b"h"), ("recv", ANNA, b"i\n"))
    assert facts[-1] == (
        "server.py:2: it came in 2 pieces, and send() sent the first as if it were all [T]"
    )


def test_several_lines_in_one_piece_are_counted():
    assert "that recv() brought 2 lines in one piece" in told(("recv", ANNA, b"hi\nho\n"))


@pytest.mark.parametrize(
    "calls",
    [
        [],
        [("fork", 0, 0), ("recv", ANNA, b"hi\n")],
        [("recv", ANNA, b"x" * (KEPT + 1))],
    ],
)
def test_what_cannot_be_known_is_not_told(calls):
    assert told(*calls) == []


def test_what_the_ring_has_lost_may_have_been_read():
    assert told(("accept", ANNA, 0), first=5000) == []


def test_what_was_kept_only_in_part_may_have_been_sent():
    facts = told(("recv", ANNA, b"hi\n"), ("send", VERA, b"x" * (KEPT + 1)))
    assert facts == ["server.py:1: recv() brought “hi” from Anna [T]"]


def test_a_loop_that_goes_on_after_the_end_is_told():
    empty = [("recv", ANNA, b"")] * 4
    assert trail(("recv", ANNA, b"hi\n"), *empty).empty_reads() == [
        "server.py:5: recv() returned b'' 4 times: Anna has gone, and the loop goes on [T]"
    ]
    assert trail(*empty[:2]).empty_reads() == []


def test_who_sent_what_should_not_have_come():
    facts = trail(("send", VERA, b"x"), ("send", VERA, b"hi\n")).of_noise(b"hi", VERA)
    assert facts == ["server.py:2: send() sent “hi” to Vera [T]"]
