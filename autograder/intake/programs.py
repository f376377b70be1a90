"""Which of a student's programs is the server and which the client, when the names do not say.

The first of these that tells two candidates apart decides:

1. a test comes after what is tested;
2. who does what the role asks for, itself or by what it imports, comes first;
3. a name of the other role comes last;
4. an old copy comes after the others;
5. a program that starts comes before a module that only defines;
6. who surely does it comes before who perhaps does;
7. a client that lies beside the server comes first;
8. `server.py` comes before a name that has the word in it, and that before all others;
9. what lies higher in the folders comes first; then the alphabet decides.

A server whose name or folder speaks of two users, or of the first of several parts, is the one for
two users, if there is another server.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.intake import traits
from autograder.intake.traits import NOT, Traits

SERVER, CLIENT, TWO_USER = "server.py", "client.py", "two_user_server.py"
MOST_PROGRAMS = 100  # looked into; those that lie deeper are left
CANONICAL = (SERVER, TWO_USER, CLIENT)
WORD_OF = {
    SERVER: re.compile(r"serv|srv|сервер|host(?![a-z])"),
    CLIENT: re.compile(r"client|klient|клиент|(?<![a-z])cli(?![a-z])"),
}
OTHER = {SERVER: CLIENT, CLIENT: SERVER}
TEST = re.compile(r"(?<![a-zа-я])(tests?|тесты?)(?![a-zа-я])")
OLD = re.compile(r"(?<![a-zа-я])(old|copy|backup|bak|копия|стар\w*|draft|черновик)(?![a-zа-я])")
NUMBERED = re.compile(r"\(\d+\)")  # what a browser makes of a second download
FOR_TWO = re.compile(
    r"(?<![a-zа-я])(two|pair|duo|два|двух|двое|двоих|пара)(?![a-zа-я])"
    r"|(?<!\d)2 ?(users?|clients?|people|пользоват\w*|клиент\w*)"
    r"|(?<!\d)1 ?(на|on|to|x|v) ?1(?!\d)"
    r"|(level|lvl|task|part|stage|уровень|задание|задача|часть|этап) ?1(?!\d)"
)
FOR_MANY = re.compile(
    r"multi|many|group|много"
    r"|(level|lvl|task|part|stage|уровень|задание|задача|часть|этап) ?[2-9]"
)
FIRST_OF_SERIES = re.compile(r"1(?=\.\w+$)")
CAMEL = re.compile(r"(?<=[a-zа-я])(?=[A-ZА-Я])")

_Uses = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Choice:
    """Which programs are graded.

    Attributes:
        chosen: Canonical name → path of the program in the work.
        passed_over: Paths of the other candidates, the best first.
    """

    chosen: dict[str, str]
    passed_over: tuple[str, ...]


def choose(work: Path, programs: Sequence[str], given: dict[str, str]) -> Choice:
    """Find the programs of a work.

    Args:
        work: The folder of the work.
        programs: Paths of all Python files in it, with slashes.
        given: Canonical name → path, as the instructor says; what is not named is found.

    Returns:
        The choice; without a server if there is none.
    """
    highest = sorted(programs, key=lambda path: (path.count("/"), path))[:MOST_PROGRAMS]
    known = {path: traits.of(work / path) for path in highest}
    servers = _ranked(SERVER, known, None)
    chosen = _servers(servers, known) | given
    clients = _ranked(CLIENT, known, chosen.get(SERVER))
    if CLIENT not in chosen:
        # Only if there is no other: a program for both roles, which serves if it finds no server.
        clients.sort(key=lambda path: path in chosen.values())
        if clients:
            chosen[CLIENT] = clients[0]
    candidates = dict.fromkeys(servers + clients)
    return Choice(chosen, tuple(path for path in candidates if path not in chosen.values()))


def _servers(ranked: Sequence[str], known: Mapping[str, Traits]) -> dict[str, str]:
    for_two = [path for path in ranked if _is_for_two(path, ranked)]
    others = [path for path in ranked if path not in for_two]
    if for_two and not any(known[path].runs for path in others):
        return {SERVER: for_two[0]}
    return dict(zip((SERVER, TWO_USER), others[:1] + for_two[:1], strict=False))


def _is_for_two(path: str, ranked: Sequence[str]) -> bool:
    said = words(path)
    if FOR_MANY.search(said):
        return False
    second = FIRST_OF_SERIES.sub("2", path)
    return bool(FOR_TWO.search(said)) or (second != path and second in ranked)


def _ranked(role: str, known: Mapping[str, Traits], server: str | None) -> list[str]:
    """Return the candidates for a role, the best first."""
    keys, uses = {}, _uses(known)
    for path in known:
        name, degree = _name_class(role, path), _degree(role, path, known, uses)
        if (degree == NOT and name > 1) or (name == 3 and role == CLIENT):
            continue  # a server may connect too, to wake itself up
        pure = PurePosixPath(path)
        said = words(path)
        keys[path] = (
            bool(TEST.search(said)),
            degree == NOT,
            name == 3,
            bool(OLD.search(said) or NUMBERED.search(path)),
            not known[path].runs,
            -degree,
            server is not None and pure.parent != PurePosixPath(server).parent,
            name,
            len(pure.parts),
            path,
        )
    return sorted(keys, key=lambda path: keys[path])


def _name_class(role: str, path: str) -> int:
    """Return 0 for the canonical name, 1 for the role's word in it, 3 for the other's, else 2."""
    name, said = PurePosixPath(path).name, words(PurePosixPath(path).name)
    if name.casefold() == role:
        return 0
    if WORD_OF[role].search(said):
        return 1
    return 3 if WORD_OF[OTHER[role]].search(said) else 2


def _degree(role: str, path: str, known: Mapping[str, Traits], uses: _Uses) -> int:
    """Return how sure it is that a program plays a role, itself or by what it imports."""
    seen, waiting, best = {path}, [path], NOT
    while waiting:
        now = waiting.pop()
        best = max(best, _own_degree(role, known[now]))
        new = [used for used in uses[now] if used not in seen]
        seen.update(new)
        waiting += new
    return best


def _uses(known: Mapping[str, Traits]) -> _Uses:
    """Return path → paths of the modules beside it that it may import.

    Of a package that may be each module in it: a program may be there only to start one.
    """
    beside: dict[PurePosixPath, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in known:
        pure = PurePosixPath(path)
        beside[pure.parent][pure.stem].append(path)
        for package in pure.parents[:-1]:
            beside[package.parent][package.name].append(path)
    uses = {}
    for path, found in known.items():
        modules = beside[PurePosixPath(path).parent]
        names = modules.keys() & found.imports
        uses[path] = sorted({used for name in names for used in modules[name]})
    return uses


def _own_degree(role: str, found: Traits) -> int:
    return found.serves() if role == SERVER else found.connects()


def words(path: str) -> str:
    """Return a path in small letters, its words apart."""
    return re.sub(r"[\W_]+", " ", CAMEL.sub(" ", path)).casefold()
