"""What this room hears: aid that is asked, offered, agreed or sent; whoever on scene is overdue. Each hearer may run twice without harm."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from anlan.command.dispatch import bringing, door, queries, rules
from anlan.command.dispatch.models import AidAnswer
from anlan.command.incidents import door as incidents
from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.ground.roads import door as roads
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_


def tell_asked(event: door.AidAsked) -> None:
    """The officers and leaders of the bureau asked."""
    answer = AidAnswer.objects.filter(pk=event.subject_id).select_related("request__organisation").first()
    if answer is None:
        return
    sentence = N_("{unit}请求增援：{title}。请答复。")
    asking = answer.request.organisation.name if answer.request.organisation is not None else ""
    for account_id in _at(("duty_officer", "duty_leader"), answer.place_code, event.at):
        _notify(account_id, f"aid.asked:{answer.pk}", sentence, {"unit": asking, "title": answer.title}, answer, event.at, asker=False)


def tell_aid(event: door.AidChanged) -> None:
    """Whose turn it is learns what the other side did; the task that aid was asked for follows what was sent."""
    answer = AidAnswer.objects.filter(pk=event.answer_id).select_related("request", "organisation").first()
    if answer is None or not event.to:
        return
    facts = {"unit": answer.organisation.name, "title": answer.title, "state": answer.get_state_label()}
    once = f"aid:{answer.pk}:{answer.state}:{bool(answer.agreed_at)}:{bool(answer.arrived_at)}:{bool(answer.released_at)}"
    if event.to == "asker":
        _notify(answer.request.asked_by_id, once, N_("增援“{title}”：{unit}{state}。"), facts, answer, event.at, asker=True)
    else:
        for account_id in _at(("duty_officer", "duty_leader"), answer.place_code, event.at):
            _notify(account_id, once, N_("增援“{title}”：请求方有新的答复，请查看。"), facts, answer, event.at, asker=False)
    _move_task(answer, event.at)


def _move_task(answer: AidAnswer, now: datetime) -> None:
    """Carry the asker's task along: set out when aid is sent, on scene when it arrived. A task that went its own way is left alone."""
    if answer.request.task_id is None or answer.state != rules.SENT:
        return
    try:
        task = incidents.task(answer.request.task_id, None, now)
        if task.state in ("ordered", "accepted"):
            incidents.move_task(task.id, "depart", actor=bringing.MESSENGER, now=answer.sent_at or now)
            task = incidents.task(answer.request.task_id, None, now)
        if answer.arrived_at is not None and task.state == "en_route":
            incidents.move_task(task.id, "arrive", actor=bringing.MESSENGER, now=answer.arrived_at)
    except (NotFound, Refusal):
        return


def reckon_arrivals(event: roads.RoadClosed | roads.RoadOpened) -> None:
    """What other bureaus sent is reckoned anew by the roads as they are now; whoever asked, and whoever sent it, are told."""
    for answer, told in bringing.reckon(event.at, incidents.road_news(event), exercise=event.exercise):
        once = f"aid.moved:{answer.pk}:{event.at.isoformat()}"
        facts = {"told": told}
        _notify(answer.request.asked_by_id, once, N_("增援到场时间变化：{told}。"), facts, answer, event.at, asker=True)
        for account_id in _at(("duty_officer",), answer.place_code, event.at):
            _notify(account_id, once, N_("增援到场时间变化：{told}。"), facts, answer, event.at, asker=False)


def tell_overdue(event: door.SceneOverdue) -> None:
    """First the officers and whoever commands, then the leaders too."""
    kinds = ("duty_officer", "commander") if event.step == 1 else ("duty_officer", "commander", "duty_leader")
    sentence = N_("撤离信号发出后仍未清点到：{who}。") if event.signal else N_("现场人员超时未报告安全：{who}。请立即核实。")
    for account_id in _at(kinds, event.place_code, event.at):
        notify(
            account_id,
            event=event.kind,
            once=f"scene.overdue:{event.record_id}:{event.step}:{event.at:%m%d%H%M}",
            sentence=sentence,
            facts={"who": event.who},
            url=queries.scene_address(event.subject_id),
            tone="red",
            exercise=event.exercise,
            now=event.at,
        )


def _at(kinds: Iterable[str], place_code: str, now: datetime) -> dict[UUID, None]:
    return {each.account_id: None for kind in kinds for each in people.holders_of(kind, place_code[:6], now=now)}


def _notify(account_id: UUID, once: str, sentence: str, facts: dict[str, str], answer: AidAnswer, now: datetime, *, asker: bool) -> None:
    url = queries.request_address(answer.request_id) if asker else queries.answer_address(answer.pk)
    notify(
        account_id,
        event="dispatch.aid_changed",
        once=once,
        sentence=sentence,
        facts=facts,
        url=url,
        tone="orange",
        exercise=answer.exercise,
        now=now,
    )
