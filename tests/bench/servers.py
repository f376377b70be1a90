"""The servers under load: how each is built, started, found in the system, stopped and reaped."""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent
REFERENCE = HERE.parents[1] / "reference" / "server.py"
READY = 10.0  # seconds a server may take until it listens
PATIENCE = 3.0  # seconds a server may take to stop before it is killed


class Trouble(Exception):
    """One sentence that says why something could not be measured."""


@dataclass(frozen=True)
class Server:
    name: str
    command: tuple[str, ...]


def raise_file_limit() -> None:
    """Let this process and its children hold as many sockets as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Bench:
    """The compiled load generator and the servers it can be pointed at."""

    def __init__(self, reference: Path, build: Path) -> None:
        self.loadgen = compile_c(HERE / "loadgen.c", build)
        epoll = compile_c(HERE / "peers" / "epoll.c", build)
        port = ("--host", "127.0.0.1", "--port", "0")
        commands: dict[str, tuple[str, ...]] = {
            "reference": (sys.executable, str(reference), *port),
            "asyncio streams": python_peer("asyncio_streams.py"),
            "asyncio batched": python_peer("asyncio_batched.py"),
            "socketserver": python_peer("socketserver_threads.py"),
            "threads, direct": python_peer("threads_direct.py"),
            "C": (epoll,),
            "C batched": (epoll, "batch"),
        }
        self.servers = {name: Server(name, command) for name, command in commands.items()}

    def measure(self, name: str, arguments: list[str], limit: float) -> dict[str, float]:
        """Start a server, load it once, stop it.

        Args:
            arguments: of the load generator; port and process id are added.
            limit: seconds the load may last.

        Raises:
            Trouble: the server did not start, or the load generator gave up.
        """
        with running(self.servers[name]) as (pid, port):
            command = [self.loadgen, "-p", str(port), "-i", str(pid), "-l", str(limit), *arguments]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=limit + 60)
            except subprocess.TimeoutExpired:
                raise Trouble(f"the load on {name} took more than {limit + 60:.0f} s") from None
        if done.returncode:
            raise Trouble(f"{name}: {done.stderr.strip() or f'status {done.returncode}'}")
        figures: dict[str, float] = json.loads(done.stdout)
        return figures


@contextlib.contextmanager
def bench(reference: Path) -> Iterator[Bench]:
    """Compile what is written in C into a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lab4-bench-") as build:
        yield Bench(reference, Path(build))


def python_peer(file: str) -> tuple[str, ...]:
    return (sys.executable, str(HERE / "peers" / file))


def compile_c(source: Path, build: Path) -> str:
    if sys.platform != "linux":
        raise Trouble("the load generator needs epoll, so the benchmark runs on Linux only")
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        raise Trouble("no C compiler (cc, gcc, clang) was found; install one and run this again")
    program = build / source.stem
    command = [compiler, "-O2", "-o", str(program), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"{source.name} does not compile: {done.stderr.strip()}")
    return str(program)


@contextlib.contextmanager
def running(server: Server) -> Iterator[tuple[int, int]]:
    """Run a server with its console thrown away; yield its process id and port."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            server.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            port = listening_port(process)
            if port is None:
                errors.seek(0)
                last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
                raise Trouble(f"{server.name} does not listen: {' '.join(last) or 'no message'}")
            yield process.pid, port
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def listening_port(process: subprocess.Popen[bytes]) -> int | None:
    """Ask the system, not the server, which port it listens on; None if there is none in time."""
    end = time.monotonic() + READY
    while process.poll() is None and time.monotonic() < end:
        for connection in psutil.Process(process.pid).net_connections("tcp4"):
            if connection.status == psutil.CONN_LISTEN:
                return int(connection.laddr.port)
        time.sleep(0.01)  # the system has no event for it
    return None
