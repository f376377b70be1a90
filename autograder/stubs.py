"""Makes the students' stubs in lab4/ from the solved programs in reference/.

A gap is marked in the reference; only what follows `# |` and the TODO lines go into the stub:

    # SOLUTION 4.2
    # TODO(4.2): what to do, in Russian
    # TODO(4.2): what to do, in English
    # Check: the checks that will notice
    # | return []          what stands there until it is done
    ...                    the solution
    # END SOLUTION
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

PROGRAMS = ("wire.py", "two_user_server.py", "server.py", "client.py")
BEGIN = re.compile(r"\s*# SOLUTION (\d+\.\d+)$")
END = re.compile(r"\s*# END SOLUTION$")
NOTICED_BY = "# Check: "
KEPT = re.compile(r"(\s*)# (TODO\(|Check: |\| )")


class MarkerError(Exception):
    """A gap is not marked as it should be; the message names the line."""


def make_stub(source: str, name: str) -> str:
    """Return the stub of one solved program.

    Args:
        source: The solved program.
        name: Its file name, for the message.

    Raises:
        MarkerError: a gap does not end, begins inside another, or has no TODO of its number.
    """
    stub: list[str] = []
    number, todos, in_text = "", 0, False
    for place, line in enumerate(source.splitlines(), 1):
        if begin := BEGIN.match(line):
            if number:
                raise MarkerError(f"{name}:{place}: gap {number} has not ended, expected its end")
            number, todos, in_text = begin[1], 0, True
        elif END.match(line):
            if not number or not todos:
                expected = f"a TODO({number})" if number else "a gap before it"
                raise MarkerError(f"{name}:{place}: a gap ends, expected {expected}")
            number = ""
        elif not number:
            stub.append(line)
        elif in_text and (kept := KEPT.match(line)):
            if kept[2] == "TODO(" and f"TODO({number})" not in line:
                raise MarkerError(f"{name}:{place}: expected TODO({number}) in gap {number}")
            todos += kept[2] == "TODO("
            stub.append(line.replace("# | ", "", 1) if kept[2] == "| " else line)
        else:
            in_text = False  # from here on it is the solution
    if number:
        raise MarkerError(f"{name}: gap {number} does not end, expected # END SOLUTION")
    return "\n".join(stub) + "\n"


def make_stubs(reference: Path) -> dict[str, str]:
    """Return the stub of every program, by file name.

    Raises:
        MarkerError: see `make_stub`.
        OSError: a program cannot be read.
    """
    return {
        name: make_stub((reference / name).read_text(encoding="utf-8"), name) for name in PROGRAMS
    }


def out_of_date(reference: Path, target: Path) -> dict[Path, str]:
    """Return the stubs that do not stand in `target` as they should; raises as `make_stubs`."""
    stubs = {target / name: text for name, text in make_stubs(reference).items()}
    return {
        path: text
        for path, text in stubs.items()
        if not path.exists() or path.read_text(encoding="utf-8", errors="replace") != text
    }


def without_names(stub: str, hidden: Collection[str]) -> str:
    """Return a stub whose gaps name none of these checks as those that will notice."""
    kept = []
    for line in stub.splitlines(keepends=True):
        indent, mark, names = line.partition(NOTICED_BY)
        told = [name for name in names.strip().split(", ") if name not in hidden]
        if not mark:
            kept.append(line)
        elif told:
            kept.append(f"{indent}{mark}{', '.join(told)}\n")
    return "".join(kept)
