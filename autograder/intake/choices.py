"""What an instructor says about single works, in a TOML file, where the search would err.

    [choices."Иванов Иван"]
    server = "src/chat2.py"
    client = "src/talk.py"

A work is called by its name, its key, or its number in Moodle or Canvas.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.i18n import _
from autograder.intake.paths import split
from autograder.intake.programs import CLIENT, SERVER, TWO_USER

FIELDS = {"server": SERVER, "client": CLIENT, "two_user_server": TWO_USER}


class ChoicesError(Exception):
    """The file does not say what it should; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Choices:
    """Which programs to take.

    Attributes:
        path: The file that says so.
        programs: Student → canonical name → path in the work.
    """

    path: Path | None = None
    programs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def must_name_only(self, students: Collection[str]) -> None:
        """Refuse to choose for somebody who is not there.

        Args:
            students: All that a work may be called.

        Raises:
            ChoicesError: there is no such work.
        """
        unknown = [student for student in self.programs if student not in students]
        if unknown:
            raise ChoicesError(
                _("{path}: there is no work of {names}: write a name as the works have it").format(
                    path=self.path, names=", ".join(unknown)
                )
            )

    def of(self, names: Collection[str | None]) -> dict[str, str]:
        """Return canonical name → path for who is called by one of these names."""
        chosen: dict[str, str] = {}
        for name in names:
            if name is not None:
                chosen |= self.programs.get(name, {})
        return chosen


NONE = Choices()


def load(path: Path) -> Choices:
    """Read a file of choices.

    Raises:
        ChoicesError: it cannot be read, is no TOML, or holds something else than choices.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ChoicesError(
            _("{path} cannot be read ({error})").format(path=path, error=error.strerror)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ChoicesError(
            _("{path} is not valid TOML: {error}").format(path=path, error=error)
        ) from error
    students = tables.pop("choices", {})
    if tables or not isinstance(students, dict):
        raise _unexpected(path, ", ".join(tables) or "choices")
    programs: dict[str, dict[str, str]] = {}
    for student, chosen in students.items():
        if not isinstance(chosen, dict):
            raise _unexpected(path, student)
        for name, program in chosen.items():
            if name not in FIELDS or not isinstance(program, str):
                raise _unexpected(path, f"{student}: {name}")
        programs[student] = {
            FIELDS[name]: "/".join(split(program)[0]) for name, program in chosen.items()
        }
    return Choices(path, programs)


def _unexpected(path: Path, what: str) -> ChoicesError:
    return ChoicesError(
        _(
            '{path}: {what} is not expected: write [choices."NAME"], and below it '
            'server = "FILE", client = "FILE" or two_user_server = "FILE"'
        ).format(path=path, what=what)
    )
