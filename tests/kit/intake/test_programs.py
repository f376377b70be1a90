"""Which program is which: the rules one by one."""

from __future__ import annotations

import pytest

from autograder.intake.programs import choose
from autograder.trust import corpus

LISTENS = "s.listen()\ns.accept()\n"
CONNECTS = "s.connect(a)\n"


@pytest.fixture
def chosen(folder):
    """Return a function that chooses among programs: path → source."""

    def of(files, **given):
        work = folder(files)
        return choose(work, list(files), {f"{name}.py": path for name, path in given.items()})

    return of


@pytest.mark.parametrize(
    ("server", "client"),
    [
        ("server.py", "client.py"),
        ("Server.PY", "Client.py"),
        ("chat_server.py", "chat_client.py"),
        ("srv.py", "cli.py"),
        ("сервер.py", "клиент.py"),
        ("MyServer.py", "MyClient.py"),
        ("a.py", "b.py"),
        ("lab/src/server.py", "lab/src/client.py"),
        ("server/main.py", "client/main.py"),
    ],
)
def test_names_and_what_they_do(chosen, server, client):
    found = chosen({client: CONNECTS, server: LISTENS})
    assert found.chosen == {"server.py": server, "client.py": client}
    assert found.passed_over == ()


@pytest.mark.parametrize(
    ("files", "server"),
    [
        ({"server.py": LISTENS, "test_server.py": LISTENS}, "server.py"),
        ({"server.py": "", "chat.py": LISTENS}, "chat.py"),
        ({"client.py": LISTENS + CONNECTS, "chat.py": LISTENS}, "chat.py"),
        ({"server_old.py": LISTENS, "zserver.py": LISTENS}, "zserver.py"),
        ({"server (1).py": LISTENS, "server.py": LISTENS}, "server.py"),
        ({"net.py": "def f():\n    s.listen()\n", "chat.py": "import net\nnet.f()\n"}, "chat.py"),
        ({"aserver.py": "s.bind(a)\ns.recvfrom(9)\n", "zserver.py": LISTENS}, "zserver.py"),
        ({"chat.py": LISTENS, "chat_server.py": LISTENS}, "chat_server.py"),
        ({"chat_server.py": LISTENS, "server.py": LISTENS}, "server.py"),
        ({"a/server.py": LISTENS, "server.py": LISTENS}, "server.py"),
        ({"b/server.py": LISTENS, "a/server.py": LISTENS}, "a/server.py"),
        ({"server.py": "import os\n"}, "server.py"),
    ],
)
def test_one_of_several(chosen, files, server):
    found = chosen(files)
    assert found.chosen["server.py"] == server
    assert not set(found.passed_over) & set(found.chosen.values())


def test_a_client_beside_the_server_is_nearer_than_a_better_name(chosen):
    files = {"v2/server.py": LISTENS, "v2/chat_client.py": CONNECTS, "client.py": CONNECTS}
    found = chosen(files)
    assert found.chosen == {"server.py": "v2/server.py", "client.py": "v2/chat_client.py"}
    assert found.passed_over == ("client.py",)


@pytest.mark.parametrize(
    ("two", "many"),
    [
        ("two_user_server.py", "server.py"),
        ("server_2users.py", "server_multi.py"),
        ("TwoUsers.py", "MultiUser.py"),
        ("task1/server.py", "task2/server.py"),
        ("Уровень 1/сервер.py", "Уровень 2/сервер.py"),
        ("server1.py", "server2.py"),
        ("сервер_два.py", "сервер_много.py"),
        ("chat 1 на 1/server.py", "групповой/server.py"),
    ],
)
def test_two_servers(chosen, two, many):
    found = chosen({two: LISTENS, many: LISTENS})
    assert found.chosen == {"server.py": many, "two_user_server.py": two}


def test_a_server_for_two_alone_is_the_server(chosen):
    module = "def listen_on(s):\n    s.listen()\n"
    found = chosen({"two_user_server.py": LISTENS + "import net", "net.py": module})
    assert found.chosen == {"server.py": "two_user_server.py"}


def test_one_program_for_both_roles(chosen):
    found = chosen({"chat.py": LISTENS + CONNECTS})
    assert found.chosen == {"server.py": "chat.py", "client.py": "chat.py"}


def test_a_server_that_wakes_itself_up_is_no_client(chosen):
    found = chosen({"server.py": LISTENS + CONNECTS})
    assert found.chosen == {"server.py": "server.py"}


def test_what_the_instructor_says_counts(chosen):
    files = {"server.py": LISTENS, "chat2.py": LISTENS, "client.py": CONNECTS}
    found = chosen(files, server="chat2.py")
    assert found.chosen == {"server.py": "chat2.py", "client.py": "client.py"}
    assert found.passed_over == ("server.py",)


def test_nothing_to_choose(chosen):
    assert chosen({"report.py": "print(1)"}).chosen == {}


def test_every_program_of_the_corpus_is_known_by_what_it_does(chosen):
    """Under names that say nothing, and that the alphabet has in the wrong order."""
    names = {"server.py": "zeta.py", "client.py": "alpha.py"}
    for specimen in corpus.correct() + corpus.broken():
        files = {
            names.get(name, name): text.replace("from server import", "from zeta import")
            for name, text in specimen.files.items()
            if name != "two_user_server.py"
        }
        assert chosen(files).chosen == names, specimen.name


def test_a_hundred_programs_that_import_each_other(chosen):
    """Each way from one to another is gone once only."""
    everything = ", ".join(f"m{n}z" for n in range(100))
    files = {f"m{n}z.py": f"import {everything}" for n in range(100)} | {"m7z.py": LISTENS}
    assert chosen(files).chosen == {"server.py": "m7z.py"}


@pytest.mark.parametrize(
    "starter", ["from chat.{0} import main", "import chat.{0}", "from chat import {0}"]
)
def test_a_program_that_only_starts_a_package_comes_before_its_modules(chosen, starter):
    files = {
        "server.py": starter.format("server") + "\nmain()\n",
        "client.py": starter.format("client") + "\nmain()\n",
        "chat/__init__.py": "",
        "chat/server.py": "from .base import Base\n" + LISTENS + "main()\n",
        "chat/client.py": "from .base import Base\n" + CONNECTS + "main()\n",
    }
    assert chosen(files).chosen == {"server.py": "server.py", "client.py": "client.py"}


def test_a_client_whose_package_connects_comes_before_the_package(chosen):
    files = {
        "server.py": LISTENS,
        "client.py": "from net.connection import Connection\nConnection().run()\n",
        "net/connection.py": "class Connection:\n    def __init__(self):\n        " + CONNECTS,
    }
    assert chosen(files).chosen["client.py"] == "client.py"
