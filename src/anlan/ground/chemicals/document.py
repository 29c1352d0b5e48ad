"""The first-response card as a document to print and carry."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.desk.documents import Block, Document, Heading, Pairs, Paragraph, Table
from anlan.ground.chemicals import cards, catalogue, presenting, rules


def card_document(code: str, now: datetime) -> Document:
    """One or two pages: who it is, how far, what to do and not to do. Raises ``UnknownChemical``, ``NoCard``."""
    found, entry = cards.card(code), catalogue.entry(code)
    missing = _("无数据")
    blocks: list[Block] = [
        Pairs(
            (
                (_("别名"), entry.aliases.replace(";", "、") or "—"),
                (_("CAS 号"), entry.cas or "—"),
                (_("UN 号"), f"UN {entry.un}" if entry.un else "—"),
                (_("危险货物类别（次要危险）"), entry.hazard_class or "—"),
                (_("处置指南编号"), presenting.guide_name(found)),
                (_("罐体着火时撤离距离"), presenting.metres(found.fire_m) or missing),
            )
        ),
        Heading(_("隔离与防护距离")),
    ]
    if found.isolation:
        lines = [presenting.distance_line(row) for row in found.isolation]
        head = (_("泄漏情形"), _("四周隔离"), _("下风向防护（白天）"), _("下风向防护（夜间）"))
        rows = tuple((line["kind"], line["isolation"] or missing, line["day"] or missing, line["night"] or missing) for line in lines)
        blocks.append(Table(head, rows, (4.0, 1.5, 2.0, 2.0)))
        if gases := presenting.gives_off(found):
            blocks.append(Paragraph(_("遇水放出：{gases}").format(gases=gases)))
    else:
        blocks.append(Paragraph(missing))
    for part, label in cards.PARTS.items():
        if found.advice[part]:
            blocks += [Heading(_(label)), Paragraph("\n".join(f"· {presenting.told(each)}" for each in found.advice[part]))]
    blocks.append(Heading(_("出处与核实情况")))
    sources = dict.fromkeys([*(row.source for row in found.isolation[:1]), found.source])
    blocks.append(Paragraph("\n".join(f"{source} ({_(rules.STATUSES[found.status])})" for source in sources)))
    return Document(
        title=_("应急处置卡：{name}").format(name=presenting.card_title(found)),
        blocks=tuple(blocks),
        foot=_("由安澜平台生成于 {at}").format(at=timezone.localtime(now).strftime("%Y-%m-%d %H:%M")),
        page=_("第 {page} 页，共 {pages} 页"),
        language="en" if presenting.english() else "zh",
    )
