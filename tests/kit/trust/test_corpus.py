"""The corpus is complete and in order; what it says is tested by `lab4 trust`."""

from __future__ import annotations

import pytest

from autograder.grading.checks import needs
from autograder.trust import corpus, verdict

BROKEN = corpus.broken()
KINDS = {"server", "two_user", "client"}


def test_there_are_enough_programs():
    assert len(BROKEN) >= 70
    assert {specimen.kind for specimen in BROKEN} == KINDS
    designs = [specimen.files for specimen in corpus.correct()]
    reference = corpus.reference().files
    assert sum(files["server.py"] != reference["server.py"] for files in designs) >= 15
    assert sum(files["client.py"] != reference["client.py"] for files in designs) >= 4


def test_every_misconception_and_every_common_fault_has_a_program():
    misconceptions = {number for specimen in BROKEN for number in specimen.misconceptions}
    assert misconceptions == set(range(1, 24))
    assert {number for specimen in BROKEN for number in specimen.field} == set(range(1, 14))


def test_every_check_has_a_program_that_fails_it():
    assert set().union(*(specimen.fails for specimen in BROKEN)) == set(needs())


def test_no_two_programs_are_the_same():
    everything = [corpus.reference(), *corpus.correct(), *BROKEN]
    assert len({specimen.name for specimen in everything}) == len(everything)
    assert len({tuple(sorted(specimen.files.items())) for specimen in everything}) == len(
        everything
    )


@pytest.mark.parametrize("specimen", BROKEN, ids=lambda specimen: specimen.name)
def test_a_broken_program_says_what_must_fail_and_what_the_student_is_told(specimen):
    assert specimen.fails
    assert specimen.fails | specimen.may_fail <= set(needs())
    assert not specimen.fails & specimen.may_fail
    assert not specimen.fails & verdict.lost_by(set(specimen.fails))
    assert specimen.title[0].isupper() and not specimen.title.endswith(".")
    assert specimen.hint
    for name, text in specimen.files.items():
        compile(text, name, "exec")


def test_an_edit_must_fit():
    assert corpus.edited("a b", "a", "c", "x") == "c b"
    for text in ("b", "a a"):
        with pytest.raises(corpus.CorpusError, match=r"x: 'a' must stand there once, not [02]"):
            corpus.edited(text, "a", "c", "x")


def test_an_unknown_field_is_told(tmp_path):
    path = tmp_path / "design.toml"
    path.write_text('title = "x"\nfials = []\n', encoding="utf-8")
    with pytest.raises(corpus.CorpusError, match="fields that nobody reads: fials"):
        corpus._toml(path)


def test_a_program_is_laid_out_as_a_submission(tmp_path):
    reference = corpus.reference()
    reference.write(tmp_path / "work")
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("work/*")}
    assert written == reference.files
    assert {"server.py", "client.py", "two_user_server.py", "wire.py"} == written.keys()
