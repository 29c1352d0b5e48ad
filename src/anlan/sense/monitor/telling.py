"""Points and curves as the pages' scripts read them: JSON in columns, times in ms, as short as it goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.urls import reverse

from anlan.sense.monitor import rules, wording
from anlan.sense.monitor.queries import Board, Curve
from anlan.sense.stream import door as stream

MORE_DECIMALS = 2
"""A mean is told with so many decimals more than its point has."""


def milliseconds(moment: datetime) -> int:
    """Since 1970 UTC."""
    return round(moment.timestamp() * 1000)


def rows(board: Board, now: datetime, offset: int) -> dict[str, Any]:
    """The live list: names once, then columns. ``levels`` by channel number."""
    owners: dict[str, int] = {}
    classes: dict[str, int] = {}
    names: list[list[str]] = []
    kinds: list[list[str]] = []
    columns: dict[str, list[Any]] = {name: [] for name in ("id", "c", "name", "code", "device", "owner", "kind", "unit", "decimals")}
    for point in board.points:
        owner = str(point.enterprise_id)
        if owner not in owners:
            owners[owner] = len(names)
            names.append([owner, point.enterprise_name])
        if point.sensor_class not in classes:
            classes[point.sensor_class] = len(kinds)
            kinds.append([point.sensor_class, wording.class_label(point.sensor_class)])
        row = (str(point.id), point.channel, point.name, point.code, point.device_name, owners[owner], classes[point.sensor_class])
        for column, value in zip(columns.values(), (*row, point.unit, point.decimals), strict=True):
            column.append(value)
    return {
        "total": board.total,
        "offset": offset,
        "at": milliseconds(now),
        "known": board.known,
        "online_ms": round(board.online_s * 1000),
        "owners": names,
        "kinds": kinds,
        "rows": columns,
        "values": values(board),
        "levels": levels(board),
    }


def values(board: Board) -> dict[str, list[Any]]:
    """Newest readings in columns: channel, time (ms), value, quality."""
    found = board.newest.items()
    return {
        "c": [channel for channel, _reading in found],
        "t": [milliseconds(reading[0]) for _channel, reading in found],
        "v": [reading[1] for _channel, reading in found],
        "q": [reading[2] for _channel, reading in found],
    }


def levels(board: Board) -> dict[str, int]:
    """Gravest active alarm by channel number."""
    return {str(point.channel): board.levels[point.id] for point in board.points if point.id in board.levels}


def curves(found: Sequence[Curve], window: rules.Window) -> dict[str, Any]:
    """Curves with everything drawn with them; times of a curve are ms after ``since``."""
    return {
        "since": milliseconds(window.since),
        "until": milliseconds(window.until),
        "marks": {str(bit): label for bit, label in wording.mark_labels().items()},
        "points": [_curve(one, milliseconds(window.since)) for one in found],
    }


def _curve(one: Curve, since: int) -> dict[str, Any]:
    point, curve = one.point, one.curve
    digits = point.decimals + MORE_DECIMALS
    return {
        "id": str(point.id),
        "c": point.channel,
        "name": point.name,
        "code": point.code,
        "owner": point.enterprise_name,
        "unit": point.unit,
        "decimals": point.decimals,
        "width": curve.width_ms,
        "gap": curve.gap_ms,
        "t": (np.array(curve.time, np.int64) - since).tolist(),
        "low": curve.lowest,
        "high": curve.highest,
        "mean": np.round(np.array(curve.mean, float), digits).tolist(),
        "last": curve.last if any(value is not None for value in curve.last) else None,
        "n": curve.count,
        "marks": curve.marks,
        "limits": [[limit.limit, limit.kind, rules.LEVEL_TONES.get(limit.level, "grey")] for limit in one.limits],
        "alarms": [
            [
                milliseconds(alarm.raised_at),
                milliseconds(alarm.cleared_at) if alarm.cleared_at else None,
                alarm.level,
                alarm.title,
                alarm.url,
                alarm.exercise,
            ]
            for alarm in one.alarms
        ],
        "work": [[milliseconds(work.since), milliseconds(work.until), work.label, work.reason] for work in one.work],
        "url": reverse("devices:sensor", args=[point.id]),
    }


def marks_of(curve: stream.Curve, since: int, until: int) -> int:
    """All bits that are marked anywhere in [since, until), ms."""
    bits = 0
    for begin, end, bit in curve.marks:
        if begin < until and end > since:
            bits |= bit
    return bits
