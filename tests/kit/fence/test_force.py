"""Which tier is in force, and what it means for programs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import fence
from autograder.fence import T0, T1, T2, FenceError, force
from autograder.grading import result

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="other systems have plain processes")


@pytest.fixture(autouse=True)
def unfenced(monkeypatch):
    """Whatever a test enters is left afterwards."""
    monkeypatch.setattr(force, "_current", T0)
    monkeypatch.setattr(force, "_rules", force.Rules())


def test_without_a_word_there_is_no_fence():
    assert fence.current() is T0
    assert force.rules() == force.Rules()
    assert result.environment(1)["sandbox"] == "T0"


@LINUX
@pytest.mark.parametrize(
    ("routes", "addresses"),
    [("eth0 00000000\n", ""), ("", "fe80000000000000 02 40 20 80 eth0\n")],
)
def test_who_still_has_a_way_out_does_not_enter_a_tier_with_cells(
    monkeypatch, tmp_path, routes, addresses
):
    heading, own = "Iface Destination\n", "00000000000000000000000000000001 01 80 10 80 lo\n"
    for name in ("ROUTES", "ADDRESSES"):
        monkeypatch.setattr(force, name, tmp_path / name)
    force.ROUTES.write_text(heading + routes)
    force.ADDRESSES.write_text(own + addresses)
    with pytest.raises(FenceError, match="must have a network of its own"):
        fence.enter(T1)
    assert fence.current() is T0
    force.ROUTES.write_text(heading)
    force.ADDRESSES.write_text(own)
    fence.enter(T1)
    assert fence.current() is T1
    assert result.environment(1)["sandbox"] == "T1"


@LINUX
def test_landlock_needs_no_network_of_its_own():
    fence.enter(T2)
    assert fence.current() is T2
    assert force.rules().landlock


def test_programs_get_the_environment_that_they_need(monkeypatch):
    monkeypatch.setenv("SECRET", "s")
    monkeypatch.setenv("TMPDIR", "there")
    assert force.Rules().environment()["TMPDIR"] == "there"
    assert force.Rules(confined=True).environment() == {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def test_where_programs_find_themselves(tmp_path):
    stage, folder = tmp_path / "stage", tmp_path / "program"
    stage.mkdir()
    folder.mkdir()
    (stage / "server.py").write_text("pass")
    assert force.Rules().lay_out(stage, folder) == stage
    assert force.Rules(cell=True, confined=True).lay_out(stage, folder) == Path("/work")
    assert list(folder.iterdir()) == []
    home = force.Rules(confined=True).lay_out(stage, folder)
    assert home.is_relative_to(folder)
    assert (home / "server.py").read_text() == "pass"
    assert (stage / "server.py").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may give files away")
def test_a_copy_belongs_to_the_programs_user(tmp_path):
    stage, above = tmp_path / "stage", tmp_path / "above"
    stage.mkdir()
    above.mkdir(mode=0o700)
    folder = above / "program"
    folder.mkdir(mode=0o700)
    (stage / "server.py").write_text("pass")
    (stage / "link").symlink_to("/etc/passwd")
    before = Path("/etc/passwd").stat().st_uid
    home = force.Rules(confined=True, uid=1_000_000_001).lay_out(stage, folder)
    for path in (home, home / "server.py"):
        assert path.stat().st_uid == 1_000_000_001
    assert folder.stat().st_uid == 0
    assert Path("/etc/passwd").stat().st_uid == before
    assert above.stat().st_mode & 0o777 == folder.stat().st_mode & 0o777 == 0o701


@LINUX
def test_users_differ_from_process_to_process(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert force.rules_of(T1).uid is None  # who is not root stays who he is
    source = "from autograder.fence import force, T1; print(force.rules_of(T1).uid)"
    found = [
        subprocess.run([sys.executable, "-c", source], check=True, capture_output=True).stdout
        for _time in range(2)
    ]
    if found[0].strip() == b"None":
        pytest.skip("only root becomes somebody else")
    assert found[0] != found[1]
    assert all(int(uid) >= force.FIRST_UID for uid in found)
