"""Who is asked to approve a response: the leader on duty first, the next when he does not answer. Each asking is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.command.incidents import queries, rota, rules
from anlan.command.incidents.models import Response
from anlan.desk.notifications import notify
from anlan.kernel.words import N_
from anlan.ledger.sources import law_day


def ask_next(response: Response, now: datetime) -> tuple[rota.Reachable, ...]:
    """Ask the next leaders and keep that they were asked; nobody when all were. Call inside a transaction, with the row locked."""
    groups = rota.leaders(response.place_code[:6], now)
    at = 1 + max((each["step"] for each in response.asked), default=-1)
    if at >= len(groups):
        return ()
    response.asked = [
        *response.asked,
        *({"step": at, "id": str(each.account_id), "name": each.name, "at": now.isoformat()} for each in groups[at]),
    ]
    response.save(update_fields=["asked"])
    for each in groups[at]:
        notify(
            each.account_id,
            event="incidents.response_proposed",
            once=f"incidents.proposed:{response.pk}",
            sentence=N_("“{title}”提请启动响应，待您批准。"),
            facts={"title": response.incident.title},
            url=queries.address(response.incident_id),
            tone="orange",
            exercise=response.exercise,
            now=now,
        )
    return groups[at]


def unanswered(response: Response, now: datetime) -> bool:
    """Whether those asked last have had their time."""
    last = max((datetime.fromisoformat(each["at"]) for each in response.asked), default=None)
    return last is not None and now - last >= timedelta(minutes=rules.TABLES.parameter("leader_minutes", law_day(now)))


def passed_over(response: Response, approver_id: object) -> str:
    """Who was asked before the approver and did not answer, in words; empty when he was among the first."""
    mine = next((each["step"] for each in response.asked if each["id"] == str(approver_id)), None)
    before = [each for each in response.asked if mine is None or each["step"] < mine]
    return "、".join(
        _("{name}（{at}请批，未应答）").format(name=each["name"], at=f"{timezone.localtime(datetime.fromisoformat(each['at'])):%H:%M}")
        for each in before
    )
