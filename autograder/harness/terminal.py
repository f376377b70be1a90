"""A program under a pseudo-terminal, as a student sees it; pipes where there is none."""

from __future__ import annotations

import os
import threading

from autograder.harness import spawning
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

    def _open_streams(self) -> spawning.Streams:
        if not HAS_TERMINAL:
            return super()._open_streams()
        self._screen, terminal = pty.openpty()
        # A descriptor of its own: the pump closes the other when the program has gone.
        self._keyboard = os.dup(self._screen)
        return terminal, terminal, terminal

    def _start_pumps(self) -> list[threading.Thread]:
        if not HAS_TERMINAL:
            return super()._start_pumps()
        self.stderr.end("eof")  # a terminal has one screen
        return [self._start_pump(self._screen, self.stdout)]

    def press_ctrl_d(self) -> None:
        """End the program's input without closing the terminal."""
        if HAS_TERMINAL:
            self.type_bytes(END_OF_INPUT)
        else:
            self.end_input()
