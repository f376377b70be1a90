"""The benchmark: put the reference server and its peers under the same loads, goal by goal."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path

import grading
import report
from goals import GOALS, Figures
from loads import LOADS, Load
from rich.console import Console
from rich.progress import Progress
from servers import REFERENCE, Bench, Trouble, bench, raise_file_limit

Round = dict[tuple[str, str], Figures]
NAMES = [load.name for load in LOADS]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of smaller loads")
    parser.add_argument(
        "--only",
        action="append",
        choices=[*NAMES, "server", "grading"],
        metavar="NAME",
        help=f"one of {', '.join(NAMES)}, server (all of these), grading; may be repeated",
    )
    parser.add_argument("--rounds", type=int, default=3, help="medians of so many (default 3)")
    parser.add_argument("--server", type=Path, default=REFERENCE, help="measure this one instead")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the raw figures there")
    return parser.parse_args()


def chosen(only: list[str] | None) -> list[Load]:
    """Pick the loads asked for, and those that their goals are compared with."""
    names = set(only or ["server"])
    if "server" in names:
        names.update(NAMES)
    names |= {goal.base for goal in GOALS if goal.load in names and goal.base}
    return [load for load in LOADS if load.name in names]


def measure(
    bench: Bench, loads: list[Load], rounds: int, quick: bool, console: Console
) -> list[Round]:
    """Run every load on every server, round by round, so that noise is shared out evenly."""
    plan = [
        (turn, load, server)
        for turn in range(rounds)
        for load in loads
        for server in load.servers
        if turn == 0 or server == "reference" or not load.once
    ]
    result: list[Round] = [{} for _ in range(rounds)]
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("", total=len(plan))
        for turn, load, server in plan:
            progress.update(task, description=f"{load.name}: {server}")
            options = (load.quick if quick else load.full).split()
            try:
                figures = bench.measure(server, options, load.limit)
            except Trouble as trouble:
                progress.console.print(f"{load.name}: {trouble}", markup=False)
            else:
                figures["wrong"] = figures["odd"] + figures["undone"]
                figures["peak_mib"] = figures["kib_peak"] / 1024
                result[turn][load.name, server] = figures
            progress.advance(task)
    return result


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that every server is stopped
    raise_file_limit()
    console = Console()
    if not console.is_terminal:
        console.width = 140
    verdicts: list[report.Verdict] = []
    raw: dict[str, object] = {"quick": options.quick}
    loads = chosen([name for name in options.only if name != "grading"] if options.only else None)
    if options.only == ["grading"]:
        loads = []
    if loads and not options.server.exists():
        print(f"there is no {options.server}, so there is nothing to measure", file=sys.stderr)
        return 2
    if os.getloadavg()[0] > (os.cpu_count() or 1) / 2:
        load, processors = os.getloadavg()[0], os.cpu_count()
        console.print(
            f"This machine is busy (load {load:.1f}, {processors} processors): distrust p99."
        )
    rounds = 1 if options.quick else options.rounds
    try:
        if loads:
            with bench(options.server) as built:
                figures = measure(built, loads, rounds, options.quick, console)
            console.print(report.everybody(loads, figures))
            verdicts += report.judge(GOALS, loads, figures)
            raw["rounds"] = [
                {f"{load}: {server}": values for (load, server), values in turn.items()}
                for turn in figures
            ]
        if not options.only or "grading" in options.only:
            times = grading.measure(rounds)
            verdicts += grading.judge(times)
            raw["grading"] = times
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    console.print(report.goals(verdicts))
    if options.quick:
        console.print("--quick: one round of smaller loads, so read the verdicts as hints.")
    if options.json:
        raw["goals"] = [verdict._asdict() for verdict in verdicts]
        options.json.write_text(json.dumps(raw, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0 if all(verdict.met for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
