"""Patterns about text: where a line ends, how a letter is cut, how a number is made and padded."""

from __future__ import annotations

import ast

from autograder.grading.suspects.reading import (
    Found,
    called_name,
    calls_of,
    changing_calls,
    owner,
    quoted,
)
from autograder.i18n import _

LOOKS_FOR_ENDS = ("split", "partition", "readline", "makefile", "find(", "index(", "ecoder")


def list_positions(tree: ast.AST) -> Found:
    for call in calls_of(tree, "index"):
        told = _("`{code}` is a place in a list, which shifts when somebody before it leaves")
        yield call, told.format(code=quoted(call))
    grown = {owner(call) for call in changing_calls(tree)}
    grown |= {
        ast.unparse(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    }
    for call in calls_of(tree, "len"):
        if not call.args or ast.unparse(call.args[0]) not in grown:
            continue  # of a text, perhaps
        told = _("`{code}` is the same number again after somebody has left")
        yield call, told.format(code=quoted(call))


def unpadded(tree: ast.AST) -> Found:
    padding = list(calls_of(tree, "ljust"))
    for call in padding:
        yield call, _("`{code}` pads on the right").format(code=quoted(call))
    if padding or any(calls_of(tree, "zfill", "rjust")):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and not node.format_spec:
            value = node.value
        elif isinstance(node, ast.Call) and called_name(node) == "str" and node.args:
            value = node.args[0]
        else:
            continue
        if isinstance(value, ast.Attribute) and value.attr in ("hour", "minute"):
            yield (
                node,
                _("`{code}` has one digit if it is less than ten").format(code=quoted(value)),
            )


def decoded_at_once(tree: ast.AST) -> Found:
    for call in calls_of(tree, "decode"):
        if isinstance(call.func, ast.Attribute) and called_name(call.func.value) == "recv":
            told = _("`{code}` decodes what one recv() brought: it may end inside a letter")
            yield call, told.format(code=quoted(call))


def one_recv(tree: ast.AST) -> Found:
    if any(word in ast.unparse(tree) for word in LOOKS_FOR_ENDS):
        return
    for call in calls_of(tree, "recv"):
        told = _("`{code}` may bring a part of a line, or several: nothing here looks for its end")
        yield call, told.format(code=quoted(call))


def begins_a_line(tree: ast.AST) -> Found:
    for call in calls_of(tree, "print"):
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        # With '' what is printed may well end its line itself.
        if given.get("end", "''") != "''" and "\\" not in given["end"] and "flush" not in given:
            told = _("`{code}` begins a line, which a terminal does not show before flush=True")
            yield call, told.format(code=quoted(call))
