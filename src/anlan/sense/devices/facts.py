"""What this room tells at the head of an enterprise's page."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.desk import facts
from anlan.kernel.access import Actor
from anlan.sense.devices import queries


def enterprise_facts(subject: Any, request: HttpRequest) -> list[facts.Fact]:
    """How many points in use send nothing; says so where the store of readings does not answer. Nothing where there is no point."""
    count = queries.online_counts(cast("Actor", request.actor), subject.pk)  # type: ignore[attr-defined]
    if not count.points:
        return []
    url = f"{reverse('monitor:points')}?enterprise={subject.pk}"
    if not count.known:
        return [facts.Fact(_("离线测点"), _("不明"), "orange", _("读数库没有应答"), url)]
    off = count.points - count.online
    note = gettext("共 %(n)d 个测点") % {"n": count.points}
    return [facts.Fact(_("离线测点"), str(off), "orange" if off else "green", note, url)]


facts.register("enterprises.detail", "devices", order=50, provider=enterprise_facts, action="devices.view")
