"""What the door tells of a filing, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.kernel.access import Actor
from anlan.ledger import clocks
from anlan.ledger.models import Clock, ClockState
from anlan.ledger.sources import law_day
from anlan.report.filings import content, queries, recording, rules
from anlan.report.filings.door import ClockLine, FilingEntry, FilingSummary, InstructionLine
from anlan.report.filings.models import Filing, FilingNotice, FilingStep, FilingVersion, Instruction

_SUBJECT = "filings.filing"


def _english() -> bool:
    return get_language() == "en"


class Named(Protocol):
    """A row of a table with a name in both languages."""

    @property
    def name_zh(self) -> str: ...

    @property
    def name_en(self) -> str: ...


def named(row: Named) -> str:
    """The name of a row in the reader's language."""
    return row.name_en if _english() else row.name_zh


def kind_name(code: str) -> str:
    """Name of an event kind; the code itself when unknown."""
    row = queries.every_kind().get(code)
    return code if row is None else named(row)


def ten_thousands(amount: int | None) -> str:
    """CNY in ten thousands (万元) as figures; empty where not known."""
    return "" if amount is None else f"{(Decimal(amount) / 10_000).normalize():f}"


def type_label(code: str) -> str:
    """Type of an accident with its code; words for none."""
    row = queries.every_type().get(code)
    return _("未分类") if not code else code if row is None else f"{row.code} {named(row)}"


def level_name(code: str) -> str:
    """Name of an accident level, of the serious near miss or of "not known yet"; empty for none."""
    row = queries.every_level().get(code)
    if row is not None:
        return named(row)
    return {rules.NEAR_MISS: _("较大涉险事故"), rules.UNKNOWN_LEVEL: _("等级待定")}.get(code, "")


def level_colour(code: str) -> str:
    """Colour of an accident level; grey for everything that has none."""
    row = queries.every_level().get(code)
    return row.colour if row is not None else "grey"


def level_label(filing: Filing) -> str:
    """The level as it is shown: established, forecast, near miss, or not known yet."""
    if filing.forecast_code and filing.forecast_code != filing.level_code:
        return _("{level}（预判）").format(level=level_name(filing.forecast_code))
    if filing.level_code:
        name = level_name(filing.level_code)
        return _("{level}（预判）").format(level=name) if filing.provisional else name
    return level_name(filing.reporting_code) or _("未达事故等级")


def address(filing_id: UUID) -> str:
    """Address of the filing's page."""
    return reverse("filings:detail", args=[filing_id])


def summary(row: Filing) -> FilingSummary:
    """One filing as other rooms see it."""
    plain = {
        name: getattr(row, name)
        for name in FilingSummary.__dataclass_fields__
        if name not in {"state_label", "enterprise_name", "level_label", "level_colour", "address", "type_label"}
    }
    return FilingSummary(
        **plain,
        state_label=row.get_state_label(),
        enterprise_name=row.enterprise.name if row.enterprise is not None else "",
        level_label=level_label(row),
        level_colour=level_colour(row.reporting_code),
        address=address(row.pk),
        type_label=type_label(row.accident_type) if row.type_standard else "",
    )


def late_minutes(clock: Clock, now: datetime) -> int:
    """Whole minutes by which a duty was late, or is late so far; 0 while in time."""
    until = clock.met_at or now
    return max(0, int((until - clock.until).total_seconds() // 60))


def clock_line(clock: Clock, title: str, now: datetime) -> ClockLine:
    """One deadline in words."""
    row = queries.step_labels().get(clock.rule_code)
    label = clock.label if row is None else (row.label_en if _english() else row.label_zh)
    state = clock.state
    if state == ClockState.RUNNING and now > clock.until:
        state = ClockState.MISSED.value  # the sweep has not come by yet
    return ClockLine(
        filing_id=clock.subject_id,
        filing_title=title,
        rule_code=clock.rule_code,
        label=label,
        article=clock.article,
        status=clock.rule_status,
        owed_by=clock.owed_by,
        owed_to=clock.owed_to,
        since=clock.since,
        until=clock.until,
        state=state,
        met_at=clock.met_at,
        late_minutes=late_minutes(clock, now),
        exercise=clock.exercise,
        address=address(clock.subject_id),
    )


def owed(actor: Actor, now: datetime, *, limit: int) -> tuple[ClockLine, ...]:
    """Reporting deadlines still owed, nearest first."""
    rows = list(clocks.running(actor, "filings.view").filter(subject_type=_SUBJECT)[:limit])
    titles = dict(Filing.objects.filter(pk__in=[row.subject_id for row in rows]).values_list("pk", "title"))
    return tuple(clock_line(row, titles.get(row.subject_id, ""), now) for row in rows)


def clocks_of(filing: Filing, now: datetime) -> tuple[ClockLine, ...]:
    """Every deadline of a filing that was not cancelled, nearest first."""
    rows = clocks.for_subject(filing).exclude(state=ClockState.CANCELLED)
    return tuple(clock_line(row, filing.title, now) for row in rows)


def entries(filing_id: UUID, actor: Actor | None, now: datetime) -> tuple[FilingEntry, ...]:
    """Everything that happened to a filing, in order of time."""
    filing = queries.filing(filing_id, actor)
    where = address(filing.pk)
    lines = [_version_entry(filing, row, where) for row in filing.versions.all()]
    for step in filing.steps.all():
        lines += _step_entries(filing, step, where)
    lines += [_notice_entry(filing, row, where) for row in filing.notices.filter(done_at__isnull=False)]
    lines += [
        FilingEntry(
            at=clock.until,
            kind="missed",
            title=_("到期未报：{label}").format(label=clock_line(clock, filing.title, now).label),
            text=_("{who}未在时限内向{to}报告，已超时 {minutes} 分钟。").format(
                who=clock.owed_by, to=clock.owed_to or "—", minutes=late_minutes(clock, now)
            ),
            who=clock.owed_by,
            due=clock.until,
            met=False,
            late_minutes=late_minutes(clock, now),
            filing_id=filing.pk,
            address=where,
        )
        for clock in clocks.for_subject(filing).filter(met_at__isnull=True).exclude(state=ClockState.CANCELLED)
        if now > clock.until
    ]
    for row in filing.instructions.all():
        lines.append(_entry(filing, row.at, "instruction", _("批示"), row.text, row.given_by, where))
        if row.done_at is not None:
            lines.append(_entry(filing, row.done_at, "instruction_done", _("批示办结"), row.outcome, row.done_by, where))
    return tuple(sorted(lines, key=lambda line: line.at))


def _entry(filing: Filing, at: datetime, kind: str, title: str, text: str, who: str, where: str) -> FilingEntry:
    return FilingEntry(at, kind, title, text, who, None, None, 0, filing.pk, where)


def _notice_entry(filing: Filing, row: FilingNotice, where: str) -> FilingEntry:
    text = "，".join(each for each in (row.contact, row.note) if each)
    late = -(-row.late_seconds // 60)
    met = None if row.due is None else not row.late_seconds
    return FilingEntry(row.done_at or row.since, "told", duty_label(row.rule_code), text, row.done_by, row.due, met, late, filing.pk, where)


def duty_label(code: str) -> str:
    """A duty in the reader's language."""
    row = queries.step_labels().get(code)
    return code if row is None else (row.label_en if _english() else row.label_zh)


def _version_entry(filing: Filing, row: FilingVersion, where: str) -> FilingEntry:
    title = _("{kind}（第 {number} 版）").format(kind=_(rules.VERSION_KINDS[row.kind]), number=row.number)
    told = [level_name(row.forecast_code or row.level_code) or _("未达事故等级或等级待定")]
    told += change_words(row)
    if row.reason:
        told.append(_("理由：{reason}").format(reason=row.reason))
    return _entry(filing, row.at, "version", title, "；".join(told), row.author_name, where)


def instruction_line(row: Instruction) -> InstructionLine:
    """An instruction as other rooms see it."""
    plain = {name: getattr(row, name) for name in InstructionLine.__dataclass_fields__ if name not in {"filing_title", "address"}}
    return InstructionLine(**plain, filing_title=row.filing.title, address=address(row.filing_id))


def figure_words(figures: Mapping[str, Any]) -> list[str]:
    """Figures that changed, one phrase each: "死亡人数：3 → 2"."""
    return [f"{content.field_label(name)}：{_shown(before)} → {_shown(after)}" for name, (before, after) in figures.items()]


def counted_words(filing: Filing) -> list[tuple[str, str, int]]:
    """What a ledger of people counts otherwise than was reported: label, figure reported, figure counted."""
    differs = recording.uncounted(filing)
    return [(str(content.field_label(name)), _shown(before), now) for name, (before, now) in differs.items()]


def flash_lines(filing: Filing) -> list[tuple[str, str, bool]]:
    """What a telephone flash tells (Order 21 art. 10): label, words, whether it is known."""
    rows = queries.flash_content(law_day(filing.occurred_at))
    values = [(named(row), getattr(filing, row.field)) for row in rows]
    return [(label, _told(value), value not in (None, "")) for label, value in values]


def _told(value: object) -> str:
    return recording.local(value) if isinstance(value, datetime) else _("暂不清楚") if value in (None, "") else str(value)


def flash_unknown(step: FilingStep) -> list[str]:
    """Labels of what nobody knew when a flash was telephoned."""
    return [str(content.field_label(name)) for name in step.unknown]


def change_words(row: FilingVersion) -> list[str]:
    """What a version changed, one phrase a field: "死亡人数：1 → 3"."""
    words = []
    for name, (before, after) in row.changed.items():
        if name == "unknown":
            continue
        label = str(content.field_label(name))
        if name == "accident_type":
            before, after = type_label(before), type_label(after)
        elif name == "direct_loss":
            label, before, after = str(_("直接经济损失（万元）")), ten_thousands(before), ten_thousands(after)
        words.append(f"{label}：{_shown(before)} → {_shown(after)}")
    return words


def _shown(value: object) -> str:
    if value is None or value == "":
        return _("不清楚")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return str(value)


def _step_entries(filing: Filing, step: FilingStep, where: str) -> list[FilingEntry]:
    late = -(-step.late_seconds // 60)
    met = None if step.due is None else not step.missed
    sent = FilingEntry(
        at=step.sent_at,
        kind="step",
        title=_("{kind}：{sender} → {receiver}").format(kind=step.label, sender=step.sender_name, receiver=step.receiver_name),
        text=step.note,
        who=step.sent_by,
        due=step.due,
        met=met,
        late_minutes=late,
        filing_id=filing.pk,
        address=where,
    )
    lines = [sent]
    if step.delivered_at is not None and step.delivered_at - step.sent_at >= rules.NOTICED:
        minutes = round((step.delivered_at - step.sent_at).total_seconds() / 60)
        title = _("送达{receiver}").format(receiver=step.receiver_name)
        waited = _("在链路上待发 {minutes} 分钟").format(minutes=minutes)
        lines.append(_entry(filing, step.delivered_at, "delivered", title, waited, step.sent_by, where))
    if step.received_at is None:
        return lines
    title = _("{receiver}签收").format(receiver=step.receiver_name)
    return [*lines, _entry(filing, step.received_at, "receipt", title, "", step.received_by, where)]


def unknown_labels(filing: Filing) -> list[str]:
    """Labels of what was declared not known yet."""
    return [str(content.field_label(name)) for name in filing.unknown if name in content.MAY_BE_UNKNOWN]
