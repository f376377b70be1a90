"""Patterns about who runs what, who waits, and which error goes where."""

from __future__ import annotations

import ast
import itertools

from autograder.grading.suspects.reading import (
    Found,
    called_name,
    calls_of,
    owner,
    quoted,
    thread_targets,
)
from autograder.i18n import _

LOOPS = (ast.For, ast.While)


def called_target(tree: ast.AST) -> Found:
    for target in thread_targets(tree):
        if isinstance(target, ast.Call):
            told = _("`target={code}` is called here and now, by this thread")
            yield target, told.format(code=quoted(target))


def reads_in_turn(tree: ast.AST) -> Found:
    for loop in ast.walk(tree):
        if isinstance(loop, ast.While) and any(calls_of(loop, "input")):
            for call in calls_of(loop, "recv"):
                told = _("this loop waits in input() and in `{code}`: in one it misses the other")
                yield call, told.format(code=quoted(call))


def joins_at_once(tree: ast.AST) -> Found:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for one, two in itertools.pairwise(body if isinstance(body, list) else ()):
            starts, joins = (getattr(statement, "value", statement) for statement in (one, two))
            both = (called_name(starts), called_name(joins)) == ("start", "join")
            if both and owner(starts) == owner(joins):
                told = _("`{code}` waits here until that thread has ended")
                yield joins, told.format(code=quoted(joins))


def swallows(tree: ast.AST) -> Found:
    for loop in ast.walk(tree):
        for handler in ast.walk(loop) if isinstance(loop, LOOPS) else ():
            if isinstance(handler, ast.ExceptHandler) and all(
                isinstance(node, (ast.Pass, ast.Continue)) for node in handler.body
            ):
                yield handler, _("after any such error the loop simply goes on")


def catches_everything(tree: ast.AST) -> Found:
    # Ctrl-C comes in the main thread only.
    targets = {ast.unparse(target).rpartition(".")[2] for target in thread_targets(tree)}
    elsewhere = {
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name in targets
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        catches = isinstance(node, ast.ExceptHandler) and _caught(node) in ("", "BaseException")
        if catches and node not in elsewhere:
            yield node, _("this `except` catches Ctrl-C as well")


def _caught(handler: ast.ExceptHandler) -> str:
    return ast.unparse(handler.type) if handler.type else ""
