"""Conditions and orders on entities that lie in memory (the classes of measuring points), evaluated on what the API says of them. No Django."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from anlan.sense.things.expressions import Call, Expression, Literal, Not, Operation, Path
from anlan.sense.things.rules import NotComparable, NotSupported, UnknownProperty

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_CALLS: Mapping[str, Callable[..., Any]] = {
    "substringof": lambda part, text: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "length": len,
    "indexof": lambda text, part: text.find(part),
    "substring": lambda text, start, *length: text[start : start + length[0]] if length else text[start:],
    "tolower": lambda text: text.lower(),
    "toupper": lambda text: text.upper(),
    "trim": lambda text: text.strip(),
    "concat": lambda left, right: left + right,
}


def evaluate(tree: Expression, entity: Mapping[str, Any]) -> Any:
    """The value of ``tree`` for one entity. Raises ``UnknownProperty``, ``NotComparable``, ``NotSupported``."""
    match tree:
        case Literal(value):
            return value
        case Path(parts):
            return _member(entity, parts)
        case Not(operand):
            return not evaluate(operand, entity)
        case Operation("and", left, right):
            return bool(evaluate(left, entity)) and bool(evaluate(right, entity))
        case Operation("or", left, right):
            return bool(evaluate(left, entity)) or bool(evaluate(right, entity))
        case Operation(name, left, right) if name in _COMPARE:
            return _applied(name, _COMPARE[name], evaluate(left, entity), evaluate(right, entity))
        case Call(name, arguments) if name in _CALLS:
            return _applied(name, _CALLS[name], *(evaluate(argument, entity) for argument in arguments))
    raise NotSupported(what=getattr(tree, "name", getattr(tree, "operator", "")))


def order_key(value: Any) -> tuple[bool, Any]:
    """By which values are put in order; what is missing comes last."""
    return value is None, value if value is not None else 0


def _member(entity: Mapping[str, Any], parts: tuple[str, ...]) -> Any:
    found: Any = entity
    for part in ("@iot.id" if part == "id" else part for part in parts):
        if not isinstance(found, Mapping) or part not in found:
            raise UnknownProperty(entity="ObservedProperty", name="/".join(parts)[:80])
        found = found[part]
    return found


def _applied(name: str, function: Callable[..., Any], *values: Any) -> Any:
    if None in values and name not in {"eq", "ne"}:
        return False
    try:
        return function(*values)
    except (TypeError, AttributeError, ValueError):
        raise NotComparable(operation=name) from None
