"""The students' kit: it grades as ours does, and holds nothing that students must not get."""

from __future__ import annotations

import ast
import itertools
import json
import re
import shutil
import sys
import zipfile

import pytest

from autograder import stubs
from autograder.grading import rubric
from autograder.release import students
from tests.kit.release.conftest import HIDDEN, INSTALLING_S, ROOT, lab4, run, unpacked

NAMES = stubs.PROGRAMS
# The kit's own server, which a client is checked with, has to listen like any other.
LISTENS = (
    "listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)",
    "listener.bind((host, port))",
)


@pytest.fixture(scope="module")
def contents():
    """The files of the kit, by path."""
    return students.contents(rubric.DEFAULT)


def lines(data: bytes) -> list[str]:
    return [line.strip() for line in data.decode("utf-8", "replace").splitlines()]


def solutions() -> tuple[set[str], set[tuple[str, str]]]:
    """Return the lines of the reference that stand in solutions only, and the neighbours there."""
    given, solved, neighbours = set[str](), set[str](), set[tuple[str, str]]()
    for name in NAMES:
        in_gap = in_text = False
        before = ""
        for line in lines((ROOT / "reference" / name).read_bytes()):
            if stubs.BEGIN.match(line):
                in_gap = in_text = True
            elif stubs.END.match(line):
                in_gap = False
            elif not in_gap or (in_text := in_text and bool(stubs.KEPT.match(line))):
                given.add(line.removeprefix("# | ").strip())
            else:
                solved.add(line)
                neighbours.add((before, line))
            before = line
    secret = solved - given
    telling = {pair for pair in neighbours if secret >= {*pair} and len("".join(pair)) > 25}
    return secret, telling - {LISTENS}


def test_no_solution_is_in_it(contents):
    secret, neighbours = solutions()
    assert len(neighbours) > 30
    for name in NAMES:
        assert not secret & set(lines(contents[f"lab4/{name}"])), name
    for name, data in contents.items():  # the grader has sockets, too, so one line says nothing
        assert not neighbours & set(itertools.pairwise(lines(data))), name


def test_the_stubs_are_made_anew_from_the_reference(contents):
    for name, stub in stubs.make_stubs(ROOT / "reference").items():
        assert contents[f"lab4/{name}"].decode() == stub


def test_nothing_that_is_for_instructors_is_in_it(contents):
    tops = {tuple(name.split("/")[:2]) for name in contents}
    assert {top[0] for top in tops} <= {
        *("lab4", "tests", "autograder", "notebooks", "pyproject.toml", "LICENSE"),
        *("README.md", "README.ru.md", ".gitignore"),
    }
    assert ("tests", "graded") in tops
    parts = {top[1] for top in tops if top[0] in ("tests", "autograder")}
    assert not parts & {"kit", "corpus", "trust", "batch", "intake", "release", "stubs.py"}
    assert not [name for name in contents if "exports" in name or name.endswith(".po")]
    assert not [name for name in contents if "__pycache__" in name]


def test_whatever_it_imports_is_there(contents):
    modules = {name for name in contents if name.endswith(".py")}
    for name in modules:
        for node in ast.walk(ast.parse(contents[name])):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder"):
                path = str(node.module).replace(".", "/")
                names = {f"{path}.py", f"{path}/__init__.py"}
                names |= {f"{path}/{one.name}.py" for one in node.names}
                assert names & modules, f"{name} imports {node.module}"


def test_no_source_of_a_hidden_check_is_in_it(hiding):
    made = students.contents(hiding)
    files = [*(ROOT / "tests" / "graded").glob("*.py"), *(hiding.parent / "own").glob("*.py")]
    secret: set[str] = set()
    for path in files:
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef) and node.name.removeprefix("test_") in HIDDEN:
                secret |= {node.name, *map(str.strip, ast.unparse(node).splitlines())}
                secret.add(f'"{ast.get_docstring(node)}')
    assert len(secret) > 20
    shared = {
        line for name, data in students.contents(rubric.DEFAULT).items() for line in lines(data)
    }
    for name, data in made.items():
        found = {line for line in lines(data) if line in secret}
        assert found <= shared, name
        assert not re.search(rb"test_(races|hundreds|framing_split|own_two)", data), name
    gaps = re.findall(rb"# Check: (.*)", made["lab4/server.py"] + made["lab4/wire.py"])
    assert b"text_intact, framing_merged" in gaps
    assert not re.search(rb"races|framing_split", b"".join(gaps))
    own = made["autograder/own/test_own.py"].decode()
    assert "own_one" in own
    assert not [word for word in ("own_two", "SECRET", "secret", "know") if word in own]


def test_it_explains_every_check_but_the_hidden_ones(hiding):
    folder = "autograder/reports/explanations/"
    explained = {
        name.removeprefix(folder) for name in students.contents(hiding) if name.startswith(folder)
    }
    known = [check for check in rubric.load().points if check not in HIDDEN]
    assert explained == {f"{check}.{lang}.md" for check in known for lang in ("ru", "en")}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "class T:\n @pytest.mark.check('own_two')\n def test(self, chat): ...",
            "own_two cannot be",
        ),
        ("def f(:", "autograder/own/test_own.py is no Python"),
    ],
)
def test_what_cannot_be_cut_out_is_refused(hiding, tmp_path, source, said):
    (hiding.parent / "own" / "test_own.py").write_text(source, encoding="utf-8")
    done = lab4("release", "students", tmp_path / "a.zip", "--rubric", hiding, "--lang", "en")
    assert done.returncode == 1
    assert said in done.stderr.replace("\n", " ")
    assert not (tmp_path / "a.zip").exists()


def test_where_it_cannot_be_written_is_told(tmp_path):
    done = lab4("release", "students", tmp_path / "no" / "a.zip", "--lang", "en")
    assert done.returncode == 1
    assert "cannot be written (No such file or directory): name another" in done.stderr


def test_the_same_kit_has_the_same_bytes(tmp_path):
    for name in ("one.zip", "two.zip"):
        assert lab4("release", "students", tmp_path / name).returncode == 0
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as made:
        assert {name.split("/")[0] for name in made.namelist()} == {"lab4-kit"}


def test_its_readmes_name_the_same_commands_and_files_that_are_there(contents):
    english, russian = (contents[name].decode() for name in ("README.md", "README.ru.md"))
    blocks = [re.findall(r"```\w+\n(.*?)```", text, re.S) for text in (english, russian)]
    assert blocks[0] == blocks[1]
    for target in re.findall(r"\]\(([^)]+)\)", english + russian):
        assert target in contents


def test_notebooks_come_without_their_sources_and_without_the_clinic(tmp_path, monkeypatch):
    init = "from lab4nb import clinic, lab\n\n__all__ = ['clinic', 'lab']\n"
    given = ["ru/0_a.ipynb", "en/0_a.ipynb", "lab4nb/lab.py"]
    kept_back = ["README.md", "source/0_a.py", "build.py", "ru/8_clinic.ipynb", "lab4nb/clinic.py"]
    for name, text in {
        **dict.fromkeys([*given, *kept_back], ""),
        "lab4nb/__init__.py": init,
    }.items():
        path = tmp_path / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "reference").symlink_to(ROOT / "reference")
    monkeypatch.setattr(students, "ROOT", tmp_path)
    made = students.contents(rubric.DEFAULT)
    found = {name for name in made if name.startswith("notebooks/")}
    assert found == {f"notebooks/{name}" for name in (*given, "lab4nb/__init__.py")}
    assert made["notebooks/lab4nb/__init__.py"] == b"from lab4nb import lab\n\n__all__ = ['lab']\n"
    assert b"notebooks = [" in made["pyproject.toml"]


@pytest.mark.slow
@pytest.mark.timeout(INSTALLING_S)
def test_installed_in_a_clean_place_it_gives_the_reference_all_points(tmp_path, hiding):
    folder = unpacked("students", tmp_path / "new", "--rubric", hiding) / "lab4-kit"
    venv = folder / ".venv"
    assert run(sys.executable, "-m", "venv", venv, cwd=folder).returncode == 0
    command = venv / ("Scripts" if sys.platform == "win32" else "bin")
    installed = run(command / "python", "-m", "pip", "install", "-q", "-e", ".", cwd=folder)
    assert installed.returncode == 0, installed.stderr
    offered = run(command / "lab4", "--help", cwd=folder)
    assert offered.returncode == 0, offered.stderr
    assert set(re.findall(r"^  ([a-z]+) ", offered.stdout, re.M)) == {
        "check",
        "doctor",
        "explain",
        "notebooks",
        "replay",
    }
    for name in NAMES:
        shutil.copyfile(ROOT / "reference" / name, folder / "lab4" / name)
    file = folder / "result.json"
    done = run(command / "lab4", "check", "--json", file, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(file.read_text(encoding="utf-8"))
    assert (result["score"], result["max_score"]) == (102, 102)  # two for the instructor's own
    assert {check["status"] for check in result["checks"]} == {"passed"}
    assert result["environment"]["hidden_checks"] == len(HIDDEN)
    assert "4 more checks" in done.stdout or "4 checks" in done.stdout
    refused = run(command / "lab4", "explain", "races", cwd=folder)
    assert refused.returncode == 2
