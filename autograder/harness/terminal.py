"""A program under a pseudo-terminal, as a student sees it; pipes where there is none."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import Any

from autograder.harness.program import Program

try:
    import pty
except ImportError:  # Windows
    HAS_TERMINAL = False
else:
    HAS_TERMINAL = True

END_OF_INPUT = b"\x04"  # Ctrl-D at the beginning of a line


class TerminalProgram(Program):
    """A `Program` whose three standard streams are one terminal.

    Where the system has no pseudo-terminals it is a plain `Program`.
    """

    def _streams(self) -> dict[str, Any]:
        if not HAS_TERMINAL:
            return super()._streams()
        self._screen, self._end = pty.openpty()
        return {"stdin": self._end, "stdout": self._end, "stderr": self._end}

    def _start_pumps(self) -> list[threading.Thread]:
        if not HAS_TERMINAL:
            return super()._start_pumps()
        os.close(self._end)  # the program has it now; our copy would hide its end
        self.stderr.end("eof")
        # A descriptor of its own: the pump closes the other when the program has gone.
        self._keyboard: int | None = os.dup(self._screen)
        return [self._start_pump(os.fdopen(self._screen, "rb", buffering=0), self.stdout)]

    def type_bytes(self, data: bytes) -> None:
        """Type on the program's keyboard; a program that has gone loses it."""
        if not HAS_TERMINAL:
            super().type_bytes(data)
            return
        if self._keyboard is None:
            return
        self._transcript.add(self.name, "event", b"typed: " + data)
        with contextlib.suppress(OSError):
            os.write(self._keyboard, data)

    def end_input(self) -> None:
        """Press Ctrl-D."""
        if not HAS_TERMINAL:
            super().end_input()
            return
        self.type_bytes(END_OF_INPUT)

    def close(self) -> None:
        """Reap the program and give the terminal back; idempotent."""
        super().close()
        if HAS_TERMINAL and self._keyboard is not None:
            os.close(self._keyboard)
            self._keyboard = None
