"""Which ports a client may know of by itself: what stands in its text and in its server's."""

from __future__ import annotations

import re
from pathlib import Path

MOST_PORTS = 12
_NUMBER = re.compile(r"\b\d[\d_]{1,6}\b")
_IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w, \t]+)", re.MULTILINE)


def ports_in_common(client: Path, server: Path) -> set[int]:
    """Return the numbers that stand in both programs: a client must know its own server's port."""
    common = numbers_in(client) & numbers_in(server)
    return set(sorted(common, reverse=True)[:MOST_PORTS])


def numbers_in(script: Path) -> set[int]:
    """Return what may be ports in a program and in the modules beside it that it imports."""
    text = _text(script)
    for names in _IMPORT.findall(text):
        for name in re.split(r"[,\s]+", names):
            text += "\n" + _text(script.with_name(f"{name}.py"))
    numbers = {int(word.replace("_", "")) for word in _NUMBER.findall(text)}
    return {number for number in numbers if 9 < number < 65536}


def _text(script: Path) -> str:
    return script.read_text(encoding="utf-8", errors="replace") if script.is_file() else ""
