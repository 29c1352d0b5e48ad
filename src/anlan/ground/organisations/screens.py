"""Organisations as the desk shows them: list, page, form, spreadsheet, map points."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    Equals,
    Form,
    Fragment,
    Input,
    MapPoints,
    PlaceFilter,
    Related,
    Resource,
    Section,
    Sheet,
    SheetColumn,
    cells,
    register,
)
from anlan.ground.organisations import queries, rules, services
from anlan.ground.organisations.models import Organisation
from anlan.kernel.access import Actor
from anlan.kernel.errors import Invalid


def _with_parent(values: dict[str, Any]) -> dict[str, Any]:
    """The upper organisation is written by its name; the services want its id."""
    name = str(values.pop("parent_name", "") or "").strip()
    try:
        values["parent_id"] = queries.parent_named(name, values["place_code"]) if name else None
    except rules.ParentUnknown as unknown:
        raise Invalid(fields={"parent_name": unknown}) from unknown
    return values


def _create(*, actor: Actor, now: datetime, **values: Any) -> Organisation:
    return services.create_organisation(actor=actor, now=now, **_with_parent(values))


def _change(organisation_id: UUID, *, actor: Actor, now: datetime, **values: Any) -> Organisation:
    return services.change_organisation(organisation_id, actor=actor, now=now, **_with_parent(values))


def _check_row(values: Mapping[str, Any]) -> None:
    """A whole row of the spreadsheet. Raises ``Invalid`` naming the columns."""
    wrong = services.problems_of(values)
    parent = str(values.get("parent_name") or "").strip()
    if parent and "place_code" not in wrong:
        try:
            queries.parent_named(parent, str(values["place_code"]))
        except rules.ParentUnknown as unknown:
            wrong["parent_name"] = unknown
    if wrong:
        raise Invalid(fields=wrong)


def _about(record: Organisation, request: HttpRequest) -> Mapping[str, Any]:
    actor: Actor | None = getattr(request, "actor", None)
    above = queries.path(record)
    reported_to = queries.upper(record)

    def may(action: str) -> bool:
        return actor is not None and actor.may(action, place_code=record.place_code, classification=record.classification)

    def sees(item: Organisation) -> bool:
        """Names of upper organisations are told; their pages open only to those who may."""
        return actor is not None and actor.may("organisations.view", place_code=item.place_code, classification=item.classification)

    return {
        "path": [(item, sees(item)) for item in above[:-1]],
        "upper": None if reported_to is None or record.parent_id else (reported_to, sees(reported_to)),
        "contacts": record.contacts.all(),
        "active": record.state == rules.ACTIVE,
        "may_change": may("organisations.change"),
        "may_dissolve": may("organisations.dissolve"),
    }


RESOURCE = register(
    Resource(
        code="organisations",
        label=_("机构"),
        model=Organisation,
        actions=Actions(
            view="organisations.view",
            create="organisations.create",
            change="organisations.change",
            import_="organisations.import",
            export="organisations.export",
        ),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("kind"),
            Column("place_code", place=True),
            Column("level"),
            Column("parent.name", label=_("上级机构")),
            Column("duty_phone"),
            Column("state", badge=Badge({rules.ACTIVE: "green"})),
            Column("address", hidden=True),
            Column("longitude", numeric=True, hidden=True),
            Column("latitude", numeric=True, hidden=True),
        ),
        filters=(
            PlaceFilter(),
            Choice("kind"),
            Choice("state"),
            Equals("parent", label=_("上级机构"), field="parent_id"),
        ),
        order="name_key",
        search=True,
        joins=("parent",),
        detail=(
            Fragment(_("隶属与联系"), template="organisations/_about.html", context=_about),
            Section(
                _("基本情况"),
                (
                    "name",
                    "short_name",
                    "kind",
                    "place_code",
                    "level",
                    "duty_phone",
                    "fax",
                    "address",
                    "longitude",
                    "latitude",
                    "duties",
                    "state",
                    "valid_from",
                    "valid_to",
                ),
            ),
            Related("organisations", by="parent", label=_("下级机构")),
        ),
        form=Form(
            inputs=(
                Input("name", group=_("基本情况")),
                Input("short_name", group=_("基本情况")),
                Input("kind", group=_("基本情况")),
                Input("place_code", place=True, group=_("基本情况"), help=_("机构负责的区域；级别由它决定。")),
                Input(
                    "parent_name",
                    field=lambda: forms.CharField(label=_("上级机构"), max_length=120, required=False),
                    group=_("基本情况"),
                    help=_("填写全称。可以是本地或上级区划的在用机构。"),
                ),
                Input("duties", group=_("基本情况")),
                Input("duty_phone", group=_("联系方式")),
                Input("fax", group=_("联系方式")),
                Input("address", group=_("联系方式")),
                Input("longitude", group=_("联系方式"), help=_("CGCS2000 或 WGS-84 度数，不是网络地图的偏移坐标。")),
                Input("latitude", group=_("联系方式")),
                Input("valid_from", group=_("联系方式")),
            ),
            create=_create,
            change=_change,
        ),
        sheet=Sheet(
            columns=(
                SheetColumn("name", _("机构名称"), required=True, example="历下区应急管理局"),
                SheetColumn("short_name", _("简称"), example="历下应急"),
                SheetColumn("kind", _("机构类型"), cells.choice(rules.KINDS), required=True, example="应急管理部门"),
                SheetColumn("place_code", _("行政区划"), cells.place_code, required=True, example="370102"),
                SheetColumn("parent_name", _("上级机构"), example="济南市应急管理局", help=_("须已登记")),
                SheetColumn("duty_phone", _("值班电话"), rules.checked_phone, example="0531-00000000"),
                SheetColumn("address", _("地址")),
                SheetColumn("longitude", _("经度"), cells.longitude),
                SheetColumn("latitude", _("纬度"), cells.latitude),
                SheetColumn("duties", _("主要职责")),
            ),
            write=services.import_organisations,
            check=_check_row,
        ),
        map=MapPoints(properties=("name", "kind", "duty_phone")),
        navigation="organisation",
        empty=_("先登记本级和上下级应急管理部门，再登记部门、队伍和医院。"),
    )
)
