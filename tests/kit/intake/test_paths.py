"""Names from strangers: what is refused, what is written in another way, what is shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.intake.paths import is_archive, is_dropping, same, shown, spelled, split, stem


@pytest.mark.parametrize(
    "raw", ["../a", "a/../../b", "/etc/passwd", "\\\\host\\share", "C:\\a", "c:a", "..\\a", ".."]
)
def test_ways_out_are_refused(raw):
    parts, fault = split(raw)
    assert "would be unpacked outside its folder" in fault
    assert parts
    assert ".." not in parts


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("lab/server.py", ("lab", "server.py")),
        ("./lab//server.py", ("lab", "server.py")),
        ("lab\\server.py", ("lab", "server.py")),
        ("Лаба 4/мой чат.py", ("Лаба 4", "мой чат.py")),
        ("😀/👩‍💻.py", ("😀", "👩‍💻.py")),
        ("и\u0306.py", ("й.py",)),
        ("", ()),
        ("./", ()),
    ],
)
def test_honest_paths_stay(raw, parts):
    assert split(raw) == (parts, None)


@pytest.mark.parametrize(
    ("part", "safe"),
    [
        ("con.py", "_con.py"),
        ("COM1", "_COM1"),
        ("console.py", "console.py"),
        ("-rf", "_-rf"),
        ("a:b?.py", "a_b_.py"),
        ("\x1b[31m", "_[31m"),
        ("name. .", "name"),
        ("...", "_"),
        (" a ", "a"),
        ("\ud800", "_"),
    ],
)
def test_what_makes_trouble_is_written_in_another_way(part, safe):
    assert spelled(part) == safe


@settings(deadline=None)
@given(st.text() | st.text("./\\:C-con \0\x1b\u202e", max_size=20))
def test_no_part_is_ever_dangerous(raw):
    parts, _fault = split(raw)
    for part in parts:
        assert part == spelled(part), "not stable"
        assert part not in ("", ".", "..")
        assert not set(part) & set('/\\\0\x1b<>:"|?*')
        part.encode()


@settings(deadline=None)
@given(st.text())
def test_what_is_shown_is_short_and_stays_on_its_line(raw):
    text = shown(raw)
    assert len(text) <= 80
    assert len(text.splitlines()) <= 1
    assert "\x1b" not in text
    text.encode()


def test_a_byte_0_is_refused():
    assert split("a\0/b") == (
        ("a_", "b"),
        "the name a?/b is made to deceive: ask for the work anew",
    )


def test_files_that_are_one_somewhere():
    assert same(("A", "Й.py")) == same(("a", "и\u0306.py"))
    assert same(("a", "b")) != same(("ab",))


def test_names_without_their_endings():
    assert stem("Иванов.tar.gz") == "Иванов"
    assert stem("a.b.ZIP") == "a.b"
    assert stem("lab.py") == "lab.py"
    assert is_archive("x.RAR")
    assert not is_archive("zip.py")


def test_what_tools_leave_behind():
    assert is_dropping(("lab", "__pycache__", "a.pyc"))
    assert is_dropping(("lab", "._server.py"))
    assert not is_dropping(("lab", "server.py"))
