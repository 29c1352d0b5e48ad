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
    "field.answer": N_("回复现场单元、处理求救"),
    "field.hear": N_("接收现场单元的消息、标注和求救"),
}

CALLING, LIVE, STALE, SILENT = "calling", "live", "stale", "silent"
STATES: dict[str, str] = {CALLING: N_("正在求救"), LIVE: N_("在线"), STALE: N_("位置已过时"), SILENT: N_("未上线")}

RECEIVED, QUEUED, SENT, DELIVERED, READ, EXPIRED = "received", "queued", "sent", "delivered", "read", "expired"
TALK_STATES: dict[str, str] = {
    RECEIVED: N_("已收到"),
    QUEUED: N_("待发送，终端上线后自动发出"),
    SENT: N_("已发出"),
    DELIVERED: N_("已送达终端"),
    READ: N_("终端已读"),
    EXPIRED: N_("未送达，终端一直没有上线"),
}
"""States of a message: received from a unit; or on its way to one. Only what a device confirms counts as delivered or read."""
CALL_KINDS: dict[str, str] = {
    "b-a-o-tbl": N_("紧急求救"),
    "b-a-o-pan": N_("示警"),
    "b-a-o-opn": N_("遇险"),
    "b-a-o-c": N_("自定义求救"),
}
"""Calls for help by the type that devices of the TAK family send; any other ``b-a-o-…`` is a call as well."""
BY_UNIT, BY_DESK = "unit", "desk"
ENDINGS: dict[str, str] = {BY_UNIT: N_("终端取消"), BY_DESK: N_("值班人员结束")}

TRACK_EVERY_S: Final = 30.0
TRACK_METRES: Final = 15.0
TRACK_MOST: Final = 2000
"""Positions kept of a unit; the oldest go first. These three are project defaults."""
STRANGERS_MOST: Final = 500
SHAPES_LAST: Final = timedelta(hours=6)
"""So long a zone stands on the devices' maps unless a newer run replaces it (project default)."""
PLOTS_LAST: Final = timedelta(days=30)
"""So long what people drew stands on the devices' maps; it is renewed when anything on the board changes (project default)."""
LONGEST_MESSAGE: Final = 2000
"""Characters of a message that are kept, and that may be written to a unit."""
MESSAGES_A_MINUTE: Final = 60
"""Messages of one unit that are kept in a minute; more are counted and dropped."""
TALK_LASTS: Final = timedelta(hours=24)
"""So long a message waits for its terminal."""
SENT_AGAIN_WITHIN: Final = timedelta(minutes=15)
"""What was sent so recently and not confirmed is sent again when the terminal comes again."""
LATE_AFTER: Final = timedelta(minutes=2)
"""A message that comes so long after it was written is marked late."""
MARKS_MOST: Final = 200
"""Marks that stand of one unit; the oldest go first."""
MARK_CORNERS: Final = 1000
HOLDS_MOST: Final = timedelta(days=366)
"""A position or mark holds no longer, whatever its terminal says."""
MARKS_LINGER: Final = timedelta(hours=24)
"""So long a mark is shown, grey, after its time is over."""
CALLS_AGAIN_AFTER: Final = timedelta(minutes=10)
"""A call that the desk ended and that the terminal still sends is raised again after so long. All of these are project defaults."""
OWN_PREFIX: Final = "anlan-"
"""How the names of the node's own objects on the devices' maps begin: no terminal may draw or delete under such a name."""
DESK_UID: Final = "anlan-desk"
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


class UnknownOrganisation(Refusal):
    code: ClassVar[str] = "field_organisation"
    sentence: ClassVar[str] = N_("没有这个机构，或已撤销。请从列表中选择所属机构。")
    status: ClassVar[int] = 422


class UnknownIncident(Refusal):
    code: ClassVar[str] = "field_incident"
    sentence: ClassVar[str] = N_("没有这个突发事件，或已结案。请从列表中选择进行中的事件。")
    status: ClassVar[int] = 422


class ExerciseDiffers(Refusal):
    code: ClassVar[str] = "field_exercise"
    sentence: ClassVar[str] = N_("演练事件只能派演练单元，实际事件不能派演练单元。请改选事件，或改“演练”一项。")
    status: ClassVar[int] = 422


class MessageEmpty(Refusal):
    code: ClassVar[str] = "field_message_empty"
    sentence: ClassVar[str] = N_("请写下要发给终端的内容。")
    status: ClassVar[int] = 422


class MessageTooLong(Refusal):
    code: ClassVar[str] = "field_message_long"
    sentence: ClassVar[str] = N_("消息有 {size} 个字，最多 {most} 个。请缩短或分条发送。")
    status: ClassVar[int] = 422


class UnitOutOfUse(Refusal):
    code: ClassVar[str] = "field_unit_out_of_use"
    sentence: ClassVar[str] = N_("“{callsign}”已停用，收不到消息。请先启用，或改用电话联系。")
    status: ClassVar[int] = 409


class CallEnded(Refusal):
    code: ClassVar[str] = "field_call_ended"
    sentence: ClassVar[str] = N_("这次求救已经结束。请刷新页面查看。")
    status: ClassVar[int] = 409


class OutcomeMissing(Refusal):
    code: ClassVar[str] = "field_call_outcome"
    sentence: ClassVar[str] = N_("请写明核实情况（例如：已电话联系，人员安全，误触），再结束求救。")
    status: ClassVar[int] = 422


class UidReserved(Refusal):
    code: ClassVar[str] = "field_uid_reserved"
    sentence: ClassVar[str] = N_("以“anlan-”开头的标识由本平台使用。请填写终端自己的标识。")
    status: ClassVar[int] = 422


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


def shown_to(account: Account, place_code: str, incident_id: UUID | None, exercise: bool = False) -> bool:
    """Whether a shape concerns a unit: of its incident, or of a place above or below its own; without a place, of its incident alone.

    What belongs to an exercise reaches its own units only: those marked for exercises, and where it has an incident, those of that incident.
    """
    same = incident_id is not None and incident_id == account.incident_id
    if exercise and (not account.exercise or (incident_id is not None and not same)):
        return False
    if same or not place_code:
        return same
    return covers(prefix_of(place_code), account.place_code) or covers(prefix_of(account.place_code), place_code)


def kept(last: tuple[datetime, float, float] | None, at: datetime, longitude: float, latitude: float) -> bool:
    """Whether a position enters the track: the first, after :data:`TRACK_EVERY_S`, or after :data:`TRACK_METRES`; never an older one."""
    if last is None:
        return True
    since = (at - last[0]).total_seconds()
    if since <= 0:
        return False
    return since >= TRACK_EVERY_S or haversine_m(Point(last[1], last[2]), Point(longitude, latitude)) >= TRACK_METRES


def holds_until(at: datetime, lasts: timedelta) -> datetime:
    """Until when something made at ``at`` holds: no longer than :data:`HOLDS_MOST`, and not before it was made."""
    return at + max(timedelta(0), min(lasts, HOLDS_MOST))


def state(heard_at: datetime | None, stale_at: datetime | None, now: datetime, *, calling: bool = False) -> str:
    """How current a unit's position is; that it calls for help comes before everything."""
    if calling:
        return CALLING
    if heard_at is None or stale_at is None:
        return SILENT
    return LIVE if now <= stale_at else STALE


def colours(severity: int) -> tuple[tuple[int, int, int], int]:
    """Red, green, blue and the fill's alpha of a zone; 1 is the worst (project default: the colours of warnings)."""
    return {1: ((220, 38, 38), 90), 2: ((234, 88, 12), 70), 3: ((202, 138, 4), 55)}.get(severity, ((37, 99, 235), 40))
