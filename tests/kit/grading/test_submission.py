"""The folder of a work: what is taken, what is refused, and the copy that is run."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.grading import submission
from autograder.grading.submission import NotGradable, look_into, open_submission


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "ivanov"
    folder.mkdir()
    (folder / "server.py").write_text("print('hi')", encoding="utf-8")
    return folder


@pytest.fixture
def opened(work):
    found = open_submission(work)
    yield found
    found.close()


def test_the_copy_has_all_files_and_is_not_the_original(work, opened):
    assert (opened.name, opened.files) == ("ivanov", ("server.py",))
    program = opened.program("server.py")
    program.write_text("changed", encoding="utf-8")
    assert (work / "server.py").read_text(encoding="utf-8") == "print('hi')"


def test_a_program_that_is_not_there_is_none(opened):
    assert opened.program("client.py") is None


def test_close_removes_the_copy_and_may_be_called_twice(work):
    found = open_submission(work)
    found.close()
    found.close()
    assert not found.stage.exists()


def test_folders_inside_are_copied_and_droppings_are_not(work):
    for name in ("chat/util.py", "__pycache__/a.pyc", ".git/config", ".venv/x.py", "a/venv/y.py"):
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text("x", encoding="utf-8")
    found = open_submission(work)
    assert found.files == ("chat/util.py", "server.py")
    assert (found.stage / "chat" / "util.py").read_text(encoding="utf-8") == "x"
    found.close()


def test_the_digest_depends_on_names_and_contents_and_nothing_else(tmp_path):
    def digest(name: str, **files: str) -> str:
        folder = tmp_path / name
        folder.mkdir()
        for file, text in files.items():
            (folder / f"{file}.py").write_text(text, encoding="utf-8")
        found = open_submission(folder)
        found.close()
        return found.sha256

    same = digest("one", server="a", client="b")
    assert digest("two", client="b", server="a") == same
    others = [
        digest("three", server="a", client="c"),
        digest("four", server="a", klient="b"),
        digest("five", server="ab", client=""),
    ]
    assert len({same, *others}) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs, and few links")
def test_links_and_pipes_are_not_followed(work, tmp_path):
    (tmp_path / "secret").write_text("s", encoding="utf-8")
    (work / "link.py").symlink_to(tmp_path / "secret")
    (work / "up").symlink_to(tmp_path)
    os.mkfifo(work / "pipe.py")
    assert [str(path) for path in look_into(work)] == ["server.py"]


def test_a_file_is_no_work(work):
    with pytest.raises(NotGradable, match="is not a folder: name the folder that"):
        look_into(work / "server.py")


def test_an_empty_folder_is_no_work(tmp_path):
    with pytest.raises(NotGradable, match=r"there is no server.py in .* \(found: nothing\)"):
        look_into(tmp_path)


def test_a_folder_with_other_names_is_told_what_is_there(tmp_path):
    (tmp_path / "Server.txt").write_text("", encoding="utf-8")
    with pytest.raises(NotGradable, match=r"\(found: Server.txt\): put it there"):
        look_into(tmp_path)


def test_a_server_in_a_folder_inside_is_not_at_the_top(tmp_path):
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "server.py").write_text("", encoding="utf-8")
    with pytest.raises(NotGradable, match=r"but lab.server\.py: name its folder"):
        look_into(tmp_path)


def test_too_many_files_are_refused(work, monkeypatch):
    monkeypatch.setattr(submission, "MOST_FILES", 3)
    for number in range(3):
        (work / f"{number}.txt").touch()
    with pytest.raises(NotGradable, match="holds 4 files of 0 MB: hand in the programs only"):
        look_into(work)


def test_too_much_data_is_refused_without_reading_it(work):
    with (work / "video.mp4").open("wb") as file:
        file.truncate(submission.MOST_BYTES + 1)  # a hole: takes no room on the disk
    with pytest.raises(NotGradable, match="holds 2 files of 32 MB"):
        look_into(work)


def test_a_file_that_cannot_be_read_is_named(work, monkeypatch):
    """Played: root, who runs these tests in a container, may read everything."""
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.name == "secret.py":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    (work / "secret.py").write_text("x", encoding="utf-8")
    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    copies = work.parent / "copies"
    copies.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(copies))
    with pytest.raises(NotGradable, match=r"secret.py cannot be read \(Permission denied\)"):
        open_submission(work)
    assert list(copies.iterdir()) == []
