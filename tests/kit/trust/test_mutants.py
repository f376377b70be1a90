"""Each operator changes what it should, once, and nothing else."""

from __future__ import annotations

import difflib

import pytest

from autograder.trust import corpus, killing, mutants

CHANGES = {
    "delete": ("    g()", "    pass"),
    "return None": ("    return 7", "    return None"),
    "break to continue": ("        break", "        continue"),
    "continue to break": ("        continue", "        break"),
    "negate": ("    if a:", "    if not (a):"),
    "number": ("    return 7", "    return 0"),
    "boolean": ("    return True", "    return False"),
    "catch nothing": ("    except OSError:", "    except ZeroDivisionError:"),
    "swap": ("    while a < b:", "    while a <= b:"),
}


def program(line: str) -> str:
    word = line.split()[0].rstrip(":")
    if word == "except":
        body = f"    try:\n        g()\n{line}\n        g()"
    elif word in ("if", "while"):
        body = f"{line}\n        g()"
    elif word in ("break", "continue"):
        body = f"    while a:\n{line}"
    else:
        body = line
    return f"def f(a, b):\n{body}\n"


@pytest.mark.parametrize("operator", CHANGES)
def test_an_operator_changes_one_line(operator):
    before, after = CHANGES[operator]
    source = program(before)
    found = [m for m in mutants.of("f.py", source) if m.operator == operator]
    mutant = next(m for m in found if m.before == before.strip())
    changed = list(difflib.unified_diff(source.splitlines(), mutant.text.splitlines(), n=0))[3:]
    assert changed == [f"-{before}", f"+{after}"]
    assert (mutant.file, mutant.place, mutant.nth) == ("f.py", "f", 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [("a and b", "a or b"), ("a is b", "a is not b"), ("a not in b", "a in b"), ("a + b", "a - b")],
)
def test_an_operator_is_swapped(before, after):
    (mutant,) = [m for m in mutants.of("f.py", f"x = {before}\n") if m.operator == "swap"]
    assert mutant.text == f"x = {after}\n"


def test_words_and_types_are_left_alone():
    source = '"""Words."""\nimport os\n\n\ndef f(a: int | None = None) -> None:\n    """Words."""\n'
    assert mutants.of("f.py", source) == []


def test_same_lines_are_told_apart():
    source = "def f():\n    g()\n    g()\n"
    first, second = mutants.of("f.py", source)
    assert (first.nth, second.nth) == (1, 2)
    assert first.key != second.key
    assert first.text == "def f():\n    pass\n    g()\n"


def test_the_reference_has_hundreds_of_mutants_and_all_can_be_compiled():
    found = killing.plan(killing.PROGRAMS)
    assert len(found) >= 300
    assert len({mutant.key for mutant in found}) == len(found)
    texts = corpus.base_files("reference")
    for mutant in found:
        assert mutant.text != texts[mutant.file]
        compile(mutant.text, mutant.file, "exec")


def test_every_excused_mutant_exists_and_has_a_reason():
    known = {mutant.key for mutant in killing.plan(killing.PROGRAMS)}
    reasons = killing.excused()
    assert reasons.keys() <= known
    assert all(len(why.split()) >= 4 for why in reasons.values())
