"""Result files: the schema, and that a reader never sees half of one."""

import json
import os
import stat
import sys

import pytest

from autograder.grading import result
from autograder.grading.result import CheckResult, Result

FIELDS = {
    *("schema", "submission", "environment", "dialect", "outcome", "reason"),
    *("score", "max_score", "duration_s", "checks"),
}
CHECK_FIELDS = {
    *("id", "level", "status", "points", "max_points", "title", "story", "expected", "actual"),
    *("cause", "hint", "evidence", "transcript", "stderr_tail", "stacks", "duration_s"),
}


def example() -> Result:
    check = CheckResult("relay", 1, "failed", 0, 15, "Relay", story=["1", "2"], actual="\udc80")
    return Result({"name": "x"}, {"seed": 1}, checks=[check], max_score=100)


def test_what_was_written_is_read_back(tmp_path):
    path = tmp_path / "r.json"
    result.write(example(), path)
    assert result.read(path).checks[0].story == ["1", "2"]


def test_the_file_has_the_fields_of_the_schema(tmp_path):
    path = tmp_path / "r.json"
    result.write(example(), path)
    fields = json.loads(path.read_text(encoding="utf-8"))
    assert next(iter(fields)) == "schema"
    assert set(fields) == FIELDS
    assert set(fields["checks"][0]) == CHECK_FIELDS


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "r.json"
    result.write(example(), path)
    before = path.read_bytes()
    monkeypatch.setattr(result.Path, "replace", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        result.write(example(), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["r.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask to speak of")
def test_others_may_read_the_file_as_the_umask_says(tmp_path):
    path = tmp_path / "r.json"
    before = os.umask(0o026)
    try:
        result.write(example(), path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)  # open() would leave it so
    result.write(example(), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "r.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="is not a lab4/result/v1 file"):
        result.read(path)
