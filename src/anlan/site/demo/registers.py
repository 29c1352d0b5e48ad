"""Registers of risks of the demonstration's enterprises besides its plant: a few objects each, of their own trade, written at once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models

from anlan.prevent.risks import queries, rules
from anlan.prevent.risks.models import Measure, RiskEvent, RiskObject, RiskUnit
from anlan.site.demo import bulk
from anlan.site.demo.cast import DEMONSTRATION
from anlan.site.demo.names import person
from anlan.site.demo.profile import Risk

SEED = 2016
FEWEST_STAFF = 15
"""Smaller works have not begun yet."""
_METHOD = "lec"
_PERIODS = ("week", "month", "quarter")
_KINDS = ("operation", "engineering", "maintenance", "emergency")


def build(plant: UUID, *, now: datetime) -> int:
    """Write the registers; returns how many enterprises have one. Their checks begin with the next whole period."""
    draw = random.Random(SEED)
    tables: tuple[list[models.Model], ...] = ([], [], [], [])
    count = 0
    for owner in bulk.owners(but=plant):
        if not owner.profile.risks or owner.staff < FEWEST_STAFF:
            continue
        count += 1
        at = now - timedelta(days=draw.randint(30, 240))
        names = dict.fromkeys(risk.thing for risk in owner.profile.risks)
        for number, name in enumerate(names, 1):
            risks = [risk for risk in owner.profile.risks if risk.thing == name]
            _object(tables, owner, f"D-{number:02}", risks, draw, at, now)
    bulk.keep("risks.edit", tables, now=now)
    return count


def _object(
    tables: Sequence[list[Any]], owner: bulk.Owner, code: str, risks: Sequence[Risk], draw: random.Random, at: datetime, now: datetime
) -> None:
    """One object with its units, events and measures; the object repeats the gravest grade of its events."""
    objects, units, events, measures = tables
    base, who = owner.base(at), person(draw)
    thing = RiskObject(
        **base,
        code=code,
        name=risks[0].thing,
        responsible_name=who,
        longitude=None if owner.file.longitude is None else round(owner.file.longitude + draw.gauss(0, 0.0006), 6),
        latitude=None if owner.file.latitude is None else round(owner.file.latitude + draw.gauss(0, 0.0005), 6),
        event_count=len(risks),
    )
    objects.append(thing)
    for number, risk in enumerate(risks, 1):
        unit = RiskUnit(object=thing, **base, code=f"{code}-{number}", name=risk.unit, responsible_name=who)
        event, measure = _event(thing, unit, risk, base, draw, at, now)
        units.append(unit)
        events.append(event)
        measures.append(measure)
    mine = events[-len(risks) :]
    thing.initial_grade, thing.residual_grade = (min(getattr(each, name) for each in mine) for name in ("initial_grade", "residual_grade"))


def _event(
    thing: RiskObject, unit: RiskUnit, risk: Risk, base: dict[str, Any], draw: random.Random, at: datetime, now: datetime
) -> tuple[RiskEvent, Measure]:
    likelihood, exposure, consequence = risk.factors
    given = {"L": likelihood, "E": exposure, "C": consequence}
    initial, residual = (rules.assess(queries.method(_METHOD, at), given | {"L": each}) for each in (likelihood, risk.remains))
    level = rules.needed_level(initial.grade, queries.levels(at)).code
    event = RiskEvent(
        unit=unit,
        object=thing,
        **base,
        title=risk.event,
        method=_METHOD,
        initial_factors=_texts(initial),
        initial_value=initial.value,
        initial_grade=initial.grade,
        residual_factors=_texts(residual),
        residual_value=residual.value,
        residual_grade=residual.grade,
        residual_at=at,
        assessed_at=at,
        assessed_by_name=DEMONSTRATION.name,
        unverified="unverified" in (initial.band.status, residual.band.status),
        level=level,
        responsible_name=unit.responsible_name,
    )
    period = draw.choice(_PERIODS)
    measure = Measure(
        event=event,
        **base,
        kind=draw.choice(_KINDS),
        text=f"防止{risk.event}：专人检查并记录",
        check_text=risk.check,
        period=period,
        level=level,
        post_kind=next(row.post_kind for row in queries.levels(at) if row.code == level),
        next_task_at=rules.window(period, now)[1],
    )
    return event, measure


def _texts(outcome: rules.Outcome) -> dict[str, str]:
    return {name: rules.plain(value) for name, value in outcome.factors.items()}
