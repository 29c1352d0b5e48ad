"""Who goes to which shelter: people at origins put to shelters with capacities at the least person-time, and who is left over.

A transport problem: minimise ``sum moved[i, j] * times_s[i, j]`` under ``sum_j moved[i, j] + left[i] = people[i]`` and
``sum_i moved[i, j] <= capacities[j]``, with as few left over as possible before anything else. Its corners are whole numbers when its data are
(the matrix is totally unimodular; Hitchcock 1941, Dantzig 1951), so the simplex method returns whole people. Pure: no clock, no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
MOST_PAIRS: Final = 500_000
"""Pairs of origin and shelter beyond which one assignment is refused (memory and time; project default)."""
MOST_PEOPLE: Final = 200_000_000


class EvacuationRefused(Refusal):
    code: ClassVar[str] = "evacuation_refused"
    sentence: ClassVar[str] = N_("疏散方案无法计算：{reason}。")
    status: ClassVar[int] = 422


class BadPeople(EvacuationRefused):
    code: ClassVar[str] = "evacuation_people"
    sentence: ClassVar[str] = N_("“{origin}”的人数 {people} 不是零或正整数，无法安排疏散。请改正该处的人数后再试。")


class BadCapacity(EvacuationRefused):
    code: ClassVar[str] = "evacuation_capacity"
    sentence: ClassVar[str] = N_("避难场所“{shelter}”的容量 {capacity} 不是零或正整数。请改正容量后再试。")


class NoShelter(EvacuationRefused):
    code: ClassVar[str] = "evacuation_no_shelter"
    sentence: ClassVar[str] = N_("没有可用的避难场所，无法安排疏散。请登记避难场所及容量，或扩大查找范围。")
    status: ClassVar[int] = 409


class NoOrigin(EvacuationRefused):
    code: ClassVar[str] = "evacuation_no_origin"
    sentence: ClassVar[str] = N_("没有需要疏散的地点。请先选定疏散范围。")


class OriginCutOff(EvacuationRefused):
    code: ClassVar[str] = "evacuation_cut_off"
    sentence: ClassVar[str] = N_(
        "“{origins}”没有道路通往任何避难场所，共 {people} 人。请开放封路、改用船只或直升机，或就地避险，并在方案中注明。"
    )
    status: ClassVar[int] = 409


class BadShape(EvacuationRefused):
    code: ClassVar[str] = "evacuation_shape"
    sentence: ClassVar[str] = N_("时间表的大小 {found} 与 {origins} 个出发地、{shelters} 个避难场所不符。请重新计算行程时间。")


class BadTime(EvacuationRefused):
    code: ClassVar[str] = "evacuation_time"
    sentence: ClassVar[str] = N_("从“{origin}”到“{shelter}”的时间 {seconds} 秒不合理。请重新计算行程时间。")


class TooLarge(EvacuationRefused):
    code: ClassVar[str] = "evacuation_too_large"
    sentence: ClassVar[str] = N_("一次疏散计算最多 {limit} 对出发地和避难场所，现有 {found} 对。请按乡镇合并，或分区计算。")
    status: ClassVar[int] = 413


@dataclass(frozen=True, slots=True)
class Move:
    """So many people of one origin go to one shelter; both as row and column of the matrix; ``seconds``: the way of one of them."""

    origin: int
    shelter: int
    people: int
    seconds: float


@dataclass(frozen=True, eq=False)
class Assignment:
    """What was assigned. ``left`` [origin] are people for whom there is no place; ``cut_off`` the origins from which no shelter is reached."""

    people: Counts
    capacities: Counts
    moves: tuple[Move, ...]
    left: Counts
    cut_off: tuple[int, ...]

    @property
    def taken(self) -> Counts:
        """People per shelter."""
        found = np.zeros(len(self.capacities), dtype=np.int64)
        for move in self.moves:
            found[move.shelter] += move.people
        return found

    @property
    def assigned(self) -> int:
        """People who have a place."""
        return sum(move.people for move in self.moves)

    @property
    def shortfall(self) -> int:
        """People who have none."""
        return int(self.left.sum())

    @property
    def person_hours(self) -> float:
        """Time of all who move together, h."""
        return sum(move.people * move.seconds for move in self.moves) / 3600.0

    @property
    def longest_s(self) -> float:
        """Longest single way, s; 0 when nobody moves."""
        return max((move.seconds for move in self.moves), default=0.0)


def assign(
    people: ArrayLike,
    times_s: ArrayLike,
    capacities: ArrayLike,
    *,
    origins: Sequence[str] = (),
    shelters: Sequence[str] = (),
    cut_off_stay: bool = False,
) -> Assignment:
    """The assignment that leaves fewest people over and, among those, costs least person-time.

    ``people`` [n] and ``capacities`` [m] are whole numbers; ``times_s`` [n, m] seconds, ``inf`` or ``nan`` where there is no way;
    ``origins`` and ``shelters``: names for refusals. Origins from which no shelter is reached are refused by name, or with ``cut_off_stay`` left
    over and named in the answer. Raises :class:`NoOrigin`, :class:`NoShelter`, :class:`BadPeople`, :class:`BadCapacity`, :class:`BadShape`,
    :class:`BadTime`, :class:`OriginCutOff`, :class:`TooLarge`.
    """
    asked = _checked(people, times_s, capacities, origins, shelters, cut_off_stay=cut_off_stay)
    return asked.answer(_optimum(asked))


def nearest_first(
    people: ArrayLike,
    times_s: ArrayLike,
    capacities: ArrayLike,
    *,
    origins: Sequence[str] = (),
    shelters: Sequence[str] = (),
    cut_off_stay: bool = False,
) -> Assignment:
    """What is done without a plan: each origin in its order fills the nearest shelter that has room. For comparison. Raises as :func:`assign`."""
    asked = _checked(people, times_s, capacities, origins, shelters, cut_off_stay=cut_off_stay)
    room, moved = asked.capacities.copy(), np.zeros(asked.times_s.shape, dtype=np.int64)
    for origin, waiting in enumerate(asked.people.tolist()):
        for shelter in np.argsort(asked.times_s[origin], kind="stable").tolist():
            if not waiting or not np.isfinite(asked.times_s[origin, shelter]):
                break
            going = min(waiting, int(room[shelter]))
            moved[origin, shelter] += going
            room[shelter] -= going
            waiting -= going
    return asked.answer(moved)


@dataclass(frozen=True, eq=False)
class _Asked:
    people: Counts
    times_s: Floats
    capacities: Counts
    cut_off: tuple[int, ...]

    def answer(self, moved: Counts) -> Assignment:
        rows, columns = np.nonzero(moved)
        moves = tuple(
            Move(origin, shelter, int(moved[origin, shelter]), float(self.times_s[origin, shelter]))
            for origin, shelter in zip(rows.tolist(), columns.tolist(), strict=True)
        )
        return Assignment(self.people, self.capacities, moves, self.people - moved.sum(axis=1), self.cut_off)


def _whole(value: ArrayLike, refusal: type[EvacuationRefused], what: str, amount: str, names: Sequence[str]) -> Counts:
    found = np.atleast_1d(np.asarray(value, dtype=np.float64)).ravel()
    bad = ~(np.isfinite(found) & (found >= 0) & (found == np.floor(found)) & (found <= MOST_PEOPLE))
    if bad.any():
        at = int(np.argmax(bad))
        raise refusal(**{what: _name(names, at), amount: f"{found[at]:g}"})
    return found.astype(np.int64)


def _name(names: Sequence[str], at: int) -> str:
    return names[at] if at < len(names) else str(at + 1)


def _checked(
    people: ArrayLike, times_s: ArrayLike, capacities: ArrayLike, origins: Sequence[str], shelters: Sequence[str], *, cut_off_stay: bool
) -> _Asked:
    who = _whole(people, BadPeople, "origin", "people", origins)
    room = _whole(capacities, BadCapacity, "shelter", "capacity", shelters)
    if not len(who):
        raise NoOrigin()
    if not len(room) or not room.sum():
        raise NoShelter()
    if len(who) * len(room) > MOST_PAIRS:
        raise TooLarge(limit=MOST_PAIRS, found=len(who) * len(room))
    times = np.array(times_s, dtype=np.float64)
    if times.shape != (len(who), len(room)):
        raise BadShape(found=" × ".join(map(str, times.shape)), origins=len(who), shelters=len(room))
    times[np.isnan(times)] = np.inf
    if (times < 0).any():
        row, column = np.argwhere(times < 0)[0].tolist()
        raise BadTime(origin=_name(origins, row), shelter=_name(shelters, column), seconds=f"{times[row, column]:g}")
    lost = np.nonzero(~np.isfinite(times).any(axis=1) & (who > 0))[0].tolist()
    if lost and not cut_off_stay:
        raise OriginCutOff(origins="、".join(_name(origins, at) for at in lost[:10]), people=int(who[lost].sum()))
    return _Asked(who, times, room, tuple(lost))


def _optimum(asked: _Asked) -> Counts:
    """People moved [n, m]. Whoever stays costs more than any chain of exchanges could save, so nobody stays who could have gone."""
    from scipy import sparse
    from scipy.optimize import linprog

    count, shelters = asked.times_s.shape
    rows, columns = np.nonzero(np.isfinite(asked.times_s) & (asked.people[:, None] > 0) & (asked.capacities[None, :] > 0))
    moved = np.zeros(asked.times_s.shape, dtype=np.int64)
    if not len(rows):
        return moved
    cost = asked.times_s[rows, columns]
    # A path of exchanges passes each shelter and each origin at most once.
    stay = (float(cost.max()) + 1.0) * (min(count, shelters) + 1)
    pairs, one = len(rows), np.ones
    whole = sparse.csr_matrix(
        (one(pairs + count), (np.concatenate([rows, np.arange(count)]), np.arange(pairs + count))), shape=(count, pairs + count)
    )
    within = sparse.csr_matrix((one(pairs), (columns, np.arange(pairs))), shape=(shelters, pairs + count))
    answer = linprog(
        np.concatenate([cost, np.full(count, stay)]),
        A_eq=whole,
        b_eq=asked.people,
        A_ub=within,
        b_ub=asked.capacities,
        bounds=(0, None),
        method="highs-ds",
    )
    if answer.status != 0:
        raise EvacuationRefused(reason=str(answer.message)[:120])
    moved[rows, columns] = np.rint(answer.x[:pairs]).astype(np.int64)
    if (moved.sum(axis=1) > asked.people).any() or (moved.sum(axis=0) > asked.capacities).any() or (moved < 0).any():
        raise EvacuationRefused(reason="rounding")
    return moved
