"""Reads of field units, scoped to what a person's post may see."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from anlan.command.field import rules
from anlan.command.field.door import FieldLine
from anlan.command.field.models import FieldCall, FieldMark, FieldMessage, FieldPosition, FieldStranger, FieldUnit
from anlan.command.field.rules import Account
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible

VIEW = "field.view"
TRACK_SHOWN, MESSAGES_SHOWN = 100, 50


def units(actor: Actor | None) -> QuerySet[FieldUnit]:
    """Field units that ``actor`` may see; all of them for ``None`` (processes)."""
    rows = FieldUnit.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def one(unit_id: UUID | str, actor: Actor | None) -> FieldUnit:
    """One field unit. Raises ``NotFound``."""
    found = units(actor).filter(pk=unit_id).first()
    if found is None:
        raise NotFound(what=str(unit_id))
    return found


def track(unit: FieldUnit, limit: int = TRACK_SHOWN) -> QuerySet[FieldPosition]:
    """The newest positions of a unit's track."""
    return unit.track.order_by("-at")[:limit]


def strangers(limit: int = 200) -> QuerySet[FieldStranger]:
    """Terminals that were turned away, the newest first."""
    return FieldStranger.objects.order_by("-last_at")[:limit]


def any_unit() -> bool:
    """Whether any unit is in use: without one, nothing is made ready for the devices' maps."""
    return FieldUnit.objects.filter(active=True).exists()


def messages(unit: FieldUnit, limit: int = MESSAGES_SHOWN) -> list[FieldMessage]:
    """The newest messages from and to a unit, the oldest of them first."""
    return list(unit.messages.order_by("-at", "-pk")[:limit])[::-1]


def of_incident(incident_id: UUID, actor: Actor | None) -> QuerySet[FieldMessage]:
    """Messages of an incident that ``actor`` may see, newest first."""
    rows = FieldMessage.objects.filter(incident_id=incident_id).select_related("unit")
    return (rows if actor is None else visible(rows, actor, VIEW)).order_by("-at", "-pk")


def calls(actor: Actor | None) -> QuerySet[FieldCall]:
    """Calls for help that ``actor`` may see, newest first."""
    rows = FieldCall.objects.select_related("unit").order_by("-raised_at")
    return rows if actor is None else visible(rows, actor, VIEW)


def open_calls(actor: Actor) -> list[FieldCall]:
    """Calls that are not over, those nobody has taken note of first; at most 20."""
    return list(calls(actor).filter(ended_at__isnull=True).order_by("taken_at", "-raised_at")[:20])


def call(call_id: UUID | str, actor: Actor | None = None) -> FieldCall | None:
    """One call; ``None`` when there is none that ``actor`` may see."""
    return calls(actor).filter(pk=call_id).first()


def marks(actor: Actor, box: tuple[float, float, float, float], now: datetime) -> QuerySet[FieldMark]:
    """Marks of units in a box (west, south, east, north) that stand, or whose time was over less than :data:`rules.MARKS_LINGER` ago."""
    west, south, east, north = box
    rows = visible(FieldMark.objects.select_related("unit"), actor, VIEW)
    inside = Q(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    return rows.filter(inside, removed_at__isnull=True, stale_at__gt=now - rules.MARKS_LINGER).order_by("-at", "pk")


def mark(mark_id: UUID | str, actor: Actor) -> FieldMark:
    """One mark. Raises ``NotFound``."""
    found = visible(FieldMark.objects.select_related("unit"), actor, VIEW).filter(pk=mark_id, removed_at__isnull=True).first()
    if found is None:
        raise NotFound(what=str(mark_id))
    return found


def lines(incident_id: UUID, actor: Actor | None) -> tuple[FieldLine, ...]:
    """What units of an incident said, were told and called for, in order of time; the newest 500 messages."""
    found: list[FieldLine] = []
    for row in of_incident(incident_id, actor)[:500]:
        heading = _("发给现场：{callsign}") if row.outgoing else _("现场消息：{callsign}")
        found.append(_line(row.said_at, heading.format(callsign=row.unit.callsign), row.text, row.sender, row.unit))
    for each in calls(actor).filter(incident_id=incident_id)[:100]:
        title = _("现场求救：{callsign}").format(callsign=each.unit.callsign)
        found.append(_line(each.raised_at, title, " ".join([call_label(each), each.text]).strip(), each.unit.callsign, each.unit))
        if each.ended_at is not None:
            ended = _("求救结束：{callsign}").format(callsign=each.unit.callsign)
            found.append(_line(each.ended_at, ended, each.outcome or _(rules.ENDINGS[each.ended_how]), each.ended_by_name, each.unit))
    return tuple(sorted(found, key=lambda line: line.at))


def _line(at: datetime, title: str, text: str, who: str, unit: FieldUnit) -> FieldLine:
    return FieldLine(at, title, text, who, unit.pk, reverse("desk:field-units-detail", args=[unit.pk]))


def call_label(row: FieldCall) -> str:
    """What kind of call it is, in words."""
    return _(rules.CALL_KINDS.get(row.kind, rules.CALL_KINDS["b-a-o-tbl"]))


def accounts() -> dict[str, Account]:
    """Units that may come in, by uid."""
    return {
        row.uid: Account(row.pk, row.uid, row.callsign, row.fingerprint, row.place_code, row.incident_id, row.exercise)
        for row in FieldUnit.objects.filter(active=True).only("uid", "callsign", "fingerprint", "place_code", "incident_id", "exercise")
    }
