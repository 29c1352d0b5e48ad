"""What other rooms may ask of the stream of readings and of the telemetry store. Everything here goes over loopback HTTP.

When the store does not answer, the functions raise :class:`StoreSilent`; pages show that as unknown, never as normal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from anlan.kernel.access import Actor
from anlan.sense.stream import drawing
from anlan.sense.stream.curves import Curve
from anlan.sense.stream.drawing import Drawing, Rule
from anlan.sense.stream.earliest import BEHIND, NOT_KEPT, too_old
from anlan.sense.stream.following import Board
from anlan.sense.stream.observed import Question
from anlan.sense.stream.retention import RetentionRule
from anlan.sense.stream.rules import AHEAD_LIMIT_S, NOTICES, StoreSilent
from anlan.wire.blocks import Block

__all__ = [
    "AHEAD_LIMIT_S",
    "BEHIND",
    "NOT_KEPT",
    "Board",
    "Bucket",
    "Curve",
    "DeviceDay",
    "DiskState",
    "Drawing",
    "Figures",
    "Gap",
    "Latest",
    "Observed",
    "PipelineState",
    "PointProof",
    "QuarantineCount",
    "Question",
    "RetentionRule",
    "Rule",
    "Series",
    "StoreSilent",
    "too_old",
]


@dataclass(frozen=True)
class Bucket:
    """Readings of one stretch of time: ``at`` is its first reading's time; values in the point's unit."""

    at: datetime
    lowest: float
    highest: float
    mean: float
    count: int


@dataclass(frozen=True)
class Series:
    """A point's readings between two times, thinned to at most the asked number of buckets."""

    sensor_id: UUID
    unit: str
    since: datetime
    until: datetime
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True)
class Figures:
    """What the readings of a stretch come to, in the point's unit; ``deviation`` of the whole, not of a sample."""

    count: int
    lowest: float
    highest: float
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Observed:
    """One stored reading: channel, time (ms since 1970 UTC), value in the point's unit, quality bits (:mod:`anlan.wire.blocks`)."""

    channel: int
    at_ms: int
    value: float
    quality: int


@dataclass(frozen=True)
class Latest:
    """The newest reading of a point. ``quality`` is a bit set, see :mod:`anlan.wire.blocks`."""

    sensor_id: UUID
    at: datetime
    value: float
    quality: int


@dataclass(frozen=True)
class QuarantineCount:
    """How much of one device was kept apart for one reason, and the latest of it."""

    credential: str
    device_code: str
    reason: str
    count: int
    last_at: datetime
    samples: tuple[dict[str, object], ...] = ()
    enterprise_id: UUID | None = None
    enterprise_name: str = ""

    @property
    def used(self) -> bool:
        """Whether the readings were used all the same, and it is only told how."""
        return self.reason in NOTICES


@dataclass(frozen=True)
class PipelineState:
    """How the stream stands: counts since the node began, and how far each consumer lags (messages)."""

    known: bool
    stored: int = 0
    lag: dict[str, int] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)


def series(sensor_id: UUID | str, since: datetime, until: datetime, points: int = 600, actor: Actor | None = None) -> Series:
    """Readings of a point in [since, until), thinned to at most ``points`` buckets. Raises ``NotFound``, ``StoreSilent``."""
    from anlan.sense.stream import queries

    return queries.series(sensor_id, since, until, points, actor)


def curves(channels: Iterable[int], since: datetime, until: datetime, most: int = 2000) -> dict[int, Curve]:
    """Curves by channel number in [since, until), each in at most ``most`` (≤ 2,000) buckets, at most 16 channels at once.

    The caller has decided who may see the points. Raises ``StoreSilent``.
    """
    from anlan.sense.stream import queries

    return queries.curves(tuple(channels), since, until, most)


def figures(channels: Iterable[int], since: datetime, until: datetime) -> dict[int, Figures]:
    """Number, lowest, highest, mean and standard deviation by channel, reckoned from every single reading; channels without readings are
    left out. At most 16 channels; a month of one channel at one reading a second takes about a tenth of a second. Raises ``StoreSilent``.
    """
    from anlan.sense.stream import queries

    return queries.figures(tuple(channels), since, until)


def board() -> Board:
    """The newest values that open pages of this process watch; see :mod:`anlan.sense.stream.following`."""
    from anlan.sense.stream import queries

    return queries.board()


def chart(
    sensor_id: UUID | str,
    since: datetime,
    until: datetime,
    *,
    rules: Sequence[Rule] = (),
    marks: Sequence[datetime] = (),
    actor: Actor | None = None,
) -> Drawing | None:
    """A chart of the point for the template ``stream/_chart.html`` (context ``chart``, ``chart_label``, ``chart_time_format``).

    ``rules``: limits drawn across it; ``marks``: moments drawn as vertical lines. ``None`` when the store does not answer. Raises
    ``NotFound``.
    """
    from anlan.sense.stream import queries

    return queries.chart(sensor_id, since, until, rules=rules, marks=marks, actor=actor)


def observations(question: Question) -> list[Observed]:
    """Single readings by condition, in order; the caller has checked who may see the channels. Raises ``MalformedCondition``, ``StoreSilent``."""
    from anlan.sense.stream import queries

    return queries.observations(question)


def observation_count(question: Question) -> int:
    """How many readings meet the question. Raises ``MalformedCondition``, ``StoreSilent``."""
    from anlan.sense.stream import queries

    return queries.observation_count(question)


def samples(
    channels: Iterable[int], since: datetime, until: datetime, interval_s: float, *, total: bool = False, without: int = 0
) -> Block:
    """Of each channel (at most 500) and each interval from ``since`` on the last reading in it, ascending in time, with every mark that a
    reading of the interval carries. ``total``: the sum of its readings in place of the last; ``without``: readings with any of these marks
    (:mod:`anlan.wire.blocks`) are left out. The caller has decided who may see the points. Raises ``StoreSilent``.
    """
    from anlan.sense.stream import queries

    return queries.samples(tuple(channels), since, until, interval_s, total=total, without=without)


def draw(
    points: Iterable[tuple[datetime, float]],
    since: datetime,
    until: datetime,
    *,
    rules: Sequence[Rule] = (),
    marks: Sequence[datetime] = (),
) -> Drawing:
    """A chart of values reckoned by the caller, for the template ``stream/_chart.html`` as :func:`chart` makes it."""
    return drawing.draw([drawing.Reading(at, value, value, value) for at, value in points], since, until, rules=rules, marks=marks)


def latest(sensor_ids: Iterable[UUID]) -> dict[UUID, Latest]:
    """Newest reading by point; points never heard from are left out. Raises ``StoreSilent``."""
    from anlan.sense.stream import queries

    return queries.latest(tuple(sensor_ids))


def latest_by_channel(channels: Iterable[int]) -> dict[int, tuple[datetime, float, int]]:
    """Time, value and quality of the newest reading by channel number. Raises ``StoreSilent``."""
    from anlan.sense.stream import queries

    return queries.latest_by_channel(tuple(channels))


def heard_since(channels: Iterable[int], since: datetime) -> int:
    """How many of ``channels`` sent a reading at or after ``since``. Raises ``StoreSilent``."""
    from anlan.sense.stream import queries

    return queries.heard_since(tuple(channels), since)


def quarantine_counts(actor: Actor) -> tuple[QuarantineCount, ...]:
    """What was kept apart, by device and reason, of enterprises that ``actor`` may see. Raises ``StoreSilent``."""
    from anlan.sense.stream import queries

    return queries.quarantine_counts(actor)


def pipeline_state() -> PipelineState:
    """How the stream stands; ``known`` is false when the store does not answer."""
    from anlan.sense.stream import queries

    return queries.pipeline_state()


@dataclass(frozen=True)
class DeviceDay:
    """What of one device was expected on a day, and what came: readings, but ``points``, ``silent`` and ``frozen``, which are points.

    ``late`` and ``repeated`` are explained in docs/completeness.md; ``outside``: readings outside of the plausible range.
    """

    credential: str
    device: str
    points: int
    expected: int
    received: int
    late: int
    repeated: int
    missing: int
    silent: int
    outside: int
    frozen: int


@dataclass(frozen=True)
class Gap:
    """A time in which points of one device sent nothing that was expected: from the last reading before to the first one after.

    ``until`` is ``None`` while it lasts.

    ``missing_first``: readings missing when it was found; ``missing``: of these still missing; ``filled_at``: when late data closed it; ``ask``:
    from when until when to ask the device, ``None`` when there is nothing to ask for.
    """

    credential: str
    device_code: str
    since: datetime
    until: datetime | None
    points: int
    missing_first: int
    missing: int
    filled_at: datetime | None
    ask: tuple[datetime, datetime] | None
    channels: tuple[int, ...]


@dataclass(frozen=True)
class PointProof:
    """Figures of one point on a day as recorded and as reckoned again from the readings themselves.

    ``basis``: ``declared``, ``learned`` or ``class``; ``since``, ``until``: service within the day.
    """

    channel: int
    interval_s: float
    basis: str
    since: datetime
    until: datetime
    recorded: dict[str, int]
    recomputed: dict[str, int]

    @property
    def agrees(self) -> bool:
        """Whether record and readings say the same."""
        return all(self.recorded[name] == value for name, value in self.recomputed.items())


@dataclass(frozen=True)
class DiskState:
    """How the node's disk stands. ``used`` and the two limits in per cent; ``refusing`` since ``since``: no reading is taken in."""

    used: float
    free_bytes: int
    refusing: bool
    since: datetime
    refuse_at: float
    resume_at: float


def completeness_day(day: date) -> tuple[DeviceDay, ...]:
    """Completeness of every device on a day of Beijing time, as far as it has come. Raises ``StoreSilent``."""
    from anlan.sense.stream import telling

    return telling.completeness_day(day)


def gaps(since: datetime, until: datetime) -> tuple[Gap, ...]:
    """Gaps that touched [since, until), at most 400 days, those filled since included. Raises ``StoreSilent``."""
    from anlan.sense.stream import telling

    return telling.gaps(since, until)


def completeness_proof(channels: Iterable[int], day: date) -> tuple[PointProof, ...]:
    """Figures of points (at most 5,000) on a day, recorded and reckoned again. Raises ``StoreSilent``."""
    from anlan.sense.stream import telling

    return telling.proof(tuple(channels), day)


def declare_intervals(intervals: Iterable[tuple[int, float]]) -> None:
    """Tell the store how often channels should send (channel, seconds); 0 withdraws. Raises ``StoreSilent``."""
    from anlan.sense.stream import telling

    telling.declare(intervals)


def ask_again(credential: str, device_code: str, since: datetime, until: datetime) -> bool:
    """Ask a device over its open line to send again; whether a line was there whose protocol can. Raises ``StoreSilent``."""
    from anlan.sense.stream import telling

    return telling.ask_again(credential, device_code, since, until)


def disk_state() -> DiskState:
    """How the node's disk stands. Raises ``StoreSilent``."""
    from anlan.sense.stream import telling

    return telling.disk_state()


def retention_rules(on: date) -> tuple[RetentionRule, ...]:
    """How long readings of each class are kept, as in force on ``on``."""
    from anlan.sense.stream import retention

    return tuple(retention.rules_on(on).values())


def removed_readings() -> tuple[tuple[str, str, tuple[str, ...], datetime], ...]:
    """What was removed since the store began to run: table, partition, classes (empty: all), when. Raises ``StoreSilent``."""
    from anlan.sense.stream import telling

    return telling.removed()
