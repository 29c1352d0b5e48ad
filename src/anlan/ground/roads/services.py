"""Verbs of closures and of putting a net in force. Importing stands in :mod:`.intake`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from anlan.ground.roads import answering, keeping, queries, rules
from anlan.ground.roads.door import NetworkEnacted, RoadClosed, RoadOpened
from anlan.ground.roads.models import RoadClosure, RoadNetwork
from anlan.kernel.access import Actor, Classification
from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.levels import covers, prefix_of
from anlan.ledger.changes import change
from anlan.routing.network import Network

Point = tuple[float, float]


def close_road(
    *,
    name: str,
    reason: str,
    place_code: str,
    shape: str,
    points: Sequence[Point],
    radius_m: float = rules.DEFAULT_RADIUS_M,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    exercise: bool = False,
    lets_emergency_pass: bool = False,
    actor: Actor,
    now: datetime,
) -> RoadClosure:
    """Close a stretch of road from ``from_at`` (now) until ``until_at`` (until somebody opens it). Needs ``roads.close`` there.

    ``lets_emergency_pass``: traffic control, through which fire engines, ambulances and police may go; a road that is gone lets nobody pass.
    Raises ``Invalid`` naming every wrong field, ``NotPermitted``.
    """
    begins = from_at or now
    where = _checked(name, reason, shape, points, radius_m, begins, until_at, now)
    longitude, latitude = _middle(where)
    with change(actor, "roads.close", now=now, place_code=place_code) as made:
        row = RoadClosure(
            place_code=place_code,
            classification=int(Classification.PUBLIC),
            created_at=now,
            updated_at=now,
            name=name.strip()[:120],
            reason=reason.strip()[:300],
            shape=shape,
            coordinates=[list(point) for point in where],
            radius_m=radius_m,
            longitude=longitude,
            latitude=latitude,
            from_at=begins,
            until_at=until_at,
            exercise=exercise,
            lets_emergency_pass=lets_emergency_pass,
            closed_by_name=actor.name,
        )
        row.save(force_insert=True)
        made.subject = row
        made.announce(_closed(row, now))
    return row


def change_closure(
    closure_id: UUID | str,
    *,
    name: str,
    reason: str,
    place_code: str,
    shape: str,
    points: Sequence[Point],
    radius_m: float,
    from_at: datetime | None,
    until_at: datetime | None,
    actor: Actor,
    now: datetime,
    lets_emergency_pass: bool = False,
) -> RoadClosure:
    """Correct a closure that still stands. Whether it belongs to an exercise stays as it was said. Raises as :func:`close_road`, ``AlreadyOpened``."""
    row = queries.one_closure(closure_id, actor)
    begins = from_at or row.from_at
    where = _checked(name, reason, shape, points, radius_m, begins, until_at, now)
    with change(actor, "roads.close", now=now, record=row) as made:
        locked = RoadClosure.objects.select_for_update().get(pk=row.pk)
        if rules.standing(locked.from_at, locked.until_at, locked.opened_at, now) in (rules.OPENED, rules.OVER):
            raise rules.AlreadyOpened(what=row.name)
        row.name, row.reason, row.place_code, row.shape = name.strip()[:120], reason.strip()[:300], place_code, shape
        row.coordinates, row.radius_m = [list(point) for point in where], radius_m
        row.longitude, row.latitude = _middle(where)
        row.from_at, row.until_at, row.lets_emergency_pass = begins, until_at, lets_emergency_pass
        row.save()
        made.announce(_closed(row, now))
    return queries.one_closure(row.pk, None)


def open_road(closure_id: UUID | str, *, reason: str, actor: Actor, now: datetime) -> RoadClosure:
    """Lift a closure before its time. Needs ``roads.open``. Raises ``NotFound``, ``NotPermitted``, ``AlreadyOpened``, ``ReasonMissing``."""
    row = queries.one_closure(closure_id, actor)
    if not reason.strip():
        raise rules.ReasonMissing()
    with change(actor, "roads.open", now=now, record=row) as made:
        row = RoadClosure.objects.select_for_update().get(pk=row.pk)
        if rules.standing(row.from_at, row.until_at, row.opened_at, now) in (rules.OPENED, rules.OVER):
            raise rules.AlreadyOpened(what=row.name)
        row.opened_at, row.opened_by_name, row.opened_reason = now, actor.name, reason.strip()[:300]
        row.save()
        made.subject = row
        made.announce(
            RoadOpened(
                subject_id=row.pk,
                place_code=row.place_code,
                at=now,
                exercise=row.exercise,
                classification=Classification(row.classification),
                name=row.name,
            )
        )
    return row


def _closed(row: RoadClosure, now: datetime) -> RoadClosed:
    return RoadClosed(
        subject_id=row.pk,
        place_code=row.place_code,
        at=now,
        exercise=row.exercise,
        classification=Classification(row.classification),
        name=row.name,
        from_at=row.from_at.isoformat(),
        until_at=row.until_at.isoformat() if row.until_at else "",
    )


def _checked(
    name: str,
    reason: str,
    shape: str,
    points: Sequence[Point],
    radius_m: float,
    from_at: datetime,
    until_at: datetime | None,
    now: datetime,
) -> tuple[Point, ...]:
    """The points, when everything said fits. Raises ``Invalid`` with every wrong field."""
    wrong: dict[str, Refusal] = {}
    where: tuple[Point, ...] = ()
    try:
        where = rules.checked_shape(shape, points, radius_m)
    except rules.WrongRadius as refusal:
        wrong["radius_m"] = refusal
    except rules.WrongShape as refusal:
        wrong["shape"] = refusal
    except Refusal as refusal:
        wrong["coordinates_text"] = refusal
    if not name.strip():
        wrong["name"] = rules.NameMissing()
    if not reason.strip():
        wrong["reason"] = rules.ReasonMissing()
    if until_at is not None and until_at <= from_at:
        wrong["until_at"] = rules.EndsBeforeItBegins()
    if where and not _meets_a_road(shape, where, radius_m, now):
        wrong["coordinates_text"] = rules.ClosesNothing()
    if wrong:
        raise Invalid(wrong)
    return where


def _meets_a_road(shape: str, points: Sequence[Point], radius_m: float, now: datetime) -> bool:
    """Whether the shape meets a road of the net in force. Without a net, or outside of it, nobody can say: then it is taken as it is."""
    row = queries.in_force(now)
    if row is None:
        return True
    network = keeping.loaded(row.pk)
    west, south, east, north = network.box
    if not any(west <= longitude <= east and south <= latitude <= north for longitude, latitude in points):
        return True
    return bool(answering.mask_of(network, shape, points, radius_m).any())


def _middle(points: Sequence[Point]) -> Point:
    longitudes, latitudes = zip(*points, strict=True)
    return sum(longitudes) / len(points), sum(latitudes) / len(points)


def describe(row: RoadNetwork, network: Network) -> None:
    """Write the figures of a net into its record (unsaved)."""
    row.nodes, row.edges, row.strong_nodes = network.nodes, network.edges, int(network.strong_part().sum())
    row.length_km = round(network.total_km, 1)
    row.west, row.south, row.east, row.north = (round(edge, 6) for edge in network.box)


def keep_network(
    network: Network, *, name: str, source: str, licence: str, place_code: str, generated: bool, actor: Actor, now: datetime
) -> RoadNetwork:
    """Keep a net that is there already. Needs ``roads.import``. Raises ``NotPermitted``, ``NameMissing``."""
    if not name.strip():
        raise Invalid({"name": rules.NameMissing()})
    with change(actor, "roads.import", now=now, place_code=place_code) as made:
        row = RoadNetwork(
            place_code=place_code,
            classification=int(Classification.PUBLIC),
            created_at=now,
            updated_at=now,
            name=name.strip()[:120],
            source=source.strip()[:200],
            licence=licence.strip()[:200],
            generated=generated,
            state=rules.READY,
            progress=100,
            imported_by_name=actor.name,
        )
        describe(row, network)
        # The file is safe on disk before the row that names it is committed.
        keeping.keep(row.pk, network)
        row.save(force_insert=True)
        made.subject = row
    return row


def enact(network_id: UUID | str, *, actor: Actor, now: datetime) -> RoadNetwork:
    """Put a net in force for the whole node. Needs ``roads.enact`` at its place, which must cover the place of the net in force so far.

    Raises ``NotFound``, ``NotReady``, ``BroaderNetworkInForce``, ``NotPermitted``, ``NetworkUnreadable``.
    """
    row = queries.one_network(network_id, actor)
    if row.state != rules.READY:
        raise rules.NotReady(what=row.name, state=rules.NETWORK_STATES[row.state])
    keeping.loaded(row.pk)
    with change(actor, "roads.enact", now=now, record=row) as made:
        # Two nets put in force at once must not both find the same former one.
        list(RoadNetwork.objects.select_for_update().filter(in_force_from__isnull=False).values_list("pk", flat=True))
        former = queries.in_force(now)
        if former is not None and former.pk != row.pk:
            if not covers(prefix_of(row.place_code), former.place_code):
                raise rules.BroaderNetworkInForce(what=former.name)
            RoadNetwork.objects.filter(pk=former.pk).update(in_force_until=now, updated_at=now)
            made.facts["former"] = str(former.pk)
        row.in_force_from, row.in_force_until, row.enacted_by_name = now, None, actor.name
        row.save()
        made.announce(
            NetworkEnacted(
                subject_id=row.pk, place_code=row.place_code, at=now, classification=Classification(row.classification), name=row.name
            )
        )
    return row
