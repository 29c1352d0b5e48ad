"""Verbs of detection rules: draft, change, follow up, put in force, withdraw, suppress. Replays are in :mod:`replaying`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils import timezone

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor, Classification, system_actor
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.kernel.flow import Move
from anlan.ledger import flows
from anlan.ledger.changes import Change, change, permit
from anlan.sense.criteria import packed, queries, rules
from anlan.sense.criteria.door import CriteriaChanged
from anlan.sense.criteria.models import Criterion, Suppression, UnitModel
from anlan.sense.detection.multivariate import unpack
from anlan.wire.criteria import Unit, Virtual

NODE = system_actor("criteria")
"""Who makes the moves that follow by themselves."""

TEXTS = ("name", "source", "article", "status", "note")


@dataclass(frozen=True)
class Scope:
    """Points of a rule: channel numbers, classes of points, identifiers of hazard sources; taken together."""

    channels: tuple[int, ...] = ()
    sensor_classes: tuple[str, ...] = ()
    risk_sources: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.channels or self.sensor_classes or self.risk_sources)


def longest_suppression() -> timedelta:
    """How long a rule may be suppressed at once on this node: ``ANLAN_SUPPRESSION_HOURS``, else the project default."""
    given = os.environ.get("ANLAN_SUPPRESSION_HOURS", "")
    try:
        return timedelta(hours=float(given)) if float(given) > 0 else rules.LONGEST_SUPPRESSION
    except (ValueError, OverflowError):
        return rules.LONGEST_SUPPRESSION


def draft(
    *,
    kind: str,
    level: int,
    parameters: Mapping[str, Any],
    scope: Scope,
    name: str,
    actor: Actor,
    now: datetime,
    enterprise_id: UUID | None = None,
    place_code: str = "",
    source: str = "",
    article: str = "",
    status: str = "unverified",
    note: str = "",
    template: str = "",
    effective_from: date | None = None,
    effective_to: date | None = None,
    replaces: Criterion | None = None,
) -> Criterion:
    """Draft a rule of the actor's place, of ``place_code`` within his grants, or of an enterprise.

    Raises ``Invalid`` naming fields, ``MalformedCriterion``, :class:`rules.NoScope`, ``NotFound``, ``NotPermitted``.
    """
    if enterprise_id is not None:
        place_code = enterprises.enterprise(enterprise_id, actor).place_code
    place_code = place_code or actor.place_code
    with change(actor, "criteria.draft", now=now, place_code=place_code, enterprise_id=enterprise_id) as gathered:
        row = Criterion(
            place_code=place_code,
            enterprise_id=enterprise_id,
            kind=kind,
            level=level,
            template=template,
            replaces=replaces,
            created_at=now,
            updated_at=now,
            opened_at=now,
            state=rules.DRAFT,
            drafted_by_id=_person(actor),
            drafted_by_name=actor.name,
            changed_by_id=_person(actor),
            changed_by_name=actor.name,
        )
        texts = {"name": name, "source": source, "article": article, "status": status, "note": note}
        _write(row, texts, level, parameters, scope, effective_from, effective_to)
        row.save(force_insert=True)
        row.refresh_from_db(fields=["number"])
        flows.open_case(row, actor=actor, now=now)
        gathered.subject = row
        gathered.facts.update({"code": row.code, "template": template})
    return row


def revise(
    row: Criterion,
    *,
    level: int,
    parameters: Mapping[str, Any],
    scope: Scope,
    actor: Actor,
    now: datetime,
    effective_from: date | None = None,
    effective_to: date | None = None,
    **texts: str,
) -> Criterion:
    """Change a rule that is not in force; one that was tested must be tested again.

    Raises as :func:`draft`, and :class:`rules.NotEditable`.
    """
    permit(actor, "criteria.draft", record=row)
    if row.state not in rules.EDITABLE:
        raise rules.NotEditable(name=row.name, state=row.get_state_label())
    if row.state == rules.TESTED:
        row = flows.advance(row, "revise", actor=NODE, now=now, reason=actor.name)
    if row.kind in rules.LEARNT:
        parameters = {**row.parameters, **parameters}
    with change(actor, "criteria.draft", now=now, record=row):
        row.changed_by_id, row.changed_by_name, row.no_history_reason = _person(actor), actor.name, ""
        _write(row, texts, level, parameters, scope, effective_from, effective_to)
        row.save()
    return row


def _write(
    row: Criterion,
    texts: Mapping[str, str],
    level: int,
    parameters: Mapping[str, Any],
    scope: Scope,
    effective_from: date | None,
    effective_to: date | None,
) -> None:
    checked = rules.check(row.kind, dict(parameters))
    own = row.kind in rules.POINTS_OF_THEIR_OWN
    if not own and not scope:
        raise Invalid(fields={"points": rules.NoScope()})
    if len(scope.channels) > rules.MOST_SCOPE_POINTS:
        raise Invalid(fields={"points": rules.WrongParameters(why=f"> {rules.MOST_SCOPE_POINTS}")})
    if rules.twin_of_itself(checked, scope.channels):
        raise Invalid(fields={"twin": rules.WrongParameters(why=str(scope.channels[0]))})
    if isinstance(checked, Unit) and queries.unit_model(checked.model) is None:
        raise rules.ModelMissing
    if isinstance(checked, Virtual):
        rules.check_circle(checked, queries.virtual_inputs(row.pk))
    if level not in rules.LEVELS:
        raise Invalid(fields={"level": rules.WrongParameters(why=str(level))})
    if effective_from and effective_to and effective_to < effective_from:
        raise Invalid(fields={"effective_to": rules.WrongParameters(why=f"{effective_to} < {effective_from}")})
    for name in TEXTS:
        setattr(row, name, str(texts.get(name, getattr(row, name) or "")).strip())
    if not row.name:
        raise Invalid(fields={"name": rules.WrongParameters(why="—")})
    row.level, row.parameters = level, {name: value for name, value in dict(parameters).items() if value is not None}
    row.channels = [] if own else sorted(set(scope.channels))
    row.sensor_classes = [] if own else sorted(set(scope.sensor_classes))
    row.risk_sources = [] if own else sorted({str(source) for source in scope.risk_sources})
    row.effective_from, row.effective_to = effective_from, effective_to


def _person(actor: Actor) -> UUID | None:
    """The account of a person; processes have none."""
    return actor.account_id if actor.kind == "person" else None


def follow_up(row: Criterion, *, actor: Actor, now: datetime) -> Criterion:
    """Draft the next wording of a rule in force; once put in force it takes the other's place. Raises :class:`rules.NotEditable`."""
    if row.state != rules.IN_FORCE:
        raise rules.NotEditable(name=row.name, state=row.get_state_label())
    return draft(
        kind=row.kind,
        level=row.level,
        parameters=row.parameters,
        scope=Scope(tuple(row.channels), tuple(row.sensor_classes), tuple(row.risk_sources)),
        enterprise_id=row.enterprise_id,
        place_code=row.place_code,
        template=row.template,
        effective_to=row.effective_to,
        replaces=row,
        actor=actor,
        now=now,
        **{name: getattr(row, name) for name in TEXTS},
    )


def keep_model(data: bytes, now: datetime) -> str:
    """Keep a model of a process unit for rules to name; its SHA-256. Kept again it is the same. Raises ``MalformedModel``."""
    unpack(data)
    digest = sha256(data).hexdigest()
    UnitModel.objects.get_or_create(digest=digest, defaults={"data": data, "created_at": now})
    return digest


def apply_template(
    code: str, scope: Scope, *, enterprise_id: UUID | None = None, place_code: str = "", actor: Actor, now: datetime
) -> tuple[Criterion, ...]:
    """Draft the rules of a template for a scope; without one, for the class the template names.

    Raises as :func:`draft`; ``NotFound`` for a template that is not known or asks for more than points.
    """
    today = timezone.localdate(now)
    template = packed.find(code, today)
    if not template.as_it_stands:
        raise NotFound(what=code)
    if not scope and template.sensor_class:
        scope = Scope(sensor_classes=(template.sensor_class,))
    start = max(template.effective_from, today) if template.effective_from else today
    return tuple(
        draft(
            kind=part.kind,
            level=part.level,
            parameters=part.parameters,
            scope=scope,
            name=f"{template.name_zh} {part.suffix_zh}".strip(),
            enterprise_id=enterprise_id,
            place_code=place_code,
            source=template.source,
            article=template.article,
            status=template.status,
            note=template.note_zh,
            template=template.code,
            effective_from=start,
            actor=actor,
            now=now,
        )
        for part in template.rules
    )


def move(
    criterion_id: UUID, code: str, *, fields: Mapping[str, object] | None = None, reason: str = "", actor: Actor, now: datetime
) -> Criterion:
    """One of the moves that a person makes from the page.

    Raises :class:`rules.NotReplayed`, ``FourEyes`` and the other refusals of the flow.
    """
    row = queries.one(criterion_id, actor)
    match code:
        case "enact":
            return _enact(row, fields or {}, actor=actor, now=now)
        case "without_history":
            return flows.advance(row, code, actor=actor, now=now, reason=reason, fields={"no_history_reason": reason.strip()[:500]})
        case "withdraw":
            return flows.advance(row, code, actor=actor, now=now, reason=reason, event=_changed)
        case "discard":
            return flows.advance(row, code, actor=actor, now=now, reason=reason)
        case _:
            raise NotFound(what=code)


def _enact(row: Criterion, given: Mapping[str, object], *, actor: Actor, now: datetime) -> Criterion:
    def take_the_place(locked: Criterion, _move: Move, _gathered: Change) -> None:
        if not queries.may_be_enacted(locked):
            raise rules.NotReplayed
        before = locked.replaces
        if before is not None and before.state == rules.IN_FORCE:
            flows.advance(before, "withdraw", actor=actor, now=now, reason=f"→ {locked.code} {locked.name}", event=_changed)

    fields = {"name": row.name, "source": row.source, "effective_from": row.effective_from or timezone.localdate(now)}
    fields |= {name: value for name, value in given.items() if name in fields and value not in (None, "")}
    by = {"enacted_by_id": _person(actor), "enacted_by_name": actor.name, "enacted_at": now}
    return flows.advance(row, "enact", actor=actor, now=now, fields={**fields, **by}, event=_changed, after=take_the_place)


def suppress(
    row: Criterion,
    *,
    since: datetime | None = None,
    until: datetime,
    reason: str,
    channels: tuple[int, ...] = (),
    actor: Actor,
    now: datetime,
) -> Suppression:
    """Let a rule raise nothing for a time, at some of its points or at all. What still stands at the end is raised then.

    Raises :class:`rules.NotSuppressible`, :class:`rules.ImpossibleSuppression`, :class:`rules.NoReason`, ``NotPermitted``.
    """
    permit(actor, "criteria.suppress", record=row)
    since = since or now
    wrong: dict[str, Refusal | str] = {}
    if not reason.strip():
        wrong["reason"] = rules.NoReason()
    try:
        rules.check_suppression(since, until, now, longest_suppression())
    except rules.ImpossibleSuppression as refusal:
        wrong["until"] = refusal
    if row.state != rules.IN_FORCE:
        raise rules.NotSuppressible
    if wrong:
        raise Invalid(fields=wrong)
    with change(actor, "criteria.suppress", now=now, record=row) as gathered:
        made = Suppression.objects.create(
            criterion=row, since=since, until=until, channels=sorted(set(channels)), reason=reason.strip()[:300], by_name=actor.name
        )
        gathered.facts.update(
            {"since": since.isoformat(), "until": until.isoformat(), "reason": made.reason, "channels": made.channels, "name": row.name}
        )
        gathered.announce(_event(row, now))
    return made


def end_suppression(suppression: Suppression, *, actor: Actor, now: datetime) -> Suppression:
    """End a suppression before its time. Raises :class:`rules.SuppressionOver`, ``NotPermitted``."""
    row = suppression.criterion
    permit(actor, "criteria.suppress", record=row)
    if suppression.ended_at is not None or suppression.until <= now:
        raise rules.SuppressionOver
    with change(actor, "criteria.suppress", now=now, record=row) as gathered:
        suppression.ended_at, suppression.ended_by_name = now, actor.name
        suppression.save()
        gathered.facts.update({"suppression": str(suppression.pk), "ended": now.isoformat(), "name": row.name})
        gathered.announce(_event(row, now))
    return suppression


def _event(row: Criterion, now: datetime) -> CriteriaChanged:
    return CriteriaChanged(
        subject_id=row.pk,
        place_code=row.place_code,
        enterprise_id=row.enterprise_id,
        classification=Classification(row.classification),
        exercise=row.exercise,
        at=now,
        name=row.name,
    )


def _changed(row: Criterion, _move: Move, gathered: Change) -> CriteriaChanged:
    return _event(row, gathered.now)
