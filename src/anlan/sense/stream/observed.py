"""Single readings out of the store by condition, in order of time or value: what is asked travels as plain lists and becomes SQL here only.

A condition is a tree of lists: ``["and", a, b]``, ``["gt", ["result"], ["number", 5]]``. Names stand for fixed pieces of SQL, numbers become
parameters; nothing that was sent is ever part of a query's text. Time is walked in windows from the end that is asked first, so that ten
readings of a year cost a window, not the year.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

MOST_ROWS = 10_000
MOST_SKIPPED = 1_000_000
MOST_CHANNELS = 5_000
DEEPEST = 40
FIRST_WINDOW_MS = 3_600_000
_GROWTH = 4
_SECONDS = 10
"""How long the engine may work on one window."""

_COMPARISONS = {"eq": "=", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_ARITHMETIC = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%"}
_OF_NUMBERS = {"round": "round", "floor": "floor", "ceiling": "ceil"}
_OF_TIME = {"year": "toYear", "month": "toMonth", "day": "toDayOfMonth", "hour": "toHour", "minute": "toMinute", "second": "toSecond"}
_TIME = "toUnixTimestamp64Milli(time)"


class MalformedCondition(Refusal):
    code: ClassVar[str] = "observations_bad_condition"
    sentence: ClassVar[str] = N_("读数查询条件无法识别：{reason}。")
    status: ClassVar[int] = 422


class Question(msgspec.Struct, frozen=True):
    """Readings of ``channels`` in [``since``, ``until``), ms since 1970 UTC (``None``: from the first, to the last) that meet ``where``.

    ``by``: ``time`` or ``value``; ``descending``: the highest first. Rows ``offset`` to ``offset + limit`` are answered.
    """

    channels: list[int]
    since: int | None = None
    until: int | None = None
    where: list[Any] | None = None
    by: str = "time"
    descending: bool = False
    limit: int = 100
    offset: int = 0


Row = tuple[int, int, float, int]
"""Channel, time (ms since 1970 UTC), value, quality."""
Ask = Callable[[str, dict[str, Any]], Sequence[Sequence[Any]]]
"""Runs a query with parameters in the store."""


def checked(question: Question) -> Question:
    """``question`` itself when it can be asked. Raises :class:`MalformedCondition`."""
    if not (0 < len(question.channels) <= MOST_CHANNELS and question.by in {"time", "value"}):
        raise MalformedCondition(reason="channels, by")
    if not (0 < question.limit <= MOST_ROWS and 0 <= question.offset <= MOST_SKIPPED):
        raise MalformedCondition(reason="limit, offset")
    if (len(question.channels) > 1 or question.by == "value") and question.since is None:
        raise MalformedCondition(reason="since")
    condition(question.where, {})
    return question


def find(question: Question, ask: Ask, table: str) -> list[Row]:
    """The readings asked for, of ``table``."""
    if question.by == "value":
        since, until = _span(question, ask, table)
        return _window(question, ask, table, since, until, question.offset, question.limit) if until > since else []
    since, until = _span(question, ask, table)
    found: list[Row] = []
    skip, wanted, width = question.offset, question.limit, FIRST_WINDOW_MS
    while until > since and wanted > 0:
        first, last = (max(since, until - width), until) if question.descending else (since, min(until, since + width))
        rows = _window(question, ask, table, first, last, 0, skip + wanted)
        taken = rows[skip:]
        skip = max(0, skip - len(rows))
        found += taken
        wanted -= len(taken)
        since, until = (since, first) if question.descending else (last, until)
        width *= _GROWTH
    return found


def count(question: Question, ask: Ask, table: str) -> int:
    """How many readings meet the question; each one counted once however often it was stored."""
    parameters: dict[str, Any] = {}
    text = _where(question, parameters, question.since, question.until)
    return int(ask(f"SELECT count() FROM {table} FINAL WHERE {text} {_settings()}", parameters)[0][0])


def _span(question: Question, ask: Ask, table: str) -> tuple[int, int]:
    """The time to walk: what was asked, or what the one channel holds (found at both ends of its key, not by reading it)."""
    bounds = []
    for given, direction in ((question.since, "ASC"), (question.until, "DESC")):
        if given is not None:
            bounds.append(given)
            continue
        parameters: dict[str, Any] = {}
        text = _channels(question, parameters)
        rows = ask(
            f"SELECT {_TIME} FROM {table} WHERE {text} ORDER BY channel {direction}, time {direction} LIMIT 1 "
            "SETTINGS optimize_read_in_order = 1",
            parameters,
        )
        if not rows:
            return 0, 0
        bounds.append(int(rows[0][0]) + (direction == "DESC"))
    return bounds[0], bounds[1]


def _window(question: Question, ask: Ask, table: str, since: int, until: int, offset: int, limit: int) -> list[Row]:
    parameters: dict[str, Any] = {"offset": offset, "limit": limit}
    text = _where(question, parameters, since, until)
    way = "DESC" if question.descending else "ASC"
    order = f"value {way}, time {way}, channel" if question.by == "value" else f"time {way}, channel"
    rows = ask(
        f"SELECT channel, {_TIME}, value, quality FROM {table} FINAL WHERE {text} ORDER BY {order} "
        f"LIMIT {{limit:Int64}} OFFSET {{offset:Int64}} {_settings()}",
        parameters,
    )
    return [(int(channel), int(at), float(value), int(quality)) for channel, at, value, quality in rows]


def _settings() -> str:
    return f"SETTINGS do_not_merge_across_partitions_select_final = 1, max_execution_time = {_SECONDS}"


def _channels(question: Question, parameters: dict[str, Any]) -> str:
    if len(question.channels) == 1:
        parameters["channel"] = question.channels[0]
        return "channel = {channel:Int32}"
    parameters["channels"] = question.channels
    return "channel IN {channels:Array(Int32)}"


def _where(question: Question, parameters: dict[str, Any], since: int | None, until: int | None) -> str:
    parts = [_channels(question, parameters)]
    for name, bound, sign in (("since", since, ">="), ("until", until, "<")):
        if bound is not None:
            parameters[name] = bound
            parts.append(f"time {sign} fromUnixTimestamp64Milli({{{name}:Int64}})")
    if question.where is not None:
        parts.append(condition(question.where, parameters))
    return " AND ".join(parts)


def condition(node: Any, parameters: dict[str, Any], depth: int = 0) -> str:
    """SQL of a condition; its numbers are added to ``parameters``. ``None`` always holds. Raises :class:`MalformedCondition`."""
    if node is None:
        return "1"
    name, *operands = _checked_node(node, depth)
    if name in {"and", "or"} and len(operands) >= 2:
        return "(" + f" {name.upper()} ".join(condition(operand, parameters, depth + 1) for operand in operands) + ")"
    if name == "not" and len(operands) == 1:
        return f"(NOT {condition(operands[0], parameters, depth + 1)})"
    if name in _COMPARISONS and len(operands) == 2:
        left, right = (_number(operand, parameters, depth + 1) for operand in operands)
        return f"({left} {_COMPARISONS[name]} {right})"
    raise MalformedCondition(reason=name[:40])


def _number(node: Any, parameters: dict[str, Any], depth: int) -> str:
    name, *operands = _checked_node(node, depth)
    if name == "result" and not operands:
        return "value"
    if name == "time" and not operands:
        return _TIME
    if name in {"number", "ms"} and len(operands) == 1 and isinstance(operands[0], int | float) and not isinstance(operands[0], bool):
        key = f"p{len(parameters)}"
        parameters[key] = int(operands[0]) if name == "ms" else float(operands[0])
        return f"{{{key}:{'Int64' if name == 'ms' else 'Float64'}}}"
    if name in _ARITHMETIC and len(operands) == 2:
        left, right = (_number(operand, parameters, depth + 1) for operand in operands)
        return f"({left} {_ARITHMETIC[name]} {right})"
    if name in _OF_NUMBERS and len(operands) == 1:
        return f"{_OF_NUMBERS[name]}({_number(operands[0], parameters, depth + 1)})"
    if name in _OF_TIME and operands == [["time"]]:
        return f"{_OF_TIME[name]}(time)"
    raise MalformedCondition(reason=name[:40])


def _checked_node(node: Any, depth: int) -> list[Any]:
    if depth > DEEPEST or not isinstance(node, list) or not node or not isinstance(node[0], str):
        raise MalformedCondition(reason=str(node)[:40])
    return node
