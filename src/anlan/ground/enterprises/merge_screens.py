"""Files that may be of one enterprise, and mergings, as the desk lists them."""

from __future__ import annotations

from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from anlan.desk.resource import Actions, Badge, Choice, Column, PlaceFilter, Resource, register
from anlan.ground.enterprises import duplicates, matching, mergerules
from anlan.ground.enterprises.models import DuplicateCandidate, Merging


def _grade(row: DuplicateCandidate) -> str:
    likely = row.score >= duplicates.figures()["likely_from"]
    return str(_("很可能重复") if likely else _("可能重复"))


register(
    Resource(
        code="duplicates",
        label=_("疑似重复企业"),
        model=DuplicateCandidate,
        title="title",
        actions=Actions(view=mergerules.ACTION),
        columns=(
            Column("title", label=_("企业"), link=True),
            Column("score", numeric=True),
            Column("grade", label=_("判断"), value=_grade),
            Column("reasons", label=_("依据"), value=lambda row: "；".join(matching.sentences(row))),
            Column("state", badge=Badge(cast(Any, {mergerules.OPEN: "orange", mergerules.DONE: "green"}))),
            Column("place_code", label=_("归属地"), place=True),
            Column("decided_by_name", hidden=True),
            Column("decision", hidden=True),
            Column("rank", label=_("待核对程度"), sort=True, numeric=True, hidden=True),
        ),
        filters=(PlaceFilter(label=_("归属地")), Choice("state", label=_("状态"))),
        order="-rank",
        navigation="enterprise",
        detail_url="enterprises:duplicate",
        empty=_("没有疑似重复的企业。登记、导入或修改企业后，系统会自动比对名称、代码、法定代表人和地址。"),
        live=("enterprises.merged",),
    )
)

register(
    Resource(
        code="merges",
        label=_("企业合并"),
        model=Merging,
        title="title",
        actions=Actions(view=mergerules.ACTION, create=mergerules.ACTION, export=mergerules.ACTION),
        columns=(
            Column("title", label=_("企业"), link=True),
            Column("state", label=_("状态"), value=Merging.get_state_label, badge=Badge(cast(Any, mergerules.TONES))),
            Column("reason"),
            Column("proposed_by_name"),
            Column("opened_at", label=_("提出时间"), sort=True),
            Column("confirmed_by_name", label=_("合并确认人")),
            Column("confirmed_at"),
            Column("place_code", label=_("归属地"), place=True),
        ),
        filters=(
            PlaceFilter(label=_("归属地")),
            Choice("state", label=_("状态"), choices=[(state.code, _(state.label)) for state in mergerules.FLOW.states]),
        ),
        order="-opened_at",
        navigation="enterprise",
        detail_url="enterprises:merge",
        create_url="enterprises:compare",
        empty=_("还没有合并过企业。从疑似重复企业中选一对，或点“新建”输入两家的代码。"),
        live=("enterprises.merge_moved", "enterprises.merged"),
    )
)
