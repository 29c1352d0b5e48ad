"""Verbs for what stands before any movement: products under their one code, and places of storage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy

from anlan.ground.chemicals import door as chemicals
from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.kernel.errors import Conflict, Invalid, NotFound, Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change
from anlan.prevent.holdings import door, quantities, queries, refusals, rules
from anlan.prevent.holdings.models import Holding, Product, Store

LABELS: dict[str, str] = {
    "name": N_("品种名称"),
    "specification": N_("规格或浓度"),
    "cas": N_("CAS 号"),
    "un": N_("UN 号"),
    "hazard_class": N_("危险货物类别"),
    "density_source": N_("密度依据"),
    "certificate_number": N_("危险化学品登记证编号"),
    "licence_number": N_("许可证编号"),
    "phone": N_("24小时应急电话"),
    "hazards": N_("危险性"),
    "measures": N_("应急措施"),
    "code": N_("场所编号"),
    "store_name": N_("场所名称"),
    "business": N_("涉及环节"),
    "kind": N_("场所类型"),
    "source_id": N_("危险源"),
    "longitude": N_("经度"),
    "latitude": N_("纬度"),
}
_LIMITS = {
    "name": 120,
    "specification": 60,
    "cas": 16,
    "un": 4,
    "hazard_class": 40,
    "density_source": 120,
    "certificate_number": 60,
    "licence_number": 60,
    "phone": 30,
    "hazards": 400,
    "measures": 1000,
    "code": 40,
    "store_name": 120,
}
OUTSIDE = "-"
"""What a form sends for a product that the catalogue does not hold."""
_DATES = ("certificate_from", "certificate_until", "licence_until")
_PRODUCT_TEXTS = ("specification", "density_source", "certificate_number", "licence_number", "phone", "hazards", "measures")
Wrong = dict[str, Refusal | str]


# --- products --------------------------------------------------------------------------------------------------------------------


def register_product(enterprise_id: UUID, *, actor: Actor, now: datetime, **values: object) -> Product:
    """Enter a product of an enterprise; it gets its one code. ``chemical``: key of the catalogue's entry (``-``: not in the catalogue; empty: by
    ``name``, which must mean one entry). Needs ``holdings.register``. Raises ``Invalid`` naming every wrong field, ``NotPermitted``, ``NotFound``."""
    enterprise = enterprises.enterprise(enterprise_id)
    with change(actor, "holdings.register", now=now, place_code=enterprise.place_code, enterprise_id=enterprise.id) as made:
        product = Product(
            enterprise_id=enterprise.id,
            place_code=enterprise.place_code,
            classification=enterprise.classification,
            created_at=now,
            updated_at=now,
            **_product(values),
        )
        _check_once(product)
        _save(product, "holding_product_once", {"name": _taken(product)})
        made.subject = product
        made.announce(door.HoldingsChanged(**about(product, product.title, now), what="product"))
    return product


def change_product(product_id: UUID, *, actor: Actor, now: datetime, version: int | None = None, **values: object) -> Product:
    """Correct a product; its code stays. Raises ``Conflict`` when ``version`` is not the present one, ``StillHolds`` where something of a product
    that goes out of use is left, and as :func:`register_product` does."""
    with transaction.atomic():
        product = _locked(Product, product_id)
        with change(actor, "holdings.register", now=now, record=product) as made:
            if version is not None and version != product.version:
                raise Conflict(what=product.title)
            held = {name: getattr(product, name) for name in (*_PRODUCT_TEXTS, *_DATES, "name", "cas", "un", "hazard_class", "business")}
            held |= {"chemical": product.chemical_code or OUTSIDE, "density_kg_m3": product.density_kg_m3, "in_use": product.in_use}
            for name, value in _product({**held, **values}).items():
                setattr(product, name, value)
            if not product.in_use:
                _refuse_left(Holding.objects.filter(product=product).aggregate(total=Sum("mass_kg"))["total"], product.title)
            _check_once(product)
            _save(product, "holding_product_once", {"name": _taken(product)})
            Holding.objects.filter(product=product).update(chemical_code=product.chemical_code)
            made.announce(door.HoldingsChanged(**about(product, product.title, now), what="product"))
    product.refresh_from_db()
    return product


def _product(values: Mapping[str, object]) -> dict[str, Any]:
    wrong: Wrong = {}
    cleaned: dict[str, Any] = {name: _text(name, values.get(name), wrong, needed=name == "phone") for name in _PRODUCT_TEXTS}
    cleaned |= _entry(values, wrong)
    cleaned["business"] = _chosen("business", values.get("business"), rules.BUSINESSES, wrong)
    cleaned["in_use"] = bool(values.get("in_use", True))
    try:
        stated = quantities.density_of(values.get("density_kg_m3"), cleaned["density_source"])
        cleaned["density_kg_m3"] = None if stated is None else stated.value
    except refusals.DensityWithoutSource as refusal:
        wrong["density_source"] = refusal
    except refusals.DensityWrong as refusal:
        wrong["density_kg_m3"] = refusal
    for name in _DATES:
        value = values.get(name) or None
        cleaned[name] = value if isinstance(value, date) else None
        if value is not None and cleaned[name] is None:
            wrong[name] = refusals.FieldWrong(field=gettext_lazy("有效期"), value=value)
    since, until = cleaned["certificate_from"], cleaned["certificate_until"]
    if since is not None and until is not None and until < since:
        wrong["certificate_until"] = refusals.DatesReversed(since=since, until=until)
    if wrong:
        raise Invalid(wrong)
    return cleaned


def _entry(values: Mapping[str, object], wrong: Wrong) -> dict[str, Any]:
    """Which entry of the catalogue is meant, with its names and numbers; what is outside it says its own."""
    key = str(values.get("chemical") or "").strip()
    name = _text("name", values.get("name"), wrong, needed=key in ("", OUTSIDE))
    if key == OUTSIDE:
        own = {each: _text(each, values.get(each), wrong, needed=False) for each in ("cas", "un", "hazard_class")}
        for each in ("hazards", "measures"):
            if not str(values.get(each) or "").strip():
                wrong[each] = refusals.OutsideNeedsWords()
        return {"chemical_code": "", "name": name, **own}
    found: tuple[chemicals.Chemical, ...] = ()
    if key:
        found = tuple(row for row in chemicals.chemicals() if row.code == key)
    elif name:
        found = chemicals.of_source(name, str(values.get("cas") or ""))
    if len(found) > 1:
        wrong["chemical"] = refusals.SeveralEntries(value=name, names=queries.names(found))
    elif not found and (key or name):
        wrong["chemical"] = refusals.EntryUnknown(value=key or name)
    if len(found) != 1:
        return {}
    row = found[0]
    return {
        "chemical_code": row.code,
        "name": name or row.name_zh,
        "cas": row.cas,
        "un": row.un,
        "hazard_class": row.hazard_class,
    }


def _check_once(product: Product) -> None:
    same = Product.objects.filter(
        enterprise_id=product.enterprise_id,
        chemical_code=product.chemical_code,
        name=product.name,
        specification=product.specification,
    )
    if same.exclude(pk=product.pk).exists():
        raise Invalid({"name": _taken(product)})


def _taken(product: Product) -> Refusal:
    return refusals.ProductTaken(name=product.name, specification=product.specification or "—")


# --- places of storage -----------------------------------------------------------------------------------------------------------


def register_store(enterprise_id: UUID, *, actor: Actor, now: datetime, **values: object) -> Store:
    """Enter a place of storage: ``code``, ``name``, ``kind``, and as known ``source_id`` (a hazard source of the enterprise), ``longitude``,
    ``latitude``. Without a point it stands where its hazard source stands. Needs ``holdings.register``. Raises ``Invalid``, ``NotPermitted``."""
    enterprise = enterprises.enterprise(enterprise_id)
    with change(actor, "holdings.register", now=now, place_code=enterprise.place_code, enterprise_id=enterprise.id) as made:
        store = Store(
            enterprise_id=enterprise.id,
            place_code=enterprise.place_code,
            classification=enterprise.classification,
            created_at=now,
            updated_at=now,
            **_store(values, enterprise, None),
        )
        _save(store, "holding_store_code_once", {"code": refusals.CodeTaken(value=store.code, name=store.name)})
        made.subject = store
        made.announce(door.HoldingsChanged(**about(store, "", now), what="store"))
    return store


def change_store(store_id: UUID, *, actor: Actor, now: datetime, version: int | None = None, **values: object) -> Store:
    """Correct a place of storage; what it holds moves with its point. Raises ``Conflict``, ``StillHolds``, and as :func:`register_store` does."""
    with transaction.atomic():
        store = _locked(Store, store_id)
        with change(actor, "holdings.register", now=now, record=store) as made:
            if version is not None and version != store.version:
                raise Conflict(what=store.name)
            enterprise = enterprises.enterprise(store.enterprise_id)
            held = {name: getattr(store, name) for name in ("code", "name", "kind", "source_id", "longitude", "latitude", "in_use")}
            for name, value in _store({**held, **values}, enterprise, store).items():
                setattr(store, name, value)
            if not store.in_use:
                _refuse_left(Holding.objects.filter(store=store).aggregate(total=Sum("mass_kg"))["total"], store.name)
            _save(store, "holding_store_code_once", {"code": refusals.CodeTaken(value=store.code, name=store.name)})
            longitude, latitude = point_of(store, enterprise)
            Holding.objects.filter(store=store).update(longitude=longitude, latitude=latitude)
            made.announce(door.HoldingsChanged(**about(store, "", now), what="store"))
    store.refresh_from_db()
    return store


def point_of(store: Store, enterprise: enterprises.EnterpriseSummary) -> tuple[float | None, float | None]:
    """Where what a place holds is found: its own point, else that of the enterprise."""
    if store.longitude is not None:
        return store.longitude, store.latitude
    return enterprise.longitude, enterprise.latitude


def _store(values: Mapping[str, object], enterprise: enterprises.EnterpriseSummary, held: Store | None) -> dict[str, Any]:
    wrong: Wrong = {}
    cleaned: dict[str, Any] = {
        "code": _text("code", values.get("code"), wrong, needed=True),
        "name": _text("store_name", values.get("name"), wrong, needed=True, field="name"),
        "kind": _chosen("kind", values.get("kind"), rules.STORE_KINDS, wrong),
        "in_use": bool(values.get("in_use", True)),
        "source_id": values.get("source_id") or None,
    }
    for name in ("longitude", "latitude"):
        cleaned[name] = _degrees(name, values.get(name), wrong)
    if cleaned["source_id"] is not None:
        source = risksources.risk_source(str(cleaned["source_id"]))
        if source.enterprise_id != enterprise.id:
            wrong["source_id"] = refusals.OfAnother(name=source.name)
        elif cleaned["longitude"] is None and cleaned["latitude"] is None:
            cleaned |= {"longitude": source.longitude, "latitude": source.latitude}
    if not {"longitude", "latitude"} & wrong.keys():
        try:
            enterprises.check_point(enterprise.place_code, cleaned["longitude"], cleaned["latitude"])
        except Refusal as refusal:
            wrong["longitude"] = refusal
    taken = Store.objects.filter(enterprise_id=enterprise.id, code=cleaned["code"]).first()
    if taken is not None and (held is None or taken.pk != held.pk):
        wrong["code"] = refusals.CodeTaken(value=taken.code, name=taken.name)
    if wrong:
        raise Invalid(wrong)
    return cleaned


# --- what both share -------------------------------------------------------------------------------------------------------------


def about(record: Product | Store, product: str, now: datetime) -> dict[str, Any]:
    """What every event says of a record of this room."""
    return {
        "subject_id": record.pk,
        "place_code": record.place_code,
        "enterprise_id": record.enterprise_id,
        "classification": record.classification,
        "at": now,
        "product": product,
    }


def _locked(model: Any, key: UUID) -> Any:
    found = model.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(what=str(key))
    return found


def _refuse_left(total: Any, name: str) -> None:
    if total:
        raise Invalid({"in_use": refusals.StillHolds(name=name, held=quantities.told(total))})


def _save(record: Product | Store, constraint: str, wrong: Wrong) -> None:
    try:
        with transaction.atomic():
            record.save()
    except IntegrityError as error:
        # Two people registered the same at once: the second one is told like anybody else.
        if constraint not in str(error):
            raise
        raise Invalid(wrong) from error


def _text(name: str, value: object, wrong: Wrong, *, needed: bool, field: str = "") -> str:
    text = str(value or "").strip() if name == "measures" else " ".join(str(value or "").split())
    if needed and not text:
        wrong[field or name] = refusals.FieldMissing(field=gettext_lazy(LABELS[name]))
    if len(text) > _LIMITS[name]:
        wrong[field or name] = refusals.FieldTooLong(field=gettext_lazy(LABELS[name]), limit=_LIMITS[name])
    return text


def _chosen(name: str, value: object, known: Mapping[str, str], wrong: Wrong) -> str:
    text = str(value or "")
    if not text:
        wrong[name] = refusals.FieldMissing(field=gettext_lazy(LABELS[name]))
    elif text not in known:
        wrong[name] = refusals.FieldWrong(field=gettext_lazy(LABELS[name]), value=text)
    return text


def _degrees(name: str, value: object, wrong: Wrong) -> float | None:
    if value is None or value == "":
        return None
    found = quantities.number(value)
    if found is None:
        wrong[name] = refusals.FieldWrong(field=gettext_lazy(LABELS[name]), value=value)
        return None
    return float(found)
