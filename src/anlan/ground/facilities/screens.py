"""Facilities as the desk shows them: list, detail, form, spreadsheet, map points and API."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.desk.mapping import layers
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    Field,
    Form,
    Input,
    MapPoints,
    PlaceFilter,
    Resource,
    Section,
    Sheet,
    SheetColumn,
    cells,
    register,
)
from anlan.desk.resource.declare import Tone
from anlan.ground.facilities import rules, services, wording
from anlan.ground.facilities.models import Facility

PRIORITY_TONES: dict[int, Tone] = {1: "red", 2: "orange", 3: "yellow", 4: "grey"}
STATE_TONES: dict[str, Tone] = {rules.OPEN: "green", rules.FULL: "orange", rules.CLOSED: "grey"}


def _kind(row: Facility) -> str:
    return wording.kind_label(row.kind)


def _priority(row: Facility) -> str:
    return str(_(rules.PRIORITIES[rules.row_of(row.kind).priority]))


def _reason(row: Facility) -> str:
    return wording.reason(row.kind)


def tone_of(row: Facility) -> Tone:
    """Point colour: how early a kind is told; a shelter by its state."""
    if row.kind == "shelter":
        return STATE_TONES[row.state]
    return PRIORITY_TONES[rules.row_of(row.kind).priority]


def _kind_field() -> forms.Field:
    return forms.ChoiceField(label=_("类别"), choices=wording.kind_choices)


def _column(name: str, label: Any, **more: Any) -> SheetColumn:
    return SheetColumn(name, label, lambda cell: services.one(name, cell), **more)


def _check_row(values: Any) -> None:
    services.clean(values, {})


RESOURCE = register(
    Resource(
        code="facilities",
        label=_("重要防护目标"),
        model=Facility,
        actions=Actions(
            view="facilities.view",
            create="facilities.register",
            change="facilities.change",
            import_="facilities.import",
            export="facilities.export",
        ),
        columns=(
            Column("name", link=True, sort=True),
            Column("kind", value=_kind),
            Column("priority", label=_("告知顺序"), value=_priority),
            Column("people_day", numeric=True),
            Column("people_night", numeric=True),
            Column("capacity", numeric=True),
            Column("occupied", numeric=True, hidden=True),
            Column("beds", numeric=True, hidden=True),
            Column("state", badge=Badge(STATE_TONES)),
            Column("contact_name"),
            Column("contact_phone"),
            Column("place_code", label=_("所在地"), place=True),
            Column("address", hidden=True),
            Column("longitude", numeric=True, hidden=True),
            Column("latitude", numeric=True, hidden=True),
            Column("counted_on", hidden=True),
            Column("source_note", hidden=True),
            Column("updated_at", sort=True, hidden=True),
        ),
        filters=(PlaceFilter(label=_("所在地")), Choice("kind", label=_("类别"), choices=wording.kind_choices), Choice("state")),
        order="name",
        search=True,
        detail=(
            Section(
                _("基本信息"),
                (
                    "name",
                    Field("kind", value=_kind),
                    Field("place_code", label=_("所在地"), place=True),
                    "address",
                    "longitude",
                    "latitude",
                ),
            ),
            Section(
                _("人数"),
                (
                    Field("people_day", help=_("学校、幼儿园：上学日在校人数。空白表示没有统计，不是没有人。")),
                    "people_night",
                    "beds",
                    "capacity",
                    "occupied",
                    Field("state", badge=Badge(STATE_TONES)),
                    "counted_on",
                    "source_note",
                ),
            ),
            Section(
                _("告知与转移"),
                (
                    "contact_name",
                    "contact_phone",
                    Field("priority", label=_("告知顺序"), value=_priority),
                    Field("reason", label=_("理由"), value=_reason),
                ),
            ),
        ),
        form=Form(
            (
                "name",
                Input("kind", field=_kind_field),
                Input("place_code", place=True, label=_("所在地")),
                "address",
                "longitude",
                "latitude",
                Input("people_day", help=_("学校、幼儿园：上学日在校人数。空白表示没有统计，不是没有人。")),
                Input("people_night", help=_("夜间在内的人数；村（居）填常住人口，学校填住宿人数。")),
                "beds",
                Input("capacity", help=_("避难场所可容纳的人数。")),
                Input("occupied", help=_("避难场所已安置的人数；达到容纳人数即为已满。")),
                "state",
                "contact_name",
                Input("contact_phone", help=_("单位值守电话，不填个人手机。")),
                "counted_on",
                "source_note",
            ),
            create=services.register_facility,
            change=services.change_facility,
        ),
        sheet=Sheet(
            columns=(
                _column("name", _("名称"), required=True, example="示范小学"),
                _column("kind", _("类别"), required=True, example="小学"),
                SheetColumn("place_code", _("行政区划代码"), cells.place_code, required=True, example="370114"),
                _column("longitude", _("经度"), required=True, example="117.0514"),
                _column("latitude", _("纬度"), required=True, example="36.6636"),
                _column("address", _("地址")),
                _column("people_day", _("白天人数"), example="340"),
                _column("people_night", _("夜间人数"), example="0"),
                _column("beds", _("床位数")),
                _column("capacity", _("容纳人数")),
                _column("occupied", _("已安置人数")),
                _column("state", _("状态"), example="开放"),
                _column("contact_name", _("联系人")),
                _column("contact_phone", _("值守电话")),
                SheetColumn("counted_on", _("人数统计日期"), cells.day, example="2026-09-01"),
                _column("source_note", _("数据来源")),
            ),
            write=services.import_facilities,
            check=_check_row,
        ),
        map=MapPoints(properties=("name", "kind", "people_day", "people_night", "contact_phone"), tone=tone_of),
        navigation="resource",
        empty=_("登记学校、医院、养老机构、避难场所、村（居）等，研判时才知道影响区里有谁、先告知谁。"),
        live=("facilities.registered", "facilities.changed"),
    )
)

layers.describe(
    "facilities",
    _("重要防护目标"),
    {tone: _(label) for tone, label in zip(PRIORITY_TONES.values(), rules.PRIORITIES.values(), strict=True)},
)
