"""Where factors come from: the rooms below are read here, rooms beside and above register what they contribute.

A reader answers for many subjects at once and for any moment, so that the same one grades the present and replays the past. What a room keeps no history
of (levels of hazard sources, files of enterprises) is read as it is now, in a replay too; the back-test says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from anlan.ground.enterprises import door as enterprises
from anlan.prevent.dangers import door as dangers
from anlan.prevent.permits import door as permits
from anlan.prevent.standing import door as standing
from anlan.sense.alarms import door as alarms
from anlan.sense.completeness import door as completeness
from anlan.warn.riskpicture import rules
from anlan.warn.riskpicture.refusals import FactorSilent
from anlan.warn.riskpicture.rules import Observed, Subjects

CHINA = ZoneInfo("Asia/Shanghai")
RECENT = timedelta(days=7)
"""How long an alarm that is over may still count, before its weight has decayed to nothing."""


Reader = Callable[[Subjects, datetime], Iterable[Observed]]
"""``reader(subjects, at)``: what it found of them at a moment, ``Observed.subject`` being the row. Raises ``FactorSilent`` where it cannot tell."""


@dataclass(frozen=True)
class Source:
    """One reader with the factors it tells of. ``past``: whether it can tell of the past too."""

    codes: tuple[str, ...]
    reader: Reader
    kinds: tuple[str, ...]
    past: bool = True


_contributed: dict[str, Source] = {}


def register(code: str, reader: Reader, codes: tuple[str, ...], kinds: tuple[str, ...], *, past: bool) -> None:
    """See :func:`anlan.warn.riskpicture.door.register_factor`."""
    _contributed[code] = Source(codes or (code,), reader, kinds, past)


def sources() -> tuple[Source, ...]:
    """Every reader, those of the rooms below first."""
    return (*_OWN, *_contributed.values())


def read(subjects: Subjects, at: datetime, *, past: bool = False) -> tuple[list[Observed], tuple[str, ...]]:
    """What all readers found, and the factors whose reader did not answer."""
    found: list[Observed] = []
    silent: list[str] = []
    for source in sources():
        if subjects.kind not in source.kinds or (past and not source.past):
            continue
        try:
            found += source.reader(subjects, at)
        except FactorSilent:
            silent += source.codes
    return found, tuple(silent)


def _inherent(subjects: Subjects, at: datetime) -> Iterator[Observed]:
    """The yearly grading where there is one, else the level of the major hazard source."""
    graded: set[int] = set()
    if subjects.kind == rules.ENTERPRISE:
        for held in standing.held_at(at, subjects.owners):
            row = subjects.rows[held.enterprise_id]
            graded.add(row)
            yield Observed("standing", row, max(0.0, 100.0 - float(held.score)))
            # Red below its bound is told by the points already; red above it is a veto of the guide.
            if held.colour == "red":
                yield Observed("standing_red", row, 1.0)
    for row, level in enumerate(subjects.major_levels):
        if level is not None and row not in graded:
            yield Observed(f"major_{level}", row, 1.0)


def _alarms(subjects: Subjects, at: datetime) -> Iterator[Observed]:
    by_source = subjects.kind == rules.SOURCE
    for mark in alarms.marks_at(at, subjects.owners, recent=RECENT):
        row = subjects.rows.get(mark.risk_source_id if by_source and mark.risk_source_id else mark.enterprise_id)
        if row is None:
            continue
        grave, since = mark.level <= rules.ORANGE, mark.since.timestamp()
        if not mark.active:
            if grave:
                yield Observed("alarm_recent", row, 1.0, since)
        elif grave:
            yield Observed(f"alarm_{mark.level}_{'active' if mark.acknowledged else 'waiting'}", row, 1.0, since)
        else:
            yield Observed("alarm_low", row, 1.0, since)


def _dangers(subjects: Subjects, at: datetime) -> Iterator[Observed]:
    for each in dangers.counts_at(at, subjects.owners):
        row = subjects.rows[each.enterprise_id]
        told = (
            ("danger_major_overdue", each.major_overdue),
            ("danger_major", each.major),
            ("danger_overdue", each.other_overdue),
            ("danger_open", each.other),
        )
        yield from _units(row, told)


def _works(subjects: Subjects, at: datetime) -> Iterator[Observed]:
    for each in permits.works_at(at, subjects.owners):
        row = subjects.rows[each.enterprise_id]
        yield from _units(row, (("permit_overrun", each.overrun), ("permit_top", each.top), ("permit_other", each.other)))


def _conflicts(subjects: Subjects, at: datetime) -> Iterator[Observed]:
    for enterprise, number in permits.conflicts_at(at, subjects.owners).items():
        yield from _units(subjects.rows[enterprise], (("permit_conflict", number),))


def _commitments(subjects: Subjects, at: datetime) -> Iterator[Observed]:
    for each in permits.commitments_at(at, subjects.owners):
        told = (("commitment_missing", each.missing), ("commitment_contradicted", each.contradicted))
        yield from _units(subjects.rows[each.enterprise_id], told)


def _certificates(subjects: Subjects, at: datetime) -> Iterator[Observed]:
    for each in enterprises.expired_at(at.astimezone(CHINA).date(), subjects.owners):
        yield from _units(subjects.rows[each.enterprise_id], (("certificate_unit", each.unit), ("certificate_person", each.person)))


def _silence(subjects: Subjects, at: datetime) -> Iterator[Observed]:
    for enterprise, share in completeness.silent_shares(at, subjects.owners).items():
        yield Observed("silent_points", subjects.rows[enterprise], share)


def _units(row: int, told: Iterable[tuple[str, int]]) -> Iterator[Observed]:
    """Each unit by itself, so that "handle two of five" can be told."""
    for code, number in told:
        for _ in range(min(number, MOST)):
            yield Observed(code, row, 1.0)
        if number > MOST:
            yield Observed(code, row, float(number - MOST))


MOST = 100
"""Units of one factor that are told one by one; the rest in one."""

_BOTH, _ENTERPRISE = (rules.ENTERPRISE, rules.SOURCE), (rules.ENTERPRISE,)
_OWN: tuple[Source, ...] = (
    Source(("standing", "standing_red", "major_1", "major_2", "major_3", "major_4"), _inherent, _BOTH),
    Source(("alarm_1_waiting", "alarm_2_waiting", "alarm_1_active", "alarm_2_active", "alarm_low", "alarm_recent"), _alarms, _BOTH),
    Source(("danger_major_overdue", "danger_major", "danger_overdue", "danger_open"), _dangers, _ENTERPRISE),
    Source(("permit_overrun", "permit_top", "permit_other"), _works, _ENTERPRISE),
    Source(("permit_conflict",), _conflicts, _ENTERPRISE),
    Source(("commitment_missing", "commitment_contradicted"), _commitments, _ENTERPRISE),
    Source(("certificate_unit", "certificate_person"), _certificates, _ENTERPRISE),
    Source(("silent_points",), _silence, _ENTERPRISE),
)
