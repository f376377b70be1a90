"""The Russian catalog: whole, in step with the sources, and compiled from what stands beside it."""

from __future__ import annotations

import gettext
import io
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import autograder
from autograder import i18n
from autograder.cli import WORDS_OF_CLICK
from autograder.grading import catalog as words
from autograder.grading import rubric

SOURCES = Path(autograder.__file__).parent
PYPROJECT = SOURCES.parent / "pyproject.toml"
RUSSIAN = i18n.LOCALE_DIR / "ru" / "LC_MESSAGES" / "lab4"
UPDATE = "update the catalog as CONTRIBUTING.md says"
CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
SAME_IN_BOTH = {"seed {seed}"}  # the name of an option


@pytest.fixture(scope="module")
def russian() -> Catalog:
    """The catalog as it is written."""
    with RUSSIAN.with_suffix(".po").open("rb") as file:
        return read_po(file, locale="ru", domain="lab4")


@pytest.fixture
def speak() -> Iterator[object]:
    """Return what sets the language; it is set back at the end."""
    before = i18n.language()
    yield i18n.set_language
    i18n.set_language(before)


def forms(text: object) -> tuple[str, ...]:
    """Return all forms of a message, be it one or several."""
    return tuple(text) if isinstance(text, list | tuple) else (str(text),)


def messages(catalog: Catalog) -> list[Message]:
    """Return the messages of a catalog without its header."""
    return [message for message in catalog if message.id]


def placeholders(text: str) -> set[tuple[str, str | None]]:
    """Return what stands in braces: names, each with its format."""
    return {(name, spec) for _text, name, spec, _conv in string.Formatter().parse(text) if name}


def test_every_string_of_the_sources_is_in_the_catalog_and_no_other(russian):
    mappings = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    found = {forms(entry[2]) for entry in extract_from_dir(SOURCES, methods)}
    written = {forms(message.id) for message in messages(russian)}
    assert found - written == set(), UPDATE
    assert written - found == set(), UPDATE


def test_every_string_is_translated(russian):
    for message in messages(russian):
        assert not message.fuzzy, message.id
        translated = forms(message.string)
        assert len(translated) == (russian.num_plurals if message.pluralizable else 1), message.id
        for text in translated:
            assert CYRILLIC.search(text) or text in SAME_IN_BOTH, message.id


def test_placeholders_agree(russian):
    for message in messages(russian):
        if message.id in words_with_braces_of_code():
            continue
        wanted = [placeholders(text) for text in forms(message.id)]
        alike = all(each == wanted[0] for each in wanted)
        assert alike or forms(message.id)[0] in WORDS_OF_CLICK, message.id
        for text in forms(message.string):
            assert placeholders(text) in wanted, text


def words_with_braces_of_code() -> set[str]:
    """Return the words about checks: they are shown as they are, braces and all."""
    return {text for about in words.ABOUT.values() for text in (about.title, about.why, about.hint)}


def test_sentences_end_alike(russian):
    for message in messages(russian):
        for text in forms(message.string):
            assert text.endswith(".") == forms(message.id)[0].endswith("."), text


def test_the_compiled_catalog_is_made_from_the_written_one(russian):
    fresh = io.BytesIO()
    write_mo(fresh, russian)
    fresh.seek(0)
    with RUSSIAN.with_suffix(".mo").open("rb") as file:
        compiled = vars(gettext.GNUTranslations(file))["_catalog"]
    wanted = vars(gettext.GNUTranslations(fresh))["_catalog"]
    # Without the header: it names the version of the compiler.
    assert {**compiled, "": ""} == {**wanted, "": ""}, UPDATE


@pytest.mark.parametrize(
    ("count", "russian_text"),
    [
        (1, "1 значок"),
        (2, "2 значка"),
        (5, "5 значков"),
        (11, "11 значков"),
        (21, "21 значок"),
    ],
)
def test_russian_counts(speak, count, russian_text):
    speak("ru")
    text = i18n.ngettext("{count} badge", "{count} badges", count)
    assert text.format(count=count) == russian_text


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("check", rubric.load().points)
def test_every_check_has_its_words(speak, check, language):
    speak(language)
    about = [words.title(check), words.why(check), words.hint(check)]
    assert all(about)
    assert check not in about
    if language == "ru":
        assert [text for text in about[:2] if not CYRILLIC.search(text)] == []


def test_the_catalog_speaks_of_no_check_that_the_rubric_does_not_have():
    assert set(words.ABOUT) == set(rubric.load().points)
