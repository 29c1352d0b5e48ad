"""A net of roads for the demonstration, made by rule over the towns of its counties and marked as made. Its roads do not exist.

Each town has a grid of streets, turned at random; towns next to each other (Gabriel graph) are joined by winding roads; county seats by motorways with
two carriageways; a ring goes about the middle of the city. Always the same net.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import numpy as np

from anlan.ground.places import door as places
from anlan.ground.places.door import PlaceInfo
from anlan.ground.roads import door as roads
from anlan.kernel.access import Actor
from anlan.routing.assembly import BOTH, FORWARD, Way, Ways
from anlan.routing.network import Network
from anlan.routing.plane import Floats, Plane
from anlan.site.demo.cast import CITY, COUNTIES

SEED: Final = 370100
STREETS: Final = 8
"""Streets each way in a town."""
SPACING_M: Final = 330.0
RING_M: Final = 11_000.0
RING_POINTS: Final = 48
BEND_EVERY_M: Final = 900.0
CARRIAGEWAYS_M: Final = 40.0
IN_FORCE_FOR: Final = timedelta(days=400)
NAME, SOURCE = "演示路网（程序生成）", "由程序生成，不是真实道路，仅供演示"


def build(actor: Actor, now: datetime) -> UUID:
    """Make the net and put it in force, as of long before: exercises are played on nights of the past."""
    about = {"name": NAME, "source": SOURCE, "licence": "", "place_code": CITY, "generated": True}
    return roads.keep_network(made(_towns()), **about, actor=actor, now=now - IN_FORCE_FOR)


def _towns() -> dict[str, list[PlaceInfo]]:
    """Towns with a known point, by county."""
    return {county: [town for town in places.children(county) if town.longitude is not None] for county in COUNTIES}


def made(towns: dict[str, list[PlaceInfo]]) -> Network:
    """The net over ``towns``."""
    chance = np.random.default_rng(SEED)
    every = [town for found in towns.values() for town in found]
    spots = np.array([(town.longitude or 0.0, town.latitude or 0.0) for town in every])
    plane = Plane(*(float(figure) for figure in spots.mean(0)))
    centres = plane.metres(spots)
    laying = _Laying(plane, chance)
    for town, centre in zip(every, centres, strict=True):
        laying.streets(town.name, centre)
    for near, far in _neighbours(centres):
        apart = float(np.hypot(*(centres[far] - centres[near])))
        laying.road(centres[near], centres[far], "primary" if apart > 9000 else "secondary", f"{every[near].name}—{every[far].name}")
    first = np.cumsum([0, *(len(found) for found in towns.values())])[:-1]
    seats = [centres[at] for at, found in zip(first, towns.values(), strict=True) if found]
    laying.ring(np.mean(seats, axis=0), centres)
    for near, far in _neighbours(np.array(seats)):
        laying.motorway(seats[near], seats[far])
    return laying.ways.assemble()


def _neighbours(places_m: Floats) -> list[tuple[int, int]]:
    """Pairs with nobody inside the circle on the line between them (Gabriel graph): connected, and no two lines cross."""
    apart = ((places_m[:, None] - places_m[None]) ** 2).sum(2)
    pairs = []
    for near in range(len(places_m)):
        for far in range(near + 1, len(places_m)):
            inside = apart[near] + apart[far] < apart[near, far]
            if not inside.any():
                pairs.append((near, far))
    return pairs


class _Laying:
    """Lays ways on the plane; numbers them as they come."""

    def __init__(self, plane: Plane, chance: np.random.Generator) -> None:
        self._plane, self._chance, self.ways = plane, chance, Ways()

    def _lay(self, metres: Floats, road_class: str, name: str, direction: int = BOTH) -> None:
        self.ways.add(Way(len(self.ways) + 1, np.round(self._plane.degrees(metres), 7), road_class, direction, name=name))

    def streets(self, name: str, centre: Floats) -> None:
        """The grid of one town; its middle crossing lies on its point."""
        turn = float(self._chance.uniform(0, math.pi / 2))
        axes = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        steps = (np.arange(STREETS) - STREETS // 2) * SPACING_M
        east, north = np.meshgrid(steps, steps)
        crossings = np.stack([east, north], axis=-1) + self._chance.uniform(-60, 60, (STREETS, STREETS, 2))
        crossings[STREETS // 2, STREETS // 2] = 0
        crossings = crossings @ axes + centre
        for number in range(STREETS):
            road_class = "tertiary" if number == STREETS // 2 else "residential"
            self._lay(crossings[number], road_class, f"{name}横{number + 1}路")
            self._lay(crossings[:, number], road_class, f"{name}纵{number + 1}路")

    def road(self, begin: Floats, end: Floats, road_class: str, name: str) -> None:
        """A winding road between two points."""
        self._lay(self._winding(begin, end, 0.06), road_class, name)

    def _winding(self, begin: Floats, end: Floats, sway: float) -> Floats:
        length = float(np.hypot(*(end - begin)))
        count = max(2, int(length / BEND_EVERY_M))
        along = np.linspace(0, 1, count + 1)[:, None]
        across = np.array([-(end - begin)[1], (end - begin)[0]])
        bends = self._chance.uniform(-sway, sway, (count + 1, 1)) * np.sin(math.pi * along)
        return begin + (end - begin) * along + across * bends / max(1, count / 4)

    def motorway(self, begin: Floats, end: Floats) -> None:
        """Two carriageways between two seats, joined to the streets by ramps at both ends."""
        length = float(np.hypot(*(end - begin)))
        middle = self._winding(begin, end, 0.05)[1:-1]
        if len(middle) < 2:
            return
        across = np.array([-(end - begin)[1], (end - begin)[0]]) / length * CARRIAGEWAYS_M / 2
        for line, ramps in ((middle - across, (begin, end)), ((middle + across)[::-1], (end, begin))):
            self._lay(line, "motorway", "演示高速", FORWARD)
            self._lay(np.array([ramps[0], line[0]]), "motorway_link", "", FORWARD)
            self._lay(np.array([line[-1], ramps[1]]), "motorway_link", "", FORWARD)

    def ring(self, middle: Floats, centres: Floats) -> None:
        """A ring about the middle of the city, joined to the towns that lie near it."""
        angles = np.linspace(0, 2 * math.pi, RING_POINTS + 1)
        ring = middle + RING_M * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        ring[-1] = ring[0]
        self._lay(ring, "trunk", "演示环路")
        for centre in centres:
            away = np.hypot(*(ring - centre).T)
            if away.min() < 4000:
                self._lay(np.array([centre, ring[int(away.argmin())]]), "secondary", "环路连接线")
