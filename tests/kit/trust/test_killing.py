"""What has killed a mutant is known, and who survives without a reason is told."""

from __future__ import annotations

import pytest

from autograder.grading.checks import needs
from autograder.grading.result import Result
from autograder.trust import corpus, killing
from autograder.trust.killing import Fate

MUTANTS = killing.plan(["wire.py"])


def one(operator: str, before: str):
    """Return a mutant of wire.py."""
    return next(m for m in MUTANTS if (m.operator, m.before) == (operator, before))


@pytest.fixture
def rounds(monkeypatch):
    """What the pool was asked for; it answers as the test says, in `rounds.answers`."""

    class Rounds(list):
        answers: tuple[dict[str, Result], ...] = ()

    asked = Rounds()

    def run(jobs, workers):
        answers = asked.answers[len(asked)]
        asked.append(jobs)
        for job in reversed(jobs):  # as they are done, not as they were asked for
            yield job, answers[job.specimen.title]

    monkeypatch.setattr(killing.pool, "run", run)
    return asked


def test_who_survives_the_quick_checks_meets_the_slow_ones_and_the_own_tests(
    rounds, made_up, monkeypatch
):
    quick, slow, tested, immortal = MUTANTS[:4]
    passed = made_up(starts="passed")
    rounds.answers = (
        {str(m): passed for m in (slow, tested, immortal)}
        | {str(quick): made_up(starts="passed", relay="failed", crowd="failed")},
        {str(m): passed for m in (tested, immortal)} | {str(slow): made_up(hundreds="failed")},
    )
    own = {tested: "test_wire.py::test_x", immortal: ""}
    monkeypatch.setattr(killing, "_own_tests", lambda mutant: Fate(mutant, own[mutant]))
    fates = list(killing.run([quick, slow, tested, immortal], 2))
    assert fates == [
        Fate(quick, "relay"),
        Fate(slow, "hundreds"),
        Fate(tested, "test_wire.py::test_x"),
        Fate(immortal, ""),
    ]
    assert [{job.leave_out for job in jobs} for jobs in rounds] == [{killing.SLOW}, {()}]
    for job in rounds[0]:
        assert job.to_first_failure and job.level is None
        assert job.specimen.files["wire.py"] in {m.text for m in MUTANTS}


def test_what_cannot_be_graded_is_killed(rounds, made_up):
    mutant = MUTANTS[0]
    broken = made_up()
    broken.outcome = "not_gradable"
    rounds.answers = ({str(mutant): broken}, {})
    assert list(killing.run([mutant], 1)) == [Fate(mutant, "not gradable")]


@pytest.mark.parametrize(
    ("file", "checks", "level"),
    [("server.py", "all", None), ("two_user_server.py", "all", 1), ("client.py", "client", None)],
)
def test_a_mutant_meets_the_checks_that_are_about_it(rounds, made_up, file, checks, level):
    mutant = killing.plan([file])[0]
    rounds.answers = ({str(mutant): made_up(starts="failed")}, {})
    list(killing.run([mutant], 1))
    ((job,), _none) = rounds
    assert job.level == level
    left = needs().keys() - set(job.leave_out)
    if checks == "client":
        assert left and all(check.startswith("client") for check in left)
    else:
        assert left == needs().keys() - set(killing.SLOW)
    assert ("two_user_server.py" in job.specimen.files) == (file != "server.py")
    assert job.specimen.files[file] == mutant.text


def test_the_own_tests_of_the_reference_kill_a_mutant(monkeypatch):
    monkeypatch.setattr(killing, "OWN_TESTS", {"wire.py": ("test_wire.py",)})
    mutant = one("return None", "return [decode_line(rest)] if rest else []")
    assert killing._own_tests(mutant).killer.startswith("test_wire.py::test_")


def test_own_tests_that_cannot_run_are_no_kill(monkeypatch):
    monkeypatch.setattr(killing, "OWN_TESTS", {"wire.py": ("test_nothing.py",)})
    with pytest.raises(corpus.CorpusError, match="pytest failed"):
        killing._own_tests(MUTANTS[0])


def test_all_is_well_if_every_survivor_is_excused(screen, monkeypatch):
    killed, tested, excused = MUTANTS[:3]
    monkeypatch.setattr(killing, "excused", lambda: {excused.key: "it changes no byte"})
    fates = [Fate(killed, "relay"), Fate(tested, "test_wire.py::test_x"), Fate(excused, "")]
    assert killing.show(fates, screen)
    said = screen.file.getvalue()
    assert "3 mutants: 1 killed by the graded checks, 1 by the reference's own tests" in said
    assert "relay 1, test_wire.py::test_x 1" in said
    assert f"survived: {excused}: it changes no byte" in said.replace("\n", "")


def test_a_survivor_without_a_reason_is_told(screen, monkeypatch):
    monkeypatch.setattr(killing, "excused", dict)
    survivor = one("swap", "if ended and self._skipping:")
    assert not killing.show([Fate(survivor, ""), Fate(MUTANTS[0], "relay")], screen)
    assert f"survived: {survivor}: nobody says why" in screen.file.getvalue()


def test_a_reason_for_who_did_not_survive_is_told(screen, monkeypatch):
    lucky = MUTANTS[0]
    monkeypatch.setattr(killing, "excused", lambda: {lucky.key: "it changes no byte"})
    assert not killing.show([Fate(lucky, "relay")], screen)
    said = screen.file.getvalue()
    assert f"excused, but killed by relay: {lucky}" in said.replace("\n", "")
    assert "survived" not in said


@pytest.mark.parametrize("text", ["[", "[[excused]]\nfile = 'wire.py'\n", None])
def test_a_list_of_excuses_that_cannot_be_read_is_told(tmp_path, monkeypatch, text):
    path = tmp_path / "mutants.toml"
    if text:
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(killing, "EXCUSED", path)
    with pytest.raises(corpus.CorpusError, match=r"mutants\.toml cannot be read"):
        killing.excused()


def test_an_excuse_is_about_one_mutant(tmp_path, monkeypatch):
    path = tmp_path / "mutants.toml"
    path.write_text(
        "[[excused]]\nfile = 'a.py'\nplace = 'f'\noperator = 'swap'\nbefore = 'a < b'\nwhy = 'so'\n"
        "[[excused]]\nfile = 'a.py'\nplace = 'f'\noperator = 'swap'\nbefore = 'a < b'\nnth = 2\n"
        "why = 'it is'\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(killing, "EXCUSED", path)
    key = ("a.py", "f", "swap", "a < b")
    assert killing.excused() == {(*key, 1): "so", (*key, 2): "it is"}
