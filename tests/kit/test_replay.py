"""`lab4 replay`: the check of a result again, step by step, and whether it ends alike."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from autograder.grading import result as results
from autograder.grading import rubric
from autograder.grading.result import CheckResult, Result
from autograder.grading.submission import look_into
from autograder.harness import deadline
from autograder.harness.deadline import Deadline
from autograder.intake import reading
from autograder.replay import Replay, Replayed, ReplayError
from autograder.reports.live import Live
from autograder.reports.pages import submission_page

ROOT = Path(__file__).parents[2]
DEAF = """
import socket, threading
listener = socket.create_server(("localhost", 0))
while True:
    client, address = listener.accept()
    threading.Thread(target=client.recv, args=(1 << 20,)).start()
"""


def lab4(*words, keys=""):
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        input=keys,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A work that fails, and its result."""
    folder = tmp_path_factory.mktemp("replay") / "work"
    folder.mkdir()
    (folder / "server.py").write_text(DEAF, encoding="utf-8")
    file = folder.parent / "result.json"
    done = lab4("check", folder, "--level", "1", "--seed", "7", "--json", file, "--lang", "en")
    assert done.returncode == 0
    return folder, file


def test_it_tells_the_same_story_with_the_same_words(work):
    _folder, file = work
    told = json.loads(file.read_text(encoding="utf-8"))["checks"]
    story = next(check["story"] for check in told if check["id"] == "relay")
    done = lab4("replay", file, "relay", "--lang", "en")
    assert done.returncode == 0, done.stderr
    steps = [line.strip() for line in done.stdout.splitlines()]
    numbered = [f"{number}. {step}" for number, step in enumerate(story, 1)]
    assert [line for line in steps if line in numbered] == numbered
    assert "needed first: starts" in done.stdout
    assert "It ended as in the result: failed" in done.stdout


def test_a_work_that_was_mended_ends_otherwise(work, tmp_path):
    _folder, file = work
    done = lab4("replay", file, "relay", "--path", ROOT / "reference", "--lang", "en")
    assert done.returncode == 1
    assert "It has changed since that result was made" in done.stdout
    said = done.stdout.split("It ended otherwise than in the result.\n")[1].splitlines()
    assert said[0].startswith("then: failed (")
    assert said[1] == "now: passed"


def test_with_steps_it_waits_for_a_key_and_goes_on_when_there_is_no_more(work):
    _folder, file = work
    done = lab4("replay", file, "starts", "--step", "--lang", "en", keys="\n")
    assert done.returncode == 0, done.stderr
    assert "Enter does the step that is shown" in done.stdout
    assert "\n  1. server.py is started.\n" in done.stdout.replace(". \n", ".\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["broken.json", "relay"], "is a broken result"),
        (["result.json", "relai"], "no check called relai: it has relay"),
        (["result.json", "relay", "--path", "."], "there is no server.py in"),
    ],
)
def test_what_cannot_be_replayed_is_one_sentence(work, tmp_path, words, said):
    _folder, file = work
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    places = {"broken.json": tmp_path / "broken.json", "result.json": file, ".": tmp_path}
    done = lab4("replay", *[places.get(word, word) for word in words], "--lang", "en")
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


def graded(**submission: object) -> Result:
    return Result(submission, {"seed": 1}, checks=[CheckResult("relay", 1, "failed", 0, 15, "")])


@pytest.mark.parametrize(
    ("submission", "said"),
    [
        ({}, "does not say where the work is"),
        ({"path": "/nowhere/at/all"}, "not in /nowhere/at/all any more: name its folder by --path"),
        ({"source": "class.zip"}, "not in class.zip any more"),
    ],
)
def test_a_work_that_is_gone_is_asked_for(tmp_path, submission, said):
    with pytest.raises(ReplayError, match=said):
        Replay.of(graded(**submission), "relay", None, tmp_path)


def test_a_work_of_a_class_is_laid_out_as_it_was_graded(tmp_path):
    works = tmp_path / "works" / "Анна"
    works.mkdir(parents=True)
    for name in ("server.py", "client.py", "wire.py"):
        text = (ROOT / "reference" / name).read_text(encoding="utf-8")
        (works / name.replace("server", "мой сервер")).write_text(text, encoding="utf-8")
    archive = shutil.make_archive(str(tmp_path / "class"), "zip", tmp_path / "works")
    (entry,) = reading.read([Path(archive)], tmp_path / "graded")
    submission = {"name": entry.name, "source": entry.source, "sha256": entry.sha256}
    found = Replay.of(graded(**submission), "relay", None, tmp_path / "again")
    assert (found.path / "server.py").is_file()
    assert not found.changed
    assert found.origin == entry.source


def test_a_result_beside_the_work_is_no_part_of_it(tmp_path):
    work = tmp_path / "work"
    shutil.copytree(ROOT / "reference", work)
    before = look_into(work)
    results.write(graded(name="work"), work / "result.json")
    (work / "page.html").write_bytes(submission_page.make(graded(name="work")))
    assert look_into(work) == before


def test_a_rubric_without_the_check_is_told(tmp_path):
    (tmp_path / "r.toml").write_text("[level1]\nstarts = 5\n", encoding="utf-8")
    found = Replay.of(graded(), "relay", ROOT / "reference", tmp_path)
    with pytest.raises(ReplayError, match="has no points for relay"):
        found.run(lambda *_: None, lambda *_: None, tmp_path / "r.toml", held=False)
    assert found.changed
    assert rubric.load().points["relay"]


@pytest.mark.parametrize(
    ("then", "now", "same"),
    [
        (("failed", "came at 16:59"), ("failed", "came at 17:01"), True),
        (("failed", "came at 16:59"), ("failed", "never came"), False),
        (("failed", ""), ("passed", ""), False),
    ],
)
def test_numbers_make_no_difference(then, now, same):
    one, other = (
        CheckResult("relay", 1, status, 0, 15, "", actual=actual) for status, actual in (then, now)
    )
    assert Replayed(one, other).same == same


def test_no_deadline_comes_nearer_while_a_step_is_held(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(deadline, "stretch", lambda: 1.0)
    monkeypatch.setattr(deadline.time, "monotonic", lambda: clock[0])
    running = Deadline(5)
    clock[0] += 1
    with deadline.held():
        clock[0] += 3600
        assert running.left_s() == 4
    assert running.left_s() == 4
    clock[0] += 4
    assert running.passed()


def test_each_program_has_a_story_of_its_own_and_hostile_words_are_harmless():
    screen = io.StringIO()
    live = Live("relay", Console(file=screen, width=80), None)
    live.tell("starts", "server.py", "not asked for")
    for program in ("two_user_server.py", "server.py"):
        live.tell("relay", program, "one")
        live.tell("relay", program, "two\x1b[2J\n")
    text = screen.getvalue()
    assert "not asked for" not in text
    assert text.count("  1. one\n") == 2
    assert text.count(r"  2. two\x1b[2J") == 2
    assert text.index("two_user_server.py") < text.index("1. one") < text.rindex("server.py")
