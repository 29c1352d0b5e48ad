"""Pages of looking back: the review with its figures and course, its documents, and the story that the map replays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from anlan.command.incidents import door as incidents
from anlan.desk.documents import docx, pdf
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.flows import available_moves
from anlan.ledger.sources import law_day
from anlan.review.aftermath import forms, presenting, queries, rules, services
from anlan.review.aftermath.models import Lesson, Review

STOPS = 120
"""How many moments a replay stops at (project default): two minutes of watching at a second each."""
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


@requires("aftermath.write")
@require_POST
def create(request: HttpRequest, incident: UUID) -> HttpResponse:
    """Begin the review of an incident, or go to the one that exists."""
    actor = _actor(request)
    held = queries.of_incident(incidents.incident(incident, actor).id, actor)
    row = held or services.open_review(incident, actor=actor, now=clock.now())
    return redirect("aftermath:detail", row.pk)


@requires("aftermath.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The review: figures, what was missed, words, lessons, the whole course page by page."""
    return _show(request, queries.review(pk, _actor(request)))


def _show(request: HttpRequest, row: Review, refusal: Refusal | None = None, **bound: Any) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    lines = queries.lines(row, actor, now)
    kind, only = request.GET.get("kind", ""), request.GET.get("only", "")
    shown = [line for line in lines if (not kind or line.kind == kind) and (only != "missed" or line.met is False)]
    names = presenting.area_names(row)
    days = rules.TABLES.parameter("lesson_days", law_day(now))
    context = {
        "review": row,
        "incident": incidents.incident(row.incident_id, actor),
        "place_name": places.full_name(row.place_code),
        "figures": presenting.shown_figures(row, queries.figures(row, lines), queries.elsewhere(row, actor)),
        "missed": rules.missed(lines),
        "met": sum(1 for line in lines if line.met is True),
        "page": Paginator(shown, 100).get_page(request.GET.get("page")),
        "all_lines": len(lines),
        "kinds": incidents.timeline_kinds().items(),
        "kind": kind,
        "only": only,
        "lessons": [
            (each, names.get(each.area, each.area), {m.code for m in available_moves(each, actor)})
            for each in row.lessons.order_by("number")
        ],
        "today": law_day(now),
        "moves": {move.code for move in available_moves(row, actor)},
        "own": row.submitted_by_id == actor.account_id,
        "may_write": actor.may("aftermath.write", place_code=row.place_code, classification=row.classification),
        "words_form": forms.WordsForm(initial={"achieved": row.achieved, "failed": row.failed}),
        "lesson_form": forms.LessonForm(prefix="lesson", areas=names, initial={"due": law_day(now) + timedelta(days=days)}),
        "replay": _replay(row, actor),
        "refusal_message": sentence(refusal) if refusal else "",
        **bound,
    }
    return render(request, "aftermath/detail.html", context, status=refusal.status if refusal else 200)


def _replay(row: Review, actor: Actor) -> str:
    """Address of the map that replays the course."""
    incident = incidents.incident(row.incident_id, actor)
    address = f"{reverse('desk:map')}?story={reverse('aftermath:story', args=[row.pk])}"
    if incident.longitude is not None and incident.latitude is not None:
        address += f"&c={incident.longitude:.4f},{incident.latitude:.4f}&z=13"
    return address


@requires("aftermath.view")
@require_GET
def story(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Moments of the course for the map: ``lines`` of ``at`` (ISO), ``title``, ``tone``."""
    actor = _actor(request)
    row = queries.review(pk, actor)
    told = [
        {"at": line.at.isoformat(), "title": line.title, "tone": "red" if line.met is False else ""}
        for line in rules.moments(queries.lines(row, actor, clock.now()), STOPS)
    ]
    return JsonResponse({"title": row.title, "lines": told})


@requires("aftermath.view")
@require_GET
def document(request: HttpRequest, pk: UUID, form: str) -> HttpResponse:
    """The review as PDF or Word file, or every line as a spreadsheet."""
    actor, now = _actor(request), clock.now()
    row = queries.review(pk, actor)
    lines = queries.lines(row, actor, now)
    made: dict[str, tuple[Callable[[], bytes], str]] = {
        "pdf": (lambda: pdf(presenting.document(row, lines, actor, now)), "application/pdf"),
        "docx": (lambda: docx(presenting.document(row, lines, actor, now)), WORD),
        "xlsx": (lambda: presenting.sheet(lines), SHEET),
    }
    if form not in made:
        raise NotFound(what=form)
    render_, kind = made[form]
    answer = HttpResponse(render_(), content_type=kind)
    answer["Content-Disposition"] = f'{"inline" if form == "pdf" else "attachment"}; filename="review-{pk}.{form}"'
    return answer


def _done(request: HttpRequest, pk: UUID, verb: Callable[[], object]) -> HttpResponse:
    try:
        verb()
    except Refusal as refusal:
        return _show(request, queries.review(pk, _actor(request)), refusal)
    return redirect("aftermath:detail", pk)


@requires("aftermath.view")
@require_POST
def act(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Write, submit, return, issue or drop."""
    actor, now, words = _actor(request), clock.now(), request.POST.get("reason", "").strip()
    row = queries.review(pk, actor)
    said = {name: request.POST[name] for name in ("achieved", "failed") if name in request.POST}
    verbs: dict[str, Callable[[], object]] = {
        "write": lambda: services.write(row, said, actor=actor, now=now),
        "submit": lambda: services.submit(row, actor=actor, now=now),
        "return": lambda: services.send_back(row, words, actor=actor, now=now),
        "issue": lambda: services.issue(row, actor=actor, now=now),
        "drop": lambda: services.drop(row, words, actor=actor, now=now),
    }
    if code not in verbs:
        raise NotFound(what=code)
    return _done(request, pk, verbs[code])


@requires("aftermath.write")
@require_POST
def add_lesson(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note a lesson."""
    actor = _actor(request)
    row = queries.review(pk, actor)
    form = forms.LessonForm(request.POST, prefix="lesson", areas=presenting.area_names(row))
    if not form.is_valid():
        errors = [(name, f"{form.fields[name].label}：{error}") for name, found in form.errors.items() for error in found]
        return _show(request, row, None, lesson_form=form, lesson_errors=errors)
    return _done(request, pk, lambda: services.note_lesson(row, form.cleaned_data, actor=actor, now=clock.now()))


@requires("aftermath.view")
@require_POST
def lesson_move(request: HttpRequest, pk: UUID, lesson: UUID, code: str) -> HttpResponse:
    """Finish, verify, reopen or strike a lesson."""
    actor, now, words = _actor(request), clock.now(), request.POST.get("words", "").strip()
    row: Lesson = queries.lesson(queries.review(pk, actor), lesson)
    verbs: dict[str, Callable[[], object]] = {
        "finish": lambda: services.finish(row, words, actor=actor, now=now),
        "verify": lambda: services.verify(row, actor=actor, now=now),
        "reopen": lambda: services.reopen(row, words, actor=actor, now=now),
        "strike": lambda: services.strike(row, words, actor=actor, now=now),
    }
    if code not in verbs:
        raise NotFound(what=code)
    return _done(request, pk, verbs[code])
