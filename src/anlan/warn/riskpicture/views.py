"""Pages of the risk picture: the league of regions, the card of a subject, index versions with their back-tests."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.ledger.changes import permit
from anlan.warn.riskpicture import editing, presenting, queries, replaying, running, services


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


@requires("riskpicture.view")
@require_GET
def league(request: ActorRequest) -> HttpResponse:
    """Regions by grade with their trend, the worst first, page by page."""
    place = request.GET.get("place", "")
    place = place if place and places.exists(place) else ""
    told = presenting.league(_actor(request), request.GET.get("by", ""), place, request.GET.get("page", ""))
    return render(request, "riskpicture/league.html", told)


@requires("riskpicture.view")
@require_GET
def card(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """The live risk of one enterprise: grade, why, what would better it, how it moved."""
    row = queries.card(enterprise_id, _actor(request))
    return render(request, "riskpicture/card.html", presenting.card(row, _actor(request)))


@requires("riskpicture.view")
@require_GET
def grade(request: ActorRequest, grade_id: UUID) -> HttpResponse:
    """The same of any graded subject, by its own id: hazard sources have cards too."""
    row = queries.one(grade_id, _actor(request))
    return render(request, "riskpicture/card.html", presenting.card(row, _actor(request)))


@requires("riskpicture.view")
@require_GET
def index_list(request: ActorRequest) -> HttpResponse:
    """Index versions of the node."""
    return render(request, "riskpicture/indices.html", {"rows": list(queries.index_rows()), "run": queries.running_regrade()})


@requires("riskpicture.view")
@require_GET
def version(request: ActorRequest, version_id: UUID) -> HttpResponse:
    """One index version: its tables with sources, its back-tests, what may be done now."""
    return render(request, "riskpicture/version.html", editing.page(services.one(version_id), _actor(request)))


def _back(version_id: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("riskpicture:version", args=[version_id]))


@requires("riskpicture.draft")
@require_POST
def copy(request: ActorRequest, version_id: UUID) -> HttpResponse:
    """A new draft with the tables of this version."""
    told = {"note": request.POST.get("note", ""), "actor": _actor(request), "now": clock.now()}
    try:
        row = services.copy(version_id, request.POST.get("name", ""), **told)
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        page = editing.page(services.one(version_id), _actor(request), name=request.POST.get("name", ""), refused=sentence(refusal))
        return render(request, "riskpicture/version.html", page, status=refusal.status)
    messages.success(request, gettext("已复制为新版本，请修改后回测。"))
    return _back(row.pk)


@requires("riskpicture.draft")
@require_POST
def alter(request: ActorRequest, version_id: UUID, table: str) -> HttpResponse:
    """Keep the figures typed into one table; where they are refused they stay on the page."""
    typed = editing.typed(table, request.POST)
    try:
        services.alter(version_id, table, typed, actor=_actor(request), now=clock.now())
    except Refusal as refusal:
        if refusal.status == 403:
            raise
        page = editing.page(services.one(version_id), _actor(request), table=table, values=typed, refused=sentence(refusal))
        return render(request, "riskpicture/version.html", page, status=refusal.status)
    messages.success(request, gettext("已保存。修改后须重新回测。"))
    return _back(version_id)


@requires("riskpicture.draft")
@require_POST
def test(request: ActorRequest, version_id: UUID) -> HttpResponse:
    """Begin a back-test."""
    row = services.one(version_id)
    permit(_actor(request), "riskpicture.draft", record=row)
    days = int(text) if (text := request.POST.get("days", "")).isdigit() else replaying.DAYS
    replaying.start(row, days=days, step_h=replaying.STEP_H, by_name=_actor(request).name, now=clock.now())
    messages.success(request, gettext("回测已开始，完成后在本页显示结果。"))
    return _back(version_id)


@requires("riskpicture.enact")
@require_POST
def enact(request: ActorRequest, version_id: UUID) -> HttpResponse:
    """Put a version in force; everybody is graded anew in the background."""
    services.enact(version_id, actor=_actor(request), now=clock.now())
    messages.success(request, gettext("已启用，正在按新指标体系重新计算全部等级。"))
    return HttpResponseRedirect(reverse("riskpicture:indices"))


@requires("riskpicture.draft")
@require_POST
def cancel(request: ActorRequest, run_id: UUID) -> HttpResponse:
    """Ask a back-test or a regrading to stop."""
    run = queries.run(run_id)
    permit(_actor(request), "riskpicture.draft" if run.kind == run.BACKTEST else "riskpicture.enact", record=run.index)
    running.cancel(run.pk)
    messages.success(request, gettext("已请求停止，当前一批算完即停。"))
    return _back(run.index_id)
