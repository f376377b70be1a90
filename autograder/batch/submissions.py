"""Stand-in for autograder.intake until it is there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.submission import NotGradable, look_into, open_submission


@dataclass(frozen=True)
class Entry:
    name: str
    key: str
    source: str
    participant: str | None
    folder: Path | None
    sha256: str | None
    chosen: dict[str, str]
    passed_over: tuple[str, ...]
    reason: str | None


def read(paths: Sequence[Path], staging: Path) -> Iterator[Entry]:
    for path in paths:
        works = (
            [path]
            if (path / "server.py").is_file()
            else sorted(p for p in path.iterdir() if p.is_dir())
        )
        for work in works:
            try:
                look_into(work)
                opened = open_submission(work)
                folder = staging / work.name
                shutil.move(opened.stage, folder)
                yield Entry(
                    work.name, work.name, str(work), None, folder, opened.sha256, {}, (), None
                )
            except NotGradable as reason:
                yield Entry(work.name, work.name, str(work), None, None, None, {}, (), str(reason))
