"""Proof, without waiting, that a server will say nothing more, or that it is stuck (Linux).

One observation:
1. Read each thread of the server and its descendants, then make sure that there are no others.
2. Read the accept queue, then the queues at both ends of every connection.
3. Make sure that each thread sleeps and has not run since it was read.
So no thread ran while the queues were read, which are therefore those of one moment, and none is
about to run: only a clock or something outside can set the server in motion again.

Why each part is there:
- No others: a thread that is missing in the list could send something unseen, and start another
  before it ends. The kernel's list does leave out threads while others end.
- Not run: a thread may do something and block in the same call again.
- Sleeps: a thread that was woken may for a while look blocked. In a server with unread bytes it
  would seem stuck, and in one that hands on from thread to thread the last one's word be missed.
- Bytes on their way to the server: the kernel may hold them back (Nagle's algorithm, a busy
  softirq) while the server sleeps on an empty queue.
- Bytes on their way to a client: a sleeping server is quiet only when the client can read what
  was sent. Both ends count bytes, which beats waiting for the server's queue to become empty:
  the ACK that empties it may come 40 ms after the data.
"""

from __future__ import annotations

from autograder.harness.quiescence.observation import Observation, Verdict
from autograder.harness.quiescence.observer import Observer, available, switched_off

__all__ = ["Observation", "Observer", "Verdict", "available", "switched_off"]
