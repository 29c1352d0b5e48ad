"""The file of an enterprise on paper: what the page shows, with the parts of the rooms above, as one document to print or hand over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anlan.desk import facts, papers, timeline
from anlan.desk.documents import Block, Document, Heading, Lines, Pairs, Paragraph, Table
from anlan.desk.documents.blocks import TimelineRow
from anlan.ground.enterprises import certificates, queries, rules, wording
from anlan.ground.enterprises.models import Certificate, Enterprise, EnterpriseContact
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.ledger.sources import law_day

LINES = 40
"""Newest entries of the timeline that are printed."""


def document(
    page: str,
    row: Enterprise,
    contacts: Sequence[tuple[str, str, str]],
    held: Sequence[Certificate],
    warning: str,
    request: HttpRequest,
    now: datetime,
) -> Document:
    """The whole file as far as the request's actor may read it.

    ``contacts``: (duty, name, telephone number as he may see it); ``warning``: what does not agree between them and the certificates ``held``.
    """
    return Document(
        title=_("企业安全生产档案"),
        organ=row.name,
        number=row.uscc,
        date=f"{timezone.localtime(now):%Y-%m-%d %H:%M}",
        foot=_("由安澜平台生成于 {at}").format(at=f"{timezone.localtime(now):%Y-%m-%d %H:%M}"),
        page=_("第 {page} 页，共 {pages} 页"),
        language="en" if get_language() == "en" else "zh",
        letterhead=False,
        blocks=(
            *_basics(row, now),
            *_standing(page, row, request),
            *_people(contacts),
            *_sites(row),
            *_certificates(held, warning),
            *papers.blocks(page, row, request),
            *_timeline(page, row, request, now),
        ),
    )


def _basics(row: Enterprise, now: datetime) -> tuple[Block, ...]:
    supervisor = organisations.organisation(row.supervisor_id) if row.supervisor_id else None
    point = f"{row.longitude:.5f}, {row.latitude:.5f}" if row.longitude is not None and row.latitude is not None else "—"
    found = queries.completeness(row, law_day(now))
    missing = "、".join(_(need.label) for need in found.missing)
    return (
        Heading(_("基本情况")),
        Pairs(
            (
                (_("经营状态"), row.get_state_display()),
                (_("行业领域"), wording.sector_label(row.sector_code)),
                (_("行业"), wording.industry_label(row.industry_code)),
                (_("企业规模"), row.get_scale_display() or "—"),
                (_("归属地"), places.full_name(row.place_code)),
                (_("注册地址"), row.registered_address or "—"),
                (_("坐标"), point),
                (_("法定代表人"), row.legal_representative or "—"),
                (_("从业人数"), "—" if row.staff_count is None else str(row.staff_count)),
                (_("成立日期"), row.founded_on.isoformat() if row.founded_on else "—"),
                (_("监管部门"), supervisor.name if supervisor else "—"),
                (_("档案完整度"), f"{found.score} / 100" + (f"（{_('还缺：')}{missing}）" if missing else "")),
            )
        ),
    )


def _standing(page: str, row: Enterprise, request: HttpRequest) -> tuple[Block, ...]:
    told = facts.gather(page, row, request)
    rows = tuple((str(fact.label), f"{fact.value}{f'（{fact.note}）' if fact.note else ''}") for fact in told)
    return (Heading(_("当前情况")), Pairs(rows)) if rows else ()


def _people(contacts: Sequence[tuple[str, str, str]]) -> tuple[Block, ...]:
    if not contacts:
        return (Heading(_("联系人")), Paragraph(_("还没有登记联系人，紧急情况下将无法直接联系企业。")))
    return (Heading(_("联系人")), Table((_("职责"), _("姓名"), _("电话")), tuple(contacts)))


def _sites(row: Enterprise) -> tuple[Block, ...]:
    rows = tuple(
        (site.name, places.place_name(site.place_code), site.address or "—", _("在用") if site.in_use else _("停用"))
        for site in row.sites.all()
    )
    return (Heading(_("厂区")), Table((_("名称"), _("所在地"), _("地址"), _("状态")), rows, (2, 1, 3, 1))) if rows else ()


def _certificates(held: Sequence[Certificate], warning: str) -> tuple[Block, ...]:
    rows = tuple(
        (
            wording.certificate_label(one.kind),
            one.person_name or "—",
            one.shown_number,
            one.due_on.isoformat() if one.due_on else "—",
            _(certificates.STANDINGS[one.standing]),
        )
        for one in held
    )
    header = (_("证照类别"), _("姓名"), _("证书编号"), _("最近到期日"), _("状态"))
    told = (Paragraph(warning),) if warning else ()
    return (Heading(_("证照")), Table(header, rows, (3, 1, 3, 2, 1)) if rows else Paragraph(_("还没有登记证照。")), *told)


def _timeline(page: str, row: Enterprise, request: HttpRequest, now: datetime) -> tuple[Block, ...]:
    lines = timeline.read(page, row, request, until=now, limit=LINES).lines
    return (
        Heading(_("时间线")),
        Lines(
            tuple(
                TimelineRow(
                    at=f"{timezone.localtime(line.happening.at):%Y-%m-%d %H:%M}",
                    title=f"{line.kind.label}：{line.happening.title}" + (f"（{_('演练')}）" if line.happening.exercise else ""),
                    text=" · ".join(filter(None, (str(line.happening.note), _(line.happening.who) if line.happening.who else ""))),
                )
                for line in lines
            )
        ),
    )


def contact_rows(contacts: Sequence[tuple[EnterpriseContact, str]]) -> list[tuple[str, str, str]]:
    """People to call as the document prints them."""
    return [(_(rules.CONTACT_ROLES[one.role]), one.name, phone) for one, phone in contacts]
