"""A CSV file of an instructor's own: cells may change, all else stays byte for byte.

`csv` reads a file like this but cannot write it back as it was: which cells are quoted, how
lines end, the mark at the beginning. So the raw text of each cell is kept, and only what was
set is written anew. What a cell means is what `csv.reader` says it means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from autograder.i18n import _
from autograder.reports.exports.format import ExportError

MARK = "\ufeff"
# What Moodle, Canvas and Excel in different countries write; no first heading has one of them.
FIRST_DELIMITER = re.compile(r'\ufeff?(?:"[^"]*"|[^",;\t\r\n]*)([,;\t])')


@dataclass
class Sheet:
    """The cells of a file, by row and column from 0.

    Attributes:
        delimiter: Between two cells.
        mark: What stands before the first cell: a byte order mark, or nothing.
        raw: The text of each cell as it stands in the file.
        ends: The line end of each row; the last may have none.
    """

    delimiter: str
    mark: str = ""
    raw: list[list[str]] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    def row(self, number: int) -> list[str]:
        """Return what the cells of a row mean."""
        return [_meaning(cell) for cell in self.raw[number]]

    def set(self, row: int, column: int, text: str) -> None:
        """Change one cell; it is quoted if it was, or has to be."""
        quoted = self.raw[row][column].startswith('"')
        # Nothing at all in a row is no row, and "\r" before it would join "\n" behind it.
        quoted |= not text and len(self.raw[row]) == 1
        if quoted or any(letter in text for letter in f'{self.delimiter}"\r\n'):
            text = '"{}"'.format(text.replace('"', '""'))
        self.raw[row][column] = text

    def data(self) -> bytes:
        """Return the whole file."""
        rows = zip(self.raw, self.ends, strict=True)
        text = "".join(self.delimiter.join(cells) + end for cells, end in rows)
        return (self.mark + text).encode()


def read(path: Path) -> Sheet:
    """Read a sheet; its delimiter is what follows its first heading.

    Raises:
        ExportError: it cannot be read, is not UTF-8, or a quoted cell never ends.
    """
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise ExportError(
            _("{path} cannot be read: {error}").format(path=path, error=error.strerror)
        ) from error
    except UnicodeDecodeError as error:
        raise ExportError(
            _("{path} is not UTF-8: download it again, or save it as CSV UTF-8").format(path=path)
        ) from error
    try:
        first = FIRST_DELIMITER.match(text)
        return parse(text, first[1] if first else ",")
    except ValueError as error:
        raise ExportError(
            _("{path} has a cell whose quotes are never closed: download it again").format(
                path=path
            )
        ) from error


def parse(text: str, delimiter: str) -> Sheet:
    """Take a text apart.

    Raises:
        ValueError: a quoted cell never ends.
    """
    mark = MARK if text.startswith(MARK) else ""
    sheet = Sheet(delimiter, mark)
    other = f"[^{re.escape(delimiter)}\r\n]*"
    # A quoted cell may be followed by what does not belong there: some writers escape a quote
    # by a backslash. csv takes it for a part of the cell, and so it is kept.
    pattern = re.compile(rf'((?:"[^"]*(?:""[^"]*)*"(?!")|(?!")){other})({delimiter}|\r\n|\r|\n|\Z)')
    place, cells = len(mark), list[str]()
    while place < len(text) or cells:
        match = pattern.match(text, place)
        if match is None:
            raise ValueError(f"the quotes at character {place} are never closed")
        cell, end = match.groups()
        place = match.end()
        cells.append(cell)
        if end != delimiter:
            sheet.raw.append(cells)
            sheet.ends.append(end)
            cells = []
    return sheet


def _meaning(raw: str) -> str:
    if not raw.startswith('"'):
        return raw
    closing = len(raw) - len(re.sub(r'^"[^"]*(?:""[^"]*)*"', "", raw))
    return raw[1 : closing - 1].replace('""', '"') + raw[closing:]
