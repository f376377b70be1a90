"""File names stored as bytes of an unknown code page: which letters they were meant to be.

Windows packs Russian names in cp866 and does not say so; some programs take cp1251, Macs UTF-8.
The bytes of one name fit several code pages. The one is taken in which most letters make words:
letters of one alphabet side by side, small after small.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Of equally good ones the first: it is what a Russian Windows does.
CODE_PAGES = ("cp866", "cp1251", "cp437")
WORD = re.compile(r"[^\W\d_]+")
LATIN = re.compile(r"[a-zà-öø-ÿßœ]", re.IGNORECASE)
CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
COMMON = frozenset("оеаи")  # more than a third of all letters of a Russian text


def code_page(names: Iterable[bytes]) -> str:
    """Return the encoding that all these names most likely have.

    Args:
        names: Of one archive: its packer used one encoding for all.
    """
    whole = b"\n".join(names)
    try:
        whole.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        return max(CODE_PAGES, key=lambda page: _likeness(whole.decode(page, "replace")))


def decoded(name: bytes, page: str) -> str:
    """Return a name as text; what the encoding cannot say becomes U+FFFD."""
    return name.decode(page, "replace")


def _likeness(text: str) -> int:
    """Count the letters beyond ASCII that stand in plausible words."""
    likeness = 0
    for word in WORD.findall(text):
        foreign = [letter for letter in word if not letter.isascii()]
        one_alphabet = all(map(CYRILLIC.match, word)) or all(map(LATIN.match, word))
        one_case = word.isupper() or word[1:].islower() or len(word) == 1
        if one_alphabet and one_case:
            likeness += len(foreign) + sum(letter in COMMON for letter in foreign)
    return likeness
