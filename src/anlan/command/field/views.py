"""The page of terminals that were turned away."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from anlan.command.field import queries, rules
from anlan.desk.guard import ActorRequest, requires
from anlan.kernel import clock
from anlan.kernel.words import N_

REASONS: dict[str, str] = {
    rules.NotEnrolled.code: N_("没有登记，或已停用"),
    rules.WrongCallsign.code: N_("呼号与登记的不一致"),
    rules.WrongCertificate.code: N_("没有出示登记的证书"),
}


@requires("field.enrol")
@require_GET
def strangers(request: ActorRequest) -> HttpResponse:
    """Who knocked and was not let in, the newest first."""
    rows = [(row, gettext(REASONS.get(row.reason, row.reason))) for row in queries.strangers()]
    return render(request, "field/strangers.html", {"rows": rows, "data_time": clock.now()})
