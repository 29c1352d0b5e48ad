"""Spot checks and their points as the desk lists them; their own pages are in :mod:`.views`."""

from __future__ import annotations

from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from anlan.desk import todo
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, Equals, Flag, PlaceFilter, Resource, register
from anlan.sense.patrol import rules, views
from anlan.sense.patrol.models import Patrol, PatrolPoint

PATROLS = register(
    Resource(
        code="patrols",
        label=_("监测抽查"),
        model=Patrol,
        title="title",
        actions=Actions(view="patrol.view", create="patrol.draw", export="patrol.view"),
        columns=(
            Column("title", link=True),
            Column("state", label=_("状态"), value=Patrol.get_state_label),
            Column("place_code", label=_("归属地"), place=True),
            Column("population", numeric=True),
            Column("drawn", numeric=True),
            Column("drawn_by_name"),
            Column("opened_at", sort=True),
            Column("due_on"),
            Column("closed_at", hidden=True),
            Column("seed", hidden=True),
            Column("population_sha256", hidden=True),
            Column("conclusion", hidden=True),
            Column("exercise", hidden=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in rules.FLOW.states]),
            DateRange("opened_at", label=_("抽取时间")),
            Flag("exercise", label=_("演练")),
        ),
        order="-opened_at",
        navigation="enterprise",
        detail_url="patrol:detail",
        create_url="patrol:draw",
        empty=_("还没有抽查。抽取测点后，核查人到现场逐一核对并登记结果。"),
    )
)

POINTS = register(
    Resource(
        code="patrol-points",
        label=_("抽查测点"),
        model=PatrolPoint,
        actions=Actions(view="patrol.view", export="patrol.view"),
        columns=(
            Column("name", link=True),
            Column("device_name"),
            Column("enterprise.name", label=_("企业")),
            Column("finding", badge=Badge(cast(Any, rules.FINDING_TONES))),
            Column("assignee_name"),
            Column("checked_by_name"),
            Column("checked_at"),
            Column("site_value", numeric=True),
            Column("node_value", numeric=True),
            Column("note", hidden=True),
            Column("order", numeric=True, hidden=True),
            Column("number", hidden=True),
            Column("place_code", label=_("归属地"), place=True),
            Column("created_at", sort=True, label=_("抽取时间")),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("finding", label=_("核查结果")),
            DateRange("created_at", label=_("抽取时间")),
            Equals("patrol", label=_("监测抽查"), field="patrol_id"),
            Equals("enterprise", label=_("企业"), field="enterprise_id"),
        ),
        order="-created_at",
        joins=("enterprise", "patrol"),
        navigation="enterprise",
        detail_url="patrol:point",
        empty=_("还没有抽取测点。"),
    )
)

todo.register("patrol", views.todo)
