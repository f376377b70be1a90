"""Programs are graded side by side, really, and do not disturb each other."""

from __future__ import annotations

import contextlib
import threading

import psutil
import pytest

from autograder.batch.workers import Lost
from autograder.grading.checks import needs
from autograder.grading.request import SessionError
from autograder.trust import corpus, pool, verdict
from autograder.trust.pool import Job

RIGHT = {specimen.name: specimen for specimen in corpus.correct()}
(BROKEN,) = (specimen for specimen in corpus.broken() if specimen.name == "echo_to_author")
SLOW = ("hundreds", "slow_reader", "crowd", "races", "no_deadlock")


def only(*checks: str) -> tuple[str, ...]:
    """Return all other checks."""
    return tuple(needs().keys() - set(checks))


def test_right_and_broken_programs_are_told_apart():
    right, broken = Job(corpus.reference(), 1, leave_out=SLOW), Job(BROKEN, 2, leave_out=SLOW)
    to_first_failure = Job(BROKEN, 3, leave_out=SLOW, to_first_failure=True)
    level_1 = Job(corpus.reference(), 4, leave_out=SLOW, level=1)
    blind = Job(corpus.reference(), 5, observing=False, leave_out=only("starts"))
    jobs = [right, broken, to_first_failure, level_1, blind]
    graded = {job.seed: result for job, result in pool.run(jobs, 2)}
    checks = {seed: {check.id for check in result.checks} for seed, result in graded.items()}
    for job in (right, broken):
        assert verdict.faults(job.specimen, graded[job.seed]) == []
        assert checks[job.seed] == set(only(*SLOW))
    *before, last = graded[to_first_failure.seed].checks
    assert {check.status for check in before} == {"passed"}
    assert last.status == "failed" and last.id in BROKEN.fails
    assert {"starts", "relay"} <= checks[level_1.seed] < checks[right.seed]
    assert {check.level for check in graded[level_1.seed].checks} <= {0, 1}
    assert [(c.id, c.status, c.evidence) for c in graded[blind.seed].checks] == [
        ("starts", "passed", "fence")
    ]


def test_two_servers_with_the_same_port_do_not_meet():
    names = {
        "crlf": only("starts", "relay", "relay_back"),
        "makefile_reading": only("starts", "threads", "slow_reader", "races"),
    }
    jobs = [Job(RIGHT[name], 1, leave_out=rest) for name, rest in names.items()]
    assert all(job.specimen.files["server.py"].count("9090") for job in jobs)
    found = {job.specimen.name: verdict.faults(job.specimen, r) for job, r in pool.run(jobs, 2)}
    assert found == {"crlf": [], "makefile_reading": []}


def test_a_worker_that_is_lost_is_told(monkeypatch):
    monkeypatch.setattr(pool.workers, "run", lambda work, jobs, n: [(jobs[0], Lost("killed"))])
    with pytest.raises(SessionError, match=r"^reference could not be graded: killed$"):
        list(pool.run([Job(corpus.reference(), 1)], 1))


def command_of(process: psutil.Process) -> list[str]:
    """Return the command line, which a process has only once its exec() is through."""
    tick = threading.Event()
    for _attempt in range(1000):
        if words := process.cmdline():
            return words
        tick.wait(0.005)
    raise AssertionError(f"{process} has no command line")


def test_busy_loops_end():
    def loops() -> int:
        count = 0
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.NoSuchProcess):  # of another test; a zombie is none
                count += pool.SPIN in command_of(child)
        return count

    with pytest.raises(KeyboardInterrupt), pool.busy(2):
        assert loops() == 2
        raise KeyboardInterrupt
    assert loops() == 0
