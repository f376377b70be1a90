"""Clones of the kit: what the student has written, and nothing else."""

from __future__ import annotations

from autograder.intake.kit import without_kit
from autograder.intake.members import Member

KIT = [
    "autograder/__init__.py",
    "autograder/harness/room.py",
    "tests/graded/server.py",
    "README.md",
]


def kept(*paths):
    return [member.path for member in without_kit([Member(tuple(p.split("/")), p) for p in paths])]


def test_only_lab4_is_the_student_s():
    assert kept("lab4/server.py", "lab4/chat/a.py", *KIT) == ["lab4/server.py", "lab4/chat/a.py"]


def test_many_clones():
    paths = [f"{name}/{path}" for name in ("anna", "boris") for path in ("lab4/server.py", *KIT)]
    assert kept(*paths, "zoya/server.py") == [
        *("anna/lab4/server.py", "boris/lab4/server.py", "zoya/server.py")
    ]


def test_what_is_no_clone_stays_whole():
    assert kept("lab4/server.py", "README.md") == ["lab4/server.py", "README.md"]
    assert kept(*KIT) == KIT


def test_a_clone_that_is_not_finished_is_taken_as_it_is(take, folder, work):
    """The grader beside it has servers too, and one of them would be a better choice."""
    grader = dict.fromkeys(KIT, work["server.py"])
    stub = {"lab4/server.py": "# to do", "lab4/client.py": work["client.py"]}
    alone = take(folder(grader | stub))
    packed = take(
        folder(
            {
                f"{name}/{path}": text
                for name in ("anna", "boris")
                for path, text in (grader | stub).items()
            },
            "class",
        )
    )
    for entry in alone + packed:
        assert entry.chosen == {"server.py": "lab4/server.py", "client.py": "lab4/client.py"}
    assert [entry.name for entry in alone + packed] == ["ivanov", "anna", "boris"]
