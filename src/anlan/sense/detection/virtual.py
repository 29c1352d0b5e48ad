"""Points reckoned from others as readings arrive."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.sense.detection.formula import Formula, FormulaRefused, parse
from anlan.sense.detection.ordering import Rows
from anlan.sense.detection.watching import UNHEARD, Bound, milliseconds
from anlan.wire.blocks import Block
from anlan.wire.criteria import Virtual


class _Point:
    """One virtual point: its formula, and the newest reading of each input."""

    def __init__(self, code: str, given: Virtual, formula: Formula) -> None:
        self.code, self.given, self.formula = code, given, formula
        self.names = sorted(formula.names)
        self.inputs = np.array([given.inputs[name] for name in self.names], np.int64)
        self.time = np.full(len(self.names), UNHEARD, np.int64)
        self.value = np.full(len(self.names), np.nan)
        self.said = UNHEARD


class VirtualPoints:
    """At every moment at which an input has a new reading, the formula over the newest readings of all inputs, none older than ``age_s``.

    A moment not after the last result gives none (late readings do not rewrite results). A virtual point may be the input of another; points
    that wait for each other in a circle are never reckoned.
    """

    def __init__(self) -> None:
        self._points: list[_Point] = []
        self._wanted = np.zeros(1, np.bool_)

    def __len__(self) -> int:
        return len(self._points)

    def bind(self, rules: Sequence[Bound]) -> None:
        """Reckon by ``rules`` from now on; points that stay as they were keep their inputs' newest readings."""
        before = {point.code: point for point in self._points}
        points: list[_Point] = []
        for rule in rules:
            given, code = rule.criterion.parameters, rule.criterion.code
            if not isinstance(given, Virtual):
                continue
            if code in before and before[code].given == given:
                points.append(before[code])
                continue
            try:
                formula = parse(given.formula)
            except FormulaRefused:
                continue
            if formula.names and formula.names <= given.inputs.keys():
                points.append(_Point(code, given, formula))
        self._points = _in_order(points)
        inputs = np.concatenate([point.inputs for point in self._points] or [np.zeros(0, np.int64)])
        self._wanted = np.zeros(int(inputs.max(initial=0)) + 2, np.bool_)
        self._wanted[inputs] = True

    def seed(self, other: VirtualPoints, codes: Collection[str]) -> None:
        """Take over what ``other`` knows of the inputs of the points named ``codes``."""
        known = {point.code: point for point in other._points}
        for point in self._points:
            if point.code in codes and point.code in known:
                point.time, point.value = known[point.code].time.copy(), known[point.code].value.copy()

    def codes(self) -> set[str]:
        """Rules of the points that are reckoned."""
        return {point.code for point in self._points}

    def derive(self, rows: Rows, *, drilled: Collection[int] | None = None) -> Block:
        """The readings of virtual points that ``rows`` cause, in no particular order.

        ``drilled``: channels in an exercise; then only points of which any input is one of them, itself reckoned or not.
        """
        at = np.flatnonzero(self._wanted[np.minimum(rows.channel, len(self._wanted) - 1)])
        if not len(at):
            return _block([])
        heard = _by_channel(rows.channel[at], rows.time[at], rows.value[at], rows.quality[at])
        found: list[tuple[int, Any, Any, Any]] = []
        marked = set(drilled or ())
        for point in self._points:
            derived = self._one(point, heard)
            concerned = drilled is None or not marked.isdisjoint(point.inputs.tolist())
            if derived is not None and concerned:
                found.append((point.given.channel, *derived))
                heard[point.given.channel] = derived
                marked.add(point.given.channel)
        return _block(found)

    def _one(self, point: _Point, heard: Mapping[int, tuple[Any, Any, Any]]) -> tuple[Any, Any, Any] | None:
        mine = [heard.get(int(channel)) for channel in point.inputs]
        moments = [each[0] for each in mine if each is not None]
        if not moments:
            return None
        time = np.unique(np.concatenate(moments))
        values: dict[str, NDArray[np.float64]] = {}
        quality = np.zeros(len(time), np.uint8)
        for number, (name, given) in enumerate(zip(point.names, mine, strict=True)):
            at, value = np.full(len(time), point.time[number]), np.full(len(time), point.value[number])
            if given is not None:
                place = np.searchsorted(given[0], time, side="right") - 1
                newer = (place >= 0) & (given[0][place] > point.time[number])
                at, value = np.where(newer, given[0][place], at), np.where(newer, given[1][place], value)
                quality |= np.where(newer, given[2][place], 0).astype(np.uint8)
                if given[0][-1] > point.time[number]:
                    point.time[number], point.value[number] = given[0][-1], given[1][-1]
            known = (at != UNHEARD) & (time - at <= milliseconds(point.given.age_s))
            values[name] = np.where(known, value, np.nan)
        result = point.formula.evaluate(values)
        told = np.isfinite(result) & (time > point.said)
        if not told.any():
            return None
        point.said = int(time[told][-1])
        return time[told], result[told], quality[told]

    def pack(self) -> dict[str, NDArray[Any]]:
        """Everything remembered, as arrays for :meth:`unpack`."""
        return {
            "codes": np.array([point.code for point in self._points], np.str_),
            "counts": np.array([len(point.names) for point in self._points], np.int64),
            "time": np.concatenate([point.time for point in self._points] or [np.zeros(0, np.int64)]),
            "value": np.concatenate([point.value for point in self._points] or [np.zeros(0)]),
            "said": np.array([point.said for point in self._points], np.int64),
        }

    def unpack(self, packed: Mapping[str, NDArray[Any]]) -> None:
        """Take over what was packed for the points that are still reckoned. Call after :meth:`bind`."""
        ends = np.cumsum(packed["counts"])
        kept = {str(code): number for number, code in enumerate(packed["codes"])}
        for point in self._points:
            number = kept.get(point.code)
            if number is None or packed["counts"][number] != len(point.names):
                continue
            part = slice(int(ends[number] - packed["counts"][number]), int(ends[number]))
            point.time, point.value, point.said = packed["time"][part].copy(), packed["value"][part].copy(), int(packed["said"][number])


def circle(points: Mapping[int, Sequence[int]]) -> set[int]:
    """Of virtual points (channel → input channels) those that can never be reckoned, because they wait for each other."""
    left = dict(points)
    while ready := [channel for channel, inputs in left.items() if not any(each in left for each in inputs)]:
        for channel in ready:
            del left[channel]
    return set(left)


def _in_order(points: list[_Point]) -> list[_Point]:
    lost = circle({point.given.channel: [int(each) for each in point.inputs] for point in points})
    left, ordered = [point for point in points if point.given.channel not in lost], []
    while left:
        outputs = {point.given.channel for point in left}
        ready = [point for point in left if not outputs & {int(each) for each in point.inputs}]
        ordered += ready
        left = [point for point in left if point not in ready]
    return ordered


def _by_channel(channel: Any, time: Any, value: Any, quality: Any) -> dict[int, tuple[Any, Any, Any]]:
    order = np.lexsort((time, channel))
    channel, time, value, quality = channel[order], time[order], value[order], quality[order]
    starts = np.flatnonzero(np.concatenate([[True], channel[1:] != channel[:-1]]))
    ends = np.append(starts[1:], len(channel))
    return {int(channel[a]): (time[a:b], value[a:b], quality[a:b]) for a, b in zip(starts, ends, strict=True)}


def _block(found: Sequence[tuple[int, Any, Any, Any]]) -> Block:
    if not found:
        return Block(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8))
    return Block(
        np.concatenate([np.full(len(each[1]), each[0], np.int32) for each in found]),
        np.concatenate([each[1] for each in found]),
        np.concatenate([each[2] for each in found]),
        np.concatenate([each[3] for each in found]),
    )
