"""Reads of video; every list that a person sees is scoped to what the person's post may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.scope import visible
from anlan.sense.video import rules
from anlan.sense.video.door import CameraSummary, LineCount
from anlan.sense.video.models import Camera, Platform, Snapshot, VideoEvent

VIEW = "video.view"


def platforms(actor: Actor | None) -> QuerySet[Platform]:
    """Platforms that ``actor`` may see; all of them for ``None``."""
    rows = Platform.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def one_platform(platform_id: UUID | str, actor: Actor | None) -> Platform:
    """The platform. Raises :class:`NotFound`."""
    found = platforms(actor).filter(pk=platform_id).first()
    if found is None:
        raise NotFound(what=str(platform_id))
    return found


def all_cameras(actor: Actor | None) -> QuerySet[Camera]:
    """Cameras that ``actor`` may see, those no longer used included."""
    rows = Camera.objects.all()
    return rows if actor is None else visible(rows, actor, VIEW)


def cameras(actor: Actor | None) -> QuerySet[Camera]:
    """Cameras in use that ``actor`` may see."""
    return all_cameras(actor).filter(state=rules.IN_USE, platform__state=rules.IN_USE)


def one_camera(camera_id: UUID | str, actor: Actor | None) -> Camera:
    """The camera. Raises :class:`NotFound`."""
    found = all_cameras(actor).select_related("platform", "enterprise", "risk_source").filter(pk=camera_id).first()
    if found is None:
        raise NotFound(what=str(camera_id))
    return found


def cameras_of(enterprise_id: UUID, actor: Actor | None) -> QuerySet[Camera]:
    """Cameras in use of an enterprise, by name."""
    return cameras(actor).filter(enterprise_id=enterprise_id).order_by("name_key", "id")


def summary(row: Camera) -> CameraSummary:
    """The camera as other rooms see it."""
    return CameraSummary(**{name: getattr(row, name) for name in CameraSummary.__dataclass_fields__})


def line_count(actor: Actor) -> LineCount:
    """Cameras in use and how many are on line."""
    found = cameras(actor).aggregate(every=Count("pk"), online=Count("pk", filter=Q(line=rules.ONLINE)))
    return LineCount(found["every"], found["online"])


def events_of(camera: Camera, actor: Actor) -> QuerySet[VideoEvent]:
    """What was seen on one camera, newest first."""
    return visible(VideoEvent.objects.filter(camera=camera), actor, VIEW)


def one_event(event_id: UUID | str, actor: Actor | None) -> VideoEvent:
    """The event. Raises :class:`NotFound`."""
    rows = VideoEvent.objects.select_related("camera")
    found = (rows if actor is None else visible(rows, actor, VIEW)).filter(pk=event_id).first()
    if found is None:
        raise NotFound(what=str(event_id))
    return found


def snapshot_of(camera_id: UUID, actor: Actor) -> Snapshot:
    """The newest picture of a camera. Raises :class:`NotFound`."""
    found = Snapshot.objects.filter(camera=one_camera(camera_id, actor)).first()
    if found is None:
        raise NotFound(what=str(camera_id))
    return found


@dataclass(frozen=True)
class Branch:
    """One enterprise (or what belongs to none) of one county in the directory, with its counts."""

    place_code: str
    enterprise_id: UUID | None
    cameras: int
    online: int


def directory(actor: Actor) -> dict[str, tuple[Branch, ...]]:
    """Cameras in use by county (6 digits) and enterprise, those without an enterprise last."""
    rows = (
        cameras(actor)
        .order_by()
        .values("place_code", "enterprise_id")
        .annotate(every=Count("pk"), online=Count("pk", filter=Q(line=rules.ONLINE)))
    )
    found: dict[str, dict[UUID | None, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for row in rows:
        counted = found[row["place_code"][:6]][row["enterprise_id"]]
        counted[0] += row["every"]
        counted[1] += row["online"]
    return {
        county: tuple(Branch(county, enterprise, *counted) for enterprise, counted in branches.items())
        for county, branches in sorted(found.items())
    }


def in_use_by_code(codes: Iterable[str], enterprise_id: UUID) -> dict[str, Camera]:
    """Cameras in use of an enterprise by their code."""
    rows = cameras(None).filter(code__in=set(codes), enterprise_id=enterprise_id)
    return {row.code: row for row in rows}
