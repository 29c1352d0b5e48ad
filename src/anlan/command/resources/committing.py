"""Taking a resource for a task, and giving it back: one resource, one task.

A team and its units (分队) hold each other: who takes the team takes its units, and the team cannot be taken while one of its units is out. An exercise
never keeps a resource from a real task: the real task takes it, and the exercise's commitment ends with that reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from anlan.command.resources import door, rules
from anlan.command.resources.models import Commitment, RescueResource
from anlan.command.resources.telling import about, already
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.ledger.changes import Change, change


def _family(resource_id: UUID | str) -> tuple[RescueResource, list[RescueResource]]:
    """The resource and all that must be free with it (its team, its units), locked in one order so that two takers never wait for each other."""
    first = RescueResource.objects.filter(pk=resource_id).first()
    if first is None:
        raise NotFound(what=str(resource_id))
    near = Q(pk=first.pk) | Q(parent_id=first.pk) | Q(pk=first.parent_id)
    rows = list(RescueResource.objects.select_for_update(of=("self",)).filter(near).order_by("pk"))
    return next(row for row in rows if row.pk == first.pk), rows


def commit(
    resource_id: UUID | str, *, subject_type: str, subject_id: UUID, title: str, exercise: bool = False, actor: Actor, now: datetime
) -> RescueResource:
    """Take a resource for a task. Asked again for the same task it changes nothing.

    Raises ``AlreadyCommitted`` naming the task that holds it (or its team, or a unit of it), ``OutOfService``, ``NotFound``, ``NotPermitted``.
    """
    with transaction.atomic():
        row, family = _family(resource_id)
        held = _open(family)
        mine = next((each for each in held if each.resource_id == row.pk), None)
        if mine is not None and (mine.subject_type, mine.subject_id) == (subject_type, subject_id):
            return row
        with change(actor, "resources.commit", now=now, record=row) as made:
            _make_room(held, exercise, made, actor, now)
            row.refresh_from_db()
            if row.readiness == rules.OUT:
                raise rules.OutOfService(name=row.name, reason=row.readiness_reason)
            Commitment.objects.create(
                resource=row,
                subject_type=subject_type,
                subject_id=subject_id,
                title=title[:200],
                exercise=exercise,
                committed_at=now,
                committed_by_name=actor.name,
            )
            _become(row, rules.COMMITTED, title, now)
            made.facts.update({"task": title, "subject_type": subject_type, "subject_id": str(subject_id)})
            made.announce(
                door.ResourceCommitted(
                    **about(row, now), exercise=exercise, name=row.name, title=title, task_type=subject_type, task_id=str(subject_id)
                )
            )
    return row


def _open(family: Iterable[RescueResource]) -> list[Commitment]:
    held = Commitment.objects.select_for_update(of=("self",)).filter(resource__in=list(family), released_at__isnull=True)
    return list(held.select_related("resource").order_by("committed_at"))


def _make_room(held: Iterable[Commitment], exercise: bool, made: Change, actor: Actor, now: datetime) -> None:
    """End what an exercise holds for a real task. Raises ``AlreadyCommitted`` for anything else that is held."""
    for each in held:
        if exercise or not each.exercise:
            raise already(each.resource.name, each)
        _end(each, _("转入实战"), actor, now)
        made.announce(_released(each.resource, each, now))


def _end(held: Commitment, reason: str, actor: Actor, now: datetime) -> None:
    held.released_at, held.released_by_name, held.release_reason = now, actor.name, reason.strip()[:200]
    held.save(update_fields=["released_at", "released_by_name", "release_reason"])
    _become(held.resource, rules.READY, "", now)


def _become(row: RescueResource, readiness: str, reason: str, now: datetime) -> None:
    row.readiness, row.readiness_reason, row.readiness_since = readiness, reason[:200], now
    row.save(update_fields=["readiness", "readiness_reason", "readiness_since"])


def _held(row: RescueResource, subject_type: str, subject_id: UUID) -> Commitment:
    found = next((each for each in _open([row]) if (each.subject_type, each.subject_id) == (subject_type, subject_id)), None)
    if found is None:
        raise rules.NotCommitted(name=row.name)
    return found


def arrived(resource_id: UUID | str, *, subject_type: str, subject_id: UUID, actor: Actor, now: datetime) -> RescueResource:
    """A resource is where its task is; said twice, the first time stands. Raises ``NotCommitted``, ``NotPermitted``."""
    with transaction.atomic():
        row, _all = _family(resource_id)
        held = _held(row, subject_type, subject_id)
        if held.arrived_at is None:
            with change(actor, "resources.commit", now=now, record=row) as made:
                held.arrived_at = now
                held.save(update_fields=["arrived_at"])
                made.facts["task"] = held.title
                made.announce(
                    door.ResourceCommitted(
                        **about(row, now),
                        exercise=held.exercise,
                        name=row.name,
                        title=held.title,
                        task_type=subject_type,
                        task_id=str(subject_id),
                        arrived=True,
                    )
                )
    return row


def release(
    resource_id: UUID | str, *, subject_type: str, subject_id: UUID, reason: str = "", actor: Actor, now: datetime
) -> RescueResource:
    """Give a resource back; it is ready again. Raises ``NotCommitted``, ``NotPermitted``."""
    with transaction.atomic():
        row, _all = _family(resource_id)
        held = _held(row, subject_type, subject_id)
        with change(actor, "resources.commit", now=now, record=row) as made:
            held.resource = row
            _end(held, reason, actor, now)
            made.facts.update({"task": held.title, "reason": reason})
            made.announce(_released(row, held, now))
    return row


def _released(row: RescueResource, held: Commitment, now: datetime) -> door.ResourceReleased:
    return door.ResourceReleased(
        **about(row, now),
        exercise=held.exercise,
        name=row.name,
        title=held.title,
        task_type=held.subject_type,
        task_id=str(held.subject_id),
    )
