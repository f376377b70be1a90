"""Points per check, from a TOML file that an instructor may edit."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.i18n import _

DEFAULT = Path(__file__).parents[1] / "rubric.toml"
LEVELS = {"level1": 1, "level2": 2, "level3": 3, "gate": 0}


class RubricError(Exception):
    """The file is not a rubric; the message says what is wrong and where."""


@dataclass(frozen=True)
class Rubric:
    """Points and level of each check, in the order of the file.

    Attributes:
        points: By check id.
        levels: By check id: 1 to 3; 0 for a gate.
    """

    points: dict[str, int]
    levels: dict[str, int]

    def must_name_only(self, checks: Collection[str], path: Path) -> None:
        """Refuse points that nobody can earn.

        Args:
            checks: The ids of all checks that there are.
            path: Where the rubric was read from.

        Raises:
            RubricError: an id belongs to no check.
        """
        unknown = [check for check in self.points if check not in checks]
        if unknown:
            raise RubricError(
                _("{path}: there is no check called {names}").format(
                    path=path, names=", ".join(unknown)
                )
            )


def load(path: Path = DEFAULT) -> Rubric:
    """Read a rubric.

    Raises:
        RubricError: the file cannot be read, is no TOML, holds something else than
            points, or names no check.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RubricError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RubricError(f"{path}: is not valid TOML: {error}") from error
    points: dict[str, int] = {}
    levels: dict[str, int] = {}
    for table, checks in tables.items():
        if table not in LEVELS or not isinstance(checks, dict):
            raise RubricError(f"{path}: [{table}] is none of [{'], ['.join(LEVELS)}]")
        for check, value in checks.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise RubricError(f"{path}: {check} = {value!r}, expected a whole number from 0")
            if check in points:
                raise RubricError(f"{path}: {check} stands in two tables, expected one")
            points[check], levels[check] = value, LEVELS[table]
    if not points:
        raise RubricError(
            _("{path}: it names no check, and only what it names is run").format(path=path)
        )
    return Rubric(points, levels)
