"""What students are told of each broken program, recorded and compared, in both languages.

A file of tests/corpus/golden/LANGUAGE holds what was said of one program, a card for each check
that must fail. What differs from run to run is replaced (names, numbers, quoted texts); where
threads may race in several ways, there are several cards of the same check, and each will do.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.grading.checks import needs
from autograder.grading.result import CheckResult, Result
from autograder.harness.story import named
from autograder.i18n import LANGUAGES
from autograder.reports import facts
from autograder.trust.corpus import CORPUS, Specimen
from autograder.trust.pool import Job

FOLDER = CORPUS / "golden"
CARD = re.compile(r"(?:.+\n)+")
SEED = 1
NAMES = ("anna", "boris", "vera", "gleb", "dasha", "egor")
QUOTED = re.compile("“[^”]*”|«[^»]*»", re.DOTALL)
NUMBER = re.compile(r"(?<![\w.:])(-?\d+(?:[.:]\d+)*)(?![\w])|(?<=Thread-)\d+")
PLACE = re.compile(r"(\w+\.py):(\d+)")


def plan(specimens: Iterable[Specimen]) -> list[Job]:
    """Return the gradings that show all there is to record: what must fail, and what that needs."""
    return [
        Job(specimen, SEED, leave_out=_others(specimen), language=language)
        for specimen in specimens
        for language in LANGUAGES
    ]


def said(specimen: Specimen, result: Result) -> list[str]:
    """Return what a student is told of the checks that must fail, without what is accidental."""
    with facts.speaking_as(result):
        return [_card(check) for check in result.checks if check.id in specimen.fails]


def path(specimen: Specimen, language: str) -> Path:
    """Return where the cards of a program are."""
    return FOLDER / language / f"{specimen.name}.txt"


def recorded(specimen: Specimen, language: str) -> list[str]:
    """Return the cards of a program; none if it was never recorded."""
    file = path(specimen, language)
    return CARD.findall(file.read_text(encoding="utf-8")) if file.exists() else []


def record(specimen: Specimen, language: str, cards: Iterable[str]) -> None:
    """Add to what is recorded of a program; those of one check stand together."""
    everything = [*recorded(specimen, language), *cards]
    checks = list(needs())
    everything.sort(key=lambda card: checks.index(card.split()[1]))
    file = path(specimen, language)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(everything), encoding="utf-8")


def _others(specimen: Specimen) -> tuple[str, ...]:
    wanted, known = set(specimen.fails), needs()
    while more := {need for check in wanted for need in known[check]} - wanted:
        wanted |= more
    return tuple(sorted(known.keys() - wanted - {"starts"}))


def _card(check: CheckResult) -> str:
    lines = [f"{facts.MARKS[check.status]} {check.id}"]
    lines += [f"{name}: {text}" for name, text in facts.of_check(check)]
    for heading, sentences in facts.findings(check):
        lines += [f"{heading}:", *(f"  {sentence}" for sentence in sentences)]
    # How many heard a line before it failed is accidental: the same again is told once.
    kept = [line for line, _again in itertools.groupby(map(_without_accidents, lines))]
    return "".join(f"{line}\n" for line in kept)


def _without_accidents(text: str) -> str:
    text = QUOTED.sub("“…”", text)
    names = "|".join([*(named(name) for name in NAMES), *NAMES, r"(?:user|guest)[a-z]+"])
    text = re.sub(rf"\b(?:{names})(?:, (?:{names}))*\b", named(NAMES[0]), text)
    parts = PLACE.split(text)  # text, file, line, text, file, line, ...
    kept = [
        part if number % 3 == 1 else f":{part}" if number % 3 == 2 else NUMBER.sub("#", part)
        for number, part in enumerate(parts)
    ]
    return "".join(kept)


def compare(jobs: Iterable[tuple[Job, Result]]) -> Iterator[tuple[Job, list[str]]]:
    """Yield of each grading the cards that are not on record."""
    for job, result in jobs:
        known = recorded(job.specimen, job.language)
        yield job, [card for card in said(job.specimen, result) if card not in known]
