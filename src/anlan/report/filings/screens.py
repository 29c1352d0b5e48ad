"""The list of filings as a resource of the desk, and the panel on an enterprise's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.resource import (
    Actions,
    Badge,
    Choice,
    Column,
    DateRange,
    Equals,
    Flag,
    MapPoints,
    PlaceFilter,
    Resource,
    register,
)
from anlan.desk.resource.declare import Tone
from anlan.kernel.access import Actor
from anlan.report.filings import door, queries, rules, summaries
from anlan.report.filings.models import Filing, ReportingMark


def _named(rows: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(row.code, row.name_en if get_language() == "en" else row.name_zh) for row in rows.values()]


def _level_choices() -> list[tuple[str, Any]]:
    return [
        *_named(queries.every_level()),
        (rules.NEAR_MISS, summaries.level_name(rules.NEAR_MISS)),
        (rules.UNKNOWN_LEVEL, summaries.level_name(rules.UNKNOWN_LEVEL)),
    ]


def _kind_choices() -> list[tuple[str, str]]:
    return _named(queries.every_kind())


def _type_choices() -> list[tuple[str, str]]:
    return [(code, f"{summaries.type_label(code)} ({row.standard})") for code, row in queries.every_type().items()]


def _state_choices() -> list[tuple[str, Any]]:
    return [(state.code, _(state.label)) for state in rules.FLOW.states]


_TONES: dict[Any, Tone] = {row.code: cast("Tone", row.colour) for row in queries.every_level().values()}

register(
    Resource(
        code="filings",
        label=_("信息报送"),
        model=Filing,
        actions=Actions(view="filings.view", create="filings.create", export="filings.view"),
        title="title",
        columns=(
            Column("title", link=True),
            Column("reporting_code", label=_("等级"), value=summaries.level_label, badge=Badge(_TONES)),
            Column("state", value=lambda record: record.get_state_label(), badge=Badge()),
            Column("kind", value=lambda record: summaries.kind_name(record.kind)),
            Column(
                "accident_type",
                value=lambda record: summaries.type_label(record.accident_type) if record.type_standard else "",
                hidden=True,
            ),
            Column("type_standard", hidden=True),
            Column("place_code", label=_("发生地"), place=True),
            Column("occurred_at", sort=True),
            Column("deaths", numeric=True),
            Column("serious_injured", label=_("重伤"), numeric=True),
            Column("reporter_name"),
            Column("exercise", hidden=True),
        ),
        filters=(
            Choice("state", choices=_state_choices),
            Choice("level", label=_("等级"), field="reporting_code", choices=_level_choices),
            Choice("kind", choices=_kind_choices),
            Choice("accident_type", choices=_type_choices),
            PlaceFilter(),
            DateRange("occurred_at"),
            Flag("exercise"),
            Equals("enterprise"),
        ),
        order="-occurred_at",
        joins=("enterprise",),
        navigation="duty",
        empty=_("还没有事故信息。接到电话、报警或企业报告后，点“新建”填报。"),
        detail_url="filings:detail",
        create_url="filings:create",
        map=MapPoints(properties=("title", "state")),
        live=("filings.submitted", "filings.received", "filings.reported_up", "filings.supplemented", "filings.closed"),
    )
)


register(
    Resource(
        code="filing-marks",
        label=_("报送违规"),
        model=ReportingMark,
        title="who",
        actions=Actions(view="filings.view", export="filings.view"),
        columns=(
            Column("who", link=True),
            Column("kind", value=ReportingMark.get_kind_display),
            Column("state", label=_("状态"), value=ReportingMark.get_state_label, badge=Badge()),
            Column("late_minutes", numeric=True),
            Column("filing.title", label=_("事故信息")),
            Column("facts", hidden=True),
            Column("place_code", label=_("发生地"), place=True),
            Column("opened_at", label=_("提出时间"), sort=True),
            Column("raised_by_name", hidden=True),
            Column("decided_by_name", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            Choice("kind"),
            Choice("state", choices=[(state.code, _(state.label)) for state in rules.MARK_FLOW.states]),
            PlaceFilter(),
            DateRange("opened_at", label=_("提出时间")),
            Flag("exercise"),
            Equals("enterprise"),
        ),
        order="-opened_at",
        navigation="duty",
        empty=_("没有迟报、漏报、谎报、瞒报的记录。"),
        live=("filings.changed",),
    )
)


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any] | None:
    """Filings about the enterprise whose page is shown."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    return {"filings": door.of_enterprise(subject.pk, actor, limit=10), "may_create": actor.may_somewhere("filings.create")}


panels.register(
    "enterprises.detail",
    "filings",
    label=_("信息报送"),
    order=60,
    template="filings/_enterprise.html",
    provider=enterprise_panel,
    action="filings.view",
    shape="half",
)
