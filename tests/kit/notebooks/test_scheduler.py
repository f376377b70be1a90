"""Real threads, stopped before each step, in every order."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from lab4nb import interleavings, puppet, stage
from lab4nb.puppet import Lock
from lab4nb.scheduler import World


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    monkeypatch.setenv("LAB4_LANG", "en")


@pytest.fixture(autouse=True)
def no_puppet_stays():
    yield
    assert [thread for thread in threading.enumerate() if thread.name.startswith("puppet")] == []


shop = {"left": 10}
lock = Lock()
total = 10


def sell():
    left = shop["left"]
    left = left - 1
    shop["left"] = left


def sell_under_lock():
    with lock:
        left = shop["left"]
        shop["left"] = left - 1


def in_one_line():
    global total
    total -= 1


def reset():
    global total
    shop["left"] = total = 10


def desks(function, by="line"):
    after = (lambda: total) if by == "opcode" else lambda: shop["left"]
    return World([function, function], before=reset, after=after, by=by)


def test_every_order_of_three_lines_each_is_run_once():
    runs = desks(sell).explore()
    assert len({run.schedule for run in runs}) == len(runs) == 20
    assert Counter(run.result for run in runs) == {9: 18, 8: 2}
    assert {run.schedule for run in runs if run.result == 8} == {"AAABBB", "BBBAAA"}


def test_one_line_is_three_instructions():
    runs = desks(in_one_line, by="opcode").explore()
    assert Counter(run.result for run in runs) == {9: 18, 8: 2}
    assert [text.split()[0] for _who, text in runs[0].steps[:3]] == [
        "LOAD_GLOBAL",
        "BINARY_OP",
        "STORE_GLOBAL",
    ]


def test_a_schedule_can_stop_in_the_middle():
    run = desks(sell).play("AAB")
    assert run.result == 10
    assert [(one.line, one.variables) for one in run.puppets] == [
        (3, {"left": 9}),
        (2, {"left": 10}),
    ]


def test_who_waits_for_a_lock_cannot_go():
    run = desks(sell_under_lock).play("ABB")
    assert run.schedule == "AB"  # B has met the lock, and its second step is left out
    assert run.blocked == "B"
    assert {run.result for run in desks(sell_under_lock).explore()} == {8}


def test_a_puppet_that_never_ends_is_let_go(monkeypatch):
    monkeypatch.setattr(puppet, "LAST_STEPS", 100)

    def endless():
        while True:
            shop["left"] += 1

    run = World([endless], before=reset, after=lambda: shop["left"]).play("AAAA")
    assert run.result == 12
    assert not run.puppets[0].done


def test_a_lock_is_not_released_by_who_has_none():
    def wrong():
        lock.release()

    run = World([wrong], before=reset, after=lambda: None).play("A")
    assert isinstance(run.puppets[0].error, RuntimeError)


def test_the_map_has_a_square_for_each_step_and_a_mark_for_each_run():
    runs = desks(sell).explore()
    svg = interleavings.draw(runs, right=8).svg
    assert svg.count("patch_") >= 20 * 6


def test_the_desk_shows_the_next_line_of_each():
    shown = stage.look(desks(sell), "AAB")._repr_html_()
    assert '▶     shop["left"] = left' in shown.replace("&quot;", '"')
    assert shown.count("▶") == 2


def test_the_button_of_who_waits_for_a_lock_is_off():
    step_a, step_b, _again = stage.buttons(desks(sell_under_lock), right=8).children[0].children
    step_a.click()
    step_b.click()
    assert step_b.disabled and not step_a.disabled


def test_the_buttons_move_and_say_when_it_is_broken():
    desk = stage.buttons(desks(sell), right=8)
    (step_a, step_b, again), (picture, verdict) = desk.children[0].children, desk.children[1:]
    for button in (step_a, step_b, step_a, step_b, step_a):
        button.click()
    assert step_a.disabled and not step_b.disabled
    assert verdict.value == ""
    step_b.click()
    assert "You broke it: 9 left" in verdict.value
    again.click()
    assert verdict.value == "" and not step_a.disabled
    for button in (step_a, step_a, step_a, step_b, step_b, step_b):
        button.click()
    assert "8 left, the books are right" in verdict.value
    assert "has ended" in picture.value
