"""The law of warnings: levels, who may issue, the flow with four eyes, what a bulletin must say, and hygiene before it goes out.

突发事件应对法（2024）第六十三条 (levels), 第六十四条 (authority and required content), 第七十条 (adjusting and lifting).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.geo import Point, in_china
from anlan.kernel.levels import Level, covers, level_of, prefix_of
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules

DATA = Path(__file__).parent / "data"

ACTIONS: dict[str, str] = {
    "bulletins.view": N_("查看预警"),
    "bulletins.draft": N_("起草预警"),
    "bulletins.edit": N_("修改预警草稿"),
    "bulletins.submit": N_("提交预警审批"),
    "bulletins.approve": N_("审批并发布预警"),
    "bulletins.withdraw": N_("撤回、作废预警草稿"),
    "bulletins.subscribe": N_("登记、修改外部预警源"),
    "bulletins.keep": N_("到期、更新、解除后的状态维护"),
}

FIELD_LABELS = {
    "headline": N_("标题"),
    "event_code": N_("预警类别"),
    "level": N_("预警级别"),
    "onset": N_("起始时间"),
    "expires": N_("失效时间"),
    "area_description": N_("可能影响的范围"),
    "description": N_("警示事项"),
    "instruction": N_("应采取的措施"),
    "issuer_name": N_("发布单位"),
}

CONTENT = tuple(FIELD_LABELS)
"""突发事件应对法 第六十四条第二款: type, level, start, possible area, warning notes, measures, issuer; the time is set on publishing."""

FLOW = Flow(
    code="bulletin",
    label=N_("预警发布"),
    initial="draft",
    states=(
        State("draft", N_("草稿")),
        State("pending", N_("待审批")),
        State("published", N_("生效中")),
        State("superseded", N_("已更新"), final=True),
        State("lifted", N_("已解除"), final=True),
        State("expired", N_("已到期"), final=True),
        State("discarded", N_("已作废"), final=True),
    ),
    moves=(
        Move("submit", N_("提交审批"), ("draft",), "pending", "bulletins.submit", requires=CONTENT),
        Move(
            "approve",
            N_("批准并发布"),
            ("pending",),
            "published",
            "bulletins.approve",
            requires=CONTENT,
            not_by=("drafted_by_id", "submitted_by_id"),
            announces="bulletins.published",
        ),
        Move("return", N_("退回修改"), ("pending",), "draft", "bulletins.approve", reason_required=True),
        Move("recall", N_("撤回"), ("pending",), "draft", "bulletins.submit"),
        Move("discard", N_("作废"), ("draft",), "discarded", "bulletins.withdraw", reason_required=True, danger=True),
        Move("supersede", N_("被新预警更新"), ("published",), "superseded", "bulletins.keep"),
        Move("lift", N_("解除"), ("published",), "lifted", "bulletins.keep", announces="bulletins.lifted"),
        Move("expire", N_("到期"), ("published",), "expired", "bulletins.keep", announces="bulletins.expired"),
    ),
    field_labels=FIELD_LABELS,
)


class MayNotIssue(Refusal):
    code: ClassVar[str] = "bulletin_may_not_issue"
    sentence: ClassVar[str] = N_("“{event}”不能由本单位发布：{why}（{source}）")
    status: ClassVar[int] = 403


class MayNotApprove(Refusal):
    code: ClassVar[str] = "bulletin_may_not_approve"
    sentence: ClassVar[str] = N_("您的岗位不能审批“{event}”{level}预警（{source}）。")
    status: ClassVar[int] = 403


class SamePerson(Refusal):
    code: ClassVar[str] = "bulletin_same_person"
    sentence: ClassVar[str] = N_("这条预警由您本人的另一个账号起草、修改或提交，须由另一人审批。")
    status: ClassVar[int] = 403


class CancelIsNoAlert(Refusal):
    code: ClassVar[str] = "bulletin_cancel_is_no_alert"
    sentence: ClassVar[str] = N_("解除只能结束原预警，不能改变其类别、级别和范围；情况有变请起草更新。")
    status: ClassVar[int] = 422


class FollowsNothing(Refusal):
    code: ClassVar[str] = "bulletin_follows_nothing"
    sentence: ClassVar[str] = N_("更新和解除必须指明生效中的预警；没有原预警请按首次发布起草。")
    status: ClassVar[int] = 422


class AreaOutsideJurisdiction(Refusal):
    code: ClassVar[str] = "bulletin_area_outside_jurisdiction"
    sentence: ClassVar[str] = N_("影响范围中的“{place}”不在本单位管辖区域内，请删去，或报请上一级发布。")
    status: ClassVar[int] = 422


class ImpossibleTimes(Refusal):
    code: ClassVar[str] = "bulletin_impossible_times"
    sentence: ClassVar[str] = N_("时间不合理：{why}")
    status: ClassVar[int] = 422


class NoArea(Refusal):
    code: ClassVar[str] = "bulletin_no_area"
    sentence: ClassVar[str] = N_("请画出范围、选择行政区划，或给出中心点和半径。")
    status: ClassVar[int] = 422


class BadRadius(Refusal):
    code: ClassVar[str] = "bulletin_bad_radius"
    sentence: ClassVar[str] = N_("半径应大于 0 且不超过 {limit} 公里；更大的范围请按行政区划发布。")
    status: ClassVar[int] = 422


class NotLive(Refusal):
    code: ClassVar[str] = "bulletin_not_live"
    sentence: ClassVar[str] = N_("该预警当前状态为“{state}”，只有生效中的预警才能更新或解除。")


LONGEST_VALIDITY = timedelta(days=30)
"""Configurable bound against slips of the keyboard, not a legal figure."""
LARGEST_RADIUS_KM = 300.0
"""Configurable bound against slips of the keyboard, not a legal figure."""


@dataclass(frozen=True, kw_only=True)
class WarningLevel(DatedRule):
    """One of the four colours, red highest."""

    code: str
    number: int
    name_zh: str
    name_en: str
    severity_zh: str
    tone: str
    cap_severity: str


@dataclass(frozen=True, kw_only=True)
class EventType(DatedRule):
    """What is warned of: code, CAP category and whose business issuing is."""

    code: str
    name_zh: str
    name_en: str
    cap_category: str
    issuer: str


@dataclass(frozen=True, kw_only=True)
class Authority(DatedRule):
    """From which level on an issuer of that kind may issue; ``none``: nobody on this platform.

    ``province``: first two digits of the place code where the rule holds (empty: everywhere it is not set otherwise); ``levels``: colours,
    empty for all; ``drafting_posts`` and ``approving_posts``: kinds of posts, separated by spaces.
    """

    issuer: str
    province: str
    levels: str
    lowest_level: str
    drafting_posts: str
    approving_posts: str
    sentence_zh: str
    sentence_en: str

    def fits(self, issuer: str, warning_level: str) -> bool:
        """Whether the rule speaks of that issuer and colour."""
        return self.issuer == issuer and (not self.levels or warning_level in self.levels.split())


@cache
def levels() -> tuple[WarningLevel, ...]:
    """The four levels, red first."""
    return load_rules(DATA / "levels.csv", WarningLevel)


@cache
def event_types() -> tuple[EventType, ...]:
    """Kinds of event in the order of the table."""
    return load_rules(DATA / "event_types.csv", EventType)


@cache
def _authorities() -> tuple[Authority, ...]:
    return load_rules(DATA / "authority.csv", Authority)


def level(code: str) -> WarningLevel:
    """The level named ``code``. Raises ``KeyError``."""
    return {row.code: row for row in levels()}[code]


def event_type(code: str) -> EventType:
    """The kind of event named ``code``. Raises ``KeyError``."""
    return {row.code: row for row in event_types()}[code]


_LOWEST = {"nation": Level.NATION, "province": Level.PROVINCE, "city": Level.CITY, "county": Level.COUNTY}


def authority(event_code: str, warning_level: str, place_code: str, on: date) -> Authority:
    """The rule for issuing at a place: that of its province where it has one for this level, else the nation's. Raises ``LookupError``."""
    fitting = [rule for rule in in_force(_authorities(), on) if rule.fits(event_type(event_code).issuer, warning_level)]
    own = [rule for rule in fitting if rule.province and place_code.startswith(rule.province)]
    for rule in (*own, *(rule for rule in fitting if not rule.province)):
        return rule
    raise LookupError(f"no rule for {event_code} on {on}")


def authority_table(on: date) -> tuple[Authority, ...]:
    """Every rule in force, for pages and documents."""
    return in_force(_authorities(), on)


def check_authority(event_code: str, issuing_level: Level, on: date, *, warning_level: str = "", place_code: str = "") -> None:
    """Refuse what an issuer of ``issuing_level`` at ``place_code`` may not issue on that day. Raises :class:`MayNotIssue`.

    突发事件应对法 第六十四条; 气象灾害防御条例 第三十条; what a province rules otherwise. Without a colour the rule for all colours is taken.
    """
    kind = event_type(event_code)
    rule = authority(event_code, warning_level, place_code, on)
    if rule.lowest_level == "none" or issuing_level > _LOWEST[rule.lowest_level]:
        raise MayNotIssue(event=kind.name_zh, why=rule.sentence_zh, source=rule.source)


def check_approver(post_kind: str, *, event_code: str, warning_level: str, place_code: str, on: date) -> None:
    """Refuse a post that may not approve this kind and level here; a post of unknown kind is left to its grants. Raises :class:`MayNotApprove`."""
    rule = authority(event_code, warning_level, place_code, on)
    if post_kind and post_kind not in rule.approving_posts.split():
        raise MayNotApprove(event=event_type(event_code).name_zh, level=level(warning_level).name_zh, source=rule.source)


def check_area(issuing_place: str, place_codes: Iterable[str], circle: tuple[float, float, float] | None, *, drawn: bool = False) -> None:
    """There must be an area (a place, a circle as longitude, latitude, radius in km, or a ``drawn`` one), places below the issuing one.

    Raises :class:`NoArea`, :class:`AreaOutsideJurisdiction`, :class:`BadRadius`, ``ImpossibleCoordinates``.
    """
    codes = tuple(place_codes)
    if not codes and circle is None and not drawn:
        raise NoArea
    for code in codes:
        level_of(code)
        if not covers(prefix_of(issuing_place), code):
            raise AreaOutsideJurisdiction(place=code)
    if circle is not None:
        in_china(Point(circle[0], circle[1]))
        if not 0 < circle[2] <= LARGEST_RADIUS_KM:
            raise BadRadius(limit=int(LARGEST_RADIUS_KM))


def check_times(onset: datetime, expires: datetime, now: datetime) -> None:
    """Validity must lie ahead and be of sane length. Raises :class:`ImpossibleTimes`."""
    if expires <= now:
        raise ImpossibleTimes(why=N_("失效时间已经过去。"))
    if expires <= onset:
        raise ImpossibleTimes(why=N_("失效时间不晚于起始时间。"))
    if expires - onset > LONGEST_VALIDITY:
        raise ImpossibleTimes(why=N_("有效期超过 30 天，请检查日期。"))


def identifier(
    place_code: str, moment_local: datetime, serial: int, sector: str = "000", internal: str = "000", extension: str = "00"
) -> str:
    """``ZZZZZZDDDUUUXX_YYYYMMDDhhmmss_N``: place, sector, internal and extension codes, Beijing time, serial 0–9.

    Raises ``ValueError`` when a part has the wrong length.
    """
    sender = sender_code(place_code, sector, internal, extension)
    if not 0 <= serial <= 9:
        raise ValueError("serial is one digit")
    return f"{sender}_{moment_local:%Y%m%d%H%M%S}_{serial}"


def sender_code(place_code: str, sector: str = "000", internal: str = "000", extension: str = "00") -> str:
    """The 14 characters ``ZZZZZZDDDUUUXX`` of an issuer."""
    code = f"{place_code[:6]}{sector}{internal}{extension}"
    if len(code) != 14:
        raise ValueError(f"sender code {code!r} does not have 14 characters")
    return code
