"""The rubric of an instructor who hides checks, and kits that are unpacked and installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.grading import rubric

ROOT = Path(__file__).parents[3]
INSTALLING_S = 300  # most that a test may take that installs a kit: pip is slow beside others
HIDDEN = ("races", "hundreds", "framing_split", "own_two")
OWN = '''"""Checks of my own."""

import string

import pytest

SECRET = string.ascii_letters
SHARED = 3


@pytest.fixture
def secret_fixture():
    return SECRET


@pytest.mark.check("own_one", needs=["relay"])
def test_own_one(chat):
    """Three people come."""
    assert len(chat.room().enter("anna", "boris", "vera")) == SHARED


# What nobody must know.
@pytest.mark.check("own_two", needs=["own_one"])
def test_own_two(chat, secret_fixture):
    """Nobody must know this."""
    assert SHARED
'''


@pytest.fixture
def hiding(tmp_path: Path) -> Path:
    """A rubric with a seed, two checks of the instructor's own, and four that are hidden."""
    text = rubric.DEFAULT.read_text(encoding="utf-8")
    text = text.replace("[gate]", "own_one = 2\nown_two = 3\n\n[gate]")
    path = tmp_path / "rubric.toml"
    options = f'hidden = {list(HIDDEN)}\nseed = 4711\nchecks = "own"\n'
    path.write_text(options + text, encoding="utf-8")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "test_own.py").write_text(OWN, encoding="utf-8")
    return path


FEW = """\
hidden = ["relay_back", "own_two"]
checks = "own"

[level1]
starts = 5
relay = 15
relay_back = 10

[level2]
broadcast = 10
own_one = 2
own_two = 3

[gate]
threads = 0
"""


def few(folder: Path) -> Path:
    """Write a rubric of few checks, two of them hidden, one of these the instructor's own."""
    (folder / "own").mkdir()
    (folder / "own" / "test_own.py").write_text(OWN, encoding="utf-8")
    path = folder / "rubric.toml"
    path.write_text(FEW, encoding="utf-8")
    return path


def unpacked(kind: str, folder: Path, *words: object) -> Path:
    """Run `lab4 release` and unpack what it has made into a new folder."""
    out = folder.with_name(f"{kind}.zip")
    said = lab4("release", kind, out, "--lang", "en", *words)
    assert said.returncode == 0, said.stderr
    with zipfile.ZipFile(out) as archive:
        archive.extractall(folder)
        for member in archive.infolist():  # which extractall() leaves out
            (folder / member.filename).chmod(member.external_attr >> 16 & 0o777)
    return folder


def submit(work: Path, folder: Path) -> None:
    """Put a work where students' works are expected, instead of another."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(work, folder, ignore=shutil.ignore_patterns("__pycache__"))


def lab4(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the command of this kit."""
    done = run(sys.executable, "-m", "autograder.cli", *words, cwd=ROOT)
    assert "Traceback" not in done.stdout + done.stderr
    return done


def run(*command: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without what this machine's environment says of the kit."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**kept, "LAB4_LANG": "en", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=INSTALLING_S,
    )
