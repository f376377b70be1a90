"""Which tier is in force in this process, and what that means for the programs it starts."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.fence.tiers import T0, Tier
from autograder.i18n import _

PYTHON_OPTIONS = ["-I", "-u", "-X", "utf8"]  # of every program, behind a fence or not
Streams = tuple[int, int, int]  # descriptors of standard input, output and error
WORK = Path("/work")  # where a program in a cell finds itself
PASS_THROUGH = 0o001  # in a folder's mode: others may open what they know the name of
ROUTES = Path("/proc/self/net/route")  # of IPv4, below a heading
ADDRESSES = Path("/proc/self/net/if_inet6")  # of IPv6, the interface at the end of each line
# Programs of a grader that runs as root become users who own nothing and are nobody else's.
FIRST_UID, MOST_PID = 1_000_000_000, 1 << 22


class FenceError(OSError):
    """A program could not be fenced in; the message says why and what to do."""


@dataclass(frozen=True)
class Rules:
    """What programs are shut in by.

    Attributes:
        cell: Whether each has a cell of its own, see `cell.py`.
        confined: Whether each gives up its rights, see `confine.py`.
        landlock: Whether the kernel keeps it from files, see `landlock.py`.
        uid: Whom each becomes; None if it stays who we are.
        own_network: Whether all leave the network of this process.
    """

    cell: bool = False
    confined: bool = False
    landlock: bool = False
    uid: int | None = None
    own_network: bool = False

    def lay_out(self, stage: Path, folder: Path) -> Path:
        """Return where a program of the folder `stage` will find itself.

        Args:
            stage: What is handed in; without a fence it runs there.
            folder: Its own, for a copy where it has no cell, which would hold one.
        """
        if not self.confined:
            return stage
        if self.cell:
            return WORK
        home = folder / "work"
        shutil.copytree(stage, home, symlinks=True)
        if self.uid is not None:
            for path in (home, *home.rglob("*")):
                os.chown(path, self.uid, self.uid, follow_symlinks=False)
            for path in (folder, folder.parent):
                path.chmod(path.stat().st_mode | PASS_THROUGH)
        return home

    def environment(self) -> dict[str, str]:
        """Return what programs get of our environment, or instead of it."""
        if self.confined:
            return {"PATH": "/usr/local/bin:/usr/bin:/bin"}
        kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
        return {name: os.environ[name] for name in kept if name in os.environ}


_current = T0  # for the whole process
_rules = Rules()


def enter(tier: Tier) -> None:
    """Have all programs that this process starts from now on shut in as `tier` says.

    Raises:
        FenceError: this process still has a way out to other machines, which they would share.
    """
    global _current, _rules
    if tier.cell and _can_get_out():
        raise FenceError(
            _(
                "this process must have a network of its own before it fences programs in, and "
                "still has a way to others: call isolation.own_network() first"
            )
        )
    _rules = rules_of(tier)
    _current = tier


def current() -> Tier:
    """Return the tier in force in this process."""
    return _current


def rules() -> Rules:
    """Return what programs are shut in by now."""
    return _rules


def rules_of(tier: Tier, *, own_network: bool = False) -> Rules:
    """Return what a tier means for the programs of this process."""
    if not tier.confined:
        return Rules()
    return Rules(tier.cell, tier.confined, tier.landlock, _uid(), own_network)


def _can_get_out() -> bool:
    """Return whether this process has a route or an address beyond its own machine."""
    routes = ROUTES.read_text().splitlines()[1:]
    addresses = ADDRESSES.read_text().splitlines() if ADDRESSES.exists() else []
    return bool(routes) or any(address.split()[-1] != "lo" for address in addresses)


def _uid() -> int | None:
    """Return a user for the programs of this process alone; None if it may not change users.

    One of its own, because the kernel counts processes by user: a fork bomb must not take
    those of a neighbour.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return None
    first, _outside, count = map(int, Path("/proc/self/uid_map").read_text().split()[:3])
    if first > FIRST_UID or first + count < FIRST_UID + MOST_PID:
        return None
    return FIRST_UID + os.getpid() % MOST_PID
