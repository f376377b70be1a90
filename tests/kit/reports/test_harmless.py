"""What a student's text becomes before anybody sees it."""

from __future__ import annotations

import html.parser
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder.reports import harmless

anything = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("=+-@\t\r\n\0\x1b\u202e\ud800'\"<>|`")
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def test_every_hostile_text_is_seen_as_the_corpus_says(hostile, assert_harmless):
    assert harmless.plain(hostile.text) == hostile.seen
    assert_harmless(harmless.plain(hostile.text).replace("\n", "").replace("\t", ""))


@given(anything)
def test_plain_text_is_printable_lines(text):
    shown = harmless.plain(text)
    kept = shown.replace("\n", "").replace("\t", "").replace("\u200c", "").replace("\u200d", "")
    assert {unicodedata.category(c) for c in kept} & {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"} == set()
    assert harmless.plain(shown) == shown
    shown.encode()


@given(st.text("абвАБВ xyz.,!?-«»👩❤️\u200d\n\t"))
def test_what_people_write_stays(text):
    assert harmless.plain(text) == text


@given(anything)
def test_a_line_is_one(text):
    shown = harmless.line(text)
    assert shown.splitlines() in ([], [shown])
    assert shown == shown.strip()


@pytest.mark.parametrize(
    "text", ["=1", " =1", "\n@x", "+1", "-x", "\tabc", "\rabc", "\r\nabc", "＝1"]
)
def test_what_begins_like_a_formula_is_marked_as_text(text):
    assert harmless.cell(text) == f"'{harmless.plain(text)}"


@pytest.mark.parametrize("text", ["", "1=1", "a\tb", "'=1", "Иванов-Петров", "a@x.example"])
def test_other_cells_are_left_as_they_are(text):
    assert harmless.cell(text) == text


@given(anything)
def test_no_cell_is_a_formula(text):
    shown = harmless.cell(text)
    assert not shown.startswith(FORMULA)
    assert not shown.lstrip().startswith(FORMULA)


@given(anything)
def test_html_has_no_tags_and_reads_back(text):
    found = []
    parser = html.parser.HTMLParser(convert_charrefs=True)
    parser.handle_data = found.append
    parser.handle_starttag = parser.handle_endtag = lambda *args: pytest.fail(str(args))
    parser.feed(harmless.html(text))
    parser.close()
    assert "".join(found) == harmless.plain(text)


@given(anything)
def test_markdown_is_the_text_alone(text):
    shown = harmless.line(text)
    [*tokens] = MarkdownIt("commonmark").enable("table").parse(f"| x {harmless.markdown(text)} |\n")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    inline = tokens[1].children
    assert {token.type for token in inline} <= {"text", "text_special"}
    assert "".join(token.content for token in inline) == f"| x {shown} |"


@given(st.recursive(anything, lambda part: st.lists(part) | st.dictionaries(anything, part)))
def test_json_loses_nothing_but_surrogates(value):
    text = harmless.json_of(value)
    assert {unicodedata.category(c) for c in text} & {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"} <= {"Cf"}
    assert json.loads(text) == _without_surrogates(value)


def _without_surrogates(value):
    if isinstance(value, str):
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in value)
    if isinstance(value, list):
        return [_without_surrogates(part) for part in value]
    return {_without_surrogates(k): _without_surrogates(v) for k, v in value.items()}


def test_json_has_no_infinity():
    with pytest.raises(ValueError, match="not JSON compliant"):
        harmless.json_of(float("inf"))


@pytest.mark.parametrize(("most", "clipped"), [(0, ""), (1, "…"), (3, "ab…"), (4, "abcd")])
def test_a_clipped_text_says_so(most, clipped):
    assert harmless.clip("abcd", most) == clipped
