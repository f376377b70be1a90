"""What a notice says, whatever a server sends in its place."""

from __future__ import annotations

import pytest

from autograder.harness import notices


@pytest.mark.parametrize(
    ("text", "twice"),
    [("anna left", False), ("anna leftanna left", True), ("aaa", True), ("a", False)],
)
def test_a_notice_that_repeats_itself_is_known(text, twice):
    assert notices._repeats_itself(text) is twice


def test_a_flood_in_the_place_of_a_notice_is_looked_through_at_once():
    assert notices._repeats_itself("User 1: " * 500_000)
    assert not notices._repeats_itself("User 1: " * 500_000 + "!")
