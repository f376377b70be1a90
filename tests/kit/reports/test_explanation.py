"""The pages of `lab4 explain`: whole, alike in both languages, and true of the kit."""

from __future__ import annotations

import ast
import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from autograder import i18n
from autograder.grading import catalog, rubric
from autograder.reports import explanation
from autograder.reports.reading import PAGES

ROOT = Path(__file__).parents[3]
HEADINGS = {
    "en": [
        *("What is tested", "Why it matters", "Fails", "Passes"),
        *("See it yourself", "Read on"),
    ],
    "ru": [
        *("Что проверяется", "Почему это важно", "Так не пройдёт", "Так пройдёт"),
        *("Увидеть самому", "Где прочитать"),
    ],
}
CODE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
SECTION = {
    "en": re.compile(r"section “([^”]+)”: `([^`]+)`"),
    "ru": re.compile(r"раздел «([^»]+)»: `([^`]+)`"),
}
TOOLS = ("nc ", "python ", "printf ", "seq ", "yes ", "top", "for ", "while ", "(printf ")

every_check = pytest.mark.parametrize("check", catalog.ABOUT)
every_language = pytest.mark.parametrize("language", i18n.LANGUAGES)


def text_of(check: str, language: str) -> str:
    return explanation.page_path(check, language).read_text(encoding="utf-8")


def shown(renderable: object, width: int = 80) -> str:
    screen = io.StringIO()
    Console(file=screen, width=width).print(renderable)
    return screen.getvalue()


def test_there_is_a_page_for_every_check_and_no_other():
    found = {path.name for path in PAGES.iterdir()}
    wanted = {f"{check}.{language}.md" for check in rubric.load().points for language in HEADINGS}
    assert found == wanted


@every_language
@every_check
def test_all_pages_have_the_same_sections(check, language):
    text = text_of(check, language)
    assert re.findall(r"^## (.+)$", text, re.M) == HEADINGS[language]
    for section in re.split(r"^## .+$", text, flags=re.M)[1:]:
        assert len(section.split()) > 5


@every_check
def test_the_code_is_the_same_in_both_languages(check):
    blocks = {language: CODE.findall(text_of(check, language)) for language in HEADINGS}
    assert blocks["ru"] == blocks["en"]
    assert [kind for kind, _code in blocks["en"]] == ["python", "python", "sh"]


@every_check
def test_the_snippets_compile_and_differ(check):
    (_, wrong), (_, right), _commands = CODE.findall(text_of(check, "en"))
    ast.parse(wrong)
    ast.parse(right)
    assert wrong != right
    assert max(len(line) for line in f"{wrong}{right}".splitlines()) <= 70


@every_check
def test_the_commands_are_such_as_people_have(check):
    *_python, (_, commands) = CODE.findall(text_of(check, "en"))
    lines = re.sub(r'"\n.*?"', '"…"', commands, flags=re.S).splitlines()
    assert [line for line in lines if not line.startswith(TOOLS)] == []


@every_language
@every_check
def test_what_it_names_for_reading_exists(check, language):
    found = SECTION[language].search(" ".join(text_of(check, language).split()))
    assert found
    section, name = found.groups()
    file = ROOT / name
    assert file.is_file()
    if file.suffix == ".ipynb":  # both languages come from one source
        file = ROOT / "notebooks" / "source" / f"{file.stem}.py"
    assert re.search(rf"^(# )?## {re.escape(section)}$", file.read_text(encoding="utf-8"), re.M)


@every_check
def test_a_page_shows_title_points_and_all_of_the_code(check):
    page = shown(explanation.page(check))
    assert catalog.title(check) in " ".join(page.split())
    assert f"{rubric.load().points[check]} points" in page
    for _kind, code in CODE.findall(text_of(check, "en")):
        assert all(line.strip() in page for line in code.splitlines())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("relai", "did you mean relay, relay_back"),
        ("framing", "did you mean framing_split"),
        ("zzz", "no check called zzz: `lab4 explain` lists them all"),
    ],
)
def test_an_unknown_name_is_answered_with_those_that_are_near(name, said):
    with pytest.raises(explanation.UnknownCheck, match=said):
        explanation.page(name)


def test_the_overview_names_every_check_under_its_level():
    text = shown(explanation.overview(), width=100)
    levels = re.split(r"^ +(?:Level \d: .+|Obligatory)$", text, flags=re.M)[1:]
    assert [name in levels[0] for name in ("relay", "crowd")] == [True, False]
    assert all(re.search(rf"^ +{check} .+$", text, re.M) for check in catalog.ABOUT)
