"""Pages of orders and of the command structure: the task board, my tasks, who commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.incidents import forces as gathering
from anlan.command.incidents import forms, queries, rules, sending, structuring
from anlan.command.incidents.door import TaskSummary
from anlan.command.incidents.models import CommandTransfer, Incident, ResponseTask
from anlan.command.resources import door as resources
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.ground.organisations import door as organisations
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.flows import available_moves
from anlan.ledger.scope import visible
from anlan.ledger.sources import law_day
from anlan.report.filings import door as filings

FINAL = (rules.DONE, rules.DECLINED, rules.CANCELLED)


@dataclass(frozen=True)
class TaskRow:
    """One task as pages show it. ``waits``: numbers of the tasks that must be done first and are not."""

    task: ResponseTask
    summary: TaskSummary
    moves: frozenset[str]
    unaccepted: bool
    waits: tuple[int, ...]

    @property
    def open(self) -> bool:
        """Whether it is neither done, declined nor cancelled."""
        return self.task.state not in FINAL


def task_rows(tasks: Iterable[ResponseTask], actor: Actor, now: datetime) -> list[TaskRow]:
    """Tasks with what their reader may do, those of one incident knowing what they wait for."""
    rows = list(tasks)
    by_code = {(row.incident_id, row.code): row for row in rows}
    return [
        TaskRow(
            row,
            queries.task_summary(row, now),
            frozenset(move.code for move in available_moves(row, actor)),
            row.state == rules.ORDERED and row.accept_by is not None and now > row.accept_by,
            tuple(
                first.number
                for code in row.depends_on
                if (first := by_code.get((row.incident_id, code))) is not None and first.state in rules.OPEN_TASKS
            ),
        )
        for row in rows
    ]


def attends(incident: Incident, now: datetime) -> tuple[str, str] | None:
    """Who must attend the scene by law, and under which article; ``None`` where no level of accident is known."""
    found = filings.filings(queries.linked(incident, "filing"), None)
    row = rules.attends(found[0].level_code if found else incident.level_code, law_day(now))
    if row is None:
        return None
    return (row.who_en, row.law_en) if get_language() == "en" else (row.who_zh, f"{row.source} {row.article}")


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


# --- board -----------------------------------------------------------------------------------------------------------------------


@requires("incidents.view")
@require_GET
def board(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The task board of an incident, in columns by state or by group."""
    return _board(request, queries.incident(pk, _actor(request)))


def _board(request: HttpRequest, incident: Incident, refusal: Refusal | None = None) -> HttpResponse:
    rows = task_rows(incident.tasks.select_related("incident"), _actor(request), clock.now())
    by_group = (request.POST.get("by") or request.GET.get("by")) == "group"
    context = {
        "incident": incident,
        "columns": _by_group(incident, rows) if by_group else _by_state(rows),
        "by": "group" if by_group else "state",
        "back": "group" if by_group else "board",
        "refusal_message": sentence(refusal) if refusal else "",
    }
    return render(request, "incidents/board.html", context, status=refusal.status if refusal else 200)


def _by_state(rows: list[TaskRow]) -> list[tuple[str, str, list[TaskRow]]]:
    """Columns of the states on the way; what ended otherwise stands last, when there is any."""
    on_the_way = [*rules.OPEN_TASKS, rules.DONE]
    columns = [(s.code, _(s.label), [r for r in rows if r.task.state == s.code]) for s in rules.TASK_FLOW.states if s.code in on_the_way]
    ended = [row for row in rows if row.task.state in (rules.DECLINED, rules.CANCELLED)]
    return [*columns, ("ended", _("拒绝、取消"), ended)] if ended else columns


def _by_group(incident: Incident, rows: list[TaskRow]) -> list[tuple[str, str, list[TaskRow]]]:
    posts = list(incident.posts.filter(until=None).order_by("order"))
    columns = [(p.group, f"{p.group_name} · {p.holder or _('空缺')}", [r for r in rows if r.task.group == p.group]) for p in posts]
    known = {post.group for post in posts}
    rest = [row for row in rows if row.task.group not in known]
    columns = [column for column in columns if column[2]]
    return [*columns, ("", _("未分组"), rest)] if rest or not columns else columns


@requires("incidents.view")
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Open tasks of the reader, of his unit and of the groups he leads."""
    return _mine(request)


def _mine(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = _actor(request)
    rows = task_rows(queries.my_tasks(actor)[:200], actor, clock.now())
    context = {"rows": rows, "back": "mine", "refusal_message": sentence(refusal) if refusal else ""}
    return render(request, "incidents/mine.html", context, status=refusal.status if refusal else 200)


def address_of(back: str, pk: UUID) -> str:
    """The page to return to after a task was moved there."""
    known = {
        "board": reverse("incidents:board", args=[pk]),
        "group": reverse("incidents:board", args=[pk]) + "?by=group",
        "mine": reverse("incidents:mine"),
    }
    return known.get(back, queries.address(pk))


def again(request: HttpRequest, back: str, incident: Incident, refusal: Refusal) -> HttpResponse | None:
    """The page that was moved from, with why not; ``None`` for the incident's own."""
    if back in ("board", "group"):
        return _board(request, incident, refusal)
    return _mine(request, refusal) if back == "mine" else None


# --- forces ------------------------------------------------------------------------------------------------------------------------


@requires("incidents.view")
@require_http_methods(["GET", "POST"])
def forces(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is sent and when it will be there; who could come for what is still wanted, one press to send. ``?task=``: for one task, with its own need."""
    actor, now = _actor(request), clock.now()
    incident = queries.incident(pk, actor)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            _dispose(request, actor, now)
        except Refusal as caught:
            refusal = caught
        else:
            return redirect(f"{queries.address(pk)}#forces")
    chosen = request.GET.get("task") or (request.POST.get("task", "") if refusal is not None else "")
    may_order = not incident.is_closed and actor.may("incidents.order_task", **_about(incident))
    # Each proposal takes a search on the roads: whoever cannot send is not made to wait for it.
    waiting = gathering.wanted(incident) if may_order else []
    context = {
        "incident": incident,
        "may_order": may_order,
        "forces": gathering.forces(incident, actor, now),
        "labels": gathering.labels(),
        "wanted": [_asked(request, queries.task(chosen, actor), actor, now)]
        if chosen
        else gathering.proposals(waiting[: gathering.PROPOSED_FOR], actor, now),
        "more": [] if chosen else waiting[gathering.PROPOSED_FOR :],
        "chosen": chosen,
        "capabilities": resources.capability_choices(),
        "asked": {"capability": request.GET.get("capability", ""), "quantity": request.GET.get("quantity", "1")},
        "refusal_message": sentence(refusal) if refusal else "",
        "now": now,
    }
    return render(request, "incidents/forces.html", context, status=refusal.status if refusal else 200)


def _about(incident: Incident) -> dict[str, Any]:
    return {"place_code": incident.place_code, "enterprise_id": incident.enterprise_id, "classification": incident.classification}


def _dispose(request: HttpRequest, actor: Actor, now: datetime) -> None:
    """``send`` a resource with a task, or note to whom an order was ``spoken``."""
    task = queries.task(_id(request.POST.get("task", "")), actor)
    if request.POST.get("what") == "spoken":
        sending.speak(task, request.POST.get("to", ""), actor=actor, now=now)
        return
    sent = sending.send(task, _id(request.POST.get("resource", "")), actor=actor, now=now)
    told = resources.resource(_id(str(sent.resource_id)), actor, at=now)
    if told.lapsed:
        messages.warning(request, _("{name}的资质证书已过期：{papers}").format(name=told.name, papers="、".join(told.lapsed)))
    if sent.told_through:
        messages.warning(request, _("{name}没有电话，已转 {desk}，请口头确认。").format(name=told.name, desk=sent.told_through))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(what=text) from None


def _asked(request: HttpRequest, task: ResponseTask, actor: Actor, now: datetime) -> gathering.Wanted:
    capability = request.GET.get("capability") or task.capability
    if not capability:
        return gathering.Wanted(task, "")
    answer = gathering.propose(task.incident, capability, _quantity(request.GET.get("quantity", "")), actor, now, limit=10)
    return gathering.as_wanted(task, capability, answer)


def _quantity(text: str) -> Decimal:
    try:
        value = Decimal(text or "1")
    except InvalidOperation:
        return Decimal(1)
    return value if value.is_finite() and 0 < value < 10**6 else Decimal(1)


# --- command structure -------------------------------------------------------------------------------------------------------------


@requires("incidents.view")
@require_GET
def structure(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who commands now, and who did when; changed and handed over here."""
    return _structure(request, queries.incident(pk, _actor(request)))


def _structure(request: HttpRequest, incident: Incident, refusal: Refusal | None = None, **bound: Any) -> HttpResponse:
    actor = _actor(request)

    def may(action: str) -> bool:
        return not incident.is_closed and actor.may(
            action, place_code=incident.place_code, enterprise_id=incident.enterprise_id, classification=incident.classification
        )

    transfer = incident.transfers.filter(state=rules.OFFERED).select_related("to_organisation").first()
    context = {
        "incident": incident,
        "structure": structuring.structure(incident),
        "history": incident.posts.order_by("order", "since"),
        "transfer": transfer,
        "may_take": transfer is not None and actor.organisation_id == transfer.to_organisation_id and may("incidents.take_command"),
        "transfers": incident.transfers.select_related("to_organisation", "from_organisation"),
        "may_appoint": may("incidents.appoint"),
        "appoint_form": forms.AppointForm(incident=incident, prefix="post", label_suffix=""),
        "above": _above(incident),
        "refusal_message": sentence(refusal) if refusal else "",
        **bound,
    }
    return render(request, "incidents/structure.html", context, status=refusal.status if refusal else 200)


def _above(incident: Incident) -> list[organisations.OrganisationInfo]:
    """Bureaus above the one that commands, the nearest first."""
    found: list[organisations.OrganisationInfo] = []
    own = incident.organisation_id
    while own is not None and len(found) < 3:
        upper = organisations.upper_of(own)
        if upper is None:
            break
        found.append(upper)
        own = upper.id
    return found


def _changed(request: HttpRequest, incident: Incident, verb: Callable[[], object]) -> HttpResponse:
    try:
        verb()
    except Refusal as refusal:
        return _structure(request, incident, refusal)
    return redirect("incidents:structure", incident.pk)


@requires("incidents.appoint")
@require_POST
def appoint(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a group to somebody else, or add one."""
    actor = _actor(request)
    incident = queries.incident(pk, actor)
    form = forms.AppointForm(request.POST, incident=incident, prefix="post", label_suffix="")
    if not form.is_valid():
        return _structure(request, incident, appoint_form=form)
    return _changed(request, incident, lambda: structuring.appoint(incident, form.values(), actor=actor, now=clock.now()))


@requires("incidents.appoint")
@require_POST
def offer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Offer the command to a bureau above."""
    actor = _actor(request)
    incident = queries.incident(pk, actor)
    target = next((row for row in _above(incident) if str(row.id) == request.POST.get("to", "")), None)
    if target is None:
        raise NotFound(what="to")
    note = request.POST.get("note", "")
    return _changed(request, incident, lambda: structuring.offer_command(incident, target.id, note, actor=actor, now=clock.now()))


@requires("incidents.view")
@require_POST
def answer(request: HttpRequest, pk: UUID, transfer: UUID, code: str) -> HttpResponse:
    """Take the command, turn it down, or take the offer back."""
    actor, now, reason = _actor(request), clock.now(), request.POST.get("reason", "").strip()
    row = (
        visible(CommandTransfer.objects.select_related("incident", "to_organisation"), actor, "incidents.view").filter(pk=transfer).first()
    )
    if row is None:
        raise NotFound(what=str(transfer))
    verbs: dict[str, Callable[[], object]] = {
        "take": lambda: structuring.take_command(row, actor=actor, now=now),
        "turn_down": lambda: structuring.turn_down(row, reason, actor=actor, now=now),
        "withdraw": lambda: structuring.withdraw(row, reason, actor=actor, now=now),
    }
    if code not in verbs:
        raise NotFound(what=code)
    return _changed(request, queries.incident(pk, actor), verbs[code])
