"""The filing as an official information bulletin (信息快报) in PDF and Word. The wording is Chinese in either language: it is an official document."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from anlan.desk.documents import Block, Document, Heading, Pairs, Paragraph, Table, docx, pdf
from anlan.kernel.access import Classification
from anlan.kernel.levels import Level
from anlan.ledger.clocks import for_subject
from anlan.ledger.models import ClockState
from anlan.ledger.sources import law_day
from anlan.report.filings import chain, content, queries, rules, summaries
from anlan.report.filings.models import Filing
from anlan.report.filings.recording import local

_NUMBER_WORDS = "一二三四五六七八九十"


def information_bulletin(filing: Filing, now: datetime, *, word: bool = False) -> bytes:
    """Render the latest version of ``filing`` with its chain of reports, as PDF or as an editable Word file. Raises ``NoFont``."""
    with translation.override("zh-hans"):
        return (docx if word else pdf)(_document(filing, now))


def _document(filing: Filing, now: datetime) -> Document:
    first = filing.steps.filter(kind="written").order_by("sequence").first()
    organ = first.receiver_name if first else chain.Bureau(Level.COUNTY, filing.place_code).name
    version = filing.versions.order_by("-number").first()
    kind = _(rules.VERSION_KINDS[version.kind]) if version else _("草稿")
    marks = [_("演练")] if filing.exercise else []
    if filing.classification >= Classification.INTERNAL:
        marks.append(_(Classification(filing.classification).label))
    return Document(
        title=_("关于{title}的信息快报（{kind}）").format(title=filing.title, kind=kind),
        organ=organ,
        number=_("第 {number} 期").format(number=filing.latest_number or 1),
        date=local(version.at if version else filing.opened_at),
        marks=tuple(marks),
        foot=_("由安澜平台生成于 {at}").format(at=local(now)),
        page=_("第 {page} 页，共 {pages} 页"),
        blocks=tuple(_blocks(filing)),
    )


def _blocks(filing: Filing) -> list[Block]:
    sections: list[tuple[str, Block]] = [
        (_("事故发生单位概况"), Paragraph(_told(filing, "unit_profile"))),
        (_("时间、地点和现场情况"), _when_and_where(filing)),
        (_("简要经过"), Paragraph(_told(filing, "brief_course"))),
        (_("伤亡人数和直接经济损失"), _harm(filing)),
        (_("已采取的措施"), Paragraph(_told(filing, "measures_taken"))),
        (_("等级研判"), _level(filing)),
    ]
    if filing.other:
        sections.append((_("其他情况"), Paragraph(filing.other)))
    if filing.steps.exists():
        sections.append((_("报送情况"), _way(filing)))
    late = for_subject(filing).filter(met_at__isnull=True, state=ClockState.MISSED)
    if late.exists():
        rows = tuple(_("{label}（{who}）").format(label=row.label, who=row.owed_by) for row in late)
        sections.append((_("到期未报"), Paragraph("\n".join(rows))))
    blocks: list[Block] = []
    for number, (title, block) in enumerate(sections):
        blocks += [Heading(f"{_NUMBER_WORDS[number]}、{title}"), block]
    blocks.append(Paragraph(_("填报人：{name}　联系电话：{phone}").format(name=filing.reporter_name, phone=filing.reporter_phone or "—")))
    return blocks


def _told(filing: Filing, name: str) -> str:
    value = getattr(filing, name)
    return str(value) if value not in (None, "") else _("暂不清楚")


def _when_and_where(filing: Filing) -> Block:
    rows = [
        (_("发生时间"), local(filing.occurred_at)),
        (_("发生地点"), filing.location),
        (_("事件类别"), summaries.kind_name(filing.kind)),
        (_("现场情况"), _told(filing, "scene")),
    ]
    if filing.type_standard:
        standing = _("已认定") if filing.type_final else _("初步")
        told = _("{type}（{standing}，{standard}）").format(
            type=summaries.type_label(filing.accident_type), standing=standing, standard=filing.type_standard
        )
        rows.insert(3, (_("事故类型"), told if filing.accident_type else _("未分类")))
    if filing.longitude is not None and filing.latitude is not None:
        rows.append((_("坐标"), f"{filing.longitude:.5f}, {filing.latitude:.5f}"))
    return Pairs(tuple(rows))


def _harm(filing: Filing) -> Block:
    names = ("deaths", "serious_injured", "injured", "missing", "trapped", "endangered", "evacuated")
    rows = [(str(content.field_label(name)), _told(filing, name)) for name in names]
    known = filing.direct_loss is not None
    loss = _("{amount} 万元").format(amount=summaries.ten_thousands(filing.direct_loss)) if known else _("暂不清楚")
    if filing.loss_unknown:
        loss += _("（{n} 项未查清，{standard}）").format(n=filing.loss_unknown, standard=filing.loss_standard)
    return Pairs((*rows, (_("初步估计直接经济损失"), loss)))


def _level(filing: Filing) -> Block:
    rows = queries.accident_levels(law_day(filing.occurred_at))
    row = next((row for row in rows if row.code == filing.reporting_code), None)
    told = [summaries.level_label(filing)]
    if row is not None:
        told.append(_("依据：{source}{article}").format(source=row.source, article=row.article))
    if filing.unknown:
        told.append(_("暂不清楚：{names}").format(names="、".join(summaries.unknown_labels(filing))))
    return Paragraph("\n".join(told))


def _way(filing: Filing) -> Block:
    rows = []
    for step in filing.steps.all():
        verdict = _("按时")
        if step.due is None:
            verdict = "—"
        elif step.missed:
            verdict = _("超时 {minutes} 分钟").format(minutes=-(-step.late_seconds // 60))
        rows.append(
            (
                f"{step.label}：{step.sender_name} → {step.receiver_name}",
                local(step.due) if step.due else "—",
                local(step.sent_at),
                verdict,
                local(step.received_at) if step.received_at else _("未签收") if step.delivered_at else _("未送达"),
            )
        )
    header = (_("环节"), _("时限"), _("发出"), _("结果"), _("签收"))
    return Table(header, tuple(rows), widths=(3, 1.6, 1.6, 1.3, 1.6))
