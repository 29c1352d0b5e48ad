"""A map as a picture for documents: outlines, areas, lines and marks with a scale, north, wind and legend, as SVG.

Built as a tree of elements: no text of a record can act as markup. It needs no tile server and no browser, so that a document of the
command post can be made where nothing but the node runs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from anlan.desk.documents.blocks import Tone
from anlan.kernel.geo import Box

Place = tuple[float, float]
"""Longitude and latitude in degrees (CGCS2000)."""
Ring = Sequence[Place]
Polygons = Sequence[Sequence[Ring]]
"""Each polygon: its outer ring, then its holes."""

SVG: Final = "http://www.w3.org/2000/svg"
METRES_A_DEGREE: Final = 111_195.0
"""Along a meridian of a sphere of 6,371.0 km. Enough for the scale of a picture."""
FILLS: Final[dict[Tone, str]] = {
    "red": "#C4161C",
    "orange": "#F28C00",
    "yellow": "#FFD60A",
    "blue": "#1F5FBF",
    "green": "#1B7F3B",
    "grey": "#6B7885",
    "": "#0B4A8C",
}
INK, MUTED, GROUND, BORDER = "#16202B", "#526070", "#F4F6F8", "#B4BFCA"
FONT: Final = "Noto Sans SC, Noto Sans CJK SC, Source Han Sans SC, sans-serif"
MARGIN = 0.08
"""Share of the picture that stays free around what it shows."""
LEGEND_PX = 200
UNBROKEN: Final = re.compile(r"\d[\d.,]* ?[A-Za-z/%]*|[!-~]+|.")
"""What stays on one line: a number with its unit, a word, a Chinese character."""
SMALLEST_M = 200.0
"""A picture shows at least so much, so that a single point has surroundings."""


@dataclass(frozen=True)
class ShownArea:
    """An area with its level colour; ``label`` stands in the legend."""

    polygons: Polygons
    tone: Tone
    label: str
    dashed: bool = False
    """An outline only, for how far it may reach."""


@dataclass(frozen=True)
class ShownLine:
    """A way; ``label`` stands in the legend."""

    places: Sequence[Place]
    tone: Tone
    label: str


@dataclass(frozen=True)
class ShownMark:
    """A numbered place; number and ``label`` stand in the legend."""

    place: Place
    tone: Tone
    label: str


@dataclass(frozen=True)
class MapPicture:
    """What the picture shows. ``base``: outlines behind everything; ``wind_from_deg``: where the wind comes from, clockwise from north.

    ``wind``, ``metres``, ``kilometres`` and ``north`` are the words printed with wind and scale. The box holds areas, lines and marks, not ``base``.
    """

    areas: Sequence[ShownArea] = ()
    lines: Sequence[ShownLine] = ()
    marks: Sequence[ShownMark] = ()
    base: Sequence[Polygons] = ()
    wind_from_deg: float | None = None
    wind: str = ""
    north: str = "N"
    metres: str = "m"
    kilometres: str = "km"
    width_px: int = 960
    height_px: int = 560
    source: str = ""
    box: Box | None = field(default=None)


def svg(picture: MapPicture) -> str:
    """The picture as an SVG document. Raises ``ValueError`` when it shows nothing and has no box."""
    view = _View.of(picture)
    root = etree.Element(_name("svg"), nsmap={None: SVG})
    root.set("viewBox", f"0 0 {picture.width_px} {picture.height_px}")
    root.set("width", str(picture.width_px))
    root.set("height", str(picture.height_px))
    root.set("font-family", FONT)
    clip = etree.SubElement(etree.SubElement(root, _name("defs")), _name("clipPath"), id="frame")
    _put(clip, "rect", x=0, y=0, width=view.width, height=view.height)
    _put(root, "rect", x=0, y=0, width=view.width, height=view.height, fill=GROUND)
    shown = etree.SubElement(root, _name("g"))
    shown.set("clip-path", "url(#frame)")
    for outline in picture.base:
        _put(shown, "path", d=view.path(outline), fill="none", stroke=BORDER, **{"stroke-width": 1.2})
    # The widest first, so that the worst lies on top.
    for area in sorted(picture.areas, key=lambda each: -_extent(each.polygons)):
        _area(shown, area, view)
    for way in picture.lines:
        d = view.line(way.places)
        _put(shown, "path", d=d, fill="none", stroke="#FFFFFF", **{"stroke-width": 6})
        _put(shown, "path", d=d, fill="none", stroke=FILLS[way.tone], **{"stroke-width": 3.2})
    for number, mark in enumerate(picture.marks, 1):
        _mark(shown, number, mark, view)
    _put(root, "rect", x=0.5, y=0.5, width=view.width - 1, height=view.height - 1, fill="none", stroke=MUTED)
    _north(root, picture, view)
    _scale(root, picture, view)
    _legend(root, picture, view)
    return etree.tostring(root, encoding="unicode")


@dataclass(frozen=True)
class _View:
    west: float
    north: float
    x_px_deg: float
    y_px_deg: float
    width: float
    height: float

    @classmethod
    def of(cls, picture: MapPicture) -> _View:
        box = _box(picture)
        west, south, east, north = box.west, box.south, box.east, box.north
        middle = math.cos(math.radians((south + north) / 2))
        width, height = picture.width_px - LEGEND_PX, picture.height_px
        across, up = max((east - west) * middle, _least()), max(north - south, _least())
        scale = min(width * (1 - 2 * MARGIN) / across, height * (1 - 2 * MARGIN) / up)
        return cls(
            (west + east) / 2 - width / 2 / (scale * middle),
            (south + north) / 2 + height / 2 / scale,
            scale * middle,
            scale,
            width,
            height,
        )

    def at(self, place: Place) -> tuple[float, float]:
        return (place[0] - self.west) * self.x_px_deg, (self.north - place[1]) * self.y_px_deg

    def line(self, places: Sequence[Place]) -> str:
        return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in map(self.at, places))

    def path(self, polygons: Polygons) -> str:
        return "".join(self.line(ring) + "Z" for polygon in polygons for ring in polygon if len(ring) > 2)

    @property
    def px_a_metre(self) -> float:
        return self.y_px_deg / METRES_A_DEGREE


def _least() -> float:
    return SMALLEST_M / METRES_A_DEGREE


def _box(picture: MapPicture) -> Box:
    if picture.box is not None:
        return picture.box
    places = [*_places(picture)]
    if not places:
        raise ValueError("a picture without a box must show something")
    longitudes, latitudes = zip(*places, strict=True)
    return Box(min(longitudes), min(latitudes), max(longitudes), max(latitudes))


def _places(picture: MapPicture) -> Iterator[Place]:
    for area in picture.areas:
        for polygon in area.polygons:
            for ring in polygon:
                yield from ring
    for way in picture.lines:
        yield from way.places
    yield from (mark.place for mark in picture.marks)


def _extent(polygons: Polygons) -> float:
    longitudes = [place[0] for polygon in polygons for place in polygon[0]]
    latitudes = [place[1] for polygon in polygons for place in polygon[0]]
    return (max(longitudes) - min(longitudes)) * (max(latitudes) - min(latitudes)) if longitudes else 0.0


def _area(parent: etree._Element, area: ShownArea, view: _View) -> None:
    path, colour = view.path(area.polygons), FILLS[area.tone]
    if area.dashed:
        _put(parent, "path", d=path, fill="none", stroke=INK, **{"stroke-width": 1.4, "stroke-dasharray": "6 4"})
        return
    # A dark line beside the colour: yellow alone cannot be seen on a light ground.
    _put(parent, "path", d=path, fill=colour, stroke=INK, **{"fill-opacity": 0.38, "fill-rule": "evenodd", "stroke-width": 1.2})


def _mark(parent: etree._Element, number: int, mark: ShownMark, view: _View) -> None:
    x, y = view.at(mark.place)
    _badge(parent, x, y, number, mark.tone)


def _badge(parent: etree._Element, x: float, y: float, number: int, tone: Tone) -> None:
    _put(parent, "circle", cx=x, cy=y, r=10, fill=FILLS[tone], stroke="#FFFFFF", **{"stroke-width": 1.5})
    ink = INK if tone in ("orange", "yellow") else "#FFFFFF"
    _text(parent, x, y + 4, str(number), ink, 12, anchor="middle")


def _north(root: etree._Element, picture: MapPicture, view: _View) -> None:
    x, y = view.width - 26, 46
    _put(root, "path", d=f"M{x},{y - 26}L{x + 8},{y}L{x},{y - 6}L{x - 8},{y}Z", fill=INK)
    _text(root, x, y + 14, picture.north, INK, 12, anchor="middle")
    if picture.wind_from_deg is None:
        return
    arrow = etree.SubElement(root, _name("g"))
    arrow.set("transform", f"translate(40,44) rotate({picture.wind_from_deg + 180:.1f})")
    _put(arrow, "path", d="M0,24L0,-10M0,-26L9,-8L-9,-8Z", fill=INK, stroke=INK, **{"stroke-width": 3})
    _text(root, 76, 48, picture.wind, INK, 13)


def _scale(root: etree._Element, picture: MapPicture, view: _View) -> None:
    metres = _round_length(view.width * 0.3 / view.px_a_metre)
    length, y = metres * view.px_a_metre, view.height - 18
    _put(root, "path", d=f"M14,{y - 6}V{y}H{14 + length:.1f}V{y - 6}", fill="none", stroke=INK, **{"stroke-width": 2})
    label = f"{metres / 1000:g} {picture.kilometres}" if metres >= 1000 else f"{metres:g} {picture.metres}"
    _text(root, 20, y - 6, label, INK, 12)


def _round_length(most: float) -> float:
    """The greatest 1, 2 or 5 times a power of ten that is not more."""
    power = 10.0 ** math.floor(math.log10(most))
    return max(step * power for step in (1, 2, 5) if step * power <= most)


def _legend(root: etree._Element, picture: MapPicture, view: _View) -> None:
    x, y = view.width + 12, 20.0
    for area in picture.areas:
        if area.dashed:
            _put(root, "path", d=f"M{x},{y - 4}h18", fill="none", stroke=INK, **{"stroke-width": 1.4, "stroke-dasharray": "6 4"})
        else:
            _put(root, "rect", x=x, y=y - 11, width=18, height=13, fill=FILLS[area.tone], stroke=INK, **{"fill-opacity": 0.55})
        y = _wrapped(root, x + 26, y, area.label)
    for way in picture.lines:
        _put(root, "path", d=f"M{x},{y - 4}h18", fill="none", stroke=FILLS[way.tone], **{"stroke-width": 3.2})
        y = _wrapped(root, x + 26, y, way.label)
    for number, mark in enumerate(picture.marks, 1):
        _badge(root, x + 9, y - 4, number, mark.tone)
        y = _wrapped(root, x + 26, y + 2, mark.label)
    if picture.source:
        _wrapped(root, x, view.height - 40, picture.source, MUTED, 10)


def _wrapped(root: etree._Element, x: float, y: float, words: str, ink: str = INK, size: int = 12) -> float:
    """Lines of a text that fit beside the map; returns where the next entry stands. A Chinese character is as wide as high, others half."""
    for row in _rows(words, LEGEND_PX - (40 if size > 10 else 16), size):
        _text(root, x, y, row, ink, size)
        y += size + 4
    return y + 6


def _rows(words: str, width: float, size: int) -> Iterable[str]:
    row, used = "", 0.0
    for piece in UNBROKEN.findall(words):
        wide = sum(size if ord(character) > 0x2E7F else size * 0.56 for character in piece)
        if used + wide > width and row:
            yield row
            row, used = "", 0.0
        row, used = row + piece, used + wide
    yield row


def _text(parent: etree._Element, x: float, y: float, words: str, ink: str, size: int, *, anchor: str = "start") -> None:
    node = _put(parent, "text", x=x, y=y, fill=ink, **{"font-size": size, "text-anchor": anchor})
    node.text = "".join(character for character in words if character.isprintable())


def _put(parent: etree._Element, kind: str, **attributes: object) -> etree._Element:
    node = etree.SubElement(parent, _name(kind))
    for name, value in attributes.items():
        node.set(name, f"{value:.2f}" if isinstance(value, float) else str(value))
    return node


def _name(kind: str) -> str:
    return f"{{{SVG}}}{kind}"
