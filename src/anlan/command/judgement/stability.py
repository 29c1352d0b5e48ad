"""Pasquill's classes of stability from wind, height of the sun and cloud.

Insolation ranks by cloud and height of the sun and classes by wind and rank as in GB/T 3840-91 appendix B (Chinese form of Pasquill's table;
Turner, Workbook of Atmospheric Dispersion Estimates, EPA AP-26, 1970, gives the same for day, with E and F at night). Written down from
memory of the standard, not seen on its page: status unverified. Where two classes are named (A-B) the more stable one is taken, which
carries a cloud farther. The height of the sun follows from date, time and place (declination by Spencer 1971).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

SOURCE = "GB/T 3840-91 附录 B；Pasquill–Turner（EPA AP-26, 1970）"
STATUS = "unverified"
CLEAR_NIGHT, OVERCAST = "clear_night", "overcast"

_RANKS = (
    # total cloud below, low cloud below (tenths), ranks at night, sun ≤ 15°, ≤ 35°, ≤ 65°, above
    (5, 5, (-2, -1, 1, 2, 3)),
    (8, 5, (-1, 0, 1, 2, 3)),
    (11, 5, (-1, 0, 0, 1, 1)),
    (11, 8, (0, 0, 0, 0, 1)),
    (11, 11, (0, 0, 0, 0, 0)),
)
_CLASSES = {
    3: ("A", "B", "B", "C", "D"),
    2: ("B", "B", "C", "D", "D"),
    1: ("B", "C", "C", "D", "D"),
    0: ("D", "D", "D", "D", "D"),
    -1: ("E", "E", "D", "D", "D"),
    -2: ("F", "F", "E", "D", "D"),
}
_CLASSES_WINDS = (2.0, 3.0, 5.0, 6.0)
"""Below these winds in m/s at 10 m the first, second, … class holds."""


def sun_height(moment: datetime, longitude: float, latitude: float) -> float:
    """Height of the sun in degrees above the horizon, negative at night; within half a degree."""
    at = moment.astimezone(UTC)
    day = at.timetuple().tm_yday
    angle = 2 * math.pi * (day - 1) / 365
    declination = (
        0.006918
        - 0.399912 * math.cos(angle)
        + 0.070257 * math.sin(angle)
        - 0.006758 * math.cos(2 * angle)
        + 0.000907 * math.sin(2 * angle)
        - 0.002697 * math.cos(3 * angle)
        + 0.00148 * math.sin(3 * angle)
    )
    equation_min = 229.18 * (
        0.000075 + 0.001868 * math.cos(angle) - 0.032077 * math.sin(angle) - 0.014615 * math.cos(2 * angle) - 0.040849 * math.sin(2 * angle)
    )
    solar_h = at.hour + at.minute / 60 + at.second / 3600 + longitude / 15 + equation_min / 60
    hour_angle = math.radians(15 * (solar_h - 12))
    here = math.radians(latitude)
    sine = math.sin(here) * math.sin(declination) + math.cos(here) * math.cos(declination) * math.cos(hour_angle)
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))


def rank(height_deg: float, total_cloud: int, low_cloud: int) -> int:
    """Insolation rank, 3 (strong) to -2 (clear night); cloud in tenths."""
    column = 0 if height_deg <= 0 else 1 if height_deg <= 15 else 2 if height_deg <= 35 else 3 if height_deg <= 65 else 4
    for total, low, ranks in _RANKS:
        if total_cloud < total and low_cloud < low:
            return ranks[column]
    return 0


def stability(wind_m_s: float, insolation: int) -> str:
    """The class for a wind at 10 m and an insolation rank."""
    return _CLASSES[insolation][sum(wind_m_s >= each for each in _CLASSES_WINDS)]


def by_time(moment: datetime, longitude: float, latitude: float, wind_m_s: float, cloud: int | None = None) -> tuple[str, str]:
    """The class and what was taken for the cloud: ``cloud`` tenths (low cloud as much), or, where nobody gave any, a clear sky at night and an
    overcast one by day. Both carry a cloud of gas farther than the other sky would: a default of this project, on the safe side.
    """
    height = sun_height(moment, longitude, latitude)
    if cloud is not None:
        return stability(wind_m_s, rank(height, cloud, cloud)), ""
    if height <= 0:
        return stability(wind_m_s, rank(height, 0, 0)), CLEAR_NIGHT
    return "D", OVERCAST
