"""The law of 应急〔2018〕19号: deductions with a ceiling for each group, bonuses, vetoes, colours; and the life of an assessment.

Trial guide for enterprises that produce or store hazardous chemicals: 100 points, what a group can lose is lost at most once ("扣完为止"),
some facts make an enterprise red at once. No Django, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule
from anlan.prevent.standing import refusals

ACTIONS: dict[str, str] = {
    "standing.view": N_("查看企业安全风险分级"),
    "standing.fill": N_("填写安全风险分级自评"),
    "standing.submit": N_("提交安全风险分级自评"),
    "standing.review": N_("审核安全风险分级自评"),
}

DEDUCT, BONUS, VETO = "deduct", "bonus", "veto"
MOST_COUNT = 9_999
SECTORS = frozenset({"S26"})
"""Sectors of the register to which the guide applies."""

COLOURS: dict[str, str] = {"red": N_("红色"), "orange": N_("橙色"), "yellow": N_("黄色"), "blue": N_("蓝色")}
"""Worst first."""
STATUSES: dict[str, str] = {"verified": N_("已核实"), "secondary": N_("二手资料"), "unverified": N_("未核实")}

DRAFT, SUBMITTED, RETURNED, ACCEPTED = "draft", "submitted", "returned", "accepted"
EDITABLE = (DRAFT, RETURNED)
SAME_YEAR_OPEN = N_("请先审核并入方提交的分级")
"""What is to be done before two enterprises are merged that both have an assessment of one year, the second one waiting for the bureau."""
STATE_TONES: dict[str, str] = {DRAFT: "grey", SUBMITTED: "blue", RETURNED: "orange", ACCEPTED: "green"}

FLOW = Flow(
    code="grading",
    label=N_("安全风险分级自评"),
    initial=DRAFT,
    states=(
        State(DRAFT, N_("填写中")),
        State(SUBMITTED, N_("待审核")),
        State(RETURNED, N_("已退回")),
        State(ACCEPTED, N_("已认定"), final=True),
    ),
    moves=(
        Move("submit", N_("提交审核"), EDITABLE, SUBMITTED, "standing.submit", announces="standing.submitted"),
        Move(
            "accept",
            N_("认定"),
            (SUBMITTED,),
            ACCEPTED,
            "standing.review",
            not_by=("submitted_by_id", "filled_by_id"),
            announces="standing.accepted",
        ),
        Move(
            "send_back",
            N_("退回"),
            (SUBMITTED,),
            RETURNED,
            "standing.review",
            not_by=("submitted_by_id", "filled_by_id"),
            danger=True,
            announces="standing.returned",
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Item(DatedRule):
    """One item. ``cap``: most that its group can lose (empty: no ceiling); ``points``: each time; ``counted``: how often it is met is
    counted, else it holds or not; ``conflicts``: codes that cannot hold beside it; ``danger_criteria``: criteria of major hidden dangers
    whose open dangers propose it."""

    code: str
    group_zh: str
    group_en: str
    cap: Decimal | None
    kind: str
    points: Decimal | None
    counted: bool
    unit_zh: str
    unit_en: str
    text_zh: str
    text_en: str
    danger_criteria: str
    conflicts: str

    @property
    def most(self) -> int:
        """The largest count that may be given."""
        return MOST_COUNT if self.counted else 1


@dataclass(frozen=True, kw_only=True)
class Band(DatedRule):
    """A colour from a score upward."""

    code: str
    at_least: Decimal


@dataclass(frozen=True, kw_only=True)
class Parameter(DatedRule):
    """One figure of the guide or of the project."""

    code: str
    label_zh: str
    label_en: str
    value: int
    unit: str


@dataclass(frozen=True)
class Group:
    """What a group lost and gained. ``lost`` is held at ``cap``; ``asked`` is what its items add up to."""

    name_zh: str
    name_en: str
    cap: Decimal | None
    asked: Decimal
    lost: Decimal
    gained: Decimal


@dataclass(frozen=True)
class Result:
    """The outcome: ``score`` (full score less losses plus gains), vetoes that hold, and the colour."""

    score: Decimal
    colour: str
    vetoes: tuple[str, ...]
    groups: tuple[Group, ...]


def grade(items: Iterable[Item], bands: Iterable[Band], counts: Mapping[str, int], full: int) -> Result:
    """Grade by how often each item holds (missing: not at all). A veto is red whatever the score."""
    rows = tuple(items)
    vetoes = tuple(item.code for item in rows if item.kind == VETO and counts.get(item.code, 0) > 0)
    groups = []
    for name in dict.fromkeys(item.group_zh for item in rows if item.kind != VETO):
        members = [item for item in rows if item.group_zh == name]
        asked = sum((_points(item, counts) for item in members if item.kind == DEDUCT), Decimal(0))
        gained = sum((_points(item, counts) for item in members if item.kind == BONUS), Decimal(0))
        cap = next((item.cap for item in members if item.cap is not None), None)
        groups.append(Group(name, members[0].group_en, cap, asked, asked if cap is None else min(asked, cap), gained))
    score = Decimal(full) - sum((each.lost for each in groups), Decimal(0)) + sum((each.gained for each in groups), Decimal(0))
    return Result(score, "red" if vetoes else colour(bands, score), vetoes, tuple(groups))


def _points(item: Item, counts: Mapping[str, int]) -> Decimal:
    return (item.points or Decimal(0)) * counts.get(item.code, 0)


def colour(bands: Iterable[Band], score: Decimal) -> str:
    """The colour of a score: the band with the highest floor that it reaches; red below all."""
    reached = [band for band in bands if score >= band.at_least]
    return max(reached, key=lambda band: band.at_least).code if reached else "red"


def count(item: Item, value: object) -> int:
    """How often an item holds, as typed; empty is 0. Raises ``NotCounted``."""
    text = str(value if value is not None else "").strip() or "0"
    if not (text.isascii() and text.isdigit()) or int(text) > item.most:
        raise refusals.NotCounted(item=item.text_zh, value=text, most=item.most)
    return int(text)


def counts(items: Iterable[Item], given: Mapping[str, object]) -> dict[str, int]:
    """Every item's count. Raises ``Invalid`` naming all that cannot be read or contradict each other."""
    rows = {item.code: item for item in items}
    found: dict[str, int] = {}
    wrong: dict[str, Refusal | str] = {}
    for code, item in rows.items():
        try:
            found[code] = count(item, given.get(code))
        except Refusal as refusal:
            wrong[code] = refusal
    for code, item in rows.items():
        for other in item.conflicts.split():
            if found.get(code) and found.get(other):
                wrong[code] = refusals.Contradiction(item=item.text_zh, other=rows[other].text_zh)
    if wrong:
        raise Invalid(fields=wrong)
    return found


def check_proofs(items: Iterable[Item], held: Mapping[str, int], proofs: Mapping[str, str]) -> None:
    """A bonus needs its proof. Raises ``Invalid`` naming every bonus without."""
    wrong: dict[str, Refusal | str] = {
        item.code: refusals.ProofMissing(item=item.text_zh)
        for item in items
        if item.kind == BONUS and held.get(item.code) and not proofs.get(item.code, "").strip()
    }
    if wrong:
        raise Invalid(fields=wrong)


def check_review(items: Iterable[Item], own: Mapping[str, int], found: Mapping[str, int], reasons: Mapping[str, str]) -> None:
    """Where the bureau finds otherwise than the enterprise it says why. Raises ``Invalid`` naming every item without a reason."""
    wrong: dict[str, Refusal | str] = {
        item.code: refusals.DifferenceUnexplained(item=item.text_zh)
        for item in items
        if own.get(item.code, 0) != found.get(item.code, 0) and not reasons.get(item.code, "").strip()
    }
    if wrong:
        raise Invalid(fields=wrong)
