"""The bureaus a report passes on its way up from a place, and the deadlines each of them owes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel.levels import Level, code_at, code_of
from anlan.ledger import clocks
from anlan.ledger.models import Clock, ClockState
from anlan.ledger.sources import law_day
from anlan.report.filings import queries, rules
from anlan.report.filings.models import Filing, FilingNotice


class Bureau:
    """The emergency management bureau of one level above a place; ``organisation_id`` is ``None`` when it is not on this node."""

    def __init__(self, level: Level, place_code: str) -> None:
        self.level = level
        self.place_code = code_at(level, place_code)
        found = organisations.find("emergency_bureau", self.place_code)
        self.organisation_id: UUID | None = found[0].id if found else None
        self.name: str = found[0].name if found else _("{place}应急管理部门").format(place=places.place_name(self.place_code))
        self.duty_phone: str = found[0].duty_phone if found else ""


def level_above(level: Level, place_code: str) -> Level | None:
    """The next level up that exists for the place: a district of a municipality (北京) has no city between it and the province."""
    for candidate in (Level(value) for value in range(level - 1, -1, -1)):
        if exists(candidate, place_code):
            return candidate
    return None


def exists(level: Level, place_code: str) -> bool:
    """Whether a bureau of the level stands above the place."""
    return level is Level.NATION or places.exists(code_at(level, place_code))


def duties_of(filing: Filing, sender: str, kinds: tuple[str, ...]) -> tuple[rules.ReportingStep, ...]:
    """What ``sender`` owes about the filing as it is judged now, by the rules of the day of its event."""
    day = law_day(filing.occurred_at)
    return rules.duties(
        queries.reporting_steps(day),
        level_code=filing.reporting_code,
        sender=sender,
        place_code=filing.place_code,
        kinds=kinds,
        event=queries.event_kind(filing.kind, day),
        impact=filing.impact,
        source=filing.source,
    )


def written_duty(filing: Filing, level: Level) -> rules.ReportingStep | None:
    """The step-by-step duty of the bureau at ``level`` for the filing as it is judged now, if it owes one."""
    found = duties_of(filing, level.name, ("written",))
    return found[0] if found else None


def owe(
    filing: Filing, sender: str, *, kinds: tuple[str, ...], since: datetime, owed_by: str, by_id: UUID | None, level: Level | None = None
) -> None:
    """Start what ``sender`` owes, except what already runs or was done: a clock where the law gives a figure, and a notice where it goes
    outside the chain of bureaus or has no figure ("at once")."""
    known = set(clocks.for_subject(filing).exclude(state=ClockState.CANCELLED).values_list("rule_code", flat=True))
    for row in duties_of(filing, sender, kinds):
        until, outside = rules.due(row, since), row.receiver not in (*Level.__members__, "CHAIN")
        if row.within == rules.ALLOWED:
            continue
        if until is None or outside:
            _notice(filing, row, since=since, until=until, owed_by=owed_by, level=level)
        if until is None or (row.code in known and row.kind not in REPEATED):
            continue
        started = clocks.start(
            filing,
            clocks.ClockRule(row.code, row.label_zh, f"{row.source}{row.article}", row.status),
            since=since,
            until=until,
            owed_by=owed_by,
            owed_to=_receiver_name(filing, row),
            owed_by_organisation_id=by_id,
        )
        if started.state == ClockState.CANCELLED:
            # Owed again from the same moment: a draft that was changed back, a report split off again.
            Clock.objects.filter(pk=started.pk).update(state=ClockState.RUNNING, until=until, owed_by=owed_by)


REPEATED = ("supplement", "casualty")
"""Duties that arise anew each time."""


def _notice(
    filing: Filing, row: rules.ReportingStep, *, since: datetime, until: datetime | None, owed_by: str, level: Level | None
) -> None:
    FilingNotice.objects.get_or_create(
        filing=filing,
        rule_code=row.code,
        sender_level=level,
        defaults={"sender_name": owed_by, "receiver_name": _receiver_name(filing, row, level), "since": since, "due": until},
    )


def _receiver_name(filing: Filing, row: rules.ReportingStep, sender: Level | None = None) -> str:
    if row.receiver in rules.ELSEWHERE:
        where = places.place_name(code_at(sender if sender is not None else Level.COUNTY, filing.place_code))
        return _(rules.ELSEWHERE[row.receiver]).format(place=where)
    if row.receiver not in Level.__members__:
        return ""
    level = Level[row.receiver]
    if level is Level.CITY and not places.exists(code_of(filing.place_code[:4])):
        level = Level.PROVINCE
    return Bureau(level, filing.place_code).name


def owe_as_bureau(filing: Filing, level: Level, since: datetime) -> None:
    """Start what a bureau owes from the moment it received the report: the next written step, telephone flashes, whom to tell, who goes there."""
    bureau = Bureau(level, filing.place_code)
    own = {"since": since, "owed_by": bureau.name, "by_id": bureau.organisation_id, "level": level}
    owe(filing, level.name, kinds=("written", "phone", "copy", "attend"), **own)
    owe(filing, "BUREAU", kinds=("copy",), **own)


def owe_as_told(filing: Filing, level: Level, since: datetime) -> None:
    """Start what a bureau owes that heard of it beside the chain, directly or by telephone: its own flash and whom else to tell."""
    bureau = Bureau(level, filing.place_code)
    own = {"since": since, "owed_by": bureau.name, "by_id": bureau.organisation_id, "level": level}
    owe(filing, level.name, kinds=("phone", "copy", "attend"), **own)
    owe(filing, "BUREAU", kinds=("copy",), **own)


def written_owed(filing: Filing, level: Level) -> rules.ReportingStep | None:
    """The written duty of a bureau whose clock still runs although the event is judged lighter now."""
    running = set(
        clocks.for_subject(filing).filter(met_at__isnull=True).exclude(state=ClockState.CANCELLED).values_list("rule_code", flat=True)
    )
    rows = queries.reporting_steps(law_day(filing.occurred_at))
    return next((row for row in rows if row.kind == "written" and row.sender == level.name and row.code in running), None)


def renew_supplement_clock(filing: Filing, *, now: datetime, by: str, again: bool) -> None:
    """A version was sent: the duty to supplement is met and, unless it was the final one, owed anew from now."""
    for row in queries.reporting_steps(law_day(filing.occurred_at)):
        if row.kind == "supplement":
            clocks.stop(filing, row.code, now=now, by=by)
    if again:
        owe_as_holder(filing, "supplement", since=now, by=by)


def owe_as_holder(filing: Filing, kind: str, *, since: datetime, by: str = "") -> None:
    """Start a duty of whoever first received the report and keeps the chain above informed: supplements, changes in casualties."""
    first = filing.steps.filter(kind="written").order_by("sequence").first()
    organisation = first.receiver_organisation_id if first else None
    owe(filing, "HOLDER", kinds=(kind,), since=since, owed_by=first.receiver_name if first else by, by_id=organisation)


def settle(filing: Filing, rule_code: str, *, now: datetime, by: str) -> Clock | None:
    """Stop the clock of a duty that was just done; returns it (``None`` when none ran)."""
    stopped = clocks.stop(filing, rule_code, now=now, by=by)
    return stopped[0] if stopped else None


def running(filing: Filing, rule_code: str) -> Clock | None:
    """The clock of a duty that is not done yet."""
    rows = clocks.for_subject(filing).filter(rule_code=rule_code, met_at__isnull=True).exclude(state=ClockState.CANCELLED)
    return rows.order_by("until").first()


def late_seconds(clock: Clock | None, now: datetime) -> int:
    """By how many seconds a duty was late."""
    return 0 if clock is None else max(0, int((now - clock.until).total_seconds()))


def cancel_all(filing: Filing) -> None:
    """The case is over: nothing more is owed. What was missed stays missed."""
    for code in clocks.for_subject(filing).filter(state=ClockState.RUNNING).values_list("rule_code", flat=True):
        clocks.cancel(filing, code)
