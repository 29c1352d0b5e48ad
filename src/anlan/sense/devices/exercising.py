"""Verbs of exercises (演练): announced for all devices of an enterprise at once, and ended before their time.

A device's own word that its readings belong to an exercise counts only while one is announced for it (docs/adr/0039).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor
from anlan.kernel.ids import new_id
from anlan.ledger.changes import change
from anlan.sense.devices import queries, rules
from anlan.sense.devices.announcing import announce
from anlan.sense.devices.models import MaintenanceWindow

_BATCH = 1000


@dataclass(frozen=True)
class Announcement:
    """One exercise announced for several devices at once, as far as it is not over. ``devices``: how many."""

    id: UUID
    since: datetime
    until: datetime
    reason: str
    announced_by: str
    devices: int


def announce_exercise(
    enterprise_id: UUID,
    *,
    since: datetime,
    until: datetime,
    reason: str,
    announcement: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Announce an exercise for every device of an enterprise that is not retired; the announcement it can be ended by.

    A beginning in the past counts from ``now``: what was measured before nobody announced. Raises ``WindowPeriod``, ``ExerciseTooLong``,
    ``NothingToExercise``, ``NotPermitted``.
    """
    owner = enterprises.enterprise(enterprise_id)
    since = rules.checked_window(rules.EXERCISE, since, until, now)
    made_for = announcement or new_id()
    with change(actor, "devices.maintain", now=now, place_code=owner.place_code, enterprise_id=owner.id) as gathered:
        windows = [
            MaintenanceWindow(
                enterprise_id=device.enterprise_id,
                device=device,
                place_code=device.place_code,
                classification=device.classification,
                kind=rules.EXERCISE,
                since=since,
                until=until,
                reason=reason,
                approved_by=actor.name,
                announcement=made_for,
                created_at=now,
                updated_at=now,
            )
            for device in queries.devices_of(enterprise_id, None).order_by("code")
        ]
        if not windows:
            raise rules.NothingToExercise(enterprise=owner.name)
        MaintenanceWindow.objects.bulk_create(windows, batch_size=_BATCH)
        gathered.facts |= _facts(made_for, since, until, len(windows)) | {"reason": reason}
        announce(gathered, owner.id, owner.place_code, now)
    return made_for


def end_exercise(announcement: UUID, *, at: datetime | None = None, actor: Actor, now: datetime) -> int:
    """End an exercise now or at ``at``, or call off what has not begun; for how many devices. Raises ``WindowOver``, ``NotPermitted``.

    ``at`` later than ``now`` leaves time for what is still on its way.
    """
    rows = MaintenanceWindow.objects.filter(announcement=announcement, kind=rules.EXERCISE, until__gt=now)
    first = rows.first()
    if first is None:
        raise rules.WindowOver()
    owner = enterprises.enterprise(first.enterprise_id)
    with change(actor, "devices.maintain", now=now, place_code=owner.place_code, enterprise_id=owner.id) as gathered:
        windows = list(rows.select_for_update())
        gathered.facts |= _facts(announcement, first.since, first.until, len(windows))
        for window in windows:
            window.until = min(window.until, max(at or now, now))
            window.since = min(window.since, window.until)
            window.ended_by, window.updated_at = actor.name, now
        MaintenanceWindow.objects.bulk_update(windows, ("since", "until", "ended_by", "updated_at"), batch_size=_BATCH)
        announce(gathered, owner.id, owner.place_code, now)
    return len(windows)


def announced(enterprise_id: UUID, now: datetime) -> list[Announcement]:
    """Exercises of an enterprise announced for its devices together that are not over, soonest first."""
    rows = (
        MaintenanceWindow.objects.filter(enterprise_id=enterprise_id, kind=rules.EXERCISE, announcement__isnull=False, until__gt=now)
        .order_by()
        .values_list("announcement", "reason", "approved_by")
        .annotate(Min("since"), Max("until"), Count("pk"))
        .order_by("since__min")
    )
    return [Announcement(pk, since, until, reason, by, count) for pk, reason, by, since, until, count in rows]


def enterprise_of(announcement: UUID) -> UUID | None:
    """Whose devices an exercise was announced for."""
    return MaintenanceWindow.objects.filter(announcement=announcement).values_list("enterprise_id", flat=True).first()


def _facts(announcement: UUID, since: datetime, until: datetime, devices: int) -> dict[str, object]:
    return {"announcement": str(announcement), "since": since.isoformat(), "until": until.isoformat(), "devices": devices}
