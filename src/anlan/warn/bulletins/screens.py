"""The list of bulletins as a resource of the desk."""

from __future__ import annotations

from typing import Any, cast

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Flag, PlaceFilter, Resource, register
from anlan.desk.resource.declare import Tone
from anlan.warn.bulletins import rules
from anlan.warn.bulletins.models import Bulletin, MessageKind


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


_STATE_TONES: dict[Any, Tone] = {"published": "green"}

register(
    Resource(
        code="bulletins",
        label=_("预警"),
        model=Bulletin,
        actions=Actions(view="bulletins.view", export="bulletins.view"),
        title="headline",
        columns=(
            Column("headline", link=True),
            Column("level", value=_level, badge=Badge({row.code: cast("Tone", row.tone) for row in rules.levels()}), sort=True),
            Column("event_code", value=_event),
            Column("state", value=lambda record: record.get_state_label(), badge=Badge(_STATE_TONES)),
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
        detail_url="bulletins:detail",
        live=("bulletins.submitted", "bulletins.published", "bulletins.lifted", "bulletins.expired"),
    )
)
