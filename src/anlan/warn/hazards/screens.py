"""What the desk lists of natural hazards, and the layer of the map."""

from __future__ import annotations

from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.mapping import layers
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Field,
    Flag,
    Form,
    Input,
    MapPoints,
    PlaceFilter,
    Resource,
    Section,
    register,
)
from anlan.desk.resource.declare import Tone
from anlan.kernel import clock
from anlan.warn.channels import door as channels
from anlan.warn.hazards import feeding, gauging, presenting, queries, rules
from anlan.warn.hazards.models import HazardFeed, HazardSignal, HotSpot, Intake, PlantAction, Quake

TONES = Badge(cast("dict[Any, Tone]", rules.COLOURS))


def _kind(row: Any) -> str:
    return queries.hazard_name(row.hazard)


def _kinds() -> list[tuple[str, str]]:
    return [(code, queries.worded(row, "name")) for code, row in rules.hazards().items()]


register(
    Resource(
        code="hazard-signals",
        label=_("灾害信号"),
        model=HazardSignal,
        title="title",
        actions=Actions(view="hazards.view", export="hazards.view"),
        columns=(
            Column("title", link=True),
            Column("level", badge=TONES, sort=True),
            Column("hazard", label=_("灾种"), value=_kind),
            Column("state", badge=Badge({"live": "green"})),
            Column("sender"),
            Column("starts_at", sort=True),
            Column("ends_at", sort=True),
            Column("area_description"),
            Column("source", hidden=True),
            Column("late", hidden=True),
            Column("exercise", hidden=True),
            Column("received_at", hidden=True),
            Column("identifier", hidden=True),
            Column("place_code", label=_("归属地"), place=True),
        ),
        filters=(
            Choice("state"),
            Choice("level"),
            Choice("hazard", label=_("灾种"), choices=_kinds),
            PlaceFilter(label=_("归属地")),
            DateRange("starts_at"),
            Flag("exercise"),
        ),
        order="-starts_at",
        navigation="warning",
        detail_url="hazards:signal",
        create_url="hazards:take",
        empty=_("还没有灾害信号。可导入气象部门的预警报文，或设置信号来源自动读取。"),
        live=("hazards.signal",),
    )
)
register(
    Resource(
        code="hazard-intakes",
        label=_("灾害信息导入"),
        model=Intake,
        title="name",
        actions=Actions(view="hazards.view", create="hazards.intake", export="hazards.view"),
        columns=(
            Column("received_at", link=True, sort=True),
            Column("via"),
            Column("name"),
            Column("good", numeric=True),
            Column("twice", numeric=True),
            Column("bad", numeric=True),
            Column("by_name"),
            Column("place_code", label=_("归属地"), place=True, hidden=True),
        ),
        filters=(DateRange("received_at"), PlaceFilter(label=_("归属地"))),
        order="-received_at",
        navigation="warning",
        detail_url="hazards:intake",
        create_url="hazards:take",
        empty=_("还没有导入过。"),
    )
)
register(
    Resource(
        code="quakes",
        label=_("地震"),
        model=Quake,
        title="place_name",
        actions=Actions(view="hazards.view", create="hazards.estimate", export="hazards.view"),
        columns=(
            Column("origin_at", link=True, sort=True),
            Column("magnitude", numeric=True, sort=True),
            Column("place_name"),
            Column("depth_km", numeric=True),
            Column("agency"),
            Column("estimates_count", numeric=True),
            Column("catalogued"),
            Column("cancelled"),
            Column("exercise", hidden=True),
            Column("late", hidden=True),
            Column("place_code", label=_("归属地"), place=True, hidden=True),
        ),
        filters=(DateRange("origin_at"), PlaceFilter(label=_("归属地")), Flag("cancelled"), Flag("exercise")),
        order="-origin_at",
        navigation="warning",
        detail_url="hazards:quake",
        create_url="hazards:estimate",
        map=MapPoints(properties=("place_name",)),
        empty=_("还没有地震。可导入 QuakeML 或 USGS GeoJSON，或由值班员录入预警估计。"),
        live=("hazards.quake",),
    )
)
register(
    Resource(
        code="hot-spots",
        label=_("卫星热点"),
        model=HotSpot,
        title="satellite",
        actions=Actions(view="hazards.view", export="hazards.view"),
        columns=(
            Column("seen_at", link=True, sort=True),
            Column("confidence", numeric=True, sort=True),
            Column("level", badge=TONES),
            Column("satellite"),
            Column("instrument"),
            Column("power_mw", numeric=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("late", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(DateRange("seen_at"), Choice("level"), PlaceFilter(label=_("归属地")), Flag("exercise")),
        order="-seen_at",
        navigation="warning",
        create_url="hazards:take",
        map=MapPoints(properties=("satellite",)),
        detail=(
            Section(
                _("热点"),
                (
                    "satellite",
                    "instrument",
                    "seen_at",
                    "longitude",
                    "latitude",
                    "confidence",
                    "confidence_told",
                    "power_mw",
                    "level",
                    "late",
                    "exercise",
                ),
            ),
        ),
        empty=_("还没有卫星热点。可导入 FIRMS 格式的 CSV。"),
    )
)


def _feed_state(row: HazardFeed) -> str:
    if not row.active:
        return str(_("停用"))
    if row.asked_at is None:
        return str(_("还没有读取"))
    return str(_("异常")) if row.failures else str(_("正常"))


def _feed_tone(row: HazardFeed) -> str:
    return "grey" if not row.active or row.asked_at is None else "red" if row.failures else "green"


register(
    Resource(
        code="hazard-feeds",
        label=_("灾害数据源"),
        model=HazardFeed,
        actions=Actions(view="hazards.view", create="hazards.configure", change="hazards.configure", export="hazards.view"),
        columns=(
            Column("name", link=True),
            Column("health", label=_("状态"), value=_feed_state),
            Column("kind"),
            Column("asked_at", sort=True),
            Column("answered_at", sort=True),
            Column("news_at"),
            Column("failures", numeric=True),
            Column("trouble", value=presenting.trouble),
            Column("every_minutes", numeric=True, hidden=True),
            Column("may_order", hidden=True),
            Column("place_code", label=_("归属地"), place=True),
        ),
        filters=(Choice("kind"), Flag("active"), PlaceFilter(label=_("归属地"))),
        order="name",
        navigation="warning",
        detail=(
            Section(
                _("灾害数据源"),
                ("name", "kind", "url", "secret", "active", "every_minutes", "least_magnitude", "may_order", "admitted_hosts"),
            ),
        ),
        form=Form(
            (
                "name",
                "kind",
                Input("url", help=_("对方的 http 或 https 网址。指向内部网络的网址不予访问；密钥写作 {key}。")),
                Input("secret", required=False, help=_("网址里有 {key} 时填写；密钥本身由运维人员放入节点的 secrets/feeds 目录。")),
                "every_minutes",
                "active",
                Input("least_magnitude", required=False, help=_("低于此震级的地震不收。")),
                Input("may_order", required=False, help=_("只对有权发布地震预警的来源勾选；不勾选时只显示和计入风险，不向企业下发指令。")),
                Input("admitted_hosts", required=False, help=_("以空格分开；只填确需访问的内部主机名。")),
            ),
            create=feeding.register_feed,
            change=feeding.change_feed,
        ),
        empty=_("没有登记灾害数据源。登记后定时读取地震目录和卫星热点；预警信号的订阅源在“外部预警源”登记。"),
        live=("hazards.feed",),
    )
)


def _feed_panel(subject: Any, request: Any) -> dict[str, Any]:
    """How reading goes, what came last, and reading at once."""
    return {
        "health": _feed_state(subject),
        "tone": _feed_tone(subject),
        "trouble": presenting.trouble(subject),
        "intakes": queries.intakes_of(subject)[:10],
        "may_read": request.actor.may("hazards.configure", place_code=subject.place_code),
    }


panels.register(
    "hazard-feeds.detail",
    "feed-health",
    label=_("读取情况"),
    order=10,
    template="hazards/_feed.html",
    provider=_feed_panel,
    action="hazards.view",
)
register(
    Resource(
        code="plant-actions",
        label=_("地震自动处置"),
        model=PlantAction,
        title="name",
        actions=Actions(view="hazards.view", create="hazards.subscribe"),
        columns=(
            Column("name", link=True),
            Column("enterprise.name", label=_("企业")),
            Column("verb", badge=Badge({})),
            Column("intensity", numeric=True),
            Column("active"),
            Column("device"),
            Column("channel", badge=Badge({})),
            Column("place_code", label=_("归属地"), place=True),
        ),
        filters=(Choice("verb"), Flag("active"), PlaceFilter(label=_("归属地"))),
        order="name",
        joins=("enterprise",),
        navigation="warning",
        create_url="hazards:subscribe",
        detail=(
            Section(
                _("地震自动处置"),
                (
                    "name",
                    Field("enterprise.name", label=_("企业")),
                    "device",
                    "channel",
                    "address",
                    "verb",
                    "intensity",
                    "longitude",
                    "latitude",
                    "active",
                ),
            ),
        ),
        empty=_("还没有登记自动处置。企业安全管理员登记设备、动作和触发烈度后，地震预警到达时自动下发。"),
    )
)
layers.register(
    layers.MapLayer(
        "hazard-levels",
        _("自然灾害风险（乡镇合成）"),
        "/hazards/features.json",
        "hazards.view",
        order=25,
        geometry="areas",
        group="risk",
        time=True,
        tones=cast("dict[Any, Any]", {rules.COLOURS[code]: _(rules.LEVELS[code]) for code in (4, 3, 2, 1)}),
        legend=_("县内乡镇的最高级别，随时间轴看过去和今后 24 小时；乡镇界线未公开，按县显示"),
        live=("hazards.grid",),
        empty=_("此刻这里没有自然灾害风险，或还没有计算。"),
    )
)


def _sensor_panel(subject: Any, request: Any) -> dict[str, Any] | None:
    """Thresholds of a rain or river gauge on the page of its measuring point."""
    if subject.sensor_class not in GAUGED:
        return None
    rows = gauging.of_sensor(subject.pk, request.actor)
    sums = gauging.present(rows, clock.now())
    told = [(row, queries.hazard_name(row.hazard), rules.COLOURS[row.level], sums.get(row.pk)) for row in rows]
    return {
        "rows": told,
        "sums_unknown": not sums and any(row.hours for row in rows),
        "may_set": request.actor.may("hazards.configure", place_code=subject.place_code),
    }


GAUGED = frozenset({gauging.RAIN, "level", "water_level"})
"""Classes of measuring points that may be gauges of rain or rivers."""
panels.register(
    "sensors.detail",
    "gauge-thresholds",
    label=_("灾害阈值"),
    order=60,
    template="hazards/_sensor.html",
    provider=_sensor_panel,
    action="hazards.view",
)


def _action_panel(subject: Any, request: Any) -> dict[str, Any]:
    """Whether the automatic action is in use, and what was sent."""
    may = request.actor.may("hazards.subscribe", place_code=subject.place_code, enterprise_id=subject.enterprise_id)
    return {
        "may_switch": may,
        "served": channels.is_served(subject.channel, subject.place_code),
        "orders": list(queries.orders(request.actor).filter(plant_action=subject)[:20]),
    }


panels.register(
    "plant-actions.detail",
    "orders",
    label=_("已发指令"),
    order=10,
    template="hazards/_action.html",
    provider=_action_panel,
    action="hazards.view",
)
