"""Reads of alarms; every list that a person sees is scoped to what the person's post may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Min, Q, QuerySet, Value, When
from django.db.models.functions import Substr
from django.urls import reverse

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible
from anlan.sense.alarms import history, rules, wording
from anlan.sense.alarms.door import AlarmSummary, TimelineEntry
from anlan.sense.alarms.models import Alarm, ApartMessage, EscalationRecord

VIEW = "alarms.view"
_PLAIN = tuple(name for name in AlarmSummary.__dataclass_fields__ if name not in {"active", "acknowledged", "url", "says", "measured"})


def alarms(actor: Actor | None) -> QuerySet[Alarm]:
    """Alarms that ``actor`` may see, newest first; all of them for ``None``."""
    rows = Alarm.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def open_alarms(actor: Actor | None) -> QuerySet[Alarm]:
    """Alarms that still need somebody: unacknowledged first, then by level, newest first; what another explains never stands before what does not."""
    unacknowledged = Case(When(state__in=rules.UNACKNOWLEDGED_STATES, then=Value(0)), default=Value(1), output_field=IntegerField())
    return still_open(actor).order_by(unacknowledged, "-told", "level", "-raised_at", "-id")


def still_open(actor: Actor | None) -> QuerySet[Alarm]:
    """The same in no order. What somebody shelved is not among them until its time is over."""
    return alarms(actor).filter(state__in=sorted(rules.OPEN_STATES), shelved_until__isnull=True).order_by()


def shelved(actor: Actor | None) -> QuerySet[Alarm]:
    """Open alarms that somebody put aside for a while."""
    return alarms(actor).filter(state__in=sorted(rules.OPEN_STATES), shelved_until__isnull=False).order_by()


def unacknowledged(actor: Actor | None) -> QuerySet[Alarm]:
    """Alarms that no named person has taken notice of, cleared or not."""
    return still_open(actor).filter(state__in=rules.UNACKNOWLEDGED_STATES)


def reviewing(actor: Actor | None) -> QuerySet[Alarm]:
    """Grave alarms that are over and wait for a second person, longest waiting first."""
    return alarms(actor).filter(state=rules.REVIEWING).order_by("cleared_at", "id")


def one(alarm_id: UUID | str, actor: Actor | None) -> Alarm:
    """The alarm. Raises :class:`NotFound`."""
    found = alarms(actor).filter(pk=alarm_id).first()
    if found is None:
        raise NotFound(what=str(alarm_id))
    return found


def of_events(alarm_ids: Iterable[UUID], actor: Actor | None) -> QuerySet[Alarm]:
    """The alarms named and all others of their events, oldest first."""
    named = alarms(actor).filter(pk__in=list(alarm_ids)).order_by().values("event_key")
    return alarms(actor).filter(event_key__in=named).order_by("raised_at", "id")


def gravest_first(rows: QuerySet[Alarm]) -> QuerySet[Alarm]:
    """Active before over, the gravest level first, then the oldest."""
    over = Case(When(state__in=rules.ACTIVE_STATES, then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.order_by(over, "level", "raised_at", "id")


def last_escalations(alarm_ids: Iterable[UUID]) -> dict[UUID, EscalationRecord]:
    """The last rung that each of the alarms climbed; those that climbed none are left out."""
    rows = EscalationRecord.objects.filter(alarm_id__in=list(alarm_ids)).order_by("alarm_id", "-ring", "-step").distinct("alarm_id")
    return {row.alarm_id: row for row in rows}


def apart_waiting() -> int:
    """How many messages of the stream no alarm could be made of."""
    return ApartMessage.objects.filter(taken_at__isnull=True).count()


def open_counts_by_county(actor: Actor) -> dict[str, dict[int, int]]:
    """Open alarms by county code and level."""
    rows = still_open(actor).annotate(county=Substr("place_code", 1, 6)).values_list("county", "level").annotate(number=Count("id"))
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for county, level, number in rows:
        found[county][level] = number
    return dict(found)


def event_of(enterprise_id: UUID, raised_at: datetime, exercise: bool) -> UUID | None:
    """The event that an alarm of this enterprise at ``raised_at`` belongs to, ``None`` when it begins one of its own.

    Alarms of exercises and of reality never belong to one event.

    It belongs to an event of which an alarm is still active, or gave a sign of life within the gap of ``rules.EVENT_GAP_S``.
    """
    gap = raised_at - timedelta(seconds=rules.EVENT_GAP_S)
    near = Q(state__in=rules.ACTIVE_STATES) | Q(raised_at__gte=gap) | Q(cleared_at__gte=gap)
    return (
        Alarm.objects.filter(near, enterprise_id=enterprise_id, exercise=exercise, raised_at__lte=raised_at)
        .order_by("-raised_at")
        .values_list("event_key", flat=True)
        .first()
    )


def spans(sensor_ids: Sequence[UUID], since: datetime, until: datetime, actor: Actor | None) -> QuerySet[Alarm]:
    """Alarms of points that were active at any time in [since, until), by beginning."""
    going_on = Q(cleared_at__isnull=True) | Q(cleared_at__gt=since)
    return alarms(actor).filter(going_on, sensor_id__in=sensor_ids, raised_at__lt=until).order_by("raised_at", "id")


def active_levels(actor: Actor) -> dict[UUID, int]:
    """The gravest level of the active alarms by measuring point."""
    active = alarms(actor).filter(state__in=rules.ACTIVE_STATES, sensor__isnull=False)
    rows = active.order_by().values_list("sensor_id").annotate(worst=Min("level"))
    return dict(rows)


def summary(row: Alarm) -> AlarmSummary:
    """The alarm as other rooms see it."""
    return AlarmSummary(
        **{name: getattr(row, name) for name in _PLAIN},
        active=row.is_active,
        acknowledged=row.is_acknowledged,
        says=wording.says(row),
        measured=row.kind in rules.LIMIT_KINDS,
        url=reverse("alarms:detail", args=[row.pk]),
    )


def timeline(row: Alarm) -> tuple[TimelineEntry, ...]:
    """Everything that happened to the alarm, oldest first, in words."""
    return history.timeline(row)
