"""The script that makes the notebooks refuses a source that is not as it should be."""

from __future__ import annotations

import json

import pytest

PAIR = '# %% [markdown] lang="ru"\n# да\n\n# %% [markdown] lang="en"\n# yes\n\n'
EXERCISE = '# %% tags=["exercise"]\nanswer = ...\n\n'
SOLUTION = '# %% tags=["solution"]\nanswer = 42\n\n'
CLAIM = '# %% tags=["invariant"]\nassert True\n\n'
OUTCOME = '# %% tags=["outcome"]\nassert answer == 42\n\n'


@pytest.fixture
def source(tmp_path):
    """Return a function that writes a source."""

    def write(text):
        path = tmp_path / "9_test.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def sources(text):
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"]]


def test_a_language_gets_its_texts_and_all_the_code(build, source):
    path = source(PAIR + EXERCISE + SOLUTION + CLAIM + OUTCOME)
    assert sources(build.build(path, "ru")) == ["да", "answer = ..."]
    assert sources(build.build(path, "en")) == ["yes", "answer = ..."]


def test_solutions_and_claims_are_for_tests(build, source):
    path = source(PAIR + EXERCISE + SOLUTION + CLAIM + OUTCOME)
    assert sources(build.build(path, "en", tested=True)) == ["yes", "answer = ...", "assert True"]
    solved = sources(build.build(path, "en", solved=True, tested=True))
    assert solved == ["yes", "answer = 42", "assert True", "assert answer == 42"]


def test_cells_have_names_that_stay(build, source):
    path = source(PAIR + EXERCISE)
    assert build.build(path, "ru") == build.build(path, "ru")
    identities = [cell["id"] for cell in json.loads(build.build(path, "ru"))["cells"]]
    assert identities == ["markdown-0", "code-1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('# %% [markdown] lang="ru"\n# да\n', "the last text has no sibling"),
        ('# %% [markdown] lang="en"\n# yes\n\n' * 2, "pair 1 of texts is"),
        (PAIR + "# %% [markdown]\n# ?\n\n" + '# %% [markdown] lang="en"\n# yes\n', "pair 2"),
        (PAIR + SOLUTION, "no exercise before the solution"),
    ],
)
def test_a_source_that_is_wrong_is_refused(build, source, text, message):
    with pytest.raises(build.SourceError, match=message):
        build.build(source(text), "ru")
