"""What the books tell in the timeline of an incident. Nobody is named: people are told by number and state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.command.casebook import queries, rules
from anlan.command.casebook.models import Person, Statement
from anlan.command.incidents.door import TimelineLine
from anlan.kernel.access import Actor
from anlan.ledger.flows import steps_of
from anlan.ledger.scope import visible


def lines(incident_id: UUID, actor: Actor) -> Iterable[TimelineLine]:
    """Lines of an incident that ``actor`` may see."""
    if not actor.may_somewhere("casebook.view"):
        return
    yield from _people(incident_id, actor)
    for row in queries.decisions(incident_id, actor):
        text = "\n".join(filter(None, (row.text, _("依据：{grounds}").format(grounds=row.grounds), row.facts)))
        yield TimelineLine(row.at, "decision", _("决策"), text, row.decided_by, subject_id=row.pk, code="decision.made")
    statements = {row.pk: row for row in queries.statements(incident_id, actor)}
    for key, taken in steps_of(Statement, statements).items():
        row = statements[key]
        for step in taken:
            label = _("起草") if step.move == "open" else _(rules.STATEMENT_FLOW.move(step.move).label)
            title = _("{what}对外信息（{audience}）：{title}").format(what=label, audience=row.get_audience_display(), title=row.title)
            text = row.body if step.move == "issue" else step.reason
            yield TimelineLine(step.at, "statement", title, text, step.actor_name, subject_id=key, code=f"statement.{step.move}")
    for row in queries.costs(incident_id, actor):
        title = _("费用：{item} {amount} 元").format(item=row.item, amount=row.amount)
        yield TimelineLine(row.at, "cost", title, row.payer, row.by_name, subject_id=row.pk, code="cost.entered")


def _people(incident_id: UUID, actor: Actor) -> Iterator[TimelineLine]:
    rows = {row.pk: row for row in visible(Person.objects.filter(incident_id=incident_id), actor, "casebook.view")}
    for key, taken in steps_of(Person, rows).items():
        row = rows[key]
        for step in taken:
            state = _(rules.PERSON_FLOW.state(step.target).label)
            title = _("人员 {number}：{state}").format(number=row.number, state=state)
            text = " ".join(filter(None, (row.get_role_display(), step.reason)))
            yield TimelineLine(step.at, "people", title, text, step.actor_name, subject_id=key, code=f"people.{step.target}")
        if row.family_told_at is not None:
            title = _("人员 {number}：已告知家属").format(number=row.number)
            yield TimelineLine(row.family_told_at, "people", title, "", row.family_told_by, subject_id=key, code="people.family")
