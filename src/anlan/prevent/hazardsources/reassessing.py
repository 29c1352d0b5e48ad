"""Occasions to assess a unit anew (Order 40 art. 11): raised by people, by other records and by time; each stands once until answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy

from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.levels import prefix_of
from anlan.kernel.words import N_
from anlan.ledger.changes import change, permit
from anlan.ledger.sources import law_day
from anlan.prevent.hazardsources import door, grading, queries, refusals, rules, surroundings, tables
from anlan.prevent.hazardsources.holding import SYSTEM, about, locked
from anlan.prevent.hazardsources.models import HazardUnit, Reassessment

TYPED = "{words}"
COUNTED = N_("人口数据更新（{name}）：500米内约 {before} → {after} 人，α {alpha_before} → {alpha_after}")
OUTDATED = N_("评估有效期至 {day}")
NEW_STANDARD = N_("{edition} 自 {day} 起施行")
MOST_AT_ONCE = 500
"""Units looked at in one night's sweep for one reason; the rest follow the next night. Project default."""


def raise_one(
    unit: HazardUnit,
    trigger: str,
    sentence: str,
    facts: dict[str, Any],
    *,
    actor: Actor,
    now: datetime,
    automatic: bool,
    people: int | None = None,
) -> Reassessment | None:
    """Ask to assess ``unit`` anew, because of ``sentence`` (Chinese source text) with ``facts``; ``people``: as newly estimated, for the trial. Call inside a transaction that holds the unit.

    A trigger that stands already takes the newer reason. Announced when it is new or when the trial gives another level;
    ``None`` where the unit was never assessed, or nothing is new.
    """
    if unit.assessed_at is None:
        return None
    told, level = _trial(unit, people, now)
    held = Reassessment.objects.select_for_update().filter(unit=unit, trigger=trigger, closed_at__isnull=True).first()
    if held is not None and (held.sentence, held.facts, held.trial) == (sentence, facts, told):
        return None
    with change(actor if not automatic else SYSTEM, "hazardsources.declare", now=now, record=unit) as made:
        fresh = held is None or held.trial.get("level") != told.get("level")
        row = held or Reassessment(unit=unit, trigger=trigger)
        row.sentence, row.facts, row.trial = sentence, facts, told
        row.at, row.by_name, row.automatic = now, actor.name, automatic
        row.save()
        unit.to_reassess = True
        unit.save()
        made.facts["reassess"] = {"trigger": trigger, "reason": said(row, str), "trial": told}
        if fresh:
            made.announce(
                door.ReassessmentRaised(
                    **about(unit, actor, now), trigger=trigger, reason=said(row, str), level=unit.major_level, trial_level=level
                )
            )
    return row


def said(row: Reassessment, translate: Callable[[str], str]) -> str:
    """Why, in the language of ``translate``."""
    return translate(row.sentence).format_map(row.facts)


def _trial(unit: HazardUnit, people: int | None, now: datetime) -> tuple[dict[str, Any], int | None]:
    found = queries.trial(unit.pk, people, now)
    if found is None:
        return {}, None
    told = {
        "s": grading.shown(found.s),
        "r": grading.shown(found.r),
        "level": found.level,
        "people": found.people,
        "complete": found.complete,
    }
    return told, found.level


def declare(unit_id: UUID, *, trigger: str, reason: str, actor: Actor, now: datetime) -> Reassessment | None:
    """Somebody of the enterprise or the bureau says that a unit is to be assessed anew. Needs ``hazardsources.declare``.

    Raises ``Invalid`` for an unknown trigger or an empty reason, ``NotAssessed``, ``NotFound``, ``NotPermitted``.
    """
    with transaction.atomic():
        unit = locked(unit_id)
        permit(actor, "hazardsources.declare", record=unit)
        wrong: dict[str, Refusal | str] = {}
        if trigger not in rules.DECLARED:
            wrong["trigger"] = refusals.FieldWrong(field=gettext_lazy("重新评估的情形"), value=trigger)
        if not reason.strip():
            wrong["reason"] = refusals.ExplainTrigger()
        if wrong:
            raise Invalid(wrong)
        if unit.assessed_at is None:
            raise refusals.NotAssessed(unit=unit.name)
        return raise_one(unit, trigger, TYPED, {"words": reason.strip()[:400]}, actor=actor, now=now, automatic=False)


def note_held(source_id: UUID, sentence: str, facts: dict[str, Any], *, actor: Actor, now: datetime) -> HazardUnit | None:
    """More is held in a hazard source than its design allows: what the unit was graded by no longer holds (occasion 3). Returns its unit."""
    holder = queries.unit_of_source(source_id, None)
    if holder is None:
        return None
    with transaction.atomic():
        unit = locked(holder.pk)
        raise_one(unit, rules.INVENTORY, sentence, facts, actor=actor, now=now, automatic=True)
    return unit


def note_accident(enterprise_id: UUID, source_id: UUID | None, *, reason: str, actor: Actor, now: datetime) -> list[HazardUnit]:
    """An accident: the unit of the hazard source, else every major unit of the enterprise. Needs ``hazardsources.declare``."""
    holder = queries.unit_of_source(source_id, None) if source_id is not None else None
    meant = [holder] if holder is not None else list(queries.of_enterprise(enterprise_id, None).filter(is_major=True))
    with transaction.atomic():
        for each in meant:
            unit = locked(each.pk)
            permit(actor, "hazardsources.declare", record=unit)
            raise_one(unit, rules.ACCIDENT, TYPED, {"words": reason.strip()[:400]}, actor=actor, now=now, automatic=False)
    return meant


def count_again(place_code: str, name: str, *, now: datetime) -> int:
    """New figures of population for a place: estimate the people of its assessed units again; where α changes, ask to assess anew.

    Returns how many were asked for. Where the estimate cannot be made nothing is said: nobody can tell whether α changed.
    """
    prefix = prefix_of(place_code)
    found = HazardUnit.objects.filter(assessed_at__isnull=False, place_code__startswith=prefix).order_by("pk")
    return sum(_count_again(pk, name, now) for pk in found.values_list("pk", flat=True).iterator())


def _count_again(unit_id: UUID, name: str, now: datetime) -> bool:
    with transaction.atomic():
        unit = locked(unit_id)
        last = queries.newest_assessment(unit.pk)
        try:
            people = surroundings.estimate(unit, None, now).people
        except (refusals.PeopleNotKnown, refusals.PlaceNotKnown):
            return False
        held = tables.on(law_day(now))
        if last is None:
            return False
        before = int(last.people_basis.get("estimated", last.people))
        if grading.alpha(people, held) == grading.alpha(before, held):
            return False
        facts = {
            "name": name,
            "before": before,
            "after": people,
            "alpha_before": f"{grading.alpha(before, held).normalize():f}",
            "alpha_after": f"{grading.alpha(people, held).normalize():f}",
        }
        return raise_one(unit, rules.SURROUNDINGS, COUNTED, facts, actor=SYSTEM, now=now, automatic=True, people=people) is not None


def sweep(now: datetime) -> int:
    """What time does: three years are over, or other tables hold than those of the assessment. Returns how many were asked for."""
    today = law_day(now)
    held = tables.on(today)
    late = HazardUnit.objects.filter(next_due_on__lte=today).exclude(
        reassessments__trigger=rules.THREE_YEARS, reassessments__closed_at__isnull=True
    )
    raised = 0
    for pk in list(late.order_by("next_due_on").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        with transaction.atomic():
            unit = locked(pk)
            facts = {"day": f"{unit.next_due_on}"}
            raised += raise_one(unit, rules.THREE_YEARS, OUTDATED, facts, actor=SYSTEM, now=now, automatic=True) is not None
    older = HazardUnit.objects.filter(assessed_at__lt=datetime.combine(held.since, datetime.min.time(), queries.CHINA)).exclude(
        reassessments__trigger=rules.STANDARDS, reassessments__closed_at__isnull=True
    )
    for pk in list(older.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        with transaction.atomic():
            unit = locked(pk)
            facts = {"edition": held.edition, "day": f"{held.since}"}
            raised += raise_one(unit, rules.STANDARDS, NEW_STANDARD, facts, actor=SYSTEM, now=now, automatic=True) is not None
    return raised
