"""Reads of process units: who sees which, their points, versions and rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible
from anlan.sense.criteria import door as criteria
from anlan.sense.detection import multivariate
from anlan.sense.detection.multivariate import Model
from anlan.sense.devices import door as devices
from anlan.sense.units import rules
from anlan.sense.units.models import ModelVersion, ProcessUnit, Training
from anlan.sense.units.rules import Period

VIEW = "units.view"


def seen_by(actor: Actor | None) -> QuerySet[ProcessUnit]:
    """Units that ``actor`` may see; all of them for ``None``."""
    rows = ProcessUnit.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def one(pk: UUID | str, actor: Actor | None) -> ProcessUnit:
    """The unit. Raises ``NotFound``."""
    found = seen_by(actor).select_related("enterprise", "risk_source").filter(pk=pk).first()
    if found is None:
        raise NotFound(what=str(pk))
    return found


def one_version(pk: UUID | str, actor: Actor | None) -> ModelVersion:
    """The model version, as far as its unit may be seen. Raises ``NotFound``."""
    found = ModelVersion.objects.select_related("unit").filter(pk=pk, unit__in=seen_by(actor)).first()
    if found is None:
        raise NotFound(what=str(pk))
    return found


def one_training(pk: UUID | str, actor: Actor | None) -> Training:
    """The training, as far as its unit may be seen. Raises ``NotFound``."""
    found = Training.objects.select_related("unit").filter(pk=pk, unit__in=seen_by(actor)).first()
    if found is None:
        raise NotFound(what=str(pk))
    return found


def kept_periods(kept: Iterable[list[str]]) -> tuple[Period, ...]:
    """Periods as they are kept in a column."""
    return tuple(Period(datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in kept)


def points(channels: Iterable[int], enterprise_id: UUID) -> dict[int, devices.SensorSummary]:
    """Points by channel, as far as they belong to the enterprise."""
    return {channel: point for channel, point in devices.sensors_by_channel(channels).items() if point.enterprise_id == enterprise_id}


def rules_of(unit: ProcessUnit, actor: Actor | None = None) -> tuple[criteria.RuleSummary, ...]:
    """Rules that watch the unit by one of its models, newest first."""
    digests = list(unit.versions.values_list("digest", flat=True))
    mine = criteria.of_models(digests, actor) if digests else ()
    return tuple(rule for rule in mine if _is_of(unit, rule))


def _is_of(unit: ProcessUnit, rule: criteria.RuleSummary) -> bool:
    """Two units may have learnt the same; their points tell them apart."""
    wanted = {tuple(version.channels) for version in unit.versions.all()}
    return tuple(rule.parameters.get("channels", ())) in wanted


def rule_in_force(unit: ProcessUnit, actor: Actor | None = None) -> criteria.RuleSummary | None:
    """The rule that watches the unit now."""
    return next((rule for rule in rules_of(unit, actor) if rule.state == criteria.IN_FORCE), None)


def version_watching(unit: ProcessUnit) -> ModelVersion | None:
    """The version that the unit is watched by, else the newest."""
    rule = rule_in_force(unit)
    if rule is not None:
        found = unit.versions.filter(digest=rule.parameters.get("model")).first()
        if found is not None:
            return found
    return unit.versions.first()


def model_of(version: ModelVersion) -> Model:
    """What was learnt. Raises ``MalformedModel``, :class:`rules.NoVersion`."""
    data = criteria.model(version.digest)
    if data is None:
        raise rules.NoVersion
    return multivariate.unpack(data)


def unit_of_rule(code: str) -> ProcessUnit | None:
    """The unit that the rule of an alarm watches."""
    rule: Any = criteria.by_code([code]).get(code)
    if rule is None or "model" not in rule.parameters:
        return None
    versions = ModelVersion.objects.select_related("unit").filter(digest=rule.parameters["model"])
    return next((version.unit for version in versions if version.channels == list(rule.parameters.get("channels", ()))), None)
