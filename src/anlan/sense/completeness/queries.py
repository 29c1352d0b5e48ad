"""Reads of completeness, scoped to what the actor may see."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible
from anlan.sense.completeness import rules
from anlan.sense.completeness.models import CompletenessDay, DeclaredInterval, Gap
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream

VIEW = "completeness.view"
CHINA = ZoneInfo("Asia/Shanghai")


def days(actor: Actor | None) -> QuerySet[CompletenessDay]:
    """Sums that ``actor`` may see."""
    rows = CompletenessDay.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def one_day(day_id: UUID | str, actor: Actor | None) -> CompletenessDay:
    """The sums of one enterprise and day. Raises :class:`NotFound`."""
    found = days(actor).filter(pk=day_id).first()
    if found is None:
        raise NotFound(what=str(day_id))
    return found


def gaps(actor: Actor | None) -> QuerySet[Gap]:
    """Gaps that ``actor`` may see."""
    rows = Gap.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def one_gap(gap_id: UUID | str, actor: Actor | None) -> Gap:
    """One gap. Raises :class:`NotFound`."""
    found = gaps(actor).filter(pk=gap_id).first()
    if found is None:
        raise NotFound(what=str(gap_id))
    return found


def gaps_of_day(row: CompletenessDay, since: datetime, until: datetime) -> QuerySet[Gap]:
    """Gaps of the enterprise that touched [since, until)."""
    return Gap.objects.filter(enterprise_id=row.enterprise_id, since__lt=until).exclude(until__lte=since).order_by("-missing", "since")


def declared(sensor_id: UUID) -> DeclaredInterval | None:
    """The declared interval of a point."""
    return DeclaredInterval.objects.filter(sensor_id=sensor_id).first()


def sums(actor: Actor | None, first: date, last: date) -> list[dict[str, Any]]:
    """Sums by enterprise over days ``first`` to ``last``, both included, with the number of standing gaps left out."""
    names = ("expected", "received", "late", "missing", "repeated", "refused", "outside")
    return list(
        days(actor)
        .filter(day__gte=first, day__lte=last)
        .order_by()
        .values("enterprise_id", "name", "place_code")
        .annotate(
            **{name: Sum(name) for name in names},
            point_days=Sum("points"),
            silent_days=Sum("silent"),
            frozen_days=Sum("frozen"),
            days=Count("day", distinct=True),
        )
    )


def standing_gaps(actor: Actor | None) -> dict[UUID, int]:
    """How many gaps of each enterprise are not filled."""
    rows = gaps(actor).exclude(state=rules.FILLED).order_by().values_list("enterprise_id").annotate(number=Count("id"))
    return dict(rows)


def proof(row: CompletenessDay, made_at: datetime) -> dict[str, Any]:
    """The proof of one enterprise and day: every point with its figures, their sums and a digest. Raises ``StoreSilent``.

    Figures are those reckoned from the readings themselves; ``agrees`` says whether the running record holds the same.
    """
    points = {point.channel: point for point in devices.sensors_of(row.enterprise_id)}
    found: list[dict[str, Any]] = []
    agrees = True
    channels = sorted(points)
    for first in range(0, len(channels), PROOF_CHANNELS):
        for each in stream.completeness_proof(channels[first : first + PROOF_CHANNELS], row.day):
            point = points[each.channel]
            agrees = agrees and each.agrees
            found.append(
                {
                    "channel": each.channel,
                    "device": point.device_code,
                    "point": point.code,
                    "interval_s": each.interval_s,
                    "basis": each.basis,
                    "since": each.since.isoformat(),
                    "until": each.until.isoformat(),
                    "expected": each.recorded["expected"],
                    "repeated": each.recorded["repeated"],
                    **each.recomputed,
                }
            )
    found.sort(key=lambda each: each["channel"])
    return {
        "method": rules.METHOD,
        "enterprise": row.name,
        "enterprise_id": str(row.enterprise_id),
        "day": row.day.isoformat(),
        "made_at": made_at.isoformat(),
        "record_agrees": agrees,
        "sums": rules.summed(found),
        "sha256": rules.digest(found),
        "points": found,
    }


PROOF_CHANNELS = 1000
"""Channels asked for at once."""


def refigured(told: dict[str, Any]) -> dict[int, dict[str, int]]:
    """Figures of a proof's points as the readings say now, by channel. Raises ``StoreSilent``."""
    channels = [int(point["channel"]) for point in told["points"]]
    found: dict[int, dict[str, int]] = {}
    for first in range(0, len(channels), PROOF_CHANNELS):
        part = stream.completeness_proof(channels[first : first + PROOF_CHANNELS], date.fromisoformat(told["day"]))
        found |= {each.channel: {**each.recomputed, "expected": each.recorded["expected"]} for each in part}
    return found


TELLING_H = 6
"""Hours of a day after which its silent points say something. Project default."""


def silent_shares(at: datetime, enterprise_ids: Collection[UUID] | None) -> dict[UUID, float]:
    """See :func:`anlan.sense.completeness.door.silent_shares`."""
    local = at.astimezone(CHINA)
    day = local.date() if local.hour >= TELLING_H else local.date() - timedelta(days=1)
    rows = CompletenessDay.objects.filter(day=day, silent__gt=0, points__gt=0).order_by()
    if enterprise_ids is not None:
        rows = rows.filter(enterprise_id__among=enterprise_ids)
    return {enterprise: 100 * silent / points for enterprise, silent, points in rows.values_list("enterprise_id", "silent", "points")}
