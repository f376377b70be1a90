"""The numbers that may be a client's own server's port."""

from __future__ import annotations

from autograder.harness.ports import MOST_PORTS, numbers_in, ports_in_common


def test_a_port_stands_in_both_programs(script):
    client = script("connect(('localhost', 9090)); recv(1024)", "client.py")
    server = script("bind(('', 14_900)); PORT = 9191; recv(1024)", "server.py")
    assert numbers_in(client) == {9090, 1024}
    assert ports_in_common(client, server) == {1024}


def test_modules_beside_it_belong_to_a_program(script):
    script("PORT = 14_900", "settings.py")
    client = script("import socket, settings\nconnect(settings.PORT)", "client.py")
    server = script("from settings import PORT\nbind(PORT)", "server.py")
    assert ports_in_common(client, server) == {14900}


def test_what_cannot_be_a_port_is_none(script):
    path = script("a = 7, 65536, 1234567890, 1.5, x9090, 9090", "client.py")
    assert numbers_in(path) == {9090}


def test_there_is_a_bound(script):
    path = script(" ".join(str(number) for number in range(1000, 1100)), "client.py")
    assert ports_in_common(path, path) == set(range(1100 - MOST_PORTS, 1100))


def test_a_program_that_is_not_there_names_nothing(tmp_path):
    assert numbers_in(tmp_path / "client.py") == set()
