"""The tiers of the fence: what each promises to whom grades strangers' programs, and what not."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.i18n import N_, _


@dataclass(frozen=True)
class Tier:
    """One way to shut programs in.

    Attributes:
        name: As results record it.
        words: What it is made of.
        cell: Whether each program has processes, mounts and files of its own, inside bubblewrap.
        confined: Whether each program gives up its rights.
        landlock: Whether the kernel keeps it from files, where there are no cells.
        tolerated: What a canary may be able to do, see `canary.py`.
        reason: Why no better tier works here; empty if there is none, or it was not tried.
        remedy: What would make a better one work, as far as that is known.
    """

    name: str
    words: str
    promises: str
    leaves_open: str
    cell: bool = False
    confined: bool = False
    landlock: bool = False
    tolerated: frozenset[str] = frozenset()
    reason: str = ""
    remedy: str = ""

    @property
    def title(self) -> str:
        """What it is made of, in the language in force."""
        return _(self.words)

    @property
    def promise(self) -> str:
        """What it keeps programs from."""
        return _(self.promises)

    @property
    def no_promise(self) -> str:
        """What it does not keep them from."""
        return _(self.leaves_open)


T1 = Tier(
    "T1",
    N_("bubblewrap, a network of its own, seccomp and limits"),
    N_(
        "A program sees no file of the grader or of another submission, reaches no network, "
        "outlives nothing, leaves nothing to the next one, and is ended when it takes too much."
    ),
    N_(
        "Not promised: safety from faults of the kernel, a fair share of the processor; memory "
        "is looked at 20 times a second, so that for a moment more may be in use."
    ),
    cell=True,
    confined=True,
)
T2 = Tier(
    "T2",
    N_("Landlock, seccomp and limits"),
    N_(
        "A program reads the system's files and its own copy, writes only there, and sends no "
        "signals to the grader."
    ),
    N_(
        "Not promised: that it reaches no network and no other submission's server, that it takes "
        "little memory and disk, that it leaves nothing to the next one."
    ),
    confined=True,
    landlock=True,
    tolerated=frozenset({"connect"}),
)
T0 = Tier(
    "T0",
    N_("no fence: plain processes"),
    N_("Programs run with your rights: for your own work only."),
    N_("Not promised: anything."),
)
TIERS = (T1, T2, T0)  # the best first
