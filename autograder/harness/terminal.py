"""A program under a pseudo-terminal, as a student sees it; pipes where there is none."""

from __future__ import annotations

import contextlib
import os

from autograder.fence.force import Streams
from autograder.harness.program import MOST_QUOTED, Program
from autograder.harness.pump import POLLS, Pump, readable

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

    def _open_streams(self) -> Streams:
        if not HAS_TERMINAL:
            return super()._open_streams()
        self._screen, terminal = pty.openpty()
        self._terminal = os.ttyname(terminal)
        # A descriptor of its own: the pump closes the other when the program has gone.
        self._keyboard = os.dup(self._screen)
        return terminal, terminal, terminal

    def _start_pumps(self) -> list[Pump]:
        if not HAS_TERMINAL:
            return super()._start_pumps()
        self.stderr.end("eof")  # a terminal has one screen
        return [self._start_pump(self._screen, self.stdout)]

    def type_bytes(self, data: bytes) -> None:
        """Type on the program's keyboard, and see the terminal take it in.

        Else the kernel may do so later, and a program that waits for a key look idle meanwhile.
        """
        super().type_bytes(data)
        if HAS_TERMINAL and POLLS:
            with contextlib.suppress(OSError):
                terminal = os.open(self._terminal, os.O_RDWR | os.O_NOCTTY)
                try:
                    readable(terminal, 0)
                finally:
                    os.close(terminal)

    def last_words(self) -> str:
        """Return the last line on the screen, or its beginning: a terminal has no other place."""
        return self.stdout.last_line()[:MOST_QUOTED] if HAS_TERMINAL else super().last_words()

    def press_ctrl_d(self) -> None:
        """End the program's input without closing the terminal."""
        if HAS_TERMINAL:
            self.type_bytes(END_OF_INPUT)
        else:
            self.end_input()
