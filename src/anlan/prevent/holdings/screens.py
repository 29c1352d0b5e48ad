"""The ledger of chemicals as the desk lists it, its layers on the map, things to do, and what stands of it on pages of lower rooms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels, todo
from anlan.desk.mapping import layers
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Equals,
    Flag,
    MapPoints,
    PlaceFilter,
    Resource,
    Sheet,
    SheetColumn,
    cells,
    register,
)
from anlan.desk.resource.declare import Tone
from anlan.desk.todo import Todo
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.ledger.scope import visible
from anlan.prevent.holdings import importing, presenting, quantities, queries, rules
from anlan.prevent.holdings.models import Holding, Load, Movement, Product

LIVE = ("holdings.changed", "holdings.load", "holdings.exceeded", "holdings.count")
_ENTERPRISE = Equals("enterprise", label=_("企业"), field="enterprise_id")

register(
    Resource(
        code="chemical-products",
        label=_("危险化学品品种"),
        model=Product,
        title="title",
        actions=Actions(view="holdings.view", create="holdings.register", export="holdings.export"),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("specification"),
            Column("enterprise.name", label=_("企业")),
            Column("business"),
            Column("certificate_number"),
            Column("certificate_until", sort=True),
            Column("licence_until"),
            Column("in_use"),
            Column("place_code", label=_("归属地"), place=True),
            Column("code"),
            Column("cas", hidden=True),
            Column("un", hidden=True),
            Column("hazard_class", hidden=True),
            Column("licence_number", hidden=True),
        ),
        filters=(PlaceFilter(label=_("归属地")), Choice("business"), Flag("in_use"), DateRange("certificate_until"), _ENTERPRISE),
        order="name_key",
        search=True,
        joins=("enterprise",),
        navigation="enterprise",
        detail_url="holdings:product",
        create_url="holdings:register_product",
        empty=_("还没有品种。企业点“新建”登记生产、使用、储存或经营的危险化学品，每个品种得到一个可扫的码。"),
        live=LIVE,
    )
)


def _stock_tone(row: Holding) -> Tone:
    """Stocks of one tonne and more stand out: whether a limit is exceeded stands on the page of the enterprise."""
    return "blue" if row.mass_kg >= 1000 else "grey"


register(
    Resource(
        code="chemical-stock",
        label=_("化学品现存量"),
        model=Holding,
        title="title",
        actions=Actions(view="holdings.view", export="holdings.export"),
        columns=(
            Column("product.title", label=_("品种"), link=True),
            Column("mass_kg", label=_("现存量"), value=lambda row: quantities.told(row.mass_kg), sort=True, numeric=True),
            Column("store.name", label=_("储存场所")),
            Column("enterprise.name", label=_("企业")),
            Column("last_at", sort=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("product.cas", label=_("CAS 号"), hidden=True),
        ),
        filters=(PlaceFilter(label=_("归属地")), DateRange("last_at"), _ENTERPRISE, Equals("chemical", field="chemical_code")),
        order="-mass_kg",
        joins=("enterprise", "product", "store"),
        navigation="enterprise",
        detail_url="holdings:stock",
        map=MapPoints(properties=("mass_kg",), tone=_stock_tone, tone_by=("mass_kg",)),
        empty=_("还没有存量。先登记品种和储存场所，再登记期初存量或入库；存量由出入库记录算出，不能直接填写。"),
        live=LIVE,
    )
)
layers.describe("chemical-stock", _("各储存场所现存的危险化学品"), {"blue": _("一吨及以上"), "grey": _("不足一吨")})

register(
    Resource(
        code="chemical-movements",
        label=_("化学品出入库"),
        model=Movement,
        title="title",
        actions=Actions(view="holdings.view", create="holdings.record", import_="holdings.record", export="holdings.export"),
        columns=(
            Column("at", link=True, sort=True),
            Column("kind", value=lambda row: presenting.line(row).kind),
            Column("product.title", label=_("品种")),
            Column("mass_kg", label=_("折合质量"), value=lambda row: quantities.told(row.mass_kg), numeric=True),
            Column("store.name", label=_("储存场所")),
            Column("enterprise.name", label=_("企业")),
            Column("counterpart"),
            Column("late"),
            Column("to_explain"),
            Column("by_name"),
            Column("place_code", label=_("归属地"), place=True),
            Column("other_store.name", label=_("移入场所"), hidden=True),
            Column("quantity", value=presenting.typed, hidden=True),
            Column("note", hidden=True),
            Column("reason", hidden=True),
            Column("external_id", hidden=True),
            Column("reversed_at", hidden=True),
            Column("difference_kg", hidden=True, numeric=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("kind"),
            DateRange("at"),
            Flag("to_explain"),
            _ENTERPRISE,
            Equals("product", label=_("品种"), field="product_id"),
        ),
        order="-at",
        joins=("enterprise", "product", "store", "other_store"),
        navigation="enterprise",
        detail_url="holdings:movement",
        create_url="holdings:record",
        sheet=Sheet(
            (
                SheetColumn("uscc", _("统一社会信用代码"), parse=cells.text(18), required=True, example="91370102MA00000A0X"),
                SheetColumn("kind", _("类别"), parse=importing.kind, required=True, example="期初存量"),
                SheetColumn(
                    "product",
                    _("品种"),
                    parse=cells.text(190),
                    required=True,
                    example="液氯 99.6%",
                    help=_("品种名称（可带规格）或一品一码"),
                ),
                SheetColumn(
                    "store", _("储存场所"), parse=cells.text(120), required=True, example="T1", help=_("场所编号或名称；移库时是移出场所")
                ),
                SheetColumn("other_store", _("移入场所"), parse=cells.text(120), help=_("只有移库要填")),
                SheetColumn("at", _("发生时间"), parse=importing.moment, required=True, example="2026-11-22 08:30"),
                SheetColumn("quantity", _("数量"), parse=cells.text(40), required=True, example="20"),
                SheetColumn("unit", _("单位"), parse=cells.text(10), required=True, example="t", help="t / kg / m3"),
                SheetColumn("density_kg_m3", _("密度（千克每立方米）"), parse=cells.text(20)),
                SheetColumn("density_source", _("密度依据"), parse=cells.text(120)),
                SheetColumn("counterpart", _("往来单位"), parse=cells.text(120)),
                SheetColumn("note", _("说明"), parse=cells.text(400)),
                SheetColumn("external_id", _("企业系统编号"), parse=cells.text(80), help=_("同一编号再次导入不会重复；内容不同则更正")),
            ),
            write=importing.write,
            resolve=importing.resolve,
        ),
        empty=_("还没有出入库记录。点“新建”登记一笔，或用表格导入期初存量和历史记录。"),
        live=LIVE,
    )
)


register(
    Resource(
        code="chemical-loads",
        label=_("化学品在途运输"),
        model=Load,
        title="title",
        actions=Actions(view="holdings.view", create="holdings.record", export="holdings.export"),
        columns=(
            Column("plate", link=True),
            Column("product.title", label=_("品种")),
            Column("mass_kg", label=_("发出量"), value=lambda row: quantities.told(row.mass_kg), numeric=True),
            Column("state", badge=Badge(presenting.STATE_TONES)),
            Column("overdue", badge=Badge({True: "red"})),
            Column("enterprise.name", label=_("发货企业")),
            Column("receiver_name"),
            Column("departed_at", sort=True),
            Column("expected_at", sort=True),
            Column("difference_kg", label=_("收发差"), value=lambda row: presenting.signed(row.difference_kg), numeric=True),
            Column("beyond", badge=Badge({True: "orange"})),
            Column("position_at"),
            Column("place_code", label=_("归属地"), place=True),
            Column("carrier", hidden=True),
            Column("route", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state"),
            Flag("overdue"),
            Flag("beyond"),
            DateRange("departed_at"),
            _ENTERPRISE,
        ),
        order="-departed_at",
        search=True,
        joins=("enterprise", "product"),
        navigation="enterprise",
        detail_url="holdings:load",
        create_url="holdings:send",
        visible_to=queries.loads,
        map=MapPoints(
            "open_longitude",
            "open_latitude",
            properties=("plate", "state"),
            tone=presenting.load_tone,
            tone_by=("state", "overdue", "beyond"),
        ),
        empty=_("还没有车辆运输记录。发货时点“新建”登记车牌、驾驶员、路线和预计到达时间。"),
        live=LIVE,
    )
)
layers.describe("chemical-loads", _("在途车辆的最近位置"), {"blue": _("在途"), "red": _("逾期未到")})


def waiting(actor: Actor, now: datetime) -> Iterable[Todo]:
    """Counts to explain, for whoever may; loads to sign for, for whom they come to."""
    counts = visible(queries.movements(None), actor, "holdings.correct").filter(to_explain=True)
    for row in counts[: todo.PER_SOURCE]:
        yield Todo(
            title=row.title,
            kind=gettext("盘点差异"),
            url=queries.movement_address(row.pk),
            what=gettext("请说明与账面相差 {difference} 的原因").format(difference=presenting.signed(row.difference_kg)),
            place=places.place_name(row.place_code),
            since=row.at,
            subject=row.pk,
        )
    if actor.enterprise_id is None or not actor.may_somewhere("holdings.record"):
        return
    coming = queries.loads(actor).filter(receiver_id=actor.enterprise_id, state=rules.ON_ROAD)
    for load in coming[: todo.PER_SOURCE]:
        yield Todo(
            title=load.title,
            kind=gettext("到货签收"),
            url=queries.load_address(load.pk),
            what=gettext("到货后按本企业计量签收"),
            place=places.place_name(load.place_code),
            until=load.expected_at,
            overdue=load.overdue,
            subject=load.pk,
        )


todo.register("holdings", waiting)


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """What the enterprise whose page is shown holds, limits exceeded first, and what is on the road."""
    rows = list(queries.holdings(_actor(request)).filter(enterprise_id=subject.pk, mass_kg__gt=0)[:50])
    return {
        "limits": presenting.limit_warnings(rows),
        "holdings": presenting.holding_lines(rows[:8]),
        "more": max(0, len(rows) - 8),
        "loads": [presenting.load_line(row) for row in queries.waiting_loads(subject.pk)[:5]],
        "book_url": queries.book_address(subject.pk),
    }


def source_panel(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """What the places of the hazard source that is shown hold; nothing where no place points to it."""
    rows = list(queries.holdings(_actor(request)).filter(store__source_id=subject.pk)[:20])
    if not rows:
        return None
    return {
        "limits": presenting.limit_warnings(rows),
        "holdings": presenting.holding_lines(rows),
        "more": 0,
        "loads": [],
        "book_url": queries.book_address(subject.enterprise_id),
    }


for _page, _order, _provider in (("enterprises.detail", 24, enterprise_panel), ("risksources.detail", 14, source_panel)):
    panels.register(
        _page,
        "holdings",
        label=_("危险化学品台账"),
        order=_order,
        template="holdings/_panel.html",
        provider=_provider,
        action="holdings.view",
        shape="half",
    )


def incident_panel(subject: Any, _request: HttpRequest) -> dict[str, Any] | None:
    """A search around an incident that has a point."""
    if subject.longitude is None or subject.latitude is None:
        return None
    return {"centre": f"{subject.longitude:.5f},{subject.latitude:.5f}"}


panels.register(
    "incidents.detail",
    "holdings",
    label=_("周边的危险化学品"),
    order=40,
    template="holdings/_incident.html",
    provider=incident_panel,
    action="holdings.view",
)
