"""How the kernel names a connection: the key of every question and every table."""

from __future__ import annotations

import socket
import struct
from functools import lru_cache

from autograder.harness.sockdiag.table import Address

NO_COOKIE = (1 << 64) - 1
SOCKET_ID = struct.Struct("!HH16s16sIQ")  # inet_diag_sockid: ports, addresses, interface, cookie


@lru_cache(4096)  # two ends of each of hundreds of clients are looked up thousands of times
def socket_id(own: Address, peer: Address) -> tuple[int, bytes]:
    """Return the family and the inet_diag_sockid of a socket."""
    family, own_raw = _packed(own[0])
    return family, SOCKET_ID.pack(own[1], peer[1], own_raw, _packed(peer[0])[1], 0, NO_COOKIE)


def _packed(host: str) -> tuple[int, bytes]:
    if ":" not in host:
        return socket.AF_INET, socket.inet_pton(socket.AF_INET, host)
    raw = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    # The IPv4 connections of a dual-stack listener are hashed by their IPv4 addresses.
    if raw.startswith(bytes(10) + b"\xff\xff"):
        return socket.AF_INET, raw[-4:]
    return socket.AF_INET6, raw
