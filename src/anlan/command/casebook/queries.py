"""Reads of an incident's books."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet, Sum

from anlan.command.casebook import rules
from anlan.command.casebook.models import Cost, Decision, Person, Statement
from anlan.command.dispatch import door as dispatch
from anlan.command.incidents import door as incidents
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible
from anlan.report.filings import door as filings

_LEDGER = system_actor("casebook")


@dataclass(frozen=True)
class Compared:
    """One figure of the ledger beside what was reported upward; ``reported`` is ``None`` where it was told as unknown."""

    code: str
    counted: int
    reported: int | None
    kept: bool = True

    @property
    def differs(self) -> bool:
        """Whether a supplement should tell the ledger's figure."""
        return self.kept and self.counted != (self.reported or 0)


def people(incident_id: UUID, actor: Actor | None) -> QuerySet[Person]:
    """People of an incident; none for whoever may not see names."""
    rows = Person.objects.filter(incident_id=incident_id)
    return rows if actor is None else visible(rows, actor, "casebook.people")


def person(person_id: UUID | str, actor: Actor | None) -> Person:
    """One person. Raises ``NotFound``."""
    rows = Person.objects.all()
    found = (rows if actor is None else visible(rows, actor, "casebook.people")).filter(pk=person_id).first()
    if found is None:
        raise NotFound(what=str(person_id))
    return found


def statement(statement_id: UUID | str, actor: Actor | None) -> Statement:
    """One statement. Raises ``NotFound``."""
    rows = Statement.objects.all()
    found = (rows if actor is None else visible(rows, actor, "casebook.view")).filter(pk=statement_id).first()
    if found is None:
        raise NotFound(what=str(statement_id))
    return found


def statements(incident_id: UUID, actor: Actor) -> QuerySet[Statement]:
    """What was said, or is to be."""
    return visible(Statement.objects.filter(incident_id=incident_id), actor, "casebook.view")


def decisions(incident_id: UUID, actor: Actor) -> QuerySet[Decision]:
    """Decisions with their grounds."""
    return visible(Decision.objects.filter(incident_id=incident_id), actor, "casebook.view")


def costs(incident_id: UUID, actor: Actor) -> QuerySet[Cost]:
    """Items of cost."""
    return visible(Cost.objects.filter(incident_id=incident_id), actor, "casebook.view")


def total(incident_id: UUID, actor: Actor) -> Decimal:
    """Cost in yuan, with what aid of other bureaus cost."""
    own = costs(incident_id, actor).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    return own + dispatch.cost(incident_id, actor)


def figures(incident_id: UUID, actor: Actor | None) -> rules.Figures:
    """See :func:`anlan.command.casebook.door.figures`. Figures name nobody: whoever sees the books sees them."""
    rows = Person.objects.filter(incident_id=incident_id)
    rows = rows if actor is None else visible(rows, actor, "casebook.view")
    return rules.figures(rows.values_list("state", "worst"))


def compared(incident_id: UUID, actor: Actor | None) -> tuple[filings.FilingSummary | None, tuple[Compared, ...]]:
    """The newest report of the incident, and each figure of the ledger beside it."""
    counted = figures(incident_id, actor)
    # A ledger that nobody keeps says nothing against the report.
    kept = Person.objects.filter(incident_id=incident_id).exists()
    reports = filings.filings(list(incidents.linked(incident_id, "filing", actor)), actor)
    report = reports[0] if reports else None
    rows = tuple(
        Compared(code, getattr(counted, code), getattr(report, code) if report is not None else None, kept and report is not None)
        for code in ("deaths", "serious_injured", "injured", "missing")
    )
    return report, rows


def rescue_cost(filing_id: UUID) -> filings.RescueCost:
    """Cost of every response to a reported event, CNY: what the unit bears, and everybody else with the aid of other bureaus; unclear who is neither."""
    own, others = Decimal(0), Decimal(0)
    for incident in incidents.for_subject("filing", filing_id, None):
        by = dict(Cost.objects.filter(incident_id=incident.id).order_by().values_list("borne_by").annotate(sum=Sum("amount")))
        own += by.get(rules.UNIT, Decimal(0))
        others += by.get(rules.GOVERNMENT, Decimal(0)) + by.get(rules.OTHERS, Decimal(0)) + dispatch.cost(incident.id, _LEDGER)
    return filings.RescueCost(max(0, round(own)), max(0, round(others)))
