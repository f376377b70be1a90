"""Names for files: safe, and none twice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.intake.keys import Register, key_of
from autograder.intake.paths import spelled


@pytest.mark.parametrize(
    ("name", "participant", "key"),
    [
        ("Иванов Иван", "12", "Иванов-Иван-12"),
        ("Участник 12", "12", "Участник-12"),
        ("lab4_ivanov", None, "lab4-ivanov"),
        ("O'Neil 😀", None, "O-Neil"),
        ("../..", None, "work"),
        ("con", None, "_con"),
        ("x" * 300, "7", "x" * 60 + "-7"),
    ],
)
def test_keys_tell_who_it_is(name, participant, key):
    assert key_of(name, participant) == key


@settings(deadline=None)
@given(st.text())
def test_keys_are_safe(name):
    key = key_of(name, None)
    assert key == spelled(key)
    assert len(key) <= 61
    assert not set(key) & set("/\\. ")


def test_the_second_one_is_numbered_even_in_other_case():
    register = Register()
    names = [register.unique(name, " ({})") for name in ("Anna", "anna", "Anna", "Anna (2)")]
    assert names == ["Anna", "anna (2)", "Anna (3)", "Anna (2) (2)"]
