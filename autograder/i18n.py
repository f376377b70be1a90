"""Russian and English for everything people read: one process, one language at a time."""

from __future__ import annotations

import contextlib
import gettext
import locale
import os
from collections.abc import Iterator
from pathlib import Path

LANGUAGES = ("ru", "en")
VARIABLES = ("LAB4_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts
LOCALE_DIR = Path(__file__).with_name("locale")

_active: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def default_language() -> str:
    """Return the language of this user: LAB4_LANG, else the system's, else English."""
    # The variables are asked before the system: it may lack the locale that they name.
    asked = (os.environ.get(name) for name in VARIABLES)
    wanted = next(filter(None, asked), None) or locale.getlocale()[0] or ""
    return "ru" if wanted.lower().startswith("ru") else "en"


def set_language(language: str) -> None:
    """Make every later `_()` answer in `language`.

    Raises:
        ValueError: `language` is not one of LANGUAGES.
    """
    global _active, _language
    if language not in LANGUAGES:
        raise ValueError(f"language is {language!r}, expected one of {', '.join(LANGUAGES)}")
    # English is the language of the sources; a missing Russian catalog must be an error.
    _active = (
        gettext.NullTranslations()
        if language == "en"
        else gettext.translation("lab4", LOCALE_DIR, languages=[language])
    )
    _language = language


def language() -> str:
    """Return the language in force."""
    return _language


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Answer in another language for a while.

    Raises:
        ValueError: `language` is not one of LANGUAGES.
    """
    before = _language
    set_language(language)
    try:
        yield
    finally:
        set_language(before)


def _(message: str) -> str:
    """Translate `message`; the empty one stays empty (gettext would return its header)."""
    return _active.gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate a sentence that counts: Russian has three plural forms."""
    return _active.ngettext(singular, plural, n)


def N_(message: str) -> str:
    """Mark `message` for the catalog without translating it yet."""
    return message
