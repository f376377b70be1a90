"""Imports flow one way, and what runs beside the student imports nothing of ours."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Each may import itself and what stands before it.
LAYERS = [
    "i18n",
    "screen",
    "transcript",
    "fence",
    "harness",
    "simulation",
    "grading",
    "intake",
    "reports",
    "replay",
    "options",
    "batch",
    "doctor",
    "stubs",
    "notebooks",
    "release",
    "trust",
]
LAYERS += ["commands", "cli"]


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer(module: str) -> int | None:
    parts = module.split(".")
    if parts[0] != "autograder" or len(parts) == 1:
        return None
    return LAYERS.index(parts[1]) if parts[1] in LAYERS else None


def test_imports_flow_one_way():
    for path in (ROOT / "autograder").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        own = layer(module)
        for name in imported(path):
            other = layer(name)
            assert own is None or other is None or other <= own, f"{module} imports {name}"


def test_every_module_has_a_layer():
    names = {path.stem for path in (ROOT / "autograder").iterdir() if path.suffix == ".py"}
    names |= {path.parent.name for path in (ROOT / "autograder").glob("*/__init__.py")}
    assert names - {"__init__"} <= set(LAYERS)


@pytest.mark.parametrize("folder", ["lab4", "reference"])
def test_chat_programs_and_the_grader_meet_over_tcp_only(folder):
    for path in (ROOT / folder).glob("*.py"):
        assert not [name for name in imported(path) if name.startswith("autograder")]
    for path in (ROOT / "autograder").rglob("*.py"):
        own = {"wire", "server", "client", "two_user_server", folder}
        assert not imported(path) & own, path


def test_nobody_uses_the_helpers_of_the_notebooks():
    for folder in ("autograder", "reference", "lab4"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not {name for name in imported(path) if name.split(".")[0] == "lab4nb"}, path


BESIDE = [
    *(f"autograder.fence.{name}" for name in ("zygote", "cell", "confine", "landlock", "seccomp")),
    "autograder.fence.canary",
    "autograder.harness.launcher",
    "autograder.harness.recorder",
]


@pytest.mark.parametrize("module", BESIDE)
def test_what_runs_beside_the_student_is_standard_library_only(module):
    names = imported(ROOT / f"{module.replace('.', '/')}.py") - {"autograder.fence"}
    strange = {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}
    assert not [name for name in strange if not name.startswith(tuple(BESIDE))]


def test_the_wire_knows_no_sockets_and_no_threads():
    assert not imported(ROOT / "reference" / "wire.py") & {"socket", "threading"}
