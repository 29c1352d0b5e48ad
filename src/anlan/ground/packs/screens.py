"""What stands of sector packs on the page of an enterprise."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.desk import panels
from anlan.ground.packs import presenting
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.sources import law_day


def enterprise_panel(subject: Any, request: HttpRequest) -> dict[str, Any]:
    """The packs of the enterprise whose page is shown, with its answers."""
    actor = cast("Actor", request.actor)  # type: ignore[attr-defined]
    day = law_day(clock.now())
    may = actor.may("packs.fill", place_code=subject.place_code, enterprise_id=subject.pk, classification=subject.classification)
    others = presenting.not_applied(subject.pk, day) if may else []
    return {"packs": presenting.of_enterprise(subject.pk, day), "may_fill": may, "others": others}


panels.register(
    "enterprises.detail",
    "sector-facts",
    label=_("行业信息"),
    order=72,
    template="packs/_enterprise.html",
    provider=enterprise_panel,
    action="packs.view",
    shape="folded",
)
