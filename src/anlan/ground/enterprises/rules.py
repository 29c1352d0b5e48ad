"""The law of the enterprise file: code lists, the unified social credit code, moves between states, completeness. No Django, no clock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import ClassVar

from stdnum.cn import uscc as gb32100

from anlan.kernel.errors import NotFound, Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, in_force, load_rules

SENDABLE = ("enterprises.change",)
"""What an enterprise's own system may send with an interface key."""

ACTIONS: dict[str, str] = {
    "enterprises.view": N_("查看企业档案"),
    "enterprises.register": N_("登记企业"),
    "enterprises.change": N_("修改企业档案"),
    "enterprises.change_state": N_("变更企业状态"),
    "enterprises.import": N_("批量导入企业"),
    "enterprises.export": N_("导出企业清单"),
    "enterprises.join": N_("凭邀请链接填报企业档案"),
    "enterprises.merge": N_("合并重复企业"),
    "enterprises.view_contacts": N_("查看企业联系人完整电话"),
}

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Characters of a unified social credit code (GB 32100-2015 table 2): no I, O, S, V, Z."""

SCALES: dict[str, str] = {"large": N_("大型"), "medium": N_("中型"), "small": N_("小型"), "micro": N_("微型")}

OPERATING, TRIAL, SUSPENDED, CLOSED, REVOKED, DEREGISTERED, MERGED = (
    "operating",
    "trial",
    "suspended",
    "closed",
    "revoked",
    "deregistered",
    "merged",
)
STATES: dict[str, str] = {
    OPERATING: N_("在业"),
    TRIAL: N_("试生产"),
    SUSPENDED: N_("停产"),
    CLOSED: N_("关闭"),
    REVOKED: N_("吊销"),
    DEREGISTERED: N_("注销"),
}
"""States of operation that a person chooses. ``MERGED`` is none of them: such a file is closed, in no list, and nothing is added to it."""
# A closed works may be brought back (with a reason); a unit that was struck off the register never comes back under its code.
STATE_MOVES: dict[str, frozenset[str]] = {
    OPERATING: frozenset({SUSPENDED, CLOSED, REVOKED, DEREGISTERED}),
    TRIAL: frozenset({OPERATING, SUSPENDED, CLOSED, REVOKED, DEREGISTERED}),
    SUSPENDED: frozenset({OPERATING, TRIAL, CLOSED, REVOKED, DEREGISTERED}),
    CLOSED: frozenset({OPERATING, TRIAL, REVOKED, DEREGISTERED}),
    REVOKED: frozenset({DEREGISTERED}),
    DEREGISTERED: frozenset(),
}
LIVE_STATES = frozenset({OPERATING, TRIAL, SUSPENDED})
STATE_COLOURS: dict[str, str] = {OPERATING: "green", TRIAL: "blue"}

SOURCE_BUREAU, SOURCE_ENTERPRISE, SOURCE_IMPORT, SOURCE_UPPER, SOURCE_INTERFACE = (
    "bureau",
    "enterprise",
    "import",
    "upper",
    "interface",
)
SOURCES: dict[str, str] = {
    SOURCE_BUREAU: N_("监管部门录入"),
    SOURCE_ENTERPRISE: N_("企业填报"),
    SOURCE_IMPORT: N_("表格导入"),
    SOURCE_UPPER: N_("上级下发"),
    SOURCE_INTERFACE: N_("接口交换"),
}

CONTACT_ROLES: dict[str, str] = {
    "principal": N_("主要负责人"),
    "safety_director": N_("安全总监"),
    "safety_manager": N_("安全管理人员"),
    "emergency": N_("应急联系人"),
    "control_room": N_("值班室"),
}

MAJOR_LEVELS: dict[int, str] = {1: N_("一级"), 2: N_("二级"), 3: N_("三级"), 4: N_("四级")}


class WrongCreditCodeLength(Refusal):
    code: ClassVar[str] = "uscc_length"
    sentence: ClassVar[str] = N_("统一社会信用代码“{value}”是 {length} 位，应为 18 位，请对照营业执照核对。")
    status: ClassVar[int] = 422


class WrongCreditCodeCharacter(Refusal):
    code: ClassVar[str] = "uscc_character"
    sentence: ClassVar[str] = N_(
        "统一社会信用代码“{value}”第 {position} 位“{character}”不允许：只用数字和大写字母，不含 I、O、S、V、Z，第 3—8 位为数字。"
    )
    status: ClassVar[int] = 422


class WrongCreditCodeCheckDigit(Refusal):
    code: ClassVar[str] = "uscc_check_digit"
    sentence: ClassVar[str] = N_("统一社会信用代码“{value}”校验不符：按前 17 位计算末位应为“{expected}”，而不是“{found}”。")
    status: ClassVar[int] = 422


class CreditCodeTaken(Refusal):
    code: ClassVar[str] = "uscc_taken"
    sentence: ClassVar[str] = N_("统一社会信用代码 {uscc} 已登记为“{name}”，请打开该企业档案修改，不要重复登记。")


class CreditCodeTakenElsewhere(Refusal):
    code: ClassVar[str] = "uscc_taken_elsewhere"
    sentence: ClassVar[str] = N_("统一社会信用代码 {uscc} 已在您管辖范围以外登记，请联系上级部门核对归属。")


class CreditCodeMerged(Refusal):
    code: ClassVar[str] = "uscc_merged"
    sentence: ClassVar[str] = N_("统一社会信用代码 {uscc} 的档案“{name}”已并入“{into}”，请在“{into}”的档案中办理，不要重新登记。")


class EnterpriseMerged(NotFound):
    """The file that was asked for was merged into another one: nothing is shown of it and nothing is added to it."""

    code = "enterprise_merged"
    sentence = N_("企业档案“{name}”已并入“{into}”（{uscc}），请在“{into}”的档案中办理。")
    status = 409


class UnknownCode(Refusal):
    code: ClassVar[str] = "unknown_code"
    sentence: ClassVar[str] = N_("“{value}”不是{list}中的代码，请从列表中选择。")
    status: ClassVar[int] = 422


class StateMoveNotAllowed(Refusal):
    code: ClassVar[str] = "enterprise_state"
    sentence: ClassVar[str] = N_("企业状态不能从“{source}”变为“{target}”。")


class MissingValue(Refusal):
    code: ClassVar[str] = "missing_value"
    sentence: ClassVar[str] = N_("请填写“{field}”。")
    status: ClassVar[int] = 422


class PlaceNotInForce(Refusal):
    code: ClassVar[str] = "place_not_in_force"
    sentence: ClassVar[str] = N_("区划代码 {code}（{name}）已停用，现行代码为 {successor}，请改用现行代码。")
    status: ClassVar[int] = 422


class PlaceUnknown(Refusal):
    code: ClassVar[str] = "place_unknown"
    sentence: ClassVar[str] = N_("区划代码 {code} 不存在，请从区划列表中选择。")
    status: ClassVar[int] = 422


class PlaceAbolished(Refusal):
    code: ClassVar[str] = "place_abolished"
    sentence: ClassVar[str] = N_("区划代码 {code}（{name}）已停用且没有唯一的后继代码，请从区划列表中选择现行区划。")
    status: ClassVar[int] = 422


class PlaceTooHigh(Refusal):
    code: ClassVar[str] = "place_too_high"
    sentence: ClassVar[str] = N_("“{name}”（{code}）不是县级或乡镇级区划，企业应归属到县（区）或乡镇（街道）。")
    status: ClassVar[int] = 422


class HalfAPoint(Refusal):
    code: ClassVar[str] = "half_a_point"
    sentence: ClassVar[str] = N_("经度和纬度要么都填，要么都不填。")
    status: ClassVar[int] = 422


class PointOutsideCounty(Refusal):
    code: ClassVar[str] = "point_outside_county"
    sentence: ClassVar[str] = N_(
        "坐标（{longitude}，{latitude}）落在{found}（{found_code}），不在所填的{expected}（{expected_code}），请核对坐标或归属地。"
    )
    status: ClassVar[int] = 422


class PointNowhere(Refusal):
    code: ClassVar[str] = "point_nowhere"
    sentence: ClassVar[str] = N_("坐标（{longitude}，{latitude}）不在任何县级区划范围内，应在{expected}，请核对坐标。")
    status: ClassVar[int] = 422


class BadBoundary(Refusal):
    code: ClassVar[str] = "bad_boundary"
    sentence: ClassVar[str] = N_("厂界图形无效：{reason}。请提供首尾相接、互不交叉的 GeoJSON 多边形（经度在前）。")
    status: ClassVar[int] = 422


class BadPhone(Refusal):
    code: ClassVar[str] = "bad_phone"
    sentence: ClassVar[str] = N_("“{value}”不是有效的电话号码：应为 11 位手机号，或“区号-号码”形式的固定电话。")
    status: ClassVar[int] = 422


class NotANumber(Refusal):
    code: ClassVar[str] = "not_a_number"
    sentence: ClassVar[str] = N_("“{value}”不是有效的数值。")
    status: ClassVar[int] = 422


class TextTooLong(Refusal):
    code: ClassVar[str] = "text_too_long"
    sentence: ClassVar[str] = N_("内容有 {length} 个字，最多 {limit} 个字。")
    status: ClassVar[int] = 422


class SiteNameTaken(Refusal):
    code: ClassVar[str] = "site_name_taken"
    sentence: ClassVar[str] = N_("该企业已有名为“{name}”的厂区，请换一个名称或修改原厂区。")


def credit_code(value: str) -> str:
    """Normalise and check a unified social credit code (GB 32100-2015): 18 characters, 3rd to 8th digits, check digit modulo 31.

    Spaces and hyphens are dropped and letters raised. Full-width characters are folded, because spreadsheets are full of them.
    Raises :class:`WrongCreditCodeLength`, :class:`WrongCreditCodeCharacter` or :class:`WrongCreditCodeCheckDigit` (which names
    the expected digit).
    """
    text = gb32100.compact(_half_width(str(value)))
    if len(text) != 18:
        raise WrongCreditCodeLength(value=text, length=len(text))
    for position, character in enumerate(text, start=1):
        allowed = "0123456789" if 3 <= position <= 8 else ALPHABET
        if character not in allowed:
            raise WrongCreditCodeCharacter(value=text, position=position, character=character)
    expected = gb32100.calc_check_digit(text[:17])
    if text[17] != expected:
        raise WrongCreditCodeCheckDigit(value=text, expected=expected, found=text[17])
    return text


def complete_credit_code(first_17: str) -> str:
    """The full code for its first 17 characters; for demo data and tests. Raises the refusals of :func:`credit_code`."""
    return credit_code(first_17 + gb32100.calc_check_digit(first_17))


def _half_width(text: str) -> str:
    return text.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20})


def check_state_move(source: str, target: str) -> None:
    """Raise :class:`StateMoveNotAllowed` unless the state of an enterprise may go from ``source`` to ``target``."""
    if target not in STATE_MOVES.get(source, frozenset()):
        raise StateMoveNotAllowed(source=STATES.get(source, source), target=STATES.get(target, target))


def phone_number(value: str) -> str:
    """Normalise a Chinese telephone number: 11-digit mobile, or area code and number joined by a hyphen; raises :class:`BadPhone`."""
    text = _half_width(str(value)).strip().replace(" ", "")
    digits = text.replace("-", "")
    mobile = len(digits) == 11 and digits.startswith("1") and digits[1] in "3456789"
    fixed = digits.startswith("0") and 10 <= len(digits) <= 12
    if not digits.isascii() or not digits.isdigit() or not (mobile or fixed):
        raise BadPhone(value=value)
    return digits if mobile else text


def masked_phone(value: str) -> str:
    """A telephone number with its middle hidden: ``138****0000``; short ones keep only the last two digits."""
    if len(value) >= 11:
        return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}"
    return "*" * max(len(value) - 2, 0) + value[-2:]


@dataclass(frozen=True)
class Need:
    """One thing a complete enterprise file has, and how much it counts."""

    code: str
    label: str
    weight: int


NEED_LABELS: dict[str, str] = {
    "legal_representative": N_("法定代表人"),
    "industry_code": N_("行业代码"),
    "sector_code": N_("行业领域"),
    "scale": N_("企业规模"),
    "registered_address": N_("注册地址"),
    "point": N_("坐标"),
    "staff_count": N_("从业人数"),
    "supervisor": N_("监管部门"),
    "site": N_("厂区"),
    "contact": N_("主要负责人联系方式"),
    "emergency_contact": N_("应急联系人或值班室电话"),
    "boundary": N_("厂界"),
    "licence": N_("有效的安全许可证照"),
    "certified_manager": N_("有效的负责人或安全管理人员考核合格证"),
}


@dataclass(frozen=True, kw_only=True)
class NeedRule(DatedRule):
    """A row of ``data/completeness.csv``: what a file needs and how much it counts; ``sector`` empty: whatever the sector."""

    code: str
    sector: str
    weight: int


@cache
def need_rules() -> tuple[NeedRule, ...]:
    """Every row, of any day. The weights are this platform's own choice: what finds and calls an enterprise in an emergency counts most."""
    return load_rules(Path(__file__).parent / "data" / "completeness.csv", NeedRule)


def needs_of(sector: str, day: date) -> tuple[Need, ...]:
    """What the file of an enterprise of ``sector`` needs on ``day``; a row of its sector takes the place of the general one."""
    held = in_force(need_rules(), day)
    rows = {row.code: row for row in held if not row.sector} | {row.code: row for row in held if row.sector and row.sector == sector}
    return tuple(Need(row.code, NEED_LABELS[row.code], row.weight) for row in rows.values())


NEEDS: tuple[Need, ...] = needs_of("", date.max)
"""What every file needs, whatever the sector."""


@dataclass(frozen=True)
class Completeness:
    """How complete a file is: 0–100, and the needs that are not met, heaviest first."""

    score: int
    missing: tuple[Need, ...]


def completeness(have: Collection[str], needs: tuple[Need, ...] = NEEDS) -> Completeness:
    """Score a file by the codes of the needs it meets: met weight over all weight, rounded down, so that 100 means nothing is missing."""
    total = sum(need.weight for need in needs)
    met = sum(need.weight for need in needs if need.code in have)
    missing = sorted((need for need in needs if need.code not in have), key=lambda need: -need.weight)
    return Completeness(score=met * 100 // total if total else 100, missing=tuple(missing))
