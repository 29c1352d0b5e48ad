"""What this room tells at the head of an enterprise's page: the highest signal in force at its place, and until when."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts
from anlan.kernel import clock
from anlan.warn.hazards import queries, rules

PAGE = "enterprises.detail"


def hazard_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """“暴雨橙色信号，至 18:00”; nothing where no signal holds and the grid is calm."""
    now = clock.now()
    signals = [each for each in queries.signals_at(subject.place_code, now) if not each.exercise]
    level = queries.levels_at((subject.place_code,), now)[subject.place_code]
    if not signals and not level.level:
        return []
    told = []
    if signals:
        top = signals[0]
        until = f"{top.ends_at.astimezone(rules.CHINA):%m-%d %H:%M}"
        told = [
            gettext("%(kind)s%(level)s信号，至 %(until)s") % {"kind": top.kind, "level": gettext(rules.LEVELS[top.level]), "until": until}
        ]
    if len(signals) > 1:
        told.append(gettext("共 %(n)d 条信号") % {"n": len(signals)})
    highest = max([level.level, *(each.level for each in signals)])
    code = subject.place_code
    url = reverse("hazards:township", args=[code]) if queries.is_township(code) else f"{reverse('hazards:nowcast')}?place={code}"
    tone = cast("facts.Tone", rules.COLOURS[highest])
    return [facts.Fact(_("自然灾害"), gettext(rules.LEVELS[highest]), tone, " · ".join(told) or (level.reasons or ("",))[0], url)]


facts.register(PAGE, "hazards", order=12, provider=hazard_facts, action="hazards.view", live=("hazards.signal", "hazards.grid"))
