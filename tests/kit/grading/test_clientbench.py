"""What is said of a client that did not do what was expected."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

from autograder.grading import clientbench
from autograder.grading.clientbench import ClientBench
from autograder.harness import quiescence
from autograder.harness.backend import State
from autograder.harness.dialect import CONTRACT
from autograder.harness.habits import Habits
from autograder.harness.passage import SCREEN, Passage
from autograder.harness.sockets import free_port
from autograder.harness.terminal import HAS_TERMINAL
from autograder.harness.unmet import Unmet

HEAD = """
import os, socket, sys, threading
server = socket.create_connection(("127.0.0.1", int(sys.argv[-1])))
"""
WAITS = HEAD + "threading.Event().wait()"
SENDS = HEAD + "for line in sys.stdin: server.sendall({}.encode())"
SEES = pytest.mark.skipif(not quiescence.available(), reason="nothing is proved here")
BY_LINE = replace(CONTRACT, by_line=True)


@pytest.fixture
def bench(script):
    """Return a function that makes a bench of a client and its server, both source texts."""
    with contextlib.ExitStack() as stack:

        def make(client: str, server: str = "", dialect=CONTRACT, port: int = 0) -> ClientBench:
            known = Habits(script(server, "server.py"), dialect=dialect, port=port)
            opened = ClientBench(script(client, "client.py"), known, 1)
            return stack.enter_context(contextlib.closing(opened))

        yield make


def unmet(act) -> Unmet:
    with pytest.raises(Unmet) as caught:
        act()
    return caught.value


@SEES
def test_of_a_client_that_waits_it_is_said_that_nothing_will_come(bench):
    client = bench(WAITS)
    client.start()
    client.server_says("hello")
    said = unmet(lambda: client.screen_shows("hello"))
    assert said.actual == "it did not, and the client waits: it never will"
    assert (said.cause, said.hint, said.evidence) == ("", "", "quiescent")


@pytest.mark.parametrize("seen", ["at once", "late"])
def test_of_a_client_that_has_ended_it_is_not_said_that_it_waits(bench, monkeypatch, seen):
    client = bench(HEAD + "server.recv(99); os._exit(7)")
    client.start()
    if seen == "late":  # its threads have gone, and its status is not known yet
        ended = State.GONE
        monkeypatch.setattr(client.visitor, "shows", lambda *_, **__: (False, ended))
    client.server_says("hello")
    said = unmet(lambda: client.screen_shows("hello"))
    assert said.actual == "it did not, and the client has ended"
    assert said.cause == "the client has ended with exit status 7"


def test_what_the_screen_shows_instead_is_told(bench):
    client = bench(HEAD + "print('joined', flush=True)\nprint(server.recv(99).decode().upper())")
    client.start()
    client.screen_shows("joined")
    client.server_says("hello")
    said = unmet(lambda: client.screen_shows("hello"))
    assert said.actual.startswith("it did not")
    assert said.actual.endswith("; instead the screen shows “HELLO”")
    assert said.missing == Passage("kit server", SCREEN, "hello")
    assert said.hint.startswith("Print all of what comes, as it is")


def test_the_clients_own_words_are_not_taken_for_a_garbled_text(bench):
    client = bench(HEAD + "server.recv(99); print('The server has gone.')")
    client.start()
    client.server_says("hello")
    said = unmet(lambda: client.screen_shows("hello"))
    assert said.actual.endswith("; instead the screen shows “The server has gone.”")
    assert said.hint.startswith("Receive in a thread of its own, in a loop")


def test_of_much_the_end_is_told_on_one_line(bench):
    client = bench(HEAD + "server.recv(9); print('x' * 5000 + '\\x1b[1m\\n\\n' + 'y' * 70)")
    client.start()
    client.server_says("hello")
    said = unmet(lambda: client.screen_shows("hello"))
    assert said.actual.endswith("“…" + "x" * 9 + " " + "y" * 70 + "”")


def test_bytes_on_the_screen_want_to_be_decoded(bench):
    client = bench(HEAD + "print(server.recv(99))")
    client.start()
    client.server_says("привет")
    said = unmet(lambda: client.screen_shows("привет"))
    assert "instead the screen shows “b'\\xd0" in said.actual
    assert said.hint.startswith("What recv() returns are bytes")


@pytest.mark.skipif(not HAS_TERMINAL, reason="a pipe echoes nothing")
def test_what_the_terminal_echoes_did_not_come_instead(bench):
    client = bench(WAITS)
    client.start(terminal=True)
    client.types("half a line")
    client.server_says("hello")
    said = unmet(lambda: client.screen_shows("hello"))
    assert "instead" not in said.actual
    assert said.hint == ""


def test_what_the_server_received_instead_is_told(bench):
    client = bench(SENDS.format("line.upper()"))
    client.start()
    client.types("hello\n")
    said = unmet(lambda: client.must_receive("hello"))
    assert said.actual.endswith("; instead the server received “HELLO”")


@pytest.mark.parametrize("ending", ["", "\\r\\n", " (anna)\\n"])
def test_beside_a_server_that_waits_for_lines_a_newline_is_needed(bench, ending):
    client = bench(SENDS.format(f"(line.strip() + '{ending}')"), dialect=BY_LINE)
    client.start()
    client.types("hello\n")
    if ending:
        client.must_receive("hello")
        return
    said = unmet(lambda: client.must_receive("hello"))
    assert said.expected == "the server receives “hello” and a newline after it"
    assert said.actual == "the text came, but no newline after it"
    assert said.cause.startswith("server.py waits for whole lines")


def test_beside_a_server_that_may_not_wait_for_lines_none_is_needed(bench):
    client = bench(SENDS.format("line.strip()"))
    client.start()
    client.types("hello\n")
    client.must_receive("hello")


def test_a_port_that_the_server_does_not_name_is_not_opened(bench):
    port = free_port()
    client = f"import socket; socket.create_connection(('127.0.0.1', {port})).recv(9)"
    assert "Refused" in unmet(bench(client, "PORT = 14900").start).cause
    for server, known in ((f"PORT = {port}", 0), ("", port)):
        at_its_server = bench(client, server, port=known)
        at_its_server.start()
        at_its_server.close()


def test_a_name_before_each_line_is_no_line_sent_twice(bench):
    client = bench(HEAD + "name = input()\nwhile 1: server.sendall(f'<{name}> {input()}'.encode())")
    client.start()
    for word in ("one1", "two2", "three3"):
        client.types(word + "\n")
    client.must_receive("three3")
    client.must_have_received_once(["one1", "two2", "three3"])


@pytest.mark.parametrize("again", ["line + line", "line + '\\n' + line", "'one1 two2 three3'"])
def test_a_line_sent_twice_is_told(bench, again):
    client = bench(
        HEAD + f"for line in sys.stdin: line = line.strip(); server.sendall(({again}).encode())"
    )
    client.start()
    for word in ("one1", "two2", "three3"):
        client.types(word + "\n")
    client.must_receive("three3")
    client.visitor.shows(client.visitor.server.inbox, b"three3", whole_line=True)
    said = unmet(lambda: client.must_have_received_once(["one1", "two2", "three3"]))
    assert said.expected in ("the server receives “one1” once", "the server receives “two2” once")


@pytest.mark.parametrize("question", ["Your name: ", "Enter your username: ", "Представьтесь: "])
@pytest.mark.parametrize("blind", [False, True])
def test_who_asks_for_a_name_when_connected_gets_one(bench, question, blind):
    client = bench(HEAD + f"name = input('{question}')\nserver.sendall(name.encode() + b'!')")
    with quiescence.switched_off() if blind else contextlib.nullcontext():
        client.start()
        client.must_receive("vera!")


@SEES
def test_who_hears_nothing_before_it_is_typed_to_is_typed_to(bench):
    client = bench(HEAD + "a, b = input(), input()\nserver.sendall(f'{a}/{b}!'.encode())")
    client.start()
    client.must_receive("vera/vera!")


@SEES
@pytest.mark.parametrize("waits", ["server.recv(9)", "select.select([server, 0], [], [])"])
def test_who_hears_the_server_is_not_typed_to(bench, waits):
    client = bench(
        HEAD
        + f"""
import select
threading.Thread(target=lambda: {waits}, daemon=True).start()
server.sendall(input().encode())
"""
    )
    client.start()
    client.types("mine\n")
    client.must_receive("mine")
    assert client.visitor.server.inbox.data() == b"mine"


@SEES
def test_a_client_that_waits_for_the_server_only_is_told_so(bench):
    client = bench(HEAD + "server.sendall(input().encode())\nserver.recv(9)")
    client.start()
    client.types("one1\n")
    client.may_send("one1")
    client.types("two2\n")
    said = unmet(lambda: client.must_receive("two2"))
    assert said.cause == "nothing reads what is typed: the client waits in recv() for the server"


@SEES
def test_who_waits_for_network_and_keyboard_in_turn_is_waited_for(bench):
    client = bench(
        HEAD
        + """
server.settimeout(0.3)
while True:
    try:
        print(server.recv(99))
    except TimeoutError:
        pass
    input()
"""
    )
    client.start()
    client.listens()
    assert client.visitor.state() is State.QUIET


@SEES
def test_a_long_turn_is_waited_for_too(bench, monkeypatch):
    monkeypatch.setattr(clientbench, "LISTEN_S", 0.2)
    client = bench(
        HEAD
        + """
server.settimeout(0.7)
while True:
    try:
        print(server.recv(99), flush=True)
    except TimeoutError:
        input()
"""
    )
    client.start()
    client.listens()
    client.server_says("hello")
    said = unmet(lambda: client.screen_shows("hello"))
    assert said.evidence == "quiescent"


@pytest.mark.parametrize("ends", [True, False])
def test_the_kits_server_speaks_as_the_works_own_does(bench, ends):
    after = b"]\n" if ends else b"]"
    client = bench(
        HEAD + "for line in server.makefile(): print(line.split('>')[1])",
        dialect=replace(BY_LINE, around=(b"05:07 [anna>", after)),
    )
    client.start()
    client.server_says("привет")
    if ends:
        client.screen_shows("привет]")
        return
    said = unmet(lambda: client.screen_shows("привет"))
    assert said.cause.startswith("server.py sends no newline after a message")
    assert said.hint.startswith("End each line with a newline in server.py")


def test_of_two_lines_in_one_piece_none_may_get_lost(bench):
    client = bench(HEAD + "while data := server.recv(99): print(data.decode().splitlines()[0])")
    client.start()
    client.server_says("one", "two")
    client.screen_shows("one")
    said = unmet(lambda: client.screen_shows("two"))
    assert said.hint == "One recv() may bring several lines: print every one of them."


def test_a_server_that_greets_everybody_greets_the_client(bench):
    source = HEAD + "server.recv(99)\nfor line in sys.stdin: server.sendall(line.encode())"
    client = bench(source, dialect=replace(CONTRACT, greeting=b"Welcome!\n"))
    client.start()
    client.types("hello\n")
    client.must_receive("hello")


def test_who_waits_to_be_welcomed_by_name_is_welcomed(bench):
    source = HEAD + "server.sendall(b'vera\\n'); server.recv(99)\n"
    source += "for line in sys.stdin: server.sendall(line.encode())"
    named = replace(CONTRACT, hello="name", welcome=b"Welcome, anna!\n")
    client = bench(source, dialect=named)
    client.start()
    client.types("hello\n")
    client.must_receive("hello")


def test_who_tries_again_and_again_elsewhere_is_given_another_command_line(bench):
    client = bench(
        """
import socket, sys, time
while True:
    try:
        server = socket.create_connection((sys.argv[1], int(sys.argv[2])))
        break
    except (OSError, ValueError):
        time.sleep(0.1)
server.recv(9)
"""
    )
    client.start()
    assert client.visitor.state() in (State.QUIET, State.UNKNOWN)


def test_the_last_words_of_who_did_not_come_are_its_cause(bench):
    source = (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--nick', required=True)"
    )
    said = unmet(bench(source + "\np.parse_args()").start)
    assert said.actual == "it ended with exit status 2"
    assert said.cause.endswith("error: the following arguments are required: --nick")


@pytest.mark.skipif(not HAS_TERMINAL, reason="there are no terminals")
def test_a_terminal_shows_a_line_that_was_begun_when_it_is_flushed(bench):
    client = bench(HEAD + "print('one', end='|'); server.recv(9)\nprint('two')\ninput()")
    client.start(terminal=True)
    client.listens()
    assert client.visitor.program.stdout.data() == b""
    client.server_says("go")
    client.screen_shows("one|two")


PRINTS = (
    HEAD
    + """
while line := server.recv(99).decode().strip():
    PRINT
"""
)


def shows_once(bench, prints: str) -> None:
    client = bench(PRINTS.replace("PRINT", prints))
    client.start()
    texts = ("hello", "again")
    for text in texts:
        client.server_says(text)
        client.screen_shows(text)
    client.must_have_shown_once(texts)


@pytest.mark.parametrize(
    "twice", ["print(line); print(line, flush=True)", "print(line + line, flush=True)"]
)
def test_a_line_that_is_shown_twice_is_found(bench, twice):
    said = unmet(lambda: shows_once(bench, twice))
    assert said.actual == "it stands on the screen 2 times"


@pytest.mark.parametrize(
    "once",
    [
        "print('\\x1b[32m' + line + '\\x1b[0m', flush=True)",
        "print('it came:', line); print(line, flush=True)",
        "print(line, '\\x1b[2J', line, flush=True)",
    ],
    ids=["in colour", "tells of its work", "draws anew"],
)
def test_what_is_no_second_line_is_left_alone(bench, once):
    shows_once(bench, once)


def test_the_story_tells_what_was_answered(bench):
    client = bench(HEAD + "name = input('Your name: ')\nprint('hello', name, flush=True)\ninput()")
    client.start()
    assert client.story.steps[-1] == "It asks something: the user types “vera” and Enter."
