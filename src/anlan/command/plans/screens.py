"""The list of plans as a resource of the desk."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from anlan.command.plans import queries, rules
from anlan.command.plans.models import PlanTemplate
from anlan.desk.resource import Actions, Badge, Choice, Column, Flag, PlaceFilter, Resource, register
from anlan.report.filings import door as filings


def _kind(record: Any) -> str:
    return filings.kind_name(record.kind)


def _state_choices() -> list[tuple[str, Any]]:
    return [(state.code, _(state.label)) for state in rules.FLOW.states]


register(
    Resource(
        code="plans",
        label=_("应急预案"),
        model=PlanTemplate,
        actions=Actions(view="plans.view", export="plans.view"),
        title="title",
        columns=(
            Column("title", link=True),
            Column("plan_type", value=lambda record: record.get_plan_type_display()),
            Column("kind", value=_kind),
            Column("edition", numeric=True),
            Column("state", value=lambda record: record.get_state_label(), badge=Badge({rules.IN_FORCE: "green"})),
            Column("example"),
            Column("place_code", label=_("适用地区"), place=True),
            Column("issued_on"),
            Column("filed_on"),
        ),
        filters=(Choice("state", choices=_state_choices), Choice("plan_type"), PlaceFilter(), Flag("example")),
        order="-created_at",
        navigation="resource",
        empty=_("还没有预案。可载入平台自带的示例预案，再由编制单位修改、评审、公布。"),
        detail_url="plans:detail",
        visible_to=queries.plans,
    )
)
