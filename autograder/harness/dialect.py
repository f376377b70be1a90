"""How a server outside the fixed contract wants to be talked to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Hello = Literal["none", "name", "prompted name"]
Framing = Literal["line", "raw"]
Source = Literal["contract", "probed", "given"]


@dataclass(frozen=True)
class Dialect:
    """What was found out, or given.

    Attributes:
        hello: Whether the first message of a client is taken as its name, and asked for.
        framing: Whether a message ends with a newline, or with the recv that brought it.
        greeting: What the server sends to a client that has said nothing yet.
        welcome: What it sends to a client that has told its name.
        around: What it sends before and after the text of a message.
        by_line: Whether it was seen to wait for the newline, rather than taken to.
        source: `contract` where the server keeps to the fixed protocol.
    """

    hello: Hello = "none"
    framing: Framing = "line"
    greeting: bytes = b""
    welcome: bytes = b""
    around: tuple[bytes, bytes] = (b"", b"\n")
    source: Source = "contract"
    by_line: bool = False

    @property
    def ends_lines(self) -> bool:
        """Whether a newline follows what it sends."""
        return b"\n" in self.around[1]


CONTRACT = Dialect()
