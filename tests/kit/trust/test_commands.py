"""`lab4 trust` says what it can do, and what is wrong with what it was asked."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from autograder.commands import lab4
from autograder.trust import killing, pool
from autograder.trust.killing import Fate


def trust(*words: str):
    return CliRunner().invoke(lab4, ["trust", *words], prog_name="lab4")


def test_the_help_names_the_commands():
    done = trust("--help")
    assert done.exit_code == 0
    for command in ("matrix", "campaign", "mutants"):
        assert f"\n  {command} " in done.output
        told = trust(command, "--help")
        assert told.exit_code == 0
        assert f"lab4 trust {command} [OPTIONS]" in told.output


@pytest.mark.parametrize(
    ("command", "place"),
    [("matrix", "tests/corpus"), ("campaign", "tests/corpus"), ("mutants", "reference/")],
)
def test_an_unknown_program_is_one_sentence(command, place):
    done = trust(command, "no_such_thing")
    assert done.exit_code == 2
    assert f"Error: there is no program no_such_thing in {place}\n" in done.output
    assert "Traceback" not in done.output


@pytest.fixture
def answered(monkeypatch):
    """Return a function that makes the pool answer each job with the same result."""

    def answer(result):
        asked = []

        def run(jobs, workers):
            asked.extend(jobs)
            yield from ((job, result) for job in jobs)

        monkeypatch.setattr(pool, "run", run)
        return asked

    return answer


def test_a_matrix_of_one_program(answered, made_up, tmp_path):
    asked = answered(made_up(starts="passed", relay="failed"))
    picture = tmp_path / "matrix.svg"
    done = trust("matrix", "last_one_hears_nothing", "--blind", "--svg", str(picture))
    assert done.exit_code in (0, 1)
    assert [job.specimen.name for job in asked] == ["last_one_hears_nothing"]
    assert not asked[0].observing
    assert "last_one_hears_nothing" in picture.read_text(encoding="utf-8")


def test_a_campaign_ends_with_the_status_of_its_verdicts(answered, made_up, tmp_path, monkeypatch):
    keep = ("--keep", str(tmp_path / "kept"))
    asked = answered(made_up(starts="passed"))
    done = trust("campaign", "reference", "--runs", "3", "--seed", "5", *keep)
    assert done.exit_code == 0, done.output
    assert len(asked) == 3
    answered(made_up(starts="failed"))
    wrong = trust("campaign", "reference", "--runs", "3", "--seed", "5", *keep)
    assert wrong.exit_code == 1
    assert len(list((tmp_path / "kept").iterdir())) == 3


def test_a_campaign_goes_on_where_it_was_interrupted(answered, made_up, tmp_path, monkeypatch):
    campaign = ("campaign", "reference", "--keep", str(tmp_path), "--runs")

    def interrupted(jobs, _workers):
        yield jobs[0], made_up(starts="failed")
        raise KeyboardInterrupt

    monkeypatch.setattr(pool, "run", interrupted)
    assert trust(*campaign, "3").exit_code == 1
    other = trust(*campaign, "4")
    assert other.exit_code == 2
    assert "holds another campaign that was interrupted" in " ".join(other.output.split())
    asked = answered(made_up(starts="passed"))
    done = trust(*campaign, "3")
    assert len(asked) == 2
    assert "3 gradings, 1 of them done before, 0 loops" in done.output
    assert "1 wrong; their results are in" in done.output.replace("\n", " ")
    assert done.exit_code == 1


def test_mutants_end_with_the_status_of_their_fates(monkeypatch):
    for killer, status in (("relay", 0), ("", 1)):
        monkeypatch.setattr(killing, "run", lambda chosen, _n, k=killer: [Fate(chosen[0], k)])
        monkeypatch.setattr(killing, "excused", dict)
        assert trust("mutants", "wire.py").exit_code == status
