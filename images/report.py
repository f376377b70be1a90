"""Makes the picture of a class's page: broken programs of the corpus, graded and reported.

Usage: python images/report.py [FOLDER]; by default the pictures beside this file are made anew.
It takes the packages of the extra `dev`, and Chromium: Debian's, or the one that
`playwright install chromium` fetches.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from autograder.trust import corpus

ROOT = Path(__file__).resolve().parents[1]
SUFFIX = {"en": "", "ru": ".ru"}  # as of the READMEs
WIDTH = 1280  # pixels
EVERY = 9  # of the broken programs one in so many is shown
GIVEN = {
    "en": ("Adam", "Bella", "Carl", "Dora", "Emil"),
    "ru": ("Анна", "Борис", "Вера", "Глеб", "Даша"),
}
FAMILY = {"en": ("Ash", "Birch", "Elm", "Oak"), "ru": ("Берёза", "Дуб", "Клён", "Липа")}


def hand_in(language: str, folder: Path) -> None:
    """Lay out a class: broken programs, right ones, and one without a program."""
    works = [*corpus.broken()[::EVERY], *corpus.correct()[:3], corpus.reference()]
    names = [f"{family} {given}" for family in FAMILY[language] for given in GIVEN[language]]
    if len(names) != len(works) + 1:
        raise SystemExit(f"there are {len(names)} names, expected {len(works) + 1}")
    for name, work in zip(names, works, strict=False):
        work.write(folder / name)
    (folder / names[-1]).mkdir()
    (folder / names[-1] / "README.txt").write_text("tomorrow", encoding="utf-8")


def reported(language: str, folder: Path) -> Path:
    """Grade a class and return its page."""
    hand_in(language, folder / "works")
    for command in ("grade works -o graded --sandbox auto --seed 4", "report graded"):
        subprocess.run(
            [sys.executable, "-m", "autograder.cli", *command.split(), "--lang", language],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    return folder / "graded" / "report" / "index.html"


def take(browser: Browser, page: Path, file: Path) -> None:
    """Write the picture of a page from its top to the end of the table."""
    with browser.new_page(viewport={"width": WIDTH, "height": 3000}) as tab:
        tab.goto(page.as_uri())
        box = tab.locator(".map").bounding_box()
        assert box
        size = {"width": WIDTH, "height": box["y"] + box["height"] + 12}
        tab.screenshot(path=file, clip={"x": 0, "y": 0, **size})
    print(file)


def main(folder: Path) -> None:
    """Make the picture in both languages."""
    with (
        tempfile.TemporaryDirectory() as name,
        sync_playwright() as tool,
        tool.chromium.launch(
            executable_path=shutil.which("chromium"),  # else the one that Playwright has fetched
            args=["--no-sandbox"],
        ) as browser,
    ):
        for language, suffix in SUFFIX.items():
            own = Path(name, language)
            (own / "works").mkdir(parents=True)
            take(browser, reported(language, own), folder / f"report{suffix}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
