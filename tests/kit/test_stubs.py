"""The stubs are made from the reference, run without harm, and earn next to nothing."""

import ast
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import stubs
from autograder.grading import rubric
from autograder.grading.session import Request, grade
from autograder.release import commands

ROOT = Path(__file__).parents[2]

SOLVED = """def double(number):
    # SOLUTION 4.1
    # TODO(4.1): удвойте
    # TODO(4.1): double it
    # Check: starts
    # | return 0
    # the solution may have comments
    return 2 * number
    # END SOLUTION
"""


def test_a_gap_keeps_its_todo_and_what_stands_there():
    assert stubs.make_stub(SOLVED, "x.py") == (
        "def double(number):\n"
        "    # TODO(4.1): удвойте\n"
        "    # TODO(4.1): double it\n"
        "    # Check: starts\n"
        "    return 0\n"
    )


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("# SOLUTION 4.1\n# TODO(4.1): a\n", "x.py: gap 4.1 does not end"),
        ("# END SOLUTION\n", "x.py:1: a gap ends, expected a gap before it"),
        ("# SOLUTION 4.1\n# END SOLUTION\n", r"x.py:2: a gap ends, expected a TODO\(4.1\)"),
        ("# SOLUTION 4.1\n# TODO(4.2): a\n", r"x.py:2: expected TODO\(4.1\)"),
        ("# SOLUTION 4.1\n# TODO(4.1): a\n# SOLUTION 4.2\n", "x.py:3: gap 4.1 has not ended"),
    ],
)
def test_a_wrong_marker_is_named(source, message):
    with pytest.raises(stubs.MarkerError, match=message):
        stubs.make_stub(source, "x.py")


@pytest.mark.parametrize("name", stubs.PROGRAMS)
def test_stubs_are_up_to_date(name):
    expected = stubs.make_stubs(ROOT / "reference")[name]
    assert (ROOT / "lab4" / name).read_text(encoding="utf-8") == expected, "run: lab4 stubs"


@pytest.mark.parametrize(("answer", "left"), [("y", []), ("n", ["client.py"])])
def test_what_a_student_has_solved_is_not_lost_without_a_question(
    tmp_path, monkeypatch, answer, left
):
    for folder in ("reference", "lab4"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    (tmp_path / "lab4" / "client.py").write_text("solved = True\n", encoding="utf-8")
    done = CliRunner().invoke(commands.make_stubs, input=answer)
    assert f"{Path('lab4', 'client.py')}: write the stubs over" in done.output
    assert done.exit_code == len(left)
    names = [path.name for path in stubs.out_of_date(tmp_path / "reference", tmp_path / "lab4")]
    assert names == left


def test_a_gap_that_only_hidden_checks_notice_names_none():
    stub = "# Check: races\nx = 1\n    # Check: relay, races, crowd\n"
    assert stubs.without_names(stub, {"races"}) == "x = 1\n    # Check: relay, crowd\n"


def test_gaps_are_numbered_without_a_hole():
    text = "".join(stubs.make_stubs(ROOT / "reference").values())
    numbers = sorted(map(int, re.findall(r"TODO\(4\.(\d+)\):", text)))
    assert numbers == [n for n in range(1, max(numbers) + 1) for _language in "re"]


def test_gaps_name_checks_that_exist():
    text = "".join(stubs.make_stubs(ROOT / "reference").values())
    named = {name for line in re.findall(r"# Check: (.*)", text) for name in line.split(", ")}
    assert named <= rubric.load().levels.keys()


def fill(source: str, most: int) -> str:
    """Return what a student has who solved the gaps up to `most` as the reference does."""
    filled, gap = [], []
    for line in source.splitlines(keepends=True):
        begin = stubs.BEGIN.match(line.rstrip())
        if not gap and not begin:
            filled.append(line)
            continue
        gap.append(line)
        if stubs.END.match(line.rstrip()):
            solved = int(stubs.BEGIN.match(gap[0].rstrip())[1].split(".")[1]) <= most
            solution = [x for x in gap[1:-1] if not stubs.KEPT.match(x)]
            filled += solution if solved else [stubs.make_stub("".join(gap), "gap")]
            gap = []
    return "".join(filled)


@pytest.mark.parametrize("name", stubs.PROGRAMS)
def test_filling_the_gaps_one_by_one_leads_to_the_reference(name):
    source = (ROOT / "reference" / name).read_text(encoding="utf-8")
    assert fill(source, 0) == stubs.make_stub(source, name)
    for most in range(13):
        compile(fill(source, most), name, "exec")
    without_comments = ast.dump(ast.parse(source))
    assert ast.dump(ast.parse(fill(source, 99))) == without_comments


@pytest.mark.parametrize("name", ["two_user_server.py", "server.py", "client.py"])
def test_an_untouched_stub_ends_and_says_in_a_sentence_what_is_not_done(name):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, ROOT / "lab4" / name, "--host", "127.0.0.1", "--port", str(port)],
            capture_output=True,
            encoding="utf-8",
            env=os.environ | {"PYTHONUTF8": "1"},
            timeout=20,
            stdin=subprocess.DEVNULL,
        )
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"TODO\(4\.\d+\) в \w+\.py ещё не сделано / is not done yet\n", done.stderr)


def test_untouched_stubs_earn_next_to_nothing():
    request = Request(ROOT / "lab4", None, 1, rubric.DEFAULT, None, "en")
    result = grade(request, lambda done, total, name: None)
    assert result.outcome == "graded"
    assert result.score <= 5
