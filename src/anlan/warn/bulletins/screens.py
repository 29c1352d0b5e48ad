"""Bulletins, feeds of others and their warnings as resources of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import kept, panels
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Field,
    Flag,
    Form,
    Fragment,
    Input,
    MapPoints,
    Mark,
    PlaceFilter,
    Resource,
    Section,
    register,
)
from anlan.desk.resource.declare import Tone
from anlan.ground.evidence import door as evidence
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.warn.bulletins import foreign, presenting, rules
from anlan.warn.bulletins.models import Bulletin, ForeignWarning, MessageKind, SignatureState, Subscription


def _level(record: Any) -> str:
    row = rules.level(record.level)
    return row.name_en if get_language() == "en" else row.name_zh


def _event(record: Any) -> str:
    row = rules.event_type(record.event_code)
    return row.name_en if get_language() == "en" else row.name_zh


def _level_choices() -> list[tuple[str, str]]:
    return [(row.code, row.name_en if get_language() == "en" else row.name_zh) for row in rules.levels()]


def _state_choices() -> list[tuple[str, Any]]:
    return [(state.code, _(state.label)) for state in rules.FLOW.states]


def _marks(rows: Sequence[Bulletin], _actor: Actor) -> dict[Any, Mark]:
    """Why somebody must look at a bulletin now."""
    now = clock.now()
    return {row.pk: Mark(why, "orange") for row in rows if (why := presenting.stale(row, now))}


_STATE_TONES: dict[Any, Tone] = {"published": "green"}

register(
    Resource(
        code="bulletins",
        label=_("预警"),
        model=Bulletin,
        actions=Actions(view="bulletins.view", create="bulletins.draft", export="bulletins.view"),
        title="headline",
        columns=(
            Column("headline", link=True),
            Column("level", value=_level, badge=Badge({row.code: cast("Tone", row.tone) for row in rules.levels()}), sort=True),
            Column("event_code", value=_event),
            Column("state", value=lambda record: record.get_state_label(), badge=Badge(_STATE_TONES)),
            Column("exercise", label=_("标记"), value=lambda record: _("演练") if record.exercise else "", badge=Badge()),
            Column("area_description"),
            Column("issuer_name"),
            Column("published_at", sort=True),
            Column("expires", sort=True),
            Column("opened_at", label=_("起草时间"), sort=True),
        ),
        filters=(
            Choice("state", choices=_state_choices),
            Choice("level", choices=_level_choices),
            Choice("message_kind", choices=MessageKind.choices),
            PlaceFilter(),
            DateRange("opened_at", label=_("起草时间")),
            Flag("exercise"),
        ),
        order="-opened_at",
        navigation="warnings",
        empty=_("还没有预警。值班员可在事件页面或此处起草，由另一人审批后发布。"),
        marks=_marks,
        detail_url="bulletins:detail",
        create_url="bulletins:create",
        live=("bulletins.submitted", "bulletins.published", "bulletins.lifted", "bulletins.expired"),
    )
)


def _exhibits(bulletin: Any, request: HttpRequest) -> Mapping[str, Any] | None:
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    return evidence.panel_context(bulletin, actor) | {"sent": bulletin.attachments, "published": bulletin.published_at is not None}


panels.register(
    "bulletins.detail",
    "attachments",
    label=_("附件"),
    order=30,
    template="bulletins/_attachments.html",
    provider=_exhibits,
    action="evidence.view",
)


def _create(*, actor: Actor, now: datetime, **values: Any) -> Subscription:
    return foreign.subscribe(actor=actor, now=now, **values)


def _trouble(row: Subscription) -> str:
    return "；".join(kept.said(each, gettext) for each in row.trouble)


def _feed_state(row: Subscription) -> str:
    if not row.active:
        return str(_("停用"))
    if row.asked_at is None:
        return str(_("还没有读取"))
    return str(_("异常")) if row.trouble else str(_("正常"))


SUBSCRIPTIONS = register(
    Resource(
        code="warning-feeds",
        label=_("外部预警源"),
        model=Subscription,
        actions=Actions(view="bulletins.view", create="bulletins.subscribe", change="bulletins.subscribe"),
        columns=(
            Column("name", link=True),
            Column("state", label=_("状态"), value=_feed_state),
            Column("url"),
            Column("asked_at", sort=True),
            Column("answered_at", sort=True),
            Column("trouble", value=_trouble),
            Column("place_code", label=_("归属地"), place=True),
        ),
        filters=(Flag("active"), PlaceFilter()),
        order="name",
        detail=(
            Section(
                _("外部预警源"),
                ("name", "url", "active", "every_minutes", "asked_at", "answered_at", Field("trouble", value=_trouble), "admitted_hosts"),
            ),
        ),
        form=Form(
            (
                "name",
                Input("url", help=_("对方的 Atom、RSS 或 CAP 网址（http、https）。指向内部网络的网址不予访问。")),
                "every_minutes",
                "active",
                Input("certificates", required=False, help=_("登记后，只有这些证书签名的报文显示为“签名已核验”。")),
                Input("authorities", required=False),
                Input("admitted_hosts", required=False, help=_("以空格分开；只填确需访问的内部主机名。")),
            ),
            create=_create,
            change=foreign.change_subscription,
        ),
        navigation="warnings",
        empty=_("没有登记外部预警源。登记后定时读取，收到的预警只显示，不会自动转发。"),
    )
)


def _foreign_page(row: ForeignWarning, request: HttpRequest) -> Mapping[str, Any]:
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    may = actor.may("bulletins.draft", place_code=actor.place_code) and row.taken_over is None
    doubts = [kept.said(each, gettext) for each in row.doubts]
    return {"row": row, "doubts": doubts, "may_take": may, "level": presenting.level_name(row.level) if row.level else ""}


def _foreign_level(row: ForeignWarning) -> str:
    return presenting.level_name(row.level) if row.level else row.severity


def _foreign_state(row: ForeignWarning) -> str:
    if row.ended_at is not None:
        return str(_("已被更新或解除"))
    return str(_("已失效")) if row.expires is not None and row.expires <= clock.now() else str(_("有效"))


FOREIGN = register(
    Resource(
        code="foreign-warnings",
        label=_("外部预警"),
        model=ForeignWarning,
        actions=Actions(view="bulletins.view", export="bulletins.view"),
        title="headline",
        joins=("subscription", "taken_over"),
        columns=(
            Column("headline", link=True),
            Column("level", value=_foreign_level, badge=Badge({row.code: cast("Tone", row.tone) for row in rules.levels()})),
            Column("standing", label=_("状态"), value=_foreign_state),
            Column("message_kind"),
            Column("signature", badge=Badge({SignatureState.VERIFIED.value: "green", SignatureState.BROKEN.value: "red"})),
            Column("exercise"),
            Column("area_description", label=_("可能影响的范围")),
            Column("sender"),
            Column("sent", sort=True),
            Column("expires"),
        ),
        filters=(Choice("signature", choices=SignatureState.choices), Flag("exercise"), DateRange("sent", label=_("发出时间"))),
        order="-sent",
        detail=(Fragment(_("外部预警"), "bulletins/_foreign.html", _foreign_page),),
        map=MapPoints(
            properties=("headline", "sender"), tone=lambda row: cast("Tone", row.level) if row.level and not row.ended_at else "grey"
        ),
        navigation="warnings",
        live=("bulletins.foreign",),
        empty=_("还没有收到外部预警。"),
    )
)
