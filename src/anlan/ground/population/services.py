"""Verbs of population: import, withdraw, set a figure of day and night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.db import transaction

from anlan.ground.places import door as places
from anlan.ground.population import reading, rules
from anlan.ground.population.door import PopulationImported, PopulationWithdrawn
from anlan.ground.population.models import PopulationSource, PopulationUnit, PresenceSetting
from anlan.ground.population.reading import Fault, Unit
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.ledger.changes import change, permit


@dataclass(frozen=True)
class Located:
    """A good row with the county in force that it belongs to."""

    unit: Unit
    county_code: str


def import_population(
    content: bytes,
    *,
    kind: str,
    name: str,
    year: int,
    source: str,
    place_code: str,
    licence: str = "",
    status: str = "unverified",
    file_name: str = "",
    actor: Actor,
    now: datetime,
) -> PopulationSource:
    """Take in a file of outlines, points, a grid or county figures (see :mod:`.reading`). Needs ``population.import``.

    Good rows are kept, bad ones are counted and told in the record. Rows outside the actor's jurisdiction are bad. Raises ``Invalid``,
    ``WrongFile``, ``FileTooBig``, ``NothingGood``, ``NotPermitted``.
    """
    permit(actor, "population.import", place_code=place_code)
    _check(kind, name, year, source, status, len(content), now)
    good, bad = reading.read(content, kind)
    located, lost = located_rows(good, kind, year, actor)
    faults = sorted([*bad, *lost], key=lambda fault: fault.row)
    if not located:
        first = faults[0].refusal if faults else rules.WrongFile(reason="—")
        raise rules.NothingGood(first=str(first))
    with change(actor, "population.import", now=now, place_code=place_code) as made:
        row = PopulationSource(
            created_at=now,
            updated_at=now,
            place_code=place_code,
            name=name.strip()[:120],
            kind=kind,
            year=year,
            source=source.strip()[:300],
            licence=licence.strip()[:200],
            status=status,
            file_name=file_name[:200],
            file_sha256=sha256(content).hexdigest(),
            good=len(located),
            bad=len(faults),
            faults=[_told(fault) for fault in faults[: rules.MOST_FAULTS]],
            people=sum(each.unit.people for each in located),
            imported_by_name=actor.name,
        )
        row.save(force_insert=True)
        PopulationUnit.objects.bulk_create([_row(row.pk, each) for each in located], batch_size=2000)
        made.subject = row
        made.announce(PopulationImported(**_event(row, now), name=row.name))
    return row


def withdraw(source_id: UUID | str, *, reason: str, actor: Actor, now: datetime) -> PopulationSource:
    """Take an import out of use; what was there before counts again. Raises ``NotFound``, ``AlreadyWithdrawn``, ``ReasonMissing``."""
    with transaction.atomic():
        row = PopulationSource.objects.select_for_update().filter(pk=source_id).first()
        if row is None:
            raise NotFound(what=str(source_id))
        with change(actor, "population.withdraw", now=now, record=row) as made:
            if row.withdrawn_at is not None:
                raise rules.AlreadyWithdrawn(name=row.name)
            if not reason.strip():
                raise rules.ReasonMissing()
            row.withdrawn_at, row.withdrawn_reason, row.updated_at = now, reason.strip()[:200], now
            row.save()
            made.announce(PopulationWithdrawn(**_event(row, now), name=row.name))
    return row


def set_presence(code: str, value: float, *, reason: str, actor: Actor, now: datetime) -> PresenceSetting:
    """Set a figure of day and night for the actor's place and everything below. Needs ``population.configure``. Raises ``WrongChoice``, ``WrongShare``, ``ReasonMissing``."""
    if code not in rules.BOUNDS:
        raise rules.WrongChoice(value=code)
    low, high = rules.BOUNDS[code]
    if not low <= value <= high:
        raise rules.WrongShare(value=value, low=low, high=high)
    if not reason.strip():
        raise rules.ReasonMissing()
    with change(actor, "population.configure", now=now, place_code=actor.place_code) as made:
        row = PresenceSetting.objects.select_for_update().filter(code=code, place_code=actor.place_code).first()
        row = row or PresenceSetting(code=code, place_code=actor.place_code, created_at=now)
        before = row.value
        row.value, row.reason, row.set_by_name, row.updated_at = value, reason.strip()[:200], actor.name, now
        row.save()
        made.subject = row
        made.facts.update(code=code, before=before, after=value, reason=row.reason)
    return row


def _check(kind: str, name: str, year: int, source: str, status: str, size: int, now: datetime) -> None:
    wrong: dict[str, Refusal | str] = {}
    if kind not in rules.KINDS:
        wrong["kind"] = rules.WrongChoice(value=kind)
    if status not in rules.STATUSES:
        wrong["status"] = rules.WrongChoice(value=status)
    if not name.strip():
        wrong["name"] = rules.SourceMissing()
    if not source.strip():
        wrong["source"] = rules.SourceMissing()
    if not 1950 <= year <= now.year:
        wrong["year"] = rules.SourceMissing()
    if size > rules.MOST_MB * 2**20:
        wrong["file"] = rules.FileTooBig(limit=f"{rules.MOST_MB} MB")
    if wrong:
        raise Invalid(wrong)


def located_rows(good: list[Unit], kind: str, year: int, actor: Actor) -> tuple[list[Located], list[Fault]]:
    """Each row with its county in force; rows in no county, twice in the file, or outside the actor's jurisdiction are faults."""
    found: list[Located] = []
    lost: list[Fault] = []
    if kind == rules.FIGURES:
        codes: list[str | None] = [_county_of(unit.place_code, year) for unit in good]
    else:
        codes = list(
            places.counties_at(
                np.array([unit.longitude for unit in good], dtype=float), np.array([unit.latitude for unit in good], dtype=float)
            )
        )
    seen: set[str] = set()
    allowed: dict[str, bool] = {}
    for unit, code in zip(good, codes, strict=True):
        if code is None:
            lost.append(Fault(unit.row, reading.NotInAnyCounty()))
            continue
        if code not in allowed:
            allowed[code] = actor.may("population.import", place_code=code)
        if not allowed[code]:
            lost.append(Fault(unit.row, reading.NotYours(place=places.full_name(code))))
        elif kind == rules.FIGURES and code in seen:
            lost.append(Fault(unit.row, reading.TwiceInFile(name=places.full_name(code))))
        else:
            seen.add(code)
            found.append(Located(unit, code))
    return found, lost


def _county_of(code: str, year: int) -> str | None:
    place = places.resolve(code[:6], date(year, 12, 31))
    return None if place is None else place.code


def _row(source_id: UUID, each: Located) -> PopulationUnit:
    unit = each.unit
    return PopulationUnit(
        source_id=source_id,
        county_code=each.county_code,
        place_code=unit.place_code,
        name=unit.name,
        people=unit.people,
        longitude=unit.longitude,
        latitude=unit.latitude,
        wkb=None if unit.outline is None else shapely.to_wkb(unit.outline),
    )


def _told(fault: Fault) -> dict[str, Any]:
    refusal = fault.refusal
    facts = {key: value if isinstance(value, int | float | str) else str(value) for key, value in refusal.facts.items()}
    return {"row": fault.row, "code": refusal.code, "sentence": refusal.sentence, "facts": facts}


def _event(row: PopulationSource, now: datetime) -> dict[str, Any]:
    return {"subject_id": row.pk, "place_code": row.place_code, "classification": Classification(row.classification), "at": now}
