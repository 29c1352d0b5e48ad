"""Pages of the ledger: all of an enterprise, a product with its code, places, the search of where something is, and what a scanned code shows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from anlan.desk import panels
from anlan.desk.documents import pdf
from anlan.desk.guard import ActorRequest, public, requires
from anlan.desk.refusals import sentence
from anlan.desk.resource.forms import ResourceForm
from anlan.ground.enterprises import door as enterprises
from anlan.ground.evidence import door as evidence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.changes import permit
from anlan.prevent.holdings import centring, forms, label, presenting, quantities, queries, refusals, registering, searching

PAGE = "holdings.product"


def actor_of(request: ActorRequest) -> Actor:
    """Who asks."""
    return cast("Actor", request.actor)


def key_of(text: object) -> UUID:
    """An id of an address or a form. Raises ``NotFound``."""
    try:
        return UUID(str(text))
    except ValueError as error:
        raise NotFound(what=str(text)) from error


def chosen_enterprise(request: ActorRequest, action: str) -> enterprises.EnterpriseSummary | HttpResponse:
    """The enterprise that a new record is for: the actor's own, else by ``?enterprise=``, else the page on which it is chosen."""
    actor = actor_of(request)
    wanted = str(actor.enterprise_id or request.GET.get("enterprise", ""))
    if not wanted:
        words = request.GET.get("q", "").strip()[:60]
        found = enterprises.search(words, actor, limit=30) if words else ()
        return render(request, "holdings/choose.html", {"words": words, "found": found, "asked": bool(words)})
    enterprise = enterprises.enterprise(key_of(wanted), actor)
    permit(actor, action, place_code=enterprise.place_code, enterprise_id=enterprise.id)
    return enterprise


def show_form(request: ActorRequest, form: ResourceForm, heading: str, back_url: str, version: int | None = None) -> HttpResponse:
    """A form in the desk's clothes."""
    context = {
        "form": form,
        "groups": form.grouped(),
        "errors": form.summary() if form.is_bound else [],
        "heading": heading,
        "back_url": back_url,
        "draft_key": f"{actor_of(request).account_id}:{request.get_full_path()}",
        "version": version,
    }
    return render(request, "desk/resource/form.html", context, status=422 if form.is_bound else 200)


def refuse(form: ResourceForm, refusal: Refusal) -> None:
    """Show a refusal in the form; what nobody can put right there is raised again."""
    if refusal.status in (403, 404):
        raise refusal
    form.refuse(refusal)


def version_of(request: ActorRequest, present: int) -> int | None:
    """The version that the form was filled from."""
    sent = request.POST.get("version", "")
    return present if request.method == "GET" else int(sent) if sent.isdigit() else None


# --- the ledger of an enterprise -------------------------------------------------------------------------------------------------


@requires("holdings.view")
@require_GET
def book(request: ActorRequest, enterprise_id: UUID) -> HttpResponse:
    """Everything of one enterprise: what is wrong, what is held where, what is on the road, the newest entries."""
    actor, now = actor_of(request), clock.now()
    enterprise = enterprises.enterprise(enterprise_id, actor)
    permit(actor, "holdings.view", place_code=enterprise.place_code, enterprise_id=enterprise.id, classification=enterprise.classification)
    rows = list(queries.holdings(actor).filter(enterprise_id=enterprise.id, mass_kg__gt=0)[:500])
    products = list(queries.products(actor).filter(enterprise_id=enterprise.id).order_by("name_key", "specification"))
    counts = queries.movements(actor).filter(enterprise_id=enterprise.id, to_explain=True)
    context = {
        "enterprise": enterprise,
        "limits": presenting.limit_warnings(rows),
        "holdings": presenting.holding_lines(rows),
        "products": [(row, [each for each in presenting.papers(row, now) if each.tone == "red"]) for row in products],
        "stores": queries.stores(actor).filter(enterprise_id=enterprise.id).order_by("code"),
        "counts": [presenting.line(row) for row in counts[:20]],
        "loads": [presenting.load_line(row) for row in queries.waiting_loads(enterprise.id)],
        "lines": [presenting.line(row) for row in queries.movements(actor).filter(enterprise_id=enterprise.id)[: presenting.NEWEST]],
        "may_record": actor.may("holdings.record", place_code=enterprise.place_code, enterprise_id=enterprise.id),
        "may_register": actor.may("holdings.register", place_code=enterprise.place_code, enterprise_id=enterprise.id),
    }
    return render(request, "holdings/book.html", context)


@requires("holdings.view")
@require_GET
def stock(request: ActorRequest, holding_id: UUID) -> HttpResponse:
    """What a place holds stands on the page of its product."""
    found = queries.holdings(actor_of(request)).filter(pk=holding_id).first()
    if found is None:
        raise NotFound(what=str(holding_id))
    return HttpResponseRedirect(reverse("holdings:product", args=[found.product_id]))


# --- products and their codes ----------------------------------------------------------------------------------------------------


@requires("holdings.view")
@require_GET
def product_page(request: ActorRequest, product_id: UUID) -> HttpResponse:
    """One product: papers, code, where it lies, its newest entries, its safety data sheet."""
    actor, now = actor_of(request), clock.now()
    row = queries.product(product_id, actor)
    address = request.build_absolute_uri(reverse("holdings:public", args=[row.code]))
    sees = actor.may_somewhere("evidence.view")
    held = list(queries.holdings(actor).filter(product=row, mass_kg__gt=0))
    context = {
        "product": row,
        "enterprise": row.enterprise,
        "papers": presenting.papers(row, now),
        "limits": presenting.limit_warnings(held),
        "holdings": presenting.holding_lines(held),
        "total": quantities.told(sum((each.mass_kg for each in held), Decimal(0))),
        "lines": [presenting.line(each) for each in queries.movements(actor).filter(product=row)[: presenting.NEWEST]],
        "density": queries.density(row),
        "address": address,
        # Presentation attributes only: the page allows no inline style.
        "qr": segno.make(address, error="m").svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False),
        "may_change": presenting.may(actor, "holdings.register", row),
        "may_record": presenting.may(actor, "holdings.record", row),
        "sees_evidence": sees,
        "evidence": evidence.panel_context(row, actor) if sees else {},
        "has_sheet": bool(evidence.count_for(row._meta.label_lower, row.pk, actor)) if sees else True,
        "panels": panels.render(PAGE, row, request),
    }
    return render(request, "holdings/product.html", context)


@requires("holdings.register")
@require_http_methods(["GET", "POST"])
def register_product(request: ActorRequest) -> HttpResponse:
    """A new product of an enterprise."""
    enterprise = chosen_enterprise(request, "holdings.register")
    if isinstance(enterprise, HttpResponse):
        return enterprise
    form = forms.ProductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = registering.register_product(enterprise.id, actor=actor_of(request), now=clock.now(), **form.cleaned_data)
            messages.success(request, gettext("品种已登记，请上传安全技术说明书，打印一品一码标签。"))
            return HttpResponseRedirect(reverse("holdings:product", args=[row.pk]))
        except Refusal as refusal:
            refuse(form, refusal)
    heading = gettext("登记品种：%(name)s") % {"name": enterprise.name}
    return show_form(request, form, heading, queries.book_address(enterprise.id))


@requires("holdings.register")
@require_http_methods(["GET", "POST"])
def change_product(request: ActorRequest, product_id: UUID) -> HttpResponse:
    """Correct a product."""
    actor = actor_of(request)
    row = queries.product(product_id, actor)
    permit(actor, "holdings.register", record=row)
    version = version_of(request, row.version)
    form = forms.ProductForm(request.POST or None, initial=forms.ProductForm.first(row))
    back = reverse("holdings:product", args=[row.pk])
    if request.method == "POST" and form.is_valid():
        try:
            registering.change_product(row.pk, actor=actor, now=clock.now(), version=version, **form.cleaned_data)
            return HttpResponseRedirect(back)
        except Refusal as refusal:
            refuse(form, refusal)
    return show_form(request, form, gettext("修改：%(name)s") % {"name": row.title}, back, version)


@requires("holdings.view")
@require_GET
def print_label(request: ActorRequest, product_id: UUID) -> HttpResponse:
    """The label with the code, as a PDF."""
    row = queries.product(product_id, actor_of(request))
    address = request.build_absolute_uri(reverse("holdings:public", args=[row.code]))
    answer = HttpResponse(pdf(label.document(row, address)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="label-{row.code}.pdf"'
    return answer


@public
@never_cache
@require_GET
def public_page(request: ActorRequest, code: str) -> HttpResponse:
    """What somebody sees who scans the code, without signing in: what it is, what it does, what to do first, whom to call."""
    row = queries.by_public_code(code)
    context = {"product": row, "enterprise": row.enterprise, "card": presenting.public_card(row), "dial": label.dialled(row.phone)}
    actor = getattr(request, "actor", None)
    if actor is not None and actor.may_somewhere("holdings.view") and presenting.may(actor, "holdings.view", row):
        context["own_page"] = reverse("holdings:product", args=[row.pk])
    return render(request, "holdings/public.html", context)


# --- places of storage -----------------------------------------------------------------------------------------------------------


@requires("holdings.register")
@require_http_methods(["GET", "POST"])
def register_store(request: ActorRequest) -> HttpResponse:
    """A new place of storage."""
    enterprise = chosen_enterprise(request, "holdings.register")
    if isinstance(enterprise, HttpResponse):
        return enterprise
    actor = actor_of(request)
    form = forms.StoreForm(request.POST or None, enterprise_id=enterprise.id, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            registering.register_store(enterprise.id, actor=actor, now=clock.now(), **form.values())
            return HttpResponseRedirect(queries.book_address(enterprise.id) + "#stores")
        except Refusal as refusal:
            refuse(form, refusal)
    heading = gettext("登记储存场所：%(name)s") % {"name": enterprise.name}
    return show_form(request, form, heading, queries.book_address(enterprise.id))


@requires("holdings.register")
@require_http_methods(["GET", "POST"])
def change_store(request: ActorRequest, store_id: UUID) -> HttpResponse:
    """Correct a place of storage."""
    actor = actor_of(request)
    row = queries.store(store_id, actor)
    permit(actor, "holdings.register", record=row)
    version = version_of(request, row.version)
    form = forms.StoreForm(request.POST or None, enterprise_id=row.enterprise_id, actor=actor, initial=forms.StoreForm.first(row))
    back = queries.book_address(row.enterprise_id) + "#stores"
    if request.method == "POST" and form.is_valid():
        try:
            registering.change_store(row.pk, actor=actor, now=clock.now(), version=version, **form.values())
            return HttpResponseRedirect(back)
        except Refusal as refusal:
            refuse(form, refusal)
    return show_form(request, form, gettext("修改：%(name)s") % {"name": row.name}, back, version)


# --- where is it -----------------------------------------------------------------------------------------------------------------


@requires("holdings.view")
@require_GET
def where(request: ActorRequest) -> HttpResponse:
    """Which places and trucks hold a chemical within some distance: ``q``, ``least`` (t), ``radius`` (km), ``centre`` (a name or
    ``<longitude>,<latitude>``).

    ``c=<longitude>,<latitude>``, as the map and other pages link here, fills in the centre.
    """
    actor = actor_of(request)
    given = request.GET.dict()
    if "c" in given:
        given.setdefault("centre", given["c"])
    asked = "q" in given
    if asked:
        given.setdefault("radius", "30")
    first: dict[str, Any] = {"radius": 30, **given}
    form = forms.WhereForm(given if asked else None, initial=first)
    context: dict[str, Any] = {"form": form, "asked": asked, "found": None}
    if asked and form.is_valid():
        chosen = form.cleaned_data
        try:
            centre, *others = centring.centres(chosen["centre"], actor)
            least = quantities.number(chosen["least"] or "0")
            if least is None or least < 0:
                raise refusals.QuantityWrong(value=chosen["least"])
            found = searching.where(
                chosen["q"],
                centre=centre.point,
                radius_m=chosen["radius"] * 1000.0,
                least_kg=min(least, quantities.MOST_KG) * 1000,
                per_place=chosen["per"] == "place",
                actor=actor,
            )
            context |= {"found": found, "total": quantities.told(found.mass_kg), "meant": presenting.meant(found.entries)}
            context |= {"holders": presenting.holders(found.holders), "loads": presenting.on_road(found.loads), "centre": centre}
            context["others"] = [(each, f"?{urlencode({**given, 'centre': each.told})}") for each in others]
        except Refusal as refusal:
            form.add_error(None, sentence(refusal))
    context["errors"] = form.summary() if form.is_bound else []
    return render(request, "holdings/where.html", context, status=422 if context["errors"] else 200)
