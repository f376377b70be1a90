"""What a program does, told by its source alone."""

from __future__ import annotations

import time

import pytest

from autograder.intake import traits
from autograder.intake.traits import NOT, PERHAPS, SURELY


@pytest.fixture
def of(script):
    """Return a function that reads a source."""
    return lambda source: traits.of(script(source))


@pytest.mark.parametrize(
    ("source", "serves", "connects"),
    [
        ("s.bind(a)\ns.listen()\ns.accept()", SURELY, NOT),
        ("socket.create_server(('', 1))", SURELY, NOT),
        ("await asyncio.start_server(f)", SURELY, NOT),
        ("with socketserver.ThreadingTCPServer(a, H) as s: pass", SURELY, NOT),
        ("s.connect(a)", NOT, SURELY),
        ("s.bind(a)\ns.recvfrom(9)\ns.sendto(b, a)", PERHAPS, PERHAPS),
        ("entry.bind('<Return>', send)\ns.connect(a)", NOT, SURELY),
        ("# s.listen()\n'''s.accept()'''\nprint('s.connect(a)')", NOT, NOT),
        ("def listen(): pass", NOT, NOT),
        ("def listen(): s.recv(9)\nlisten()\ns.connect(a)", NOT, SURELY),
        ("class C:\n def connect(self): pass\n def f(self): self.connect()", NOT, NOT),
        ("class C:\n def accept(self): self.sock.accept()", SURELY, NOT),
        ("class S(socket.socket):\n def f(self): self.listen()", SURELY, NOT),
        ("class S(socketserver.ThreadingTCPServer): pass", SURELY, NOT),
        ("import os", NOT, NOT),
        ("", NOT, NOT),
    ],
)
def test_roles(of, source, serves, connects):
    found = of(source)
    assert (found.serves(), found.connects()) == (serves, connects)


def test_imports(of):
    found = of("import wire\nfrom chat.net import run\nimport os, sys\nfrom . import x")
    assert {"wire", "chat", "os", "sys"} <= found.imports
    assert of("print(a, b)").imports == frozenset()


@pytest.mark.parametrize(
    ("source", "runs"),
    [
        ("import a\nclass B:\n    def c(self):\n        d()\n", False),
        ("'''words\nwith (brackets)\n'''\nX = 1\n", False),
        ("if __name__ == '__main__':\n    main()\n", True),
        ("while True:\n    pass\n", True),
        ("asyncio.run(main())\n", True),
    ],
)
def test_who_starts_by_itself(of, source, runs):
    assert of(source).runs is runs


def test_a_mistake_hides_nothing_that_stands_before_it(of):
    assert of("s.listen()\nif x:\n        a\n    b\n").serves() == SURELY
    assert of("s.listen()\nprint('hi\n(((").serves() == SURELY


def test_old_python_and_old_letters(script):
    path = script("print 'x'\ns.listen(1)\n")
    path.write_bytes("# -*- coding: cp1251 -*-\n# чат\n".encode("cp1251") + path.read_bytes())
    assert traits.of(path).serves() == SURELY


@pytest.mark.parametrize("source", ["(" * 60_000, "-" * 60_000 + "1", "a" + ".b" * 30_000, "\0"])
def test_what_would_break_a_parser_does_not(of, source):
    started = time.monotonic()
    assert of(source).serves() == NOT
    assert time.monotonic() - started < 30


def test_nothing_is_run(of, tmp_path):
    of(f"open({str(tmp_path / 'trace')!r}, 'w')")
    assert not (tmp_path / "trace").exists()
