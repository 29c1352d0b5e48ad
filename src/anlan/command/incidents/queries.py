"""Reads of incidents, responses and tasks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from anlan.command.incidents import rules
from anlan.command.incidents.door import IncidentSummary, TaskSummary
from anlan.command.incidents.models import CommandPost, Incident, Response, ResponseTask
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible

OPEN_TASKS = rules.OPEN_TASKS


def incidents(actor: Actor | None) -> QuerySet[Incident]:
    """Incidents that ``actor`` may see, newest first, with the number of open tasks and the running response."""
    rows = (
        Incident.objects.select_related("enterprise")
        .prefetch_related("responses")
        .annotate(open_task_count=Count("tasks", filter=Q(tasks__state__in=OPEN_TASKS), distinct=True))
    )
    return rows if actor is None else visible(rows, actor, "incidents.view")


def open_incidents(actor: Actor) -> QuerySet[Incident]:
    """Incidents not closed."""
    return incidents(actor).exclude(state=rules.CLOSED)


def incident(incident_id: UUID | str, actor: Actor | None) -> Incident:
    """One incident. Raises ``NotFound``."""
    found = incidents(actor).filter(pk=incident_id).first()
    if found is None:
        raise NotFound(what=str(incident_id))
    return found


def response(response_id: UUID | str, actor: Actor | None) -> Response:
    """One response. Raises ``NotFound``."""
    rows = Response.objects.select_related("incident")
    found = (rows if actor is None else visible(rows, actor, "incidents.view")).filter(pk=response_id).first()
    if found is None:
        raise NotFound(what=str(response_id))
    return found


def tasks(actor: Actor | None) -> QuerySet[ResponseTask]:
    """Tasks that ``actor`` may see."""
    rows = ResponseTask.objects.select_related("incident")
    return rows if actor is None else visible(rows, actor, "incidents.view")


def open_tasks(actor: Actor) -> QuerySet[ResponseTask]:
    """Tasks not done, nearest deadline first."""
    return tasks(actor).filter(state__in=OPEN_TASKS).order_by("due", "number")


def my_tasks(actor: Actor) -> QuerySet[ResponseTask]:
    """Open tasks of ``actor`` himself, of his unit, and of the groups that he or his unit leads; nearest deadline first."""
    leads = CommandPost.objects.filter(incident=OuterRef("incident"), group=OuterRef("group"), until=None)
    mine = Q(assignee_account_id=actor.account_id) | Exists(leads.filter(account_id=actor.account_id))
    if actor.organisation_id is not None:
        mine |= Q(assignee_organisation_id=actor.organisation_id) | Exists(leads.filter(organisation_id=actor.organisation_id))
    return open_tasks(actor).filter(mine)


def to_speak_to(actor: Actor) -> QuerySet[ResponseTask]:
    """Orders of people without a telephone to whom nobody has spoken yet."""
    return open_tasks(actor).filter(state=rules.ORDERED, spoken_at=None).exclude(told_through="")


def under_way() -> QuerySet[ResponseTask]:
    """Tasks whose forces are expected on scene."""
    waiting = ResponseTask.objects.filter(state__in=(rules.ORDERED, rules.ACCEPTED, rules.EN_ROUTE), resource_id__isnull=False)
    return waiting.exclude(way={}).select_related("incident").order_by("pk")


def unaccepted(now: datetime) -> QuerySet[ResponseTask]:
    """Orders that nobody accepted until their time, with reminders still to come."""
    return ResponseTask.objects.filter(state=rules.ORDERED, accept_by__lte=now, reminded__lt=rules.MOST_REMINDERS)


def proposed() -> QuerySet[Response]:
    """Responses that wait for approval."""
    return Response.objects.filter(state=rules.PROPOSED).select_related("incident")


def task(task_id: UUID | str, actor: Actor | None) -> ResponseTask:
    """One task. Raises ``NotFound``."""
    found = tasks(actor).filter(pk=task_id).first()
    if found is None:
        raise NotFound(what=str(task_id))
    return found


def running_response(row: Incident) -> Response | None:
    """The response that is proposed or active, if any."""
    return next((r for r in row.responses.all() if r.state in (rules.PROPOSED, rules.ACTIVE)), None)


def linked(row: Incident, kind: str) -> list[UUID]:
    """Identities of what is linked to the incident."""
    return list(row.links.filter(kind=kind).order_by("at").values_list("subject_id", flat=True))


def address(incident_id: UUID) -> str:
    """Address of the incident's page."""
    return reverse("incidents:detail", args=[incident_id])


def summary(row: Incident) -> IncidentSummary:
    """An incident as other rooms see it."""
    running = running_response(row)
    plain = {
        name: getattr(row, name)
        for name in IncidentSummary.__dataclass_fields__
        if name not in {"state_label", "response_level", "open_tasks", "address"}
    }
    return IncidentSummary(
        **plain,
        state_label=row.get_state_label(),
        response_level=running.level if running is not None and running.state == rules.ACTIVE else "",
        open_tasks=row.open_task_count,  # type: ignore[attr-defined]
        address=address(row.pk),
    )


def task_summary(row: ResponseTask, now: datetime) -> TaskSummary:
    """A task as other rooms see it."""
    return TaskSummary(
        id=row.pk,
        incident_id=row.incident_id,
        incident_title=row.incident.title,
        title=row.title,
        role=row.role,
        assignee=row.assignee,
        due=row.due,
        state=row.state,
        state_label=row.get_state_label(),
        late=row.state in OPEN_TASKS and now > row.due,
        exercise=row.exercise,
        address=f"{address(row.incident_id)}#task-{row.pk}",
        group=row.group,
        number=row.number,
        resource_id=row.resource_id,
        resource_name=row.resource_name,
        place_code=row.place_code,
        capability=row.capability,
    )
