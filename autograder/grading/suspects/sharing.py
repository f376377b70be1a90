"""Patterns about what several threads share: collections that change, and locks."""

from __future__ import annotations

import ast

from autograder.grading.suspects.reading import (
    FUNCTIONS,
    Found,
    called_name,
    calls_of,
    changing_calls,
    nodes_under_locks,
    owner,
    quoted,
    sending_names,
    takes_lock,
)
from autograder.i18n import _


def walks_what_changes(tree: ast.AST) -> Found:
    changed = {owner(call) for call in changing_calls(tree)}
    changed |= {
        ast.unparse(target.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Delete)
        for target in node.targets
        if isinstance(target, ast.Subscript)
    }
    safe, senders = nodes_under_locks(tree), sending_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and id(node) not in safe and any(calls_of(node, *senders)):
            walked = node.iter
            if called_name(walked) in ("values", "items", "keys") and isinstance(walked, ast.Call):
                walked = getattr(walked.func, "value", walked)
            if ast.unparse(walked) in changed:
                told = _("`for … in {code}` goes through what another thread may change meanwhile")
                yield node, told.format(code=quoted(node.iter))


def changes_without_lock(tree: ast.AST) -> Found:
    """Find changes of what other lines change or use under a lock."""
    safe = nodes_under_locks(tree)
    calls = list(changing_calls(tree))
    protected = {owner(call) for call in calls if id(call) in safe}
    for call in calls:
        if id(call) not in safe and owner(call) in protected:
            told = _("`{code}` is done without the lock that is taken for it elsewhere")
            yield call, told.format(code=quoted(call))


def locks_of_their_own(tree: ast.AST) -> Found:
    for function in ast.walk(tree):
        if isinstance(function, FUNCTIONS) and function.name != "__init__":
            local = [n for n in ast.walk(function) if isinstance(n, (ast.With, ast.Assign))]
            for node in local:
                values = [i.context_expr for i in node.items] if isinstance(node, ast.With) else []
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    values = [node.value]
                for value in values:
                    if called_name(value) in ("Lock", "RLock"):
                        told = _("each call of {name}() makes a lock that only itself can wait for")
                        yield value, told.format(name=function.name)


def sends_inside_lock(tree: ast.AST) -> Found:
    senders = sending_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and takes_lock(node):
            for call in calls_of(node, *senders):
                told = _("`{code}` may have to wait, and holds `{lock}` meanwhile")
                yield call, told.format(code=quoted(call), lock=quoted(node.items[0]))
                break


def asks_inside_lock(tree: ast.AST) -> Found:
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and takes_lock(node):
            for call in calls_of(node, "input", "readline"):
                told = _("`{code}` waits for the keyboard, and holds `{lock}` meanwhile")
                yield call, told.format(code=quoted(call), lock=quoted(node.items[0]))
