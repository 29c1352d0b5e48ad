"""What leaves this node: feeds of published messages, and the very bytes of one."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_GET

from anlan.desk.guard import public, requires
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.warn.bulletins import queries
from anlan.warn.bulletins.models import Bulletin
from anlan.wire import cap


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _feed(request: HttpRequest, bulletins: list[Bulletin], *, title: str, address: str) -> HttpResponse:
    newest = max((b.published_at for b in bulletins if b.published_at), default=None)
    entries = [
        cap.FeedEntry(
            alert=cap.decode(bytes(b.message)),
            href=request.build_absolute_uri(reverse("bulletins:message", args=[b.identifier])),
            updated=cast("Any", b.published_at),
        )
        for b in bulletins
        if b.message
    ]
    etag = f'"{bulletins[0].message_digest[:32] if bulletins else "empty"}-{len(bulletins)}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304)
    href = request.build_absolute_uri(reverse(address))
    body = cap.encode_feed(feed_id=href, title=title, href=href, author="Anlan", updated=newest or clock.now(), entries=entries)
    response = HttpResponse(body, content_type="application/atom+xml; charset=utf-8")
    response["ETag"] = etag
    if newest is not None:
        response["Last-Modified"] = http_date(newest.timestamp())
    return response


@public
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """The public Atom feed of real warnings. Exercises never appear here."""
    return _feed(request, list(queries.public_messages()), title="安澜预警 Anlan warnings", address="bulletins:feed")


@requires("bulletins.view")
@require_GET
def exercise_feed(request: HttpRequest) -> HttpResponse:
    """The feed of exercise warnings, for those who may see them."""
    messages = list(queries.exercise_messages(_actor(request)))
    return _feed(request, messages, title="安澜演练预警 Anlan exercise warnings", address="bulletins:exercise_feed")


@public
@require_GET
def message(request: HttpRequest, identifier: str) -> HttpResponse:
    """The very bytes of one published message. An exercise is shown only to those who may see it."""
    bulletin = Bulletin.objects.filter(identifier=identifier, published_at__isnull=False).first()
    if bulletin is not None and bulletin.exercise:
        actor = getattr(request, "actor", None)
        bulletin = queries.seen_by(actor).filter(pk=bulletin.pk).first() if actor else None
    if bulletin is None or not bulletin.message:
        raise NotFound(what=identifier)
    response = HttpResponse(bytes(bulletin.message), content_type="application/cap+xml; charset=utf-8")
    response["ETag"] = f'"{bulletin.message_digest}"'
    return response
