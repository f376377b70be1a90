"""The rubric of a students' kit: the instructor's, without what is hidden and without the seed."""

from __future__ import annotations

import json
import re

from autograder.grading.rubric import LEVELS, Rubric

HEADING = """\
# Points of each check, by level. A check with 0 points is shown as a badge. `threads` is a gate:
# without threads the whole work is worth 0."""


def for_students(points: Rubric) -> str:
    """Return the rubric as TOML.

    The seed is not for students: who knows it knows each random choice of the grading.
    """
    lines = [HEADING]
    if kept_back := points.kept_back + len(points.hidden):
        lines.append(f"\nkept_back = {kept_back}  # checks that are not in this kit")
    if points.checks:
        lines.append(f"\nchecks = {json.dumps(points.checks.name)}")
    for table, level in LEVELS.items():
        told = [check for check in points.points if points.levels[check] == level]
        told = [check for check in told if check not in points.hidden]
        if told:
            lines += ["", f"[{table}]"]
            lines += [f"{_key(check)} = {points.points[check]}" for check in told]
    return "\n".join(lines) + "\n"


def _key(check: str) -> str:
    """Return an id as a key of TOML, which are quoted as JSON has it."""
    plain = re.fullmatch(r"[A-Za-z0-9_-]+", check)
    return check if plain else json.dumps(check, ensure_ascii=False)
