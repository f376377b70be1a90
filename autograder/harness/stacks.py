"""Makes of a dump of all stacks what a student can read, and act on."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

# Files whose frames a student cannot act on, here and behind the fence.
OURS = tuple(
    path.replace("/", separator)
    for path in ("harness/launcher.py", "harness/recorder.py", "fence/zygote.py")
    for separator in ("/", "\\")
)
HEADING = re.compile(r"^(?:Current thread|Thread) 0x([0-9a-f]+).*$", re.MULTILINE)
OF_PYTHON = ('File "lib/', 'File "Lib\\')
MAIN_THREAD = "MainThread"  # as `threading` calls it
# Its outermost frame: that of its file, or where Python waits for the other threads.
OF_MAIN = ("in <module>", "in _shutdown")
CUT = "..."  # what `faulthandler` ends with if there is very much


def is_complete(text: str) -> bool:
    """Return whether a dump has come to its end: the main thread comes last in it."""
    return text.rstrip().endswith((*OF_MAIN, CUT))


def readable(text: str, home: Path, names: Mapping[int, str]) -> str:
    """Return for each thread its name, where it waits, and the frames of the program below that.

    Args:
        text: As `faulthandler` writes it.
        home: The folder of the program; files there are told by their names.
        names: Of threads, by their identity, as far as they are known.

    Returns:
        A heading as `Thread-1 (serve), 0x7f96a37fe6c0:` and a line for each frame, innermost first;
        empty lines between threads.
    """
    lines = [line for line in text.splitlines() if not any(file in line for file in OURS)]
    told = "\n".join(lines).replace(f"{home}{os.sep}", "")
    told = told.replace(f"{sys.base_prefix}{os.sep}", "")
    _before, *parts = HEADING.split(told)
    blocks = []
    for ident, body in zip(parts[::2], parts[1::2], strict=True):
        frames = [line for line in body.splitlines() if line.strip()]
        name = names.get(int(ident, 16)) or (
            MAIN_THREAD if body.rstrip().endswith(OF_MAIN) else "Thread"
        )
        own = [line for line in frames[1:] if not any(part in line for part in OF_PYTHON)]
        blocks.append("\n".join([f"{name}, 0x{ident.lstrip('0')}:", *frames[:1], *own]))
    return "\n\n".join(blocks)
