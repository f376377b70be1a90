"""Nothing that a student wrote or printed becomes a part of a page."""

from __future__ import annotations

import re

import pytest

from autograder.grading.result import CheckResult
from autograder.reports import diagram, harmless
from autograder.reports.pages import submission_page
from autograder.reports.pages.rendering import TEMPLATES


@pytest.fixture
def pages(page_of_class):
    """Return what makes both pages of a result, but not their diagrams."""

    def make(result):
        page = submission_page.make(result, back="../index.html")
        without = re.sub(
            rb'<figure class="diagram" tabindex="0">.*?</figure>', b"", page, flags=re.DOTALL
        )
        return without, page_of_class({"key": result})

    return make


@pytest.mark.parametrize("outcome", ["graded", "not_gradable", "grader_fault"])
def test_a_hostile_text_adds_no_tag_and_no_attribute(hostile, full_of, pages, parsed, outcome):
    for shown, plain in zip(
        pages(full(full_of, hostile.text, outcome)), pages(full(full_of, "x", outcome)), strict=True
    ):
        assert parsed(shown).tags == parsed(plain).tags
        assert parsed(shown).attributes == parsed(plain).attributes


def full(full_of, text, outcome):
    result = full_of(text)
    result.outcome = outcome
    return result


def test_what_acts_or_hides_is_seen_as_what_it_is(hostile, full_of, pages, parsed, assert_harmless):
    one, whole = (parsed(page) for page in pages(full_of(hostile.text)))
    for page in (one, whole):
        assert_harmless(page.text)
    assert hostile.seen in one.text
    assert harmless.line(hostile.text) in whole.text


def test_ids_of_checks_are_escaped_as_well(hostile, full_of, pages, parsed):
    tags = []
    for id_ in ("own", hostile.text):
        result = full_of("x")
        result.checks = [CheckResult(id_, 1, "failed", 0, 1, "Own", actual="no")]
        tags.append([parsed(page).tags for page in pages(result)])
    assert tags[0] == tags[1]


def test_a_page_allows_no_script_but_its_own(full_of, pages):
    one, whole = (page.decode() for page in pages(full_of("x")))
    assert one.count("<script") == 0
    assert "script-src &#39;none&#39;" in one
    assert whole.count("<script") == 1
    assert "script-src &#39;sha256-" in whole
    for page in (one, whole):
        assert page.count("default-src &#39;none&#39;") == 1
        assert not re.search(r"https?:|@import|url\(|<link|<img|<iframe", page)


def test_no_template_lets_a_value_through_as_it_is():
    for path in TEMPLATES.glob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape|Markup", path.read_text(encoding="utf-8"))


def test_a_diagram_stands_above_its_log(work):
    result = work("Anna", relay="lost")
    (check,) = (check for check in result.checks if check.id == "relay")
    page = submission_page.make(result).decode()
    drawn = diagram.draw(check)
    assert drawn
    assert page.index('id="check-relay"') < page.index(drawn) < page.index("On the wire")
