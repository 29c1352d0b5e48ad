"""The law of patrols: the draw that anybody can repeat, findings, the flow of a spot check, the order of the league table. No Django, no clock.

The draw: every point of the population has the number ``SHA-256("<seed>:<channel>")`` (hex, UTF-8); points are ordered by it and the first *n* are
drawn. Nobody who does not know the seed can foresee it, and whoever knows it can repeat it with ``sha256sum`` alone (docs/completeness.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "patrol.view": N_("查看监测巡查"),
    "patrol.draw": N_("抽取抽查测点"),
    "patrol.check": N_("登记抽查结果"),
    "patrol.close": N_("办结或作废抽查"),
}

METHOD = "sha256-seed-channel-1"
"""Recorded with every draw; another method gets another name."""
MOST_DRAWN = 500
LONGEST_SEED = 64

OPEN, CLOSED, DROPPED = "open", "closed", "dropped"
FLOW = Flow(
    code="patrol",
    label=N_("监测抽查"),
    initial=OPEN,
    states=(State(OPEN, N_("核查中")), State(CLOSED, N_("已办结"), final=True), State(DROPPED, N_("已作废"), final=True)),
    moves=(
        Move("close", N_("办结"), (OPEN,), CLOSED, "patrol.close", requires=("conclusion",)),
        # A draw that somebody did not like must not vanish: it stays with its reason.
        Move("drop", N_("作废"), (OPEN,), DROPPED, "patrol.close", reason_required=True, danger=True),
    ),
    field_labels={"conclusion": N_("结论")},
)
STATE_TONES: dict[str, str] = {OPEN: "yellow", CLOSED: "green", DROPPED: "grey"}

WAITING, FINE = "", "fine"
FINDINGS: dict[str, str] = {
    FINE: N_("正常：现场与平台一致"),
    "deviating": N_("数值与现场不符"),
    "faulty": N_("故障或损坏"),
    "blocked": N_("被遮挡、旁路或屏蔽"),
    "absent": N_("现场没有该测点"),
    "not_reached": N_("未能到场核查"),
}
FAILED = ("deviating", "faulty", "blocked", "absent")
"""Findings by which something is wrong at the point; not to have reached it says nothing of it."""
FINDING_TONES: dict[str, str] = {
    FINE: "green",
    "deviating": "orange",
    "faulty": "red",
    "blocked": "red",
    "absent": "red",
    "not_reached": "grey",
}


class NothingToDraw(Refusal):
    code: ClassVar[str] = "patrol_nothing_to_draw"
    sentence: ClassVar[str] = N_("所选范围内没有在用测点，请放宽范围后再抽取。")
    status: ClassVar[int] = 422


class DrawSize(Refusal):
    code: ClassVar[str] = "patrol_draw_size"
    sentence: ClassVar[str] = N_("一次可抽取 1 至 {most} 个测点。")
    status: ClassVar[int] = 422


class SeedTooLong(Refusal):
    code: ClassVar[str] = "patrol_seed"
    sentence: ClassVar[str] = N_("抽取种子须为 1 至 {most} 个可见字符；留空则由本平台随机产生。")
    status: ClassVar[int] = 422


class UnknownFinding(Refusal):
    code: ClassVar[str] = "patrol_unknown_finding"
    sentence: ClassVar[str] = N_("请选择核查结果。")
    status: ClassVar[int] = 422


class NoteMissing(Refusal):
    code: ClassVar[str] = "patrol_note_missing"
    sentence: ClassVar[str] = N_("结果不是“正常”时，请写明现场情况。")
    status: ClassVar[int] = 422


class NotAllChecked(Refusal):
    code: ClassVar[str] = "patrol_not_all_checked"
    sentence: ClassVar[str] = N_("还有 {count} 个测点没有登记结果，登记后才能办结；未能到场的也要登记原因。")


class AlreadyClosed(Refusal):
    code: ClassVar[str] = "patrol_already_closed"
    sentence: ClassVar[str] = N_("该抽查已办结或作废，不能再登记结果。")


def number_of(seed: str, channel: int) -> str:
    """The number of a point in a draw: SHA-256 of ``<seed>:<channel>`` in hex."""
    return hashlib.sha256(f"{seed}:{channel}".encode()).hexdigest()


def draw(seed: str, channels: Iterable[int], wanted: int) -> list[tuple[int, str]]:
    """The drawn channels with their numbers, in the order of the draw; all of them when there are fewer than ``wanted``.

    Raises :class:`DrawSize`, :class:`NothingToDraw`.
    """
    if not 1 <= wanted <= MOST_DRAWN:
        raise DrawSize(most=MOST_DRAWN)
    numbered = sorted((number_of(seed, channel), channel) for channel in set(channels))
    if not numbered:
        raise NothingToDraw()
    return [(channel, number) for number, channel in numbered[:wanted]]


def population_digest(channels: Iterable[int]) -> str:
    """SHA-256 in hex of the population: its channel numbers, ascending, separated by commas."""
    return hashlib.sha256(",".join(str(channel) for channel in sorted(set(channels))).encode()).hexdigest()


def checked_seed(seed: str) -> str:
    """``seed`` itself. Raises :class:`SeedTooLong`."""
    if not (1 <= len(seed) <= LONGEST_SEED and seed.isprintable() and seed == seed.strip()):
        raise SeedTooLong(most=LONGEST_SEED)
    return seed


def assigned(points: int, assignees: Sequence[str]) -> list[str]:
    """Who checks which point: in turn, in the order of the draw, so that nobody chooses his points; empty strings without assignees."""
    return [assignees[at % len(assignees)] if assignees else "" for at in range(points)]


@dataclass(frozen=True)
class Standing:
    """One line of the league table. Shares in per cent, ``None`` where nothing was expected; ``before``: completeness in the time before.

    ``overdue``, ``due_soon``: points whose calibration was due before, or is soon; ``overdue_share``: of all points in use, per cent.
    """

    key: str
    name: str
    completeness: float | None
    before: float | None
    online: float | None
    outside: float | None
    frozen_days: int
    gaps: int
    unacknowledged: int
    points: int
    overdue: int = 0
    due_soon: int = 0
    overdue_share: float | None = None

    @property
    def trend(self) -> float | None:
        """How much completeness changed, in percentage points."""
        return None if self.completeness is None or self.before is None else round(self.completeness - self.before, 2)


ORDERS: dict[str, str] = {
    "worst": N_("综合"),
    "online": N_("在线率"),
    "outside": N_("超量程"),
    "frozen_days": N_("整日不变"),
    "gaps": N_("未补齐缺口"),
    "unacknowledged": N_("未确认报警"),
    "overdue": N_("校准超期测点数"),
    "overdue_share": N_("校准超期占比"),
}
"""What the league table can be ordered by, worst first in each: ``worst`` by :func:`worst_first`, the others by one column of it."""
_LOW_IS_WORSE = frozenset({"online"})


def ordered(standings: Iterable[Standing], by: str) -> list[Standing]:
    """The table by one of :data:`ORDERS`, the worst first; those alike in it as :func:`worst_first` has them, what is not known at the end."""
    found = worst_first(standings)
    if by not in ORDERS or by == "worst":
        return found
    sign = 1 if by in _LOW_IS_WORSE else -1

    def order(standing: Standing) -> tuple[bool, float]:
        value = getattr(standing, by)
        return value is None, 0.0 if value is None else sign * value

    return sorted(found, key=order)


def worst_first(standings: Iterable[Standing]) -> list[Standing]:
    """Lowest completeness first, then lowest online share, then most unacknowledged alarms; what is not known stands at the end."""

    def order(standing: Standing) -> tuple[bool, float, float, int, str]:
        known = standing.completeness
        return (
            known is None,
            known if known is not None else 0.0,
            standing.online if standing.online is not None else 100.0,
            -standing.unacknowledged,
            standing.key,
        )

    return sorted(standings, key=order)
