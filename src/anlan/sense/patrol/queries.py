"""Reads of patrols: spot checks and the league table, scoped to what the actor may see."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet

from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import prefix_of
from anlan.ledger.scope import visible
from anlan.sense.alarms import door as alarms
from anlan.sense.completeness import door as completeness
from anlan.sense.completeness.door import EnterpriseFigures
from anlan.sense.devices import door as devices
from anlan.sense.devices.door import CalibrationStanding, ListedPoint
from anlan.sense.patrol import rules
from anlan.sense.patrol.models import Patrol, PatrolPoint
from anlan.sense.patrol.rules import Standing

VIEW = "patrol.view"
ALARMS_COUNTED = 5000
_PAGE = 10_000
COUNTY_DIGITS, CITY_DIGITS = 6, 4


def patrols(actor: Actor | None) -> QuerySet[Patrol]:
    """Spot checks that ``actor`` may see."""
    rows = Patrol.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW, enterprise=None)


def one(patrol_id: UUID | str, actor: Actor | None) -> Patrol:
    """One spot check. Raises :class:`NotFound`."""
    found = patrols(actor).filter(pk=patrol_id).first()
    if found is None:
        raise NotFound(what=str(patrol_id))
    return found


def points(actor: Actor | None) -> QuerySet[PatrolPoint]:
    """Drawn points that ``actor`` may see."""
    rows = PatrolPoint.objects.select_related("patrol")
    return rows if actor is None else visible(rows, actor, VIEW)


def one_point(point_id: UUID | str, actor: Actor | None) -> PatrolPoint:
    """One drawn point. Raises :class:`NotFound`."""
    found = points(actor).filter(pk=point_id).first()
    if found is None:
        raise NotFound(what=str(point_id))
    return found


def waiting_for(actor: Actor, limit: int = 50) -> QuerySet[PatrolPoint]:
    """Points that ``actor`` is to check."""
    return (
        points(actor)
        .filter(assignee_id=actor.account_id, finding=rules.WAITING, patrol__state=rules.OPEN)
        .order_by("patrol__due_on")[:limit]
    )


def population(actor: Actor, place_code: str, sensor_class: str) -> list[ListedPoint]:
    """Points in use that ``actor`` may see, at a place and below it, of one class (empty: of any)."""
    prefix, found = prefix_of(place_code), []
    for offset in range(0, devices.points_count(actor, sensor_class=sensor_class), _PAGE):
        page = devices.points(actor, sensor_class=sensor_class, offset=offset, limit=_PAGE)
        found += [point for point in page if point.place_code.startswith(prefix)]
    return found


def league(actor: Actor, first: date, last: date, *, by: str, place_code: str = "", order: str = "worst") -> list[Standing]:
    """The league table over days ``first`` to ``last``, worst first; the time before of the same length gives the trend.

    ``by``: ``enterprise``, ``county`` or ``city``; with ``place_code`` only that place and below it; ``order``: one of ``rules.ORDERS``.
    Calibrations are as they stand on ``last``.
    """
    length = (last - first).days + 1
    now = _chosen(completeness.figures(actor, first, last), place_code)
    before = _chosen(completeness.figures(actor, first - timedelta(days=length), first - timedelta(days=1)), place_code)
    gaps = completeness.standing_gaps(actor)
    open_alarms = alarms.open_alarms(actor, ALARMS_COUNTED, place_code) if actor.may_somewhere("alarms.view") else ()
    unacknowledged = Counter(alarm.enterprise_id for alarm in open_alarms if not alarm.acknowledged)
    calibrations = devices.calibration_standings(actor, last)
    grouped: dict[str, list[EnterpriseFigures]] = defaultdict(list)
    earlier: dict[str, list[EnterpriseFigures]] = defaultdict(list)
    for row in now:
        grouped[_key(row, by)].append(row)
    for row in before:
        earlier[_key(row, by)].append(row)
    standings = (_standing(key, rows, earlier.get(key, []), by, gaps, unacknowledged) for key, rows in grouped.items())
    return rules.ordered((_calibrated(standing, grouped[standing.key], calibrations) for standing in standings), order)


def _chosen(rows: Iterable[EnterpriseFigures], place_code: str) -> list[EnterpriseFigures]:
    prefix = prefix_of(place_code) if place_code else ""
    return [row for row in rows if row.place_code.startswith(prefix)]


def _key(row: EnterpriseFigures, by: str) -> str:
    if by == "county":
        return row.place_code[:COUNTY_DIGITS]
    return f"{row.place_code[:CITY_DIGITS]}00" if by == "city" else str(row.enterprise_id)


def _standing(
    key: str, rows: list[EnterpriseFigures], before: list[EnterpriseFigures], by: str, gaps: dict[UUID, int], unacknowledged: Counter[UUID]
) -> Standing:
    point_days, silent = sum(row.point_days for row in rows), sum(row.silent_days for row in rows)
    received, outside = sum(row.received for row in rows), sum(row.outside for row in rows)
    return Standing(
        key=key,
        name=rows[0].name if by == "enterprise" else places.full_name(key),
        completeness=_share(rows),
        before=_share(before),
        online=round(100 * (point_days - silent) / point_days, 2) if point_days else None,
        outside=round(100 * outside / received, 2) if received else None,
        frozen_days=sum(row.frozen_days for row in rows),
        gaps=sum(gaps.get(row.enterprise_id, 0) for row in rows),
        unacknowledged=sum(unacknowledged[row.enterprise_id] for row in rows),
        points=max(1, point_days // max(1, max(row.days for row in rows))) if point_days else 0,
    )


def _calibrated(standing: Standing, rows: list[EnterpriseFigures], calibrations: dict[UUID, CalibrationStanding]) -> Standing:
    """The line with the calibrations of its enterprises."""
    found = [calibrations[pk] for pk in {row.enterprise_id for row in rows} if pk in calibrations]
    points, overdue = sum(each.points for each in found), sum(each.overdue for each in found)
    share = round(100 * overdue / points, 2) if points else None
    return replace(standing, overdue=overdue, due_soon=sum(each.due_soon for each in found), overdue_share=share)


def _share(rows: list[EnterpriseFigures]) -> float | None:
    return completeness.share(sum(row.expected for row in rows), sum(row.missing for row in rows))
