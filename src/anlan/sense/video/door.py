"""What other rooms may ask about cameras, and what video announces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.ledger.sources import CHINA


@dataclass(frozen=True, kw_only=True)
class VideoChanged(Event):
    """A platform or its cameras were entered, changed, came on line or went off line; ``subject_id`` is the platform."""

    kind: ClassVar[str] = "video.changed"
    action: ClassVar[str] = "video.view"


@dataclass(frozen=True, kw_only=True)
class VideoEventSeen(Event):
    """Something was seen or told on a camera; ``subject_id`` is the event's id."""

    kind: ClassVar[str] = "video.event_seen"
    action: ClassVar[str] = "video.view"
    camera_id: UUID
    what: str


@dataclass(frozen=True)
class CameraSummary:
    """One camera. ``line``: online, offline or never; coordinates in degrees (CGCS2000), ``None`` when unknown."""

    id: UUID
    code: str
    name: str
    enterprise_id: UUID | None
    risk_source_id: UUID | None
    device_id: UUID | None
    place_code: str
    classification: int
    line: str
    line_since: datetime | None
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True)
class Still:
    """The newest picture of a camera: its bytes as the camera sent them, and when it was taken."""

    camera: CameraSummary
    data: bytes
    media_type: str
    taken_at: datetime

    @property
    def filename(self) -> str:
        """A name that says which camera and when, by the clock of China."""
        ending = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}[self.media_type]
        return f"{self.camera.code}-{self.taken_at.astimezone(CHINA):%Y%m%d-%H%M%S}.{ending}"


@dataclass(frozen=True)
class LineCount:
    """Cameras in use that somebody may see, and how many of them are on line."""

    cameras: int
    online: int


def camera(camera_id: UUID | str, actor: Actor | None = None) -> CameraSummary:
    """The camera, as far as ``actor`` may see it. Raises ``NotFound``."""
    from anlan.sense.video import queries

    return queries.summary(queries.one_camera(camera_id, actor))


def cameras_of(enterprise_id: UUID, actor: Actor | None = None) -> tuple[CameraSummary, ...]:
    """Cameras in use of an enterprise, by name."""
    from anlan.sense.video import queries

    return tuple(queries.summary(row) for row in queries.cameras_of(enterprise_id, actor))


def cameras_by_device(device_ids: Iterable[UUID], actor: Actor | None = None) -> dict[UUID, CameraSummary]:
    """Cameras by the device that they are in the registry of devices; devices that are no cameras are left out."""
    from anlan.sense.video import queries

    rows = queries.cameras(actor).filter(device_id__in=set(device_ids))
    return {row.device_id: queries.summary(row) for row in rows if row.device_id is not None}


def cameras_within(box: tuple[float, float, float, float], actor: Actor | None = None, *, limit: int = 200) -> tuple[CameraSummary, ...]:
    """Cameras in use whose point lies in ``box`` (west, south, east, north in degrees): who can look at a scene."""
    from anlan.sense.video import queries

    west, south, east, north = box
    rows = queries.cameras(actor).filter(longitude__range=(west, east), latitude__range=(south, north))
    return tuple(queries.summary(row) for row in rows[:limit])


def still(camera_id: UUID | str, actor: Actor) -> Still:
    """The newest picture of a camera that ``actor`` may see. Raises ``NotFound`` when there is no such camera, or no picture of it yet."""
    from anlan.sense.video import queries

    row = queries.one_camera(camera_id, actor)
    found = queries.snapshot_of(row.pk, actor)
    return Still(queries.summary(row), bytes(found.data), found.media_type, found.taken_at)


def line_count(actor: Actor) -> LineCount:
    """How many cameras ``actor`` may see and how many of them are on line."""
    from anlan.sense.video import queries

    return queries.line_count(actor)


def register_platform(*, actor: Actor, now: datetime, **values: object) -> UUID:
    """Register a platform; returns its id (see ``services.register_platform``)."""
    from anlan.sense.video import services

    return services.register_platform(actor=actor, now=now, **values).pk  # type: ignore[arg-type]
