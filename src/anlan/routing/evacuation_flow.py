"""When the people of an assignment arrive: how they set out, where the roads hold them up, and when the last one is safe.

Fluid queues at points (Newell's cumulative curves): what enters an edge is the sum of the departures of all groups that use it, later by their way to
it; it leaves at the edge's capacity at most, first come first served. A group is held up by the worst edge on its way; that an edge further
down receives less because one further up holds people back is not counted twice, and delays of several edges do not add up. People drive
normally (no accidents, no opposing flow). Deterministic; times are seconds after the warning.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

import numpy as np

from anlan.kernel.words import N_
from anlan.routing.evacuation import Assignment, EvacuationRefused, Floats

DATA = Path(__file__).parent / "data"
STEP_S: Final = 60.0
MOST_STEPS: Final = 20_000
"""Two weeks of minutes: an evacuation that takes longer is refused, its roads cannot carry it."""
WHOLE: Final = 1.0 - 1e-4
"""The share of a curve at which it counts as ended: the Rayleigh curve itself never does."""


class CurveUnknown(EvacuationRefused):
    code: ClassVar[str] = "evacuation_curve"
    sentence: ClassVar[str] = N_("没有“{code}”这种出发过程。可选：{known}。")


class NeverClear(EvacuationRefused):
    code: ClassVar[str] = "evacuation_never_clear"
    sentence: ClassVar[str] = N_("“{edge}”的通行能力不足，{hours} 小时内疏散不完。请增加道路、分批疏散，或核对通行能力。")
    status: ClassVar[int] = 409


class BadRoad(EvacuationRefused):
    code: ClassVar[str] = "evacuation_road"
    sentence: ClassVar[str] = N_("道路“{edge}”的通行能力必须大于零（现为 {capacity}）。请改正通行能力，或把它作为封路处理。")


@dataclass(frozen=True, slots=True)
class Mobilisation:
    """How people set out after a warning. ``kind``: ``rayleigh`` or ``ramp``; ``scale_s``: its time; ``warned_s``: when the warning reached them."""

    kind: str
    scale_s: float
    warned_s: float = 0.0
    status: str = "project default"
    source: str = ""

    def share(self, seconds: Floats) -> Floats:
        """Share of people that has set out by ``seconds`` after the beginning, 0 to 1."""
        late = np.maximum(np.asarray(seconds, dtype=np.float64) - self.warned_s, 0.0)
        if self.kind == "ramp":
            return np.minimum(late / self.scale_s, 1.0) if self.scale_s > 0 else (late > 0).astype(np.float64)
        found = 1.0 - np.exp(-((late / self.scale_s) ** 2))
        # The end of the curve is cut where it no longer means a person.
        return np.minimum(found / WHOLE, 1.0)

    @property
    def last_s(self) -> float:
        """When the last one has set out, s."""
        return self.warned_s + (self.scale_s if self.kind == "ramp" else self.scale_s * float(np.sqrt(-np.log(1.0 - WHOLE))))


@cache
def mobilisations() -> dict[str, Mobilisation]:
    """The curves of ``data/mobilisation.csv`` by code."""
    with (DATA / "mobilisation.csv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        return {row["code"]: Mobilisation(row["kind"], float(row["scale_s"]), status=row["status"], source=row["source"]) for row in rows}


def mobilisation(code: str, *, warned_s: float = 0.0) -> Mobilisation:
    """A curve by its code with its warning. Raises :class:`CurveUnknown`."""
    found = mobilisations().get(code)
    if found is None:
        raise CurveUnknown(code=code, known="、".join(mobilisations()))
    return Mobilisation(found.kind, found.scale_s, warned_s, found.status, found.source)


@cache
def capacities() -> dict[str, float]:
    """Vehicles per hour that an edge of each class carries (``data/edge_capacity.csv``; project defaults)."""
    with (DATA / "edge_capacity.csv").open(encoding="utf-8", newline="") as lines:
        return {row["road_class"]: float(row["vehicles_per_hour"]) for row in csv.DictReader(lines)}


@dataclass(frozen=True, slots=True)
class Road:
    """One stretch that may hold people up: its name, and how many people pass in an hour (vehicles per hour times people in a vehicle)."""

    name: str
    people_per_hour: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A group passes ``road`` (number in the list of roads) ``after_s`` seconds after it set out."""

    road: int
    after_s: float


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits at one road: longest delay (s), most people waiting, when the last one is through (s), how many pass."""

    road: str
    delay_s: float
    most_waiting: float
    clear_s: float
    people: int


@dataclass(frozen=True, slots=True)
class Wave:
    """How things stand at ``until_s``: people set out, under way and arrived by then (never negative; they sum to those assigned)."""

    until_s: float
    waiting: int
    under_way: int
    arrived: int


@dataclass(frozen=True)
class Clearance:
    """When everybody assigned is safe, which road decides it ("" when none holds anybody up), the queues and the course in waves."""

    clear_s: float
    bottleneck: str
    queues: tuple[Queue, ...]
    waves: tuple[Wave, ...]
    arrivals_s: tuple[float, ...]


def clearance(
    assignment: Assignment,
    departures: Sequence[Mobilisation],
    *,
    roads: Sequence[Road] = (),
    passages: Mapping[tuple[int, int], Sequence[Passage]] | None = None,
    wave_s: float = 900.0,
) -> Clearance:
    """The course of an evacuation. ``departures``: one curve per origin; ``passages``: by (origin, shelter) the roads on the way.

    ``arrivals_s`` is the last arrival of each move. Raises :class:`BadRoad`, :class:`NeverClear`.
    """
    for road in roads:
        if not (np.isfinite(road.people_per_hour) and road.people_per_hour > 0):
            raise BadRoad(edge=road.name, capacity=f"{road.people_per_hour:g}")
    passing = {key: tuple(found) for key, found in (passages or {}).items()}
    times = _grid(assignment, departures, roads, passing)
    queues = _queues(assignment, departures, roads, passing, times)
    arrived, last, worst = np.zeros_like(times), [], []
    for move in assignment.moves:
        curve = departures[move.origin]
        decisive = max(passing.get((move.origin, move.shelter), ()), key=lambda each: queues[each.road].delay.max(), default=None)
        # Of whoever set out at a time: when he arrives.
        leaving = np.union1d(times[times <= curve.last_s], [curve.last_s])
        arriving = leaving + move.seconds
        if decisive is not None:
            arriving = arriving + np.interp(leaving + decisive.after_s, times, queues[decisive.road].delay)
        arriving = np.maximum.accumulate(arriving)
        arrived += move.people * np.interp(times, arriving, curve.share(leaving), left=0.0, right=1.0)
        last.append(float(arriving[-1]))
        worst.append(decisive.road if decisive is not None and queues[decisive.road].delay.max() > STEP_S else None)
    end = int(np.argmax(last)) if last else 0
    deciding = worst[end] if last else None
    clear = last[end] if last else 0.0
    told = tuple(each.told for each in queues if each.told.people)
    waves = _waves(assignment, departures, times, arrived, clear, wave_s)
    return Clearance(clear, roads[deciding].name if deciding is not None else "", told, waves, tuple(last))


def _grid(
    assignment: Assignment,
    departures: Sequence[Mobilisation],
    roads: Sequence[Road],
    passing: Mapping[tuple[int, int], tuple[Passage, ...]],
) -> Floats:
    """Minutes until everybody must be through, whatever waits."""
    ends = [departures[move.origin].last_s + move.seconds for move in assignment.moves]
    loads = np.zeros(len(roads))
    for move in assignment.moves:
        for each in {passage.road for passage in passing.get((move.origin, move.shelter), ())}:
            loads[each] += move.people
    queueing = [load / road.people_per_hour * 3600.0 for load, road in zip(loads, roads, strict=True)]
    longest = max(ends, default=0.0) + max(queueing, default=0.0)
    steps = int(np.ceil(longest / STEP_S)) + 2
    if steps > MOST_STEPS:
        edge = roads[int(np.argmax(queueing))].name if queueing else ""
        raise NeverClear(edge=edge, hours=round(MOST_STEPS * STEP_S / 3600))
    return np.arange(steps, dtype=np.float64) * STEP_S


@dataclass(frozen=True, eq=False)
class _Line:
    delay: Floats
    told: Queue


def _queues(
    assignment: Assignment,
    departures: Sequence[Mobilisation],
    roads: Sequence[Road],
    passing: Mapping[tuple[int, int], tuple[Passage, ...]],
    times: Floats,
) -> list[_Line]:
    entering = np.zeros((len(roads), len(times)))
    for move in assignment.moves:
        for passage in passing.get((move.origin, move.shelter), ()):
            entering[passage.road] += move.people * departures[move.origin].share(times - passage.after_s)
    found = []
    for road, entered in zip(roads, entering, strict=True):
        rate = road.people_per_hour / 3600.0
        # Newell: the departures are the least of all arrivals until s plus what passes from s on.
        left = np.minimum.accumulate(entered - rate * times) + rate * times
        waiting = np.maximum(entered - left, 0.0)
        delay = waiting / rate
        total = float(entered[-1])
        clear = float(times[np.argmax(left >= total - 1e-6)]) if total else 0.0
        found.append(_Line(delay, Queue(road.name, float(delay.max()), float(waiting.max()), clear, round(total))))
    return found


def _waves(
    assignment: Assignment, departures: Sequence[Mobilisation], times: Floats, arrived: Floats, clear_s: float, wave_s: float
) -> tuple[Wave, ...]:
    total, set_out = assignment.assigned, np.zeros_like(times)
    for move in assignment.moves:
        set_out += move.people * departures[move.origin].share(times)
    found = []
    for end in np.arange(1, int(np.ceil(clear_s / wave_s)) + 1) * wave_s:
        out = min(total, round(float(np.interp(end, times, set_out))))
        safe = total if end >= clear_s else min(out, round(float(np.interp(end, times, arrived))))
        out = max(out, safe)
        found.append(Wave(float(end), total - out, out - safe, safe))
    return tuple(found)
