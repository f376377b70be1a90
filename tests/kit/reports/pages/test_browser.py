"""The pages in a real browser: by mouse and keyboard, on a phone, in the dark, on paper."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

pytest.importorskip("playwright", reason="Playwright is not installed")
pytest.importorskip("axe_playwright_python", reason="axe is not installed: see the extra `dev`")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("chromium"), reason="there is no Chromium"),
]
EVIL = ("a.png", "b.js", "c", "d")  # what a hostile page would ask for
ENOUGH = 4.5  # contrast of text that is not large, WCAG 2.2 AA

# Returns each text that is seen, its colour and that of what is painted below it.
CONTRASTS = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const below = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parts(getComputedStyle(node).backgroundColor);
      if ((colour[3] ?? 1) === 1) return colour;
      if (colour[3] > 0) throw Error(`half transparent: ${node.outerHTML.slice(0, 80)}`);
    }
    throw Error("nothing is painted below");
  };
  // What is half transparent has a colour between its own and the one below.
  const opacity = (node) =>
    node ? Number(getComputedStyle(node).opacity) * opacity(node.parentElement) : 1;
  const mixed = (node, under) => {
    const { color, fill } = getComputedStyle(node), own = parts(node.closest("svg") ? fill : color);
    return own.slice(0, 3).map((v, n) => under[n] + (v - under[n]) * opacity(node));
  };
  const NEVER_SEEN = "option, script, style, title, desc";
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), node = walker.currentNode.parentElement;
    if (!text || !node.checkVisibility() || node.closest(NEVER_SEEN)) continue;
    const under = below(node), [a, b] = [light(mixed(node, under)), light(under)];
    found.push([text.slice(0, 40), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with (
        sync_playwright() as tool,
        tool.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        ) as browser,
    ):
        yield browser


@pytest.fixture
def show(browser: Browser, written: Path) -> Iterator[Callable[..., Page]]:
    """Return what opens a page; at the end nothing may have been asked for but pages, or failed."""
    asked: list[str] = []
    wrong: list[str] = []
    contexts = []

    def open_page(name: str = "index.html", *, width: int = 1200, **how: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **how)
        contexts.append(context)
        context.on("request", lambda request: asked.append(request.url))
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        context.on("console", lambda message: wrong.append(message.text))
        page = context.new_page()
        page.goto((written / name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
    assert asked
    assert all(url.startswith(written.as_uri()) for url in asked), asked


@pytest.fixture(params=["index.html", "submissions/ключ 2.html"])
def name(request: pytest.FixtureRequest) -> str:
    """Each kind of page in turn."""
    return str(request.param)


def shown(page: Page) -> list[str]:
    return page.locator("#works tbody tr:visible th").all_inner_texts()


def test_a_click_on_a_head_sorts_and_another_one_turns_round(show):
    page = show()
    first = shown(page)
    score = page.get_by_role("button", name="Score")
    score.click()
    assert [name[:2] for name in shown(page)] == ["Бо", "Гр", "Ал", "Ве", "Де"]
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Score")
    score.click()
    assert [name[:2] for name in shown(page)] == ["Ве", "Ал", "Гр", "Бо", "Де"]
    page.get_by_role("button", name="relay", exact=True).click()
    assert [name[:2] for name in shown(page)] == ["Бо", "Гр", "Ал", "Ве", "Де"]
    page.get_by_role("button", name="Name", exact=True).click()
    assert shown(page) == sorted(first)
    page.get_by_role("button", name="Show all").click()
    assert page.locator("[aria-sort]").count() == 0


def test_filters_leave_what_fits_all_of_them(show):
    page = show()
    status = page.get_by_role("status")
    assert status.inner_text() == "shown: 5 of 5"
    page.get_by_label("Did not pass").select_option("relay")
    assert [name[:2] for name in shown(page)] == ["Бо", "Гр"]
    page.get_by_label("Name").fill("КИРА")
    assert [name[:2] for name in shown(page)] == ["Гр"]
    assert status.inner_text() == "shown: 1 of 5"
    page.get_by_role("button", name="Show all").click()
    assert status.inner_text() == "shown: 5 of 5"
    page.get_by_label("Outcome").select_option("not_gradable")
    assert [name[:2] for name in shown(page)] == ["Де"]


def test_a_failure_leads_to_those_who_have_it(show):
    page = show()
    page.locator("article", has_text="Everybody else hears").get_by_role(
        "link", name="show"
    ).click()
    assert [name[:2] for name in shown(page)] == ["Бо"]
    assert page.locator("#works").evaluate("e => e.getBoundingClientRect().top < innerHeight")


def test_there_and_back_leaves_the_table_as_it_was(show):
    page = show()
    page.get_by_label("Did not pass").select_option("crowd")
    page.get_by_role("button", name="Score").click()
    before = shown(page)
    page.get_by_role("link", name="Григорьева Кира").first.click()
    expect(page.locator("h1")).to_have_text("Григорьева Кира")
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("shown: 2 of 5")
    assert shown(page) == before
    assert [name[:2] for name in before] == ["Гр", "Ал"]
    page.get_by_role("link", name="Григорьева Кира").first.click()
    page.get_by_role("link", name="The whole class").click()
    expect(page.get_by_role("status")).to_have_text("shown: 5 of 5")


def test_a_click_on_a_failed_check_leads_to_its_story(show):
    page = show()
    page.locator("#works tr", has_text="Борисова").locator("td.failed").last.click()
    page.wait_for_url("**/*#check-broadcast")
    assert "ключ 2.html" in unquote(page.url)
    assert page.locator("article:target h3").inner_text().startswith("Everybody else hears")


def test_all_can_be_done_with_the_keyboard(show):
    page = show()
    focused = "document.activeElement"
    press(page, f"{focused}.name === 'find'")
    page.keyboard.type("а")
    press(page, f"{focused}.textContent === 'Score'")
    outline = page.evaluate(f"getComputedStyle({focused}).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    assert [name[:2] for name in shown(page)] == ["Бо", "Гр", "Ал", "Ве"]
    press(page, f"{focused}.closest('#works tbody')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/submissions/*")
    press(page, f"{focused}.tagName === 'SUMMARY'")
    rows = page.locator("details .log tr:visible")
    expect(rows).to_have_count(0)
    page.keyboard.press("Enter")
    expect(rows).not_to_have_count(0)
    press(page, f"{focused}.matches('nav a')", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html")


def press(page: Page, wanted: str, key: str = "Tab") -> None:
    """Press Tab until the focus is where it is wanted."""
    for _time in range(80):
        page.keyboard.press(key)
        if page.evaluate(f"Boolean({wanted})"):
            return
    raise AssertionError(f"{key} never came to {wanted}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(show, name, scheme):
    page = show(name, color_scheme=scheme)
    for details in page.locator("details").all():
        details.evaluate("e => e.open = true")
    found = page.evaluate(CONTRASTS)
    assert len(found) > 50
    assert [(text, round(ratio, 2)) for text, ratio in found if ratio < ENOUGH] == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 19, 24)"
    assert dark == (scheme == "dark")


@pytest.mark.parametrize("width", [390, 1200])
def test_axe_finds_no_barrier(show, name, width):
    found = Axe().run(show(name, width=width))
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_needs_no_scrolling_sideways(show, name, width):
    page = show(name, width=width)
    for box in ("document.documentElement", "document.querySelector('.map') ?? document.body"):
        wide, room = page.evaluate(f"(e => [e.scrollWidth, e.clientWidth])({box})")
        assert wide <= room
    if name == "index.html":
        row = page.locator("#works tr", has_text="Борисова")
        assert row.locator("td.failed").first.is_visible()
        assert not row.locator("td.passed").first.is_visible()


def test_print_shows_all_of_the_table_and_nothing_to_click(show, name):
    page = show(name)
    page.emulate_media(media="print")
    assert not page.locator("nav, #filters, .to-map").locator("visible=true").count()
    if name == "index.html":
        size = page.locator(".map").evaluate("e => [e.scrollHeight, e.clientHeight]")
        assert size[0] == size[1]
    assert [(text, ratio) for text, ratio in page.evaluate(CONTRASTS) if ratio < ENOUGH] == []
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("stands", [True, False], ids=["with the wall", "without"])
def test_the_second_wall_stands_if_the_first_one_falls(browser, written, tmp_path, name, stands):
    evil = (
        '<img src="https://evil.example/a.png"><img src="x:" onerror="document.title = 1">'
        "<script>document.title = 2</script><script src='https://evil.example/b.js'></script>"
        '<iframe src="https://evil.example/d"></iframe>'
        '<style>@import "https://evil.example/c";</style>'
    )
    text = (written / name).read_text(encoding="utf-8").replace("<main>", f"<main>{evil}")
    wall = '<meta http-equiv="Content-Security-Policy"'
    assert (evil in text, wall in text) == (True, True)
    broken = tmp_path / "broken.html"
    broken.write_text(text if stands else text.replace(wall, "<meta"), encoding="utf-8")
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body="")

    with browser.new_context() as context:
        context.route("https://evil.example/**", answer)
        page = context.new_page()
        page.goto(broken.as_uri())
        acted = page.title() in ("1", "2")
    assert (acted, sorted(asked)) == (
        (False, []) if stands else (True, [f"https://evil.example/{n}" for n in EVIL])
    )
