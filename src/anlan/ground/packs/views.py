"""Pages of sector packs, and of an enterprise's answers to them."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from anlan.desk import panels
from anlan.desk.guard import ActorRequest, requires
from anlan.ground.enterprises import door as enterprises
from anlan.ground.packs import forms, presenting, queries, rules, services
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.ledger.changes import permit
from anlan.ledger.sources import law_day

PAGE = "packs.detail"
"""Name of a pack's page for panels of the rooms above; their subject is a ``door.PackSummary``."""


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


@requires("packs.view")
@require_GET
def pack_list(request: ActorRequest) -> HttpResponse:
    """Every pack with its version and what it holds."""
    return render(request, "packs/list.html", {"rows": presenting.list_rows(law_day(clock.now()))})


@requires("packs.view")
@require_GET
def pack_page(request: ActorRequest, code: str) -> HttpResponse:
    """One pack: its tables, what it does not hold, its versions, what changed. ``?version=``: another than the one that holds."""
    day = law_day(clock.now())
    pack = queries.edition(code, request.GET.get("version", "")[:20], day=day)
    versions = queries.versions(code)
    holding = rules.of_day(versions, day)
    label, tone = presenting.status(pack.status)
    head = queries.head(pack)
    context: dict[str, Any] = {
        "pack": pack,
        "name": presenting.name(pack),
        "note": queries.worded(head, "note"),
        "head": head,
        "sectors": presenting.sectors(pack),
        "applies": gettext(rules.APPLIES[head.applies]),
        "status_label": label,
        "tone": tone,
        "tables": presenting.tables(pack, day),
        "versions": versions,
        "holding": holding,
        "panels": panels.render(PAGE, queries.summary(pack), request),
        **presenting.changes(pack),
    }
    return render(request, "packs/pack.html", context)


@requires("packs.fill")
@require_http_methods(["GET", "POST"])
def fill(request: ActorRequest, enterprise_id: UUID, code: str) -> HttpResponse:
    """The form of an enterprise's answers; what is refused stands beside its input and nothing typed is lost."""
    actor, now = _actor(request), clock.now()
    chosen = _permitted(enterprise_id, actor)
    day = law_day(now)
    pack = next((row for row in queries.of_enterprise(chosen.id, day) if row.code == code), None)
    if pack is None:
        raise rules.NotConcerned(pack=presenting.name(queries.edition(code, day=day)))
    kept = next(iter(queries.facts(chosen.id, code)), None)
    first = {forms.SEEN: kept.number if kept is not None else 0, **forms.shown(kept.values if kept is not None else {})}
    rows = queries.rows_of(pack, "fields", rules.FieldRow, day)
    form = forms.FactsForm(request.POST or None, rows=rows, initial=first)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = dict(form.cleaned_data)
            seen = values.pop(forms.SEEN)
            try:
                services.save_facts(chosen.id, code, values, seen=seen, actor=actor, now=now)
                messages.success(request, gettext("行业信息已保存。"))
                return _back(chosen.id)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
                if isinstance(refusal, rules.FactsChanged):
                    # The page says who was faster; saved once more, what is typed holds.
                    form.data = {**request.POST.dict(), forms.SEEN: str(first[forms.SEEN])}
    heading = gettext("%(pack)s行业信息：%(name)s") % {"pack": presenting.name(pack), "name": chosen.name}
    return _form(request, form, heading, chosen.id, status)


@requires("packs.fill")
@require_http_methods(["GET", "POST"])
def mark(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Say that a pack concerns an enterprise, or does not."""
    actor, now = _actor(request), clock.now()
    chosen = _permitted(enterprise_id, actor)
    form = forms.MarkForm(request.POST or None, initial={"day": law_day(now), "pack": request.GET.get("pack", "")})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.mark(chosen.id, given["pack"], given["applies"] == "yes", reason=given["reason"], actor=actor, now=now)
                return _back(chosen.id)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    heading = gettext("设定适用的行业包：%(name)s") % {"name": chosen.name}
    return _form(request, form, heading, chosen.id, status)


def _permitted(enterprise_id: UUID, actor: Actor) -> enterprises.EnterpriseSummary:
    chosen = enterprises.enterprise(enterprise_id, actor)
    permit(actor, "packs.fill", place_code=chosen.place_code, enterprise_id=chosen.id, classification=chosen.classification)
    return chosen


def _back(enterprise_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("enterprises:file", args=[enterprise_id]) + "#sector-facts")


def _form(request: ActorRequest, form: Any, heading: str, enterprise_id: UUID, status: int) -> HttpResponse:
    context = {
        "form": form,
        "groups": form.grouped(),
        "errors": form.summary() if form.is_bound else [],
        "heading": heading,
        "back_url": reverse("enterprises:file", args=[enterprise_id]) + "#sector-facts",
        "draft_key": f"{_actor(request).account_id}:{request.path}",
        "version": None,
    }
    return render(request, "desk/resource/form.html", context, status=status)
