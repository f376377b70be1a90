"""The space-time diagram: what is drawn of a check, read back out of the SVG."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.result import CheckResult
from autograder.reports import diagram

SVG = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "title", "desc", "style", "g", "line", "path", "circle", "text", "tspan"}


def check(events: Sequence[tuple[str, ...]], **fields: object) -> CheckResult:
    """Return a failed check with events of (who, direction, text[, thread, call, peer, line])."""
    names = ("who", "dir", "text", "thread", "call", "peer", "line")
    transcript = [
        {"t": number / 1000, **dict(zip(names, event, strict=False))}
        for number, event in enumerate(events)
    ]
    return CheckResult("relay", 1, "failed", 0, 5, "Relay", transcript=transcript, **fields)


def drawn(found: CheckResult) -> Xml.Element:
    svg = Xml.fromstring(diagram.draw(found))
    for node in svg.iterfind(".//*[@class]"):
        node.set("class", node.get("class", "").replace("st-", ""))
    return svg


def words(node: Xml.Element, kind: str | None = None) -> list[str]:
    texts = [text for text in node.iter(f"{SVG}text") if kind in (None, text.get("class"))]
    return ["".join(text.itertext()) for text in texts]


def headings(svg: Xml.Element) -> list[str]:
    return words(svg, "name")


def rows(svg: Xml.Element, kind: str = "") -> list[Xml.Element]:
    groups = [g for g in svg.iter(f"{SVG}g") if "row" in g.get("class", "").split()]
    return [g for g in groups if not kind or kind in g.get("class", "").split()]


def heads(row: Xml.Element) -> int:
    return sum(1 for path in row.iter(f"{SVG}path") if path.get("class") == "head")


TALK = [
    ("server.py", "console", "ready\n"),
    ("anna", "event", "connected"),
    ("boris", "event", "connected"),
    ("vera", "event", "connected"),
    ("anna", "sent", "hello\n"),
    ("boris", "received", "#1 - hello\n"),
    ("vera", "received", "#1 - hello\n"),
]


def test_a_line_to_several_is_one_row_with_a_head_for_each():
    svg = drawn(check(TALK))
    assert headings(svg) == ["server.py", "Anna", "Boris", "Vera"]
    sent, relayed = rows(svg, "message")
    assert (heads(sent), heads(relayed)) == (1, 2)
    assert words(relayed) == ["5.0 ms", r"#1 - hello\n"]


def test_what_never_came_is_a_dashed_row_at_the_end_with_words():
    missing = {"from": "anna", "to": "vera", "text": "hello"}
    svg = drawn(check(TALK[:-1], missing=missing))
    last = rows(svg)[-1]
    assert last.get("class") == "row missing missing"
    assert words(last) == ["never came: hello"]
    about = [row for row in rows(svg, "about") if "message" in row.get("class")]
    assert [words(row)[1] for row in about] == [r"hello\n", r"#1 - hello\n"]
    style = next(svg.iter(f"{SVG}style")).text
    assert re.search(r"\.st-missing \.st-line\.st-way \{ stroke-dasharray", style)


def test_the_offending_copy_has_a_row_of_its_own_and_a_cross():
    echo = [*TALK, ("anna", "received", "#1 - hello\n")]
    svg = drawn(check(echo, offending={"from": "anna", "to": "anna", "text": "hello"}))
    (wrong,) = rows(svg, "wrong")
    assert [path.get("class") for path in wrong.iter(f"{SVG}path")] == ["head", "line cross"]
    assert heads(rows(svg, "about")[1]) == 2
    assert "should not have come like this" in words(svg)


def test_an_offending_line_that_the_transcript_has_lost_is_still_drawn():
    svg = drawn(check(TALK, offending={"from": "anna", "to": "boris", "text": "bye"}))
    (wrong,) = rows(svg, "wrong")
    assert words(wrong) == ["bye"]


def test_of_a_piece_the_line_in_question_is_shown():
    flood = "".join(f"#2 - line {number} of a long piece\n" for number in range(40))
    piece = [("boris", "sent", "bye\n"), ("anna", "received", f"{flood}#2 - bye\n{flood}")]
    svg = drawn(check(piece, offending={"from": "boris", "to": "anna", "text": "bye"}))
    assert words(rows(svg, "wrong")[0])[1] == r"#2 - bye\n  +80 lines"


def test_a_client_under_test_stands_between_the_screen_and_the_kits_server():
    events = [("client.py", "console", "> "), ("kit server", "sent", "hello\n")]
    svg = drawn(check(events, missing={"from": "kit server", "to": "screen", "text": "hello"}))
    assert headings(svg) == ["screen", "client.py", "kit server"]


def test_what_is_far_from_the_failure_is_counted_only():
    talk = [("anna", "sent", f"line {number}\n") for number in range(100)]
    svg = drawn(check(talk))
    assert len(rows(svg, "message")) == 26
    assert words(rows(svg, "gap")[0]) == ["… 74 earlier"]
    assert words(rows(svg)[-1])[1] == r"line 99\n"


def test_a_flood_is_one_row():
    flood = [("anna", "received", "nothing\n")] * 300
    svg = drawn(check([("anna", "sent", "hello\n"), *flood]))
    assert words(rows(svg, "message")[1])[1] == r"nothing\n  ×300"


def test_in_a_crowd_those_who_take_no_part_are_one_lifeline():
    events = [(f"user{n}", "event", "connected") for n in range(1, 21)]
    events += [(f"user{n}", "sent", f"word {n}\n") for n in range(1, 21)]
    events += [("user3", "received", "#2 - word 2\n")]
    svg = drawn(check(events, missing={"from": "user2", "to": "user1", "text": "word 2"}))
    names = headings(svg)
    assert {"user1", "user2", "user3"} <= set(names)
    assert names[-1].endswith(" others")
    assert len(names) <= 9


THREADS = [
    ("server.py", "thread", "", "MainThread", "accept", "anna", "server.py:50"),
    ("anna", "sent", "hello\n"),
    ("server.py", "thread", "hello\n", "Thread-1 (serve)", "recv", "anna", "server.py:31"),
    ("server.py", "thread", "#1 - hello\n", "Thread-1 (serve)", "sendall", "boris", "server.py:40"),
    ("boris", "received", "#1 - hello\n"),
]


def test_threads_have_lifelines_and_messages_go_to_the_thread_that_reads():
    svg = drawn(check(THREADS))
    assert headings(svg) == ["MainThread", "Thread-1 (serve)", "Anna", "Boris", "server.py"]
    sent, relayed = rows(svg, "message")
    assert words(sent)[1] == r"hello\n  server.py:31"
    assert words(relayed)[1] == r"#1 - hello\n  server.py:40"
    assert len(rows(svg, "note")) == 1


def test_a_recv_of_nothing_is_the_end_of_a_connection():
    found = check([*THREADS, ("server.py", "thread", "", "Thread-1 (serve)", "recv", "anna")])
    assert words(rows(drawn(found), "note")[-1])[1] == "recv · Anna"
    found.transcript[-1]["size"] = 0
    assert words(rows(drawn(found), "note")[-1])[1] == "recv · Anna: b''"


def test_two_messages_in_one_recv_end_in_one_row():
    events = [
        *[("anna", "sent", "one\n"), ("anna", "sent", "two\n")],
        ("server.py", "thread", "one\ntwo\n", "Thread-1", "recv", "anna", "server.py:31"),
    ]
    (read,) = rows(drawn(check(events)), "read")
    assert words(read)[1] == "recv · 2 messages at once  server.py:31"


def test_what_no_thread_reads_ends_before_the_lifeline():
    svg = drawn(check([*THREADS, ("boris", "sent", "me too\n")]))
    last = rows(svg, "message")[-1]
    assert words(last)[1] == r"me too\n  (not read)"
    assert heads(last) == 0


def test_a_call_that_failed_says_how():
    found = check([*THREADS, ("server.py", "thread", "", "Thread-1 (serve)", "send", "anna")])
    found.transcript[-1]["size"] = -9
    assert words(rows(drawn(found), "note")[-1])[1] == "send · Anna: EBADF"


def test_of_what_was_left_out_nothing_is_claimed():
    early = [("boris", "sent", "hello\n")]  # kept because it is about the line; then comes a hole
    svg = drawn(check([*early, *THREADS[:1]], missing={"to": "anna", "text": "hello"}))
    assert words(rows(svg, "message")[0])[1] == r"hello\n"
    assert heads(rows(svg, "message")[0]) == 1


def test_a_long_line_ends_at_the_recv_that_begins_it():
    long = "x" + "начало " * 200 + "\n"
    events = [("anna", "sent", long), *[("server.py", "thread", "", "T", "recv", "anna")] * 2]
    found = check(events)
    found.transcript[1] |= {"text": long[:80], "size": 1024}
    found.transcript[2] |= {"text": long[600:680], "size": len(long.encode()) - 1024}
    svg = drawn(found)
    assert heads(rows(svg, "message")[0]) == 1
    assert rows(svg, "read") == []


def test_a_read_before_which_its_thread_did_something_else_has_its_own_row():
    events = [
        ("anna", "sent", "one\n"),
        ("server.py", "thread", "", "Thread-1", "accept", "boris", "server.py:9"),
        ("server.py", "thread", "one\n", "Thread-1", "recv", "anna", "server.py:31"),
    ]
    svg = drawn(check(events))
    assert [row.get("class").split()[1] for row in rows(svg)] == ["message", "note", "read"]


@pytest.mark.parametrize("events", [[], [("server.py", "event", "SIGINT")]])
def test_without_a_message_there_is_nothing_to_draw(events):
    assert diagram.draw(check(events)) == ""


def test_hostile_texts_are_shown_and_do_nothing(hostile, full_of, assert_harmless):
    for found in full_of(hostile.text).checks:
        found.missing = {"from": hostile.text, "to": hostile.text, "text": hostile.text}
        found.offending = dict(found.missing)
        text = diagram.draw(found)
        assert_harmless(text)
        svg = Xml.fromstring(text)
        assert {node.tag.removeprefix(SVG) for node in svg.iter()} <= TAGS
        values = [value for node in svg.iter() for value in node.attrib.values()]
        assert not [value for value in values if "script" in value or "url(" in value]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)
KINDS = st.sampled_from(["sent", "received", "console", "event", "thread"]) | JSON
NAMES = st.sampled_from(["anna", "server.py", "lab4", "screen", ""]) | JSON
CALLS = st.sampled_from(["recv", "sendall", "accept"]) | JSON
TEXTS = st.sampled_from(["one\n", "two\n", "one\ntwo\n", ""]) | JSON
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "t": JSON,
        "who": NAMES,
        "dir": KINDS,
        "text": TEXTS,
        "thread": NAMES,
        "call": CALLS,
        "peer": NAMES,
        "size": JSON,
        "line": JSON,
    },
)
PASSAGES = st.none() | st.fixed_dictionaries({}, optional={"to": NAMES, "text": TEXTS})


@given(st.lists(EVENTS, max_size=12), PASSAGES, PASSAGES)
def test_whatever_a_result_holds_is_drawn(transcript, missing, offending):
    found = check([], missing=missing, offending=offending)
    found.transcript = transcript
    text = diagram.draw(found)
    assert not text or Xml.fromstring(text).tag == f"{SVG}svg"
