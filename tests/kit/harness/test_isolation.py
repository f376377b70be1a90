"""A process on a network of its own; where there is none, nothing has changed."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.harness import isolation

ROOT = Path(__file__).parents[3]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has networks of one's own")
BEGIN = f"""
import os, socket, sys
sys.path.insert(0, {str(ROOT)!r})
from autograder.harness import isolation
def network():
    return os.readlink("/proc/self/ns/net"), socket.gethostname()
before = network()
def fail(*_):
    raise PermissionError(1, "not permitted")
"""
TRY = """
if not isolation.own_network():
    print("none", before == network())
    sys.exit()
assert before[0] != network()[0]
for host in ("127.0.0.1", "localhost", socket.gethostname(), socket.getfqdn()):
    with socket.create_server((socket.gethostbyname(host), int(sys.argv[1]))) as server:
        socket.create_connection((host, int(sys.argv[1]))).close()
print("own", os.getuid(), os.getgid())
"""


def run(source: str, *words: str, **how: object) -> str:
    command = [sys.executable, "-c", BEGIN + source, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **how)
    assert not done.stderr
    return done.stdout.strip()


@pytest.fixture
def taken():
    """A port on which somebody else listens, at all addresses."""
    with socket.create_server(("", 0)) as server:
        yield str(server.getsockname()[1])


@LINUX
def test_a_taken_port_is_free_on_a_network_of_ones_own(taken):
    if (said := run(TRY, taken)) == "none True":
        pytest.skip("this system gives this user no network of his own")
    assert said == f"own {os.getuid()} {os.getgid()}"


@LINUX
def test_who_is_not_root_has_a_network_of_a_namespace_of_users(taken):
    source = """
real = isolation._unshare
isolation._unshare = lambda what: real(what) if what & isolation.NEW_USER else fail()
"""
    if (said := run(source + TRY, taken)) == "none True":
        pytest.skip("this system gives no namespace of users")
    assert said == f"own {os.getuid()} {os.getgid()}"


@LINUX
@pytest.mark.parametrize("step", ["_unshare", "_switch_on"])
def test_what_does_not_work_changes_nothing(step):
    assert run(f"isolation.{step} = fail" + TRY, "1") == "none True"


@LINUX
def test_what_works_in_the_child_only_is_no_error(taken):
    assert run("isolation._can_leave, isolation._leave = lambda: True, fail" + TRY, taken) == (
        "none True"
    )


@LINUX
def test_the_kernel_says_why_not():
    with pytest.raises(OSError) as caught:
        isolation._unshare(1)  # no such flag
    assert caught.value.errno == errno.EINVAL


def test_other_systems_have_none(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(isolation, "_leave", None)
    monkeypatch.setattr(isolation, "_can_leave", None)
    assert not isolation.own_network()
