"""The law of one-key reports: what may be sent, what becomes of it, when a phone's clock counts as wrong.

Every figure here is a default of this project (unverified): the budgets follow what a 2G link carries in a few seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import isfinite
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "fieldapp.send": N_("一键上报"),
    "fieldapp.view": N_("查看现场上报"),
    "fieldapp.verify": N_("核实现场上报"),
}

CLOCK_TOLERANCE = timedelta(minutes=2)
"""A phone whose clock is further off is told of; both times are kept."""
LONGEST_AGO = timedelta(days=7)
"""What waited longer for a network counts as done so long ago."""
WORDS_MOST = 1000
PICTURES_MOST = 12
"""Pictures of one report, small and full ones together."""

KINDS: dict[str, str] = {
    "fire": N_("火灾"),
    "explosion": N_("爆炸"),
    "hazchem_leak": N_("危险化学品泄漏"),
    "poisoning": N_("中毒和窒息"),
    "construction": N_("坍塌和施工事故"),
    "road_traffic": N_("道路交通事故"),
    "natural_disaster": N_("自然灾害"),
    "other": N_("其他"),
}
"""The big buttons; the codes are those of event kinds in reports."""
UNSAID = "other"
"""The kind of a report whose sender touched no button."""

ENTERPRISE, FIELD = "enterprise", "field"
SOURCES: dict[str, str] = {ENTERPRISE: N_("企业上报"), FIELD: N_("现场线索")}

RECEIVED, FILED, VERIFIED, DISMISSED = "received", "filed", "verified", "dismissed"
FLOW = Flow(
    code="field_report",
    label=N_("现场上报"),
    initial=RECEIVED,
    states=(
        State(RECEIVED, N_("待核实")),
        State(VERIFIED, N_("已核实"), final=True),
        State(FILED, N_("已转信息报送"), final=True),
        State(DISMISSED, N_("不属实"), final=True),
    ),
    moves=(
        Move("file", N_("转信息报送"), (RECEIVED,), FILED, "fieldapp.verify", requires=("filing_id",), announces="fieldapp.changed"),
        Move("verify", N_("属实，已知晓"), (RECEIVED,), VERIFIED, "fieldapp.verify", reason_required=True, announces="fieldapp.changed"),
        Move(
            "dismiss",
            N_("不属实"),
            (RECEIVED,),
            DISMISSED,
            "fieldapp.verify",
            reason_required=True,
            danger=True,
            announces="fieldapp.changed",
        ),
    ),
    field_labels={"filing_id": N_("信息报送")},
)

CHECK_IN = "check_in"
STEPS: dict[str, str] = {
    "accept": N_("接受任务"),
    "depart": N_("出发"),
    "arrive": N_("到场"),
    "finish": N_("完成任务"),
    "decline": N_("不能承担"),
    CHECK_IN: N_("报平安"),
}
"""What a person in the field tells from the phone; all but the last are moves of a task."""
SPOKEN = frozenset({"finish", "decline"})
"""Steps that need words."""


class KindUnknown(Refusal):
    code: ClassVar[str] = "field_kind_unknown"
    sentence: ClassVar[str] = N_("“{kind}”不是可选的事件类别，请重新选择。")
    status: ClassVar[int] = 422


class PlaceMissing(Refusal):
    code: ClassVar[str] = "field_place_missing"
    sentence: ClassVar[str] = N_("没有取得位置。请写明地点，或允许使用位置后再发送。")
    status: ClassVar[int] = 422


class PointWrong(Refusal):
    code: ClassVar[str] = "field_point_wrong"
    sentence: ClassVar[str] = N_("手机给出的位置不可用。请写明地点后再发送。")
    status: ClassVar[int] = 422


class KeyTaken(Refusal):
    code: ClassVar[str] = "field_key_taken"
    sentence: ClassVar[str] = N_("这次上报与另一人的上报编号相同，没有保存。请重新发送。")
    status: ClassVar[int] = 409


class PicturesFull(Refusal):
    code: ClassVar[str] = "field_pictures_full"
    sentence: ClassVar[str] = N_("一次上报最多 {most} 张照片。请再发一次上报。")
    status: ClassVar[int] = 422


class WordsMissing(Refusal):
    code: ClassVar[str] = "field_words_missing"
    sentence: ClassVar[str] = N_("请用一句话写明完成情况或理由。")
    status: ClassVar[int] = 422


def happened_at(now: datetime, seconds_ago: int) -> datetime:
    """When something was done that waited for a network, by the seconds that the phone counted, whatever its clock says."""
    return now - max(timedelta(0), min(timedelta(seconds=seconds_ago), LONGEST_AGO))


def clock_off_s(phone_at: datetime | None, happened: datetime) -> int:
    """Seconds by which the phone's clock is ahead of the node's; 0 within :data:`CLOCK_TOLERANCE` or where the phone told no time."""
    if phone_at is None or abs(phone_at - happened) <= CLOCK_TOLERANCE:
        return 0
    return round((phone_at - happened).total_seconds())


def point(longitude: float | None, latitude: float | None) -> tuple[float, float] | None:
    """A point in degrees, ``None`` where neither is given. Raises :class:`PointWrong` for half a point and for what is no place on Earth.

    Exactly 0, 0 is what broken receivers say: no point.
    """
    if longitude is None and latitude is None:
        return None
    if longitude is None or latitude is None or not (isfinite(longitude) and isfinite(latitude)):
        raise PointWrong
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise PointWrong
    return None if (longitude, latitude) == (0, 0) else (longitude, latitude)


def filed_place(county: str, own: str, may_at: Callable[[str], bool]) -> str:
    """The place that a report is kept under: the county it stands in if the sender's post reaches there, else the sender's own.

    Nobody's report is lost because it was made across a county line; the point says where it was.
    """
    return county if county and may_at(county) else own


def title(kind: str, place: str) -> str:
    """What a report is called in lists, as Chinese source text."""
    return f"{place}{'现场情况' if kind == UNSAID else KINDS[kind]}"[:120]
