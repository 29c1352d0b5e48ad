"""Verbs of hidden dangers along their flow: register, grade, order, remove, verify, send back, close, cancel.

Every verb takes the version that the page had shown (``seen``; ``None``: not asked) and is refused when somebody changed the danger since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext

from anlan.ground.enterprises import door as enterprises
from anlan.ground.evidence import door as evidence
from anlan.ground.organisations import door as organisations
from anlan.kernel.access import Actor, Classification, system_actor
from anlan.kernel.errors import Refusal
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.kernel.geo import Point, in_china
from anlan.ledger import clocks
from anlan.ledger.changes import Change, change, permit
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day
from anlan.prevent.dangers import criteria, door, escalation, judging, queries, refusals, rules
from anlan.prevent.dangers.models import Danger, Rectification

_READER = system_actor("dangers")
_EVENTS: dict[str, type[door.DangerEvent]] = {
    cls.kind: cls
    for cls in (
        door.DangerGraded,
        door.DangerOrdered,
        door.DangerRectified,
        door.DangerVerified,
        door.DangerSentBack,
        door.DangerClosed,
    )
}


def level_of(actor: Actor) -> int:
    """Where somebody stands: the level of a bureau's officer, or :data:`rules.ENTERPRISE_LEVEL`."""
    return rules.ENTERPRISE_LEVEL if actor.enterprise_id is not None else int(actor.level)


def about(danger: Danger, actor: Actor, now: datetime) -> dict[str, Any]:
    """What every event says of a danger."""
    return {
        "subject_id": danger.pk,
        "place_code": danger.place_code,
        "enterprise_id": danger.enterprise_id,
        "classification": Classification(danger.classification),
        "at": now,
        "exercise": danger.exercise,
        "title": danger.title,
        "grade": danger.grade,
        "by_name": actor.name,
    }


# --- registering -----------------------------------------------------------------------------------------------------------------


def report(
    *,
    enterprise_id: UUID,
    title: str,
    location: str,
    source: str,
    found_at: datetime,
    description: str = "",
    sector: str = "",
    source_id: UUID | None = None,
    external_number: str = "",
    longitude: float | None = None,
    latitude: float | None = None,
    exercise: bool = False,
    found_by: tuple[UUID, str] | None = None,
    actor: Actor,
    now: datetime,
) -> Danger:
    """Register a hidden danger. One made from an alarm or a drawn point (``source_id``) is registered once: the known one is returned.

    ``found_by``: account and name where another than ``actor`` found it (a patrol). Coordinates in degrees, by default those of the
    enterprise. Raises ``NotFound``, ``NotPermitted``, ``FoundInTheFuture``, ``UnknownCode``, ``SourceNotYours``,
    ``ImpossibleCoordinates``.
    """
    enterprise = enterprises.enterprise(enterprise_id, None if actor.kind == "system" else actor)
    sector = sector or rules.SECTOR_OF.get(enterprise.sector_code, "other")
    check_report(source, sector, found_at, actor, now)
    if longitude is None or latitude is None:
        longitude, latitude = enterprise.longitude, enterprise.latitude
    else:
        in_china(Point(longitude, latitude))
    who, name = found_by or (actor.account_id, actor.name)
    permit(actor, "dangers.report", place_code=enterprise.place_code, enterprise_id=enterprise.id)
    with transaction.atomic():
        known = _made_of(source, source_id)
        if known is not None:
            return known
        danger = Danger(
            enterprise_id=enterprise.id,
            place_code=enterprise.place_code,
            classification=max(enterprise.classification, int(Classification.INTERNAL)),
            created_at=now,
            updated_at=now,
            opened_at=now,
            state=rules.FOUND,
            exercise=exercise,
            title=title.strip()[:120],
            description=description.strip(),
            location=location.strip()[:160],
            location_key=rules.object_key(location),
            longitude=longitude,
            latitude=latitude,
            open_longitude=longitude,
            open_latitude=latitude,
            sector=sector,
            source=source,
            source_id=source_id,
            external_number=external_number[:60],
            found_at=found_at,
            found_by_id=who,
            found_by_name=name,
            found_by_bureau=actor.enterprise_id is None and source != rules.SELF_CHECK,
            late=rules.is_late(found_at, now, queries.parameter("late_hours", now)),
        )
        mark_repeated(danger)
        with change(actor, "dangers.report", now=now, place_code=danger.place_code, enterprise_id=danger.enterprise_id) as made:
            danger.save(force_insert=True)
            open_case(danger, actor=actor, now=now)
            start_clock(danger, "grade", since=now, owed_by=enterprise.name)
            made.subject = danger
            made.announce(door.DangerFound(**about(danger, actor, now), source=source, repeated=danger.repeated))
    return danger


def _made_of(source: str, source_id: UUID | None) -> Danger | None:
    """What was made of an alarm or a point already. Two people at one alarm: the second waits here and finds what the first has made."""
    if source_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"dangers:{source}:{source_id}"])
    return Danger.objects.filter(source=source, source_id=source_id).first()


def check_report(source: str, sector: str, found_at: datetime, actor: Actor, now: datetime) -> None:
    """What is refused of a registration: ``UnknownCode``, ``SourceNotYours``, ``FoundInTheFuture``."""
    if source not in rules.SOURCES:
        raise refusals.UnknownCode(value=source, field=gettext("来源"))
    if sector not in rules.SECTORS:
        raise refusals.UnknownCode(value=sector, field=gettext("行业领域"))
    if actor.enterprise_id is not None and source in rules.BUREAU_SOURCES:
        raise refusals.SourceNotYours(source=rules.SOURCES[source])
    if found_at > now:
        raise refusals.FoundInTheFuture()


def mark_repeated(danger: Danger) -> None:
    """Flag a danger whose like was found at the same enterprise within the time that counts as repeated; link the newest."""
    before = queries.like(danger, queries.parameter("repeat_months", danger.found_at)).first()
    danger.repeat_of, danger.repeated = before, before is not None


def add_pictures(
    subject: Danger | Rectification, files: Iterable[evidence.File], *, actor: Actor, now: datetime, caption: str = ""
) -> tuple[int, tuple[Refusal, ...]]:
    """Attach each file by itself: what is refused (too large, a program under another name) keeps nothing else from being kept."""
    kept, refused = 0, []
    for file in files:
        try:
            evidence.attach(subject, file, actor=actor, now=now, caption=caption)
            kept += 1
        except Refusal as refusal:
            refused.append(refusal)
    return kept, tuple(refused)


# --- along the flow --------------------------------------------------------------------------------------------------------------


def guarded(danger_id: UUID, actor: Actor, seen: int | None) -> Danger:
    """The danger, locked, unless it changed after version ``seen``. Call inside a transaction. Raises ``NotFound``, ``ChangedMeanwhile``."""
    queries.danger(danger_id, actor)
    danger = Danger.objects.select_for_update().get(pk=danger_id)
    if seen is not None and danger.version != seen:
        told = [f"{name} {at} {'、'.join(fields)}".strip() for name, at, fields in queries.changes_since(danger, seen)]
        raise refusals.ChangedMeanwhile(changes="；".join(told))
    return danger


def start_clock(danger: Danger, code: str, *, since: datetime, until: datetime | None = None, owed_by: str, owed_to: str = "") -> None:
    """Start a clock of ``data/clocks.csv``; ``until`` where the case itself says it."""
    row = queries.clock_row(code, since)
    clocks.start(danger, queries.clock_rule(row), since=since, until=until or row.until(since), owed_by=owed_by, owed_to=owed_to)


def drop_clock(danger: Danger, code: str, *, now: datetime, by: str) -> None:
    """A duty fell away or another time took its place: what ran is cancelled, what was missed stays missed and is owed no more."""
    clocks.cancel(danger, code)
    clocks.stop(danger, code, now=now, by=by)


def _announced(danger: Danger, move: Move, made: Change) -> Event | None:
    if move.announces is None:
        return None
    more: dict[str, Any] = {}
    if move.code == "order":
        more["deadline"] = danger.deadline.isoformat() if danger.deadline else ""
    elif move.code == "send_back":
        more["reason"] = str(made.facts.get("reason", ""))
    elif move.code == "cancel":
        more["cancelled"] = True
    return _EVENTS[move.announces](**about(danger, made.actor, made.now), **more)


def _step(
    danger: Danger,
    code: str,
    *,
    actor: Actor,
    now: datetime,
    fields: Mapping[str, object] | None = None,
    reason: str = "",
    after: Callable[[Danger, Move, Change], None] | None = None,
) -> Danger:
    return advance(danger, code, actor=actor, now=now, fields=fields, reason=reason, event=_announced, after=after)


@transaction.atomic
def grade(
    danger_id: UUID, *, grade: str, criterion: str = "", reason: str = "", seen: int | None = None, actor: Actor, now: datetime
) -> Danger:
    """Grade a danger, or grade it anew (with a reason) before an order rests on it.

    重大 needs an item of the list in force on the day it was found, or a written reason. Raises the refusals of
    :func:`criteria.check_grade` and of the flow, ``ChangedMeanwhile``.
    """
    danger = guarded(danger_id, actor, seen)
    day = law_day(danger.found_at)
    code = "regrade" if danger.state == rules.GRADED else "grade"
    permit(actor, "dangers.grade", record=danger)
    check_holder(danger, actor)
    criteria.check_grade(grade, criterion, reason, judging.of(danger), day=day, known=queries.every_criterion())
    fields = {
        "grade": grade,
        "criterion": criterion,
        "grade_reason": reason.strip(),
        "graded_at": now,
        "graded_by_name": actor.name,
    }

    def after(stored: Danger, _move: Move, _made: Change) -> None:
        mark_repeated(stored)
        stored.save(update_fields=["repeat_of", "repeated"])
        drop_clock(stored, "report_major", now=now, by=actor.name)
        if stored.grade == rules.MAJOR and stored.reported_up_at is None:
            start_clock(stored, "report_major", since=now, owed_by=stored.enterprise.name, owed_to=bureau_name(stored.place_code))

    return _step(danger, code, actor=actor, now=now, fields=fields, reason=reason, after=after)


def bureau_name(place_code: str) -> str:
    """The bureau answerable for a place."""
    found = organisations.bureau_of(place_code)
    return found.name if found is not None else ""


@transaction.atomic
def order(
    danger_id: UUID, *, order_text: str, order_basis: str, deadline: datetime, seen: int | None = None, actor: Actor, now: datetime
) -> Danger:
    """Order the removal until ``deadline``; its clock starts. Raises ``DeadlinePassed``, the refusals of the flow, ``ChangedMeanwhile``."""
    danger = guarded(danger_id, actor, seen)
    permit(actor, "dangers.order", record=danger)
    check_holder(danger, actor)
    if deadline is not None and deadline <= now:
        raise refusals.DeadlinePassed()
    fields = {
        "order_text": order_text.strip(),
        "order_basis": order_basis.strip(),
        "deadline": deadline,
        "first_deadline": deadline,
        "ordered_at": now,
        "ordered_by_id": actor.account_id,
        "ordered_by_name": actor.name,
        "ordered_level": level_of(actor),
        "supervisor_id": danger.supervisor_id or actor.organisation_id,
    }
    return _step(danger, "order", actor=actor, now=now, fields=fields, after=lambda stored, _m, _c: run_deadline(stored, now))


def run_deadline(danger: Danger, now: datetime) -> None:
    """Let the time of the danger's deadline run from ``now``: clock, overdue mark, and when the sweep looks next. Saves these fields."""
    drop_clock(danger, "rectify", now=now, by=danger.ordered_by_name)
    if danger.deadline is None:
        return
    start_clock(danger, "rectify", since=now, until=danger.deadline, owed_by=danger.enterprise.name, owed_to=danger.ordered_by_name)
    danger.overdue = rules.is_overdue(danger.state, danger.deadline, now)
    danger.next_step_at = next_look(danger, now)
    danger.save(update_fields=["overdue", "next_step_at"])


def next_look(danger: Danger, now: datetime) -> datetime | None:
    """When the next step of escalation (or the deadline itself) falls due; ``None`` when all was said or no time runs."""
    if danger.state not in rules.WORKING_STATES or danger.deadline is None:
        return None
    steps = escalation.steps_for(queries.escalation_steps(danger.deadline), grade=danger.grade, place_code=danger.place_code)
    taken = set(danger.escalations.filter(deadline=danger.deadline).values_list("step", flat=True))
    moments = [
        step.due_at(danger.deadline)
        for step in steps
        if step.code not in taken
        and not (step.is_reminder and (now >= danger.deadline or step.due_at(danger.deadline) < (danger.ordered_at or now)))
    ]
    if not danger.overdue:
        moments.append(danger.deadline)
    return min(moments, default=None)


@transaction.atomic
def start(
    danger_id: UUID,
    *,
    responsible_name: str,
    measures: str,
    funds_yuan: Decimal | None = None,
    contingency: str = "",
    plan: Mapping[str, str] | None = None,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> Danger:
    """Begin the removal. A major danger needs the five fixes and the six parts of its plan first.

    Raises ``FixesMissing``, ``PlanMissing``, the refusals of the flow, ``ChangedMeanwhile``.
    """
    danger = guarded(danger_id, actor, seen)
    permit(actor, "dangers.rectify", record=danger)
    parts = plan_of(plan)
    fields: dict[str, object] = {
        "responsible_name": responsible_name.strip(),
        "measures": measures.strip(),
        "funds_yuan": funds_yuan,
        "contingency": contingency.strip(),
        "plan": parts,
    }
    if danger.grade == rules.MAJOR and danger.state == rules.ORDERED:
        rules.check_plan(fields | {"deadline": danger.deadline}, parts)

    def after(stored: Danger, _move: Move, _made: Change) -> None:
        _note_round(stored, now)

    return _step(danger, "start", actor=actor, now=now, fields=fields, after=after)


def plan_of(plan: Mapping[str, str] | None) -> dict[str, str]:
    """A treatment plan as it is kept: its six parts, or nothing where none is filled."""
    parts = {name: str((plan or {}).get(name) or "").strip() for name in rules.PLAN_PARTS}
    return parts if any(parts.values()) else {}


def _note_round(danger: Danger, now: datetime) -> Rectification:
    """The open round of removal, made where there is none."""
    last = danger.rounds.order_by("-number").first()
    if last is not None and last.done_at is None:
        return last
    return Rectification.objects.create(
        danger=danger,
        enterprise_id=danger.enterprise_id,
        place_code=danger.place_code,
        classification=danger.classification,
        number=(last.number if last is not None else 0) + 1,
        created_at=now,
        updated_at=now,
    )


@transaction.atomic
def open_round(danger_id: UUID, *, actor: Actor, now: datetime) -> Rectification:
    """The round to which pictures after removal belong now. Raises ``NotFound``, ``NotPermitted``, the refusal of the flow's state."""
    danger = guarded(danger_id, actor, None)
    permit(actor, "dangers.rectify", record=danger)
    return _note_round(danger, now)


@transaction.atomic
def rectify(danger_id: UUID, *, outcome: str, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """Say that the danger is removed; pictures were attached to :func:`open_round` before. General ones may be put right at once.

    Raises ``PictureNeeded``, ``MajorNeedsPlan``, the refusals of the flow, ``ChangedMeanwhile``.
    """
    danger = guarded(danger_id, actor, seen)
    permit(actor, "dangers.rectify", record=danger)
    code = "rectify" if danger.state not in (rules.GRADED, rules.ORDERED) else "fix_at_once"
    if code == "fix_at_once" and danger.grade == rules.MAJOR:
        raise refusals.MajorNeedsPlan()
    needed = queries.parameter("after_pictures", now)
    done = danger.rounds.filter(done_at__isnull=True).first()
    pictures = evidence.list_for(Rectification._meta.label_lower, done.pk, _READER) if done is not None else ()
    fields = {
        "outcome": outcome.strip(),
        "rectified_at": now,
        "rectified_by_id": actor.account_id,
        "rectified_by_name": actor.name,
        "was_overdue": danger.was_overdue or rules.is_overdue(danger.state, danger.deadline, now),
        "overdue": False,
        "next_step_at": None,
    }

    def after(stored: Danger, _move: Move, _made: Change) -> None:
        if sum(picture.is_picture for picture in pictures) < needed:
            raise refusals.PictureNeeded(count=needed)
        stored.rounds.filter(done_at__isnull=True).update(outcome=stored.outcome, done_at=now, done_by_name=actor.name)
        start_clock(stored, "verify", since=now, owed_by=stored.ordered_by_name or bureau_name(stored.place_code))

    return _step(danger, code, actor=actor, now=now, fields=fields, after=after)


def check_holder(danger: Danger, actor: Actor) -> None:
    """After a hand-over a bureau's moves are made by whom it was handed to, or above. Raises ``HandedOver``.

    A body outside the platform can make none here: what it did is entered by the bureau that handed over.
    """
    if actor.enterprise_id is not None or actor.kind == "system" or not danger.handed_to or danger.supervisor_id is None:
        return
    holder = organisations.organisation(danger.supervisor_id)
    if holder is None or actor.level < holder.level:
        return
    if actor.organisation_id != holder.id and not (actor.organisation_id is None and actor.place_code == holder.place_code):
        raise refusals.HandedOver(name=holder.name)


def _check_standing(danger: Danger, actor: Actor) -> None:
    check_holder(danger, actor)
    by_bureau = danger.found_by_bureau and danger.ordered_level is None
    rules.check_standing(
        by_level=level_of(actor),
        ordered_level=int(actor.level) if by_bureau else danger.ordered_level,
        listed_level=danger.listed_level if danger.delisted_at is None else None,
    )


@transaction.atomic
def verify(danger_id: UUID, *, verdict: str, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """Accept the removal: somebody else than who removed it, standing no lower than who ordered and listed it.

    Raises ``FourEyes``, ``NotYoursToJudge``, ``ListedAbove``, ``AcceptanceNotAsked``, the other refusals of the flow, ``ChangedMeanwhile``.
    """
    danger = guarded(danger_id, actor, seen)
    permit(actor, "dangers.verify", record=danger)
    _check_standing(danger, actor)
    if (
        danger.state == rules.RECTIFIED
        and danger.listed_level is not None
        and danger.delisted_at is None
        and danger.acceptance_asked_at is None
    ):
        raise refusals.AcceptanceNotAsked()
    fields = {"verdict": verdict.strip(), "verified_at": now, "verified_by_id": actor.account_id, "verified_by_name": actor.name}
    return _step(
        danger, "verify", actor=actor, now=now, fields=fields, after=lambda stored, _m, _c: _judge_round(stored, True, verdict, actor, now)
    )


def _judge_round(danger: Danger, accepted: bool, words: str, actor: Actor, now: datetime) -> None:
    danger.rounds.filter(done_at__isnull=False, judged_at__isnull=True).update(
        judged_at=now, judged_by_name=actor.name, accepted=accepted, verdict=words.strip()
    )


@transaction.atomic
def send_back(
    danger_id: UUID, *, reason: str, deadline: datetime | None = None, seen: int | None = None, actor: Actor, now: datetime
) -> Danger:
    """Refuse the removal: work goes on until the deadline that stands, or a new one. Same guards as :func:`verify`; ``DeadlinePassed``."""
    danger = guarded(danger_id, actor, seen)
    permit(actor, "dangers.verify", record=danger)
    _check_standing(danger, actor)
    if deadline is not None and deadline <= now:
        raise refusals.DeadlinePassed()
    fields: dict[str, object] = {"rectified_at": None, "acceptance_asked_at": None}
    if deadline is not None:
        fields["deadline"] = deadline

    def after(stored: Danger, _move: Move, _made: Change) -> None:
        _judge_round(stored, False, reason, actor, now)
        _note_round(stored, now)
        run_deadline(stored, now)

    return _step(danger, "send_back", actor=actor, now=now, fields=fields, reason=reason, after=after)


@transaction.atomic
def close(danger_id: UUID, *, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """Close a verified danger (销号). Raises ``StillListed``, ``StillSuspended``, ``NotYoursToJudge``, the refusals of the flow."""
    danger = guarded(danger_id, actor, seen)
    permit(actor, "dangers.close", record=danger)
    if danger.state == rules.VERIFIED:
        if danger.listed_level is not None and danger.delisted_at is None:
            raise refusals.StillListed()
        if danger.suspended_at is not None and danger.resumed_at is None:
            raise refusals.StillSuspended()
    _check_standing(danger, actor)
    return _step(danger, "close", actor=actor, now=now, fields=_ENDED, after=lambda stored, _m, _c: _stop_all(stored, actor, now))


_ENDED: dict[str, object] = {"open_longitude": None, "open_latitude": None, "overdue": False, "next_step_at": None}


def _stop_all(danger: Danger, actor: Actor, now: datetime) -> None:
    """A case that ended owes nothing more."""
    for code in rules.CLOCK_LABELS:
        drop_clock(danger, code, now=now, by=actor.name)


@transaction.atomic
def cancel(danger_id: UUID, *, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """Cancel what was no danger (误报): by another than the finder, with a reason; what a bureau found or ordered, only by a bureau.

    Raises ``FourEyes``, ``NotYoursToJudge``, ``ListedAbove``, the other refusals of the flow.
    """
    danger = guarded(danger_id, actor, seen)
    permit(actor, "dangers.cancel", record=danger)
    _check_standing(danger, actor)
    return _step(
        danger, "cancel", actor=actor, now=now, fields=_ENDED, reason=reason, after=lambda stored, _m, _c: _stop_all(stored, actor, now)
    )
