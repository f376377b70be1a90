"""All the orders in which the steps of several functions can come, each really run.

A schedule is a text such as "AABBAB": who goes next. It is run from the beginning each time, with
fresh puppets, so that nothing is left over from one schedule to the next.
"""

from __future__ import annotations

import inspect
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lab4nb.puppet import Puppet

MOST_SCHEDULES = 3000

Function = Callable[[], object]


@dataclass
class Run:
    """What came of one schedule.

    Attributes:
        schedule: Who went, step by step.
        result: What `after` returned at its end.
        steps: The steps: who, and the line or instruction.
        open: The others that could have gone, at each step.
        blocked: Those who waited for a lock at the end.
        deadlock: Whether in the end all that were left waited for each other's locks.
        puppets: As they stood at the end.
    """

    schedule: str = ""
    result: object = None
    steps: list[tuple[str, str]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    blocked: str = ""
    deadlock: bool = False
    puppets: list[Puppet] = field(default_factory=list)


@dataclass(frozen=True)
class World:
    """Functions that run at the same time, and what they share.

    Attributes:
        functions: What A, B, … run.
        before: Sets what they share to its beginning.
        after: Returns what came of it.
        by: What a step is: a `line`, or an `opcode`.
    """

    functions: Sequence[Function]
    before: Function
    after: Function
    by: str = "line"

    def play(self, schedule: str, *, to_the_end: bool = False) -> Run:
        """Run a schedule; steps of somebody who has ended or waits for a lock are left out.

        Args:
            schedule: Who goes.
            to_the_end: Whether to go on after it, with the first who can, until all have ended.

        Raises:
            Stalled: somebody waits for something that is no Lock of ours.
        """
        if self.by == "opcode":  # Python 3.13 traces instructions from the second call on
            for function in self.functions:
                Puppet("", function, self.by).cancel()
        self.before()
        names = string.ascii_uppercase
        run = Run()
        try:
            for name, function in zip(names, self.functions, strict=False):
                run.puppets.append(Puppet(name, function, self.by))
            self._go(run, schedule, to_the_end)
            run.result = self.after()
            run.blocked = "".join(puppet.name for puppet in run.puppets if puppet.blocked)
        finally:
            for puppet in run.puppets:
                puppet.cancel()
        return run

    def _go(self, run: Run, schedule: str, to_the_end: bool) -> None:
        asked = list(schedule)
        while able := [p for p in run.puppets if not p.done and not p.blocked]:
            if asked:
                chosen = next((p for p in able if p.name == asked[0]), None)
                del asked[0]
                if chosen is None:
                    continue
            elif to_the_end:
                chosen = able[0]
            else:
                return
            run.open.append("".join(p.name for p in able if p is not chosen))
            run.steps.append((chosen.name, self._text(chosen)))
            run.schedule += chosen.name
            chosen.step()
        run.deadlock = not all(puppet.done for puppet in run.puppets)

    def _text(self, puppet: Puppet) -> str:
        if self.by == "opcode":
            return puppet.next_step
        function = self.functions[string.ascii_uppercase.index(puppet.name)]
        return source(function)[puppet.line or 0].strip()

    def explore(self) -> list[Run]:
        """Run every schedule there is, at most MOST_SCHEDULES; raises as `play`."""
        runs: list[Run] = []
        prefixes = [""]
        while prefixes and len(runs) < MOST_SCHEDULES:
            prefix = prefixes.pop()
            run = self.play(prefix, to_the_end=True)
            runs.append(run)
            for place in range(len(prefix), len(run.schedule)):
                prefixes += [run.schedule[:place] + other for other in run.open[place]]
        return runs


def source(function: Function) -> list[str]:
    """Return the lines of a function."""
    return inspect.getsource(function).rstrip().split("\n")
