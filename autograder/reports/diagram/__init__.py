"""A space-time diagram of a failed check: lifelines side by side, time runs downwards."""

from autograder.reports.diagram.drawing import draw

__all__ = ["draw"]
