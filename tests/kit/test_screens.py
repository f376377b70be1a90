"""The commands on the screens that people have: narrow, colourless, with few letters, or a file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from rich.cells import cell_len

from autograder import screen

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10\d)(?:;\d+)*m")
# Nobody hears anybody, but twenty people may come: some checks fail, some pass, most are skipped.
DEAF = """
import socket, threading
listener = socket.create_server(("localhost", 0))
while True:
    client, address = listener.accept()
    threading.Thread(target=client.recv, args=(1 << 20,)).start()
"""
COMMANDS = {
    "check": ["check", "WORK", "--level", "1", "--seed", "1"],
    "explain": ["explain", "time_prefix"],
    "list": ["explain"],
    "doctor": ["doctor"],
    "grade": ["grade", "WORK", "-o", "OUT", "--sandbox", "off", "--seed", "1"],
}
every_command = pytest.mark.parametrize("name", COMMANDS)


@pytest.fixture
def words(tmp_path):
    """Return what makes the words of a command, about a work of its own."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "server.py").write_text(DEAF, encoding="utf-8")
    places = {"WORK": str(work), "OUT": str(tmp_path / "out")}

    def of(name: str, language: str) -> list[str]:
        command = [places.get(word, word) for word in COMMANDS[name]]
        return [sys.executable, "-m", "autograder.cli", *command, "--lang", language]

    return of


def environment(**more: str) -> dict[str, str]:
    special = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "PYTHONIOENCODING", "PYTHONUTF8"}
    kept = {name: value for name, value in os.environ.items() if name not in special}
    return {**kept, "TERM": "xterm-256color", **more}


def in_terminal(command: list[str], columns: int, env: Mapping[str, str]) -> str:
    """Run a command in a terminal so wide; return all that it wrote there."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=ROOT):
        os.close(theirs)
        data = b""
        try:
            while piece := os.read(ours, 65536):
                data += piece
        except OSError:  # how Linux says that nobody has the other end any more
            pass
    os.close(ours)
    text = data.decode()
    assert "Traceback" not in text
    return text


def into_file(command: list[str], env: Mapping[str, str]) -> bytes:
    done = subprocess.run(
        command, env=env, cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    return done.stdout


@posix
@every_command
@pytest.mark.parametrize("columns", [40, 60])
def test_no_line_is_wider_than_the_terminal(words, name, columns):
    text = CONTROL.sub("", in_terminal(words(name, "en"), columns, environment()))
    lines = [line for line in re.split(r"[\r\n]+", text) if line]
    # What must be copied whole is left to the terminal to wrap.
    wide = [line for line in lines if cell_len(line) > columns and not line.startswith("Sandbox")]
    assert wide == []
    assert len(lines) > 4


@posix
@every_command
def test_without_colour_there_is_none(words, name):
    assert not COLOUR.search(in_terminal(words(name, "ru"), 80, environment(NO_COLOR="1")))


@posix
def test_with_colour_there_is_some(words):
    assert COLOUR.search(in_terminal(words("explain", "ru"), 80, environment()))


@every_command
def test_a_file_gets_no_control_codes_and_no_progress(words, name):
    text = into_file(words(name, "en"), environment(PYTHONIOENCODING="utf-8")).decode()
    assert "\x1b" not in text
    assert "\r" not in text.replace("\r\n", "\n")
    assert not text.startswith("\n")
    assert "━" not in text


@posix
def test_in_a_terminal_the_bar_names_the_checks_while_they_run(words):
    text = CONTROL.sub("", in_terminal(words("check", "en"), 100, environment()))
    assert re.search(r"The server starts and lets two people in [━╸╺]+ +\d+/\d", text)


@every_command
@pytest.mark.parametrize(
    ("code_page", "language"), [("cp1251", "ru"), ("cp866", "ru"), ("cp1252", "en")]
)
def test_a_code_page_has_all_letters_that_are_needed(words, name, code_page, language):
    data = into_file(words(name, language), environment(PYTHONIOENCODING=code_page))
    text = data.decode(code_page)
    assert "?" not in re.sub(r"\w+\?|\?\s", "", text)
    assert re.search("[а-я]", text) or language == "en"
    if name in ("check", "doctor"):
        assert re.search(r"^\+ ", text, re.M)


def test_a_screen_without_cyrillic_is_spoken_to_in_english(words):
    command = words("explain", "en")[:-2]
    for code_page, russian in (("cp1252", False), ("cp866", True)):
        env = environment(PYTHONIOENCODING=code_page, LAB4_LANG="ru")
        text = into_file(command, env).decode(code_page)
        assert bool(re.search("[а-я]", text)) == russian


def test_every_sign_is_replaced_by_one_of_the_same_width():
    signs = "✓✗★…·→←▷“”—–╭─╮│╰╯━\N{NO-BREAK SPACE}№×"
    shown = "".join(screen.plain(sign) for sign in signs)
    assert shown.isascii()
    assert [len(screen.plain(sign)) for sign in signs] == [cell_len(sign) for sign in signs]
    assert [screen.plain(letter) for letter in "é🙂я"] == ["e", "?", "?"]
