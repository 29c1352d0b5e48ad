"""The signature under an enterprise's table of a quarter or a year (Order 16 art. 14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.kernel.access import Actor, Classification
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.ledger.changes import Change, permit
from anlan.ledger.flows import advance
from anlan.prevent.dangers import door, periods, queries, refusals, statistics
from anlan.prevent.dangers.models import PeriodReport


@transaction.atomic
def sign(report_id: UUID, *, analysis: str, principal_name: str, actor: Actor, now: datetime) -> PeriodReport:
    """Sign the table: its figures are fixed as they stand now. Raises ``ReportNotOver``, ``ReportSigned``, the refusals of the flow."""
    report = queries.report(report_id, actor)
    permit(actor, "dangers.sign_report", record=report)
    period = periods.parse(report.period)
    if now < period.ends:
        raise refusals.ReportNotOver(period=report.period)
    locked = PeriodReport.objects.select_for_update().get(pk=report.pk)
    if locked.state == periods.SIGNED:
        raise refusals.ReportSigned(period=report.period)
    fields = {
        "analysis": analysis.strip(),
        "principal_name": principal_name.strip()[:60],
        "figures": statistics.table(report.enterprise_id, period).as_json(),
        "signed_at": now,
        "signed_by_name": actor.name,
    }

    def signed(stored: PeriodReport, _move: Move, _made: Change) -> Event:
        return door.PeriodReportSigned(
            subject_id=stored.pk,
            place_code=stored.place_code,
            enterprise_id=stored.enterprise_id,
            classification=Classification(stored.classification),
            at=now,
            title=f"{report.enterprise.name} {stored.period}",
            by_name=actor.name,
            period=stored.period,
        )

    return advance(report, "sign", actor=actor, now=now, fields=fields, event=signed)
