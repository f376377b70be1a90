"""A check while it runs: each step of its story before it is done, held there if asked for."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.text import Text

from autograder.grading import catalog
from autograder.harness import deadline
from autograder.i18n import _
from autograder.reports.harmless import line


class Live:
    """Tells the story of one check, and names those that it needs.

    Args:
        check: Its id.
        console: Where; a terminal or a file of its own, for a run of pytest takes `sys.stdout`.
        keyboard: Where Enter is waited for before each step; None to go on by itself.
    """

    def __init__(self, check: str, console: Console, keyboard: TextIO | None) -> None:
        self._check = check
        self._console = console
        self._keyboard = keyboard
        self._needed: set[str] = set()  # what was named
        self._told: tuple[str, int] = ("", 0)  # the program of the story, and its latest step

    def progress(self, _done: int, _total: int, check: str) -> None:
        """Name a check that is run first; once, though it may run on two programs."""
        if check != self._check and check not in self._needed:
            self._needed.add(check)
            told = _("needed first: {check} · {title}")
            text = told.format(check=check, title=catalog.title(check))
            self._print(Text(line(text), "dim"))

    def tell(self, check: str, program: str, step: str) -> None:
        """Tell a step of the story; wait for Enter, while no deadline comes nearer.

        Raises:
            KeyboardInterrupt: Ctrl-C instead of Enter.
        """
        if check != self._check:
            return
        told_of, number = self._told
        if number == 0 or program != told_of:
            number = 0
            self._head(program)
        self._told = program, number + 1
        text = Text.assemble((f"{number + 1:3}. ", "bold"), line(step))
        if self._keyboard is None:
            self._print(text)
            return
        self._print(text, end=" ")
        with deadline.held():
            pressed = self._keyboard.readline()
        if not self._keyboard.isatty():  # nobody saw an Enter
            self._print(Text())
        if not pressed:  # nobody is there to press it
            self._keyboard = None

    def _head(self, program: str) -> None:
        title = Text.assemble(
            ("\n" + line(self._check), "bold cyan"), f" · {line(catalog.title(self._check))}"
        )
        self._print(title.append(f" · {line(program)}" if program else "", "dim"))
        if self._keyboard is not None:
            self._print(Text(_("Enter does the step that is shown; Ctrl-C ends."), "dim"))

    def _print(self, text: Text, end: str = "\n") -> None:
        self._console.print(text, end=end, soft_wrap=True)
