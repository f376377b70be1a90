"""How a server wants to be talked to, found out by talking to it."""

from __future__ import annotations

import contextlib
import re
from types import SimpleNamespace

import pytest

from autograder.harness import habits, quiescence
from autograder.harness.habits import Habits, learn_command_line, probe_dialect
from autograder.transcript import Transcript

RELAY = """
import socket, sys, threading
listener = socket.create_server(("127.0.0.1", 0))
people = []
def serve(me):
    for data in {pieces}:
        for other in people:
            if other is not me:
                other.sendall(data)
while True:
    people.append(listener.accept()[0])
    threading.Thread(target=serve, args=people[-1:], daemon=True).start()
"""


@pytest.mark.parametrize(
    ("pieces", "framing", "by_line"),
    [
        ("me.makefile('rb')", "line", True),
        ("iter(lambda: me.recv(99), b'')", "raw", False),
        ("()", "line", False),  # it tells nobody anything, and so nothing of itself
    ],
)
@pytest.mark.parametrize("blind", [False, True])
def test_only_who_was_seen_to_wait_for_a_newline_takes_lines(
    script, pieces, framing, by_line, blind
):
    habits = Habits(script(RELAY.format(pieces=pieces), "server.py"))
    with (
        quiescence.switched_off() if blind else contextlib.nullcontext(),
        learn_command_line(habits, Transcript()) as server,
    ):
        dialect = probe_dialect(server, 1)
    assert (dialect.framing, dialect.by_line) == (framing, by_line)
    assert dialect.around == (b"", b"\n")


@pytest.mark.parametrize(
    ("sends", "around"),
    [
        ("b'<1> ' + data.strip() + b'!'", (b"<1> ", b"!")),
        ("b'\\n05:07 ' + data.strip()", (b"\n05:07 ", b"")),
        ("b'1: ' + data.strip() + b'.\\r\\n> '", (b"1: ", b".\r\n")),
    ],
)
def test_what_a_server_puts_around_a_message_is_found_out(script, sends, around):
    source = RELAY.format(pieces="me.makefile('rb')").replace("sendall(data)", f"sendall({sends})")
    habits = Habits(script(source, "server.py"))
    with learn_command_line(habits, Transcript()) as server:
        assert probe_dialect(server, 1).around == around


NAMES = """
import socket, threading
listener = socket.create_server(("127.0.0.1", 0))
people = dict()
def tell(me, text):
    for other in people:
        if other is not me:
            other.sendall(text.encode() + b"\\n")
def serve(me):
    me.sendall(b"{question}")
    lines = me.makefile()
    name = next(lines).strip().{shown}
    people[me] = name
    me.sendall(b"Hello!\\n")
    tell(me, f"{notice}")
    for line in lines:
        tell(me, f"{said}")
while True:
    threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()
"""


@pytest.mark.parametrize(
    ("question", "shown", "notice", "said", "hello"),
    [
        ("Name? ", "strip()", "{name} came", "{name}: {line.strip()}", "prompted name"),
        ("", "strip()", "{name} came", "{name}: {line.strip()}", "name"),
        ("> ", "upper()", "Somebody came", "{name}: {line.strip()}", "prompted name"),
        ("> ", "title()", "{name} came", "{name} ({len(people)}): {line.strip()}", "prompted name"),
        ("Your name: ", "strip()", "Somebody came", "{line.strip()}", "prompted name"),
    ],
)
def test_a_name_is_known_whatever_becomes_of_it(script, question, shown, notice, said, hello):
    source = NAMES.format(question=question, shown=shown, notice=notice, said=said)
    with learn_command_line(Habits(script(source, "server.py")), Transcript()) as server:
        dialect = probe_dialect(server, 1)
    assert (dialect.hello, dialect.welcome) == (hello, b"Hello!\n")


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("07:05 - #1 - FIRST\n|07:05 - #1 - SECOND\n", False),
        ("> 07:05 - #1 - FIRST\n|07:06 - #1 - SECOND\n", False),  # a prompt before the first
        ("#1: FIRST#1: \n|#1: SECOND", False),  # a recv is a message: the newline is to come
        ("#1: FIRST#1: \n|#1: SECOND#1: \n", False),
        ("[1] FIRST\n|[2] SECOND\n", False),
        ("#1: FIRST|#1: SECOND", False),
        ("FIRST has come\n|SECOND\n", True),
        ("First has come\n|07:05 FIRST: SECOND\n", True),
        ("#1: anna\n|#1: SECOND\n", False),  # the first was lost, the next was not
        ("|FIRST: SECOND\n", True),  # who has no name hears nothing
        ("Anna has come\n|#1: SECOND\n", True),
    ],
)
def test_a_name_is_told_from_a_message_by_what_stands_around_it(told, name):
    anna = SimpleNamespace(name="anna")
    first, second = (SimpleNamespace(text=t, author=anna) for t in ("anna-1-xyz", "anna-2-xyz"))
    told = re.sub("first", first.text, told, flags=re.IGNORECASE)
    told = told.replace("SECOND", second.text)
    data, mark = told.replace("|", "").encode(), told.encode().index(b"|")
    assert habits._was_a_name(data, mark, first, second) is name


@pytest.mark.parametrize("greeting", [b"", b"Welcome!\\n> "])
def test_who_loses_a_first_line_did_not_take_it_for_a_name(script, greeting):
    source = RELAY.format(pieces="list_of(me)").replace(
        "def serve(me):",
        f"""def list_of(me):
    me.sendall({greeting!r})
    lines = me.makefile("rb")
    next(lines)
    return lines
def serve(me):""",
    )
    with learn_command_line(Habits(script(source, "server.py")), Transcript()) as server:
        assert probe_dialect(server, 1).hello == "none"
