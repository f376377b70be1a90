"""What a check says when the program did not do what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from autograder.harness.passage import Passage

Evidence = Literal["fence", "quiescent", "silence", "simulation"]


class Unmet(Exception):
    """An expectation that did not hold: a fact about the submission, never about the grader.

    Args:
        expected: What should have happened, one sentence.
        actual: What happened instead, one sentence.
        cause: What probably led to it, from evidence; empty where nothing is known.
        hint: What to try next; empty to take the check's own.
        evidence: Why the grader is sure of it; None for what was simply seen.
        stacks: Where each thread of the program was, where that explains something.
        trail: What the program did, as its calls show; sentences in order.
        missing: The line that never came.
        offending: The line that should not have come, or not like that.
    """

    def __init__(
        self,
        expected: str,
        actual: str,
        *,
        cause: str = "",
        hint: str = "",
        evidence: Evidence | None = None,
        stacks: str | None = None,
        trail: Sequence[str] = (),
        missing: Passage | None = None,
        offending: Passage | None = None,
    ) -> None:
        super().__init__(f"expected: {expected}; actual: {actual}")
        self.expected = expected
        self.actual = actual
        self.cause = cause
        self.hint = hint
        self.evidence = evidence
        self.stacks = stacks
        self.trail = list(trail)
        self.missing = missing
        self.offending = offending

    @property
    def about(self) -> str:
        """What stands in the line that it is about; empty if it is about none."""
        passage = self.missing or self.offending
        return passage.text if passage else ""
