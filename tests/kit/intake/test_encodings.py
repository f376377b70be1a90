"""Names without a known code page: the letters that were meant."""

from __future__ import annotations

import pytest

from autograder.intake.encodings import code_page, decoded


@pytest.mark.parametrize("page", ["utf-8", "cp866", "cp1251"])
@pytest.mark.parametrize(
    "names",
    [
        ["Иванов Иван/server.py"],
        ["иван/сервер.py", "иван/клиент.py"],
        ["ЛАБОРАТОРНАЯ/КЛИЕНТ.py"],
        ["Ёлкина Юлия_LAB4/Чат.py", "Щукин Эдуард/мой чат (2).py"],
    ],
)
def test_russian_names_in_each_code_page(page, names):
    raw = [name.encode(page) for name in names]
    assert [decoded(name, code_page(raw)) for name in raw] == names


@pytest.mark.parametrize("name", ["André Müller/server.py", "Jörg/Übung 4.py", "peña.py"])
def test_western_names_stay_western(name):
    raw = name.encode("cp437")
    assert decoded(raw, code_page([raw])) == name


def test_one_name_helps_another():
    """A short one fits several code pages; those beside it have the same."""
    names = ["яя", "Программа для общения"]
    raw = [name.encode("cp1251") for name in names]
    assert [decoded(name, code_page(raw)) for name in raw] == names


def test_plain_names_are_no_question():
    assert code_page([b"server.py"]) == "utf-8"
    assert code_page([]) == "utf-8"


def test_bytes_that_mean_nothing_are_shown_as_such():
    assert decoded(b"\xff\x98a", "cp1251") == "я\ufffda"
