"""The first place where what came differs from what was sent: two lines and a caret below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from rich.cells import cell_len

from autograder.grading.result import CheckResult
from autograder.i18n import _
from autograder.reports.harmless import plain

ALIKE = 0.6  # of `difflib`: less, and a line is another line
AROUND = 24  # characters shown on each side of the difference
MOST_LOOKED_AT = 2000  # characters of a line
CUT = re.compile(r"(?:\\x[0-9a-f]{2})* … \(\d+ bytes\)")  # by the transcript, in a letter perhaps
TOKEN = re.compile(r"\w+-\d+-\w+")
MOST_BYTES = 4  # shown of what differs: a character


@dataclass(frozen=True)
class Difference:
    """Where a line was changed on its way; all texts are harmless.

    Attributes:
        sent: What was sent, around the difference.
        came: What came, around it, so that the same letters stand below each other.
        column: Of the difference in both, in cells of a terminal.
        told: The bytes that differ, in words.
    """

    sent: str
    came: str
    column: int
    told: str


def of(check: CheckResult) -> Difference | None:
    """Return how the line that a failure is about was changed; None if it did not come at all."""
    about = check.missing or check.offending
    if not about:
        return None
    text, to, author = about["text"], about["to"], about["from"]
    for place, event in enumerate(check.transcript):
        if (event["who"], event["dir"]) == (author, "sent") and text in str(event["text"]):
            wanted = next(each for each in str(event["text"]).split("\n") if text in each)
            came = _received(check.transcript[place:], to)
            return _difference(
                wanted.rstrip("\r"), [line for line in came if not _is_of_another(line, text)]
            )
    return None


def _is_of_another(line: str, token: str) -> bool:
    """Return whether a line holds the unmistakable part of another message, and not this one's."""
    nonce = token.rpartition("-")[2]
    others = re.search(rf"\w+-\d+-{re.escape(nonce)}", line)
    return bool(TOKEN.fullmatch(token) and token not in line and others)


def _received(events: list[dict[str, object]], to: str) -> Iterator[str]:
    whole = "".join(str(e["text"]) for e in events if (e["who"], e["dir"]) == (to, "received"))
    yield from (each.rstrip("\r") for each in whole.split("\n") if each)


def _difference(sent: str, came: list[str]) -> Difference | None:
    sent, sent_is_cut = _kept(sent)
    best, likeness = "", ALIKE
    for each in came:
        # What the server puts before a line does not count against it.
        end = each[-len(sent) - 1 :] if sent else ""
        ratio = SequenceMatcher(None, sent.casefold(), end.casefold(), autojunk=False).ratio()
        if ratio >= likeness:
            best, likeness = each, ratio
    best, best_is_cut = _kept(best)
    if not best or sent in best:
        return None
    start = _start(sent, best)
    at = next(
        (n for n, letter in enumerate(sent) if best[start + n : start + n + 1] != letter), len(sent)
    )
    if (sent_is_cut and at >= len(sent)) or (best_is_cut and start + at >= len(best)):
        return None  # as far as the result has kept them, they are the same
    before = sent[max(0, at - AROUND) : at]
    wanted, found = sent[at : at + AROUND], best[start + at : start + at + AROUND]
    return Difference(
        plain(before + wanted),
        plain(before + found),
        cell_len(plain(before)),
        _("byte {number}: {wanted} was sent, {came} came").format(
            number=len(sent[:at].encode()) + 1, wanted=_bytes(wanted[:1]), came=_bytes(found[:1])
        ),
    )


def _kept(text: str) -> tuple[str, bool]:
    """Return what a result has kept of a line, and whether something was cut off."""
    whole = CUT.split(text)[0]
    return whole[:MOST_LOOKED_AT], len(whole) < len(text) or len(whole) > MOST_LOOKED_AT


def _start(sent: str, came: str) -> int:
    """Return where in a line that came the line that was sent begins."""
    for length in range(len(sent), 0, -1):
        if (found := came.find(sent[:length])) >= 0:
            return found
    return max(0, len(came) - len(sent))


def _bytes(letter: str) -> str:
    data = letter.encode(errors="surrogatepass")[:MOST_BYTES]
    return data.hex(" ") if data else _("nothing")
