"""The drawn plan of a plant as plain geometry: outlines of sites, hazard sources, devices, and beside each of them its points. No Django.

Things stand where they were surveyed, or where somebody put them. A *block* is one thing with the tags of its points; where two blocks would lie
over each other the later one moves aside and a line leads back to where it belongs. At the size of a plant a degree of latitude is 111.2 km
and one of longitude that times the cosine of the latitude, to better than 0.5 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import cos, floor, hypot, log10, pi, radians, sin
from uuid import UUID

WIDTH, HEIGHT, MARGIN = 1200.0, 640.0, 24.0
"""Drawing units in which the surveyed things are laid out; blocks that move aside may make the drawing larger."""
_METRES_PER_DEGREE = 111_195.0
_SMALLEST_M = 120.0
ICON, TAG_WIDTH, TAG_HEIGHT, NAME_HEIGHT, GAP = 52.0, 168.0, 22.0, 18.0, 8.0
TAGS_IN_COLUMN = 5
LETTER, LONGEST_NAME = 12.5, 170.0
SHAPES: dict[str, str] = {
    "tank": "tank",
    "filling_station": "tank",
    "ammonia_refrigeration": "tank",
    "tank_farm": "farm",
    "warehouse": "house",
    "fireworks_store": "house",
    "fireworks_workshop": "house",
    "dust_workshop": "house",
    "installation": "column",
    "boiler": "column",
    "molten_metal": "column",
    "tailings_pond": "pond",
    "waste_dump": "pond",
    "open_pit": "pond",
}
"""Figures by kind of hazard source; every other kind is a plain box."""


@dataclass(frozen=True)
class Reference:
    """Where a plan has its zero, in degrees; without a surveyed place any point serves."""

    longitude: float | None = None
    latitude: float | None = None

    def metres(self, longitude: float, latitude: float) -> tuple[float, float] | None:
        """Metres east and north of the reference, ``None`` where there is none."""
        if self.longitude is None or self.latitude is None:
            return None
        east = (longitude - self.longitude) * _METRES_PER_DEGREE * cos(radians(self.latitude))
        return east, (latitude - self.latitude) * _METRES_PER_DEGREE


@dataclass(frozen=True)
class Thing:
    """A hazard source or a device. ``at``: metres east and north of the reference, ``None`` when nobody knows where it stands.

    ``kind``: ``source`` or ``device``; ``figure``: kind of hazard source; ``tags``: ids of the points that belong to it, in order.
    """

    kind: str
    id: UUID
    name: str
    figure: str = ""
    at: tuple[float, float] | None = None
    placed: bool = False
    tags: tuple[UUID, ...] = ()
    more: int = 0
    """Points beyond those that have a tag."""

    @property
    def shape(self) -> str:
        """The figure it is drawn as."""
        if self.kind == "source":
            return SHAPES.get(self.figure, "box")
        return "tank" if self.figure == "tank_gauge" else "device"


@dataclass(frozen=True)
class Site:
    """An area of the enterprise: outline rings and name place, all in metres from the reference."""

    name: str
    at: tuple[float, float] | None
    rings: tuple[tuple[tuple[float, float], ...], ...] = ()


@dataclass(frozen=True)
class Tag:
    """A point's tag: its upper left corner in drawing units."""

    id: UUID
    x: float
    y: float


@dataclass(frozen=True)
class Block:
    """A thing as it is drawn: upper left corner of the whole, its size, where it truly stands and where its tags are."""

    thing: Thing
    x: float
    y: float
    width: float
    height: float
    true_x: float
    true_y: float
    tags: tuple[Tag, ...]

    @property
    def moved(self) -> bool:
        """Whether it lies so far from its true place that a line leads back."""
        x, y = self.centre
        return hypot(x - self.true_x, y - self.true_y) > ICON / 2

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of its figure."""
        return round(self.x + ICON / 2, 1), round(self.y + NAME_HEIGHT + ICON / 2, 1)


@dataclass(frozen=True)
class Label:
    """A name on the plan."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Plan:
    """Everything the template draws. ``view``: left, top, width, height. ``scale``: drawing units for a metre; ``zero``: the reference."""

    view: tuple[float, float, float, float]
    scale: float
    zero: tuple[float, float]
    outlines: tuple[str, ...]
    labels: tuple[Label, ...]
    blocks: tuple[Block, ...]
    tray: tuple[Thing, ...]
    bar: float
    bar_label: str

    @property
    def bar_at(self) -> tuple[float, float]:
        """Left end of the scale bar."""
        left, top, _width, height = self.view
        return left + MARGIN, top + height - MARGIN / 2


def text_width(text: str) -> float:
    """Room that a name takes in drawing units: a Chinese character is as wide as it is high, a Latin one about half of that."""
    return sum(LETTER if ord(letter) > 0x2E7F else 0.58 * LETTER for letter in text)


def cut(text: str, room: float) -> str:
    """``text`` as far as it goes into ``room``, with an ellipsis where it does not."""
    if text_width(text) <= room:
        return text
    found = text
    while found and text_width(found) + LETTER > room:
        found = found[:-1]
    return f"{found}…"


def block_size(thing: Thing) -> tuple[float, float]:
    """Width and height of a block in drawing units: the name above, below it the figure with the tags on its right."""
    columns = -(-len(thing.tags) // TAGS_IN_COLUMN)
    rows = min(len(thing.tags), TAGS_IN_COLUMN)
    width = max(ICON + columns * (GAP + TAG_WIDTH), min(LONGEST_NAME, text_width(thing.name)))
    return width, NAME_HEIGHT + max(ICON, rows * TAG_HEIGHT)


def draw(things: Sequence[Thing], sites: Sequence[Site]) -> Plan:
    """The plan; things without a place lie in the tray. With nothing placed at all the drawing is empty and everything is in the tray."""
    standing = [thing for thing in things if thing.at is not None]
    spots = [thing.at for thing in standing if thing.at is not None]
    spots += [site.at for site in sites if site.at is not None] + [spot for site in sites for ring in site.rings for spot in ring]
    scale, zero = _frame(spots)

    def at(spot: tuple[float, float]) -> tuple[float, float]:
        return round(zero[0] + spot[0] * scale, 1), round(zero[1] - spot[1] * scale, 1)

    blocks = _apart([_block(thing, *at(thing.at)) for thing in standing if thing.at is not None])
    outlines = tuple(" ".join(f"{x},{y}" for x, y in map(at, ring)) for site in sites for ring in site.rings)
    labels = tuple(Label(*at(site.at), site.name) for site in sites if site.at is not None)
    corners = [at(spot) for spot in spots]
    metres = _round_length(WIDTH / 6 / scale)
    return Plan(
        view=_view(blocks, corners),
        scale=scale,
        zero=zero,
        outlines=outlines,
        labels=labels,
        blocks=tuple(blocks),
        tray=tuple(thing for thing in things if thing.at is None),
        bar=round(metres * scale, 1),
        bar_label=f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m",
    )


def _frame(spots: Sequence[tuple[float, float]]) -> tuple[float, tuple[float, float]]:
    """Drawing units for a metre, and where the reference lies, so that all spots fit with room for tags on the right."""
    if not spots:
        return 1.0, (WIDTH / 2, HEIGHT / 2)
    west, east = min(x for x, _ in spots), max(x for x, _ in spots)
    south, north = min(y for _, y in spots), max(y for _, y in spots)
    room_x, room_y = WIDTH - 2 * MARGIN - ICON - TAG_WIDTH, HEIGHT - 2 * MARGIN - 2 * ICON
    scale = min(room_x / max(east - west, _SMALLEST_M), room_y / max(north - south, _SMALLEST_M))
    middle_x, middle_y = (WIDTH - TAG_WIDTH) / 2, HEIGHT / 2
    return scale, (middle_x - (west + east) / 2 * scale, middle_y + (south + north) / 2 * scale)


def _block(thing: Thing, x: float, y: float) -> Block:
    width, height = block_size(thing)
    return _with_tags(Block(thing, round(x - ICON / 2, 1), round(y - NAME_HEIGHT - ICON / 2, 1), width, height, x, y, ()))


def _with_tags(block: Block) -> Block:
    tags = []
    for number, tag in enumerate(block.thing.tags):
        column, row = divmod(number, TAGS_IN_COLUMN)
        tags.append(
            Tag(tag, round(block.x + ICON + GAP + column * (GAP + TAG_WIDTH), 1), round(block.y + NAME_HEIGHT + row * TAG_HEIGHT, 1))
        )
    return replace(block, tags=tuple(tags))


def _apart(blocks: Iterable[Block]) -> list[Block]:
    """Blocks that do not lie over each other: from north to south each takes its own place, or the nearest free one around it."""
    done: list[Block] = []
    for block in sorted(blocks, key=lambda one: (one.y, one.x, str(one.thing.id))):
        place = block
        radius = 0.0
        while any(_over(place, other) for other in done):
            radius += TAG_HEIGHT
            turns = max(8, round(2 * pi * radius / (2 * TAG_HEIGHT)))
            for turn in range(turns):
                angle = 2 * pi * turn / turns
                place = replace(block, x=round(block.x + radius * cos(angle), 1), y=round(block.y + radius * sin(angle), 1))
                if not any(_over(place, other) for other in done):
                    break
        done.append(_with_tags(place))
    return done


def _over(one: Block, other: Block) -> bool:
    return (
        one.x < other.x + other.width + GAP
        and other.x < one.x + one.width + GAP
        and one.y < other.y + other.height + GAP
        and other.y < one.y + one.height + GAP
    )


def _view(blocks: Sequence[Block], corners: Sequence[tuple[float, float]]) -> tuple[float, float, float, float]:
    """The frame around everything drawn, never smaller than the usual drawing."""
    left = min([0.0, *(block.x - MARGIN for block in blocks), *(x - MARGIN for x, _ in corners)])
    top = min([0.0, *(block.y - MARGIN for block in blocks), *(y - MARGIN for _, y in corners)])
    right = max([WIDTH, *(block.x + block.width + MARGIN for block in blocks), *(x + MARGIN for x, _ in corners)])
    bottom = max([HEIGHT, *(block.y + block.height + 2 * MARGIN for block in blocks), *(y + 2 * MARGIN for _, y in corners)])
    return round(left, 1), round(top, 1), round(right - left, 1), round(bottom - top, 1)


def _round_length(metres: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ that is not longer."""
    power = 10.0 ** floor(log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres)
