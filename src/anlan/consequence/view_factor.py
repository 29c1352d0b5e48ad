"""How much of what someone sees from the ground is flame: an upright cylinder (Raj) and a tilted one (Mudan).

Closed forms of the TNO Yellow Book (CPR 14E, 2005) eq. 6.A.6 to 6.A.11 and 6.A.14, 6.A.15, whose square roots the print lost; Table 6.A.1 and
both worked examples (pool 6.6.3 step 12, jet 6.6.2 step 29) are recomputed, and the tests integrate over the surface of the flame. Lengths are
over the radius R of the flame: ``a = L / R`` (along its axis), ``b = X / R`` (from the middle of its foot, downwind positive tilt). Target on the
ground: facing the fire (vertical), facing up (horizontal), or turned for the most, ``√(Fv² + Fh²)``. A target within the flame, or under a flame
that leans over it, is refused: there the closed forms do not hold.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from anlan.consequence.catalogue import Answer, Input, Model, Output
from anlan.consequence.flames import DISTANCE
from anlan.consequence.validity import Figures, within
from anlan.kernel.words import N_

UPRIGHT, TILTED = "fire.view_upright", "fire.view_tilted"
VERSION = "1"
CITATION = "Raj; Mudan; TNO Yellow Book CPR 14E (2005) App. 6.1, eq. 6.A.6 to 6.A.15"
STEEPEST_RAD: Final = np.radians(85.0)
"""Project bound: a flame that lies on the ground is no cylinder above it."""
FARTHEST_RADII: Final = 1000.0
"""Project bound: beyond, the closed forms are differences of nearly equal terms."""


def upright(a: float, b: Figures) -> tuple[Figures, Figures]:
    """``(Fv, Fh)`` of an upright cylinder (YB 6.A.6 to 6.A.11), b > 1."""
    greater, lesser = (b + 1) ** 2 + a * a, (b - 1) ** 2 + a * a
    root = np.sqrt(greater * lesser)
    far = np.arctan(np.sqrt((b - 1) * greater / ((b + 1) * lesser)))
    near = np.arctan(np.sqrt((b - 1) / (b + 1)))
    vertical = np.arctan(a / np.sqrt(b * b - 1)) / b + a * (greater - 2 * b) / (b * root) * far - a / b * near
    horizontal = np.arctan(np.sqrt((b + 1) / (b - 1))) - (b * b - 1 + a * a) / root * far
    return vertical / np.pi, horizontal / np.pi


def tilted(a: float, b: Figures, tilt_rad: float) -> tuple[Figures, Figures]:
    """``(Fv, Fh)`` of a cylinder tilted by θ towards the target (YB 6.A.14, 6.A.15), ``b > 1 + a sin θ``; θ negative: away from it."""
    s, c = np.sin(tilt_rad), np.cos(tilt_rad)
    big = np.sqrt(a * a + (b + 1) ** 2 - 2 * a * (b + 1) * s)
    small = np.sqrt(a * a + (b - 1) ** 2 - 2 * a * (b - 1) * s)
    lean = np.sqrt(1 + (b * b - 1) * c * c)
    ratio = np.sqrt((b - 1) / (b + 1))
    edge = a * c / (b - a * s)
    side = np.sqrt(b * b - 1)
    arcs = np.arctan((a * b - side * side * s) / (side * lean)) + np.arctan(side * s / lean)
    far = np.arctan(big * ratio / small)
    vertical = -edge * np.arctan(ratio) + edge * (a * a + (b + 1) ** 2 - 2 * b * (1 + a * s)) / (big * small) * far + c / lean * arcs
    horizontal = np.arctan(1 / ratio) + s / lean * arcs - (a * a + (b + 1) ** 2 - 2 * (b + 1 + a * b * s)) / (big * small) * far
    return vertical / np.pi, horizontal / np.pi


def edge_m(radius_m: float, length_m: float, tilt_rad: float) -> float:
    """How far from the middle of its foot a flame reaches over the ground towards the target, m: ``R + L sin θ``, not below R."""
    return radius_m + length_m * max(float(np.sin(tilt_rad)), 0.0)


def factors(radius_m: float, length_m: float, distance_m: Figures, tilt_rad: float, *, model: str) -> tuple[Figures, Figures, Figures]:
    """``(Fv, Fh, Fmax)`` at distances from the middle of the foot. Raises ``OutOfRange`` for a target in or under the flame, or beyond
    1000 radii."""
    distance = within(
        distance_m,
        edge_m(radius_m, length_m, tilt_rad),
        FARTHEST_RADII * radius_m,
        model=model,
        what=N_("到火焰底面中心的距离（须在火焰及其前倾部分以外）"),
        unit="m",
        open_low=True,
    )
    b = distance / radius_m
    vertical, horizontal = upright(length_m / radius_m, b) if tilt_rad == 0 else tilted(length_m / radius_m, b, tilt_rad)
    return vertical, horizontal, np.hypot(vertical, horizontal)


def _told(found: tuple[Figures, Figures, Figures]) -> dict[str, Figures]:
    return {"vertical": found[0], "horizontal": found[1], "greatest": found[2]}


def _run_upright(radius_m: float, flame_length_m: float, distance_m: Figures) -> Answer:
    return Answer(_told(factors(radius_m, flame_length_m, distance_m, 0.0, model=UPRIGHT)), VIEW_UPRIGHT.credentials)


def _run_tilted(radius_m: float, flame_length_m: float, distance_m: Figures, tilt_deg: float, target: str) -> Answer:
    tilt = float(np.radians(tilt_deg)) * (1 if target == DOWNWIND else -1)
    return Answer(_told(factors(radius_m, flame_length_m, distance_m, tilt, model=TILTED)), VIEW_TILTED.credentials)


DOWNWIND, UPWIND = "downwind", "upwind"
_RADIUS = Input("radius_m", "m", N_("火焰半径"), low=0.0, open_low=True)
_LENGTH = Input("flame_length_m", "m", N_("火焰长度"), low=0.0, open_low=True)
_OUTPUTS = (
    Output("vertical", "1", N_("竖直受体（面向火焰）视角系数")),
    Output("horizontal", "1", N_("水平受体（朝上）视角系数")),
    Output("greatest", "1", N_("最大视角系数")),
)
VIEW_UPRIGHT = Model(
    code=UPRIGHT,
    title=N_("竖直圆柱火焰视角系数（Raj）"),
    version=VERSION,
    citation=CITATION,
    inputs=(_RADIUS, _LENGTH, DISTANCE),
    outputs=_OUTPUTS,
    run=_run_upright,
)
VIEW_TILTED = Model(
    code=TILTED,
    title=N_("倾斜圆柱火焰视角系数（Mudan）"),
    version=VERSION,
    citation=CITATION,
    inputs=(
        _RADIUS,
        _LENGTH,
        DISTANCE,
        Input("tilt_deg", "°", N_("火焰偏离竖直方向的角度"), low=0.0, high=float(np.degrees(STEEPEST_RAD))),
        Input("target", "", N_("受体在下风向或上风向"), choices=(DOWNWIND, UPWIND), default=DOWNWIND),
    ),
    outputs=_OUTPUTS,
    run=_run_tilted,
)
MODELS = (VIEW_UPRIGHT, VIEW_TILTED)
