"""Both READMEs and CONTRIBUTING name commands, options and files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from autograder.commands import lab4
from autograder.options import BELOW_MINIMUM, EXIT_STATUS, INTERRUPTED

ROOT = Path(__file__).parents[2]
ENGLISH, RUSSIAN = ROOT / "README.md", ROOT / "README.ru.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
TEXTS = pytest.mark.parametrize(
    "text", [ENGLISH, RUSSIAN, CONTRIBUTING], ids=lambda path: path.name
)


def commands(path: Path) -> list[str]:
    """Return the lines of all blocks of commands, in order."""
    blocks = re.findall(r"^ *```(?:sh|powershell)\n(.*?)^ *```", read(path), re.M | re.S)
    return [line.strip() for block in blocks for line in block.splitlines()]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_both_readmes_name_the_same_commands():
    assert commands(ENGLISH) == commands(RUSSIAN)


def test_the_first_two_commands_are_the_two_main_jobs():
    reference, tests, *_rest = commands(ENGLISH)
    assert reference.endswith("lab4 check reference")
    assert ".venv/bin/pytest" in tests


def test_ci_runs_the_second_command_of_the_readme():
    ci = read(ROOT / ".ci" / "run").splitlines()
    for step in commands(ENGLISH)[1].split(" && "):
        assert f"run {step}" in ci


def test_the_exit_statuses_are_those_of_the_command():
    for path in (ENGLISH, RUSSIAN):
        named = {int(number) for number in re.findall(r"^\| (\d+) \|", read(path), re.M)}
        assert named == {*EXIT_STATUS.values(), BELOW_MINIMUM, INTERRUPTED, 2}  # wrong usage


@TEXTS
def test_every_command_of_lab4_exists_and_takes_its_options(text):
    named = re.findall(r"lab4 ([a-z]+)((?: [^\n`]*)?)", "\n".join([*commands(text), *inline(text)]))
    assert named
    for name, words in named:
        assert name in lab4.commands
        command = lab4.commands[name]
        if isinstance(command, click.Group):
            command = command.commands[words.split()[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        if not command.context_settings.get("ignore_unknown_options"):
            assert set(re.findall(r"(?<= )--[a-z-]+", words)) <= known


def inline(path: Path) -> list[str]:
    """Return the commands that stand inside sentences."""
    return re.findall(r"`((?:\.venv/bin/)?lab4 [^`/]+)`", read(path))


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN], ids=lambda path: path.name)
def test_every_option_that_stands_alone_belongs_to_check(text):
    known = {option for parameter in lab4.commands["check"].params for option in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)[^`]*`", read(text))) <= known


@TEXTS
def test_every_linked_file_exists(text):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", read(text)):
        assert target.startswith("https://") or (ROOT / target).is_file(), target


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN], ids=lambda path: path.name)
def test_every_folder_of_the_layout_exists(text):
    folders = re.findall(r"^([a-z0-9/]+)/ {2,}\S", read(text), re.M)
    assert len(folders) > 5
    for folder in folders:
        assert (ROOT / folder).is_dir(), folder


def test_the_readmes_have_the_same_parts_in_the_same_order():
    english, russian = (
        [line.split()[0] for line in read(p).splitlines() if line[:1] == "#"]
        for p in (ENGLISH, RUSSIAN)
    )
    assert english == russian
