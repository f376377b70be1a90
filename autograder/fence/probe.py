"""Finds the best tier of this machine by trying each: a canary must not get out."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import os
import socket
import sys
import tempfile
from pathlib import Path

from autograder.fence import force, seccomp
from autograder.fence.tiers import T2, TIERS, Tier
from autograder.i18n import N_, _

CANARY = Path(__file__).with_name("canary.py")
MOST_SAID = 1 << 16  # bytes
APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
ESCAPES = {
    "read": N_("read a file of the grader"),
    "write": N_("write to a file of the grader"),
    "signal": N_("see the grader's process"),
    "connect": N_("connect to the grader's network"),
    "trace": N_("look into other processes"),
    "namespace": N_("make a namespace"),
    "memory": N_("take memory that no limit counts"),
    "raw": N_("open a raw socket"),
    "user": N_("become root"),
    "files": N_("open more files than it may"),
    "processes": N_("start more processes than it may"),
}
PIECES = ("RTM_NEWADDR", "uid map", "namespace", "not permitted")


@functools.cache
def best() -> Tier:
    """Return the best tier that works here; its `reason` says why no better one does.

    Found out once: it takes half a second.
    """
    reason = remedy = ""
    for tier in TIERS:
        why, how = why_not(tier)
        if not why:
            return dataclasses.replace(tier, reason=reason, remedy=remedy)
        if not reason:
            reason, remedy = why, how
    raise AssertionError("plain processes always work")


def why_not(tier: Tier) -> tuple[str, str]:
    """Try a tier.

    Returns:
        Why it does not work here, and how it would; both empty if it does.
    """
    if not tier.confined:
        return "", ""
    if sys.platform != "linux":
        return _("this system is not Linux"), _("grade in a virtual machine with Linux")
    from autograder.fence import bubblewrap, landlock

    if not seccomp.available():
        return _("this kind of processor is not known to the kit"), _("grade on x86-64 or ARM64")
    if tier.cell and bubblewrap.executable() is None:
        return _("bubblewrap is not installed"), "sudo apt install bubblewrap"
    if tier.landlock and landlock.version() < landlock.LEAST_VERSION:
        return _("this kernel has no Landlock, or an old one"), _("use Linux 6.2 or newer")
    if tier.landlock and not _open_to_all(bubblewrap.python()):
        return _("Python lies in a folder that only root may enter"), _("install it for everybody")
    try:
        found = _canary(tier)
    except OSError as error:
        return str(error), _remedy(str(error))
    if escapes := [name for name in found["escapes"] if name not in tier.tolerated]:
        done = "; ".join(_(ESCAPES[name]) for name in escapes)
        return _("a canary could do this: {done}").format(done=done), ""
    if found["harmed"]:
        return _("an honest program does not run in it: {why}").format(why=found["harmed"]), ""
    return "", ""


def _canary(tier: Tier) -> dict[str, list[str] | str]:
    """Run the canary; return what it says.

    Raises:
        OSError: it could not be started, or said nothing.
    """
    from autograder.fence.nursery import Nursery

    rules = force.rules_of(tier, own_network=tier.cell)
    with (
        contextlib.closing(Nursery(CANARY, lambda: rules)) as nursery,
        tempfile.TemporaryDirectory(prefix="lab4-") as folder,
        tempfile.NamedTemporaryFile(prefix="lab4-") as secret,
        socket.create_server(("127.0.0.1", 0)) as server,
        Path(os.devnull).open() as nothing,
        tempfile.TemporaryFile() as said,
    ):
        port = server.getsockname()[1]
        own, empty = Path(folder, "own"), Path(folder, "empty")
        own.mkdir()
        empty.mkdir()
        words = [str(own), secret.name, str(port), str(os.getpid())]
        streams = (nothing.fileno(), said.fileno(), said.fileno())
        home = rules.lay_out(empty, own)
        canary = nursery.spawn(words, streams, empty, home, rules.environment())
        nursery.forget(canary)
        said.seek(0)
        text = said.read(MOST_SAID).decode("utf-8", "replace")
        try:
            found: dict[str, list[str] | str] = json.loads(text)
        except ValueError:
            raise OSError(_("the canary said {text!r}").format(text=text[-200:])) from None
        return found


def _open_to_all(python: Path) -> bool:
    """Return whether programs can reach Python when they are another user than we are."""
    if force.rules_of(T2).uid is None:
        return True
    return all(folder.stat().st_mode & force.PASS_THROUGH for folder in python.parents)


def _remedy(said: str) -> str:
    if not any(piece in said for piece in PIECES):
        return ""
    if APPARMOR.exists() and APPARMOR.read_text().strip() == "1":
        return "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    return _(
        "a container must be started with the right to make namespaces; or grade in a virtual "
        "machine"
    )
