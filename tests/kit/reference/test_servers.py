"""What both servers promise over real sockets: relay, notices, odd input, leaving, stopping."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

REFERENCE = Path(__file__).resolve().parents[3] / "reference"
both = pytest.mark.parametrize("program", ["two_user_server.py", "server.py"])
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


@both
def test_each_hears_the_other_and_nobody_themselves(program: str, serve: Any, join: Any) -> None:
    server = serve(program)
    anna, boris = join(server), join(server)
    anna.hears("Пользователь #2 присоединился к чату!")
    anna.says("Привет, Борис! 👋")
    boris.hears("Пользователь #1 - Привет, Борис! 👋")
    boris.says("  с пробелами  ")
    boris.says("и ещё раз")
    anna.hears("Пользователь #2 -   с пробелами  ")  # her own line would have come before
    anna.hears("Пользователь #2 - и ещё раз")
    anna.says("пока")
    boris.hears("Пользователь #1 - пока")


@both
def test_the_console_shows_the_same_lines(program: str, serve: Any, join: Any) -> None:
    server = serve(program)
    anna, boris = join(server), join(server)
    anna.says("раз")
    boris.hears("Пользователь #1 - раз")
    anna.close()
    boris.hears("Пользователь #1 покинул чат.")
    assert server.stop() == 0
    first, *lines, last = server.out.text.splitlines()
    assert re.fullmatch(r"Чат открыт: 127\.0\.0\.1, порт \d+\. Остановить: Ctrl\+C\.", first)
    assert all(re.match(r"([01]\d|2[0-3]):[0-5]\d - ", line) for line in lines)
    assert [line[8:] for line in lines] == [
        "Пользователь #1 присоединился к чату!",
        "Пользователь #2 присоединился к чату!",
        "Пользователь #1 - раз",
        "Пользователь #1 покинул чат.",
    ]
    assert last == "Чат закрыт."


@both
def test_english_words(program: str, serve: Any, join: Any) -> None:
    server = serve(program, "--lang", "en")
    assert re.match(r"The chat is open: 127\.0\.0\.1, port \d+\.", server.out.text)
    anna, boris = join(server), join(server)
    anna.hears("User #2 joined the chat!")
    anna.says("hi")
    boris.hears("User #1 - hi")
    boris.close()
    anna.hears("User #2 left the chat.")


@both
def test_odd_lines(program: str, serve: Any, join: Any) -> None:
    server = serve(program)
    anna, boris = join(server), join(server)
    anna.sends(b"\n\r\n\n")  # empty: ignored
    anna.sends(b"with CR LF\r\n")
    anna.sends("кот\n".encode("cp1251"))
    anna.sends(b"one\ntwo\nthr")
    boris.hears("Пользователь #1 - with CR LF")
    boris.hears("Пользователь #1 - " + UNKNOWN * 3)
    boris.hears("Пользователь #1 - one")
    boris.hears("Пользователь #1 - two")
    anna.sends(b"ee\n")
    boris.hears("Пользователь #1 - three")


@both
def test_a_line_that_is_too_long_is_told_to_its_sender_only(
    program: str, serve: Any, join: Any
) -> None:
    server = serve(program)
    anna, boris = join(server), join(server)
    anna.hears("Пользователь #2 присоединился к чату!")
    anna.sends(b"x" * 1_000_000 + b"\n" + b"y" * 16_384 + b"\n")
    boris.hears("Пользователь #1 - " + "y" * 16_384)
    anna.hears("Строка длиннее 16384 байт: она никому не отправлена.")
    boris.says("дошло")
    anna.hears("Пользователь #2 - дошло")  # she was told once, and stays
    assert "x" not in server.out.text


@both
@pytest.mark.parametrize("how", ["close", "reset"])
def test_who_leaves_is_announced_and_the_number_is_not_given_again(
    program: str, how: str, serve: Any, join: Any
) -> None:
    server = serve(program)
    anna, boris = join(server), join(server)
    getattr(anna, how)()
    boris.hears("Пользователь #1 покинул чат.")
    clara = join(server)
    boris.hears("Пользователь #3 присоединился к чату!")
    for text in ("раз", "два", "три", "четыре"):
        clara.says(text)
        boris.hears(f"Пользователь #3 - {text}")
        boris.says(text)
        clara.hears(f"Пользователь #2 - {text}")


@both
def test_the_last_line_before_eof_needs_no_end(program: str, serve: Any, join: Any) -> None:
    server = serve(program)
    anna, boris = join(server), join(server)
    boris.sends("до свидания".encode())
    boris.sock.shutdown(socket.SHUT_WR)
    anna.hears("Пользователь #2 присоединился к чату!")
    anna.hears("Пользователь #2 - до свидания")
    anna.hears("Пользователь #2 покинул чат.")
    boris.is_let_go()


def test_a_third_is_told_that_the_chat_is_full(serve: Any, join: Any) -> None:
    server = serve("two_user_server.py")
    anna, boris = join(server), join(server)
    clara = join(server, waits=False)
    clara.hears("Чат полон, оба места заняты. Попробуйте позже.")
    clara.is_let_go()
    boris.close()
    anna.hears("Пользователь #2 присоединился к чату!")
    anna.hears("Пользователь #2 покинул чат.")
    dasha = join(server)  # the seat is free as soon as that is told
    anna.hears("Пользователь #3 присоединился к чату!")
    dasha.says("я тут")
    anna.hears("Пользователь #3 - я тут")


@posix
@both
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_the_port_is_free_again(
    program: str, number: int, serve: Any, join: Any
) -> None:
    server = serve(program)
    anna, boris = join(server), join(server)
    anna.hears("Пользователь #2 присоединился к чату!")
    began = time.monotonic()
    assert server.stop(number) == 0
    assert time.monotonic() - began < 2
    anna.is_let_go()
    boris.is_let_go()
    again = serve(program, port=server.port)
    assert again.port == server.port


@posix
@both
def test_a_signal_is_heard_however_early_it_comes(program: str, serve: Any) -> None:
    for number in [signal.SIGINT, signal.SIGTERM] * 4:
        assert serve(program).stop(number) == 0


@both
def test_why_it_cannot_listen_is_said_in_one_sentence(program: str, serve: Any, start: Any) -> None:
    taken = str(serve(program).port)
    cases = [
        ("127.0.0.1", taken),
        ("192.0.2.1", "0"),
        ("no.such.host.invalid", "0"),
        ("x" * 100, "0"),
        ("127.0.0.1", "70000"),
    ]
    for host, port in cases:
        failed = start(program, "--host", host, "--port", port)
        assert failed.wait() == 1, host
        assert failed.out.text == ""
        pattern = r"Не удалось открыть чат \(.+, порт \d+\): .+\. Попробуйте .+\n"
        assert re.fullmatch(pattern, failed.err.text), failed.err.text


@posix
@both
def test_a_port_for_the_administrator_is_refused_in_one_sentence(program: str, start: Any) -> None:
    lowest = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    if lowest.exists() and int(lowest.read_text()) <= 79:
        pytest.skip("here every user may have any port")
    command = [sys.executable, str(REFERENCE / program), "--host", "127.0.0.1", "--port", "79"]
    if os.geteuid() == 0:  # root without the right to such ports
        command = ["setpriv", "--bounding-set", "-net_bind_service", *command]
    failed = start(*command)
    assert failed.wait() == 1
    assert failed.err.text.startswith("Не удалось открыть чат (127.0.0.1, порт 79): ")


@both
def test_help_speaks_both_languages(program: str, start: Any) -> None:
    for language, word in (("ru", "порт сервера"), ("en", "the server's port")):
        shown = start(program, "--help", "--lang", language)
        assert shown.wait() == 0
        assert word in shown.out.text
        assert shown.err.text == ""


@posix
@both
@pytest.mark.parametrize("console", ["| head -1", ">&-"])
def test_the_chat_outlives_its_console(
    program: str, console: str, start: Any, join: Any, eventually: Any
) -> None:
    server = f"{sys.executable} {REFERENCE / program} --host 127.0.0.1 --port 0"
    shell = start("sh", "-c", f"{{ {server}; echo ended: $? >&2; }} {console}")

    def listening() -> list[tuple[psutil.Process, int]]:
        found = []
        for child in psutil.Process(shell.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # head ends when it has its line
                for connection in child.net_connections():
                    if connection.status == psutil.CONN_LISTEN:
                        found.append((child, connection.laddr.port))
        return found

    eventually(listening)
    ((process, port),) = listening()
    anna, boris = join(port), join(port)
    boris.says("слышно?")
    anna.hears("Пользователь #2 присоединился к чату!")
    anna.hears("Пользователь #2 - слышно?")
    process.terminate()
    shell.err.wait_for(r"\Aended: 0\n\Z")


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="needs /proc and the numbers of the system calls",
)
@both
def test_at_rest_every_thread_waits_without_a_time_out(
    program: str, serve: Any, join: Any, eventually: Any
) -> None:
    server = serve(program)
    anna, boris = join(server), join(server)
    anna.says("раз")
    boris.hears("Пользователь #1 - раз")
    accept, recv, futex = {"x86_64": (288, 45, 202), "aarch64": (242, 207, 98)}[platform.machine()]

    def at_rest() -> bool:
        tasks = Path(f"/proc/{server.process.pid}/task")
        calls = [(task / "syscall").read_text().split() for task in tasks.iterdir()]
        untimed = [
            call[0] in (str(accept), str(recv)) or (call[0] == str(futex) and call[4] == "0x0")
            for call in calls
        ]
        return all(untimed)

    eventually(at_rest)
