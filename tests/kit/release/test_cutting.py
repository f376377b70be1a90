"""What is cut out of a file of checks, and what stays as it was written."""

import ast

import pytest

from autograder.release import cutting

SOURCE = '''"""Two checks."""

import os  # used by both
import sys

from helpers import one, two

# Of both.
MOST = 5
DEEP = [two]  # of the second


def helper():
    return DEEP


@pytest.mark.check("first")
def test_first(chat):
    """The first."""
    assert one(os, MOST)


# What is said of the second.
@pytest.mark.check("second", needs=["first"])
@pytest.mark.skipif(sys.platform == "win32", reason="no")
def test_second(chat, arranged):
    """The second."""
    assert helper() == os


@pytest.fixture
def arranged():
    return 1


class Unused:
    """Used by nobody, before and after."""
'''


def test_a_check_goes_with_all_that_it_alone_used():
    cut = cutting.without_checks(SOURCE, {"second", "elsewhere"})
    assert cut == (
        '"""Two checks."""\n\n'
        "import os  # used by both\n\n"
        "from helpers import one\n\n"
        "# Of both.\nMOST = 5\n\n\n"
        '@pytest.mark.check("first")\n'
        "def test_first(chat):\n"
        '    """The first."""\n'
        "    assert one(os, MOST)\n\n\n"
        'class Unused:\n    """Used by nobody, before and after."""\n'
    )


def test_the_last_one_of_a_file_leaves_no_blank_lines():
    cut = cutting.without_checks(SOURCE.partition("\n\n\n@pytest.fixture")[0], {"second"})
    assert cut.endswith("assert one(os, MOST)\n")


def test_a_file_without_hidden_checks_is_not_touched():
    odd = "x = 1   # odd\n\n\n\n"
    assert cutting.without_checks(odd, {"second"}) == odd


def test_checks_are_found_by_their_mark():
    assert cutting.checks_of(SOURCE) == {"first", "second"}
    assert cutting.checks_of("class A:\n    @pytest.mark.check('x')\n    def a(self): ...") == set()


def test_entries_of_a_dictionary_go_with_all_their_lines():
    text = 'A = {\n    "a": 1,\n    "b": (\n        2,\n    ),\n    "c": 3,\n}\nB = {"b": 2}\n'
    cut = cutting.without_keys(text, "A", {"b", "c"})
    assert cut == 'A = {\n    "a": 1,\n}\nB = {"b": 2}\n'


def test_a_package_no_more_imports_what_is_left_out():
    text = 'from a import (\n    b,\n    c,\n)\nfrom d import e\n\n__all__ = [\n    "b", "c"\n]\n'
    cut = cutting.without_imports(text, {"c"})
    assert cut == "from a import b\nfrom d import e\n\n__all__ = ['b']\n"


@pytest.mark.parametrize("check", ["first", "second"])
def test_what_is_left_is_python(check):
    ast.parse(cutting.without_checks(SOURCE, {check}))
