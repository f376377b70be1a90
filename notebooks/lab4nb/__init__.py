"""What the notebooks use: sockets and threads that end by themselves, drawings, checks in words."""

from lab4nb import (
    bars,
    checks,
    clinic,
    gantt,
    interleavings,
    latency,
    sequence,
    spacetime,
    stage,
    states,
    strips,
    work,
)
from lab4nb.boxes import compare
from lab4nb.conversation import Conversation
from lab4nb.lab import Lab
from lab4nb.timeline import Timeline

__all__ = [
    "Conversation",
    "Lab",
    "Timeline",
    "bars",
    "checks",
    "clinic",
    "compare",
    "gantt",
    "interleavings",
    "latency",
    "sequence",
    "spacetime",
    "stage",
    "states",
    "strips",
    "work",
]
