"""The space-time diagram of broken programs that are really run."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

import pytest

from autograder.grading import rubric, session
from autograder.grading.request import Request
from autograder.reports import diagram
from autograder.trust import corpus

pytestmark = pytest.mark.slow

BROKEN = {
    "first_one_hears_nothing": ("broadcast", "st-row st-missing st-missing"),
    "last_one_hears_twice": ("broadcast", "st-row st-message st-wrong"),
    "echo_to_author": ("sender_excluded", "st-row st-message st-wrong"),
    "every_50th_lost": ("crowd", "st-row st-missing st-missing"),
    "no_join_notice": ("join_notice", "st-row st-missing st-missing"),
    "no_author": ("sender_named", "st-row st-message st-wrong"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_line_that_the_failure_is_about_is_marked(name, tmp_path):
    check, row = BROKEN[name]
    (specimen,) = (one for one in corpus.broken() if one.name == name)
    specimen.write(tmp_path / name)
    request = Request(tmp_path / name, 2, 1, rubric.DEFAULT, None, "en")
    graded = session.grade(request, lambda done, total, check: None)
    (failed,) = (found for found in graded.checks if found.id == check)
    svg = Xml.fromstring(diagram.draw(failed))
    assert len([group for group in svg.iter() if group.get("class") == row]) == 1
