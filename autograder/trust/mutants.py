"""Mutants of the reference: one small change each, made on the syntax tree with libcst."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

# Comparisons become laxer or stricter by one case, or the opposite.
SWAPS: dict[type[cst.CSTNode], str] = {
    cst.LessThan: "<=",
    cst.LessThanEqual: "<",
    cst.GreaterThan: ">=",
    cst.GreaterThanEqual: ">",
    cst.Equal: "!=",
    cst.NotEqual: "==",
    cst.Is: "is not",
    cst.IsNot: "is",
    cst.In: "not in",
    cst.NotIn: "in",
    cst.Add: "-",
    cst.Subtract: "+",
    cst.Multiply: "+",
    cst.AddAssign: "-=",
    cst.SubtractAssign: "+=",
    cst.And: "or",
    cst.Or: "and",
}
UNLIKELY = "ZeroDivisionError"


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        file: The program that is changed.
        place: The class and function around the change.
        line: Where it stands (from 1).
        operator: What kind of change.
        before: The line of the source, without indentation.
        nth: Which of several changes of one kind on such a line, from 1.
        text: The whole changed program.
    """

    file: str
    place: str
    line: int
    operator: str
    before: str
    nth: int
    text: str

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What stays the same when other lines of the program change."""
        return self.file, self.place, self.operator, self.before, self.nth

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.place}, {self.operator} #{self.nth}: {self.before}"


def of(file: str, text: str) -> list[Mutant]:
    """Return all mutants of a program."""
    wrapper = MetadataWrapper(cst.parse_module(text))
    finder = _Finder()
    wrapper.visit(finder)
    lines = text.splitlines(keepends=True)
    begins = [0, *itertools.accumulate(len(line) for line in lines)]
    found: list[Mutant] = []
    seen: Counter[tuple[str, str, str]] = Counter()
    for span, place, operator, new in finder.changes:
        before = lines[span.start.line - 1].strip()
        seen[place, operator, before] += 1
        start, end = (begins[at.line - 1] + at.column for at in (span.start, span.end))
        changed = text[:start] + new + text[end:]
        nth = seen[place, operator, before]
        found.append(Mutant(file, place, span.start.line, operator, before, nth, changed))
    return found


class _Finder(cst.CSTVisitor):
    """Collects what can be changed: (where it stands, class and function, operator, new text)."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        self.changes: list[tuple[CodeRange, str, str, str]] = []
        self._scope: list[str] = []
        self._functions = 0  # around the node that is visited

    def visit_Annotation(self, node: cst.Annotation) -> bool:
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._scope.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self._scope.pop()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._scope.append(node.name.value)
        self._functions += 1

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._scope.pop()
        self._functions -= 1

    def on_visit(self, node: cst.CSTNode) -> bool:
        for operator, old, new in _replacements(node):
            # Without a function around it a statement only defines: to delete it is an error.
            if operator != "delete" or self._functions:
                span = self.get_metadata(PositionProvider, old)
                self.changes.append((span, ".".join(self._scope), operator, new))
        return super().on_visit(node)


def _replacements(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode, str]]:
    """Yield (operator, what is replaced, by which text)."""
    match node:
        case cst.SimpleStatementLine(body=[statement]) if _does_something(statement):
            yield "delete", statement, "pass"
        case cst.Return(value=cst.BaseExpression() as value):
            yield "return None", value, "None"
        case cst.Break():
            yield "break to continue", node, "continue"
        case cst.Continue():
            yield "continue to break", node, "break"
        case cst.If(test=test) | cst.While(test=test) | cst.IfExp(test=test):
            yield "negate", test, f"not ({_code(test)})"
        case cst.CompIf(test=test):
            yield "negate", test, f"not ({_code(test)})"
        case cst.Integer(value=value):
            yield "number", node, "1" if value == "0" else "0"
        case cst.Float():
            yield "number", node, "1.0" if float(node.value) == 0 else "0.0"
        case cst.Name(value="True" | "False" as value):
            yield "boolean", node, "False" if value == "True" else "True"
        case cst.ExceptHandler(type=cst.BaseExpression() as caught):
            yield "catch nothing", caught, UNLIKELY
        case cst.With(items=[cst.WithItem(item=cst.Call() as call)]):
            if _code(call.func) == "contextlib.suppress":
                yield "catch nothing", call, f"contextlib.suppress({UNLIKELY})"
        case cst.BaseCompOp() | cst.BaseBinaryOp() | cst.BaseBooleanOp() | cst.BaseAugOp():
            if type(node) in SWAPS:
                yield "swap", node, SWAPS[type(node)]


def _does_something(statement: cst.BaseSmallStatement) -> bool:
    if isinstance(statement, cst.Expr):
        return not isinstance(statement.value, cst.BaseString)  # a docstring
    return isinstance(
        statement,
        cst.Assign | cst.AugAssign | cst.AnnAssign | cst.Raise | cst.Del | cst.Return,
    )


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
