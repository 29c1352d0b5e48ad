"""What consultations tell elsewhere: in the timeline of an incident, and among the things that wait for somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.command.consultation import queries, rules
from anlan.command.consultation.models import Consultation
from anlan.command.incidents.door import TimelineLine
from anlan.desk.todo import Todo
from anlan.kernel.access import Actor
from anlan.ledger.flows import steps

MOST = 30


def lines(incident_id: UUID, actor: Actor) -> Iterable[TimelineLine]:
    """Lines of every consultation about an incident that ``actor`` may see."""
    for row in queries.consultations(actor).filter(incident_id=incident_id):
        yield from _life(row)
        yield from _words(row)


def _line(row: Consultation, at: datetime, code: str, title: str, text: str = "", who: str = "") -> TimelineLine:
    told = {"subject_id": row.pk, "address": queries.address(row.pk), "code": f"consultation.{code}"}
    return TimelineLine(at, "consultation", title, text, who, **told)


def _life(row: Consultation) -> Iterator[TimelineLine]:
    begins = timezone.localtime(row.starts_at).strftime("%Y-%m-%d %H:%M")
    came = row.seats.filter(attendance="came").count()
    for step in steps(row):
        label = _("召集会商") if step.move == "open" else _(rules.FLOW.move(step.move).label)
        text = {
            "open": _("会商时间：{at}").format(at=begins),
            "end": _("到会 {came} 个单位或人员，共邀请 {all}").format(came=came, all=row.seats.count()),
        }.get(step.move, step.reason)
        yield _line(row, step.at, step.move, f"{label}：{row.title}", text, step.actor_name)


def _words(row: Consultation) -> Iterator[TimelineLine]:
    for made in row.decisions.all():
        text = _("责任：{who}；时限：{due}；依据：{grounds}").format(
            who=made.assignee, due=timezone.localtime(made.due).strftime("%m-%d %H:%M"), grounds=made.grounds
        )
        yield _line(row, made.decided_at, "decide", _("会商议定：{text}").format(text=made.text), text, row.chair_name or made.by_name)
        if made.revoked_at is not None:
            yield _line(row, made.revoked_at, "revoke", _("撤销议定事项：{text}").format(text=made.text), made.revoked_reason)
    for voice in row.voices.filter(kind=rules.DISSENT):
        yield _line(row, voice.at, "dissent", _("会商不同意见：{who}").format(who=voice.who), voice.text, voice.who)


def todo(actor: Actor, now: datetime) -> Iterable[Todo]:
    """Consultations to which the actor is invited and to which he has not come yet."""
    for row in queries.waiting_for(actor, now)[:MOST]:
        yield Todo(
            title=row.title,
            kind=gettext_lazy("会商"),
            url=queries.address(row.pk),
            what=gettext_lazy("参加会商"),
            since=row.opened_at,
            until=row.starts_at,
            overdue=now > row.starts_at,
            exercise=row.exercise,
            subject=row.pk,
        )
