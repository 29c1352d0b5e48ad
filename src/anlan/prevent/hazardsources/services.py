"""Verbs of major hazard units: register, put hazard sources in, write the inventory, assess. Each is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy

from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.kernel.errors import Conflict, Invalid, NotFound, Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change, permit
from anlan.ledger.sources import law_day
from anlan.prevent.hazardsources import door, filing, grading, inventory, queries, reassessing, refusals, rules, surroundings, tables
from anlan.prevent.hazardsources.holding import SYSTEM, about, locked
from anlan.prevent.hazardsources.inventory import Line
from anlan.prevent.hazardsources.models import Assessment, HazardUnit, InventoryVersion, Reassessment, UnitSource

LABELS: dict[str, str] = {
    "code": N_("单元编号"),
    "name": N_("单元名称"),
    "kind": N_("单元类型"),
    "extent": N_("划分依据"),
    "assessor": N_("评估人或机构"),
    "note": N_("说明"),
    "site_id": N_("厂区"),
    "longitude": N_("经度"),
    "latitude": N_("纬度"),
}
OTHER_SOURCES = N_("单元所含危险源变化：{before} → {after}")
OTHER_LINES = N_("物质清单与评估时不同：{difference}")
_LIMITS = {"code": 40, "name": 120, "extent": 200, "assessor": 120, "note": 400}


# --- the unit --------------------------------------------------------------------------------------------------------------------


def register_unit(enterprise_id: UUID, *, actor: Actor, now: datetime, source_ids: Iterable[UUID] = (), **values: object) -> HazardUnit:
    """Enter a unit of an enterprise: ``code``, ``name``, ``kind``, and as known ``site_id``, ``longitude``, ``latitude`` (degrees), ``extent``.

    Without a point it stands where its first hazard source stands. Needs ``hazardsources.register``. Raises ``Invalid`` naming every wrong
    field, ``NotFound``, ``NotPermitted``, ``SourceOfAnother``, ``SourceInAnotherUnit``.
    """
    enterprise = enterprises.enterprise(enterprise_id)
    with change(actor, "hazardsources.register", now=now, place_code=enterprise.place_code, enterprise_id=enterprise.id) as made:
        cleaned = _clean({"extent": "", "site_id": None, "longitude": None, "latitude": None, **values}, enterprise)
        chosen = _sources(enterprise.id, source_ids, None)
        if cleaned["longitude"] is None:
            first = next((row for row in chosen if row.longitude is not None), None)
            cleaned |= {"longitude": first.longitude, "latitude": first.latitude} if first else {}
        unit = HazardUnit(enterprise_id=enterprise.id, classification=enterprise.classification, created_at=now, updated_at=now, **cleaned)
        _save_new(unit)
        UnitSource.objects.bulk_create(UnitSource(unit=unit, source_id=row.id) for row in chosen)
        made.subject = unit
        made.facts["sources"] = [row.code for row in chosen]
        made.announce(door.HazardUnitChanged(**about(unit, actor, now), what="unit"))
    return unit


def change_unit(
    unit_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    source_ids: Iterable[UUID] | None = None,
    version: int | None = None,
    **values: object,
) -> HazardUnit:
    """Correct a unit; ``source_ids`` replaces its hazard sources. Needs ``hazardsources.register``.

    Raises ``Conflict`` when ``version`` is not the present one, and as :func:`register_unit` does. Other hazard sources ask to assess anew.
    """
    with transaction.atomic():
        unit = locked(unit_id)
        with change(actor, "hazardsources.register", now=now, record=unit) as made:
            if version is not None and version != unit.version:
                raise Conflict(what=unit.name)
            enterprise = enterprises.enterprise(unit.enterprise_id)
            held = {name: getattr(unit, name) for name in ("code", "name", "kind", "extent", "site_id", "longitude", "latitude")}
            for name, value in _clean({**held, **values}, enterprise, unit).items():
                setattr(unit, name, value)
            unit.save()
            made.announce(door.HazardUnitChanged(**about(unit, actor, now), what="unit"))
            if source_ids is not None:
                _replace_sources(unit, source_ids, made.facts, actor, now)
    unit.refresh_from_db()
    return unit


def _replace_sources(unit: HazardUnit, source_ids: Iterable[UUID], facts: dict[str, object], actor: Actor, now: datetime) -> None:
    before = {row.id: row.code for row in queries.sources_of(unit.pk)}
    after = {row.id: row.code for row in _sources(unit.enterprise_id, source_ids, unit)}
    if before.keys() == after.keys():
        return
    UnitSource.objects.filter(unit=unit).exclude(source_id__in=after).delete()
    UnitSource.objects.bulk_create(UnitSource(unit=unit, source_id=each) for each in after.keys() - before.keys())
    facts["sources"] = [sorted(before.values()), sorted(after.values())]
    if unit.assessed_at is not None:
        told = {name: "、".join(sorted(codes.values())) or "—" for name, codes in (("before", before), ("after", after))}
        reassessing.raise_one(unit, rules.INVENTORY, OTHER_SOURCES, dict(told), actor=actor, now=now, automatic=True)


def _clean(values: Mapping[str, object], enterprise: enterprises.EnterpriseSummary, unit: HazardUnit | None = None) -> dict[str, Any]:
    wrong: dict[str, Refusal | str] = {}
    cleaned: dict[str, Any] = {}
    for name in ("code", "name", "extent"):
        cleaned[name] = _text(name, values.get(name), wrong, needed=name != "extent")
    cleaned["kind"] = str(values.get("kind") or "")
    if cleaned["kind"] not in rules.KINDS:
        wrong["kind"] = refusals.FieldMissing(field=gettext_lazy(LABELS["kind"]))
    for name in ("longitude", "latitude"):
        cleaned[name] = _degrees(name, values.get(name), wrong)
    place_code = enterprise.place_code
    cleaned["site_id"] = values.get("site_id") or None
    if cleaned["site_id"] is not None:
        site = enterprises.site(str(cleaned["site_id"]))
        place_code = site.place_code
        if site.enterprise_id != enterprise.id:
            wrong["site_id"] = refusals.FieldWrong(field=gettext_lazy(LABELS["site_id"]), value=site.name)
    if not {"longitude", "latitude"} & wrong.keys():
        try:
            enterprises.check_point(place_code, cleaned["longitude"], cleaned["latitude"])
        except Refusal as refusal:
            wrong["longitude"] = refusal
    taken = queries.by_code(enterprise.id, cleaned["code"], None)
    if taken is not None and (unit is None or taken.pk != unit.pk):
        wrong["code"] = refusals.CodeTaken(value=taken.code, name=taken.name)
    if wrong:
        raise Invalid(wrong)
    return {**cleaned, "place_code": place_code}


def _text(name: str, value: object, wrong: dict[str, Refusal | str], *, needed: bool) -> str:
    text = " ".join(str(value or "").split())
    if needed and not text:
        wrong[name] = refusals.FieldMissing(field=gettext_lazy(LABELS[name]))
    if len(text) > _LIMITS[name]:
        wrong[name] = refusals.FieldTooLong(field=gettext_lazy(LABELS[name]), limit=_LIMITS[name])
    return text


def _degrees(name: str, value: object, wrong: dict[str, Refusal | str]) -> float | None:
    if value is None or value == "":
        return None
    try:
        return float(str(value))
    except ValueError:
        wrong[name] = refusals.FieldWrong(field=gettext_lazy(LABELS[name]), value=value)
        return None


def _sources(enterprise_id: UUID, source_ids: Iterable[UUID], unit: HazardUnit | None) -> tuple[risksources.RiskSourceSummary, ...]:
    wanted = set(source_ids)
    found = risksources.risk_sources(wanted)
    if missing := wanted - found.keys():
        raise NotFound(what=str(next(iter(missing))))
    for row in found.values():
        if row.enterprise_id != enterprise_id:
            raise refusals.SourceOfAnother(name=row.name)
        holder = queries.unit_of_source(row.id, None)
        if holder is not None and (unit is None or holder.pk != unit.pk):
            raise refusals.SourceInAnotherUnit(name=row.name, unit=holder.name)
    return tuple(sorted(found.values(), key=lambda row: row.code))


def _save_new(unit: HazardUnit) -> None:
    try:
        with transaction.atomic():
            unit.save(force_insert=True)
    except IntegrityError as error:
        # Two people registered the same code at once: the second one is told like anybody else.
        if "hazard_unit_code_once" not in str(error):
            raise
        raise Invalid({"code": refusals.CodeTaken(value=unit.code, name=unit.name)}) from error


# --- the inventory ---------------------------------------------------------------------------------------------------------------


def write_inventory(
    unit_id: UUID, lines: Sequence[Line], *, actor: Actor, now: datetime, note: str = "", seen: int | None = None
) -> tuple[InventoryVersion, bool]:
    """Keep the inventory of a unit as typed; returns it and whether it is new. The same lines again change nothing.

    Lines that cannot be reckoned with are kept too: a sum without them would be too low, so that no assessment follows until they are put
    right. ``seen``: number of the version that was shown (0: none). After an assessment other lines ask to assess anew.
    Raises ``Conflict``, ``TooManyLines``, ``NotFound``, ``NotPermitted``. Needs ``hazardsources.inventory``.
    """
    kept = [line for line in lines if not line.empty]
    if len(kept) > inventory.MOST_LINES:
        raise refusals.TooManyLines(count=len(kept), most=inventory.MOST_LINES)
    with transaction.atomic():
        unit = locked(unit_id)
        permit(actor, "hazardsources.inventory", record=unit)
        held = queries.newest_inventory(unit.pk)
        told = [line.told() for line in kept]
        if held is not None and held.lines == told:
            return held, False
        if seen is not None and seen != (held.number if held is not None else 0):
            raise Conflict(what=unit.name)
        with change(actor, "hazardsources.inventory", now=now, record=unit) as made:
            version = InventoryVersion.objects.create(
                unit=unit,
                number=(held.number if held is not None else 0) + 1,
                at=now,
                by_id=actor.account_id,
                by_name=actor.name,
                note=note.strip()[:200],
                lines=told,
            )
            made.facts["inventory"] = {"number": version.number, "lines": told, "note": version.note}
            made.announce(door.HazardUnitChanged(**about(unit, actor, now), what="inventory"))
            last = queries.newest_assessment(unit.pk)
            if last is not None:
                facts = {"difference": _difference(last.inventory.lines, told)}
                reassessing.raise_one(unit, rules.INVENTORY, OTHER_LINES, facts, actor=actor, now=now, automatic=True)
    return version, True


def _difference(before: list[dict[str, str]], after: list[dict[str, str]]) -> str:
    """What is other than in the inventory that was assessed, in one line."""

    def words(lines: list[dict[str, str]]) -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for line in lines:
            found.setdefault(line["substance"] or line["cas"], []).append(f"{line['quantity']} {line['unit']}")
        return {name: " + ".join(amounts) for name, amounts in found.items()}

    old, new = words(before), words(after)
    told = [f"{name} {old.get(name, '—')} → {new.get(name, '—')}" for name in {**old, **new} if old.get(name) != new.get(name)]
    return ("；".join(told) or "—")[:400]


# --- the assessment --------------------------------------------------------------------------------------------------------------


def assess(
    unit_id: UUID,
    *,
    assessor: str,
    actor: Actor,
    now: datetime,
    people: int | None = None,
    note: str = "",
) -> Assessment:
    """Identify and grade a unit by its inventory; ``people`` who live within 500 m, ``None``: by the node's population data.

    Keeps every step, writes the level to the hazard sources of the unit in the register, closes what asked to assess anew, opens the filing
    of a major unit. Needs ``hazardsources.assess``. Raises ``InventoryEmpty``, ``InventoryIncomplete``, ``NoSources``, ``PeopleWrong``,
    ``PeopleNotKnown``, ``PlaceNotKnown``, ``Invalid``, ``NotFound``, ``NotPermitted``.
    """
    with transaction.atomic():
        unit = locked(unit_id)
        with change(actor, "hazardsources.assess", now=now, record=unit) as made:
            wrong: dict[str, Refusal | str] = {}
            who = _text("assessor", assessor, wrong, needed=True)
            words = _text("note", note, wrong, needed=False)
            if wrong:
                raise Invalid(wrong)
            version, reckoned, source, basis = _reckoned(unit, people, actor, now)
            before, graded = unit.major_level, unit.assessed_at is not None
            last = queries.newest_assessment(unit.pk)
            years = tables.parameter("assessment_years", law_day(now)).value
            row = Assessment.objects.create(
                unit=unit,
                number=(last.number if last is not None else 0) + 1,
                inventory=version,
                at=now,
                by_id=actor.account_id,
                by_name=actor.name,
                assessor=who,
                people=reckoned.people,
                people_source=source,
                people_basis=basis,
                sheet=reckoned.told,
                s=grading.rounded(reckoned.s),
                r=grading.rounded(reckoned.r),
                is_major=reckoned.is_major,
                level=reckoned.level,
                next_due_on=rules.years_after(law_day(now), years),
                note=words,
            )
            _repeat(unit, row)
            Reassessment.objects.filter(unit=unit, closed_at__isnull=True).update(closed_at=now, assessment=row)
            made.facts["assessment"] = {"number": row.number, "s": str(row.s), "r": str(row.r), "level": row.level}
            made.announce(door.HazardAssessed(**about(unit, actor, now), level=row.level))
            if before != row.level or (not graded and row.level is not None):
                made.announce(door.HazardRegraded(**about(unit, actor, now), before=before, after=row.level))
        write_level(unit, row, now, anew=True)
        filing.follow_assessment(unit, row, actor=actor, now=now)
    return row


def _reckoned(
    unit: HazardUnit, people: int | None, actor: Actor, now: datetime
) -> tuple[InventoryVersion, grading.Reckoning, str, dict[str, Any]]:
    if not UnitSource.objects.filter(unit=unit).exists():
        raise refusals.NoSources(unit=unit.name)
    version = queries.newest_inventory(unit.pk)
    if version is None or not version.lines:
        raise refusals.InventoryEmpty(unit=unit.name)
    source, basis = rules.TYPED, dict[str, Any]()
    if people is None:
        found = surroundings.estimate(unit, actor, now)
        people, source, basis = found.people, rules.ESTIMATED, found.basis
    elif not 0 <= people <= MOST_PEOPLE:
        raise refusals.PeopleWrong(value=people)
    else:
        basis = _beside(unit, actor, now)
    reckoned = queries.reckon(queries.lines_of(version), people, now)
    if not reckoned.complete:
        raise refusals.InventoryIncomplete(lines="、".join(str(each.facts["line"]) for each in reckoned.refused))
    return version, reckoned, source, basis


def _beside(unit: HazardUnit, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the node would have estimated beside the number that was typed: a later census is compared with this, like with like."""
    try:
        return {"estimated": surroundings.estimate(unit, actor, now).people}
    except (refusals.PeopleNotKnown, refusals.PlaceNotKnown):
        return {}


MOST_PEOPLE = 10_000_000
"""More people than live within 500 m of anything: a typing mistake. Project default."""


def _repeat(unit: HazardUnit, row: Assessment) -> None:
    """Write the newest assessment beside the unit, where lists read it."""
    unit.is_major, unit.major_level, unit.s, unit.r = row.is_major, row.level, row.s, row.r
    unit.assessed_at, unit.next_due_on, unit.to_reassess = row.at, row.next_due_on, False
    unit.save()


def write_level(unit: HazardUnit, row: Assessment, now: datetime, *, anew: bool = False) -> None:
    """Tell the register of hazard sources the level of their unit (ADR 50), with a newer basis (``anew``) or only where it says otherwise."""
    day = law_day(row.at).isoformat()
    basis = f"{row.sheet['edition']} {unit.code} {day} S={_short(row.s)} R={_short(row.r)}"
    for source in queries.sources_of(unit.pk):
        if anew or (source.is_major, source.major_level) != (row.is_major, row.level):
            risksources.change_risk_source(
                source.id, actor=SYSTEM, now=now, is_major=row.is_major, major_level=row.level, major_basis=basis[:200], reason=basis
            )


def _short(value: Decimal) -> str:
    return f"{value.normalize():f}"
