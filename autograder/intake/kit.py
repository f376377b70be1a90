"""Clones of this kit, as students get it: only lab4/ is theirs."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.intake.members import Member

GRADER, PROGRAM = ("autograder", "__init__.py"), ("lab4", "server.py")


def without_kit(members: Sequence[Member]) -> list[Member]:
    """Return the members without what a clone of the kit has beside lab4/."""
    known = {member.parts for member in members}
    roots = {
        parts[: -len(GRADER)]
        for parts in known
        if parts[-len(GRADER) :] == GRADER and (*parts[: -len(GRADER)], *PROGRAM) in known
    }
    if not roots:
        return list(members)
    return [member for member in members if _is_theirs(member.parts, roots)]


def _is_theirs(parts: tuple[str, ...], roots: set[tuple[str, ...]]) -> bool:
    above = [parts[:end] for end in range(len(parts)) if parts[:end] in roots]
    return all(parts[len(root)] == PROGRAM[0] for root in above)
