"""A question is answered when it has been read, not before."""

from __future__ import annotations

import threading

import pytest

from autograder.harness import quiescence
from autograder.harness.console import Rest, Typist

LONG_S = 20.0


@pytest.mark.skipif(not quiescence.available(), reason="nothing is proved here")
def test_nobody_rests_whose_question_has_not_been_read(launch, monkeypatch, eventually):
    program = launch("input(); print('Port: ', end='', flush=True); print(input())")
    feed, asked, gate = program.stdout.feed, threading.Event(), threading.Event()

    def late(data: bytes) -> None:
        asked.set()
        assert gate.wait(LONG_S)
        feed(data)

    monkeypatch.setattr(program.stdout, "feed", late)
    with Rest(program) as rest, quiescence.Observer(program.pid, 0) as observer:
        eventually(rest.proved)
        program.type_bytes(b"\n")
        assert asked.wait(LONG_S)
        eventually(lambda: observer.observe([]).verdict is quiescence.Verdict.QUIET)
        assert not rest.proved()
        gate.set()
        eventually(rest.proved)
    assert Typist(program, ["anna"], port=4711).answers()
    assert program.stdout.wait(lambda data: data.endswith(b"4711\n"), LONG_S)


@pytest.fixture
def unseen():
    with quiescence.switched_off():
        yield


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize("question", ["input('Port: ')", "print('Ready.'); input()"])
def test_where_nothing_can_be_seen_a_pause_is_taken_for_a_question(launch, eventually, question):
    program = launch(f"{question}; print('thanks'); import threading; threading.Event().wait()")
    with Rest(program) as rest:
        eventually(rest.asks)
        assert program.stdout.size > 0
        assert not rest.asks()  # the next question takes as long
        assert not rest.proved()
        assert Typist(program, ["4711"], port=4711).answers()
    assert program.stdout.wait(lambda data: data.endswith(b"thanks\n"), LONG_S)
