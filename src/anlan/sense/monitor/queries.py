"""Reads of the pages that watch points: rows with newest values, curves with what belongs to them, figures of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from django.utils import timezone

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.sense.alarms import door as alarms
from anlan.sense.devices import door as devices
from anlan.sense.devices.door import Limit, ListedPoint, Work
from anlan.sense.monitor import rules
from anlan.sense.stream import door as stream

Reading = tuple[datetime, float, int]


@dataclass(frozen=True)
class Board:
    """Points with what is known of them now. ``known`` is false when the store does not answer; ``levels`` by point of active alarms."""

    points: tuple[ListedPoint, ...]
    total: int
    newest: dict[int, Reading]
    known: bool
    levels: dict[UUID, int]
    online_s: float

    def state(self, point: ListedPoint, now: datetime) -> str:
        """State of a point, a code of ``rules.STATES``."""
        reading = self.newest.get(point.channel)
        return rules.state_of(reading[0] if reading else None, now, self.online_s, known=self.known, level=self.levels.get(point.id))


@dataclass(frozen=True)
class Curve:
    """A point's curve with everything that is drawn with it."""

    point: ListedPoint
    curve: stream.Curve
    limits: tuple[Limit, ...]
    alarms: tuple[alarms.AlarmSummary, ...]
    work: tuple[Work, ...]


def listed(filters: rules.Filters, actor: Actor, limit: int = rules.MOST_ROWS) -> Board:
    """A page of points with their newest values and the levels of their active alarms."""
    points = devices.points(actor, **filters.narrowing, ids=filters.ids, offset=filters.offset, limit=limit)
    if filters.ids is not None or (filters.offset == 0 and len(points) < limit):
        total = len(points)
    else:
        total = devices.points_count(actor, **filters.narrowing)
    return board(points, actor, total)


def board(points: tuple[ListedPoint, ...], actor: Actor, total: int | None = None) -> Board:
    """What is known of ``points`` now."""
    newest, known = newest_of(points)
    return Board(points, len(points) if total is None else total, newest, known, levels(actor), devices.online_seconds())


def newest_of(points: Iterable[ListedPoint]) -> tuple[dict[int, Reading], bool]:
    """Newest reading by channel, and whether the store answered."""
    try:
        return stream.latest_by_channel([point.channel for point in points]), True
    except stream.StoreSilent:
        return {}, False


def newest_or_raise(points: Iterable[ListedPoint]) -> dict[int, Reading]:
    """Newest reading by channel. Raises ``StoreSilent``."""
    return stream.latest_by_channel([point.channel for point in points])


def levels(actor: Actor) -> dict[UUID, int]:
    """The gravest level of active alarms by point, for those who may see alarms."""
    return alarms.active_levels(actor) if actor.may_somewhere("alarms.view") else {}


def channels(filters: Sequence[rules.Filters], actor: Actor) -> list[int]:
    """Channel numbers of everything wanted that ``actor`` may see."""
    found: set[int] = set()
    for one in filters:
        found.update(devices.channels(actor, **one.narrowing, ids=one.ids, offset=one.offset, limit=rules.MOST_ROWS))
    return sorted(found)


def chosen(ids: Sequence[UUID], actor: Actor) -> tuple[ListedPoint, ...]:
    """The named points in the order they were named. Raises ``NotFound`` when one may not be seen, ``TooManyCompared``."""
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > rules.MOST_COMPARED:
        raise rules.TooManyCompared(most=rules.MOST_COMPARED)
    found = {point.id: point for point in devices.points(actor, ids=wanted)}
    for missing in (one for one in wanted if one not in found):
        raise NotFound(what=str(missing))
    return tuple(found[one] for one in wanted)


def curves(points: Sequence[ListedPoint], window: rules.Window, most: int, actor: Actor) -> tuple[Curve, ...]:
    """Curves of points with limits as of the window's end, alarms and work that fall into it. Raises ``StoreSilent``."""
    told = stream.curves([point.channel for point in points], window.since, window.until, most)
    on = timezone.localdate(window.until)
    spans = alarms.spans([point.id for point in points], window.since, window.until, actor) if actor.may_somewhere("alarms.view") else ()
    work = devices.work_on({point.device_id for point in points}, window.since, window.until)
    return tuple(
        Curve(
            point,
            told[point.channel],
            devices.limits_of(point.id, on),
            tuple(alarm for alarm in spans if alarm.sensor_id == point.id),
            tuple(window for window in work if window.device_id == point.device_id),
        )
        for point in points
    )


@dataclass(frozen=True)
class Statistics:
    """Figures of a comparison. ``figures`` by point, ``None`` without readings; ``correlations`` by pair with the number of common stretches.

    ``exact``: whether the figures come from every reading; if not, from hourly means and more, and ``deviation`` is left out (NaN).
    """

    figures: tuple[tuple[ListedPoint, stream.Figures | None], ...]
    correlations: dict[tuple[UUID, UUID], tuple[float | None, int]]
    exact: bool
    width_ms: int


def statistics(points: Sequence[ListedPoint], window: rules.Window) -> Statistics:
    """Figures and correlations of points in a window. Raises ``StoreSilent``."""
    told = stream.curves([point.channel for point in points], window.since, window.until)
    exact = window.span <= rules.EXACT_FIGURES
    figures = (
        stream.figures([point.channel for point in points], window.since, window.until)
        if exact
        else {channel: found for channel, curve in told.items() if (found := _of_curve(curve)) is not None}
    )
    means = {
        point.id: {at // curve.width_ms: mean for at, mean in zip(curve.time, curve.mean, strict=True)}
        for point in points
        for curve in (told[point.channel],)
    }
    pairs = {
        (one.id, other.id): rules.correlation(means[one.id], means[other.id])
        for place, one in enumerate(points)
        for other in points[place + 1 :]
    }
    width = max((curve.width_ms for curve in told.values()), default=0)
    return Statistics(tuple((point, figures.get(point.channel)) for point in points), pairs, exact, width)


def _of_curve(curve: stream.Curve) -> stream.Figures | None:
    number = sum(curve.count)
    if not number:
        return None
    mean = sum(mean * count for mean, count in zip(curve.mean, curve.count, strict=True)) / number
    return stream.Figures(number, min(curve.lowest), max(curve.highest), mean, float("nan"))


def gaps(curve: stream.Curve) -> list[tuple[int, int]]:
    """Pauses in a curve that count as gaps, ms since 1970 UTC."""
    return [(before, after) for before, after in pairwise(curve.time) if after - before > curve.gap_ms]
