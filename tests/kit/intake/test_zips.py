"""Zips as the programs of this world write them: whose name is in which letters."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zipfile
import zlib

import pytest

from autograder.intake.zips import UNICODE_PATH, Zip

NAME = "Иванов Иван/сервер.py"


class Bare(zipfile.ZipInfo):
    """A member whose name is written in some encoding, and no word about that."""

    encoding = "utf-8"

    def _encodeFilenameFlags(self):
        return self.filename.encode(self.encoding), self.flag_bits


@pytest.fixture
def written(tmp_path):
    """Return a function that writes one member and returns the path that is read."""

    def write(info):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(info, "text")
        source = Zip(tmp_path / "a.zip")
        [member] = source.members()
        assert b"".join(source.read(member)) == b"text"
        source.close()
        source.close()
        return member.path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "cp866", "cp1251"])
def test_no_flag(encoding, written):
    info = Bare(NAME)
    info.encoding = encoding
    assert written(info) == NAME


def test_the_flag(written):
    assert written(zipfile.ZipInfo(NAME)) == NAME


@pytest.mark.parametrize(("of", "path"), [("Ivanov.py", NAME), ("another.py", "Ivanov.py")])
def test_a_second_name_in_unicode_counts_if_it_belongs_to_the_first(of, path, written):
    field = struct.pack("<BL", 1, zlib.crc32(of.encode())) + NAME.encode()
    info = Bare("Ivanov.py")
    info.extra = struct.pack("<HH", UNICODE_PATH, len(field)) + field
    assert written(info) == path


@pytest.mark.skipif(shutil.which("zip") is None, reason="there is no zip here")
def test_the_program_zip(tmp_path, take, work):
    for path, text in work.items():
        (tmp_path / "Лаба 4").mkdir(exist_ok=True)
        (tmp_path / "Лаба 4" / path).write_text(text, encoding="utf-8")
    command = ["zip", "-qr", "Ёлкина Юлия.zip", "Лаба 4"]
    subprocess.run(command, cwd=tmp_path, check=True, env={"PATH": "/usr/bin", "LC_ALL": "C.UTF-8"})
    [entry] = take(tmp_path / "Ёлкина Юлия.zip")
    assert (entry.name, entry.chosen["server.py"]) == ("Ёлкина Юлия", "Лаба 4/server.py")
