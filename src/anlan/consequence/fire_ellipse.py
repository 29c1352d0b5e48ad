"""Where the front of a free-burning surface fire stands after a time: the ellipse of Anderson 1983 (INT-305) and Alexander 1985.

A fire from one point in uniform fuel, wind and slope keeps the shape of an ellipse with the point of ignition in a focus; its head moves with the rate of
spread of the surface fire model. Nothing stops it: no river, no road, no fire brigade. Chosen bound: 24 h, for no weather is uniform longer
(a bound of this project; the sources name none).
"""

from __future__ import annotations

import numpy as np

from anlan.consequence.catalogue import Answer, Caution, Credentials, Input, Model, Output
from anlan.consequence.chain import Zone
from anlan.consequence.validity import Figures, within
from anlan.kernel.words import N_

CODE, VERSION = "fire_ellipse", "1"
CITATION = "Anderson 1983, USDA Forest Service INT-305; Alexander 1985, Proc. 8th Conf. Fire and Forest Meteorology; as in BehavePlus"
LONGEST_S = 86_400.0
RING_POINTS = 120

UNHINDERED = N_("假定可燃物、风和坡度处处相同且无人扑救、无隔离带；道路、河流、风向变化和扑救都会改变火场形状。")
_RATE, _SHAPE, _TIME = N_("火头蔓延速度"), N_("火场长宽比"), N_("起火后经过的时间")
_LABEL = N_("火场范围")


def eccentricity(length_to_width: Figures) -> Figures:
    """Eccentricity of an ellipse from its length over its width (geometry)."""
    return np.sqrt(length_to_width**2 - 1.0) / length_to_width


def backing_rate(head_m_s: Figures, eccentric: Figures) -> Figures:
    """Rate against the wind, m/s: the other vertex seen from the focus (Alexander 1985)."""
    return head_m_s * (1.0 - eccentric) / (1.0 + eccentric)


def rate_towards(head_m_s: Figures, eccentric: Figures, angle_deg: Figures) -> Figures:
    """Rate from the point of ignition at ``angle_deg`` from the heading, m/s: the ellipse in polar form about its focus."""
    return head_m_s * (1.0 - eccentric) / (1.0 - eccentric * np.cos(np.radians(angle_deg)))


def half_axes(head_m: Figures, length_to_width: Figures) -> tuple[Figures, Figures]:
    """Half length and half width of the ellipse whose head is ``head_m`` from the ignition, m."""
    half_length = (head_m + backing_rate(head_m, eccentricity(length_to_width))) / 2.0
    return half_length, half_length / length_to_width


def perimeter(half_length: Figures, half_width: Figures) -> Figures:
    """Length of an ellipse's edge, m (Ramanujan's first approximation; below 1e-4 off for length to width of 8 or less)."""
    return np.pi * (3.0 * (half_length + half_width) - np.sqrt((3.0 * half_length + half_width) * (half_length + 3.0 * half_width)))


def front(head_m_s: float, length_to_width: float, elapsed_s: float) -> Zone:
    """The burnt area as a zone: x towards the heading, y left of it, from the point of ignition, m. Raises ``OutOfRange``, ``NotFinite``."""
    rate, shape, elapsed = _checked(head_m_s, length_to_width, elapsed_s)
    angle = np.linspace(0.0, 360.0, RING_POINTS, endpoint=False)
    reach = rate_towards(rate, eccentricity(shape), angle) * elapsed
    ring = np.column_stack((reach * np.cos(np.radians(angle)), reach * np.sin(np.radians(angle))))
    half_length, half_width = half_axes(rate * elapsed, shape)
    return Zone(
        code="burnt",
        label=_LABEL,
        limit=float(elapsed),
        unit="s",
        rings=(ring,),
        reach_m=float(rate * elapsed),
        area_m2=float(np.pi * half_length * half_width),
        by=(Credentials(CODE, VERSION, CITATION),),
        cautions=(Caution("unhindered_fire", UNHINDERED),),
    )


def _checked(rate: float, shape: float, elapsed: float) -> tuple[Figures, Figures, Figures]:
    return (
        within(rate, 0.0, 10.0, model=CODE, what=_RATE, unit="m/s"),
        within(shape, 1.0, 8.0, model=CODE, what=_SHAPE, unit="1"),
        within(elapsed, 0.0, LONGEST_S, model=CODE, what=_TIME, unit="s", open_low=True),
    )


def _run(*, rate_m_s: Figures, length_to_width: Figures, elapsed_s: Figures) -> Answer:
    head, shape = np.asarray(rate_m_s) * elapsed_s, np.asarray(length_to_width)
    half_length, half_width = half_axes(head, shape)
    values = {
        "head_m": head,
        "back_m": backing_rate(head, eccentricity(shape)),
        "width_m": 2.0 * half_width,
        "area_m2": np.pi * half_length * half_width,
        "perimeter_m": perimeter(half_length, half_width),
    }
    return Answer(values, Credentials(CODE, VERSION, CITATION), (Caution("unhindered_fire", UNHINDERED),))


MODELS = (
    Model(
        code=CODE,
        title=N_("火场椭圆与火线位置"),
        version=VERSION,
        citation=CITATION,
        inputs=(
            Input("rate_m_s", "m/s", _RATE, 0.0, 10.0, many=True),
            Input("length_to_width", "1", _SHAPE, 1.0, 8.0, many=True),
            Input("elapsed_s", "s", _TIME, 0.0, LONGEST_S, many=True, open_low=True),
        ),
        outputs=(
            Output("head_m", "m", N_("火头离起火点的距离")),
            Output("back_m", "m", N_("火尾离起火点的距离")),
            Output("width_m", "m", N_("火场最大宽度")),
            Output("area_m2", "m²", N_("过火面积")),
            Output("perimeter_m", "m", N_("火场周长")),
        ),
        run=_run,
    ),
)
