"""The workflow for plain repositories: its steps are run as the shell of GitHub Actions does."""

from __future__ import annotations

import html
import os
import sys
from pathlib import Path

import pytest
import yaml

from autograder.release import platforms, students
from tests.kit.release.conftest import INSTALLING_S, ROOT, few, run, submit, unpacked

pytestmark = pytest.mark.slow

WORKFLOW = ".github/workflows/lab4.yml"


def steps(repository: Path) -> list[dict]:
    """Return the steps of the only job, in order."""
    workflow = yaml.safe_load((repository / WORKFLOW).read_text(encoding="utf-8"))
    assert workflow[True] == ["push", "pull_request", "workflow_dispatch"]  # YAML 1.1: on is true
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["env"] == {"LAB4_LANG": "en"}
    (job,) = workflow["jobs"].values()
    return job["steps"]


def happens(steps: list[dict], repository: Path) -> tuple[list[int], str]:
    """Run the steps that are commands; return their exit statuses, and the summary."""
    summary = repository.with_name("summary")
    summary.touch()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    statuses: list[int] = []
    for step in steps:
        assert step.get("if", "success()") in ("success()", "always()")
        if "run" in step and ("if" in step or not any(statuses)):
            shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            done = run(*shell, cwd=repository, PATH=path, GITHUB_STEP_SUMMARY=str(summary))
            assert "Traceback" not in done.stdout + done.stderr
            statuses.append(done.returncode)
    return statuses, html.unescape(summary.read_text(encoding="utf-8"))


@pytest.mark.skipif(sys.platform == "win32", reason="the workflow is for Linux")
@pytest.mark.timeout(INSTALLING_S)
def test_its_steps_tell_the_points_also_of_what_cannot_be_graded(tmp_path):
    repository = unpacked("github", tmp_path / "repository", "--rubric", few(tmp_path))
    assert [step.get("uses", "").partition("@")[0] for step in steps(repository)] == [
        *("actions/checkout", "actions/setup-python", "", "", ""),
    ]
    submit(ROOT / "reference", repository / "lab4")
    statuses, summary = happens(steps(repository), repository)
    assert statuses == [0, 0, 0]
    assert "**Score: 32 of 32**" in summary
    assert "| ✅ |" in summary

    (repository / "lab4" / "server.py").unlink()
    statuses, summary = happens(steps(repository)[-2:], repository)
    assert statuses == [3, 0]
    assert "**Score: 32 of 32**" in summary  # it is appended to
    assert "not gradable: there is no server.py" in summary


def test_it_is_the_students_kit_and_what_exports_results(tmp_path):
    points = few(tmp_path)
    whole, kit = platforms.github(points), students.contents(points)
    assert {name: whole[name] for name in kit} == kit
    more = {name for name in whole if name not in kit}
    parts = tuple(f"autograder/{part}" for part in students.FOR_INSTRUCTORS)
    assert {name for name in more if not name.startswith(parts)} == {WORKFLOW}
