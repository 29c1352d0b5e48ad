"""Pages of checks: the list of the day, one check on a phone, and its pictures; all of them may be kept for a place without network."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from anlan.desk import offline
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence, wants_json
from anlan.ground.evidence import door as evidence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.prevent.dangers import door as dangers
from anlan.prevent.risks import checking, presenting, queries, rules
from anlan.prevent.risks.models import CheckResult, CheckTask

_LONGEST_AGO = 7 * 24 * 3600
NO_KEY = UUID(int=0)
"""Stands in an address for the key that the phone will choose."""


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


@requires("risks.check")
@require_GET
@offline.keeps_offline
def today_page(request: ActorRequest) -> HttpResponse:
    """What this person has to check today: what is late first, then by deadline; what was done stands below."""
    now = clock.now()
    rows = list(queries.day_list(_actor(request), presenting.posts(_actor(request), now), now))
    waiting = [row for row in rows if row.state != rules.DONE]
    context = {
        "late": [row for row in waiting if row.overdue],
        "open": [row for row in waiting if not row.overdue],
        "done": [row for row in rows if row.state == rules.DONE],
        "outcome_tones": rules.OUTCOME_TONES,
        "now": now,
    }
    return render(request, "risks/today.html", context)


@requires("risks.view")
@require_GET
@offline.keeps_offline
def check_page(request: ActorRequest, task_id: UUID) -> HttpResponse:
    """One check: what to look at, three answers, a picture; and every result that came."""
    return _show(request, queries.one(queries.tasks(_actor(request)), task_id))


def _show(request: ActorRequest, task: CheckTask, told: str = "", status: int = 200) -> HttpResponse:
    actor = _actor(request)
    where = {"place_code": task.place_code, "enterprise_id": task.enterprise_id, "classification": task.classification}
    results = [(row, _danger(row, actor), evidence.list_for("risks.checkresult", row.pk, actor)) for row in task.results.all()]  # type: ignore[attr-defined]
    context = {
        "task": task,
        "tone": rules.TASK_TONES[task.state],
        "who": presenting.who(task),
        "period": queries.label("periods", task.period),
        "results": results,
        "outcomes": [(code, gettext(label)) for code, label in rules.OUTCOMES.items()],
        "outcome_tones": rules.OUTCOME_TONES,
        "may_check": actor.may("risks.check", **where) and task.state != rules.DONE,
        "may_attach": actor.may_somewhere("evidence.attach"),
        "picture_url": reverse("risks:picture", args=[NO_KEY]),
        "refusal_message": told,
        "typed": request.POST,
    }
    return render(request, "risks/check.html", context, status=status)


def _danger(row: CheckResult, actor: Actor) -> dangers.DangerSummary | None:
    if row.danger_id is None:
        return None
    try:
        return dangers.danger(row.danger_id, actor)
    except NotFound:
        return None


def _happened(request: ActorRequest, now: datetime) -> datetime:
    """When something was done that waited for a network: so many seconds ago by the phone's own count, whatever its clock says."""
    ago = request.POST.get("seconds_ago", "")
    return now - timedelta(seconds=min(int(ago), _LONGEST_AGO)) if ago.isdigit() and len(ago) < 10 else now


def _once(request: ActorRequest) -> UUID | None:
    text = request.POST.get("once", "")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise NotFound(what=text) from error


@requires("risks.check")
@require_POST
def do_check(request: ActorRequest, task_id: UUID) -> HttpResponse:
    """Keep a result. A phone is answered with JSON; a form sent whole has its pictures kept too, each by itself."""
    actor, now = _actor(request), clock.now()
    task: CheckTask = queries.one(queries.tasks(actor), task_id)
    given = {"outcome": request.POST.get("outcome", ""), "note": request.POST.get("note", "")[:2000]}
    try:
        result = checking.record(task.pk, **given, once=_once(request), happened_at=_happened(request, now), actor=actor, now=now)
    except Refusal as refusal:
        if wants_json(request) or refusal.status in (403, 404):
            raise
        return _show(request, task, sentence(refusal), refusal.status)
    words = gettext("“%(title)s”已有 %(name)s 的结果，您的结果已另存，请核对。") % {"title": task.title, "name": task.done_by_name}
    remark = words if result.second else ""
    if wants_json(request):
        return JsonResponse({"url": reverse("risks:today"), "message": gettext("排查结果已保存。"), "remark": remark})
    for file in cast("list[UploadedFile]", request.FILES.getlist("photo")):
        try:
            checking.add_picture(result.pk, file, actor=actor, now=now)
        except Refusal as refusal:
            messages.error(request, sentence(refusal))
    messages.success(request, remark or gettext("排查结果已保存。"))
    return HttpResponseRedirect(queries.task_url(task.pk))


@requires("risks.check")
@require_POST
def add_picture(request: ActorRequest, result_id: UUID) -> HttpResponse:
    """Keep one picture of a result (``photo``); what is refused is told and leaves everything else as it is."""
    file = request.FILES.get("photo")
    if file is None:
        raise Invalid({"photo": gettext("没有收到照片，请重新选择。")})
    result = checking.add_picture(result_id, cast("UploadedFile", file), actor=_actor(request), now=clock.now())
    if wants_json(request):
        return JsonResponse({"url": queries.task_url(result.task_id), "message": gettext("照片已保存。")})
    return HttpResponseRedirect(queries.task_url(result.task_id))
