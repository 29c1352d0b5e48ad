"""The law of mine rescue: the life of an operation and of an entry, what must be true before a squad goes in, how long nobody may.

The figures are dated data and every one of them is the project's own default, unverified (``data``): the text of 矿山救护规程 was not seen. A squad's own
rules in force go before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final

from anlan.command.minerescue import air
from anlan.command.minerescue.apparatus import Figures
from anlan.kernel.errors import Refusal
from anlan.kernel.flow import Flow, Move, State
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, Tables

ACTIONS: dict[str, str] = {
    "minerescue.view": N_("查看矿山救护"),
    "minerescue.record": N_("开设矿山救护，登记小队、入井和井下报告"),
    "minerescue.command": N_("禁止入井、批准破例入井、结束矿山救护"),
}
TABLES = Tables(Path(__file__).parent / "data")

MINES: Final = ("S46", "S47")
"""Sectors whose enterprises have an underground: coal; metal and non-metal."""

DISASTERS: dict[str, str] = {
    "gas": N_("瓦斯（煤尘）爆炸"),
    "fire": N_("火灾"),
    "outburst": N_("煤与瓦斯突出"),
    "poisoning": N_("中毒窒息"),
    "flood": N_("透水"),
    "roof": N_("冒顶片帮"),
    "other": N_("其他"),
}

# --- lives -------------------------------------------------------------------------------------------------------------------------

RUNNING, ENDED = "running", "ended"

OPERATION_FLOW = Flow(
    code="mine_rescue",
    label=N_("矿山救护"),
    initial=RUNNING,
    states=(State(RUNNING, N_("救护中")), State(ENDED, N_("已结束"), final=True)),
    moves=(
        Move(
            "end",
            N_("结束救护"),
            (RUNNING,),
            ENDED,
            "minerescue.command",
            requires=("closing_note",),
            announces="minerescue.changed",
            optional=True,
        ),
    ),
    field_labels={"closing_note": N_("结束说明")},
)

INSIDE, RETURNING, OUT = "inside", "returning", "out"
UNDERGROUND: Final = (INSIDE, RETURNING)

ENTRY_FLOW = Flow(
    code="mine_entry",
    label=N_("入井"),
    initial=INSIDE,
    states=(State(INSIDE, N_("在井下")), State(RETURNING, N_("返回途中")), State(OUT, N_("已出井"), final=True)),
    moves=(
        Move("turn", N_("开始返回"), (INSIDE,), RETURNING, "minerescue.record", announces="minerescue.changed"),
        Move("leave", N_("出井"), UNDERGROUND, OUT, "minerescue.record", announces="minerescue.changed"),
    ),
)

STANDBY, RESERVE, AWAY = "standby", "reserve", "away"
DUTIES: dict[str, str] = {STANDBY: N_("基地待机"), RESERVE: N_("休整"), AWAY: N_("已撤离")}

# --- dated data --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class TurnRule(DatedRule):
    """How much of the oxygen the way in may use, per cent of what is not kept back."""

    code: str
    outward: int
    label_zh: str
    label_en: str


@dataclass(frozen=True, kw_only=True)
class HoldRule(DatedRule):
    """How long nobody goes in after something happened, minutes; ``recall``: everybody inside is called out."""

    code: str
    minutes: int
    recall: bool
    label_zh: str
    label_en: str


def turn_rules(on: date) -> dict[str, TurnRule]:
    """Rules of turning back in force, by code; the first is the usual one."""
    return {row.code: row for row in TABLES.in_force("turn_rules", TurnRule, on)}


def hold_rules(on: date) -> dict[str, HoldRule]:
    """What keeps squads out and for how long, by code."""
    return {row.code: row for row in TABLES.in_force("holds", HoldRule, on)}


def tenth(code: str, on: date) -> float:
    """A figure that is kept in tenths (MPa, %)."""
    return TABLES.parameter(code, on) / 10


def minutes(code: str, on: date) -> timedelta:
    """A figure that is kept in minutes."""
    return timedelta(minutes=TABLES.parameter(code, on))


def figures(rule: str, on: date) -> Figures:
    """What a rule of turning back asks on a day. Raises ``KeyError``: a fault of the caller, who chose among :func:`turn_rules`."""
    return Figures(tenth("reserve_pressure", on), turn_rules(on)[rule].outward / 100)


# --- before a squad goes in --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """Something that speaks against an entry. ``blocks``: it is refused unless the commander takes it upon himself."""

    code: str
    sentence: str
    facts: dict[str, object]
    blocks: bool = True


@dataclass(frozen=True)
class Wish:
    """An entry as it is asked for.

    ``pressures`` MPa by member; ``standby``: name of a squad that stands by at the base, empty: none; ``on_the_way``: air of each place on the way by
    name; ``held``: what forbids entry and until when.
    """

    pressures: Sequence[float]
    members: int
    standby: str
    base: str
    trip: timedelta
    on_the_way: dict[str, air.PlaceAir]
    out_by: datetime
    held: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True)
class Demands:
    """What must be true: people of a squad, MPa of each."""

    members: int
    pressure: float

    @classmethod
    def on(cls, day: date) -> Demands:
        """Demands in force on a day."""
        return cls(TABLES.parameter("least_members", day), tenth("entry_pressure", day))


def against(wish: Wish, demands: Demands, now: datetime) -> tuple[Finding, ...]:
    """Everything that speaks against an entry, gravest first."""
    return (*_held(wish, now), *_gas(wish), *_squad(wish, demands), *_oxygen(wish, demands, now))


def _held(wish: Wish, now: datetime) -> list[Finding]:
    return [
        Finding("held", N_("{why}后须等待，{minutes} 分钟内禁止入井"), {"why": why, "minutes": left})
        for why, until in wish.held
        if (left := -int((now - until).total_seconds() // 60)) > 0
    ]


def _gas(wish: Wish) -> list[Finding]:
    found = []
    trip = wish.trip.total_seconds() / 60
    for place, known in wish.on_the_way.items():
        if known.state in air.DANGEROUS:
            found.append(Finding("explosive", N_("“{place}”气体处于或接近爆炸范围"), {"place": place}))
        elif known.minutes is not None and known.minutes <= trip:
            sentence = N_("按目前趋势，“{place}”约 {minutes} 分钟后进入爆炸范围，往返需 {trip} 分钟")
            found.append(Finding("becoming_explosive", sentence, {"place": place, "minutes": round(known.minutes), "trip": round(trip)}))
        if known.state == air.UNKNOWN:
            # The first squad goes where nobody has measured: it is told and kept, but not forbidden.
            found.append(Finding("unmeasured", N_("“{place}”没有甲烷读数"), {"place": place}, blocks=False))
        elif known.old:
            found.append(Finding("stale", N_("“{place}”的气体读数已过时"), {"place": place}, blocks=False))
    return sorted(found, key=lambda each: not each.blocks)


def _squad(wish: Wish, demands: Demands) -> list[Finding]:
    found = []
    if not wish.base:
        found.append(Finding("no_base", N_("尚未设立井下基地"), {}))
    if not wish.standby:
        found.append(Finding("no_standby", N_("基地没有待机小队"), {}))
    if wish.members < demands.members:
        found.append(Finding("too_few", N_("小队只有 {have} 人，至少须 {need} 人"), {"have": wish.members, "need": demands.members}))
    return found


def _oxygen(wish: Wish, demands: Demands, now: datetime) -> list[Finding]:
    if len(wish.pressures) != wish.members:
        return [
            Finding(
                "pressures", N_("须逐人填写氧气压力：小队 {have} 人，填了 {told} 个"), {"have": wish.members, "told": len(wish.pressures)}
            )
        ]
    found = []
    low = [each for each in wish.pressures if each < demands.pressure]
    if low:
        facts: dict[str, object] = {"count": len(low), "lowest": f"{min(low):g}", "need": f"{demands.pressure:g}"}
        found.append(Finding("pressure", N_("有 {count} 人氧气压力不足（最低 {lowest} MPa，须 {need} MPa）"), facts))
    if now + wish.trip > wish.out_by:
        lasting = max(0, int((wish.out_by - now).total_seconds() // 60))
        found.append(
            Finding(
                "too_far",
                N_("往返需 {trip} 分钟，扣除备用后氧气只够 {lasting} 分钟"),
                {"trip": round(wish.trip.total_seconds() / 60), "lasting": lasting},
            )
        )
    return found


# --- refusals ----------------------------------------------------------------------------------------------------------------------


class EntryRefused(Refusal):
    """``codes``: the findings that block, for whoever asks by program."""

    code: ClassVar[str] = "minerescue_entry_refused"
    sentence: ClassVar[str] = N_("不能入井：{reasons}。请先消除；确需入井的，由指挥员写明理由批准。")
    status: ClassVar[int] = 409


class NotAMine(Refusal):
    code: ClassVar[str] = "minerescue_not_a_mine"
    sentence: ClassVar[str] = N_("该事件没有关联煤矿或非煤矿山企业，不能开设矿山救护。请先在事件中填写企业。")


class AlreadyOpen(Refusal):
    code: ClassVar[str] = "minerescue_already_open"
    sentence: ClassVar[str] = N_("该事件已开设矿山救护。")


class OperationEnded(Refusal):
    code: ClassVar[str] = "minerescue_ended"
    sentence: ClassVar[str] = N_("矿山救护已结束，不能再登记。")


class StillUnderground(Refusal):
    code: ClassVar[str] = "minerescue_still_underground"
    sentence: ClassVar[str] = N_("还有小队在井下：{squads}。请登记出井后再办理。")


class AlreadyUnderground(Refusal):
    code: ClassVar[str] = "minerescue_already_underground"
    sentence: ClassVar[str] = N_("“{squad}”已在井下，请先登记出井。")


class SquadAway(Refusal):
    code: ClassVar[str] = "minerescue_squad_away"
    sentence: ClassVar[str] = N_("“{squad}”已撤离现场，请先改为待机或休整。")


class SquadTwice(Refusal):
    code: ClassVar[str] = "minerescue_squad_twice"
    sentence: ClassVar[str] = N_("已有名为“{squad}”的小队。")
    status: ClassVar[int] = 422


class NothingReported(Refusal):
    code: ClassVar[str] = "minerescue_nothing_reported"
    sentence: ClassVar[str] = N_("请至少填写一项读数、压力或说明。")
    status: ClassVar[int] = 422


class ImpossibleAir(Refusal):
    code: ClassVar[str] = "minerescue_impossible_air"
    sentence: ClassVar[str] = N_("这样的气体不可能存在：可燃气体 {fuel}% 时氧气最多 {most}%。请与井下核对读数和单位（CO 为 ppm）。")
    status: ClassVar[int] = 422


class NotYet(Refusal):
    code: ClassVar[str] = "minerescue_not_yet"
    sentence: ClassVar[str] = N_("时间不能晚于现在，也不能早于救护开始或该小队入井。")
    status: ClassVar[int] = 422


class UnknownSensor(Refusal):
    code: ClassVar[str] = "minerescue_unknown_sensor"
    sentence: ClassVar[str] = N_("该矿没有编号为“{code}”的测点，或有多个同号测点（请写“设备编号/测点编号”）。")
    status: ClassVar[int] = 422


class PlaceInUse(Refusal):
    code: ClassVar[str] = "minerescue_place_in_use"
    sentence: ClassVar[str] = N_("“{place}”已有读数或入井记录，不能从通风系统中删除或改名。")


class NoGrounds(Refusal):
    code: ClassVar[str] = "minerescue_no_grounds"
    sentence: ClassVar[str] = N_("请写明理由。")
    status: ClassVar[int] = 422
