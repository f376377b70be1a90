"""What an instructor says in a file: it counts, or the mistake in it is told."""

from __future__ import annotations

import pytest

from autograder.intake import ChoicesError
from autograder.intake.choices import load


@pytest.fixture
def choices(tmp_path):
    """Return a function that reads a text as a file of choices."""

    def of(text):
        path = tmp_path / "choices.toml"
        path.write_text(text, encoding="utf-8")
        return load(path)

    return of


@pytest.mark.parametrize("name", ["Иванов Иван", "Иванов-Иван-12", "12"])
def test_a_work_goes_by_name_key_or_number(name, choices, take, zipped, work):
    files = {f"Иванов Иван_12_assignsubmission_file_/{path}": work[path] for path in work}
    files["Иванов Иван_12_assignsubmission_file_/src/chat2.py"] = "# mine"
    said = choices(f'[choices."{name}"]\nserver = "src/chat2.py"\nclient = "client.py"\n')
    [entry] = take(zipped(files), choices=said)
    assert (entry.folder / "server.py").read_text(encoding="utf-8") == "# mine"
    assert entry.chosen["server.py"] == "src/chat2.py"
    assert entry.passed_over == ("server.py",)


def test_nobody_of_that_name_is_said_at_once(choices, take, folder, work, tmp_path):
    said = choices('[choices.petrov]\nserver = "a.py"\n')
    with pytest.raises(ChoicesError, match=r"choices.toml: there is no work of petrov: write a"):
        take(folder(work), choices=said)
    assert not list((tmp_path / "staging").iterdir())


def test_no_such_file_is_the_reason_of_one_work_only(choices, take, folder, work):
    said = choices('[choices.ivanov]\nserver = "chat2.py"\n')
    ivanov, petrov = take(folder(work), folder(work, "petrov"), choices=said)
    assert ivanov.reason == (
        "the file of choices names chat2.py, which is not there (found: client.py, server.py)"
    )
    assert petrov.reason is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[choices", "is not valid TOML"),
        ("[choice.ivanov]", "choice is not expected: write"),
        ("choices = 1", "choices is not expected: write"),
        ("[choices]\nivanov = 'a.py'", "ivanov is not expected: write"),
        ("[choices.ivanov]\nsrever = 'a.py'", "ivanov: srever is not expected: write"),
        ("[choices.ivanov]\nserver = 1", "ivanov: server is not expected: write"),
    ],
)
def test_mistakes_are_told(text, message, choices):
    with pytest.raises(ChoicesError, match=message):
        choices(text)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ChoicesError, match=r"none.toml cannot be read \(No such file"):
        load(tmp_path / "none.toml")
