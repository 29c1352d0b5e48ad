"""What was seen on a camera, from an analysis box or a platform: entered once, with its picture as evidence, and told to the room of alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO

from django.db import IntegrityError, transaction
from django.utils import timezone

from anlan.ground.evidence import door as evidence
from anlan.kernel.access import Actor, Classification
from anlan.ledger.changes import change
from anlan.sense.video import rules
from anlan.sense.video.door import VideoEventSeen
from anlan.sense.video.facts import Alarmed
from anlan.sense.video.models import Camera, Platform, Snapshot, VideoEvent
from anlan.wire.gb28181 import codes

_SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg", "jpg"), (b"\x89PNG\r\n\x1a\n", "image/png", "png"))
FUTURE, PAST = timedelta(minutes=5), timedelta(days=31)
"""Beyond these an event's time is a clock's fault, not an event. Project defaults, as for readings."""


@dataclass(frozen=True)
class Picture:
    """The bytes of a picture and what they are."""

    data: bytes
    media_type: str
    ending: str


@dataclass(frozen=True)
class Seen:
    """One event as somebody told it. ``key``: its name for ever; empty: made of sender, camera, kind, time and end."""

    kind: str
    at: datetime
    sender: str
    text: str = ""
    ended: bool = False
    exercise: bool = False
    confidence: float | None = None
    box: tuple[float, float, float, float] | None = None
    picture: Picture | None = None
    key: str = ""


def picture_of(data: bytes, limit: int) -> Picture:
    """``data`` as a picture. Raises :class:`~anlan.sense.video.rules.BadPicture`, :class:`~anlan.sense.video.rules.PictureTooLarge`."""
    if len(data) > limit:
        raise rules.PictureTooLarge(size=len(data), limit=limit)
    for signature, media_type, ending in _SIGNATURES:
        if data.startswith(signature):
            return Picture(data, media_type, ending)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Picture(data, "image/webp", "webp")
    raise rules.BadPicture(reason=data[:8].hex() or "-")


class _File(BytesIO):
    """Bytes with a name, as the evidence store takes them."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name: str | None = name


def enter(camera: Camera, seen: Seen, *, actor: Actor, now: datetime) -> tuple[VideoEvent, bool]:
    """Enter an event with its picture; returns it and whether it is new. Sent again it gives the event that is there.

    The room of alarms is told after commit, through the outbox, until the stream has confirmed it.
    """
    key = seen.key or _key(camera, seen)
    known = VideoEvent.objects.filter(key=key).first()
    if known is not None:
        return known, False
    event = VideoEvent(
        camera=camera,
        enterprise_id=camera.enterprise_id,
        place_code=camera.place_code,
        classification=camera.classification,
        kind=seen.kind,
        text=" ".join(seen.text.split())[:200],
        occurred_at=seen.at,
        received_at=now,
        ended=seen.ended,
        exercise=seen.exercise,
        late=(now - seen.at).total_seconds() > rules.figure("late_after", timezone.localdate(now)),
        confidence=seen.confidence,
        box=list(seen.box) if seen.box is not None else None,
        sender=seen.sender,
        key=key,
        created_at=now,
        updated_at=now,
    )
    try:
        with change(actor, "video.take_in", now=now, place_code=camera.place_code, enterprise_id=camera.enterprise_id) as gathered:
            _save(event, camera, seen.picture, actor, now)
            gathered.subject = event
            gathered.announce(
                VideoEventSeen(
                    subject_id=event.pk,
                    place_code=event.place_code,
                    enterprise_id=event.enterprise_id,
                    classification=Classification(event.classification),
                    at=now,
                    exercise=event.exercise,
                    camera_id=camera.pk,
                    what=event.kind,
                )
            )
    except IntegrityError:
        # The same event was sent twice at the same moment.
        return VideoEvent.objects.get(key=key), False
    return event, True


def _save(event: VideoEvent, camera: Camera, picture: Picture | None, actor: Actor, now: datetime) -> None:
    with transaction.atomic():
        event.save(force_insert=True)
    if picture is None:
        return
    name = f"{camera.code}-{timezone.localtime(event.occurred_at):%Y%m%d-%H%M%S}.{picture.ending}"
    kept = evidence.attach(
        event,
        _File(picture.data, name),
        actor=actor,
        now=now,
        caption=f"{camera.name} {rules.kind_label(event.kind)}",
        origin="device",
        device=camera.code,
        taken_at=event.occurred_at,
    )
    event.exhibit_id, event.picture_sha256 = kept.id, kept.sha256
    event.save(update_fields=["exhibit_id", "picture_sha256"])


def _key(camera: Camera, seen: Seen) -> str:
    told = f"{seen.sender}|{camera.code}|{seen.kind}|{seen.at.timestamp():.3f}|{seen.ended}"
    return sha256(told.encode()).hexdigest()


def keep_snapshot(camera: Camera, picture: Picture, taken_at: datetime) -> bool:
    """Put a picture in the place of the camera's last one; ``False`` for one that is older than it."""
    with transaction.atomic():
        held = Snapshot.objects.select_for_update().filter(camera=camera).first()
        if held is not None and held.taken_at >= taken_at:
            return False
        values = {
            "data": picture.data,
            "media_type": picture.media_type,
            "sha256": sha256(picture.data).hexdigest(),
            "taken_at": taken_at,
        }
        Snapshot.objects.update_or_create(camera=camera, defaults=values)
        Camera.objects.filter(pk=camera.pk).update(pictured_at=taken_at)
    return True


def take_in_alarm(platform: Platform, fact: Alarmed, *, actor: Actor, now: datetime) -> VideoEvent | None:
    """Enter an alarm that a platform told; of a channel that nobody knows it is told of the platform's first camera, in its own words.

    ``None`` when the platform has no camera at all.
    """
    word, name = codes.alarm_kind(fact.alarm.method, fact.alarm.kind)
    cameras = platform.cameras.select_related("platform")
    camera = cameras.filter(code=fact.device).first() or cameras.order_by("code").first()
    if camera is None:
        return None
    told_ms = fact.alarm.time_ms if fact.alarm.time_ms is not None else fact.at_ms
    at = datetime.fromtimestamp(told_ms / 1000, now.tzinfo)
    if not now - PAST <= at <= now + FUTURE:
        # A clock that is wrong must not silence an alarm: it counts from when it came.
        at = datetime.fromtimestamp(fact.at_ms / 1000, now.tzinfo)
    words = " ".join(part for part in (name, fact.alarm.description, "" if camera.code == fact.device else fact.device) if part)
    seen = Seen(f"gb28181.{word}", at, sender=platform.code, text=words, key=_alarm_key(fact, at))
    return enter(camera, seen, actor=actor, now=now)[0]


def _alarm_key(fact: Alarmed, at: datetime) -> str:
    told = f"{fact.code}|{fact.device}|{fact.alarm.method}|{fact.alarm.kind}|{fact.alarm.event}|{at.timestamp():.3f}"
    return sha256(told.encode()).hexdigest()
