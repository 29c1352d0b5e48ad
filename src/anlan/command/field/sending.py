"""Shapes for the devices' maps: written to a table that the port reads, so that any process may send and new clients get the present picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from anlan.command.field import rules
from anlan.command.field.models import FieldShape
from anlan.wire import cot
from anlan.wire.cot import shapes
from anlan.wire.cot.event import argb

EXERCISE_MARK = "【演练】"
"""Before the name of every shape of an exercise: a device has no field for it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A closed ring of (longitude, latitude) in degrees; ``severity`` 1 is the worst."""

    name: str
    ring: tuple[tuple[float, float], ...]
    severity: int
    remarks: str = ""


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
    lasts, made_at = lasts or rules.SHAPES_LAST, made_at or now
    rows, numbers = [], dict[str, int]()
    for order, each in enumerate(wanted):
        numbers[each.name] = numbers.get(each.name, 0) + 1
        uid = f"anlan-{sha256(f'{source} {each.name} {numbers[each.name]}'.encode()).hexdigest()[:32]}"
        (red, green, blue), alpha = rules.colours(each.severity)
        event = shapes.polygon(
            uid,
            each.ring,
            name=f"{EXERCISE_MARK}{each.name}" if exercise else each.name,
            stroke=argb(255, red, green, blue),
            fill=argb(alpha, red, green, blue),
            remarks=each.remarks,
            at=now,
            lasts=lasts,
        )
        told = {"place_code": place_code, "incident_id": incident_id, "exercise": exercise, "at": made_at, "expires_at": now + lasts}
        rows.append(
            FieldShape(
                uid=uid, source=source, content=cot.encode(event), cot_type=event.type, changed=now + timedelta(microseconds=order), **told
            )
        )
    with transaction.atomic():
        if FieldShape.objects.filter(source=source, at__gt=made_at).exists():
            return ()
        if not keep_others:
            old = FieldShape.objects.filter(source=source, withdrawn=False).exclude(uid__in=[row.uid for row in rows])
            old.update(withdrawn=True, changed=now)
        fields = [f.attname for f in FieldShape._meta.concrete_fields if f.attname != "uid"]
        FieldShape.objects.bulk_create(rows, update_conflicts=True, unique_fields=["uid"], update_fields=fields)
        FieldShape.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    return tuple(row.uid for row in rows)
