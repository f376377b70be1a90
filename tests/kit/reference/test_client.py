"""What the client promises: it prints while it waits, sends what is typed, leaves in words."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.harness import procfs, threadstate
from autograder.harness.syscalls import Doing

REFERENCE = Path(__file__).resolve().parents[3] / "reference"
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A bare server, whose side the test plays."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        yield listener


@pytest.fixture
def meet(start: Any, listener: socket.socket) -> Iterator[Any]:
    """Start the client; return it and our end of its connection."""
    ours = []

    def meet(*options: str, **more: Any) -> tuple[Any, socket.socket]:
        port = str(listener.getsockname()[1])
        client = start("client.py", "--host", "127.0.0.1", "--port", port, *options, **more)
        sock, _ = listener.accept()
        sock.settimeout(20)
        ours.append(sock)
        return client, sock

    yield meet
    for sock in ours:
        sock.close()


def everything_from(sock: socket.socket) -> bytes:
    """Return all that comes until EOF."""
    data = b""
    while more := sock.recv(65536):
        data += more
    return data


def wait_until_it_reads(pid: int) -> None:
    """Wait until the main thread is asleep in read().

    CPython asks for signals before it calls read(), not in it: one that comes between the two
    wakes nobody until the next line is typed.
    """
    if not procfs.available():
        return
    deadline, tick = time.monotonic() + 20, threading.Event()
    family = procfs.Family(pid)
    with contextlib.closing(family):
        while True:
            readings = family.read([(pid, pid)])
            state = threadstate.parse((pid, pid), readings[pid, pid])
            if state.doing is Doing.READ and family.have_slept(readings):
                return
            assert time.monotonic() < deadline, state
            tick.wait(0.01)


def test_it_prints_what_comes_while_it_waits_for_input(meet: Any) -> None:
    client, server = meet()
    server.sendall("14:05 - Пользователь #2 - привет\nи е".encode())
    client.out.wait_for(r"\A14:05 - Пользователь #2 - привет\n\Z")
    server.sendall("щё 👋\r\n".encode())
    client.out.wait_for(r"^и ещё 👋\n\Z")


def test_it_sends_each_line_that_is_typed(meet: Any) -> None:
    client, server = meet()
    for text in ("раз", "  два  ", "👋"):
        client.types(text)
        assert server.recv(100) == text.encode() + b"\n"


def test_at_the_end_of_input_the_last_line_is_sent_and_late_answers_are_printed(meet: Any) -> None:
    client, server = meet()
    client.process.stdin.write(b"one\ntwo\nno newline")
    client.process.stdin.close()
    assert everything_from(server) == b"one\ntwo\nno newline\n"
    with pytest.raises(subprocess.TimeoutExpired):  # it waits for what is still to come
        client.process.wait(0.1)
    server.sendall("поздний ответ\nи ещё один, без конца".encode())
    server.close()
    assert client.wait() == 0
    assert client.out.text == "поздний ответ\nи ещё один, без конца\n"
    assert client.err.text == ""


def test_it_leaves_even_if_the_server_never_closes(meet: Any) -> None:
    client, server = meet()
    client.process.stdin.close()
    assert everything_from(server) == b""
    began = time.monotonic()
    assert client.wait() == 0
    assert time.monotonic() - began < 5
    assert client.err.text == ""


def test_it_leaves_even_if_the_server_never_stops_talking(meet: Any) -> None:
    client, server = meet()
    client.process.stdin.close()
    server.settimeout(0.1)
    with contextlib.suppress(OSError):
        while client.process.poll() is None:
            with contextlib.suppress(TimeoutError):
                server.send(b"bla\n" * 100)
    assert client.wait() == 0
    assert client.err.text == ""


@pytest.mark.parametrize("how", ["close", "reset"])
def test_it_says_at_once_that_the_server_is_gone(how: str, meet: Any) -> None:
    client, server = meet()
    server.sendall(b"last words\n")
    client.out.wait_for("last words\n")
    if how == "reset":
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.close()
    assert client.wait() == 1  # though nobody typed anything
    assert client.err.text == "Сервер закрыл соединение.\n"


def test_sending_to_a_server_that_is_gone_is_no_traceback(meet: Any) -> None:
    client, server = meet("--lang", "en")

    def type_a_lot() -> None:
        with contextlib.suppress(OSError):  # the client has ended
            client.process.stdin.write((b"x" * 8000 + b"\n") * 1000)

    typing = threading.Thread(target=type_a_lot)
    typing.start()
    server.recv(1)  # the client is in the middle of it
    server.close()
    assert client.wait() == 1
    typing.join()
    assert client.err.text == "The server closed the connection.\n"


def test_it_cannot_connect_in_one_sentence(start: Any, listener: socket.socket) -> None:
    port = str(listener.getsockname()[1])
    listener.close()
    for host, number in [
        ("127.0.0.1", port),
        ("no.such.host.invalid", port),
        ("127.0.0.1", "70000"),
    ]:
        client = start("client.py", "--host", host, "--port", number)
        assert client.wait() == 1
        assert client.out.text == ""
        pattern = r"Не удалось подключиться \(.+, порт \d+\): (?!\[Errno).+\. Запущен ли сервер\?\n"
        assert re.fullmatch(pattern, client.err.text), client.err.text


@posix
def test_ctrl_c_leaves_quietly(meet: Any) -> None:
    client, server = meet()
    server.sendall(b"hello\n")
    client.out.wait_for("hello")
    wait_until_it_reads(client.process.pid)
    client.process.send_signal(signal.SIGINT)
    assert everything_from(server) == b""
    server.close()
    assert client.wait() == 0
    assert client.err.text == ""


def test_a_relayed_line_may_be_longer_than_a_typed_one(meet: Any) -> None:
    client, server = meet()
    longest = "14:05 - Пользователь #123456 - " + "\N{REPLACEMENT CHARACTER}" * 16_384
    server.sendall(longest.encode() + b"\n" + b"x" * 100_000 + b"\nnext\n")
    client.out.wait_for(r"^next\n")
    shown = client.out.text.splitlines()
    assert shown[0] == longest
    assert shown[1] == "(Сервер прислал слишком длинную строку, она не показана.)"


@posix
def test_bytes_that_are_no_text_are_typed_and_shown_somehow(meet: Any) -> None:
    client, server = meet()
    client.process.stdin.write(b"\xffabc\n")
    client.process.stdin.flush()
    assert server.recv(100) == "\N{REPLACEMENT CHARACTER}abc\n".encode()
    server.sendall(b"\xffdef\n")
    client.out.wait_for("^\N{REPLACEMENT CHARACTER}def\n")


@posix
def test_it_goes_on_when_nobody_reads_what_it_prints(meet: Any) -> None:
    reading, writing = os.pipe()
    client, server = meet(stdout=writing)
    os.close(writing)
    os.close(reading)
    server.sendall(b"one\n")
    server.sendall(b"two\n")
    client.types("still here")
    assert server.recv(100) == b"still here\n"
    client.process.stdin.close()
    assert everything_from(server) == b""
    server.close()
    assert client.wait() == 0
    assert client.err.text == ""


@posix
def test_without_input_it_says_goodbye_at_once(start: Any, listener: socket.socket) -> None:
    port = str(listener.getsockname()[1])
    command = ("sh", "-c", 'exec "$0" "$@" <&-', sys.executable, str(REFERENCE / "client.py"))
    client = start(*command, "--host", "127.0.0.1", "--port", port)
    sock, _ = listener.accept()
    with sock:
        assert everything_from(sock) == b""
    assert client.wait() == 0
    assert client.err.text == ""
