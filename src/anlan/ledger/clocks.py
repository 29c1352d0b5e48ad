"""Legal clocks: rows that are started and stopped by moves, swept by one timer, shown as countdowns, never computed in a template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.ledger.copying import Blank, copy_in
from anlan.ledger.events import announce
from anlan.ledger.models import Clock, ClockState
from anlan.ledger.scope import visible


@dataclass(frozen=True, kw_only=True)
class ClockMissed(Event):
    """A legal deadline passed without the duty being done."""

    kind: ClassVar[str] = "clocks.missed"
    action: ClassVar[str] = "filings.view"
    label: str
    subject_type: str
    owed_by: str


@dataclass(frozen=True)
class ClockRule:
    """What a legal clock says of itself: permanent code, label (Chinese source text), article, and how sure we are of it."""

    code: str
    label: str
    article: str = ""
    status: str = "verified"


def start(
    case: models.Model,
    rule: ClockRule,
    *,
    since: datetime,
    until: datetime,
    owed_by: str = "",
    owed_to: str = "",
    owed_by_organisation_id: UUID | None = None,
) -> Clock:
    """Start the clock of ``rule`` for ``case``; starting the same clock at the same moment twice makes one clock."""
    clock, _ = Clock.objects.get_or_create(
        subject_type=case._meta.label_lower,
        subject_id=case.pk,
        rule_code=rule.code,
        since=since,
        defaults={
            "label": rule.label,
            "article": rule.article,
            "rule_status": rule.status,
            "until": until,
            "owed_by": owed_by,
            "owed_to": owed_to,
            "owed_by_organisation_id": owed_by_organisation_id,
            "place_code": getattr(case, "place_code", ""),
            "enterprise_id": getattr(case, "enterprise_id", None),
            "classification": getattr(case, "classification", 1),
            "exercise": getattr(case, "exercise", False),
        },
    )
    return clock


@dataclass(frozen=True)
class Started:
    """One clock of many: the duty of ``rule`` for ``case``."""

    case: models.Model
    rule: ClockRule
    since: datetime
    until: datetime
    owed_by: str = ""
    owed_to: str = ""


def start_many(started: Iterable[Started]) -> int:
    """Start clocks of cases that were made in this transaction, with few statements; how many."""
    clock = Blank(Clock)
    rows = [
        clock(
            subject_type=each.case._meta.label_lower,
            subject_id=each.case.pk,
            rule_code=each.rule.code,
            since=each.since,
            label=each.rule.label,
            article=each.rule.article,
            rule_status=each.rule.status,
            until=each.until,
            owed_by=each.owed_by,
            owed_to=each.owed_to,
            place_code=getattr(each.case, "place_code", ""),
            enterprise_id=getattr(each.case, "enterprise_id", None),
            classification=getattr(each.case, "classification", 1),
            exercise=getattr(each.case, "exercise", False),
        )
        for each in started
    ]
    return copy_in(rows)


def stop(case: models.Model, rule_code: str, *, now: datetime, by: str = "") -> list[Clock]:
    """The duty was done: open clocks of the rule become met, or stay missed with the time they were met at."""
    clocks = list(
        for_subject(case).filter(rule_code=rule_code, met_at__isnull=True).exclude(state=ClockState.CANCELLED).select_for_update()
    )
    for clock in clocks:
        clock.met_at, clock.met_by = now, by
        clock.state = ClockState.MET if now <= clock.until else ClockState.MISSED
        clock.save(update_fields=["met_at", "met_by", "state"])
    return clocks


def cancel(case: models.Model, rule_code: str) -> int:
    """The duty fell away: running clocks of the rule are cancelled; missed ones stay missed."""
    return for_subject(case).filter(rule_code=rule_code, state=ClockState.RUNNING).update(state=ClockState.CANCELLED)


def hand_over(model: type[models.Model], keys: Sequence[UUID], enterprise_id: UUID) -> int:
    """Clocks of these cases belong to another enterprise from now on; how many."""
    mine = Clock.objects.filter(subject_type=model._meta.label_lower)
    return sum(
        mine.filter(subject_id__in=keys[at : at + _AT_ONCE]).update(enterprise_id=enterprise_id) for at in range(0, len(keys), _AT_ONCE)
    )


def forget(model: type[models.Model], keys: Sequence[UUID]) -> int:
    """Cancel the running clocks of cases that are being removed; how many."""
    return Clock.objects.filter(subject_type=model._meta.label_lower, subject_id__in=keys, state=ClockState.RUNNING).update(
        state=ClockState.CANCELLED
    )


_AT_ONCE = 1000


def for_subject(case: models.Model) -> QuerySet[Clock]:
    """Every clock of ``case``, nearest deadline first."""
    return Clock.objects.filter(subject_type=case._meta.label_lower, subject_id=case.pk)


def running(actor: Actor, action: str = "filings.view") -> QuerySet[Clock]:
    """Clocks still owed (running, or missed and not yet done) that ``actor`` may see, nearest deadline first."""
    owed = Clock.objects.filter(state__in=[ClockState.RUNNING, ClockState.MISSED], met_at__isnull=True)
    return visible(owed, actor, action).order_by("until")


def sweep(now: datetime) -> list[Clock]:
    """Mark every running clock whose deadline has passed as missed and announce it once. Call inside a transaction."""
    late = list(Clock.objects.select_for_update(skip_locked=True).filter(state=ClockState.RUNNING, until__lt=now))
    for clock in late:
        clock.state, clock.escalated_at = ClockState.MISSED, now
        clock.save(update_fields=["state", "escalated_at"])
        announce(
            ClockMissed(
                subject_id=clock.subject_id,
                place_code=clock.place_code,
                enterprise_id=clock.enterprise_id,
                at=now,
                exercise=clock.exercise,
                label=clock.label,
                subject_type=clock.subject_type,
                owed_by=clock.owed_by,
            )
        )
    return late
