"""The record of a check: what is kept of a long one."""

from __future__ import annotations

from autograder.transcript import MOST_ABOUT, Transcript


def test_the_latest_events_are_kept_and_the_first_that_are_about_a_line():
    transcript = Transcript()
    transcript.add("anna", "sent", "anna-1\n")
    for number in range(100):
        transcript.add("boris", "received", f"{number} anna-1\n" if number % 2 else "noise")
    kept = [event.data.decode() for event in transcript.latest(3, "anna-1")]
    assert kept[:2] == ["anna-1\n", "1 anna-1\n"]
    assert kept[-3:] == ["97 anna-1\n", "noise", "99 anna-1\n"]
    assert len(kept) == min(49, MOST_ABOUT) + 3


def test_without_a_line_only_the_latest_are_kept():
    transcript = Transcript()
    for number in range(5):
        transcript.add("anna", "sent", str(number))
    assert [event.data for event in transcript.latest(2)] == [b"3", b"4"]
