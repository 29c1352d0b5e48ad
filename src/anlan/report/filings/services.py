"""Verbs of information reporting. Each is one transaction: check, change, audit, announce; ``now`` comes from the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.events import Event
from anlan.kernel.flow import Move, WrongState
from anlan.kernel.ids import new_id
from anlan.kernel.levels import Level
from anlan.kernel.words import N_
from anlan.ledger import clocks
from anlan.ledger.changes import Change, change
from anlan.ledger.flows import advance, open_case
from anlan.ledger.models import ClockState
from anlan.ledger.sources import law_day
from anlan.report.filings import chain, content, door, queries, recording, refusals, rules, travelling
from anlan.report.filings.models import Filing, FilingNotice, FilingReduction, FilingStep, FilingVersion


def create_filing(values: Mapping[str, Any], *, actor: Actor, now: datetime, key: UUID | None = None) -> Filing:
    """Make a draft from plain values (model field names; ``enterprise_id``, ``alarm_id`` as identities); ``key``: its identity, where a page chose it.

    For an enterprise the one-hour clock starts with the moment its head learned of the event (Decree 493 art. 9). Raises
    ``Invalid``, ``NotPermitted``.
    """
    return _create(content.clean(values, now=now), key, actor=actor, now=now)


def _create(clean: Mapping[str, Any], key: UUID | None, *, actor: Actor, now: datetime) -> Filing:
    filing = Filing(id=key or new_id(), state=rules.DRAFT, reporter_id=actor.account_id, reporter_name=actor.name, opened_at=now)
    filing.organisation_id = actor.organisation_id
    content.apply(filing, clean)
    if actor.enterprise_id is not None:
        filing.enterprise_id, filing.source = actor.enterprise_id, rules.SOURCE_ENTERPRISE
    content.require_type(filing)
    content.judge_into(filing)
    with change(actor, "filings.create", now=now, place_code=filing.place_code, enterprise_id=filing.enterprise_id) as gathered:
        try:
            with transaction.atomic():
                filing.save(force_insert=True)
        except IntegrityError as error:
            raise refusals.BegunAlready from error
        gathered.subject = filing
        open_case(filing, actor=actor, now=now)
        recording.owe_from_knowledge(filing, actor)
    return filing


def change_draft(filing: Filing, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> Filing:
    """Change a draft that was not sent yet. Raises ``Invalid``, ``WrongState``."""
    _change(filing, content.clean(values, now=now), actor=actor, now=now)
    return filing


def _change(filing: Filing, clean: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    with change(actor, "filings.create", now=now, record=filing):
        # What is kept while typing may be on its way when the report is sent.
        recording.lock_any(filing)
        if filing.state != rules.DRAFT:
            raise WrongState(state=rules.FLOW.state(filing.state).label, move=N_("修改草稿"))
        content.apply(filing, clean)
        content.require_type(filing)
        content.judge_into(filing)
        filing.save()
        chain.cancel_all(filing)
        recording.owe_from_knowledge(filing, actor)


def keep_draft(key: UUID, typed: Mapping[str, Any], *, actor: Actor, now: datetime) -> Filing:
    """Keep what stands in a form so far as the draft ``key``, begun with the first answer: what is wrong yet is left out, nothing is asked for.

    From then on the clocks of whoever knows run. Raises ``WrongState`` for a report that was sent, ``BegunAlready`` where it is just being sent.
    """
    filing = Filing.objects.filter(pk=key).first()
    clean = content.clean_so_far(typed, now=now)
    if filing is None:
        start = {"title": _("未填标题"), "kind": "other", "occurred_at": now, "known_at": now, "place_code": actor.place_code}
        return _create({**start, "source": rules.SOURCE_PAGE, **clean}, key, actor=actor, now=now)
    _change(filing, clean, actor=actor, now=now)
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
        recording.add_version(locked, rules.FIRST, {}, actor=actor, now=now, reason="")
        if clock is not None:
            recording.mark_late(
                locked, clock, who=recording.first_sender(locked), level=None if not by_officer else int(level), actor=actor, now=now
            )
        if not by_officer:
            recording.report_in_parallel(locked, actor=actor, now=now)
        FilingStep.objects.create(
            filing=locked,
            sequence=locked.steps.count() + 1,
            kind="written",
            rule_code=clock.rule_code if clock else "",
            version_number=1,
            sender_level=None,
            sender_name=recording.first_sender(locked),
            sender_organisation_id=locked.organisation_id if not by_officer else None,
            receiver_level=level,
            receiver_name=bureau.name,
            receiver_organisation_id=bureau.organisation_id,
            due=clock.until if clock else None,
            sent_at=now if not by_officer else locked.known_at,
            sent_by=actor.name if not by_officer else locked.reporter_name,
            delivered_at=None if travelling.travels(locked, None, level) else now,
            late_seconds=chain.late_seconds(clock, now),
        )
        chain.renew_supplement_clock(locked, now=now, by=actor.name, again=True)

    def event(locked: Filing, _move: Move, _gathered: Change) -> door.FilingSubmitted:
        return door.FilingSubmitted(
            **recording.about(locked, now),
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
    waiting = queries.to_sign(filing, Level(actor.level))
    step = waiting.filter(kind="written").first() or waiting.first()
    if step is None or actor.enterprise_id is not None:
        raise refusals.NotYourStep(holder=recording.holder_name(filing))
    if step.kind == "written":
        return _sign(filing, Level(step.receiver_level), actor=actor, now=now, received_at=now)
    with change(actor, "filings.receive", now=now, record=filing) as gathered:
        step.received_at, step.received_by = now, actor.name
        step.save(update_fields=["received_at", "received_by"])
        if step.kind in ("direct", "parallel"):
            chain.owe_as_told(filing, Level(step.receiver_level), now)
        gathered.facts.update({"step": step.sequence, "kind": step.kind})
        gathered.announce(door.FilingReceived(**recording.about(filing, now), title=filing.title, level=int(actor.level)))
    return filing


def _sign(filing: Filing, level: Level, *, actor: Actor, now: datetime, received_at: datetime) -> Filing:
    def sign(locked: Filing, _move: Move, _gathered: Change) -> None:
        step = queries.to_sign(locked, level).filter(kind="written").last()
        if step is None:
            raise refusals.NotYourStep(holder=recording.holder_name(locked))
        step.received_at, step.received_by = received_at, actor.name
        step.save(update_fields=["received_at", "received_by"])
        chain.owe_as_bureau(locked, level, received_at)
        if locked.steps.filter(kind="written").count() == 1:
            chain.owe_as_holder(locked, "tip", since=received_at)

    def event(locked: Filing, _move: Move, _gathered: Change) -> door.FilingReceived:
        return door.FilingReceived(**recording.about(locked, now), title=locked.title, level=int(level))

    return advance(filing, "receive", actor=actor, now=now, fields={"holder_level": int(level)}, after=sign, event=event)


def report_up(filing: Filing, *, actor: Actor, now: datetime, note: str = "") -> Filing:
    """Send the report as it stands to the next level up; the running clock becomes met or missed.

    Raises ``NotYourStep`` when another level holds it, ``NoLevelAbove`` at the top.
    """
    level = recording.require_holder(filing, actor)
    above = chain.level_above(level, filing.place_code)
    if above is None:
        raise refusals.NoLevelAbove
    duty = chain.written_duty(filing, level) or chain.written_owed(filing, level)

    def send(locked: Filing, _move: Move, gathered: Change) -> None:
        travels = travelling.travels(locked, level, above)
        clock = (
            chain.running(locked, duty.code)
            if duty and travels
            else chain.settle(locked, duty.code, now=now, by=actor.name)
            if duty
            else None
        )
        step = recording.add_step(
            locked, "written", level, above, actor=actor, now=now, note=note, clock=clock, rule_code=duty.code if duty else ""
        )
        if duty is not None:
            # "At once" has no clock: what was owed so is told by the step itself.
            told = {"done_at": now, "done_by": actor.name, "contact": step.receiver_name}
            locked.notices.filter(rule_code=duty.code, sender_level=level, done_at__isnull=True).update(**told)
        gathered.facts.update({"to": step.receiver_name, "late_seconds": step.late_seconds})
        gathered.announce(recording.reported_up(locked, step, now))

    return advance(filing, "report_up", actor=actor, now=now, fields={"holder_level": int(above)}, after=send)


def report_directly(filing: Filing, to_level: Level, *, actor: Actor, now: datetime, note: str = "") -> FilingStep:
    """Report to a higher level beside the chain (越级直报, Decree 493 art. 10 para. 3); the step-by-step duty stays."""
    recording.require_open(filing)
    own = Level(min(actor.level, Level.COUNTY))
    if to_level >= own or actor.enterprise_id is not None:
        raise refusals.NoLevelAbove
    with change(actor, "filings.report_up", now=now, record=filing) as gathered:
        recording.lock(filing)
        step = recording.add_step(filing, "direct", own, to_level, actor=actor, now=now, note=note)
        gathered.facts.update({"to": step.receiver_name, "kind": "direct"})
        gathered.announce(recording.reported_up(filing, step, now))
    return step


@dataclass(frozen=True)
class Spoken:
    """A telephone flash as it was spoken: with whom, on which number (empty: the duty telephone of the bureau called), when (``None``: now),
    and by whom it was read back (empty: nobody)."""

    with_whom: str
    number: str = ""
    at: datetime | None = None
    read_back_by: str = ""
    note: str = ""


def record_flash(filing: Filing, spoken: Spoken, *, actor: Actor, now: datetime) -> FilingStep:
    """Record that the actor's bureau telephoned the level above (电话快报, Order 21 art. 8-10); its clock is stopped at the moment of the call.

    What art. 10 asks for and was not known then is kept with the step. Raises ``NoSuchFlash`` when the bureau owes none, ``NobodySpokenWith``,
    ``NoMomentOfFlash`` for a call before the event was known or in the future.
    """
    recording.require_open(filing)
    at = spoken.at or now
    if not spoken.with_whom.strip():
        raise refusals.NobodySpokenWith
    if not filing.known_at <= at <= now:
        raise refusals.NoMomentOfFlash(since=recording.local(filing.known_at))
    owed = {row.code: row for row in queries.flash_duties(actor.level, law_day(filing.occurred_at))}
    with change(actor, "filings.report_up", now=now, record=filing) as gathered:
        recording.lock(filing)
        open_codes = clocks.for_subject(filing).filter(rule_code__in=owed, met_at__isnull=True).exclude(state="cancelled")
        clock = open_codes.order_by("until").first()
        if clock is None or actor.enterprise_id is not None:
            raise refusals.NoSuchFlash
        row, receiver = owed[clock.rule_code], Level[owed[clock.rule_code].receiver]
        stopped = chain.settle(filing, row.code, now=at, by=actor.name)
        step = recording.add_step(
            filing, "phone", actor.level, receiver, actor=actor, now=at, note=spoken.note, clock=stopped, rule_code=row.code
        )
        step.received_at, step.received_by, step.noted_at = at, spoken.with_whom.strip()[:100], now
        step.number_called = (spoken.number.strip() or chain.Bureau(receiver, filing.place_code).duty_phone)[:32]
        step.read_back_by, step.unknown = spoken.read_back_by.strip()[:100], content.not_known_for_flash(filing)
        step.save(update_fields=["received_at", "received_by", "noted_at", "number_called", "read_back_by", "unknown"])
        chain.owe_as_told(filing, receiver, at)
        told = {"to": step.receiver_name, "kind": "phone", "spoken_with": step.received_by, "number": step.number_called}
        gathered.facts.update({**told, "spoken_at": at.isoformat(), "unknown": step.unknown})
        gathered.announce(recording.reported_up(filing, step, now))
    return step


def supplement(
    filing: Filing,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    final: bool = False,
    happened_at: datetime | None = None,
    key: UUID | None = None,
) -> FilingVersion | None:
    """Send a supplement (续报) or the final report (终报): a new version with what changed, judged anew.

    A graver level starts the duties it brings from now; one that falls ends none that arose. ``happened_at``: when the casualties changed; once
    the window of 30 or 7 days is over only what happened within it is taken. ``key``: identity of the version, where the page chose it. Figures that fall wait for a second person (:func:`confirm_reduction`);
    ``None`` when nothing else changed. Raises ``FallingCasualties`` without a reason, ``WindowClosed``,
    ``NothingChanged``, ``Invalid``.
    """
    recording.require_open(filing)
    clean = content.clean(values, now=now, partial=True)
    with change(actor, "filings.supplement", now=now, record=filing) as gathered:
        recording.lock(filing)
        before, old_code, old_impact = content.values_of(filing), filing.reporting_code, filing.impact
        _require_loss(filing, clean)
        content.apply(filing, clean)
        _settle_type(filing, before, reason, final=final)
        after = content.values_of(filing)
        changed = rules.changed_fields(before, after)
        if not changed and not final:
            raise refusals.NothingChanged
        falling = rules.falling_casualties(before, after)
        if falling and not reason.strip():
            raise refusals.FallingCasualties
        if falling:
            _propose_reduction(filing, {name: changed.pop(name) for name in falling}, reason, key, actor=actor, now=now)
            if not changed and not final:
                gathered.announce(door.FilingChanged(**recording.about(filing, now), title=filing.title))
                return None
        if rules.CASUALTIES & changed.keys():
            recording.require_window(filing, happened_at or now)
        content.judge_into(filing)
        filing.save()
        kind = rules.FINAL if final else rules.SUPPLEMENT
        version = recording.add_version(filing, kind, changed, actor=actor, now=now, reason=reason, key=key)
        rose = rules.graver(filing.reporting_code, old_code, queries.accident_levels(law_day(filing.occurred_at)))
        recording.tell_holder(filing, actor=actor, now=now)
        if rose or filing.impact not in ("", old_impact):
            recording.owe_anew(filing, now)
        if rules.CASUALTIES & changed.keys() and not filing.counted:
            recording.settle_and_mark(filing, "casualty_change", actor=actor, now=now)
        if actor.enterprise_id is not None:
            recording.report_in_parallel(filing, actor=actor, now=now)
        chain.renew_supplement_clock(filing, now=now, by=actor.name, again=not _was_final(filing) or (rose and not final))
        gathered.facts.update({"version": version.number, "kind": kind, "level_rose": rose})
        gathered.announce(
            door.FilingSupplemented(
                **recording.about(filing, now),
                title=filing.title,
                number=version.number,
                level_code=filing.reporting_code,
                level_rose=rose,
            )
        )
    return version


def _was_final(filing: Filing) -> bool:
    """The final report ends the daily supplements; a word after it (补报) owes none anew, unless it makes the event graver."""
    return filing.versions.filter(kind=rules.FINAL).exists()


def _require_loss(filing: Filing, clean: Mapping[str, Any]) -> None:
    """Where a ledger of losses is kept, its sum is the loss; nothing else is typed beside it."""
    typed = "direct_loss" in clean and "loss_unknown" not in clean
    if typed and clean["direct_loss"] != filing.direct_loss and filing.losses.exists():
        raise refusals.LossFromLedger


def _settle_type(filing: Filing, before: Mapping[str, Any], reason: str, *, final: bool) -> None:
    """The final report establishes the type it names; an established type changes only with a reason."""
    if before["type_final"] and filing.accident_type != before["accident_type"] and not reason.strip():
        raise refusals.TypeIsFinal
    filing.type_final = filing.type_final or final
    content.require_type(filing)


def _propose_reduction(filing: Filing, fell: Mapping[str, Any], reason: str, key: UUID | None, *, actor: Actor, now: datetime) -> None:
    """What was reported stands until somebody else has confirmed that it was less."""
    for name, (before, _after) in fell.items():
        setattr(filing, name, before)
    made = FilingReduction.objects.create(
        id=key or new_id(),
        filing=filing,
        state=rules.PROPOSED,
        opened_at=now,
        exercise=filing.exercise,
        place_code=filing.place_code,
        classification=filing.classification,
        enterprise_id=filing.enterprise_id,
        figures={name: list(pair) for name, pair in fell.items()},
        reason=reason.strip(),
        proposed_by_id=actor.account_id,
        proposed_by_name=actor.name,
    )
    open_case(made, actor=actor, now=now)


def confirm_reduction(reduction: FilingReduction, *, actor: Actor, now: datetime) -> FilingVersion:
    """A second person confirms that casualties were fewer: a version of its own with both figures and the reason. Raises ``FourEyes``."""
    filing = reduction.filing
    made: list[FilingVersion] = []

    def apply(locked: FilingReduction, _move: Move, _gathered: Change) -> None:
        recording.lock(filing)
        changed = {name: (getattr(filing, name), after) for name, (_before, after) in locked.figures.items()}
        content.apply(filing, {name: after for name, (_before, after) in changed.items()})
        content.judge_into(filing)
        filing.save()
        why = _("核减：{reason}（{by}提出，{and_by}复核）").format(reason=locked.reason, by=locked.proposed_by_name, and_by=actor.name)
        made.append(recording.add_version(filing, rules.SUPPLEMENT, changed, actor=actor, now=now, reason=why))
        if not filing.counted:
            recording.settle_and_mark(filing, "casualty_change", actor=actor, now=now)
        recording.tell_holder(filing, actor=actor, now=now)

    def event(locked: FilingReduction, _move: Move, _gathered: Change) -> Event:
        told = {"title": filing.title, "number": made[0].number, "level_code": filing.reporting_code, "level_rose": False}
        return door.FilingSupplemented(**recording.about(locked.filing, now), **told)

    advance(reduction, "confirm", actor=actor, now=now, fields={"decided_by_name": actor.name}, after=apply, event=event)
    return made[0]


def refuse_reduction(reduction: FilingReduction, reason: str, *, actor: Actor, now: datetime) -> FilingReduction:
    """The figures stand as they were reported."""
    return advance(reduction, "refuse", actor=actor, now=now, reason=reason, fields={"decided_by_name": actor.name})


def learn_casualties(filing: Filing, learned_at: datetime, *, actor: Actor, now: datetime) -> None:
    """Casualties changed and were learned of: the change is owed upward the same day (Order 21 art. 11 para. 3), once a day. After the window
    nothing is owed."""
    recording.require_open(filing)
    if learned_at >= recording.window_ends(filing):
        return
    with change(actor, "filings.supplement", now=now, record=filing) as gathered:
        _owe_casualties(filing, learned_at, by=actor.name)
        gathered.facts["learned_at"] = learned_at.isoformat()


def _owe_casualties(filing: Filing, learned_at: datetime, *, by: str) -> None:
    running = clocks.for_subject(filing).filter(rule_code="casualty_change", state=ClockState.RUNNING)
    if not running.filter(until=rules.end_of_day(learned_at)).exists():
        chain.owe_as_holder(filing, "casualty", since=learned_at, by=by)


def count_casualties(filing: Filing, counted: Mapping[str, int], learned_at: datetime, *, actor: Actor, now: datetime) -> None:
    """A ledger of people counts ``counted`` (fields of ``rules.CASUALTIES``). Where the report tells otherwise the change is owed the same day, once
    a day; where both agree again nothing is owed. Nothing is told upward by itself: a person sends the supplement.
    """
    if filing.state in rules.OVER or learned_at >= recording.window_ends(filing):
        return
    differs = rules.uncounted(counted, {name: getattr(filing, name) for name in rules.CASUALTIES})
    if not differs and not filing.counted:
        return
    with change(actor, "filings.supplement", now=now, record=filing) as gathered:
        filing.counted = {**counted, "at": learned_at.isoformat()} if differs else {}
        filing.save(update_fields=["counted"])
        if not differs:
            clocks.cancel(filing, "casualty_change")
        elif filing.state != rules.DRAFT:
            _owe_casualties(filing, learned_at, by=actor.name)
        gathered.facts["counted"] = dict(counted)
        gathered.announce(door.FilingChanged(**recording.about(filing, now), title=filing.title))


def note_told(filing: Filing, notice_id: UUID, contact: str, *, actor: Actor, now: datetime, note: str = "") -> FilingNotice:
    """Note that somebody outside the chain was told, or that somebody went to the scene. Raises ``AlreadyTold``, ``NotYourStep``."""
    with change(actor, "filings.report_up" if actor.enterprise_id is None else "filings.submit", now=now, record=filing) as gathered:
        row = filing.notices.select_for_update().filter(pk=notice_id).first()
        if row is None:
            raise NotFound(what=str(notice_id))
        own = None if actor.enterprise_id is not None else int(min(actor.level, Level.COUNTY))
        if row.sender_level != own and not (row.sender_level is None and own == Level.COUNTY):
            raise refusals.NotYourStep(holder=row.sender_name)
        if row.done_at is not None:
            raise refusals.AlreadyTold(label=row.receiver_name, who=row.done_by)
        row.done_at, row.done_by, row.contact, row.note = now, actor.name, contact.strip()[:100], note.strip()[:300]
        row.save(update_fields=["done_at", "done_by", "contact", "note"])
        recording.settle_and_mark(filing, row.rule_code, actor=actor, now=now)
        gathered.facts.update({"notice": row.rule_code, "to": row.receiver_name, "contact": row.contact})
        gathered.announce(door.FilingReceived(**recording.about(filing, now), title=filing.title, level=int(actor.level)))
    return row


def close(filing: Filing, *, actor: Actor, now: datetime) -> Filing:
    """Close a filing after its final report and, where anybody was hurt, after the window in which casualties may change.

    Raises ``FinalReportNeeded``, ``WindowOpen``.
    """
    if not filing.versions.filter(kind=rules.FINAL).exists():
        raise refusals.FinalReportNeeded
    if now < recording.window_ends(filing) and any(getattr(filing, name) != 0 for name in rules.CASUALTIES):
        raise refusals.WindowOpen(until=recording.local(recording.window_ends(filing) - timedelta(minutes=1)))
    return _end(filing, "close", "", actor=actor, now=now)


def withdraw(filing: Filing, reason: str, *, actor: Actor, now: datetime) -> Filing:
    """Strike off a draft, or, by a second person, a false report that was sent. A reason is required."""
    return _end(filing, "discard" if filing.state == rules.DRAFT else "withdraw", reason, actor=actor, now=now)


def _end(filing: Filing, move: str, reason: str, *, actor: Actor, now: datetime) -> Filing:
    def event(locked: Filing, _move: Move, _gathered: Change) -> door.FilingClosed:
        return door.FilingClosed(**recording.about(locked, now), title=locked.title)

    def tidy(locked: Filing, _move: Move, _gathered: Change) -> None:
        if move == "close":
            recording.mark_omitted(locked, actor=actor, now=now)
        chain.cancel_all(locked)

    return advance(filing, move, actor=actor, now=now, reason=reason, after=tidy, event=event)
