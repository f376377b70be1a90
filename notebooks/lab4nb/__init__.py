"""What the notebooks use: sockets and threads that end by themselves, drawings, checks in words."""

from lab4nb import checks, gantt, strips, work
from lab4nb.boxes import compare
from lab4nb.lab import Lab
from lab4nb.timeline import Timeline

__all__ = ["Lab", "Timeline", "checks", "compare", "gantt", "strips", "work"]
