"""The autograder for Gradescope, set up and run in the layout that Gradescope gives it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import psutil
import pytest

from autograder import fence
from autograder.harness.deadline import Deadline
from tests.kit.release.conftest import INSTALLING_S, ROOT, few, run, submit, unpacked

SCHEMA = ROOT / "tests" / "kit" / "reports" / "exports" / "schemas" / "gradescope.json"
BROKEN = ROOT / "tests" / "corpus" / "broken" / "server" / "for_two_only"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="Gradescope grades on Linux"),
    pytest.mark.timeout(INSTALLING_S),
]


@pytest.fixture(scope="module")
def gradescope(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is /autograder there: the kit in source/, and what is copied out of it."""
    here = tmp_path_factory.mktemp("gradescope")
    source = unpacked("gradescope", here / "source", "--rubric", few(here))
    (here / "results").mkdir()
    shutil.copy(source / "run_autograder", here)
    # Whoever has bubblewrap and venv needs no apt, and no root.
    done = run("bash", source / "setup.sh", cwd=source)
    assert done.returncode == 0, done.stderr
    assert "sandbox" in done.stdout
    return here


@pytest.fixture(autouse=True)
def fresh(gradescope: Path) -> Iterator[None]:
    """No results yet."""
    yield
    (gradescope / "results" / "results.json").unlink(missing_ok=True)


def graded(gradescope: Path, *, status: int = 0) -> tuple[dict, str]:
    """Grade what was submitted; return the results, and what instructors see."""
    done = run(gradescope / "run_autograder", cwd=gradescope)
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return results(gradescope), done.stdout


def results(gradescope: Path) -> dict:
    found = json.loads((gradescope / "results" / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return found


def test_the_reference_has_all_points_and_the_sandbox_is_named(gradescope):
    submit(ROOT / "reference", gradescope / "submission")
    found, said = graded(gradescope)
    assert (found["score"], found["output"].splitlines()[0]) == (45, "Score: 45 of 45")
    assert said.startswith(f"{fence.best().name}: ")
    assert found["extra_data"]["environment"]["sandbox"] == fence.best().name
    assert "2 checks stay hidden" in found["output"]
    assert found["tests"][-1]["name"] == "2 checks stay hidden"
    assert not [check for check in ("relay_back", "own_two") if check in json.dumps(found)]


def test_a_broken_work_is_told_what_is_wrong(gradescope):
    submit(BROKEN, gradescope / "submission")
    found, _said = graded(gradescope)
    assert 0 < found["score"] < 45
    failed = [test for test in found["tests"] if test["tags"] == ["broadcast"]]
    assert failed[0]["status"] == "failed"
    assert "expected:" in failed[0]["output"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"report.pdf": b"%PDF"}, "not gradable: "),
        ({"work.zip": b"PK\3\4 and no more"}, "not gradable: "),
        ({"anna/server.py": b"1", "boris/server.py": b"2"}, "several works in it (anna, boris)"),
    ],
)
def test_what_cannot_be_graded_gets_0_and_the_reason(gradescope, files, reason):
    shutil.rmtree(gradescope / "submission", ignore_errors=True)
    for name, data in files.items():
        path = gradescope / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    found, _said = graded(gradescope)
    assert (found["score"], found["tests"]) == (0, [])
    assert reason in found["output"]


def test_what_is_known_is_there_when_the_grading_is_cut_off(gradescope, tmp_path):
    submit(BROKEN, gradescope / "submission")
    end, tick = Deadline(60), threading.Event()
    with subprocess.Popen(
        [gradescope / "run_autograder"],
        cwd=gradescope,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            while not any(gradescope.glob("results/*.json")) or "tests" not in results(gradescope):
                assert process.poll() is None
                assert not end.passed()
                tick.wait(0.01)
        finally:
            started = psutil.Process(process.pid).children(recursive=True)
            os.killpg(process.pid, signal.SIGKILL)
    assert not psutil.wait_procs(started, timeout=30)[1]
    found = results(gradescope)
    assert found["output"].startswith("Score: ")
    assert " checks" in found["output"].splitlines()[0].partition("so far ")[2]
    assert found["tests"][0]["tags"] == ["starts"]


def test_a_fault_of_the_grader_is_no_grade(gradescope):
    submit(ROOT / "reference", gradescope / "submission")
    rubric = gradescope / "source" / "autograder" / "rubric.toml"
    before = rubric.read_text(encoding="utf-8")
    rubric.write_text(before + "\n[level3]\nnosuch = 1\n", encoding="utf-8")
    try:
        found, said = graded(gradescope, status=4)
    finally:
        rubric.write_text(before, encoding="utf-8")
    assert not {"score", "tests"} & found.keys()
    assert "not graded, and not by your fault" in found["output"]
    assert "there is no check called nosuch" in said
