"""A notebook in JupyterLab, in a real browser: it runs, and its buttons answer."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

IMAGES = Path(__file__).parents[3] / "images"

pytest.importorskip("playwright", reason="Playwright is not installed")
chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="there is no Chromium")


@pytest.fixture(scope="module")
def pictures():
    """The script that makes the pictures of notebooks."""
    spec = importlib.util.spec_from_file_location("images_notebooks", IMAGES / "notebooks.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_there_is_a_picture_of_each_part_for_each_language(pictures):
    names = {f"notebook-{kind}{suffix}.png" for kind in pictures.SHOTS for suffix in ("", ".ru")}
    assert names <= {path.name for path in IMAGES.glob("*.png")}
    for name in names:
        assert (IMAGES / name).read_bytes().startswith(b"\x89PNG")


def test_the_pictures_show_cells_that_exist(pictures, build):
    for shot in pictures.SHOTS.values():
        source = build.HERE / "source" / f"{shot.notebook}.py"
        code = "\n".join(cell.source for cell in build.read(source))
        assert shot.first in code
        assert shot.last in code


@chromium
@pytest.mark.timeout(300)
def test_the_buttons_of_the_scheduler_answer(pictures, tmp_path):
    with (
        pictures.jupyterlab(tmp_path) as address,
        pictures.pages() as new_page,
        new_page() as page,
    ):
        cells = pictures.run(page, address, "5_scheduler", "ru")
        desk = cells.filter(has_text="stage.buttons(desks").first
        pictures.press(desk, "ABABBA")
        desk.get_by_text(re.compile("Сломали: осталось 9")).wait_for(timeout=60_000)
        assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
        assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
