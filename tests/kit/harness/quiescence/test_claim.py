"""The claim itself: if a server is quiet, all there is to come has come."""

from __future__ import annotations

import random
import socket
import time

from autograder.harness.sockdiag import ProcTable
from tests.kit.harness.quiescence.conftest import Server, received

CHAOS = """
def pause():
    kind = random.randrange(6)
    if kind == 1:
        os.sched_yield()
    elif kind == 2:
        time.sleep(random.random() / 1000)
    elif kind == 3:
        for _turn in range(random.randrange(2000)):
            pass
    elif kind == 4:
        near, far = socket.socketpair()
        threading.Thread(target=far.send, args=(b"x",)).start()
        near.recv(1)
        near.close()
        far.close()
def deliver(recipient, line):
    pause()
    recipient.sendall(line)
def relay(sender, line):
    pause()
    for recipient in list(clients):
        if recipient is not sender:
            pause()
            threading.Thread(target=deliver, args=(recipient, line)).start()
def talk(client):
    for line in client.makefile("rb"):
        threading.Thread(target=relay, args=(client, line)).start()
each(talk)
"""


def run_trials(server: Server, most: int, seconds: float) -> tuple[int, int]:
    """Return how many trials fitted into the time, and how many looks were not quiet."""
    for _client in range(3):
        server.connect()
    server.until_quiet()
    choice, end, noisy = random.Random(1), time.monotonic() + seconds, 0
    for trial in range(most):
        if time.monotonic() > end:
            return trial, noisy
        expected = dict.fromkeys(server.clients, 0)
        for _message in range(choice.choice((1, 1, 1, 1, 1, 1, 2, 3))):
            sender, line = choice.choice(server.clients), b"x" * choice.randint(1, 3000) + b"\n"
            sender.sendall(line)
            for recipient in server.clients:
                expected[recipient] += len(line) * (recipient is not sender)
        noisy += len(server.until_quiet()) - 1
        arrived = {client: len(received(client)) for client in server.clients}
        assert arrived == expected, f"quiet too early in trial {trial}"
        if choice.random() < 0.9:  # else Nagle's algorithm holds the next messages back, 40 ms
            for client in server.clients:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    return most, noisy


def test_quiet_means_that_all_has_come(serve):
    trials, noisy = run_trials(serve(CHAOS), 300, seconds=60)
    assert trials == 300
    assert noisy > 300


def test_quiet_means_that_all_has_come_beside_hogs(serve, start):
    for _hog in range(4):
        start("while True: pass")
    trials, noisy = run_trials(serve(CHAOS), 300, seconds=3)
    assert trials >= 10
    assert noisy > trials


def test_quiet_by_the_slower_table_means_the_same(serve):
    trials, _noisy = run_trials(serve(CHAOS, ProcTable()), 300, seconds=1.5)
    assert trials >= 3
