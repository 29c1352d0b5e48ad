"""What this room hears: its own news, for those who act next. Hearers may run twice; a notification names its occasion."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.events import Event
from anlan.kernel.words import N_
from anlan.prevent.health import door

_ENTERPRISE = ("enterprise_manager", "enterprise_principal")


def tell_over(event: door.OverLimit) -> None:
    """Enterprise and inspectors of the county are told of a result over its limit."""
    holders = [*_of_enterprise(event), *people.holders_of("inspector", event.place_code[:6], now=event.at)]
    facts = {"workplace": event.workplace, "factor": event.factor, "value": event.value, "limit": event.limit}
    sentence = N_("{workplace}的{factor}检测结果 {value}，超过限值 {limit}，请采取防护措施并整改。")
    url = reverse("desk:health-results-detail", args=[event.subject_id])
    _tell(event, holders, sentence, facts, "orange", f"{event.kind}:{event.subject_id}", url)


def tell_overdue(event: door.ExaminationsOverdue) -> None:
    """The enterprise is told of examinations that are overdue."""
    url = reverse("desk:health-examinations-list")
    sentence = N_("有 {count} 项职业健康检查逾期未做，请尽快安排。")
    once = f"{event.kind}:{event.subject_id}:{event.at.isoformat()}"
    _tell(event, _of_enterprise(event), sentence, {"count": str(event.count)}, "orange", once, url)


def _of_enterprise(event: Event) -> list[people.Holder]:
    if event.enterprise_id is None:
        return []
    return [holder for kind in _ENTERPRISE for holder in people.holders_in_enterprise(kind, event.enterprise_id, now=event.at)]


def _tell(event: Event, holders: list[people.Holder], sentence: str, facts: dict[str, str], tone: str, once: str, url: str) -> None:
    accounts: set[UUID] = {holder.account_id for holder in holders}
    for account_id in accounts:
        notify(account_id, event=event.kind, once=once, sentence=sentence, facts=facts, url=url, tone=tone, now=event.at)
