"""Honest programs in a cell: they find what they need, and earn all that they would without one."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from autograder.fence import force
from autograder.fence.nursery import Nursery
from autograder.harness import spawning
from autograder.harness.program import Chaos
from autograder.trust import corpus

LONG_S = 20.0
HONEST = {
    "a thousand threads": """
import threading
gate = threading.Event()
threads = [threading.Thread(target=gate.wait) for _ in range(1000)]
for thread in threads: thread.start()
gate.set()
for thread in threads: thread.join()
print("fine")
""",
    "processes": """
import multiprocessing
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(4) as pool:
        print("fine" if pool.map(abs, [-1, -2, -3]) == [1, 2, 3] else "wrong")
""",
    "processes that start anew": """
import subprocess, sys
done = subprocess.run([sys.executable, "-c", "print('fine')"], capture_output=True, text=True)
print(done.stdout.strip(), done.stderr)
""",
    "asyncio": """
import asyncio
async def main():
    async def echo(reader, writer):
        writer.write(await reader.readline())
        writer.close()
    server = await asyncio.start_server(echo, "localhost", 0)
    host, port = server.sockets[0].getsockname()[:2]
    reader, writer = await asyncio.open_connection(host, port)
    writer.write("fine\\n".encode())
    print((await reader.readline()).decode(), end="")
    writer.close()
asyncio.run(main())
""",
    "files": """
import logging, pathlib, tempfile
logging.basicConfig(filename="chat.log", encoding="utf-8", level=logging.INFO)
logging.info("привет")
with tempfile.NamedTemporaryFile("w") as file:
    file.write("x")
pathlib.Path("history").mkdir()
print("fine" if "привет" in open("chat.log", encoding="utf-8").read() else "wrong")
""",
    "names": """
import getpass, pathlib, socket
addresses = {socket.gethostbyname(name) for name in ("localhost", socket.gethostname())}
family, *_, address = socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)[0]
socket.getfqdn()
print(*addresses, address[0], getpass.getuser(), pathlib.Path.home(), "fine")
""",
    "a time zone": """
import datetime, zoneinfo
print(datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Moscow")).utcoffset(), "fine")
""",
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_programs_find_what_they_need(worker_of, name):
    seen = worker_of.ask("run", {"server.py": HONEST[name]}, [])
    assert seen["stdout"].rstrip().endswith("fine"), seen
    assert (seen["status"], seen["stderr"], seen["failures"]) == (0, "", [])


def test_the_reference_earns_all_and_has_all_badges(worker_of):
    found = worker_of.ask("grade", corpus.base_files("reference"), None)
    wrong = [check for check in found["checks"] if check["status"] != "passed"]
    assert wrong == []
    assert found["score"] == found["max_score"] == 100
    assert found["environment"]["sandbox"] == "T1"


@pytest.mark.parametrize("name", ["queues", "client_select"])
def test_right_designs_earn_all(worker, name):
    (design,) = (one for one in corpus.correct() if one.name == name)
    found = worker.ask("grade", dict(design.files), None)
    failed = {check["id"] for check in found["checks"] if check["status"] == "failed"}
    assert failed == design.fails
    assert found["score"] == found["max_score"] == 100


def test_files_in_folders_come_along_and_links_do_not(worker_of):
    files = {
        "server.py": "import os\nfrom chat.words import WORD\nprint(WORD, sorted(os.listdir()))",
        "chat/words.py": "WORD = 'found'\n",
    }
    seen = worker_of.ask("run", files, [])
    assert seen["stdout"] == "found ['chat', 'server.py']\n"


@pytest.fixture
def start(best, tmp_path):
    """Return a function that starts source text in a cell, and the nursery it comes from."""
    rules = force.rules_of(best, own_network=True)
    with contextlib.closing(Nursery(spawning.LAUNCHER, lambda: rules)) as nursery:

        def start(source: str):
            script = tmp_path / "program.py"
            script.write_text(source)
            words = [str(tmp_path), *Chaos().words(), "/work/program.py"]
            with Path(os.devnull).open("r+b") as nothing:
                streams = (nothing.fileno(),) * 3
                home = rules.lay_out(tmp_path, tmp_path)
                return nursery.spawn(words, streams, tmp_path, home, rules.environment())

        start.nursery = nursery
        yield start


def test_what_a_program_leaves_behind_ends_with_it(start):
    process = start(
        "import os, signal\n"
        "for _ in range(2):\n"
        "    if os.fork(): os._exit(5)\n"
        "    os.setsid()\n"
        "while True: signal.pause()"
    )
    start.nursery.forget(process)
    assert process.wait() == 5
    (zygote,) = psutil.Process(start.nursery._zygote.pid).children(recursive=True)
    assert "zygote.py" in " ".join(zygote.cmdline())


def test_its_end_is_known_before_its_cell_is_gone(start):
    process = start("raise SystemExit(3)")
    assert process.wait(LONG_S) == 3
    process.wait_for_cell()
    process.wait_for_cell()
    assert process.poll() == 3


def test_a_signal_reaches_the_program_and_not_its_first_process(start):
    process = start("import signal; signal.pause()")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.001)
    process.send_signal(15)
    assert process.wait(LONG_S) == -15


def test_cells_end_with_the_nursery(start):
    processes = [start("import signal; signal.pause()") for _number in range(3)]
    family = [psutil.Process(process.pid) for process in processes]
    start.nursery.close()
    _gone, alive = psutil.wait_procs(family, timeout=LONG_S)
    assert alive == []
    assert [process.wait(LONG_S) for process in processes] == [-9] * 3


def test_a_submission_that_cannot_be_copied_is_said_and_not_blamed(start, tmp_path):
    with (tmp_path / "large").open("wb") as large:
        large.truncate(100 << 20)
    with pytest.raises(OSError, match="No space left on device"):
        start("pass")
    (tmp_path / "large").unlink()
    assert start("raise SystemExit(4)").wait(LONG_S) == 4


def test_cells_end_with_a_grader_that_is_killed(best, tmp_path):
    """The program has left its session and ignores what it can."""
    (tmp_path / "program.py").write_text(
        "import os, signal\nif os.fork(): signal.pause()\nos.setsid()\nwhile True: signal.pause()"
    )
    source = f"""
import sys, threading
from pathlib import Path
from autograder.fence import T1, force
from autograder.fence.nursery import Nursery
from autograder.harness import spawning
from autograder.harness.program import Chaos
rules = force.rules_of(T1, own_network=True)
nursery = Nursery(spawning.LAUNCHER, lambda: rules)
folder = Path({str(tmp_path)!r})
words = [str(folder), *Chaos().words(), "/work/program.py"]
nursery.spawn(words, (0, 1, 2), folder, Path("/work"), rules.environment())
print("ready", flush=True)
threading.Event().wait()
"""
    command = [sys.executable, "-c", source]
    grader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with grader:
        assert grader.stdout.readline() == b"ready\n"
        family = psutil.Process(grader.pid).children(recursive=True)
        assert len(family) >= 4  # bubblewrap, the zygote, the first in the cell, the program
        grader.kill()
        grader.stdin.close()
        _gone, alive = psutil.wait_procs(family, timeout=LONG_S)
        assert alive == []
