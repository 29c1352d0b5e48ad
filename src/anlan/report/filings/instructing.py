"""Instructions (批示) on a filing: given with a day, passed down, answered, confirmed by who gave them or sent back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound
from anlan.kernel.levels import Level
from anlan.kernel.words import N_
from anlan.ledger import clocks
from anlan.ledger.changes import change
from anlan.report.filings import chain, door, recording, refusals
from anlan.report.filings.models import Filing, Instruction


def instruct(
    filing: Filing,
    text: str,
    given_by: str,
    *,
    actor: Actor,
    now: datetime,
    due: datetime | None = None,
    to_level: Level | None = None,
    parent: Instruction | None = None,
) -> Instruction:
    """Enter an instruction; ``given_by`` is the leader who gave it, ``to_level`` who carries it out, ``due`` until when (its clock rings)."""
    recording.require_open(filing)
    with change(actor, "filings.instruct", now=now, record=filing) as gathered:
        row = Instruction.objects.create(
            filing=filing,
            text=text.strip(),
            given_by=given_by.strip() or actor.name,
            given_by_post=actor.post,
            given_level=actor.level,
            entered_by_id=actor.account_id,
            at=now,
            due=due,
            to_level=to_level,
            parent=parent,
        )
        start_clock(filing, row, now)
        gathered.facts.update({"instruction": row.text, "given_by": row.given_by})
        gathered.announce(door.FilingInstructed(**recording.about(filing, now), title=filing.title))
    return row


def start_clock(filing: Filing, row: Instruction, now: datetime) -> None:
    """The clock of an instruction that has a day; sent back, it runs again to the same day."""
    if row.due is None:
        return
    owed_by = chain.Bureau(Level(row.to_level), filing.place_code) if row.to_level is not None else None
    clocks.start(
        filing,
        clocks.ClockRule(clock_code(row), N_("批示办理"), "", "verified"),
        since=now,
        until=row.due,
        owed_by=owed_by.name if owed_by else recording.holder_name(filing),
        owed_to=row.given_by,
        owed_by_organisation_id=owed_by.organisation_id if owed_by else None,
    )


def _for_level(row: Instruction, actor: Actor) -> bool:
    """Whether it is for the actor's bureau: the level it was given to, or any bureau below who gave it when none was named."""
    if actor.enterprise_id is not None:
        return False
    return row.to_level == actor.level if row.to_level is not None else actor.level >= row.given_level


def _holder(filing: Filing, row: Instruction) -> str:
    return chain.Bureau(Level(row.to_level), filing.place_code).name if row.to_level is not None else recording.holder_name(filing)


def clock_code(row: Instruction) -> str:
    """Code of the clock of an instruction."""
    return f"instruction:{row.pk.hex[-12:]}"


def pass_down(filing: Filing, instruction_id: UUID, text: str, *, actor: Actor, now: datetime, due: datetime | None = None) -> Instruction:
    """Give an instruction on to the level below, in one's own words; the one it comes from stays open until it is answered. Raises ``NotYourStep``."""
    above = _open(filing, instruction_id)
    if actor.level >= Level.COUNTY or not _for_level(above, actor):
        raise refusals.NotYourStep(holder=_holder(filing, above))
    # A district of a municipality has no city between it and the province.
    below = next(each for each in Level if each > actor.level and chain.exists(each, filing.place_code))
    until = due or above.due
    return instruct(filing, text or above.text, above.given_by, actor=actor, now=now, due=until, to_level=below, parent=above)


def complete(filing: Filing, instruction_id: UUID, outcome: str, *, actor: Actor, now: datetime) -> Instruction:
    """Report that an instruction was carried out. Raises ``InstructionsBelowOpen`` while what was passed down is open."""
    with change(actor, "filings.supplement", now=now, record=filing) as gathered:
        row = filing.instructions.select_for_update().filter(pk=instruction_id, done_at__isnull=True).first()
        if row is None:
            raise NotFound(what=str(instruction_id))
        if not _for_level(row, actor):
            raise refusals.NotYourStep(holder=_holder(filing, row))
        waiting = row.below.filter(done_at__isnull=True).count()
        if waiting:
            raise refusals.InstructionsBelowOpen(count=waiting)
        row.done_at, row.done_by, row.outcome, row.returned = now, actor.name, outcome.strip(), ""
        row.save(update_fields=["done_at", "done_by", "outcome", "returned"])
        clocks.stop(filing, clock_code(row), now=now, by=actor.name)
        gathered.facts.update({"instruction": str(row.pk), "outcome": row.outcome})
        gathered.announce(door.FilingInstructed(**recording.about(filing, now), title=filing.title))
    return row


def confirm(filing: Filing, instruction_id: UUID, *, actor: Actor, now: datetime, returned: str = "") -> Instruction:
    """The level that gave it accepts the answer, or sends it back with a reason (``returned``). Raises ``NotYourStep``, ``NotFound``."""
    with change(actor, "filings.instruct", now=now, record=filing) as gathered:
        row = filing.instructions.select_for_update().filter(pk=instruction_id, done_at__isnull=False, confirmed_at__isnull=True).first()
        if row is None:
            raise NotFound(what=str(instruction_id))
        if actor.level != row.given_level:
            raise refusals.NotYourStep(holder=chain.Bureau(Level(row.given_level), filing.place_code).name)
        if returned.strip():
            row.done_at, row.returned = None, returned.strip()[:300]
            start_clock(filing, row, now)
        else:
            row.confirmed_at, row.confirmed_by = now, actor.name
        row.save(update_fields=["done_at", "returned", "confirmed_at", "confirmed_by"])
        gathered.facts.update({"instruction": str(row.pk), "returned": row.returned})
        gathered.announce(door.FilingInstructed(**recording.about(filing, now), title=filing.title))
    return row


def _open(filing: Filing, instruction_id: UUID) -> Instruction:
    row = filing.instructions.filter(pk=instruction_id, done_at__isnull=True).first()
    if row is None:
        raise NotFound(what=str(instruction_id))
    return row
