"""What this room hears of itself: whose check is late, and that another's result came for a check that was done.

Hearers run in a transaction of their own and may run twice; a notification names its occasion.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.events import Event
from anlan.kernel.words import N_
from anlan.prevent.risks import door, queries, rules

_MANAGER = "enterprise_manager"


def _tell(accounts: set[UUID], event: Event, sentence: str, facts: dict[str, object], tone: str) -> None:
    for account_id in accounts:
        notify(
            account_id,
            event=event.kind,
            once=f"{event.kind}:{event.subject_id}:{event.at.isoformat()}",
            sentence=sentence,
            facts=facts,
            url=queries.task_url(event.subject_id),
            tone=tone,
            exercise=event.exercise,
            now=event.at,
        )


def tell_overdue(event: door.CheckOverdue) -> None:
    """Whoever was to check, and the safety manager."""
    assert event.enterprise_id is not None
    manager = {row.account_id for row in people.holders_in_enterprise(_MANAGER, event.enterprise_id, now=event.at)}
    if event.person_id:
        whose = {UUID(event.person_id)}
    else:
        whose = {row.account_id for row in people.holders_in_enterprise(event.post_kind, event.enterprise_id, now=event.at)}
    due = f"{datetime.fromisoformat(event.due_at).astimezone(rules.CHINA):%Y-%m-%d %H:%M}"
    facts: dict[str, object] = {"where": event.where, "title": event.title, "due": due}
    _tell(whose | manager, event, N_("排查逾期：{where}，{title}（期限 {due}）。"), facts, "orange")


def tell_second(event: door.CheckDone) -> None:
    """The safety manager is told that two people have checked the same, so that he sees which result holds."""
    if event.second and event.enterprise_id is not None:
        manager = {row.account_id for row in people.holders_in_enterprise(_MANAGER, event.enterprise_id, now=event.at)}
        facts: dict[str, object] = {"title": event.title, "name": event.by_name}
        _tell(manager, event, N_("“{title}”已有结果，{name} 又送来一份，请核对。"), facts, "yellow")
