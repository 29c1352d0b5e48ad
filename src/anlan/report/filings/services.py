"""Verbs of information reporting. Each is one transaction: check, change, audit, announce; ``now`` comes from the edge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.flow import Move, WrongState
from anlan.kernel.levels import Level
from anlan.kernel.words import N_
from anlan.ledger import clocks
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.sources import law_day
from anlan.report.filings import chain, content, door, queries, rules
from anlan.report.filings.models import Filing, FilingStep, FilingVersion, Instruction


def create_filing(values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Filing:
    """Make a draft from plain values (model field names; ``enterprise_id``, ``alarm_id`` as identities).

    For an enterprise the one-hour clock starts with the moment its head learned of the event (Decree 493 art. 9). Raises
    ``Invalid``, ``NotPermitted``.
    """
    clean = content.clean(values, now=now)
    filing = Filing(state=rules.DRAFT, reporter_id=actor.account_id, reporter_name=actor.name, opened_at=now)
    filing.organisation_id = actor.organisation_id
    content.apply(filing, clean)
    if actor.enterprise_id is not None:
        filing.enterprise_id, filing.source = actor.enterprise_id, rules.SOURCE_ENTERPRISE
    content.judge_into(filing)
    with change(actor, "filings.create", now=now, place_code=filing.place_code, enterprise_id=filing.enterprise_id) as gathered:
        filing.save(force_insert=True)
        gathered.subject = filing
        open_case(filing, actor=actor, now=now)
        if filing.source == rules.SOURCE_ENTERPRISE:
            _enterprise_owes(filing, actor)
    return filing


def change_draft(filing: Filing, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Filing:
    """Change a draft that was not sent yet. Raises ``Invalid``, ``WrongState``."""
    if filing.state != rules.DRAFT:
        raise WrongState(state=rules.FLOW.state(filing.state).label, move=N_("修改草稿"))
    clean = content.clean(values, now=now)
    with change(actor, "filings.create", now=now, record=filing):
        content.apply(filing, clean)
        content.judge_into(filing)
        filing.save()
    return filing


def submit(filing: Filing, *, actor: Actor, now: datetime) -> Filing:
    """Send the first report after its content was checked (Decree 493 art. 12).

    A report by an enterprise waits for the county to sign for it. An officer who writes down a call or an alarm has thereby
    received it: his bureau signs at once and its own clock runs from the moment of the call.
    """
    content.require_complete(filing)
    by_officer = actor.enterprise_id is None
    level = Level(min(actor.level, Level.COUNTY)) if by_officer else Level.COUNTY
    bureau = chain.Bureau(level, filing.place_code)

    def send(locked: Filing, _move: Move, _gathered: Change) -> None:
        clock = chain.settle(locked, "enterprise_county", now=now, by=actor.name)
        _add_version(locked, rules.FIRST, {}, actor=actor, now=now, reason="")
        FilingStep.objects.create(
            filing=locked,
            sequence=1,
            kind="written",
            rule_code=clock.rule_code if clock else "",
            version_number=1,
            sender_level=None,
            sender_name=_first_sender(locked),
            sender_organisation_id=locked.organisation_id if not by_officer else None,
            receiver_level=level,
            receiver_name=bureau.name,
            receiver_organisation_id=bureau.organisation_id,
            due=clock.until if clock else None,
            sent_at=now if not by_officer else locked.known_at,
            sent_by=actor.name if not by_officer else locked.reporter_name,
            late_seconds=chain.late_seconds(clock, now),
        )
        chain.renew_supplement_clock(locked, now=now, by=actor.name, again=True)

    def event(locked: Filing, _move: Move, _gathered: Change) -> door.FilingSubmitted:
        return door.FilingSubmitted(
            **_about(locked, now),
            title=locked.title,
            level_code=locked.reporting_code,
            alarm_id=str(locked.alarm_id or ""),
        )

    fields = {"holder_level": int(level), **content.judgement_fields(filing)}
    with transaction.atomic():
        advance(filing, "submit", actor=actor, now=now, fields=fields, after=send, event=event)
        if by_officer:
            _sign(filing, level, actor=actor, now=now, received_at=filing.known_at)
    return filing


def receive(filing: Filing, *, actor: Actor, now: datetime) -> Filing:
    """Sign for what was sent to the actor's level; the clock of the next step starts at this moment (Decree 493 art. 11).

    Raises ``NotYourStep`` when nothing waits for that level.
    """
    waiting = filing.steps.filter(received_at__isnull=True, receiver_level=actor.level).order_by("sequence")
    step = waiting.filter(kind="written").first() or waiting.first()
    if step is None or actor.enterprise_id is not None:
        raise rules.NotYourStep(holder=_holder_name(filing))
    if step.kind == "written":
        return _sign(filing, Level(step.receiver_level), actor=actor, now=now, received_at=now)
    with change(actor, "filings.receive", now=now, record=filing) as gathered:
        step.received_at, step.received_by = now, actor.name
        step.save(update_fields=["received_at", "received_by"])
        gathered.facts.update({"step": step.sequence, "kind": step.kind})
        gathered.announce(door.FilingReceived(**_about(filing, now), title=filing.title, level=int(actor.level)))
    return filing


def _sign(filing: Filing, level: Level, *, actor: Actor, now: datetime, received_at: datetime) -> Filing:
    def sign(locked: Filing, _move: Move, _gathered: Change) -> None:
        step = locked.steps.filter(received_at__isnull=True, receiver_level=level, kind="written").order_by("sequence").last()
        if step is None:
            raise rules.NotYourStep(holder=_holder_name(locked))
        step.received_at, step.received_by = received_at, actor.name
        step.save(update_fields=["received_at", "received_by"])
        chain.owe_as_bureau(locked, level, received_at)

    def event(locked: Filing, _move: Move, _gathered: Change) -> door.FilingReceived:
        return door.FilingReceived(**_about(locked, now), title=locked.title, level=int(level))

    return advance(filing, "receive", actor=actor, now=now, fields={"holder_level": int(level)}, after=sign, event=event)


def report_up(filing: Filing, *, actor: Actor, now: datetime, note: str = "") -> Filing:
    """Send the report as it stands to the next level up; the running clock becomes met or missed.

    Raises ``NotYourStep`` when another level holds it, ``NoLevelAbove`` at the top.
    """
    level = _require_holder(filing, actor)
    above = chain.level_above(level, filing.place_code)
    if above is None:
        raise rules.NoLevelAbove
    duty = chain.written_duty(filing, level)

    def send(locked: Filing, _move: Move, gathered: Change) -> None:
        clock = chain.settle(locked, duty.code, now=now, by=actor.name) if duty else None
        step = _add_step(locked, "written", level, above, actor=actor, now=now, note=note, clock=clock, rule_code=duty.code if duty else "")
        gathered.facts.update({"to": step.receiver_name, "late_seconds": step.late_seconds})
        gathered.announce(_reported_up(locked, step, now))

    return advance(filing, "report_up", actor=actor, now=now, fields={"holder_level": int(above)}, after=send)


def report_directly(filing: Filing, to_level: Level, *, actor: Actor, now: datetime, note: str = "") -> FilingStep:
    """Report to a higher level beside the chain (越级直报, Decree 493 art. 10 para. 3); the step-by-step duty stays."""
    _require_open(filing)
    own = Level(min(actor.level, Level.COUNTY))
    if to_level >= own or actor.enterprise_id is not None:
        raise rules.NoLevelAbove
    with change(actor, "filings.report_up", now=now, record=filing) as gathered:
        _lock(filing)
        step = _add_step(filing, "direct", own, to_level, actor=actor, now=now, note=note)
        gathered.facts.update({"to": step.receiver_name, "kind": "direct"})
        gathered.announce(_reported_up(filing, step, now))
    return step


def record_flash(filing: Filing, spoken_with: str, *, actor: Actor, now: datetime, note: str = "") -> FilingStep:
    """Record that the actor's bureau telephoned the level above (电话快报, Order 21 art. 8-9); its clock is stopped.

    Raises ``NoSuchFlash`` when the bureau owes none.
    """
    _require_open(filing)
    day = law_day(filing.occurred_at)
    owed = {row.code: row for row in queries.reporting_steps(day) if row.kind == "phone" and row.sender == actor.level.name}
    with change(actor, "filings.report_up", now=now, record=filing) as gathered:
        _lock(filing)
        open_codes = clocks.for_subject(filing).filter(rule_code__in=owed, met_at__isnull=True).exclude(state="cancelled")
        clock = open_codes.order_by("until").first()
        if clock is None or actor.enterprise_id is not None:
            raise rules.NoSuchFlash
        row = owed[clock.rule_code]
        stopped = chain.settle(filing, row.code, now=now, by=actor.name)
        step = _add_step(
            filing, "phone", actor.level, Level[row.receiver], actor=actor, now=now, note=note, clock=stopped, rule_code=row.code
        )
        step.received_at, step.received_by = now, spoken_with
        step.save(update_fields=["received_at", "received_by"])
        gathered.facts.update({"to": step.receiver_name, "kind": "phone", "spoken_with": spoken_with})
        gathered.announce(_reported_up(filing, step, now))
    return step


def supplement(
    filing: Filing, values: Mapping[str, Any], *, actor: Actor, now: datetime, reason: str = "", final: bool = False
) -> FilingVersion:
    """Send a supplement (续报) or the final report (终报): a new version with what changed, judged anew.

    A graver level starts the duties it brings from now. Raises ``FallingCasualties`` without a reason, ``NothingChanged``, ``Invalid``.
    """
    _require_open(filing)
    clean = content.clean(values, now=now, partial=True)
    with change(actor, "filings.supplement", now=now, record=filing) as gathered:
        _lock(filing)
        before, old_code = content.values_of(filing), filing.reporting_code
        content.apply(filing, clean)
        after = content.values_of(filing)
        changed = rules.changed_fields(before, after)
        if not changed and not final:
            raise rules.NothingChanged
        if rules.falling_casualties(before, after) and not reason.strip():
            raise rules.FallingCasualties
        content.judge_into(filing)
        filing.save()
        kind = rules.FINAL if final else rules.SUPPLEMENT
        version = _add_version(filing, kind, changed, actor=actor, now=now, reason=reason)
        rose = rules.graver(filing.reporting_code, old_code, queries.accident_levels(law_day(filing.occurred_at)))
        _tell_holder(filing, actor=actor, now=now)
        if rose:
            _owe_anew(filing, now)
        chain.renew_supplement_clock(filing, now=now, by=actor.name, again=not final)
        gathered.facts.update({"version": version.number, "kind": kind, "level_rose": rose})
        gathered.announce(
            door.FilingSupplemented(
                **_about(filing, now),
                title=filing.title,
                number=version.number,
                level_code=filing.reporting_code,
                level_rose=rose,
            )
        )
    return version


def close(filing: Filing, *, actor: Actor, now: datetime) -> Filing:
    """Close a filing after its final report. Raises ``FinalReportNeeded``."""
    if not filing.versions.filter(kind=rules.FINAL).exists():
        raise rules.FinalReportNeeded
    return _end(filing, "close", "", actor=actor, now=now)


def withdraw(filing: Filing, reason: str, *, actor: Actor, now: datetime) -> Filing:
    """Strike off a draft, or, by a second person, a false report that was sent. A reason is required."""
    return _end(filing, "discard" if filing.state == rules.DRAFT else "withdraw", reason, actor=actor, now=now)


def _end(filing: Filing, move: str, reason: str, *, actor: Actor, now: datetime) -> Filing:
    def event(locked: Filing, _move: Move, _gathered: Change) -> door.FilingClosed:
        return door.FilingClosed(**_about(locked, now), title=locked.title)

    def tidy(locked: Filing, _move: Move, _gathered: Change) -> None:
        chain.cancel_all(locked)

    return advance(filing, move, actor=actor, now=now, reason=reason, after=tidy, event=event)


def instruct(filing: Filing, text: str, given_by: str, *, actor: Actor, now: datetime) -> Instruction:
    """Enter an instruction (批示) on a filing; ``given_by`` is the leader who gave it."""
    _require_open(filing)
    with change(actor, "filings.instruct", now=now, record=filing) as gathered:
        row = Instruction.objects.create(
            filing=filing,
            text=text.strip(),
            given_by=given_by.strip() or actor.name,
            given_by_post=actor.post,
            given_level=actor.level,
            entered_by_id=actor.account_id,
            at=now,
        )
        gathered.facts.update({"instruction": row.text, "given_by": row.given_by})
        gathered.announce(door.FilingInstructed(**_about(filing, now), title=filing.title))
    return row


def complete_instruction(filing: Filing, instruction_id: UUID, outcome: str, *, actor: Actor, now: datetime) -> Instruction:
    """Report that an instruction was carried out, with what was done."""
    with change(actor, "filings.supplement", now=now, record=filing) as gathered:
        row = filing.instructions.select_for_update().filter(pk=instruction_id, done_at__isnull=True).first()
        if row is None:
            raise NotFound(what=str(instruction_id))
        row.done_at, row.done_by, row.outcome = now, actor.name, outcome.strip()
        row.save(update_fields=["done_at", "done_by", "outcome"])
        gathered.facts.update({"instruction": str(row.pk), "outcome": row.outcome})
        gathered.announce(door.FilingInstructed(**_about(filing, now), title=filing.title))
    return row


# --- parts -----------------------------------------------------------------------------------------------------------------------


def _about(filing: Filing, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": filing.pk,
        "place_code": filing.place_code,
        "enterprise_id": filing.enterprise_id,
        "classification": filing.classification,
        "at": now,
        "exercise": filing.exercise,
    }


def _reported_up(filing: Filing, step: FilingStep, now: datetime) -> door.FilingReportedUp:
    return door.FilingReportedUp(
        **_about(filing, now),
        title=filing.title,
        step_kind=step.kind,
        to_level=step.receiver_level,
        late_seconds=step.late_seconds,
    )


def _lock(filing: Filing) -> None:
    """Take the row's lock and the values as they stand now."""
    locked = Filing.objects.select_for_update().get(pk=filing.pk)
    for f in locked._meta.concrete_fields:
        setattr(filing, f.attname, getattr(locked, f.attname))
    _require_open(filing)


def _require_open(filing: Filing) -> None:
    if filing.state == rules.DRAFT or filing.is_closed:
        raise WrongState(state=rules.FLOW.state(filing.state).label, move=N_("续报或上报"))


def _require_holder(filing: Filing, actor: Actor) -> Level:
    if actor.enterprise_id is not None or filing.holder_level != actor.level:
        raise rules.NotYourStep(holder=_holder_name(filing))
    return Level(filing.holder_level)


def _holder_name(filing: Filing) -> str:
    level = Level.COUNTY if filing.holder_level is None else Level(filing.holder_level)
    return chain.Bureau(level, filing.place_code).name


def _first_sender(filing: Filing) -> str:
    if filing.source == rules.SOURCE_SENSOR:
        return _(rules.SOURCES[filing.source])
    if filing.enterprise is not None:
        return str(filing.enterprise.name)
    return filing.reporter_name


def _enterprise_owes(filing: Filing, actor: Actor) -> None:
    name = str(filing.enterprise.name) if filing.enterprise is not None else actor.name
    chain.owe(
        filing,
        "ENTERPRISE",
        kinds=("written",),
        since=filing.known_at,
        owed_by=name,
        by_id=actor.organisation_id,
    )


def _add_version(filing: Filing, kind: str, changed: Mapping[str, Any], *, actor: Actor, now: datetime, reason: str) -> FilingVersion:
    number = filing.latest_number + 1
    version = FilingVersion.objects.create(
        filing=filing,
        number=number,
        kind=kind,
        content=content.values_of(filing),
        changed={name: list(pair) for name, pair in changed.items()},
        level_code=filing.level_code,
        forecast_code=filing.forecast_code,
        provisional=filing.provisional,
        reason=reason,
        author_id=actor.account_id,
        author_name=actor.name,
        post=actor.post,
        at=now,
    )
    filing.latest_number = number
    Filing.objects.filter(pk=filing.pk).update(latest_number=number)
    return version


def _add_step(
    filing: Filing,
    kind: str,
    sender: Level,
    receiver: Level,
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
    clock: Any = None,
    rule_code: str = "",
) -> FilingStep:
    from_bureau, to_bureau = chain.Bureau(sender, filing.place_code), chain.Bureau(receiver, filing.place_code)
    return FilingStep.objects.create(
        filing=filing,
        sequence=filing.steps.count() + 1,
        kind=kind,
        rule_code=rule_code,
        version_number=filing.latest_number,
        sender_level=sender,
        sender_name=from_bureau.name,
        sender_organisation_id=from_bureau.organisation_id,
        receiver_level=receiver,
        receiver_name=to_bureau.name,
        receiver_organisation_id=to_bureau.organisation_id,
        due=clock.until if clock else None,
        sent_at=now,
        sent_by=actor.name,
        late_seconds=chain.late_seconds(clock, now),
        note=note,
    )


def _tell_holder(filing: Filing, *, actor: Actor, now: datetime) -> None:
    """A supplement written below the holder goes to the holder as a step that is signed for."""
    sender = Level.COUNTY if actor.enterprise_id is not None else Level(min(actor.level, Level.COUNTY))
    if filing.holder_level is not None and filing.holder_level < sender:
        _add_step(filing, "supplement", sender, Level(filing.holder_level), actor=actor, now=now)


def _owe_anew(filing: Filing, now: datetime) -> None:
    """The event became graver: the holder owes the next written step from now, every bureau that knows owes its telephone flash."""
    reached = set(filing.steps.filter(received_at__isnull=False).values_list("receiver_level", flat=True))
    for value in sorted(reached, reverse=True):
        level = Level(value)
        bureau = chain.Bureau(level, filing.place_code)
        holds = filing.state == rules.RECEIVED and value == filing.holder_level
        chain.owe(
            filing,
            level.name,
            kinds=("written", "phone") if holds else ("phone",),
            since=now,
            owed_by=bureau.name,
            by_id=bureau.organisation_id,
        )
