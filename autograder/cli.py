"""`lab4`: chooses the language, then hands over to the commands."""

from __future__ import annotations

import gettext
import os
import sys

from autograder import i18n, screen
from autograder.i18n import N_, ngettext

# What click says itself; it asks gettext for a translation, and finds it in our catalog.
WORDS_OF_CLICK = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("Try '{command} {option}' for help."),
    N_("Error: {message}"),
    N_("required"),
    N_("default: {default}"),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Choose from:\n\t{choices}"),
    N_("No such option {name!r}."),
    N_("No such command {name!r}."),
    N_("Invalid value for {param_hint}: {message}"),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is not readable."),
    N_("{name} {filename!r} is not writable."),
    N_("{value} is not in the range {range}."),
    N_("{value!r} is not a valid {number_type}."),
    ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", 1),
    ngettext(
        "Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", 1
    ),
    N_("Option {name!r} does not take a value."),
    ngettext(
        "Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 1
    ),
    ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", 1),
    N_("path"),
    N_("directory"),
    N_("file"),
    N_("Aborted!"),
)


def main() -> None:
    """Run the command line; the language must be known before help texts are made."""
    screen.adapt()
    usual = i18n.default_language() if screen.shows_cyrillic() else "en"
    i18n.set_language(_asked_language(sys.argv[1:]) or usual)
    os.environ["LANGUAGE"] = i18n.language()  # where gettext's own functions look
    gettext.bindtextdomain("lab4", i18n.LOCALE_DIR)
    gettext.textdomain("lab4")
    try:
        from autograder.commands import lab4

        lab4(prog_name="lab4")
    except KeyboardInterrupt:  # while it still loads; later the commands see to it
        print(i18n._("Interrupted."))
        sys.exit(130)


def _asked_language(arguments: list[str]) -> str | None:
    for place, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == "--lang":
            asked = value if equals else "".join(arguments[place + 1 : place + 2])
            return asked if asked in i18n.LANGUAGES else None  # click will complain
    return None


if __name__ == "__main__":
    main()
