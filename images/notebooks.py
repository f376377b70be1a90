"""Makes the pictures of two notebooks: run in JupyterLab, looked at in Chromium.

Usage: python images/notebooks.py [FOLDER]; by default the pictures beside this file are made anew.
It takes the packages of the extra `dev`, and Chromium: Debian's, or the one that
`playwright install chromium` fetches.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SUFFIX = {"en": "", "ru": ".ru"}  # as of the READMEs
WIDTH, HEIGHT = 900, 6000  # pixels; high enough for a whole notebook
WAIT_MS = 120_000
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false"},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}


@dataclass(frozen=True)
class Shot:
    """A part of a notebook.

    Attributes:
        notebook: Its name.
        first, last: Code that the first and the last cell shown contain.
        pressed: The letters of the buttons to press before.
    """

    notebook: str
    first: str
    last: str
    pressed: str = ""


SHOTS = {
    "river": Shot("1_tcp_is_a_river", "messages = [", "strips.river(messages, [chunk])"),
    "scheduler": Shot("5_scheduler", "stage.buttons(desks", "stage.buttons(desks", "ABA"),
}


@contextlib.contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Run JupyterLab on a copy of the kit in `folder`, so that no outputs get into the kit."""
    kit = folder / "kit"
    names = ("notebooks", "lab4", "autograder", "pyproject.toml")
    for name in names:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        kit.mkdir(exist_ok=True)
        copy(ROOT / name, kit / name)
    for name, value in SETTINGS.items():
        file = folder / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value), encoding="utf-8")
    environment = {
        **os.environ,
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "PYTHONPATH": str(kit),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"]
    with subprocess.Popen(
        [*command, f"--ServerApp.root_dir={kit}"],
        cwd=kit,
        env=environment,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as server:
        try:
            assert server.stderr
            found = (re.search(r"http://127\S+token=\w+", line) for line in server.stderr)
            address = next(match[0] for match in found if match)
            threading.Thread(target=server.stderr.read, daemon=True).start()  # or it would block
            yield address
        finally:
            server.terminate()


def run(page: Page, address: str, notebook: str, language: str) -> Locator:
    """Open a notebook and run all of it; return its cells."""
    base, _lab, token = address.partition("/lab")
    page.goto(f"{base}/doc/tree/notebooks/{language}/{notebook}.ipynb{token}")
    page.get_by_text("| Idle").wait_for(timeout=WAIT_MS)
    page.get_by_role("menuitem", name="Run").click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(
        "() => { const p = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];"
        " return p.length > 3 && p.every(one => /[0-9]/.test(one.textContent)); }",
        timeout=WAIT_MS,
    )
    return page.locator(".jp-Notebook .jp-Cell")


def press(cell: Locator, letters: str) -> None:
    """Press the buttons of the scheduler's desk; wait each time until the move is shown."""
    for number, letter in enumerate(letters, 1):
        cell.get_by_role("button", name=re.compile(rf" {letter}$")).click()
        cell.locator("p span").nth(number - 1).wait_for(timeout=WAIT_MS)


def take(page: Page, address: str, shot: Shot, language: str, file: Path) -> None:
    """Run a notebook and write the picture of a part of it."""
    cells = run(page, address, shot.notebook, language)
    first, last = (cells.filter(has_text=text).first for text in (shot.first, shot.last))
    press(last, shot.pressed)
    top, bottom = _box(first), _box(last)
    clip = {"x": top["x"], "y": top["y"], "width": top["width"]}
    page.screenshot(path=file, clip={**clip, "height": bottom["y"] + bottom["height"] - top["y"]})
    print(file)


def _box(cell: Locator) -> dict[str, float]:
    box = cell.bounding_box()
    assert box
    return dict(box)


@contextlib.contextmanager
def pages() -> Iterator[Callable[[], Page]]:
    """Run Chromium; give a function that opens a page high enough for a whole notebook."""
    chromium = shutil.which("chromium")  # else the one that Playwright has fetched
    with (
        sync_playwright() as tool,
        tool.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser,
    ):
        view = {"width": WIDTH, "height": HEIGHT}
        yield lambda: browser.new_page(viewport=view, device_scale_factor=1.5)


def main(folder: Path) -> None:
    """Make the pictures of all shots in both languages."""
    with (
        tempfile.TemporaryDirectory() as name,
        jupyterlab(Path(name)) as address,
        pages() as new_page,
    ):
        for kind, shot in SHOTS.items():
            for language, suffix in SUFFIX.items():
                with new_page() as page:
                    take(page, address, shot, language, folder / f"notebook-{kind}{suffix}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
