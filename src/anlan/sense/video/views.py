"""Pages of cameras: the camera, its newest picture, and parts of other rooms' pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.desk.guard import ActorRequest, requires
from anlan.ground.evidence import door as evidence
from anlan.ground.places import door as places
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.sense.video import playing, queries, rules, wording
from anlan.sense.video.models import Camera, Platform, VideoEvent

EVENTS_SHOWN = 20
PANEL_CAMERAS = 12


@requires("video.view")
@require_GET
def camera_page(request: ActorRequest, camera_id: UUID) -> HttpResponse:
    """One camera: its state, newest picture, where to watch it live and recorded, what was seen on it."""
    actor = cast(Actor, request.actor)
    camera = queries.one_camera(camera_id, actor)
    now = clock.now()
    begin, minutes = _wanted(request)
    live = playing.live(camera)
    recorded = playing.recorded(camera, begin, begin + timedelta(minutes=minutes)) if begin is not None else None
    may_manage = actor.may(
        "video.manage", place_code=camera.place_code, enterprise_id=camera.enterprise_id, classification=camera.classification
    )
    context = {
        "camera": camera,
        "tone": wording.LINE_TONES[camera.line],
        "since": wording.since(camera.line_since, now),
        "place": places.full_name(camera.place_code),
        "owner_url": reverse("enterprises:file", args=[camera.enterprise_id]) if camera.enterprise_id else "",
        "source_url": reverse("risksources:file", args=[camera.risk_source_id]) if camera.risk_source_id else "",
        "device_url": reverse("devices:device", args=[camera.device_id]) if camera.device_id else "",
        "code_facts": wording.code_facts(camera.code),
        "live": live,
        "recorded": recorded,
        "has_playback": bool(camera.platform.playback_template),
        "begin": begin,
        "minutes": minutes,
        "longest": playing.LONGEST_MINUTES,
        "events": event_rows(list(queries.events_of(camera, actor)[:EVENTS_SHOWN]), actor),
        "may_manage": may_manage,
        "may_platform": actor.may("video.manage", place_code=camera.platform.place_code, enterprise_id=camera.platform.enterprise_id),
        "change_url": reverse("desk:cameras-change", args=[camera.pk]),
        "platform_url": reverse("desk:videoplatforms-detail", args=[camera.platform_id]),
        "list_url": reverse("desk:cameras-list"),
        "now": now,
    }
    answer = render(request, "video/camera.html", context)
    origins = sorted({link.origin for link in (live, recorded) if link is not None and link.player})
    if origins:
        # Only the gateway that this camera's platform names may be asked for media, and only by this page.
        answer._csp_update = {"media-src": ["'self'", "blob:", *origins]}  # type: ignore[attr-defined]
    return answer


def _wanted(request: ActorRequest) -> tuple[datetime | None, int]:
    """The stretch of recording asked for: ``?at=2026-11-25T08:00&minutes=10``, in the node's time."""
    told = request.GET.get("minutes", "10")
    minutes = min(max(int(told), 1), playing.LONGEST_MINUTES) if told.isascii() and told.isdigit() and len(told) < 6 else 10
    try:
        begin = parse_datetime(request.GET.get("at", "")[:25])
    except ValueError:
        return None, minutes
    if begin is not None and timezone.is_naive(begin):
        begin = timezone.make_aware(begin)
    return begin, minutes


@requires("video.view")
@require_GET
def picture(request: ActorRequest, camera_id: UUID) -> HttpResponse:
    """The newest picture of a camera. Raises ``NotFound`` where there is none or the camera may not be seen."""
    found = queries.snapshot_of(camera_id, cast(Actor, request.actor))
    tag = f'"{found.sha256[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304)
    answer = HttpResponse(bytes(found.data), content_type=found.media_type)
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'"
    return answer


def event_rows(found: list[VideoEvent], actor: Actor) -> list[dict[str, Any]]:
    """Events with their kind in words and their picture, as far as ``actor`` may see evidence."""
    rows = []
    may = actor.may_somewhere("evidence.view")
    for event in found:
        kept = evidence.list_for("video.videoevent", event.pk, actor) if may and event.exhibit_id is not None else ()
        rows.append(
            {
                "event": event,
                "label": wording.kind_label(event.kind),
                "confidence": f"{event.confidence:.0%}" if event.confidence is not None else "",
                "picture": reverse("evidence:file", args=[kept[0].id]) if kept else "",
            }
        )
    return rows


def tiles(cameras: list[Camera], now: datetime) -> list[dict[str, Any]]:
    """Cameras as tiles: state, newest picture, where."""
    return [
        {
            "camera": camera,
            "tone": wording.LINE_TONES[camera.line],
            "since": wording.since(camera.line_since, now) if camera.line != rules.ONLINE else "",
            "picture": f"{reverse('video:picture', args=[camera.pk])}?at={camera.pictured_at.timestamp():.0f}"
            if camera.pictured_at
            else "",
            "stale": camera.pictured_at is not None and camera.line != rules.ONLINE,
        }
        for camera in cameras
    ]


def enterprise_panel(subject: Any, request: Any) -> dict[str, Any] | None:
    """Cameras of an enterprise, for its file page."""
    actor = cast(Actor, request.actor)
    found = queries.cameras_of(subject.pk, actor)
    shown, count = list(found[:PANEL_CAMERAS]), found.count()
    online = found.filter(line=rules.ONLINE).count()
    told = _("共 %(count)s 台摄像机，在线 %(online)s 台。") % {"count": count, "online": online}
    return {
        "brief": told if count else _("还没有接入摄像机。"),
        "tiles": tiles(shown, clock.now()),
        "count": count,
        "online": online,
        "wall_url": f"{reverse('video:wall')}?enterprise={subject.pk}",
        "may_manage": actor.may("video.manage", place_code=subject.place_code, enterprise_id=subject.pk),
        "new_url": f"{reverse('desk:videoplatforms-create')}?uscc={subject.uscc}",
    }


def device_panel(subject: Any, request: Any) -> dict[str, Any] | None:
    """The camera that a device is, for the device's page; nothing for other devices."""
    found = queries.all_cameras(cast(Actor, request.actor)).filter(device_id=subject.pk).first()
    return None if found is None else {"tiles": tiles([found], clock.now())}


def alarm_panel(subject: Any, request: Any) -> dict[str, Any] | None:
    """The camera behind an alarm with what it saw, for the alarm's page; nothing for alarms of other devices."""
    actor = cast(Actor, request.actor)
    camera = queries.all_cameras(actor).filter(device_id=subject.device_id).first()
    if camera is None:
        return None
    found = queries.events_of(camera, actor).filter(Q(picture_sha256__in=subject.exhibits or ["-"]) | Q(occurred_at=subject.raised_at))
    return {"tiles": tiles([camera], clock.now()), "events": event_rows(list(found[:EVENTS_SHOWN]), actor)}


def connecting(record: Any, _request: Any) -> dict[str, Any]:
    """What is typed into equipment so that it registers here."""
    platform = cast(Platform, record)
    return {"platform": platform, "sip": playing.sip_facts(), "tone": wording.LINE_TONES[platform.line], "now": clock.now()}
