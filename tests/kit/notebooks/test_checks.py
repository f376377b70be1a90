"""The checks of the exercises tell right from wrong, and say why."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest
from lab4nb import clinic
from lab4nb.checks import blocked, framing, life, many_users, river, scheduler, threads, two_users
from lab4nb.checks import clinic as clinic_check
from lab4nb.puppet import Lock
from lab4nb.scheduler import World


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    monkeypatch.setenv("LAB4_LANG", "en")


def judged(box, kind, words):
    assert (box.kind, words in box.text) == (kind, True), box


def not_done(*arguments):
    return ...


# -- 0


def talk(client):
    with client:
        while data := client.recv(1024):
            client.sendall(data)


def in_a_thread(client):
    threading.Thread(target=talk, args=(client,)).start()


def called_at_once(client):
    threading.Thread(target=talk(client)).start()


@pytest.mark.parametrize(
    ("solution", "kind", "words"),
    [
        (not_done, "todo", "There is still `...`"),
        (in_a_thread, "right", "All three were answered"),
        (called_at_once, "wrong", "Look at the brackets"),
        (lambda client: None, "wrong", "Not even the first"),
        (lambda client: 1 / 0, "wrong", "ZeroDivisionError"),
    ],
)
def test_welcoming_clients(monkeypatch, solution, kind, words):
    monkeypatch.setattr(blocked, "ANSWER_S", 0.5)
    judged(blocked.welcome(solution), kind, words)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(..., "todo"), ("x", "todo"), ("a", "wrong"), ("b", "right"), ("c", "wrong")],
)
def test_who_shook_hands(answer, kind):
    assert blocked.who_shook_hands(answer).kind == kind


# -- 1


@pytest.mark.parametrize(
    ("solution", "kind", "words"),
    [
        (not_done, "todo", "There is still `...`"),
        (lambda pieces: b"".join(pieces).decode(), "right", "Right for all 29 cuts"),
        (lambda pieces: "".join(p.decode() for p in pieces), "wrong", "after byte 1"),
        (lambda pieces: "".join(p.decode(errors="ignore") for p in pieces), "wrong", "hidden"),
        (lambda pieces: b"".join(pieces), "wrong", "Expected a `str`"),
        (lambda pieces: 1 / 0, "wrong", "ZeroDivisionError"),
    ],
)
def test_decoding_pieces(solution, kind, words):
    judged(river.decode_all(solution), kind, words)


# -- 2


class Right:
    rest = b""

    def receive_data(self, data):
        *ended, self.rest = (self.rest + data).split(b"\n")
        return [line.decode() for line in ended]


class NotDone:
    def receive_data(self, data):
        return ...


class Forgetful:
    def receive_data(self, data):
        return [line.decode("utf-8", "replace") for line in data.split(b"\n") if line]


class KeepsEmpty(Right):
    def receive_data(self, data):
        return [*super().receive_data(data), ""]


class DecodesEarly:
    rest = ""

    def receive_data(self, data):
        *ended, self.rest = (self.rest + data.decode()).split("\n")
        return ended


class ReturnsText(Right):
    def receive_data(self, data):
        return "".join(super().receive_data(data))


@pytest.mark.parametrize(
    ("decoder", "kind", "words"),
    [
        (Right, "right", "for every n"),
        (NotDone, "todo", "There is still `...`"),
        (Forgetful, "wrong", "It came in the pieces"),
        (KeepsEmpty, "wrong", "with the lines come empty ones"),
        (DecodesEarly, "wrong", "half a letter"),
        (ReturnsText, "wrong", "must return the list"),
    ],
)
def test_finding_lines(decoder, kind, words):
    judged(framing.lines(decoder), kind, words)


WIRE = """
class LineDecoder:
    def __init__(self, limit=0):
        self.rest = b""

    def receive_data(self, data):
        *ended, self.rest = (self.rest + data).split(b"\\n")
        return [line.decode() for line in ended]
"""


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        (WIRE, "wrong", "one client takes all the memory"),
        (WIRE.replace("self.rest +", "b'' +"), "wrong", "It came in the pieces"),
        (WIRE.replace("return [", "return [] and ["), "todo", "`TODO(4.2)`"),
        ("import nosuchmodule", "wrong", "nosuchmodule"),
        ("", "note", "you built it in another way"),
        (None, "todo", "There is no file `wire.py`"),
    ],
)
def test_the_students_wire(monkeypatch, tmp_path, source, kind, words):
    monkeypatch.setenv("LAB4_WORK", str(tmp_path))
    if source is not None:
        (tmp_path / "wire.py").write_text(source, encoding="utf-8")
    judged(framing.wire(), kind, words)


# -- 3


def to_the_end(sock):
    try:
        while sock.recv(1024):
            pass
    except OSError:
        return "broke"
    return "left"


def at_first_word(sock):
    try:
        return "left" if sock.recv(1024) == b"" else "still there"
    except OSError:
        return "broke"


def never_broken(sock):
    while sock.recv(1024):
        pass
    return "left"


def spins(sock):
    with contextlib.suppress(OSError):  # the lab closes it in the end
        while True:
            sock.recv(1024)


def all_the_same(sock):
    with contextlib.suppress(OSError):
        while sock.recv(1024):
            pass
    return "left"


@pytest.mark.parametrize(
    ("solution", "kind", "words"),
    [
        (not_done, "todo", "There is still `...`"),
        (to_the_end, "right", "All three ways"),
        (at_first_word, "wrong", "come again for the end"),
        (never_broken, "wrong", "The connection broke, and the function fell"),
        (spins, "wrong", "nothing more will come"),
        (all_the_same, "wrong", "Expected: 'broke'"),
    ],
)
def test_telling_how_it_ended(monkeypatch, solution, kind, words):
    monkeypatch.setattr(life, "WAIT_S", 0.5)
    judged(life.how_it_ended(solution), kind, words)


# -- 4


def each(clients, talk):
    started = [threading.Thread(target=talk, args=(client,)) for client in clients]
    for thread in started:
        thread.start()
    return started


def late_binding(clients, talk):
    client, started = clients[-1], []
    for _client in clients:
        started.append(threading.Thread(target=lambda: talk(client)))
    for thread in started:
        thread.start()
    return started


def called(clients, talk):
    return [threading.Thread(target=talk(client)) for client in clients]


def joined_in_the_loop(clients, talk):
    started = []
    for client in clients:
        started.append(threading.Thread(target=talk, args=(client,)))
        started[-1].start()
        started[-1].join()
    return started


@pytest.mark.parametrize(
    ("solution", "kind", "words"),
    [
        (not_done, "todo", "There is still `...`"),
        (each, "right", "Four conversations at once"),
        (late_binding, "wrong", "when it runs, and the loop has gone on"),
        (called, "wrong", "It was the main thread that talked"),
        (joined_in_the_loop, "wrong", "`join()` inside the loop"),
        (lambda clients, talk: [], "wrong", "nobody called `talk`"),
        (lambda clients, talk: each(clients, talk)[0], "wrong", "return the list of threads"),
        (lambda clients, talk: each([*clients[:3], clients[0]], talk), "wrong", "each of the four"),
    ],
)
def test_serving_each_client(monkeypatch, solution, kind, words):
    monkeypatch.setattr(threads, "MEET_S", 0.4)
    judged(threads.serve_each(solution), kind, words)


# -- 5

shop = {"left": 10}
lock = Lock()


def reset():
    shop["left"] = 10


def unlocked():
    left = shop["left"]
    shop["left"] = left - 1


def locked():
    with lock:
        left = shop["left"]
        shop["left"] = left - 1


def lock_for_the_write():
    left = shop["left"]
    with lock:
        shop["left"] = left - 1


def lock_of_its_own():
    with Lock():
        left = shop["left"]
        shop["left"] = left - 1


def locked_twice():
    with lock, lock:
        shop["left"] -= 1


def never_released():
    lock.acquire()
    shop["left"] -= 1


real_lock = threading.Lock()


def locked_for_real():
    with real_lock:
        left = shop["left"]
        shop["left"] = left - 1


@pytest.mark.parametrize(
    ("solution", "kind", "words"),
    [
        (not_done, "todo", "There is still `...`"),
        (locked, "right", "Right in all possible orders"),
        (unlocked, "wrong", "9 are left instead of 8"),
        (lock_for_the_write, "wrong", "9 are left instead of 8"),
        (lock_of_its_own, "wrong", "9 are left instead of 8"),
        (locked_twice, "wrong", "nobody can go on"),
        (never_released, "wrong", "nobody can go on"),
        (locked_for_real, "wrong", "cannot see"),
        (lambda: 1 / 0, "wrong", "ZeroDivisionError"),
    ],
)
def test_selling_safely(monkeypatch, solution, kind, words):
    monkeypatch.setattr("lab4nb.puppet.STEP_S", 0.5)
    world = World([solution, solution], before=reset, after=lambda: shop["left"])
    judged(scheduler.every_schedule(world, 8), kind, words)
    assert [thread for thread in threading.enumerate() if thread.name.startswith("puppet")] == []


# -- 6


def relay(source, target):
    while data := source.recv(1024):
        target.sendall(data)


def once(source, target):
    target.sendall(source.recv(1024))


def without_end(source, target):
    with contextlib.suppress(OSError):
        while True:
            target.sendall(source.recv(1024))


@pytest.mark.parametrize(
    ("solution", "kind", "words"),
    [
        (not_done, "todo", "There is still `...`"),
        (relay, "right", "each way, at the same time"),
        (once, "wrong", "One `recv` does not bring all"),
        (without_end, "wrong", "Anna has left and your thread stays"),
        (lambda source, target: 1 / 0, "wrong", "ZeroDivisionError"),
    ],
)
def test_relaying(solution, kind, words):
    judged(two_users.relay(solution), kind, words)


# -- 7


def broadcast(members, lock, author, line):
    with lock:
        others = [member for member in members if member is not author]
    for member in others:
        with contextlib.suppress(OSError):
            member.sendall(line)


def under_the_lock(members, lock, author, line):
    with lock:
        for member in members:
            if member is not author:
                with contextlib.suppress(OSError):
                    member.sendall(line)


def without_a_copy(members, lock, author, line):
    for member in members:
        if member is not author:
            with contextlib.suppress(OSError):
                member.sendall(line)


def stopped_by_the_dead(members, lock, author, line):
    for member in list(members):
        if member is not author:
            member.sendall(line)


def to_everybody(members, lock, author, line):
    for member in list(members):
        with contextlib.suppress(OSError):
            member.sendall(line)


def takes_it_twice(members, lock, author, line):
    with lock:
        lock.acquire(timeout=1)
        lock.acquire(timeout=1)


@pytest.mark.parametrize(
    ("solution", "kind", "words"),
    [
        (not_done, "todo", "There is still `...`"),
        (broadcast, "right", "the leaver shifted nobody"),
        (under_the_lock, "wrong", "The lock is held during `sendall`"),
        (without_a_copy, "wrong", "Go through a copy"),
        (stopped_by_the_dead, "wrong", "The second client is dead"),
        (to_everybody, "wrong", "The author got their own words"),
        (takes_it_twice, "wrong", "The function did not return"),
        (lambda members, lock, author, line: members[3].sendall(line), "wrong", "Somebody else"),
    ],
)
def test_broadcasting(monkeypatch, solution, kind, words):
    monkeypatch.setattr(many_users, "WAIT_S", 0.4)
    judged(many_users.broadcast(solution), kind, words)


# -- 8


@pytest.mark.parametrize(
    ("chart", "kind", "words"),
    [
        ({}, "todo", "No. 6: no diagnosis yet."),
        ({number: clinic.disease(number) for number in range(1, 7)}, "right", "The cure"),
        (dict.fromkeys(range(1, 7), "echo"), "wrong", "no, not `echo`. Order"),
        ({1: "flu"}, "todo", "there is no diagnosis `flu`"),
    ],
)
def test_diagnoses(chart, kind, words):
    judged(clinic_check.diagnoses(chart), kind, words)


def test_a_complaint_is_drawn_and_a_healthy_patient_is_not():
    ill = next(number for number in range(1, 7) if clinic.disease(number) == "twice")
    assert 'class="st-row st-missing' in clinic.examine(ill, "leave")._repr_html_()
    assert "<svg" not in clinic.examine(ill, "talk")._repr_html_()


def test_a_kit_without_broken_programs_says_so(monkeypatch, tmp_path):
    clinic.ward.cache_clear()
    monkeypatch.setattr("autograder.trust.corpus.CORPUS", tmp_path)
    judged(clinic.examine(1, "talk"), "todo", "has no broken programs")
    judged(clinic_check.diagnoses({}), "todo", "has no broken programs")


# -- the student's own programs

SILENT = (
    "import socket\nwith socket.create_server(('127.0.0.1', 0)) as s:\n while True: s.accept()\n"
)


@pytest.mark.parametrize(
    "check",
    [two_users.server, threads.server, scheduler.numbers, many_users.server, life.leavers],
    ids=lambda check: check.__module__.rpartition(".")[2],
)
def test_a_server_that_relays_nothing_is_told_so(monkeypatch, tmp_path, check):
    monkeypatch.setattr(scheduler, "WAIT_S", 0.5)
    monkeypatch.setenv("LAB4_WORK", str(tmp_path))
    (tmp_path / "server.py").write_text(SILENT, encoding="utf-8")
    box = check()
    assert box.kind == "wrong"
    assert "Expected" in box.text or "did not hear" in box.text


def test_a_work_without_a_server_is_told_where_it_was_looked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("LAB4_WORK", str(tmp_path))
    judged(blocked.server_starts(), "todo", f"There is no file `server.py` in {tmp_path}")


def test_a_listener_nobody_accepts_at_lets_few_in(monkeypatch, tmp_path):
    monkeypatch.setattr(blocked, "ANSWER_S", 0.3)
    monkeypatch.setenv("LAB4_WORK", str(tmp_path))
    sleepy = "import socket, threading\ns = socket.create_server(('127.0.0.1', 0), backlog=1)\n"
    (tmp_path / "server.py").write_text(sleepy + "threading.Event().wait()", encoding="utf-8")
    if socket.has_dualstack_ipv6() and not hasattr(socket, "TCP_QUICKACK"):
        pytest.skip("only Linux keeps the third one out")
    judged(blocked.server_starts(), "wrong", "Your server let in")
