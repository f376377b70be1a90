"""The command as a whole: what it says and how it exits; never a traceback."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from autograder import cli, i18n
from autograder.harness.deadline import Deadline

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")


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
    done = lab4("check", tmp_path / "nowhere", "--lang", "en")
    assert done.returncode == 2
    assert "nowhere is not a folder: name the folder that holds" in " ".join(done.stderr.split())


def test_a_folder_without_a_server_is_not_gradable(tmp_path):
    file = tmp_path / "r.json"
    done = lab4("check", tmp_path, "--lang", "en", "--json", file)
    assert done.returncode == 3
    assert "there is no server.py in" in done.stdout
    assert json.loads(file.read_text(encoding="utf-8"))["outcome"] == "not_gradable"


def test_the_result_is_written_as_a_page_as_well(tmp_path):
    page = tmp_path / "моя страница.html"
    for server in ("import sys; sys.exit('<no>')", None):
        folder = tmp_path / str(server is None)
        folder.mkdir()
        if server:
            (folder / "server.py").write_text(server, encoding="utf-8")
        done = lab4("check", folder, "--lang", "en", "--html", page)
        assert f"Open {page} in a browser." in done.stdout
        text = page.read_text(encoding="utf-8")
        assert ("not gradable: " in text) == (server is None)
        assert ("&lt;no&gt;" in text) == (server is not None)
        assert "The whole class" not in text


@pytest.mark.parametrize(
    "words",
    [
        ["--rubric", "broken.toml"],
        ["--json", "no/such/folder.json"],
        ["--html", "no/such/page.html"],
    ],
)
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
        ("while True: print('x' * 999)", "MB instead, and was stopped"),
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


BUSY = """
import os
with open({sign!r}, "a") as file:
    file.write(str(os.getpid()) + "\\n")
while True:
    pass
"""


@pytest.fixture
def busy(tmp_path):
    """A work whose server computes for ever, and the file in which it says that it runs."""
    sign = tmp_path / "sign"
    (tmp_path / "tmp").mkdir()
    return work(tmp_path, BUSY.format(sign=str(sign))), sign


@contextlib.contextmanager
def running(*words, cwd):
    environment = {**os.environ, "TMPDIR": str(cwd / "tmp")}
    with subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", *map(str, words), "--lang", "en"],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(condition):
    end, tick = Deadline(30), threading.Event()
    while not condition():
        assert not end.passed()
        tick.wait(0.005)


def written(path, lines=1):
    return path.exists() and path.read_text().count("\n") >= lines


@posix
@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupt_is_one_sentence_and_leaves_nothing(tmp_path, busy, times):
    folder, sign = busy
    file = tmp_path / "r.json"
    with running("check", folder, "--json", file, cwd=tmp_path) as process:
        wait_for(lambda: written(sign))
        before = file.read_bytes()
        for _time in range(times):
            process.send_signal(signal.SIGINT)
        said, _nothing = process.communicate(timeout=60)
    assert said.split("\n") == ["Interrupted; the checks were not run to the end.", ""]
    assert process.returncode == 130
    assert file.read_bytes() == before
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not any(psutil.pid_exists(int(pid)) for pid in sign.read_text().split())


@posix
def test_an_interrupt_in_a_later_run_of_the_watch_is_the_same(tmp_path, busy):
    folder, sign = busy
    hurried = folder / "server.py"
    slow = hurried.read_text()
    hurried.write_text("print('bye')")
    with running("check", folder, "--watch", cwd=tmp_path) as process:
        assert any("Waiting for a change" in line for line in process.stdout)
        tick = threading.Event()
        while not written(sign):  # the watcher may not yet look
            hurried.write_text(slow)
            tick.wait(0.2)
        process.send_signal(signal.SIGINT)
        said, _nothing = process.communicate(timeout=60)
    assert said.endswith("Interrupted; the checks were not run to the end.\n")
    assert "Traceback" not in said
    assert process.returncode == 130
    assert list((tmp_path / "tmp").iterdir()) == []


@posix
def test_an_interrupt_while_the_watch_waits_ends_it(tmp_path):
    folder = work(tmp_path, "print('bye')")
    (tmp_path / "tmp").mkdir()
    with running("check", folder, "--watch", "--min-score", "1", cwd=tmp_path) as process:
        assert any("Waiting for a change" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        said, _nothing = process.communicate(timeout=60)
    assert "Interrupted" not in said
    assert process.returncode == 1


def test_an_interrupt_while_the_command_loads_is_one_word(monkeypatch, capsys):
    class Loading:
        def __getattr__(self, name):
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "autograder.commands", Loading())
    monkeypatch.setattr(sys, "argv", ["lab4", "check", "--lang", "en"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 130
    assert capsys.readouterr().out == "Interrupted.\n"


@pytest.mark.parametrize("name", ["relai", ""])
def test_a_misspelt_check_and_an_empty_rubric_are_wrong_usage(tmp_path, name):
    (tmp_path / "r.toml").write_text(f"[level1]\n{name and name + ' = 15'}", encoding="utf-8")
    done = lab4("check", work(tmp_path, "x"), "--lang", "en", "--rubric", tmp_path / "r.toml")
    assert done.returncode == 2
    said = f"there is no check called {name}: " if name else "it names no check, and only"
    assert said in done.stderr.replace("\n  ", " ")
    assert done.stderr.count("Error") == 1


@pytest.mark.parametrize("command", ["serve", "chat"])
@pytest.mark.parametrize(
    ("words", "system", "speaks"),
    [
        ([], "en", "en"),
        ([], "ru", "ru"),
        (["--lang", "en"], "ru", "en"),
        (["--lang=ru"], "en", "ru"),
    ],
)
def test_the_reference_speaks_as_the_kit_does(monkeypatch, command, words, system, speaks):
    monkeypatch.setenv("LAB4_LANG", system)
    said = lab4(command, *words, "--help").stdout
    assert "--port" in said
    assert ("ru" if re.search("[а-яё]", said) else "en") == speaks


def test_both_languages_are_spoken():
    assert "Что говорит первый" in lab4("explain", "relay", "--lang", "ru").stdout
    assert "What the first one says" in lab4("explain", "relay", "--lang", "en").stdout


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru"),  # whether the system has that locale or not
        ({"LANG": "ru_RU.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "ru_RU.UTF-8"}, "ru"),
        ({"LC_ALL": "ru_RU.UTF-8", "LAB4_LANG": "en"}, "en"),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, "en"),
    ],
)
def test_the_language_is_that_of_the_environment(monkeypatch, variables, language):
    for name in i18n.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert i18n.default_language() == language


@pytest.mark.parametrize(
    "words",
    [
        *(["--help"], ["check", "--help"], ["export", "--help"], ["nosuch"], ["chek"]),
        *(["check", "nowhere"], ["check", "README.md"], ["check", "lab4", "reference"]),
        *(["check", "--level", "9"], ["check", "--level", "x"], ["check", "--level"]),
        *(["check", "--leve=3"], ["check", "--watch=3"], ["check", "--json", "lab4"]),
        *(["export", "reference"], ["export", "nowhere"]),
        ["export", "reference", "--format", "zzz"],
    ],
)
def test_what_click_says_is_translated_too(monkeypatch, words):
    for system, language in (("en", "ru"), ("ru", "en")):  # no matter what gettext sees there
        monkeypatch.setenv("LANGUAGE", system)
        monkeypatch.setenv("LAB4_LANG", language)
        done = lab4(*words)
        said = done.stdout + done.stderr
        english = re.findall(
            r"Usage:|Options|Commands|Show|Try|Error|[Nn]o such|Invalid| is |required|"
            r"Missing|mean|unexpected|requires|does not|Path|Director|File ",
            said,
        )
        assert bool(english) == (language == "en"), said


def test_the_doctor_is_content():
    assert lab4("doctor").returncode == 0
