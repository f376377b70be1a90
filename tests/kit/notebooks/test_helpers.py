"""The helpers of the notebooks: words, boxes, the lab, drawings."""

from __future__ import annotations

import re
import string
from pathlib import Path
from xml.etree import ElementTree

import pytest
from lab4nb import boxes, language, spacetime, strips
from lab4nb.lab import Lab, wait_until_arrived

from autograder.grading.result import CheckResult

PACKAGE = Path(language.__file__).parent


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    monkeypatch.setenv("LAB4_LANG", "en")


def fields(text: str) -> set[str | None]:
    return {field for _text, field, _spec, _conversion in string.Formatter().parse(text)} - {None}


@pytest.mark.parametrize("name", language.catalog())
def test_every_word_is_there_in_both_languages_with_the_same_values(name):
    texts = language.catalog()[name]
    assert set(texts) == {"ru", "en"}
    assert fields(texts["ru"]) == fields(texts["en"])


def test_every_word_is_used_and_every_name_is_known():
    sources = [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "source").glob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    topics = {name.split(".")[0] for name in language.catalog()}
    used = {
        name for name in re.findall(r"""["'](\w+\.\w+)["']""", text) if name.split(".")[0] in topics
    }
    families = re.findall(r'f"(\w+\.\w*)\{', text)  # one name for each of several cases
    known = set(language.catalog())
    assert used <= known
    unused = known - used
    assert [name for name in sorted(unused) if not name.startswith(tuple(families) or " ")] == []


def test_the_language_is_that_of_the_folder(monkeypatch, tmp_path):
    (tmp_path / "ru").mkdir()
    monkeypatch.chdir(tmp_path / "ru")
    assert language.language() == "ru"
    monkeypatch.chdir(tmp_path)
    assert language.language() == "en"


@pytest.mark.parametrize(
    ("guess", "kind", "words"),
    [
        (..., "guess", "What would you have predicted?"),
        (5, "right", "You predicted 5, and 5 it is."),
        (4, "note", "You predicted 4, and 5 came out."),
    ],
)
def test_a_prediction_is_compared(guess, kind, words):
    box = boxes.compare(guess, 5)
    assert box.kind == kind
    assert words in repr(box)


def test_a_box_shows_code_and_no_html_of_others():
    shown = boxes.Box("wrong", "`<b>` & more")._repr_html_()
    assert "<code>&lt;b&gt;</code> &amp; more" in shown


def test_the_lab_ends_whoever_waits_and_keeps_what_went_wrong():
    def wait(sock):
        sock.recv(1)

    def fail():
        raise ZeroDivisionError

    with Lab() as lab:
        _anna, boris = lab.pair()
        waiting = lab.thread(wait, boris)
        accepting = lab.thread(lab.listen().accept)
        lab.thread(fail).join()
    assert [type(error) for error in lab.errors] == [ZeroDivisionError]
    assert not waiting.is_alive()
    assert not accepting.is_alive()


def test_the_lab_names_a_thread_that_does_not_end(monkeypatch):
    import threading

    monkeypatch.setattr("lab4nb.lab.END_S", 0.05)
    end = threading.Event()
    with pytest.raises(RuntimeError, match="did not end"), Lab() as lab:
        lab.thread(end.wait)
    end.set()


def test_bytes_that_do_not_come_are_an_error(monkeypatch):
    monkeypatch.setattr("lab4nb.lab.ARRIVE_S", 0.05)
    with Lab() as lab:
        anna, boris = lab.pair()
        anna.sendall(b"abc")
        wait_until_arrived(boris, 3)
        with pytest.raises(TimeoutError, match="4 bytes"):
            wait_until_arrived(boris, 4)


@pytest.mark.parametrize(
    ("piece", "shown"),
    [
        ("ая".encode(), [(1.0, "а"), (3.0, "я")]),
        ("я".encode()[:1] + b"a", [(0.5, "▯"), (1.5, "a")]),
        (b"a\n", [(0.5, "a"), (1.5, "↵")]),
    ],
)
def test_letters_stand_in_the_middle_of_their_bytes(piece, shown):
    assert strips.letters(piece) == shown


def test_a_drawing_takes_the_colour_of_the_page():
    svg = strips.river([b"ab", b"c"], [b"abc"]).svg
    ElementTree.fromstring(svg)
    assert "currentColor" in svg
    assert "#010203" not in svg


def test_a_failed_check_is_drawn_as_the_reports_draw_it():
    sent = {"t": 0.1, "who": "anna", "dir": "sent", "text": "<b>hello\n"}
    check = CheckResult("relay", 1, "failed", 0, 15, "Relay", transcript=[sent])
    shown = spacetime.draw(check)._repr_html_()
    tree = ElementTree.fromstring(shown)
    assert r"<b>hello\n" in "".join(tree.itertext())
