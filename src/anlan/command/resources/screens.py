"""Emergency resources, agreements and stock as the desk shows them: lists, forms, spreadsheets, map points and API."""

from __future__ import annotations

from typing import Any, cast

from django import forms as django_forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.command.resources import forms, queries, rules, services, stocking, wording
from anlan.command.resources.models import Agreement, RescueResource, StockItem
from anlan.desk import panels
from anlan.desk.mapping import layers
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Equals,
    Flag,
    Form,
    Input,
    MapPoints,
    PlaceFilter,
    Resource,
    Sheet,
    SheetColumn,
    cells,
    register,
)
from anlan.desk.resource.declare import Field, Section, Tone
from anlan.kernel import clock
from anlan.kernel.access import Actor

TONES: dict[str, Tone] = {code: cast("Tone", tone) for code, tone in rules.TONES.items()}


def _kind(row: RescueResource) -> str:
    return wording.kind_name(row.kind)


def _confirmed_text(row: RescueResource) -> Any:
    return _("有效") if row.confirmed(clock.now()) else _("逾期")


def tone_of(row: RescueResource) -> Tone:
    """Point colour: its readiness."""
    return TONES[row.readiness]


def _kind_field() -> django_forms.Field:
    return django_forms.ChoiceField(label=_("类别"), choices=wording.kind_choices)


def _offers_field() -> django_forms.Field:
    return django_forms.CharField(
        label=_("能力与数量"),
        required=False,
        widget=django_forms.Textarea(attrs={"rows": 3}),
        help_text=_("每行一项：能力或 GB/T 38565 物资名称，空格，数量。例如：灭火救援 2"),
    )


def _vehicle_field() -> django_forms.Field:
    return django_forms.ChoiceField(label=_("出行方式"), required=False, choices=forms.vehicle_choices)


def _teams(actor: Actor, _present: Any) -> list[tuple[str, str]]:
    rows = queries.resources(actor).filter(kind=rules.TEAM, parent__isnull=True).order_by("name_key")[:500]
    return [("", "—"), *((str(row.pk), row.name) for row in rows)]


def _team_field() -> django_forms.Field:
    return django_forms.ChoiceField(label=_("所属队伍"), required=False)


def _depots(actor: Actor, _present: Any) -> list[tuple[str, str]]:
    rows = queries.resources(actor).filter(kind=rules.DEPOT).order_by("name_key")[:500]
    return [(str(row.pk), row.name) for row in rows]


def _column(name: str, label: Any, **more: Any) -> SheetColumn:
    return SheetColumn(name, label, lambda cell: services.one(name, cell), **more)


def _read_offers(cell: str) -> dict[str, Any]:
    return dict(rules.read_offers(cell))


def _check_row(values: Any) -> None:
    services.clean({name: value for name, value in values.items() if name not in ("offers", "confirmed_on")}, {})


register(
    Resource(
        code="rescue-resources",
        label=_("应急资源"),
        model=RescueResource,
        actions=Actions(
            view="resources.view",
            create="resources.register",
            change="resources.change",
            import_="resources.import",
            export="resources.export",
        ),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("kind", value=_kind, spare=True),
            Column("readiness", badge=Badge(TONES)),
            Column("offers", label=_("能力与数量"), value=wording.offers),
            Column("owner_name", spare=True),
            Column("duty_phone"),
            Column("confirm_by", label=_("核查期限"), sort=True, spare=True),
            Column("confirmed", label=_("年度核查"), value=_confirmed_text, spare=True),
            Column("place_code", label=_("所在地"), place=True, spare=True),
            Column("readiness_reason", hidden=True),
            Column("people", numeric=True, hidden=True),
            Column("team_level", hidden=True),
            Column("address", hidden=True),
            Column("longitude", numeric=True, hidden=True),
            Column("latitude", numeric=True, hidden=True),
            Column("seen_at", hidden=True),
            Column("source_note", hidden=True),
            Column("updated_at", sort=True, hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("所在地")),
            Choice("kind", label=_("类别"), choices=wording.kind_choices),
            Choice("readiness"),
            DateRange("confirm_by", label=_("核查期限")),
            Equals("enterprise", label=_("所属企业"), field="enterprise_id"),
        ),
        order="name_key",
        search=True,
        form=Form(
            (
                "name",
                Input("kind", field=_kind_field),
                Input("place_code", place=True, label=_("所在地")),
                "address",
                "longitude",
                "latitude",
                Input("offers", field=_offers_field),
                "owner_name",
                Input("duty_phone", help=_("单位值守电话，不填个人手机。")),
                "contact_name",
                "contact_phone",
                "people",
                "team_level",
                Input("parent_id", field=_team_field, choices=_teams, help=_("分队填写所属队伍；队伍只能按分队拆分调用。")),
                Input("vehicle", field=_vehicle_field),
                Input("turnout_min", help=_("接到命令到出发的分钟数；不填按类别。")),
                "source_note",
            ),
            create=services.register_resource,
            change=services.change_resource,
        ),
        sheet=Sheet(
            columns=(
                _column("name", _("名称"), required=True, example="示范危化品救援队"),
                _column("kind", _("类别"), required=True, example="队伍"),
                SheetColumn("place_code", _("行政区划代码"), cells.place_code, required=True, example="370114"),
                _column("longitude", _("经度"), required=True, example="117.0514"),
                _column("latitude", _("纬度"), required=True, example="36.6636"),
                SheetColumn("offers", _("能力与数量"), _read_offers, example="危化品泄漏堵漏 2；洗消 1"),
                _column("address", _("地址")),
                _column("owner_name", _("所属单位")),
                _column("duty_phone", _("24小时值守电话"), example="000-00000000"),
                _column("contact_name", _("负责人")),
                _column("contact_phone", _("负责人电话")),
                _column("people", _("人数"), example="25"),
                SheetColumn("team_level", _("队伍级别"), cells.choice(rules.TEAM_LEVELS), example="县级"),
                SheetColumn("confirmed_on", _("最近核查"), cells.moment, example="2026-06-01"),
                _column("source_note", _("数据来源")),
            ),
            write=services.import_resources,
            check=_check_row,
        ),
        map=MapPoints(properties=("name", "kind", "readiness", "duty_phone"), tone=tone_of, tone_by=("readiness",)),
        navigation="resource",
        detail_url="resources:detail",
        empty=_("登记队伍、车辆、装备、储备库、专家、医院等，事件发生时才知道谁能来、多久到。"),
        live=("resources.changed", "resources.committed", "resources.released"),
    )
)

layers.describe("rescue-resources", _("应急资源"), {TONES[code]: _(label) for code, label in rules.READINESS.items()})

register(
    Resource(
        code="rescue-stock",
        label=_("储备物资"),
        model=StockItem,
        actions=Actions(view="resources.view", create="resources.stock", change="resources.stock", export="resources.export"),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("specification"),
            Column("code"),
            Column("depot", value=lambda row: row.depot.name),
            Column("quantity", numeric=True, sort=True, value=lambda row: rules.plain(row.quantity)),
            Column("unit"),
            Column("minimum", numeric=True, value=lambda row: rules.plain(row.minimum)),
            Column("low", label=_("低于储备下限"), value=lambda row: _("是") if row.low else _("否")),
            Column("expires_on", sort=True),
            Column("place_code", label=_("所在地"), place=True),
        ),
        filters=(
            PlaceFilter(label=_("所在地")),
            Flag("low", label=_("低于储备下限")),
            DateRange("expires_on", label=_("最早到期")),
            Equals("depot", label=_("储备库"), field="depot_id"),
        ),
        order="name_key",
        search=True,
        joins=("depot",),
        form=Form(
            (
                Input("depot_id", field=lambda: django_forms.ChoiceField(label=_("储备库")), choices=_depots, on="create"),
                Input(
                    "code",
                    field=lambda: django_forms.CharField(label=_("物资编码"), max_length=40, help_text=_("GB/T 38565 的名称或七位编码。")),
                    on="create",
                ),
                Input("name", required=False, help=_("不填按编码的名称。")),
                "specification",
                "unit",
                Input("minimum", required=False, help=_("低于此数时提示；0 为不设。")),
            ),
            create=stocking.register_item,
            change=stocking.change_item,
        ),
        navigation="resource",
        detail_url="resources:stock",
        empty=_("先登记储备库，再登记库内物资。"),
        live=("resources.stock",),
    )
)

register(
    Resource(
        code="rescue-agreements",
        label=_("支援与供应协议"),
        model=Agreement,
        title="title",
        actions=Actions(view="resources.view", create="resources.agree", change="resources.agree", export="resources.export"),
        columns=(
            Column("title", link=True, sort=True),
            Column("kind"),
            Column("giver_name"),
            Column("giver_place", place=True),
            Column("contact_phone"),
            Column("valid_from"),
            Column("valid_until", sort=True),
            Column("place_code", label=_("受援方所在地"), place=True),
        ),
        filters=(PlaceFilter(label=_("受援方所在地")), Choice("kind"), DateRange("valid_until", label=_("终止日期"))),
        order="title",
        search=True,
        detail=(
            Section(
                _("约定"),
                (
                    "title",
                    "kind",
                    "giver_name",
                    Field("giver_place", place=True),
                    Field("place_code", label=_("受援方所在地"), place=True),
                    "terms",
                    "contact_name",
                    "contact_phone",
                    "valid_from",
                    "valid_until",
                ),
            ),
        ),
        form=Form(
            (
                "title",
                "kind",
                "giver_name",
                Input("giver_place", place=True, required=False, help=_("支援协议填写：该地的应急资源会进入调用推荐。")),
                Input("place_code", place=True, label=_("受援方所在地")),
                "terms",
                "contact_name",
                "contact_phone",
                "valid_from",
                "valid_until",
            ),
            create=services.register_agreement,
            change=services.change_agreement,
        ),
        navigation="resource",
        empty=_("登记与邻近地区的支援协议、与企业的供应协议。没有协议，邻县队伍不会进入推荐。"),
    )
)


def alarm_panel(subject: Any, _request: HttpRequest) -> dict[str, Any] | None:
    """Who can come to the place of an alarm; nothing where its place is not known."""
    if subject.longitude is None or subject.latitude is None:
        return None
    return {"capabilities": wording.capability_choices(), "alarm": subject}


panels.register(
    "alarms.detail",
    "resources",
    label=_("谁能来"),
    order=8,
    template="resources/_alarm_panel.html",
    provider=alarm_panel,
    action="resources.view",
)
