"""Timed, busy, gone: there may be more to come, or nothing is left to ask."""

from __future__ import annotations

from autograder.harness.quiescence import Observer, Verdict
from autograder.harness.syscalls import Doing
from tests.kit.harness.quiescence.conftest import received


def test_a_sleeping_thread_is_timed(serve):
    server = serve("""
threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
each(echo)
""")
    client = server.connect()
    client.sendall(b"hello")
    seen = server.until_not_busy()
    assert seen.verdict is Verdict.TIMED
    assert received(client) == b"hello"


def test_a_time_out_on_a_client_is_told_from_a_sleep(serve):
    server = serve("""
def impatient(client):
    client.settimeout(1000)
    echo(client)
each(impatient)
""")
    assert server.until_not_busy().verdict is Verdict.QUIET
    server.connect()
    assert server.until_not_busy().verdict is Verdict.POLLING


def test_an_echo_to_come_is_timed_and_never_quiet(serve):
    server = serve("""
def later(client):
    while data := client.recv(4096):
        threading.Timer(random.choice([0, 0.001, 0.004]), client.sendall, [data]).start()
each(later)
""")
    client = server.connect()
    server.until_quiet()
    looks = []
    for number in range(200):
        client.sendall(b"%d" % number)
        looks += server.until_quiet()
        assert received(client) == b"%d" % number
    assert sum(look.verdict is Verdict.TIMED for look in looks) > 50


def test_a_spin_after_the_end_is_busy(serve, eventually):
    server = serve("""
def spin(client):
    while True:
        client.recv(4096)
each(spin)
""")
    client = server.connect()
    server.until_quiet()
    client.close()
    eventually(lambda: server.verdict() is Verdict.BUSY)
    assert {server.verdict() for _look in range(200)} == {Verdict.BUSY}


def test_a_write_to_a_console_that_nobody_reads_is_busy(serve, eventually):
    server = serve("while True: os.write(1, bytes(4096))")
    eventually(lambda: Doing.WRITE in {thread.doing for thread in server.look().threads})
    assert {server.verdict() for _look in range(50)} == {Verdict.BUSY}


def test_a_process_that_ended_is_gone(serve, eventually):
    server = serve("server.accept(); os._exit(3)")
    assert server.until_not_busy().verdict is Verdict.QUIET
    server.connect()
    eventually(lambda: server.verdict() is Verdict.GONE)  # a zombie
    assert server.process.wait() == 3
    seen = server.look()
    assert (seen.verdict, seen.threads) == (Verdict.GONE, ())
    assert seen.describe().startswith("gone: 0 threads (none), ")
    with Observer(server.process.pid, server.port) as late:
        assert late.observe(server.connections).verdict is Verdict.GONE


def test_a_chain_of_short_threads_is_never_missed(serve):
    # The kernel's list of threads breaks off where a thread ends while it is read: its child,
    # last in the list, is alive and not listed.
    server = serve("""
import _thread
def hand_on(client, data, left):
    if left:
        _thread.start_new_thread(hand_on, (client, data, left - 1))
    else:
        client.sendall(data)
def talk(client):
    while data := client.recv(4096):
        hand_on(client, data, 30)
each(talk)
""")
    client = server.connect()
    server.until_quiet()
    for _round in range(60):
        client.sendall(b"x")
        server.until_quiet()
        assert received(client) == b"x"
