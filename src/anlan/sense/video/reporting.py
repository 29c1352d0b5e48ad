"""What an analysis box sends: JSON with the picture in it, or a form with the picture beside it. Read, checked, entered one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
from django.utils import timezone

from anlan.kernel.access import Actor
from anlan.kernel.errors import Refusal
from anlan.sense.devices import door as devices
from anlan.sense.video import events, queries, rules
from anlan.sense.video.models import Camera

MOST_EVENTS = 50
"""Events in one request. Project default."""


class ToldEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event as a box writes it.

    ``camera``: code of the camera (20 digits); ``kind``: a code of ``event_kinds.csv``; ``time``: ISO 8601 with an offset, or ms since 1970
    UTC; ``id``: the box's own name for it; ``exercise``: counts only while one is announced for the camera's device; ``box``: left, top,
    width, height as parts of the picture; ``picture``: base64.
    """

    camera: str
    kind: str
    time: str | int
    id: str = ""
    text: str = ""
    confidence: float | None = None
    box: tuple[float, float, float, float] | None = None
    ended: bool = False
    exercise: bool = False
    picture: bytes | None = None


class ToldSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A picture without an event."""

    camera: str
    time: str | int
    picture: bytes | None = None


_events = msgspec.json.Decoder(ToldEvent | list[ToldEvent])
_snapshot = msgspec.json.Decoder(ToldSnapshot)


@dataclass(frozen=True)
class Outcome:
    """What became of one event: its id, whether it was known already, or why it was refused."""

    camera: str
    event: str = ""
    known: bool = False
    refusal: Refusal | None = None


def read_events(data: bytes) -> list[ToldEvent]:
    """The events in ``data``. Raises :class:`~anlan.sense.video.rules.MalformedEvent`."""
    try:
        found = _events.decode(data)
    except (msgspec.MsgspecError, RecursionError) as wrong:
        raise rules.MalformedEvent(reason=str(wrong)[:120]) from None
    several = found if isinstance(found, list) else [found]
    if not 1 <= len(several) <= MOST_EVENTS:
        raise rules.MalformedEvent(reason=f"{len(several)} ≠ 1–{MOST_EVENTS}")
    return several


def read_snapshot(data: bytes) -> ToldSnapshot:
    """The snapshot in ``data``. Raises :class:`~anlan.sense.video.rules.MalformedEvent`."""
    try:
        return _snapshot.decode(data)
    except (msgspec.MsgspecError, RecursionError) as wrong:
        raise rules.MalformedEvent(reason=str(wrong)[:120]) from None


def take_in(told: Sequence[ToldEvent], *, actor: Actor, now: datetime) -> list[Outcome]:
    """Enter each event by itself: a refused one does not lose the others. ``actor``: the box, bound to its enterprise."""
    assert actor.enterprise_id is not None
    cameras = queries.in_use_by_code({each.camera for each in told}, actor.enterprise_id)
    outcomes = []
    for each in told:
        try:
            camera = _camera(each.camera, cameras)
            event, fresh = events.enter(camera, _seen(each, camera, actor, now), actor=actor, now=now)
            outcomes.append(Outcome(each.camera, str(event.pk), not fresh))
        except Refusal as refusal:
            outcomes.append(Outcome(each.camera[:40], refusal=refusal))
    return outcomes


def take_in_snapshot(told: ToldSnapshot, *, actor: Actor, now: datetime) -> bool:
    """Keep a picture as the camera's newest; ``False`` for an older one. Raises the refusals of an event."""
    assert actor.enterprise_id is not None
    camera = _camera(told.camera, queries.in_use_by_code([told.camera], actor.enterprise_id))
    picture = events.picture_of(told.picture or b"", rules.figure("snapshot_limit", timezone.localdate(now)))
    return events.keep_snapshot(camera, picture, _moment(told.time, now))


def _camera(code: str, cameras: dict[str, Camera]) -> Camera:
    found = cameras.get(code)
    if found is None:
        raise rules.UnknownCamera(camera=code[:40])
    return found


def _seen(told: ToldEvent, camera: Camera, actor: Actor, now: datetime) -> events.Seen:
    kind = rules.event_kinds().get(told.kind)
    if kind is None or not kind.holds_on(timezone.localdate(now)):
        raise rules.UnknownEventKind(kind=told.kind[:40], known="、".join(sorted(rules.event_kinds())))
    if told.confidence is not None and not 0 <= told.confidence <= 1:
        raise rules.MalformedEvent(reason="confidence")
    if told.box is not None and not all(0 <= part <= 1 for part in told.box):
        raise rules.MalformedEvent(reason="box")
    at = _moment(told.time, now)
    if len(told.id) > 200:
        raise rules.MalformedEvent(reason="id")
    picture = events.picture_of(told.picture, rules.figure("picture_limit", timezone.localdate(now))) if told.picture else None
    key = sha256(f"{actor.name}|{told.camera}|{told.kind}|{told.id}|{told.ended}".encode()).hexdigest() if told.id else ""
    return events.Seen(
        f"video.{told.kind}",
        at,
        sender=actor.name,
        text=told.text,
        ended=told.ended,
        exercise=told.exercise and _exercised(camera, at),
        confidence=told.confidence,
        box=told.box,
        picture=picture,
        key=key,
    )


def _exercised(camera: Camera, at: datetime) -> bool:
    """Whether an exercise is announced for the device of a camera: a box's word alone makes none."""
    return camera.device_id is not None and devices.exercised(camera.device_id, at)


def _moment(told: str | int, now: datetime) -> datetime:
    """The time told. Raises :class:`~anlan.sense.video.rules.MalformedEvent`, :class:`~anlan.sense.video.rules.TimeNotPlausible`."""
    try:
        found = datetime.fromtimestamp(told / 1000, UTC) if isinstance(told, int) else datetime.fromisoformat(told)
    except (ValueError, OverflowError, OSError):
        raise rules.MalformedEvent(reason=f"time: {str(told)[:40]}") from None
    if found.tzinfo is None:
        raise rules.MalformedEvent(reason=f"time without an offset: {str(told)[:40]}")
    if not now - events.PAST <= found <= now + events.FUTURE:
        raise rules.TimeNotPlausible(time=str(told)[:40])
    return found
