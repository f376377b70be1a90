"""One grading from the request to the result, with the real checks or a test's own."""

from __future__ import annotations

import io
import os

import pytest
from rich.console import Console

from autograder.grading import catalog, session
from autograder.grading.request import Request, SessionError
from autograder.grading.rubric import DEFAULT, RubricError
from autograder.reports import scorecard
from tests.kit.grading.conftest import CORRECT

ASYNCIO = """
import argparse, asyncio
parser = argparse.ArgumentParser()
parser.add_argument("--host")
parser.add_argument("--port", type=int)
options = parser.parse_args()
writers = []

async def serve(reader, writer):
    writers.append(writer)
    while line := await reader.readline():
        for other in writers:
            if other is not writer:
                other.write(line)

async def main():
    server = await asyncio.start_server(serve, options.host, options.port)
    await server.serve_forever()

asyncio.run(main())
"""

FALLS = "import sys; sys.exit('no')"


def statuses(result) -> dict[str, str]:
    return {check.id: check.status for check in result.checks}


def test_a_good_work_without_threads_is_worth_nothing(work, grade, points):
    (work / "server.py").write_text(ASYNCIO, encoding="utf-8")
    result = grade(points("starts", "relay", "relay_back", "threads"))
    assert statuses(result) == {
        **dict.fromkeys(("starts", "relay", "relay_back"), "passed"),
        "threads": "failed",
    }
    assert (result.outcome, result.score, result.max_score) == ("graded", 0, 30)
    assert result.reason == "graded 0: no thread was started while the server served"


@pytest.mark.parametrize("checks", [("starts", "threads"), ("sender_excluded", "threads")])
def test_threads_are_judged_where_the_relay_earns_no_points(work, grade, points, checks):
    (work / "server.py").write_text(ASYNCIO, encoding="utf-8")
    result = grade(points(*checks))
    assert statuses(result)["threads"] == "failed"
    assert result.score == 0


def test_threads_of_a_pool_are_threads(work, grade, points):
    server = (work / "server.py").read_text(encoding="utf-8")
    server = server.replace(
        "threading.Thread(target=listen, args=(client,), daemon=True).start()",
        "pool.submit(listen, client)",
    ).replace(
        "parser = ",
        "from concurrent.futures import ThreadPoolExecutor\n"
        "pool = ThreadPoolExecutor(50)\nparser = ",
    )
    (work / "server.py").write_text(server, encoding="utf-8")
    assert grade(points("starts", "threads")).score == 5


def test_a_work_without_a_client_loses_the_points_of_the_client_only(work, grade, points):
    (work / "client.py").unlink()
    client_checks = ("client_prints_while_typing", "client_sends_typed")
    result = grade(points("starts", *client_checks))
    assert statuses(result) == {"starts": "passed", **dict.fromkeys(client_checks, "failed")}
    assert (result.outcome, result.score) == ("graded", 5)
    assert {(c.expected, c.actual) for c in result.checks if c.id in client_checks} == {
        ("the work has a client.py", "there is none")
    }


def test_a_level_runs_its_checks_and_what_every_level_needs(grade, points):
    rubric = points("starts", "relay", "broadcast", "time_prefix", "threads")
    assert set(statuses(grade(rubric, level=2))) == {"starts", "broadcast", "threads"}
    assert set(statuses(grade(rubric, level=3))) == {"starts", "time_prefix", "threads"}


def test_only_what_the_rubric_names_is_run(grade, points):
    result = grade(points("relay"))
    assert set(statuses(result)) == {"relay"}
    assert (result.score, result.max_score) == (15, 15)


def test_how_the_server_wants_to_be_started_is_found_out_without_points_for_it(work, grade, points):
    takes_a_port = CORRECT / "thread_pool" / "server.py"
    (work / "server.py").write_text(takes_a_port.read_text(encoding="utf-8"), encoding="utf-8")
    assert statuses(grade(points("relay", "broadcast"))) == {
        "relay": "passed",
        "broadcast": "passed",
    }


def test_progress_is_told_before_each_check(work, points):
    told = []
    request = Request(work, None, 1, points("starts", "relay"), None, "en")
    session.grade(request, lambda *step: told.append(step))
    assert told == [(0, 2, "starts"), (1, 2, "relay")]


def test_the_same_seed_says_the_same_words(grade, own_checks):
    own_checks(
        """
@pytest.mark.check("relay")
def test_relay(chat):
    anna, boris = chat.room().enter("anna", "boris")
    boris.hears(anna.says())
    raise ZeroDivisionError
"""
    )

    def words(seed):
        (check,) = grade(seed=seed).checks
        return [step for step in check.story if "says" in step]

    assert words(1) == words(1) != words(2)


def test_a_run_without_a_seed_tells_the_one_it_took(grade, points):
    seeds = {grade(points("starts"), seed=None).environment["seed"] for _time in range(2)}
    assert len(seeds) == 2
    assert all(0 <= seed < 1_000_000 for seed in seeds)


def test_the_servers_programs_write_into_a_copy(work, grade, points):
    server = (work / "server.py").read_text(encoding="utf-8")
    (work / "server.py").write_text(f"open('dropping', 'w').close()\n{server}", encoding="utf-8")
    assert grade(points("starts")).score == 5
    assert sorted(path.name for path in work.iterdir()) == ["client.py", "server.py"]


def test_a_conftest_of_the_work_is_a_file_like_any_other(work, grade, points):
    (work / "conftest.py").write_text("raise SystemExit(7)", encoding="utf-8")
    assert grade(points("starts")).score == 5


def test_checks_that_are_not_there_are_missed_by_name(work, monkeypatch, tmp_path):
    monkeypatch.setattr(session, "CHECKS", tmp_path / "nowhere")
    with pytest.raises(SessionError, match=r"the checks are not in .*nowhere: install the kit"):
        session.grade(Request(work, None, 1, DEFAULT, None, "en"), print)


def test_checks_that_cannot_be_read_are_no_fault_of_the_work(grade, own_checks):
    own_checks("def broken(:")
    with pytest.raises(SessionError, match=r"could not be run: .*test_own\.py: SyntaxError"):
        grade()


@pytest.mark.parametrize(("what", "kind"), [("file", OSError), ("grader", SessionError)])
def test_a_run_that_breaks_off_says_why(grade, own_checks, tmp_path, capfd, what, kind):
    (tmp_path / "results").mkdir()
    own_checks(
        "import shutil\n"
        '@pytest.mark.check("chess")\n'
        "def test_chess(request):\n"
        "    from autograder.grading.plugin import GRADER\n"
        f"    if {what!r} == 'file': shutil.rmtree({str(tmp_path / 'results')!r})\n"
        "    else: request.config.stash[GRADER].record = None\n"
    )
    (tmp_path / "r.toml").write_text("[level3]\nchess = 9", encoding="utf-8")
    with pytest.raises(kind, match=r"No such file|could not be run: TypeError"):
        grade(tmp_path / "r.toml", file=tmp_path / "results" / "r.json")
    assert "INTERNALERROR" not in capfd.readouterr().err


def test_a_broken_rubric_is_told_before_anything_runs(work, tmp_path):
    (tmp_path / "r.toml").write_text("[", encoding="utf-8")
    with pytest.raises(RubricError, match="is not valid TOML"):
        session.grade(Request(work, None, 1, tmp_path / "r.toml", None, "en"), print)


def test_a_misspelt_check_is_told_before_anything_runs(work, grade, tmp_path):
    (tmp_path / "r.toml").write_text("[level1]\nrelai = 15\nstarts = 5", encoding="utf-8")
    with pytest.raises(RubricError, match=r"r\.toml: there is no check called relai: "):
        grade(tmp_path / "r.toml")


def test_an_instructors_own_check_may_have_points(grade, own_checks, tmp_path):
    own_checks('@pytest.mark.check("chess")\ndef test_chess(): pass\n')
    (tmp_path / "r.toml").write_text("[level3]\nchess = 9", encoding="utf-8")
    assert grade(tmp_path / "r.toml").score == 9


def test_a_rubric_brings_checks_and_a_seed_of_its_own(grade, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "test_own.py").write_text(
        "import pytest\n"
        '@pytest.mark.check("twice", needs=["starts"])\n'
        "def test_twice(chat):\n"
        '    """Boris hears Anna twice.\n\n    For a reason."""\n'
        '    anna, boris = chat.room().enter("anna", "boris")\n'
        "    boris.hears(anna.says())\n"
        "    boris.hears(anna.says())\n",
        encoding="utf-8",
    )
    rubric = tmp_path / "rubric.toml"
    rubric.write_text(
        'checks = "own"\nhidden = ["twice"]\nseed = 77\n'
        "[level1]\nstarts = 1\n[level2]\ntwice = 5\n",
        encoding="utf-8",
    )
    result = grade(rubric, seed=None)
    assert statuses(result) == {"starts": "passed", "twice": "passed"}
    assert result.checks[1].title == "Boris hears Anna twice"
    assert (result.score, result.environment["seed"]) == (6, 77)


def test_a_student_is_told_how_many_checks_stay_hidden(grade, tmp_path):
    rubric = tmp_path / "rubric.toml"
    rubric.write_text("kept_back = 2\n[level1]\nstarts = 1\n", encoding="utf-8")
    console = Console(file=io.StringIO(), width=100)
    scorecard.show(grade(rubric), console)
    assert "grading has 2 more checks, which stay hidden." in console.file.getvalue()


def test_the_environment_is_put_back(grade, points, monkeypatch):
    name = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    monkeypatch.delenv(name, raising=False)
    grade(points("starts"))
    assert name not in os.environ
    monkeypatch.setenv(name, "")
    grade(points("starts"))
    assert os.environ[name] == ""


def test_a_good_program_for_two_earns_level_1_beside_a_broken_server(work, grade, points):
    (work / "server.py").rename(work / "two_user_server.py")
    (work / "server.py").write_text(FALLS, encoding="utf-8")
    result = grade(points("starts", "relay", "relay_back", "broadcast", "threads"))
    found = statuses(result)
    assert [found[check] for check in ("starts", "relay", "relay_back")] == ["passed"] * 3
    assert found["broadcast"] == "failed"
    assert (result.score, result.reason) == (30, None)


def test_a_good_server_earns_everything_beside_a_broken_program_for_two(work, grade, points):
    (work / "two_user_server.py").write_text(FALLS, encoding="utf-8")
    result = grade(points("starts", "relay", "relay_back", "broadcast", "threads"))
    assert set(statuses(result).values()) == {"passed"}
    assert (result.score, result.reason) == (40, None)


STUB = """
import argparse, socket, threading
parser = argparse.ArgumentParser()
parser.add_argument("--host")
parser.add_argument("--port", type=int)
options = parser.parse_args()
listener = socket.create_server((options.host, options.port))
threading.Event().wait()
"""


def test_a_stub_of_the_server_does_not_spoil_a_good_program_for_two(work, grade, points):
    (work / "server.py").rename(work / "two_user_server.py")
    (work / "server.py").write_text(STUB, encoding="utf-8")
    result = grade(points("starts", "relay", "broadcast", "threads"))
    assert statuses(result) == {
        **dict.fromkeys(("starts", "relay", "threads"), "passed"),
        "broadcast": "failed",
    }
    assert (result.score, result.reason) == (20, None)


def test_a_lone_stub_is_not_judged_by_its_threads(work, grade, points):
    (work / "server.py").write_text(STUB, encoding="utf-8")
    result = grade(points("starts", "relay", "threads"))
    assert {c.id: (c.status, c.cause) for c in result.checks}["threads"] == (
        "skipped",
        "needs relay",
    )
    assert (result.score, result.reason) == (5, None)


def test_a_check_that_fails_at_starting_hints_at_starting(work, grade, points):
    (work / "server.py").rename(work / "two_user_server.py")
    (work / "server.py").write_text(FALLS, encoding="utf-8")
    result = grade(points("starts", "relay", "broadcast"))
    (broadcast,) = [check for check in result.checks if check.id == "broadcast"]
    assert (broadcast.status, broadcast.cause) == ("failed", "no")
    assert broadcast.hint == catalog.hint("starts")


def test_what_python_cannot_decode_is_not_graded_as_a_program(work, grade, points):
    server = (work / "server.py").read_text(encoding="utf-8")
    (work / "server.py").write_bytes(f"# сервер\n{server}".encode("cp1251"))
    (starts,) = grade(points("starts")).checks
    assert starts.status == "failed"
    assert starts.cause.startswith("server.py:1: SyntaxError: Non-UTF-8 code starting with")
    assert starts.hint == "Python cannot read the letters of the file: save the file as UTF-8."


@pytest.mark.parametrize("before", [b"", "# coding: cp1251\n# сервер\n".encode("cp1251")])
def test_zero_bytes_are_no_program(work, grade, points, before):
    (work / "server.py").write_bytes(before + b"\0")
    (starts,) = grade(points("starts")).checks
    assert starts.status == "failed"
    assert "SyntaxError: source code cannot contain null bytes" in starts.cause
