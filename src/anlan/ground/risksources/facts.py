"""What this room tells at the head of an enterprise's page."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts, papers
from anlan.desk.documents import Block, Table
from anlan.desk.facts import Tone
from anlan.ground.risksources import queries, rules, wording
from anlan.kernel.access import Actor

_TONES: dict[int, Tone] = {1: "red", 2: "orange", 3: "yellow", 4: "blue"}


def enterprise_facts(subject: Any, _request: HttpRequest) -> list[facts.Fact]:
    """The highest level of the enterprise's major hazard sources, as kept on its record."""
    url = f"{reverse('desk:risksources-list')}?enterprise={subject.pk}"
    if not subject.has_major_hazard:
        return [facts.Fact(_("重大危险源"), _("无"), "green", "", url)]
    if subject.major_level is None:
        return [facts.Fact(_("重大危险源"), _("未定级"), "orange", "", url)]
    level = gettext(rules.MAJOR_LEVELS[subject.major_level])
    return [facts.Fact(_("重大危险源"), level, _TONES[subject.major_level], "", url)]


def printed(subject: Any, request: HttpRequest) -> list[Block]:
    """Hazard sources, as the printed file of the enterprise has them. Quantities in tonnes."""
    header = (gettext("编号"), gettext("名称"), gettext("类别"), gettext("物质"), gettext("设计最大量（t）"), gettext("重大危险源"))
    lines = tuple(
        (
            row.code,
            row.name,
            wording.kind_label(row.kind),
            row.substance_name or "—",
            "—" if row.design_max_t is None else f"{row.design_max_t.normalize():f}",
            wording.major_label(row) or "—",
        )
        for row in queries.of_enterprise(subject.pk, cast("Actor", request.actor))[:200]  # type: ignore[attr-defined]
    )
    return [Table(header, lines, (1, 2, 1.6, 2, 1.3, 1.5))] if lines else []


facts.register(
    "enterprises.detail", "risksources", order=10, provider=enterprise_facts, action="risksources.view", live=("risksources.changed",)
)
papers.register("enterprises.detail", "risksources", label=_("危险源"), order=10, provider=printed, action="risksources.view")
