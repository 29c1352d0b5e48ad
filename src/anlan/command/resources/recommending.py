"""Who can help, and how soon: resources by capability, ranked by minutes on the road now, with reasons and what they leave uncovered.

Method: resources that offer the capability are read ring by ring about the place (30, 100, 400 km). The straight distance at :data:`FASTEST_KMH` is
never longer than the way by road takes, so the nearest by that bound are routed first, all in one search towards the place, and routing stops once
nobody left could still be among those asked for. Closures of the moment count. Without a road net minutes are estimated and marked so.
"""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import numpy as np
from django.db.models import Q, QuerySet

from anlan.command.resources import queries, rules
from anlan.command.resources.door import Choice, Need, Recommendation, Uncovered
from anlan.command.resources.models import Agreement, Qualification, RescueResource
from anlan.ground.risksources import door as risksources
from anlan.ground.roads import door as roads
from anlan.ground.roads.door import NoNetwork
from anlan.kernel.access import Actor
from anlan.kernel.geo import Point, haversine_m
from anlan.kernel.levels import prefix_of
from anlan.ledger.sources import law_day
from anlan.routing.plane import lengths_m
from anlan.routing.refusals import EndInDanger, TooFarFromRoads

RINGS_KM: Final = (30.0, 100.0, 400.0)
FASTEST_KMH: Final = 120.0
"""No vehicle of ``routing`` averages more on any road: a bound, not a speed anybody is told."""
AT_ONCE: Final = (40, 120, 500)
"""How many are routed in one search, growing while more may still be among the best."""
MOST_MINUTES: Final = (75.0, 240.0, math.inf)
"""How far the search of each ring goes."""
COVERED: Final = 5
"""For how many of the best it is reckoned what they leave uncovered."""
MOST_SOURCES: Final = 120
MOST_OTHERS: Final = 60
AT_THE_PLACE_M: Final = 500
"""A hazard source so near the need is what the need is about: that it is served needs no telling."""
BUSY_SHOWN: Final = 5
_SLIM: Final = "pk kind place_code readiness confirmed_at confirm_by turnout_min vehicle longitude latitude seen_longitude seen_latitude seen_at parent_id offered"


@dataclass(frozen=True)
class _Candidate:
    """A resource that would do, before it is routed. ``bound_min``: turnout, costs and the straight way: no score is lower."""

    row: RescueResource
    point: tuple[float, float]
    seen_at: datetime | None
    km: float
    vehicle: str
    turnout_min: int
    quantity: Decimal
    reasons: tuple[rules.Reason, ...]
    agreement: str

    @property
    def cost(self) -> int:
        return self.turnout_min + sum(each.minutes for each in self.reasons)

    @property
    def bound_min(self) -> float:
        return self.cost + self.km / FASTEST_KMH * 60

    def order(self) -> tuple[float, str]:
        """The lowest bound first."""
        return self.bound_min, str(self.row.pk)


def recommend(need: Need, *, actor: Actor, limit: int = 10, coverage: bool = True) -> Recommendation:
    """The ``limit`` best for a need, and who would do but is held. Raises ``UnknownCapability``, ``UnknownVehicle``, ``ImpossibleCoordinates``."""
    codes, place = rules.covering(need.capability), need.place_code or actor.place_code
    agreed = queries.aid_for(place, need.at)
    reached: dict[UUID, tuple[_Candidate, float, bool]] = {}
    known: list[_Candidate] = []
    enough = math.inf
    for ring, most in zip(RINGS_KM, MOST_MINUTES, strict=True):
        # Once there are enough, nobody farther away than the last of them could drive in his minutes need be read.
        reach = min(ring, enough * FASTEST_KMH / 60)
        known = sorted((*known, *_candidates(need, codes, reach, agreed, actor, but=known)), key=_Candidate.order)
        _route(need, known, reached, limit, most)
        best = sorted(candidate.cost + minutes for candidate, minutes, _by_road in reached.values())
        if len(best) >= limit:
            enough = best[limit - 1]
            if enough <= min(most, reach / FASTEST_KMH * 60):
                break
    choices = _choices(reached.values(), limit, actor, need)
    if coverage:
        choices = _with_coverage(need, choices, known, actor)
    return Recommendation(
        need,
        choices,
        _busy(need, codes, agreed, actor),
        any(each.by_road for each in choices),
        rules.TABLES.parameter(rules.COVER_MINUTES, law_day(need.at)),
    )


# --- who would do ----------------------------------------------------------------------------------------------------------------


def _suitable(codes: Sequence[str], agreed: Iterable[Agreement], actor: Actor) -> QuerySet[RescueResource]:
    """Resources that offer one of ``codes`` and that the actor sees, or may ask for by an agreement."""
    seen = Q(pk__in=queries.resources(actor).values("pk")) if actor.scopes(queries.VIEW) else Q(pk__in=[])
    return RescueResource.objects.filter(offered__has_any_keys=list(codes)).filter(seen | queries.lent(agreed))


def _box(need: Need, reach_km: float) -> tuple[float, float, float, float]:
    north = reach_km / 111.2
    east = north / max(0.1, math.cos(math.radians(abs(need.latitude) + north)))
    return need.longitude - east, need.latitude - north, need.longitude + east, need.latitude + north


def _near(rows: QuerySet[RescueResource], need: Need, reach_km: float, since: datetime) -> QuerySet[RescueResource]:
    west, south, east, north = _box(need, reach_km)
    at_base = Q(longitude__range=(west, east), latitude__range=(south, north))
    on_the_road = Q(seen_at__gte=since, seen_longitude__range=(west, east), seen_latitude__range=(south, north))
    return rows.filter(at_base | on_the_road)


def _candidates(
    need: Need, codes: Sequence[str], reach_km: float, agreed: Sequence[Agreement], actor: Actor, but: Sequence[_Candidate] = ()
) -> list[_Candidate]:
    """Those within reach that are ready or partly ready, ``but`` those read before, the lowest bound first.

    A team one of whose units is out is offered by its other units.
    """
    on, since = law_day(need.at), queries.fresh_since(need.at)
    free = _suitable(codes, agreed, actor).filter(readiness__in=(rules.READY, rules.LIMITED))
    near = _near(free, need, reach_km, since).exclude(pk__in=[each.row.pk for each in but])
    rows = list(near.only(*_SLIM.split()))
    held = queries.blocked(rows)
    spoilt = _uncertified(rows, on)
    wanted, kinds, here, found = set(codes), rules.kinds(), Point(need.longitude, need.latitude), []
    reasons_of = functools.cache(lambda standing: rules.reasons(standing, on))
    for row in rows:
        if row.pk in held:
            continue
        longitude, latitude, at = row.position(since)
        km = haversine_m(here, Point(longitude, latitude)) / 1000
        if km > reach_km:
            continue
        agreement = "" if actor.may(queries.VIEW, place_code=row.place_code) else _agreement(row, agreed)
        standing = rules.Standing(row.readiness, row.confirmed(need.at), row.pk not in spoilt, bool(agreement))
        reasons = (*reasons_of(standing), *([rules.Reason("live")] if at is not None else []))
        turnout = 0 if at is not None else kinds[row.kind].turnout_min if row.turnout_min is None else row.turnout_min
        vehicle = need.vehicle or row.vehicle or kinds[row.kind].vehicle
        amount = sum((number for code, number in row.amounts.items() if code in wanted), Decimal(0))
        found.append(_Candidate(row, (longitude, latitude), at, km, vehicle, turnout, amount, reasons, agreement))
    return sorted(found, key=_Candidate.order)


def _uncertified(rows: Sequence[RescueResource], on: date) -> set[UUID]:
    """Resources of which a certificate has run out."""
    over = Qualification.objects.filter(resource__in=[row.pk for row in rows], valid_until__lt=on)
    return set(over.values_list("resource_id", flat=True))


def _agreement(row: RescueResource, agreed: Iterable[Agreement]) -> str:
    return next((each.title for each in agreed if row.place_code.startswith(prefix_of(each.giver_place))), "")


def _busy(need: Need, codes: Sequence[str], agreed: Sequence[Agreement], actor: Actor) -> tuple:
    held = _suitable(codes, agreed, actor).filter(readiness=rules.COMMITTED)
    rows = list(_near(held, need, RINGS_KM[1], queries.fresh_since(need.at))[:200])
    here = Point(need.longitude, need.latitude)
    rows.sort(key=lambda row: haversine_m(here, Point(row.longitude, row.latitude)))
    return queries.summaries(rows[:BUSY_SHOWN], actor, need.at)


# --- how soon --------------------------------------------------------------------------------------------------------------------


def _route(
    need: Need, known: Sequence[_Candidate], reached: dict[UUID, tuple[_Candidate, float, bool]], limit: int, most_min: float
) -> None:
    """Route those not routed yet, the lowest bound first, until nobody left could be among the best ``limit``."""
    waiting = [each for each in known if each.row.pk not in reached]
    sizes = iter(AT_ONCE)
    while waiting:
        best = sorted(candidate.cost + minutes for candidate, minutes, _by_road in reached.values())
        if len(best) >= limit and best[limit - 1] <= waiting[0].bound_min:
            return
        size = next(sizes, AT_ONCE[-1])
        for candidate, minutes, by_road in _minutes(need, waiting[:size], most_min):
            reached[candidate.row.pk] = (candidate, minutes, by_road)
        waiting = waiting[size:]


def _minutes(need: Need, some: Sequence[_Candidate], most_min: float) -> list[tuple[_Candidate, float, bool]]:
    """Minutes on the road of each, one search for each kind of vehicle; straight estimates where there is no net or the place is off all roads."""
    by_vehicle: defaultdict[str, list[_Candidate]] = defaultdict(list)
    for each in some:
        by_vehicle[each.vehicle].append(each)
    found: list[tuple[_Candidate, float, bool]] = []
    for vehicle, group in by_vehicle.items():
        try:
            arrivals = _arrivals(need, [each.point for each in group], vehicle, most_min)
        except (NoNetwork, TooFarFromRoads):
            found += [(each, rules.straight_minutes(each.km * 1000, law_day(need.at)), False) for each in group]
            continue
        found += [(each, came.seconds / 60, True) for each, came in zip(group, arrivals, strict=True) if came is not None]
    return found


def _arrivals(need: Need, starts: Sequence[tuple[float, float]], vehicle: str, most_min: float) -> tuple:
    """Arrivals at the place. Where it lies within an area to be avoided, that area is driven into by the quickest way: there is no other."""
    asked = {"vehicle": vehicle, "at": need.at, "exercise": need.exercise, "limit_s": most_min * 60}
    end = (need.longitude, need.latitude)
    try:
        return roads.arrivals(starts, end, avoid=need.avoid, **asked)
    except EndInDanger:
        return roads.arrivals(starts, end, **asked)


def _choices(reached: Iterable[tuple[_Candidate, float, bool]], limit: int, actor: Actor, need: Need) -> tuple[Choice, ...]:
    best = sorted(reached, key=lambda each: (each[0].cost + each[1], str(each[0].row.pk)))[:limit]
    rows = RescueResource.objects.filter(pk__in=[each.row.pk for each, _minutes, _by_road in best])
    told = {each.id: each for each in queries.summaries(rows, actor, need.at)}
    gathered, choices = Decimal(0), []
    for candidate, minutes, by_road in best:
        gathered += candidate.quantity
        reasons = candidate.reasons if by_road else (*candidate.reasons, rules.Reason("straight"))
        choices.append(
            Choice(
                resource=told[candidate.row.pk],
                minutes=candidate.turnout_min + minutes,
                road_minutes=minutes,
                km=candidate.km,
                by_road=by_road,
                quantity=candidate.quantity,
                gathered=gathered,
                score=candidate.cost + minutes,
                reasons=reasons,
                agreement=candidate.agreement,
            )
        )
    return tuple(choices)


# --- what is left uncovered ------------------------------------------------------------------------------------------------------


def _with_coverage(need: Need, choices: tuple[Choice, ...], known: Sequence[_Candidate], actor: Actor) -> tuple[Choice, ...]:
    """For the best of the choices: the major hazard sources that nobody else with the capability reaches in time once this one has gone.

    Source by source: when does each of the best get there, and when the first of all others. The place of the need itself does not count.
    """
    first = choices[:COVERED]
    minutes = rules.TABLES.parameter(rules.COVER_MINUTES, law_day(need.at))
    sources = _sources(need, first, minutes)
    if not first or not sources:
        return tuple(replace(each, uncovered=()) if number < COVERED else each for number, each in enumerate(choices))
    chosen = {each.resource.id for each in first}
    vehicle = first[0].resource.vehicle if not need.vehicle else need.vehicle
    asked = {"vehicle": vehicle, "at": need.at, "exercise": need.exercise, "limit_s": minutes * 60.0}
    ends = [(each.longitude or 0.0, each.latitude or 0.0) for each in sources]
    others = _close([each.point for each in known if each.row.pk not in chosen], ends, minutes)[:MOST_OTHERS]
    try:
        own = roads.matrix([(each.resource.longitude, each.resource.latitude) for each in first], ends, **asked).seconds / 60
        rest = [each / 60 for each in roads.soonest(others, ends, **asked)] if others else [math.inf] * len(ends)
    except NoNetwork:
        return choices
    told = []
    for number, each in enumerate(choices):
        if number < COVERED:
            left = [
                Uncovered(source.id, _name(source, actor), float(own[number, at]))
                for at, source in enumerate(sources)
                if own[number, at] <= minutes
                and min(rest[at], *(own[row, at] for row in range(len(first)) if row != number), math.inf) > minutes
            ]
            each = replace(each, uncovered=tuple(sorted(left, key=lambda one: one.minutes)))
        told.append(each)
    return tuple(told)


def left_uncovered(row: RescueResource, need: Need, *, actor: Actor) -> tuple[Uncovered, ...]:
    """See :func:`anlan.command.resources.door.left_uncovered`; nothing where there is no road net. Raises ``UnknownCapability``."""
    told = queries.summary(row, actor, need.at)
    own = Choice(told, 0.0, 0.0, 0.0, True, Decimal(0), Decimal(0), 0.0, ())
    around = replace(need, longitude=told.longitude, latitude=told.latitude)
    known = _candidates(around, rules.covering(need.capability), RINGS_KM[0], (), actor)
    return _with_coverage(need, (own,), known, actor)[0].uncovered or ()


def _sources(need: Need, first: Sequence[Choice], minutes: float) -> list[risksources.RiskSourceSummary]:
    """Major hazard sources that one of ``first`` may reach in time, but not what lies at the place of the need."""
    reach = minutes / 60 * FASTEST_KMH * 1000
    found: dict[UUID, risksources.RiskSourceSummary] = {}
    here = Point(need.longitude, need.latitude)
    for each in first:
        at = replace(need, longitude=each.resource.longitude, latitude=each.resource.latitude)
        for source in risksources.major_within(_box(at, reach / 1000), limit=MOST_SOURCES):
            if source.longitude is None or source.latitude is None:
                continue
            if haversine_m(here, Point(source.longitude, source.latitude)) > AT_THE_PLACE_M:
                found[source.id] = source
    return list(found.values())[:MOST_SOURCES]


def _name(source: risksources.RiskSourceSummary, actor: Actor) -> str:
    """Name of a source; empty for one that ``actor`` may not see: that it stands uncovered counts all the same."""
    about = {"place_code": source.place_code, "enterprise_id": source.enterprise_id, "classification": source.classification}
    return source.name if actor.may("risksources.view", **about) else ""


def _close(points: Sequence[tuple[float, float]], ends: Sequence[tuple[float, float]], minutes: float) -> list[tuple[float, float]]:
    """Those of ``points`` that might reach one of ``ends`` in time at all, in their order."""
    if not points:
        return []
    reach = minutes / 60 * FASTEST_KMH * 1000
    starts, there = np.array(points)[:, None, :], np.array(ends)[None, :, :]
    near = np.asarray(lengths_m(*np.broadcast_arrays(starts, there)) <= reach).any(axis=1)
    return [points[int(at)] for at in np.flatnonzero(near)]
