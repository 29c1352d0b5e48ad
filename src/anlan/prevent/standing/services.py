"""Verbs of gradings: begin, fill, submit, review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Invalid
from anlan.kernel.flow import Move
from anlan.ledger import flows
from anlan.ledger.changes import Change, change, permit
from anlan.ledger.sources import law_day
from anlan.prevent.standing import door, proposing, queries, refusals, rules
from anlan.prevent.standing.models import Grading


def _about(row: Grading, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": row.pk,
        "place_code": row.place_code,
        "enterprise_id": row.enterprise_id,
        "classification": Classification(row.classification),
        "at": now,
        "exercise": row.exercise,
        "title": row.title,
        "by_name": actor.name,
    }


def _locked(grading_id: UUID, actor: Actor, seen: int | None) -> Grading:
    queries.grading(grading_id, actor)
    row = Grading.objects.select_for_update().get(pk=grading_id)
    if seen is not None and row.version != seen:
        last = {rules.SUBMITTED: row.submitted_by_name, rules.DRAFT: row.filled_by_name}.get(row.state, row.reviewed_by_name)
        raise refusals.ChangedMeanwhile(name=last)
    return row


@transaction.atomic
def begin(enterprise_id: UUID, *, year: int | None = None, exercise: bool = False, actor: Actor, now: datetime) -> Grading:
    """Begin the assessment of a year (by default of this one), filled from what the platform knows; the last year's proofs are taken over.

    Raises ``NotHazchem``, ``YearTaken``, ``NotFound``, ``NotPermitted``.
    """
    chosen = enterprises.enterprise(enterprise_id, actor)
    permit(actor, "standing.fill", place_code=chosen.place_code, enterprise_id=chosen.id, classification=chosen.classification)
    day = law_day(now)
    year = year or day.year
    if chosen.sector_code not in rules.SECTORS:
        raise refusals.NotHazchem(name=chosen.name)
    if Grading.objects.filter(enterprise_id=chosen.id, year=year).exists():
        raise refusals.YearTaken(name=chosen.name, year=year)
    before = Grading.objects.filter(enterprise_id=chosen.id, year__lt=year).order_by("-year").first()
    found = proposing.proposals(chosen.id, day)
    answers = {code: dict(entry) for code, entry in (before.answers if before is not None else {}).items()}
    for code, proposal in found.items():
        kept = answers.get(code, {})
        answers[code] = {"remark": "", **kept, "proof": kept.get("proof") or proposal["proof"], "count": proposal["count"]}
    try:
        with transaction.atomic(), change(actor, "standing.fill", now=now, place_code=chosen.place_code, enterprise_id=chosen.id) as made:
            row = Grading(
                enterprise_id=chosen.id,
                place_code=chosen.place_code,
                classification=max(chosen.classification, int(Classification.INTERNAL)),
                created_at=now,
                updated_at=now,
                opened_at=now,
                state=rules.DRAFT,
                exercise=exercise,
                title=f"{chosen.name} {year}"[:160],
                year=year,
                rules_on=day,
                answers=answers,
                proposals=found,
                filled_by_id=actor.account_id,
                filled_by_name=actor.name,
            )
            _reckon(row)
            row.save(force_insert=True)
            flows.open_case(row, actor=actor, now=now)
            made.subject = row
            made.announce(door.GradingSaved(**_about(row, actor, now)))
    except IntegrityError as taken:
        raise refusals.YearTaken(name=chosen.name, year=year) from taken
    return row


def _reckon(row: Grading) -> rules.Result:
    result = queries.grade(queries.counts_of(row.answers), row.rules_on)
    row.self_score, row.self_colour = result.score, result.colour
    return result


@transaction.atomic
def save(
    grading_id: UUID,
    *,
    counts: Mapping[str, object],
    proofs: Mapping[str, str],
    remarks: Mapping[str, str],
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Grading:
    """Keep the enterprise's answers. Raises ``Invalid`` naming items, ``NotEditable``, ``ChangedMeanwhile``, ``NotPermitted``."""
    row = _locked(grading_id, actor, seen)
    permit(actor, "standing.fill", record=row)
    if row.state not in rules.EDITABLE:
        raise refusals.NotEditable(state=row.get_state_label())
    held = rules.counts(queries.items(row.rules_on), counts)
    with change(actor, "standing.fill", now=now, record=row) as made:
        row.answers = {
            code: {"count": number, "proof": proofs.get(code, "").strip()[:300], "remark": remarks.get(code, "").strip()[:300]}
            for code, number in held.items()
        }
        row.filled_by_id, row.filled_by_name = actor.account_id, actor.name
        _reckon(row)
        row.save()
        made.announce(door.GradingSaved(**_about(row, actor, now)))
    row.refresh_from_db()
    return row


@transaction.atomic
def submit(grading_id: UUID, *, seen: int | None = None, actor: Actor, now: datetime) -> Grading:
    """Send the assessment to the bureau; every bonus has its proof. Raises ``Invalid``, ``ChangedMeanwhile`` and those of the flow."""
    row = _locked(grading_id, actor, seen)
    permit(actor, "standing.submit", record=row)
    items = queries.items(row.rules_on)
    proofs = {code: str(entry.get("proof", "")) for code, entry in row.answers.items()}
    rules.counts(items, queries.counts_of(row.answers))
    rules.check_proofs(items, queries.counts_of(row.answers), proofs)
    fields = {"submitted_by_id": actor.account_id, "submitted_by_name": actor.name, "submitted_at": now, "verdict": "", "review": {}}
    return flows.advance(
        row,
        "submit",
        actor=actor,
        now=now,
        fields=fields,
        event=lambda stored, _move, _made: door.GradingSubmitted(**_about(stored, actor, now), colour=stored.self_colour),
    )


@transaction.atomic
def review(
    grading_id: UUID,
    *,
    accept: bool,
    counts: Mapping[str, object],
    reasons: Mapping[str, str],
    verdict: str = "",
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Grading:
    """Accept the assessment with what the bureau found, or send it back with reasons for its items. What the enterprise said stays as it is.

    Somebody of a bureau, who neither filled nor submitted it. Raises ``Invalid`` naming items without a reason, ``NothingToMend``,
    ``NotForEnterprise``, ``ChangedMeanwhile``, ``FourEyes`` and the other refusals of the flow.
    """
    row = _locked(grading_id, actor, seen)
    permit(actor, "standing.review", record=row)
    if actor.enterprise_id is not None:
        raise refusals.NotForEnterprise()
    items = queries.items(row.rules_on)
    found = rules.counts(items, counts)
    told = {code: text.strip()[:300] for code, text in reasons.items() if text.strip()}
    rules.check_review(items, queries.counts_of(row.answers), found, told)
    if not accept and not told:
        raise Invalid(fields={"verdict": refusals.NothingToMend()})
    result = queries.grade(found, row.rules_on)
    fields: dict[str, object] = {
        "review": {code: {"count": number, "reason": told.get(code, "")} for code, number in found.items()},
        "review_score": result.score,
        "review_colour": result.colour,
        "reviewed_by_name": actor.name,
        "reviewed_at": now,
        "verdict": verdict.strip(),
    }
    if accept:
        fields |= {"colour": result.colour, "next_due_on": _next(law_day(now), row.rules_on)}

    def event(stored: Grading, _move: Move, _made: Change) -> door.GradingEvent:
        about = _about(stored, actor, now)
        if accept:
            return door.GradingAccepted(**about, colour=stored.colour, self_colour=stored.self_colour)
        return door.GradingReturned(**about, reason=stored.verdict)

    return flows.advance(row, "accept" if accept else "send_back", actor=actor, now=now, fields=fields, event=event)


def _next(day: date, on: date) -> date:
    months = queries.parameter("self_months", on).value
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28))
