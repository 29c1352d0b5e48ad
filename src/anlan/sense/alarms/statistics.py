"""Figures of alarms, reckoned by the database: how soon they are answered and over, how many an operator gets, and which are a nuisance.

Time to acknowledge runs from when the node had the alarm to the first acknowledgement, time to clear from its reading to its end. What one
alarm explains is counted apart from what stands on its own: EEMUA 191 and ISA-18.2 count what is annunciated to an operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Func, Max, Q, QuerySet, Sum
from django.db.models.functions import Substr, TruncHour
from django.utils import timezone

from anlan.kernel.access import Actor
from anlan.kernel.levels import prefix_of
from anlan.sense.alarms import queries, rules, tables
from anlan.sense.alarms.models import Alarm
from anlan.sense.alarms.tables import Benchmark

GROUPINGS: dict[str, tuple[str, ...]] = {
    "enterprise": ("enterprise_id", "enterprise__name"),
    "level": ("level",),
    "kind": ("kind",),
    "place": ("county",),
}
FREQUENT, CHATTERING, FLEETING, STANDING = "frequent", "chattering", "fleeting", "standing"
NUISANCES = (FREQUENT, CHATTERING, FLEETING, STANDING)

FLOOD = 10
"""More alarms than this within ten minutes are a flood (ISA-18.2, secondary)."""
BUSY = 30
"""An hour with more alarms than this is a busy one (ISA-18.2, unverified)."""
CHATTER_TIMES, CHATTER = 3, timedelta(minutes=1)
"""An alarm that comes so often within so long chatters (rule of thumb of ISA-18.2, secondary)."""
FLEETS = timedelta(seconds=10)
"""An alarm that is over before anybody could act. Project default."""
STANDS = timedelta(hours=24)
"""An alarm that stands longer is stale (ISA-18.2, secondary)."""
MOST_ROWS = 10_000


@dataclass(frozen=True)
class Asked:
    """Which alarms are looked at: raised from ``since`` to before ``until``; empty and 0 stand for every one."""

    since: datetime
    until: datetime
    place: str = ""
    enterprise: UUID | None = None
    level: int = 0
    kind: str = ""
    by: str = "enterprise"
    operators: int = 1

    @property
    def hours(self) -> float:
        """Length of the period."""
        return max((self.until - self.since).total_seconds() / 3600, 1.0)


@dataclass(frozen=True)
class Answer:
    """How soon the alarms of one group were answered and over. Medians and 95th percentiles; ``None`` where none was."""

    key: Any
    name: str
    number: int
    explained: int
    waiting: int
    acknowledge_median: timedelta | None
    acknowledge_p95: timedelta | None
    clear_median: timedelta | None
    clear_p95: timedelta | None


@dataclass(frozen=True)
class Measure:
    """One figure beside its benchmark. ``verdict``: ``good``, ``bearable``, ``too_much`` or ``unknown``."""

    benchmark: Benchmark
    value: float | None

    @property
    def verdict(self) -> str:
        """How it compares."""
        return self.benchmark.verdict(self.value)


@dataclass(frozen=True)
class Nuisance:
    """One alarm of one point that disturbs. ``number``: how often; ``share`` of all in percent; ``newest``: when last."""

    device_id: UUID
    sensor_id: UUID | None
    kind: str
    rule: str
    level: int
    number: int
    share: float
    newest: datetime
    longest: timedelta | None


class Percentile(Aggregate):
    """``percentile_cont``: the value below which a share of the values lies; empty ones do not count."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: Any, share: float) -> None:
        super().__init__(expression, share=share, output_field=DurationField())


class TenMinutes(Func):
    """The ten minutes that a moment lies in."""

    template = "date_bin('10 minutes', %(expressions)s, timestamptz '2000-01-01 00:00:00+00')"


def chosen(actor: Actor, asked: Asked) -> QuerySet[Alarm]:
    """The alarms that are looked at, as far as ``actor`` may see them."""
    rows = queries.alarms(actor).filter(raised_at__gte=asked.since, raised_at__lt=asked.until).order_by()
    if asked.place:
        rows = rows.filter(place_code__startswith=prefix_of(asked.place))
    if asked.enterprise is not None:
        rows = rows.filter(enterprise_id=asked.enterprise)
    if asked.level:
        rows = rows.filter(level=asked.level)
    return rows.filter(kind=asked.kind) if asked.kind else rows


def answers(actor: Actor, asked: Asked, offset: int = 0, limit: int = MOST_ROWS) -> list[Answer]:
    """How soon alarms are answered and over, by group, the largest first."""
    fields = GROUPINGS[asked.by]
    rows = chosen(actor, asked)
    if asked.by == "place":
        rows = rows.annotate(county=Substr("place_code", 1, 6))
    to_acknowledge, to_clear = _length("first_acknowledged_at", "received_at"), _length("cleared_at", "raised_at")
    found = (
        rows.values(*fields)
        .annotate(
            number=Count("id"),
            explained=Count("id", filter=Q(cause__isnull=False)),
            waiting=Count("id", filter=Q(state__in=sorted(rules.UNACKNOWLEDGED_STATES))),
            acknowledge_median=Percentile(to_acknowledge, 0.5),
            acknowledge_p95=Percentile(to_acknowledge, 0.95),
            clear_median=Percentile(to_clear, 0.5),
            clear_p95=Percentile(to_clear, 0.95),
        )
        .order_by("-number", fields[0])
    )
    return [Answer(key=row.pop(fields[0]), name=row.pop("enterprise__name", ""), **row) for row in found[offset : offset + limit]]


def _length(end: str, begin: str) -> Any:
    return ExpressionWrapper(F(end) - F(begin), output_field=DurationField())


def load(actor: Actor, asked: Asked, now: datetime) -> list[Measure]:
    """What an operator gets, beside the benchmarks in force: alarms that stand on their own, divided by ``operators``."""
    rows = chosen(actor, asked).filter(cause__isnull=True)
    number = rows.count()
    each = max(asked.operators, 1)
    windows = rows.annotate(window=TenMinutes("received_at")).values("window").annotate(n=Count("id"))
    hours = rows.annotate(window=TruncHour("received_at")).values("window").annotate(n=Count("id"))
    floods = windows.aggregate(peak=Max("n"), many=Count("window", filter=Q(n__gt=FLOOD * each)))
    busy = hours.aggregate(many=Count("window", filter=Q(n__gt=BUSY * each)))["many"]
    top = rows.values("device_id", "sensor_id", "kind", "rule").annotate(n=Count("id")).order_by("-n")[:10].aggregate(sum=Sum("n"))["sum"]
    values: dict[str, float | None] = {
        "per_hour": number / asked.hours / each,
        "per_10_minutes": number / asked.hours / 6 / each,
        "peak_10_minutes": (floods["peak"] or 0) / each,
        "flood_share": 100.0 * floods["many"] / (asked.hours * 6),
        "busy_hours": 100.0 * busy / asked.hours,
        "top_ten_share": 100.0 * (top or 0) / number if number else None,
        "standing": float(_standing(actor, asked, now).count()),
    }
    day = timezone.localtime(now).date()
    return [Measure(row, values[row.code]) for row in tables.benchmarks(day) if row.code in values]


def _standing(actor: Actor, asked: Asked, now: datetime) -> QuerySet[Alarm]:
    """Alarms that stand since long before now, whenever they rose."""
    whole = Asked(datetime(2000, 1, 1, tzinfo=now.tzinfo), now - STANDS, asked.place, asked.enterprise, asked.level, asked.kind)
    return chosen(actor, whole).filter(state__in=sorted(rules.ACTIVE_STATES))


_GROUPED = """
SELECT device_id, sensor_id, kind, rule, min(level), count(*), 100.0 * count(*) / greatest((SELECT count(*) FROM b), 1), max(raised_at), {longest}
FROM {source} GROUP BY device_id, sensor_id, kind, rule {having}
ORDER BY {order}, device_id, sensor_id, kind, rule LIMIT %s OFFSET %s"""
_CHATTER = """(SELECT *, lag(raised_at, %s) OVER (PARTITION BY device_id, sensor_id, kind, rule ORDER BY raised_at) AS before FROM b) AS c
WHERE raised_at - before <= %s"""


def nuisances(actor: Actor, asked: Asked, of: str, now: datetime, offset: int = 0, limit: int = MOST_ROWS) -> list[Nuisance]:
    """Alarms that disturb, by point, kind and rule, the worst first. ``of``: one of ``NUISANCES``.

    Frequent: every one, most first. Chattering: three times within a minute. Fleeting: over within ten seconds. Standing: for more than a day.
    """
    base = _standing(actor, asked, now) if of == STANDING else chosen(actor, asked)
    inner, params = base.values("device_id", "sensor_id", "kind", "rule", "level", "raised_at", "cleared_at").query.sql_with_params()
    given: list[Any] = list(params)
    source, having, order, longest = "b", "", "count(*) DESC", "NULL::interval"
    if of == CHATTERING:
        source = _CHATTER
        given += [CHATTER_TIMES - 1, CHATTER]
    elif of == FLEETING:
        source = "b WHERE cleared_at - raised_at < %s"
        given.append(FLEETS)
    elif of == STANDING:
        order, longest = "min(raised_at)", "%s - min(raised_at)"
        given.append(now)
    statement = f"WITH b AS ({inner}) " + _GROUPED.format(source=source, having=having, order=order, longest=longest)
    with connection.cursor() as db:
        db.execute(statement, [*given, limit, offset])
        return [_nuisance(*row) for row in db.fetchall()]


def _nuisance(
    device_id: UUID, sensor_id: UUID | None, kind: str, rule: str, level: int, number: int, share: Any, newest: datetime, longest: Any
) -> Nuisance:
    return Nuisance(device_id, sensor_id, kind, rule, level, number, float(share), newest, longest)
