"""Places in a student's source that are worth a look when a check has failed.

A pattern in the source is no proof that it is the cause, so each sentence says only what the line
does; which patterns matter to which check is a table at the end.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.i18n import _

MOST_SHOWN = 3  # of one check
MOST_CODE = 60  # characters of a line that is quoted
MOST_SOURCE = 1 << 20  # bytes
Found = Iterator[tuple[ast.AST, str]]
LOOKS_FOR_ENDS = ("split", "partition", "readline", "makefile", "find(", "index(", "ecoder")
CHANGES = ("append", "remove", "pop", "add", "discard", "insert", "clear")
LOOPS = (ast.For, ast.While)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def look(script: Path, check: str) -> list[str]:
    """Return `FILE:LINE: ...` sentences about what may explain the failure of a check.

    Args:
        script: The program that failed it; one that cannot be parsed has no suspects.
        check: Its id.
    """
    try:
        with script.open("rb") as file:
            tree = ast.parse(file.read(MOST_SOURCE))
        found = [
            (getattr(node, "lineno", 0), sentence)
            for pattern in PATTERNS.get(check, ())
            for node, sentence in pattern(tree)
        ]
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    return [f"{script.name}:{line}: {sentence}" for line, sentence in sorted(set(found))][
        :MOST_SHOWN
    ]


def _code(node: ast.AST) -> str:
    code = ast.unparse(node).partition("\n")[0]
    return code if len(code) <= MOST_CODE else f"{code[: MOST_CODE - 1]}…"


def _method(node: ast.AST) -> str:
    """Return the name that a call calls, without what stands before it; empty for no call."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _method(node) in names:
            yield node


def _is_locked(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and "lock" in ast.unparse(node.items[0]).lower()


def _list_positions(tree: ast.AST) -> Found:
    for call in _calls(tree, "index"):
        told = _("`{code}` is a place in a list, which shifts when somebody before it leaves")
        yield call, told.format(code=_code(call))
    for call in _calls(tree, "len"):
        told = _("`{code}` is the same number again after somebody has left")
        yield call, told.format(code=_code(call))


def _unpadded(tree: ast.AST) -> Found:
    padding = list(_calls(tree, "ljust"))
    for call in padding:
        yield call, _("`{code}` pads on the right").format(code=_code(call))
    if padding or any(_calls(tree, "zfill", "rjust")):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and not node.format_spec:
            value = node.value
        elif isinstance(node, ast.Call) and _method(node) == "str" and node.args:
            value = node.args[0]
        else:
            continue
        if isinstance(value, ast.Attribute) and value.attr in ("hour", "minute"):
            yield node, _("`{code}` has one digit if it is less than ten").format(code=_code(value))


def _decoded_at_once(tree: ast.AST) -> Found:
    for call in _calls(tree, "decode"):
        if isinstance(call.func, ast.Attribute) and _method(call.func.value) == "recv":
            told = _("`{code}` decodes what one recv() brought: it may end inside a letter")
            yield call, told.format(code=_code(call))


def _one_recv(tree: ast.AST) -> Found:
    if any(word in ast.unparse(tree) for word in LOOKS_FOR_ENDS):
        return
    for call in _calls(tree, "recv"):
        told = _("`{code}` may bring a part of a line, or several: nothing here looks for its end")
        yield call, told.format(code=_code(call))


def _walks_what_changes(tree: ast.AST) -> Found:
    changed = {_owner(call) for call in _changes(tree)}
    changed |= {
        ast.unparse(target.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Delete)
        for target in node.targets
        if isinstance(target, ast.Subscript)
    }
    safe, senders = _under_locks(tree), _senders(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and id(node) not in safe and any(_calls(node, *senders)):
            walked = node.iter
            if _method(walked) in ("values", "items", "keys") and isinstance(walked, ast.Call):
                walked = getattr(walked.func, "value", walked)
            if ast.unparse(walked) in changed:
                told = _("`for … in {code}` goes through what another thread may change meanwhile")
                yield node, told.format(code=_code(node.iter))


def _changes_without_lock(tree: ast.AST) -> Found:
    """Find changes of what other lines change or use under a lock."""
    safe = _under_locks(tree)
    calls = list(_changes(tree))
    protected = {_owner(call) for call in calls if id(call) in safe}
    for call in calls:
        if id(call) not in safe and _owner(call) in protected:
            told = _("`{code}` is done without the lock that is taken for it elsewhere")
            yield call, told.format(code=_code(call))


def _changes(tree: ast.AST) -> Iterator[ast.Call]:
    return (call for call in _calls(tree, *CHANGES) if isinstance(call.func, ast.Attribute))


def _senders(tree: ast.AST) -> set[str]:
    """Return what is called to send: the methods of sockets, and what calls them."""
    own = {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, FUNCTIONS) and any(_calls(function, "send", "sendall"))
    }
    return {"send", "sendall", *own}


def _under_locks(tree: ast.AST) -> set[int]:
    """Return the identities of all nodes that stand inside a `with` block of a lock."""
    locked = [node for node in ast.walk(tree) if _is_locked(node)]
    return {id(inner) for block in locked for inner in ast.walk(block)}


def _owner(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[0]


def _locks_of_their_own(tree: ast.AST) -> Found:
    for function in ast.walk(tree):
        if isinstance(function, FUNCTIONS) and function.name != "__init__":
            local = [n for n in ast.walk(function) if isinstance(n, (ast.With, ast.Assign))]
            for node in local:
                values = [i.context_expr for i in node.items] if isinstance(node, ast.With) else []
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    values = [node.value]
                for value in values:
                    if _method(value) in ("Lock", "RLock"):
                        told = _("each call of {name}() makes a lock that only itself can wait for")
                        yield value, told.format(name=function.name)


def _sends_inside_lock(tree: ast.AST) -> Found:
    senders = _senders(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and _is_locked(node):
            for call in _calls(node, *senders):
                told = _("`{code}` may have to wait, and holds `{lock}` meanwhile")
                yield call, told.format(code=_code(call), lock=_code(node.items[0]))
                break


def _swallows(tree: ast.AST) -> Found:
    for loop in ast.walk(tree):
        for handler in ast.walk(loop) if isinstance(loop, LOOPS) else ():
            if isinstance(handler, ast.ExceptHandler) and all(
                isinstance(node, (ast.Pass, ast.Continue)) for node in handler.body
            ):
                yield handler, _("after any such error the loop simply goes on")


def _catches_everything(tree: ast.AST) -> Found:
    # Ctrl-C comes in the main thread only.
    targets = {ast.unparse(target).rpartition(".")[2] for target in _targets(tree)}
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


def _called_target(tree: ast.AST) -> Found:
    for target in _targets(tree):
        if isinstance(target, ast.Call):
            told = _("`target={code}` is called here and now, by this thread")
            yield target, told.format(code=_code(target))


def _targets(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what threads are told to run, as far as it is named `target`."""
    for call in _calls(tree, "Thread"):
        yield from (keyword.value for keyword in call.keywords if keyword.arg == "target")


def _reads_in_turn(tree: ast.AST) -> Found:
    for loop in ast.walk(tree):
        if isinstance(loop, ast.While) and any(_calls(loop, "input")):
            for call in _calls(loop, "recv"):
                told = _("this loop waits in input() and in `{code}`: in one it misses the other")
                yield call, told.format(code=_code(call))


def _joins_at_once(tree: ast.AST) -> Found:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for one, two in itertools.pairwise(body if isinstance(body, list) else ()):
            starts, joins = (getattr(statement, "value", statement) for statement in (one, two))
            both = (_method(starts), _method(joins)) == ("start", "join")
            if both and _owner(starts) == _owner(joins):
                told = _("`{code}` waits here until that thread has ended")
                yield joins, told.format(code=_code(joins))


def _asks_inside_lock(tree: ast.AST) -> Found:
    for node in ast.walk(tree):
        if isinstance(node, ast.With) and _is_locked(node):
            for call in _calls(node, "input", "readline"):
                told = _("`{code}` waits for the keyboard, and holds `{lock}` meanwhile")
                yield call, told.format(code=_code(call), lock=_code(node.items[0]))


def _begins_a_line(tree: ast.AST) -> Found:
    for call in _calls(tree, "print"):
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        # With '' what is printed may well end its line itself.
        if given.get("end", "''") != "''" and "\\" not in given["end"] and "flush" not in given:
            told = _("`{code}` begins a line, which a terminal does not show before flush=True")
            yield call, told.format(code=_code(call))


Pattern = Callable[[ast.AST], Found]
PATTERNS: dict[str, tuple[Pattern, ...]] = {
    "relay": (_called_target, _joins_at_once),
    "relay_back": (_called_target, _joins_at_once),
    "broadcast": (_called_target,),
    "text_intact": (_decoded_at_once, _one_recv),
    "client_prints_while_typing": (
        *(_reads_in_turn, _called_target, _joins_at_once),
        *(_asks_inside_lock, _begins_a_line),
    ),
    "client_sends_typed": (_called_target, _joins_at_once),
    "sender_named": (_list_positions,),
    "ids_stable": (_list_positions,),
    "leave_notice": (_swallows,),
    "leave_survived": (_swallows,),
    "reset_survived": (_swallows,),
    "no_spin": (_swallows,),
    "silent_client": (_called_target,),
    "framing_split": (_decoded_at_once, _one_recv),
    "framing_merged": (_one_recv,),
    "time_prefix": (_unpadded,),
    "races": (_changes_without_lock, _walks_what_changes, _locks_of_their_own),
    "crowd": (_changes_without_lock, _walks_what_changes, _locks_of_their_own),
    "slow_reader": (_sends_inside_lock,),
    "no_deadlock": (_sends_inside_lock,),
    "stops_cleanly": (_catches_everything,),
}
