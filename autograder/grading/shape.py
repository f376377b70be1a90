"""Makes a dataclass of what JSON holds, and says where that has another shape."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, TypeVar

from autograder.i18n import _

SHOWN = 40  # characters of a value in a message

T = TypeVar("T")


class ShapeError(ValueError):
    """Something has not the type that is declared; the message says what and where."""


def build(kind: type[T], value: object, where: str = "") -> T:
    """Return `value` as `kind`: a dataclass of plain types, lists and dataclasses.

    Args:
        kind: What is expected.
        value: What `json.loads` returned.
        where: The name of the value in messages.

    Raises:
        ShapeError: a field is missing, unknown, or of another type.
    """
    built: T = _built(kind, value, where)
    return built


def _built(kind: Any, value: object, where: str) -> Any:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        return _fields(kind, value, where)
    if origin is typing.Literal:
        return value if value in parts and isinstance(value, str) else _refuse(where, value, parts)
    if origin in (types.UnionType, typing.Union):
        if value is None and types.NoneType in parts:
            return None
        kind = next(part for part in parts if part is not types.NoneType)
        return _built(kind, value, where)
    if origin is list:
        if not isinstance(value, list):
            return _refuse(where, value, ["list"])
        return [_built(parts[0], item, f"{where}[{n}]") for n, item in enumerate(value)]
    if origin is dict:  # JSON knows no keys but text, and what they hold is free
        return value if isinstance(value, dict) else _refuse(where, value, ["object"])
    # bool is an int to Python, and JSON writes 3.0 as 3.
    allowed = (int, float) if kind is float else kind
    if not isinstance(value, allowed) or isinstance(value, bool):
        return _refuse(where, value, [kind.__name__])
    return value


def _fields(kind: Any, value: object, where: str) -> Any:
    if not isinstance(value, dict):
        return _refuse(where, value, ["object"])
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        if field.name not in value and field.default is field.default_factory:
            raise ShapeError(
                _("it has no {field}").format(field=f"{where}.{field.name}".strip("."))
            )
    if unknown := sorted(value.keys() - hints.keys()):
        name = f"{where}.{unknown[0]}".strip(".")
        raise ShapeError(_("{field} is unknown").format(field=repr(name[:SHOWN])))
    return kind(
        **{
            name: _built(hints[name], part, f"{where}.{name}".strip("."))
            for name, part in value.items()
        }
    )


def _refuse(where: str, value: object, wanted: typing.Iterable[str]) -> typing.NoReturn:
    raise ShapeError(
        _("{field} is {found}, expected {wanted}").format(
            field=where, found=repr(value)[:SHOWN], wanted=" / ".join(wanted)
        )
    )
