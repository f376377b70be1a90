"""`lab4`: chooses the language, then hands over to the commands."""

from __future__ import annotations

import contextlib
import io
import sys

from autograder import i18n


def main() -> None:
    """Run the command line; the language must be known before help texts are made."""
    i18n.set_language(_asked_language(sys.argv[1:]) or i18n.default_language())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console may lack letters: show "?" instead
            with contextlib.suppress(ValueError):
                stream.reconfigure(errors="replace")
    from autograder.commands import lab4

    lab4(prog_name="lab4")


def _asked_language(arguments: list[str]) -> str | None:
    for place, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == "--lang":
            asked = value if equals else "".join(arguments[place + 1 : place + 2])
            return asked if asked in i18n.LANGUAGES else None  # click will complain
    return None


if __name__ == "__main__":
    main()
