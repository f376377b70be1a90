"""Points per check, and what is kept from students, from a TOML file of the instructor's."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.i18n import N_, _

DEFAULT = Path(__file__).parents[1] / "rubric.toml"
LEVELS = {"level1": 1, "level2": 2, "level3": 3, "gate": 0}
OPTIONS = {"hidden": list, "kept_back": int, "checks": str, "seed": int}
WANTED = {
    list: N_("a list of check ids"),
    int: N_("a whole number"),
    str: N_("the name of a folder"),
}


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
                _("{path}: there is no check called {names}: `lab4 explain` lists them all").format(
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
        raise RubricError(
            _("{path}: cannot be read ({error})").format(path=path, error=error.strerror)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RubricError(
            _("{path} is not valid TOML: {error}").format(path=path, error=error)
        ) from error
    options = {name: tables.pop(name) for name in OPTIONS if name in tables}
    for name, value in options.items():
        if type(value) is not OPTIONS[name]:
            raise _not_expected(path, name, value, _(WANTED[OPTIONS[name]]))
    points: dict[str, int] = {}
    levels: dict[str, int] = {}
    for table, checks in tables.items():
        if table not in LEVELS or not isinstance(checks, dict):
            known = [*(f"[{level}]" for level in LEVELS), *OPTIONS]
            raise RubricError(
                _("{path}: {name} is none of {known}").format(
                    path=path, name=table, known=", ".join(known)
                )
            )
        for check, value in checks.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise _not_expected(path, check, value, _("a whole number from 0"))
            if check in points:
                raise RubricError(
                    _("{path}: {name} stands in two tables, expected one").format(
                        path=path, name=check
                    )
                )
            points[check], levels[check] = value, LEVELS[table]
    if not points:
        raise RubricError(
            _("{path}: it names no check, and only what it names is run").format(path=path)
        )
    return Rubric(points, levels, **_checked(options, points, path))


def _not_expected(path: Path, name: str, value: object, wanted: str) -> RubricError:
    return RubricError(
        _("{path}: {name} = {value}, expected {wanted}").format(
            path=path, name=name, value=repr(value), wanted=wanted
        )
    )


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
