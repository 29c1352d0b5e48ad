"""Verbs of completeness: bring the record up to date, ask a device again, declare an interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from anlan.ground.enterprises import door as enterprises
from anlan.ground.people import door as people
from anlan.kernel.access import Actor
from anlan.ledger.changes import change, permit
from anlan.sense.completeness import queries, rules
from anlan.sense.completeness.models import CompletenessDay, DeclaredInterval, Gap, RefusedSoFar
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream
from anlan.sense.stream.door import DeviceDay

log = structlog.get_logger()

KEEPER = "completeness"
_DAYS = 2
"""Today and yesterday are brought up to date at every turn; older days when a gap of theirs was filled."""
_GAP_DAYS = 3
_GAP_DAYS_MOST = 366
_EVERY_MINUTES = 5
"""How often the record is brought up to date (``tasks``)."""
_SUMS = ("points", "expected", "received", "late", "missing", "repeated", "silent", "outside", "frozen")
_BATCH = 1000


def refresh(now: datetime) -> None:
    """Take over sums and gaps from the store, and ask devices for what they owe. Raises ``StoreSilent``; run again it changes nothing."""
    stream.declare_intervals(DeclaredInterval.objects.values_list("channel", "interval_s"))
    touched = refresh_gaps(now)
    today = timezone.localdate(now)
    refused = _newly_refused()
    for day in sorted({today - timedelta(days=back) for back in range(_DAYS)} | touched):
        refresh_day(day, now, refused if day == today else {})
    ask_for_missing(now)


def refresh_day(day: date, now: datetime, refused: dict[UUID, int] | None = None) -> int:
    """Write the sums of every enterprise for one day; returns how many. ``refused``: what came to it since the last look."""
    rows = stream.completeness_day(day)
    owners = _owners(row.credential for row in rows)
    by_enterprise: dict[UUID, list[DeviceDay]] = defaultdict(list)
    for row in rows:
        if row.credential in owners:
            by_enterprise[owners[row.credential]].append(row)
    known = enterprises.enterprises([*by_enterprise, *(refused or {})])
    before = dict(CompletenessDay.objects.filter(day=day).values_list("enterprise_id", "refused"))
    written = [
        CompletenessDay(
            enterprise_id=pk,
            place_code=enterprise.place_code,
            classification=enterprise.classification,
            name=enterprise.name,
            day=day,
            devices=len(by_enterprise[pk]),
            refused=before.get(pk, 0) + (refused or {}).get(pk, 0),
            as_of=now,
            updated_at=now,
            **_sums(by_enterprise[pk]),
        )
        for pk, enterprise in known.items()
    ]
    fields = ["place_code", "classification", "name", "devices", "refused", "as_of", "updated_at", "share", *_SUMS]
    with transaction.atomic():
        CompletenessDay.objects.bulk_create(
            written, batch_size=_BATCH, update_conflicts=True, unique_fields=["enterprise", "day"], update_fields=fields
        )
    return len(written)


def _sums(rows: Iterable[DeviceDay]) -> dict[str, Any]:
    found: dict[str, Any] = {name: sum(getattr(row, name) for row in rows) for name in _SUMS}
    found["share"] = rules.share(found["expected"], found["missing"])
    return found


def _owners(credentials: Iterable[str]) -> dict[str, UUID]:
    owners = devices.credentials_by_username(set(credentials), None)
    return {username: credential.enterprise_id for username, credential in owners.items()}


def _newly_refused() -> dict[UUID, int]:
    """Readings refused since the last look, by enterprise."""
    sofar: dict[str, int] = defaultdict(int)
    for record in stream.quarantine_counts(people.system(KEEPER)):
        sofar[record.credential] += 0 if record.used else record.count
    owners = _owners(sofar)
    found: dict[UUID, int] = defaultdict(int)
    with transaction.atomic():
        before = {row.credential: row.count for row in RefusedSoFar.objects.select_for_update().filter(credential__in=owners)}
        for credential, enterprise in owners.items():
            # A stream that was made anew counts from nothing.
            known = before.get(credential, 0)
            found[enterprise] += sofar[credential] - known if sofar[credential] >= known else sofar[credential]
        RefusedSoFar.objects.bulk_create(
            [RefusedSoFar(credential=credential, count=sofar[credential]) for credential in owners],
            batch_size=_BATCH,
            update_conflicts=True,
            unique_fields=["credential"],
            update_fields=["count"],
        )
    return found


def refresh_gaps(now: datetime) -> set[date]:
    """Take over gaps from the store; returns the days whose sums changed with a gap that was filled, in whole or in part."""
    oldest = Gap.objects.exclude(state=rules.FILLED).order_by("since").values_list("since", flat=True).first()
    most = _GAP_DAYS_MOST
    if now.minute < _EVERY_MINUTES:
        # Once an hour as far back as late readings are taken and may fill a gap.
        most = max([most, *(rule.late_days for rule in stream.retention_rules(timezone.localdate(now)))])
    since = max(min(oldest or now, now - timedelta(days=_GAP_DAYS)), now - timedelta(days=most))
    told = stream.gaps(since, now)
    owners = _owners(gap.credential for gap in told)
    of_enterprise = {pk: {d.code: d for d in devices.devices_of(pk)} for pk in set(owners.values())}
    before = {(gap.device_id, gap.since): gap for gap in Gap.objects.filter(since__gte=since - timedelta(days=1))}
    written, touched = [], set()
    for gap in told:
        owner = owners.get(gap.credential)
        device = of_enterprise.get(owner, {}).get(gap.device_code) if owner is not None else None
        if device is None:
            continue
        known = before.get((device.id, gap.since))
        if known is not None and known.missing != gap.missing:
            days = ((gap.until or now) - gap.since).days + 1
            touched |= {timezone.localdate(gap.since) + timedelta(days=ahead) for ahead in range(days + 1)}
        written.append(
            Gap(
                enterprise_id=device.enterprise_id,
                device_id=device.id,
                place_code=device.place_code,
                classification=device.classification,
                name=device.name,
                credential=gap.credential,
                device_code=gap.device_code,
                since=gap.since,
                until=gap.until,
                points=gap.points,
                missing_first=gap.missing_first,
                missing=gap.missing,
                state=rules.state_of(gap.until, gap.missing, gap.filled_at),
                found_at=known.found_at if known is not None else now,
                filled_at=gap.filled_at,
                ask_since=gap.ask[0] if gap.ask else None,
                ask_until=gap.ask[1] if gap.ask else None,
                updated_at=now,
            )
        )
    fields = ["until", "credential", "points", "missing_first", "missing", "state", "filled_at", "ask_since", "ask_until", "updated_at"]
    with transaction.atomic():
        Gap.objects.bulk_create(written, batch_size=_BATCH, update_conflicts=True, unique_fields=["device", "since"], update_fields=fields)
        Gap.objects.filter(pk__in=_replaced(before.values(), written, since)).delete()
    today = timezone.localdate(now)
    return {day for day in touched if day <= today}


def _replaced(before: Iterable[Gap], written: list[Gap], since: datetime) -> list[UUID]:
    """Gaps that the store tells otherwise now, because points joined or left them: another gap of the device covers their time.

    What the store does not tell at all stays as it is: a store that lost its tables must not wipe out what was known.
    """
    told = {(gap.device_id, gap.since) for gap in written}
    of_device: dict[UUID, list[Gap]] = defaultdict(list)
    for gap in written:
        of_device[gap.device_id].append(gap)
    return [
        gap.pk
        for gap in before
        if (gap.device_id, gap.since) not in told
        and gap.state != rules.FILLED
        and gap.since >= since
        and any(_overlap(gap, other) for other in of_device[gap.device_id])
    ]


def _overlap(one: Gap, other: Gap) -> bool:
    return (one.until is None or other.since < one.until) and (other.until is None or one.since < other.until)


def ask_for_missing(now: datetime) -> int:
    """Ask every device for what it owes, as often as the rules say; returns how many had a line that could be asked."""
    asked = 0
    for gap in Gap.objects.filter(state=rules.ENDED, ask_since__isnull=False).order_by("-since")[:_BATCH]:
        if rules.may_ask_by_itself(gap.until, gap.asked_at, gap.asked_times, now):
            asked += _ask(gap, now)
    return asked


def _ask(gap: Gap, now: datetime) -> bool:
    if gap.ask_since is None or gap.ask_until is None:
        return False
    if not stream.ask_again(gap.credential, gap.device_code, gap.ask_since, gap.ask_until):
        return False
    gap.asked_at, gap.asked_times = now, gap.asked_times + 1
    gap.save(update_fields=["asked_at", "asked_times"])
    return True


def ask_again(gap_id: UUID | str, *, actor: Actor, now: datetime) -> Gap:
    """Ask the device of a gap now. Raises ``NotFound``, ``NotPermitted``, ``NothingToAsk``, ``NoLine``, ``StoreSilent``."""
    gap = queries.one_gap(gap_id, actor)
    permit(actor, "completeness.ask", record=gap)
    if gap.state != rules.ENDED or gap.ask_since is None:
        raise rules.NothingToAsk()
    with change(actor, "completeness.ask", now=now, record=gap):
        if not _ask(gap, now):
            raise rules.NoLine()
    return gap


def declare_interval(sensor_id: UUID | str, seconds: float | None, basis: str, *, actor: Actor, now: datetime) -> DeclaredInterval | None:
    """Declare how often a point should send, in seconds; ``None`` withdraws the declaration.

    Takes effect at the next turn of :func:`refresh`. Raises ``NotFound``, ``NotPermitted``, ``IntervalOutOfRange``, ``BasisMissing``.
    """
    point = devices.sensor(sensor_id, actor)
    wanted = rules.checked_interval(seconds)
    if wanted and not basis.strip():
        raise rules.BasisMissing()
    known = queries.declared(point.id)
    told = {"record": known} if known is not None else {"place_code": point.place_code, "enterprise_id": point.enterprise_id}
    with change(actor, "completeness.declare", now=now, **told) as gathered:  # type: ignore[arg-type]
        row = known or DeclaredInterval(
            enterprise_id=point.enterprise_id,
            place_code=point.place_code,
            classification=point.classification,
            sensor_id=point.id,
            channel=point.channel,
        )
        row.interval_s, row.basis, row.declared_by = wanted, basis.strip()[:200], actor.name
        row.save()
        gathered.subject = row
    return row


def add_up(survivor_id: UUID, loser_id: UUID) -> int:
    """Add the days of one enterprise to those that another has of the same day, before that one takes the rest over. Returns how many days.

    Nothing was counted twice: a credential belongs to one enterprise.
    """
    mine = {row.day: row for row in CompletenessDay.objects.select_for_update().filter(enterprise_id=survivor_id)}
    both = list(CompletenessDay.objects.filter(enterprise_id=loser_id, day__in=mine))
    for row in both:
        day = mine[row.day]
        for name in (*_SUMS, "devices", "refused"):
            setattr(day, name, getattr(day, name) + getattr(row, name))
        day.share = rules.share(day.expected, day.missing)
    CompletenessDay.objects.bulk_update([mine[row.day] for row in both], [*_SUMS, "devices", "refused", "share"], batch_size=_BATCH)
    CompletenessDay.objects.filter(pk__in=[row.pk for row in both]).delete()
    return len(both)
