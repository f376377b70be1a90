"""SANDBOX.md promises what is so."""

from __future__ import annotations

import resource
from pathlib import Path

from autograder import fence
from autograder.fence import bubblewrap, cell, confine

TEXT = (Path(__file__).parents[3] / "SANDBOX.md").read_text(encoding="utf-8")


def test_the_page_names_the_tiers_the_best_first():
    rows = [line.split("|")[1].strip() for line in TEXT.splitlines() if line.startswith("| T")]
    assert rows == [tier.name for tier in fence.TIERS]


def test_the_page_names_the_limits():
    words = " ".join(TEXT.split())
    limits = confine.LIMITS
    for said in (
        *(f"`{disk}`" for disk in cell.DISKS),
        f"of {cell.DISKS['/tmp'] >> 20} MB each",
        f"{cell.MOST_MEMORY >> 20} MB of memory",
        f"{cell.MOST_PROCESSES} processes",
        f"{limits[resource.RLIMIT_NPROC]} threads",
        f"{limits[resource.RLIMIT_NOFILE]} open files",
        f"files of {limits[resource.RLIMIT_FSIZE] >> 20} MB",
    ):
        assert said in words, said
    assert len(set(cell.DISKS.values())) == 1
    assert limits[resource.RLIMIT_CPU] == 120 and "two minutes of a processor" in words


def test_what_comes_along_into_bubblewrap_is_what_stands_alone():
    alone = {"zygote", "cell", "confine", "landlock", "seccomp"}  # see tests/kit/test_layers.py
    assert set(bubblewrap.INSIDE) == alone
