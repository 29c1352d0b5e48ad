"""The ventilation network of a mine as lines of text that a person writes, reads and pastes: places, then airways.

A place: ``name, kind, x, y, minutes from the base, sensor codes``; an airway in the direction of the air: ``from > to, metres``. ``x`` and ``y`` (0 to 100) are
where the place stands in the drawing; a schematic, no survey. What is left out at the end of a line may be left out; ``#`` begins a remark.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

KINDS: dict[str, str] = {
    "shaft": N_("井口"),
    "base": N_("井下基地"),
    "intake": N_("进风巷"),
    "return": N_("回风巷"),
    "face": N_("采煤工作面"),
    "heading": N_("掘进工作面"),
    "junction": N_("联络巷"),
    "refuge": N_("避难硐室"),
    "seal": N_("密闭"),
}
MOST_PLACES, MOST_NAME = 200, 40


class BadNetwork(Refusal):
    code: ClassVar[str] = "minerescue_bad_network"
    sentence: ClassVar[str] = N_("第 {line} 行有误：{text}。地点写“名称，类型，横，纵，到基地分钟，测点编号”，风路写“起点 > 终点，米”。")
    status: ClassVar[int] = 422


class TwoBases(Refusal):
    code: ClassVar[str] = "minerescue_two_bases"
    sentence: ClassVar[str] = N_("井下基地只能有一处，请只保留一个类型为“井下基地”的地点。")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class Spot:
    """A place in the drawing; ``minutes`` on foot from the base, ``None``: nobody has said. ``sensors``: codes of what measures there."""

    name: str
    kind: str
    x: float
    y: float
    minutes: int | None = None
    sensors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Way:
    """An airway between two places, in the direction of its air as planned; ``metres`` is 0 where nobody has said."""

    start: str
    end: str
    metres: float = 0.0


def read(text: str, kinds: Iterable[tuple[str, str]] = ()) -> tuple[tuple[Spot, ...], tuple[Way, ...]]:
    """Places and airways of a text. Kinds are written as codes, in Chinese, or by the names of ``kinds`` (code, name).

    Raises ``BadNetwork`` with the line that cannot be read, a name that stands twice, an airway to nowhere; ``TwoBases``.
    """
    codes = {label: code for code, label in (*KINDS.items(), *kinds)} | {code: code for code in KINDS}
    spots: dict[str, Spot] = {}
    ways: list[tuple[int, str, Way]] = []
    for number, line in enumerate(text.splitlines(), 1):
        told = line.partition("#")[0].strip()
        if not told:
            continue
        cells = [cell.strip() for cell in told.replace("，", ",").split(",")]
        try:
            if ">" in cells[0]:
                ways.append((number, told, _way(cells)))
            else:
                spot = _spot(cells, codes)
                if spot.name in spots or len(spots) >= MOST_PLACES:
                    raise ValueError(spot.name)
                spots[spot.name] = spot
        except (ValueError, KeyError, IndexError):
            raise BadNetwork(line=number, text=told) from None
    for number, told, way in ways:
        if way.start == way.end or not {way.start, way.end} <= spots.keys():
            raise BadNetwork(line=number, text=told)
    if sum(spot.kind == "base" for spot in spots.values()) > 1:
        raise TwoBases
    return tuple(spots.values()), tuple(way for _number, _told, way in ways)


def _spot(cells: list[str], codes: dict[str, str]) -> Spot:
    name, kind, x, y = cells[0], codes[cells[1]], float(cells[2]), float(cells[3])
    minutes = int(cells[4]) if len(cells) > 4 and cells[4] else None
    if not name or len(name) > MOST_NAME or not (0 <= x <= 100 and 0 <= y <= 100) or (minutes is not None and not 0 <= minutes <= 600):
        raise ValueError(name)
    return Spot(name, kind, x, y, minutes, tuple(cells[5].split()) if len(cells) > 5 else ())


def _way(cells: list[str]) -> Way:
    start, end = (each.strip() for each in cells[0].split(">"))
    metres = float(cells[1]) if len(cells) > 1 and cells[1] else 0.0
    if not 0 <= metres <= 100_000:
        raise ValueError(metres)
    return Way(start, end, metres)


def write(spots: Iterable[Spot], ways: Iterable[Way]) -> str:
    """The text of a network, as :func:`read` reads it."""
    lines = [
        f"{spot.name}, {spot.kind}, {spot.x:g}, {spot.y:g}, {'' if spot.minutes is None else spot.minutes}, {' '.join(spot.sensors)}".rstrip(
            ", "
        )
        for spot in spots
    ]
    return "\n".join([*lines, *(f"{way.start} > {way.end}, {way.metres:g}" for way in ways)])
