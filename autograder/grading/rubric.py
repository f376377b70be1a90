"""Points per check, and what is kept from students, from a TOML file of the instructor's."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.i18n import _

DEFAULT = Path(__file__).parents[1] / "rubric.toml"
LEVELS = {"level1": 1, "level2": 2, "level3": 3, "gate": 0}
OPTIONS = {"hidden": list, "kept_back": int, "checks": str, "seed": int}
WANTED = {list: "a list of check ids", int: "a whole number", str: "the name of a folder"}


class RubricError(Exception):
    """The file is not a rubric; the message says what is wrong and where."""


@dataclass(frozen=True)
class Rubric:
    """Points and level of each check, in the order of the file.

    Attributes:
        points: By check id.
        levels: By check id: 1 to 3; 0 for a gate.
        hidden: Checks that students neither get nor see; they are told how many there are.
        kept_back: How many checks this rubric, a student's, does not name for that reason.
        checks: A folder with more checks, of the instructor's own, or None.
        seed: Of everything random, the same for a whole class; None for a new one each time.
    """

    points: dict[str, int]
    levels: dict[str, int]
    hidden: frozenset[str] = frozenset()
    kept_back: int = 0
    checks: Path | None = None
    seed: int | None = None

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
    options = {name: tables.pop(name) for name in OPTIONS if name in tables}
    for name, value in options.items():
        if type(value) is not OPTIONS[name]:
            wanted = WANTED[OPTIONS[name]]
            raise RubricError(f"{path}: {name} = {value!r}, expected {wanted}")
    points: dict[str, int] = {}
    levels: dict[str, int] = {}
    for table, checks in tables.items():
        if table not in LEVELS or not isinstance(checks, dict):
            known = "], [".join(LEVELS)
            raise RubricError(f"{path}: {table} is none of [{known}], {', '.join(OPTIONS)}")
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
    return Rubric(points, levels, **_checked(options, points, path))


def copy(path: Path, folder: Path) -> Path:
    """Copy a rubric, with the instructor's own checks, to a new folder; return the copy.

    Raises:
        RubricError: it is broken, or those checks are not beside it.
        OSError: it cannot be written.
    """
    own = load(path).checks
    if own is not None and own != path.parent / own.name:
        raise RubricError(
            _(
                "{path}: the folder {folder} with checks of your own must lie beside this file"
            ).format(path=path, folder=own)
        )
    folder.mkdir(parents=True)
    if own is not None:
        shutil.copytree(own, folder / own.name, ignore=shutil.ignore_patterns("__pycache__"))
    return Path(shutil.copyfile(path, folder / DEFAULT.name))


def _checked(options: dict[str, Any], points: dict[str, int], path: Path) -> dict[str, Any]:
    """Return the options as a Rubric has them."""
    hidden = options.get("hidden", [])
    if unknown := [str(check) for check in hidden if check not in points]:
        raise RubricError(
            _("{path}: hidden names {names}, which has no points in this file").format(
                path=path, names=", ".join(unknown)
            )
        )
    folder = path.parent / options["checks"] if "checks" in options else None
    if folder is not None and not folder.is_dir():
        raise RubricError(
            _("{path}: there is no folder {folder} with checks of your own").format(
                path=path, folder=folder
            )
        )
    return {**options, "hidden": frozenset(hidden), "checks": folder}
