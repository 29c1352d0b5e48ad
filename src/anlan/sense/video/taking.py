"""Enters what the signalling server learned into the tables, a batch in one transaction, and tells of cameras that stay dark.

Signs of life and states of lines are no decisions of a person: they are written without an audit entry each. New cameras, and the happenings
that follow from a line, are told like every other change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from anlan.ground.places import door as places
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Refusal
from anlan.kernel.geo import Point, in_china
from anlan.kernel.levels import covers, prefix_of
from anlan.ledger.changes import change
from anlan.ledger.events import announce
from anlan.sense.video import events, rules, services
from anlan.sense.video.facts import Alarmed, Described, Fact, Heard, LineDown, LineUp, Listed, Moved
from anlan.sense.video.models import Camera, Platform
from anlan.wire.gb28181 import codes
from anlan.wire.gb28181.contents import CatalogItem, Config, DeviceInfo

log = structlog.get_logger()

ACTOR = system_actor("video signalling")
_NO_CAMERAS = frozenset(row.code for row in codes.rows() if row.table == "type") - set(codes.CAMERA_TYPES)
_GONE = frozenset({"OFF", "VLOST", "DEFECT", "DEL"})


def moment(ms: int) -> datetime:
    """An aware moment of ms since 1970 UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def take_in(facts: Sequence[Fact], now: datetime) -> None:
    """Enter a batch in order, all or nothing; entering it twice changes nothing more."""
    with transaction.atomic():
        found = Platform.objects.select_for_update().filter(code__in={fact.code for fact in facts}).order_by("code")
        platforms = {row.code: row for row in found}
        touched: set[str] = set()
        for fact in facts:
            platform = platforms.get(fact.code)
            if platform is not None and _enter(platform, fact, now):
                touched.add(fact.code)
        for platform in platforms.values():
            platform.save(update_fields=_LINE_FIELDS)
        for code in sorted(touched):
            announce(services.changed(platforms[code], now))


_LINE_FIELDS = [
    "line", "line_since", "heard_at", "address", "registered_until", "manufacturer", "model_number", "firmware", "heartbeat_s",
    "heartbeat_count", "catalog_at", "offline_told_at",
]  # fmt: skip


def _enter(platform: Platform, fact: Fact, now: datetime) -> bool:
    """Whether the fact changed what pages show."""
    match fact:
        case Heard():
            platform.heard_at = moment(fact.at_ms)
            return False
        case LineUp():
            return _up(platform, fact)
        case LineDown():
            return _down(platform, fact)
        case Listed():
            return _listed(platform, fact, now)
        case Described(described=described):
            _describe(platform, described)
            return False
        case Moved():
            return _moved(platform, fact)
        case Alarmed():
            events.take_in_alarm(platform, fact, actor=ACTOR, now=now)
            return True


def _up(platform: Platform, fact: LineUp) -> bool:
    at = moment(fact.at_ms)
    fresh = platform.line != rules.ONLINE
    platform.heard_at, platform.address, platform.registered_until = at, fact.address, moment(fact.until_ms)
    if fresh:
        platform.line, platform.line_since = rules.ONLINE, at
        _end_offline_platform(platform, at)
    return fresh


def _down(platform: Platform, fact: LineDown) -> bool:
    at = moment(fact.at_ms)
    platform.registered_until = None
    if platform.line != rules.ONLINE:
        return False
    platform.line, platform.line_since = rules.OFFLINE, at
    # Nobody can see through them now; each goes back to what the next catalogue says.
    platform.cameras.filter(line=rules.ONLINE).update(line=rules.OFFLINE, line_since=at)
    log.info("video platform off line", platform=platform.code, reason=fact.reason)
    return True


def _describe(platform: Platform, described: DeviceInfo | Config) -> None:
    if isinstance(described, Config):
        if described.interval_s and 1 <= described.interval_s <= 3600:
            platform.heartbeat_s = described.interval_s
        if described.count and 1 <= described.count <= 100:
            platform.heartbeat_count = described.count
        return
    platform.manufacturer = described.manufacturer or platform.manufacturer
    platform.model_number = described.model or platform.model_number
    platform.firmware = described.firmware or platform.firmware


def is_camera(item: CatalogItem) -> bool:
    """Whether a catalogue's entry is a camera: by the type in its code; where that type is none of the standard's, when it has no children."""
    if not codes.is_code(item.device):
        return False
    kind = codes.decode_code(item.device).type
    return kind in codes.CAMERA_TYPES or (kind not in _NO_CAMERAS and item.parental != 1)


def _listed(platform: Platform, fact: Listed, now: datetime) -> bool:
    at = moment(fact.at_ms)
    items = {item.device: item for item in fact.items if is_camera(item)}
    known = {row.code: row for row in platform.cameras.filter(code__in=items)} if items else {}
    for code, item in items.items():
        camera = known.get(code)
        if camera is None:
            if item.event not in _GONE:
                _add(platform, item, at, now)
        else:
            _renew(camera, item, at)
    if fact.complete:
        platform.catalog_at = at
        platform.cameras.exclude(code__in=items).filter(line=rules.ONLINE).update(line=rules.OFFLINE, line_since=at)
    return bool(items) or fact.complete


def _line_of(item: CatalogItem) -> str:
    if item.event in _GONE or item.status == "OFF":
        return rules.OFFLINE
    if item.event in {"ON", "ADD"} or item.status == "ON":
        return rules.ONLINE
    return ""


def _add(platform: Platform, item: CatalogItem, at: datetime, now: datetime) -> None:
    camera = Camera(
        platform=platform,
        code=item.device,
        enterprise_id=platform.enterprise_id,
        place_code=place_for(item, platform),
        classification=platform.classification,
        name=item.name or item.device,
        created_at=now,
        updated_at=now,
    )
    camera.line, camera.line_since = _line_of(item) or rules.OFFLINE, at
    _facts(camera, item, at)
    with change(ACTOR, "video.take_in", now=now, place_code=camera.place_code, enterprise_id=camera.enterprise_id) as gathered:
        services.mirror(camera, actor=ACTOR, now=now)
        camera.save(force_insert=True)
        gathered.subject = camera


def _renew(camera: Camera, item: CatalogItem, at: datetime) -> None:
    if item.name and not camera.named_here:
        camera.name = item.name
    line = _line_of(item)
    if line and line != camera.line:
        camera.line, camera.line_since = line, at
        if line == rules.ONLINE:
            _end_offline_camera(camera, at)
    _facts(camera, item, at)
    camera.save()


def _facts(camera: Camera, item: CatalogItem, at: datetime) -> None:
    camera.listed_at = at
    camera.manufacturer = item.manufacturer or camera.manufacturer
    camera.model_number = item.model or camera.model_number
    camera.parent_code = item.parent or camera.parent_code
    camera.location_note = camera.location_note or item.address
    if item.ptz in rules.PTZ_TYPES:
        camera.ptz_type = item.ptz
    if item.longitude is not None and item.latitude is not None:
        _put(camera, item.longitude, item.latitude)


def _put(camera: Camera, longitude: float, latitude: float) -> bool:
    """Take over a point unless a person entered one; what lies outside of the country (0, 0 above all) is none."""
    if camera.placed_here:
        return False
    try:
        in_china(Point(longitude, latitude))
    except Refusal:
        return False
    camera.longitude, camera.latitude = longitude, latitude
    return True


def place_for(item: CatalogItem, platform: Platform) -> str:
    """County of a camera: as the catalogue or its code says, but never outside of where its platform may speak for."""
    told = (item.civil_code[:6], item.device[:6])
    for code in told:
        if len(code) == 6 and covers(prefix_of(platform.place_code), code) and places.exists(code):
            return code if platform.enterprise_id is None else platform.place_code
    return platform.place_code


def _moved(platform: Platform, fact: Moved) -> bool:
    for camera in platform.cameras.filter(code__in={fact.device, fact.code}):
        if _put(camera, fact.longitude, fact.latitude):
            Camera.objects.filter(pk=camera.pk).update(longitude=fact.longitude, latitude=fact.latitude)
            return True
    return False


# --- Cameras that stay dark -------------------------------------------------------------------------------------------


def tell_dark(now: datetime) -> int:
    """Tell of cameras in use that are off line for longer than the delay in force, and of platforms once for all of theirs.

    A camera behind a platform that is itself away is no news of its own: the platform is told, once for each enterprise. Returns how many
    happenings were told.
    """
    limit = now - timedelta(seconds=rules.figure("offline_delay", timezone.localdate(now)))
    told = 0
    with transaction.atomic():
        for platform in Platform.objects.select_for_update().filter(
            state=rules.IN_USE, line=rules.OFFLINE, line_since__lte=limit, offline_told_at__isnull=True
        ):
            told += _platform_happening(platform, active=True, at=platform.line_since or now, now=now)
            platform.offline_told_at = platform.line_since
            platform.save(update_fields=["offline_told_at"])
        dark = Camera.objects.select_for_update(of=("self",)).filter(
            state=rules.IN_USE,
            line=rules.OFFLINE,
            line_since__lte=limit,
            offline_told_at__isnull=True,
            platform__line=rules.ONLINE,
            platform__state=rules.IN_USE,
        )
        for camera in dark.order_by("pk")[:500]:
            since = camera.line_since or now
            told += _camera_happening(camera, active=True, at=since, now=now)
            Camera.objects.filter(pk=camera.pk).update(offline_told_at=since)
    return told


def _end_offline_camera(camera: Camera, at: datetime) -> None:
    if camera.offline_told_at is not None:
        _camera_happening(camera, active=False, at=at, now=at)
        camera.offline_told_at = None


def _end_offline_platform(platform: Platform, at: datetime) -> None:
    if platform.offline_told_at is not None:
        _platform_happening(platform, active=False, at=at, now=at)
        platform.offline_told_at = None


def _camera_happening(camera: Camera, *, active: bool, at: datetime, now: datetime) -> int:
    seen = events.Seen(rules.CAMERA_OFFLINE, at, sender=camera.platform.code, ended=not active, key=_key(camera.pk, at, active))
    return int(events.enter(camera, seen, actor=ACTOR, now=now)[1])


def _platform_happening(platform: Platform, *, active: bool, at: datetime, now: datetime) -> int:
    """One happening for each enterprise, told of its first camera: they all went dark for one reason."""
    firsts: dict[UUID | None, Camera] = {}
    for camera in platform.cameras.filter(state=rules.IN_USE).select_related("platform").order_by("code"):
        firsts.setdefault(camera.enterprise_id, camera)
    for camera in firsts.values():
        seen = events.Seen(
            rules.PLATFORM_OFFLINE,
            at,
            sender=platform.code,
            text=platform.name,
            ended=not active,
            key=_key(camera.pk, at, active, "platform"),
        )
        events.enter(camera, seen, actor=ACTOR, now=now)
    return len(firsts)


def _key(subject: UUID, at: datetime, active: bool, more: str = "camera") -> str:
    return sha256(f"offline|{more}|{subject}|{at.isoformat()}|{active}".encode()).hexdigest()


def restore(now: datetime) -> Iterable[Platform]:
    """Platforms whose registration still holds: a server that starts again goes on with them instead of waiting for the next one."""
    return Platform.objects.filter(state=rules.IN_USE, line=rules.ONLINE, registered_until__gt=now)
