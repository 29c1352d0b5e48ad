"""The law of emergency resources (应急资源): kinds, capabilities, readiness, the stock ledger, the yearly confirmation, and how they are ranked.

Pure: never reads the clock or the database. Codes of supplies: GB/T 38565-2020. Periods, penalties and turnout times are project defaults in
``data``, marked unverified: no rule that sets them for the whole country is known to us.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Final

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, Tables

ACTIONS: dict[str, str] = {
    "resources.view": N_("查看应急资源"),
    "resources.register": N_("登记应急资源"),
    "resources.change": N_("修改应急资源"),
    "resources.confirm": N_("核查确认应急资源"),
    "resources.ready": N_("变更应急资源备勤状态"),
    "resources.commit": N_("调用、归还应急资源"),
    "resources.stock": N_("登记储备物资出入库"),
    "resources.agree": N_("登记支援与供应协议"),
    "resources.contacts": N_("查看应急资源联系电话"),
    "resources.import": N_("批量导入应急资源"),
    "resources.export": N_("导出应急资源"),
}

TABLES = Tables(Path(__file__).parent / "data")
VERIFY_DAYS, FRESH_MINUTES, COVER_MINUTES, EXPIRY_DAYS = "verify_days", "fresh_minutes", "cover_minutes", "expiry_days"

# --- words -----------------------------------------------------------------------------------------------------------------------

DEPOT, SHELTER, HOSPITAL, TEAM = "depot", "shelter", "hospital", "team"
OF_FACILITY: dict[str, str] = {SHELTER: "shelter", HOSPITAL: "hospital"}
"""Kinds whose name, place and people are those of a facility on record, and the kind of that facility."""

READY, COMMITTED, LIMITED, OUT = "ready", "committed", "limited", "out"
READINESS: dict[str, str] = {READY: N_("待命"), COMMITTED: N_("已调用"), LIMITED: N_("部分可用"), OUT: N_("停用")}
TONES: dict[str, str] = {READY: "green", LIMITED: "yellow", COMMITTED: "orange", OUT: "grey"}
BY_HAND = frozenset({READY, LIMITED, OUT})
"""States that people set; ``committed`` comes and goes with the task."""

TEAM_LEVELS: dict[str, str] = {
    "": N_("未定"),
    "national": N_("国家级"),
    "provincial": N_("省级"),
    "city": N_("市级"),
    "county": N_("县级"),
    "enterprise": N_("企业专职"),
    "social": N_("社会力量"),
}


@dataclass(frozen=True, kw_only=True)
class Kind(DatedRule):
    """One kind of resource. ``vehicle``: by what it travels unless its record says otherwise; ``turnout_min``: minutes before it moves."""

    code: str
    name_zh: str
    name_en: str
    vehicle: str
    turnout_min: int
    tone: str


@dataclass(frozen=True, kw_only=True)
class Capability(DatedRule):
    """Something a resource can do, counted in ``unit``."""

    code: str
    name_zh: str
    name_en: str
    group: str
    unit_zh: str
    unit_en: str


@dataclass(frozen=True, kw_only=True)
class Supply(DatedRule):
    """One class of supplies of GB/T 38565: seven digits, four levels, its class above. The standard names them in Chinese."""

    code: str
    level: int
    parent: str
    name_zh: str


def kinds() -> dict[str, Kind]:
    """Every kind by code, in the order of the table."""
    return {row.code: row for row in TABLES.rows("kinds", Kind)}


def capabilities() -> dict[str, Capability]:
    """Every capability by code, in the order of the table."""
    return {row.code: row for row in TABLES.rows("capabilities", Capability)}


@lru_cache(maxsize=1)
def supplies() -> dict[str, Supply]:
    """Every class of supplies by code."""
    return {row.code: row for row in TABLES.rows("supplies", Supply)}


@lru_cache(maxsize=512)
def covering(code: str) -> tuple[str, ...]:
    """Codes that answer a need of ``code``: itself and, for a class of supplies, every class below it. Raises :class:`UnknownCapability`."""
    if code in capabilities():
        return (code,)
    if code not in supplies():
        raise UnknownCapability(code=code)
    # One digit names the first level, two more each further one: zeros at the end alone would not tell 1200000 from a class above it.
    stem = code[: (1, 3, 5, 7)[supplies()[code].level - 1]]
    return tuple(each for each in supplies() if each.startswith(stem))


def offer(code: str) -> str:
    """A capability or class of supplies by code or name, as its code. Raises :class:`UnknownCapability`."""
    text = code.strip()
    if text in capabilities() or text in supplies():
        return text
    for table in (capabilities(), supplies()):
        for each in table.values():
            if text in (each.name_zh, getattr(each, "name_en", "")):
                return str(each.code)
    raise UnknownCapability(code=text)


OFFER_LINES: Final = ("\n", "；", ";", "、")


def read_offers(text: str) -> tuple[tuple[str, Decimal], ...]:
    """Offers as people write them: ``灭火救援 2；洗消 1``. A missing number is 1. Raises :class:`UnknownCapability`, :class:`WrongQuantity`."""
    plain = text
    for sign in OFFER_LINES:
        plain = plain.replace(sign, "\n")
    found: dict[str, Decimal] = {}
    for line in plain.splitlines():
        words = line.replace("×", " ").replace("：", " ").split()
        if not words:
            continue
        number = Decimal(1)
        if len(words) > 1 and _is_number(words[-1]):
            number = quantity(words.pop())
        found[offer(" ".join(words))] = number
    return tuple(found.items())


def _is_number(text: str) -> bool:
    try:
        Decimal(text)
    except InvalidOperation:
        return False
    return True


def write_offers(offers: Iterable[tuple[str, Decimal]], *, english: bool = False) -> str:
    """The offers as :func:`read_offers` reads them, in Chinese or English."""
    return ("; " if english else "；").join(f"{name_of(code, english=english)} {plain(number)}" for code, number in offers)


def plain(number: Decimal) -> str:
    """A quantity without needless zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def name_of(code: str, *, english: bool = False) -> str:
    """Name of a capability or class of supplies; a code nobody knows any more is told as it is."""
    if (row := capabilities().get(code)) is not None:
        return row.name_en if english else row.name_zh
    supply = supplies().get(code)
    return supply.name_zh if supply is not None else code


def unit_of(code: str, *, english: bool = False) -> str:
    """Unit in which a capability is counted; empty for supplies, whose items carry their own."""
    row = capabilities().get(code)
    return "" if row is None else row.unit_en if english else row.unit_zh


# --- refusals --------------------------------------------------------------------------------------------------------------------


class UnknownCapability(Refusal):
    code: ClassVar[str] = "resources.unknown_capability"
    sentence: ClassVar[str] = N_("没有“{code}”这一能力或物资编码。请从能力目录或 GB/T 38565 物资目录中选择。")
    status: ClassVar[int] = 422


class UnknownKind(Refusal):
    code: ClassVar[str] = "resources.unknown_kind"
    sentence: ClassVar[str] = N_("没有“{value}”这一类资源，可填：{known}。")
    status: ClassVar[int] = 422


class WrongQuantity(Refusal):
    code: ClassVar[str] = "resources.wrong_quantity"
    sentence: ClassVar[str] = N_("“{value}”不是有效的数量，应为大于 0、至多三位小数的数。")
    status: ClassVar[int] = 422


class NameMissing(Refusal):
    code: ClassVar[str] = "resources.name_missing"
    sentence: ClassVar[str] = N_("请填名称。")
    status: ClassVar[int] = 422


class PositionMissing(Refusal):
    code: ClassVar[str] = "resources.position_missing"
    sentence: ClassVar[str] = N_("请填经度和纬度，否则算不出到达时间。")
    status: ClassVar[int] = 422


class WrongPosition(Refusal):
    code: ClassVar[str] = "resources.wrong_position"
    sentence: ClassVar[str] = N_("“{value}”不是有效的经纬度。")
    status: ClassVar[int] = 422


class AlreadyThere(Refusal):
    code: ClassVar[str] = "resources.already_there"
    sentence: ClassVar[str] = N_("“{name}”已在该区划登记过，请修改原记录。")
    status: ClassVar[int] = 409


class FacilityOnly(Refusal):
    code: ClassVar[str] = "resources.facility_only"
    sentence: ClassVar[str] = N_("“{name}”的名称、位置和联系方式来自重要防护目标，请在那里修改。")
    status: ClassVar[int] = 422


class ReasonMissing(Refusal):
    code: ClassVar[str] = "resources.reason_missing"
    sentence: ClassVar[str] = N_("请说明原因。")
    status: ClassVar[int] = 422


class WrongState(Refusal):
    code: ClassVar[str] = "resources.wrong_state"
    sentence: ClassVar[str] = N_("“{value}”不是可填的状态，可填：{known}。")
    status: ClassVar[int] = 422


class AlreadyCommitted(Refusal):
    """Somebody else has it: ``title`` names the task, ``name`` the resource (or the part of it) that is held."""

    code: ClassVar[str] = "resources.already_committed"
    sentence: ClassVar[str] = N_("“{name}”正在执行“{title}”（{by}，{since} 起），请先归还，或另选资源。")


class NotCommitted(Refusal):
    code: ClassVar[str] = "resources.not_committed"
    sentence: ClassVar[str] = N_("“{name}”没有为该任务调用，请刷新页面核对。")


class OutOfService(Refusal):
    code: ClassVar[str] = "resources.out_of_service"
    sentence: ClassVar[str] = N_("“{name}”已停用（{reason}），不能调用。请先恢复备勤，或另选资源。")


class NotEnough(Refusal):
    """Taking more than there is. ``have``: what there is, with its unit."""

    code: ClassVar[str] = "resources.not_enough"
    sentence: ClassVar[str] = N_("“{name}”可用 {have} {unit}，不够出库 {asked} {unit}。请减少数量，或从其他储备库调拨。")


class ExpiredBatch(Refusal):
    code: ClassVar[str] = "resources.expired_batch"
    sentence: ClassVar[str] = N_(
        "“{name}”未过期的只有 {have} {unit}（已过期 {expired} {unit}），不够出库 {asked} {unit}。过期批次请按报废登记。"
    )


class NotADepot(Refusal):
    code: ClassVar[str] = "resources.not_a_depot"
    sentence: ClassVar[str] = N_("“{name}”不是物资储备库，不能登记库存。")
    status: ClassVar[int] = 422


class SameDepot(Refusal):
    code: ClassVar[str] = "resources.same_depot"
    sentence: ClassVar[str] = N_("调出和调入是同一储备库，请选另一储备库。")
    status: ClassVar[int] = 422


class WrongPeriod(Refusal):
    code: ClassVar[str] = "resources.wrong_period"
    sentence: ClassVar[str] = N_("终止日期早于起始日期，请改正。")
    status: ClassVar[int] = 422


class OwnUnit(Refusal):
    code: ClassVar[str] = "resources.own_unit"
    sentence: ClassVar[str] = N_("队伍只能分为一层分队：所选上级本身是分队，或本记录已有分队。")
    status: ClassVar[int] = 422


# --- readiness and confirmation --------------------------------------------------------------------------------------------------


def readiness(value: object) -> str:
    """A state that people may set, by code or word. Raises :class:`WrongState`."""
    text = str(value or READY).strip()
    found = {label: code for code, label in READINESS.items()}.get(text, text)
    if found not in BY_HAND:
        raise WrongState(value=text, known="、".join(READINESS[code] for code in (READY, LIMITED, OUT)))
    return found


def kind(value: object) -> str:
    """A kind by code or word. Raises :class:`UnknownKind`."""
    text = str(value or "").strip()
    for row in kinds().values():
        if text in (row.code, row.name_zh):
            return row.code
    raise UnknownKind(value=text, known="、".join(row.name_zh for row in kinds().values()))


def due_after(confirmed: datetime, on: date) -> datetime:
    """When a record that was confirmed at ``confirmed`` must be confirmed again, by the period in force ``on`` a day."""
    return confirmed + timedelta(days=TABLES.parameter(VERIFY_DAYS, on))


# --- the stock ledger ------------------------------------------------------------------------------------------------------------

IN, ISSUE, TRANSFER_OUT, TRANSFER_IN, RETURN, LOSS, COUNT = "in", "issue", "transfer_out", "transfer_in", "return", "loss", "count"
MOVEMENTS: dict[str, str] = {
    IN: N_("入库"),
    ISSUE: N_("出库"),
    TRANSFER_OUT: N_("调出"),
    TRANSFER_IN: N_("调入"),
    RETURN: N_("归还"),
    LOSS: N_("报废损耗"),
    COUNT: N_("盘点调整"),
}
ADDS: Final = frozenset({IN, TRANSFER_IN, RETURN})
TAKES: Final = frozenset({ISSUE, TRANSFER_OUT, LOSS})
PLACES: Final = Decimal("0.001")
MOST: Final = Decimal("999999999")


def quantity(value: object, *, zero: bool = False) -> Decimal:
    """A quantity above zero (``zero``: or zero) of at most three decimals. Raises :class:`WrongQuantity`."""
    try:
        found = Decimal(str(value).strip().replace(",", ""))
    except InvalidOperation:
        raise WrongQuantity(value=value) from None
    if not found.is_finite() or found > MOST or found < 0 or (found == 0 and not zero) or found != found.quantize(PLACES):
        raise WrongQuantity(value=value)
    return found


def signed(movement: str, amount: Decimal) -> Decimal:
    """What a movement adds to the balance. ``amount`` is above zero, but for a stock-take, where it is the difference found."""
    return amount if movement in ADDS or movement == COUNT else -amount


@dataclass(frozen=True)
class Lot:
    """What a batch holds: ``key`` names it, ``expires_on`` is the last day it may be used."""

    key: str
    quantity: Decimal
    expires_on: date | None = None

    def expired(self, on: date) -> bool:
        """Whether it may no longer be used on a day."""
        return self.expires_on is not None and self.expires_on < on


def draw(lots: Sequence[Lot], amount: Decimal, on: date, *, name: str, unit: str) -> tuple[tuple[str, Decimal], ...]:
    """Which batches an issue is taken from: what expires first goes first, what has expired is never issued.

    Raises :class:`NotEnough`, or :class:`ExpiredBatch` where only what has expired would make it enough.
    """
    usable = sorted(
        (lot for lot in lots if lot.quantity > 0 and not lot.expired(on)), key=lambda lot: (lot.expires_on or date.max, lot.key)
    )
    have = sum((lot.quantity for lot in usable), Decimal(0))
    if have < amount:
        spoilt = sum((lot.quantity for lot in lots if lot.expired(on)), Decimal(0))
        told = {"name": name, "unit": unit, "have": plain(have), "asked": plain(amount)}
        raise ExpiredBatch(**told, expired=plain(spoilt)) if spoilt else NotEnough(**told)
    taken: list[tuple[str, Decimal]] = []
    left = amount
    for lot in usable:
        if left <= 0:
            break
        part = min(left, lot.quantity)
        taken.append((lot.key, part))
        left -= part
    return tuple(taken)


def balance(changes: Iterable[Decimal]) -> Decimal:
    """What is there after these changes, in whatever order they were entered."""
    return sum(changes, Decimal(0))


# --- ranking ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What of a resource weighs when it is ranked, besides its way."""

    readiness: str
    confirmed: bool
    certified: bool
    aid: bool


@dataclass(frozen=True)
class Reason:
    """Why a resource stands where it does: a code, and the minutes it costs in the ranking (0: only told)."""

    code: str
    minutes: int = 0


REASONS: dict[str, str] = {
    "ready": N_("待命"),
    "limited": N_("部分可用"),
    "confirmed": N_("年度核查有效"),
    "unverified": N_("年度核查逾期"),
    "certificate": N_("资质证书过期"),
    "aid": N_("属邻近地区，须请求支援"),
    "live": N_("按终端位置计算"),
    "straight": N_("没有路网，按直线距离估算"),
}


def reasons(standing: Standing, on: date) -> tuple[Reason, ...]:
    """Reasons with the minutes each costs, by the parameters in force ``on`` a day. Nobody is hidden: who is unverified stands lower."""
    found = [Reason(LIMITED, TABLES.parameter("limited_minutes", on)) if standing.readiness == LIMITED else Reason(READY)]
    found.append(Reason("confirmed") if standing.confirmed else Reason("unverified", TABLES.parameter("unverified_minutes", on)))
    if not standing.certified:
        found.append(Reason("certificate", TABLES.parameter("certificate_minutes", on)))
    if standing.aid:
        found.append(Reason("aid", TABLES.parameter("aid_minutes", on)))
    return tuple(found)


def straight_minutes(distance_m: float, on: date) -> float:
    """Minutes over ``distance_m`` (straight, metres) where there is no road net: a detour and a plain speed, both project defaults."""
    km = distance_m / 1000 * TABLES.parameter("detour_percent", on) / 100
    return km / TABLES.parameter("plain_speed", on) * 60


def along(points: Sequence[tuple[float, float]], share: float) -> tuple[float, float]:
    """Where one is after ``share`` (0 to 1) of the length of a line of points in degrees; short stretches, so that degrees are taken for plane."""
    narrow = math.cos(math.radians(points[0][1]))
    legs = [math.hypot((b[0] - a[0]) * narrow, b[1] - a[1]) for a, b in itertools.pairwise(points)]
    left = min(max(share, 0.0), 1.0) * sum(legs)
    for (a, b), leg in zip(itertools.pairwise(points), legs, strict=True):
        if left <= leg and leg > 0:
            part = left / leg
            return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
        left -= leg
    return points[-1]
