"""The `pyproject.toml` of a kit: this one, without what is for those who maintain it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection

KEPT = {
    "build-system",
    "project",
    "project.scripts",
    "project.entry-points.pytest11",
    "tool.hatch.build.targets.wheel",
}
EXTRAS = "project.optional-dependencies"
TABLE = re.compile(r"^\[(?P<name>[^\[\]]+)\]$", re.MULTILINE)


def for_kit(text: str, extras: Collection[str] = ()) -> str:
    """Return the project of a kit.

    Args:
        text: The `pyproject.toml` of the whole.
        extras: Which groups of optional dependencies the kit offers.
    """
    heads = list(TABLE.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    tables = {h["name"]: text[h.start() : end].strip() for h, end in zip(heads, ends, strict=True)}
    parts = [table for name, table in tables.items() if name in KEPT]
    optional = tomllib.loads(tables.get(EXTRAS, "")).get("project", {}).get(EXTRAS[8:], {})
    if offered := {name: optional[name] for name in optional if name in extras}:
        lines = [f"{name} = {json.dumps(packages)}" for name, packages in offered.items()]
        parts.append("\n".join([f"[{EXTRAS}]", *lines]))
    return "\n\n".join(parts) + "\n"
