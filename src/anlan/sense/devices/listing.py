"""Many measuring points at once, as the pages that watch them need them: light rows instead of records, scoped like every list."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from anlan.desk.search.matching import matching
from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor
from anlan.sense.devices import queries, rules
from anlan.sense.devices.door import ListedPoint, Work
from anlan.sense.devices.models import MaintenanceWindow, Sensor

ENTERPRISES_BY_NAME = 200
"""So many enterprises whose name is found by a text have their points listed with it."""
_COLUMNS = (
    *("pk", "channel", "code", "name", "sensor_class", "unit", "decimals", "range_low", "range_high"),
    *("device_id", "device__name", "device__risk_source_id", "device__longitude", "device__latitude"),
    *("enterprise_id", "enterprise__name", "place_code"),
)


def chosen(
    actor: Actor,
    *,
    text: str = "",
    sensor_class: str = "",
    enterprise_id: UUID | None = None,
    ids: Iterable[UUID] | None = None,
    device_ids: Iterable[UUID] | None = None,
) -> QuerySet[Sensor]:
    """Points in use that ``actor`` may see, narrowed; in the order of their names.

    ``text`` is looked for in point and enterprise.
    """
    rows = queries.sensors(actor).filter(in_use=True)
    if ids is not None:
        rows = rows.filter(pk__in=set(ids))
    if device_ids is not None:
        rows = rows.filter(device_id__in=set(device_ids))
    if enterprise_id is not None:
        rows = rows.filter(enterprise_id=enterprise_id)
    if sensor_class:
        rows = rows.filter(sensor_class=sensor_class)
    if text.strip():
        owners = [found.id for found in enterprises.search(text, actor, limit=ENTERPRISES_BY_NAME)]
        named = matching(Sensor.objects.all(), text).values("pk")
        rows = rows.filter(Q(pk__in=named) | Q(enterprise_id__in=owners))
    return rows.order_by("name_key", "pk")


def listed(rows: QuerySet[Sensor], offset: int, limit: int) -> tuple[ListedPoint, ...]:
    """Rows ``offset`` to ``offset + limit`` in one query."""
    return tuple(ListedPoint(*row) for row in rows.values_list(*_COLUMNS)[offset : offset + limit])


def channels(rows: QuerySet[Sensor], offset: int, limit: int) -> list[int]:
    """Channel numbers of the same rows."""
    return list(rows.values_list("channel", flat=True)[offset : offset + limit])


def work(device_ids: Iterable[UUID], since: datetime, until: datetime) -> tuple[Work, ...]:
    """Maintenance and calibration of devices that overlaps [since, until), by beginning."""
    rows = MaintenanceWindow.objects.filter(kind__in=rules.WORK_KINDS, device_id__in=set(device_ids), since__lt=until, until__gt=since)
    return tuple(
        Work(row.device_id, row.kind, str(row.get_kind_display()), row.since, row.until, row.reason) for row in rows.order_by("since")
    )
