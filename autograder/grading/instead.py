"""What a client did instead of what was expected, in words."""

from __future__ import annotations

import re

from autograder.harness.backend import PROOFS, State
from autograder.harness.inbox import Inbox
from autograder.harness.lines import COLOURS, plain
from autograder.i18n import _

MOST_SHOWN = 80  # characters of what came instead
REDRAWS = re.compile(rb"\x1b(?!\[[0-9;]*m)")  # a command to the terminal that is no colour
BYTES = re.compile(r"""\bb['"]""")  # how Python prints bytes that were not decoded


def did_not(state: State) -> str:
    """Return that something did not happen, and what that is known from."""
    if state is State.GONE:
        return _("it did not, and the client has ended")
    if state in PROOFS:
        return _("it did not, and the client waits: it never will")
    return _("it did not in time")


def how_to_show(text: str, came: str) -> str:
    """Return a hint for a client that showed `came` instead of `text`; empty for the usual one."""
    if BYTES.search(came):
        return _("What recv() returns are bytes: decode them before you print them.")
    parts = re.findall(r"[a-z0-9]{4,}", text.casefold())  # they look the same in every code
    if any(part in came.casefold() for part in parts):
        return _("Print all of what comes, as it is: decode it from UTF-8 and change nothing.")
    if any(letter.isalnum() for letter in came):  # its own words, and more than a prompt
        return _("Receive in a thread of its own, in a loop, and print all that comes.")
    return ""


def times_shown(screen: Inbox, text: str) -> int:
    """Return how often a text stands on a screen, in the same words; at most once if unknown.

    A screen that is drawn anew shows all of it again. A program that also tells of its work does
    so in other words.
    """
    data = screen.data()
    if REDRAWS.search(data):
        return 1
    lines = [plain(line) for line in data.decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if text in line]
    return max((max(lines.count(line), line.count(text)) for line in lines), default=0)


def shown(inbox: Inbox, since: int) -> str:
    """Return the end of what has come since, on one line, as a sentence can quote it."""
    text = COLOURS.sub("", inbox.data(since)[-20 * MOST_SHOWN :].decode("utf-8", "replace"))
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= MOST_SHOWN else "…" + shown[-MOST_SHOWN:]
