"""Everything that happened to one alarm, in words: raised, received late, acknowledged, told further up, handled, cleared, reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from anlan.ground.people import door as people
from anlan.ledger.flows import steps, steps_of
from anlan.ledger.models import FlowStep
from anlan.sense.alarms import rules, wording
from anlan.sense.alarms.door import TimelineEntry
from anlan.sense.alarms.models import Alarm, EscalationRecord


def timelines(rows: Sequence[Alarm]) -> Iterator[tuple[Alarm, tuple[TimelineEntry, ...]]]:
    """The histories of many alarms, for as many statements as one takes; ``rows`` come with their escalations and notes."""
    moves = steps_of(Alarm, [row.pk for row in rows])
    for row in rows:
        yield row, timeline(row, moves.get(row.pk, ()))


def timeline(row: Alarm, moves: Iterable[FlowStep] | None = None) -> tuple[TimelineEntry, ...]:
    """The alarm's history, oldest first; ``moves`` are its steps where they are known already."""
    found = [TimelineEntry(row.raised_at, "raised", row.title, wording.says(row))]
    if row.late:
        text = _("本节点此时才收到（迟报 %(delay)s）") % {"delay": wording.duration(row.delay)}
        found.append(TimelineEntry(row.received_at, "received", "", text))
    found += _moves(row, steps(row) if moves is None else moves)
    found += [_escalated(record) for record in row.escalations.all()]
    if row.shelving_reason:
        found += _shelved(row)
    if row.cleared_at is not None:
        found.append(TimelineEntry(row.cleared_at, "cleared", "", _cleared(row)))
    found += [TimelineEntry(note.at, f"note:{note.kind}", note.author_name, note.text) for note in row.notes.all()]
    return tuple(sorted(found, key=lambda entry: entry.at))


def _moves(row: Alarm, moves: Iterable[FlowStep]) -> Iterator[TimelineEntry]:
    for step in moves:
        if step.move in rules.ACKNOWLEDGING:
            yield TimelineEntry(step.at, "acknowledged", step.actor_name, _("确认报警"))
        elif step.move == "expire":
            yield TimelineEntry(step.at, "rang_again", "", _("确认后未见处置，再次报警"))
        elif step.move.startswith("reset"):
            yield TimelineEntry(step.at, "reset", step.actor_name, _("人工复位：%(reason)s") % {"reason": step.reason})
        elif step.move == "review":
            yield _reviewed(row, step)


def _reviewed(row: Alarm, step: FlowStep) -> TimelineEntry:
    text = _("复核关闭，原因认定：%(finding)s") % {"finding": wording.finding_label(row.finding)}
    return TimelineEntry(step.at, "reviewed", step.actor_name, f"{text}\n{row.review_note}" if row.review_note else text)


def _escalated(record: EscalationRecord) -> TimelineEntry:
    post = wording.post_label(record.post_kind, people.post_kinds())
    names = "、".join(name for _key, name in record.told)
    if names:
        text = _("无人确认，升级通知%(post)s：%(names)s") % {"post": post, "names": names}
    else:
        text = _("无人确认，应升级通知%(post)s，但无人担任该岗位，已转下一级") % {"post": post}
    return TimelineEntry(record.at, "escalated", "", text)


def _shelved(row: Alarm) -> list[TimelineEntry]:
    until = date_format(timezone.localtime(row.shelved_until), "Y-m-d H:i") if row.shelved_until else ""
    text = _("搁置至 %(until)s：%(reason)s") if until else _("曾被搁置：%(reason)s")
    return [TimelineEntry(row.received_at, "shelved", row.shelved_by_name, text % {"until": until, "reason": row.shelving_reason})]


def _cleared(row: Alarm) -> str:
    if row.withdrawn:
        return _("限值或规则已撤销，报警解除")
    if row.kind not in rules.LIMIT_KINDS:
        return _("恢复正常")
    cleared = f"{row.cleared_value:g} {row.unit}".strip() if row.cleared_value is not None else ""
    return _("恢复正常：%(value)s，极值 %(peak)g") % {"value": cleared, "peak": row.peak}
