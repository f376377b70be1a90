"""`lab4 grade` as a whole: what it writes and says, and what it survives."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import psutil
import pytest

from autograder import fence
from autograder.grading import result

CORRECT = Path(__file__).parents[2] / "corpus" / "correct" / "locked_list" / "server.py"
GOOD = CORRECT.read_text(encoding="utf-8")
HOPELESS = "import sys; sys.exit('no')"
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
linux = pytest.mark.skipif(sys.platform != "linux", reason="it takes /proc to find the grader")

# Waits, whatever it is told, while a file is there; says so by another one.
BLOCKED = """
import os, pathlib, signal, threading
signal.signal(signal.SIGINT, signal.SIG_IGN)
if pathlib.Path({block!r}).exists():
    with open({sign!r}, "a") as file:
        file.write(f"{{os.getpid()}}\\n")
    while True:
        pass
"""
# The grader is the parent of whoever has forked this.
MURDERER = """
import os, pathlib, signal
stat = pathlib.Path(f"/proc/{os.getppid()}/stat").read_text()
os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
"""


@pytest.fixture
def blocked(works, tmp_path):
    """A class of three, the last of which takes for ever while the file `block` is there."""
    block, sign = tmp_path / "block", tmp_path / "sign"
    block.touch()
    for name in ("anna", "boris"):
        works(name)
    works("vera", BLOCKED.format(block=str(block), sign=str(sign)) + HOPELESS)
    return block, sign


def release(blocked):
    """Let the work that takes for ever come to its end."""
    block, sign = blocked
    block.unlink()
    for pid in sign.read_text().split():
        os.kill(int(pid), signal.SIGKILL)


def results(tmp_path):
    return {path.stem: result.read(path) for path in (tmp_path / "out" / "results").iterdir()}


def summary(tmp_path):
    return json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))


def times(tmp_path):
    return {p.stem: p.stat().st_mtime_ns for p in (tmp_path / "out" / "results").iterdir()}


def leftovers(tmp_path, temporary):
    """Return what stands beside the results, and what is temporary."""
    left = {path.name for folder in (tmp_path / "out", temporary) for path in folder.iterdir()}
    return left - {"results", "summary.json", ".lock"}


def test_a_class_is_graded_and_told(works, lab4, tmp_path, temporary):
    works("Иванов Иван", GOOD)
    works("🙈 \u202eAnna")
    (works("boris") / "vera").mkdir()
    done = lab4("--seed", 5)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "4 submissions, 0 of them finished by an earlier run; seed 5"
    assert lines[1] == "Sandbox T0: no fence: plain processes"
    told = {line.split(" ", 1)[1] for line in lines[2:6]}
    assert {"Иванов Иван: 20 of 20", "🙈 _Anna: 0 of 20", "boris: 0 of 20"} < told
    assert any(line.startswith("vera: not gradable: ") for line in told)
    figures = [" ".join(line.split()) for line in lines]
    for figure in ("graded 3", "not gradable 1", "the grader failed 0", "mean score 6.7 of 20"):
        assert figure in figures
    rows = {row["name"]: row for row in summary(tmp_path)["submissions"]}
    assert {name: row["score"] for name, row in rows.items()} == {
        "Иванов Иван": 20,
        "🙈 _Anna": 0,
        "boris": 0,
        "vera": 0,
    }
    assert summary(tmp_path)["outcomes"] == {"graded": 3, "not_gradable": 1}
    for found in results(tmp_path).values():
        row = rows[found.submission["name"]]
        assert found.outcome == row["outcome"]
        assert found.submission["sha256"] == row["sha256"]
        assert found.environment["seed"] == summary(tmp_path)["seed"] == 5
    assert leftovers(tmp_path, temporary) == set()


def test_what_is_finished_is_not_graded_again(works, lab4, tmp_path):
    works("anna")
    folder = works("boris")
    (folder / "vera").mkdir()
    lab4()
    before = times(tmp_path)
    again = lab4()
    assert "3 submissions, 3 of them finished" in again.stdout
    assert times(tmp_path) == before
    (folder / "boris" / "server.py").write_text("print('bye')", encoding="utf-8")
    changed = lab4()
    assert "3 submissions, 2 of them finished" in changed.stdout
    assert {name for name, time in times(tmp_path).items() if time != before[name]} == {"boris"}
    assert summary(tmp_path)["outcomes"] == {"graded": 2, "not_gradable": 1}


@pytest.mark.parametrize("words", [["--seed", "9"], ["--lang", "ru"], ["--rubric", "other.toml"]])
def test_other_conditions_are_another_grading(works, lab4, few, tmp_path, words):
    works("anna")
    works("boris")
    lab4("--seed", 8)
    text = few.read_text(encoding="utf-8").replace("starts = 5", "starts = 6")
    (tmp_path / "other.toml").write_text(text, encoding="utf-8")
    before = times(tmp_path)
    assert lab4(*words).returncode == 0
    assert not times(tmp_path).items() & before.items()


def test_the_seed_of_the_first_run_is_kept(works, lab4, tmp_path):
    works("anna")
    works("boris")
    lab4()
    seed = summary(tmp_path)["seed"]
    works("vera")
    assert f"3 submissions, 2 of them finished by an earlier run; seed {seed}" in lab4().stdout
    assert {found.environment["seed"] for found in results(tmp_path).values()} == {seed}


@linux
def test_strangers_are_shut_in(works, lab4, tmp_path):
    if not fence.best().confined:
        pytest.skip("no sandbox works here")
    works("anna", GOOD)
    works("boris", f"open({str(tmp_path / 'trace')!r}, 'w').close()\n{GOOD}")
    done = lab4("--sandbox", "require")
    assert done.returncode == 0, done.stderr
    assert f"Sandbox {fence.best().name}: " in done.stdout
    found = results(tmp_path)
    assert {r.environment["sandbox"] for r in found.values()} == {fence.best().name}
    assert (found["anna"].score, found["boris"].score) == (20, 0)
    assert not (tmp_path / "trace").exists()
    assert "2 submissions, 2 of them finished" in lab4("--sandbox", "auto").stdout
    assert "2 submissions, 0 of them finished" in lab4("--sandbox", "off").stdout


def test_an_instructor_chooses_between_programs(works, lab4, tmp_path):
    works("anna")
    works("boris")
    (tmp_path / "works" / "boris" / "better.py").write_text(GOOD, encoding="utf-8")
    file = tmp_path / "choices.toml"
    file.write_text('[choices.boris]\nserver = "better.py"', encoding="utf-8")
    assert lab4("--choices", file).returncode == 0
    boris = results(tmp_path)["boris"]
    assert boris.score == 20
    assert boris.submission["chosen"]["server.py"] == "better.py"
    file.write_text('[choices.vera]\nserver = "better.py"', encoding="utf-8")
    done = lab4("--choices", file)
    assert done.returncode == 2
    assert "there is no work of vera" in " ".join(done.stderr.split())


@linux
def test_who_kills_the_grader_loses_no_points_and_harms_nobody(works, lab4, tmp_path):
    works("anna")
    works("boris", MURDERER)
    works("vera", GOOD)
    done = lab4()
    assert done.returncode == 4
    found = results(tmp_path)
    assert {name: r.outcome for name, r in found.items()} == {
        "anna": "graded",
        "boris": "grader_fault",
        "vera": "graded",
    }
    assert found["boris"].reason == "the grader itself failed: its process was killed by SIGKILL"
    assert found["vera"].score == 20
    assert "run the same command again, and only that one is graded anew" in " ".join(
        done.stdout.split()
    )
    (tmp_path / "works" / "boris" / "server.py").write_text(GOOD, encoding="utf-8")
    assert lab4().returncode == 0
    assert results(tmp_path)["boris"].score == 20


@posix
def test_a_killed_run_loses_nothing(running, lab4, blocked, tmp_path, temporary, wait_for):
    block, sign = blocked
    with running("--jobs", 2) as process:
        wait_for(process, lambda: sign.exists() and len(summary(tmp_path)["submissions"]) == 2)
        graders = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    psutil.wait_procs(graders, timeout=30)
    assert not [grader for grader in graders if grader.is_running()]
    assert set(results(tmp_path)) == {"anna", "boris"}
    before = times(tmp_path)
    block.unlink()
    done = lab4()
    assert "3 submissions, 2 of them finished" in done.stdout
    assert {name: time for name, time in times(tmp_path).items() if name != "vera"} == before
    assert results(tmp_path)["vera"].outcome == "graded"
    assert {name[:5] for name in leftovers(tmp_path, temporary)} <= {"pymp-"}  # Python's own


@posix
@pytest.mark.parametrize("interrupts", [1, 2])
def test_an_interrupt_is_one_sentence_and_loses_nothing(
    running, lab4, blocked, tmp_path, temporary, interrupts, wait_for
):
    block, sign = blocked
    with running("--jobs", 2) as process:
        wait_for(process, lambda: sign.exists() and len(summary(tmp_path)["submissions"]) == 2)
        for _time in range(interrupts):  # as Ctrl-C does in a terminal: to all in the foreground
            os.killpg(process.pid, signal.SIGINT)
        said, error = process.communicate(timeout=60)
    assert said.splitlines()[-1] == (
        "Interrupted; run the same command again to go on: what is finished is kept."
    )
    assert (process.returncode, error) == (130, "")
    assert leftovers(tmp_path, temporary) == set()
    assert not any(psutil.pid_exists(int(pid)) for pid in sign.read_text().split())
    block.unlink()
    assert "3 submissions, 2 of them finished" in lab4().stdout


@posix
def test_two_runs_do_not_write_to_one_folder(running, lab4, blocked, wait_for):
    block, sign = blocked
    with running() as process:
        wait_for(process, sign.exists)
        refused = lab4()
        block.unlink()
    assert refused.returncode == 2
    assert f"another run (process {process.pid}) writes to out" in refused.stderr
    assert "Traceback" not in refused.stderr


@posix
def test_a_work_that_is_changed_meanwhile_is_graded_as_it_was(running, blocked, tmp_path, wait_for):
    _block, sign = blocked
    works = tmp_path / "works"
    (works / "z").mkdir()
    (works / "z" / "server.py").write_text(HOPELESS, encoding="utf-8")
    with running("--jobs", 1) as process:
        wait_for(process, sign.exists)
        (works / "z" / "server.py").write_text(GOOD, encoding="utf-8")
        release(blocked)
        process.communicate(timeout=60)
    found = results(tmp_path)
    assert found["z"].score == 0
    assert found["z"].submission["sha256"] == found["anna"].submission["sha256"]


@pytest.fixture
def small_disk(tmp_path):
    """The folder for results, on a disk of its own, and a file to fill that disk with."""
    out = tmp_path / "out"
    out.mkdir()
    options = ["-t", "tmpfs", "-o", "size=1m", "none", str(out)]
    if os.name != "posix" or subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("it takes the right to mount a disk")
    yield out / "filler"
    subprocess.run(["umount", str(out)], check=True)


def test_a_full_disk_is_one_sentence_and_loses_nothing(
    running, lab4, small_disk, blocked, tmp_path, wait_for
):
    _block, sign = blocked
    with running("--jobs", 2) as process:
        wait_for(process, lambda: sign.exists() and len(summary(tmp_path)["submissions"]) == 2)
        with contextlib.suppress(OSError), small_disk.open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        release(blocked)
        said, error = process.communicate(timeout=60)
    assert said.splitlines()[-1].startswith(
        "The run has stopped, because something could not be written ([Errno 28] No space left on"
    )
    assert (process.returncode, error) == (4, "")
    assert set(results(tmp_path)) == {"anna", "boris"}
    small_disk.unlink()
    again = lab4()
    assert again.returncode == 0, again.stdout
    assert "3 submissions, 2 of them finished" in again.stdout


@pytest.mark.parametrize(
    ("rubric", "why"),
    [("[", "is not valid TOML"), ("[level1]\nrelai = 5", "there is no check called relai")],
)
def test_a_broken_rubric_is_told_before_anything_starts(works, lab4, tmp_path, rubric, why):
    works("anna")
    (tmp_path / "broken.toml").write_text(rubric, encoding="utf-8")
    done = lab4("--rubric", tmp_path / "broken.toml")
    assert done.returncode == 2
    assert why in done.stderr
    assert not (tmp_path / "out").exists()


def test_what_moodle_hands_out_is_graded_as_it_is(lab4, tmp_path):
    names = {"Иванов Иван_12345_assignsubmission_file_": GOOD, "Anna_7_assignsubmission_file_": ""}
    with zipfile.ZipFile(tmp_path / "works", "w") as archive:
        for name, server in names.items():
            archive.writestr(f"{name}/server.py", server)
        archive.writestr("Boris_8_assignsubmission_file_/lab4.rar", b"Rar!")
    done = lab4()
    assert done.returncode == 0, done.stderr
    rows = summary(tmp_path)["submissions"]
    assert {(row["name"], row["participant"], row["outcome"], row["score"]) for row in rows} == {
        ("Иванов Иван", "12345", "graded", 20),
        ("Anna", "7", "graded", 0),
        ("Boris", "8", "not_gradable", 0),
    }


def test_an_instructors_own_checks_and_seed_are_taken(works, lab4, few, tmp_path):
    works("anna")
    works("boris", GOOD)
    (tmp_path / "own").mkdir()
    check = tmp_path / "own" / "test_chess.py"
    check.write_text(
        "import pytest\n@pytest.mark.check('chess')\ndef test_chess(): pass\n", encoding="utf-8"
    )
    text = f'checks = "own"\nseed = 11\n{few.read_text(encoding="utf-8")}\nchess = 3\n'
    few.write_text(text, encoding="utf-8")
    done = lab4()
    assert done.returncode == 0, done.stderr
    assert {name: r.score for name, r in results(tmp_path).items()} == {"anna": 3, "boris": 23}
    assert summary(tmp_path)["seed"] == 11
    assert "2 submissions, 2 of them finished" in lab4().stdout
    check.write_text(check.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert "2 submissions, 0 of them finished" in lab4().stdout
    few.write_text(text.replace("chess", "chest"), encoding="utf-8")
    wrong = lab4()
    assert wrong.returncode == 2
    assert "there is no check called chest" in " ".join(wrong.stderr.split())


def test_results_do_not_go_where_the_submissions_are(works, lab4, tmp_path):
    works("anna")
    done = lab4("-o", "works/out")
    assert done.returncode == 2
    assert "works/out lies in works, where the submissions are" in " ".join(done.stderr.split())
    assert not (tmp_path / "works" / "out").exists()


def test_a_folder_that_nobody_may_write_to_is_one_sentence(works, lab4, tmp_path):
    works("anna")
    (tmp_path / "file").touch()
    done = lab4("-o", "file/out")
    assert done.returncode == 2
    assert "file/out cannot be written to (Not a directory): name another folder" in done.stderr
