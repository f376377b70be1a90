"""Result files: the schema, and that a reader never sees half of one."""

import json
import os
import re
import stat
import sys

import pytest

from autograder.grading import result
from autograder.grading.result import CheckResult, Result, ResultError

FIELDS = {
    *("schema", "submission", "environment", "dialect", "outcome", "reason"),
    *("score", "max_score", "duration_s", "checks"),
}
CHECK_FIELDS = {
    *("id", "level", "status", "points", "max_points", "title", "story", "expected", "actual"),
    *("cause", "hint", "evidence", "transcript", "stderr_tail", "stacks", "trail"),
    *("suspects", "duration_s"),
    *("missing", "offending"),
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


def test_a_result_of_an_older_kit_is_read(tmp_path):
    path, fields = tmp_path / "r.json", example().as_dict()
    del fields["checks"][0]["missing"], fields["checks"][0]["offending"]
    path.write_text(json.dumps(fields), encoding="utf-8")
    assert result.read(path).checks[0].missing is None


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


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "is not a lab4/result/v1 file: make one with lab4 check --json"),
        ("[]", "is not a lab4/result/v1 file"),
        ('{"schema": "lab4/result/v2"}', "is not a lab4/result/v1 file"),
        ("", "is a broken result: Expecting value"),
        ('{"schema": "lab4/result/v1", "sub', "is a broken result: Unterminated string"),
        ("[" * 100_000, "is a broken result: maximum recursion depth"),
    ],
)
def test_another_file_is_refused(tmp_path, text, why):
    path = tmp_path / "r.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ResultError, match=re.escape(f"{path} {why}")):
        result.read(path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "r.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ResultError, match="is a broken result"):
        result.read(path)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda r: r.pop("submission"), "it has no submission"),
        (lambda r: r["checks"][0].pop("points"), r"it has no checks\[0\].points"),
        (lambda r: r.update(colour="red"), "'colour' is unknown"),
        (lambda r: r["checks"][0].update(x=1), r"'checks\[0\].x' is unknown"),
        (lambda r: r.update(score="100"), "score is '100', expected int"),
        (lambda r: r.update(score=True), "score is True, expected int"),
        (lambda r: r.update(score=1.5), "score is 1.5, expected int"),
        (lambda r: r.update(duration_s=None), "duration_s is None, expected float"),
        (lambda r: r.update(outcome="fine"), "outcome is 'fine', expected graded / not_gradable"),
        (lambda r: r.update(outcome=[]), r"outcome is \[\], expected graded"),
        (lambda r: r.update(reason=5), "reason is 5, expected str"),
        (lambda r: r.update(checks={}), r"checks is \{\}, expected list"),
        (lambda r: r.update(checks=[5]), r"checks\[0\] is 5, expected object"),
        (lambda r: r.update(environment="x"), "environment is 'x', expected object"),
        (lambda r: r["checks"][0].update(story=[1]), r"checks\[0\].story\[0\] is 1, expected str"),
        (lambda r: r.update(score=float("nan")), "NaN is no finite number"),
    ],
)
def test_what_has_another_shape_is_refused(tmp_path, change, why):
    path = tmp_path / "r.json"
    fields = example().as_dict()
    change(fields)
    path.write_text(json.dumps(fields), encoding="utf-8")
    with pytest.raises(ResultError, match=f"is a broken result: {why}.*; make it again"):
        result.read(path)


def test_a_number_beyond_all_bounds_is_refused(tmp_path):
    path = tmp_path / "r.json"
    text = json.dumps(example().as_dict()).replace('"duration_s": 0.0', '"duration_s": 1e999')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ResultError, match="1e999 is no finite number"):
        result.read(path)


def test_all_that_a_result_may_hold_is_read_back(tmp_path):
    path = tmp_path / "r.json"
    full = example()
    full.dialect, full.reason, full.duration_s = {"hello": "none"}, "because", 3
    full.checks[0].evidence, full.checks[0].stacks = "fence", "line 1"
    full.checks[0].transcript = [{"t": 0.1, "who": "Anna", "dir": "sent", "text": "\ud800"}]
    result.write(full, path)
    assert result.read(path) == full
