"""The bureaus a report passes on its way up from a place, and the deadlines each of them owes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from anlan.ground.organisations import door as organisations
from anlan.ground.places import door as places
from anlan.kernel.levels import Level, code_of
from anlan.ledger import clocks
from anlan.ledger.models import Clock, ClockState
from anlan.ledger.sources import law_day
from anlan.report.filings import queries, rules
from anlan.report.filings.models import Filing

_DIGITS = {Level.NATION: 0, Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6}


class Bureau:
    """The emergency management bureau of one level above a place; ``organisation_id`` is ``None`` when it is not on this node."""

    def __init__(self, level: Level, place_code: str) -> None:
        self.level = level
        self.place_code = code_of(place_code[: _DIGITS[level]])
        found = organisations.find("emergency_bureau", self.place_code)
        self.organisation_id: UUID | None = found[0].id if found else None
        self.name: str = found[0].name if found else _("{place}应急管理部门").format(place=places.place_name(self.place_code))
        self.duty_phone: str = found[0].duty_phone if found else ""


def level_above(level: Level, place_code: str) -> Level | None:
    """The next level up that exists for the place: a district of a municipality (北京) has no city between it and the province."""
    for candidate in (Level(value) for value in range(level - 1, -1, -1)):
        if candidate is Level.NATION or places.exists(code_of(place_code[: _DIGITS[candidate]])):
            return candidate
    return None


def written_duty(filing: Filing, level: Level) -> rules.ReportingStep | None:
    """The step-by-step duty of the bureau at ``level`` for the filing as it is judged now, if it owes one."""
    day = law_day(filing.occurred_at)
    found = rules.duties(
        queries.reporting_steps(day),
        level_code=filing.reporting_code,
        sender=level.name,
        place_code=filing.place_code,
        kinds=("written",),
    )
    return found[0] if found else None


def owe(filing: Filing, sender: str, *, kinds: tuple[str, ...], since: datetime, owed_by: str, by_id: UUID | None) -> None:
    """Start the clocks of what ``sender`` owes, except those that already run or were done."""
    day = law_day(filing.occurred_at)
    known = set(clocks.for_subject(filing).exclude(state=ClockState.CANCELLED).values_list("rule_code", flat=True))
    for row in rules.duties(
        queries.reporting_steps(day),
        level_code=filing.reporting_code,
        sender=sender,
        place_code=filing.place_code,
        kinds=kinds,
    ):
        if row.code in known and row.kind != "supplement":
            continue
        clocks.start(
            filing,
            clocks.ClockRule(row.code, row.label_zh, f"{row.source}{row.article}", row.status),
            since=since,
            until=rules.due(row, since),
            owed_by=owed_by,
            owed_to=_receiver_name(filing, row),
            owed_by_organisation_id=by_id,
        )


def _receiver_name(filing: Filing, row: rules.ReportingStep) -> str:
    if row.receiver not in Level.__members__:
        return ""
    level = Level[row.receiver]
    if level is Level.CITY and not places.exists(code_of(filing.place_code[:4])):
        level = Level.PROVINCE
    return Bureau(level, filing.place_code).name


def owe_as_bureau(filing: Filing, level: Level, since: datetime) -> None:
    """Start what a bureau owes from the moment it received the report: the next written step and telephone flashes."""
    bureau = Bureau(level, filing.place_code)
    owe(
        filing,
        level.name,
        kinds=("written", "phone"),
        since=since,
        owed_by=bureau.name,
        by_id=bureau.organisation_id,
    )


def renew_supplement_clock(filing: Filing, *, now: datetime, by: str, again: bool) -> None:
    """A version was sent: the duty to supplement is met and, unless it was the final one, owed anew from now."""
    day = law_day(filing.occurred_at)
    for row in queries.reporting_steps(day):
        if row.kind == "supplement":
            clocks.stop(filing, row.code, now=now, by=by)
    if not again:
        return
    first = filing.steps.filter(kind="written").order_by("sequence").first()
    name = first.receiver_name if first else by
    owe(
        filing,
        "HOLDER",
        kinds=("supplement",),
        since=now,
        owed_by=name,
        by_id=first.receiver_organisation_id if first else None,
    )


def settle(filing: Filing, rule_code: str, *, now: datetime, by: str) -> Clock | None:
    """Stop the clock of a duty that was just done; returns it (``None`` when none ran)."""
    stopped = clocks.stop(filing, rule_code, now=now, by=by)
    return stopped[0] if stopped else None


def late_seconds(clock: Clock | None, now: datetime) -> int:
    """By how many seconds a duty was late."""
    return 0 if clock is None else max(0, int((now - clock.until).total_seconds()))


def cancel_all(filing: Filing) -> None:
    """The case is over: nothing more is owed. What was missed stays missed."""
    for code in clocks.for_subject(filing).filter(state=ClockState.RUNNING).values_list("rule_code", flat=True):
        clocks.cancel(filing, code)
