"""Pages of the field app on a phone (report, my tasks, check-in, position, install), and of the desk that verifies what was reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.command.fieldapp import queries, rules, services
from anlan.command.fieldapp.models import FieldReport
from anlan.command.incidents import door as incidents
from anlan.desk import offline
from anlan.desk.guard import ActorRequest, public, requires
from anlan.desk.refusals import sentence, wants_json
from anlan.ground.evidence import door as evidence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.kernel.ids import new_id
from anlan.ledger.flows import available_moves

NO_KEY = UUID(int=0)
"""Stands in an address for the key that the phone will choose."""


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


# --- what a phone sends -----------------------------------------------------------------------------------------------------------


def _number(request: HttpRequest, name: str) -> float | None:
    try:
        return float(request.POST.get(name, "") or "nan") if request.POST.get(name) else None
    except ValueError as error:
        raise rules.PointWrong from error


def _key(request: HttpRequest, name: str) -> UUID | None:
    text = request.POST.get(name, "")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise NotFound(what=text[:40]) from error


def _ago(request: HttpRequest) -> int:
    text = request.POST.get("seconds_ago", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _phone_at(request: HttpRequest) -> datetime | None:
    """The phone's own clock in milliseconds since 1970; ``None`` where it told none, or nonsense."""
    text = request.POST.get("phone_at", "")
    if not (text.isdecimal() and len(text) <= 14):
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def _done(request: HttpRequest, url: str, message: str, remark: str = "") -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"url": url, "message": message, "remark": remark})
    return HttpResponseRedirect(url)


@requires("fieldapp.send")
@require_GET
@offline.keeps_offline
def home(request: HttpRequest) -> HttpResponse:
    """The start page of a phone: one button to report, what is to be done, and a word that all is well."""
    return _home(request)


def _home(request: HttpRequest, refusal: Refusal | None = None) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    may_do = actor.may_somewhere("incidents.do_task")
    context = {
        "kinds": [(code, _(label)) for code, label in rules.KINDS.items()],
        "tasks": incidents.my_tasks(actor, now) if may_do else (),
        "may_do": may_do,
        "own": queries.own(actor),
        "picture_url": reverse("fieldapp:picture", args=[NO_KEY]),
        "refusal_message": sentence(refusal) if refusal is not None else "",
        "typed": request.POST,
        "now": now,
    }
    return render(request, "fieldapp/home.html", context, status=refusal.status if refusal is not None else 200)


@requires("fieldapp.send")
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Keep a report. The first sending is small; pictures follow it under its key."""
    actor, now = _actor(request), clock.now()
    try:
        told = services.Sent(
            once=_key(request, "once") or new_id(),
            kind=request.POST.get("kind", ""),
            words=request.POST.get("words", ""),
            location=request.POST.get("location", ""),
            longitude=_number(request, "longitude"),
            latitude=_number(request, "latitude"),
            accuracy_m=_number(request, "accuracy"),
            seconds_ago=_ago(request),
            phone_at=_phone_at(request),
            incident_id=_key(request, "incident"),
        )
        report = services.send(told, actor=actor, now=now)
    except Refusal as refusal:
        if wants_json(request) or refusal.status in (403, 404):
            raise
        return _home(request, refusal)
    remark = _("手机时钟与平台相差 %(n)s 秒，已按平台时间记录。") % {"n": report.clock_off_s} if report.clock_off_s else ""
    return _done(request, queries.address(report.pk), _("已收到，值班员已得到通知。"), remark)


@requires("fieldapp.send")
@require_POST
def add_picture(request: HttpRequest, once: UUID) -> HttpResponse:
    """Keep one picture of a report (``photo``)."""
    file = request.FILES.get("photo")
    if file is None:
        raise Invalid({"photo": _("没有收到照片，请重新选择。")})
    report = services.add_picture(once, cast("evidence.File", file), actor=_actor(request), now=clock.now())
    return _done(request, queries.address(report.pk), _("照片已保存。"))


@requires("fieldapp.send")
@require_POST
def check_in(request: HttpRequest) -> HttpResponse:
    """Say that all is well, where there is a task for it."""
    return _step(request, rules.CHECK_IN, _key(request, "task"))


@requires("incidents.do_task")
@require_POST
def task_step(request: HttpRequest, task: UUID, code: str) -> HttpResponse:
    """Move one of one's own tasks from the phone."""
    return _step(request, code, task)


def _step(request: HttpRequest, kind: str, task_id: UUID | None) -> HttpResponse:
    spot = {name: _number(request, name) for name in ("longitude", "latitude")}
    told: dict[str, Any] = {"task_id": task_id, "words": request.POST.get("words", ""), "spot": spot, "seconds_ago": _ago(request)}
    try:
        services.tell(_key(request, "once") or new_id(), kind, **told, actor=_actor(request), now=clock.now())
    except Refusal as refusal:
        if wants_json(request) or refusal.status in (403, 404):
            raise
        return _home(request, refusal)
    return _done(request, reverse("fieldapp:home"), _("已收到。"))


@requires("fieldapp.send")
@require_POST
def position(request: HttpRequest) -> HttpResponse:
    """Data: where the phone of somebody who agreed to it is."""
    longitude, latitude = _number(request, "longitude"), _number(request, "latitude")
    if longitude is None or latitude is None:
        raise rules.PointWrong
    fix = services.Fix(longitude, latitude, _number(request, "accuracy") or 0.0, _number(request, "battery"))
    services.locate(fix, actor=_actor(request), now=clock.now())
    return JsonResponse({"message": _("位置已上报。")})


# --- on the home screen -------------------------------------------------------------------------------------------------------------


@public
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """Data: how a phone puts the app on its home screen."""
    icon = {"src": reverse("desk:icon"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    told = {
        "name": _("安澜 一键上报"),
        "short_name": _("安澜"),
        "lang": get_language(),
        "start_url": reverse("fieldapp:home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#0b2f57",
        "theme_color": "#0b2f57",
        "icons": [icon],
    }
    return JsonResponse(told, content_type="application/manifest+json")


@requires("fieldapp.send")
@require_GET
def install(request: HttpRequest) -> HttpResponse:
    """How the app comes onto a phone: a code to scan, and three steps in plain words."""
    link = request.build_absolute_uri(reverse("fieldapp:home"))
    qr = segno.make(link, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=False)
    return render(request, "fieldapp/install.html", {"link": link, "qr": qr, "secure": request.is_secure()})


# --- at the desk --------------------------------------------------------------------------------------------------------------------


@requires("desk.view")
@require_GET
@offline.keeps_offline
def report(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One report: what, where, when by which clock, pictures; and what becomes of it."""
    return _show(request, queries.report(pk, _actor(request)))


def _show(request: HttpRequest, row: FieldReport, refusal: Refusal | None = None) -> HttpResponse:
    actor = _actor(request)
    context = {
        "row": row,
        "pictures": evidence.list_for("fieldapp.fieldreport", row.pk, actor) if actor.may_somewhere("evidence.view") else (),
        "moves": [(move.code, _(move.label), move.danger, move.reason_required) for move in available_moves(row, actor)],
        "sees_filing": row.filing_id is not None and actor.may_somewhere("filings.view"),
        "mine": row.sender_id == actor.account_id,
        "may_send": actor.may_somewhere("fieldapp.send"),
        "refusal_message": sentence(refusal) if refusal is not None else "",
    }
    return render(request, "fieldapp/report.html", context, status=refusal.status if refusal is not None else 200)


@requires("fieldapp.verify")
@require_POST
def move(request: ActorRequest, pk: UUID, code: str) -> HttpResponse:
    """``file``, ``verify`` or ``dismiss`` a report; ``file`` goes on to the draft."""
    actor, now = _actor(request), clock.now()
    row = queries.report(pk, actor)
    reason = request.POST.get("reason", "").strip()
    verbs: dict[str, Callable[[], FieldReport]] = {"file": lambda: services.file(row, actor=actor, now=now)}
    verb = verbs.get(code, lambda: services.settle(row, code, reason, actor=actor, now=now))
    try:
        done = verb()
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        return _show(request, row, refusal)
    if code == "file":
        return redirect("filings:detail", done.filing_id)
    return redirect(queries.address(done.pk))
