"""Hazard sources as the desk shows them: list, spreadsheet, map points, and the panel on the enterprise's file page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    Equals,
    Flag,
    MapPoints,
    PlaceFilter,
    Resource,
    Sheet,
    SheetColumn,
    register,
)
from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import intake, queries, rules, services, wording
from anlan.ground.risksources.models import RiskSource
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid


def parse_attributes(cell: str) -> dict[str, str]:
    """``容积=50；储存状态=液化气体`` as a mapping; the kind's own check follows with the whole row."""
    pairs = [part.partition("=") for part in cell.replace("＝", "=").replace("；", ";").split(";") if part.strip()]
    return {name.strip(): value.strip() for name, _equals, value in pairs}


def _check_row(values: Mapping[str, Any]) -> None:
    """A whole row of the spreadsheet: the enterprise exists, the attributes fit the kind, the point lies in its county."""
    enterprise = enterprises.by_uscc(str(values.get("uscc", "")))
    if enterprise is None:
        raise Invalid({"uscc": rules.EnterpriseUnknown(uscc=values.get("uscc"))})
    cleaned = intake.clean({name: value for name, value in values.items() if name != "uscc"})
    services.located(enterprise, cleaned, {})


def _place(values: Mapping[str, Any]) -> str:
    enterprise = enterprises.by_uscc(str(values.get("uscc", "")))
    return enterprise.place_code if enterprise is not None else ""


def _column(name: str, label: Any, **more: Any) -> SheetColumn:
    return SheetColumn(name, label, lambda cell: intake.one(name, cell), **more)


SHEET = Sheet(
    columns=(
        SheetColumn("uscc", _("企业统一社会信用代码"), enterprises.credit_code, required=True, example="91370102MA3C00000B"),
        _column("code", _("编号"), required=True, example="V-101"),
        _column("name", _("名称"), required=True, example="1# 液氯储罐"),
        _column("kind", _("类别"), required=True, example="储罐"),
        _column("substance_name", _("物质"), example="氯"),
        _column("substance_cas", _("CAS 号"), example="7782-50-5"),
        _column("quantity_t", _("现存量（t）"), example="20"),
        _column("design_max_t", _("设计最大量（t）"), example="25"),
        _column("is_major", _("构成重大危险源"), example="是"),
        _column("major_level", _("重大危险源等级"), example="三级"),
        _column("major_basis", _("定级依据"), example="2025 年安全评估报告"),
        _column("commissioned_on", _("投用日期"), example="2012-06-01"),
        _column("principal_name", _("主要负责人")),
        _column("technical_name", _("技术负责人")),
        _column("operation_name", _("操作负责人")),
        _column("longitude", _("经度"), example="117.0514"),
        _column("latitude", _("纬度"), example="36.6636"),
        _column("state", _("状态"), example="在用"),
        SheetColumn(
            "attributes",
            _("属性"),
            parse_attributes,
            example="罐型=卧式罐；容积=20；储存状态=液化气体",
            help=_("写成“名称=值”，用分号隔开；各类别的属性见说明。"),
        ),
    ),
    write=services.import_risk_sources,
    check=_check_row,
    place=_place,
)

RESOURCE = register(
    Resource(
        code="risksources",
        label=_("危险源"),
        model=RiskSource,
        actions=Actions(
            view="risksources.view",
            create="risksources.register",
            change="risksources.change",
            import_="risksources.import",
            export="risksources.export",
        ),
        columns=(
            Column("name", link=True),
            Column("code", sort=True),
            Column("enterprise.name", label=_("所属企业")),
            Column("kind", value=lambda row: wording.kind_label(row.kind)),
            Column("substance_name"),
            Column("quantity_t", value=lambda row: wording.tonnes(row.quantity_t), numeric=True),
            Column("design_max_t", value=lambda row: wording.tonnes(row.design_max_t), numeric=True, hidden=True),
            Column("major_level", label=_("重大危险源"), value=wording.major_label, badge=Badge(wording.MAJOR_TONES)),
            Column("place_code", label=_("所在地"), place=True),
            Column("state", badge=Badge(wording.STATE_TONES)),
            Column("principal_name", hidden=True),
            Column("technical_name", hidden=True),
            Column("operation_name", hidden=True),
            Column("updated_at", sort=True, hidden=True),
        ),
        filters=(
            Equals("enterprise", label=_("所属企业")),
            PlaceFilter(label=_("所在地")),
            Choice("kind", label=_("类别"), choices=wording.kind_choices),
            Flag("major", label=_("重大危险源"), field="is_major"),
            Choice("major_level", label=_("重大危险源等级")),
            Choice("state", label=_("状态")),
        ),
        order="code",
        search=True,
        joins=("enterprise",),
        sheet=SHEET,
        map=MapPoints(properties=("name", "code", "kind", "major_level"), tone=wording.tone_of, tone_by=("major_level",)),
        navigation="enterprise",
        empty=_("可以为一家企业登记危险源，或下载模板批量导入。"),
        detail_url="risksources:file",
        create_url="risksources:new",
        live=("risksources.registered", "risksources.changed"),
    )
)


def enterprise_panel(subject: Any, request: HttpRequest) -> Mapping[str, Any]:
    """Hazard sources of the enterprise on its file page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = list(queries.of_enterprise(subject.pk, actor)[:200])
    return {
        "rows": [
            (row, wording.kind_label(row.kind), wording.major_label(row), wording.tone_of(row), wording.overfilled(row)) for row in rows
        ],
        "may_register": actor.may(
            "risksources.register",
            place_code=subject.place_code,
            enterprise_id=subject.pk,
            classification=subject.classification,
        ),
        "list_url": f"{reverse('desk:risksources-list')}?enterprise={subject.pk}",
        "kinds": wording.kind_choices(),
    }


def plan_points(enterprise_id: UUID, actor: Actor) -> list[enterprises.PlanPoint]:
    """Hazard sources with a point, for the plan on the enterprise's file page."""
    if not actor.may_somewhere(queries.VIEW):
        return []
    rows = queries.of_enterprise(enterprise_id, actor).filter(longitude__isnull=False)[:60]
    return [
        enterprises.PlanPoint(
            row.longitude or 0.0,
            row.latitude or 0.0,
            row.name,
            kind="hazard",
            tone=wording.tone_of(row),
            url=reverse("risksources:file", args=[row.pk]),
        )
        for row in rows
    ]


def _answers_named(enterprise_id: UUID) -> bool:
    """Whether every major hazard source of the enterprise names its three responsible people."""
    rows = queries.of_enterprise(enterprise_id, None).filter(is_major=True)
    return not rows.filter(queries.UNANSWERED).exists()


panels.register(
    "enterprises.detail",
    "risksources",
    label=_("危险源"),
    order=10,
    template="risksources/_enterprise.html",
    provider=enterprise_panel,
    action="risksources.view",
)
enterprises.register_plan_points("risksources", plan_points)
enterprises.register_need("risksources.answers", rules.NEED_ANSWERS, 10, _answers_named)
