"""The daily report of duty 值班日报 and the brief of one event 要情: drawn from what is recorded, edited, signed, printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from anlan.command.duty import door, queries, rules
from anlan.command.duty.models import DutyReport
from anlan.command.incidents import door as incidents
from anlan.desk.documents import Block, Document, Heading, Paragraph, docx, pdf
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.kernel.levels import prefix_of
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import CHINA, law_day
from anlan.report.filings import door as filings
from anlan.sense.alarms import door as alarms
from anlan.warn.bulletins import door as bulletins

LINES = 60
"""Lines of the log that a section takes; a longer day says how many more there are."""
_NUMBER_WORDS = "一二三四五六七八九十"


def span_of(day: date) -> tuple[datetime, datetime]:
    """From when to when a day of the daily report lasts (08:00 to 08:00 of the next day, by ``parameters.csv``)."""
    begins = timedelta(minutes=rules.TABLES.parameter("day_begins_minutes", day))
    start = datetime.combine(day, datetime.min.time(), CHINA) + begins
    return start, start + timedelta(days=1)


def draft_daily(day: date, *, actor: Actor, now: datetime) -> DutyReport:
    """Draw the daily report of the actor's place for the day that began on ``day``, as far as it is known at ``now``."""
    since, until = span_of(day)
    title = _("{place}值班日报（{day}）").format(place=places.place_name(actor.place_code), day=day.isoformat())
    return _draft("daily", title, day, (since, until), _daily(actor, since, min(until, now), now), actor=actor, now=now)


def draft_brief(filing_id: UUID, *, actor: Actor, now: datetime) -> DutyReport:
    """Draw the brief of one reported event. Raises ``NotFound``."""
    filing = filings.filing(filing_id, actor)
    sections = [
        (_("基本情况"), f"{_moment(filing.occurred_at)}，{filing.location}。{filing.title}。"),
        (_("简要经过"), filing.brief_course),
        (_("伤亡情况"), _harm(filing)),
        (_("已采取的措施"), filing.measures_taken),
        (_("批示和要求"), "\n".join(f"{line.given_by}：{line.text}" for line in filings.instructions(filing_id, actor))),
    ]
    title = _("要情：{title}").format(title=filing.title)[:160]
    span = (filing.occurred_at, now)
    return _draft(
        "brief", title, law_day(now), span, sections, actor=actor, now=now, subject=("filings.filing", filing_id), exercise=filing.exercise
    )


def _harm(filing: filings.FilingSummary) -> str:
    known = ((_("死亡"), filing.deaths), (_("重伤"), filing.serious_injured), (_("轻伤"), filing.injured), (_("下落不明"), filing.missing))
    return "，".join(
        _("{what} {n} 人").format(what=what, n=number) if number is not None else _("{what}暂不清楚").format(what=what)
        for what, number in known
    )


def _draft(
    kind: str,
    title: str,
    day: date,
    span: tuple[datetime, datetime],
    sections: Iterable[tuple[str, str]],
    *,
    actor: Actor,
    now: datetime,
    subject: tuple[str, UUID] | None = None,
    exercise: bool = False,
) -> DutyReport:
    with change(actor, "duty.log", now=now, place_code=actor.place_code) as gathered:
        row = DutyReport.objects.create(
            state=rules.DRAFT,
            opened_at=now,
            place_code=actor.place_code,
            kind=kind,
            title=title,
            day=day,
            since=span[0],
            until=span[1],
            sections=[{"heading": heading, "text": text} for heading, text in sections],
            subject_type=subject[0] if subject else "",
            subject_id=subject[1] if subject else None,
            drafted_by_name=actor.name,
            exercise=exercise,
        )
        gathered.subject = row
        open_case(row, actor=actor, now=now)
    return row


def _daily(actor: Actor, since: datetime, until: datetime, now: datetime) -> list[tuple[str, str]]:
    """Sections of a day with what is recorded of it; exercises are left out."""
    prefix = prefix_of(actor.place_code)
    reported = [each for each in filings.occurred(since, until, prefix, actor) if not each.exercise]
    opened = [each for each in incidents.occurred(since, until, prefix, actor) if not each.exercise]
    return [
        (_("值班人员"), _lines(_on_duty(actor, since, until))),
        (_("突发事件信息"), _lines(_told(reported))),
        (_("处置中的事件"), _lines(f"{each.title}（{each.state_label}）" for each in opened)),
        (_("监测报警"), _lines(f"{_moment(each.raised_at)} {each.title}" for each in _alarms(actor, since))),
        (_("预警信息"), _lines(each.headline for each in bulletins.live(actor))),
        (_("来电、文电和处理事项"), _lines(_log(actor, since, until))),
        (_("待办事项"), _lines(f"{line.filing_title}：{line.label}，{_moment(line.until)}" for line in filings.owed(actor, now))),
    ]


def _told(reported: Sequence[filings.FilingSummary]) -> Iterable[str]:
    """Each event, and how many accidents of each type."""
    yield from (f"{_moment(each.occurred_at)} {each.title}（{each.state_label}）{_harm(each)}" for each in reported)
    if counted := filings.by_type(reported):
        yield _("事故类型：{types}").format(types="，".join(f"{label} {number}" for label, number in counted.items()))


def _alarms(actor: Actor, since: datetime) -> list[alarms.AlarmSummary]:
    return [each for each in alarms.open_alarms(actor, LINES) if each.raised_at >= since and not each.exercise]


def _on_duty(actor: Actor, since: datetime, until: datetime) -> Iterable[str]:
    rows = queries.shifts(None).filter(place_code=actor.place_code, starts_at__lt=until, ends_at__gt=since)
    for row in rows.order_by("starts_at"):
        yield f"{_(rules.SHIFT_KINDS[row.kind])} {row.account.display_name}（{_moment(row.starts_at)} – {_moment(row.ends_at)}）"


def _log(actor: Actor, since: datetime, until: datetime) -> Iterable[str]:
    rows = queries.log(actor).filter(place_code=actor.place_code, at__gte=since, at__lt=until, exercise=False).order_by("at")
    for row in rows[:LINES]:
        yield f"{_moment(row.at)} {row.get_kind_display()}：{row.text.splitlines()[0][:160]}"
    if (more := rows.count() - LINES) > 0:
        yield _("另有 {n} 条，见值班日志。").format(n=more)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines) or _("无")


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%m-%d %H:%M")


def write(row: DutyReport, title: str, texts: Sequence[str], *, actor: Actor, now: datetime) -> DutyReport:
    """Change title and texts of a draft. Raises ``ReportIssued``."""
    if row.state != rules.DRAFT:
        raise rules.ReportIssued(title=row.title)
    with change(actor, "duty.log", now=now, record=row):
        row.title = title.strip()[:160] or row.title
        row.sections = [{**section, "text": text.strip()} for section, text in zip(row.sections, texts, strict=True)]
        row.save(update_fields=["title", "sections"])
    return row


def issue(row: DutyReport, *, actor: Actor, now: datetime) -> DutyReport:
    """Sign it: from now on it never changes, and the bureau above is told."""

    def event(locked: DutyReport, _move: Move, _gathered: Change) -> Event:
        return door.ReportIssued(subject_id=locked.pk, place_code=locked.place_code, at=now, exercise=locked.exercise, title=locked.title)

    return advance(row, "issue", actor=actor, now=now, fields={"issued_by_name": actor.name, "issued_at": now}, event=event)


def void(row: DutyReport, reason: str, *, actor: Actor, now: datetime) -> DutyReport:
    """Drop a draft, with a reason."""
    return advance(row, "void", actor=actor, now=now, reason=reason)


def paper(row: DutyReport, now: datetime, *, word: bool = False) -> bytes:
    """The report as an official document: PDF, or Word to edit. Chinese in either language. Raises ``NoFont``."""
    with translation.override("zh-hans"):
        return (docx if word else pdf)(_document(row, now))


def _document(row: DutyReport, now: datetime) -> Document:
    blocks: list[Block] = []
    for number, section in enumerate(row.sections):
        blocks += [Heading(f"{_NUMBER_WORDS[number]}、{section['heading']}"), Paragraph(section["text"] or _("无"))]
    blocks.append(Paragraph(_("起草：{by}　签发：{signed}").format(by=row.drafted_by_name, signed=row.issued_by_name or "—")))
    marks = [*([_("演练")] if row.exercise else []), *([] if row.issued_at else [_("草稿")])]
    return Document(
        title=row.title,
        organ=_("{place}应急值班室").format(place=places.place_name(row.place_code)),
        number="",
        date=timezone.localtime(row.issued_at or now).strftime("%Y-%m-%d %H:%M"),
        marks=tuple(marks),
        foot=_("由安澜平台生成于 {at}").format(at=timezone.localtime(now).strftime("%Y-%m-%d %H:%M")),
        page=_("第 {page} 页，共 {pages} 页"),
        blocks=tuple(blocks),
    )


def values_of(row: DutyReport) -> list[dict[str, Any]]:
    """Sections with their number, for a form."""
    return [{"number": number, **section} for number, section in enumerate(row.sections)]
