"""Hostile works: refused or made harmless, and the works beside them are read all the same."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no FIFOs, and few links")


def everything_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if "staging" not in path.parts}


def test_it_comes_to_what_is_declared(attack, hostile, take, tmp_path):
    before = everything_in(tmp_path)
    [entry] = take(hostile)
    assert everything_in(tmp_path) == before, "something was written outside the staging folder"
    assert not Path("/tmp/escaped.py").exists()
    if "reason" in attack:
        assert attack["reason"] in entry.reason
        assert (entry.folder, entry.sha256) == (None, None)
        assert list((tmp_path / "staging").iterdir()) == []
    else:
        assert entry.reason is None
        assert sorted(path.name for path in entry.folder.iterdir()) == sorted(attack["files"])


def test_the_others_go_on(attack, hostile, take, folder, work, tmp_path):
    class_folder = tmp_path / "class"
    folder(work, "class/anna")
    folder(work, "class/zoya")
    shutil.move(hostile, class_folder / hostile.name)
    entries = {entry.name: entry for entry in take(class_folder)}
    assert entries.keys() == {"anna", attack["name"], "zoya"}
    assert entries["anna"].reason is None
    assert entries["zoya"].reason is None
    if "reason" in attack:
        assert attack["reason"] in entries[attack["name"]].reason
