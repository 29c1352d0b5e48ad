"""What one trade of the demonstration keeps, as a table can say it: hidden dangers, papers, risks, factors at work, answers to sector packs."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    """A hidden danger: what, where, what was done; the items that make it major (the one in force is taken), empty: a general one."""

    title: str
    location: str
    done: str
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True)
class Risk:
    """A risk: object, unit, what may happen, L, E and C of the LEC method, L behind the measure, what its check looks at."""

    thing: str
    unit: str
    event: str
    factors: tuple[str, str, str]
    remains: str
    check: str


@dataclass(frozen=True)
class Factor:
    """A factor at work: place, category, name, entry of the catalogue of chemicals, share of the staff; kind of limit, unit, a usual result.

    ``limit`` with ``basis``: as the enterprise types it where the catalogue holds none; without a kind of limit nothing was measured.
    """

    place: str
    category: str
    name: str
    chemical: str
    share: float
    kind: str = ""
    unit: str = "mg/m³"
    usual: float = 0.0
    limit: float | None = None
    basis: str = ""


@dataclass(frozen=True)
class Profile:
    """Everything of one trade. ``rooms``: where switchgear, stores and the office are; ``papers``: kinds of certificates of the unit;
    ``posts``: what its people are certified for; ``answers``: by pack, of fields whose answer is the same for every enterprise of the trade;
    ``marked``: packs that are said to concern it, with the reason."""

    dangers: tuple[Seen, ...]
    rooms: tuple[str, str, str]
    papers: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()
    factors: tuple[Factor, ...] = ()
    answers: dict[str, dict[str, object]] = field(default_factory=dict)
    marked: dict[str, str] = field(default_factory=dict)
    business: str = ""
    """What it does with the substances of its hazard sources (code of the ledger of chemicals); empty: it keeps no ledger."""

    @property
    def every_danger(self) -> tuple[Seen, ...]:
        """Its own dangers and those that are met anywhere, at its own places."""
        return (*self.dangers, *anywhere(self.rooms))


def anywhere(rooms: tuple[str, str, str]) -> tuple[Seen, ...]:
    """Dangers that are met in every trade, at the places of this one."""
    switches, store, office = rooms
    return (
        Seen("配电箱门未关闭", switches, "已关闭上锁，加贴标识"),
        Seen("灭火器压力不足", store, "已更换 4 具"),
        Seen("应急照明灯不亮", switches, "已更换电池并试验"),
        Seen("安全培训记录缺少签字", office, "已补训并签字"),
        Seen("疏散通道堆放物料", store, "物料已移走，划线标识"),
    )


_NOISE_LIMIT = 85.0
"""dB(A) over eight hours a day, five days a week."""


def noise(place: str, share: float, usual: float) -> Factor:
    """Noise at a place that reaches a share of the staff; ``usual`` in dB(A)."""
    return Factor(place, "physical", "噪声", "", share, "OWN", "dB(A)", usual, _NOISE_LIMIT, "GBZ 2.2-2007")


def dust(place: str, name: str, share: float, usual: float, limit: float) -> Factor:
    """A dust at a place; ``usual`` and ``limit`` in mg/m³, averaged over the shift."""
    return Factor(place, "dust", name, "", share, "PC-TWA", "mg/m³", usual, limit, "GBZ 2.1-2019")
