"""What the tests of the notebooks share: the helpers, and a way to run a notebook."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]
NOTEBOOKS = ROOT / "notebooks"

pytest.importorskip("jupytext", reason="the extra `notebooks` is not installed")
sys.path.insert(0, str(NOTEBOOKS))

# Tells what is alive in the kernel that was not there at the beginning.
REMEMBER = """
import threading as _threading
import psutil as _psutil
def _ports():
    return {c.laddr.port for c in _psutil.Process().net_connections("tcp") if c.status == "LISTEN"}
_first_threads, _first_ports = set(_threading.enumerate()), _ports()
"""
LEFT = """
import json as _json
_new = set(_threading.enumerate()) - _first_threads
_own = ("zmq.", "ipykernel.", "IPython.")  # of the kernel itself, begun when first needed
_threads = sorted(t.name for t in _new if not type(t).__module__.startswith(_own))
_children = [" ".join(c.cmdline()) for c in _psutil.Process().children(recursive=True)]
print(_json.dumps([_threads, sorted(_ports() - _first_ports), _children]))
"""


@pytest.fixture(scope="session")
def build() -> ModuleType:
    """The script that makes the notebooks."""
    spec = importlib.util.spec_from_file_location("notebooks_build", NOTEBOOKS / "build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@dataclass
class Ran:
    """A notebook after it was run.

    Attributes:
        boxes: Kind of each box shown, in order: right, wrong, todo, guess, note.
        errors: What was raised, or written to standard error.
        threads, ports, children: What the run left behind.
    """

    boxes: list[str]
    errors: list[str]
    threads: list[str]
    ports: list[int]
    children: list[str]


@pytest.fixture
def run(monkeypatch, build):
    """Return a function that runs a notebook's source in a fresh kernel."""
    import nbformat
    from nbclient import NotebookClient

    def start(source: Path, language: str, *, work: Path, solved: bool, times: int = 1) -> Ran:
        monkeypatch.setenv("LAB4_WORK", str(work))
        text = build.build(source, language, solved=solved, tested=True)
        book = nbformat.reads(text, as_version=4)
        new = nbformat.v4.new_code_cell
        cells = [new(cell.source) for cell in book.cells if cell.cell_type == "code"]
        again = [new(cell.source) for _time in range(times) for cell in cells]
        book.cells = [new(REMEMBER), *again, new(LEFT)]
        where = {"metadata": {"path": str(NOTEBOOKS / language)}}
        NotebookClient(book, timeout=90, allow_errors=True, resources=where).execute()
        outputs = [output for cell in book.cells[:-1] for output in cell.outputs]
        html = [output.get("data", {}).get("text/html", "") for output in outputs]
        kinds = ("right", "wrong", "todo", "guess", "note")
        boxes = [kind for text in html for kind in kinds if f'class="lab4-{kind}"' in text]
        errors = ["\n".join(o.traceback) for o in outputs if o.output_type == "error"]
        errors += [output.text for output in outputs if output.get("name") == "stderr"]
        left = book.cells[-1].outputs
        return Ran(boxes, errors, *json.loads(left[0].text))

    return start
