"""How long a room waits for its server to come to rest, by what it waits for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Seconds on an idle laptop.

    Attributes:
        timed_s: Unchanged for so long counts as rest for a server of which some thread waits
            with a time-out: all it was sent has been handled, but it may wake by itself.
        unknown_s: The same where the system says nothing of the server, or it never rests.
        busy_s: The same for a server that computes.
        most_s: The longest wait for a server that goes on writing.
        final: Who is not at rest by then never rests: do not wait so long again.
    """

    timed_s: float
    unknown_s: float
    busy_s: float
    most_s: float
    final: bool = False


# Somebody has come, or gone: the server has to notice, no more.
COMING = Patience(0.02, 0.1, 3.0, 3.0, final=True)
GOING = Patience(0.02, 0.1, 0.5, 0.5)
# What must not come might come late, by a timer.
PROVING = Patience(0.4, 0.4, 3.0, 3.0, final=True)
# Hundreds have come: there is honest work to do.
CROWDING = Patience(0.1, 0.4, 0.5, 15.0)
# After a causal fence.
FENCED = Patience(0.02, 0.02, 0.5, 0.5)
# Of which all threads wait for input, some with a time-out, as in a loop around recv().
POLLING_S = 0.02
