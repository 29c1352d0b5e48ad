"""Pages of mutual aid, for whoever asks and for whoever is asked, and of people on scene."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.command.dispatch import aid, bringing, forms, queries, rules, scene
from anlan.command.dispatch.models import AidAnswer, AidRequest
from anlan.command.incidents import door as incidents
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.flows import available_moves


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _run(verb: Callable[[], object]) -> Refusal | None:
    try:
        verb()
    except Refusal as refusal:
        return refusal
    return None


def _told(refusal: Refusal | None) -> dict[str, Any]:
    return {"refusal_message": sentence(refusal) if refusal is not None else ""}


# --- asking ------------------------------------------------------------------------------------------------------------------------


@requires("dispatch.request")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, incident: UUID) -> HttpResponse:
    """Ask other bureaus for aid, for an incident and as wished for one of its tasks."""
    actor, now = _actor(request), clock.now()
    summary = incidents.incident(incident, actor)
    start: dict[str, Any] = {"needed_by": forms.moment(now + timedelta(hours=1)), "meeting_point": summary.location}
    if request.GET.get("task"):
        task = incidents.task(request.GET["task"], actor, now)
        start |= {"title": task.title[:120], "task_id": task.id, "capability": task.capability}
    own = {"place_code": summary.place_code, "own": actor.organisation_id}
    form = forms.AskForm(request.POST or None, initial=start, **own)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            made = aid.ask(incident, form.cleaned_data, [UUID(each) for each in form.cleaned_data["units"]], actor=actor, now=now)
            return redirect(queries.request_address(made.pk))
        except Refusal as caught:
            refusal = caught
    context = {"form": form, "incident": summary, **_told(refusal)}
    return render(request, "dispatch/ask.html", context, status=422 if form.errors or refusal else 200)


@requires("dispatch.view")
@require_GET
def show_request(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was asked, and what each bureau answers."""
    return _show_request(request, queries.request(pk, _actor(request)))


def _show_request(request: HttpRequest, row: AidRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor = _actor(request)
    answers = list(row.answers.select_related("organisation").order_by("opened_at", "id"))
    context = {
        "row": row,
        "answers": answers,
        "costs": sum((each.cost for each in answers if each.cost is not None), Decimal(0)),
        "may": row.state == rules.OPEN and actor.may("dispatch.request", place_code=row.place_code, classification=row.classification),
        **_told(refusal),
    }
    return render(request, "dispatch/request.html", context, status=refusal.status if refusal else 200)


@requires("dispatch.request")
@require_POST
def request_move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """``end`` or ``withdraw`` a request."""
    actor, now = _actor(request), clock.now()
    row = queries.request(pk, actor)
    verbs: dict[str, Callable[[], object]] = {
        "end": lambda: aid.end(row, actor=actor, now=now),
        "withdraw": lambda: aid.withdraw(row, request.POST.get("reason", ""), actor=actor, now=now),
    }
    refusal = _run(_known(verbs, code))
    return redirect(queries.request_address(pk)) if refusal is None else _show_request(request, row, refusal)


@requires("dispatch.request")
@require_POST
def say(request: HttpRequest, pk: UUID, answer: UUID, code: str) -> HttpResponse:
    """What the asker says to an answer: ``agree``, ``arrived``, ``release``."""
    actor, now = _actor(request), clock.now()
    row = queries.answer_to(pk, answer, actor)
    verbs: dict[str, Callable[[], object]] = {
        "agree": lambda: aid.agree(row, actor=actor, now=now),
        "arrived": lambda: aid.arrived(row, actor=actor, now=now),
        "release": lambda: aid.release(row, actor=actor, now=now),
    }
    refusal = _run(_known(verbs, code))
    return redirect(queries.request_address(pk)) if refusal is None else _show_request(request, queries.request(pk, actor), refusal)


def _known(verbs: dict[str, Callable[[], object]], code: str) -> Callable[[], object]:
    if code not in verbs:
        raise NotFound(what=code)
    return verbs[code]


# --- being asked -------------------------------------------------------------------------------------------------------------------


@requires("dispatch.view")
@require_GET
def show_answer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a neighbour asks, as far as it tells; answered, sent and taken home here."""
    return _show_answer(request, queries.answer(pk, _actor(request)))


def _show_answer(request: HttpRequest, row: AidAnswer, refusal: Refusal | None = None, form: forms.OfferForm | None = None) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    start = {"expected_at": forms.moment(row.request.needed_by)}
    course = incidents.timeline(row.request.incident_id, _system(), now) if row.request.shared and not row.is_closed else ()
    context = {
        "row": row,
        "asked": row.request,
        "moves": {move.code for move in available_moves(row, actor)},
        "form": form or forms.OfferForm(initial=start, known=bringing.choices(row, actor, now) if row.state == rules.ASKED else []),
        "course": course[-60:],
        **_told(refusal),
    }
    status = refusal.status if refusal else 422 if form is not None else 200
    return render(request, "dispatch/answer.html", context, status=status)


def _system() -> Actor:
    """Reads the course for a bureau that was let in by whoever asked it."""
    return aid.MESSENGER


@requires("dispatch.answer")
@require_POST
def answer_move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """``offer``, ``decline``, ``send`` or ``back``."""
    actor, now = _actor(request), clock.now()
    row = queries.answer(pk, actor)
    if code == "offer":
        form = forms.OfferForm(request.POST, known=bringing.choices(row, actor, now))
        if not form.is_valid():
            return _show_answer(request, row, form=form)
        refusal = _run(lambda: aid.offer(row, form.cleaned_data, actor=actor, now=now))
    else:
        words = request.POST.get("reason", "").strip()
        verbs: dict[str, Callable[[], object]] = {
            "decline": lambda: aid.decline(row, words, actor=actor, now=now),
            "send": lambda: aid.send(row, actor=actor, now=now),
            "back": lambda: aid.came_back(row, _money(request.POST.get("cost", "")), words, actor=actor, now=now),
        }
        refusal = _run(_known(verbs, code))
    return redirect(queries.answer_address(pk)) if refusal is None else _show_answer(request, queries.answer(pk, actor), refusal)


def _money(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        return None
    return value.quantize(Decimal("0.01")) if value.is_finite() and 0 <= value < 10**12 else None


# --- people on scene ---------------------------------------------------------------------------------------------------------------


@requires("dispatch.view")
@require_GET
def show_scene(request: HttpRequest, incident: UUID) -> HttpResponse:
    """Who is inside, who is overdue, the roll of a signal."""
    return _show_scene(request, incident)


def _show_scene(request: HttpRequest, incident: UUID, refusal: Refusal | None = None, form: forms.EnterForm | None = None) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    summary = incidents.incident(incident, actor)
    rows = list(queries.presences(incident, actor).order_by("check_by"))
    live = list(queries.signals(incident, actor).filter(state=rules.SIGNALLED))

    def may(action: str) -> bool:
        return summary.closed_at is None and actor.may(action, place_code=summary.place_code, classification=summary.classification)

    context = {
        "incident": summary,
        "inside": [row for row in rows if row.state == rules.INSIDE],
        "out": sorted((row for row in rows if row.state == rules.OUT), key=lambda row: row.closed_at or now, reverse=True)[:100],
        "signals": [(row, list(queries.unaccounted(row))) for row in live],
        "past_signals": queries.signals(incident, actor).exclude(state=rules.SIGNALLED),
        "figures": queries.on_scene(incident, actor, now),
        "now": now,
        "sectors": queries.sectors(incident),
        "may_account": may("dispatch.account"),
        "may_signal": may("dispatch.signal"),
        "form": form or forms.EnterForm(label_suffix=""),
        "default_minutes": int(scene.minutes("check_minutes", now).total_seconds() // 60),
        **_told(refusal),
    }
    status = refusal.status if refusal else 422 if form is not None else 200
    return render(request, "dispatch/scene.html", context, status=status)


@requires("dispatch.account")
@require_POST
def enter(request: HttpRequest, incident: UUID) -> HttpResponse:
    """Register that somebody goes in."""
    form = forms.EnterForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _show_scene(request, incident, form=form)
    refusal = _run(lambda: scene.enter(incident, form.cleaned_data, actor=_actor(request), now=clock.now()))
    return redirect(queries.scene_address(incident)) if refusal is None else _show_scene(request, incident, refusal)


@requires("dispatch.account")
@require_POST
def presence_move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """``check_in`` or ``leave``."""
    actor, now = _actor(request), clock.now()
    row = queries.presence(pk, actor)
    verbs: dict[str, Callable[[], object]] = {
        "check_in": lambda: scene.check_in(row, actor=actor, now=now),
        "leave": lambda: scene.leave(row, request.POST.get("note", ""), actor=actor, now=now),
    }
    refusal = _run(_known(verbs, code))
    return redirect(queries.scene_address(row.incident_id)) if refusal is None else _show_scene(request, row.incident_id, refusal)


@requires("dispatch.signal")
@require_POST
def signal(request: HttpRequest, incident: UUID) -> HttpResponse:
    """Everybody out, of one sector or of all."""
    actor = _actor(request)
    chosen = request.POST.get("sector", "")
    sector = next((row for row in queries.sectors(incident) if str(row.pk) == chosen), None)
    reason = request.POST.get("reason", "").strip() or _("现场指挥下令撤离")
    refusal = _run(lambda: scene.signal(incident, reason, sector, actor=actor, now=clock.now()))
    return redirect(queries.scene_address(incident)) if refusal is None else _show_scene(request, incident, refusal)


@requires("dispatch.signal")
@require_POST
def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a signal back."""
    actor = _actor(request)
    row = queries.signal(pk, actor)
    refusal = _run(lambda: scene.revoke(row, request.POST.get("reason", ""), actor=actor, now=clock.now()))
    return redirect(queries.scene_address(row.incident_id)) if refusal is None else _show_scene(request, row.incident_id, refusal)
