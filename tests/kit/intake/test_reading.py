"""From what was downloaded to entries: names, keys, folders, and what cannot be read."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile

import pytest

from autograder.grading import rubric
from autograder.grading.request import ROOT, Request
from autograder.grading.session import grade
from autograder.grading.submission import open_submission
from autograder.intake import read

REFERENCE = ROOT / "reference"


def files_of(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_folder_is_one_work(take, folder, work):
    [entry] = take(folder(work))
    assert (entry.name, entry.key, entry.participant) == ("ivanov", "ivanov", None)
    assert files_of(entry.folder) == ["client.py", "server.py"]
    assert entry.chosen == {"server.py": "server.py", "client.py": "client.py"}
    assert (entry.passed_over, entry.reason) == ((), None)


def test_the_digest_is_the_one_that_the_grader_computes(take, folder, work):
    [entry] = take(folder(work | {"chat/util.py": "", "__pycache__/a.pyc": "x"}))
    submission = open_submission(entry.folder)
    submission.close()
    assert entry.sha256 == submission.sha256


def test_the_grader_takes_the_folder(take, zipped):
    files = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.py")}
    [entry] = take(zipped({f"Лаба 4/{name}": text for name, text in files.items()}, "Анна.zip"))
    request = Request(entry.folder, 1, 7, rubric.DEFAULT, None, "en")
    result = grade(request, lambda *_progress: None)
    assert (result.outcome, result.score) == ("graded", 60)
    assert result.submission["sha256"] == entry.sha256


def test_a_zip_of_the_same_files_has_the_same_digest(take, folder, zipped, work):
    one, two = take(folder(work), zipped(work))
    assert one.sha256 == two.sha256
    assert (one.name, two.name, two.key) == ("ivanov", "ivanov (2)", "ivanov-2")


@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:bz2", "w:xz"])
def test_tars_are_read_however_they_are_packed(mode, take, folder, work, tmp_path):
    path = tmp_path / f"Пётр.tar{mode[1:].replace(':', '.').rstrip('.')}"
    with tarfile.open(path, mode) as archive:
        archive.add(folder(work), "lab")
    [entry] = take(path)
    assert (entry.name, entry.reason) == ("Пётр", None)
    assert entry.chosen["server.py"] == "lab/server.py"


def test_a_folder_of_clones(take, tmp_path, folder, work):
    for name in ("lab4-ivanov", "lab4-petrov"):
        clone = folder(work, f"clones/{name}")
        for command in ("init -q", "add .", "-c user.name=a -c user.email=a@b commit -qm work"):
            subprocess.run(["git", *command.split()], cwd=clone, check=True)
    entries = take(tmp_path / "clones")
    assert [entry.name for entry in entries] == ["lab4-ivanov", "lab4-petrov"]
    assert files_of(entries[0].folder) == ["client.py", "server.py"]


def test_a_zip_of_a_zip_for_each(take, zipped, work):
    inner = zipped(work, "inner.zip").read_bytes()
    entries = take(zipped({"Анна.zip": inner, "Борис.zip": inner, "readme.txt": ""}, "all.zip"))
    assert [entry.name for entry in entries] == ["Анна", "Борис"]
    assert entries[0].chosen["server.py"] == "Анна.zip/server.py"
    assert files_of(entries[0].folder) == ["client.py", "server.py"]


class FromOldWindows(zipfile.ZipInfo):
    """A member as a Russian Windows packs it: the name in cp866, and no word about that."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("cp866"), self.flag_bits


def test_names_in_the_letters_of_an_old_windows(take, work, tmp_path):
    names = ["Ёлкина Юлия", "Иванов Иван"]
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in names:
            for file, text in work.items():
                archive.writestr(FromOldWindows(f"{name}/{file}"), text)
    assert "Иванов".encode("cp866") in (tmp_path / "all.zip").read_bytes()
    assert [entry.name for entry in take(tmp_path / "all.zip")] == names


def test_a_class_from_moodle(take, zipped, work):
    names = [f"Студент Номер{number} Ёж" for number in range(28)]
    files = {
        f"{name}_{500 + number}_assignsubmission_file_/{path}": text
        for number, name in enumerate(names)
        for path, text in work.items()
    }
    inner = zipped({f"lab/{path}": text for path, text in work.items()}, "inner.zip").read_bytes()
    files["Anna O'Neil 😀_600_assignsubmission_file_/Лаба 4.zip"] = inner
    files["Anna O'Neil 😀_600_assignsubmission_onlinetext_/onlinetext.html"] = "<p>see zip</p>"
    files["Zoe_601_assignsubmission_onlinetext_/onlinetext.html"] = "<p>I have nothing</p>"
    entries = take(zipped(files, "moodle.zip"))
    assert len(entries) == 30
    assert [entry.name for entry in entries[:28]] == names
    assert [entry.participant for entry in entries] == [*map(str, range(500, 528)), "600", "601"]
    assert entries[28].name == "Anna O'Neil 😀"
    assert entries[28].chosen["server.py"] == "Лаба 4.zip/lab/server.py"
    assert entries[29].reason == (
        "there is no Python program (found: onlinetext/onlinetext.html): ask for the work anew"
    )
    assert sum(entry.reason is None for entry in entries) == 29


def test_a_folder_into_which_a_class_was_downloaded(take, folder, zipped, work, tmp_path):
    files = {
        f"{name}_{number}_assignsubmission_file_/{path}": text
        for number, name in enumerate(["Анна", "Boris"])
        for path, text in work.items()
    }
    downloads = folder({f"Late Vera/{path}": text for path, text in work.items()}, "downloads")
    zipped(files, "ПИ-23 Лаба 4-1234.zip").rename(downloads / "ПИ-23 Лаба 4-1234.zip")
    (downloads / "grades.csv").write_text("name", encoding="utf-8")
    (downloads / "gleb.zip").write_bytes(b"no zip")
    entries = {entry.name: entry for entry in take(downloads)}
    assert set(entries) == {"Анна", "Boris", "Late Vera", "gleb"}
    assert [entries[name].participant for name in ("Анна", "Boris")] == ["0", "1"]
    assert entries["gleb"].reason


def test_nothing_is_unpacked_before_it_is_asked_for(folder, work, tmp_path):
    paths = [folder(work, f"work{number}") for number in range(20)]
    staging = tmp_path / "staging"
    entries = read(paths, staging)
    assert list(staging.iterdir()) == []
    first = next(entries)
    assert list(staging.iterdir()) == [first.folder]


def test_the_same_works_have_the_same_keys_in_another_run(take, folder, work, zipped):
    paths = [folder(work, "Иванов Иван"), zipped(work, "Иванов Иван.zip"), folder(work, "CON")]
    keys = [entry.key for entry in take(*paths)]
    assert keys == ["Иванов-Иван", "Иванов-Иван-2", "_CON"]
    assert [entry.key for entry in take(*paths)] == keys


def test_the_second_run_replaces_the_folder_of_the_first(take, folder, work):
    take(folder(work | {"notes.txt": "old"}))
    (folder({}) / "notes.txt").unlink()
    [entry] = take(folder({}))
    assert files_of(entry.folder) == ["client.py", "server.py"]


def broken(name, content):
    return pytest.param(name, content, id=name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        broken("a.zip", "a.zip cannot be unpacked (it is damaged, or no archive): ask for it"),
        broken("a.tar.gz", "a.tar.gz cannot be unpacked (it is damaged, or no archive): ask for"),
        broken("a.rar", "a.rar is a RAR archive, which cannot be opened here: ask for a zip"),
        broken("a.7z", "a.7z is a 7z archive, which cannot be opened here: ask for a zip"),
        broken("fake.zip", "fake.zip is a RAR archive, which cannot be opened here: ask for a"),
        broken("a.docx", "a.docx is neither a folder nor an archive: name what was downloaded"),
    ],
)
def test_what_is_no_archive_is_said_to_be_none(name, reason, take, tmp_path):
    starts = {"a.rar": b"Rar!\x1a\x07\1\0", "a.7z": b"7z\xbc\xaf\x27\x1c", "a.tar.gz": b"\x1f\x8b"}
    starts["fake.zip"] = starts["a.rar"]
    (tmp_path / name).write_bytes(starts.get(name, b"") + b"nonsense")
    [entry] = take(tmp_path / name)
    assert entry.reason.startswith(reason)


def test_a_zip_cut_in_the_middle(take, zipped, work):
    path = zipped(work | {"big.txt": os.urandom(100_000)})
    path.write_bytes(path.read_bytes()[:50_000])
    [entry] = take(path)
    assert "cannot be unpacked" in entry.reason


def test_a_zip_with_a_flipped_byte(take, zipped, work):
    path = zipped(work | {"big.txt": os.urandom(100_000)})
    data = bytearray(path.read_bytes())
    data[50_000] ^= 1
    path.write_bytes(data)
    [entry] = take(path)
    assert "cannot be unpacked" in entry.reason


def test_an_encrypted_zip(take, zipped, work):
    path = zipped(work)
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = -1
        while (start := data.find(mark, start + 1)) >= 0:
            data[start + place] |= 1
    path.write_bytes(data)
    [entry] = take(path)
    assert entry.reason == "server.py is encrypted: ask for it without a password"


def test_an_empty_zip_and_an_empty_folder(take, zipped, folder):
    for entry in take(zipped({}), folder({}, "petrov")):
        assert entry.reason.startswith("there is no Python program (found: nothing)")


def test_a_work_that_is_not_there(take, tmp_path):
    [entry] = take(tmp_path / "nobody")
    assert entry.reason.startswith("nobody cannot be read (No such file or directory): look at")


def test_a_work_without_a_server(take, folder, work):
    [entry] = take(folder({"client.py": work["client.py"]}))
    assert entry.reason == (
        "no program is a server (found: client.py): ask for it, or name one in a file of choices"
    )


def test_a_virtual_environment_in_a_zip_is_left_out(take, zipped, work):
    packed_in = {f"lab/venv/lib/m{number}.py": "x = 1" for number in range(700)}
    macs = {"__MACOSX/lab/._server.py": "\0", "lab/.DS_Store": "\0", "lab/.git/config": ""}
    files = {f"lab/{path}": text for path, text in work.items()}
    [entry] = take(zipped(files | packed_in | macs))
    assert files_of(entry.folder) == ["client.py", "server.py"]


def test_decomposed_letters_of_a_mac_become_the_usual_ones(take, zipped, work):
    [entry] = take(zipped(work | {"и\u0306.txt": ""}, "Наи\u0306ля.zip"))
    assert entry.name == "Найля"
    assert "й.txt" in files_of(entry.folder)


def test_an_archive_beside_programs_is_not_opened(take, folder, zipped, work):
    [entry] = take(folder(work | {"old.zip": zipped(work).read_bytes()}))
    assert files_of(entry.folder) == ["client.py", "server.py"]


NO_ROOM = """
import resource, sys
from pathlib import Path
from autograder.intake import read
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    print(list(read([Path(sys.argv[1])], Path(sys.argv[2]))))
except OSError as error:
    print("OSError:", error.strerror)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
@pytest.mark.parametrize("packed", ["zip", "tar.gz"])
def test_a_disk_that_takes_no_more_is_no_fault_of_the_work(packed, zipped, folder, work, tmp_path):
    files = work | {"data.bin": os.urandom(200_000)}
    path = zipped(files)
    if packed == "tar.gz":
        path = tmp_path / "ivanov.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            archive.add(folder(files), ".")
    command = [sys.executable, "-c", NO_ROOM, str(path), str(tmp_path / "staging")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "OSError: File too large\n"
