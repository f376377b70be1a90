"""The folder that is graded: programs beside each other, and what they import with them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autograder.intake.layout import lay_out


@pytest.fixture
def laid(folder, tmp_path):
    """Return a function that lays out path → text, and what it returned: names, came, clashing."""

    def out(files, **chosen):
        to = tmp_path / "laid"
        done = lay_out(folder(files), {f"{n}.py": p for n, p in chosen.items()}, to)
        found = {p.relative_to(to).as_posix(): p.read_text() for p in to.rglob("*") if p.is_file()}
        return found, done.came, done.clashing

    return out


def test_the_folder_of_the_server_is_the_root(laid):
    files = {"up.py": "u", "src/server.py": "s", "src/client.py": "c", "src/net/a.py": "a"}
    found, came, clashing = laid(files, server="src/server.py", client="src/client.py")
    assert found == {"server.py": "s", "client.py": "c", "net/a.py": "a"}
    assert (came, clashing) == ({}, [])


def test_data_above_the_server_come_along_for_it_may_have_been_started_there(laid):
    files = {"config.ini": "top", "a/config.ini": "near", "a/names.txt": "n", "a/b/server.py": "s"}
    found, came, _clashing = laid(files, server="a/b/server.py")
    assert found == {"server.py": "s", "config.ini": "near", "names.txt": "n"}
    assert came == {"config.ini": "a/config.ini", "names.txt": "a/names.txt"}


def test_other_names_get_a_copy(laid):
    found, *_rest = laid({"chat.py": "s", "talk.py": "c"}, server="chat.py", client="talk.py")
    assert found == {"chat.py": "s", "server.py": "s", "talk.py": "c", "client.py": "c"}


def test_a_name_in_other_case_is_replaced(laid):
    found, *_rest = laid({"Server.PY": "s"}, server="Server.PY")
    assert found == {"server.py": "s"}


def test_a_server_for_two_alone_stands_under_both_names(laid):
    found, *_rest = laid({"two_user_server.py": "s"}, server="two_user_server.py")
    assert found == {"two_user_server.py": "s", "server.py": "s"}


def test_a_client_from_another_folder_brings_its_modules(laid):
    files = {
        "server/server.py": "s",
        "server/wire.py": "one",
        "client/client.py": "c",
        "client/wire.py": "two",
        "client/ui.py": "ui",
        "client/server.py": "not this",
        "client/notes.txt": "n",
    }
    found, came, clashing = laid(files, server="server/server.py", client="client/client.py")
    assert found == {"server.py": "s", "wire.py": "one", "client.py": "c", "ui.py": "ui"}
    assert came == {"ui.py": "client/ui.py"}
    assert clashing == ["client/wire.py"]


def test_the_same_module_twice_is_no_clash(laid):
    files = {"a/server.py": "s", "a/wire.py": "w", "b/client.py": "c", "b/wire.py": "w"}
    _found, came, clashing = laid(files, server="a/server.py", client="b/client.py")
    assert (came, clashing) == ({}, [])


def test_imports_go_on_working(folder, take):
    """A server under its own name, a client in another folder: both find their modules."""
    files = {
        "srv/chat.py": "import wire\nprint('server', wire.X)\nif 0: s.listen()\n",
        "srv/wire.py": "X = 1\n",
        "cli/talk.py": "import ui\nprint('client', ui.Y)\nif 0: s.connect(a)\n",
        "cli/ui.py": "Y = 2\n",
    }
    [entry] = take(folder({f"lab/{path}": text for path, text in files.items()}, "x") / "lab")
    said = [
        subprocess.run(
            [sys.executable, program], cwd=entry.folder, capture_output=True, text=True, check=True
        ).stdout
        for program in ("server.py", "client.py")
    ]
    assert said == ["server 1\n", "client 2\n"]


def test_modules_from_above_come_along(laid):
    files = {
        "lab/server/main.py": "from common.wire import X\nimport limits, json\n",
        "lab/client/main.py": "from common import wire\n",
        "lab/common/wire.py": "X = 1\n",
        "lab/limits.py": "import words\n",
        "lab/words.py": "",
        "lab/other.py": "",
        "json.py": "not this",
    }
    found, came, _clashing = laid(files, server="lab/server/main.py", client="lab/client/main.py")
    assert found.keys() == {
        *("server.py", "client.py", "main.py", "common/wire.py", "limits.py", "words.py")
    }
    assert came == {
        "common": "lab/common",
        "limits.py": "lab/limits.py",
        "words.py": "lab/words.py",
    }


def test_a_package_that_imports_itself_by_name(laid):
    files = {"chat/server.py": "from chat.wire import X\n", "chat/wire.py": "X = 1\n"}
    found, came, _clashing = laid(files, server="chat/server.py")
    assert found.keys() == {"server.py", "wire.py", "chat/server.py", "chat/wire.py"}
    assert came == {"chat": "chat"}


def test_a_package_beside_a_client_in_another_folder(laid):
    files = {"server/server.py": "s", "client.py": "import ui.window", "ui/window.py": "w"}
    found, came, _clashing = laid(files, server="server/server.py", client="client.py")
    assert found.keys() == {"server.py", "client.py", "ui/window.py"}
    assert came == {"ui": "ui"}


def test_a_client_below_the_server_finds_its_package(laid):
    files = {"server.py": "s", "c/client.py": "import ui.window", "c/ui/window.py": "w"}
    found, came, _clashing = laid(files, server="server.py", client="c/client.py")
    assert found["ui/window.py"] == "w"
    assert came == {"ui": "c/ui"}


def test_folders_with_names_of_programs(laid):
    files = {
        "a/chat.py": "import wire",
        "a/server.py/x.py": "x",
        "a/wire.py/y.py": "y",
        "b/talk.py": "t",
        "b/wire.py": "w",
    }
    found, _came, clashing = laid(files, server="a/chat.py", client="b/talk.py")
    assert found["server.py"] == "import wire"
    assert clashing == ["b/wire.py"]


def test_a_module_with_a_name_that_no_file_can_have(laid):
    found, *_rest = laid(
        {"a/server.py": f"import {'x' * 5000}, wire", "wire.py": ""}, server="a/server.py"
    )
    assert found.keys() == {"server.py", "wire.py"}
