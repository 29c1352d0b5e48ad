"""Minutes on paper: printed from their signed content alone, or from the record as it stands, marked as a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from textwrap import wrap
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.command.consultation import minuting, rules
from anlan.command.consultation.models import Consultation, Minutes
from anlan.desk.documents import Block, Document, Heading, Pairs, Paragraph, Signatures, Table
from anlan.kernel.access import Actor

Told = Mapping[str, Any]


def document(row: Consultation, minutes: Minutes | None, actor: Actor, now: datetime) -> Document:
    """The minutes of an edition; without one the record as it stands now."""
    held: Told = minutes.content if minutes is not None else minuting.content(row, actor)
    marks = [_("演练")] if row.exercise else []
    foot = _("由安澜平台生成，数据截至 {at}").format(at=_local(now.isoformat()))
    if minutes is None:
        marks.append(_("草稿"))
    else:
        foot = _("第 {edition} 版，{by} {at} 签发；内容校验 SHA-256 {digest}").format(
            edition=minutes.edition, by=minutes.signed_by_name, at=_local(minutes.signed_at.isoformat()), digest=minutes.digest[:16]
        )
    return Document(
        title=_("{title}会商纪要").format(title=held["title"]),
        organ=held["organisation_name"],
        date=_local((minutes.signed_at if minutes is not None else now).isoformat()),
        marks=tuple(marks),
        foot=foot,
        page=_("第 {page} 页，共 {pages} 页"),
        language="en" if get_language() == "en" else "zh",
        blocks=tuple(_blocks(held, minutes)),
    )


def _blocks(held: Told, minutes: Minutes | None) -> list[Block]:
    where = "、".join(filter(None, (held["venue"], _("视频会商") if held["online"] else "")))
    facts = [
        (_("会商时间"), f"{_local(held['began_at'] or held['starts_at'])} — {_local(held['ended_at'])[-5:] or '…'}"),
        (_("会商地点"), where or "—"),
        (_("主持人"), held["chair_name"] or "—"),
        (_("召集人"), held["called_by_name"]),
    ]
    if minutes is not None and minutes.reason:
        facts.append((_("更正说明"), _("第 {edition} 版：{reason}").format(edition=minutes.edition, reason=minutes.reason)))
    blocks: list[Block] = [Heading(_("概况")), Pairs(tuple(facts)), Heading(_("参会情况")), _seats(held["seats"])]
    for item in held["items"]:
        speaker = _("（汇报：{who}）").format(who=item["speaker"]) if item["speaker"] else ""
        blocks += [Heading(f"{item['number']}. {item['title']}{speaker}"), Paragraph(item["notes"] or _("未作记录。"))]
        blocks += _voices([each for each in held["voices"] if each["item"] == item["number"]])
    rest = [each for each in held["voices"] if each["item"] is None]
    blocks += [Heading(_("其他发言")), *_voices(rest)] if rest else []
    blocks += [Heading(_("议定事项")), _decisions(held["decisions"])]
    blocks += _enclosures(held)
    signed = minutes.signed_by_name if minutes is not None else ""
    return [*blocks, Signatures(((_("主持人"), held["chair_name"]), (_("签发人"), signed)))]


def _seats(seats: Sequence[Told]) -> Block:
    rows = tuple(
        (
            each["name"],
            each["post"] or "—",
            _(rules.ROLES[each["role"]]),
            _(rules.ATTENDANCE[each["attendance"]]),
            " ".join(filter(None, (_(rules.WAYS[each["way"]]) if each["way"] else "", each["who"]))) or "—",
        )
        for each in seats
    )
    return Table((_("参会单位或人员"), _("职务"), _("身份"), _("到会情况"), _("方式和到会人员")), rows, (5, 5, 2, 2, 4))


def _voices(voices: Sequence[Told]) -> list[Block]:
    return [Paragraph(f"【{_(rules.VOICES[each['kind']])}】{each['who']}：{each['text']}") for each in voices]


def _decisions(decisions: Sequence[Told]) -> Block:
    if not decisions:
        return Paragraph(_("没有议定事项。"))
    rows = tuple(
        (
            str(each["number"]),
            each["text"] + (_("（已撤销：{reason}）").format(reason=each["revoked_reason"]) if each["revoked"] else ""),
            each["grounds"],
            each["assignee"],
            _local(each["due"]),
        )
        for each in decisions
    )
    return Table((_("序号"), _("议定事项"), _("依据和理由"), _("责任单位或人员"), _("完成时限")), rows, (2, 7, 6, 4, 4))


def _enclosures(held: Told) -> list[Block]:
    rows = [(each["title"], each["address"]) for each in held["references"]]
    rows += [(each["name"], f"SHA-256 {' '.join(wrap(each['sha256'], 8))}") for each in held["files"]]
    return [Heading(_("会商材料")), Pairs(tuple(rows))] if rows else []


def _local(moment: str) -> str:
    return timezone.localtime(datetime.fromisoformat(moment)).strftime("%Y-%m-%d %H:%M") if moment else ""
