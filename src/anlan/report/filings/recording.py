"""What every verb of reporting does with a filing: lock it, say what it is about, add a version, add a step, start what a graver level brings.

Called inside the transaction of a verb; nothing here checks a permission.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.kernel.access import Actor
from anlan.kernel.flow import WrongState
from anlan.kernel.ids import new_id
from anlan.kernel.levels import Level
from anlan.kernel.words import N_
from anlan.ledger import clocks
from anlan.ledger.models import Clock, ClockState
from anlan.ledger.sources import law_day
from anlan.report.filings import chain, content, door, marking, queries, refusals, rules, travelling
from anlan.report.filings.models import Filing, FilingStep, FilingVersion, Instruction


def about(filing: Filing, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": filing.pk,
        "place_code": filing.place_code,
        "enterprise_id": filing.enterprise_id,
        "classification": filing.classification,
        "at": now,
        "exercise": filing.exercise,
    }


def reported_up(filing: Filing, step: FilingStep, now: datetime) -> door.FilingReportedUp:
    return door.FilingReportedUp(
        **about(filing, now),
        title=filing.title,
        step_kind=step.kind,
        to_level=step.receiver_level,
        late_seconds=step.late_seconds,
    )


def lock(filing: Filing) -> None:
    """Take the row's lock and the values as they stand now. Raises ``WrongState`` for a draft and for what is over."""
    lock_any(filing)
    require_open(filing)


def lock_any(filing: Filing) -> None:
    """Take the row's lock and the values as they stand now, in any state."""
    locked = Filing.objects.select_for_update().get(pk=filing.pk)
    for f in locked._meta.concrete_fields:
        setattr(filing, f.attname, getattr(locked, f.attname))


def require_open(filing: Filing) -> None:
    if filing.state in (rules.DRAFT, *rules.OVER):
        raise WrongState(state=rules.FLOW.state(filing.state).label, move=N_("续报或上报"))


def window_ends(filing: Filing) -> datetime:
    """End of the window in which casualties may change; an unknown kind has the longer one."""
    day = law_day(filing.occurred_at)
    kind = queries.event_kind(filing.kind, day) or max(queries.event_kinds(day), key=lambda row: row.casualty_days)
    return rules.casualty_window_ends(kind, filing.occurred_at)


def require_window(filing: Filing, happened_at: datetime) -> None:
    until = window_ends(filing)
    if happened_at >= until:
        raise refusals.WindowClosed(until=local(until - timedelta(minutes=1)))


def require_holder(filing: Filing, actor: Actor) -> Level:
    if actor.enterprise_id is not None or filing.holder_level != actor.level:
        raise refusals.NotYourStep(holder=holder_name(filing))
    return Level(filing.holder_level)


def holder_name(filing: Filing) -> str:
    level = Level.COUNTY if filing.holder_level is None else Level(filing.holder_level)
    return chain.Bureau(level, filing.place_code).name


def first_sender(filing: Filing) -> str:
    if filing.source == rules.SOURCE_SENSOR:
        return _(rules.SOURCES[filing.source])
    if filing.enterprise is not None:
        return str(filing.enterprise.name)
    return filing.reporter_name


def owe_from_knowledge(filing: Filing, actor: Actor) -> None:
    """What is owed from the moment somebody knew, though the report is only being written: a draft left lying rings like one that was sent.

    A tip is checked first and owes nothing yet.
    """
    if filing.source == rules.SOURCE_ENTERPRISE:
        enterprise_owes(filing, actor)
    elif filing.source != rules.SOURCE_TIP and actor.account_id is not None:
        level = Level(min(actor.level, Level.COUNTY))
        bureau = chain.Bureau(level, filing.place_code)
        own = {"since": filing.known_at, "owed_by": bureau.name, "by_id": bureau.organisation_id, "level": level}
        chain.owe(filing, level.name, kinds=("written", "phone"), **own)


def enterprise_owes(filing: Filing, actor: Actor) -> None:
    name = str(filing.enterprise.name) if filing.enterprise is not None else actor.name
    chain.owe(
        filing,
        "ENTERPRISE",
        kinds=("written", "parallel"),
        since=filing.known_at,
        owed_by=name,
        by_id=actor.organisation_id,
    )


def report_in_parallel(filing: Filing, *, actor: Actor, now: datetime) -> None:
    """What a unit sends goes to every bureau it owes beside the county (Order 21 art. 6 para. 2)."""
    for row in chain.duties_of(filing, "ENTERPRISE", ("parallel",)):
        if row.receiver not in Level.__members__ or filing.steps.filter(rule_code=row.code).exists():
            continue
        clock, receiver = chain.settle(filing, row.code, now=now, by=actor.name), chain.Bureau(Level[row.receiver], filing.place_code)
        if clock is not None:
            mark_late(filing, clock, who=first_sender(filing), level=None, actor=actor, now=now)
        FilingStep.objects.create(
            filing=filing,
            sequence=filing.steps.count() + 1,
            kind="parallel",
            rule_code=row.code,
            version_number=filing.latest_number,
            sender_level=None,
            sender_name=first_sender(filing),
            sender_organisation_id=actor.organisation_id,
            receiver_level=receiver.level,
            receiver_name=receiver.name,
            receiver_organisation_id=receiver.organisation_id,
            due=clock.until if clock else None,
            sent_at=now,
            sent_by=actor.name,
            delivered_at=None if travelling.travels(filing, None, receiver.level) else now,
            late_seconds=chain.late_seconds(clock, now),
        )


def uncounted(filing: Filing) -> dict[str, tuple[int | None, int]]:
    """Casualties that a ledger of people counts otherwise than the report tells: ``{field: (reported, counted)}``."""
    return rules.uncounted(filing.counted, {name: getattr(filing, name) for name in rules.CASUALTIES})


def agree(filing: Filing) -> None:
    """The report tells what the ledger of people counts: nothing differs any more."""
    if filing.counted and not uncounted(filing):
        filing.counted = {}
        Filing.objects.filter(pk=filing.pk).update(counted={})


def add_version(
    filing: Filing, kind: str, changed: Mapping[str, Any], *, actor: Actor, now: datetime, reason: str, key: UUID | None = None
) -> FilingVersion:
    number = filing.latest_number + 1
    version = FilingVersion.objects.create(
        id=key or new_id(),
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
    agree(filing)
    return version


def add_step(
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
    # What has to travel is done when it is there: until then its clock runs, and rings.
    travels = kind != "phone" and travelling.travels(filing, sender, receiver)
    if clock is not None and not travels:
        mark_late(filing, clock, who=from_bureau.name, level=sender, actor=actor, now=now)
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
        delivered_at=None if travels else now,
        late_seconds=0 if travels else chain.late_seconds(clock, now),
        note=note,
    )


def tell_holder(filing: Filing, *, actor: Actor, now: datetime) -> None:
    """A supplement written below the holder goes to the holder as a step that is signed for."""
    sender = Level.COUNTY if actor.enterprise_id is not None else Level(min(actor.level, Level.COUNTY))
    if filing.holder_level is not None and filing.holder_level < sender:
        add_step(filing, "supplement", sender, Level(filing.holder_level), actor=actor, now=now)


def owe_anew(filing: Filing, now: datetime) -> None:
    """The event became graver: the holder owes the next written step from now, every bureau that knows owes its telephone flash and whom else to tell."""
    reached = set(filing.steps.filter(received_at__isnull=False, kind__in=("written", "direct")).values_list("receiver_level", flat=True))
    for value in sorted(reached, reverse=True):
        level = Level(value)
        if travelling.elsewhere(filing, level):
            continue  # its own node counts what it owes
        bureau = chain.Bureau(level, filing.place_code)
        holds = filing.state == rules.RECEIVED and value == filing.holder_level
        own = {"since": now, "owed_by": bureau.name, "by_id": bureau.organisation_id, "level": level}
        chain.owe(filing, level.name, kinds=("written", "phone", "copy", "attend") if holds else ("phone", "copy", "attend"), **own)
    if filing.source == rules.SOURCE_ENTERPRISE:
        name = first_sender(filing)
        chain.owe(filing, "ENTERPRISE", kinds=("parallel",), since=now, owed_by=name, by_id=filing.organisation_id)


def mark_late(filing: Filing, clock: Clock, *, who: str, level: int | None, actor: Actor, now: datetime) -> None:
    """A duty was done after its deadline: the mark 迟报 is raised by itself, with the clock as its evidence."""
    seconds = chain.late_seconds(clock, now)
    if seconds:
        minutes = -(-seconds // 60)
        facts = late_words(clock.label, clock.until, now)
        marking.raise_by_rule(
            filing, rules.LATE, who=who, level=level, rule_code=clock.rule_code, late_minutes=minutes, facts=facts, actor=actor, now=now
        )


def late_words(label: str, until: datetime, at: datetime) -> str:
    """The fact of a duty done late, in a sentence."""
    return _("“{label}”应于 {until} 前完成，实际完成于 {at}，超时 {minutes} 分钟。").format(
        label=label, until=local(until), at=local(at), minutes=-(-int((at - until).total_seconds()) // 60)
    )


def settle_and_mark(filing: Filing, rule_code: str, *, actor: Actor, now: datetime) -> None:
    """Stop the clock of a duty that was just done; done late it is marked."""
    clock = chain.settle(filing, rule_code, now=now, by=actor.name)
    if clock is not None:
        mark_late(filing, clock, who=clock.owed_by, level=level_of(clock), actor=actor, now=now)


def mark_omitted(filing: Filing, *, actor: Actor, now: datetime) -> None:
    """The case is closed and a duty was never done: the mark 漏报."""
    for clock in clocks.for_subject(filing).filter(met_at__isnull=True, until__lt=now).exclude(state=ClockState.CANCELLED):
        if clock.rule_code.startswith("instruction:"):
            continue
        facts = _("“{label}”应于 {until} 前完成，至办结时仍未完成。").format(label=clock.label, until=local(clock.until))
        marking.raise_by_rule(
            filing,
            rules.OMITTED,
            who=clock.owed_by,
            level=level_of(clock),
            rule_code=clock.rule_code,
            late_minutes=0,
            facts=facts,
            actor=actor,
            now=now,
        )


def level_of(clock: Clock) -> int | None:
    """Level of the bureau that owes a duty; ``None`` for a unit."""
    if clock.rule_code.startswith("instruction:"):
        tail = clock.rule_code.removeprefix("instruction:")
        given = (row for row in Instruction.objects.filter(filing_id=clock.subject_id) if row.pk.hex.endswith(tail))
        return next((row.to_level for row in given), None)
    row = queries.step_labels().get(clock.rule_code)
    if row is None or row.sender in ("ENTERPRISE", "PERSON"):
        return None
    return int(Level[row.sender]) if row.sender in Level.__members__ else int(Level.COUNTY)


def local(moment: datetime) -> str:
    """Date and minute as the reader writes them."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
