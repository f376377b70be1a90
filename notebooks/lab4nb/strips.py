"""Strips of bytes: what was sent above, what each recv brought below, cuts where they were."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lab4nb import paper
from lab4nb.language import say
from lab4nb.paper import Drawing

MOST_BYTES = 64  # of a strip whose bytes are written out
GAP = 0.18  # bytes: between two pieces, to show the cut


def river(sent: Sequence[bytes], received: Sequence[bytes]) -> Drawing:
    """Draw the pieces that were sent and those that came, byte over byte."""

    def paint(axes: Axes) -> None:
        _strip(axes, 1.0, sent, paper.BLUE)
        _strip(axes, 0.0, received, paper.ORANGE)
        words = [
            say("river.sent", count=len(sent)),
            say("river.received", count=len(received)),
        ]
        axes.set_yticks([1.3, 0.3], words)
        axes.set_xlim(0, sum(map(len, sent)))
        axes.set_ylim(-0.1, 1.7)
        axes.set_xlabel(say("river.bytes"))
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)

    return paper.draw(8.2, 2.1, paint)


def _strip(axes: Axes, y: float, pieces: Sequence[bytes], colour: str) -> None:
    start = 0
    for number, piece in enumerate(pieces):
        fill = (colour, 0.45 if number % 2 else 0.25)
        block = Rectangle((start, y), len(piece), 0.6, facecolor=fill, edgecolor=colour, lw=1.5)
        axes.add_patch(block)
        for at, text in letters(piece) if sum(map(len, pieces)) <= MOST_BYTES else []:
            axes.text(start + at, y + 0.3, text, ha="center", va="center", fontsize=9)
        start += len(piece)


def letters(piece: bytes) -> list[tuple[float, str]]:
    """Return the letters of a piece, each with the middle of its bytes; half a letter is a ▯."""
    found, at = [], 0.0
    for letter in piece.decode("utf-8", "surrogateescape"):
        size = 1 if "\udc80" <= letter <= "\udcff" else len(letter.encode())
        shown = "▯" if "\udc80" <= letter <= "\udcff" else letter.replace("\n", "↵")
        found.append((at + size / 2, shown))
        at += size
    return found


def histogram(counts: Sequence[int], label: str) -> Drawing:
    """Draw how often each whole number occurred.

    Args:
        counts: The numbers.
        label: What is counted, as the name of words.
    """
    values = list(range(min(counts), max(counts) + 1))

    def paint(axes: Axes) -> None:
        bars = axes.bar(values, [list(counts).count(v) for v in values], color=paper.BLUE)
        axes.bar_label(bars, padding=2)
        axes.set_xticks(values)
        axes.set_xlabel(say(label))
        axes.set_ylabel(say("river.runs"))
        axes.margins(y=0.15)

    return paper.draw(5.6, 2.4, paint)


def buckets(data: bytes, verdicts: dict[int, bool]) -> Drawing:
    """Draw for each size of recv where it cuts the data, and whether the lines came out right.

    Args:
        data: What was sent: lines ended by b"\\n".
        verdicts: Size → whether the decoder got it right.
    """
    ends = [place + 1 for place, byte in enumerate(data) if byte == 10]

    def paint(axes: Axes) -> None:
        for size, right in verdicts.items():
            starts = list(range(0, len(data), size))
            axes.barh(
                [size] * len(starts),
                [min(size, len(data) - start) - GAP for start in starts],
                left=starts,
                height=0.75,
                color=paper.GREEN if right else paper.RED,
                alpha=0.9 if right else 0.45,
            )
        axes.vlines(ends[:-1], 0.4, max(verdicts) + 0.6, color=paper.INK, lw=1.2, ls="--")
        axes.set_xlim(0, len(data))
        axes.set_ylim(max(verdicts) + 0.6, 0.4)
        axes.set_xlabel(say("framing.bytes_and_ends"))
        axes.set_ylabel(say("framing.size"))

    return paper.draw(8.2, 4.2, paint)
