"""The rubric that students get says what the instructor's says, but for what is kept back."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from autograder.grading import rubric
from autograder.release import points, project

ROOT = Path(__file__).parents[3]


def test_students_get_the_same_points_in_the_same_order(tmp_path):
    made = tmp_path / "rubric.toml"
    made.write_text(points.for_students(rubric.load()), encoding="utf-8")
    assert rubric.load(made) == rubric.load()


def test_hidden_checks_are_counted_only_and_the_seed_stays_here(hiding, tmp_path):
    whole = rubric.load(hiding)
    made = tmp_path / "students.toml"
    made.write_text(points.for_students(whole), encoding="utf-8")
    told = rubric.load(made)
    assert (told.hidden, told.kept_back, told.seed) == (frozenset(), 4, None)
    assert list(told.points) == [check for check in whole.points if check not in whole.hidden]
    assert told.checks == tmp_path / "own"
    assert not [check for check in whole.hidden if check in made.read_text(encoding="utf-8")]


@pytest.mark.parametrize("check", ["with space", 'quo"te', "русский", "a.b"])
def test_any_id_can_be_read_back(tmp_path, check):
    made = tmp_path / "rubric.toml"
    made.write_text(points.for_students(rubric.Rubric({check: 1}, {check: 2})), encoding="utf-8")
    assert rubric.load(made).points == {check: 1}


def test_the_project_of_a_kit_installs_what_this_one_needs():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    whole, made = tomllib.loads(text), tomllib.loads(project.for_kit(text, ["dask"]))
    extras = whole["project"].pop("optional-dependencies")
    assert made["project"].pop("optional-dependencies") == {"dask": extras["dask"]}
    assert made["project"] == whole["project"]
    assert made["build-system"] == whole["build-system"]
    assert list(made["tool"]) == ["hatch"]
    assert "optional-dependencies" not in tomllib.loads(project.for_kit(text))["project"]
