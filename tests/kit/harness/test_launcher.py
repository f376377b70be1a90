"""A script is run as `python SCRIPT` would run it, or refused as that would refuse it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autograder.harness.deadline import Deadline
from autograder.harness.program import Program
from autograder.transcript import Transcript

COMMENT = "# привет\nprint('well')\n"
UTF8_MARK = b"\xef\xbb\xbf"
SOURCES = {
    "UTF-8": COMMENT.encode(),
    "cp1251": COMMENT.encode("cp1251"),
    "cp1251 in line 3": b"print(1)\r\rprint(2) # " + "привет\r".encode("cp1251"),
    "cp1251 in a text": "print('привет')\n".encode("cp1251"),
    "cp1251, declared": f"# coding: cp1251\n{COMMENT}".encode("cp1251"),
    "declared in line 2": f"#!python\n# -*- coding: cp1251 -*-\n{COMMENT}".encode("cp1251"),
    "declared after code": f"x = 1\n# coding: cp1251\n{COMMENT}".encode("cp1251"),
    "declared too late": f"\n\n# coding: cp1251\n{COMMENT}".encode("cp1251"),
    "declared wrongly": f"# coding: utf-8\n{COMMENT}".encode("cp1251"),
    "unknown": b"# coding: klingon\n",
    "UTF-8 with a mark": UTF8_MARK + COMMENT.encode(),
    "cp1251 with a mark": UTF8_MARK + COMMENT.encode("cp1251"),
    "UTF-16": COMMENT.encode("utf-16"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_file_is_read_as_python_reads_it(tmp_path, way, name):
    script = tmp_path / "server.py"
    script.write_bytes(SOURCES[name])
    plain = subprocess.run([sys.executable, "-X", "utf8", script], capture_output=True)
    with Program(script, transcript=Transcript(), name="server.py") as program:
        assert program.wait(Deadline(20)) == plain.returncode
        program.stdout.wait_end(20)
        assert program.stdout.data() == plain.stdout
        refused = b"SyntaxError" in plain.stderr
        assert [failure.type for failure in program.told.failures()] == ["SyntaxError"] * refused


def test_zero_bytes_are_refused_as_new_pythons_refuse_them(tmp_path, way):
    script = tmp_path / "server.py"
    script.write_bytes(b"print(1)\n\0\n")
    with Program(script, transcript=Transcript(), name="server.py") as program:
        assert program.wait(Deadline(20)) == 1
        program.stdout.wait_end(20)
        assert program.stdout.data() == b""
        assert [failure.type for failure in program.told.failures()] == ["SyntaxError"]


def test_the_traceback_of_an_unreadable_file_is_the_students_own(tmp_path, way):
    script = tmp_path / "server.py"
    script.write_bytes(SOURCES["cp1251"])
    with Program(script, transcript=Transcript(), name="server.py") as program:
        program.wait(Deadline(20))
        program.stderr.wait_end(20)
        said = program.stderr.data().decode()
    assert "line 1" in said
    assert "importlib" not in said
    assert "launcher" not in said
