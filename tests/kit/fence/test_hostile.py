"""Hostile programs on the best tier of this machine: what they try comes to nothing."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import tomllib
from pathlib import Path
from typing import Any

import pytest

from autograder.fence import seccomp
from autograder.trust import corpus

ROOT = Path(__file__).parents[3]
HOSTILE = ROOT / "tests" / "corpus" / "hostile"
AIMS = ("disclosure", "forgery", "exhaustion", "survival")
ATTACKS = {path.stem: path for aim in AIMS for path in sorted((HOSTILE / aim).glob("*.toml"))}
FIELDS = {"title", "attacks", "code", "says", "status", "cause", "runs", "bomb"}
GRADED = {"title", "attacks", "code", "graded", "base", "files", "score", "most_score", "bomb"}
HELPERS = """
import contextlib, ctypes, errno, os, signal, socket, sys
KIT, SECRET = (word[::-1] for word in sys.argv[1:3])
HARNESS, PORT = map(int, sys.argv[3:5])
NUMBERS = {numbers}

def syscall(number, *arguments):
    library = ctypes.CDLL(None, use_errno=True)
    if library.syscall(*(ctypes.c_long(word) for word in (number, *arguments))) == -1:
        raise OSError(ctypes.get_errno(), "syscall")

def attempt(act, *arguments, **options):
    try:
        act(*arguments, **options)
    except OSError as error:
        print(errno.errorcode[error.errno])
    except Exception as error:
        print(type(error).__name__)
    else:
        print("done")
"""
_, PLACE = seccomp.MACHINES.get(os.uname().machine, (0, 0))
CALLS = seccomp.FORBIDDEN | {
    "clone": seccomp.CLONE,
    "clone3": seccomp.CLONE3,
    "ioctl": seccomp.IOCTL,
}
NUMBERS = {name: numbers[PLACE] for name, numbers in CALLS.items()}
FUTURE = "from __future__ import annotations\n"


def about(name: str) -> dict[str, Any]:
    found = tomllib.loads(ATTACKS[name].read_text(encoding="utf-8"))
    assert found.keys() <= (GRADED if found.get("graded") else FIELDS), name
    return found


def files(attack: dict[str, Any]) -> dict[str, str]:
    """Return the submission: the attack, and after it the reference if it is based on that."""
    if not attack.get("graded"):
        return {"server.py": HELPERS.replace("{numbers}", repr(NUMBERS)) + attack["code"]}
    base = corpus.base_files(attack["base"]) if "base" in attack else {"server.py": FUTURE}
    server = corpus.edited(base["server.py"], FUTURE, FUTURE + attack["code"], "server.py")
    return base | {"server.py": server} | attack.get("files", {})


ALONE = [name for name in ATTACKS if not about(name).get("graded")]
TO_GRADE = [name for name in ATTACKS if about(name).get("graded")]
BOMBS = [name for name in ATTACKS if about(name).get("bomb")]


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """What a program must not get at: a file, a server of the machine, an abstract socket."""
    secret = tmp_path_factory.mktemp("grader") / "hidden.txt"
    secret.write_text("untouched", encoding="utf-8")
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        abstract.bind(f"\0lab4-{os.getpid()}")
        abstract.listen()
        words = [str(ROOT)[::-1], str(secret)[::-1], str(os.getpid())]
        yield [*words, str(server.getsockname()[1])]
        for listener in (server, abstract):
            listener.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                listener.accept()
                pytest.fail("somebody has connected")
    assert secret.read_text(encoding="utf-8") == "untouched"
    assert [path.name for path in secret.parent.iterdir()] == ["hidden.txt"]


@pytest.mark.parametrize("name", ALONE)
def test_an_attack_achieves_nothing(worker_of, outside, name):
    attack = about(name)
    for _run in range(attack.get("runs", 1)):
        seen = worker_of.ask("run", files(attack), outside)
        assert seen["stdout"].splitlines() == attack["says"], seen["stderr"]
        assert seen["status"] == attack.get("status", 0)
        assert seen["stderr"] == ""
        assert bool(seen["failures"]) == ("cause" in attack)
        assert all(attack["cause"] in failure for failure in seen["failures"])


@pytest.mark.timeout(300)  # who drips, or computes for ever, is waited for to each deadline
@pytest.mark.parametrize("name", TO_GRADE)
def test_an_attack_earns_nothing(worker, name):
    attack = about(name)
    result = worker.ask("grade", files(attack), 1)
    assert result["outcome"] == "graded"
    if "score" in attack:
        assert result["score"] == attack["score"]
    else:
        assert result["score"] <= attack["most_score"]
    assert result["environment"]["sandbox"] == "T1"


@pytest.mark.parametrize("name", BOMBS)
def test_a_neighbour_of_a_bomb_has_all_its_points(best, worker, new_worker, outside, name):
    """The bomb goes off again and again while the neighbour is graded."""
    attack, neighbour = about(name), new_worker(best)
    done, went_off = threading.Event(), 0
    graded: dict[str, Any] = {}

    def grade() -> None:
        graded.update(neighbour.ask("grade", corpus.base_files("reference"), 1))
        done.set()

    thread = threading.Thread(target=grade)
    thread.start()
    while not done.is_set():
        question = ("grade", files(attack), 1) if attack.get("graded") else ("run", files(attack))
        worker.ask(*question, *([] if attack.get("graded") else [outside]))
        went_off += 1
    thread.join()
    assert went_off
    assert graded["score"] == graded["max_score"], json.dumps(graded["checks"], indent=1)


def test_every_attack_of_the_list_is_made():
    made = {number for name in ATTACKS for number in about(name)["attacks"]}
    # 9 is about what reports say, 47 to 54 about what is handed in and how it is shown.
    assert made == set(range(1, 47)) - {9}
