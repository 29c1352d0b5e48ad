"""Small views of the frame itself: home, icon, the alarm count of the bar."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from anlan.desk import navigation
from anlan.desk.guard import ActorRequest, public, signed_in

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="4" fill="#0b2f57"/>'
    '<path d="M4 9.500c2.700-3.600 5.300-3.600 8 0s5.300 3.600 8 0M4 15.500c2.700-3.600 5.300-3.600 8 0s5.300 3.600 8 0" '
    'fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>'
)


@signed_in
@require_GET
def home(request: ActorRequest) -> HttpResponse:
    """``/``: the first page of the actor's navigation; an actor without any sees why."""
    entries = navigation.entries(request.actor, "") if request.actor is not None else ()
    if entries:
        return HttpResponseRedirect(entries[0].url)
    return render(request, "desk/no_pages.html")


@public
@require_GET
@cache_control(max_age=86400, public=True)
def icon(request: HttpRequest) -> HttpResponse:
    """The browser tab's icon."""
    return HttpResponse(_ICON, content_type="image/svg+xml")


@signed_in
@require_GET
def bar_alarms(request: ActorRequest) -> HttpResponse:
    """Fragment: the number of unacknowledged alarms in the bar."""
    return render(request, "desk/_bar_alarms.html")
