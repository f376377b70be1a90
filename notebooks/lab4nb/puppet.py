"""Real threads that go one step when they are told to: you are the scheduler.

A puppet is a thread whose function is traced (`sys.settrace`): it stops before each line of it,
or before each bytecode instruction that reads, computes or writes. Nothing is simulated: what
happens in a step is what Python does there. The functions may wait for a `Lock` of this module.

Rules:
1. At any moment at most one puppet runs; the others, and whoever told it to step, wait.
2. A puppet that is let go (`cancel`) runs to its end unseen: an exception put into it from
   outside would leave a `with` without giving the lock back. Only if it waits for a lock, or
   does not come to an end, is it ended by an exception. No thread is left behind.
"""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

LAST_STEPS = 10_000  # that a puppet may still make when it has been let go
STEP_S = 3.0  # for one step; longer means that it waits for something we do not know
# What reads, computes and writes; the rest moves values about on the stack.
OPCODES = {"LOAD_GLOBAL", "BINARY_OP", "STORE_GLOBAL", "BINARY_SUBSCR", "STORE_SUBSCR"}

_local = threading.local()  # the puppet whose thread this is, as `puppet`


class Stalled(Exception):
    """A puppet waits for something that is no Lock of this module."""


class _Cancelled(BaseException):
    """Unwinds a puppet that is no longer wanted; nobody is to catch it by `except Exception`."""


class Lock:
    """A lock for puppets; works like threading.Lock, and lets the scheduler see who waits."""

    def __init__(self) -> None:
        self._owner: Puppet | None = None

    def acquire(self) -> bool:
        """Take the lock; wait while somebody has it."""
        puppet: Puppet = _local.puppet
        while self.locked():
            puppet.pause(waiting_for=self)
        self._owner = puppet
        return True

    def release(self) -> None:
        """Give the lock back.

        Raises:
            RuntimeError: nobody has it.
        """
        if self._owner is None:
            raise RuntimeError("release unlocked lock")
        self._owner = None

    def locked(self) -> bool:
        """Return whether somebody has it; who was let go with it in the hand has not."""
        return self._owner is not None and not self._owner.cancelled

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()


def _want_opcodes() -> None:
    sys._getframe().f_trace_opcodes = True


class Puppet:
    """A thread that stops before each step of its function.

    Args:
        name: A letter, by which a schedule calls it.
        function: What it runs.
        by: What a step is: a `line`, or an `opcode`.

    Attributes:
        next_step: The line or instruction that comes next, as text.
        line: The number of that line, counted from the function's first.
        variables: The function's variables, as far as they have values.
        returned: What the function returned, once it has.
        error: The exception that ended it, if one did.
        done: Whether it has ended by itself.
        cancelled: Whether it was let go.
    """

    def __init__(self, name: str, function: Callable[[], object], by: str = "line") -> None:
        self.name = name
        self.next_step = ""
        self.line: int | None = None
        self.variables: dict[str, Any] = {}
        self.returned: object = None
        self.error: Exception | None = None
        self.done = False
        self._function, self._by = function, by
        self._waiting_for: Lock | None = None
        self.cancelled = False
        self._last_steps = LAST_STEPS
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name=f"puppet {name}", daemon=True)
        self._thread.start()
        self._wait()

    @property
    def blocked(self) -> bool:
        """Whether it waits for a lock that somebody has."""
        return self._waiting_for is not None and self._waiting_for.locked()

    def step(self) -> None:
        """Let it go one step.

        Raises:
            Stalled: it did not come to a stop.
        """
        self._go.release()
        self._wait()

    def cancel(self) -> None:
        """Let it end, wherever it is; idempotent."""
        self.cancelled = True
        self._go.release()
        self._thread.join(STEP_S)

    def pause(self, waiting_for: Lock | None = None) -> None:
        """Stop until the next step; called by its own thread."""
        if self.cancelled:
            raise _Cancelled
        self._waiting_for = waiting_for
        self._stopped.release()
        self._go.acquire()
        if self.cancelled and waiting_for:
            raise _Cancelled

    def _wait(self) -> None:
        if not self._stopped.acquire(timeout=STEP_S):
            raise Stalled(self.next_step)

    def _run(self) -> None:
        _local.puppet = self
        sys.settrace(self._trace_call)
        if self._by == "opcode":
            # From 3.12 on, settrace looks whether any frame wants opcodes. Python 3.12.1 dies of
            # one that wants them in a thread that is not traced, so it is gone before that ends.
            _want_opcodes()
            sys.settrace(self._trace_call)
        returned, failed = None, None
        try:
            returned = self._function()
        except _Cancelled:
            pass
        except Exception as error:  # told by whoever pulls the strings
            failed = error
        finally:
            sys.settrace(None)
            if not self.cancelled:
                self.returned, self.error = returned, failed
                self.done, self.next_step, self.line = True, "", None
                self._waiting_for = None
            self._stopped.release()

    def _trace_call(self, frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code is not self._function.__code__:
            return None
        frame.f_trace_opcodes = self._by == "opcode"
        return self._trace

    def _trace(self, frame: FrameType, event: str, argument: object) -> Any:
        if self.cancelled:
            self._last_steps -= 1
            if not self._last_steps:
                raise _Cancelled
        elif event == self._by:
            step = self._describe(frame)
            if step:
                self.next_step = step
                self.line = frame.f_lineno - frame.f_code.co_firstlineno
                self.variables = dict(frame.f_locals)
                self.pause()
        return self._trace

    def _describe(self, frame: FrameType) -> str:
        if self._by == "line":
            return f"{frame.f_lineno}"
        code = {one.offset: one for one in dis.get_instructions(frame.f_code)}[frame.f_lasti]
        return f"{code.opname} {code.argrepr}" if code.opname in OPCODES else ""
