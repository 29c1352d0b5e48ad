"""Who acts in a request: found from the browser's session on every request, so that a lock or a withdrawn post is felt at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from anlan.desk.guard import PUBLIC, guard_of
from anlan.ground.people import queries, services
from anlan.kernel import clock

WHY_COOKIE = "anlan_signed_out"
"""Tells the sign-in page why the session ended; the code of a reason, nothing else."""

UNATTENDED = "X-Anlan-Unattended"
"""Header of requests that a page makes by itself: they keep no session alive."""

STEPS = {"password": "people:change_password", "factor": "people:factor", "post": "people:choose_post"}
_ALLOWED = {
    "password": {"people:change_password", "people:sign_out"},
    "factor": {"people:factor", "people:confirm_factor", "people:sign_out"},
    "post": {"people:choose_post", "people:sign_out", "people:profile", "people:change_password", "people:factor", "people:sessions"},
}


class ActorMiddleware:
    """Sets ``request.actor`` and ``request.standing`` (both ``None`` for anonymous visitors) and keeps the session's limits."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = clock.now()
        session_key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        found = queries.standing(session_key, now) if session_key else None
        request.actor = request.standing = None  # type: ignore[attr-defined]
        request.user = AnonymousUser()
        if isinstance(found, queries.Standing):
            request.actor, request.standing, request.user = found.actor, found, found.account  # type: ignore[attr-defined]
            if not request.headers.get(UNATTENDED) and not request.path.startswith("/live/"):
                services.touch(found.session_id, found.last_seen_at, now)
        elif found is not None:
            services.close_over(found, session_key, now)
        response = self.get_response(request)
        if isinstance(found, queries.Over):
            response.set_cookie(WHY_COOKIE, found.why, max_age=120, httponly=True, samesite="Lax")
            if settings.SESSION_COOKIE_NAME not in response.cookies:
                response.delete_cookie(settings.SESSION_COOKIE_NAME)
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        """Lead to the step that is owed first; the restricted actor could do nothing elsewhere anyway."""
        standing = getattr(request, "standing", None)
        if standing is None or not standing.owes or guard_of(view) == PUBLIC:
            return None
        step = standing.owes[0]
        if request.resolver_match is not None and request.resolver_match.view_name in _ALLOWED[step]:
            return None
        if request.path.startswith("/api/"):
            return None
        url = reverse(STEPS[step])
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=204)
            response["HX-Redirect"] = url
            return response
        return HttpResponseRedirect(url)
