"""Recipients as the desk shows them: masked in list, export and API; in full only on the page of one, to those who may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    Field,
    Form,
    Fragment,
    Input,
    PlaceFilter,
    Resource,
    Section,
    Sheet,
    SheetColumn,
    cells,
    register,
)
from anlan.ground.audiences import rules, services, wording
from anlan.ground.audiences.models import Recipient

_YES = frozenset({"是", "1", "yes", "y", "true", "已同意"})


def _personal(record: Recipient, request: HttpRequest) -> Mapping[str, Any]:
    actor: Any = getattr(request, "actor", None)
    scope = {"place_code": record.place_code, "classification": record.classification}
    plain = actor is not None and actor.may("audiences.view_addresses", **scope)
    mask = (lambda text: text) if plain else rules.masked_address
    return {
        "recipient": record,
        "plain": plain,
        "name": record.name if plain else record.shown_name,
        "phone": mask(record.phone),
        "email": mask(record.email),
        "device": record.device,
        "needs": wording.needs(record.needs),
        "ground": wording.ground(record.ground),
        "may_change": actor is not None and actor.may("audiences.change", **scope),
        "may_erase": actor is not None and actor.may("audiences.erase", **scope),
        "withdrawable": record.ground != rules.DUTY and record.ground != rules.WITHDRAWN,
    }


def _column(name: str, label: Any, **more: Any) -> SheetColumn:
    return SheetColumn(name, label, lambda cell: services.one(name, cell), **more)


def _check_row(values: Any) -> None:
    services.clean({name: value for name, value in values.items() if name != "consented"}, {})


register(
    Resource(
        code="audiences",
        label=_("预警受众"),
        model=Recipient,
        title="shown_name",
        actions=Actions(
            view="audiences.view",
            create="audiences.register",
            change="audiences.change",
            import_="audiences.import",
            export="audiences.export",
        ),
        columns=(
            Column("shown_name", label=_("姓名或名称"), link=True, sort="name"),
            Column("role", value=lambda row: wording.role(row.role)),
            Column("unit"),
            Column("place_code", label=_("所在地"), place=True),
            Column("shown_phone", label=_("电话")),
            Column("ground", value=lambda row: wording.ground(row.ground), badge=Badge({})),
            Column("language", value=lambda row: wording.language(row.language), hidden=True),
            Column("needs", value=lambda row: wording.needs(row.needs), hidden=True),
            Column("source_note", hidden=True),
            Column("updated_at", sort=True, hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("所在地")),
            Choice("role", label=_("角色"), choices=wording.role_choices),
            Choice("ground", label=_("通知依据"), choices=wording.ground_choices),
            Choice("language", label=_("语言"), choices=wording.language_choices),
        ),
        order="name",
        detail=(
            Fragment(_("联系与同意"), template="audiences/_personal.html", context=_personal),
            Section(
                _("所在"),
                (
                    Field("role", value=lambda row: wording.role(row.role)),
                    "unit",
                    Field("place_code", label=_("所在地"), place=True),
                    Field("language", value=lambda row: wording.language(row.language)),
                    "quiet_from",
                    Field("quiet_until", help=_("免打扰时段不影响红色预警。")),
                    "source_note",
                ),
            ),
        ),
        form=Form(
            (
                "name",
                Input("role", field=lambda: forms.ChoiceField(label=_("角色"), choices=wording.role_choices)),
                "unit",
                Input("place_code", place=True, label=_("所在地"), help=_("尽量选到乡镇（街道）：没有坐标的人按乡镇通知。")),
                "longitude",
                "latitude",
                "phone",
                "email",
                Input("device", help=_("大喇叭、显示屏、企业内网、新媒体账号在运营方系统中的编号。")),
                Input("language", field=lambda: forms.ChoiceField(label=_("语言"), choices=wording.language_choices)),
                Input(
                    "needs",
                    field=lambda: forms.MultipleChoiceField(
                        label=_("特殊需要"),
                        required=False,
                        choices=[(code, _(label)) for code, label in rules.NEEDS.items()],
                        widget=forms.CheckboxSelectMultiple,
                    ),
                    on="create",
                ),
                Input("consented", field=lambda: forms.BooleanField(label=_("本人已同意接收"), required=False), on="create"),
                "consent_how",
                "quiet_from",
                "quiet_until",
                "source_note",
            ),
            create=services.register_recipient,
            change=services.change_recipient,
        ),
        sheet=Sheet(
            columns=(
                _column("name", _("姓名或名称"), required=True, example="示例甲"),
                _column("role", _("角色"), required=True, example="网格员"),
                SheetColumn("place_code", _("行政区划代码"), cells.place_code, required=True, example="370114001"),
                _column("unit", _("单位")),
                _column("phone", _("电话"), example="10000000001"),
                _column("email", _("电子邮箱")),
                _column("device", _("设备地址")),
                _column("longitude", _("经度"), example="117.0514"),
                _column("latitude", _("纬度"), example="36.6636"),
                _column("language", _("语言"), example="汉语"),
                _column("needs", _("特殊需要"), example="听力障碍"),
                SheetColumn("consented", _("本人已同意接收"), lambda cell: cell.strip().lower() in _YES, example="是"),
                _column("consent_how", _("同意方式"), example="入户登记表"),
                _column("quiet_from", _("免打扰开始"), example="22:00"),
                _column("quiet_until", _("免打扰结束"), example="06:00"),
                _column("source_note", _("数据来源")),
            ),
            write=services.import_recipients,
            check=_check_row,
        ),
        navigation="warning",
        empty=_("登记网格员、村（居）负责人、企业和学校责任人、大喇叭和订阅的居民，预警才能发到人。"),
        live=("audiences.changed", "audiences.erased"),
    )
)
