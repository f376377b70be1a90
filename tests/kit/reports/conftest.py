"""What tests of reports share: hostile texts, and results that are full of one."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from autograder.grading.result import CheckResult, Result

# A busy machine is slow, which says nothing about a text.
settings.register_profile("reports", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("reports")

TEXTS = Path(__file__).parents[2] / "corpus" / "hostile" / "texts.toml"
# Written down here again, and not taken from the module under test.
NEVER = {
    *map(chr, [*range(0x09), 0x0B, 0x0C, *range(0x0D, 0x20), 0x7F, *range(0x80, 0xA0)]),
    *map(chr, [0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]),
    *map(chr, [0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)]),
}


@dataclass(frozen=True)
class Hostile:
    """A text of the corpus.

    Attributes:
        text: What the student's program printed.
        seen: What a reader of any report gets to see.
    """

    text: str
    seen: str


def _read() -> list[tuple[str, Hostile]]:
    entries = tomllib.loads(TEXTS.read_text(encoding="utf-8"))["text"]
    return [(e["title"], Hostile(_python(e["text"]), _python(e["seen"]))) for e in entries]


def _python(text: str) -> str:
    return str(ast.literal_eval(f"'''{text.replace(chr(39), chr(92) + chr(39))}'''"))


HOSTILE = _read()


@pytest.fixture(params=[h for _, h in HOSTILE], ids=[title for title, _ in HOSTILE])
def hostile(request: pytest.FixtureRequest) -> Hostile:
    """Each text of the corpus in turn."""
    assert isinstance(request.param, Hostile)
    return request.param


@pytest.fixture(scope="session")
def full_of() -> Callable[[str], Result]:
    """Return what makes a result that has a text wherever a student can have brought it about."""
    return _full_of


@pytest.fixture(scope="session")
def assert_harmless() -> Callable[[str], None]:
    """Return what fails if a text has anything that acts, hides or turns around."""
    return _assert_harmless


def _full_of(text: str) -> Result:
    def check(name: str, status: str, points: int) -> CheckResult:
        return CheckResult(
            name,
            1,
            status,
            points,
            10,
            f"Title {text}",
            story=["Anna enters.", text],
            expected=text,
            actual=text,
            cause=text,
            hint=text,
            stderr_tail=text,
            stacks=text,
            transcript=[
                {"t": 0.5, "who": text, "dir": kind, "text": text}
                for kind in ("sent", "received", "console", "event")
            ],
        )

    return Result(
        {"name": text, "files": [text], "sha256": "0" * 64},
        {"seed": 1, "language": "en"},
        reason=text,
        score=10,
        max_score=30,
        checks=[
            check("relay", "passed", 10),
            check("broadcast", "failed", 0),
            check("crowd", "skipped", 0),
        ],
    )


def _assert_harmless(shown: str) -> None:
    assert NEVER & set(shown) == set()
    shown.encode()
