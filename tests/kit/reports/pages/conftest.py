"""What the tests of pages share: a class without a grading, its pages, and a parser of HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.grading import rubric
from autograder.grading.result import CheckResult, Result
from autograder.reports.pages import class_page, figures, submission_page

NAMES = ("Алексеев Глеб", "Борисова Лия", "Вера 🙂 O'Hara", "Григорьева Кира", "Денис <b> & Ко")
TALK = [
    {"t": 0.001 * number, "who": who, "dir": kind, "text": f"16:04 - Пользователь #1 - {number}\n"}
    for number in range(10)
    for who, kind in (("anna", "sent"), ("boris", "received"), ("server.py", "console"))
]


@dataclass
class Page:
    """What stands in a page.

    Attributes:
        tags: How often each is there.
        attributes: All names of attributes.
        ids: Of elements.
        text: All of it, without styles and scripts.
    """

    tags: Counter[str] = field(default_factory=Counter)
    attributes: set[str] = field(default_factory=set)
    ids: list[str] = field(default_factory=list)
    text: str = ""


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page, self._silent = Page(), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags[tag] += 1
        self.page.text += " "
        self.page.attributes |= {name for name, _value in attrs}
        self.page.ids += [value or "" for name, value in attrs if name == "id"]
        self._silent = tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.page.text += data


@pytest.fixture(scope="session")
def parsed() -> Callable[[bytes], Page]:
    """Return what takes a page apart."""

    def parse(data: bytes) -> Page:
        parser = _Parser()
        parser.feed(data.decode())
        return parser.page

    return parse


@pytest.fixture(scope="session")
def work() -> Callable[..., Result]:
    """Return what makes a result by its name and the checks that failed."""
    points = rubric.load()

    def check(id_: str, failed: dict[str, str]) -> CheckResult:
        level, most = points.levels[id_], points.points[id_]
        if id_ not in failed:
            return CheckResult(id_, level, "passed", most, most, id_, duration_s=0.1)
        return CheckResult(
            id_,
            level,
            "failed",
            0,
            most,
            id_,
            story=["Anna enters.", "Anna waits."],
            expected="boris hears “hello”",
            actual="nothing came",
            cause=failed[id_],
            hint="Look at the other socket.",
            evidence="quiescent",
            transcript=TALK,
            stderr_tail="Traceback\n  File 'server.py'",
            trail=["server.py:12: recv() brought “hello”"],
            suspects=["server.py:14: sends to the author only"],
            missing={"from": "anna", "to": "boris", "text": "hello"},
            stacks="Thread 1\n  server.py:12 in serve",
            duration_s=1.5,
        )

    def make(name: str, *, seconds: float = 1.0, **failed: str) -> Result:
        checks = [check(id_, failed) for id_ in points.points]
        return Result(
            {"name": name, "files": ["server.py"], "sha256": "0" * 64, "key": name},
            {"seed": 1, "language": "en", "python": "3.11.7"},
            score=sum(c.points for c in checks),
            max_score=100,
            duration_s=seconds,
            checks=checks,
        )

    return make


@pytest.fixture(scope="session")
def results(work: Callable[..., Result]) -> dict[str, Result]:
    """A small class, by key; the last one cannot be graded."""
    class_ = [
        work(NAMES[0], seconds=3, crowd="threads write at once", races="torn"),
        work(NAMES[1], seconds=9, relay="server.py:21: Thread-4: OSError “x”", broadcast="lost"),
        work(NAMES[2], seconds=1),
        work(NAMES[3], seconds=2, relay="server.py:77: Thread-1: OSError “yy”", crowd="lost"),
    ]
    refused = Result({"name": NAMES[4]}, {"seed": 1, "language": "en"}, outcome="not_gradable")
    refused.reason = "there is no server.py"
    return {f"ключ {n}": result for n, result in enumerate([*class_, refused], 1)}


@pytest.fixture(scope="session")
def written(results: dict[str, Result], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of that class in a folder, as `lab4 report` lays them out."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "submissions").mkdir()
    for key, each in results.items():
        page = submission_page.make(each, back="../index.html")
        (folder / "submissions" / f"{key}.html").write_bytes(page)
    (folder / "index.html").write_bytes(class_of(results))
    return folder


def class_of(results: dict[str, Result]) -> bytes:
    works = [figures.work(key, each) for key, each in results.items()]
    checks = figures.united(c for each in results.values() for c in figures.checks_of(each))
    return class_page.make(works, checks, "submissions")


@pytest.fixture(scope="session")
def page_of_class() -> Callable[[dict[str, Result]], bytes]:
    """Return what makes the page of a class of results by key."""
    return class_of
