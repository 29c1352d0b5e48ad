"""Acts upon a hidden danger that leave its state: report up, extend, suspend, hand over, list, accept and take off, publish, reward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from anlan.ground.organisations import door as organisations
from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.flow import Move
from anlan.kernel.levels import Level
from anlan.ledger.changes import Change, change, permit
from anlan.ledger.flows import advance
from anlan.prevent.dangers import door, publication, queries, refusals, rewarding, rules, services
from anlan.prevent.dangers.models import Danger, Extension, RewardRecord

After = Callable[[Danger, Move, Change], None]


def _act(
    danger: Danger,
    code: str,
    *,
    actor: Actor,
    now: datetime,
    fields: Mapping[str, object] | None = None,
    reason: str = "",
    after: After | None = None,
    event: Callable[[Danger, Move, Change], Event | None] | None = None,
) -> Danger:
    def announced(stored: Danger, move: Move, made: Change) -> Event | None:
        if event is not None:
            return event(stored, move, made)
        return door.DangerChanged(**services.about(stored, actor, now), act=move.code)

    return advance(danger, code, actor=actor, now=now, fields=fields, reason=reason, after=after, event=announced)


def _only_major(danger: Danger, code: str) -> None:
    if danger.grade != rules.MAJOR:
        raise refusals.OnlyMajor(move=rules.FLOW.move(code).label)


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone(queries.periods.CHINA):%Y-%m-%d %H:%M}" if moment is not None else ""


# --- reporting a major danger at once --------------------------------------------------------------------------------------------


@transaction.atomic
def report_up(danger_id: UUID, *, situation: str, harm: str, plan: str, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """Report a major danger with the three contents of art. 14; its clock stops. ``plan`` in words goes into the plan's method if that is empty.

    Raises ``OnlyMajor``, ``ReportMissing``, the refusals of the flow, ``ChangedMeanwhile``.
    """
    danger = services.guarded(danger_id, actor, seen)
    permit(actor, "dangers.report_up", record=danger)
    _only_major(danger, "report_up")
    told = {"situation": situation.strip(), "harm": harm.strip(), "plan": plan.strip() or str(danger.plan.get("method", ""))}
    if missing := rules.missing_parts(told, rules.REPORT_PARTS):
        raise refusals.ReportMissing(fields="、".join(rules.REPORT_PARTS[name] for name in missing), names=list(missing))
    fields = {
        "situation": told["situation"],
        "harm": told["harm"],
        "plan": danger.plan | ({} if danger.plan.get("method") else {"method": told["plan"]}),
        "reported_up_at": now,
        "reported_up_by_name": actor.name,
    }
    return _act(danger, "report_up", actor=actor, now=now, fields=fields)


# --- more time -------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_extension(danger_id: UUID, *, wanted: datetime, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """Ask for more time, before the deadline has passed.

    Raises ``ExtensionTooLate``, ``ExtensionNotLater``, ``ExtensionWaiting``, ``ExtensionsUsedUp``, the refusals of the flow.
    """
    danger = services.guarded(danger_id, actor, seen)
    permit(actor, "dangers.ask_extension", record=danger)
    if danger.deadline is not None and danger.state in rules.WORKING_STATES:
        _check_extension(danger, wanted, now)

    def after(stored: Danger, _move: Move, made: Change) -> None:
        asked = Extension.objects.create(
            danger=stored,
            asked_at=now,
            asked_by_id=actor.account_id,
            asked_by_name=actor.name,
            reason=reason.strip(),
            before=stored.deadline,
            wanted=wanted,
        )
        made.facts.update({"extension": str(asked.pk), "wanted": wanted.isoformat()})

    return _act(danger, "ask_extension", actor=actor, now=now, reason=reason, after=after)


def _check_extension(danger: Danger, wanted: datetime, now: datetime) -> None:
    assert danger.deadline is not None  # the caller sees to it
    most = queries.parameter("most_extensions", now)
    if now > danger.deadline:
        raise refusals.ExtensionTooLate()
    if wanted <= danger.deadline:
        raise refusals.ExtensionNotLater(deadline=_day(danger.deadline))
    if danger.extensions.filter(decided_at__isnull=True).exists():
        raise refusals.ExtensionWaiting()
    if most and danger.extended >= most:
        raise refusals.ExtensionsUsedUp(count=danger.extended)


@transaction.atomic
def decide_extension(danger_id: UUID, *, approve: bool, note: str = "", seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """Approve or refuse the extension that waits: by the side that ordered, never by who asked. Approved, the new deadline runs.

    Raises ``NoExtensionAsked``, ``OwnExtension``, ``NotYoursToJudge``, ``ListedAbove``, the refusals of the flow.
    """
    danger = services.guarded(danger_id, actor, seen)
    permit(actor, "dangers.decide_extension", record=danger)
    services.check_holder(danger, actor)
    asked = danger.extensions.filter(decided_at__isnull=True).first()
    if asked is None:
        raise refusals.NoExtensionAsked()
    if asked.asked_by_id == actor.account_id:
        raise refusals.OwnExtension()
    listed = danger.listed_level if danger.delisted_at is None else None
    rules.check_standing(by_level=services.level_of(actor), ordered_level=danger.ordered_level, listed_level=listed)
    fields: dict[str, object] = {"deadline": asked.wanted, "extended": danger.extended + 1} if approve else {}

    def after(stored: Danger, _move: Move, made: Change) -> None:
        asked.decided_at, asked.decided_by_name, asked.approved, asked.note = now, actor.name, approve, note.strip()
        asked.save()
        made.facts.update({"extension": str(asked.pk), "approved": approve})
        if approve:
            services.run_deadline(stored, now)

    return _act(danger, "decide_extension", actor=actor, now=now, fields=fields, reason=note, after=after)


# --- stopping work ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def suspend(danger_id: UUID, *, until: datetime, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """Order production stopped until a day, normally at most six months (安全生产违法行为行政处罚办法).

    Raises ``OnlyMajor``, ``AlreadySuspended``, ``SuspensionTooLong``, the refusals of the flow.
    """
    danger = services.guarded(danger_id, actor, seen)
    permit(actor, "dangers.suspend", record=danger)
    services.check_holder(danger, actor)
    _only_major(danger, "suspend")
    if danger.suspended_at is not None and danger.resumed_at is None:
        raise refusals.AlreadySuspended(until=_day(danger.suspended_until))
    months = queries.parameter("longest_suspension_months", now)
    if not now < until <= rules.add_months(now, months):
        raise refusals.SuspensionTooLong(months=months)
    fields = {"suspended_at": now, "suspended_until": until, "resumed_at": None}

    def after(stored: Danger, _move: Move, _made: Change) -> None:
        services.start_clock(stored, "suspension", since=now, until=until, owed_by=stored.enterprise.name, owed_to=actor.name)

    return _act(danger, "suspend", actor=actor, now=now, fields=fields, reason=reason, after=after)


@transaction.atomic
def resume(danger_id: UUID, *, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """Consent to production after review. Raises ``NotSuspended``, ``NotYoursToJudge``, the refusals of the flow."""
    danger = services.guarded(danger_id, actor, seen)
    permit(actor, "dangers.suspend", record=danger)
    services.check_holder(danger, actor)
    if danger.suspended_at is None or danger.resumed_at is not None:
        raise refusals.NotSuspended()
    return _act(danger, "resume", actor=actor, now=now, fields={"resumed_at": now}, reason=reason)


# --- handing over and listing ----------------------------------------------------------------------------------------------------


@transaction.atomic
def hand_over(
    danger_id: UUID, *, organisation_id: UUID | None, handed_to: str, reason: str, seen: int | None = None, actor: Actor, now: datetime
) -> Danger:
    """Hand the supervision to another bureau or level of the platform, or to a body outside it (``handed_to``).

    From then on the bureau's moves are made there or above. Raises ``NoSuchOrganisation``, ``HandedOver``, the refusals of the flow.
    """
    danger = services.guarded(danger_id, actor, seen)
    permit(actor, "dangers.hand_over", record=danger)
    services.check_holder(danger, actor)
    found = organisations.organisation(organisation_id) if organisation_id is not None else None
    if (found is None) == (not handed_to.strip()):
        raise refusals.NoSuchOrganisation()
    fields = {"supervisor_id": found.id if found else None, "handed_to": found.name if found else handed_to.strip()[:120]}
    return _act(danger, "hand_over", actor=actor, now=now, fields=fields, reason=reason)


@transaction.atomic
def put_on_list(danger_id: UUID, *, until: datetime, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """List a major danger for supervision by the actor's own level (county, city, province, nation), until a day of its own.

    A higher level may list what a lower one had listed. Raises ``OnlyMajor``, ``AlreadyListed``, ``DeadlinePassed``, ``NotYoursToJudge``.
    """
    danger = services.guarded(danger_id, actor, seen)
    permit(actor, "dangers.supervise", record=danger)
    services.check_holder(danger, actor)
    _only_major(danger, "list")
    level = services.level_of(actor)
    if level not in rules.LISTED_LEVELS:
        raise refusals.NotYoursToJudge()
    if danger.listed_level is not None and danger.delisted_at is None and danger.listed_level <= level:
        raise refusals.AlreadyListed(level=rules.LISTED_LEVELS[danger.listed_level])
    if until <= now:
        raise refusals.DeadlinePassed()
    bureau = organisations.organisation(actor.organisation_id) if actor.organisation_id is not None else None
    name = bureau.name if bureau is not None else actor.name
    fields = {
        "listed_level": level,
        "listed_at": now,
        "listed_by_name": name[:120],
        "listed_until": until,
        "delisted_at": None,
        "supervisor_id": actor.organisation_id or danger.supervisor_id,
    }

    def after(stored: Danger, _move: Move, _made: Change) -> None:
        services.drop_clock(stored, "listed", now=now, by=name)
        services.start_clock(stored, "listed", since=now, until=until, owed_by=stored.enterprise.name, owed_to=name)

    def listed(stored: Danger, _move: Move, _made: Change) -> Event:
        return door.DangerListed(**services.about(stored, actor, now), level=level)

    return _act(danger, "list", actor=actor, now=now, fields=fields, reason=reason, after=after, event=listed)


@transaction.atomic
def ask_acceptance(danger_id: UUID, *, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """The unit asks the body that listed the danger for its acceptance, which is then owed within ten days (鄂安〔2010〕20号).

    Raises ``NotListed``, the refusals of the flow.
    """
    danger = services.guarded(danger_id, actor, seen)
    permit(actor, "dangers.rectify", record=danger)
    _check_listed(danger, "ask_acceptance")

    def after(stored: Danger, _move: Move, _made: Change) -> None:
        services.start_clock(stored, "acceptance", since=now, owed_by=stored.listed_by_name, owed_to=stored.enterprise.name)

    return _act(danger, "ask_acceptance", actor=actor, now=now, fields={"acceptance_asked_at": now}, after=after)


def _check_listed(danger: Danger, code: str) -> None:
    if danger.listed_level is None or danger.delisted_at is not None:
        raise refusals.NotListed(move=rules.FLOW.move(code).label)


@transaction.atomic
def take_off_list(danger_id: UUID, *, reason: str, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """Take an accepted danger off the list (核销): by the level that listed it or one above. Raises ``NotListed``, ``ListedAbove``."""
    danger = services.guarded(danger_id, actor, seen)
    permit(actor, "dangers.supervise", record=danger)
    services.check_holder(danger, actor)
    _check_listed(danger, "delist")
    rules.check_standing(by_level=services.level_of(actor), ordered_level=danger.ordered_level, listed_level=danger.listed_level)

    def off(stored: Danger, _move: Move, _made: Change) -> Event:
        level = stored.listed_level if stored.listed_level is not None else int(Level.COUNTY)
        return door.DangerListed(**services.about(stored, actor, now), level=level, listed=False)

    return _act(danger, "delist", actor=actor, now=now, fields={"delisted_at": now}, reason=reason, event=off)


# --- telling everybody -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def publish(danger_id: UUID, *, public_text: str, seen: int | None = None, actor: Actor, now: datetime) -> Danger:
    """Publish a short text about a major danger without personal data; what was published may be corrected the same way.

    Raises ``OnlyMajor``, ``PersonalData``, the refusals of the flow.
    """
    danger = services.guarded(danger_id, actor, seen)
    permit(actor, "dangers.publish", record=danger)
    services.check_holder(danger, actor)
    _only_major(danger, "publish")
    people = (danger.found_by_name, danger.responsible_name, danger.rectified_by_name, danger.verified_by_name, danger.ordered_by_name)
    publication.check_public(public_text, people)

    def published(stored: Danger, _move: Move, _made: Change) -> Event:
        return door.DangerPublished(**services.about(stored, actor, now) | {"by_name": ""}, text=stored.public_text)

    fields = {"public_text": public_text.strip(), "published_at": now}
    return _act(danger, "publish", actor=actor, now=now, fields=fields, event=published)


# --- rewarding a tip -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def compute_reward(
    danger_id: UUID,
    *,
    rule_code: str,
    tip_number: str,
    fine_yuan: Decimal | None = None,
    deaths: int | None = None,
    employee: bool = False,
    seen: int | None = None,
    actor: Actor,
    now: datetime,
) -> RewardRecord:
    """Work out what a verified tip earns by the measures of the day the tip came in, and keep it. ``employee``: of the reported unit.

    Raises ``NotATip``, ``AlreadyRewarded``, ``UnknownCode``, ``NothingToReward``, the refusals of the flow.
    """
    danger = services.guarded(danger_id, actor, seen)
    permit(actor, "dangers.reward", record=danger)
    if danger.source != rules.TIP:
        raise refusals.NotATip()
    if RewardRecord.objects.filter(danger=danger).exists():
        raise refusals.AlreadyRewarded()
    row = next((each for each in queries.rewards(danger.found_at) if each.code == rule_code), None)
    if row is None:
        raise refusals.UnknownCode(value=rule_code, field=rules.FLOW.move("reward").label)
    bonus = queries.parameter("employee_bonus_percent", danger.found_at) if employee else 0
    worked = rewarding.reward(row, fine_yuan=fine_yuan, deaths=deaths, bonus_percent=bonus)
    made_record: list[RewardRecord] = []

    def after(stored: Danger, _move: Move, made: Change) -> None:
        record = RewardRecord.objects.create(
            danger=stored,
            tip_number=tip_number.strip()[:40],
            rule_code=row.code,
            fine_yuan=fine_yuan,
            deaths=deaths,
            bonus_percent=bonus,
            amount_yuan=worked.amount_yuan,
            source=row.source,
            computed_at=now,
            computed_by_name=actor.name,
        )
        made_record.append(record)
        made.facts.update({"reward": str(worked.amount_yuan), "rule": row.code})

    _act(danger, "reward", actor=actor, now=now, after=after)
    return made_record[0]


@transaction.atomic
def note_payment(danger_id: UUID, *, note: str, actor: Actor, now: datetime) -> RewardRecord:
    """Record that the reward was paid: nothing more than that. Raises ``NotATip`` where none was worked out, ``AlreadyPaid``."""
    danger = services.guarded(danger_id, actor, None)
    record = RewardRecord.objects.select_for_update().filter(danger=danger).first()
    if record is None:
        raise refusals.NotATip()
    with change(actor, "dangers.reward", now=now, record=danger) as made:
        if record.paid_at is not None:
            raise refusals.AlreadyPaid()
        record.paid_at, record.paid_note, record.paid_by_name = now, note.strip()[:200], actor.name
        record.save()
        made.facts.update({"paid": str(record.amount_yuan), "note": record.paid_note})
        made.announce(door.DangerChanged(**services.about(danger, actor, now), act="pay"))
    return record
