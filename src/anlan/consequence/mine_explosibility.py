"""Whether the air of a mine can explode: the triangle of Coward for mixtures of methane, carbon monoxide and hydrogen.

In the plane of combustible gas and oxygen (both % by volume, dry) the explosive mixtures lie within a triangle: lower limit, upper limit (both on the line of
fuel and air) and the nose, where inert gas has taken the last spark. Limits of a mixture follow from those of its gases by Le Chatelier's law, the nose's
excess nitrogen from the shares of the gases (Coward & Jones 1952; the mixing as in McPherson 1993, ch. 21).

What a sample may become is read from the same plane: added air draws it towards the point of air, added fuel towards the point of pure fuel; if the line
meets the triangle, the sample becomes explosive on the way. Not in it: other gases (ethylene, acetylene), dust, pressure, heat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.validity import Figures
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

CODE, VERSION = "mine_explosibility", "1"
CITATION = "Coward & Jones 1952, USBM Bulletin 503; McPherson 1993, Subsurface Ventilation Engineering, ch. 21"
AIR_OXYGEN: Final = 20.93
"""Oxygen of fresh dry air, % by volume."""
SLACK: Final = 0.1
"""What two analysers may tell above what air can hold, % by volume (project default)."""

OTHERS = N_("只考虑甲烷、一氧化碳和氢气；有乙烯、乙炔等其他可燃气体、煤尘参与，或者高温高压时，爆炸范围更宽。")
MOMENT = N_("结果只说明采样时采样点的气体；火区内气体不均匀且随时间变化，不能单凭一次采样决定入井。")
NEAR = N_("有 {count} 个样本距爆炸三角形不足 1 个百分点，按分析误差应视为有爆炸危险。")
NEAR_PERCENT: Final = 1.0
"""How near a sample may come before it is told (project default, unverified)."""


class TooMuchGas(Refusal):
    code: ClassVar[str] = "explosibility_sum"
    sentence: ClassVar[str] = N_("第 {sample} 个样本不可能存在：可燃气体 {fuel}% 时氧气最多 {most}%，给出的是 {oxygen}%。请核对化验结果。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Gas:
    """A combustible gas: its limits in air, its concentration at the nose (% by volume), and the nitrogen each volume of it needs there."""

    lower: float
    upper: float
    nose: float
    nitrogen: float


METHANE, MONOXIDE, HYDROGEN = Gas(5.0, 14.0, 5.9, 6.07), Gas(12.5, 74.2, 13.8, 4.13), Gas(4.0, 74.2, 4.3, 16.59)
GASES: Final = (METHANE, MONOXIDE, HYDROGEN)

Point = tuple[float, float]


@dataclass(frozen=True)
class Triangle:
    """Corners (combustible %, oxygen %): lower limit, upper limit, nose."""

    lower: Point
    upper: Point
    nose: Point

    @property
    def corners(self) -> tuple[Point, Point, Point]:
        """In order round the triangle."""
        return self.lower, self.upper, self.nose

    def holds(self, point: Point) -> bool:
        """Whether a point lies in the triangle or on its edge."""
        turns = [_turn(a, b, point) for a, b in self._edges()]
        return all(turn >= -1e-9 for turn in turns) or all(turn <= 1e-9 for turn in turns)

    def meets(self, start: Point, end: Point) -> bool:
        """Whether the way from ``start`` to ``end`` passes through the triangle."""
        return self.holds(start) or self.holds(end) or any(_cross(start, end, a, b) for a, b in self._edges())

    def distance(self, point: Point) -> float:
        """How far a point is from the triangle, in percentage points; 0 within."""
        return 0.0 if self.holds(point) else min(_apart(point, a, b) for a, b in self._edges())

    def _edges(self) -> tuple[tuple[Point, Point], ...]:
        a, b, c = self.corners
        return (a, b), (b, c), (c, a)


TRACE = 1e-6
"""Fuel in % by volume below which there is none: no instrument measures it, and its shares cannot be reckoned."""


def triangle(methane: float, monoxide: float, hydrogen: float) -> Triangle:
    """The triangle of a mixture of combustible gases given in % by volume; at least one must be greater than 0."""
    shares = (methane, monoxide, hydrogen)
    fuel = sum(shares)
    lower, upper, nose = (
        fuel / sum(share / limit for share, limit in zip(shares, limits, strict=True))
        for limits in ([g.lower for g in GASES], [g.upper for g in GASES], [g.nose for g in GASES])
    )
    nitrogen = nose / fuel * sum(share * gas.nitrogen for share, gas in zip(shares, GASES, strict=True))
    return Triangle((lower, most_oxygen(lower)), (upper, most_oxygen(upper)), (nose, AIR_OXYGEN / 100 * (100 - nitrogen - nose)))


def most_oxygen(fuel: float) -> float:
    """Oxygen of a mixture of nothing but air and ``fuel`` % of combustible gas."""
    return AIR_OXYGEN * (1 - fuel / 100)


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _turn(a, b, c) * _turn(a, b, d) <= 0 and _turn(c, d, a) * _turn(c, d, b) <= 0


def _apart(point: Point, a: Point, b: Point) -> float:
    length = (b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2
    along = 0.0 if not length else ((point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])) / length
    along = min(max(along, 0.0), 1.0)
    return float(np.hypot(point[0] - a[0] - along * (b[0] - a[0]), point[1] - a[1] - along * (b[1] - a[1])))


# --- the model of the catalogue ------------------------------------------------------------------------------------------------------------


def _run(*, methane: Figures, monoxide: Figures, hydrogen: Figures, oxygen: Figures) -> Answer:
    given = [np.atleast_1d(np.asarray(each, np.float64)) for each in (methane, monoxide, hydrogen, oxygen)]
    count = max(each.size for each in given)
    rows = [
        _sample(number, *map(float, row))
        for number, row in enumerate(zip(*(np.broadcast_to(each, count) for each in given), strict=True), 1)
    ]
    values: dict[str, object] = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    near = sum(0 < float(row["distance"]) < NEAR_PERCENT for row in rows)
    cautions = [Caution("other_gases", OTHERS), Caution("one_moment", MOMENT)]
    if near:
        cautions.append(Caution("near_the_triangle", NEAR, {"count": near}))
    return Answer(values, Credentials(CODE, VERSION, CITATION), tuple(cautions))


def _sample(number: int, methane: float, monoxide: float, hydrogen: float, oxygen: float) -> dict[str, float | bool]:
    fuel = methane + monoxide + hydrogen
    most = most_oxygen(fuel)
    if fuel > 100 or oxygen > most + SLACK:
        raise TooMuchGas(sample=number, fuel=f"{fuel:.4g}", most=f"{max(most, 0):.4g}", oxygen=f"{oxygen:.4g}")
    # Without any gas the triangle of methane says how near the place is: methane is what a mine gives off.
    found = triangle(methane, monoxide, hydrogen) if fuel > TRACE else triangle(1.0, 0.0, 0.0)
    # Analysers differ: a sample told a little above the line of air is taken to lie on it, not above the triangle.
    point = (fuel, min(oxygen, most))
    return {
        "fuel": fuel,
        "explosive": found.holds(point),
        "with_air": found.meets(point, (0.0, AIR_OXYGEN)),
        "with_fuel": found.meets(point, (100.0, 0.0)),
        "lower": found.lower[0],
        "upper": found.upper[0],
        "nose": found.nose[0],
        "nose_oxygen": found.nose[1],
        "distance": found.distance(point),
    }


MODELS = (
    Model(
        code=CODE,
        title=N_("矿井气体爆炸性判别（爆炸三角形）"),
        version=VERSION,
        citation=CITATION,
        inputs=(
            Input("methane", "%", N_("甲烷体积分数"), 0.0, 100.0, many=True),
            Input("monoxide", "%", N_("一氧化碳体积分数"), 0.0, 100.0, default=0.0, many=True),
            Input("hydrogen", "%", N_("氢气体积分数"), 0.0, 100.0, default=0.0, many=True),
            Input("oxygen", "%", N_("氧气体积分数"), 0.0, 21.0, many=True),
        ),
        outputs=(
            Output("fuel", "%", N_("可燃气体合计")),
            Output("explosive", "", N_("是否具有爆炸性")),
            Output("with_air", "", N_("混入空气后是否会具有爆炸性")),
            Output("with_fuel", "", N_("可燃气体增加后是否会具有爆炸性")),
            Output("lower", "%", N_("混合气体爆炸下限")),
            Output("upper", "%", N_("混合气体爆炸上限")),
            Output("nose", "%", N_("失爆点可燃气体")),
            Output("nose_oxygen", "%", N_("失爆点氧气")),
            Output("distance", "%", N_("距爆炸三角形的距离（0 为在其内）")),
        ),
        run=_run,
    ),
)
