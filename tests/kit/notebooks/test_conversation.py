"""What a tap notes, and how it is drawn."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from lab4nb import sequence
from lab4nb.conversation import Conversation, Message, from_transcript
from lab4nb.lab import Lab, wait_until_arrived
from lab4nb.timeline import Timeline

from autograder.transcript import Transcript


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    monkeypatch.setenv("LAB4_LANG", "en")


def test_a_message_is_read_with_its_last_byte():
    talk = Conversation()
    with Lab() as lab:
        anna, boris = lab.pair()
        taps = talk.tap(anna, "anna", "boris"), talk.tap(boris, "boris", "anna")
        taps[0].sendall(b"one")
        taps[0].sendall(b"two")
        wait_until_arrived(boris, 6)
        assert taps[1].recv(4) == b"onet"
        first, second = talk.messages
        assert (first.text, second.text) == ("one", "two")
        assert first.read is not None and second.read is None
        assert taps[1].recv(4) == b"wo"
        assert second.read is not None and second.read >= first.read >= first.sent


def test_nothing_sent_is_no_message():
    talk = Conversation()
    talk.sent("anna", "boris", b"")
    assert talk.messages == []


def test_a_transcript_is_told_from_the_clients_side():
    transcript = Transcript()
    transcript.add("anna", "sent", b"hello\n")
    transcript.add("boris", "received", b"one\ntwo\n")
    transcript.add("server.py", "console", b"hello\n")
    found = [(message.who, message.to, message.text) for message in from_transcript(transcript)]
    assert found == [
        ("anna", "server", "hello"),
        ("server", "boris", "one"),
        ("server", "boris", "two"),
    ]


def drawn(*messages):
    svg = sequence.draw(["anna", "server", "boris"], messages).svg
    return ElementTree.fromstring(svg), svg


def test_a_message_read_at_once_is_a_flat_arrow_and_a_late_one_a_steep_one():
    flat, _svg = drawn(Message("anna", "server", "a", 0.0, 0.001))
    steep, _svg = drawn(
        Message("anna", "server", "a", 0.0, 0.9), Message("boris", "server", "b", 0.5, 0.501)
    )
    lines = [tree.findall("{*}line")[-1 - more] for tree, more in ((flat, 0), (steep, 1))]
    drops = [float(line.attrib["y2"]) - float(line.attrib["y1"]) for line in lines]
    assert drops[0] < 10 < drops[1]


def test_an_unread_message_is_dashed_and_has_no_head():
    tree, svg = drawn(Message("anna", "server", "a", 0.0))
    assert tree.findall("{*}path") == []
    assert "6 4" in svg


def test_words_of_others_are_no_markup():
    _tree, svg = drawn(Message("anna", "server", "<b>&", 0.0, 0.0))
    assert "&lt;b&gt;&amp;" in svg


def test_a_timeline_remembers_a_span_that_ended_badly():
    timeline = Timeline()
    with pytest.raises(ZeroDivisionError), timeline.span("anna", "waits"):
        _never = 1 / 0
    assert [(span.who, span.what) for span in timeline.spans] == [("anna", "waits")]
    assert timeline.end == timeline.spans[0].end
