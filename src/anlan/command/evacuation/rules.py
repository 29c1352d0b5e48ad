"""The law of evacuation: its life, where people can be, and the books that must balance.

Everybody in the area is somewhere: at home, on the way, at a shelter, elsewhere, in hospital, staying on, missing, or back. A movement takes people from
one of these to another, so the sum never changes unless somebody is entered or struck off with a reason, and nobody is lost between two lists.

Source: 突发事件应对法 (2024) art. 73 (evacuation and settlement among the measures once an accident has happened), 生产安全事故应急条例 (Decree 708) art. 18.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar, Final

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, Tables

ACTIONS: dict[str, str] = {
    "evacuation.view": N_("查看人员疏散安置"),
    "evacuation.prepare": N_("编制疏散安置方案"),
    "evacuation.order": N_("下达疏散命令、批准返回"),
    "evacuation.record": N_("登记疏散人员去向"),
    "evacuation.people": N_("查看疏散人员姓名和电话"),
    "evacuation.close": N_("结束疏散安置"),
}

TABLES = Tables(Path(__file__).parent / "data")

# --- where people are ------------------------------------------------------------------------------------------------------------

HOME, MOVING, SHELTERED, ELSEWHERE, HOSPITAL, STAYING, MISSING, RETURNED = (
    "home",
    "moving",
    "sheltered",
    "elsewhere",
    "hospital",
    "staying",
    "missing",
    "returned",
)
WHERE: dict[str, str] = {
    HOME: N_("尚未核实"),
    MOVING: N_("转移途中"),
    SHELTERED: N_("已到安置点"),
    ELSEWHERE: N_("投亲靠友"),
    HOSPITAL: N_("就医"),
    STAYING: N_("留守"),
    MISSING: N_("失去联系"),
    RETURNED: N_("已返回"),
}
UNACCOUNTED: Final = (HOME, MOVING, MISSING)
"""Nobody has seen or spoken to them since: as long as there are such people the area is not empty."""
INSIDE: Final = (HOME, STAYING)
"""Still in the area."""
AWAY: Final = (SHELTERED, ELSEWHERE, HOSPITAL)

# --- what was heard of a household -----------------------------------------------------------------------------------------------

CALLS: dict[str, str] = {
    "waiting": N_("未通知"),
    "reached": N_("已通知"),
    "unreached": N_("联系不上"),
    "refused": N_("不愿撤离"),
    "empty": N_("无人在家"),
}

# --- life of an evacuation -------------------------------------------------------------------------------------------------------

PREPARED, ORDERED, EMPTIED, CLOSED, DROPPED = "prepared", "ordered", "emptied", "closed", "dropped"
LIVE: Final = (ORDERED, EMPTIED)

FLOW = Flow(
    code="evacuation",
    label=N_("人员疏散"),
    initial=PREPARED,
    states=(
        State(PREPARED, N_("待下令")),
        State(ORDERED, N_("疏散中")),
        State(EMPTIED, N_("已清空")),
        State(CLOSED, N_("已结束"), final=True),
        State(DROPPED, N_("未实施"), final=True),
    ),
    moves=(
        Move(
            "order",
            N_("下令疏散"),
            (PREPARED,),
            ORDERED,
            "evacuation.order",
            requires=("title", "grounds"),
            announces="evacuation.ordered",
        ),
        Move("empty", N_("确认清空"), (ORDERED,), EMPTIED, "evacuation.record", announces="evacuation.changed"),
        # Somebody was found inside after all: the area is no longer empty.
        Move("reopen", N_("重新疏散"), (EMPTIED,), ORDERED, "evacuation.record", reason_required=True, announces="evacuation.changed"),
        Move("close", N_("结束疏散"), (EMPTIED,), CLOSED, "evacuation.close", requires=("closing_note",), announces="evacuation.closed"),
        Move("drop", N_("不实施"), (PREPARED,), DROPPED, "evacuation.prepare", reason_required=True, danger=True),
    ),
    field_labels={"title": N_("名称"), "grounds": N_("疏散依据"), "closing_note": N_("结束说明")},
)

PROPOSED, ALLOWED, REFUSED = "proposed", "allowed", "refused"

WAVE_FLOW = Flow(
    code="return_wave",
    label=N_("分批返回"),
    initial=PROPOSED,
    states=(State(PROPOSED, N_("待批准")), State(ALLOWED, N_("准许返回"), final=True), State(REFUSED, N_("不准返回"), final=True)),
    moves=(
        # Whoever says that an area is safe is not the one who lets people back into it.
        Move(
            "allow",
            N_("批准返回"),
            (PROPOSED,),
            ALLOWED,
            "evacuation.order",
            requires=("grounds",),
            not_by=("proposed_by_id",),
            announces="evacuation.changed",
        ),
        Move(
            "refuse",
            N_("不予返回"),
            (PROPOSED,),
            REFUSED,
            "evacuation.order",
            not_by=("proposed_by_id",),
            reason_required=True,
            danger=True,
        ),
    ),
    field_labels={"grounds": N_("安全依据")},
)

GROUNDS = N_("《中华人民共和国突发事件应对法》（2024年修订）第七十三条")


@dataclass(frozen=True, kw_only=True)
class Need(DatedRule):
    """A need that changes how somebody is fetched; ``first``: fetched before others."""

    code: str
    name_zh: str
    name_en: str
    first: bool
    means_zh: str
    means_en: str


def needs(on: date) -> dict[str, Need]:
    """Needs in force on a day by code."""
    return {row.code: row for row in TABLES.in_force("needs", Need, on)}


# --- the books -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """``people`` of one group went from one whereabouts to another. An empty ``source``: they were entered; an empty ``target``: struck off."""

    source: str
    target: str
    people: int


def balance(steps: Iterable[Step]) -> dict[str, int]:
    """How many are where after all steps, in any order of them."""
    found = dict.fromkeys(WHERE, 0)
    for step in steps:
        if step.source:
            found[step.source] -= step.people
        if step.target:
            found[step.target] += step.people
    return found


def check_step(before: Mapping[str, int], step: Step) -> None:
    """Raise ``NotSoMany`` when more would leave than are there, ``NobodyMoves`` when nobody moves."""
    if step.people <= 0 or step.source == step.target:
        raise NobodyMoves
    if step.source and before[step.source] < step.people:
        raise NotSoMany(where=WHERE[step.source], have=before[step.source], asked=step.people)


@dataclass(frozen=True)
class Account:
    """The books of an evacuation: ``where`` → people. ``total``: everybody entered."""

    where: Mapping[str, int]

    @property
    def total(self) -> int:
        """Everybody who belongs to the area."""
        return sum(self.where.values())

    @property
    def unaccounted(self) -> int:
        """Those of whom nobody knows where they are now."""
        return sum(self.where[each] for each in UNACCOUNTED)

    @property
    def accounted(self) -> int:
        """Those whose whereabouts are known."""
        return self.total - self.unaccounted

    @property
    def inside(self) -> int:
        """Those still in the area, as far as known."""
        return sum(self.where[each] for each in INSIDE)

    @property
    def away(self) -> int:
        """Those at a shelter, elsewhere or in hospital."""
        return sum(self.where[each] for each in AWAY)


# Without letters and digits that are taken for each other on a wet slip of paper (0 O, 1 I L, 2 Z, 5 S, 8 B, U V).
_LETTERS: Final = "34679ACDEFGHJKMNPQRTWXY"
CODE_LENGTH: Final = 6


def new_code() -> str:
    """A code for a slip: six letters and digits and one that checks them."""
    body = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))
    return body + check_letter(body)


def check_letter(body: str) -> str:
    """The checking letter: each place weighs 1 to 6, modulo 23 (a prime), so one wrong letter or two changed about are found."""
    return _LETTERS[sum(weight * _LETTERS.index(letter) for weight, letter in enumerate(body, 1)) % len(_LETTERS)]


def read_code(text: str) -> str:
    """A code as it was scanned or typed: spaces, dashes, an address before it and small letters do not matter. Raises ``BadCode``."""
    told = text.strip().rstrip("/").rsplit("/", 1)[-1].replace("-", "").replace(" ", "").upper()
    if len(told) != CODE_LENGTH + 1 or set(told) - set(_LETTERS) or check_letter(told[:-1]) != told[-1]:
        raise BadCode(code=text.strip()[:20])
    return told


# --- refusals --------------------------------------------------------------------------------------------------------------------


class NobodyMoves(Refusal):
    code: ClassVar[str] = "evacuation_nobody_moves"
    sentence: ClassVar[str] = N_("请填写人数（至少 1 人），并选择与现在不同的去向。")
    status: ClassVar[int] = 422


class NotSoMany(Refusal):
    code: ClassVar[str] = "evacuation_not_so_many"
    sentence: ClassVar[str] = N_("“{where}”只有 {have} 人，不能登记 {asked} 人。请核对人数，或先登记新增人员。")


class PeopleUnaccounted(Refusal):
    code: ClassVar[str] = "evacuation_people_unaccounted"
    sentence: ClassVar[str] = N_("还有 {count} 人去向不明（{places}），不能确认清空。请逐户核实后再确认。")


class PeopleAway(Refusal):
    code: ClassVar[str] = "evacuation_people_away"
    sentence: ClassVar[str] = N_("还有 {count} 人在安置点或途中，不能结束。请先登记返回或去向。")


class NotOrdered(Refusal):
    code: ClassVar[str] = "evacuation_not_ordered"
    sentence: ClassVar[str] = N_("疏散命令尚未下达或已经结束，不能登记去向。")


class NoReturnYet(Refusal):
    code: ClassVar[str] = "evacuation_no_return_yet"
    sentence: ClassVar[str] = N_("“{place}”还没有批准返回。请先提出分批返回，并由另一人批准。")


class BadCode(Refusal):
    code: ClassVar[str] = "evacuation_bad_code"
    sentence: ClassVar[str] = N_("“{code}”不是有效的疏散登记码，请重新扫描或核对。")
    status: ClassVar[int] = 422


class UnknownCode(Refusal):
    code: ClassVar[str] = "evacuation_unknown_code"
    sentence: ClassVar[str] = N_("本次疏散中没有登记码“{code}”。若持码人来自其他区域，请按“现场登记”登记。")
    status: ClassVar[int] = 404


class NoArea(Refusal):
    code: ClassVar[str] = "evacuation_no_area"
    sentence: ClassVar[str] = N_("没有可疏散的地点：该研判的危险区内没有登记人口。请手工添加地点。")
    status: ClassVar[int] = 422


class NoReason(Refusal):
    code: ClassVar[str] = "evacuation_no_reason"
    sentence: ClassVar[str] = N_("请写明理由。")
    status: ClassVar[int] = 422


class NoSuchNeed(Refusal):
    code: ClassVar[str] = "evacuation_no_such_need"
    sentence: ClassVar[str] = N_("没有名为“{need}”的特殊需要。")
    status: ClassVar[int] = 422
