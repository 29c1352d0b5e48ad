"""Messages and carriers as the desk lists them, and what channels add to the pages of bulletins."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
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
    PlaceFilter,
    Resource,
    Section,
    register,
)
from anlan.desk.resource.declare import Tone
from anlan.warn.bulletins import door as bulletins
from anlan.warn.channels import estimating, gate, keeping, monitor, queries, rules, services, trying
from anlan.warn.channels.adapters import KINDS
from anlan.warn.channels.adapters.contract import Answer
from anlan.warn.channels.models import Carrier, Message

STATE_TONES: dict[Any, Tone] = {Message.SENDING: "blue", Message.DONE: "green", Message.STOPPED: "grey", Message.EXPIRED: "grey"}
LEVEL_TONES: dict[Any, Tone] = {"red": "red", "orange": "orange", "yellow": "yellow", "blue": "blue"}
LEVELS = tuple((code, _(word)) for code, word in rules.LEVEL_WORDS.items())
_LEVEL_WORDS = dict(LEVELS)


def _bulletin_panel(bulletin: Any, _request: HttpRequest) -> Mapping[str, Any] | None:
    if bulletin.published_at is None:
        return None
    said = [(message, monitor.people(message), monitor.lines(message)) for message in queries.messages_of(bulletin.pk)]
    return {"dispatches": queries.dispatches(bulletin.pk), "receipts": queries.receipts(bulletin.pk), "messages": said}


panels.register(
    "bulletins.detail",
    "dispatches",
    label=_("发布渠道与回执"),
    order=10,
    template="channels/_bulletin.html",
    provider=_bulletin_panel,
    action="bulletins.view",
)


def _estimate_panel(told: bulletins.Addressed, _request: HttpRequest) -> Mapping[str, Any] | None:
    text = services.short_text(told.issuer_name, told.headline, told.instruction, exercise=told.exercise)
    found = estimating.ways(told.counted, told.level, text=text, place_code=told.place_code, inside=told.exercise)
    total = estimating.total_fen(found)
    steps = rules.ladder(told.level)
    return {
        "ways": [(way, monitor.channel_label(way.channel), None if way.cost_fen is None else way.cost_fen / 100) for way in found],
        "total_yuan": None if total is None else total / 100,
        "then": [(before.wait_minutes, monitor.channel_label(step.channel)) for before, step in pairwise(steps)],
        "called_after": steps[-1].wait_minutes if rules.calling(told.level).called == "everybody" else None,
    }


panels.register(
    bulletins.AUDIENCE_PAGE,
    "ways",
    label=_("渠道与费用"),
    order=10,
    template="channels/_estimate.html",
    provider=_estimate_panel,
)

register(
    Resource(
        code="channels",
        label=_("发布与送达"),
        model=Message,
        actions=Actions(view="channels.view"),
        title="title",
        columns=(
            Column("title", link=True),
            Column("level", value=lambda row: _LEVEL_WORDS.get(row.level, row.level), badge=Badge(LEVEL_TONES)),
            Column("state", badge=Badge(STATE_TONES)),
            Column("place_code", label=_("发布地"), place=True),
            Column("people", numeric=True),
            Column("exercise", hidden=True),
            Column("approved_at", sort=True),
            Column("expires"),
        ),
        filters=(
            Choice("state"),
            Choice("level", label=_("级别"), choices=LEVELS),
            PlaceFilter(label=_("发布地")),
            DateRange("approved_at", label=_("批准时间")),
            Flag("exercise"),
        ),
        order="-approved_at",
        navigation="warning",
        empty=_("预警批准发布后，这里显示发给了谁、谁已收到、谁还没有。"),
        detail_url="channels:monitor",
        live=("channels.said", "channels.moved"),
    )
)


def _adapter(row: Carrier) -> Any:
    kind = KINDS.get(row.adapter)
    return _(kind.label) if kind else row.adapter


def _trial_panel(carrier: Carrier, request: Any) -> Mapping[str, Any]:
    tones: dict[str, Tone] = {Answer.ACCEPTED: "green", Answer.UNKNOWN: "orange"}
    told = {"delivered": _("已送达"), "confirmed": _("本人已确认"), "failed": _("未送达"), "accepted": _("承运方已接收")}
    return {
        "carrier": carrier,
        "may_try": request.actor.may("carriers.test", place_code=carrier.place_code),
        "kind": _(trying.KINDS[rules.channels()[carrier.channel].address]),
        "mark": gate.TEST_MARK,
        "trials": [
            (row, tones.get(row.answer, "red"), monitor.answer_word(row.answer), told.get(row.told, row.told))
            for row in carrier.trials.all()[:10]
        ],
    }


panels.register(
    "carriers.detail",
    "trials",
    label=_("测试发送"),
    order=10,
    template="channels/_carrier.html",
    provider=_trial_panel,
    action="carriers.view",
)

register(
    Resource(
        code="carriers",
        label=_("承运方"),
        model=Carrier,
        actions=Actions(view="carriers.view", create="carriers.register", change="carriers.change", export="carriers.export"),
        columns=(
            Column("name", link=True, sort=None),
            Column("channel", value=lambda row: monitor.channel_label(row.channel)),
            Column("adapter", value=_adapter),
            Column("enabled"),
            Column("order", numeric=True),
            Column("cost_fen", numeric=True),
            Column("last_ok_at"),
            Column("failing_since"),
            Column("last_error", hidden=True),
            Column("contradictions", numeric=True, hidden=True),
        ),
        filters=(Choice("channel", label=_("渠道"), choices=monitor.channel_choices), Flag("enabled")),
        order="name",
        detail=(
            Section(
                _("接入"),
                (
                    "name",
                    Field("channel", value=lambda row: monitor.channel_label(row.channel)),
                    Field("adapter", value=_adapter),
                    "endpoint",
                    "options",
                    Field("secret", help=_("密钥本身只在节点的 secrets/carriers 目录或环境变量中。")),
                    "enabled",
                    "order",
                    "rate_per_s",
                    "batch_size",
                    "cost_fen",
                ),
            ),
            Section(_("运行情况"), ("last_ok_at", "failing_since", "last_error", "contradictions")),
        ),
        form=Form(
            (
                "name",
                Input("channel", field=lambda: forms.ChoiceField(label=_("渠道"), choices=monitor.channel_choices)),
                Input(
                    "adapter",
                    field=lambda: forms.ChoiceField(label=_("接入方式"), choices=[(code, _(kind.label)) for code, kind in KINDS.items()]),
                ),
                Input("place_code", place=True, label=_("所在地"), help=_("承担本地及以下发布的消息。")),
                Input("endpoint", help=_("如 https://sms.example.cn/v1/messages；主机须由运维人员在 ANLAN_CARRIER_HOSTS 中放行。")),
                "options",
                Input("secret", help=_("密钥本身只在节点的 secrets/carriers 目录或环境变量中。")),
                "enabled",
                "order",
                "rate_per_s",
                "batch_size",
                "cost_fen",
            ),
            create=keeping.register_carrier,
            change=keeping.change_carrier,
        ),
        navigation="warning",
        empty=_("登记短信、语音、邮件、应急广播等承运方后，预警才能发出本节点。"),
    )
)
