"""Figures and lines of a review in words, on the page and on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.command.incidents import door as incidents
from anlan.command.incidents.door import TimelineLine
from anlan.desk.documents import Block, Document, Heading, Lines, Pairs, Paragraph, Table, TimelineRow
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.ledger.sources import law_day
from anlan.report.filings import door as filings
from anlan.review.aftermath import queries, rules
from anlan.review.aftermath.models import Review


@dataclass(frozen=True)
class ShownFigure:
    """One indicator as it is read: the value, what it was elsewhere (median), how sure the rule is."""

    area: str
    label: str
    value: str
    elsewhere: str
    worse: bool
    status: str


def shown_figures(row: Review, figures: Sequence[Mapping[str, Any]], elsewhere: Mapping[str, float]) -> list[ShownFigure]:
    """Indicators in words. ``worse``: more minutes, or a smaller share, than the median of other reviews."""
    day = law_day(row.happened_at)
    english = get_language() == "en"
    areas = rules.areas(day)
    by_code = {rule.code: rule for rule in rules.indicator_rules(day)}
    found = []
    for each in figures:
        rule = by_code.get(each["code"])
        if rule is None:
            continue
        area = areas[rule.area]
        other, value = elsewhere.get(rule.code), each["value"]
        worse = other is not None and value is not None and (value > other if rule.kind == "interval" else value < other)
        found.append(
            ShownFigure(
                area.name_en if english else area.name_zh,
                rule.label_en if english else rule.label_zh,
                _worded(rule.kind, value, each.get("part"), each.get("whole")),
                "—" if other is None else _worded(rule.kind, other, None, None),
                worse,
                rule.status,
            )
        )
    return found


def _worded(kind: str, value: float | None, part: int | None, whole: int | None) -> str:
    if value is None:
        return _("没有发生")
    if kind == "interval":
        minutes = round(value)
        return _("{h} 小时 {m} 分").format(h=minutes // 60, m=minutes % 60) if minutes >= 60 else _("{m} 分钟").format(m=minutes)
    percent = f"{100 * value:.0f} %"
    return percent if whole is None else f"{percent}（{part}/{whole}）"


def document(row: Review, lines: Sequence[TimelineLine], actor: Actor, now: datetime) -> Document:
    """The review as an official document; the course is shortened to what weighs most (``data/parameters.csv``), and says so."""
    own = organisations.organisation(actor.organisation_id) if actor.organisation_id else None
    bureau = own or organisations.bureau_of(row.place_code)
    return Document(
        title=row.title,
        organ=bureau.name if bureau else places.place_name(row.place_code),
        date=_local(row.issued_at or now),
        marks=(_("演练"),) if row.exercise else (),
        foot=_("由安澜平台生成，数据截至 {at}").format(at=_local(now)),
        page=_("第 {page} 页，共 {pages} 页"),
        language="en" if get_language() == "en" else "zh",
        blocks=tuple(_blocks(row, lines, actor)),
    )


def _blocks(row: Review, lines: Sequence[TimelineLine], actor: Actor) -> list[Block]:
    shown = shown_figures(row, queries.figures(row, lines), queries.elsewhere(row, actor))
    missed = rules.missed(lines)
    facts = (
        (_("事件类别"), filings.kind_name(row.kind)),
        (_("发生时间"), _local(row.happened_at)),
        (_("归属地"), places.full_name(row.place_code)),
        (_("状态"), row.get_state_label()),
        (_("编写"), row.written_by_name),
        (_("审定"), f"{row.issued_by_name} {_local(row.issued_at)}" if row.issued_at else "—"),
        (_("依据"), _(rules.GROUNDS)),
    )
    blocks: list[Block] = [Heading(_("概况")), Pairs(facts), Heading(_("能力指标"))]
    header = (_("能力"), _("指标"), _("本次"), _("同类中位数"))
    blocks.append(Table(header, tuple((each.area, each.label, each.value, each.elsewhere) for each in shown), (3, 6, 4, 4)))
    blocks += [Heading(_("超时事项")), _missed_block(missed)]
    blocks += [Heading(_("做得好的")), Paragraph(row.achieved or "—"), Heading(_("存在的问题")), Paragraph(row.failed or "—")]
    blocks += [Heading(_("改进事项")), _lessons_block(row)]
    most = rules.TABLES.parameter("lines_in_report", law_day(row.happened_at))
    kept = rules.chosen(lines, most)
    blocks.append(Heading(_("过程")))
    if len(kept) < len(lines):
        blocks.append(Paragraph(_("共 {all} 条，此处列出其中 {kept} 条要事；全部记录见所附表格。").format(all=len(lines), kept=len(kept))))
    blocks.append(Lines(tuple(_row(line) for line in kept)))
    return blocks


def _missed_block(missed: Sequence[rules.Missed]) -> Block:
    if not missed:
        return Paragraph(_("没有超时事项。"))
    rows = tuple((_local(each.at), each.title, each.who or "—", _("{n} 分钟").format(n=each.late_minutes)) for each in missed[:200])
    return Table((_("时间"), _("事项"), _("责任"), _("超时")), rows, (4, 8, 4, 3))


def _lessons_block(row: Review) -> Block:
    lessons = list(row.lessons.order_by("number"))
    if not lessons:
        return Paragraph(_("没有登记改进事项。"))
    names = area_names(row)
    rows = tuple(
        (names.get(each.area, each.area), each.problem, each.measure, each.owner_name, each.due.isoformat(), each.get_state_label())
        for each in lessons
    )
    return Table((_("能力"), _("问题"), _("改进措施"), _("责任人"), _("期限"), _("状态")), rows, (3, 6, 6, 3, 3, 3))


def area_names(row: Review) -> dict[str, str]:
    """Names of the capability areas in the reader's language."""
    english = get_language() == "en"
    return {code: each.name_en if english else each.name_zh for code, each in rules.areas(law_day(row.happened_at)).items()}


def _row(line: TimelineLine) -> TimelineRow:
    verdict, tone = "", ""
    if line.met is True:
        verdict, tone = _("按时"), "green"
    elif line.met is False:
        verdict, tone = _("超时 {n} 分钟").format(n=line.late_minutes), "red"
    kind = incidents.timeline_kinds()[line.kind]
    return TimelineRow(at=_local(line.at), title=f"[{kind}] {line.title}", text=line.text, who=line.who, verdict=verdict, tone=tone)  # type: ignore[arg-type]


def sheet(lines: Sequence[TimelineLine]) -> bytes:
    """Every line as a spreadsheet (XLSX): nothing is left out, however long the incident was."""
    held = BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(_("过程"))
    for column, name in enumerate(
        (_("时间"), _("类别"), _("事项"), _("内容"), _("人员或岗位"), _("时限"), _("是否按时"), _("超时（分钟）"))
    ):
        page.write_string(0, column, name)
    words = {None: "", True: _("按时"), False: _("超时")}
    kinds = incidents.timeline_kinds()
    for number, line in enumerate(lines, 1):
        due = _local(line.due, seconds=True) if line.due else ""
        cells = (_local(line.at, seconds=True), kinds[line.kind], line.title, line.text, line.who, due, words[line.met])
        for column, cell in enumerate(cells):
            if cell:
                page.write_string(number, column, cell[:32000])
        if line.late_minutes:
            page.write_number(number, len(cells), line.late_minutes)
    book.close()
    return held.getvalue()


def _local(moment: datetime | None, *, seconds: bool = False) -> str:
    return "" if moment is None else timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")
