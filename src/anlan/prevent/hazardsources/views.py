"""Pages of major hazard units: the unit, its form, its inventory, an assessment, what asks for one, and the filing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
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
from anlan.kernel.errors import Conflict, NotFound, Refusal
from anlan.ledger.changes import permit
from anlan.ledger.sources import law_day
from anlan.prevent.hazardsources import filing, forms, inventory, presenting, queries, reassessing, rules, services, tables
from anlan.prevent.hazardsources.inventory import Line
from anlan.prevent.hazardsources.models import HazardUnit

PAGE, MEMBER = "hazardsources.detail", "hazardsources.source"
"""Names of the page of a unit, and of each of its hazard sources on it, for panels of the rooms above."""


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


def _to(unit_id: UUID, anchor: str = "") -> HttpResponse:
    return HttpResponseRedirect(queries.address(unit_id) + (f"#{anchor}" if anchor else ""))


@requires("hazardsources.view")
@require_GET
def unit_page(request: ActorRequest, unit_id: UUID) -> HttpResponse:
    """Everything of one unit: level, what asks to assess anew, the sheet, the inventory, the filing, the history."""
    actor = _actor(request)
    unit = queries.unit(unit_id, actor)
    context = presenting.page(unit, actor, clock.now())
    context["panels"] = panels.render(PAGE, unit, request)
    context["harm"] = [
        (row, panels.render(MEMBER, presenting.Member(row.id, row.name, row.place_code, row.enterprise_id, row.classification), request))
        for row in context["members"]
    ]
    return render(request, "hazardsources/unit.html", context)


@requires("hazardsources.register")
@require_http_methods(["GET", "POST"])
def register(request: ActorRequest) -> HttpResponse:
    """A new unit: first the enterprise (where it is not the actor's own), then one form."""
    actor = _actor(request)
    wanted = str(actor.enterprise_id or request.GET.get("enterprise", ""))
    if not wanted:
        words = request.GET.get("q", "").strip()[:60]
        found = enterprises.search(words, actor, limit=30) if words else ()
        return render(request, "hazardsources/choose.html", {"words": words, "found": found, "asked": bool(words)})
    enterprise = enterprises.enterprise(_key(wanted), actor)
    permit(actor, "hazardsources.register", place_code=enterprise.place_code, enterprise_id=enterprise.id)
    form = forms.UnitForm(request.POST or None, enterprise_id=enterprise.id, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            unit = services.register_unit(enterprise.id, actor=actor, now=clock.now(), **form.values())
            messages.success(request, gettext("单元已登记，请填写物质清单。"))
            return HttpResponseRedirect(reverse("hazardsources:inventory", args=[unit.pk]))
        except Refusal as refusal:
            form.refuse(refusal)
    heading = gettext("登记单元：%(name)s") % {"name": enterprise.name}
    return _form(request, form, heading, reverse("enterprises:file", args=[enterprise.id]), None)


def _key(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise NotFound(what=str(text)) from error


@requires("hazardsources.register")
@require_http_methods(["GET", "POST"])
def change(request: ActorRequest, unit_id: UUID) -> HttpResponse:
    """Correct a unit; the second of two people sees that it changed."""
    actor = _actor(request)
    unit = queries.unit(unit_id, actor)
    permit(actor, "hazardsources.register", record=unit)
    version: int | None = unit.version
    first = None if request.method == "POST" else forms.initial_of(unit)
    form = forms.UnitForm(request.POST or None, enterprise_id=unit.enterprise_id, actor=actor, unit=unit, initial=first)
    if request.method == "POST":
        sent = request.POST.get("version", "")
        version = int(sent) if sent.isdigit() else None
        if form.is_valid():
            try:
                services.change_unit(unit.pk, actor=actor, now=clock.now(), version=version, **form.values())
                return _to(unit.pk)
            except Refusal as refusal:
                form.refuse(refusal)
    return _form(request, form, gettext("修改：%(name)s") % {"name": unit.name}, queries.address(unit.pk), version)


def _form(request: ActorRequest, form: forms.ResourceForm, heading: str, back_url: str, version: int | None) -> HttpResponse:
    context = {
        "form": form,
        "groups": form.grouped(),
        "errors": form.summary() if form.is_bound else [],
        "heading": heading,
        "back_url": back_url,
        "draft_key": f"{_actor(request).account_id}:{request.get_full_path()}",
        "version": version,
    }
    return render(request, "desk/resource/form.html", context, status=422 if form.is_bound else 200)


# --- the inventory ---------------------------------------------------------------------------------------------------------------


@requires("hazardsources.inventory")
@require_http_methods(["GET", "POST"])
def inventory_page(request: ActorRequest, unit_id: UUID) -> HttpResponse:
    """The inventory as a form: try it, choose among rows of Table 1, save it. What cannot be reckoned with is saved too and says why."""
    actor, now = _actor(request), clock.now()
    unit = queries.unit(unit_id, actor)
    permit(actor, "hazardsources.inventory", record=unit)
    held = queries.newest_inventory(unit.pk)
    if request.method == "GET":
        lines = list(queries.lines_of(held)) or list(queries.lines_of_register(unit.pk))
        return _inventory(request, unit, lines, seen=held.number if held is not None else 0)
    seen = int(request.POST["seen"]) if request.POST.get("seen", "").isdigit() else None
    refused = ""
    lines = []
    try:
        lines = _picked(forms.posted_lines(request.POST.dict()), request.POST.get("pick", ""))
        if "save" in request.POST:
            version, fresh = services.write_inventory(
                unit.pk, lines, actor=actor, now=now, note=request.POST.get("change_note", ""), seen=seen
            )
            told = gettext("清单已保存（第 %(n)s 版）。") if fresh else gettext("清单没有变化（第 %(n)s 版）。")
            messages.success(request, told % {"n": version.number})
            return _to(unit.pk, "inventory")
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        refused = sentence(refusal)
        if isinstance(refusal, Conflict):
            seen = held.number if held is not None else 0
    return _inventory(request, unit, lines, seen=seen, refused=refused, present=queries.lines_of(held) if refused else ())


def _picked(lines: list[Line], pick: str) -> list[Line]:
    """Take the row of Table 1 that was chosen for a line: ``number:seq``."""
    number, _, seq = pick.partition(":")
    if number.isdigit() and seq.isdigit() and 1 <= int(number) <= len(lines):
        lines[int(number) - 1] = replace(lines[int(number) - 1], seq=seq)
    return lines


def _inventory(
    request: ActorRequest,
    unit: HazardUnit,
    lines: list[Line],
    *,
    seen: int | None,
    refused: str = "",
    present: tuple[Line, ...] = (),
) -> HttpResponse:
    now = clock.now()
    last = queries.newest_assessment(unit.pk)
    found = queries.reckon(lines, last.people if last is not None else 0, now)
    held = tables.on(law_day(now))
    spare = forms.SPARE + (5 if "more" in request.POST else 0)
    rows = presenting.rows_of([*lines, *[Line(unit="t")] * spare], found.refused, now)
    context = {
        "unit": unit,
        "rows": rows,
        "seen": seen if seen is not None else "",
        "refused": refused,
        "present": present,
        "outcome": presenting.outcome(found) if lines else None,
        "assessed": last is not None,
        "mixtures": [(code, gettext(label)) for code, label in inventory.MIXTURES.items()],
        "named": held.named,
        "categories": [(row.symbol, row.name_en if presenting.english() else row.name_zh, row) for row in held.categories],
        "draft_key": f"{_actor(request).account_id}:{request.path}",
    }
    return render(request, "hazardsources/inventory.html", context, status=409 if refused else 200)


# --- the assessment --------------------------------------------------------------------------------------------------------------


@requires("hazardsources.assess")
@require_http_methods(["GET", "POST"])
def assess_page(request: ActorRequest, unit_id: UUID) -> HttpResponse:
    """Identify and grade: the inventory in force, who lives around, who assesses."""
    actor, now = _actor(request), clock.now()
    unit = queries.unit(unit_id, actor)
    permit(actor, "hazardsources.assess", record=unit)
    form = forms.AssessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.assess(unit.pk, actor=actor, now=now, **form.cleaned_data)
            told = gettext("评估完成：S = %(s)s，R = %(r)s，%(level)s。")
            level = presenting.level_told(row.is_major, row.level)
            messages.success(request, told % {"s": row.sheet["s"], "r": row.sheet["r"], "level": level})
            return _to(unit.pk, "sheet")
        except Refusal as refusal:
            if refusal.status in (403, 404):
                raise
            form.refuse(refusal)
    around = presenting.estimated(unit, actor, now)
    lines = queries.lines_of(queries.newest_inventory(unit.pk))
    found = queries.reckon(lines, around.get("people", 0), now)
    context = {
        "unit": unit,
        "form": form,
        "errors": form.summary() if form.is_bound else [],
        "around": around,
        "outcome": presenting.outcome(found) if lines else None,
        "problems": [sentence(each) for each in found.refused],
    }
    return render(request, "hazardsources/assess.html", context, status=422 if form.is_bound else 200)


@requires("hazardsources.declare")
@require_POST
def declare(request: ActorRequest, unit_id: UUID) -> HttpResponse:
    """Say that a unit is to be assessed anew, and why."""
    actor = _actor(request)
    unit = queries.unit(unit_id, actor)
    try:
        trigger, reason = request.POST.get("trigger", ""), request.POST.get("reason", "")
        reassessing.declare(unit.pk, trigger=trigger, reason=reason, actor=actor, now=clock.now())
        messages.success(request, gettext("已登记，须重新评估。"))
    except Refusal as refusal:
        _tell(request, refusal)
    return _to(unit.pk, "triggers")


def _tell(request: ActorRequest, refusal: Refusal) -> None:
    """Show a refusal above the page; what nobody can put right there is raised again."""
    if refusal.status in (403, 404):
        raise refusal
    for why in (*getattr(refusal, "fields", {}).values(),) or (refusal,):
        messages.error(request, sentence(why))


# --- the filing ------------------------------------------------------------------------------------------------------------------


@requires("hazardsources.view")
@require_GET
def filing_page(request: ActorRequest, filing_id: UUID) -> HttpResponse:
    """A filing stands on the page of its unit."""
    return _to(queries.filing(filing_id, _actor(request)).unit_id, "filing")


@requires("hazardsources.view")
@require_POST
def move(request: ActorRequest, filing_id: UUID, code: str) -> HttpResponse:
    """Make one move of a filing; each move asks for its own permission."""
    actor, now = _actor(request), clock.now()
    case = queries.filing(filing_id, actor)
    by: dict[str, Any] = {"actor": actor, "now": now}
    if code in rules.BY_THE_NODE:
        raise NotFound(what=code)
    try:
        if code == "submit":
            name, phone = request.POST.get("contact_name", ""), request.POST.get("contact_phone", "")
            filing.submit(case.pk, contact_name=name, contact_phone=phone, **by)
        elif code == "accept":
            filing.accept(case.pk, receipt_number=request.POST.get("receipt_number", ""), **by)
        else:
            filing.decide(case.pk, code, reason=request.POST.get("reason", ""), **by)
        messages.success(request, gettext("已办理：%(move)s。") % {"move": gettext(rules.FLOW.move(code).label)})
    except Refusal as refusal:
        _tell(request, refusal)
    return _to(case.unit_id, "filing")
