"""Pages of special works: asking for permits, one permit on a phone, the printed permit, conflicts, the enterprise's own hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk import offline, panels
from anlan.desk.braking import Brake
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence, wants_json
from anlan.ground.enterprises import door as enterprises
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.prevent.permits import presenting, queries, refusals, rules, services, sheet, signing, working
from anlan.prevent.permits.forms import FORMS, ActForm, DraftForm, GasForm, OwnRuleForm, shown
from anlan.prevent.permits.models import OwnRule, Permit

_SIGNATURES = Brake(a_minute=6, at_once=6)
"""How often one account may try to sign: a wrong password is a mistake, many are a guess."""
_LONGEST_AGO = 7 * 24 * 3600
VERBS: dict[str, Callable[..., Any]] = {
    "return": signing.send_back,
    "start": working.start,
    "resume": working.resume,
    "accept": working.accept,
    "reject": working.reject,
    "stop": working.stop,
    "release": working.release,
    "cancel": working.cancel,
}


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


def _key(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise NotFound(what=str(text)) from error


def _once(request: ActorRequest) -> UUID | None:
    """The key by which a phone names what it did; ``None`` for a page sent at once."""
    text = request.POST.get("once", "")
    return _key(text) if text else None


def _happened(request: ActorRequest, now: datetime) -> datetime | None:
    """When something was done that waited for a network: so many seconds ago by the phone's own count, whatever its clock says."""
    ago = request.POST.get("seconds_ago", "")
    return now - timedelta(seconds=min(int(ago), _LONGEST_AGO)) if ago.isdigit() and len(ago) < 10 else None


def _done(request: ActorRequest, url: str, words: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"url": url, "message": words})
    messages.success(request, words)
    return HttpResponseRedirect(url)


# --- asking ----------------------------------------------------------------------------------------------------------------------


@requires("permits.draft")
@require_http_methods(["GET", "POST"])
@offline.keeps_offline
def draft_page(request: ActorRequest) -> HttpResponse:
    """Ask for the permits of one work; without a network the form is kept on the phone and sent later."""
    actor, now = _actor(request), clock.now()
    wanted = request.POST.get("enterprise_id") or actor.enterprise_id or request.GET.get("enterprise", "")
    if not wanted:
        return _choose_enterprise(request)
    enterprise = enterprises.enterprise(_key(wanted), actor)
    first = {
        "enterprise_id": enterprise.id,
        "planned_from": shown(now + timedelta(minutes=30)),
        "planned_until": shown(now + timedelta(hours=6)),
        "longitude": enterprise.longitude,
        "latitude": enterprise.latitude,
        "work_unit": enterprise.display_name,
    }
    form = DraftForm(request.POST or None, initial=first)
    if request.method == "POST":
        if form.is_valid():
            try:
                work = services.draft(**form.values(), once=_once(request), actor=actor, now=now)
            except Refusal as refusal:
                if wants_json(request):
                    raise
                form.refuse(refusal)
            else:
                permits = queries.of_work(work.pk)
                numbers = "、".join(row.number for row in permits)
                return _done(request, queries.address(permits[0].pk), gettext("已申请作业票：%(numbers)s。") % {"numbers": numbers})
        elif wants_json(request):
            raise Invalid(fields=dict(form.summary()))
    context = {
        "form": form,
        "groups": [(label, [form[name] for name in names]) for label, names in form.GROUPS],
        "errors": form.summary() if form.is_bound else [],
        "enterprise": enterprise,
        "draft_key": f"{actor.account_id}:permits:{enterprise.id}",
    }
    return render(request, "permits/draft.html", context, status=422 if form.errors else 200)


def _choose_enterprise(request: ActorRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:60]
    found = enterprises.search(words, _actor(request), limit=20) if words else ()
    return render(request, "permits/choose.html", {"words": words, "found": found, "asked": bool(words)})


# --- one permit ------------------------------------------------------------------------------------------------------------------


@requires("permits.view")
@require_GET
@offline.keeps_offline
def detail_page(request: ActorRequest, permit_id: UUID) -> HttpResponse:
    """One permit: time left, what hinders, what may be done now, lines, samples, conflicts, history."""
    return _show(request, queries.permit(permit_id, _actor(request)))


def _show(
    request: ActorRequest, permit: Permit, bound: tuple[str, ActForm] | None = None, told: str = "", status: int = 200
) -> HttpResponse:
    actor = _actor(request)
    context = presenting.page(permit, actor, clock.now())
    context["offers"] = presenting.offers(permit, actor, bound)
    context["refusal_message"] = told
    context["panels"] = panels.render("permits.detail", permit, request)
    return render(request, "permits/detail.html", context, status=status)


@requires("permits.view")
@require_POST
def act(request: ActorRequest, permit_id: UUID, code: str) -> HttpResponse:
    """Do one thing upon a permit; what is refused is shown with everything that was typed, or as JSON to a phone that sends later."""
    permit = queries.permit(permit_id, _actor(request))
    if code in ("mark", "answer"):
        return _without_form(request, permit, code)
    if code not in FORMS:
        raise NotFound(what=code)
    form = FORMS[code](request.POST, permit=permit, actor=_actor(request), prefix=code)
    status = 422
    if form.is_valid():
        try:
            _do(request, permit, code, form)
        except Refusal as refusal:
            if wants_json(request):
                raise
            form.refuse(refusal)
            status = refusal.status
        else:
            words = gettext("已办理：%(move)s。") % {"move": gettext(rules.FLOW.move(code).label)}
            return _done(request, queries.address(permit_id), words)
    elif wants_json(request):
        raise Invalid(fields=dict(form.summary()))
    return _show(request, queries.permit(permit_id, _actor(request)), (code, form), status=status)


def _do(request: ActorRequest, permit: Permit, code: str, form: ActForm) -> None:
    actor, now = _actor(request), clock.now()
    seen = request.POST.get("seen", "")
    version = int(seen) if seen.isdigit() else None
    by: dict[str, Any] = {"actor": actor, "now": now}
    if code == "test":
        values = cast("GasForm", form).values()
        values["sampled_at"] = values["sampled_at"] or _happened(request, now) or now
        services.record_gas(permit.pk, **values, once=_once(request), **by)
    elif code == "pause":
        working.pause(permit.pk, cause=form.cleaned_data["cause"], happened_at=_happened(request, now), once=_once(request), **by)
    elif code in ("finish", "note_finish"):
        working.finish(permit.pk, happened_at=_happened(request, now), once=_once(request), **by)
    elif code == "approve":
        if not _SIGNATURES.takes(str(actor.account_id)):
            raise refusals.SignatureTooOften()
        values = dict(form.cleaned_data)
        values["supervisor_id"] = _key(values["supervisor_id"]) if values["supervisor_id"] else None
        signing.approve(permit.pk, **values, seen=version, **by)
    else:
        VERBS[code](permit.pk, **form.cleaned_data, seen=version, **by)


def _without_form(request: ActorRequest, permit: Permit, code: str) -> HttpResponse:
    """Lines of measures (``m-<number>``), and answers to conflicts."""
    actor, now = _actor(request), clock.now()
    answers = {int(name[2:]): str(value) for name, value in request.POST.items() if name.startswith("m-") and name[2:].isdigit()}
    try:
        if code == "mark":
            services.mark(
                permit.pk,
                answers=answers,
                other_measures=request.POST.get("other_measures"),
                complete="complete" in request.POST,
                happened_at=_happened(request, now),
                once=_once(request),
                actor=actor,
                now=now,
            )
            words = gettext("安全措施已保存。")
        else:
            signing.answer_conflict(
                permit.pk,
                other_id=_key(request.POST.get("other")),
                pair=request.POST.get("pair", ""),
                reason=request.POST.get("reason", ""),
                actor=actor,
                now=now,
            )
            words = gettext("冲突管控措施已保存。")
    except Refusal as refusal:
        # Lines that were answered are kept although the rest is not complete: they are saved apart from the hand-over.
        if isinstance(refusal, _KEEPS):
            services.mark(permit.pk, answers=answers, other_measures=request.POST.get("other_measures"), actor=actor, now=now)
        if wants_json(request) or refusal.status in (403, 404):
            raise
        message = sentence(refusal)
        return _show(request, queries.permit(permit.pk, actor), told=message, status=refusal.status)
    return _done(request, queries.address(permit.pk), words)


_KEEPS = (refusals.MeasuresOpen, refusals.MeasureNotMet, refusals.OtherMeasuresNeeded)


@requires("permits.view")
@require_GET
def permit_pdf(request: ActorRequest, permit_id: UUID) -> HttpResponse:
    """The permit on paper, after the form of the standard."""
    permit = queries.permit(permit_id, _actor(request))
    answer = HttpResponse(sheet.print_permit(permit, clock.now()), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{permit.number}.pdf"'
    return answer


# --- conflicts and own hours -----------------------------------------------------------------------------------------------------


@requires("permits.view")
@require_GET
def conflicts_page(request: ActorRequest) -> HttpResponse:
    """Works that endanger each other now, those not answered first; ``?enterprise=`` those of one enterprise, which the page says."""
    actor, now = _actor(request), clock.now()
    wanted = request.GET.get("enterprise", "")
    enterprise = enterprises.enterprise(_key(wanted), actor) if wanted else None
    context = {
        "rows": queries.live_conflicts(actor, now, within=None if enterprise is None else [enterprise.id]),
        "enterprise": enterprise,
        "nearby": queries.parameter_row("nearby_metres"),
        "data_time": now,
    }
    return render(request, "permits/conflicts.html", context)


@requires("permits.set_rules")
@require_http_methods(["GET", "POST"])
def rules_page(request: ActorRequest) -> HttpResponse:
    """How long permits last in the own enterprise: what the standard sets, and what the enterprise must or may set."""
    actor, now = _actor(request), clock.now()
    if actor.enterprise_id is None:
        raise NotFound(what=gettext("企业"))
    form = OwnRuleForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.set_own_rule(actor.enterprise_id, **form.cleaned_data, actor=actor, now=now)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
            except ValidationError as wrong:
                form.add_error(None, wrong)
            else:
                return _done(request, reverse("permits:rules"), gettext("本企业时限已保存。"))
    own = {row.kind: row for row in OwnRule.objects.filter(enterprise_id=actor.enterprise_id)}
    rows = [(gettext(rules.KINDS[row.kind]), queries.worded(row), row, own.get(row.kind)) for row in queries.grades(now)]
    context = {"form": form, "errors": form.summary() if form.is_bound else [], "rows": rows}
    return render(request, "permits/rules.html", context, status=status)
