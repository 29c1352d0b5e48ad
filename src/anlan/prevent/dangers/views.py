"""Pages of hidden dangers: registering one (also on a phone), one danger with everything that may be done upon it now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk import panels
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.ground.enterprises import door as enterprises
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.prevent.dangers import presenting, queries, rules, services, supervising
from anlan.prevent.dangers.forms import FORMS, WITH_PICTURES, ActForm, ReportForm, shown
from anlan.prevent.dangers.models import Danger
from anlan.sense.alarms import door as alarms

VERBS: dict[str, Callable[..., Any]] = {
    "grade": services.grade,
    "regrade": services.grade,
    "order": services.order,
    "start": services.start,
    "fix_at_once": services.rectify,
    "rectify": services.rectify,
    "verify": services.verify,
    "send_back": services.send_back,
    "close": services.close,
    "cancel": services.cancel,
    "report_up": supervising.report_up,
    "ask_extension": supervising.ask_extension,
    "decide_extension": supervising.decide_extension,
    "suspend": supervising.suspend,
    "resume": supervising.resume,
    "hand_over": supervising.hand_over,
    "list": supervising.put_on_list,
    "ask_acceptance": supervising.ask_acceptance,
    "delist": supervising.take_off_list,
    "publish": supervising.publish,
    "reward": supervising.compute_reward,
}


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


def _files(request: ActorRequest) -> list[UploadedFile]:
    return [file for name in ("photo", "file") for file in request.FILES.getlist(name)]


def _tell_refused(request: ActorRequest, refused: tuple[Refusal, ...]) -> None:
    for refusal in refused:
        messages.error(request, sentence(refusal))


# --- registering -----------------------------------------------------------------------------------------------------------------


def _first(request: ActorRequest) -> dict[str, Any]:
    """What is known before anything is typed: now, here, the enterprise, and what an alarm says."""
    actor = _actor(request)
    values: dict[str, Any] = {
        "found_at": shown(clock.now()),
        "enterprise_id": actor.enterprise_id or request.GET.get("enterprise", ""),
        "source": rules.SELF_CHECK if actor.enterprise_id is not None else rules.INSPECTION,
        "sector": "other",
    }
    values |= {name: request.GET[name][:4000] for name in ("title", "location", "description") if request.GET.get(name)}
    if request.GET.get("alarm"):
        alarm = alarms.alarm(_key(request.GET["alarm"]), actor)
        values |= {
            "enterprise_id": alarm.enterprise_id,
            "source": rules.ALARM,
            "source_id": alarm.id,
            "title": alarm.title,
            "location": alarm.title[:160],
            "description": alarm.says,
            "found_at": shown(alarm.raised_at),
            "longitude": alarm.longitude,
            "latitude": alarm.latitude,
            "exercise": alarm.exercise,
        }
    if values["enterprise_id"]:
        chosen = enterprises.enterprise(_key(values["enterprise_id"]), actor)
        values["sector"] = rules.SECTOR_OF.get(chosen.sector_code, "other")
    return values


def _key(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise NotFound(what=str(text)) from error


@requires("dangers.report")
@require_http_methods(["GET", "POST"])
def report_page(request: ActorRequest) -> HttpResponse:
    """Register a hidden danger: first the enterprise (where it is not the actor's own), then one short form with pictures."""
    actor = _actor(request)
    first = _first(request) if request.method == "GET" else {}
    if first.get("source_id"):
        known = queries.dangers(actor).filter(source=first["source"], source_id=first["source_id"]).first()
        if known is not None:
            return HttpResponseRedirect(queries.address(known.pk))
    wanted = request.POST.get("enterprise_id") or first.get("enterprise_id")
    if not wanted:
        return _choose_enterprise(request)
    form = ReportForm(request.POST or None, actor=actor, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            danger = services.report(**form.cleaned_data, actor=actor, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            _kept, refused = services.add_pictures(danger, _files(request), actor=actor, now=clock.now())
            messages.success(request, gettext("隐患已登记。"))
            _tell_refused(request, refused)
            return HttpResponseRedirect(queries.address(danger.pk))
    context = {
        "form": form,
        "errors": form.summary() if form.is_bound else [],
        "enterprise": enterprises.enterprise(_key(wanted), actor),
        "may_attach": actor.may_somewhere("evidence.attach"),
        "draft_key": f"{actor.account_id}:dangers:{wanted}",
    }
    return render(request, "dangers/report.html", context, status=422 if form.errors else 200)


def _choose_enterprise(request: ActorRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:60]
    found = enterprises.search(words, _actor(request), limit=20) if words else ()
    return render(request, "dangers/choose.html", {"words": words, "found": found, "asked": bool(words)})


# --- one danger ------------------------------------------------------------------------------------------------------------------


@requires("dangers.view")
@require_GET
def detail_page(request: ActorRequest, danger_id: UUID) -> HttpResponse:
    """One danger: grade, countdown, pictures before and after, history, and what may be done now."""
    return _show(request, queries.danger(danger_id, _actor(request)))


def _show(request: ActorRequest, danger: Danger, bound: tuple[str, ActForm] | None = None, status: int = 200) -> HttpResponse:
    actor = _actor(request)
    context = presenting.page(danger, actor, clock.now())
    context["offers"] = presenting.offers(danger, actor, bound)
    context["panels"] = panels.render("dangers.detail", danger, request)
    return render(request, "dangers/detail.html", context, status=status)


@requires("dangers.view")
@require_POST
def act(request: ActorRequest, danger_id: UUID, code: str) -> HttpResponse:
    """Make one move of the flow, or do one act; what is refused is shown with everything that was typed."""
    actor = _actor(request)
    danger = queries.danger(danger_id, actor)
    if code not in VERBS:
        raise NotFound(what=code)
    form = FORMS[code](request.POST, danger=danger, actor=actor, prefix=code)
    refused: tuple[Refusal, ...] = ()
    status = 422
    if form.is_valid():
        seen = request.POST.get("seen", "")
        try:
            if code in WITH_PICTURES and _files(request):
                round_ = services.open_round(danger_id, actor=actor, now=clock.now())
                _kept, refused = services.add_pictures(round_, _files(request), actor=actor, now=clock.now())
            values = _cleaned(form)
            VERBS[code](danger_id, **values, seen=int(seen) if seen.isdigit() else None, actor=actor, now=clock.now())
            _tell_refused(request, refused)
            messages.success(request, gettext("已办理：%(move)s。") % {"move": gettext(rules.FLOW.move(code).label)})
            return HttpResponseRedirect(queries.address(danger_id))
        except Refusal as refusal:
            form.refuse(refusal)
            status = refusal.status
    _tell_refused(request, refused)
    return _show(request, queries.danger(danger_id, actor), (code, form), status)


def _cleaned(form: ActForm) -> dict[str, Any]:
    values = dict(form.cleaned_data)
    if "organisation_id" in values:
        values["organisation_id"] = _key(values["organisation_id"]) if values["organisation_id"] else None
    return values


@requires("dangers.reward")
@require_POST
def paid(request: ActorRequest, danger_id: UUID) -> HttpResponse:
    """Record that a reward was paid."""
    try:
        supervising.note_payment(danger_id, note=request.POST.get("note", ""), actor=_actor(request), now=clock.now())
        messages.success(request, gettext("奖励发放已登记。"))
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        messages.error(request, sentence(refusal))
    return HttpResponseRedirect(reverse("dangers:detail", args=[danger_id]))
