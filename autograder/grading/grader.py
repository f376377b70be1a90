"""Grades one submission while pytest runs its checks: prerequisites, points, the result."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

from autograder.grading import catalog, result
from autograder.grading.result import CheckResult, Result, Status
from autograder.grading.rubric import Rubric
from autograder.grading.submission import Submission
from autograder.harness.habits import Habits
from autograder.i18n import _

SERVER, TWO_USER = "server.py", "two_user_server.py"
# Of several runs of one check on several programs, the best counts; of a gate, the worst of those
# on a program that has passed anything: a stub without threads does not spoil another program.
BEST: tuple[Status, ...] = ("passed", "error", "failed", "skipped")
WORST: tuple[Status, ...] = ("failed", "error", "passed", "skipped")
GATE = "threads"


class Grader:
    """The state of one grading.

    Args:
        submission: The work.
        rubric: The points.
        seed: Of everything random.
        file: Where to write the result after each check, or None.
    """

    def __init__(
        self, submission: Submission, rubric: Rubric, seed: int, file: Path | None
    ) -> None:
        self.submission = submission
        self.rubric = rubric
        self.seed = seed
        self._file = file
        self._began = time.monotonic()
        self._habits: dict[str, Habits] = {}
        self._idle: set[str] = set()  # programs that do not start
        self._earning: set[str] = set()  # programs that have passed more than to start
        self._gates: dict[str, CheckResult] = {}  # how the gate went, by program
        self.planned = set(rubric.points)  # the checks that this run is about
        self.result = Result(
            submission={
                "name": submission.name,
                "path": str(submission.path),
                "files": list(submission.files),
                "sha256": submission.sha256,
            },
            environment=result.environment(seed, hidden_checks=rubric.kept_back),
        )

    def programs(self, level: int) -> list[str]:
        """Return the server programs that a check of `level` is run on, in order."""
        names = [TWO_USER, SERVER] if level == 1 else [SERVER]
        return [name for name in names if self.submission.program(name)]

    @property
    def served_by(self) -> str:
        """The server program that the client is for: the one for many, unless it does not start."""
        names = [name for name in (SERVER, TWO_USER) if self.submission.program(name)]
        return next(filter(self.starts, names), SERVER)

    def habits(self, program: str) -> Habits:
        """Return what is known of a server program; the same object each time."""
        if program not in self._habits:
            path = self.submission.program(program)
            assert path is not None
            self._habits[program] = Habits(path)
        return self._habits[program]

    def status(self, check: str) -> Status | None:
        """Return how a check went so far, None if it was not run."""
        found = [c.status for c in self.result.checks if c.id == check]
        return found[0] if found else None

    def unmet_need(self, needs: list[str]) -> str | None:
        """Return the first prerequisite that was run and did not pass."""
        return next((n for n in needs if self.status(n) not in (None, "passed")), None)

    def starts(self, program: str) -> bool:
        """Return whether a program may be asked more, as far as is known."""
        return program not in self._idle

    def record(self, check: CheckResult, program: str = "") -> None:
        """Take in one run of a check; write the result.

        Args:
            check: How it went.
            program: The server program it was run on; empty for the client.
        """
        if check.id == "starts" and check.status != "passed":
            self._idle.add(program)
        if self._earns(check) and program:
            self._earning.add(program)
        if check.id == "starts" and check.id not in self.rubric.points:  # run for what it finds out
            return
        check.title = catalog.title(check.id, own=check.title)
        check.max_points = self.rubric.points.get(check.id, 0)
        check.level = self.rubric.levels.get(check.id, 0)
        if check.id == GATE:
            self._gates[program] = check
        self._take_in(check, program)
        self._judge_gate()
        self._count()
        if self._file:
            result.write(self.result, self._file)

    def _earns(self, check: CheckResult) -> bool:
        """Return whether a program of which no more is known may be judged by the gate."""
        without = ("starts", GATE) if "relay" in self.rubric.points else (GATE,)
        return check.status == "passed" and check.id not in without

    def _take_in(self, check: CheckResult, program: str) -> None:
        checks = self.result.checks
        for place, earlier in enumerate(checks):
            if earlier.id == check.id:
                if self._tells_more(check, earlier, program):
                    check.duration_s += earlier.duration_s
                    checks[place] = check
                if check.id == "starts" and check.status == earlier.status == "failed":
                    also = _("{name} does not start either: {cause}").format(
                        name=TWO_USER, cause=earlier.cause or earlier.actual
                    )
                    check.cause = "; ".join(filter(None, (check.cause, also)))
                return
        checks.append(check)

    def _tells_more(self, check: CheckResult, earlier: CheckResult, program: str) -> bool:
        """Return whether a run is told of rather than an earlier one on another program."""
        if check.status == earlier.status == "failed":
            return program == SERVER  # the other one may be a stub that nobody has touched
        if check.status == earlier.status == "skipped":
            return self.starts(program)  # else the reason is only that it does not
        return BEST.index(check.status) < BEST.index(earlier.status)

    def _judge_gate(self) -> None:
        """Make the gate's result that of the whole work, whatever the order of the checks."""
        runs = sorted(self._gates.items())
        # A fault of the grader is told whatever the program has earned.
        counting = [c for name, c in runs if name in self._earning or c.status == "error"]
        judged = min(counting, key=lambda c: WORST.index(c.status), default=None)
        for place, check in enumerate(self.result.checks):
            if check.id == GATE:
                # What a program that does not even start lacks is told last.
                others = sorted(runs, key=lambda run: not self.starts(run[0]))
                self.result.checks[place] = judged or _not_judged([c for _name, c in others])

    def _count(self) -> None:
        r = self.result
        gate = next((c for c in r.checks if c.id == GATE and c.status == "failed"), None)
        for check in r.checks:
            check.points = check.max_points if check.status == "passed" and not gate else 0
        r.score = sum(check.points for check in r.checks if check.id in self.planned)
        r.max_score = sum(self.rubric.points[check] for check in self.planned)
        r.duration_s = round(time.monotonic() - self._began, 3)
        r.outcome, r.reason = "graded", None
        if gate:
            r.reason = _("graded 0: {actual}").format(actual=gate.actual)
        broken = [check.id for check in r.checks if check.status == "error"]
        if broken:
            r.outcome = "grader_fault"
            r.reason = _("the grader itself failed in: {checks}").format(checks=", ".join(broken))
        habits = self._habits.get(SERVER)
        if habits:
            dialect = dataclasses.asdict(habits.dialect)
            for spoken in ("greeting", "welcome", "around"):
                del dialect[spoken]
            r.dialect = {"transport": "tcp", "port": habits.port, **dialect}


def _not_judged(runs: list[CheckResult]) -> CheckResult:
    """Return the gate's result where no program has earned what it could take away."""
    first = next((run for run in runs if run.status != "skipped"), None)
    if first is None:
        return runs[0]
    return CheckResult(
        first.id,
        first.level,
        "skipped",
        0,
        first.max_points,
        first.title,
        cause=_("needs {check}").format(check="relay"),
        duration_s=first.duration_s,
    )
