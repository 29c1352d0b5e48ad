"""What stands on an enterprise's plan: sites, hazard sources and devices from their rooms, and the places that somebody chose."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from anlan.ground.enterprises import door as enterprises
from anlan.ground.enterprises.door import EnterpriseSummary, SiteSummary
from anlan.ground.risksources import door as risksources
from anlan.ground.risksources.door import RiskSourceSummary
from anlan.kernel.access import Actor
from anlan.sense.devices import door as devices
from anlan.sense.devices.door import ListedPoint
from anlan.sense.monitor import plan, queries, rules
from anlan.sense.monitor.models import Placement

MOST_TAGS = 30
"""Points of one thing that have a tag on the plan; the list below holds the others."""
LEVEL_CLASSES = frozenset({"level", "level_percent"})
"""Classes of points that tell how full a vessel is."""


@dataclass(frozen=True)
class Vessel:
    """The point that tells how full a tank is, and between which values; ``low`` and ``high`` ``None`` where nobody entered them."""

    point: ListedPoint
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Layout:
    """A plan with what is known of its points now; ``vessels`` by hazard source."""

    owner: EnterpriseSummary
    plan: plan.Plan
    board: queries.Board
    vessels: dict[UUID, Vessel]
    placed: int


def layout(enterprise_id: UUID, actor: Actor) -> Layout:
    """The plan of an enterprise as ``actor`` may see it. Raises ``NotFound``."""
    owner = enterprises.enterprise(enterprise_id, actor)
    sites = enterprises.sites_of(owner.id)
    sources = risksources.of_enterprise(owner.id, actor) if actor.may_somewhere("risksources.view") else ()
    points = devices.points(actor, enterprise_id=owner.id)
    chosen = {(row.kind, row.subject_id): (row.east_m, row.north_m) for row in Placement.objects.filter(enterprise_id=owner.id)}
    machines = devices.devices_of(owner.id, actor)
    zero = _reference(owner, sites, sources, machines)
    things = _things(sources, machines, points, chosen, zero)
    drawn = plan.draw(things, [_site(site, zero) for site in sites])
    return Layout(owner, drawn, queries.board(points, actor), _vessels(sources, machines, points), len(chosen))


def _reference(
    owner: EnterpriseSummary,
    sites: tuple[SiteSummary, ...],
    sources: tuple[RiskSourceSummary, ...],
    machines: tuple[devices.DeviceSummary, ...],
) -> plan.Reference:
    """The enterprise's own coordinates, or the first known ones of its sites, hazard sources and devices."""
    for row in (owner, *sites, *sources, *machines):
        if row.longitude is not None and row.latitude is not None:
            return plan.Reference(row.longitude, row.latitude)
    return plan.Reference()


def _site(site: SiteSummary, zero: plan.Reference) -> plan.Site:
    at = zero.metres(site.longitude, site.latitude) if site.longitude is not None and site.latitude is not None else None
    outline = cast("dict[str, Any]", site.boundary or {}).get("coordinates", [])
    rings = (tuple(spot for pair in ring if (spot := zero.metres(pair[0], pair[1])) is not None) for ring in outline)
    return plan.Site(site.name, at, tuple(ring for ring in rings if ring))


def _things(
    sources: tuple[RiskSourceSummary, ...],
    machines: tuple[devices.DeviceSummary, ...],
    points: tuple[ListedPoint, ...],
    chosen: dict[tuple[str, UUID], tuple[float, float]],
    zero: plan.Reference,
) -> list[plan.Thing]:
    """Every hazard source, and every device that does not simply belong to one: such a device's points hang on the source itself."""

    def at(kind: str, row: RiskSourceSummary | devices.DeviceSummary) -> tuple[float, float] | None:
        surveyed = zero.metres(row.longitude, row.latitude) if row.longitude is not None and row.latitude is not None else None
        return chosen.get((kind, row.id), surveyed)

    known = {source.id for source in sources}
    by_device: dict[UUID, list[UUID]] = defaultdict(list)
    for point in points:
        by_device[point.device_id].append(point.id)
    hanging: dict[UUID, list[UUID]] = defaultdict(list)
    own: list[plan.Thing] = []
    for machine in machines:
        spot = at(rules.DEVICE, machine)
        if spot is None and machine.risk_source_id in known:
            hanging[cast(UUID, machine.risk_source_id)] += by_device[machine.id]
        elif by_device[machine.id]:
            placed = (rules.DEVICE, machine.id) in chosen
            own.append(_thing(rules.DEVICE, machine, machine.device_class, spot, placed, by_device[machine.id]))
    return [
        _thing(
            rules.SOURCE,
            source,
            source.kind,
            at(rules.SOURCE, source),
            (rules.SOURCE, source.id) in chosen,
            hanging[source.id],
        )
        for source in sources
    ] + own


def _thing(
    kind: str,
    row: RiskSourceSummary | devices.DeviceSummary,
    figure: str,
    spot: tuple[float, float] | None,
    placed: bool,
    tags: list[UUID],
) -> plan.Thing:
    return plan.Thing(kind, row.id, row.name, figure, spot, placed, tuple(tags[:MOST_TAGS]), max(0, len(tags) - MOST_TAGS))


def _vessels(
    sources: tuple[RiskSourceSummary, ...], machines: tuple[devices.DeviceSummary, ...], points: tuple[ListedPoint, ...]
) -> dict[UUID, Vessel]:
    """For each tank, and each tank gauge that stands for one, its first level point.

    Metres go from empty to the tank's height, or else over the instrument's own range.
    """
    found: dict[UUID, Vessel] = {}
    tanks = {source.id: source for source in sources if plan.SHAPES.get(source.kind) == "tank"}
    gauges = {machine.id for machine in machines if machine.device_class == "tank_gauge"}
    for point in points:
        if point.sensor_class not in LEVEL_CLASSES:
            continue
        source = tanks.get(point.risk_source_id) if point.risk_source_id else None
        vessel = Vessel(point, *_bounds(point, source))
        if source is not None:
            found.setdefault(source.id, vessel)
        if point.device_id in gauges:
            found.setdefault(point.device_id, vessel)
    return found


def _bounds(point: ListedPoint, source: RiskSourceSummary | None) -> tuple[float | None, float | None]:
    if point.sensor_class == "level_percent":
        return 0.0, 100.0
    height = source.attributes.get("height") if source is not None else None
    if isinstance(height, int | float) and height > 0:
        return 0.0, float(height)
    return (point.range_low if point.range_low is not None else 0.0), point.range_high
