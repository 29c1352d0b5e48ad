"""Conditions on Observations, parted by who answers them: the registry (which Datastreams), bounds of time, and the store (the rest). No Django.

Time is always told as bounds where the expression allows it, so that the store reads what lies between and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from anlan.sense.things.expressions import Call, Expression, Interval, Literal, Not, Operation, Path, conjuncts, paths
from anlan.sense.things.rules import NotComparable, NotSupported, UnknownProperty

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
TIMES = frozenset({"phenomenonTime", "resultTime"})
_SWAPPED = {"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_ARITHMETIC = frozenset({"add", "sub", "mul", "div", "mod"})
_OF_NUMBERS = frozenset({"round", "floor", "ceiling"})
_OF_TIME = frozenset({"year", "month", "day", "hour", "minute", "second"})
_RELATED = frozenset({"Datastream", "FeatureOfInterest"})


@dataclass(frozen=True)
class Wanted:
    """What is asked of Observations. ``points``: conditions on the Datastream; ``since``, ``until``: ms since 1970 UTC, the latter excluded;
    ``channel``: of an Observation named by its identifier; ``where``: a condition for the store; ``nothing``: no reading can meet it."""

    points: tuple[Expression, ...] = ()
    since: int | None = None
    until: int | None = None
    channel: int | None = None
    where: list[Any] | None = None
    nothing: bool = False

    def after(self, ms: int) -> Wanted:
        """Bounded from below too."""
        return replace(self, since=ms if self.since is None else max(self.since, ms))

    def before(self, ms: int) -> Wanted:
        """Bounded from above too."""
        return replace(self, until=ms if self.until is None else min(self.until, ms))

    def also(self, node: list[Any]) -> Wanted:
        """With one more condition."""
        return replace(self, where=node if self.where is None else ["and", self.where, node])


def read(tree: Expression | None, now: datetime) -> Wanted:
    """What the condition ``tree`` asks. Raises ``UnknownProperty``, ``NotComparable``, ``NotSupported``."""
    wanted = Wanted()
    for part in conjuncts(tree):
        named = paths(part)
        related = {path.parts[0] for path in named} & _RELATED
        if related and all(path.parts[0] in _RELATED for path in named):
            wanted = replace(wanted, points=(*wanted.points, _of_datastream(part)))
        elif related:
            raise NotSupported(what="Datastream … or/and … result")
        else:
            wanted = _bounded(wanted, part, now)
    return wanted


def identifier(text: object) -> tuple[int, int] | None:
    """Channel and time of an Observation's identifier; ``None`` when it is none."""
    channel, dash, ms = str(text).partition("-")
    if not (dash and channel.isascii() and channel.isdigit() and ms.isascii() and ms.isdigit() and len(channel) < 11 and len(ms) < 16):
        return None
    return int(channel), int(ms)


def _of_datastream(tree: Expression) -> Expression:
    """The same condition as it is said of the Datastream itself."""
    match tree:
        case Path(("Datastream", *rest)) if rest:
            return Path(tuple(rest))
        case Call(name, arguments):
            return Call(name, tuple(_of_datastream(argument) for argument in arguments))
        case Operation(operator, left, right):
            return Operation(operator, _of_datastream(left), _of_datastream(right))
        case Not(operand):
            return Not(_of_datastream(operand))
    return tree


def _bounded(wanted: Wanted, part: Expression, now: datetime) -> Wanted:
    match part:
        case Operation(operator, Literal() as literal, Path() as path) if operator in _SWAPPED:
            return _bounded(wanted, Operation(_SWAPPED[operator], path, literal), now)
        case Operation("eq", Path(("id",)), Literal(value)):
            found = identifier(value)
            if found is None or wanted.channel not in {None, found[0]}:
                return replace(wanted, nothing=True)
            return replace(wanted.after(found[1]).before(found[1] + 1), channel=found[0])
        case Operation(operator, Path((name,)), Call("now", ())) if name in TIMES:
            return _bounded(wanted, Operation(operator, Path((name,)), Literal(now)), now)
        case Operation(operator, Path((name,)), Literal(datetime() as moment)) if name in TIMES and operator != "ne":
            return _at(wanted, operator, moment)
        case Call("after", (Path((name,)), Literal(datetime() as moment))) if name in TIMES:
            return _at(wanted, "gt", moment)
        case Call("before", (Path((name,)), Literal(datetime() as moment))) if name in TIMES:
            return _at(wanted, "lt", moment)
        case Call("during" | "overlaps", (Path((name,)), Literal(Interval(start, end)))) if name in TIMES:
            return _at(_at(wanted, "ge", start), "lt", end)
    return wanted.also(condition(part, now))


def _at(wanted: Wanted, operator: str, moment: datetime) -> Wanted:
    # In whole microseconds: a float of seconds misses its own millisecond now and then.
    microseconds = (moment - _EPOCH) // _MICROSECOND
    ended, begun = microseconds // 1000, -(-microseconds // 1000)
    match operator:
        case "eq":
            return wanted.after(begun).before(ended + 1)
        case "ge":
            return wanted.after(begun)
        case "gt":
            return wanted.after(ended + 1)
        case "lt":
            return wanted.before(begun)
    return wanted.before(ended + 1)


def condition(tree: Expression, now: datetime) -> list[Any]:
    """A condition as the store reads it (:mod:`anlan.sense.stream.observed`)."""
    match tree:
        case Operation("and" | "or" as word, left, right):
            return [word, condition(left, now), condition(right, now)]
        case Not(operand):
            return ["not", condition(operand, now)]
        case Operation(operator, left, right) if operator in _SWAPPED:
            (first, first_is_time), (second, second_is_time) = _value(left, now), _value(right, now)
            if first_is_time != second_is_time:
                raise NotComparable(operation=operator)
            return [operator, first, second]
    raise NotSupported(what=getattr(tree, "name", "$filter"))


def _value(tree: Expression, now: datetime) -> tuple[list[Any], bool]:
    """A value as the store reads it, and whether it is a time."""
    match tree:
        case Path(("result",)):
            return ["result"], False
        case Path((name,)) if name in TIMES:
            return ["time"], True
        case Path(parts):
            raise UnknownProperty(entity="Observation", name="/".join(parts)[:80])
        case Literal(bool()):
            raise NotComparable(operation="result")
        case Literal(int() | float() as number):
            return ["number", number], False
        case Literal(datetime() as moment):
            return ["ms", round(moment.timestamp() * 1000)], True
        case Call("now", ()):
            return ["ms", round(now.timestamp() * 1000)], True
        case Operation(operator, left, right) if operator in _ARITHMETIC:
            (first, first_is_time), (second, second_is_time) = _value(left, now), _value(right, now)
            if first_is_time or second_is_time:
                raise NotComparable(operation=operator)
            return [operator, first, second], False
        case Call(name, (argument,)) if name in _OF_NUMBERS:
            found, is_time = _value(argument, now)
            if is_time:
                raise NotComparable(operation=name)
            return [name, found], False
        case Call(name, (Path((time,)),)) if name in _OF_TIME and time in TIMES:
            return [name, ["time"]], False
    raise NotSupported(what=getattr(tree, "name", str(getattr(tree, "value", "")))[:40])


def order(keys: tuple[tuple[Expression, bool], ...]) -> tuple[str, bool]:
    """By what Observations are put in order (``time`` or ``value``), and whether the highest comes first."""
    if not keys:
        return "time", False
    known: Mapping[tuple[str, ...], str] = {("phenomenonTime",): "time", ("resultTime",): "time", ("id",): "time", ("result",): "value"}
    tree, descending = keys[0]
    by = known.get(tree.parts) if isinstance(tree, Path) else None
    others = [known.get(key.parts) if isinstance(key, Path) else None for key, _way in keys[1:]]
    if by is None or any(other != "time" for other in others):
        raise NotSupported(what="$orderby")
    return by, descending
