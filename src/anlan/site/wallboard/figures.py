"""What the panels show. Every figure comes from a door at the moment of asking; what is not known stays ``None``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anlan.command.incidents import door as incidents
from anlan.desk.joints import AlarmLine, joints
from anlan.kernel.access import Actor
from anlan.report.filings import door as filings
from anlan.sense.alarms import door as alarms
from anlan.sense.devices import door as devices
from anlan.warn.bulletins import door as bulletins

ALARMS_LISTED = 10
CLOCKS_LISTED = 5
INCIDENTS_LISTED = 4
BULLETINS_LISTED = 4

LIVE_ALARMS = tuple(event.kind for event in (alarms.AlarmRaised, alarms.AlarmAcknowledged, alarms.AlarmCleared))
LIVE_CASES = tuple(
    event.kind
    for event in (
        filings.FilingSubmitted,
        filings.FilingReceived,
        filings.FilingReportedUp,
        filings.FilingSupplemented,
        filings.FilingClosed,
        incidents.IncidentOpened,
        incidents.IncidentChanged,
        incidents.ResponseStarted,
        incidents.ResponseEnded,
        incidents.IncidentClosed,
        bulletins.BulletinPublished,
        bulletins.BulletinLifted,
        bulletins.BulletinExpired,
    )
)


@dataclass(frozen=True)
class LevelCount:
    """How many open alarms of one level, 1 (red) to 4 (blue)."""

    level: int
    number: int


@dataclass(frozen=True)
class AlarmFigures:
    """Open alarms: by level, how many wait for acknowledgement, and the first lines of the list."""

    levels: tuple[LevelCount, ...]
    total: int
    unacknowledged: int
    lines: Sequence[AlarmLine]

    @property
    def more(self) -> int:
        """Open alarms that the list does not show."""
        return max(0, self.total - len(self.lines))


def alarm_figures(actor: Actor) -> AlarmFigures | None:
    """Open alarms within the actor's view; ``None`` when he may not see alarms."""
    if not actor.may_somewhere("alarms.view") or joints.open_alarms is None:
        return None
    totals: Counter[int] = Counter()
    for levels in alarms.open_counts_by_county(actor).values():
        totals.update(levels)
    return AlarmFigures(
        tuple(LevelCount(level, totals[level]) for level in (1, 2, 3, 4)),
        alarms.open_count(actor),
        alarms.unacknowledged_count(actor),
        joints.open_alarms(actor, ALARMS_LISTED, ""),
    )


def running_clocks(actor: Actor, now: datetime) -> Sequence[filings.ClockLine] | None:
    """Legal deadlines not yet met, the nearest first; ``None`` when the actor may not see filings."""
    if not actor.may_somewhere("filings.view"):
        return None
    owed = [line for line in filings.owed(actor, now) if line.met_at is None]
    return sorted(owed, key=lambda line: line.until)[:CLOCKS_LISTED]


def open_incidents(actor: Actor) -> Sequence[incidents.IncidentSummary] | None:
    """Incidents not closed; ``None`` when the actor may not see incidents."""
    return incidents.open_incidents(actor, limit=INCIDENTS_LISTED) if actor.may_somewhere("incidents.view") else None


def live_bulletins(actor: Actor) -> Sequence[bulletins.BulletinInfo] | None:
    """Bulletins in force; ``None`` when the actor may not see bulletins."""
    return bulletins.live(actor, BULLETINS_LISTED) if actor.may_somewhere("bulletins.view") else None


@dataclass(frozen=True)
class PointFigures:
    """Measuring points: all, heard lately, silent. ``known`` is false while the telemetry store does not answer."""

    points: int
    online: int
    silent: int
    known: bool


def online(actor: Actor) -> PointFigures | None:
    """Measuring points heard lately; ``None`` when the actor may not see devices."""
    if not actor.may_somewhere("devices.view"):
        return None
    found = devices.online_counts(actor)
    return PointFigures(found.points, found.online, max(0, found.points - found.online), found.known)
