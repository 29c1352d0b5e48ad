"""What the books hear: a statement that waits for approval, people whose state the report upward does not tell yet."""

from __future__ import annotations

from dataclasses import asdict

from anlan.command.casebook import door, queries, rules
from anlan.command.casebook.models import Statement
from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.access import system_actor
from anlan.kernel.words import N_
from anlan.report.filings import door as filings

_LEDGER = system_actor("casebook")


def owe_supplement(event: door.CasebookChanged) -> None:
    """The ledger of people grew: where it counts otherwise than the report, a supplement is owed the same day."""
    if event.book != "people":
        return
    report, _rows = queries.compared(event.subject_id, None)
    if report is not None:
        counted = asdict(queries.figures(event.subject_id, None))
        filings.count_casualties(report.id, counted, event.at, actor=_LEDGER, now=event.at)


def tell_approvers(event: door.CasebookChanged) -> None:
    """The leaders of the place are told of a statement that waits; its writer that it came back or was approved."""
    row = Statement.objects.filter(pk=event.statement_id).first() if event.statement_id else None
    if row is None or row.state != event.state:
        return
    if row.state == rules.SUBMITTED:
        whom = {each.account_id for each in people.holders_of("duty_leader", row.place_code[:6], now=event.at)} - {row.drafted_by_id}
        sentence = N_("对外信息“{title}”待您审批。")
    elif row.state in (rules.APPROVED, rules.DRAFT) and event.at != row.opened_at:
        whom, sentence = {row.drafted_by_id}, N_("对外信息“{title}”已审批，请查看。")
    else:
        return
    for account_id in whom:
        notify(
            account_id,
            event=event.kind,
            once=f"casebook.statement:{row.pk}:{row.state}:{event.at:%m%d%H%M%S}",
            sentence=sentence,
            facts={"title": row.title},
            url=f"/incidents/{row.incident_id}/casebook/#statements",
            tone="blue",
            exercise=row.exercise,
            now=event.at,
        )
