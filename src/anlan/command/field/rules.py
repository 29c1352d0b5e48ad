"""The law of field units: who is let in, which positions are kept, who is shown what. No Django, no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

from anlan.kernel.errors import Refusal
from anlan.kernel.geo import Point, haversine_m
from anlan.kernel.levels import covers, prefix_of
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "field.view": N_("查看现场单元"),
    "field.enrol": N_("登记和停用现场单元"),
}

LIVE, STALE, SILENT = "live", "stale", "silent"
STATES: dict[str, str] = {LIVE: N_("在线"), STALE: N_("位置已过时"), SILENT: N_("未上线")}

TRACK_EVERY_S: Final = 30.0
TRACK_METRES: Final = 15.0
TRACK_MOST: Final = 2000
"""Positions kept of a unit; the oldest go first. These three are project defaults."""
STRANGERS_MOST: Final = 500
SHAPES_LAST: Final = timedelta(hours=6)
"""So long a zone stands on the devices' maps unless a newer run replaces it (project default)."""
AHEAD_MOST: Final = timedelta(minutes=2)
"""A device's clock may be so far ahead; a later time is taken for the time of receipt."""


class UidMissing(Refusal):
    code: ClassVar[str] = "field_uid"
    sentence: ClassVar[str] = N_("请填写终端标识（UID），可在终端的“关于”或服务器连接页查到。")
    status: ClassVar[int] = 422


class CallsignMissing(Refusal):
    code: ClassVar[str] = "field_callsign"
    sentence: ClassVar[str] = N_("请填写呼号，须与终端上设置的一致。")
    status: ClassVar[int] = 422


class BadFingerprint(Refusal):
    code: ClassVar[str] = "field_fingerprint"
    sentence: ClassVar[str] = N_("证书指纹应为 64 位十六进制数（SHA-256）。没有证书时留空。")
    status: ClassVar[int] = 422


class UidTaken(Refusal):
    code: ClassVar[str] = "field_uid_taken"
    sentence: ClassVar[str] = N_("终端标识“{uid}”已登记。请修改原有的现场单元。")
    status: ClassVar[int] = 409


class NotEnrolled(Refusal):
    code: ClassVar[str] = "field_not_enrolled"
    sentence: ClassVar[str] = N_("终端“{uid}”没有登记，或已停用。请先登记现场单元。")
    status: ClassVar[int] = 403


class WrongCallsign(Refusal):
    code: ClassVar[str] = "field_wrong_callsign"
    sentence: ClassVar[str] = N_("终端“{uid}”的呼号“{callsign}”与登记的不一致。请核对后更正呼号。")
    status: ClassVar[int] = 403


class WrongCertificate(Refusal):
    code: ClassVar[str] = "field_wrong_certificate"
    sentence: ClassVar[str] = N_("终端“{uid}”没有出示登记的证书。请换用登记的证书连接加密端口。")
    status: ClassVar[int] = 403


@dataclass(frozen=True, slots=True)
class Account:
    """A unit that may come in. ``fingerprint``: SHA-256 of its certificate in small hexadecimal digits; empty: none is asked for."""

    id: UUID
    uid: str
    callsign: str
    fingerprint: str
    place_code: str
    incident_id: UUID | None = None
    exercise: bool = False


def fingerprint(text: str) -> str:
    """A fingerprint as it is kept: without colons and spaces, small. Raises :class:`BadFingerprint`."""
    plain = re.sub(r"[:\s]", "", text).lower()
    if plain and not re.fullmatch(r"[0-9a-f]{64}", plain):
        raise BadFingerprint()
    return plain


def admitted(account: Account | None, uid: str, callsign: str, certificate: str) -> Account:
    """The unit that a first message speaks for. Raises :class:`NotEnrolled`, :class:`WrongCertificate`, :class:`WrongCallsign`.

    With a certificate on record only that one counts, and the callsign may change; without one the callsign must be the one on record.
    """
    if account is None:
        raise NotEnrolled(uid=uid[:80])
    if account.fingerprint:
        if certificate != account.fingerprint:
            raise WrongCertificate(uid=uid[:80])
    elif callsign != account.callsign:
        raise WrongCallsign(uid=uid[:80], callsign=callsign[:80])
    return account


def shown_to(account: Account, place_code: str, incident_id: UUID | None) -> bool:
    """Whether a shape concerns a unit: of its incident, or of a place above or below its own."""
    if incident_id is not None and incident_id == account.incident_id:
        return True
    return covers(prefix_of(place_code), account.place_code) or covers(prefix_of(account.place_code), place_code)


def kept(last: tuple[datetime, float, float] | None, at: datetime, longitude: float, latitude: float) -> bool:
    """Whether a position enters the track: the first, after :data:`TRACK_EVERY_S`, or after :data:`TRACK_METRES`; never an older one."""
    if last is None:
        return True
    since = (at - last[0]).total_seconds()
    if since <= 0:
        return False
    return since >= TRACK_EVERY_S or haversine_m(Point(last[1], last[2]), Point(longitude, latitude)) >= TRACK_METRES


def state(heard_at: datetime | None, stale_at: datetime | None, now: datetime) -> str:
    """How current a unit's position is."""
    if heard_at is None or stale_at is None:
        return SILENT
    return LIVE if now <= stale_at else STALE


def colours(severity: int) -> tuple[tuple[int, int, int], int]:
    """Red, green, blue and the fill's alpha of a zone; 1 is the worst (project default: the colours of warnings)."""
    return {1: ((220, 38, 38), 90), 2: ((234, 88, 12), 70), 3: ((202, 138, 4), 55)}.get(severity, ((37, 99, 235), 40))
