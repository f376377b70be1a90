"""What a folder or an archive holds, listed without unpacking, and a way to copy it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from autograder.i18n import _
from autograder.intake.limits import MOST_MEMBERS, Unreadable, too_many


@dataclass(frozen=True)
class Member:
    """One file or folder.

    Attributes:
        parts: Its path, safe to be made.
        origin: How its source finds it.
        is_folder: Whether it is a folder.
        fault: Why the work that has it must be refused; None if it need not.
        packed: Bytes that it takes inside an archive; None where nothing is packed.
    """

    parts: tuple[str, ...]
    origin: Any
    is_folder: bool = False
    fault: str | None = None
    packed: int | None = None

    @property
    def path(self) -> str:
        """Return the path as text."""
        return "/".join(self.parts)


class Source(Protocol):
    """A folder or an archive that is open."""

    def members(self) -> Iterator[Member]:
        """List what is in it, but not what tools have left behind.

        Raises:
            Unreadable: it is damaged.
        """

    def read(self, member: Member) -> Iterator[bytes]:
        """Yield the content of a file, piece by piece.

        Raises:
            Unreadable: it is damaged.
        """

    def close(self) -> None:
        """Let go of it; idempotent."""


def at_most(
    found: Iterable[Member], most: int = MOST_MEMBERS, of: tuple[str, ...] = ()
) -> Iterator[Member]:
    """Yield members, but no list without end.

    Args:
        found: What there is.
        most: How many may come.
        of: The work they belong to; it is at fault if there are more.

    Raises:
        Unreadable: there are more, and nobody knows whose.
    """
    for number, member in enumerate(found):
        if number == most:
            if not of:
                raise too_many(most)
            yield Member(of, None, fault=str(too_many(most)))
            return
        yield member


def damaged(path: Path) -> Unreadable:
    """Return the refusal of an archive that cannot be unpacked."""
    return Unreadable(
        _("{name} cannot be unpacked (it is damaged, or no archive): ask for it again").format(
            name=path.name
        )
    )


def link(name: str) -> str:
    """Return the refusal of a link."""
    return _("{name} is a link, which could lead anywhere: ask for the file itself").format(
        name=name
    )


def special(name: str) -> str:
    """Return the refusal of what is neither file nor folder nor link."""
    return _("{name} is neither a file nor a folder: ask for the programs only").format(name=name)
