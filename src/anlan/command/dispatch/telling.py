"""What this room tells in the timeline of an incident: aid asked, offered, sent, on scene, home; who went in, was overdue, came out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.command.dispatch import queries, rules
from anlan.command.dispatch.models import AidAnswer, AidRequest, AllOut, Presence
from anlan.command.incidents.door import TimelineLine, late_minutes
from anlan.kernel.access import Actor
from anlan.ledger.flows import steps_of


def lines(incident_id: UUID, actor: Actor) -> Iterable[TimelineLine]:
    """Lines of an incident that ``actor`` may see."""
    if not actor.may_somewhere("dispatch.view"):
        return
    for request in queries.requests(actor).filter(incident_id=incident_id).prefetch_related("answers__organisation"):
        yield from _aid(request)
    presences = list(queries.presences(incident_id, actor))
    taken = steps_of(Presence, [row.pk for row in presences])
    for row in presences:
        for step in taken.get(row.pk, ()):
            if step.move != "check_in":
                yield _presence(row, step.at, step.move, step.actor_name)
        yield from _missed(row)
    yield from _signals(incident_id, actor)


def _aid(request: AidRequest) -> Iterator[TimelineLine]:
    address = queries.request_address(request.pk)
    units = "、".join(answer.organisation.name for answer in request.answers.all())
    title = _("请求增援：{title}").format(title=request.title)
    yield TimelineLine(
        request.opened_at, "aid", title, units, request.asked_by_name, subject_id=request.pk, address=address, code="aid.ask"
    )
    answers = list(request.answers.all())
    taken = steps_of(AidAnswer, [row.pk for row in answers])
    for answer in answers:
        for step in taken.get(answer.pk, ()):
            if step.move == "open":
                continue
            title = f"{_(rules.ANSWER_FLOW.move(step.move).label)}：{answer.organisation.name}"
            text = {"offer": answer.offer, "back": answer.cost_note}.get(step.move, step.reason)
            yield TimelineLine(step.at, "aid", title, text, step.actor_name, subject_id=answer.pk, address=address, code=f"aid.{step.move}")
        said = (
            (answer.agreed_at, _("同意增援：{unit}"), "aid.agree"),
            (answer.arrived_at, _("增援到场：{unit}"), "aid.arrive"),
            (answer.released_at, _("放归：{unit}"), "aid.release"),
        )
        for at, words, code in said:
            if at is not None:
                late = code == "aid.arrive"
                yield TimelineLine(
                    at,
                    "aid",
                    words.format(unit=answer.organisation.name),
                    answer.resource_name or answer.offer,
                    request.asked_by_name,
                    due=request.needed_by if late else None,
                    met=at <= request.needed_by if late else None,
                    late_minutes=late_minutes(request.needed_by, at) if late else 0,
                    subject_id=answer.pk,
                    address=address,
                    code=code,
                )


def _presence(row: Presence, at: datetime, move: str, who: str) -> TimelineLine:
    title = (_("进入{sector}：{who}") if move == "open" else _("撤出{sector}：{who}")).format(sector=row.sector.name, who=row.who)
    text = _("{people} 人 {unit}").format(people=row.people, unit=row.unit).strip() if move == "open" else row.left_note
    address = queries.scene_address(row.incident_id)
    return TimelineLine(
        at, "scene", title, text, who, subject_id=row.pk, address=address, code="scene.enter" if move == "open" else "scene.leave"
    )


def _missed(row: Presence) -> Iterator[TimelineLine]:
    for each in row.missed:
        due = datetime.fromisoformat(each["due"])
        heard = datetime.fromisoformat(each["at"]) if each.get("at") else None
        title = _("超时未报告安全：{who}").format(who=row.who)
        text = _("{minutes} 分钟后联系上").format(minutes=late_minutes(due, heard)) if heard is not None else _("尚未联系上")
        yield TimelineLine(
            due,
            "scene",
            title,
            text,
            row.who,
            due=due,
            met=False,
            late_minutes=late_minutes(due, heard) if heard is not None else 0,
            subject_id=row.pk,
            code="scene.overdue",
        )


def _signals(incident_id: UUID, actor: Actor) -> Iterator[TimelineLine]:
    rows = {row.pk: row for row in queries.signals(incident_id, actor)}
    for key, taken in steps_of(AllOut, rows).items():
        row = rows[key]
        for step in taken:
            done = step.move == "account"
            title = _("撤离信号：{reason}").format(reason=row.reason) if step.move == "open" else _(rules.SIGNAL_FLOW.move(step.move).label)
            text = (row.sector.name if row.sector is not None else _("全部区段")) if step.move == "open" else step.reason
            yield TimelineLine(
                step.at,
                "scene",
                title,
                text,
                step.actor_name,
                due=row.account_by if done else None,
                met=step.at <= row.account_by if done else None,
                late_minutes=late_minutes(row.account_by, step.at) if done else 0,
                subject_id=key,
                code=f"signal.{step.move}",
            )
