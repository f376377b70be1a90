"""Works to be taken in: small programs, folders and archives of them."""

from __future__ import annotations

import importlib.util
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from autograder.grading.request import ROOT
from autograder.intake import Choices, Entry, read

SERVER = "import socket\nlistener = socket.create_server(('', 14900))\nlistener.accept()\n"
CLIENT = "import socket\nsock = socket.socket()\nsock.connect(('localhost', 14900))\n"


@pytest.fixture
def work() -> dict[str, str]:
    """The files of a work in the usual form: path → text."""
    return {"server.py": SERVER, "client.py": CLIENT}


@pytest.fixture
def take(tmp_path: Path) -> Callable[..., list[Entry]]:
    """Return a function that reads paths to the end."""

    def run(*paths: Path, **choices: Choices) -> list[Entry]:
        return list(read(paths, tmp_path / "staging", **choices))

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that makes a folder of path → text."""

    def make(files: Mapping[str, str | bytes], name: str = "ivanov") -> Path:
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path / name

    return make


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that makes a zip of path → text."""

    def make(files: Mapping[str, str | bytes], name: str = "ivanov.zip") -> Path:
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, text in files.items():
                archive.writestr(path, text)
        return tmp_path / name

    return make


def hostile_archives() -> ModuleType:
    """Return the maker of hostile works."""
    path = ROOT / "tests" / "corpus" / "hostile" / "archives" / "build.py"
    spec = importlib.util.spec_from_file_location("hostile_archives", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for an `attack` each of the declared ones."""
    if "attack" in metafunc.fixturenames:
        attacks = hostile_archives().attacks()
        names = [f"{attack['number']}-{attack['name']}" for attack in attacks]
        metafunc.parametrize("attack", attacks, ids=names)


@pytest.fixture
def hostile(attack: dict, tmp_path: Path) -> Path:
    """The work that an attack hands in."""
    return hostile_archives().build(attack, tmp_path)
