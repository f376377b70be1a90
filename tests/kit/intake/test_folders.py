"""A folder on the disk: one work that cannot be read hides no other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.intake import folders
from autograder.intake.folders import Folder, open_plain
from autograder.intake.limits import Unreadable


def test_a_folder_that_is_closed_to_us(take, folder, work, monkeypatch):
    """Simulated: whoever runs the tests as root is refused nothing."""
    scandir = os.scandir

    def refuse(path):
        if isinstance(path, Path) and path.name == "boris":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    files = {f"{name}/{path}": work[path] for name in ("anna", "boris", "zoya") for path in work}
    entries = take(folder(files, "class"))
    assert [entry.name for entry in entries] == ["anna", "boris", "zoya"]
    assert "boris cannot be read (Permission denied): look at its rights" in entries[1].reason
    assert [entry.reason is None for entry in entries] == [True, False, True]


def test_a_work_with_too_many_files(take, folder, work, monkeypatch):
    monkeypatch.setattr(folders, "MOST_MEMBERS_OF_ONE", 5)
    files = {f"{name}/{path}": work[path] for name in ("anna", "boris") for path in work}
    many = {f"anna/{number}.txt": "" for number in range(9)}
    anna, boris = take(folder(files | many, "class"))
    assert anna.reason == "it holds more than 5 files: hand in the programs only"
    assert boris.reason is None


@pytest.mark.parametrize(
    ("name", "levels", "reason"),
    [("d", 60, "is too long: ask for shorter"), ("d" * 200, 25, "cannot be read (File name too")],
)
def test_folders_in_folders_without_end(name, levels, reason, take, folder, work):
    files = {f"{name}/{path}": work[path] for name in ("anna", "boris") for path in work}
    path = folder(files, "class")
    here = os.open(path / "anna", os.O_RDONLY)
    for _level in range(levels):  # the whole path is longer than a call of the system takes
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    anna, boris = take(path)
    assert reason in anna.reason
    assert boris.reason is None


def test_names_that_are_not_utf8(tmp_path):
    if os.name == "nt":
        pytest.skip("Windows has no such names")
    (tmp_path / os.fsdecode("чат.py".encode("cp1251"))).write_text("x", encoding="utf-8")
    [member] = Folder(tmp_path).members()
    assert member.path == "чат.py"
    assert b"".join(Folder(tmp_path).read(member)) == b"x"


def test_a_file_that_is_gone_when_it_is_read(tmp_path):
    with pytest.raises(Unreadable, match=r"gone.py cannot be read"):
        open_plain(tmp_path / "gone.py")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no FIFOs, and few links")
def test_a_file_that_is_something_else_when_it_is_read(tmp_path):
    """What has been listed may be exchanged before it is copied."""
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(Unreadable, match=r"link.py cannot be read \(Too many levels of symbolic"):
        open_plain(tmp_path / "link.py")
    for name in ("pipe.py", "folder.py"):
        with pytest.raises(Unreadable, match=f"{name} is neither a file nor a folder"):
            open_plain(tmp_path / name)
