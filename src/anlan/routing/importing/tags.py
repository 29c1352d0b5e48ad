"""From what a feature says of itself (keys and values in the words of OpenStreetMap) to class, direction, who may not use it, speed and name.

Access: of the keys that concern a vehicle the most particular one given decides (``hazmat`` before ``hgv`` before ``motor_vehicle`` before ``vehicle``
before ``access``). Emergency vehicles are kept out by ``no`` alone: private and delivery roads are open to them, and ``emergency=yes`` opens any road.
Posted limits of height and weight and turn restrictions are not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from anlan.routing import classes
from anlan.routing.assembly import BACKWARD, BOTH, FORWARD
from anlan.routing.vehicles import BITS, EMERGENCY

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "fire_engine": ("emergency", "motor_vehicle", "vehicle", "access"),
    "ambulance": ("emergency", "motor_vehicle", "vehicle", "access"),
    "police": ("emergency", "motor_vehicle", "vehicle", "access"),
    "hazmat_truck": ("hazmat", "hgv", "motor_vehicle", "vehicle", "access"),
    "bus": ("bus", "psv", "motor_vehicle", "vehicle", "access"),
    "car": ("motorcar", "motor_vehicle", "vehicle", "access"),
    "foot": ("foot", "access"),
}
"""Keys that concern each vehicle, the most particular first."""
_SHUT: Final = frozenset({"no", "private", "agricultural", "forestry", "military", "emergency", "use_sidepath"})
_YES: Final = frozenset({"yes", "true", "1", "t", "y", "是", "单行", "单向", "ft", "f", "forward"})
_BACK: Final = frozenset({"-1", "reverse", "tf", "backward", "逆向"})
_CHANGING: Final = frozenset({"reversible", "alternating"})
_ROUND: Final = frozenset({"roundabout", "circular"})
_KMH_PER_MPH: Final = 1.609344
_SPEED = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph)?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Facts:
    """What a road is. ``reversible``: its direction changes with the hour; ``unknown``: the word for its class that nobody knows."""

    road_class: str
    direction: int
    forbidden: int
    limit_kmh: float
    name: str
    reversible: bool = False
    unknown: str = ""


def facts_of(tags: Mapping[str, str]) -> Facts | None:
    """The road that ``tags`` speak of; ``None`` when it is none (under construction, an area, a platform)."""
    word = tags.get("highway", "")
    named = classes.named(word)
    if named.road_class is None or tags.get("area") == "yes":
        return None
    oneway = tags.get("oneway", "").strip().lower()
    return Facts(
        named.road_class,
        _direction(tags, oneway, named.road_class),
        forbidden(tags),
        limit_kmh(tags.get("maxspeed", "")),
        (tags.get("name") or tags.get("ref") or "").strip(),
        oneway in _CHANGING,
        "" if named.known else word,
    )


def _direction(tags: Mapping[str, str], oneway: str, road_class: str) -> int:
    if oneway in _YES:
        return FORWARD
    if oneway in _BACK:
        return BACKWARD
    implied = road_class == "motorway" or tags.get("junction") in _ROUND
    return FORWARD if implied and not oneway else BOTH


def forbidden(tags: Mapping[str, str]) -> int:
    """Bits of the vehicles that ``tags`` keep out."""
    found = 0
    for code, keys in _KEYS.items():
        said = next((tags[key] for key in keys if tags.get(key)), "")
        shut = said == "no" if code in EMERGENCY else said in _SHUT
        if shut:
            found |= BITS[code]
    return found


def limit_kmh(text: str) -> float:
    """A posted speed in km/h; 0 when none is given or it is no figure (``none``, ``CN:urban``)."""
    match = _SPEED.match(text)
    if match is None:
        return 0.0
    speed = float(match[1]) * (_KMH_PER_MPH if (match[2] or "").lower() == "mph" else 1.0)
    return speed if 0 < speed <= 200 else 0.0


_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "highway": (
        "highway",
        "fclass",
        "road_class",
        "class",
        "roadclass",
        "type",
        "kind",
        "道路等级",
        "道路类型",
        "技术等级",
        "等级",
        "类型",
    ),
    "name": ("name", "road_name", "roadname", "名称", "道路名称", "路名", "路线名称"),
    "ref": ("ref", "编号", "路线编号", "路线编码"),
    "oneway": ("oneway", "one_way", "direction", "单行", "单行线", "通行方向"),
    "maxspeed": ("maxspeed", "speed_limit", "speedlimit", "限速"),
    "number": ("osm_id", "raw_eid", "id", "fid", "objectid", "eid"),
}
"""By which names attribute tables call what OpenStreetMap calls so; the first one present counts."""
_NONE: Final = frozenset({"", "none", "null", "nan"})


def tags_of(row: Mapping[str, object]) -> dict[str, str]:
    """A row of an attribute table in the words of OpenStreetMap. Figures such as ``60.0`` lose their needless part."""
    by_name = {str(key).strip().lower(): _text(value) for key, value in row.items()}
    found = {key: text for key, text in by_name.items() if text}
    for key, names in _FIELDS.items():
        text = next((by_name[name] for name in names if by_name.get(name)), "")
        if text:
            found[key] = text
    if found.get("oneway", "").upper() == "B":
        found["oneway"] = "no"
    return found


def says_direction(columns: set[str]) -> bool:
    """Whether a table has a column that tells of one-way roads."""
    return any(name in columns for name in _FIELDS["oneway"])


def _text(value: object) -> str:
    if isinstance(value, float) and value == int(value):
        value = int(value)
    text = str(value).strip() if value is not None else ""
    return "" if text.lower() in _NONE else text
