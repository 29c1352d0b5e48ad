"""What this room hears of itself: whoever is on duty is told at once of what was reported from the field."""

from __future__ import annotations

from anlan.command.fieldapp import queries, rules
from anlan.command.fieldapp.door import FieldReported
from anlan.command.fieldapp.models import FieldReport
from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.ground.places import door as places
from anlan.kernel.words import N_

LEAD = N_("现场上报（待核实）：{title}，{who}。请立即核实。")
OWN = N_("企业一键上报：{title}，{who}。信息报送已建立，请立即联系核实。")


def tell_duty(event: FieldReported) -> None:
    """Officers and leaders on duty at the county; where nobody holds such a post there, the next place above."""
    report = FieldReport.objects.filter(pk=event.subject_id).first()
    if report is None:
        return
    sentence = OWN if report.filing_id is not None else LEAD
    county = event.place_code[:6]
    for code in (county, *(each.code for each in reversed(places.ancestors(county)))):
        holders = {each.account_id for kind in ("duty_officer", "duty_leader") for each in people.holders_of(kind, code, now=event.at)}
        for account_id in holders:
            notify(
                account_id,
                event=event.kind,
                once=f"{event.kind}:{report.pk}",
                sentence=sentence,
                facts={"title": report.title, "who": f"{report.sender_name}（{report.sender_post}）"},
                url=queries.address(report.pk),
                tone="red" if report.source == rules.ENTERPRISE else "orange",
                exercise=event.exercise,
                now=event.at,
            )
        if holders:
            return
