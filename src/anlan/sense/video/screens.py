"""Cameras and platforms as the desk lists them; the camera's own page and the wall are in :mod:`.views` and :mod:`.wall`."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

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
    Fragment,
    Input,
    MapPoints,
    PlaceFilter,
    Related,
    Resource,
    Section,
    register,
)
from anlan.desk.resource.declare import Tone
from anlan.sense.video import rules, services, views, wording
from anlan.sense.video.models import Camera, Platform

LIVE = ("video.changed",)
_STATES = [(code, _(label)) for code, label in rules.PLATFORM_STATES.items()]


def _tone(row: Camera) -> Tone:
    return wording.LINE_TONES[row.line]


def _password() -> forms.CharField:
    return forms.CharField(
        label=_("注册口令"), max_length=64, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )


def _uscc() -> forms.CharField:
    return forms.CharField(label=_("企业统一社会信用代码"), max_length=18, required=False)


CAMERAS = register(
    Resource(
        code="cameras",
        label=_("摄像机"),
        model=Camera,
        actions=Actions(view="video.view", change="video.manage", export="video.view"),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("line", badge=Badge(wording.LINE_TONES)),
            Column("line_since", sort=True),
            Column("enterprise.name", label=_("企业")),
            Column("risk_source.name", label=_("危险源"), hidden=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("ptz_type"),
            Column("code", sort=True),
            Column("platform.name", label=_("视频平台")),
            Column("manufacturer", hidden=True),
            Column("location_note", hidden=True),
            Column("state", badge=Badge(wording.STATE_TONES), hidden=True),
            Column("pictured_at", hidden=True),
            Column("longitude", numeric=True, hidden=True),
            Column("latitude", numeric=True, hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("line", label=_("在线状态")),
            Choice("ptz_type", label=_("云台类型")),
            Choice("state", label=_("使用状态")),
            DateRange("line_since", label=_("状态开始时间")),
            Flag("unassigned", label=_("未归属企业"), field="enterprise__isnull"),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
            Equals("platform", label=_("视频平台"), field="platform_id"),
        ),
        order="name_key",
        search=True,
        joins=("enterprise", "platform", "risk_source"),
        form=Form(
            (
                "name",
                Input("uscc", field=_uscc, help=_("填写后，该摄像机的事件将作为该企业的报警；留空表示尚未归属企业。")),
                Input("risk_source_code", field=lambda: forms.CharField(label=_("危险源编号"), max_length=64, required=False)),
                "location_note",
                Input("longitude", required=False),
                Input("latitude", required=False),
                "ptz_type",
                Input("state", field=lambda: forms.ChoiceField(label=_("使用状态"), choices=_STATES)),
            ),
            change=services.change_camera,
        ),
        map=MapPoints(properties=("name", "code", "line"), tone=_tone),
        navigation="enterprise",
        empty=_("视频平台注册后，其目录中的摄像机会自动列在这里。请先登记视频平台。"),
        detail_url="video:camera",
        live=LIVE,
    )
)
layers.describe("cameras", _("摄像机在线状态"), {"green": _("在线"), "grey": _("离线或从未上线")})

PLATFORMS = register(
    Resource(
        code="videoplatforms",
        label=_("视频平台"),
        model=Platform,
        actions=Actions(view="video.view", create="video.manage", change="video.manage", export="video.view"),
        columns=(
            Column("name", link=True, sort="name_key"),
            Column("code", sort=True),
            Column("line", badge=Badge(wording.LINE_TONES)),
            Column("line_since"),
            Column("heard_at"),
            Column("enterprise.name", label=_("企业")),
            Column("place_code", label=_("归属地"), place=True),
            Column("state", badge=Badge(wording.STATE_TONES)),
            Column("manufacturer", hidden=True),
            Column("model_number", hidden=True),
            Column("address", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("line", label=_("在线状态")),
            Choice("state", label=_("使用状态")),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="name_key",
        search=True,
        joins=("enterprise",),
        detail=(
            Fragment(_("接入"), template="video/_connecting.html", context=views.connecting),
            Section(
                _("基本情况"),
                ("name", "code", "state", "manufacturer", "model_number", "firmware", "live_template", "playback_template", "positions"),
            ),
            Related("cameras", by="platform"),
        ),
        form=Form(
            (
                Input("code", on="create", help=_("设备或下级平台的 20 位国标编码（GB/T 28181 附录 D）。")),
                "name",
                Input("password", field=_password, help=_("设备用它注册；6–64 个可见字符。修改时留空表示不变。")),
                Input(
                    "uscc", field=_uscc, on="create", help=_("企业自己的录像机或平台填写；多家企业共用的平台留空，再逐台指定摄像机归属。")
                ),
                Input("place_code", on="create", place=True),
                Input("state", field=lambda: forms.ChoiceField(label=_("使用状态"), choices=_STATES), on="change"),
                Input(
                    "live_template",
                    required=False,
                    help=_("例如 https://video.example.gov.cn/{device}/{channel}.m3u8；留空则页面不提供播放。"),
                ),
                Input("playback_template", required=False, help=_("可用 {device}、{channel}、{start}、{end}（北京时间，ISO 8601）。")),
                "positions",
            ),
            create=services.register_platform,
            change=services.change_platform,
        ),
        navigation="enterprise",
        empty=_("登记设备或下级平台的国标编码和口令后，它即可注册到本节点。"),
        live=LIVE,
    )
)

panels.register(
    "enterprises.detail",
    "video",
    label=_("视频监控"),
    order=74,
    template="video/_enterprise.html",
    provider=views.enterprise_panel,
    action="video.view",
    shape="folded",
)
panels.register(
    "devices.detail",
    "video",
    label=_("视频监控"),
    order=20,
    template="video/_device.html",
    provider=views.device_panel,
    action="video.view",
)
panels.register(
    "alarms.detail",
    "video",
    label=_("视频监控"),
    order=10,
    template="video/_alarm.html",
    provider=views.alarm_panel,
    action="video.view",
)
