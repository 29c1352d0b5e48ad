"""Verbs of people on video: register a platform, change it, say whose a camera is. Each is one transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from anlan.ground.enterprises import door as enterprises
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Invalid, NotFound, Refusal
from anlan.kernel.words import N_
from anlan.ledger.changes import change
from anlan.sense.devices import door as devices
from anlan.sense.video import queries, rules, secret
from anlan.sense.video.door import VideoChanged
from anlan.sense.video.models import Camera, Platform
from anlan.wire.gb28181 import codes

DEVICE_CLASS = "camera"


class UnknownEnterprise(Refusal):
    code = "video_unknown_enterprise"
    sentence = N_("没有统一社会信用代码为“{uscc}”的企业，或不在您的管辖范围内。")
    status = 422


class UnknownRiskSource(Refusal):
    code = "video_unknown_risk_source"
    sentence = N_("该企业没有编号为“{code}”的危险源。")
    status = 422


def changed(platform: Platform, now: datetime) -> VideoChanged:
    """The announcement that a platform or its cameras changed."""
    return VideoChanged(
        subject_id=platform.pk,
        place_code=platform.place_code,
        enterprise_id=platform.enterprise_id,
        classification=Classification(platform.classification),
        at=now,
    )


def register_platform(
    *,
    code: str,
    name: str,
    password: str,
    place_code: str,
    uscc: str = "",
    live_template: str = "",
    playback_template: str = "",
    positions: bool = False,
    actor: Actor,
    now: datetime,
) -> Platform:
    """Let a device or lower platform register under ``code`` with ``password``.

    ``uscc``: the enterprise whose cameras these are; empty for a bureau's or a shared platform, whose cameras are given to enterprises
    one by one. Raises ``Invalid`` naming each wrong field, ``NotPermitted``.
    """
    owner = _owner(uscc, actor)
    platform = Platform(
        code=code.strip(),
        name=name.strip(),
        place_code=owner.place_code if owner is not None else place_code,
        enterprise_id=owner.id if owner is not None else None,
        positions=positions,
        created_at=now,
        updated_at=now,
    )
    wrong = _checked(platform, live_template, playback_template)
    try:
        codes.decode_code(platform.code)
    except Refusal as refusal:
        wrong["code"] = refusal
    try:
        platform.password = secret.sealed(rules.checked_password(password))
    except Refusal as refusal:
        wrong["password"] = refusal
    if wrong:
        raise Invalid(wrong)
    with change(actor, "video.manage", now=now, place_code=platform.place_code, enterprise_id=platform.enterprise_id) as gathered:
        try:
            with transaction.atomic():
                platform.save(force_insert=True)
        except IntegrityError:
            raise Invalid({"code": rules.CodeTaken(value=platform.code)}) from None
        gathered.subject = platform
        gathered.announce(changed(platform, now))
    return platform


def change_platform(
    platform_id: UUID,
    *,
    name: str,
    state: str,
    password: str = "",
    live_template: str = "",
    playback_template: str = "",
    positions: bool = False,
    actor: Actor,
    now: datetime,
) -> Platform:
    """Change a platform; an empty ``password`` leaves the one that is. Raises ``NotFound``, ``Invalid``, ``NotPermitted``."""
    platform = queries.one_platform(platform_id, None)
    with change(actor, "video.manage", now=now, record=platform) as gathered:
        platform.name, platform.positions = name.strip(), positions
        platform.state = state if state in rules.PLATFORM_STATES else rules.IN_USE
        wrong = _checked(platform, live_template, playback_template)
        if password:
            try:
                platform.password = secret.sealed(rules.checked_password(password))
            except Refusal as refusal:
                wrong["password"] = refusal
        if wrong:
            raise Invalid(wrong)
        if platform.state == rules.STOPPED and platform.line == rules.ONLINE:
            platform.line, platform.line_since, platform.registered_until = rules.OFFLINE, now, None
        platform.updated_at = now
        platform.save()
        gathered.announce(changed(platform, now))
    return platform


def _checked(platform: Platform, live_template: str, playback_template: str) -> dict[str, Refusal | str]:
    wrong: dict[str, Refusal | str] = {}
    for name, value, allowed in (
        ("live_template", live_template, rules.LIVE_FIELDS),
        ("playback_template", playback_template, rules.PLAYBACK_FIELDS),
    ):
        try:
            setattr(platform, name, rules.checked_template(value, allowed))
        except Refusal as refusal:
            wrong[name] = refusal
    return wrong


def _owner(uscc: str, actor: Actor) -> enterprises.EnterpriseSummary | None:
    if not uscc.strip():
        return None
    found = enterprises.by_uscc(uscc.strip().upper(), actor)
    if found is None:
        raise Invalid({"uscc": UnknownEnterprise(uscc=uscc.strip())})
    return found


def change_camera(
    camera_id: UUID,
    *,
    name: str,
    uscc: str = "",
    risk_source_code: str = "",
    location_note: str = "",
    longitude: float | None = None,
    latitude: float | None = None,
    ptz_type: int | str | None = None,
    state: str = rules.IN_USE,
    actor: Actor,
    now: datetime,
) -> Camera:
    """Say whose a camera is, what it watches and where it stands; what is entered here the next catalogue leaves alone.

    A camera given to an enterprise also becomes a device of it, under which its alarms are told. Raises ``NotFound``, ``Invalid``,
    ``NotPermitted`` (at the old and the new place).
    """
    camera = Camera.objects.select_related("platform").filter(pk=camera_id).first()
    if camera is None:
        raise NotFound(what=str(camera_id))
    owner = _owner(uscc, actor)
    with change(actor, "video.manage", now=now, record=camera) as gathered:
        if name.strip() != camera.name:
            camera.name, camera.named_here = name.strip(), True
        _give(camera, owner)
        camera.risk_source_id = _risk_source(owner, risk_source_code, actor)
        if (longitude is None) != (latitude is None):
            raise Invalid({"longitude": rules.PointIncomplete()})
        if (longitude, latitude) != (camera.longitude, camera.latitude):
            enterprises.check_point(camera.place_code, longitude, latitude)
            camera.longitude, camera.latitude, camera.placed_here = longitude, latitude, longitude is not None
        camera.location_note = location_note.strip()
        camera.ptz_type = int(ptz_type) if ptz_type not in (None, "") else None
        camera.state = state if state in rules.PLATFORM_STATES else rules.IN_USE
        mirror(camera, actor=actor, now=now)
        camera.updated_at = now
        camera.save()
        gathered.announce(changed(camera.platform, now))
    return camera


def _give(camera: Camera, owner: enterprises.EnterpriseSummary | None) -> None:
    """Put the camera under its enterprise. What was told under one enterprise stays there, so it is never given to another."""
    owner_id = owner.id if owner is not None else None
    if owner_id == camera.enterprise_id:
        return
    if camera.device_id is not None:
        raise Invalid({"uscc": rules.EnterpriseFixed()})
    if camera.platform.enterprise_id not in (None, owner_id):
        raise Invalid({"uscc": rules.PlatformOfAnother(name=camera.platform.name)})
    camera.enterprise_id = owner_id
    if owner is not None:
        camera.place_code, camera.classification = owner.place_code, max(camera.classification, owner.classification)


def _risk_source(owner: enterprises.EnterpriseSummary | None, code: str, actor: Actor) -> UUID | None:
    if not code.strip():
        return None
    found = [row for row in risksources.of_enterprise(owner.id, actor) if row.code == code.strip()] if owner is not None else []
    if not found:
        raise Invalid({"risk_source_code": UnknownRiskSource(code=code.strip())})
    return found[0].id


def username_for(enterprise_id: UUID) -> str:
    """User name of the credential that an enterprise's cameras stand under among its devices. Nobody signs in with it."""
    return f"video-{enterprise_id.hex[-16:]}"


def mirror(camera: Camera, *, actor: Actor, now: datetime) -> None:
    """Enter the camera among the devices of its enterprise, once; the caller saves it."""
    if camera.enterprise_id is None or camera.device_id is not None:
        return
    username = username_for(camera.enterprise_id)
    credential = devices.credentials_by_username([username], None).get(username)
    if credential is None:
        credential = devices.issue_credential(camera.enterprise_id, label="GB/T 28181", username=username, actor=actor, now=now).credential
    known = {row.code: row.id for row in devices.devices_of(camera.enterprise_id)}
    if camera.code in known:
        camera.device_id = known[camera.code]
        return
    values: dict[str, object] = {
        "code": camera.code,
        "name": camera.name[:120],
        "device_class": DEVICE_CLASS,
        "credential_id": credential.id,
        "risk_source_id": camera.risk_source_id,
        "longitude": camera.longitude,
        "latitude": camera.latitude,
        "location_note": camera.location_note,
        "manufacturer": camera.manufacturer,
        "model_number": camera.model_number,
    }
    camera.device_id = devices.register_device(camera.enterprise_id, values, actor=actor, now=now).id
