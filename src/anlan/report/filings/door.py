"""What other rooms may ask of information reporting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.kernel.events import Event
from anlan.kernel.levels import Level


@dataclass(frozen=True, kw_only=True)
class FilingSubmitted(Event):
    """A first report was sent; ``subject_id`` is the filing."""

    kind: ClassVar[str] = "filings.submitted"
    action: ClassVar[str] = "filings.view"
    urgent: ClassVar[bool] = True
    title: str
    level_code: str
    alarm_id: str = ""


@dataclass(frozen=True, kw_only=True)
class FilingReceived(Event):
    """A bureau signed for a report; ``level`` is its level (0 nation … 3 county)."""

    kind: ClassVar[str] = "filings.received"
    action: ClassVar[str] = "filings.view"
    urgent: ClassVar[bool] = True
    title: str
    level: int


@dataclass(frozen=True, kw_only=True)
class FilingReportedUp(Event):
    """A bureau sent a report to the level above, directly to a higher one, or by telephone (``step_kind``). What has to travel is
    told a second time when it is there."""

    kind: ClassVar[str] = "filings.reported_up"
    action: ClassVar[str] = "filings.view"
    urgent: ClassVar[bool] = True
    title: str
    step_kind: str
    to_level: int
    late_seconds: int


@dataclass(frozen=True, kw_only=True)
class FilingSupplemented(Event):
    """A supplement or final report was sent; ``level_rose`` when it made the event graver."""

    kind: ClassVar[str] = "filings.supplemented"
    action: ClassVar[str] = "filings.view"
    urgent: ClassVar[bool] = True
    title: str
    number: int
    level_code: str
    level_rose: bool


@dataclass(frozen=True, kw_only=True)
class FilingInstructed(Event):
    """An instruction (批示) was given on a filing, or carried out."""

    kind: ClassVar[str] = "filings.instructed"
    action: ClassVar[str] = "filings.view"
    urgent: ClassVar[bool] = True
    title: str


@dataclass(frozen=True, kw_only=True)
class FilingClosed(Event):
    """A filing was closed or struck off."""

    kind: ClassVar[str] = "filings.closed"
    action: ClassVar[str] = "filings.view"
    title: str


@dataclass(frozen=True, kw_only=True)
class FilingChanged(Event):
    """Something beside the report itself changed: merged or split, a mark, a reduction proposed."""

    kind: ClassVar[str] = "filings.changed"
    action: ClassVar[str] = "filings.view"
    title: str


@dataclass(frozen=True)
class KindName:
    """A kind of event as offered in forms."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class FilingSummary:
    """One filing as other rooms see it. ``level_code``: I-IV or empty; ``reporting_code`` adds N (near miss) and U (unknown).

    ``direct_loss`` in CNY; coordinates in degrees (CGCS2000). Counts are ``None`` while not known.
    """

    id: UUID
    title: str
    kind: str
    state: str
    state_label: str
    place_code: str
    classification: int
    location: str
    longitude: float | None
    latitude: float | None
    enterprise_id: UUID | None
    enterprise_name: str
    alarm_id: UUID | None
    occurred_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    level_code: str
    forecast_code: str
    reporting_code: str
    level_label: str
    level_colour: str
    provisional: bool
    deaths: int | None
    serious_injured: int | None
    injured: int | None
    missing: int | None
    brief_course: str
    measures_taken: str
    latest_number: int
    exercise: bool
    address: str
    direct_loss: int | None
    # Type by GB 6441 as it is shown, empty where the event is no accident of work; established or provisional.
    type_label: str
    type_final: bool


@dataclass(frozen=True)
class ClockLine:
    """A legal deadline on a filing. ``late_minutes`` above 0: missed by so much (so far, when ``met_at`` is empty)."""

    filing_id: UUID
    filing_title: str
    rule_code: str
    label: str
    article: str
    status: str
    owed_by: str
    owed_to: str
    since: datetime
    until: datetime
    state: str
    met_at: datetime | None
    late_minutes: int
    exercise: bool
    address: str


@dataclass(frozen=True)
class FilingEntry:
    """One thing that happened to a filing: a version, a step, an instruction. ``met`` is ``None`` where no deadline applied."""

    at: datetime
    kind: str
    title: str
    text: str
    who: str
    due: datetime | None
    met: bool | None
    late_minutes: int
    filing_id: UUID
    address: str


def filing(filing_id: UUID | str, actor: Actor | None) -> FilingSummary:
    """One filing. Raises ``NotFound`` when there is none that ``actor`` may see."""
    from anlan.report.filings import queries, summaries

    return summaries.summary(queries.filing(filing_id, actor))


def filings(ids: set[UUID] | list[UUID] | tuple[UUID, ...], actor: Actor | None) -> tuple[FilingSummary, ...]:
    """The filings among ``ids`` that ``actor`` may see."""
    from anlan.report.filings import queries, summaries

    return tuple(summaries.summary(row) for row in queries.filings(actor).filter(pk__in=set(ids)))


def open_filings(actor: Actor, *, limit: int = 50) -> tuple[FilingSummary, ...]:
    """Filings not yet closed that ``actor`` may see, newest first."""
    from anlan.report.filings import queries, summaries

    return tuple(summaries.summary(row) for row in queries.open_filings(actor)[:limit])


def occurred(since: datetime, until: datetime, place_prefix: str, actor: Actor, *, limit: int = 50) -> tuple[FilingSummary, ...]:
    """Filings of events that occurred between two moments below a place prefix and that ``actor`` may see, newest first."""
    from anlan.report.filings import queries, summaries

    rows = queries.filings(actor).filter(occurred_at__range=(since, until), place_code__startswith=place_prefix)
    return tuple(summaries.summary(row) for row in rows.order_by("-occurred_at", "-pk")[:limit])


def for_alarm(alarm_id: UUID, actor: Actor | None) -> tuple[FilingSummary, ...]:
    """Filings made from an alarm."""
    from anlan.report.filings import queries, summaries

    return tuple(summaries.summary(row) for row in queries.filings(actor).filter(alarm_id=alarm_id))


def of_enterprise(enterprise_id: UUID, actor: Actor, *, limit: int = 20) -> tuple[FilingSummary, ...]:
    """Filings about an enterprise, newest first."""
    from anlan.report.filings import queries, summaries

    return tuple(summaries.summary(row) for row in queries.filings(actor).filter(enterprise_id=enterprise_id)[:limit])


def waits_for(filing_id: UUID, level: int) -> bool:
    """Whether something that has reached the bureau of a level waits for its signature. No check: for processes."""
    from anlan.report.filings import queries

    return queries.to_sign(queries.filing(filing_id, None), Level(level)).exists()


def owed(actor: Actor, now: datetime, *, limit: int = 50) -> tuple[ClockLine, ...]:
    """Reporting deadlines still owed (running or missed) that ``actor`` may see, nearest first."""
    from anlan.report.filings import summaries

    return summaries.owed(actor, now, limit=limit)


def entries(filing_id: UUID, actor: Actor | None, now: datetime) -> tuple[FilingEntry, ...]:
    """Everything that happened to a filing, for a timeline: versions, steps with clocks, instructions, duties missed."""
    from anlan.report.filings import summaries

    return summaries.entries(filing_id, actor, now)


def event_kinds(on: date) -> tuple[KindName, ...]:
    """Kinds of events in force on a day."""
    from anlan.report.filings import queries

    return tuple(KindName(row.code, row.name_zh, row.name_en) for row in queries.event_kinds(on))


def kind_name(code: str) -> str:
    """Name of an event kind in the reader's language; the code itself when unknown."""
    from anlan.report.filings import summaries

    return summaries.kind_name(code)


def level_name(code: str) -> str:
    """Name of an accident level in the reader's language; empty for none."""
    from anlan.report.filings import summaries

    return summaries.level_name(code)


def create_filing(values: Mapping[str, Any], *, actor: Actor, now: datetime) -> UUID:
    """Make a draft (see ``services.create_filing``); returns its id."""
    from anlan.report.filings import services

    return services.create_filing(values, actor=actor, now=now).pk


def submit(filing_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Send the first report (see ``services.submit``)."""
    from anlan.report.filings import queries, services

    services.submit(queries.filing(filing_id, actor), actor=actor, now=now)


def receive(filing_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Sign for a report (see ``services.receive``)."""
    from anlan.report.filings import queries, services

    services.receive(queries.filing(filing_id, actor), actor=actor, now=now)


def report_up(filing_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Send a report to the level above (see ``services.report_up``)."""
    from anlan.report.filings import queries, services

    services.report_up(queries.filing(filing_id, actor), actor=actor, now=now)


def supplement(filing_id: UUID, values: Mapping[str, Any], *, actor: Actor, now: datetime, reason: str = "", final: bool = False) -> None:
    """Send a supplement or the final report (see ``services.supplement``)."""
    from anlan.report.filings import queries, services

    found = queries.filing(filing_id, actor)
    services.supplement(found, values, actor=actor, now=now, reason=reason, final=final)


def close(filing_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Close a filing whose final report was sent (see ``services.close``)."""
    from anlan.report.filings import queries, services

    services.close(queries.filing(filing_id, actor), actor=actor, now=now)


class Accident(NamedTuple):
    """One event that was reported of an enterprise: ``weight`` 4 (Ⅰ, gravest) to 1 (Ⅳ, a near miss, not judged yet)."""

    enterprise_id: UUID
    occurred_at: datetime
    weight: int


def accidents(since: datetime, until: datetime, enterprise_ids: Collection[UUID] | None = None) -> list[Accident]:
    """Events of enterprises that happened between two moments and were sent in (``None``: of all). Exercises left out. No check: for processes."""
    from anlan.report.filings import queries

    return [Accident(*each) for each in queries.accidents(since, until, enterprise_ids)]


@dataclass(frozen=True)
class Alike:
    """A report that may be about the same event, with how much speaks for it (0 to 110) and why."""

    filing: FilingSummary
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Intake:
    """What became of a report that came in: the filing that goes on with it, and what it may be a duplicate of."""

    filing_id: UUID
    alike: tuple[Alike, ...]


def alike(values: Mapping[str, Any], actor: Actor, now: datetime, *, limit: int = 5) -> tuple[Alike, ...]:
    """Open reports that may be about the same event as what a form says so far (field names of a filing), the likeliest first."""
    from anlan.report.filings import merging, summaries

    found = merging.proposals(merging.told_in(values, actor, now), actor, limit=limit)
    return tuple(Alike(summaries.summary(each.filing), each.score, each.reasons) for each in found)


def intake(values: Mapping[str, Any], *, actor: Actor, now: datetime, into: UUID | None = None, reason: str = "") -> Intake:
    """A report comes in by telephone, page, sensor, tip or from below (see ``merging.intake``); ``into`` makes it part of another at once."""
    from anlan.report.filings import merging, queries, summaries

    target = queries.filing(into, actor) if into is not None else None
    made, found = merging.intake(values, actor=actor, now=now, into=target, reason=reason)
    return Intake(made.pk, tuple(Alike(summaries.summary(each.filing), each.score, each.reasons) for each in found))


def merge(filing_id: UUID, into: UUID, reason: str, *, actor: Actor, now: datetime) -> None:
    """Make a report part of another (see ``merging.merge``)."""
    from anlan.report.filings import merging, queries

    merging.merge(queries.filing(filing_id, actor), queries.filing(into, actor), reason, actor=actor, now=now)


def casualties_learned(filing_id: UUID, learned_at: datetime, *, actor: Actor, now: datetime) -> None:
    """Casualties changed, how is not counted yet: the change is owed upward the same day (see ``services.learn_casualties``)."""
    from anlan.report.filings import queries, services

    services.learn_casualties(queries.filing(filing_id, actor), learned_at, actor=actor, now=now)


def count_casualties(filing_id: UUID, counted: Mapping[str, int], learned_at: datetime, *, actor: Actor, now: datetime) -> None:
    """A ledger of people counts so many ``deaths``, ``serious_injured``, ``injured``, ``missing``: what differs from the report is owed upward the
    same day and shown on its page (see ``services.count_casualties``)."""
    from anlan.report.filings import queries, services

    services.count_casualties(queries.filing(filing_id, actor), counted, learned_at, actor=actor, now=now)


@dataclass(frozen=True)
class RescueCost:
    """What the response to a reported event cost so far, CNY: paid by the unit, and by government or others."""

    enterprise: int
    others: int


def join_rescue_cost(teller: Callable[[UUID], RescueCost]) -> None:
    """A room that keeps the cost of responses tells it for a report: offered beside the ledger of losses, where a person takes it over."""
    from anlan.report.filings import losses

    losses.join_rescue(teller)


def by_type(rows: Iterable[FilingSummary]) -> dict[str, int]:
    """How many accidents of each type are among ``rows``, by the type as it is shown, the most frequent first; without a type they are counted too."""
    return dict(Counter(row.type_label for row in rows if row.type_label).most_common())


@dataclass(frozen=True)
class InstructionLine:
    """An instruction (批示): ``due`` empty without a day; ``done_at`` answered, ``confirmed_at`` accepted by who gave it."""

    id: UUID
    filing_id: UUID
    filing_title: str
    text: str
    given_by: str
    given_level: int
    to_level: int | None
    at: datetime
    due: datetime | None
    done_at: datetime | None
    outcome: str
    confirmed_at: datetime | None
    address: str


def instructions(filing_id: UUID, actor: Actor | None) -> tuple[InstructionLine, ...]:
    """Instructions on a filing, oldest first."""
    from anlan.report.filings import queries, summaries

    return tuple(summaries.instruction_line(row) for row in queries.filing(filing_id, actor).instructions.select_related("filing"))


def open_instructions(actor: Actor, *, limit: int = 50) -> tuple[InstructionLine, ...]:
    """Instructions not answered on filings that ``actor`` may see, nearest day first."""
    from anlan.report.filings import queries, summaries

    return tuple(summaries.instruction_line(row) for row in queries.open_instructions(actor)[:limit])
