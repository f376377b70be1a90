"""The best tier is found by trying, and why it is no better one is said."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import fence
from autograder.fence import T0, T1, T2, bubblewrap, probe

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="other systems have plain processes")


@pytest.fixture
def unasked():
    """Nobody knows yet which tier is the best; nor afterwards."""
    probe.best.cache_clear()
    yield
    probe.best.cache_clear()


@pytest.fixture
def broken_bubblewrap(tmp_path, monkeypatch) -> Callable[[str], None]:
    """Return a function that puts a program in the place of bubblewrap, which says something."""

    def put(said: str) -> None:
        program = tmp_path / "bwrap"
        program.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr(bubblewrap, "executable", lambda: str(program))

    return put


@LINUX
def test_a_canary_sees_that_there_is_no_fence():
    found = probe._canary(T0)
    assert {"read", "write", "connect", "trace"} <= set(found["escapes"])
    assert found["harmed"] == ""


@LINUX
def test_a_canary_does_not_get_out_of_the_best_tier(best):
    assert probe._canary(best) == {"escapes": [], "harmed": ""}


@LINUX
@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (
            {"escapes": ["namespace", "raw"], "harmed": ""},
            "a canary could do this: make a namespace; open a raw socket",
        ),
        (
            {"escapes": [], "harmed": "OSError: no"},
            "an honest program does not run in it: OSError: no",
        ),
    ],
)
def test_a_fence_with_a_hole_or_without_a_door_is_none(unasked, monkeypatch, found, reason):
    monkeypatch.setattr(probe, "_canary", lambda tier: found)
    monkeypatch.setattr(bubblewrap, "executable", lambda: "bwrap")
    tier = fence.best()
    assert (tier.name, tier.reason) == ("T0", reason)


@LINUX
def test_what_a_lower_tier_cannot_promise_is_no_hole_in_it(unasked, monkeypatch):
    hole = {"escapes": ["connect"], "harmed": ""}
    monkeypatch.setattr(probe, "_canary", lambda tier: hole)
    monkeypatch.setattr(probe, "_open_to_all", lambda python: True)
    monkeypatch.setattr(bubblewrap, "executable", lambda: "bwrap")
    assert probe.why_not(T1)[0] == "a canary could do this: connect to the grader's network"
    assert probe.why_not(T2) == ("", "")


@LINUX
def test_without_bubblewrap_it_is_said_how_to_get_it(unasked, monkeypatch):
    monkeypatch.setenv("PATH", "")
    tier = fence.best()
    assert not tier.cell
    assert (tier.reason, tier.remedy) == (
        "bubblewrap is not installed",
        "sudo apt install bubblewrap",
    )


@LINUX
@pytest.mark.parametrize("restricted", [True, False])
def test_a_bubblewrap_that_fails_is_quoted(broken_bubblewrap, monkeypatch, tmp_path, restricted):
    switch = tmp_path / "switch"
    switch.write_text("1\n" if restricted else "0\n")
    monkeypatch.setattr(probe, "APPARMOR", switch)
    broken_bubblewrap("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted")
    reason, remedy = probe.why_not(T1)
    assert reason.endswith("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted")
    if restricted:
        assert remedy == "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    else:
        assert remedy.startswith("a container must be started with the right to make namespaces")


@LINUX
def test_of_a_failure_without_a_known_cause_no_remedy_is_made_up(broken_bubblewrap):
    broken_bubblewrap("bwrap: out of ideas")
    assert probe.why_not(T1)[1] == ""


def test_other_systems_have_plain_processes(unasked, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    tier = fence.best()
    assert (tier.name, tier.reason) == ("T0", "this system is not Linux")
    assert tier.remedy == "grade in a virtual machine with Linux"


def test_the_best_tier_is_found_out_once(unasked):
    assert fence.best() is fence.best()


def test_what_a_canary_tries_has_words():
    tried = re.findall(r'(?m)^        "(\w+)": lambda', probe.CANARY.read_text(encoding="utf-8"))
    assert tried == list(probe.ESCAPES)


def test_tiers_say_what_they_promise_and_what_not():
    for tier in fence.TIERS:
        assert tier.promise.endswith(".")
        assert tier.no_promise.startswith("Not promised: ")
    assert [tier.name for tier in fence.TIERS] == ["T1", "T2", "T0"]


@LINUX
def test_a_python_of_root_alone_is_no_use_for_another_user(monkeypatch, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(probe.force, "_uid", lambda: 1_000_000_001)
    assert not probe._open_to_all(closed / "python3")
    closed.chmod(0o755)
    above = all(folder.stat().st_mode & 1 for folder in closed.parents)
    assert probe._open_to_all(closed / "python3") == above


@LINUX
def test_the_package_loads_without_what_only_linux_has():
    source = f"""
import shutil, sys  # shutil first: it looks for Windows' own modules
sys.platform = "win32"
sys.modules["resource"] = sys.modules["fcntl"] = None
sys.path.insert(0, {str(Path(__file__).parents[3])!r})
from autograder import fence
assert fence.best().name == fence.current().name == "T0"
"""
    subprocess.run([sys.executable, "-c", source], check=True)
