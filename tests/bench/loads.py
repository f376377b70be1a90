"""What the servers are put through: the runs of the load generator, and on which servers."""

from __future__ import annotations

from dataclasses import dataclass

EVERYBODY = (
    "reference",
    "asyncio streams",
    "asyncio batched",
    "socketserver",
    "threads, direct",
    "C",
    "C batched",
)


@dataclass(frozen=True)
class Load:
    """One run of the load generator, and the servers it is run on."""

    name: str
    title: str
    full: str  # arguments of the load generator
    quick: str
    figure: str  # the one shown in the table of all servers
    unit: str
    servers: tuple[str, ...] = EVERYBODY
    once: bool = False  # peers are shown, not compared with: one round of them is enough
    limit: float = 30.0  # seconds


def talk(clients: int, talkers: int, seconds: float) -> str:
    return f"-w talk -n {clients} -k {talkers} -b 64 -t {seconds}"


def silent(lines: int, also: int) -> str:
    return f"-w talk -n 10 -k 1 -b 1000 -m {lines} -x {also}"


BLOCKING = ("reference", "asyncio streams", "asyncio batched", "threads, direct", "C", "C batched")
LOADS = [
    Load(
        "talk100",
        "talk100: 32 of 100 talk",
        talk(100, 32, 3),
        talk(100, 32, 0.6),
        "per_second",
        "lines/s",
    ),
    Load(
        "talk500",
        "talk500: 32 of 500 talk",
        talk(500, 32, 4),
        talk(500, 32, 1.2),
        "per_second",
        "lines/s",
    ),
    Load("one10", "one10: 1 of 10, p99", talk(10, 1, 2), talk(10, 1, 0.5), "p99_us", "µs"),
    Load("one100", "one100: 1 of 100, p99", talk(100, 1, 2), talk(100, 1, 0.5), "p99_us", "µs"),
    Load("joins", "joins: 1000 at once", "-w joins -n 1000", "-w joins -n 1000", "seconds", "s"),
    Load("calm", "calm: 1 kB lines, p99", silent(40000, 0), silent(8000, 0), "p99_us", "µs"),
    Load(
        "silent",
        "silent: one never reads",
        silent(40000, 1),
        silent(8000, 1),
        "p99_us",
        "µs",
        servers=BLOCKING,
        once=True,
    ),
    Load(
        "flood",
        "flood: 20 MB, memory",
        "-w flood -n 500 -b 1000 -m 20000 -c 1024",
        "-w flood -n 100 -b 1000 -m 10000 -c 1024",
        "peak_mib",
        "MiB",
        servers=("reference", "asyncio batched", "C batched"),
        once=True,
        limit=60,
    ),
    Load(
        "idle",
        "idle: memory a client",
        "-w idle -n 1000",
        "-w idle -n 300",
        "kib_per_client",
        "KiB",
        once=True,
    ),
]
