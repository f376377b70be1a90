"""What all tests of the kit share: English words, and the reference graded once."""

from collections.abc import Iterator

import pytest

from autograder import i18n


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Tests assert texts, in English whatever this machine speaks."""
    before = i18n.language()
    i18n.set_language("en")
    yield
    i18n.set_language(before)
