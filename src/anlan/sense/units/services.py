"""Verbs of process units: register, change, draft the rule of a trained model. Training is in :mod:`training`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid
from anlan.ledger.changes import change, permit
from anlan.sense.criteria import door as criteria
from anlan.sense.units import queries, rules
from anlan.sense.units.models import ModelVersion, ProcessUnit
from anlan.sense.units.rules import Period


def register_unit(
    enterprise_id: UUID,
    *,
    name: str,
    channels: Sequence[int],
    periods: Sequence[Period],
    exclusions: Sequence[Period] = (),
    risk_source_id: UUID | None = None,
    interval_s: float = rules.INTERVAL_S,
    age_s: float = rules.AGE_S,
    method: str = rules.CVA,
    quantile: float = rules.QUANTILE,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> ProcessUnit:
    """Register a process unit of an enterprise. Raises ``Invalid`` naming fields, ``NotFound``, ``NotPermitted``."""
    owner = enterprises.enterprise(enterprise_id, actor)
    with change(actor, "units.change", now=now, place_code=owner.place_code, enterprise_id=enterprise_id) as gathered:
        unit = ProcessUnit(place_code=owner.place_code, enterprise_id=enterprise_id, created_at=now, updated_at=now)
        _write(unit, name, channels, periods, exclusions, risk_source_id, interval_s, age_s, method, quantile, note)
        unit.save(force_insert=True)
        gathered.subject = unit
    return unit


def change_unit(
    unit: ProcessUnit,
    *,
    name: str,
    channels: Sequence[int],
    periods: Sequence[Period],
    exclusions: Sequence[Period] = (),
    risk_source_id: UUID | None = None,
    interval_s: float = rules.INTERVAL_S,
    age_s: float = rules.AGE_S,
    method: str = rules.CVA,
    quantile: float = rules.QUANTILE,
    note: str = "",
    actor: Actor,
    now: datetime,
) -> ProcessUnit:
    """Change a unit; models already trained and the rule in force stay as they are. Raises as :func:`register_unit`."""
    with change(actor, "units.change", now=now, record=unit):
        _write(unit, name, channels, periods, exclusions, risk_source_id, interval_s, age_s, method, quantile, note)
        unit.updated_at = now
        unit.save()
    return unit


def _write(
    unit: ProcessUnit,
    name: str,
    channels: Sequence[int],
    periods: Sequence[Period],
    exclusions: Sequence[Period],
    risk_source_id: UUID | None,
    interval_s: float,
    age_s: float,
    method: str,
    quantile: float,
    note: str,
) -> None:
    wanted = list(dict.fromkeys(channels))
    rules.check_figures(name, len(wanted), interval_s, age_s, quantile, method)
    rules.check_periods(periods, exclusions)
    try:
        rules.check_rows(periods, interval_s, len(wanted))
    except rules.TooManyRows as refusal:
        raise Invalid(fields={"periods": refusal}) from refusal
    known = queries.points(wanted, unit.enterprise_id)
    foreign = [channel for channel in wanted if channel not in known]
    if foreign:
        raise Invalid(fields={"points": rules.UnknownPoint(point=f"#{foreign[0]}")})
    if risk_source_id is not None and risk_source_id not in {each.id for each in risksources.of_enterprise(unit.enterprise_id)}:
        raise Invalid(fields={"risk_source": rules.UnknownRiskSource()})
    unit.name, unit.note, unit.channels = name.strip()[:100], note.strip(), wanted
    unit.risk_source_id, unit.method, unit.quantile = risk_source_id, method, quantile
    unit.interval_s, unit.age_s = interval_s, age_s
    unit.periods, unit.exclusions = plain(periods), plain(exclusions)


def plain(periods: Sequence[Period]) -> list[list[str]]:
    """Periods as a column keeps them."""
    return [[each.since.isoformat(), each.until.isoformat()] for each in periods]


def draft_rule(version: ModelVersion, *, level: int = 3, actor: Actor, now: datetime) -> criteria.RuleSummary:
    """Draft the detection rule that watches the unit by this model; tested and put in force it takes the place of the one before.

    Raises :class:`rules.ChangedSinceTraining`, ``NotPermitted`` (``criteria.draft``) and the refusals of the room of rules.
    """
    unit = version.unit
    permit(actor, queries.VIEW, record=unit)
    if len(queries.points(version.channels, unit.enterprise_id)) != len(version.channels):
        raise rules.ChangedSinceTraining
    before = queries.rule_in_force(unit)
    with change(actor, "criteria.draft", now=now, record=unit) as gathered:
        drafted = criteria.draft_of_unit(
            name=unit.name,
            level=level,
            channels=version.channels,
            interval_s=version.interval_s,
            age_s=version.age_s,
            digest=version.digest,
            enterprise_id=unit.enterprise_id,
            source=gettext("工艺单元“%(unit)s”正常工况模型第 %(number)d 版") % {"unit": unit.name, "number": version.number},
            note=gettext("由 %(name)s 训练，未见过的正常数据误报率 %(rate).2f%%")
            % {"name": version.by_name, "rate": 100 * version.false_alarm_rate},
            replaces=before.id if before is not None else None,
            actor=actor,
            now=now,
        )
        gathered.facts.update({"rule": drafted.code, "version": version.number, "model": version.digest})
    return drafted
