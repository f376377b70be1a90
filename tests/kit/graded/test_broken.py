"""Wrong servers: each fails exactly the checks that are about its fault, and no other.

Most are edits of the correct `server.py` beside this file. Checks that need a failed one are
skipped and all others pass, so that a beginner is told of one thing at a time.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from autograder.grading.result import Result

HERE = Path(__file__).parent
GRADED = HERE.parents[1] / "graded"
CORRECT = (HERE / "server.py").read_text(encoding="utf-8")

RELAY = 'send_to_others(f"{client.name} - {text}", client)'
JOIN = 'send_to_others(f"{client.name} присоединился к чату!", client)'
LEAVE = 'send_to_others(f"{client.name} покинул чат.", client)'
GOING = f"    remove(client)\n    {LEAVE}\n"
TAKE_LINES = """\
            *lines, buffer = (buffer + data).split(b"\\n")
            for line in lines:
                text = line.decode("utf-8", "replace").rstrip("\\r")
                if text:
                    send_to_others(f"{client.name} - {text}", client)
"""
SEND_TO_OTHERS = """\
    with lock:
        others = [client for client in clients if client is not author]
    for client in others:
        client.send(line)
"""
BOUNDED_SEND = "data = data[self.send_some(data) :]"
UNBOUNDED_SEND = "data = self.sock.sendall(data)"
NO_HANDLER = (
    ("        except OSError:  # it has gone, and", "        except ZeroDivisionError:  #"),
    (
        "    except OSError:\n        pass\n    remove",
        "    except ZeroDivisionError:\n        pass\n    remove",
    ),
)

Fault = tuple[list[tuple[str, str]], set[str]]  # edits, the checks that must fail

FAULTS: dict[str, Fault] = {
    "sends back to the author": (
        [(RELAY, 'send_to_others(f"{client.name} - {text}", None)')],
        {"sender_excluded_two", "sender_excluded"},
    ),
    "sends back to the author 0.2 s later": (
        [
            (
                RELAY,
                """\
timer = threading.Timer(0.2, client.send, (text,))
                    timer.daemon = True
                    timer.start()
                    """
                + RELAY,
            )
        ],
        {"sender_excluded_two", "sender_excluded"},
    ),
    "announces no join": ([(JOIN, "")], {"join_notice"}),
    "announces a join to the newcomer too": (
        [(JOIN, 'send_to_others(f"{client.name} присоединился к чату!", None)')],
        {"join_notice"},
    ),
    "does not say who speaks": ([(RELAY, "send_to_others(text, client)")], {"sender_named"}),
    "takes the place in the list for a name": (
        [
            ('self.name = f"Пользователь #{number}"', "self.number = number"),
            (
                "    def close(",
                """\
    @property
    def name(self):
        return f"Пользователь #{clients.index(self) + 1}"

    def close(""",
            ),
            (GOING, f"    {LEAVE}\n    remove(client)\n"),
        ],
        {"ids_stable"},
    ),
    "takes the length of the list for a name": (
        [("Client(sock, joined)", "Client(sock, len(clients) + 1)")],
        {"ids_stable"},
    ),
    "announces no leave": ([(LEAVE, "")], {"leave_notice"}),
    "announces a leave twice": ([(LEAVE, f"{LEAVE}\n    {LEAVE}")], {"leave_notice"}),
    "goes on when recv returns nothing": (
        [("data := client.sock.recv(16384)", "(data := client.sock.recv(16384)) is not None")],
        {"leave_notice", "no_spin"},
    ),
    "relays nothing for ever": (
        [
            ("data := client.sock.recv(16384)", "(data := client.sock.recv(16384)) is not None"),
            ("            for line in lines:", "            for line in lines or [b'nothing']:"),
        ],
        {"leave_survived", "no_spin"},
    ),
    "handles no errors": ([*NO_HANDLER], {"reset_survived", "slow_reader"}),
    "keeps who has left in the list": (
        [NO_HANDLER[0], ("        clients.remove(client)", "        pass")],
        {"leave_survived", "reset_survived", "slow_reader"},
    ),
    "takes a recv for a message": (
        [
            (
                TAKE_LINES,
                f"""\
            text = data.decode("utf-8", "replace").strip()
            {RELAY}
""",
            )
        ],
        {"framing_split", "framing_merged"},
    ),
    "takes the first line of a recv only": (
        [("for line in lines:", "for line in lines[:1]:")],
        {"framing_merged"},
    ),
    "decodes before it has a whole letter": (
        [
            ('    buffer = b""\n    try', '    buffer = ""\n    try'),
            ("recv(16384)", "recv(1024)"),
            ('(buffer + data).split(b"\\n")', '(buffer + data.decode()).split("\\n")'),
            ('line.decode("utf-8", "replace").rstrip("\\r")', "line"),
        ],
        {"text_intact", "framing_split"},
    ),
    "squeezes spaces": (
        [('.rstrip("\\r")\n', '\n                text = " ".join(text.split())\n')],
        {"text_intact"},
    ),
    "pads the time on the wrong side": (
        [
            (
                '    return f"{datetime.now():%H:%M} - {text}"',
                """\
    now = datetime.now()
    hour, minute = str(now.hour).ljust(2, "0"), str(now.minute).ljust(2, "0")
    return f"{hour}:{minute} - {text}\"""",
            )
        ],
        {"time_prefix"},
    ),
    "asks for a name before it accepts the next": (
        [
            (
                "    global joined\n",
                "    global joined\n    name = sock.recv(1024).decode().strip()\n",
            ),
            ("        clients.append", "        client.name = name\n        clients.append"),
        ],
        {"silent_client"},
    ),
    "goes through the list while it changes": (
        [
            (
                SEND_TO_OTHERS,
                """\
    for client in clients:
        if client is not author:
            client.send(line)
""",
            )
        ],
        {"races"},
    ),
    "waits under the lock for one who does not read": (
        [
            (BOUNDED_SEND, UNBOUNDED_SEND),
            (
                SEND_TO_OTHERS,
                """\
    with lock:
        for client in clients:
            if client is not author:
                client.send(line)
""",
            ),
        ],
        {"slow_reader"},
    ),
    "waits for ever for one who does not read": (
        [(BOUNDED_SEND, UNBOUNDED_SEND)],
        {"slow_reader"},
    ),
    "takes the lock twice when somebody leaves": (
        [(GOING, f"    with lock:\n        clients.remove(client)\n        {LEAVE}\n")],
        {"leave_survived", "reset_survived", "slow_reader"},
    ),
    "takes two locks in two orders": (
        [
            ("joined = 0\n", "joined = 0\nnames = threading.Lock()\n"),
            (
                GOING,
                f"""\
    one, other = (lock, names) if int(client.name[-1]) % 2 else (names, lock)
    with one:
        client.send("Bye!")
        with other:
            clients.remove(client)
    {LEAVE}
""",
            ),
        ],
        {"no_deadlock"},
    ),
    "cannot have its port again": (
        [("server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n", "")],
        {"port_reusable"},
    ),
    "does not handle Ctrl-C": (
        [("signal.signal(signal.SIGINT, stop)\n", "")],
        {"stops_cleanly"},
    ),
    "does not end while threads wait": ([(", daemon=True", "")], {"stops_cleanly"}),
    "starts a thread for each message": (
        [
            (
                RELAY,
                """\
words = f"{client.name} - {text}"
                    threading.Thread(target=send_to_others, args=(words, client)).start()""",
            )
        ],
        {"crowd"},
    ),
    "serves five at most": (
        [
            (
                "import threading\n",
                "import threading\nfrom concurrent.futures import ThreadPoolExecutor\n",
            ),
            (
                "threading.Thread(target=listen, args=(client,), daemon=True).start()",
                "pool.submit(listen, client)",
            ),
            ("parser = ", "pool = ThreadPoolExecutor(5)\nparser = "),
        ],
        {"crowd", "stops_cleanly"},
    ),
}
MAY = {  # fail as well: a matter of luck
    "handles no errors": {"races"},
    "takes two locks in two orders": {"races"},
    "relays nothing for ever": {"slow_reader"},  # after the slow one has left
}
# Faults that have nothing to do with each other share a grading, which takes three seconds.
TOGETHER = [
    ("sends back to the author", "squeezes spaces"),
    ("announces no join", "does not handle Ctrl-C"),
    ("announces a join to the newcomer too", "does not end while threads wait"),
    ("does not say who speaks", "cannot have its port again"),
    ("takes the place in the list for a name", "takes the first line of a recv only"),
    ("takes the length of the list for a name", "announces no leave"),
    ("announces a leave twice", "pads the time on the wrong side"),
]
ALONE = [(fault,) for fault in FAULTS if fault not in sum(TOGETHER, ())]

TWO_USERS = """
import socket, sys, threading
server = socket.create_server(("localhost", int(sys.argv[sys.argv.index("--port") + 1])))

def copy(source, target):
    while data := source.recv(16384):
        target.sendall(data)

def take_turns(first, second):
    while True:
        copy_once(first, second)
        copy_once(second, first)

def copy_once(source, target):
    target.sendall(source.recv(16384))

while True:
    first, second = server.accept()[0], server.accept()[0]
"""
FOR_TWO = {
    "takes turns": (
        "    threading.Thread(target=take_turns, args=(first, second)).start()\n",
        {"relay_back", "broadcast"},
    ),
    "relays one way only": (
        "    threading.Thread(target=copy, args=(first, second)).start()\n",
        {"relay_back", "broadcast"},
    ),
    "is for two only": (
        "    threading.Thread(target=copy, args=(first, second)).start()\n"
        "    threading.Thread(target=copy, args=(second, first)).start()\n",
        {"broadcast"},
    ),
}


def edited(edits: Iterable[tuple[str, str]]) -> str:
    """Return the correct server with each (old, new) replaced; old must stand there once."""
    text = CORRECT
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def needs() -> dict[str, list[str]]:
    """Return which checks each check needs, read from the checks themselves."""
    found: dict[str, list[str]] = {}
    for path in GRADED.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.check":
                words = {word.arg: ast.literal_eval(word.value) for word in node.keywords}
                found[ast.literal_eval(node.args[0])] = words.get("needs", [])
    return found


def lost_by(failed: set[str]) -> set[str]:
    """Return the checks that cannot be run when some have failed."""
    lost = set(failed)
    while more := {check for check, wanted in needs().items() if lost & set(wanted)} - lost:
        lost |= more
    return lost - failed


def fails_exactly(result: Result, failing: set[str], may: Iterable[str] = ()) -> None:
    status = {check.id: check.status for check in result.checks}
    failed = {check for check in status if status[check] == "failed"}
    told = {c.id: (c.expected, c.actual, c.cause) for c in result.checks if c.actual}
    assert failed - set(may) == failing, told
    not_run = {check for check in status if status[check] == "skipped"}
    assert not_run == lost_by(failed) & set(status)
    assert "error" not in status.values(), told
    assert result.score == sum(c.max_points for c in result.checks if c.status == "passed")


@pytest.mark.parametrize("faults", ALONE + TOGETHER, ids=" and ".join)
def test_a_server_fails_what_is_about_its_faults(faults, grade):
    edits = [edit for fault in faults for edit in FAULTS[fault][0]]
    failing = set().union(*(FAULTS[fault][1] for fault in faults))
    may = set().union(*(MAY.get(fault, ()) for fault in faults))
    fails_exactly(grade({"server.py": edited(edits)}), failing, may)


@pytest.mark.parametrize("fault", FOR_TWO)
def test_a_server_for_two_fails_what_is_about_its_faults(fault, grade):
    serve, failing = FOR_TWO[fault]
    fails_exactly(grade({"server.py": TWO_USERS + serve}), failing)
