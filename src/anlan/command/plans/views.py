"""The page of one plan."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from anlan.command.plans import queries, rules, services
from anlan.desk.guard import requires
from anlan.desk.refusals import sentence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, Refusal
from anlan.ledger.flows import available_moves
from anlan.report.filings import door as filings


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


@requires("plans.view")
@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One plan: when it is started, who decides, who does what until when."""
    plan = queries.plan(pk, _actor(request))
    roles = {role.code: role for role in plan.roles.all()}
    context = {
        "plan": plan,
        "levels": queries.summary(plan).levels,
        "roles": roles.values(),
        "actions": [(action, roles[action.role_code]) for action in plan.actions.all()],
        "kind_name": filings.kind_name(plan.kind),
        "place_name": places.place_name(plan.place_code),
        "plan_type": _(rules.PLAN_TYPES[plan.plan_type]),
        "moves": available_moves(plan, _actor(request)),
    }
    return render(request, "plans/detail.html", context)


@requires("plans.issue")
@require_POST
def move(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """Issue or retire a plan."""
    actor, now = _actor(request), clock.now()
    plan = queries.plan(pk, actor)
    try:
        if code == "issue":
            services.issue(plan, actor=actor, now=now)
        elif code == "retire":
            services.retire(plan, request.POST.get("reason", ""), actor=actor, now=now)
        else:
            raise NotFound(what=code)
    except Refusal as refusal:
        messages.error(request, sentence(refusal))
    return redirect("plans:detail", pk)
