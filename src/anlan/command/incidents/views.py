"""Pages of command: the incident's room, its timeline and the timeline as a PDF."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.incidents import advising, document, forces, forms, pages, queries, rules, services, structuring, tasking, timeline
from anlan.command.incidents.models import Incident
from anlan.command.plans import door as plans
from anlan.desk import panels
from anlan.desk.guard import requires
from anlan.desk.refusals import errors_of, sentence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.kernel.words import N_
from anlan.report.filings import door as filings
from anlan.sense.alarms import door as alarms

_ALARMS_SHOWN = 20
"""A burst gives an event thousands; the timeline has them all."""
_WALL_TASKS, _WALL_LINES, _WALL_FORCES = 11, 8, 6
"""What fits on a screen of 1080 lines."""
ROOM_KEYS = {"p": N_("提请启动响应"), "s": N_("批准启动响应"), "t": N_("下达任务"), "l": N_("叫醒带班领导")}


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _initial(request: HttpRequest) -> dict[str, Any]:
    """A new incident starts from the filing or alarm it is opened for, else here and now."""
    actor, now = _actor(request), timezone.localtime(clock.now())
    start: dict[str, Any] = {
        "occurred_at": now.strftime(forms.DATETIME),
        "place_code": actor.place_code,
        "kind": "hazchem_leak",
    }
    source: Any = None
    if request.GET.get("filing"):
        source = filings.filing(request.GET["filing"], actor)
        start |= {"filing_id": source.id, "kind": source.kind, "location": source.location}
        start |= {"occurred_at": timezone.localtime(source.occurred_at).strftime(forms.DATETIME)}
        start |= {"description": source.brief_course}
    elif request.GET.get("alarm"):
        source = alarms.alarm(request.GET["alarm"], actor)
        start |= {"alarm_id": source.id}
        start |= {"occurred_at": timezone.localtime(source.raised_at).strftime(forms.DATETIME)}
    if source is not None:
        start |= {n: getattr(source, n) for n in ("title", "place_code", "longitude", "latitude", "exercise")}
    return start


def _refuse(form: Any, refusal: Refusal) -> None:
    wrong = refusal.fields if isinstance(refusal, Invalid) else {None: refusal}
    for name, why in wrong.items():
        form.add_error(name if name in form.fields else None, sentence(why))


@requires("incidents.open")
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Open an incident."""
    form = forms.IncidentForm(request.POST or None, initial=_initial(request) if request.method == "GET" else None)
    if request.method == "POST" and form.is_valid():
        try:
            incident = services.open_incident(form.cleaned_data, actor=_actor(request), now=clock.now())
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            return redirect("incidents:detail", incident.pk)
    context = {"form": form, "errors": errors_of(form)}
    return render(request, "incidents/form.html", context, status=422 if form.errors else 200)


@requires("incidents.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The incident's room."""
    return _show(request, queries.incident(pk, _actor(request)))


def _show(request: HttpRequest, incident: Incident, refusal: Refusal | None = None, **bound: Any) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    response = queries.running_response(incident)
    rows = pages.task_rows(incident.tasks.select_related("incident"), actor, now)
    advice = advising.recommended(incident, now)
    alarm_count, shown_alarms = alarms.of_events(queries.linked(incident, "alarm"), actor, limit=_ALARMS_SHOWN)
    context = {
        "incident": incident,
        "kind_name": filings.kind_name(incident.kind),
        "level_name": filings.level_name(incident.level_code),
        "place_name": places.full_name(incident.place_code),
        "response": response,
        "response_label": _(rules.RESPONSE_LEVELS[response.level]) if response is not None else "",
        "past_responses": [(r, _(rules.RESPONSE_LEVELS[r.level])) for r in incident.responses.all() if r != response],
        "tasks": rows,
        "done": sum(1 for row in rows if row.task.state == rules.DONE),
        "late": sum(1 for row in rows if row.summary.late),
        "unaccepted": sum(1 for row in rows if row.unaccepted),
        "structure": structuring.structure(incident),
        "transfer": incident.transfers.filter(state=rules.OFFERED).select_related("to_organisation").first(),
        "advice": advice,
        "advice_label": _(rules.RESPONSE_LEVELS[advice.level]) if advice.level else "",
        "advice_reasons": advising.reasons(advice),
        "attends": pages.attends(incident, now),
        "entries": incident.entries.order_by("-at", "-id")[:50],
        "entry_kinds": [(code, _(label)) for code, label in rules.ENTRY_KINDS.items() if code != "system"],
        "filings": filings.filings(queries.linked(incident, "filing"), actor),
        "alarm_count": alarm_count,
        "alarms": shown_alarms,
        "bulletins": timeline.bulletins_of(incident, actor),
        "can": _possible(incident, actor),
        "own_proposal": response is not None and response.proposed_by_id == actor.account_id,
        "panels": panels.render("incidents.detail", incident, request),
        "page_keys": [(key, _(text)) for key, text in ROOM_KEYS.items()],
        "refusal_message": sentence(refusal) if refusal else "",
        **_forms(incident, now),
        **bound,
    }
    if request.GET.get("wall") and refusal is None:
        return render(request, "incidents/wall.html", context | _wall(incident, actor, now))
    return render(request, "incidents/detail.html", context, status=refusal.status if refusal else 200)


def _wall(incident: Incident, actor: Actor, now: datetime) -> dict[str, Any]:
    """What a wall shows besides: open tasks by deadline, and the last of the course."""
    rows = pages.task_rows(incident.tasks.select_related("incident"), actor, now)
    ahead = sorted((row for row in rows if row.open), key=lambda row: row.task.due)
    lines = timeline.lines(incident.pk, actor, now)
    sent = forces.forces(incident, actor, now)
    kinds = {code: _(label) for code, label in rules.TIMELINE_KINDS.items()}
    return {
        "ahead": ahead[:_WALL_TASKS],
        "more": max(0, len(ahead) - _WALL_TASKS),
        "last": [(line, kinds[line.kind]) for line in reversed(lines[-_WALL_LINES:])],
        "forces": sent[:_WALL_FORCES],
        "force_figures": {
            "coming": sum(each.state in (rules.ORDERED, rules.ACCEPTED, rules.EN_ROUTE) for each in sent),
            "there": sum(each.state == rules.ON_SCENE for each in sent),
            "wanted": len(forces.wanted(incident)),
        },
        "labels": forces.labels(),
        "clocks": {"met": sum(line.met is True for line in lines), "missed": sum(line.met is False for line in lines)},
        "now": now,
    }


def _forms(incident: Incident, now: Any) -> dict[str, Any]:
    plan = plans.plan_for(incident.kind, incident.place_code)
    wanted = advising.recommended(incident, now).level or "III"
    level = next((row for row in plan.levels if row.level == wanted), None) if plan is not None else None
    until = now + timedelta(hours=level.expected_hours if level is not None else 24)
    start = {
        "plan_id": str(plan.id) if plan is not None else "",
        "level": wanted,
        "matter": incident.title,
        "expected_until": timezone.localtime(until).strftime(forms.DATETIME),
        "measures": level.measures if level is not None else "",
        "grounds": _grounds(plan, level),
    }
    due = timezone.localtime(now + timedelta(minutes=30)).strftime(forms.DATETIME)
    return {
        "response_form": forms.ResponseForm(initial=start, place_code=incident.place_code),
        "task_form": forms.TaskForm(initial={"due": due}, prefix="task", label_suffix=""),
        "level_form": forms.LevelForm(initial={"expected_until": start["expected_until"]}, prefix="to", label_suffix=""),
    }


def _grounds(plan: plans.PlanSummary | None, level: plans.PlanLevelSummary | None) -> str:
    law = _(rules.RESPONSE_GROUNDS)
    if plan is None or level is None:
        return law
    return _("{law}；{plan}：{condition}").format(law=law, plan=plan.title, condition=level.condition)


def _possible(incident: Incident, actor: Actor) -> dict[str, bool]:
    def may(action: str) -> bool:
        return not incident.is_closed and actor.may(
            action,
            place_code=incident.place_code,
            enterprise_id=incident.enterprise_id,
            classification=incident.classification,
        )

    names = ("change", "propose_response", "start_response", "end_response", "order_task", "do_task", "close", "appoint", "take_command")
    return {name: may(f"incidents.{name}") for name in names}


def _done(request: HttpRequest, pk: UUID, verb: Callable[[], object]) -> HttpResponse:
    """Run one verb; a refusal is shown on the incident's own page."""
    try:
        verb()
    except Refusal as refusal:
        return _show(request, queries.incident(pk, _actor(request)), refusal)
    return redirect("incidents:detail", pk)


@requires("incidents.propose_response")
@require_POST
def propose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a response."""
    actor = _actor(request)
    incident = queries.incident(pk, actor)
    form = forms.ResponseForm(request.POST, place_code=incident.place_code)
    if not form.is_valid():
        return _show(request, incident, response_form=form, response_errors=errors_of(form))
    return _done(request, pk, lambda: services.propose_response(incident, form.cleaned_data, actor=actor, now=clock.now()))


@requires("incidents.view")
@require_POST
def respond(request: HttpRequest, pk: UUID, response: UUID, code: str) -> HttpResponse:
    """Approve, refuse, change or end a response."""
    actor, now = _actor(request), clock.now()
    row = queries.response(response, actor)
    words = request.POST.get("reason", "").strip()
    if code == "change_level":
        form = forms.LevelForm(request.POST, prefix="to", label_suffix="")
        if not form.is_valid():
            return _show(request, queries.incident(pk, actor), level_form=form, level_errors=errors_of(form))
        values = form.cleaned_data
        return _done(
            request,
            pk,
            lambda: services.change_level(row, values["level"], values["expected_until"], values["reason"], actor=actor, now=now),
        )
    verbs: dict[str, Callable[[], object]] = {
        "start": lambda: services.start_response(row, actor=actor, now=now),
        "refuse": lambda: services.refuse_response(row, words, actor=actor, now=now),
        "end": lambda: services.end_response(row, words, actor=actor, now=now),
    }
    if code not in verbs:
        raise NotFound(what=code)
    return _done(request, pk, verbs[code])


@requires("incidents.order_task")
@require_POST
def order(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Order a task."""
    actor = _actor(request)
    incident = queries.incident(pk, actor)
    form = forms.TaskForm(request.POST, prefix="task", label_suffix="")
    if not form.is_valid():
        return _show(request, incident, task_form=form, task_errors=errors_of(form))
    return _done(request, pk, lambda: tasking.order_task(incident, form.cleaned_data, actor=actor, now=clock.now()))


@requires("incidents.view")
@require_POST
def task_move(request: HttpRequest, pk: UUID, task: UUID, code: str) -> HttpResponse:
    """Move a task; ``back`` names the page it was moved from."""
    actor, now, words = _actor(request), clock.now(), request.POST.get("words", "").strip()
    row = queries.task(task, actor)
    back = request.POST.get("back", "")
    try:
        tasking.move_task(row, code, words, actor=actor, now=now)
    except Refusal as refusal:
        shown = pages.again(request, back, row.incident, refusal)
        return shown if shown is not None else _show(request, queries.incident(pk, actor), refusal)
    return redirect(pages.address_of(back, pk))


@requires("incidents.change")
@require_POST
def note(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a line to the situation log."""
    actor = _actor(request)
    incident = queries.incident(pk, actor)
    kind, text = request.POST.get("kind", "note"), request.POST.get("text", "")
    if not text.strip():
        return redirect("incidents:detail", pk)
    return _done(request, pk, lambda: services.note(incident, kind, text, actor=actor, now=clock.now()))


@requires("incidents.close")
@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close the incident."""
    actor = _actor(request)
    incident = queries.incident(pk, actor)
    summary = request.POST.get("summary", "")
    return _done(request, pk, lambda: services.close_incident(incident, summary, actor=actor, now=clock.now()))


@requires("incidents.view")
@require_GET
def show_timeline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything about the incident in order of time; ``kind`` shows one kind only."""
    actor, now = _actor(request), clock.now()
    incident = queries.incident(pk, actor)
    lines = timeline.lines(pk, actor, now)
    chosen = request.GET.get("kind", "")
    context = {
        "incident": incident,
        "lines": [line for line in lines if not chosen or line.kind == chosen],
        "chosen": chosen,
        "kinds": [(code, _(label)) for code, label in rules.TIMELINE_KINDS.items()],
        "kind_labels": {code: _(label) for code, label in rules.TIMELINE_KINDS.items()},
        "met": sum(1 for line in lines if line.met is True),
        "missed": sum(1 for line in lines if line.met is False),
    }
    return render(request, "incidents/timeline.html", context)


@requires("incidents.view")
@require_GET
def timeline_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The timeline as a PDF."""
    actor, now = _actor(request), clock.now()
    incident = queries.incident(pk, actor)
    content = document.timeline_document(incident, timeline.lines(pk, actor, now), actor, now)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="incident-{pk}.pdf"'
    return answer
