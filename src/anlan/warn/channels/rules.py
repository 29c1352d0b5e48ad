"""Channels: what each can do, in which order a person is tried, what a delivery's states mean, and what never leaves the node. Pure.

突发事件应对法（2024）第六十四条 (warnings by many means, special ways for those who are hard to reach), 第六十五条 (notice by whoever runs a channel).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache
from math import ceil
from pathlib import Path
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.ledger.sources import DatedRule, load_rules

DATA = Path(__file__).parent / "data"

ACTIONS: dict[str, str] = {
    "channels.view": N_("查看预警发布渠道与回执"),
    "channels.send": N_("经发布渠道发送消息"),
    "channels.cancel": N_("停止未发出的消息"),
    "channels.call": N_("叫应：逐一联系未收到预警的人员并确认"),
    "carriers.view": N_("查看发布渠道的承运方"),
    "carriers.register": N_("登记发布渠道的承运方"),
    "carriers.change": N_("修改、停用发布渠道的承运方"),
    "carriers.test": N_("向一个地址发送测试消息，检验承运方"),
    "carriers.export": N_("导出承运方清单"),
    "channels.export": N_("导出消息的送达明细"),
}

LEVEL_WORDS: dict[str, str] = {"red": N_("红色"), "orange": N_("橙色"), "yellow": N_("黄色"), "blue": N_("蓝色")}
LEVELS = tuple(LEVEL_WORDS)


# --- Channels ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ChannelKind(DatedRule):
    """One way out. ``internal`` stays inside the node; ``address``: which address it needs; ``when_unknown``: what is done when nobody knows whether
    a carrier took a message (``resend``: twice does no harm; ``next``: the person is tried on his next channel); ``quiet``: heeds quiet hours.
    """

    code: str
    name_zh: str
    name_en: str
    address: str
    internal: bool
    when_unknown: str
    unknown_wait_minutes: int
    segment_chars: int
    max_chars: int
    quiet: bool


@dataclass(frozen=True, kw_only=True)
class LadderRow(DatedRule):
    """One step of a person's ladder at a level: the channel, and how long until the next when nothing ``until`` was heard (project defaults)."""

    level: str
    step: int
    channel: str
    wait_minutes: int
    until: str


@dataclass(frozen=True, kw_only=True)
class CallingRow(DatedRule):
    """Whom staff call at a level when no channel reached them (everybody, duty, nobody), and after how long it goes one step up."""

    level: str
    called: str
    village_minutes: int
    township_minutes: int


@cache
def channels() -> dict[str, ChannelKind]:
    """Every channel by its code."""
    return {row.code: row for row in load_rules(DATA / "channels.csv", ChannelKind)}


@cache
def ladder(level: str) -> tuple[LadderRow, ...]:
    """The steps of a level, first first; an unknown level climbs as the lowest."""
    rows = load_rules(DATA / "ladder.csv", LadderRow)
    known = level if level in LEVELS else LEVELS[-1]
    return tuple(sorted((row for row in rows if row.level == known), key=lambda row: row.step))


@cache
def calling(level: str) -> CallingRow:
    """How people are called at a level."""
    known = level if level in LEVELS else LEVELS[-1]
    return next(row for row in load_rules(DATA / "calling.csv", CallingRow) if row.level == known)


IN_PAGE, FEED = "in_page", "cap_feed"
PULLED = (IN_PAGE, FEED)
"""Readers come for these themselves; nothing is handed to a carrier."""


def pulled_for(inside: bool) -> tuple[ChannelKind, ...]:
    """The pulled channels that a bulletin stands on. Nothing of an exercise leaves to real receivers."""
    return tuple(channels()[code] for code in PULLED if channels()[code].internal or not inside)


def steps_for(level: str, addresses: Collection[str], needs: str, allowed: Collection[str] | None = None) -> tuple[LadderRow, ...]:
    """The steps of a person who has ``addresses`` (phone, email, device); somebody who does not hear is not called by a machine."""
    return tuple(
        row
        for row in ladder(level)
        if channels()[row.channel].address in addresses
        and not (row.channel == "voice" and "hearing" in needs.split())
        and (allowed is None or row.channel in allowed)
    )


# --- What never leaves --------------------------------------------------------------------------------------------------


class NeverLeaves(Refusal):
    code: ClassVar[str] = "channels.never_leaves"
    sentence: ClassVar[str] = N_("演练和测试消息只能交给模拟渠道，不能交给“{carrier}”。")


class NotReallySent(Refusal):
    code: ClassVar[str] = "channels.not_really_sent"
    sentence: ClassVar[str] = N_("“{carrier}”是模拟渠道，不能承担真实预警；请登记并启用真实的承运方。")


class Purpose(StrEnum):
    """What something is handed to a carrier for. ``CARRIER_TEST`` is the one exception: a text marked as a test, to one address typed by hand."""

    MESSAGE = "message"
    CARRIER_TEST = "carrier_test"


def may_take(*, simulated: bool, inside: bool, demonstration: bool, purpose: Purpose = Purpose.MESSAGE) -> bool:
    """Whether a carrier may be handed a message. ``inside``: of an exercise or a test; ``demonstration``: the node is one, where nothing is real.

    The one sentence that all sending rests on: what is inside goes to simulated carriers only, what is real goes to real carriers only. A carrier
    that is being tried takes its one text whichever it is, but nothing leaves a demonstration.
    """
    if purpose is Purpose.CARRIER_TEST:
        return simulated or not demonstration
    return simulated if inside or demonstration else not simulated


# --- The states of one delivery -----------------------------------------------------------------------------------------


class State(IntEnum):
    """Where one message to one address stands. From HANDED to CONFIRMED a greater number is stronger evidence: a state only ever grows there."""

    PLANNED = 0
    HANDED = 1
    UNKNOWN = 2
    ACCEPTED = 3
    FAILED = 4
    DELIVERED = 5
    CONFIRMED = 6
    EXPIRED = 7
    CANCELLED = 8
    DEFERRED = 9

    @property
    def label(self) -> str:
        """Chinese source text of the state."""
        return STATE_LABELS[self]


STATE_LABELS: dict[State, str] = {
    State.PLANNED: N_("待发"),
    State.HANDED: N_("已交出，未答复"),
    State.UNKNOWN: N_("不明"),
    State.ACCEPTED: N_("承运方已接收"),
    State.FAILED: N_("未送达"),
    State.DELIVERED: N_("已送达"),
    State.CONFIRMED: N_("本人已确认"),
    State.EXPIRED: N_("过期未发"),
    State.CANCELLED: N_("已停止"),
    State.DEFERRED: N_("暂缓"),
}

WAITING = (State.PLANNED, State.DEFERRED)
REACHED = (State.DELIVERED, State.CONFIRMED)
_EVIDENCE = range(State.HANDED, State.CONFIRMED + 1)


def after_evidence(state: State, heard: State, *, handed: bool) -> State | None:
    """The state once a carrier said ``heard`` (ACCEPTED, FAILED, DELIVERED, CONFIRMED); ``None``: it cannot know, for it was never handed this.

    Evidence is joined, not followed: receipts may come twice and in any order, and what somebody confirmed is never undone by a late failure. What
    waits to be tried again, or was stopped meanwhile, takes what is heard of the first try.
    """
    if not handed:
        return None
    return max(state, heard) if state in _EVIDENCE else heard


MOVES: dict[State, frozenset[State]] = {
    State.PLANNED: frozenset({State.HANDED, State.EXPIRED, State.CANCELLED, State.DEFERRED}),
    State.DEFERRED: frozenset({State.PLANNED, State.EXPIRED, State.CANCELLED}),
    State.HANDED: frozenset({State.ACCEPTED, State.FAILED, State.UNKNOWN, State.PLANNED, State.DEFERRED, State.DELIVERED, State.CONFIRMED}),
    State.UNKNOWN: frozenset({State.ACCEPTED, State.FAILED, State.DELIVERED, State.CONFIRMED, State.PLANNED}),
    State.ACCEPTED: frozenset({State.FAILED, State.DELIVERED, State.CONFIRMED}),
    State.FAILED: frozenset({State.DELIVERED, State.CONFIRMED}),
    State.DELIVERED: frozenset({State.CONFIRMED}),
    State.CONFIRMED: frozenset(),
    State.EXPIRED: frozenset(),
    State.CANCELLED: frozenset(),
}
"""What may follow what. PLANNED after HANDED only where the carrier said that it did not take it, or that it never heard of it."""

MOST_ATTEMPTS = 5
"""So often a carrier may say "later" before a delivery counts as failed there. Project default."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5, 300
"""Pause before the next attempt, doubling. Project defaults."""


def pause_s(attempts: int) -> int:
    """Seconds until a delivery that was told "later" is tried again."""
    return min(FIRST_PAUSE_S * 2 ** max(0, attempts - 1), LONGEST_PAUSE_S)


def priority(level: str, rank: int) -> int:
    """Order of handing over, small first: red before blue, and within a level those told first."""
    height = LEVELS.index(level) if level in LEVELS else len(LEVELS)
    return height * 10 + min(rank, 9)


NO_ADDRESS, WAS_FAILED, WAS_UNKNOWN, NO_RECEIPT, NOT_CONFIRMED = "no_address", "failed", "unknown", "no_receipt", "not_confirmed"
WHY: dict[str, str] = {
    NO_ADDRESS: N_("没有可用的联系方式"),
    WAS_FAILED: N_("承运方报告未送达"),
    WAS_UNKNOWN: N_("承运方是否接收不明"),
    NO_RECEIPT: N_("到时没有送达回执"),
    NOT_CONFIRMED: N_("接通后没有按键确认"),
}
"""Why somebody is not reached yet."""


def why_not(state: State) -> str:
    """The reason that a delivery in ``state`` gives for trying the next way."""
    return {State.FAILED: WAS_FAILED, State.UNKNOWN: WAS_UNKNOWN, State.DELIVERED: NOT_CONFIRMED}.get(state, NO_RECEIPT)


# --- Words --------------------------------------------------------------------------------------------------------------


def shortened(text: str, limit: int) -> str:
    """``text`` cut to ``limit`` characters (0: no limit), the cut shown by an ellipsis."""
    return text if not limit or len(text) <= limit else text[: limit - 1] + "…"


def segments(text: str, segment_chars: int) -> int:
    """How many parts a carrier counts: 70 UCS-2 characters alone, 67 in each part of several; 1 where a channel does not count parts."""
    if not segment_chars or len(text) <= segment_chars + 3:
        return 1
    return ceil(len(text) / segment_chars)


class MessageStopped(Refusal):
    code: ClassVar[str] = "channels.message_stopped"
    sentence: ClassVar[str] = N_("该消息已经停止、到期或发送完毕，没有可以停止的内容。")


class NoReceivers(Refusal):
    code: ClassVar[str] = "channels.no_receivers"
    sentence: ClassVar[str] = N_("没有指明范围，也没有指明接收人，无法发送。")
    status: ClassVar[int] = 422


class UnknownChannel(Refusal):
    code: ClassVar[str] = "channels.unknown_channel"
    sentence: ClassVar[str] = N_("没有“{value}”这一发布渠道。")
    status: ClassVar[int] = 422
