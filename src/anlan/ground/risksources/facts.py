"""What this room tells at the head of an enterprise's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts
from anlan.desk.facts import Tone
from anlan.ground.risksources import rules

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


facts.register(
    "enterprises.detail", "risksources", order=10, provider=enterprise_facts, action="risksources.view", live=("risksources.changed",)
)
