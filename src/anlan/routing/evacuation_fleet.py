"""Buses for those who cannot go by themselves: trips in the order in which vehicles become free, until all are carried."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from anlan.kernel.words import N_
from anlan.routing.evacuation import Assignment, EvacuationRefused

MOST_TRIPS = 200_000


class NoVehicles(EvacuationRefused):
    code: ClassVar[str] = "evacuation_no_vehicles"
    sentence: ClassVar[str] = N_("有 {people} 人需要车辆转移，但没有可用的座位。请调派车辆。")
    status: ClassVar[int] = 409


class BadShare(EvacuationRefused):
    code: ClassVar[str] = "evacuation_share"
    sentence: ClassVar[str] = N_("“{origin}”需要车辆转移的比例 {share} 不在 0 到 1 之间。请改正后再试。")


@dataclass(frozen=True, slots=True)
class Fleet:
    """``vehicles`` with ``seats`` each, ready at ``ready_s`` after the warning; ``load_s`` and ``unload_s`` per trip; ``empty_s``: first way
    to an origin. The times are project defaults: tell your own."""

    vehicles: int
    seats: int
    ready_s: float = 1800.0
    load_s: float = 600.0
    unload_s: float = 300.0
    empty_s: float = 900.0


@dataclass(frozen=True, slots=True)
class Trip:
    """One ride: which vehicle (from 0), from where to where, how many people, when it leaves and arrives (s after the warning)."""

    vehicle: int
    origin: int
    shelter: int
    people: int
    leaves_s: float
    arrives_s: float


def carried(assignment: Assignment, shares: Sequence[float], fleet: Fleet, *, origins: Sequence[str] = ()) -> tuple[Trip, ...]:
    """Trips that carry the ``shares`` [origin] of people without own means; longest ways first, so that no long way is left for the end.

    The number of an origin's people is rounded up. Raises :class:`NoVehicles`, :class:`BadShare`, :class:`EvacuationRefused`.
    """
    for at, share in enumerate(shares):
        if not 0.0 <= share <= 1.0:
            raise BadShare(origin=origins[at] if at < len(origins) else at + 1, share=share)
    wanted = [(move, _part(move.people, shares[move.origin])) for move in assignment.moves]
    people = sum(count for _move, count in wanted)
    if not people:
        return ()
    if fleet.vehicles <= 0 or fleet.seats <= 0:
        raise NoVehicles(people=people)
    if people / fleet.seats > MOST_TRIPS:
        raise EvacuationRefused(reason=f"> {MOST_TRIPS}")
    free = [(fleet.ready_s + fleet.empty_s, number) for number in range(fleet.vehicles)]
    heapq.heapify(free)
    trips = []
    for move, count in sorted(wanted, key=lambda each: -each[0].seconds):
        while count > 0:
            ready, number = heapq.heappop(free)
            riding = min(count, fleet.seats)
            leaves = ready + fleet.load_s
            arrives = leaves + move.seconds
            trips.append(Trip(number, move.origin, move.shelter, riding, leaves, arrives))
            # The way back to the next origin is taken to be as long as the way here.
            heapq.heappush(free, (arrives + fleet.unload_s + move.seconds, number))
            count -= riding
    return tuple(trips)


def _part(people: int, share: float) -> int:
    """Rounded up; a share that was meant to give a whole number does."""
    return min(people, int(-(-round(people * share, 6) // 1)))
