"""Makes text that a student controls harmless, wherever a report shows it.

A program can print anything: commands to the terminal, a formula for a spreadsheet, HTML,
half of a character. What is not plain text is shown as Python would escape it, so that a
reader sees that it was there: `\\x1b[2J` clears nothing.

| where it is shown   | function   | taken care of                                             |
| ------------------- | ---------- | --------------------------------------------------------- |
| anywhere            | `plain`    | controls, ANSI and OSC, NUL, lone surrogates, bidi, XML   |
| a name, a table     | `line`     | the same, and line ends                                   |
| a cell of a sheet   | `cell`     | the same as `plain`, and formulas                         |
| HTML                | `html`     | the same as `plain`, and tags                             |
| Markdown            | `markdown` | the same as `line`, and all that Markdown gives a meaning |
| JSON                | `json_of`  | nothing is lost but lone surrogates                       |
"""

from __future__ import annotations

import html as entities
import json
import re
import unicodedata
from collections.abc import Callable

CLIPPED = "…"
# Cc and Cf hold controls and bidi overrides, Cs lone surrogates, Cn what XML forbids, Zl and Zp
# line ends that most programs do not know as such.
HARMFUL = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
JOINERS = "\u200c\u200d"  # emoji are made with them; alone they do nothing
# The wide forms are taken for formulas by spreadsheets in East Asian languages.
FORMULA = tuple("=+-@\t\r＝＋－＠")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


class _Table(dict[int, str]):
    """What `str.translate` puts for each character; looked up once, for texts are long."""

    def __init__(self, kept: str, escape: Callable[[str], str]) -> None:
        super().__init__({ord(letter): letter for letter in kept})
        self._escape = escape

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        harmful = unicodedata.category(letter) in HARMFUL
        self[code] = self._escape(letter) if harmful else letter
        return self[code]


def _in_json(letter: str) -> str:
    if unicodedata.category(letter) == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return json.dumps(letter)[1:-1]


_PLAIN = _Table(f"\n\t{JOINERS}", lambda letter: letter.encode("unicode_escape").decode())
_JSON = _Table(f"\n{JOINERS}", _in_json)


def clip(text: str, most: int) -> str:
    """Return at most `most` characters of a text, the end marked if it is cut off."""
    return text if len(text) <= most else text[: max(0, most - 1)] + CLIPPED[:most]


def plain(text: str) -> str:
    r"""Return text of printable characters, spaces, tabs and `\n` only, all else escaped."""
    return text.replace("\r\n", "\n").translate(_PLAIN)


def line(text: str) -> str:
    """Return plain text on one line, without space around it."""
    return " ".join(plain(text).split())


def cell(text: str) -> str:
    """Return plain text that no spreadsheet takes for a formula; the writer quotes it."""
    # Before it is made plain, and after: an escaped carriage return was one.
    shown = plain(text)
    formula = text.startswith(FORMULA) or shown.lstrip().startswith(FORMULA)
    return f"'{shown}" if formula else shown


def html(text: str) -> str:
    """Return plain text for HTML, inside an element or an attribute."""
    return entities.escape(plain(text))


def markdown(text: str) -> str:
    """Return one line that Markdown shows as it is, also in a table or a heading."""
    return _PUNCTUATION.sub(lambda match: f"&#{ord(match.group())};", line(text))


def json_of(value: object, *, indent: int | None = None) -> str:
    """Return JSON that every reader takes: valid UTF-8, and harmless where it is shown raw.

    Controls and bidi overrides are escaped as JSON has it, and so are read back; a lone
    surrogate is no text, and becomes U+FFFD.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    return text.translate(_JSON)
