"""Names from strangers: where a member of an archive may lie, and what a person may be called.

A name that wants out of its folder condemns the work. One that only makes trouble (a letter that
Windows or a terminal cannot take, a device, a leading dash) is written in another way; no program
can import a module of such a name.
"""

from __future__ import annotations

import re
import unicodedata

from autograder.grading.submission import LEFT_OUT
from autograder.i18n import _

DRIVE = re.compile(r"[A-Za-z]:")
FORBIDDEN = frozenset('<>:"|?*')
DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"}
DEVICES |= {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"}
DROPPINGS = LEFT_OUT | {".DS_Store", "Thumbs.db", "desktop.ini"}
READABLE = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
OTHER_ARCHIVES = (".rar", ".7z", ".gz", ".bz2", ".xz", ".arj", ".cab", ".zst")
ARCHIVES = READABLE + OTHER_ARCHIVES
CONTROLS = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # ESC; what turns the direction; halves of a letter
JOINER = "\u200d"  # makes one emoji of several
MOST_DEPTH = 50  # folders in folders
MOST_NAME = 80  # letters


def split(raw: str) -> tuple[tuple[str, ...], str | None]:
    """Return the parts of a member's path, safe to be made, and why it must be refused.

    Args:
        raw: As the archive has it, with either slash.
    """
    path = raw.replace("\\", "/")
    parts = path.split("/")
    safe = tuple(spelled(part) for part in parts if part not in ("", ".", ".."))
    if len(safe) > MOST_DEPTH:
        return safe[:MOST_DEPTH], too_long(raw)
    if "\0" in raw:
        return safe, _("the name {name} is made to deceive: ask for the work anew").format(
            name=shown(raw)
        )
    if path.startswith("/") or DRIVE.match(path) or ".." in parts:
        return safe or ("_",), _(
            "{name} would be unpacked outside its folder: ask for an archive made in the usual way"
        ).format(name=shown(raw))
    return safe, None


def too_long(path: str) -> str:
    """Return the refusal of a path that is too long."""
    return _("the path {name} is too long: ask for shorter names").format(name=shown(path))


def spelled(part: str) -> str:
    """Return one part of a path as every system can have it, in NFC."""
    letters = _without_controls(part, "_")
    letters = "".join("_" if letter in FORBIDDEN else letter for letter in letters)
    # Windows drops dots and spaces at the end: two names would be one.
    letters = letters.strip(" ").rstrip(". ") or "_"
    if letters.startswith("-") or letters.split(".")[0].strip(" ").casefold() in DEVICES:
        return "_" + letters
    return letters


def same(parts: tuple[str, ...]) -> str:
    """Return what is equal for paths that are one file on some system."""
    return unicodedata.normalize("NFC", "/".join(parts).casefold())


def is_dropping(parts: tuple[str, ...]) -> bool:
    """Return whether a tool left this behind, and it is no work of the student."""
    return not DROPPINGS.isdisjoint(parts) or parts[-1].startswith("._")


def is_archive(name: str) -> bool:
    """Return whether a file is an archive by its name, be it readable or not."""
    return name.lower().endswith(ARCHIVES)


def is_python(name: str) -> bool:
    """Return whether a file is a Python program by its name."""
    return name.lower().endswith((".py", ".pyw"))


def stem(name: str) -> str:
    """Return the name of an archive without its ending, or any other name as it is."""
    endings = sorted((end for end in ARCHIVES if name.lower().endswith(end)), key=len)
    return name[: -len(endings[-1])] if endings else name


def shown(raw: str) -> str:
    """Return a name as it can be printed: on one line, short, without control characters."""
    text = _without_controls(raw, "?")
    return text if len(text) <= MOST_NAME else text[: MOST_NAME - 1] + "…"


def _without_controls(text: str, instead: str) -> str:
    return "".join(
        instead if unicodedata.category(letter) in CONTROLS and letter != JOINER else letter
        for letter in unicodedata.normalize("NFC", text)
    )
