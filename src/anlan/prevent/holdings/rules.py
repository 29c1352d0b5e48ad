"""The law of the ledger of chemicals: who may do what, which movements there are and what each does to what a place holds. Pure, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from anlan.kernel.words import N_

ACTIONS: dict[str, str] = {
    "holdings.view": N_("查看危险化学品台账"),
    "holdings.register": N_("登记化学品品种和储存场所"),
    "holdings.record": N_("登记化学品出入库和运输"),
    "holdings.correct": N_("冲销台账记录、说明盘点差异"),
    "holdings.export": N_("导出危险化学品台账"),
}

SENDABLE = ("holdings.record",)
"""What an enterprise's own system may send with an interface key."""

BUSINESSES: Final[Mapping[str, str]] = {
    "produce": N_("生产"),
    "import": N_("进口"),
    "use": N_("使用"),
    "store": N_("储存"),
    "trade": N_("经营"),
    "carry": N_("运输"),
}
STORE_KINDS: Final[Mapping[str, str]] = {
    "tank": N_("储罐"),
    "warehouse": N_("库房"),
    "cylinders": N_("气瓶间"),
    "yard": N_("堆场"),
    "process": N_("装置内"),
}

OPENING, PRODUCED, BOUGHT, RECEIVED = "opening", "produced", "bought", "received"
MOVED, SOLD, SENT, USED, DISPOSED = "moved", "sold", "sent", "used", "disposed"
COUNTED, SURPLUS, SHORTFALL = "counted", "surplus", "shortfall"


@dataclass(frozen=True)
class Kind:
    """One kind of movement. ``sign``: what it does to its own place (+1, -1, 0); ``other``: the word for whom the chemical comes from or goes to."""

    code: str
    label: str
    sign: int
    other: str = ""
    by_hand: bool = True


KINDS: Final[Mapping[str, Kind]] = {
    each.code: each
    for each in (
        Kind(OPENING, N_("期初存量"), 1),
        Kind(PRODUCED, N_("产出"), 1),
        Kind(BOUGHT, N_("购入"), 1, N_("供货单位")),
        Kind(RECEIVED, N_("收货"), 1, N_("发货单位")),
        Kind(MOVED, N_("移库"), -1),
        Kind(USED, N_("领用消耗"), -1, N_("使用部门")),
        Kind(SOLD, N_("售出（买方自提）"), -1, N_("购买单位")),
        Kind(SENT, N_("发货（车辆运输）"), -1, N_("收货单位")),
        Kind(DISPOSED, N_("处置"), -1, N_("处置单位")),
        Kind(COUNTED, N_("盘点"), 0),
        Kind(SURPLUS, N_("盘盈"), 1, by_hand=False),
        Kind(SHORTFALL, N_("盘亏"), -1, by_hand=False),
    )
}
"""Every kind; a movement between places of one enterprise (移库) takes from the first and adds to the second. 盘盈 and 盘亏 follow only from a
count that somebody explained."""

ON_ROAD, ARRIVED, CANCELLED = "on_road", "arrived", "cancelled"
LOAD_STATES: Final[Mapping[str, str]] = {ON_ROAD: N_("在途"), ARRIVED: N_("已到货"), CANCELLED: N_("已撤销")}

DESIGN_MAX, CRITICAL = "design_max", "critical"
LIMITS: Final[Mapping[str, str]] = {DESIGN_MAX: N_("危险源设计最大量"), CRITICAL: N_("重大危险源临界量")}


def legs(kind: str) -> tuple[int, int]:
    """What a movement of ``kind`` does to its place and to the other place: ``(-1, 1)`` for one between places."""
    return (-1, 1) if kind == MOVED else (KINDS[kind].sign, 0)
