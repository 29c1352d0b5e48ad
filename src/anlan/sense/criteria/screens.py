"""The list and the page of detection rules as a resource of the desk."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.desk.resource import Actions, Badge, Choice, Column, DateRange, PlaceFilter, Resource, Section, register
from anlan.desk.resource.declare import Equals, Field, Fragment, Tone
from anlan.sense.criteria import catalogue, presenting, rules, services
from anlan.sense.criteria.models import Criterion

_LEVEL_TONES: dict[Any, Tone] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}


def _states() -> list[tuple[str, Any]]:
    return [(state.code, _(state.label)) for state in rules.FLOW.states]


register(
    Resource(
        code="criteria",
        label=_("检测规则"),
        model=Criterion,
        actions=Actions(view="criteria.view", create="criteria.draft", export="criteria.view"),
        columns=(
            Column("name", link=True),
            Column("number", label=_("规则编号"), value=lambda row: row.code),
            Column("kind", value=lambda row: row.get_kind_display()),
            Column("level", value=lambda row: row.get_level_display(), badge=Badge(_LEVEL_TONES)),
            Column("state", value=lambda row: row.get_state_label(), badge=Badge(cast("dict[Any, Tone]", rules.STATE_TONES))),
            Column("enterprise.name", label=_("企业")),
            Column("source"),
            Column("status", value=lambda row: row.get_status_display(), badge=Badge(cast("dict[Any, Tone]", rules.STATUS_TONES))),
            Column("effective_from"),
            Column("updated_at"),
        ),
        filters=(
            Choice("state", choices=_states),
            Choice("kind"),
            Choice("level"),
            Choice("status"),
            PlaceFilter(),
            DateRange("effective_from"),
            Equals("enterprise", field="enterprise_id"),
        ),
        order="-number",
        joins=("enterprise",),
        detail=(
            Fragment(_("下一步"), template="criteria/_work.html", context=presenting.work_context),
            Fragment(_("判定条件"), template="criteria/_parameters.html", context=presenting.parameters_context),
            Section(
                _("依据与日期"),
                (
                    Field("code", label=_("规则编号")),
                    "level",
                    "source",
                    "article",
                    Field("status", badge=Badge(cast("dict[Any, Tone]", rules.STATUS_TONES))),
                    "effective_from",
                    "effective_to",
                    "note",
                    "drafted_by_name",
                    "changed_by_name",
                    "enacted_by_name",
                    "enacted_at",
                    "no_history_reason",
                ),
            ),
            Fragment(_("历史回放"), template="criteria/_replays_part.html", context=presenting.replays_fragment),
            Fragment(_("抑制"), template="criteria/_suppressions.html", context=presenting.suppressions_context),
        ),
        move=services.move,
        navigation="criteria",
        create_url="criteria:create",
        empty=_("还没有检测规则。可从规则模板开始，也可自行起草；回放历史数据后由另一人启用。"),
        live=("criteria.changed",),
    )
)


def pack_panel(subject: Any, _request: HttpRequest) -> dict[str, Any] | None:
    """The room's own groups of ready-made rules that the sector pack shown refers to."""
    wanted = {gettext(catalogue.GROUPS[code]) for code in subject.rules_from if code in catalogue.GROUPS}
    groups = [(label, held) for label, held in presenting.templates_by_group() if label in wanted]
    return {"groups": groups} if groups else None


panels.register(
    "packs.detail",
    "criteria",
    label=_("适用的监测规则模板"),
    order=20,
    template="criteria/_pack.html",
    provider=pack_panel,
    action="criteria.view",
)
