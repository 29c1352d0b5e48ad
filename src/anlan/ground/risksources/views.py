"""Pages of hazard sources: the page of one, registering and changing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from anlan.desk import panels
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource import find_for_model
from anlan.desk.resource.detail import Difference, HistoryLine, history
from anlan.ground.enterprises import door as enterprises
from anlan.ground.places import door as places
from anlan.ground.risksources import forms, kinds, queries, rules, services, wording
from anlan.ground.risksources.models import RiskSource
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.changes import permit

PAGE = "risksources.detail"
"""Name of the page of a hazard source for panels of the rooms above."""


def _source(source_id: UUID, actor: Actor) -> RiskSource:
    row = queries.risk_sources(actor).filter(pk=source_id).first()
    if row is None:
        raise NotFound(what=_("危险源"))
    return row


@requires("risksources.view")
@require_GET
def file_page(request: ActorRequest, source_id: UUID) -> HttpResponse:
    """Everything known of one hazard source."""
    actor = cast(Actor, request.actor)
    row = _source(source_id, actor)
    scope: dict[str, Any] = {"place_code": row.place_code, "enterprise_id": row.enterprise_id}
    plain = actor.may("enterprises.view_contacts", **scope)
    site = enterprises.site(row.site_id) if row.site_id else None
    context = {
        "row": row,
        "enterprise": enterprises.enterprise(row.enterprise_id),
        "site": site,
        "place": places.full_name(row.place_code),
        "kind": wording.kind_label(row.kind),
        "major": wording.major_label(row),
        "major_tone": wording.tone_of(row),
        "state_tone": wording.STATE_TONES.get(row.state, "grey"),
        "overfilled": wording.overfilled(row),
        "attributes": wording.attribute_lines(row),
        "answers": [
            (_(label), getattr(row, f"{role}_name"), _phone(getattr(row, f"{role}_phone"), plain)) for role, label in rules.ANSWERS.items()
        ],
        "may_change": actor.may("risksources.change", **scope, classification=row.classification),
        "panels": panels.render(PAGE, row, request),
        "history": _history(row, plain),
        "list_url": reverse("desk:risksources-list"),
    }
    return render(request, "risksources/file.html", context)


def _history(row: RiskSource, plain: bool) -> list[HistoryLine]:
    """The record's history; telephone numbers in it are masked like those on the page."""
    resource = find_for_model(RiskSource)
    lines = history(resource, row) if resource is not None else []
    if plain:
        return lines
    phones = {str(cast("Any", RiskSource._meta.get_field(f"{role}_phone")).verbose_name) for role in rules.ANSWERS}
    return [replace(line, differences=[_masked(d) if str(d.label) in phones else d for d in line.differences]) for line in lines]


def _masked(difference: Difference) -> Difference:
    return replace(
        difference,
        before=enterprises.masked_phone(difference.before),
        after=enterprises.masked_phone(difference.after),
    )


def _phone(number: str, plain: bool) -> str:
    return number if plain or not number else enterprises.masked_phone(number)


@requires("risksources.register")
@require_http_methods(["GET", "POST"])
def register(request: ActorRequest, enterprise_id: UUID, kind: str) -> HttpResponse:
    """Enter a hazard source of an enterprise; the kind in the address decides which attributes are asked for."""
    actor = cast(Actor, request.actor)
    enterprise = enterprises.enterprise(enterprise_id, actor)
    permit(
        actor,
        "risksources.register",
        place_code=enterprise.place_code,
        enterprise_id=enterprise.id,
        classification=enterprise.classification,
    )
    row = kinds.kind(kind)
    form = forms.RiskSourceForm(row.code, enterprise.id, request.POST or None, initial={"state": rules.IN_USE})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.register_risk_source(enterprise.id, actor=actor, now=clock.now(), **form.values())
            return HttpResponseRedirect(reverse("risksources:file", args=[made.pk]))
        except Refusal as refusal:
            form.refuse(refusal)
    heading = _("登记%(kind)s：%(name)s") % {"kind": wording.kind_label(row.code), "name": enterprise.name}
    return _answer(request, form, heading, reverse("enterprises:file", args=[enterprise.id]), None)


@requires("risksources.change")
@require_http_methods(["GET", "POST"])
def change(request: ActorRequest, source_id: UUID) -> HttpResponse:
    """Correct a hazard source; its kind stays."""
    actor = cast(Actor, request.actor)
    row = _source(source_id, actor)
    permit(actor, "risksources.change", record=row)
    version: int | None = row.version
    if request.method == "POST":
        form = forms.RiskSourceForm(row.kind, row.enterprise_id, request.POST)
        sent = request.POST.get("version", "")
        version = int(sent) if sent.isdigit() else None
        if form.is_valid():
            try:
                services.change_risk_source(row.pk, actor=actor, now=clock.now(), version=version, **form.values())
                return HttpResponseRedirect(reverse("risksources:file", args=[row.pk]))
            except Refusal as refusal:
                form.refuse(refusal)
    else:
        form = forms.RiskSourceForm(row.kind, row.enterprise_id, initial=forms.initial_of(row))
    heading = _("修改：%(name)s") % {"name": row.name}
    return _answer(request, form, heading, reverse("risksources:file", args=[row.pk]), version)


def _answer(request: ActorRequest, form: forms.RiskSourceForm, heading: str, back_url: str, version: int | None) -> HttpResponse:
    context = {
        "form": form,
        "groups": form.grouped(),
        "errors": form.summary() if form.is_bound else [],
        "heading": heading,
        "back_url": back_url,
        "draft_key": f"{cast(Actor, request.actor).account_id}:{request.path}",
        "version": version,
    }
    return render(request, "desk/resource/form.html", context, status=422 if form.is_bound else 200)


@requires("risksources.register")
@require_GET
def choose_enterprise(request: ActorRequest) -> HttpResponse:
    """A new hazard source begins with its enterprise: ``?q=`` finds it."""
    words = request.GET.get("q", "").strip()[:100]
    found = enterprises.search(words, cast(Actor, request.actor), limit=30) if words else ()
    return render(
        request,
        "risksources/choose_enterprise.html",
        {"words": words, "found": [(row, places.place_name(row.place_code)) for row in found]},
    )


@requires("risksources.register")
@require_GET
def choose_kind(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """``?kind=tank`` leads to its form; without one the kinds are offered."""
    kind = request.GET.get("kind", "")
    if kind:
        return HttpResponseRedirect(reverse("risksources:register", args=[enterprise_id, kinds.kind(kind).code]))
    enterprise = enterprises.enterprise(enterprise_id, cast(Actor, request.actor))
    return render(request, "risksources/choose_kind.html", {"enterprise": enterprise, "kinds": wording.kind_choices()})
