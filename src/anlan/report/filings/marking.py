"""Reports that came late, were left out, were false or concealed (迟报、漏报、谎报、瞒报): raised by rule or by a person, answered, decided, never removed.

Sources: Decree 493 art. 36, Order 21 art. 25; 安全生产法 art. 110.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.ground.evidence import door as evidence
from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.kernel.levels import Level
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.report.filings import door, refusals, rules
from anlan.report.filings.models import Filing, ReportingMark


def raise_by_rule(
    filing: Filing, kind: str, *, who: str, level: int | None, rule_code: str, late_minutes: int, facts: str, actor: Actor, now: datetime
) -> None:
    """A deadline was missed: the clock is the evidence. Inside the transaction of a verb; the same duty is marked once."""
    made, fresh = ReportingMark.objects.get_or_create(
        filing=filing,
        kind=kind,
        rule_code=rule_code,
        who=who,
        defaults={
            **_case(filing, now),
            "level": level,
            "late_minutes": late_minutes,
            "facts": facts,
            "raised_by_name": _("系统（按时限）"),
        },
    )
    if fresh:
        open_case(made, actor=actor, now=now)


def raise_mark(filing: Filing, kind: str, who: str, facts: str, exhibits: Iterable[UUID], *, actor: Actor, now: datetime) -> ReportingMark:
    """Raise a mark with facts and exhibits that lie with the filing. Raises ``NoEvidence`` without either."""
    held = list(exhibits)
    if kind not in rules.MARKS or not facts.strip() or not who.strip() or not held:
        raise refusals.NoEvidence(kind=_(rules.MARKS.get(kind, kind)))
    known = {row.id for row in evidence.list_for(Filing._meta.label_lower, filing.pk, actor)}
    if not known.issuperset(held):
        raise refusals.NoEvidence(kind=_(rules.MARKS[kind]))
    with change(actor, "filings.mark", now=now, record=filing) as gathered:
        made = ReportingMark.objects.create(
            filing=filing,
            **_case(filing, now),
            kind=kind,
            who=who.strip()[:200],
            facts=facts.strip(),
            evidence=[str(each) for each in held],
            raised_by_id=actor.account_id,
            raised_by_name=actor.name,
        )
        open_case(made, actor=actor, now=now)
        gathered.facts.update({"mark": kind, "who": who})
        gathered.announce(door.FilingChanged(**_about(filing, now)))
    return made


def _case(filing: Filing, now: datetime) -> dict[str, Any]:
    return {
        "state": rules.RAISED,
        "opened_at": now,
        "exercise": filing.exercise,
        "place_code": filing.place_code,
        "classification": filing.classification,
        "enterprise_id": filing.enterprise_id,
    }


def state(mark: ReportingMark, statement: str, *, actor: Actor, now: datetime) -> ReportingMark:
    """Whoever is marked says why. Raises ``MissingFields``."""
    return advance(
        mark, "state", actor=actor, now=now, fields={"statement": statement.strip(), "stated_by_name": actor.name}, event=_event(now)
    )


def decide(mark: ReportingMark, move: str, conclusion: str, *, actor: Actor, now: datetime) -> ReportingMark:
    """Uphold (``uphold``) or dismiss (``dismiss``) a mark, by somebody else than who raised it and above who is marked.

    Raises ``FourEyes``, ``MissingFields``, ``NotYourStep`` for a bureau that would judge itself (the nation's has none above it).
    """
    if mark.level is not None and actor.level >= max(mark.level, Level.PROVINCE):
        raise refusals.NotYourStep(holder=_("{who}的上级").format(who=mark.who))
    fields = {"conclusion": conclusion.strip(), "decided_by_name": actor.name}
    return advance(mark, move, actor=actor, now=now, fields=fields, event=_event(now))


def _event(now: datetime) -> Any:
    def event(locked: ReportingMark, _move: Move, _gathered: Change) -> Event:
        return door.FilingChanged(**_about(locked.filing, now))

    return event


def _about(filing: Filing, now: datetime) -> dict[str, Any]:
    told = {"subject_id": filing.pk, "place_code": filing.place_code, "enterprise_id": filing.enterprise_id}
    return {**told, "classification": filing.classification, "at": now, "exercise": filing.exercise, "title": filing.title}
