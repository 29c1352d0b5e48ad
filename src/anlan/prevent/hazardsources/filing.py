"""Verbs of filings (备案) with the county bureau: opened by an assessment, sent, accepted or returned, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.ground.organisations import door as organisations
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor, Classification
from anlan.kernel.flow import Move
from anlan.kernel.words import N_
from anlan.ledger import clocks
from anlan.ledger.changes import Change, change
from anlan.ledger.clocks import ClockRule
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day
from anlan.prevent.hazardsources import door, queries, refusals, rules, tables
from anlan.prevent.hazardsources.holding import SYSTEM
from anlan.prevent.hazardsources.models import Assessment, Filing, HazardUnit

_ROLES = ("principal", "technical", "operation")


def follow_assessment(unit: HazardUnit, row: Assessment, *, actor: Actor, now: datetime) -> Filing | None:
    """What an assessment does to the filing: a major unit gets one to send within the term; one that was sent comes back to be sent anew.

    A unit that is no major hazard source any more keeps what was accepted until somebody asks to cancel it. Call in its transaction.
    """
    held = Filing.objects.filter(unit=unit, state__in=rules.OPEN_STATES).first()
    if held is not None and held.state != rules.DRAFT:
        advance(held, "recall", actor=SYSTEM, now=now)
    if not row.is_major:
        if held is not None:
            advance(held, "withdraw", actor=SYSTEM, now=now, reason=f"S = {row.s}", after=_follow)
        return None
    due = _due("filing_days", now)
    if held is not None:
        with change(SYSTEM, "hazardsources.file", now=now, record=held) as made:
            held.assessment, held.level, held.due_at = row, row.level, due
            held.save()
            made.facts["assessment"] = row.number
        clocks.cancel(held, rules.FILE)
    else:
        held = _opened(unit, row, due, actor, now)
    _start(held, rules.FILE, since=now, until=due, owed_by=enterprises.enterprise(unit.enterprise_id).name)
    _repeat(unit)
    return held


def _opened(unit: HazardUnit, row: Assessment, due: datetime, actor: Actor, now: datetime) -> Filing:
    made_filing = Filing(
        enterprise_id=unit.enterprise_id,
        place_code=unit.place_code,
        classification=unit.classification,
        created_at=now,
        updated_at=now,
        opened_at=now,
        state=rules.DRAFT,
        unit=unit,
        title=f"{unit.code} {unit.name}",
        assessment=row,
        level=row.level,
        due_at=due,
    )
    with change(SYSTEM, "hazardsources.file", now=now, place_code=unit.place_code, enterprise_id=unit.enterprise_id) as made:
        made_filing.save(force_insert=True)
        open_case(made_filing, actor=actor, now=now)
        made.subject = made_filing
    return made_filing


def _due(code: str, now: datetime) -> datetime:
    """The end of the last day of a term that begins today."""
    days = tables.parameter(code, law_day(now)).value
    return datetime.combine(law_day(now) + timedelta(days=days), time.max, queries.CHINA)


def _start(case: Filing, code: str, *, since: datetime, until: datetime, owed_by: str, organisation_id: UUID | None = None) -> None:
    term = tables.parameter("filing_days" if code == rules.FILE else "cancel_days", law_day(since))
    rule = ClockRule(code, rules.CLOCKS[code], f"{term.source} {term.article}", term.status)
    clocks.start(case, rule, since=since, until=until, owed_by=owed_by, owed_by_organisation_id=organisation_id)


def submit(filing_id: UUID, *, contact_name: str, contact_phone: str, actor: Actor, now: datetime) -> Filing:
    """Send a filing to the bureau. Needs ``hazardsources.file``.

    Raises ``MissingFields``, ``AnswersMissing`` where a hazard source does not name its responsible three, ``ReassessFirst`` where something asks to
    assess anew, ``WrongState``, ``NotPermitted``, ``NotFound``.
    """
    case = queries.filing(filing_id, None)
    waiting = [rules.TRIGGERS[row.trigger] for row in queries.open_reassessments(case.unit_id)]
    if waiting:
        raise refusals.ReassessFirst(unit=case.unit.name, reasons="、".join(waiting))
    fields = {
        "contact_name": contact_name.strip()[:60],
        "contact_phone": contact_phone.strip()[:20],
        "submitted_at": now,
        "submitted_by_id": actor.account_id,
        "submitted_by_name": actor.name,
        "answers": _answers(case.unit),
    }
    return _moved(case, "submit", fields, actor=actor, now=now)


def _answers(unit: HazardUnit) -> list[dict[str, str]]:
    """Who answers for each hazard source of the unit, by the register. Raises ``AnswersMissing``."""
    told = []
    for source in risksources.answers_of(row.id for row in queries.sources_of(unit.pk)):
        if not all(getattr(source, role) for role in _ROLES):
            raise refusals.AnswersMissing(name=source.name)
        told.append({"code": source.code, "name": source.name, **{role: getattr(source, role) for role in _ROLES}})
    return told


def accept(filing_id: UUID, *, receipt_number: str, actor: Actor, now: datetime) -> Filing:
    """The bureau takes a filing under a number; what was accepted before for the unit is replaced. Needs ``hazardsources.accept``.

    Raises ``MissingFields``, ``FourEyes``, ``WrongState``, ``NotPermitted``, ``NotFound``.
    """
    case = queries.filing(filing_id, None)
    fields = {"receipt_number": receipt_number.strip()[:60], "decided_at": now, "decided_by_name": actor.name}

    def replace(locked: Filing, move: Move, made: Change) -> None:
        for older in Filing.objects.filter(unit=locked.unit, state__in=rules.HELD_STATES).exclude(pk=locked.pk):
            advance(older, "replace", actor=SYSTEM, now=now)
        _follow(locked, move, made)

    return _moved(case, "accept", fields, actor=actor, now=now, after=replace)


def decide(filing_id: UUID, move: str, *, reason: str = "", actor: Actor, now: datetime) -> Filing:
    """Any other move by a person: ``return``, ``ask_cancel``, ``cancel``, ``keep``, ``withdraw``. Raises the refusals of the flow."""
    case = queries.filing(filing_id, None)
    fields: dict[str, Any] = {"decided_at": now, "decided_by_name": actor.name} if move in ("return", "cancel", "keep") else {}
    if move == "ask_cancel":
        fields["cancel_asked_by_id"] = actor.account_id
        return _moved(case, move, fields, reason=reason, actor=actor, now=now, after=_start_review)
    return _moved(case, move, fields, reason=reason, actor=actor, now=now)


def _start_review(case: Filing, move: Move, made: Change) -> None:
    bureau = organisations.bureau_of(case.place_code)
    _start(
        case,
        rules.CANCEL_REVIEW,
        since=made.now,
        until=_due("cancel_days", made.now),
        owed_by=bureau.name if bureau is not None else "",
        organisation_id=bureau.id if bureau is not None else None,
    )
    _follow(case, move, made)


def _moved(
    case: Filing,
    move: str,
    fields: Mapping[str, object],
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    after: Callable[[Filing, Move, Change], None] | None = None,
) -> Filing:
    def told(locked: Filing, _move: Move, _made: Change) -> door.HazardFilingMoved:
        return door.HazardFilingMoved(
            subject_id=locked.unit_id,
            place_code=locked.place_code,
            enterprise_id=locked.enterprise_id,
            classification=Classification(locked.classification),
            at=now,
            name=locked.title,
            by_name=actor.name,
            filing_id=str(locked.pk),
            state=locked.state,
            reason=reason,
        )

    return advance(case, move, actor=actor, now=now, fields=fields, reason=reason, event=told, after=after or _follow)


def _follow(case: Filing, _move: Move, _made: Change) -> None:
    _repeat(case.unit)


def _repeat(unit: HazardUnit) -> None:
    """Write the state of the newest filing beside the unit, where lists read it."""
    newest = Filing.objects.filter(unit=unit).order_by("-opened_at", "-pk").first()
    HazardUnit.objects.filter(pk=unit.pk).update(filing_state=newest.state if newest is not None else "")


TEXTS: dict[str, str] = {
    rules.SUBMITTED: N_("“{name}”的重大危险源备案已报送，请办理。"),
    rules.ACCEPTED: N_("“{name}”的重大危险源已备案。"),
    rules.RETURNED: N_("“{name}”的重大危险源备案被退回：{reason}"),
    rules.CANCELLING: N_("“{name}”申请核销重大危险源：{reason}"),
    rules.CANCELLED: N_("“{name}”的重大危险源已核销。"),
}
"""What those who act next are told when a filing reaches a state."""
