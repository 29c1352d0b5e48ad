"""Pages of roads: the net in force with what is closed, one net, one closure."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import ActorRequest, requires
from anlan.ground.roads import queries, services
from anlan.kernel import clock
from anlan.kernel.access import Actor


@requires("roads.view")
@require_GET
def overview(request: ActorRequest) -> HttpResponse:
    """路网与封路: what the node reckons by, and what is closed now."""
    actor, now = cast(Actor, request.actor), clock.now()
    context = {"network": queries.in_force(now), "closures": list(queries.closed_at(now, actor)[:50])}
    return render(request, "roads/overview.html", context)


@requires("roads.view")
@require_GET
def network_page(request: ActorRequest, network_id: UUID) -> HttpResponse:
    """One net: where it came from, what is in it, what was wrong in its file."""
    actor = cast(Actor, request.actor)
    return render(request, "roads/network.html", {"network": queries.one_network(network_id, actor)})


@requires("roads.view")
@require_GET
def closure_page(request: ActorRequest, closure_id: UUID) -> HttpResponse:
    """One closure with what may be done about it."""
    actor = cast(Actor, request.actor)
    return render(request, "roads/closure.html", {"closure": queries.one_closure(closure_id, actor)})


@requires("roads.open")
@require_POST
def open_closure(request: ActorRequest, closure_id: UUID) -> HttpResponse:
    """Lift a closure."""
    actor = cast(Actor, request.actor)
    services.open_road(closure_id, reason=request.POST.get("reason", ""), actor=actor, now=clock.now())
    return HttpResponseRedirect(reverse("roads:closure", args=[closure_id]))


@requires("roads.enact")
@require_POST
def enact(request: ActorRequest, network_id: UUID) -> HttpResponse:
    """Put a net in force."""
    actor = cast(Actor, request.actor)
    services.enact(network_id, actor=actor, now=clock.now())
    return HttpResponseRedirect(reverse("roads:network", args=[network_id]))
