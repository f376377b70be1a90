"""nc, socat and telnet are clients as good as any other: they talk to each other."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest

TOOLS = {
    "nc": ("nc", "127.0.0.1", "{port}"),
    "socat": ("socat", "-", "TCP:127.0.0.1:{port},crnl"),  # ends its lines with CR LF
    "telnet": ("telnet", "127.0.0.1", "{port}"),
}


@pytest.fixture
def connect(start: Any) -> Any:
    """Start a tool as a client; where it is missing skip, but not where all must be tried."""

    def connect(tool: str, server: Any) -> Any:
        if not shutil.which(tool):
            if os.environ.get("CI"):
                pytest.fail(f"{tool} is not installed; CI has to try it")
            pytest.skip(f"{tool} is not installed")
        return start(*(word.format(port=server.port) for word in TOOLS[tool]))

    return connect


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("program", ["two_user_server.py", "server.py"])
def test_a_tool_talks_with_our_client(
    tool: str, program: str, serve: Any, connect: Any, start: Any
) -> None:
    server = serve(program)
    ours = start("client.py", "--port", str(server.port))
    server.out.wait_for("#1 присоединился")
    theirs = connect(tool, server)
    ours.out.wait_for(r"^\d\d:\d\d - Пользователь #2 присоединился к чату!$")
    theirs.types(f"я {tool} 👋")
    ours.out.wait_for(rf"^\d\d:\d\d - Пользователь #2 - я {tool} 👋$")
    ours.types("вижу")
    theirs.out.wait_for(r"^\d\d:\d\d - Пользователь #1 - вижу$")
    theirs.process.terminate()
    ours.out.wait_for(r"^\d\d:\d\d - Пользователь #2 покинул чат\.$")


def test_all_three_hear_each_other(serve: Any, connect: Any) -> None:
    server = serve("server.py")
    tools = {}
    for number, tool in enumerate(TOOLS, 1):
        tools[tool] = connect(tool, server)
        server.out.wait_for(f"#{number} присоединился")
    for number, tool in enumerate(TOOLS, 1):
        tools[tool].types(f"тут {tool}")  # telnet without a terminal spoils "р": byte 0x80
        for other in TOOLS.keys() - {tool}:
            tools[other].out.wait_for(rf"^\d\d:\d\d - Пользователь #{number} - тут {tool}$")
    server.stop()
    for client in tools.values():
        client.process.stdin.close()
        client.wait()  # EOF has ended it


def test_a_script_may_pipe_its_lines_into_nc(serve: Any, join: Any, connect: Any) -> None:
    server = serve("server.py")
    anna = join(server)
    piped = connect("nc", server)
    piped.process.stdin.write("одна\nдругая".encode())
    piped.process.stdin.close()
    anna.hears("Пользователь #2 присоединился к чату!")
    anna.hears("Пользователь #2 - одна")
    piped.process.terminate()  # OpenBSD's does not say EOF unless it was told to
    anna.hears("Пользователь #2 - другая")
    anna.hears("Пользователь #2 покинул чат.")
