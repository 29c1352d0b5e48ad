"""What mine rescue tells in the timeline of an incident: opened and ended, each squad in and out, recalls, times in which nobody goes in, dangerous air."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.command.incidents.door import TimelineLine, late_minutes
from anlan.command.minerescue import air, queries, rules, services
from anlan.command.minerescue.models import Entry, Operation, Report
from anlan.kernel.access import Actor
from anlan.ledger.flows import steps, steps_of
from anlan.ledger.sources import law_day


def lines(incident_id: UUID, actor: Actor) -> Iterable[TimelineLine]:
    """Lines of the operation of an incident, where ``actor`` may see it. No rescuer is named."""
    for row in queries.operations(actor).filter(incident_id=incident_id):
        for step in steps(row):
            label = _("开设矿山救护") if step.move == "open" else _(rules.OPERATION_FLOW.move(step.move).label)
            text = row.get_disaster_display() if step.move == "open" else row.closing_note
            yield _line(row, step.at, step.move, f"{label}：{row.enterprise}", text, step.actor_name)
        yield from _entries(row)
        yield from _holds(row)
        yield from _dangerous(row)


def _line(row: Operation, at: datetime, code: str, title: str, text: str = "", who: str = "", due: datetime | None = None) -> TimelineLine:
    met, late = (None, 0) if due is None else (at <= due, late_minutes(due, at))
    told = {"subject_id": row.pk, "address": queries.address(row.pk), "code": f"minerescue.{code}"}
    return TimelineLine(at, "minerescue", title, text, who, due, met, late, **told)


def _entries(row: Operation) -> Iterator[TimelineLine]:
    entries = list(queries.entries(row))
    taken = steps_of(Entry, [each.pk for each in entries])
    recalled: dict[datetime, list[str]] = {}
    for each in entries:
        for step in taken.get(each.pk, ()):
            if step.move == "open":
                yield _line(row, step.at, "enter", _("入井：{squad} → {place}").format(**_names(each)), _entered(each), step.actor_name)
            else:
                due = each.out_by if step.move == "leave" else None
                label = _(rules.ENTRY_FLOW.move(step.move).label)
                yield _line(row, step.at, step.move, f"{label}：{each.squad.name}", each.left_note if due else "", step.actor_name, due)
        if each.recalled_at is not None:
            recalled.setdefault(each.recalled_at, []).append(each.squad.name)
    for at, squads in recalled.items():
        yield _line(row, at, "recall", _("召回：{squads}").format(squads="、".join(squads)))


def _names(entry: Entry) -> dict[str, str]:
    return {"squad": entry.squad.name, "place": entry.place.name}


def _entered(entry: Entry) -> str:
    told = _("{people} 人，最低 {lowest} MPa；{purpose}").format(
        people=len(entry.pressures), lowest=f"{min(entry.pressures):g}", purpose=entry.purpose
    )
    if not entry.grounds:
        return told
    against = services.in_words([rules.Finding(**each) for each in entry.findings if each["blocks"]])
    return _("{told}。{who}批准破例入井：{against}；理由：{grounds}").format(
        told=told, who=entry.allowed_by_name, against=against, grounds=entry.grounds
    )


def _holds(row: Operation) -> Iterator[TimelineLine]:
    for each in row.holds.all():
        name = queries.hold_name(each.kind, each.since)
        minutes = int((each.until - each.since).total_seconds() // 60)
        title = _("禁止入井 {minutes} 分钟：{why}").format(minutes=minutes, why=name)
        yield _line(row, each.since, "hold", title, each.note, each.author_name)
        if each.lifted_at is not None:
            yield _line(
                row, each.lifted_at, "lift", _("提前解除禁止入井：{why}").format(why=name), each.lifted_grounds, each.lifted_by_name
            )


def _dangerous(row: Operation) -> Iterator[TimelineLine]:
    for each in queries.reports(row).exclude(place=None):
        sample = air.Air(*(getattr(each, name) for name in air.GASES))
        found = air.state(sample, rules.tenth("margin", law_day(each.at)))
        if found in air.DANGEROUS and each.place is not None:
            title = _("{place}：{state}").format(place=each.place.name, state=_(air.STATES[found][0]))
            yield _line(row, each.at, "gas", title, measured_in_words(each), each.author_name)


def reported_in_words(report: Report) -> str:
    """Everything of a report in one line: quantities, pressures, note."""
    pressures = " ".join(f"{each:g}" for each in report.pressures)
    return "；".join(each for each in (measured_in_words(report), pressures and f"{pressures} MPa", report.note) if each)


def measured_in_words(report: Report) -> str:
    """The quantities of a report in one line."""
    told = []
    for name, (label, unit, decimals) in air.QUANTITIES.items():
        value = getattr(report, name)
        if value is not None:
            told.append(f"{_(label)} {value:.{decimals}f} {unit}")
    return "，".join(told)
