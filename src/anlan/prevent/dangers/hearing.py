"""What this room hears: its own news for those who act next, and failed points of patrols, which become dangers to be judged.

Hearers run in a transaction of their own and may run twice; a notification names its occasion, a danger its source.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.access import system_actor
from anlan.kernel.words import N_
from anlan.prevent.dangers import door, queries, rules, services, sweeping
from anlan.sense.patrol import door as patrol

_LISTENER = system_actor("dangers")
_OF_ENTERPRISE = "enterprise_manager enterprise_principal"


def _tell(event: door.DangerEvent, holders: list[people.Holder], sentence: str, tone: str, once: str, **facts: str) -> None:
    for account_id in {holder.account_id for holder in holders}:
        notify(
            account_id,
            event=event.kind,
            once=once,
            sentence=sentence,
            facts={"title": event.title, **facts},
            url=queries.address(event.subject_id),
            tone=tone,
            exercise=event.exercise,
            now=event.at,
        )


def tell_escalation(event: door.DangerEscalated) -> None:
    """Whoever a step of escalation names is told of a deadline that nears or has passed."""
    at = f"{datetime.fromisoformat(event.deadline).astimezone(queries.periods.CHINA):%Y-%m-%d %H:%M}"
    sentence = (
        N_("隐患“{title}”已逾期（期限 {deadline}），请督促整改。") if event.overdue else N_("隐患“{title}”整改期限将到（{deadline}）。")
    )
    holders = sweeping.holders(event.posts, event.at_place, event.enterprise_id, event.at)
    tone = "red" if event.overdue and event.grade == rules.MAJOR else "orange" if event.overdue else "yellow"
    _tell(event, holders, sentence, tone, f"dangers.escalated:{event.subject_id}:{event.step}:{event.deadline}", deadline=at)


def tell_grade(event: door.DangerGraded) -> None:
    """Inspectors of the county and the enterprise are told of a major danger at once."""
    if event.grade != rules.MAJOR:
        return
    holders = sweeping.holders("inspector duty_leader", event.place_code[:6], None, event.at)
    holders += sweeping.holders(_OF_ENTERPRISE, "", event.enterprise_id, event.at)
    _tell(
        event,
        holders,
        N_("“{title}”被判定为重大隐患，请立即上报并组织治理。"),
        "red",
        f"dangers.major:{event.subject_id}:{event.at.isoformat()}",
    )


def tell_order(event: door.DangerOrdered) -> None:
    """The enterprise is told of an order."""
    holders = sweeping.holders(_OF_ENTERPRISE, "", event.enterprise_id, event.at)
    at = f"{datetime.fromisoformat(event.deadline).astimezone(queries.periods.CHINA):%Y-%m-%d %H:%M}"
    _tell(event, holders, N_("责令整改隐患“{title}”，期限 {deadline}。"), "orange", f"dangers.ordered:{event.subject_id}", deadline=at)


def tell_removed(event: door.DangerRectified) -> None:
    """Inspectors of the county are told that a removal waits for its verification where a bureau is to verify it."""
    danger = queries.danger(event.subject_id, None)
    if danger.ordered_level in (None, rules.ENTERPRISE_LEVEL) and not danger.found_by_bureau:
        holders = sweeping.holders(_OF_ENTERPRISE, "", event.enterprise_id, event.at)
    else:
        holders = sweeping.holders("inspector", event.place_code[:6], None, event.at)
    _tell(event, holders, N_("隐患“{title}”已整改，等待验收。"), "blue", f"dangers.rectified:{event.subject_id}:{event.at.isoformat()}")


def tell_sent_back(event: door.DangerSentBack) -> None:
    """The enterprise is told that its removal was not accepted, and why."""
    holders = sweeping.holders(_OF_ENTERPRISE, "", event.enterprise_id, event.at)
    once = f"dangers.sent_back:{event.subject_id}:{event.at.isoformat()}"
    _tell(event, holders, N_("隐患“{title}”验收不合格，退回整改：{reason}"), "orange", once, reason=event.reason)


def take_patrol(event: patrol.PatrolPointFailed) -> None:
    """A drawn point at which something was wrong becomes a danger that waits for a person's judgement.

    Order 10 of the Ministry art. 14 (2023): a failed monitoring or alarm device of a listed situation may itself be a major danger, which
    nobody but a person can tell.
    """
    services.report(
        enterprise_id=event.enterprise_id or event.subject_id,
        title=event.title,
        location=event.point,
        description=event.note,
        source=rules.PATROL,
        source_id=event.subject_id,
        found_at=event.at,
        exercise=event.exercise,
        found_by=(UUID(event.checked_by_id), event.checked_by_name),
        actor=_LISTENER,
        now=event.at,
    )
