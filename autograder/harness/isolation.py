"""A network of its own for a process: programs with the same hard-coded port do not meet.

On Linux a process can leave the network namespace of the machine for a new one, which its
children share: with all ports free, and nobody on them.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
from pathlib import Path

# include/uapi/linux/sched.h
NEW_HOST_NAME, NEW_USER, NEW_NETWORK = 0x04000000, 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1  # netdevice(7)
INTERFACE = struct.Struct("16sH22x")  # ifreq: name, flags


def own_network() -> bool:
    """Give this process, which must not have threads yet, a network of its own.

    Returns:
        Whether it has one now; if not, nothing about the process has changed.
    """
    if sys.platform != "linux":
        return False
    try:
        # What fails half way leaves a process with no network at all: better one to spare.
        if not _can_leave():
            return False
        _leave()
    except (OSError, AttributeError):  # AttributeError: a C library without unshare()
        return False
    return True


def _can_leave() -> bool:
    """Try it in a child, which ends then; return whether it has worked there."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _leave()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _leave() -> None:
    uid, gid = os.geteuid(), os.getegid()
    try:
        _unshare(NEW_NETWORK | NEW_HOST_NAME)
    except PermissionError:  # but who is not root may be root of a namespace of users
        _unshare(NEW_NETWORK | NEW_HOST_NAME | NEW_USER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    # The machine's name may mean an address that is not here, or be asked of a DNS server that
    # cannot be reached: chats that listen on it, or connect to it, must go on working.
    socket.sethostname("localhost")
    _switch_on("lo")


def _unshare(what: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(what) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _switch_on(name: str) -> None:
    import fcntl  # Windows has none

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        before = fcntl.ioctl(any_socket, SIOCGIFFLAGS, INTERFACE.pack(name.encode(), 0))
        _name, flags = INTERFACE.unpack(before)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, INTERFACE.pack(name.encode(), flags | IFF_UP))
