"""A line on its way from one to another: what a failure is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """The line that should have come, or should not have come as it did.

    Attributes:
        sender: Whose words they are, as the transcript calls him; empty for the program itself.
        to: Who should have received it, or did; `SCREEN` is what a client prints on.
        text: What stands in the line and in no other: enough to find it in a transcript.
    """

    sender: str
    to: str
    text: str

    def as_dict(self) -> dict[str, str]:
        """Return the passage as the result file has it."""
        return {"from": self.sender, "to": self.to, "text": self.text}


SCREEN = "screen"
