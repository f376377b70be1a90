"""Lines of a source that are worth a look."""

from __future__ import annotations

import pytest

from autograder.grading import catalog, suspects

CASES = [
    ("relay", "Thread(target=talk(sock)).start()", "target=talk(sock)"),
    ("text_intact", "text = sock.recv(1024).decode()", "decodes what one recv() brought"),
    ("framing_merged", "data = sock.recv(1024)", "nothing here looks for its end"),
    ("ids_stable", "name = f'user {users.index(sock)}'", "place in a list"),
    ("ids_stable", "number = len(users)\nusers.append(number)", "same number again"),
    ("ids_stable", "users[sock] = len(users) + 1", "same number again"),
    ("time_prefix", "now = f'{t.hour}:{t.minute:02}'", "`t.hour` has one digit"),
    ("time_prefix", "now = str(t.hour) + ':'", "`t.hour` has one digit"),
    ("time_prefix", "now = str(t.hour).ljust(2, '0')", "pads on the right"),
    ("races", "users.remove(x)\nfor user in users:\n    user.send(x)", "may change meanwhile"),
    ("races", "def f():\n    with Lock():\n        pass", "each call of f()"),
    ("races", "with lock:\n    users.add(x)\nusers.remove(x)", "without the lock"),
    ("slow_reader", "with lock:\n    sock.sendall(x)", "holds `lock` meanwhile"),
    ("slow_reader", "for s in users:\n    users.remove(s)", "leaves the next one out"),
    ("races", "for s in users.values():\n    users.pop(s)", "or breaks off"),
    ("slow_reader", "def tell():\n    s.send(x)\nwith lock:\n    tell()", "`tell()` may have"),
    (
        "reset_survived",
        "def tell():\n    lock.acquire()\n    s.sendall(x)\n    lock.release()",
        "`with lock:` unlocks it",
    ),
    ("no_spin", "while True:\n    try:\n        f()\n    except OSError:\n        pass", "goes on"),
    ("stops_cleanly", "try:\n    f()\nexcept:\n    pass", "catches Ctrl-C"),
    ("client_prints_while_typing", "while True:\n    input()\n    s.recv(9)", "this loop waits"),
    ("client_prints_while_typing", "with lock:\n    x = input()", "holds `lock` meanwhile"),
    ("client_prints_while_typing", "print(x, end=' ')", "before flush=True"),
    ("client_sends_typed", "t.start()\nt.join()\nwhile 1:\n    f()", "`t.join()` waits here"),
]
RIGHT = [
    ("ids_stable", "data = sock.recv(1024)\nif len(data) == 0:\n    users.pop(sock)"),
    ("relay", "Thread(target=talk, args=(sock,)).start()"),
    ("framing_merged", "lines = sock.recv(1024).split(b'\\n')"),
    ("time_prefix", "now = f'{t.hour:02}:{t.minute:02}'"),
    ("time_prefix", "now = str(t.hour).zfill(2)"),
    ("races", "users.remove(x)\nfor user in list(users):\n    user.send(x)"),
    ("races", "users.remove(x)\nwith lock:\n    for user in users:\n        user.send(x)"),
    ("slow_reader", "with lock:\n    others = list(users)\nfor user in others:\n    user.send(x)"),
    ("slow_reader", "for s in list(users):\n    users.remove(s)"),
    ("slow_reader", "for s in users:\n    users.remove(s)\n    break"),
    (
        "no_deadlock",
        "def f():\n    lock.acquire()\n    try:\n        g()\n    finally:\n        lock.release()",
    ),
    ("no_deadlock", "def wait():\n    seats.acquire()\ndef leave():\n    seats.release()"),
    ("stops_cleanly", "try:\n    f()\nexcept Exception:\n    pass"),
    (
        "stops_cleanly",
        "def f():\n    try:\n        g()\n    except:\n        pass\nThread(target=f)",
    ),
    ("client_prints_while_typing", "print(x, end='\\n> ')"),
    ("client_prints_while_typing", "print(x, end='')"),
    ("client_prints_while_typing", "print(x, end=' ', flush=True)"),
    ("client_sends_typed", "t.start()\nf()\nt.join()"),
    ("client_sends_typed", "t.start()\nu.join()"),
]


def look(tmp_path, check: str, source: str) -> list[str]:
    script = tmp_path / "server.py"
    script.write_text(source, encoding="utf-8")
    return suspects.look(script, check)


@pytest.mark.parametrize(("check", "source", "sentence"), CASES)
def test_a_suspect_is_named_with_its_line(tmp_path, check, source, sentence):
    (found, *_more) = look(tmp_path, check, source)
    assert found.startswith("server.py:")
    assert sentence in found


@pytest.mark.parametrize(("check", "source"), RIGHT)
def test_a_right_line_is_no_suspect(tmp_path, check, source):
    assert look(tmp_path, check, source) == []


@pytest.mark.parametrize("source", ["def (", "", "x = " + "(" * 5000, "\0"])
def test_a_source_that_cannot_be_parsed_has_no_suspects(tmp_path, source):
    assert look(tmp_path, "relay", source) == []


def test_no_more_are_shown_than_a_person_reads(tmp_path):
    assert len(look(tmp_path, "ids_stable", "x.index(y)\n" * 20)) == suspects.MOST_SHOWN


def test_a_long_line_is_cut(tmp_path):
    (found,) = look(tmp_path, "relay", f"Thread(target=f({'x' * 200}))")
    assert len(found) < 140


def test_each_pattern_belongs_to_a_check_that_exists():
    assert suspects.PATTERNS.keys() <= catalog.ABOUT.keys()
