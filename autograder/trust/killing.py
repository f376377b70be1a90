"""Grades mutants: each must fail a check, or stand in the list of those that need not."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from autograder.grading.checks import needs
from autograder.grading.request import ROOT
from autograder.grading.result import Result
from autograder.trust import corpus, mutants, pool
from autograder.trust.corpus import CORPUS, Specimen
from autograder.trust.mutants import Mutant

PROGRAMS = ("wire.py", "two_user_server.py", "server.py", "client.py")
EXCUSED = CORPUS / "mutants.toml"
SLOW = ("hundreds",)  # as long as all others together: only for who has survived these
OWN_TESTS = {
    "wire.py": ("test_wire.py", "test_servers.py", "test_client.py"),
    "client.py": ("test_client.py",),
    "two_user_server.py": ("test_room.py", "test_servers.py", "test_pressure.py"),
    "server.py": ("test_room.py", "test_servers.py", "test_pressure.py"),
}
Key = tuple[str, str, str, str, int]


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: the check or own test that killed it, empty if none did."""

    mutant: Mutant
    killer: str


def excused() -> dict[Key, str]:
    """Return the mutants that need not fail, and why: they change nothing that is graded.

    Raises:
        CorpusError: the list cannot be read.
    """
    try:
        entries = tomllib.loads(EXCUSED.read_text(encoding="utf-8")).get("excused", [])
        return {
            (e["file"], e["place"], e["operator"], e["before"], e.get("nth", 1)): e["why"]
            for e in entries
        }
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise corpus.CorpusError(f"{EXCUSED} cannot be read: {error!r}") from error


def plan(files: Iterable[str]) -> list[Mutant]:
    """Return the mutants of some of the reference's programs."""
    texts = corpus.base_files("reference")
    return [mutant for file in files for mutant in mutants.of(file, texts[file])]


def run(chosen: list[Mutant], workers: int) -> Iterator[Fate]:
    """Grade mutants, `workers` at a time; yield each when its fate is known.

    Who has survived all graded checks is put before the reference's own tests: those are also
    about what a student's program need not have, such as the words of the help.
    """
    for leave_out in (SLOW, ()):
        by_name = {str(place): mutant for place, mutant in enumerate(chosen)}
        jobs = [_job(name, mutant, leave_out) for name, mutant in by_name.items()]
        chosen = []
        for job, result in pool.run(jobs, workers):
            mutant = by_name[job.specimen.name]
            if killer := _killer(result):
                yield Fate(mutant, killer)
            else:
                chosen.append(mutant)
    with ThreadPoolExecutor(workers) as executor:
        yield from executor.map(_own_tests, chosen)


def _own_tests(mutant: Mutant) -> Fate:
    """Run the reference's own tests on a copy of it with the mutant in."""
    with tempfile.TemporaryDirectory(prefix="lab4-mutant-") as name:
        root = Path(name)
        for part in ("reference", "tests/kit/reference"):
            shutil.copytree(ROOT / part, root / part)
        (root / "reference" / mutant.file).write_text(mutant.text, encoding="utf-8")
        tests = [str(root / "tests/kit/reference" / test) for test in OWN_TESTS[mutant.file]]
        options = ["-x", "-q", "-p", "no:cacheprovider", f"--rootdir={root}", "--no-header"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), *options, *tests],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        found = re.search(r"^(?:FAILED|ERROR) \S*/(test_\w+\.py(?:::\w+)?)", done.stdout, re.M)
        if done.returncode and not found:
            raise corpus.CorpusError(f"{mutant}: pytest failed: {done.stdout}{done.stderr}")
    return Fate(mutant, found[1] if found else "")


def _job(name: str, mutant: Mutant, leave_out: tuple[str, ...]) -> pool.Job:
    files = corpus.base_files("reference")
    files[mutant.file] = mutant.text
    kind = {"client.py": "client", "two_user_server.py": "two_user"}.get(mutant.file, "server")
    if mutant.file in ("two_user_server.py", "server.py"):
        corpus.judge_by(kind, files)
    if kind == "client":  # the client's checks have a server of their own
        leave_out = tuple(check for check in needs() if not check.startswith("client"))
    return pool.Job(
        Specimen(name, kind, str(mutant), files),
        seed=1,
        leave_out=leave_out,
        level=1 if kind == "two_user" else None,
        to_first_failure=kind != "two_user",
    )


def _killer(result: Result) -> str:
    if result.outcome == "not_gradable":
        return "not gradable"
    return next((check.id for check in result.checks if check.status == "failed"), "")


def show(fates: list[Fate], console: Console) -> bool:
    """Print who killed how many and who has survived; return whether all is as it must be."""
    reasons = excused()
    killed = Counter(fate.killer for fate in fates if fate.killer)
    by_tests = sum(count for killer, count in killed.items() if killer.startswith("test_"))
    console.print(
        f"{len(fates)} mutants: {killed.total() - by_tests} killed by the graded checks, "
        f"{by_tests} by the reference's own tests"
    )
    console.print(", ".join(f"{check} {count}" for check, count in killed.most_common()))
    survivors = [fate.mutant for fate in fates if not fate.killer]
    for mutant in survivors:
        why = reasons.get(mutant.key, "[red]nobody says why[/]")
        console.print(f"survived: {escape(str(mutant))}: {why}", highlight=False)
    lucky = [fate for fate in fates if fate.killer and fate.mutant.key in reasons]
    for fate in lucky:
        console.print(f"[red]excused, but killed by {fate.killer}:[/] {escape(str(fate.mutant))}")
    return not lucky and all(mutant.key in reasons for mutant in survivors)
