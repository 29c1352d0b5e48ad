"""The law of completeness: shares, states of a gap, when a device is asked again, and the proof that anybody can reckon anew. No Django, no clock.

Method, formulas and what the proof proves: docs/completeness.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "completeness.view": N_("查看数据完整性"),
    "completeness.ask": N_("要求设备补传缺失数据"),
    "completeness.declare": N_("申报测点上报间隔"),
}

METHOD = "anlan-completeness-1"
"""Named in every proof; a change of the formulas gets a new name."""

BASES: dict[str, str] = {"declared": N_("企业申报"), "learned": N_("由实际上报学得"), "class": N_("按测点类别默认")}
COUNTS: dict[str, str] = {
    "expected": N_("应收"),
    "received": N_("实收"),
    "late": N_("其中迟到"),
    "missing": N_("缺失"),
    "repeated": N_("重复（已合并）"),
    "refused": N_("拒收"),
}

OPEN, ENDED, FILLED = "open", "ended", "filled"
GAP_STATES: dict[str, str] = {OPEN: N_("正在缺失"), ENDED: N_("尚未补齐"), FILLED: N_("已补齐")}
GAP_TONES: dict[str, str] = {OPEN: "red", ENDED: "orange", FILLED: "green"}

GOOD_SHARE, POOR_SHARE = 99.0, 95.0
"""Per cent from which a day counts as complete, and below which it counts as poor. Project defaults."""

ASK_AFTER = timedelta(minutes=2)
"""A device is asked for what is missing so long after it spoke again: by then it has usually sent it by itself. Project default."""
ASK_EVERY, ASK_TIMES = timedelta(minutes=30), 5
"""How often, and how many times, a device is asked by itself; a person may ask at any time. Project defaults."""
SHORTEST_S, LONGEST_S = 0.1, 7 * 86400.0
"""Intervals that can be declared, seconds."""


class IntervalOutOfRange(Refusal):
    code: ClassVar[str] = "completeness_interval_out_of_range"
    sentence: ClassVar[str] = N_("上报间隔须在 {shortest} 秒至 {longest} 秒之间；留空表示撤销申报。")
    status: ClassVar[int] = 422


class BasisMissing(Refusal):
    code: ClassVar[str] = "completeness_basis_missing"
    sentence: ClassVar[str] = N_("请写明上报间隔的依据，例如设计文件名称或设备说明书。")
    status: ClassVar[int] = 422


class NothingToAsk(Refusal):
    code: ClassVar[str] = "completeness_nothing_to_ask"
    sentence: ClassVar[str] = N_("该缺口已补齐或仍在持续，没有可要求补传的时段。")


class NoLine(Refusal):
    code: ClassVar[str] = "completeness_no_line"
    sentence: ClassVar[str] = N_("设备当前没有可补传的连接：设备离线，或其协议不能要求补传。请联系企业从本地存储补报。")


class ProofUnreadable(Refusal):
    code: ClassVar[str] = "completeness_proof_unreadable"
    sentence: ClassVar[str] = N_("该文件不是完整性证明：{reason}。")
    status: ClassVar[int] = 422


def share(expected: int, missing: int) -> float | None:
    """Per cent of the expected readings that are not missing, rounded down to hundredths; ``None`` where nothing was expected.

    Rounded down, so that 100 is said only of what lacks nothing.
    """
    if expected <= 0:
        return None
    return (expected - min(missing, expected)) * 10_000 // expected / 100


def tone(value: float | None) -> str:
    """Colour of a share: green, yellow, red; grey where it is not known."""
    if value is None:
        return "grey"
    return "green" if value >= GOOD_SHARE else "yellow" if value >= POOR_SHARE else "red"


def state_of(until: datetime | None, missing: int, filled_at: datetime | None) -> str:
    """State of a gap."""
    if filled_at is not None and missing == 0:
        return FILLED
    return OPEN if until is None else ENDED


def may_ask_by_itself(until: datetime | None, asked_at: datetime | None, asked_times: int, now: datetime) -> bool:
    """Whether the node asks the device at ``now`` without being told to."""
    if until is None or now - until < ASK_AFTER or asked_times >= ASK_TIMES:
        return False
    return asked_at is None or now - asked_at >= ASK_EVERY


def checked_interval(seconds: float | None) -> float:
    """``seconds`` when it can be declared, 0 for ``None``. Raises :class:`IntervalOutOfRange`."""
    if seconds is None:
        return 0.0
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise IntervalOutOfRange(shortest=SHORTEST_S, longest=round(LONGEST_S))
    return seconds


# --- The proof --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One figure on which a proof and what is found now do not agree."""

    channel: int
    name: str
    proved: Any
    found: Any


def digest(points: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 in hex over the points of a proof as canonical JSON (keys sorted, no spaces, UTF-8)."""
    text = json.dumps(list(points), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def summed(points: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Sums of the counts of points."""
    found = dict.fromkeys(("expected", "received", "late", "missing", "repeated"), 0)
    for point in points:
        for name in found:
            found[name] += int(point[name])
    return found


def read_proof(data: bytes) -> dict[str, Any]:
    """The proof in ``data``, checked in itself. Raises :class:`ProofUnreadable` when it is none, or was changed."""
    try:
        found = json.loads(data)
        points = found["points"]
        if found["method"] != METHOD:
            raise ProofUnreadable(reason=str(found["method"])[:40])
        if digest(points) != found["sha256"]:
            raise ProofUnreadable(reason="SHA-256")
        if summed(points) != {name: found["sums"][name] for name in summed(())}:
            raise ProofUnreadable(reason="sums")
    except (ValueError, KeyError, TypeError) as wrong:
        raise ProofUnreadable(reason=f"{type(wrong).__name__}: {wrong}"[:80]) from None
    return found  # type: ignore[no-any-return]


def differences(proved: Iterable[Mapping[str, Any]], found: Mapping[int, Mapping[str, int]]) -> list[Difference]:
    """Where the points of a proof differ from ``found`` (figures by channel, as reckoned from the readings).

    Late data after the proof makes more received and fewer missing; that is told as it is, whoever reads it knows when the proof was made.
    """
    told = []
    for point in proved:
        now = found.get(int(point["channel"]))
        if now is None:
            told.append(Difference(int(point["channel"]), "channel", point["channel"], None))
            continue
        told += [Difference(int(point["channel"]), name, point[name], value) for name, value in now.items() if point[name] != value]
    return told
