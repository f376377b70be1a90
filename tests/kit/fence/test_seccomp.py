"""The filter's numbers are those of the system's headers, and its jumps lead where they should."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import pytest

from autograder.fence import seccomp

HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}
LOOKED_AT = ("clone", "clone3", "socket", "ioctl", "prctl")


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_are_those_of_the_headers(machine):
    found = [path for path in map(Path, HEADERS[machine]) if path.exists()]
    if not found:
        pytest.skip("no headers of the kernel here")
    defined = dict(re.findall(r"#define __NR3?2?6?4?_?(\w+)\s+(\d+)", found[0].read_text()))
    place = seccomp.MACHINES[machine][1]
    ours = {name: numbers[place] for name, numbers in seccomp.FORBIDDEN.items()}
    ours |= {name: getattr(seccomp, name.upper())[place] for name in LOOKED_AT}
    if machine == "x86_64":
        ours |= seccomp.ONLY_ON_X86
    known = {name: number for name, number in ours.items() if name in defined}
    assert len(known) > 60  # the headers may be older than the newest calls
    assert {name: int(defined[name]) for name in known} == known


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_every_jump_stays_in_the_filter(machine, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    code = list(seccomp.INSTRUCTION.iter_unpack(seccomp.program()))
    assert len(code) <= 4096  # BPF_MAXINSNS
    jumps = (seccomp.EQUAL, seccomp.AT_LEAST, seccomp.ANY_BIT)
    for place, (kind, yes, no, _operand) in enumerate(code):
        assert kind in (*jumps, seccomp.LOAD, seccomp.AND, seccomp.RETURN)
        if kind in jumps:
            assert place + 1 + max(yes, no) < len(code)
    assert code[-1][0] == seccomp.RETURN


def test_other_processors_are_unknown(monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert not seccomp.available()
    with pytest.raises(KeyError):
        seccomp.program()
