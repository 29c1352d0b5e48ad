"""Everything about an incident in one order of time, gathered from the doors of the rooms that hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.command.incidents import queries, rules
from anlan.command.incidents.models import CommandPost, CommandTransfer, Incident, ResponseTask
from anlan.command.incidents.rules import TimelineLine
from anlan.kernel.access import Actor
from anlan.ledger.flows import steps, steps_of
from anlan.ledger.models import FlowStep
from anlan.report.filings import door as filings
from anlan.sense.alarms import door as alarms
from anlan.warn.bulletins import door as bulletins

Teller = Callable[[UUID, Actor], Iterable[TimelineLine]]
_tellers: list[Teller] = []


def join(teller: Teller) -> None:
    """Let another room tell what it knows of an incident; joining twice changes nothing."""
    if teller not in _tellers:
        _tellers.append(teller)


def kinds() -> dict[str, str]:
    """Kinds of lines with their names in the reader's language."""
    return {code: str(_(label)) for code, label in rules.TIMELINE_KINDS.items()}


def lines(incident_id: UUID | str, actor: Actor, now: datetime) -> tuple[TimelineLine, ...]:
    """All lines that ``actor`` may see. What he may not see of another room is left out, not hinted at. Raises ``NotFound``."""
    incident = queries.incident(incident_id, actor)
    gathered = [
        *_incident_lines(incident),
        *_alarm_lines(incident, actor),
        *_filing_lines(incident, actor, now),
        *_bulletin_lines(incident, actor),
        *_response_lines(incident),
        *_structure_lines(incident),
        *_task_lines(incident, now),
        *_log_lines(incident),
        *(line for teller in _tellers for line in teller(incident.pk, actor)),
    ]
    return rules.in_order(gathered)


def level_label(incident: Incident, actor: Actor) -> str:
    """Level of the accident as the newest linked filing judges it, else as it stood when the incident was opened."""
    found = filings.filings(queries.linked(incident, "filing"), actor)
    return found[0].level_label if found else filings.level_name(incident.level_code) or "—"


def bulletins_of(incident: Incident, actor: Actor) -> list[bulletins.BulletinInfo]:
    """Bulletins written for the incident or linked to it."""
    found = {row.id: row for row in bulletins.of_incident(incident.pk, actor)}
    for bulletin_id in queries.linked(incident, "bulletin"):
        row = bulletins.bulletin(bulletin_id, actor)
        if row is not None:
            found[row.id] = row
    return list(found.values())


def _incident_lines(incident: Incident) -> Iterator[TimelineLine]:
    labels = {"open": _("事件立案"), "close": _("事件结案")}
    for step in steps(incident):
        if step.move in labels:
            text = incident.closing_summary if step.move == "close" else incident.description
            yield TimelineLine(
                step.at, "incident", labels[step.move], text, step.actor_name, subject_id=incident.pk, code=f"incident.{step.move}"
            )


def _alarm_lines(incident: Incident, actor: Actor) -> Iterator[TimelineLine]:
    titles = {
        "raised": _("报警：{title}"),
        "hinted": _("提示：{title}"),
        "acknowledged": _("报警确认：{title}"),
        "note": _("报警处置：{title}"),
        "cleared": _("报警恢复：{title}"),
    }
    for alarm, entries in alarms.histories(queries.linked(incident, "alarm"), actor):
        for entry in entries:
            kind = "hinted" if entry.kind == "raised" and alarms.is_hint(alarm) else entry.kind
            title = titles.get(kind, "{title}").format(title=alarm.title)
            code = f"alarm.{kind}"
            yield TimelineLine(entry.at, "alarm", title, entry.text, entry.who, subject_id=alarm.id, address=alarm.url, code=code)


def _filing_lines(incident: Incident, actor: Actor, now: datetime) -> Iterator[TimelineLine]:
    for filing in filings.filings(queries.linked(incident, "filing"), actor):
        for entry in filings.entries(filing.id, actor, now):
            yield TimelineLine(
                entry.at,
                "filing",
                entry.title,
                entry.text,
                entry.who,
                due=entry.due,
                met=entry.met,
                late_minutes=entry.late_minutes,
                subject_id=filing.id,
                address=entry.address,
                code=f"filing.{entry.kind}",
            )


def _bulletin_lines(incident: Incident, actor: Actor) -> Iterator[TimelineLine]:
    for row in bulletins_of(incident, actor):
        more = {"subject_id": row.id, "address": row.url}
        yield TimelineLine(
            row.opened_at,
            "bulletin",
            _("起草预警：{title}").format(title=row.headline),
            "",
            row.drafted_by_name,
            code="bulletin.open",
            **more,
        )
        if row.submitted_at is not None:
            title = _("预警送审：{title}").format(title=row.headline)
            yield TimelineLine(row.submitted_at, "bulletin", title, "", row.drafted_by_name, code="bulletin.submit", **more)
        if row.published_at is not None:
            title = _("发布预警：{title}").format(title=row.headline)
            text = _("影响范围：{area}").format(area=row.area_description) if row.area_description else ""
            yield TimelineLine(row.published_at, "bulletin", title, text, row.approved_by_name, code="bulletin.publish", **more)


def _response_lines(incident: Incident) -> Iterator[TimelineLine]:
    for response in incident.responses.all():
        for step in steps(response):
            label = _("提请启动响应") if step.move == "open" else _(response.flow.move(step.move).label)
            level = _(rules.RESPONSE_LEVELS[response.level])
            text = {
                "open": _("{level}：{matter}").format(level=level, matter=response.matter),
                "start": _("依据预案：{plan}；预计至 {until}").format(plan=response.plan_title, until=local(response.expected_until)),
                "end": response.end_grounds,
            }.get(step.move, step.reason)
            yield TimelineLine(step.at, "response", label, text, step.actor_name, subject_id=response.pk, code=f"response.{step.move}")


def _task_lines(incident: Incident, now: datetime) -> Iterator[TimelineLine]:
    tasks = list(incident.tasks.all())
    taken = steps_of(ResponseTask, [task.pk for task in tasks])
    for task in tasks:
        for step in taken.get(task.pk, ()):
            yield _task_line(task, step)
        if task.state == rules.ORDERED and task.accept_by is not None and now > task.accept_by:
            yield _missed(task, task.accept_by, _("任务到时无人接收：{task}").format(task=task.title), "order.unaccepted", now)
        if task.state in rules.OPEN_TASKS and now > task.due:
            yield _missed(task, task.due, _("任务到期未完成：{task}").format(task=task.title), "task.missed", now)


def _task_line(task: ResponseTask, step: FlowStep) -> TimelineLine:
    label = _("下达任务") if step.move == "open" else _(task.flow.move(step.move).label)
    due = task.due if step.move == "open" or step.target == rules.DONE else None
    accepts = step.source == rules.ORDERED and step.target in (rules.ACCEPTED, rules.EN_ROUTE)
    if accepts:
        due = task.accept_by
    judged = due is not None and step.move != "open"
    whom = task.assignee + (_("（经{desk}通知）").format(desk=task.told_through) if task.told_through else "")
    text = {"open": _("承办：{who}").format(who=whom), "finish": task.outcome}.get(step.move, step.reason)
    return TimelineLine(
        step.at,
        "task",
        f"{label}：{task.title}",
        text,
        step.actor_name,
        due=due,
        met=step.at <= due if judged and due is not None else None,
        late_minutes=rules.late_minutes(due, step.at) if judged and due is not None else 0,
        subject_id=task.pk,
        code=f"order.{step.move}" if accepts else f"task.{step.move}",  # accepting in time and doing in time are counted apart
    )


def _missed(task: ResponseTask, due: datetime, title: str, code: str, now: datetime) -> TimelineLine:
    late = rules.late_minutes(due, now)
    return TimelineLine(due, "task", title, "", task.assignee, due=due, met=False, late_minutes=late, subject_id=task.pk, code=code)


def _structure_lines(incident: Incident) -> Iterator[TimelineLine]:
    formed: dict[datetime, list[CommandPost]] = {}
    for post in incident.posts.all():
        if post.how in ("plan", "rota"):
            formed.setdefault(post.since, []).append(post)
        elif post.how == "appointed":
            title = _("{group}改由{who}负责").format(group=post.group_name, who=post.holder)
            yield TimelineLine(post.since, "structure", title, post.reason, post.by_name, subject_id=post.pk, code="structure.appoint")
    for at, posts in formed.items():
        text = "；".join(f"{post.group_name}：{post.holder or _('空缺')}" for post in posts)
        yield TimelineLine(at, "structure", _("编成现场指挥部"), text, posts[0].by_name, subject_id=incident.pk, code="structure.form")
    transfers = {row.pk: row for row in incident.transfers.select_related("to_organisation")}
    for key, taken in steps_of(CommandTransfer, transfers).items():
        row = transfers[key]
        for step in taken:
            label = _("提出移交指挥权") if step.move == "open" else _(row.flow.move(step.move).label)
            text = row.note if step.move == "open" else step.reason
            title = f"{label}：{row.to_organisation.name}"
            yield TimelineLine(step.at, "structure", title, text, step.actor_name, subject_id=key, code=f"transfer.{step.move}")


def _log_lines(incident: Incident) -> Iterator[TimelineLine]:
    titles = {code: str(_(label)) for code, label in rules.ENTRY_KINDS.items()}
    told = incident.entries.values_list("pk", "at", "kind", "text", "author_name")
    for key, at, kind, text, who in told.iterator(chunk_size=5000):
        yield TimelineLine(at, "log", titles[kind], text, who, subject_id=key, code=f"log.{kind}")


def local(moment: datetime) -> str:
    """Date and minute as the reader writes them."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
