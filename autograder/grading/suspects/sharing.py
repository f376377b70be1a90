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

TAKES_OUT = ("remove", "pop", "discard", "popitem")


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
    loops = (node for node in ast.walk(tree) if isinstance(node, ast.For) and id(node) not in safe)
    for loop in loops:
        if any(calls_of(loop, *senders)) and _walked(loop) in changed:
            told = _("`for … in {code}` goes through what another thread may change meanwhile")
            yield loop, told.format(code=quoted(loop.iter))


def _walked(loop: ast.For) -> str:
    """Return the code of the collection that a loop goes through."""
    walked = loop.iter
    if called_name(walked) in ("values", "items", "keys") and isinstance(walked, ast.Call):
        walked = getattr(walked.func, "value", walked)
    return ast.unparse(walked)


def leaves_out_the_next(tree: ast.AST) -> Found:
    """Find what is removed in a loop through it that goes on."""
    for loop in ast.walk(tree):
        if not isinstance(loop, ast.For):
            continue
        leaving = (node for node in ast.walk(loop) if isinstance(node, (ast.Break, ast.Return)))
        last = max((node.lineno for node in leaving), default=0)
        for call in changing_calls(loop):
            taken = called_name(call) in TAKES_OUT and owner(call) == _walked(loop)
            if taken and call.lineno > last:
                told = _(
                    "`{code}` inside `for … in {walked}`: the loop leaves the next one out, or "
                    "breaks off"
                )
                yield call, told.format(code=quoted(call), walked=quoted(loop.iter))


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


def kept_after_error(tree: ast.AST) -> Found:
    """Find locks that a function takes, and releases only if nothing is raised meanwhile."""
    for function in ast.walk(tree):
        if not isinstance(function, FUNCTIONS):
            continue
        tries = (node for node in ast.walk(function) if isinstance(node, ast.Try))
        last = [statement for node in tries for statement in node.finalbody]
        surely = {owner(call) for node in last for call in calls_of(node, "release")}
        released = {owner(call) for call in calls_of(function, "release")} - surely
        for call in calls_of(function, "acquire"):
            if owner(call) in released:
                told = _(
                    "an error after `{code}` leaves it locked for ever; "
                    "`with {lock}:` unlocks it in any case"
                )
                yield call, told.format(code=quoted(call), lock=owner(call))


def asks_inside_lock(tree: ast.AST) -> Found:
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and takes_lock(node):
            for call in calls_of(node, "input", "readline"):
                told = _("`{code}` waits for the keyboard, and holds `{lock}` meanwhile")
                yield call, told.format(code=quoted(call), lock=quoted(node.items[0]))
