"""What people read goes out in letters that their screen has, and in nothing else.

A Windows console or a pipe may have the letters of a code page only: cp1251 and cp866 know
Cyrillic but no check mark, cp1252 no Cyrillic. What is missing is replaced by a plain sign of the
same width, so that tables stay tables; a crash of the report would cost more than its beauty.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import sys
import unicodedata

HANDLER = "lab4-plain"
CYRILLIC = "Привет"
PLAIN = str.maketrans(
    "✓✗★…·•→←▷“”„«»‘’–—×№\N{NO-BREAK SPACE}" + "─━╸╺│┃╭╮╰╯┌┐└┘├┤┬┴┼",
    "+x**.*><>" + '"""""' + "''--xN " + "----||+++++++++++++",
)


def adapt() -> None:
    """Let standard output and error replace what they cannot encode."""
    codecs.register_error(HANDLER, _replaced)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError):
                stream.reconfigure(errors=HANDLER)


def shows_cyrillic() -> bool:
    """Return whether standard output can show Russian."""
    try:
        CYRILLIC.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(plain, error.object[error.start : error.end])), error.end


def plain(letter: str) -> str:
    """Return one ASCII sign for a letter: one that looks like it, if there is any."""
    found = letter.translate(PLAIN)
    if found.isascii():
        return found
    simple = unicodedata.normalize("NFKD", letter)[:1]
    return simple if simple.isascii() and simple.isprintable() else "?"
