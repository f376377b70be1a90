"""Who waits for which lock, and who is inside it: told from stacks and the source.

A stack shows at which line a thread stands; the source shows which `with` blocks are around that
line. That a block is around it is certain; that two blocks mean the same lock is not, where its
name belongs to an object (`self.lock`), so the sentences say no more than what is seen.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from autograder.harness.stacks import MAIN_THREAD
from autograder.i18n import _

Trees = Callable[[str], ast.Module | None]
HEADING = re.compile(r"^\S.*, 0x([0-9a-f]+):$")
SENDS, READS = ("send", "sendall"), ("recv", "recv_into", "recvfrom", "accept")
OF_SOCKETS = ("recv", "send", "sendall", "accept", "shutdown", "makefile")
FRAME = re.compile(r'  File "([^"]+)", line (\d+) in (\S+)')


@dataclass(frozen=True)
class Frame:
    """A line in which a thread stands."""

    file: str
    line: int
    function: str


@dataclass
class Stack:
    """A thread and its frames, innermost first."""

    ident: int
    frames: list[Frame] = field(default_factory=list)


@dataclass(frozen=True)
class Block:
    """A `with` statement around a frame's line, or one at which it waits."""

    lock: str
    line: int


def tell(stacks: str, read: Callable[[str], str | None], names: Mapping[int, str]) -> list[str]:
    """Return in sentences which threads wait for a lock, and who is inside it.

    Args:
        stacks: As `stacks.readable` returns them.
        read: Returns the text of a file of the program; None for any other file.
        names: Of threads, by their identity.
    """
    trees = cache(lambda file: _parsed(read(file)))
    threads = list(_threads(stacks))
    waiting = {thread.ident: wanted for thread in threads if (wanted := _waits_for(thread, trees))}
    facts: list[list[str]] = []
    for thread in threads:
        who, at = _called(thread, names), thread.frames[0] if thread.frames else None
        wanted = waiting.get(thread.ident)
        if at and wanted:
            told = [_at(at, _("{thread} waits for `{lock}`"), thread=who, lock=wanted.lock)]
            told += _inside(thread, trees, who, {wanted.lock}, own=wanted)
        # Of a line that also reads nobody can tell in which call it is.
        elif at and _calls(at, SENDS, trees) and not _calls(at, READS, trees):
            told = [_at(at, _("{thread} waits in a send for one who does not read"), thread=who)]
            told += _inside(thread, trees, who, None)
        else:
            told = list(_inside(thread, trees, who, {block.lock for block in waiting.values()}))
        facts.append(told)
    # What explains most comes last: who only waits, before who is inside.
    return list(dict.fromkeys(itertools.chain(*sorted(facts, key=len))))


def _inside(
    thread: Stack,
    trees: Trees,
    who: str,
    locks: set[str] | None,
    *,
    own: Block | None = None,
) -> Iterator[str]:
    """Tell of the `with` blocks that a thread is in.

    Args:
        locks: Of which locks; None for all.
        own: The lock that it waits for itself; then all blocks are told.
    """
    for frame in thread.frames:
        for block in _blocks(frame, trees(frame.file)):
            if own and block.lock == own.lock and block.lock.isidentifier():
                sentence = _(
                    "{thread} is inside `with {lock}` already (line {since}): a Lock does not "
                    "let even its own thread in twice"
                )
            elif own or locks is None:
                sentence = _("{thread} is meanwhile inside `with {lock}` (line {since})")
            elif block.lock in locks:
                sentence = _("{thread} stands here, inside `with {lock}` (line {since})")
            else:
                continue
            yield _at(frame, sentence, thread=who, lock=block.lock, since=block.line)


def _at(frame: Frame, sentence: str, **words: object) -> str:
    return f"{frame.file}:{frame.line}: {sentence.format(**words)}"


def _threads(stacks: str) -> Iterator[Stack]:
    thread: Stack | None = None
    for line in stacks.splitlines():
        if heading := HEADING.match(line):
            if thread:
                yield thread
            thread = Stack(int(heading[1], 16))
        elif thread and (found := FRAME.match(line)):
            thread.frames.append(Frame(found[1], int(found[2]), found[3]))
    if thread:
        yield thread


def _waits_for(thread: Stack, trees: Trees) -> Block | None:
    """Return the lock that a thread waits for, if its innermost line asks for one."""
    if not thread.frames:
        return None
    frame = thread.frames[0]
    for node in _at_line(frame, trees):
        if isinstance(node, ast.With):
            return Block(ast.unparse(node.items[0].context_expr), node.lineno)
        if isinstance(node, ast.Call) and _method(node) == "acquire":
            return Block(ast.unparse(node.func).removesuffix(".acquire"), node.lineno)
    return None


def _calls(frame: Frame, methods: Sequence[str], trees: Trees) -> bool:
    nodes = _at_line(frame, trees)
    return any(isinstance(node, ast.Call) and _method(node) in methods for node in nodes)


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _at_line(frame: Frame, trees: Trees) -> Iterator[ast.AST]:
    tree = trees(frame.file)
    nodes = ast.walk(tree) if tree else iter(())
    return (node for node in nodes if getattr(node, "lineno", 0) == frame.line)


def _blocks(frame: Frame, tree: ast.Module | None) -> Iterable[Block]:
    """Yield the `with` blocks around a frame's line in its function, innermost first."""
    others = _no_locks(tree) if tree else set()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    found: list[Block] = []
    for node in ast.walk(tree) if tree else ():  # outer nodes come before inner ones
        around = getattr(node, "lineno", 0) < frame.line <= (getattr(node, "end_lineno", 0) or 0)
        if around and isinstance(node, functions):
            found = []  # what surrounds a function is not held while it runs
        elif around and isinstance(node, ast.With):
            names = [ast.unparse(item.context_expr) for item in node.items]
            found += [Block(name, node.lineno) for name in names if name not in others]
    return reversed(found)


def _no_locks(tree: ast.Module) -> set[str]:
    """Return what `with` blocks are made with that are no locks: sockets, and what is called."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found.add(ast.unparse(node))
            if _method(node) in OF_SOCKETS:
                found.add(ast.unparse(node.func).rpartition(".")[0])
    return found


def _parsed(text: str | None) -> ast.Module | None:
    try:
        return ast.parse(text) if text is not None else None
    except (SyntaxError, ValueError, RecursionError):
        return None


def _called(thread: Stack, names: Mapping[int, str]) -> str:
    outermost = thread.frames[-1].function if thread.frames else "?"
    if outermost == "<module>":
        return MAIN_THREAD
    return names.get(thread.ident) or _("the thread in {function}()").format(
        function=next((f.function for f in reversed(thread.frames) if "/" not in f.file), "?")
    )
