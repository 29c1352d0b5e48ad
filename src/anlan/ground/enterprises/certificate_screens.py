"""Licences and certificates across enterprises as the desk lists, exports and imports them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, PlaceFilter, Resource, Sheet, SheetColumn, register
from anlan.desk.resource.declare import Tone
from anlan.ground.enterprises import certificates, certifying, intake, wording
from anlan.ground.enterprises.models import Certificate

STANDING_TONES: dict[str, Tone] = {certificates.VALID: "green", certificates.EXPIRING: "orange", certificates.EXPIRED: "red"}

SHEET = Sheet(
    columns=(
        SheetColumn("uscc", _("统一社会信用代码"), intake.ENTERPRISE["uscc"], required=True, example="91370102MA3C00000B"),
        SheetColumn("kind", _("证照类别"), certifying.CHECKS["kind"], required=True, example="特种作业操作证"),
        SheetColumn("number", _("证书编号"), certifying.CHECKS["number"], required=True),
        SheetColumn("person_name", _("姓名"), certifying.CHECKS["person_name"], help=_("人员证书必填。")),
        SheetColumn("person_post", _("岗位或作业项目"), certifying.CHECKS["person_post"], example="低压电工作业"),
        SheetColumn("issuer", _("发证机关"), certifying.CHECKS["issuer"]),
        SheetColumn("issued_on", _("发证日期"), intake.day, example="2024-05-12"),
        SheetColumn("valid_until", _("有效期至"), intake.day, example="2030-05-11"),
        SheetColumn("review_due", _("应复审日期"), intake.day, example="2027-05-11"),
    ),
    write=certifying.import_certificates,
    resolve=certifying.resolve,
)

register(
    Resource(
        code="certificates",
        label=_("证照"),
        model=Certificate,
        title="shown_number",
        actions=Actions(view="enterprises.view", export="enterprises.export", import_="enterprises.change"),
        columns=(
            Column("kind", value=lambda row: wording.certificate_label(row.kind), link=True),
            Column("enterprise.name", label=_("企业")),
            Column("person_name"),
            Column("person_post"),
            Column("shown_number", label=_("证书编号")),
            Column("due_on", sort=True),
            Column("standing", badge=Badge(STANDING_TONES)),
            Column("terms", label=_("期限依据"), value=lambda row: wording.certificate_status(row.kind)),
            Column("place_code", label=_("归属地"), place=True),
            Column("issued_on", hidden=True),
            Column("valid_until", hidden=True),
            Column("review_due", hidden=True),
            Column("issuer", hidden=True),
            Column("in_use", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("standing", label=_("状态")),
            Choice("kind", label=_("证照类别"), choices=wording.certificate_choices),
            Choice("holder", label=_("持有者")),
            DateRange("due_on", label=_("最近到期日")),
            Flag("in_use", label=_("在用")),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="due_on",
        search=True,
        joins=("enterprise",),
        sheet=SHEET,
        navigation="enterprise",
        detail_url="enterprises:certificate",
        empty=_("还没有登记证照。可在企业页面逐条登记，或下载模板批量导入。"),
    )
)
