"""What counts as finished, and what becomes of what a run was working on."""

from __future__ import annotations

import dataclasses
import json

import pytest

from autograder.batch import folder, lock
from autograder.grading.result import Result
from autograder.intake import Entry

CONDITIONS = {
    "kit": "1",
    "checks": "c",
    "rubric": "r",
    "sandbox": "T1",
    "seed": 7,
    "language": "en",
}
ENTRY = Entry("Anna", "anna", "works/anna", participant="12", sha256="ab", chosen={"a": "b"})


@pytest.fixture
def out(tmp_path):
    """A folder of results that is open."""
    with folder.opened(tmp_path / "out") as found:
        yield found


@pytest.fixture
def finished(out):
    """Return a function that keeps a result of Anna's."""

    def finish(**changes: object):
        here = {key: CONDITIONS[key] for key in ("kit", "sandbox", "seed", "language")}
        graded = Result({"name": "stage", "sha256": "ab"}, here, score=5, max_score=9)
        return out.finish(ENTRY, CONDITIONS, dataclasses.replace(graded, **changes))

    return finish


def test_the_result_says_whose_it_is_and_how_it_came_about(finished, out):
    row = finished()
    assert (row.name, row.participant, row.score, row.max_score) == ("Anna", "12", 5, 9)
    told = json.loads((out.results / "anna.json").read_text(encoding="utf-8"))
    assert told["submission"] == {
        "name": "Anna",
        "sha256": "ab",
        "key": "anna",
        "source": "works/anna",
        "participant": "12",
        "chosen": {"a": "b"},
        "passed_over": [],
    }
    assert told["environment"] == CONDITIONS
    assert out.finished(ENTRY, CONDITIONS) == row


@pytest.mark.parametrize("name", CONDITIONS)
def test_other_conditions_are_not_finished(finished, out, name):
    finished()
    assert out.finished(ENTRY, CONDITIONS | {name: "other"}) is None


@pytest.mark.parametrize("change", [{"sha256": "cd"}, {"name": "Boris"}, {"key": "anna-2"}])
def test_another_work_is_not_finished(finished, out, change):
    finished()
    assert out.finished(dataclasses.replace(ENTRY, **change), CONDITIONS) is None


@pytest.mark.parametrize(
    ("outcome", "kept"), [("graded", True), ("not_gradable", True), ("grader_fault", False)]
)
def test_what_the_grader_failed_at_is_tried_again(finished, out, outcome, kept):
    finished(outcome=outcome)
    assert (out.finished(ENTRY, CONDITIONS) is not None) == kept


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "lab4/result/v1"}'])
def test_a_broken_result_is_not_finished(out, text):
    (out.results / "anna.json").write_text(text, encoding="utf-8")
    assert out.finished(ENTRY, CONDITIONS) is None


def test_what_a_run_worked_on_is_gone_after_it(tmp_path):
    with folder.opened(tmp_path / "out") as out:
        out.draft("anna").write_text("half", encoding="utf-8")
        (out.staging / "anna").mkdir()
        assert out.finished(ENTRY, CONDITIONS) is None
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"results", ".lock"}


def test_what_a_killed_run_has_left_is_not_taken_for_new(tmp_path):
    (tmp_path / ".work" / "drafts").mkdir(parents=True)
    (tmp_path / ".work" / "drafts" / "anna.json").touch()
    with folder.opened(tmp_path) as out:
        assert not out.draft("anna").exists()


def test_nothing_is_removed_from_under_another_run(out):
    out.draft("anna").touch()
    with pytest.raises(lock.Held), folder.opened(out.path):
        pass
    assert out.draft("anna").exists()
