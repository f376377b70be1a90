"""What several patterns look for in a syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator

MOST_CODE = 60  # characters of a line that is quoted
CHANGES = ("append", "remove", "pop", "add", "discard", "insert", "clear")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Found = Iterator[tuple[ast.AST, str]]  # where, and what is to be said of it


def quoted(node: ast.AST) -> str:
    code = ast.unparse(node).partition("\n")[0]
    return code if len(code) <= MOST_CODE else f"{code[: MOST_CODE - 1]}…"


def called_name(node: ast.AST) -> str:
    """Return the name that a call calls, without what stands before it; empty for no call."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def calls_of(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called_name(node) in names:
            yield node


def takes_lock(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and "lock" in ast.unparse(node.items[0]).lower()


def nodes_under_locks(tree: ast.AST) -> set[int]:
    """Return the identities of all nodes that stand inside a `with` block of a lock."""
    locked = [node for node in ast.walk(tree) if takes_lock(node)]
    return {id(inner) for block in locked for inner in ast.walk(block)}


def changing_calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (call for call in calls_of(tree, *CHANGES) if isinstance(call.func, ast.Attribute))


def owner(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[0]


def sending_names(tree: ast.AST) -> set[str]:
    """Return what is called to send: the methods of sockets, and what calls them."""
    own = {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, FUNCTIONS) and any(calls_of(function, "send", "sendall"))
    }
    return {"send", "sendall", *own}


def thread_targets(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what threads are told to run, as far as it is named `target`."""
    for call in calls_of(tree, "Thread"):
        yield from (keyword.value for keyword in call.keywords if keyword.arg == "target")
