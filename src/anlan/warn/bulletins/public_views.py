"""What leaves this node: feeds of published messages, and the very bytes of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_GET

from anlan.desk.guard import public, requires
from anlan.kernel import clock
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import NotFound
from anlan.warn.bulletins import attaching, queries, signing
from anlan.warn.bulletins.models import Bulletin
from anlan.wire import cap, cap_cn


def _actor(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def _entries(request: HttpRequest, bulletins: list[Bulletin]) -> list[cap.FeedEntry]:
    return [
        cap.FeedEntry(
            alert=cap.decode(bytes(b.message)),
            href=request.build_absolute_uri(reverse("bulletins:message", args=[b.identifier])),
            updated=cast("Any", b.published_at),
        )
        for b in bulletins
        if b.message
    ]


def _feed(
    request: HttpRequest, bulletins: list[Bulletin], media_type: str, encode: Callable[[datetime, list[cap.FeedEntry]], bytes]
) -> HttpResponse:
    newest = max((b.published_at for b in bulletins if b.published_at), default=None)
    etag = f'"{bulletins[0].message_digest[:32] if bulletins else "empty"}-{len(bulletins)}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304)
    response = HttpResponse(encode(newest or clock.now(), _entries(request, bulletins)), content_type=f"{media_type}; charset=utf-8")
    response["ETag"] = etag
    if newest is not None:
        response["Last-Modified"] = http_date(newest.timestamp())
    return response


def _atom(request: HttpRequest, bulletins: list[Bulletin], title: str, address: str) -> HttpResponse:
    href = request.build_absolute_uri(reverse(address))

    def encode(updated: datetime, entries: list[cap.FeedEntry]) -> bytes:
        return cap.encode_feed(feed_id=href, title=title, href=href, author="Anlan", updated=updated, entries=entries)

    return _feed(request, bulletins, "application/atom+xml", encode)


@public
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """The public Atom feed of real warnings. Exercises never appear here."""
    return _atom(request, list(queries.public_messages()), "安澜预警 Anlan warnings", "bulletins:feed")


@public
@require_GET
def rss(request: HttpRequest) -> HttpResponse:
    """The same as RSS 2.0, for readers that know no Atom."""
    href = request.build_absolute_uri(reverse("bulletins:rss"))

    def encode(updated: datetime, entries: list[cap.FeedEntry]) -> bytes:
        return cap.encode_rss(
            title="安澜预警 Anlan warnings",
            description="真实预警，不含演练。Real warnings, no exercises.",
            href=href,
            page=request.build_absolute_uri("/"),
            language="zh-CN",
            updated=updated,
            entries=entries,
        )

    return _feed(request, list(queries.public_messages()), "application/rss+xml", encode)


@requires("bulletins.view")
@require_GET
def exercise_feed(request: HttpRequest) -> HttpResponse:
    """The feed of exercise warnings, for those who may see them."""
    messages = list(queries.exercise_messages(_actor(request)))
    return _atom(request, messages, "安澜演练预警 Anlan exercise warnings", "bulletins:exercise_feed")


def _published(request: HttpRequest, identifier: str) -> Bulletin:
    """One published message. An exercise is shown only to those who may see it. Raises ``NotFound``."""
    bulletin = Bulletin.objects.filter(identifier=identifier, published_at__isnull=False).first()
    if bulletin is not None and bulletin.exercise:
        actor = getattr(request, "actor", None)
        bulletin = queries.seen_by(actor).filter(pk=bulletin.pk).first() if actor else None
    if bulletin is None or not bulletin.message:
        raise NotFound(what=identifier)
    return bulletin


@public
@require_GET
def message(request: HttpRequest, identifier: str) -> HttpResponse:
    """The very bytes of one published message."""
    bulletin = _published(request, identifier)
    response = HttpResponse(bytes(bulletin.message or b""), content_type="application/cap+xml; charset=utf-8")
    response["ETag"] = f'"{bulletin.message_digest}"'
    return response


@public
@require_GET
def chinese_message(request: HttpRequest, identifier: str) -> HttpResponse:
    """The same message in the form of China's release platforms (12379)."""
    bulletin = _published(request, identifier)
    warning = cap_cn.from_cap(cap.decode(bytes(bulletin.message or b"")), event_code=bulletin.event_code)
    return HttpResponse(cap_cn.encode(warning), content_type="application/xml; charset=utf-8")


@public
@require_GET
def attachment(request: HttpRequest, identifier: str, exhibit_id: UUID) -> FileResponse:
    """A file that went out with a published message; the page or browser saves it, nothing of it is run."""
    found = attaching.open_published(_published(request, identifier), exhibit_id, system_actor("bulletins"))
    if found is None:
        raise NotFound(what=str(exhibit_id))
    row, stream = found
    return FileResponse(stream, as_attachment=True, filename=row["name"], content_type=row["media_type"])


@public
@require_GET
def certificate(request: HttpRequest) -> HttpResponse:
    """The certificates by which this node's warnings are verified, PEM, the one in use first."""
    response = HttpResponse(signing.certificates(clock.now()), content_type="application/x-pem-file")
    response["Content-Disposition"] = 'attachment; filename="anlan-warnings.pem"'
    return response
