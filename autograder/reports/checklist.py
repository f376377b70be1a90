"""A list of checks by level: a line each, or two where the screen is narrow."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from autograder.reports.harmless import line

NARROW = 72  # columns; with fewer there is no room for a title beside the longest id


class Checklist:
    """Rows of four cells: a mark, an id, a title, points."""

    def __init__(self) -> None:
        self._rows: list[tuple[Text, str, Text, Text]] = []
        self._dispensable: set[int] = set()  # rows whose title is

    def add_heading(self, name: str, worth: str) -> None:
        """Begin a level."""
        self._rows.append((Text(), "", Text(name, "bold"), Text(worth, "bold")))

    def add(
        self, mark: Text, check: str, title: Text, worth: Text, *, dispensable: bool = False
    ) -> None:
        """Add a check; its id may have come from a file.

        Args:
            dispensable: Whether a narrow screen may do without the title.
        """
        self._rows.append((mark, line(check), title, worth))
        if dispensable:
            self._dispensable.add(len(self._rows) - 1)

    def add_note(self, mark: Text, note: Text) -> None:
        """Add a line about several checks."""
        self._rows.append((mark, "", note, Text()))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        narrow = options.max_width < NARROW
        table = Table(box=None, pad_edge=False, padding=(0, 1), show_header=False)
        table.add_column(no_wrap=True)
        if not narrow:
            table.add_column(no_wrap=True, style="cyan")
        table.add_column(overflow="fold")
        table.add_column(justify="right", no_wrap=True)
        for number, (mark, check, title, worth) in enumerate(self._rows):
            if not check:  # a heading, or a note: it begins where the ids do
                cells = [title] if narrow else [title, Text()]
            elif narrow:
                cells = [Text(check, "cyan")]
                if number not in self._dispensable:
                    cells = [Text.assemble(*cells, "\n", title)]
            else:
                cells = [Text(check), title]
            table.add_row(mark, *cells, worth)
        yield table
