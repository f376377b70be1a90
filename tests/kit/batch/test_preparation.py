"""What cannot be graded as it was asked for is refused before anything starts."""

from __future__ import annotations

import dataclasses

import click
import pytest

from autograder import fence
from autograder.batch import preparation


def test_without_a_sandbox_strangers_are_not_graded():
    tier = dataclasses.replace(fence.T0, reason="it rains", remedy="wait for the sun")

    def nothing():
        return tier

    with pytest.raises(click.UsageError) as caught:
        preparation.chosen_tier("require", nothing)
    assert caught.value.message == (
        "no sandbox works here: it rains; wait for the sun; "
        "--sandbox off takes the programs as they are"
    )
    assert preparation.chosen_tier("auto", nothing) is tier
    assert preparation.chosen_tier("off", nothing) is fence.T0
