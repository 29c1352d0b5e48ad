"""What a bureau brings as aid: chosen among its own, committed when sent by its own officer, reckoned on its way, and seen by whoever asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.command.dispatch import door, queries, rules
from anlan.command.dispatch.models import AidAnswer
from anlan.command.incidents import door as incidents
from anlan.command.resources import door as resources
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import Refusal
from anlan.ledger.changes import change

MESSENGER = system_actor("mutual aid")
SUBJECT = AidAnswer._meta.label_lower
OFFERED_AT_MOST = 40


def choices(answer: AidAnswer, actor: Actor, now: datetime) -> list[tuple[str, str]]:
    """What the bureau asked could send of its own: those with the capability first, with their minutes by road; then the others of its place."""
    found = {}
    try:
        ranked = resources.recommend(_need(answer, now), actor=actor, limit=8, coverage=False).choices
    except Refusal:  # asked for without a capability, or without a place
        ranked = ()
    for each in ranked:
        if not each.needs_aid:
            found[str(each.resource.id)] = _("{name}（{minutes} 分钟）").format(name=each.resource.name, minutes=round(each.minutes))
    for told in resources.resources(actor, at=now, place_code=answer.place_code, limit=OFFERED_AT_MOST):
        if told.held is None and told.readiness != "out":
            found.setdefault(str(told.id), told.name)
    return list(found.items())[:OFFERED_AT_MOST]


def _need(answer: AidAnswer, now: datetime) -> resources.Need:
    asked = answer.request
    at = {"longitude": asked.longitude or 0.0, "latitude": asked.latitude or 0.0}
    return resources.Need(asked.capability, Decimal(1), at=now, place_code=answer.place_code, exercise=answer.exercise, **at)


def named(resource_id: UUID, actor: Actor, now: datetime) -> str:
    """The name of a resource of one's own. Raises ``NotFound``."""
    return resources.resource(resource_id, actor, at=now).name[:120]


def take(answer: AidAnswer, *, actor: Actor, now: datetime) -> None:
    """Commit what was offered, as its own officer, and reckon when it will be there. Raises ``AlreadyCommitted``, ``OutOfService``, ``NotPermitted``."""
    if answer.resource_id is None:
        return
    about = {"subject_type": SUBJECT, "subject_id": answer.pk, "title": answer.title}
    resources.commit(answer.resource_id, **about, exercise=answer.exercise, actor=actor, now=now)
    end = _meeting(answer)
    found = resources.set_out(answer.resource_id, end, ordered_at=now, exercise=answer.exercise) if end is not None else None
    if found is not None:
        answer.expected_at, answer.way = found.at, {**found.kept(), "first": found.at.isoformat()}
        answer.save(update_fields=["expected_at", "way"])


def on_scene(answer: AidAnswer, now: datetime) -> None:
    """What was sent has arrived: whoever asked says so."""
    if answer.resource_id is not None and resources.holds(answer.resource_id, SUBJECT, answer.pk):
        resources.arrived(answer.resource_id, subject_type=SUBJECT, subject_id=answer.pk, actor=MESSENGER, now=now)


def give_back(answer: AidAnswer, now: datetime) -> None:
    """What was sent is home and free again."""
    if answer.resource_id is not None and resources.holds(answer.resource_id, SUBJECT, answer.pk):
        resources.release(answer.resource_id, subject_type=SUBJECT, subject_id=answer.pk, actor=MESSENGER, now=now)


def _meeting(answer: AidAnswer) -> tuple[float, float] | None:
    asked = answer.request
    return None if asked.longitude is None or asked.latitude is None else (asked.longitude, asked.latitude)


def reckon(now: datetime, because: str, *, exercise: bool = False) -> list[tuple[AidAnswer, str]]:
    """Reckon anew what is on its way (``exercise``: in exercises only); the answers whose arrival moved, with what is told of it."""
    rows = queries.coming().filter(exercise=True) if exercise else queries.coming()
    moved = [_reckon(key, now, because) for key in rows.values_list("pk", flat=True)]
    return [each for each in moved if each is not None]


def _reckon(key: object, now: datetime, because: str) -> tuple[AidAnswer, str] | None:
    with transaction.atomic():
        answer = queries.coming().select_for_update(skip_locked=True, of=("self",)).filter(pk=key).first()
        end = _meeting(answer) if answer is not None else None
        if answer is None or answer.resource_id is None or end is None:
            return None
        found = resources.go_on(answer.resource_id, end, resources.Arrival.read(answer.way), now=now, exercise=answer.exercise)
        comes = found.at if found is not None else None
        told = incidents.arrival_moved(answer.resource_name, answer.expected_at, comes, because)
        if not told:
            return None
        with change(MESSENGER, "dispatch.answer", now=now, record=answer) as gathered:
            answer.expected_at = comes
            answer.way = answer.way | (found.kept() if found is not None else {})
            answer.save(update_fields=["expected_at", "way"])
            gathered.facts["because"] = because
            for place in dict.fromkeys((answer.place_code, answer.request.place_code)):
                about = {"subject_id": answer.pk, "place_code": place, "at": now, "exercise": answer.exercise}
                gathered.announce(door.AidChanged(**about, title=answer.title, answer_id=str(answer.pk), state=answer.state))
        incidents.note(answer.request.incident_id, "system", told, actor=MESSENGER, now=now)
        return answer, told


def forces(incident_id: UUID, actor: Actor, now: datetime) -> Iterator[incidents.Force]:
    """What other bureaus agreed to send for an incident or have sent, for whoever may see what was asked."""
    if not actor.may_somewhere("dispatch.view"):
        return
    rows = list(queries.promised(incident_id, actor))
    seen = {each.id: each for each in resources.resources(actor, at=now, ids=[row.resource_id for row in rows if row.resource_id])}
    for row in rows:
        told = seen.get(row.resource_id) if row.resource_id is not None else None
        yield incidents.Force(
            name=row.resource_name or row.offer[:60],
            state=_state(row),
            task=_("增援：{title}").format(title=row.title),
            expected_at=row.expected_at,
            shift=_shift(row),
            unit=row.organisation.name,
            phone=row.phone,
            address=told.address if told is not None else "",
        )


def _state(row: AidAnswer) -> str:
    if row.state == rules.OFFERED:
        return "promised"
    return "on_scene" if row.arrived_at is not None else "en_route"


def _shift(row: AidAnswer) -> int:
    if row.expected_at is None or "first" not in row.way:
        return 0
    return round((row.expected_at - datetime.fromisoformat(row.way["first"])).total_seconds() / 60)


def to_do(actor: Actor, now: datetime) -> Iterator[dict[str, object]]:
    """Lines of aid for a handover: what we owe an answer or have promised and not sent; what we asked for and nobody promised."""
    for row in queries.answers(actor).filter(state__in=rules.PENDING).order_by("opened_at")[:50]:
        label = _("待答复") if row.state == rules.ASKED else _("已同意，待派出") if row.agreed_at else _("等待请求方同意")
        yield {"title": row.title, "state": str(label)}
    for asked in queries.unpromised(actor)[:50]:
        yield {"title": asked.title, "state": _("无单位承诺"), "due": asked.needed_by.isoformat()}
