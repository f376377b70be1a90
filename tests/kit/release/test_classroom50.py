"""The autograder for Classroom 50, run in a student's checkout as its runner does."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest

from autograder import fence
from autograder.release import students
from tests.kit.release.conftest import INSTALLING_S, ROOT, few, run, submit, unpacked

SCHEMA = ROOT / "tests" / "kit" / "reports" / "exports" / "schemas" / "classroom50.json"
RUNNER = {
    "CLASSROOM": "networks",
    "ASSIGNMENT": "chat",
    "SUBMISSION_TAG": "submit/2026-11-25T10-00-00Z-abc1234",
    "COMMIT_URL": "https://github.com/x/y/commit/abc1234",
    "RELEASE_URL": "https://github.com/x/y/releases/tag/1",
    "REVIEW_URL": "",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="its runner has Linux"),
    pytest.mark.timeout(INSTALLING_S),
]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone of the students' kit, as a student has pushed it who wants to be the grader."""
    folder = tmp_path / "checkout"
    for name, data in students.contents(ROOT / "autograder" / "rubric.toml").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    for name in ("autograder/__init__.py", "pip.py", "venv.py", "sitecustomize.py"):
        (folder / name).write_text("raise SystemExit('a program of the student')")
    return folder


def test_a_work_gets_its_points_and_nothing_of_it_runs_as_the_grader(tmp_path, checkout):
    here = tmp_path / "autograders"
    here.mkdir()
    bundle = unpacked("classroom50", here / "chat", "--rubric", few(here))
    submit(ROOT / "reference", checkout / "lab4")
    done = run(sys.executable, bundle / "autograder.py", cwd=checkout, **RUNNER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{fence.best().name}: " in done.stdout
    found = json.loads((checkout / "result.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert (found["score"], found["max-score"], found["assignment"]) == (45, 45, "chat")
    assert found["tests"][-1]["test-name"] == "2 checks stay hidden"
    assert not [path for path in bundle.rglob("*") if path.name == ".venv"]
