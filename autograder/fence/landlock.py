"""Which files a process may reach at all, for where there can be no mounts of its own (Landlock).

Like all that runs beside a student's program it stands alone: standard library only.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
from collections.abc import Iterator

from autograder.fence.confine import PR_SET_NO_NEW_PRIVS, call

# include/uapi/linux/landlock.h; the numbers are the same on all processors.
SYS_CREATE_RULESET, SYS_ADD_RULE, SYS_RESTRICT_SELF = 444, 445, 446
CREATE_RULESET_VERSION, RULE_PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
UNWRITABLE = EXECUTE | 1 << 6 | 1 << 11  # MAKE_CHAR, MAKE_BLOCK: no devices
RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 5: 0xFFFF}  # all that a version knows
SCOPES, SCOPED = 6, 3  # from this version on: no abstract sockets and no signals to others
RULESET, BENEATH = struct.Struct("=QQQ"), struct.Struct("=Qi")
LEAST_VERSION = 3  # before, a file that cannot be written to can be truncated

READ = EXECUTE | READ_FILE | READ_DIR
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = (
    *("hosts", "host.conf", "gai.conf", "nsswitch.conf", "resolv.conf"),
    *("passwd", "group", "localtime", "ld.so.cache"),
)
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
INSTALLED = ("site-packages", "dist-packages")


def version() -> int:
    """Return the version of Landlock in this kernel, 0 if there is none."""
    with contextlib.suppress(OSError):
        return call("syscall", SYS_CREATE_RULESET, None, 0, CREATE_RULESET_VERSION)
    return 0


def readable(hidden: str) -> list[tuple[str, int]]:
    """Return what every program may read: the system and Python, with the rights to each.

    Args:
        hidden: A folder that must not be read, wherever it lies.
    """
    found = [(f"/etc/{name}", READ_FILE) for name in SETTINGS]
    found += [(f"/dev/{name}", READ_FILE | WRITE_FILE) for name in DEVICES]
    for folder in {*SYSTEM, os.path.realpath(sys.base_prefix)}:
        found += _rules_around(folder, hidden)
    return [(path, rights) for path, rights in found if os.path.exists(path)]


def restrict(readable: list[tuple[str, int]], writable: list[str]) -> None:
    """Leave this process some files, for good.

    Args:
        readable: See the function of that name.
        writable: Folders.

    Raises:
        OSError: the kernel refused; the process must not go on then.
    """
    known = version()
    rights = RIGHTS[max(least for least in RIGHTS if least <= known)]
    attributes = RULESET.pack(rights, 0, SCOPED if known >= SCOPES else 0)
    size = RULESET.size if known >= SCOPES else 8
    rules = call("syscall", SYS_CREATE_RULESET, attributes, size, 0)
    for path, allowed in readable + [(path, rights & ~UNWRITABLE) for path in writable]:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        call("syscall", SYS_ADD_RULE, rules, RULE_PATH_BENEATH, BENEATH.pack(allowed, place), 0)
        os.close(place)
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call("syscall", SYS_RESTRICT_SELF, rules, 0)
    os.close(rules)


def without_installed(paths: list[str]) -> list[str]:
    """Return the folders of modules that may still be read."""
    return [path for path in paths if os.path.basename(path) not in INSTALLED]


def _rules_around(folder: str, hidden: str) -> Iterator[tuple[str, int]]:
    """Yield what may be read in a folder: all but what was installed into a Python.

    A rule is about all that lies below a folder, so one that holds something hidden is only
    listed, and what else is in it has rules of its own.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        names = [entry.name for entry in entries]
        if not _holds_hidden(folder, names, hidden):
            yield folder, READ
            return
        yield folder, READ_DIR
        for name in names:
            path = os.path.join(folder, name)
            if name in INSTALLED or path == hidden:
                continue
            if os.path.isfile(path):
                yield path, EXECUTE | READ_FILE
            elif not os.path.islink(path):
                yield from _rules_around(path, hidden)


def _holds_hidden(folder: str, names: list[str], hidden: str) -> bool:
    """Return whether something hidden lies in a folder, or deeper where Pythons keep it."""
    if hidden.startswith(folder + "/") or set(names) & set(INSTALLED):
        return True
    deeper = {"lib", "lib64", "local", *(name for name in names if name.startswith("python"))}
    paths = [os.path.join(folder, name) for name in names if name in deeper]
    return any(
        _holds_hidden(path, os.listdir(path), hidden) for path in paths if os.path.isdir(path)
    )
