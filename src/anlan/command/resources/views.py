"""Pages of resources: one resource, one item of stock with its book, and who can help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.command.resources import committing, drawing, forms, queries, recommending, rules, services, stocking, wording
from anlan.command.resources.door import Need
from anlan.command.resources.models import RescueResource, StockItem
from anlan.desk import panels
from anlan.desk.guard import ActorRequest, requires
from anlan.desk.resource.detail import HistoryLine, history
from anlan.desk.resource.forms import ResourceForm
from anlan.desk.resource.registry import find_for_model
from anlan.ground.facilities import door as facilities
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.ids import new_id
from anlan.ledger.records import Record
from anlan.ledger.sources import law_day

PAGE = "resources.detail"
LINES = 50


def _actor(request: ActorRequest) -> Actor:
    return cast("Actor", request.actor)


def _history(row: Record) -> list[HistoryLine]:
    resource = find_for_model(type(row))
    return history(resource, row) if resource is not None else []


# --- one resource ----------------------------------------------------------------------------------------------------------------


@requires("resources.view")
@require_GET
def detail(request: ActorRequest, pk: UUID) -> HttpResponse:
    """Everything of one resource, and what may be done with it."""
    return _show(request, queries.one(pk, _actor(request)))


def _show(request: ActorRequest, row: RescueResource, bound: ResourceForm | None = None) -> HttpResponse:
    actor, now = _actor(request), clock.now()
    on = law_day(now)

    def may(action: str) -> bool:
        return actor.may(action, place_code=row.place_code, enterprise_id=row.enterprise_id, classification=row.classification)

    context = {
        "resource": row,
        "told": queries.summary(row, actor, now),
        "kind": wording.kind_name(row.kind),
        "tone": rules.TONES[row.readiness],
        "place": places.full_name(row.place_code),
        "offers": [wording.offered(code, number) for code, number in row.amounts.items()],
        "facility": facilities.facility(row.facility_id) if row.facility_id else None,
        "confirmed": row.confirmed(now),
        "team": row.parent,
        "units": [(each, rules.TONES[each.readiness]) for each in row.units.order_by("name_key")],
        "certificates": [(each, each.over(on)) for each in row.qualifications.all()],
        "agreements": [(each, each.holds(on)) for each in row.agreements.all()],
        "commitments": row.commitments.all()[:20],
        "items": row.items.order_by("name_key")[:200] if row.kind == rules.DEPOT else (),
        "may": {name: may(f"resources.{name}") for name in ("change", "confirm", "ready", "commit", "stock")},
        "readiness_form": forms.ReadinessForm(prefix="readiness", initial={"readiness": row.readiness}),
        "certificate_form": forms.QualificationForm(prefix="certificate"),
        "panels": panels.render(PAGE, row, request),
        "history": _history(row),
    }
    if bound is not None:
        context |= {f"{bound.prefix}_form": bound, "bound": bound.prefix, "errors": bound.summary()}
    return render(request, "resources/detail.html", context, status=422 if bound is not None else 200)


@requires("resources.view")
@require_POST
def act(request: ActorRequest, pk: UUID, code: str) -> HttpResponse:
    """``readiness``, ``confirm``, ``certificate`` or ``release``; each service checks its own permission."""
    actor, now = _actor(request), clock.now()
    row = queries.one(pk, actor)
    if code == "confirm":
        services.confirm(row.pk, actor=actor, now=now)
        return redirect("resources:detail", row.pk)
    if code == "release":
        _release(row, request.POST.get("reason", ""), actor, now)
        return redirect("resources:detail", row.pk)
    made: dict[str, tuple[type[ResourceForm], Callable[..., object]]] = {
        "readiness": (forms.ReadinessForm, services.set_readiness),
        "certificate": (forms.QualificationForm, services.add_qualification),
    }
    if code not in made:
        raise NotFound(what=code)
    kind, service = made[code]
    form = kind(request.POST, prefix=code)
    _carried(form, lambda: service(row.pk, **form.cleaned_data, actor=actor, now=now))
    return _show(request, row, form) if form.errors else redirect("resources:detail", row.pk)


def _release(row: RescueResource, reason: str, actor: Actor, now: Any) -> None:
    held = queries.holders([row.pk]).get(row.pk)
    if held is None:
        raise rules.NotCommitted(name=row.name)
    committing.release(row.pk, subject_type=held.subject_type, subject_id=held.subject_id, reason=reason, actor=actor, now=now)


def _carried(form: ResourceForm, service: Callable[[], object]) -> None:
    """Call the service with what was filled in; what it refuses stands in the form. What nobody can put right there is raised again."""
    if not form.is_valid():
        return
    try:
        service()
    except Refusal as refusal:
        if refusal.status in (403, 404):
            raise
        form.refuse(refusal)


# --- one item of stock -----------------------------------------------------------------------------------------------------------


@requires("resources.view")
@require_GET
def stock(request: ActorRequest, pk: UUID) -> HttpResponse:
    """One item: what is there, its batches, what may be done, and its book."""
    return _show_stock(request, queries.item(pk, _actor(request)))


def _stock_forms(row: StockItem, actor: Actor) -> dict[str, ResourceForm]:
    fresh = {"key": new_id().hex}
    depots = queries.resources(actor).filter(kind=rules.DEPOT).exclude(pk=row.depot_id).order_by("name_key")[:500]
    return {
        "receive": forms.ReceiveForm(prefix="receive", initial=fresh),
        "issue": forms.IssueForm(prefix="issue", initial=fresh),
        "transfer": forms.TransferForm(prefix="transfer", initial=fresh, depots=[(str(each.pk), each.name) for each in depots]),
        "count": forms.CountForm(prefix="count", initial=fresh, lots=_lots(row)),
    }


def _lots(row: StockItem) -> list[tuple[str, str]]:
    told = [
        (str(each.pk), f"{each.number or '—'} · {each.expires_on or _('长期')} · {rules.plain(each.quantity)}")
        for each in row.batches.all()
    ]
    return told or [("", _("不分批"))]


def _show_stock(request: ActorRequest, row: StockItem, bound: ResourceForm | None = None) -> HttpResponse:
    actor, on = _actor(request), law_day(clock.now())
    shown = _stock_forms(row, actor)
    if bound is not None:
        shown[str(bound.prefix)] = bound
    soon = rules.TABLES.parameter(rules.EXPIRY_DAYS, on)
    lines = row.movements.select_related("batch").order_by("-at", "-id")
    context = {
        "item": row,
        "place": places.full_name(row.place_code),
        "standard_name": rules.name_of(row.code),
        "quantity": rules.plain(row.quantity),
        "minimum": rules.plain(row.minimum),
        "batches": [(each, rules.plain(each.quantity), _expiry(each.expires_on, on, soon)) for each in row.batches.filter(quantity__gt=0)],
        "forms": shown,
        "bound": bound.prefix if bound is not None else "",
        "errors": bound.summary() if bound is not None else [],
        "page": Paginator(lines, LINES).get_page(request.GET.get("page")),
        "may_record": actor.may("resources.stock", place_code=row.place_code, classification=row.classification),
        "history": _history(row),
    }
    return render(request, "resources/stock.html", context, status=422 if bound is not None else 200)


def _expiry(expires_on: date | None, on: date, soon: int) -> str:
    """``over``, ``soon`` or nothing."""
    if expires_on is None:
        return ""
    return "over" if expires_on < on else "soon" if (expires_on - on).days <= soon else ""


@requires("resources.stock")
@require_POST
def move_stock(request: ActorRequest, pk: UUID, code: str) -> HttpResponse:
    """``receive``, ``issue``, ``transfer`` or ``count``."""
    actor, now = _actor(request), clock.now()
    row = queries.item(pk, actor)
    kinds = {"receive": forms.ReceiveForm, "issue": forms.IssueForm, "transfer": forms.TransferForm, "count": forms.CountForm}
    if code not in kinds:
        raise NotFound(what=code)
    more = {
        "transfer": lambda: {"depots": [(str(each.pk), each.name) for each in queries.resources(actor).filter(kind=rules.DEPOT)]},
        "count": lambda: {"lots": _lots(row)},
    }
    form = kinds[code](request.POST, prefix=code, **more.get(code, dict)())
    _carried(form, lambda: _move(code, row, dict(form.cleaned_data), actor, now))
    return _show_stock(request, row, form) if form.errors else redirect("resources:stock", row.pk)


def _move(code: str, row: StockItem, values: dict[str, Any], actor: Actor, now: Any) -> None:
    quantity = values.pop("quantity")
    if code == "transfer":
        stocking.transfer(row.pk, values.pop("depot_id"), quantity, actor=actor, now=now, **values)
    elif code == "count":
        lot = row.batches.filter(pk=values.pop("lot") or None).first()
        batch: dict[str, Any] = {"batch": lot.number, "expires_on": lot.expires_on} if lot is not None else {}
        stocking.count(row.pk, quantity, actor=actor, now=now, **batch, **values)
    else:
        (stocking.receive if code == "receive" else stocking.issue)(row.pk, quantity, actor=actor, now=now, **values)


# --- who can help ----------------------------------------------------------------------------------------------------------------


@requires("resources.view")
@require_GET
def recommend(request: ActorRequest) -> HttpResponse:
    """Who can help at a place, the quickest first, with reasons and what stays uncovered; a table and a drawing to scale."""
    actor, now = _actor(request), clock.now()
    # A link from an alarm or an incident brings the place; what is needed is said here.
    asked = "longitude" in request.GET and bool(request.GET.get("capability") or request.GET.get("supply"))
    form = forms.NeedForm(request.GET if asked else None, initial={"quantity": 1, **request.GET.dict()})
    context: dict[str, Any] = {"form": form, "asked": asked, "errors": []}
    if asked and form.is_valid():
        try:
            found = recommending.recommend(_need(form.cleaned_data, now), actor=actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            context |= {"found": found, "rows": [_row(number, each) for number, each in enumerate(found.choices, 1)]}
            context |= {"capability": wording.offer_name(found.need.capability), "picture": drawing.picture(found)}
            context["quantity"] = wording.offered(found.need.capability, found.need.quantity)
    context["errors"] = form.summary() if asked else []
    return render(request, "resources/recommend.html", context, status=422 if context["errors"] else 200)


def _need(values: dict[str, Any], now: Any) -> Need:
    capability = rules.offer(values["supply"]) if values.get("supply") else values["capability"]
    return Need(
        capability=capability,
        quantity=values["quantity"] or Decimal(1),
        longitude=values["longitude"],
        latitude=values["latitude"],
        at=now,
        vehicle=values["vehicle"],
        place_code=values["place_code"],
    )


def _row(number: int, choice: Any) -> dict[str, Any]:
    hidden = sum(1 for each in choice.uncovered or () if not each.name)
    return {
        "number": number,
        "choice": choice,
        "resource": choice.resource,
        "kind": wording.kind_name(choice.resource.kind),
        "amount": rules.plain(choice.quantity),
        "reasons": [(wording.reason(each), each.minutes) for each in choice.reasons],
        "uncovered": [each for each in choice.uncovered or () if each.name][:5],
        "uncovered_total": len(choice.uncovered or ()),
        "hidden": hidden,
        "seen_minutes": None
        if choice.resource.position_at is None
        else round((clock.now() - choice.resource.position_at).total_seconds() / 60),
    }
