"""The list of one-key reports, and the page that a phone keeps for a place without network."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from anlan.command.fieldapp import rules
from anlan.command.fieldapp.models import FieldReport
from anlan.desk import offline
from anlan.desk.mapping import layers
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Flag, MapPoints, PlaceFilter, Resource, register
from anlan.desk.resource.declare import Tone
from anlan.kernel.access import Actor

TONES: dict[str, Tone] = {rules.RECEIVED: "orange", rules.FILED: "blue", rules.VERIFIED: "blue", rules.DISMISSED: "grey"}


def tone_of(row: FieldReport) -> Tone:
    """Orange while nobody has verified it; never red: it is no event yet."""
    return TONES[row.state]


register(
    Resource(
        code="field-reports",
        label=_("现场上报"),
        model=FieldReport,
        title="title",
        actions=Actions(view="fieldapp.view", export="fieldapp.view"),
        columns=(
            Column("title", link=True),
            Column("state", label=_("状态"), value=FieldReport.get_state_label, badge=Badge()),
            Column("source"),
            Column("place_code", label=_("归属地"), place=True),
            Column("opened_at", label=_("收到时间"), sort=True),
            Column("sender_name"),
            Column("words"),
            Column("pictures"),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.FLOW.states]),
            Choice("kind", label=_("类别"), choices=[(code, _(label)) for code, label in rules.KINDS.items()]),
            DateRange("opened_at", label=_("收到时间")),
            Flag("exercise", label=_("演练")),
        ),
        order="-opened_at",
        map=MapPoints(properties=("title", "kind", "happened_at", "pictures"), tone=tone_of),
        navigation="incident",
        detail_url="fieldapp:report",
        empty=_("没有现场上报。企业人员、信息员、志愿者和救援队员可用手机一键上报。"),
        live=("fieldapp.reported", "fieldapp.changed"),
    )
)


layers.describe("field-reports", _("现场上报"), {"orange": _("待核实"), "blue": _("属实"), "grey": _("不属实")})


def needed_offline(actor: Actor, _now: datetime) -> list[str]:
    """The app's start page, for whoever may report."""
    return [reverse("fieldapp:home")] if actor.may_somewhere("fieldapp.send") else []


offline.register("fieldapp", needed_offline)
