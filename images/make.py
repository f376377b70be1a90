"""Makes the pictures of the READMEs from real runs: a chat, a score card, and what went wrong.

Usage: python images/make.py [FOLDER]; by default the pictures beside this file are made anew.
"""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from autograder import i18n
from autograder.grading import result
from autograder.reports import diagram, scorecard

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "reference"
PORT = 14900  # the default of the programs: no option needs to be shown
WAIT_S = 30.0
WIDTH = {"chat": 104, "scorecard": 100}  # columns
SUFFIX = {"en": "", "ru": ".ru"}  # as of the READMEs

TALK = {
    "en": [
        ("Anna", "Hi Boris!"),
        ("Boris", "Привет, Anna! I hear you."),
        ("Boris", "And twice in a row."),
        ("Anna", "Nobody waits for anybody."),
    ],
    "ru": [
        ("Anna", "Привет, Борис!"),
        ("Boris", "Привет, слышу тебя."),
        ("Boris", "И ещё раз, подряд."),
        ("Anna", "Никто никого не ждёт!"),
    ],
}
NAMES = {"en": {"Anna": "Anna", "Boris": "Boris"}, "ru": {"Anna": "Анна", "Boris": "Борис"}}

# What a beginner may write in server.py: out goes who joined last, not who left.
RIGHT = "        del self._members[member]\n"
WRONG = "        self._members.popitem()\n"

# As rich's own, without its fonts from the network: each run of letters has its length, so
# that whatever font is there fills it.
SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", \
monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class Terminal:
    """A program in a terminal of its own; a context manager, which ends the program.

    Args:
        command: As it is typed, `python` first.
    """

    def __init__(self, command: str) -> None:
        self.command = command
        self.typed: list[str] = []
        self._shown = bytearray()
        self._news = threading.Condition()  # protects _shown
        self._screen, inside = pty.openpty()
        self._program = subprocess.Popen(
            [sys.executable, *command.split()[1:]],
            cwd=REFERENCE,
            env={**os.environ, "PYTHONUTF8": "1"},
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
        )
        os.close(inside)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *error: object) -> None:
        self._program.send_signal(signal.SIGINT)
        try:
            self._program.wait(WAIT_S)
        finally:
            self._program.kill()
            self._reader.join()
            os.close(self._screen)

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # on Linux: the program has gone
            while data := os.read(self._screen, 4096):
                with self._news:
                    self._shown += data
                    self._news.notify()

    def lines(self) -> list[str]:
        """Return what the terminal shows."""
        text = self._shown.decode(errors="replace").replace("^D\b\b", "")
        return text.replace("\r\n", "\n").splitlines()

    def shows(self, text: str, times: int = 1) -> str:
        """Wait until `text` is in as many whole lines as `times`; return the latest of them."""

        def found() -> list[str]:
            whole = self._shown.rpartition(b"\n")[0].decode(errors="replace")
            return [line for line in whole.splitlines() if text in line]

        with self._news:
            if not self._news.wait_for(lambda: len(found()) >= times, WAIT_S):
                raise SystemExit(f"{self.command}: expected {text!r}, got {self.lines()}")
            return found()[-1]

    def types(self, line: str) -> None:
        """Type a line and Enter."""
        self.typed.append(line)
        os.write(self._screen, f"{line}\n".encode())
        self.shows(line)

    def ends(self) -> None:
        """Press Ctrl-D and wait for the end of the program."""
        os.write(self._screen, b"\x04")
        self._program.wait(WAIT_S)

    def drawn(self, title: str, height: int) -> Panel:
        """Return the terminal as it looks; what was typed is bold."""
        text = Text.assemble((f"$ {self.command}\n", "dim"))
        for line in self.lines():
            text.append(f"{line}\n", "bold #98c379" if line in self.typed else "")
        text.rstrip()
        return Panel(text, title=title, title_align="left", height=height, border_style="cyan")


def chat(language: str, port: int = PORT) -> RenderableType:
    """Let two talk over the reference server; return the three terminals.

    Args:
        language: Of the server, and of what they say.
        port: Where; 0 for any free one.
    """
    lang = "" if language == "ru" else f" --lang {language}"
    there = "" if port == PORT else f" --port {port}"
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Terminal(f"python server.py{there}{lang}"))
        opened = server.shows("127.0.0.1")
        if port == 0:
            there = f" --port {re.findall(r'[0-9]{4,5}', opened)[0]}"
        anna = stack.enter_context(Terminal(f"python client.py{there}"))
        server.shows("#1")
        boris = stack.enter_context(Terminal(f"python client.py{there}"))
        anna.shows("#2")
        people = {"Anna": anna, "Boris": boris}
        for author, line in TALK[language]:
            people[author].types(line)
            for name, person in people.items():
                if name != author:
                    person.shows(line)
        told = sum("#2" in line for line in anna.lines())
        boris.ends()
        server.shows(anna.shows("#2", told + 1))
        both = Table.grid(expand=True)
        both.add_column(ratio=1)
        both.add_column(ratio=1)
        height = 3 + max(len(anna.lines()), len(boris.lines()))
        names = NAMES[language]
        both.add_row(anna.drawn(names["Anna"], height), boris.drawn(names["Boris"], height))
        title = {"en": "Server", "ru": "Сервер"}[language]
        return Group(server.drawn(title, 3 + len(server.lines())), both)


def broken_copy(folder: Path) -> Path:
    """Copy the reference with a mistake in it; return the copy."""
    copy = folder / "my-chat"
    shutil.copytree(REFERENCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    text = (copy / "server.py").read_text(encoding="utf-8")
    if text.count(RIGHT) != 1:
        raise SystemExit(f"reference/server.py has {RIGHT!r} {text.count(RIGHT)} times, expected 1")
    (copy / "server.py").write_text(text.replace(RIGHT, WRONG), encoding="utf-8")
    return copy


def checked(language: str) -> tuple[str, result.Result]:
    """Grade the broken copy; return the command that does it, and the result."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy, file, points = broken_copy(folder), folder / "result.json", folder / "exam.toml"
        # An instructor's rubric, without the badges: the card is shorter.
        default = (ROOT / "autograder" / "rubric.toml").read_text(encoding="utf-8")
        levels, _badges, rest = default.partition("[level3]")
        points.write_text(levels + rest[rest.index("[gate]") :], encoding="utf-8")
        command = f"lab4 check {copy.name} --rubric {points.name} --seed 4"
        options = ["--lang", language, "--json", str(file)]
        subprocess.run(
            [sys.executable, "-m", "autograder.cli", *command.split()[1:], *options],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return command, result.read(file)


def diagram_of(graded: result.Result, path: Path) -> None:
    """Write the space-time diagram of the one check that failed."""
    (failed,) = (check for check in graded.checks if check.status == "failed")
    path.write_text(diagram.draw(failed) + "\n", encoding="utf-8")
    print(path)


def draw(path: Path, console: Console, title: str) -> None:
    """Write what a console has recorded as a picture that needs nothing from outside."""
    svg = console.export_svg(title=title, code_format=SVG, unique_id="t", font_aspect_ratio=0.602)
    path.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")
    print(path)


def recorder(kind: str) -> Console:
    """Return a console that prints nothing and remembers everything."""
    return Console(record=True, width=WIDTH[kind], file=io.StringIO(), force_terminal=True)


def main(folder: Path) -> None:
    """Make all pictures."""
    for language, suffix in SUFFIX.items():
        console = recorder("chat")
        console.print(chat(language))
        draw(folder / f"chat{suffix}.svg", console, "lab4")
        console = recorder("scorecard")
        command, graded = checked(language)
        i18n.set_language(language)
        scorecard.show(graded, console)
        draw(folder / f"scorecard{suffix}.svg", console, command)
        diagram_of(graded, folder / f"space-time{suffix}.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
