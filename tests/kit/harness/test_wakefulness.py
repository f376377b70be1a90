"""Who computes without end is told from who sleeps, on a busy machine as well."""

from __future__ import annotations

import threading
import time

import pytest

from autograder.harness import procfs, wakefulness
from autograder.harness.wakefulness import Wakefulness

pytestmark = pytest.mark.skipif(not procfs.available(), reason="needs Linux's /proc")


@pytest.mark.parametrize(
    "source, sleepless",
    {
        "while True: pass": True,
        "time.sleep(1000)": False,
        "while True: time.sleep(0.005)": False,
    }.items(),
)
def test_who_never_sleeps_is_told_from_who_sleeps_a_little(start, source, sleepless):
    process = start("import time; print('ready', flush=True)\n" + source)
    assert process.stdout.readline()
    before, began = wakefulness.of(process.pid)[process.pid], time.monotonic()
    threading.Event().wait(0.3)
    after, passed_s = wakefulness.of(process.pid)[process.pid], time.monotonic() - began
    assert before.is_sleepless(after, passed_s) == sleepless


@pytest.mark.parametrize(
    "later, sleepless",
    [
        (Wakefulness(1.05, 4, True), True),  # the wait for its turn is not counted yet
        (Wakefulness(1.05, 5, True), False),
        (Wakefulness(1.05, 4, False), False),
        (Wakefulness(1.29, 9, False), True),  # it let another run for a moment
    ],
)
def test_who_waits_for_a_processor_does_not_sleep(later, sleepless):
    assert Wakefulness(1.0, 4, True).is_sleepless(later, passed_s=0.3) == sleepless
