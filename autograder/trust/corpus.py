"""The corpus: broken programs that name what must fail, and right ones that must pass."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.batch.settings import files_of
from autograder.grading.request import ROOT
from autograder.grading.submission import content_digest

CORPUS = ROOT / "tests" / "corpus"
REFERENCE = ROOT / "reference"
PARTS = ("autograder", "reference", "tests")  # what a verdict on the corpus depends on
# A student who has done the first part only: server.py lends its helpers, but serves nobody.
SERVES_NOBODY = ("sys.exit(run(Chat))", 'sys.exit("not done yet")')
FIELDS = {"title", "base", "misconceptions", "field", "fails", "may_fail", "hint", "edits"}


class CorpusError(Exception):
    """A program of the corpus is not what it should be; the message says which and why."""


@dataclass(frozen=True)
class Specimen:
    """One program of the corpus.

    Attributes:
        name: The file's or folder's name, by which a person asks for it.
        kind: `server`, `two_user`, `client`: what is broken; `correct` if nothing is.
        title: What is special about it, in a few words.
        files: Name → text of each file of the submission.
        fails: The checks that must fail; all others must pass, or be skipped for one of these.
        may_fail: Checks that fail as well when the timing is unlucky.
        hint: A part of what the student must be told by one of the failed checks.
        misconceptions: Numbers in the list of tests/corpus/README.md.
        field: Numbers of the commonest bugs in the list there.
    """

    name: str
    kind: str
    title: str
    files: Mapping[str, str]
    fails: frozenset[str] = frozenset()
    may_fail: frozenset[str] = frozenset()
    hint: str = ""
    misconceptions: tuple[int, ...] = ()
    field: tuple[int, ...] = ()

    def write(self, folder: Path) -> None:
        """Lay the submission out in a folder, which must not exist yet."""
        folder.mkdir(parents=True)
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")


def broken() -> list[Specimen]:
    """Return the broken programs, by kind and name.

    Raises:
        CorpusError: one cannot be made.
    """
    paths = sorted((CORPUS / "broken").glob("*/*.toml"))
    return [_broken(path) for path in paths]


def correct() -> list[Specimen]:
    """Return the right programs, by name; what a folder lacks is taken from the reference.

    A badge that a design does not allow is named in its `design.toml`.

    Raises:
        CorpusError: one cannot be read.
    """
    return [_correct(path) for path in sorted((CORPUS / "correct").iterdir())]


def reference() -> Specimen:
    """Return the reference itself."""
    return Specimen("reference", "correct", "The reference", base_files("reference"))


def digest() -> str:
    """Return what stands for the whole kit as it is: what grades, and what is graded."""
    return content_digest(
        ROOT, [Path(part, file) for part in PARTS for file in files_of(ROOT / part)]
    )


def base_files(base: str) -> dict[str, str]:
    """Return name → text of the programs that a bug is put into.

    Args:
        base: `reference`, or the name of a right design.
    """
    files = _texts(REFERENCE)
    if base != "reference":
        del files["two_user_server.py"]
        files |= _texts(CORPUS / "correct" / base)
    return files


def judge_by(kind: str, files: dict[str, str]) -> None:
    """Leave only one server program that Level 1 can be judged by: the one that is broken."""
    if kind == "two_user":
        files["server.py"] = edited(files["server.py"], *SERVES_NOBODY, where="server.py")
    else:
        files.pop("two_user_server.py", None)


def edited(text: str, old: str, new: str, where: str) -> str:
    """Return `text` with `old`, which must stand there once, replaced.

    Raises:
        CorpusError: it does not stand there once.
    """
    if text.count(old) != 1:
        raise CorpusError(f"{where}: {old!r} must stand there once, not {text.count(old)} times")
    return text.replace(old, new)


def _broken(path: Path) -> Specimen:
    about = _toml(path)
    files = base_files(about.get("base", "reference"))
    kind = path.parent.name
    judge_by(kind, files)
    if path.with_suffix("").is_dir():
        files |= _texts(path.with_suffix(""))
    for edit in about.get("edits", []):
        name = edit["file"]
        files[name] = edited(files[name], edit["old"], edit["new"], f"{path.name}, {name}")
    return Specimen(
        name=path.stem,
        kind=kind,
        title=about["title"],
        files=files,
        fails=frozenset(about["fails"]),
        may_fail=frozenset(about.get("may_fail", [])),
        hint=about["hint"],
        misconceptions=tuple(about.get("misconceptions", [])),
        field=tuple(about.get("field", [])),
    )


def _correct(path: Path) -> Specimen:
    about = _toml(path / "design.toml")
    return Specimen(
        name=path.name,
        kind="correct",
        title=about["title"],
        files=base_files(path.name),
        fails=frozenset(about.get("fails", [])),
    )


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}


def _toml(path: Path) -> dict[str, Any]:
    try:
        about = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CorpusError(f"{path} cannot be read: {error}") from error
    if unknown := about.keys() - FIELDS:
        raise CorpusError(f"{path} has fields that nobody reads: {', '.join(sorted(unknown))}")
    return about
