"""The checks of the exercises tell right from wrong, and say why."""

from __future__ import annotations

import pytest
from lab4nb.checks import river


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    monkeypatch.setenv("LAB4_LANG", "en")


@pytest.mark.parametrize(
    ("solution", "kind", "words"),
    [
        (lambda pieces: ..., "todo", "There is still `...`"),
        (lambda pieces: b"".join(pieces).decode(), "right", "Right for all 29 cuts"),
        (lambda pieces: "".join(p.decode() for p in pieces), "wrong", "after byte 1"),
        (lambda pieces: "".join(p.decode(errors="ignore") for p in pieces), "wrong", "hidden"),
        (lambda pieces: b"".join(pieces), "wrong", "Expected a `str`"),
        (lambda pieces: 1 / 0, "wrong", "ZeroDivisionError"),
    ],
)
def test_decoding_pieces(solution, kind, words):
    box = river.decode_all(solution)
    assert (box.kind, words in box.text) == (kind, True), box
