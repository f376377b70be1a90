"""The socket tables: what the kernel says about both ends of real connections."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.harness import sockdiag
from autograder.harness.sockdiag import (
    NetlinkTable,
    ProcTable,
    SocketTableError,
    netlink,
    open_table,
)

HOSTS = {
    "ipv4": (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
    "ipv6": (socket.AF_INET6, "::1", "::1"),
    "ipv4 to a dual-stack listener": (socket.AF_INET6, "::", "127.0.0.1"),
    "ipv4 written as ipv6": (socket.AF_INET6, "::", "::ffff:127.0.0.1"),
}

try:
    open_table().close()
except SocketTableError as error:
    pytest.skip(f"no socket tables here: {error}", allow_module_level=True)


class Connection:
    """A client, the server's end of it, and both in the table."""

    def __init__(self, table, stack, family=socket.AF_INET, bound="127.0.0.1", host="127.0.0.1"):
        self.table, self.stack = table, stack
        self.listener = stack.enter_context(socket.socket(family))
        if family == socket.AF_INET6:
            self.listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            self.listener.bind((bound, 0))
        except OSError as error:
            pytest.skip(f"no IPv6 here: {error}")
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.client = stack.enter_context(socket.socket(kind))
        self.client.connect((host, self.port))
        self.own, self.peer = self.client.getsockname(), self.client.getpeername()

    def accept(self):
        self.server, _address = self.listener.accept()
        self.stack.enter_context(self.server)
        return self

    def ends(self):
        return self.table.lookup([(self.own, self.peer), (self.peer, self.own)])

    def server_end(self):
        return self.ends()[1]


@pytest.fixture(params=[NetlinkTable, ProcTable])
def table(request) -> Iterator[sockdiag.SocketTable]:
    try:
        opened = request.param()
    except SocketTableError as error:
        pytest.skip(f"no such table here: {error}")
    with contextlib.closing(opened):
        yield opened


@pytest.fixture
def stack():
    with contextlib.ExitStack() as exits:
        yield exits


@pytest.fixture
def connection(table, stack):
    return Connection(table, stack).accept()


@pytest.mark.parametrize("hosts", HOSTS.values(), ids=HOSTS)
def test_both_ends_are_found_by_their_addresses(table, stack, hosts, eventually):
    connection = Connection(table, stack, *hosts).accept()
    connection.client.sendall(b"12345")
    eventually(lambda: connection.server_end().rqueue == 5)
    client, server = connection.ends()
    assert client.state == server.state == sockdiag.ESTABLISHED
    assert client.inode == Path(f"/proc/self/fd/{connection.client.fileno()}").stat().st_ino
    assert server.inode == Path(f"/proc/self/fd/{connection.server.fileno()}").stat().st_ino
    assert (server.unread, server.end_unread, server.wqueue) == (5, False, 0)


@pytest.mark.parametrize("hosts", HOSTS.values(), ids=HOSTS)
def test_the_accept_queue_counts_connections(table, stack, hosts, eventually):
    connection = Connection(table, stack, *hosts)
    eventually(lambda: [entry.rqueue for entry in table.listeners(connection.port)] == [1])
    inode = Path(f"/proc/self/fd/{connection.listener.fileno()}").stat().st_ino
    assert [entry.inode for entry in table.listeners(connection.port)] == [inode]
    assert connection.server_end().inode == 0  # nobody has a descriptor for it yet
    connection.accept()
    assert [entry.rqueue for entry in table.listeners(connection.port)] == [0]


def test_a_connection_that_does_not_exist_is_none_and_not_its_listener(connection, table):
    nobody = ("127.0.0.1", 1)
    assert table.lookup([(connection.peer, nobody), (nobody, connection.peer)]) == [None, None]
    assert table.lookup([]) == []


def test_more_sockets_than_one_batch_come_in_their_order(connection, table):
    ends = [(connection.own, connection.peer), (("127.0.0.1", 1), ("127.0.0.1", 2))]
    client, missing = table.lookup(ends)
    assert client and missing is None
    assert table.lookup(ends * 200) == [client, None] * 200


def test_an_unread_end_is_one_byte_in_the_queue_but_none_of_data(connection, eventually):
    connection.client.sendall(b"abc")
    connection.client.shutdown(socket.SHUT_WR)
    eventually(lambda: connection.server_end().state == sockdiag.CLOSE_WAIT)
    server = connection.server_end()
    assert (server.rqueue, server.unread, server.end_unread) == (4, 3, True)
    assert connection.server.recv(2) == b"ab"
    server = connection.server_end()
    assert (server.rqueue, server.unread, server.end_unread) == (2, 1, True)
    assert connection.server.recv(1) == b"c"
    # The end may be gone with the last byte, or not: it depends on how they came.
    assert connection.server_end().unread == 0
    assert connection.server.recv(1) == b""
    server = connection.server_end()
    assert (server.rqueue, server.unread, server.end_unread) == (0, 0, False)


def test_a_large_recv_takes_the_end_along_with_the_data(connection, eventually):
    connection.client.sendall(b"abc")
    connection.client.shutdown(socket.SHUT_WR)
    eventually(lambda: connection.server_end().rqueue == 4)
    assert connection.server.recv(100) == b"abc"
    assert not connection.server_end().end_unread
    assert connection.server.recv(100) == b""


def test_what_a_full_client_does_not_take_is_stalled(table, stack, eventually):
    connection = Connection(table, stack).accept()
    connection.server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
    connection.server.setblocking(False)

    def fill():
        with contextlib.suppress(BlockingIOError):
            while connection.server.send(bytes(65536)):
                pass
        return connection.server_end().stalled

    eventually(fill)
    assert connection.server_end().wqueue > 0
    connection.client.setblocking(False)

    def drain():
        with contextlib.suppress(BlockingIOError):
            while connection.client.recv(1 << 20):
                pass
        return connection.server_end().wqueue == 0

    eventually(drain)
    assert not connection.server_end().stalled


def test_a_reset_connection_is_gone_at_both_ends(connection, eventually):
    connection.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.client.close()
    eventually(lambda: connection.ends() == [None, None])


class TestNetlinkCountsBothEnds:
    @pytest.fixture
    def table(self):
        try:
            opened = NetlinkTable()
        except SocketTableError as error:
            pytest.skip(f"no netlink here: {error}")
        with contextlib.closing(opened):
            yield opened

    def test_only_the_end_that_connected_counts_its_syn(self, connection):
        client, server = connection.ends()
        assert (client.written, server.received) == (1, 0)
        assert (server.written, client.received) == (0, 0)

    def test_bytes_and_ends_are_counted_once_at_each_end(self, connection, eventually):
        connection.client.sendall(b"12345")
        connection.server.sendall(b"1234567")
        connection.client.shutdown(socket.SHUT_WR)
        eventually(lambda: connection.server_end().received == 6)
        eventually(lambda: connection.ends()[0].received == 7)
        client, server = connection.ends()
        assert (client.written, server.written) == (1 + 5 + 1, 7)
        connection.server.shutdown(socket.SHUT_WR)
        eventually(lambda: connection.ends()[0].state == sockdiag.TIME_WAIT)

    def test_what_arrived_is_known_before_it_is_acknowledged(self, connection):
        # In a conversation the ACK waits for data to travel with: the case for counting.
        late = 0
        for sent in range(1, 100):
            connection.client.sendall(b"x")
            connection.server.recv(1)
            client, server = connection.ends()
            assert client.written - 1 == server.received == sent
            late += client.wqueue > 0
            connection.server.sendall(b"y")
            connection.client.recv(1)
        assert late > 0


def test_a_refused_netlink_socket_falls_back_to_proc(monkeypatch):
    def refused(*_arguments):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(netlink.socket, "socket", refused)
    with pytest.raises(SocketTableError, match=r"no netlink socket: .*Operation not permitted"):
        NetlinkTable()
    assert isinstance(open_table(), ProcTable)


def test_a_kernel_without_tcp_diag_is_told_from_a_missing_socket(monkeypatch):
    monkeypatch.setattr(netlink, "SOCK_DIAG_BY_FAMILY", 99)  # no such question
    with pytest.raises(SocketTableError, match="the kernel refused the question: Invalid argument"):
        NetlinkTable()


def test_no_table_at_all_is_an_error_in_words(tmp_path):
    with pytest.raises(SocketTableError, match="has no socket tables"):
        ProcTable(tmp_path)
    (tmp_path / "tcp").mkdir()
    with pytest.raises(SocketTableError, match=r"cannot read the socket tables: .*Is a directory"):
        ProcTable(tmp_path)
