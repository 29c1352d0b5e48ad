"""Verbs of patrols: draw, check, close."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from anlan.ground.people import door as people
from anlan.kernel.access import Actor, Classification
from anlan.ledger import flows
from anlan.ledger.changes import change
from anlan.ledger.flows import advance
from anlan.sense.patrol import door, queries, rules
from anlan.sense.patrol.models import Patrol, PatrolPoint
from anlan.sense.stream import door as stream


def draw(
    title: str,
    *,
    place_code: str,
    wanted: int,
    sensor_class: str = "",
    seed: str = "",
    assignees: Sequence[UUID] = (),
    due_on: date | None = None,
    exercise: bool = False,
    actor: Actor,
    now: datetime,
) -> Patrol:
    """Draw points of a place for a spot check; the seed is recorded and, when empty, random.

    ``assignees``: accounts that check the points in turn. Raises ``NotPermitted``, ``NothingToDraw``, ``DrawSize``, ``SeedTooLong``.
    """
    known = {point.channel: point for point in queries.population(actor, place_code, sensor_class)}
    chosen_seed = rules.checked_seed(seed) if seed else secrets.token_hex(16)
    drawn = rules.draw(chosen_seed, known, wanted)
    names = people.account_names(assignees)
    with change(actor, "patrol.draw", now=now, place_code=place_code) as gathered:
        patrol = Patrol(
            title=title.strip()[:120],
            place_code=place_code,
            created_at=now,
            updated_at=now,
            opened_at=now,
            state=rules.OPEN,
            exercise=exercise,
            sensor_class=sensor_class,
            seed=chosen_seed,
            population=len(known),
            population_sha256=rules.population_digest(known),
            population_channels=sorted(known),
            drawn=len(drawn),
            drawn_by_name=actor.name,
            due_on=due_on,
        )
        patrol.save()
        turns = rules.assigned(len(drawn), [str(pk) for pk in assignees])
        for order, ((channel, number), assignee) in enumerate(zip(drawn, turns, strict=True), 1):
            point = known[channel]
            PatrolPoint.objects.create(
                patrol=patrol,
                place_code=point.place_code,
                created_at=now,
                updated_at=now,
                enterprise_id=point.enterprise_id,
                sensor_id=point.id,
                name=point.name,
                device_name=point.device_name,
                unit=point.unit,
                order=order,
                channel=channel,
                number=number,
                assignee_id=UUID(assignee) if assignee else None,
                assignee_name=names.get(UUID(assignee), "") if assignee else "",
            )
        flows.open_case(patrol, actor=actor, now=now)
        gathered.subject = patrol
        gathered.facts.update({"seed": chosen_seed, "population": len(known), "drawn": len(drawn)})
    return patrol


def check(
    point_id: UUID | str, finding: str, note: str = "", *, site_value: float | None = None, actor: Actor, now: datetime
) -> PatrolPoint:
    """Record what was found at a drawn point; the platform's value of that moment is kept beside it. May be corrected until the check is closed.

    Raises ``NotFound``, ``NotPermitted``, ``UnknownFinding``, ``NoteMissing``, ``AlreadyClosed``.
    """
    point = queries.one_point(point_id, actor)
    if point.patrol.state != rules.OPEN:
        raise rules.AlreadyClosed()
    if finding not in rules.FINDINGS:
        raise rules.UnknownFinding()
    if finding != rules.FINE and not note.strip():
        raise rules.NoteMissing()
    with change(actor, "patrol.check", now=now, record=point) as gathered:
        locked = Patrol.objects.select_for_update().get(pk=point.patrol_id)
        if locked.state != rules.OPEN:
            raise rules.AlreadyClosed()
        point.finding, point.note, point.site_value = finding, note.strip(), site_value
        point.node_value = _newest(point.channel)
        point.checked_by_id, point.checked_by_name, point.checked_at = actor.account_id, actor.name, now
        point.save()
        gathered.facts.update({"finding": finding})
        if finding in rules.FAILED:
            gathered.announce(_failed(point, actor, now))
    return point


def _failed(point: PatrolPoint, actor: Actor, now: datetime) -> door.PatrolPointFailed:
    words = rules.FINDINGS[point.finding]
    return door.PatrolPointFailed(
        subject_id=point.pk,
        place_code=point.place_code,
        enterprise_id=point.enterprise_id,
        classification=Classification(point.classification),
        at=now,
        exercise=point.patrol.exercise,
        title=f"{point.name}：{words}"[:120],
        point=f"{point.device_name} {point.name}".strip()[:160],
        finding=point.finding,
        note=point.note,
        checked_by_id=str(actor.account_id),
        checked_by_name=actor.name,
    )


def _newest(channel: int) -> float | None:
    """What the platform shows at this moment; ``None`` when it shows nothing."""
    try:
        found = stream.latest_by_channel([channel]).get(channel)
    except stream.StoreSilent:
        return None
    return found[1] if found is not None else None


def move(patrol_id: UUID | str, move_code: str, *, conclusion: str = "", reason: str = "", actor: Actor, now: datetime) -> Patrol:
    """Close a spot check with its conclusion, or drop it with a reason. Raises ``NotAllChecked`` and the refusals of the flow."""
    patrol = queries.one(patrol_id, actor)
    if move_code == "close":
        waiting = patrol.points.filter(finding=rules.WAITING).count()
        if waiting:
            raise rules.NotAllChecked(count=waiting)
    fields = {"conclusion": conclusion.strip()} if move_code == "close" else {}
    return advance(patrol, move_code, actor=actor, now=now, fields=fields, reason=reason)
