"""A program under test sees the time of day that the check wants, at any time of day."""

import subprocess
import sys

import pytest

from autograder.harness.clock import Clock

SHOW = "from datetime import datetime; print(datetime.now().strftime('%H:%M'))"


@pytest.mark.skipif(sys.platform == "win32", reason="TZ is read by another library there")
@pytest.mark.parametrize(("hour", "minute"), [(4, 7), (0, 0), (23, 30), (12, 59)])
def test_the_time_zone_shows_the_wanted_time(hour, minute):
    clock = Clock(hour, minute)
    done = subprocess.run(
        [sys.executable, "-S", "-c", SHOW],
        env={"TZ": clock.timezone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() in clock._right


@pytest.mark.parametrize(
    ("hour", "minute", "cause"),
    [
        ("40", "70", "ljust() pads on the right: 4 becomes 40"),
        ("4", "7", "one digit is not padded to two"),
        ("16", "07", "a clock of 12 hours: %I instead of %H"),
        ("16", "38", "the time is not the local time of day"),
        ("11", "12", "the time is not the local time of day"),
    ],
)
def test_each_mistake_has_its_name(hour, minute, cause):
    assert Clock(4, 7)._mistake(hour, minute) == cause
