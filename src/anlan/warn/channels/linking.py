"""Links to a call list for village staff without an account: random, kept as a digest, good for one telephone and until the message ends.

A link in a text message is read by whoever looks at links on the way. Opening it therefore takes a press of a button; the first who presses has
it, and the same link is dead everywhere else. Nothing but the calls of one place is behind it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings as django_settings
from django.db import transaction
from django.urls import reverse

from anlan.ground.audiences.door import Recipient
from anlan.kernel.access import Actor, Grant
from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.levels import level_of, prefix_of
from anlan.kernel.words import N_
from anlan.warn.channels import calling
from anlan.warn.channels.models import Call, CallLink, CallState, Message

LONGEST = timedelta(hours=12)
"""A link is good for so long at the most, and never longer than its message. Project default."""


class LinkDead(Refusal):
    code: ClassVar[str] = "channels.call_link_dead"
    sentence: ClassVar[str] = N_("链接无效、已过期，或该预警已经结束。如仍需叫应，请联系值班室。")
    status: ClassVar[int] = 404


class LinkTaken(Refusal):
    code: ClassVar[str] = "channels.call_link_taken"
    sentence: ClassVar[str] = N_("这个链接已在另一部手机上打开，只能在那部手机上使用。如非本人操作，请立即联系值班室。")
    status: ClassVar[int] = 403


def public_address() -> str:
    """Where the node is reached from outside (``ANLAN_PUBLIC_ADDRESS``, as ``https://warn.example.cn``); empty where nobody said, then no link is made."""
    told = os.environ.get("ANLAN_PUBLIC_ADDRESS", "").strip().rstrip("/")
    if not told and django_settings.ANLAN["DEMO"]:
        return f"http://localhost:{os.environ.get('ANLAN_PORT', '8000')}"
    return told


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def issue(message: Message, staff: Recipient, place_code: str, *, now: datetime) -> str:
    """A new link for one of the staff to the calls of ``place_code`` and below: its address, empty where the node does not know its own."""
    address = public_address()
    if not address:
        return ""
    token = secrets.token_urlsafe(16)
    CallLink.objects.create(
        message=message,
        recipient_id=staff.id,
        name=staff.name,
        place_code=place_code,
        token_digest=_digest(token),
        made_at=now,
        expires_at=min(message.expires, now + LONGEST),
    )
    return f"{address}{reverse('channels:call_link', args=[token])}"


def found(token: str, *, now: datetime) -> CallLink:
    """The link of a token. Raises :class:`LinkDead`, without saying whether there ever was one."""
    link = CallLink.objects.select_related("message").filter(token_digest=_digest(token), expires_at__gt=now).first()
    if link is None or link.message.state != Message.SENDING or link.message.expires <= now:
        raise LinkDead
    return link


def open_here(token: str, *, now: datetime) -> str:
    """Take the link for this browser; the secret that it keeps from now on. Raises :class:`LinkDead`, :class:`LinkTaken`."""
    browser = secrets.token_urlsafe(16)
    with transaction.atomic():
        link = CallLink.objects.select_for_update().get(pk=found(token, now=now).pk)
        if link.browser_digest:
            raise LinkTaken
        link.browser_digest, link.opened_at = _digest(browser), now
        link.save(update_fields=["browser_digest", "opened_at"])
    return browser


def opened(token: str, browser: str, *, now: datetime) -> CallLink | None:
    """The link, when this browser has it; ``None`` when nobody has it yet. Raises :class:`LinkDead`, :class:`LinkTaken`."""
    link = found(token, now=now)
    if not link.browser_digest:
        return None
    if not secrets.compare_digest(link.browser_digest, _digest(browser)):
        raise LinkTaken
    return link


def calls(link: CallLink, limit: int = 200) -> list[Call]:
    """Who waits to be called behind a link, hardest to move first."""
    rows = Call.objects.filter(message_id=link.message_id, state=CallState.WAITING, place_code__startswith=prefix_of(link.place_code))
    return list(rows.prefetch_related("attempts").order_by("-tier", "created_at", "name")[:limit])


def attempt(link: CallLink, call_id: UUID, *, outcome: str, now: datetime) -> Call:
    """Record an attempt by whoever has the link. Raises ``NotFound`` for a call that is not behind it, and what ``calling.attempt`` raises."""
    if not Call.objects.filter(pk=call_id, message_id=link.message_id, place_code__startswith=prefix_of(link.place_code)).exists():
        raise NotFound(what=str(call_id))
    return calling.attempt(call_id, outcome=outcome, actor=_holder(link), now=now)


def _holder(link: CallLink) -> Actor:
    """Who acts by a link: the recipient it was made for, allowed nothing but calling people of its place."""
    return Actor(
        account_id=link.recipient_id,
        name=link.name,
        post="call_link",
        level=level_of(link.place_code),
        place_code=link.place_code,
        grants=(Grant("channels.call", prefix_of(link.place_code)),),
        kind="link",
    )


def forget(recipient_id: UUID) -> int:
    """Links of a recipient that is erased go; how many."""
    return CallLink.objects.filter(recipient_id=recipient_id).delete()[0]
