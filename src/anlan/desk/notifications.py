"""Notifications in the page: said to an account by hearers of events, shown under the bell, live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from anlan.desk.guard import ActorRequest, signed_in
from anlan.desk.models import Notification
from anlan.desk.resource.importing.pages import Kept
from anlan.kernel import clock
from anlan.kernel.events import Event
from anlan.ledger.events import announce

SHOWN = 100
SHOWN_IN_BELL = 8


@dataclass(frozen=True, kw_only=True)
class NotificationSent(Event):
    """Somebody was told something. ``subject_id`` is the account; only its own streams hear it."""

    kind: ClassVar[str] = "notifications.sent"
    action: ClassVar[str] = "desk.view"
    personal: ClassVar[bool] = True


def notify(
    account_id: UUID,
    *,
    event: str,
    once: str,
    sentence: str,
    now: datetime,
    facts: dict[str, Any] | None = None,
    url: str = "",
    tone: str = "blue",
    exercise: bool = False,
) -> Notification | None:
    """Tell one account something. Call inside a transaction (a hearer's is one).

    ``sentence`` is Chinese source text with ``{facts}`` in it (marked with ``N_``); ``once`` names the occasion (the event kind and
    the subject's id), so that hearing an event twice tells nobody twice: the answer is then ``None``.
    """
    found, fresh = Notification.objects.get_or_create(
        account_id=account_id,
        once=once[:160],
        defaults={
            "event": event,
            "sentence": sentence,
            "facts": facts or {},
            "url": url,
            "tone": tone,
            "exercise": exercise,
            "created_at": now,
        },
    )
    if not fresh:
        return None
    announce(NotificationSent(subject_id=account_id, place_code="", at=now, exercise=exercise))
    return found


def unread_count(account_id: UUID) -> int:
    """How many notifications an account has not read."""
    return Notification.objects.filter(account_id=account_id, read_at__isnull=True).count()


@dataclass(frozen=True)
class Line:
    """A notification in the reader's language."""

    notification: Notification
    text: str


def lines(account_id: UUID, limit: int) -> list[Line]:
    """The newest notifications of an account."""
    return [Line(entry, Kept(entry.sentence, entry.facts).text) for entry in Notification.objects.filter(account_id=account_id)[:limit]]


@signed_in
@require_GET
def notifications_page(request: ActorRequest) -> HttpResponse:
    """The list; ``?count=1`` answers only the number for the bell, an htmx request the bell's body."""
    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    unread = unread_count(actor.account_id)
    if request.GET.get("count"):
        return render(request, "desk/_bell_count.html", {"unread": unread})
    bell = request.headers.get("HX-Target") == "bar-bell-body"
    context = {"lines": lines(actor.account_id, SHOWN_IN_BELL if bell else SHOWN), "unread": unread}
    return render(request, "desk/_bell.html" if bell else "desk/notifications.html", context)


@signed_in
@require_POST
def mark_read(request: ActorRequest) -> HttpResponse:
    """POST ``id`` (one) or nothing (all): mark as read; one leads on to what it is about."""
    actor = request.actor
    assert actor is not None  # the guard lets nobody else in
    mine = Notification.objects.filter(account_id=actor.account_id)
    chosen = request.POST.get("id", "")
    target = "/notifications/"
    if chosen:
        try:
            mine = mine.filter(pk=UUID(chosen))
        except ValueError:
            mine = mine.none()
        one = mine.first()
        target = one.url if one is not None and one.url.startswith("/") and not one.url.startswith("//") else target
    mine.filter(read_at__isnull=True).update(read_at=clock.now())
    return HttpResponseRedirect(target)
