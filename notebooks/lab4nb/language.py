"""The language of a notebook, which is that of its folder, and the words of the helpers in it.

The words stand in `words/*.toml`, each in Russian and English. `say("river.sent")` is the entry
`sent` of `words/river.toml`. Code cells are the same in both languages: they know no words.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

from autograder import i18n

WORDS = Path(__file__).with_name("words")


def language() -> str:
    """Return `ru` or `en`: the folder that the notebook runs in, else the user's language."""
    folder = Path.cwd().name
    return folder if folder in i18n.LANGUAGES else i18n.default_language()


@functools.cache
def catalog() -> dict[str, dict[str, str]]:
    """Return name → language → text of all words."""
    found = {}
    for path in sorted(WORDS.glob("*.toml")):
        for key, texts in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found[f"{path.stem}.{key}"] = texts
    return found


def say(name: str, **values: object) -> str:
    """Return the words called `name`, with the values filled in.

    Raises:
        KeyError: there are no such words, or they need a value that was not given.
    """
    return catalog()[name][language()].format(**values)
