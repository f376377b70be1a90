"""What the lower tiers do and do not keep a program from, and that honest work earns its points."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from autograder.fence import T0, T2, landlock
from autograder.trust import corpus

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces, Landlock and seccomp")

ROOT = Path(__file__).parents[3]
TRY = """
import ctypes, errno, os, socket, sys, tempfile

def attempt(name, act, *arguments):
    try:
        act(*arguments)
    except OSError as error:
        print(name, errno.errorcode[error.errno])
    else:
        print(name, "done")

def signal_the_grader():
    os.kill(int(sys.argv[2]), 0)

def take_memfd():
    os.memfd_create("x")

attempt("read", open, sys.argv[1])
attempt("list", os.listdir, os.path.dirname(sys.argv[1]))
attempt("write", open, sys.argv[1], "r+b")
attempt("packages", os.listdir, "/usr/lib/python3/dist-packages")
attempt("signal", signal_the_grader)
attempt("memfd", take_memfd)
attempt("raw", socket.socket, socket.AF_INET, socket.SOCK_RAW, 1)
attempt("netlink", socket.socket, 16, socket.SOCK_RAW)
attempt("beside itself", open, "log.txt", "w")
attempt("temporary", tempfile.TemporaryFile)
print("kit", any(name.startswith("autograder") for name in sys.modules))
try:
    import psutil
    print("psutil", psutil.__name__)
except ImportError:
    print("psutil missing")
"""


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("s")
    for folder in (path, *path.parents):  # what keeps others out must be the fence
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o005)
    return path


def outcome(worker, secret) -> dict[str, str]:
    seen = worker.ask("run", {"server.py": TRY}, [str(secret), str(os.getpid())])
    assert seen["status"] == 0, seen
    return dict(line.rsplit(" ", 1) for line in seen["stdout"].splitlines())


@pytest.fixture(params=["ourselves", "nobody"])
def landlocked(request, new_worker, system_python):
    """A worker behind T2, as we are and as a user without rights."""
    if landlock.version() < landlock.LEAST_VERSION:
        pytest.skip("this kernel has no Landlock, or an old one")
    user = None
    if request.param == "nobody":
        if os.geteuid() != 0:
            pytest.skip("we have no rights ourselves")
        user = 65534
    return new_worker(T2, user, system_python)


def test_landlock_keeps_files_and_signals_and_rare_calls(landlocked, secret):
    assert outcome(landlocked, secret) == {
        "read": "EACCES",
        "list": "EACCES",
        "write": "EACCES",
        "packages": "done",  # their names, but not what is in them
        "signal": "EPERM",
        "memfd": "EPERM",
        "raw": "EPERM",
        "netlink": "EAFNOSUPPORT",
        "beside itself": "done",
        "temporary": "done",
        "kit": "False",
        "psutil": "missing",
    }


def test_honest_work_earns_its_points_behind_landlock(landlocked):
    found = landlocked.ask("grade", corpus.base_files("reference"), 1)
    assert found["score"] == found["max_score"]
    assert found["environment"]["sandbox"] == "T2"


def test_plain_processes_promise_nothing(new_worker, secret):
    plain = new_worker(T0)
    found = outcome(plain, secret)
    assert (found["read"], found["list"], found["write"]) == ("done", "done", "done")
    assert (found["memfd"], found["netlink"]) == ("done", "done")
    graded = plain.ask("grade", corpus.base_files("reference"), 1)
    assert graded["score"] == graded["max_score"]
    assert graded["environment"]["sandbox"] == "T0"


def test_a_canary_does_not_get_out_of_landlock(system_python):
    source = "from autograder.fence import T2, probe; print(*probe.why_not(T2), sep='|')"
    environment = {"PYTHONPATH": f"{ROOT}:{sysconfig.get_path('purelib')}", "PATH": "/usr/bin"}
    command = [str(system_python), "-B", "-c", source]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/")
    assert (done.stdout, done.stderr) == ("|\n", "")
