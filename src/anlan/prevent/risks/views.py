"""Pages of the register: an object, an event, their forms, and the tables by which risks are graded."""

from __future__ import annotations

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
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.changes import permit
from anlan.prevent.risks import presenting, queries, services
from anlan.prevent.risks.forms import EventForm, FactorForm, MeasureForm, ObjectForm, ResidualForm, RiskForm, UnitForm
from anlan.prevent.risks.models import Measure, RiskEvent, RiskUnit


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


def _seen(request: ActorRequest) -> int | None:
    sent = request.POST.get("version", "")
    return int(sent) if sent.isdigit() else None


def _form(request: ActorRequest, form: RiskForm, heading: str, back_url: str, version: int | None = None, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "groups": form.grouped(),
        "errors": form.summary() if form.is_bound else [],
        "heading": heading,
        "back_url": back_url,
        "draft_key": f"{_actor(request).account_id}:{request.get_full_path()}",
        # What was read first stays what was read: a page that comes back with errors still knows it.
        "version": (_seen(request) if form.is_bound else version),
    }
    return render(request, "risks/form.html", context | more, status=422 if form.is_bound else 200)


def _told(request: ActorRequest, words: str, url: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(url)


# --- objects and units -----------------------------------------------------------------------------------------------------------


@requires("risks.view")
@require_GET
def object_page(request: ActorRequest, object_id: UUID) -> HttpResponse:
    """One object: its colour, its units, what may go wrong at each."""
    row = queries.one(queries.objects(_actor(request)), object_id)
    context = presenting.object_page(row, _actor(request))
    context["panels"] = panels.render("risks.object", row, request)
    return render(request, "risks/object.html", context)


@requires("risks.edit")
@require_http_methods(["GET", "POST"])
def object_new(request: ActorRequest) -> HttpResponse:
    """Register an object of the own enterprise (or of the one that the address names)."""
    actor = _actor(request)
    try:
        enterprise = enterprises.enterprise(UUID(str(actor.enterprise_id or request.GET.get("enterprise", ""))), actor)
    except ValueError as error:
        raise NotFound(what=gettext("企业")) from error
    permit(actor, "risks.edit", place_code=enterprise.place_code, enterprise_id=enterprise.id)
    form = ObjectForm(request.POST or None, enterprise_id=enterprise.id, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.register_object(enterprise.id, **form.values(), actor=actor, now=clock.now())
            return _told(request, gettext("已登记，请继续添加风险分析单元。"), queries.object_url(row.pk))
        except Refusal as refusal:
            form.refuse(refusal)
    return _form(request, form, gettext("登记风险分析对象"), reverse("desk:risk-objects-list"))


@requires("risks.edit")
@require_http_methods(["GET", "POST"])
def object_change(request: ActorRequest, object_id: UUID) -> HttpResponse:
    """Correct an object; the second of two people sees that it changed."""
    actor = _actor(request)
    row = queries.one(queries.objects(actor), object_id)
    names = ("code", "name", "location", "responsible_name", "longitude", "latitude", "in_use")
    first = {name: getattr(row, name) for name in names} | {"site_id": str(row.site_id or ""), "source_id": str(row.source_id or "")}
    form = ObjectForm(request.POST or None, enterprise_id=row.enterprise_id, actor=actor, known=True, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_object(row.pk, **form.values(), seen=_seen(request), actor=actor, now=clock.now())
            return _told(request, gettext("已保存。"), queries.object_url(row.pk))
        except Refusal as refusal:
            form.refuse(refusal)
    return _form(request, form, gettext("修改：%(name)s") % {"name": row.name}, queries.object_url(row.pk), row.version)


@requires("risks.edit")
@require_http_methods(["GET", "POST"])
def unit_new(request: ActorRequest, object_id: UUID) -> HttpResponse:
    """Add a unit."""
    actor = _actor(request)
    row = queries.one(queries.objects(actor), object_id)
    form = UnitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            unit = services.add_unit(row.pk, **form.values(), actor=actor, now=clock.now())
            return _told(request, gettext("已添加单元，请登记其风险事件。"), f"{queries.object_url(row.pk)}#unit-{unit.pk}")
        except Refusal as refusal:
            form.refuse(refusal)
    return _form(request, form, gettext("添加单元：%(name)s") % {"name": row.name}, queries.object_url(row.pk))


@requires("risks.edit")
@require_http_methods(["GET", "POST"])
def unit_change(request: ActorRequest, unit_id: UUID) -> HttpResponse:
    """Correct a unit."""
    actor = _actor(request)
    unit: RiskUnit = queries.one(queries.units(actor), unit_id)
    first = {name: getattr(unit, name) for name in ("code", "name", "responsible_name")}
    form = UnitForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_unit(unit.pk, **form.values(), seen=_seen(request), actor=actor, now=clock.now())
            return _told(request, gettext("已保存。"), queries.object_url(unit.object_id))
        except Refusal as refusal:
            form.refuse(refusal)
    return _form(request, form, gettext("修改：%(name)s") % {"name": unit.name}, queries.object_url(unit.object_id), unit.version)


# --- events ----------------------------------------------------------------------------------------------------------------------


@requires("risks.view")
@require_GET
def event_page(request: ActorRequest, event_id: UUID) -> HttpResponse:
    """One event: both assessments step by step, measures with their checks."""
    event: RiskEvent = queries.one(queries.events(_actor(request)), event_id)
    context = presenting.event_page(event, _actor(request))
    context["panels"] = panels.render("risks.event", event, request)
    return render(request, "risks/event.html", context)


def _method_choice(code: str, form: FactorForm) -> dict[str, Any]:
    now = clock.now()
    offered = [(each.row.code, queries.worded(each.row), each.row.code == code) for each in queries.methods(now)]
    return {"method_choice": offered, "method": form.method.row, "bands": presenting.bands(form.method)}


@requires("risks.edit")
@require_http_methods(["GET", "POST"])
def event_new(request: ActorRequest, unit_id: UUID) -> HttpResponse:
    """Add what may go wrong at a unit, with its initial assessment by the method that the address names."""
    actor, now = _actor(request), clock.now()
    unit: RiskUnit = queries.one(queries.units(actor), unit_id)
    code = request.GET.get("method") or queries.methods(now)[0].row.code
    form = EventForm(request.POST or None, method=queries.method(code, now), now=now)
    if request.method == "POST" and form.is_valid():
        try:
            event = services.add_event(unit.pk, **form.values(), actor=actor, now=now)
            return _told(request, gettext("已登记，请添加管控措施和排查内容。"), queries.event_url(event.pk))
        except Refusal as refusal:
            form.refuse(refusal)
    heading = gettext("登记风险事件：%(name)s") % {"name": f"{unit.object.name} · {unit.name}"}
    return _form(request, form, heading, queries.object_url(unit.object_id), **_method_choice(code, form))


@requires("risks.edit")
@require_http_methods(["GET", "POST"])
def event_change(request: ActorRequest, event_id: UUID) -> HttpResponse:
    """Correct an event or assess it anew, perhaps by another method."""
    actor, now = _actor(request), clock.now()
    event: RiskEvent = queries.one(queries.events(actor), event_id)
    code = request.GET.get("method") or event.method
    first = {name: getattr(event, name) for name in ("title", "consequence", "level", "responsible_name")}
    if code == event.method:
        first |= {f"f-{name}": value for name, value in event.initial_factors.items()}
    form = EventForm(request.POST or None, method=queries.method(code, now), now=now, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_event(event.pk, **form.values(), seen=_seen(request), actor=actor, now=now)
            return _told(request, gettext("已保存。"), queries.event_url(event.pk))
        except Refusal as refusal:
            form.refuse(refusal)
    heading = gettext("修改：%(name)s") % {"name": event.title}
    return _form(request, form, heading, queries.event_url(event.pk), event.version, **_method_choice(code, form))


@requires("risks.edit")
@require_http_methods(["GET", "POST"])
def residual_page(request: ActorRequest, event_id: UUID) -> HttpResponse:
    """What remains of a risk behind its measures."""
    actor, now = _actor(request), clock.now()
    event: RiskEvent = queries.one(queries.events(actor), event_id)
    first = {f"f-{name}": value for name, value in event.residual_factors.items()}
    form = ResidualForm(request.POST or None, method=queries.method(event.method, now), initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            services.assess_residual(event.pk, **form.values(), seen=_seen(request), actor=actor, now=now)
            return _told(request, gettext("剩余风险已评价。"), queries.event_url(event.pk))
        except Refusal as refusal:
            form.refuse(refusal)
    heading = gettext("评价剩余风险：%(name)s") % {"name": event.title}
    more = {"method": form.method.row, "bands": presenting.bands(form.method)}
    return _form(request, form, heading, queries.event_url(event.pk), event.version, **more)


# --- measures --------------------------------------------------------------------------------------------------------------------


@requires("risks.edit")
@require_http_methods(["GET", "POST"])
def measure_new(request: ActorRequest, event_id: UUID) -> HttpResponse:
    """Add a measure with its check."""
    actor, now = _actor(request), clock.now()
    event: RiskEvent = queries.one(queries.events(actor), event_id)
    form = MeasureForm(request.POST or None, enterprise_id=event.enterprise_id, now=now, initial={"level": "post", "period": "day"})
    if request.method == "POST" and form.is_valid():
        try:
            services.add_measure(event.pk, **form.values(), actor=actor, now=now)
            return _told(request, gettext("已添加管控措施，按周期自动生成排查任务。"), queries.event_url(event.pk))
        except Refusal as refusal:
            form.refuse(refusal)
    return _form(request, form, gettext("添加管控措施：%(name)s") % {"name": event.title}, queries.event_url(event.pk))


@requires("risks.edit")
@require_http_methods(["GET", "POST"])
def measure_change(request: ActorRequest, measure_id: UUID) -> HttpResponse:
    """Correct a measure or its check."""
    actor, now = _actor(request), clock.now()
    measure: Measure = queries.one(queries.measures(actor), measure_id)
    names = ("kind", "text", "check_text", "period", "level", "post_kind")
    first = {name: getattr(measure, name) for name in names} | {"person_id": str(measure.person_id or "")}
    form = MeasureForm(request.POST or None, enterprise_id=measure.enterprise_id, now=now, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_measure(measure.pk, **form.values(), seen=_seen(request), actor=actor, now=now)
            return _told(request, gettext("已保存。"), queries.event_url(measure.event_id))
        except Refusal as refusal:
            form.refuse(refusal)
    return _form(request, form, gettext("修改管控措施"), queries.event_url(measure.event_id), measure.version)


@requires("risks.edit")
@require_POST
def retire(request: ActorRequest, kind: str, key: UUID) -> HttpResponse:
    """Take an event or a measure out of use, with a reason."""
    actor, now = _actor(request), clock.now()
    given = {"reason": request.POST.get("reason", ""), "seen": _seen(request), "actor": actor, "now": now}
    if kind == "event":
        event: RiskEvent = queries.one(queries.events(actor), key)
        here, there = queries.event_url(event.pk), queries.object_url(event.object_id)
    elif kind == "measure":
        measure: Measure = queries.one(queries.measures(actor), key)
        here = there = queries.event_url(measure.event_id)
    else:
        raise NotFound(what=kind)
    try:
        if kind == "event":
            services.retire_event(key, **given)
        else:
            services.retire_measure(key, **given)
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        messages.error(request, sentence(refusal))
        return HttpResponseRedirect(here)
    return _told(request, gettext("已停用。"), there)


@requires("risks.view")
@require_GET
def methods_page(request: ActorRequest) -> HttpResponse:
    """By which tables risks are graded, who answers for which, each with its source; what is not verified says so."""
    return render(request, "risks/methods.html", presenting.methods_page(clock.now()))
