"""The pictures: made by real runs of today's programs, whole without a network."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from autograder.grading import rubric

IMAGES = Path(__file__).parents[2] / "images"
PICTURES = sorted(IMAGES.glob("*.svg"))
AGAIN = "make the pictures anew: python images/make.py"


def lines(svg: Path) -> list[str]:
    """Return the lines of text in a picture, without the title, borders and widths."""
    rows: dict[float, list[tuple[float, str]]] = defaultdict(list)
    for node in ElementTree.parse(svg).iter("{http://www.w3.org/2000/svg}text"):
        if "clip-path" in node.attrib:
            words = (node.text or "").replace("\N{NO-BREAK SPACE}", " ")
            rows[float(node.attrib["y"])].append((float(node.attrib["x"]), words))
    drawn = [" ".join(text for _x, text in sorted(rows[y])) for y in sorted(rows)]
    return [" ".join(line.replace("│", " ").split()) for line in drawn]


def timeless(text: list[str]) -> list[str]:
    """Return lines without the time of day."""
    return [re.sub(r"\d\d:\d\d", "HH:MM", line) for line in text]


@pytest.fixture(scope="module")
def make() -> ModuleType:
    """The script that makes the pictures."""
    pytest.importorskip("termios", reason="the pictures are made in pseudo-terminals")
    spec = importlib.util.spec_from_file_location("images_make", IMAGES / "make.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_there_is_a_picture_of_each_kind_for_each_language():
    kinds = ("chat", "scorecard", "space-time")
    names = {f"{kind}{suffix}.svg" for kind in kinds for suffix in ("", ".ru")}
    assert names <= {picture.name for picture in PICTURES}


@pytest.mark.parametrize("name", ["report.png", "report.ru.png"])
def test_the_page_of_a_class_is_there_in_each_language(name):
    assert (IMAGES / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_needs_nothing_from_outside(picture):
    text = picture.read_text(encoding="utf-8")
    outside = set(re.findall(r"\b\w+://[^\s\"')]+", text)) - {"http://www.w3.org/2000/svg"}
    assert outside == set()
    assert not re.search(r"@import|@font-face|href=|<script|<image", text)


@pytest.mark.parametrize(("language", "suffix"), [("en", ""), ("ru", ".ru")])
def test_the_chat_goes_today_as_in_the_picture(make, language, suffix, tmp_path):
    console = make.recorder("chat")
    console.print(make.chat(language, port=0))  # the usual port may be taken here
    make.draw(tmp_path / "chat.svg", console, "lab4")
    today = [re.sub(r" --port \d+", "", line) for line in timeless(lines(tmp_path / "chat.svg"))]
    today = [re.sub(r"(порт|port) \d+", r"\1 14900", line) for line in today]
    drawn = timeless(lines(IMAGES / f"chat{suffix}.svg"))
    assert today == drawn, AGAIN


def test_the_reference_still_breaks_as_in_the_picture(make, tmp_path):
    copy = make.broken_copy(tmp_path)
    compile((copy / "server.py").read_text(encoding="utf-8"), "server.py", "exec")


@pytest.mark.parametrize("suffix", ["", ".ru"])
def test_the_score_card_shows_every_check_that_has_points_and_one_failure(suffix):
    card = lines(IMAGES / f"scorecard{suffix}.svg")
    rows = {found[2]: found[1] for line in card if (found := re.match(r"([✓✗]) ([a-z]\w+)", line))}
    points = rubric.load()
    wanted = [check for check, level in points.levels.items() if level in (0, 1, 2)]
    assert list(rows) == wanted, AGAIN
    assert [check for check, mark in rows.items() if mark == "✗"] == ["leave_survived"]
    lost = points.points["leave_survived"]
    assert re.search(rf"\b{100 - lost} \w+ 100\b", card[-1]), AGAIN


@pytest.mark.parametrize("suffix", ["", ".ru"])
def test_the_diagram_shows_the_failure_of_the_score_card(suffix):
    card = "\n".join(lines(IMAGES / f"scorecard{suffix}.svg"))
    picture = ElementTree.parse(IMAGES / f"space-time{suffix}.svg")
    (missing,) = picture.iterfind(".//*[@class='st-row st-missing st-missing']")
    said = "".join(missing.itertext()).partition(": ")[2]
    assert re.fullmatch(r"boris-2-\w+", said), AGAIN
    assert f"“{said}”" in card or f"«{said}»" in card, AGAIN
