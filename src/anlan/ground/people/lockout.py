"""Lock-out after failed sign-ins: django-axes counts, by the limits of the sign-in policy and on the node's own clock.

An account is locked for one address only: nobody can keep a duty officer out by typing his name elsewhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse

from anlan.ground.people import queries
from anlan.kernel import clock


def failure_limit(request: HttpRequest, credentials: dict[str, str] | None) -> int:
    """Failures until the lock-out (``AXES_FAILURE_LIMIT``)."""
    return queries.policy(clock.now()).lock_after_failures


def cool_off(request: HttpRequest | None = None) -> timedelta:
    """How long a lock-out lasts (``AXES_COOLOFF_TIME``)."""
    return queries.policy(clock.now()).lock_duration


def own_answer(request: HttpRequest, response: HttpResponse, credentials: dict[str, str] | None = None) -> HttpResponse:
    """The sign-in page answers a lock-out itself (``AXES_LOCKOUT_CALLABLE``)."""
    return response


def set_time(request: HttpRequest, now: datetime) -> None:
    """Let the counting go by ``now``. To be called before every attempt."""
    AxesProxyHandler.update_request(request)
    request.axes_attempt_time = now  # type: ignore[attr-defined]


def is_locked(request: HttpRequest, username: str) -> bool:
    """Whether attempts for ``username`` from this address are refused now."""
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def count_failure(request: HttpRequest, username: str) -> None:
    """Count a failed attempt that did not go through Django's ``authenticate`` (a wrong second factor)."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)


def locked_until(request: HttpRequest, username: str, now: datetime) -> datetime:
    """When the next attempt is allowed."""
    address = getattr(request, "axes_ip_address", None)
    last = AccessAttempt.objects.filter(username=username, ip_address=address).order_by("-attempt_time").first()
    return (last.attempt_time if last else now) + cool_off(request)
