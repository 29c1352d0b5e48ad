"""Shapes for the devices' maps: written to a table that the port reads, so that any process may send and new clients get the present picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from anlan.command.field import rules
from anlan.command.field.models import FieldShape, FieldSource
from anlan.wire import cot
from anlan.wire.cot import shapes
from anlan.wire.cot.event import argb

EXERCISE_MARK = "【演练】"
"""Before the name of every shape of an exercise: a device has no field for it."""
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shape:
    """A closed ring of (longitude, latitude) in degrees; ``severity`` 1 is the worst."""

    name: str
    ring: tuple[tuple[float, float], ...]
    severity: int
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom shapes are for: see :func:`rules.shown_to`. Without a place: the units of the incident alone."""

    place_code: str
    incident_id: UUID | None = None
    exercise: bool = False


def send(
    source: str,
    wanted: Sequence[Shape],
    *,
    place_code: str,
    incident_id: UUID | None = None,
    exercise: bool = False,
    now: datetime,
    made_at: datetime | None = None,
    lasts: timedelta | None = None,
    keep_others: bool = False,
) -> tuple[str, ...]:
    """Replace what ``source`` showed by ``wanted`` (with ``keep_others``: add to it); returns the uids.

    ``made_at``: when the answer was made (``now`` without it); one older than what the source shows already changes nothing. The last of
    ``wanted`` is sent last and lies on top. Raises ``BadField`` for an impossible ring.
    """
    lasts = lasts or rules.SHAPES_LAST
    events, numbers = [], dict[str, int]()
    for each in wanted:
        numbers[each.name] = numbers.get(each.name, 0) + 1
        (red, green, blue), alpha = rules.colours(each.severity)
        event = shapes.polygon(
            "",
            each.ring,
            name=each.name,
            stroke=argb(255, red, green, blue),
            fill=argb(alpha, red, green, blue),
            remarks=each.remarks,
            at=now,
            lasts=lasts,
        )
        events.append((f"{each.name} {numbers[each.name]}", event))
    audience = Audience(place_code, incident_id, exercise)
    return send_events(source, events, audience, now=now, made_at=made_at, lasts=lasts, keep_others=keep_others)


def send_events(
    source: str,
    wanted: Sequence[tuple[str, cot.Event]],
    audience: Audience,
    *,
    now: datetime,
    lasts: timedelta,
    made_at: datetime | None = None,
    keep_others: bool = False,
) -> tuple[str, ...]:
    """As :func:`send`, for ready events by a key of their own within the source, which gives each its uid on the devices.

    What stands there already as wanted is not sent again, unless half of its time is over.
    """
    made_at = made_at or now
    with transaction.atomic():
        if FieldShape.objects.filter(source=source, at__gt=made_at).exists():
            return ()
        stood = {row.uid: row for row in FieldShape.objects.select_for_update().filter(source=source).defer("content")}
        rows, uids = [], []
        for order, (key, plain) in enumerate(wanted):
            uid = f"{rules.OWN_PREFIX}{sha256(f'{source} {key}'.encode()).hexdigest()[:32]}"
            uids.append(uid)
            row = _row(uid, source, _marked(plain, audience.exercise), audience, now, made_at, lasts)
            row.changed = now + timedelta(microseconds=order)
            if not _stands(stood.get(uid), row, now + lasts / 2):
                rows.append(row)
        if not keep_others:
            withdraw([uid for uid, row in stood.items() if not row.withdrawn and uid not in set(uids)], now)
        # The others stand as they are; only how new the answer is that they belong to is noted.
        FieldShape.objects.filter(uid__in=set(uids) - {row.uid for row in rows}).update(at=made_at)
        fields = [f.attname for f in FieldShape._meta.concrete_fields if f.attname != "uid"]
        FieldShape.objects.bulk_create(rows, update_conflicts=True, unique_fields=["uid"], update_fields=fields)
        FieldShape.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    return tuple(uids)


def _marked(event: cot.Event, exercise: bool) -> cot.Event:
    if not exercise or event.callsign.startswith(EXERCISE_MARK):
        return event
    named = replace(event.detail.contact or cot.Contact(), callsign=f"{EXERCISE_MARK}{event.callsign}")
    return replace(event, detail=replace(event.detail, contact=named))


def _row(uid: str, source: str, plain: cot.Event, audience: Audience, now: datetime, made_at: datetime, lasts: timedelta) -> FieldShape:
    event = replace(plain, uid=uid, time=now, start=now, stale=now + lasts)
    timeless = cot.encode(replace(event, time=_NEVER, start=_NEVER, stale=_NEVER))
    return FieldShape(
        uid=uid,
        source=source,
        content=cot.encode(event),
        cot_type=event.type,
        digest=sha256(timeless).hexdigest(),
        place_code=audience.place_code,
        incident_id=audience.incident_id,
        exercise=audience.exercise,
        at=made_at,
        expires_at=now + lasts,
    )


def _stands(stood: FieldShape | None, row: FieldShape, until: datetime) -> bool:
    """Whether a shape is on the maps as wanted."""
    if stood is None or stood.withdrawn or stood.expires_at < until:
        return False
    return all(getattr(stood, name) == getattr(row, name) for name in ("digest", "place_code", "incident_id", "exercise"))


def withdraw(uids: Sequence[str], now: datetime) -> None:
    """Take shapes off the devices' maps."""
    if uids:
        FieldShape.objects.filter(uid__in=uids, withdrawn=False).update(withdrawn=True, changed=now)


def shown_number(source: str) -> int:
    """How far a source was sent; -1: nothing yet. Its row is locked until the transaction ends: pictures of one source have an order."""
    FieldSource.objects.bulk_create([FieldSource(source=source)], ignore_conflicts=True)
    return FieldSource.objects.select_for_update().get(source=source).number


def note_number(source: str, number: int) -> None:
    """Note how far a source was sent."""
    FieldSource.objects.filter(source=source).update(number=number)
