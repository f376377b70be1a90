"""The space-time diagram as a browser lays it out: legible with 2 and with 20 clients."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from autograder.grading.result import CheckResult
from autograder.reports import diagram

pytestmark = pytest.mark.slow

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

BOXES = """() => [...document.querySelectorAll('svg text')].map(text => {
  const box = text.getBoundingClientRect();
  const size = parseFloat(getComputedStyle(text).fontSize);
  return [box.left, box.top, box.right, box.bottom, size, text.textContent];
})"""
SHAPES = """() => {
  const page = document.querySelector('svg').getBoundingClientRect();
  return [...document.querySelectorAll('svg line, svg path, svg circle, svg text')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.left < page.left || box.right > page.right
      || box.top < page.top || box.bottom > page.bottom;
  }).map(one => one.outerHTML);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with (
        playwright.sync_playwright() as tool,
        tool.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        ) as opened,
    ):
        yield opened


def crowd(
    count: int, text: str = "привет", *, threads: bool = False, pause_s: float = 0.001
) -> CheckResult:
    """Return a check in which each of `count` clients speaks to all the others.

    Args:
        threads: Whether the threads of the server are seen.
        pause_s: Between events.
    """
    events: list[dict[str, object]] = []

    def add(who: str, kind: str, text: str, **more: object) -> None:
        events.append({"t": len(events) * pause_s, "who": who, "dir": kind, "text": text, **more})

    people = [f"user{number}" for number in range(1, count + 1)]
    for author in people:
        add(author, "event", "connected")
        add(author, "sent", f"{text} {author}\n")
        call = {"thread": f"Thread-{author} (handle_client)", "line": "server.py:31"}
        if threads:
            add("server.py", "thread", f"{text} {author}\n", call="recv", peer=author, **call)
        add("server.py", "console", f"{author} says {text}\n")
        for listener in people:
            if listener != author and (author, listener) != (people[-1], people[0]):
                said = f"12:00 - #{author} - {text} {author}\n"
                if threads:
                    add("server.py", "thread", said, call="sendall", peer=listener, **call)
                add(listener, "received", said)
    missing = {"from": people[-1], "to": people[0], "text": f"{text} {people[-1]}"}
    return CheckResult("crowd", 2, "failed", 0, 5, "Crowd", transcript=events, missing=missing)


@pytest.mark.parametrize(
    "how",
    [{}, {"threads": True}, {"threads": True, "pause_s": 1.7}],
    ids=["whole", "threads", "slow"],
)
@pytest.mark.parametrize(
    "text", ["привет", "W" * 15, "漢字🎉", "a\u0301\u0302\u0303\u0304\ufdfd" * 9]
)
@pytest.mark.parametrize("count", [2, 4, 8, 20])
def test_no_words_lie_on_others_and_nothing_is_outside(browser, count, text, how):
    page = browser.new_page(viewport={"width": 1000, "height": 600})
    page.set_content(diagram.draw(crowd(count, text, **how)))
    boxes = page.evaluate(BOXES)
    outside = page.evaluate(SHAPES)
    page.close()
    assert outside == []
    assert min(size for *_box, size, _words in boxes) >= 11
    slack = 2  # pixels: the box of a text is higher than its letters
    for number, (left, top, right, bottom, _size, one) in enumerate(boxes):
        for left2, top2, right2, bottom2, _size2, other in boxes[:number]:
            apart = left >= right2 or left2 >= right
            apart = apart or top + slack >= bottom2 - slack or top2 + slack >= bottom - slack
            assert apart, f"{one!r} lies on {other!r}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_alone_the_picture_has_its_paper_and_in_a_page_the_colour_of_the_page(
    browser, tmp_path, scheme
):
    svg = diagram.draw(crowd(2))
    file = tmp_path / "alone.svg"
    file.write_text(svg, encoding="utf-8")
    colours = """() => { const svg = document.querySelector('svg'), style = getComputedStyle(svg);
      return [style.color, style.backgroundColor]; }"""
    seen = []
    for show in (
        lambda page: page.goto(file.as_uri()),
        lambda page: page.set_content(f"<body style='color: rgb(1, 2, 3)'>{svg}"),
    ):
        page = browser.new_page(color_scheme=scheme)
        show(page)
        seen.append(page.evaluate(colours))
        page.close()
    papers = {
        "light": ["rgb(31, 35, 40)", "rgb(255, 255, 255)"],
        "dark": ["rgb(230, 237, 243)", "rgb(13, 17, 23)"],
    }
    assert seen == [papers[scheme], ["rgb(1, 2, 3)", "rgba(0, 0, 0, 0)"]]
