"""The way of a report as a picture: who told whom, by which article, until when, when it went and was received, what is owed and what lies ahead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from anlan.kernel.levels import Level
from anlan.kernel.words import N_
from anlan.ledger.sources import law_day
from anlan.report.filings import chain, door, judging, queries, rules, summaries
from anlan.report.filings.models import Filing, FilingStep

DONE, LATE, SENT, UNDER_WAY, OWED, MISSED, AHEAD = "done", "late", "sent", "under_way", "owed", "missed", "ahead"
STATES: dict[str, str] = {
    DONE: N_("已送达"),
    LATE: N_("超时送达"),
    SENT: N_("已发出，未签收"),
    UNDER_WAY: N_("已发出，尚未送达"),
    OWED: N_("待办"),
    MISSED: N_("超时未办"),
    AHEAD: N_("尚未轮到"),
}


@dataclass(frozen=True)
class Leg:
    """One leg. ``due`` is empty where no figure applies; ``sent_at`` where it did not go yet; ``unknown``: what was not known in a telephone flash;
    ``delivered_at``: when it was there, where it had to travel or to wait for a link."""

    state: str
    kind: str
    sender: str
    receiver: str
    article: str = ""
    unverified: bool = False
    due: datetime | None = None
    sent_at: datetime | None = None
    sent_by: str = ""
    received_at: datetime | None = None
    received_by: str = ""
    late_minutes: int = 0
    note: str = ""
    number: str = ""
    read_back_by: str = ""
    unknown: tuple[str, ...] = ()
    delivered_at: datetime | None = None

    @property
    def label(self) -> str:
        """The state in words, beside the colour."""
        return _(STATES[self.state])


def legs(filing: Filing, now: datetime) -> tuple[Leg, ...]:
    """What went, in order; then what is owed, nearest first; then the levels that the report has still to reach."""
    steps = list(filing.steps.all())
    went = [_gone(step) for step in steps]
    told_there = under_way(filing)
    shown = ("written", "phone", "parallel")
    rows = queries.step_labels()
    owed = [
        Leg(
            MISSED if line.late_minutes else OWED,
            str(_(rules.STEP_KINDS[rows[line.rule_code].kind])),
            line.owed_by,
            line.owed_to or "—",
            line.article,
            line.status == "unverified",
            line.until,
            late_minutes=line.late_minutes,
        )
        for line in summaries.clocks_of(filing, now)
        if line.met_at is None and line.rule_code in rows and rows[line.rule_code].kind in shown and line.rule_code not in told_there
    ]
    return (*went, *owed, *_ahead(filing, {leg.sender for leg in owed}))


def still_owed(filing: Filing, lines: Iterable[door.ClockLine]) -> list[tuple[door.ClockLine, bool]]:
    """Deadlines that are not met, each with whether what it asks for is under way."""
    told_there = under_way(filing)
    return [(line, line.rule_code in told_there) for line in lines if line.met_at is None]


def under_way(filing: Filing) -> set[str]:
    """Codes of duties that were sent and have not arrived: they are owed until then."""
    return set(filing.steps.filter(delivered_at__isnull=True).exclude(rule_code="").values_list("rule_code", flat=True))


def _gone(step: FilingStep) -> Leg:
    row = queries.step_labels().get(step.rule_code)
    state = LATE if step.missed else DONE if step.received_at is not None else SENT if step.delivered_at is not None else UNDER_WAY
    return Leg(
        state,
        step.label,
        step.sender_name,
        step.receiver_name,
        f"{row.source}{row.article}" if row is not None else "",
        row is not None and row.status == "unverified",
        step.due,
        step.sent_at,
        step.sent_by,
        step.received_at,
        step.received_by,
        step.late_minutes,
        step.note,
        step.number_called,
        step.read_back_by,
        tuple(summaries.flash_unknown(step)),
        step.delivered_at if step.delivered_at is not None and step.delivered_at - step.sent_at >= rules.NOTICED else None,
    )


def _ahead(filing: Filing, owing: set[str]) -> list[Leg]:
    """Written legs above the bureau that holds the report, up to the level that must hear of it (Decree 493 art. 10)."""
    if filing.state in rules.OVER:
        return []
    top = judging.top(rules.report_up_to(filing.reporting_code, queries.accident_levels(law_day(filing.occurred_at))), filing.place_code)
    level, found = Level.COUNTY if filing.holder_level is None else Level(filing.holder_level), []
    while level > top and (above := chain.level_above(level, filing.place_code)) is not None:
        row, sender = chain.written_duty(filing, level), chain.Bureau(level, filing.place_code).name
        if row is not None and sender not in owing:
            article = f"{row.source}{row.article}"
            found.append(Leg(AHEAD, str(_(rules.STEP_KINDS["written"])), sender, chain.Bureau(above, filing.place_code).name, article))
        level = above
    return found
