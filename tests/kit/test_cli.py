"""The command as a whole: what it says and how it exits; never a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lab4(*words, cwd=ROOT):
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def work(tmp_path: Path, server: str) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "server.py").write_text(server, encoding="utf-8")
    return folder


def test_the_reference_has_all_points_and_badges(tmp_path):
    file = tmp_path / "r.json"
    done = lab4("check", "reference", "--json", file, "--seed", "7", "--min-score", "100")
    assert done.returncode == 0, done.stdout
    result = json.loads(file.read_text(encoding="utf-8"))
    assert result["score"] == 100
    assert {check["status"] for check in result["checks"]} == {"passed"}
    assert result["environment"]["seed"] == 7
    assert len(result["submission"]["sha256"]) == 64


def test_a_lower_score_than_wanted_exits_with_1(tmp_path):
    done = lab4("check", work(tmp_path, "print('bye')"), "--min-score", "1", "--lang", "en")
    assert done.returncode == 1
    assert "it ended with exit status 0 before it listened" in done.stdout


def test_a_path_that_does_not_exist_is_wrong_usage(tmp_path):
    done = lab4("check", tmp_path / "nowhere")
    assert done.returncode == 2
    assert "does not exist" in done.stderr


def test_a_folder_without_a_server_is_not_gradable(tmp_path):
    file = tmp_path / "r.json"
    done = lab4("check", tmp_path, "--lang", "en", "--json", file)
    assert done.returncode == 3
    assert "there is no server.py in" in done.stdout
    assert json.loads(file.read_text(encoding="utf-8"))["outcome"] == "not_gradable"


@pytest.mark.parametrize("words", [["--rubric", "broken.toml"], ["--json", "no/such/folder.json"]])
def test_wrong_files_are_one_sentence(tmp_path, words):
    (tmp_path / "broken.toml").write_text("[", encoding="utf-8")
    done = lab4("check", work(tmp_path, "x"), *words, cwd=tmp_path)
    assert done.returncode == 2
    assert "Error: " in done.stderr


@pytest.mark.parametrize(
    ("server", "cause"),
    [
        ("def f(:", "SyntaxError"),
        ("import threading; threading.Event().wait()", "it never called listen()"),
        ("import socket; socket.socket(2, 2).recv(1)", "it never called listen()"),
        ("raise PermissionError(13, 'Permission denied')", "PermissionError"),
        ("while True: print('x' * 999)", "an endless loop?"),
        ("while True: input()", "it never called listen()"),
        ("import os, time\nif os.fork(): os._exit(0)\nos.setsid()\ntime.sleep(600)", ""),
    ],
)
def test_a_server_that_never_serves_is_told_why(tmp_path, server, cause):
    if "fork" in server and sys.platform == "win32":
        pytest.skip("Windows has no fork")
    done = lab4("check", work(tmp_path, server), "--lang", "en", "--json", tmp_path / "r.json")
    assert done.returncode == 0
    result = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    starts = result["checks"][0]
    assert (starts["id"], starts["status"]) == ("starts", "failed")
    assert cause in starts["cause"]
    assert result["score"] == 0


def test_both_languages_are_spoken():
    assert "Что говорит первый" in lab4("explain", "relay", "--lang", "ru").stdout
    assert "What the first one says" in lab4("explain", "relay", "--lang", "en").stdout


def test_the_doctor_is_content():
    assert lab4("doctor").returncode == 0
