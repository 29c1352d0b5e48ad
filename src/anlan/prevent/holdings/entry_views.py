"""Pages of movements and loads: write one, look at it, take it back, explain a count, send a load, sign for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.desk.refusals import sentence
from anlan.ground.enterprises import door as enterprises
from anlan.kernel import clock
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.ledger.changes import permit
from anlan.prevent.holdings import forms, loading, presenting, quantities, queries, recording, refusals, rules
from anlan.prevent.holdings.models import Movement
from anlan.prevent.holdings.views import actor_of, chosen_enterprise, refuse, show_form


@requires("holdings.record")
@require_http_methods(["GET", "POST"])
def record(request: ActorRequest) -> HttpResponse:
    """Write one movement that no truck carries."""
    enterprise = chosen_enterprise(request, "holdings.record")
    if isinstance(enterprise, HttpResponse):
        return enterprise
    if missing := _nothing_there(request, enterprise):
        return missing
    first = {name: request.GET.get(name, "") for name in ("kind", "product_id", "store_id")}
    form = forms.EntryForm(request.POST or None, enterprise_id=enterprise.id, initial={"at": forms.shown(clock.now()), **first})
    if request.method == "POST" and form.is_valid():
        try:
            row, _fresh = recording.record(enterprise.id, form.entry(), actor=actor_of(request), now=clock.now())
            _tell(request, row)
            return HttpResponseRedirect(queries.movement_address(row.pk))
        except Refusal as refusal:
            refuse(form, refusal)
    return show_form(request, form, gettext("登记出入库：%(name)s") % {"name": enterprise.name}, queries.book_address(enterprise.id))


def _nothing_there(request: ActorRequest, enterprise: enterprises.EnterpriseSummary) -> HttpResponse | None:
    """Without a product and a place there is nothing to write; the page of the ledger says what to do first."""
    if queries.products_of(enterprise.id).exists() and queries.stores_of(enterprise.id).exists():
        return None
    messages.info(request, gettext("请先登记品种和储存场所，再登记出入库。"))
    return HttpResponseRedirect(queries.book_address(enterprise.id))


def _tell(request: ActorRequest, row: Movement) -> None:
    """What was written, and what is wrong beside it."""
    messages.success(request, gettext("已登记：%(what)s %(mass)s。") % {"what": row.title, "mass": quantities.told(row.mass_kg)})
    for each in presenting.papers(row.product, clock.now()):
        if each.tone == "red":
            messages.warning(request, each.text)
    held = queries.holdings(None).filter(enterprise_id=row.enterprise_id, product=row.product)
    for each in presenting.limit_warnings(held):
        messages.warning(request, each.text)


@requires("holdings.record")
@require_http_methods(["GET", "POST"])
def send(request: ActorRequest) -> HttpResponse:
    """Send a load by truck."""
    enterprise = chosen_enterprise(request, "holdings.record")
    if isinstance(enterprise, HttpResponse):
        return enterprise
    if missing := _nothing_there(request, enterprise):
        return missing
    form = forms.LoadForm(request.POST or None, enterprise_id=enterprise.id, initial={"at": forms.shown(clock.now())})
    if request.method == "POST" and form.is_valid():
        try:
            receiver = _receiver(form.cleaned_data["receiver_uscc"])
            load, _fresh = loading.send(
                enterprise.id, form.entry(rules.SENT), form.freight(receiver), actor=actor_of(request), now=clock.now()
            )
            _tell(request, load.sent)
            return HttpResponseRedirect(queries.load_address(load.pk))
        except Refusal as refusal:
            refuse(form, refusal)
    return show_form(request, form, gettext("车辆发货：%(name)s") % {"name": enterprise.name}, queries.book_address(enterprise.id))


def _receiver(uscc: str) -> UUID | None:
    """The enterprise that bears a credit code, also outside the sender's sight: it is asked to sign. Raises ``Invalid``."""
    if not uscc.strip():
        return None
    found = enterprises.by_uscc(uscc)
    if found is None:
        raise Invalid({"receiver_uscc": refusals.FieldWrong(field=gettext("收货企业信用代码"), value=uscc)})
    return found.id


@requires("holdings.view")
@require_GET
def movement_page(request: ActorRequest, movement_id: UUID) -> HttpResponse:
    """One entry: what was written by whom, and what may be done about it."""
    actor = actor_of(request)
    row = queries.movement(movement_id, actor)
    load = queries.loads(actor).filter(sent_id=row.pk).first() or queries.loads(actor).filter(received_id=row.pk).first()
    may = presenting.may(actor, "holdings.correct", row)
    context = {
        "row": row,
        "line": presenting.line(row),
        "enterprise": row.enterprise,
        "load": None if load is None else presenting.load_line(load),
        "count": presenting.count_facts(row) if row.kind == rules.COUNTED else None,
        "reversal": Movement.objects.filter(reverses=row).first(),
        "settlements": [presenting.line(each) for each in row.settlements.select_related("product", "store")],
        "may_reverse": may and row.reverses_id is None and row.reversed_at is None,
        "may_explain": may and row.to_explain and row.reversed_at is None,
        "book_url": queries.book_address(row.enterprise_id),
    }
    return render(request, "holdings/movement.html", context)


@requires("holdings.correct")
@require_POST
def reverse_entry(request: ActorRequest, movement_id: UUID) -> HttpResponse:
    """Take an entry back, with a reason."""
    actor = actor_of(request)
    row = queries.movement(movement_id, actor)
    try:
        made = recording.reverse(row.pk, reason=request.POST.get("reason", ""), actor=actor, now=clock.now())
        messages.success(request, gettext("已冲销，结存已恢复。"))
        return HttpResponseRedirect(queries.movement_address(made.pk))
    except Refusal as refusal:
        return _back(request, refusal, queries.movement_address(row.pk))


@requires("holdings.correct")
@require_POST
def explain(request: ActorRequest, movement_id: UUID) -> HttpResponse:
    """Say why a count differs, and whether the difference goes into the ledger."""
    actor = actor_of(request)
    row = queries.movement(movement_id, actor)
    try:
        settle = request.POST.get("settle") == "1"
        recording.explain(row.pk, reason=request.POST.get("reason", ""), settle=settle, actor=actor, now=clock.now())
        messages.success(request, gettext("差异已说明。"))
    except Refusal as refusal:
        return _back(request, refusal, queries.movement_address(row.pk))
    return HttpResponseRedirect(queries.movement_address(row.pk))


def _back(request: ActorRequest, refusal: Refusal, url: str) -> HttpResponse:
    if refusal.status in (403, 404):
        raise refusal
    for why in (*getattr(refusal, "fields", {}).values(),) or (refusal,):
        messages.error(request, why if isinstance(why, str) else sentence(why))
    return HttpResponseRedirect(url)


# --- loads -----------------------------------------------------------------------------------------------------------------------


@requires("holdings.view")
@require_GET
def load_page(request: ActorRequest, load_id: UUID) -> HttpResponse:
    """One load: where it is now, who is on the truck, when it should arrive, what arrived."""
    actor, now = actor_of(request), clock.now()
    row = queries.load(load_id, actor)
    sees_people = actor.enterprise_id in (row.enterprise_id, row.receiver_id) or actor.may_somewhere("enterprises.view_contacts")
    on_road = row.state == rules.ON_ROAD
    context = {
        "row": row,
        "line": presenting.load_line(row),
        "seen": presenting.truck(row, now) if on_road else None,
        "sees_people": sees_people,
        "on_road": on_road,
        "product_url": reverse("holdings:public", args=[row.product.code]),
        "may_receive": on_road and row.receiver_id is not None and _may_receive(request, row.receiver_id),
        "may_confirm": on_road and row.receiver_id is None and presenting.may(actor, "holdings.record", row),
        "moment": forms.shown(now),
    }
    return render(request, "holdings/load.html", context)


def _may_receive(request: ActorRequest, receiver_id: UUID) -> bool:
    receiver = enterprises.enterprise(receiver_id)
    return actor_of(request).may("holdings.record", place_code=receiver.place_code, enterprise_id=receiver.id)


@requires("holdings.record")
@require_http_methods(["GET", "POST"])
def receive(request: ActorRequest, load_id: UUID) -> HttpResponse:
    """The receiver signs for a load with its own quantity."""
    actor = actor_of(request)
    row = queries.load(load_id, actor)
    if row.receiver_id is None:
        raise NotFound(what=row.plate)
    receiver = enterprises.enterprise(row.receiver_id)
    permit(actor, "holdings.record", place_code=receiver.place_code, enterprise_id=receiver.id)
    same = queries.products_of(receiver.id).filter(chemical_code=row.chemical_code).first()
    first = {"at": forms.shown(clock.now()), "product_id": str(same.pk) if same else "", "unit": "t"}
    form = forms.ArrivalForm(request.POST or None, enterprise_id=receiver.id, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            load = loading.receive(row.pk, form.entry(rules.RECEIVED), actor=actor, now=clock.now())
            if load.beyond:
                told = gettext("已签收。与发出量相差 %(difference)s，超过允许差，双方和主管部门都会看到。")
                messages.warning(request, told % {"difference": presenting.signed(load.difference_kg)})
            else:
                messages.success(request, gettext("已签收。"))
            return HttpResponseRedirect(queries.load_address(load.pk))
        except Refusal as refusal:
            refuse(form, refusal)
    heading = gettext("签收：%(what)s") % {"what": row.title}
    return show_form(request, form, heading, queries.load_address(row.pk))


@requires("holdings.record")
@require_POST
def confirm(request: ActorRequest, load_id: UUID) -> HttpResponse:
    """The sender says that a load arrived at somebody who is not on the platform."""
    actor = actor_of(request)
    row = queries.load(load_id, actor)
    try:
        at = timezone.make_aware(datetime.fromisoformat(request.POST.get("at", "")).replace(tzinfo=None))
    except ValueError:
        return _back(request, refusals.TimeWrong(value=request.POST.get("at", "")), queries.load_address(row.pk))
    try:
        quantity, unit = request.POST.get("quantity", ""), request.POST.get("unit", "")
        loading.confirm(row.pk, at=at, quantity=quantity, unit=unit, actor=actor, now=clock.now())
        messages.success(request, gettext("已登记到货。"))
    except Refusal as refusal:
        return _back(request, refusal, queries.load_address(row.pk))
    return HttpResponseRedirect(queries.load_address(row.pk))
