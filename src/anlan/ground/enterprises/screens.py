"""The enterprise file as the desk shows it: list, forms, spreadsheet, map points. The file page itself is in :mod:`.views`."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Flag,
    Form,
    Input,
    MapPoints,
    PlaceFilter,
    Resource,
    Sheet,
    SheetColumn,
    register,
)
from anlan.desk.resource.declare import Tone
from anlan.ground.enterprises import certificate_screens, forms, intake, invitation_screens, merge_screens, queries, services, wording
from anlan.ground.enterprises.models import Enterprise

__all__ = ["RESOURCE", "certificate_screens", "invitation_screens", "merge_screens"]


def _check_row(values: Mapping[str, object]) -> None:
    """A whole row of the spreadsheet: what the single cells cannot know, the point against its county."""
    intake.enterprise({name: value for name, value in values.items() if name in intake.ENTERPRISE})


def _tone(row: Enterprise) -> Tone:
    return wording.MAJOR_TONES.get(row.major_level or 0, "grey")


def _cell(name: str) -> intake.Check:
    return intake.ENTERPRISE[name]


SHEET = Sheet(
    columns=(
        SheetColumn("uscc", _("统一社会信用代码"), _cell("uscc"), required=True, unique=True, example="91370102MA3C00000B"),
        SheetColumn("name", _("企业名称"), _cell("name"), required=True, example="济南示范氯碱有限公司"),
        SheetColumn("place_code", _("归属地代码"), _cell("place_code"), required=True, example="370102"),
        SheetColumn("legal_representative", _("法定代表人"), _cell("legal_representative"), example="王安"),
        SheetColumn("industry_code", _("行业代码"), _cell("industry_code"), example="C2612"),
        SheetColumn("sector_code", _("行业领域"), _cell("sector_code"), help=_("填代码或名称。")),
        SheetColumn("scale", _("企业规模"), _cell("scale"), example="中型", help=_("大型、中型、小型、微型。")),
        SheetColumn("state", _("经营状态"), _cell("state"), example="在业", help=_("在业、试生产、停产、关闭、吊销、注销。")),
        SheetColumn("registered_address", _("注册地址"), _cell("registered_address")),
        SheetColumn("longitude", _("经度"), _cell("longitude"), example="117.0512", help=_("十进制度，CGCS2000 或 WGS-84。")),
        SheetColumn("latitude", _("纬度"), _cell("latitude"), example="36.6634"),
        SheetColumn("staff_count", _("从业人数"), _cell("staff_count"), example="260"),
        SheetColumn("founded_on", _("成立日期"), _cell("founded_on"), example="2008-05-12"),
        SheetColumn("contact_name", _("主要负责人"), intake.CONTACT["name"]),
        SheetColumn("contact_phone", _("主要负责人电话"), intake.CONTACT["phone"]),
    ),
    write=services.import_enterprises,
    check=_check_row,
)

FORM = Form(
    inputs=(
        Input("uscc", group=_("基本信息"), help=_("18 位，对照营业执照填写，末位为校验码。")),
        Input("name", group=_("基本信息")),
        Input("short_name", group=_("基本信息")),
        Input("place_code", field=forms.place_field, group=_("基本信息")),
        Input("legal_representative", group=_("基本信息")),
        Input("founded_on", group=_("基本信息")),
        Input("industry_code", field=forms.industry_field, group=_("分类")),
        Input("sector_code", field=forms.sector_field, group=_("分类")),
        Input("scale", group=_("分类")),
        Input("state", group=_("分类"), on="create"),
        Input("staff_count", field=forms.count_field, group=_("分类")),
        Input("longitude", field=forms.degrees_field(_("经度")), group=_("位置"), help=_("十进制度，如 117.0512。")),
        Input("latitude", field=forms.degrees_field(_("纬度")), group=_("位置"), help=_("十进制度，如 36.6634。")),
        Input("registered_address", group=_("位置")),
        Input("business_scope", field=forms.scope_field, group=_("其他")),
        Input("source", group=_("其他"), help=_("一数一源：这份数据由谁负责。")),
        Input("source_note", group=_("其他")),
        Input("classification", group=_("其他")),
    ),
    create=services.register_enterprise,
    change=services.change_enterprise,
)

RESOURCE = register(
    Resource(
        code="enterprises",
        label=_("企业"),
        model=Enterprise,
        actions=Actions(
            view="enterprises.view",
            create="enterprises.register",
            change="enterprises.change",
            import_="enterprises.import",
            export="enterprises.export",
        ),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("uscc", sort=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("sector_code", value=lambda row: wording.sector_label(row.sector_code)),
            Column("industry_code", label=_("行业"), value=lambda row: wording.industry_label(row.industry_code), hidden=True),
            Column("scale"),
            Column("state", badge=Badge(wording.STATE_TONES)),
            Column(
                "major_level",
                label=_("重大危险源"),
                value=lambda row: wording.major_label(row.has_major_hazard, row.major_level),
                badge=Badge(wording.MAJOR_TONES),
            ),
            Column("staff_count", numeric=True, hidden=True),
            Column("legal_representative", hidden=True),
            Column("registered_address", hidden=True),
            Column("longitude", numeric=True, hidden=True),
            Column("latitude", numeric=True, hidden=True),
            Column("confirm_due_on", hidden=True),
            Column("updated_at", sort=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("sector", label=_("行业领域"), field="sector_code", choices=wording.sector_choices),
            Choice("industry", label=_("行业"), field="industry_division", choices=wording.industry_choices),
            Choice("scale", label=_("企业规模")),
            Choice("state", label=_("经营状态")),
            Flag("major", label=_("有重大危险源"), field="has_major_hazard"),
            Choice("major_level", label=_("重大危险源等级")),
            DateRange("confirm_due_on", label=_("应确认日期")),
        ),
        order="name_key",
        search=True,
        form=FORM,
        sheet=SHEET,
        map=MapPoints(properties=("name", "uscc", "state", "major_level"), tone=_tone, tone_by=("major_level",)),
        navigation="enterprise",
        empty=_("可以新建一家企业，或下载模板批量导入。"),
        detail_url="enterprises:file",
        gone=queries.refuse_merged,
        live=("enterprises.registered", "enterprises.imported"),
    )
)
