"""The record of entries as a PDF: each squad with the pressures of its members, what spoke against it, who let it in; reports and holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.command.minerescue import queries, rules, services, telling
from anlan.command.minerescue.models import Entry, Operation
from anlan.desk.documents import Block, Document, Heading, Pairs, Signatures, Table, pdf
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places


def entry_record(row: Operation, now: datetime) -> bytes:
    """Render the record. Raises ``NoFont``."""
    bureau = organisations.bureau_of(row.place_code)
    return pdf(
        Document(
            title=_("{title}：入井记录").format(title=row.title),
            organ=bureau.name if bureau else places.place_name(row.place_code),
            date=_moment(now),
            marks=(_("演练"),) if row.exercise else (),
            foot=_("由安澜平台生成，数据截至 {at}").format(at=_moment(now)),
            page=_("第 {page} 页，共 {pages} 页"),
            language="en" if get_language() == "en" else "zh",
            blocks=tuple(_blocks(row)),
        )
    )


def _blocks(row: Operation) -> Iterator[Block]:
    yield Pairs(
        (
            (_("矿山"), row.enterprise.name),
            (_("灾害"), str(row.get_disaster_display())),
            (_("开设时间"), f"{_moment(row.opened_at)} {row.opened_by_name}"),
            (_("结束时间"), _moment(row.closed_at)),
        )
    )
    for number, entry in enumerate(queries.entries(row), 1):
        yield Heading(f"{number}. {entry.squad.name} → {entry.place.name}")
        yield Pairs(tuple(_facts(entry)))
        yield Table((_("队员"), _("呼吸器"), _("入井 MPa"), _("出井 MPa")), tuple(_members(entry)), (3, 3, 2, 2))
    holds = [
        (_span(each.since, each.until), f"{queries.hold_name(each.kind, each.since)} {each.note} {each.author_name}")
        for each in row.holds.all()
    ]
    if holds:
        yield Heading(_("禁止入井"))
        yield Pairs(tuple(holds))
    told = [
        (_moment(each.at), each.place.name if each.place else "", telling.reported_in_words(each), each.author_name)
        for each in queries.reports(row).order_by("at", "id")
    ]
    if told:
        yield Heading(_("井下来报"))
        yield Table((_("时间"), _("地点"), _("说明"), _("登记人")), tuple(told), (3, 2, 6, 2))
    yield Signatures(((_("小队长"), ""), (_("现场指挥"), "")))


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    yield _("任务"), entry.purpose
    yield _("入井"), f"{_moment(entry.opened_at)}，" + _("预计往返 {minutes} 分钟").format(minutes=entry.trip_minutes)
    yield _("待机小队"), entry.standby_name
    yield _("返回压力"), f"{entry.turn_pressure:.1f} MPa"
    yield _("返回时间"), _moment(entry.turned_at)
    yield _("出井"), f"{_moment(entry.closed_at)} {entry.left_note}"
    yield _("最迟出井"), _moment(entry.out_by)
    if entry.findings:
        yield _("入井前提示"), services.in_words([rules.Finding(**each) for each in entry.findings])
    if entry.grounds:
        yield _("破例批准"), f"{entry.allowed_by_name}：{entry.grounds}"


def _members(entry: Entry) -> Iterator[tuple[str, ...]]:
    for number, member in enumerate(entry.members):
        yield member["name"], member["apparatus"], _of(entry.pressures, number), _of(entry.left_pressures, number)


def _of(pressures: list[float], number: int) -> str:
    return f"{pressures[number]:g}" if number < len(pressures) else "—"


def _span(since: datetime, until: datetime) -> str:
    return f"{_moment(since)} – {_moment(until)}"


def _moment(at: datetime | None) -> str:
    return "—" if at is None else timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
