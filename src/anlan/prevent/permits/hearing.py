"""What this room hears: its own news for the people of a permit, alarms beside works, and whatever may contradict a commitment.

Hearers run in a transaction of their own and may run twice; a notification names its occasion.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.events import Event
from anlan.kernel.geo import Point, haversine_m
from anlan.kernel.words import N_
from anlan.prevent.permits import committing, door, queries, rules, sweeping
from anlan.prevent.permits.models import AlarmNearby, Permit
from anlan.sense.alarms import door as alarms

_SAFETY = ("enterprise_shift_leader", "enterprise_manager")
_HEADS = ("enterprise_manager", "enterprise_principal")


def _holders(kinds: Iterable[str], enterprise_id: UUID | None, event: Event) -> set[UUID]:
    if enterprise_id is None:
        return set()
    return {holder.account_id for kind in kinds for holder in people.holders_in_enterprise(kind, enterprise_id, now=event.at)}


def _people(row: Permit, event: Event) -> set[UUID]:
    """Who is told of a permit: who asked, who watches, who signed, the shift leader and the safety manager."""
    named = {row.applicant_id, row.supervisor_id, row.approved_by_id} - {None}
    return {each for each in named if each is not None} | _holders(_SAFETY, row.enterprise_id, event)


def _tell(accounts: Iterable[UUID], event: Event, sentence: str, tone: str, once: str, url: str, **facts: str) -> None:
    for account_id in accounts:
        notify(
            account_id,
            event=event.kind,
            once=once,
            sentence=sentence,
            facts=facts,
            url=url,
            tone=tone,
            exercise=event.exercise,
            now=event.at,
        )


def tell_expired(event: door.PermitExpired) -> None:
    """A permit ran out. Where work had begun, supervisor and safety manager are told in red to stop it."""
    row = queries.permit(event.subject_id, None)
    if row.started_at is None and row.approved_at is None:
        return
    sentence = (
        N_("作业票 {title} 已到期而未完工，请立即停止作业、撤离人员；继续作业须重新办理。")
        if event.overrun
        else N_("作业票 {title} 已到期。")
    )
    tone = "red" if event.overrun else "yellow"
    _tell(_people(row, event), event, sentence, tone, f"permits.expired:{row.pk}", queries.address(row.pk), title=event.title)


def tell_warned(event: door.PermitWarned) -> None:
    """A permit ends soon, or a record of the air is owed."""
    row = queries.permit(event.subject_id, None)
    once = f"permits.{event.about}:{row.pk}:{row.reminded.get(event.about, '')}"
    if event.about == "ending":
        at = f"{row.valid_until.astimezone(rules.CHINA):%H:%M}"
        _tell(_people(row, event), event, sweeping.ENDING, "yellow", once, queries.address(row.pk), title=event.title, at=at)
    elif event.about == "record":
        minutes = str(queries.parameter("record_minutes", event.at))
        _tell(_people(row, event), event, sweeping.RECORD, "orange", once, queries.address(row.pk), title=event.title, minutes=minutes)


def tell_paused(event: door.PermitPaused) -> None:
    """A work was stopped by bad air, by an order, because its supervisor left or an alarm rang: its people are told."""
    if event.cause == rules.BREAK:
        return
    row = queries.permit(event.subject_id, None)
    once = f"permits.paused:{row.pk}:{event.at.isoformat()}"
    sentence = N_("作业票 {title} 已停止作业，请到现场核实。{reason}")
    _tell(_people(row, event), event, sentence, "red", once, queries.address(row.pk), title=event.title, reason=event.reason)


def hear_alarm(event: alarms.AlarmRaised) -> None:
    """An alarm of the enterprise near a work that goes on: the permit's people are told, and the page says so.

    Near: within the distance of the parameters; where a position is missing, anywhere in the enterprise.
    """
    if event.enterprise_id is None:
        return
    alarm = alarms.alarm(event.subject_id)
    live = queries.permits(None).filter(enterprise_id=event.enterprise_id, state__in=rules.LIVE_STATES, exercise=event.exercise)
    metres = queries.parameter("alarm_metres", event.at)
    for row in live:
        if not _near(row, alarm, metres):
            continue
        AlarmNearby.objects.get_or_create(
            permit=row,
            alarm_id=event.subject_id,
            defaults={"title": event.title[:200], "level": event.level, "at": event.at},
        )
        sentence = N_("作业点附近报警：{alarm}。请停止作业（票号 {number}）、撤离人员并核实。")
        tone = "red" if event.level <= 2 else "orange"
        once = f"permits.alarm:{row.pk}:{event.subject_id}"
        _tell(_people(row, event), event, sentence, tone, once, queries.address(row.pk), alarm=event.title, number=row.number)


def _near(row: Permit, alarm: alarms.AlarmSummary, metres: int) -> bool:
    if None in (row.longitude, row.latitude, alarm.longitude, alarm.latitude):
        return True
    here = Point(float(row.longitude or 0), float(row.latitude or 0))
    return haversine_m(here, Point(float(alarm.longitude or 0), float(alarm.latitude or 0))) <= metres


def compare_commitment(event: Event) -> None:
    """Something changed in an enterprise (permit signed, alarm, danger graded): its commitment of the day is compared anew."""
    if event.enterprise_id is not None and not event.exercise:
        committing.compare(event.enterprise_id, event.at)


def tell_missed(event: door.CommitmentMissed) -> None:
    """The hour passed: the enterprise's heads and the county's inspectors are told."""
    sentence = N_("{title} 今天未按时公告安全承诺，请尽快公告。")
    url = reverse("permits:commitment", args=[event.subject_id])
    told = _holders(_HEADS, event.enterprise_id, event) | _inspectors(event)
    _tell(told, event, sentence, "orange", f"commitments.missed:{event.subject_id}", url, title=event.title)


def tell_contradicted(event: door.CommitmentContradicted) -> None:
    """More goes on than was committed: heads and inspectors are told what."""
    sentence = N_("{title} 的安全承诺与实际不一致：{words}。")
    url = reverse("permits:commitment", args=[event.subject_id])
    told = _holders(_HEADS, event.enterprise_id, event) | _inspectors(event)
    once = f"commitments.contradicted:{event.subject_id}:{event.at.isoformat()}"
    _tell(told, event, sentence, "red", once, url, title=event.title, words=event.words)


def _inspectors(event: Event) -> set[UUID]:
    return {holder.account_id for holder in people.holders_of("inspector", event.place_code[:6], now=event.at)}
