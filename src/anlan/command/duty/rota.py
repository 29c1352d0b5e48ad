"""Who is on duty when: turns of a pattern filled from queues of people, and what is wrong with a set of shifts. Pure; times are aware.

A day of duty begins with its first turn and ends where the next day's begins, so that the kind of the day decides for the night after it too.
Each kind of day has queues of its own, as bureaus keep them (工作日、休息日、节假日分别轮值): nobody gets all holidays by the accident of the calendar.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from anlan.command.duty import rules
from anlan.kernel import workdays
from anlan.ledger.sources import CHINA, DatedRule


@dataclass(frozen=True, kw_only=True)
class Turn(DatedRule):
    """One turn of a pattern: it begins ``starts`` (``HH:MM``) on a day of ``day_kind``, lasts ``minutes``, and needs people of each kind."""

    pattern: str
    day_kind: str
    code: str
    label_zh: str
    label_en: str
    starts: str
    minutes: int
    leader: int
    officer: int
    deputy: int

    @property
    def needs(self) -> tuple[tuple[str, int], ...]:
        """Kinds of shift with how many of each."""
        return tuple((kind, count) for kind in ("leader", "officer", "deputy") if (count := getattr(self, kind)))

    def span(self, day: date) -> tuple[datetime, datetime]:
        """From when to when this turn of ``day`` lasts."""
        start = datetime.combine(day, time.fromisoformat(self.starts), CHINA)
        return start, start + timedelta(minutes=self.minutes)


def turns() -> tuple[Turn, ...]:
    """Every turn of every pattern. Raises ``ValueError`` for a wrong table."""
    return rules.TABLES.rows("turns", Turn)


@dataclass(frozen=True)
class Away:
    """Somebody cannot come, from ``starts`` until before ``ends``."""

    who: Hashable
    starts: datetime
    ends: datetime
    why: str = ""


@dataclass(frozen=True)
class Shift:
    """One person's duty, or nobody's (``who`` is ``None``): a gap that the plan could not fill. ``passed`` are those who were skipped, and why.

    ``standing``: it was settled before (past, exchanged or arranged by hand), and the plan went around it.
    """

    kind: str
    starts: datetime
    ends: datetime
    who: Hashable | None
    turn: str = ""
    passed: tuple[tuple[Hashable, str], ...] = ()
    standing: bool = False


AWAY, ON_ANOTHER, TOO_TIRED = "away", "on_another", "too_tired"


def plan(
    days: Iterable[date],
    pattern: Sequence[Turn],
    queues: Mapping[tuple[str, str], Sequence[Hashable]],
    *,
    away: Iterable[Away] = (),
    rest: timedelta = timedelta(),
    standing: Iterable[Shift] = (),
) -> list[Shift]:
    """Fill the turns of ``days`` (in order) from ``queues`` by kind of shift and kind of day.

    The first of the queue who can come takes the turn and goes to its end; who was away, or has not had ``rest`` since his last duty, keeps his
    place and is next. A turn for which nobody is left stays a gap. ``rest`` counts between two shifts of one person, whichever queue gave them.
    ``standing`` shifts stay as they are: they fill their turn, their people go to the end of the queue as if it had called them.
    """
    waiting = {key: list(people) for key, people in queues.items()}
    settled, calls = _Settled(standing), _Calls(away, rest)
    calls.know(settled.shifts)
    shifts: list[Shift] = []
    for day in days:
        kind_of_day = workdays.day_of(day).kind
        for turn in pattern:
            if turn.day_kind != kind_of_day:
                continue
            for kind, count in turn.needs:
                queue = waiting.get((kind, kind_of_day), [])
                for _place in range(count):
                    span = turn.span(day)
                    shifts.append(settled.take(kind, span, queue, turn.code) or calls.take(kind, span, queue, turn.code))
    return shifts


class _Settled:
    """Shifts that stand already, by the turn they fill."""

    def __init__(self, shifts: Iterable[Shift]) -> None:
        self.shifts = [each for each in shifts if each.who is not None]
        self._left: dict[tuple[str, datetime, datetime], list[Hashable]] = {}
        for each in self.shifts:
            self._left.setdefault((each.kind, each.starts, each.ends), []).append(each.who)

    def take(self, kind: str, span: tuple[datetime, datetime], queue: list[Hashable], turn: str) -> Shift | None:
        """Who stands in this turn already; he goes to the end of the queue."""
        people = self._left.get((kind, *span))
        if not people:
            return None
        who = people.pop(0)
        if who in queue:
            queue.remove(who)
            queue.append(who)
        return Shift(kind, *span, who, turn, standing=True)


class _Calls:
    """Calling people from queues: who may come, by his absences and by the duties he has."""

    def __init__(self, away: Iterable[Away], rest: timedelta) -> None:
        self._rest = rest
        self._absent: dict[Hashable, list[Away]] = {}
        self._duties: dict[Hashable, list[tuple[datetime, datetime]]] = {}
        self._last: dict[Hashable, tuple[datetime, datetime]] = {}
        for each in away:
            self._absent.setdefault(each.who, []).append(each)

    def know(self, shifts: Iterable[Shift]) -> None:
        """Duties that stand already; they hinder before and after."""
        for each in shifts:
            self._duties.setdefault(each.who, []).append((each.starts, each.ends))

    def take(self, kind: str, span: tuple[datetime, datetime], queue: list[Hashable], turn: str) -> Shift:
        """The first of the queue who can come; nobody where none can."""
        passed = []
        for number, who in enumerate(queue):
            why = self._hindered(who, *span)
            if not why:
                queue.append(queue.pop(number))
                self._last[who] = span
                return Shift(kind, *span, who, turn, tuple(passed))
            passed.append((who, why))
        return Shift(kind, *span, None, turn, tuple(passed))

    def _hindered(self, who: Hashable, starts: datetime, ends: datetime) -> str:
        if any(each.starts < ends and starts < each.ends for each in self._absent.get(who, ())):
            return AWAY
        duties = [*self._duties.get(who, ()), *([self._last[who]] if who in self._last else [])]
        if any(since < ends and starts < until for since, until in duties):
            return ON_ANOTHER
        tired = any(since < ends + self._rest and starts < until + self._rest for since, until in duties)
        return TOO_TIRED if tired else ""


@dataclass(frozen=True)
class Count:
    """What falls to one person: shifts, hours, nights (shifts that hold a midnight and go on), shifts begun on days of rest and on holidays."""

    who: Hashable
    shifts: int = 0
    hours: float = 0.0
    nights: int = 0
    rest_days: int = 0
    holidays: int = 0


def counts(shifts: Iterable[Shift]) -> list[Count]:
    """How duty is shared out, who has most first; gaps are nobody's."""
    found: dict[Hashable, Count] = {}
    for shift in shifts:
        if shift.who is None:
            continue
        so_far = found.get(shift.who, Count(shift.who))
        kind_of_day = workdays.day_of(shift.starts.astimezone(CHINA).date()).kind
        found[shift.who] = replace(
            so_far,
            shifts=so_far.shifts + 1,
            hours=so_far.hours + (shift.ends - shift.starts) / timedelta(hours=1),
            nights=so_far.nights + _is_night(shift),
            rest_days=so_far.rest_days + (kind_of_day == workdays.REST_DAY),
            holidays=so_far.holidays + (kind_of_day == workdays.HOLIDAY),
        )
    return sorted(found.values(), key=lambda each: (-each.hours, str(each.who)))


def _is_night(shift: Shift) -> bool:
    starts, ends = shift.starts.astimezone(CHINA), shift.ends.astimezone(CHINA)
    midnight = datetime.combine(starts.date() + timedelta(days=1), time(), CHINA)
    return starts < midnight < ends


# --- what is wrong with a set of shifts ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """From ``starts`` until before ``ends``, ``count`` people of ``kind`` must be on duty."""

    kind: str
    starts: datetime
    ends: datetime
    count: int = 1


@dataclass(frozen=True)
class Gap:
    """A stretch with fewer people of ``kind`` than needed."""

    kind: str
    starts: datetime
    ends: datetime
    missing: int


@dataclass(frozen=True)
class Overlap:
    """Somebody who is on two shifts at once."""

    who: Hashable
    starts: datetime
    ends: datetime


def needs(days: Iterable[date], pattern: Sequence[Turn]) -> list[Need]:
    """What a pattern asks for on ``days``."""
    found = []
    for day in days:
        kind_of_day = workdays.day_of(day).kind
        found += [Need(kind, *turn.span(day), count) for turn in pattern if turn.day_kind == kind_of_day for kind, count in turn.needs]
    return found


def gaps(shifts: Iterable[Shift], wanted: Iterable[Need]) -> list[Gap]:
    """Stretches in which fewer people are on duty than wanted, longest possible, in order of time; a person counts once at any moment."""
    edges: dict[str, dict[datetime, list[tuple[Hashable | None, int]]]] = {}
    for need in wanted:
        _edge(edges, need.kind, need.starts, need.ends, None, need.count)
    for shift in shifts:
        if shift.who is not None and shift.kind in edges:
            _edge(edges, shift.kind, shift.starts, shift.ends, shift.who, 1)
    found = [gap for kind, changes in edges.items() for gap in _lacking(kind, changes)]
    return sorted(found, key=lambda gap: (gap.starts, gap.kind))


def _edge(
    edges: dict[str, dict[datetime, list[tuple[Hashable | None, int]]]],
    kind: str,
    starts: datetime,
    ends: datetime,
    who: Hashable | None,
    count: int,
) -> None:
    """Note that somebody comes and goes, or (``who`` is ``None``) that people are needed and no longer needed."""
    changes = edges.setdefault(kind, {})
    changes.setdefault(starts, []).append((who, count))
    changes.setdefault(ends, []).append((who, -count))


def _lacking(kind: str, changes: Mapping[datetime, Sequence[tuple[Hashable | None, int]]]) -> Iterator[Gap]:
    """Gaps of one kind, walked from edge to edge."""
    needed, there = 0, Counter[Hashable]()
    since, missing = datetime.min.replace(tzinfo=UTC), 0
    for moment in sorted(changes):
        for who, step in changes[moment]:
            if who is None:
                needed += step
            else:
                there[who] += step
        now_missing = max(0, needed - sum(count > 0 for count in there.values()))
        if now_missing != missing:
            if missing:
                yield Gap(kind, since, moment, missing)
            since, missing = moment, now_missing


def overlaps(shifts: Iterable[Shift]) -> list[Overlap]:
    """Stretches in which one person is on two shifts, in order of time."""
    of_whom: dict[Hashable, list[Shift]] = {}
    for shift in shifts:
        if shift.who is not None:
            of_whom.setdefault(shift.who, []).append(shift)
    found = []
    for who, theirs in of_whom.items():
        until = datetime.min.replace(tzinfo=UTC)
        for shift in sorted(theirs, key=lambda each: each.starts):
            if shift.starts < until:
                found.append(Overlap(who, shift.starts, min(until, shift.ends)))
            until = max(until, shift.ends)
    return sorted(found, key=lambda each: each.starts)
