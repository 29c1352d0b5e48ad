"""Field units as the desk shows them: list, detail with the track, form, map layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.command.field import queries, rules, services
from anlan.command.field.models import FieldUnit
from anlan.desk.mapping import layers
from anlan.desk.resource import (
    Actions,
    Column,
    Equals,
    Field,
    Flag,
    Form,
    Fragment,
    Input,
    MapPoints,
    PlaceFilter,
    Resource,
    Section,
    register,
)
from anlan.desk.resource.declare import Tone
from anlan.kernel import clock

TONES: dict[str, Tone] = {rules.LIVE: "green", rules.STALE: "grey", rules.SILENT: "grey"}


def _state_code(row: FieldUnit) -> str:
    return rules.state(row.heard_at, row.stale_at, clock.now())


def state_label(row: FieldUnit) -> str:
    """How current the unit's position is, in words."""
    return str(_(rules.STATES[_state_code(row)]))


def tone_of(row: FieldUnit) -> Tone:
    """Green while the position holds, grey afterwards."""
    return TONES[_state_code(row)]


def _track(row: FieldUnit, _request: HttpRequest) -> Mapping[str, Any]:
    return {"positions": list(queries.track(row)), "kept": rules.TRACK_MOST}


RESOURCE = register(
    Resource(
        code="field-units",
        label=_("现场单元"),
        model=FieldUnit,
        title="callsign",
        actions=Actions(view="field.view", create="field.enrol", change="field.enrol", export="field.view"),
        columns=(
            Column("callsign", link=True, sort=True),
            Column("state", label=_("状态"), value=state_label),
            Column("team"),
            Column("role"),
            Column("battery", numeric=True),
            Column("position_at"),
            Column("heard_at", sort=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("uid", hidden=True),
            Column("device", hidden=True),
            Column("team_colour", hidden=True),
            Column("longitude", numeric=True, hidden=True),
            Column("latitude", numeric=True, hidden=True),
            Column("accuracy_m", numeric=True, hidden=True),
            Column("speed_m_s", numeric=True, hidden=True),
            Column("active", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Flag("active", label=_("启用")),
            Flag("exercise", label=_("演练")),
            Equals("incident", label=_("所属事件"), field="incident_id"),
        ),
        order="callsign",
        detail=(
            Section(
                _("位置"),
                (
                    Field("state", label=_("状态"), value=state_label),
                    "position_at",
                    "stale_at",
                    "longitude",
                    "latitude",
                    "accuracy_m",
                    "height_m",
                    "speed_m_s",
                    "course",
                    "battery",
                    "heard_at",
                ),
            ),
            Section(
                _("单元与终端"),
                (
                    "callsign",
                    "team",
                    "role",
                    "team_colour",
                    Field("place_code", label=_("归属地"), place=True),
                    "device",
                    "software",
                    "uid",
                    "cot_type",
                    Field("fingerprint", help=_("为空时按终端标识和呼号放行，只用于可信的内部网络。")),
                    "active",
                    "exercise",
                ),
            ),
            Fragment(_("轨迹"), template="field/_track.html", context=_track),
        ),
        form=Form(
            (
                Input("uid", help=_("终端上显示的唯一标识，例如 ANDROID-3f2a…。")),
                Input("callsign", help=_("须与终端上设置的呼号一致。")),
                "team",
                Input("place_code", place=True, label=_("归属地")),
                Input(
                    "fingerprint", required=False, help=_("客户端证书的 SHA-256 指纹。为空时按终端标识和呼号放行，只用于可信的内部网络。")
                ),
                Input("incident_id", required=False, help=_("突发事件页面地址里的编号；填写后，该事件的影响区会下发到这台终端。")),
                "active",
                "exercise",
            ),
            create=services.enrol,
            change=services.alter,
        ),
        map=MapPoints(properties=("callsign", "team", "role", "position_at", "battery"), tone=tone_of),
        navigation="incident",
        empty=_("还没有现场单元。登记终端后，终端连接本平台的 CoT 端口，位置就会显示在一张图上。"),
        live=("field.changed", "field.moved"),
    )
)
layers.describe("field-units", _("现场单元"), {"green": _("在线"), "grey": _("位置已过时")})
