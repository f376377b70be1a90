"""How bubblewrap is called: what the zygote and its programs see of the machine (Linux).

The system's programs and libraries, Python without what was installed into it, a handful of files
that chats need, and four files of the kit, under neutral names. No /home, no submissions, no
checks, no reference. All of it can only be read; what a program may write to is made by `cell.py`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.fence.cell import DISKS

HERE = Path(__file__).parent
KIT = "/kit"  # where the files of the kit lie inside
INSIDE = ("zygote", "cell", "confine", "landlock", "seccomp")
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
READABLE = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
LAST_ARGUMENTS = ["--remount-ro", "/dev", "--remount-ro", "/"]  # behind those of `files`
INSTALLED = ("lib*/python*/site-packages", "lib*/python*/dist-packages")
# Names are looked up without a DNS server, which could not be reached.
FILES = {
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "/etc/group": "student:x:{gid}:\n",
    "/etc/passwd": "student:x:{uid}:{gid}:student:/work:/bin/sh\n",
}


def executable() -> str | None:
    """Return where bubblewrap is, None where it is not installed."""
    return shutil.which("bwrap")


def python() -> Path:
    """Return the interpreter of programs: not that of a virtual environment."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def arguments(launcher: Path, *, uid: int | None, own_network: bool) -> list[str]:
    """Return bubblewrap's arguments, but for the files of `files` and the command.

    Args:
        launcher: The kit's file that is run in each program; a recorder.py beside it comes along.
        uid: Whom programs become; None if they are who we are, in a namespace of users.
        own_network: Whether to leave this process's network for a new one.
    """
    words = ["--unshare-pid", "--as-pid-1", "--unshare-ipc", "--unshare-uts"]
    words += ["--hostname", "localhost"]  # a chat may listen on the machine's name
    words += ["--unshare-net"] if own_network else []
    # The zygote makes namespaces and mounts; its programs lose the right to.
    words += ["--unshare-user", "--cap-add", "ALL"] if uid is None else []
    prefixes = [Path("/usr"), Path(sys.base_prefix).resolve()]
    for folder in prefixes:
        words += _read_only(folder)
    for name in SYSTEM:
        words += _like_outside(Path(name))
    for folder in _to_be_hidden(prefixes):
        words += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    words += ["--perms", "0755", "--dir", "/etc"]
    for name in READABLE:
        words += ["--ro-bind-try", name, name]
    words += ["--proc", "/proc", "--tmpfs", "/dev"]
    for name in DEVICES:
        words += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for name in INSIDE:
        words += _read_only(HERE / f"{name}.py", inside(HERE / f"{name}.py"))
    words += _read_only(launcher, inside(launcher))
    recorder = launcher.with_name("recorder.py")
    words += ["--ro-bind-try", str(recorder), inside(recorder)]
    for disk in DISKS:
        words += ["--dir", disk]
    return [*words, "--clearenv"]


def files(uid: int | None) -> dict[str, bytes]:
    """Return path → content of the files that are made up."""
    user = os.getuid() if uid is None else uid
    group = os.getgid() if uid is None else uid
    return {path: text.format(uid=user, gid=group).encode() for path, text in FILES.items()}


def inside(file: Path) -> str:
    """Return under which name a file of the kit is found inside."""
    return f"{KIT}/{file.relative_to(HERE.parents[1])}"


def _read_only(path: Path, name: str = "") -> list[str]:
    """Return what shows a file or folder inside; the folders above it are open to everybody."""
    name, words = name or str(path), list[str]()
    for above in reversed(Path(name).parents[:-1]):
        words += ["--perms", "0755", "--dir", str(above)]
    return [*words, "--ro-bind", str(path), name]


def _like_outside(folder: Path) -> list[str]:
    if folder.is_symlink():
        return ["--symlink", str(folder.readlink()), str(folder)]
    return _read_only(folder) if folder.is_dir() else []


def _to_be_hidden(prefixes: list[Path]) -> Iterator[Path]:
    """Yield what must not be found in these folders: installed packages, and this kit."""
    found = set()
    for prefix in [*prefixes, Path("/usr/local")]:
        for pattern in INSTALLED:
            found |= {path.resolve() for path in prefix.glob(pattern) if path.is_dir()}
    root = HERE.parents[1]
    if any(root.is_relative_to(prefix) for prefix in prefixes):
        found.add(root)
    return iter(sorted(found))
