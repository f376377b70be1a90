"""Cuts out of source text what students must not get, by its place in the syntax tree.

1. A check is a function at the top level of its file, with the mark `check(id)`.
2. With a check goes all that it alone used: imports, constants, functions, fixtures.
3. All else stays as it was written, comments too.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable


def checks_of(source: str) -> set[str]:
    """Return the ids of the checks that can be cut out of a file.

    Raises:
        SyntaxError: it is no Python.
    """
    return {check for node in ast.parse(source).body if (check := _check(node))}


def without_checks(source: str, hidden: Collection[str]) -> str:
    """Return a file without some checks; those that are not in it do not matter.

    Raises:
        SyntaxError: it is no Python.
    """
    kept = ast.parse(source).body
    cut = [node for node in kept if _check(node) in hidden]
    if not cut:
        return source
    kept = [node for node in kept if node not in cut]
    while idle := [node for node in kept if _served_only(node, cut, kept)]:
        cut += idle
        kept = [node for node in kept if node not in idle]
    shortened = {node: _names(node) & _used(cut) - _used(kept) for node in kept}
    lines = source.splitlines(keepends=True)
    for node in sorted([*cut, *kept], key=lambda node: node.lineno, reverse=True):
        if node in cut:
            _remove(lines, node)
        elif isinstance(node, ast.Import | ast.ImportFrom) and shortened[node]:
            node.names = [one for one in node.names if _bound(one) not in shortened[node]]
            lines[node.lineno - 1 : node.end_lineno] = [ast.unparse(node) + "\n"]
    return "".join(lines).rstrip() + "\n"


def without_keys(source: str, name: str, keys: Collection[str]) -> str:
    """Return a file without some entries of the dictionary that is called `name` in it."""
    lines = source.splitlines(keepends=True)
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in _names(node):
            assert isinstance(node.value, ast.Dict)
            for key, value in reversed([*zip(node.value.keys, node.value.values, strict=True)]):
                if isinstance(key, ast.Constant) and key.value in keys:
                    del lines[key.lineno - 1 : value.end_lineno]
    return "".join(lines)


def without_imports(source: str, names: Collection[str]) -> str:
    """Return an `__init__.py` that imports some names no more, nor offers them in `__all__`."""
    lines = source.splitlines(keepends=True)
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.ImportFrom) and _names(node) & {*names}:
            node.names = [one for one in node.names if _bound(one) not in names]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            node.value.elts = [one for one in node.value.elts if ast.literal_eval(one) not in names]
        else:
            continue
        lines[node.lineno - 1 : node.end_lineno] = [ast.unparse(node) + "\n"]
    return "".join(lines)


def _check(node: ast.stmt) -> str | None:
    """Return the id of the check that a statement defines, None if it is another statement."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.check":
                return str(ast.literal_eval(mark.args[0]))
    return None


def _served_only(node: ast.stmt, cut: list[ast.stmt], kept: list[ast.stmt]) -> bool:
    names = _names(node)
    others = [other for other in kept if other is not node]
    return bool(names & _used(cut)) and not names & _used(others)


def _names(node: ast.stmt) -> set[str]:
    """Return what a statement at the top level gives a name to."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {_bound(one) for one in node.names}
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        inner = (name for target in targets for name in ast.walk(target))
        return {name.id for name in inner if isinstance(name, ast.Name)}
    return set()


def _bound(imported: ast.alias) -> str:
    return imported.asname or imported.name.split(".")[0]


def _used(nodes: Iterable[ast.stmt]) -> set[str]:
    """Return what is used by name; fixtures are named by arguments, or in words."""
    found: set[str] = set()
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def _remove(lines: list[str], node: ast.stmt) -> None:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(one.lineno for one in decorators)]) - 1
    while first and lines[first - 1].startswith("#"):  # what is said of it
        first -= 1
    last = node.end_lineno or node.lineno
    stands_apart = not first or not lines[first - 1].strip()
    while stands_apart and last < len(lines) and not lines[last].strip():
        last += 1
    del lines[first:last]
