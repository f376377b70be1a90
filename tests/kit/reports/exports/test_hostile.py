"""What a program prints does nothing in any export; moodle and canvas have tests of their own."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from autograder.grading.request import Request
from autograder.grading.session import grade
from autograder.reports import exports

anything = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("=+-@\t\r\n\0\x1b\u202e\ud800'\"<>|`&*")
)
SLOW_AND_SHARED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
OUR_TAGS = {"h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
OUR_TAGS |= {"details", "summary", "pre"}
SHAPES = ("json", "gradescope", "classroom50", "prairielearn", "autolab")


def strings(value: object) -> list[str]:
    """Return every text in what JSON held, keys too."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


def shown(text: str) -> str:
    return " ".join(text.split())


def read_json(data: bytes) -> list[str]:
    """Return the texts of a file of JSON, or of one with a value on each line."""
    text = data.decode()
    try:
        return strings(json.loads(text))
    except json.JSONDecodeError:
        return [part for line in text.splitlines() for part in strings(json.loads(line))]


def read_csv(data: bytes) -> list[str]:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 2
    assert len(rows[0]) == len(rows[1])
    cells = rows[0] + rows[1]
    assert not [cell for cell in cells if cell.lstrip(" \n").startswith(FORMULA)]
    assert not [cell for cell in cells if cell.startswith(FORMULA)]
    return cells


def read_xml(data: bytes) -> list[str]:
    root = ET.fromstring(data)
    assert len(root) == 1
    return [t for e in root.iter() for t in (e.text or "", *e.attrib.values())]


def read_markdown(data: bytes) -> list[str]:
    """Return the texts of a page, which has no tags and no attributes but ours."""
    page = MarkdownIt("commonmark").enable("table").render(data.decode())
    texts: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            assert tag in OUR_TAGS
            assert {name for name, _ in attributes} <= {"style"}

        def handle_data(self, data):
            texts.append(data)

    reader = Reader()
    reader.feed(page)
    reader.close()
    assert page.count("<h2>") == 1
    return ["".join(texts)]


READERS = {
    **dict.fromkeys(SHAPES, read_json),
    "csv": read_csv,
    "junit": read_xml,
    "github": read_markdown,
}


def test_every_format_is_tested():
    assert set(READERS) | {"moodle", "canvas"} == set(exports.FORMATS)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("outcome", ["graded", "not_gradable", "grader_fault"])
def test_hostile_text_is_seen_and_does_nothing(
    export, full_of, assert_harmless, hostile, name, outcome
):
    result = full_of(hostile.text)
    result.outcome = outcome
    if (name, outcome) == ("classroom50", "grader_fault"):
        with pytest.raises(exports.ExportError) as refused:
            export(name, result)
        assert_harmless(str(refused.value))
        return
    data = export(name, result)
    raw = data.decode("utf-8-sig" if name == "csv" else "utf-8")
    assert_harmless(raw.replace("\r\n", "\n").replace("\n", "").replace("\t", ""))
    texts = READERS[name](data)
    if name != "json":  # which holds the text itself, and not what is seen of it
        assert [text for text in texts if shown(hostile.seen) in shown(text)]


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=30, suppress_health_check=SLOW_AND_SHARED)
@given(text=anything)
def test_any_text_can_be_read_back(export, full_of, assert_harmless, name, text):
    data = export(name, full_of(text))
    raw = data.decode("utf-8-sig" if name == "csv" else "utf-8")
    assert_harmless(raw.replace("\r\n", "\n").replace("\n", "").replace("\t", ""))
    assert READERS[name](data)


def test_the_last_line_for_autolab_is_ours(export, full_of, hostile):
    result = full_of(hostile.text)
    *_, last = export("autolab", result).decode().splitlines()
    assert json.loads(last) == {"scores": {"lab4": 10}, "scoreboard": [10]}


HOSTILE_SERVER = r"""
import socket, sys, threading
sys.stderr.buffer.write(b"\x1b[2J\x1b]0;100 points\x07\xff\x00 =1+1 <script>\n")
sys.stderr.flush()
def serve(talker):
    while data := talker.recv(4096):
        talker.sendall(b"\x1b[32m\xe2\x80\xae\x00" + data)
listener = socket.create_server(("127.0.0.1", 0))
while True:
    threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()
"""


def test_what_a_real_program_prints_does_nothing(tmp_path, export, assert_harmless):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "server.py").write_text(HOSTILE_SERVER, encoding="utf-8")
    points = tmp_path / "rubric.toml"
    points.write_text("[level1]\nstarts = 5\nrelay = 15\n", encoding="utf-8")
    request = Request(tmp_path / "work", None, 1, points, None, "en")
    graded = grade(request, lambda *_: None)
    assert [check.status for check in graded.checks] == ["passed", "failed"]
    assert "\x1b[2J" in graded.checks[1].stderr_tail
    for name, read in READERS.items():
        data = export(name, graded)
        assert read(data)
        raw = data.decode("utf-8-sig" if name == "csv" else "utf-8")
        assert_harmless(raw.replace("\r\n", "\n").replace("\n", "").replace("\t", ""))
