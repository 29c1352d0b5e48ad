"""What this room hears of itself: whatever was seen on a camera is told to the room of alarms on the stream.

A hearer runs after commit, again and again until it succeeds; the message carries its own name, so that telling it twice is harmless.
"""

from __future__ import annotations

import asyncio

from django.conf import settings
from django.urls import reverse

from anlan.desk.notifications import notify
from anlan.ground.people import door as people
from anlan.kernel.words import N_
from anlan.ledger import broker
from anlan.sense.video import queries, rules
from anlan.sense.video.door import VideoEventSeen
from anlan.sense.video.models import VideoEvent
from anlan.wire import happenings
from anlan.wire.happenings import Happening

ATTEMPT_SECONDS = 10.0
"""So long one attempt waits for the stream; then the job fails and is tried again."""


def tell_alarms(event: VideoEventSeen) -> None:
    """Publish the happening, or, for a camera of no enterprise, tell the duty officers of its county themselves. Raises ``TimeoutError``."""
    found = queries.one_event(event.subject_id, None)
    happening = happening_of(found)
    if happening is None:
        _tell_duty(found, event)
        return
    asyncio.run(_in_time(happening))


def happening_of(event: VideoEvent) -> Happening | None:
    """The event as the room of alarms takes it; ``None`` while the camera is no device of an enterprise."""
    device = event.camera.device
    if device is None or device.credential is None:
        return None
    label = rules.kind_label(event.kind)
    values = {"confidence": event.confidence} if event.confidence is not None else {}
    return Happening(
        credential=device.credential.username,
        device=device.code,
        kind=event.kind,
        part=event.camera.platform.code if event.kind == rules.PLATFORM_OFFLINE else "",
        text=event.text if label in event.text else f"{label} {event.text}".strip(),
        time_ms=round(event.occurred_at.timestamp() * 1000),
        active=not event.ended,
        late=event.late,
        exercise=event.exercise,
        values=values,
        exhibits=(event.picture_sha256,) if event.picture_sha256 else (),
    )


async def _in_time(happening: Happening) -> None:
    """A job must not wait for a stream that is away: its first connection would be tried for ever."""
    await asyncio.wait_for(_publish(happening), ATTEMPT_SECONDS)


async def _publish(happening: Happening) -> None:
    stop = asyncio.Event()
    nc = await broker.connect(settings.ANLAN["NATS_URL"], stop, name="video events")
    try:
        await broker.publish(nc.jetstream(), stop, happenings.SUBJECT, happenings.encode(happening), message_id=happening.message_id)
    finally:
        await nc.close()


def _tell_duty(event: VideoEvent, told: VideoEventSeen) -> None:
    if event.ended:
        return
    county = event.place_code[:6]
    officers = {holder.account_id for kind in ("duty_officer", "duty_leader") for holder in people.holders_of(kind, county, now=told.at)}
    for account_id in officers:
        notify(
            account_id,
            event=told.kind,
            once=f"video.event_seen:{event.pk}",
            sentence=N_("视频事件：{camera}（未归属企业）{what}，请查看。"),
            facts={"camera": event.camera.name, "what": rules.kind_label(event.kind)},
            url=reverse("video:camera", args=[event.camera_id]),
            tone="orange",
            exercise=event.exercise,
            now=told.at,
        )
