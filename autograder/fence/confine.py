"""A process gives up its own rights, for good: limits, user, capabilities, system calls (Linux).

Like all that runs beside a student's program it stands alone: standard library only.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource

LIBC = ctypes.CDLL(None, use_errno=True)
# include/uapi/linux/prctl.h
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 38
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION_3 = 0x20080522

# Room for a thread and a socket of each of a thousand clients, and for those who use two threads.
LIMITS = {
    resource.RLIMIT_NOFILE: 4096,
    resource.RLIMIT_NPROC: 4096,  # threads as well
    resource.RLIMIT_CPU: 120,  # seconds; a check ends long before
    resource.RLIMIT_FSIZE: 32 << 20,  # bytes
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_MEMLOCK: 1 << 20,  # bytes
}


class _Filter(ctypes.Structure):
    """struct sock_fprog"""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def limit() -> None:
    """Set the limits, where they are not lower already; they cannot be raised again."""
    for what, most in LIMITS.items():
        _soft, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def give_up_rights(uid: int | None, forbidden: bytes) -> None:
    """Become an ordinary user without capabilities who cannot make certain system calls.

    Args:
        uid: Whom to become, with a group of the same number; None to stay who it is.
        forbidden: The filter, see `seccomp.program`.

    Raises:
        OSError: the kernel refused a step; the process must not go on then.
    """
    _drop_bounding_set()
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    _drop_capabilities()
    call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)  # to be watched by whoever grades
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    rules = _Filter(len(forbidden) // 8, forbidden)
    call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(rules), 0, 0)


def _drop_bounding_set() -> None:
    for capability in range(64):
        try:
            call("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0)
        except OSError as error:
            if error.errno == errno.EPERM:  # it has none to drop: no process of this user has
                return
            if error.errno != errno.EINVAL:  # there are no more
                raise
            return


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())  # none effective, permitted, inheritable


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library.

    Raises:
        OSError: it returned -1.
    """
    result: int = getattr(LIBC, name)(*arguments)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result
