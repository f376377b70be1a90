"""Archives: the same bytes for the same files, and rights for what can be run."""

import os
import zipfile

import pytest

from autograder.release import archive

FILES = {"b/run": b"#!/bin/sh\n", "a.txt": "я".encode()}


def test_the_order_and_the_day_do_not_matter(tmp_path):
    archive.write(tmp_path / "one.zip", FILES)
    archive.write(tmp_path / "two.zip", dict(reversed(FILES.items())))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as made:
        assert {name: made.read(name) for name in made.namelist()} == FILES
        assert made.namelist() == sorted(FILES)
        assert {one.date_time for one in made.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_only_scripts_can_be_run(tmp_path):
    archive.write(tmp_path / "a.zip", FILES)
    with zipfile.ZipFile(tmp_path / "a.zip") as made:
        rights = {one.filename: one.external_attr >> 16 & 0o777 for one in made.infolist()}
    assert rights == {"a.txt": 0o644, "b/run": 0o755}


def test_an_old_archive_stays_when_the_new_one_cannot_be_made(tmp_path, monkeypatch):
    out = tmp_path / "a.zip"
    archive.write(out, FILES)
    before = out.read_bytes()

    def full(*_names):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="No space left"):
        archive.write(out, {})
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]
