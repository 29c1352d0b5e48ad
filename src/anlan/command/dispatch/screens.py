"""Lists of aid asked for and of what others ask, and the panels on an incident's page."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.command.dispatch import queries, rules
from anlan.command.dispatch.models import AidAnswer, AidRequest
from anlan.desk import panels
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Flag, PlaceFilter, Resource, register
from anlan.kernel import clock
from anlan.kernel.access import Actor

_LIVE = ("dispatch.aid_asked", "dispatch.aid_changed")

register(
    Resource(
        code="aid-requests",
        label=_("增援请求"),
        model=AidRequest,
        title="title",
        actions=Actions(view="dispatch.view", export="dispatch.view"),
        columns=(
            Column("title", link=True),
            Column("state", label=_("状态"), value=AidRequest.get_state_label, badge=Badge()),
            Column("place_code", label=_("归属地"), place=True),
            Column("opened_at", label=_("请求时间"), sort=True),
            Column("needed_by", sort=True),
            Column("asked_by_name"),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.REQUEST_FLOW.states]),
            DateRange("opened_at", label=_("请求时间")),
            Flag("exercise", label=_("演练")),
        ),
        order="-opened_at",
        navigation="incident",
        detail_url="dispatch:request",
        empty=_("没有增援请求。可从突发事件页面向其他单位请求增援。"),
        live=_LIVE,
    )
)

register(
    Resource(
        code="aid-answers",
        label=_("增援来函"),
        model=AidAnswer,
        title="title",
        actions=Actions(view="dispatch.view", export="dispatch.view"),
        columns=(
            Column("title", link=True),
            Column("state", label=_("状态"), value=AidAnswer.get_state_label, badge=Badge()),
            Column("organisation"),
            Column("place_code", label=_("归属地"), place=True),
            Column("opened_at", label=_("收到时间"), sort=True),
            Column("resource_name"),
            Column("sent_at", sort=True),
            Column("arrived_at", sort=True),
            Column("cost", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.ANSWER_FLOW.states]),
            DateRange("opened_at", label=_("收到时间")),
            Flag("exercise", label=_("演练")),
        ),
        order="-opened_at",
        navigation="incident",
        detail_url="dispatch:answer",
        empty=_("没有其他单位的增援请求。"),
        live=_LIVE,
    )
)


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _may(subject: Any, request: HttpRequest, action: str) -> bool:
    given = {"place_code": subject.place_code, "classification": subject.classification}
    return not subject.is_closed and _actor(request).may(action, **given)


def aid_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """What was asked of other bureaus for the incident whose page is shown, each need beside what was promised for it."""
    rows = queries.requests(_actor(request)).filter(incident_id=subject.pk).prefetch_related("answers__organisation")
    return {"requests": rows, "may_ask": _may(subject, request, "dispatch.request"), "incident_id": subject.pk}


def scene_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """Who is on scene, and who is overdue."""
    actor, now = _actor(request), clock.now()
    inside = queries.presences(subject.pk, actor).filter(state=rules.INSIDE).order_by("check_by")
    return {
        "figures": queries.on_scene(subject.pk, actor, now),
        "inside": inside[:8],
        "now": now,
        "incident_id": subject.pk,
        "may_account": _may(subject, request, "dispatch.account"),
    }


panels.register(
    "incidents.detail",
    "scene",
    label=_("现场人员管控"),
    order=6,
    template="dispatch/_scene_panel.html",
    provider=scene_panel,
    action="dispatch.view",
)
panels.register(
    "incidents.detail", "aid", label=_("增援"), order=7, template="dispatch/_aid_panel.html", provider=aid_panel, action="dispatch.view"
)
