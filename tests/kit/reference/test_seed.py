"""The assignment's own two programs: they talk to the reference, and are graded."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder.grading import rubric
from autograder.grading.session import Request, grade

# As the assignment has them, but for the lines after accept(), which belong into the loop,
# and the port, which the system is to choose: tests run side by side.
SERVER = """
import socket
import threading
from datetime import datetime

users = []

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(('', 0))
server.listen(1)


def print_message(data):
    message_time = datetime.now()
    message_hour = str(message_time.hour).ljust(2, '0')
    message_minute = str(message_time.minute).ljust(2, '0')
    print(f"{message_hour}:{message_minute} - {data}")

def send_message(data, sender_id):
    message_time = datetime.now()
    message_hour = str(message_time.hour).ljust(2, '0')
    message_minute = str(message_time.minute).ljust(2, '0')
    data = f"{message_hour}:{message_minute} - {data}".encode('utf-8')
    for user_index, user in enumerate(users):
        if user_index + 1 != sender_id:
            user.send(data)

def listen(client_socket):
    while True:
        data = client_socket.recv(16384)
        user_id = users.index(client_socket) + 1
        line = f"Пользователь #{user_id} - {data.decode('UTF-8')}"
        print_message(line)
        send_message(line, user_id)


while True:
    client_socket, client_address = server.accept()
    if client_socket not in users:
        users.append(client_socket)

    user_id = users.index(client_socket) + 1
    line = f"Пользователь #{user_id} присоединился к чату!"
    print_message(line)
    send_message(line, user_id)

    listen_thread = threading.Thread(target=listen, args=(client_socket,))
    listen_thread.start()

server.close()
"""
CLIENT = """
import socket
import threading

server_address = ('localhost', PORT)
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(server_address)

def listen():
    while True:
        data = client.recv(16384)
        print(data.decode('UTF-8'))

def polling():
    while True:
        data = input()
        client.send(data.encode('utf-8'))


listen_thread = threading.Thread(target=listen)
listen_thread.start()

polling_thread = threading.Thread(target=polling)
polling_thread.start()
"""


@pytest.fixture
def seed_client(start: Any, tmp_path: Path) -> Any:
    """Start the assignment's client."""

    def seed_client(port: int) -> Any:
        path = tmp_path / "client.py"
        path.write_text(CLIENT.replace("PORT", str(port)), encoding="utf-8")
        return start(sys.executable, "-u", str(path))

    return seed_client


@pytest.fixture
def seed_server(start: Any, tmp_path: Path, eventually: Any) -> tuple[Any, int]:
    """Start the assignment's server; return it and its port."""
    path = tmp_path / "server.py"
    path.write_text(SERVER, encoding="utf-8")
    server = start(sys.executable, "-u", str(path))
    process = psutil.Process(server.process.pid)

    def ports() -> list[int]:
        return [c.laddr.port for c in process.net_connections() if c.status == psutil.CONN_LISTEN]

    eventually(ports)
    return server, ports()[0]


def talk(first: Any, second: Any) -> None:
    """Let two clients, joined one after the other, speak in turn; each line must arrive."""
    turns = [(1, first, second), (2, second, first), (2, second, first), (1, first, second)]
    for turn, (number, speaker, listener) in enumerate(turns):
        text = f"слово {turn} 👋"
        speaker.types(text)
        listener.out.wait_for(rf"\d\d:\d\d - Пользователь #{number} - {text}$")
        assert text not in speaker.out.text


@pytest.mark.parametrize("program", ["two_user_server.py", "server.py"])
def test_the_assignments_clients_talk_through_our_servers(
    program: str, serve: Any, seed_client: Any
) -> None:
    server = serve(program, "--framing", "chunk")
    first = seed_client(server.port)
    server.out.wait_for("#1 присоединился")
    second = seed_client(server.port)
    first.out.wait_for(r"^\d\d:\d\d - Пользователь #2 присоединился к чату!$")
    talk(first, second)


@pytest.mark.parametrize("options", [(), ("--framing", "chunk")])
def test_our_clients_talk_through_the_assignments_server(
    options: tuple[str, ...], seed_server: tuple[Any, int], start: Any
) -> None:
    server, port = seed_server
    first = start("client.py", "--port", str(port), *options)
    server.out.wait_for("#1 присоединился")
    second = start("client.py", "--port", str(port), *options)
    server.out.wait_for("#2 присоединился")
    if options:  # that server ends its notices with nothing, so a line does not tell it
        first.out.wait_for("#2 присоединился к чату!")
    talk(first, second)


def test_both_kinds_of_client_talk_to_each_other(
    serve: Any, seed_server: tuple[Any, int], seed_client: Any, start: Any
) -> None:
    ours = serve("server.py", "--framing", "chunk")
    for server, port in [(ours, ours.port), seed_server]:
        first = seed_client(port)
        server.out.wait_for("#1 присоединился")
        second = start("client.py", "--port", str(port), "--framing", "chunk")
        first.out.wait_for("#2 присоединился")
        talk(first, second)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_the_assignments_programs_are_graded_as_they_deserve(tmp_path: Path) -> None:
    """Their port stands in the code, as in the assignment: nothing can be chosen."""
    with socket.create_server(("", 0)) as probe:
        port = probe.getsockname()[1]
    (tmp_path / "server.py").write_text(
        SERVER.replace("('', 0)", f"('', {port})"), encoding="utf-8"
    )
    (tmp_path / "client.py").write_text(CLIENT.replace("PORT", str(port)), encoding="utf-8")
    request = Request(tmp_path, None, 1, rubric.DEFAULT, None, "en")
    result = grade(request, lambda done, total, check: None)
    failed = {check.id: check for check in result.checks if check.status == "failed"}
    assert set(failed) == {
        "leave_survived",
        "reset_survived",
        "framing_split",
        "framing_merged",
        "slow_reader",
        "time_prefix",
        "no_spin",
        "stops_cleanly",
        "port_reusable",
    }
    assert result.score == 94
    assert "recv() returned b''" in failed["leave_survived"].cause
    assert "UnicodeDecodeError" in failed["framing_split"].cause
    assert failed["framing_merged"].cause == "one recv() was taken for one message"
    assert failed["time_prefix"].cause == "ljust() pads on the right: 4 becomes 40"
    assert "b''" in failed["no_spin"].cause
    assert failed["stops_cleanly"].actual == "it still runs"
