"""Reads of mutual aid and of people on scene."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse

from anlan.command.dispatch import rules
from anlan.command.dispatch.door import OnScene
from anlan.command.dispatch.models import AidAnswer, AidRequest, AllOut, Presence, Sector
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible


def requests(actor: Actor | None) -> QuerySet[AidRequest]:
    """Requests of one's own jurisdiction."""
    rows = AidRequest.objects.select_related("organisation")
    return rows if actor is None else visible(rows, actor, "dispatch.view")


def request(request_id: UUID | str, actor: Actor | None) -> AidRequest:
    """One request. Raises ``NotFound``."""
    return _one(requests(actor), request_id)


def answers(actor: Actor | None) -> QuerySet[AidAnswer]:
    """What bureaus of one's own jurisdiction were asked."""
    rows = AidAnswer.objects.select_related("organisation", "request", "request__organisation")
    return rows if actor is None else visible(rows, actor, "dispatch.view")


def answer(answer_id: UUID | str, actor: Actor | None) -> AidAnswer:
    """One answer, for the people of the bureau asked. Raises ``NotFound``."""
    return _one(answers(actor), answer_id)


def answer_to(request_id: UUID | str, answer_id: UUID | str, actor: Actor | None) -> AidAnswer:
    """One answer, for whoever asked: found through the request. Raises ``NotFound``."""
    return _one(answers(None).filter(request=request(request_id, actor)), answer_id)


def promised(incident_id: UUID, actor: Actor | None) -> QuerySet[AidAnswer]:
    """What was agreed or sent for an incident and not yet released, for whoever may see what was asked."""
    rows = answers(None).filter(request__in=requests(actor).filter(incident_id=incident_id), released_at=None)
    return rows.filter(Q(state=rules.SENT) | Q(state=rules.OFFERED, agreed_at__isnull=False)).order_by("opened_at", "id")


def coming() -> QuerySet[AidAnswer]:
    """What was sent with a known way and has not arrived."""
    return answers(None).filter(state=rules.SENT, arrived_at=None, resource_id__isnull=False, request__state=rules.OPEN).exclude(way={})


def unpromised(actor: Actor) -> QuerySet[AidRequest]:
    """Open requests to which no bureau has promised anything."""
    given = AidAnswer.objects.filter(request=OuterRef("pk"), state__in=(rules.OFFERED, rules.SENT, rules.BACK))
    return requests(actor).filter(~Exists(given), state=rules.OPEN).order_by("needed_by")


def presences(incident_id: UUID, actor: Actor | None) -> QuerySet[Presence]:
    """Who is or was on scene."""
    rows = Presence.objects.filter(incident_id=incident_id).select_related("sector")
    return rows if actor is None else visible(rows, actor, "dispatch.view")


def presence(presence_id: UUID | str, actor: Actor | None) -> Presence:
    """One person or crew. Raises ``NotFound``."""
    rows = Presence.objects.select_related("sector")
    return _one(rows if actor is None else visible(rows, actor, "dispatch.view"), presence_id)


def signals(incident_id: UUID, actor: Actor | None) -> QuerySet[AllOut]:
    """Signals to leave."""
    rows = AllOut.objects.filter(incident_id=incident_id).select_related("sector")
    return rows if actor is None else visible(rows, actor, "dispatch.view")


def signal(signal_id: UUID | str, actor: Actor | None) -> AllOut:
    """One signal. Raises ``NotFound``."""
    rows = AllOut.objects.select_related("sector")
    return _one(rows if actor is None else visible(rows, actor, "dispatch.view"), signal_id)


def sectors(incident_id: UUID) -> QuerySet[Sector]:
    """Sectors of a scene. Whoever may see the incident may see them."""
    return Sector.objects.filter(incident_id=incident_id)


def unaccounted(row: AllOut) -> QuerySet[Presence]:
    """Who was inside at the signal and has not come out."""
    return Presence.objects.filter(pk__in=row.roll, state=rules.INSIDE).select_related("sector")


def standing_signal(incident_id: UUID, sector: Sector | None = None) -> AllOut | None:
    """The signal that holds for a sector (or for any)."""
    rows = AllOut.objects.filter(incident_id=incident_id, state=rules.SIGNALLED)
    return next((row for row in rows if sector is None or row.sector_id in (None, sector.pk)), None)


def overdue(now: datetime) -> QuerySet[Presence]:
    """People inside who should have reported, with rings still to come."""
    return Presence.objects.filter(state=rules.INSIDE, check_by__lte=now, rings__lt=rules.MOST_RINGS)


def unanswered_signals(now: datetime) -> QuerySet[AllOut]:
    """Signals whose roll is not complete in time, with rings still to come."""
    return AllOut.objects.filter(state=rules.SIGNALLED, account_by__lte=now, rings__lt=rules.MOST_RINGS)


def on_scene(incident_id: UUID, actor: Actor | None, now: datetime) -> OnScene:
    """See :func:`anlan.command.dispatch.door.on_scene`."""
    inside = list(presences(incident_id, actor).filter(state=rules.INSIDE))
    live = list(signals(incident_id, actor).filter(state=rules.SIGNALLED))
    waiting = {str(key) for row in live for key in row.roll}
    return OnScene(
        crews=len(inside),
        people=sum(row.people for row in inside),
        overdue=sum(row.check_by < now for row in inside),
        signalled=bool(live),
        unaccounted=sum(str(row.pk) in waiting for row in inside),
        next_check=min((row.check_by for row in inside), default=None),
    )


def cost(incident_id: UUID, actor: Actor) -> Decimal:
    """See :func:`anlan.command.dispatch.door.cost`."""
    rows = AidAnswer.objects.filter(request__in=requests(actor).filter(incident_id=incident_id))
    return rows.aggregate(sum=Sum("cost"))["sum"] or Decimal(0)


def scene_address(incident_id: UUID) -> str:
    """The page of people on scene."""
    return reverse("dispatch:scene", args=[incident_id])


def answer_address(answer_id: UUID) -> str:
    """The page of what a bureau was asked."""
    return reverse("dispatch:answer", args=[answer_id])


def ask_address(incident_id: UUID, task_id: UUID) -> str:
    """The page on which other bureaus are asked for aid with a task."""
    return f"{reverse('dispatch:ask', args=[incident_id])}?task={task_id}"


def request_address(request_id: UUID) -> str:
    """The page of what a bureau asked."""
    return reverse("dispatch:request", args=[request_id])


def _one(rows: QuerySet, key: UUID | str):  # type: ignore[no-untyped-def,type-arg]
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(what=str(key))
    return found
