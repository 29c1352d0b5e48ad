"""Field units as the desk shows them: list, detail with talk and track, form, map layers; what other pages show of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.command.field import queries, rules, services
from anlan.command.field.models import FieldUnit
from anlan.command.field.showing import state_label, talk_of, tone_of
from anlan.command.incidents import door as incidents
from anlan.desk import panels
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
from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound


def _track(row: FieldUnit, _request: HttpRequest) -> Mapping[str, Any]:
    return {"positions": list(queries.track(row)), "kept": rules.TRACK_MOST}


def _talk(row: FieldUnit, request: HttpRequest) -> Mapping[str, Any]:
    return talk_of(row, cast("Actor", request.actor))  # type: ignore[attr-defined]


def _tied(row: FieldUnit, request: HttpRequest) -> Mapping[str, Any]:
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    try:
        return {"incident": incidents.incident(row.incident_id, actor) if row.incident_id is not None else None}
    except NotFound:
        return {"hidden": True}


def organisation_choices(actor: Actor, present: Any) -> Sequence[tuple[str, str]]:
    """Organisations of the actor's place and below, and the one that the unit has."""
    found = {str(each.id): each.name for each in organisations.below(actor.place_code)}
    if present and str(present) not in found and (held := organisations.organisation(UUID(str(present)))) is not None:
        found = {str(held.id): held.name, **found}
    return list(found.items())


def incident_choices(actor: Actor, present: Any) -> Sequence[tuple[str, str]]:
    """Open incidents that the actor may see, and the one that the unit has."""
    found = {str(each.id): _named(each) for each in incidents.open_incidents(actor, limit=200)}
    if present and str(present) not in found:
        try:
            found = {str(present): _named(incidents.incident(UUID(str(present)), actor)), **found}
        except (NotFound, ValueError):
            found = {str(present): str(_("其他事件（无权查看）")), **found}
    return list(found.items())


def _named(incident: incidents.IncidentSummary) -> str:
    exercise = str(_("【演练】")) if incident.exercise else ""
    return f"{exercise}{incident.title} · {places.place_name(incident.place_code)}"


class Chosen(forms.ChoiceField):
    """A choice that the room's service checks: the list on the page is only what may be chosen there."""

    def valid_value(self, value: object) -> bool:
        """Anything; the service refuses what is not to be chosen."""
        return True


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
            Column("organisation_name"),
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
            Fragment(_("求救与消息"), template="field/_talk.html", context=_talk),
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
                    "organisation_name",
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
            Fragment(_("所属事件"), template="field/_incident.html", context=_tied),
            Fragment(_("轨迹"), template="field/_track.html", context=_track),
        ),
        form=Form(
            (
                Input("uid", help=_("终端上显示的唯一标识，例如 ANDROID-3f2a…。")),
                Input("callsign", help=_("须与终端上设置的呼号一致。")),
                Input(
                    "organisation_id",
                    field=lambda: Chosen(label=_("所属机构"), required=False),
                    choices=organisation_choices,
                    help=_("本辖区在用的机构。"),
                ),
                "team",
                Input("place_code", place=True, label=_("归属地")),
                Input(
                    "fingerprint", required=False, help=_("客户端证书的 SHA-256 指纹。为空时按终端标识和呼号放行，只用于可信的内部网络。")
                ),
                Input(
                    "incident_id",
                    field=lambda: Chosen(label=_("所属事件"), required=False),
                    choices=incident_choices,
                    help=_("选定后，该事件的位置、影响区和标绘会下发到这台终端，它的消息记入该事件。"),
                ),
                "active",
                "exercise",
            ),
            create=services.enrol,
            change=services.alter,
        ),
        map=MapPoints(properties=("callsign", "team", "role", "position_at", "battery"), tone=tone_of),
        navigation="incident",
        empty=_("还没有现场单元。登记终端后，终端连接本平台的 CoT 端口，位置就会显示在一张图上。"),
        live=("field.changed", "field.moved", "field.spoken", "field.call", "field.call_changed"),
    )
)
layers.describe("field-units", _("现场单元"), {"red": _("正在求救"), "green": _("在线"), "grey": _("位置已过时")})
for _code, _label, _geometry in (
    ("field-marks", _("现场标注：点"), "points"),
    ("field-marks-lines", _("现场标注：线"), "lines"),
    ("field-marks-areas", _("现场标注：面"), "areas"),
):
    layers.register(
        layers.MapLayer(
            _code,
            _label,
            f"/command/field/marks.json?shape={_geometry}",
            "field.view",
            order=62,
            tones={"blue": _("有效"), "grey": _("已过有效期")},
            live=("field.marked",),
            geometry=cast("layers.Geometry", _geometry),
            group="force",
            empty=_("视野内没有现场标注。现场单元在终端上画的点、线、面会显示在这里。"),
        )
    )


def _incident_panel(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """Units of the incident whose page is shown, and their newest messages."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    rows = list(queries.units(actor).filter(incident_id=subject.pk, active=True).order_by("-calling", "callsign")[:50])
    messages = list(queries.of_incident(subject.pk, actor)[:10])
    may_enrol = not subject.is_closed and actor.may("field.enrol", place_code=subject.place_code, classification=subject.classification)
    if not (rows or messages or may_enrol):
        return None
    units = [(row, state_label(row), tone_of(row)) for row in rows]
    talk = [(message, str(_(rules.TALK_STATES[message.state]))) for message in messages]
    return {"units": units, "talk": talk, "may_enrol": may_enrol, "incident_id": subject.pk}


panels.register(
    "incidents.detail",
    "field-units",
    label=_("现场单元"),
    order=20,
    template="field/_of_incident.html",
    provider=_incident_panel,
    action="field.view",
)


def _tell_incident(incident_id: UUID, actor: Actor) -> Iterator[incidents.TimelineLine]:
    if not actor.may_somewhere("field.view"):
        return
    for line in queries.lines(incident_id, actor):
        yield incidents.TimelineLine(line.at, "field", line.title, line.text, line.who, subject_id=line.unit_id, address=line.address)


incidents.join_timeline(_tell_incident)
