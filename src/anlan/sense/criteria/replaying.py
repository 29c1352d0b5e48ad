"""A rule tried on stored history: the very engine of the detector reads what was measured, and says when the rule would have fired.

Every single reading counts: the store is asked in windows so narrow that no two readings fall into one bucket. Readings are taken as if the node
had had each at its own time; what was measured during work on a device is passed over, as it is live.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import structlog
from django.db import transaction
from numpy.typing import NDArray

from anlan.desk.resource.importing.jobs import frozen
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger import flows
from anlan.ledger.changes import change, permit
from anlan.sense.criteria import queries, rules, services
from anlan.sense.criteria.models import Criterion, Replay
from anlan.sense.detection import multivariate
from anlan.sense.detection.engine import Engine
from anlan.sense.detection.topology import Topology
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream
from anlan.wire import criteria
from anlan.wire.blocks import MAINTENANCE, Block, concatenate, empty
from anlan.wire.criteria import Blocked, Colours, Combined, Drift, Scope, Silent, Unit, Virtual
from anlan.wire.detections import CLEAR, RAISE, Transition

log = structlog.get_logger()

SLICE = timedelta(hours=6)
"""History is read and judged piece by piece; after each, the job says how far it is."""
BUCKETS = 20_000
MOST_FIRINGS = 500
"""So many are kept with their times; all are counted."""
_QUIET_TICK_MS = 9_000
"""No further apart than this may two moments lie for the engine, or it believes that nobody listened."""


class Cancelled(Exception):
    """Somebody stopped the job."""


@dataclass
class Findings:
    """What a replay found so far."""

    readings: int = 0
    fired: int = 0
    seconds: float = 0.0
    firings: list[dict[str, object]] = field(default_factory=list)
    by_point: dict[int, int] = field(default_factory=dict)
    heard: set[int] = field(default_factory=set)
    _open: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, told: Iterable[Transition]) -> None:
        """Count what was said."""
        for transition in told:
            if transition.change == RAISE:
                self._open[transition.episode] = (transition.raised_ms, len(self.firings))
                self.fired += 1
                self.by_point[transition.channel] = self.by_point.get(transition.channel, 0) + 1
                if len(self.firings) < MOST_FIRINGS:
                    self.firings.append(_told(transition))
            elif transition.change == CLEAR and transition.episode in self._open:
                raised, place = self._open.pop(transition.episode)
                self.seconds += max(0, transition.time_ms - raised) / 1000.0
                if place < len(self.firings) and self.firings[place]["raised_ms"] == raised:
                    self.firings[place] |= {"cleared_ms": transition.time_ms, "peak": transition.peak}

    def close(self, until_ms: int) -> None:
        """What still stands at the end lasts until there."""
        self.seconds += sum(max(0, until_ms - raised) / 1000.0 for raised, _place in self._open.values())


def _told(transition: Transition) -> dict[str, object]:
    return {
        "channel": transition.channel,
        "kind": transition.kind,
        "level": transition.level,
        "raised_ms": transition.raised_ms,
        "cleared_ms": None,
        "value": transition.value,
        "peak": transition.peak,
    }


def queue_replay(replay_id: UUID) -> None:
    """Queue :func:`work` inside the present transaction."""
    from procrastinate.contrib.django import app

    app.configure_task("criteria.replay", queue="replays").defer(replay_id=str(replay_id))


def start(row: Criterion, since: datetime, until: datetime, *, actor: Actor, now: datetime, queue: Callable[[UUID], None]) -> Replay:
    """Queue a replay of the rule as it now stands over [since, until).

    Raises :class:`rules.ImpossibleReplay`, :class:`rules.ReplayRunning`, ``NotPermitted``.
    """
    permit(actor, "criteria.test", record=row)
    rules.check_replay(since, until, now)
    points = len(read_points(row))
    if points > rules.MOST_REPLAYED_POINTS:
        raise rules.ImpossibleReplay(why=f"{points} > {rules.MOST_REPLAYED_POINTS}")
    with change(actor, "criteria.test", now=now, record=row) as gathered:
        locked = Criterion.objects.select_for_update().get(pk=row.pk)
        if locked.replays.filter(state__in=(Replay.WAITING, Replay.RUNNING)).exists():
            raise rules.ReplayRunning
        made = Replay.objects.create(
            criterion=row,
            since=since,
            until=min(until, now),
            fingerprint=queries.fingerprint(row),
            actor=frozen(actor),
            by_name=actor.name,
            created_at=now,
            touched_at=now,
            total=max(1, -(-(min(until, now) - since) // SLICE)),
            points=points,
        )
        gathered.facts.update({"replay": str(made.pk), "since": since.isoformat(), "until": until.isoformat(), "name": row.name})
        queue(made.pk)
    return made


def cancel(replay: Replay, *, actor: Actor, now: datetime) -> Replay:
    """Stop a replay; one that only waits ends at once. Raises ``NotPermitted``."""
    permit(actor, "criteria.test", record=replay.criterion)
    with transaction.atomic():
        locked = Replay.objects.select_for_update().get(pk=replay.pk)
        if locked.state == Replay.WAITING:
            locked.state = Replay.CANCELLED
        elif locked.state == Replay.RUNNING:
            locked.cancel_requested = True
        locked.touched_at = now
        locked.save()
    return locked


def work(replay_id: UUID) -> None:
    """The background job. Harmless when run twice: begun again after a fault, it begins from the beginning."""
    replay = Replay.objects.select_related("criterion").filter(pk=replay_id).first()
    if replay is None or not replay.is_running:
        return
    Replay.objects.filter(pk=replay.pk).update(state=Replay.RUNNING, done=0, touched_at=clock.now())
    try:
        findings = run(replay.criterion, replay.since, replay.until, lambda done: _progress(replay, done))
    except Cancelled:
        Replay.objects.filter(pk=replay.pk).update(state=Replay.CANCELLED, touched_at=clock.now())
        return
    except (stream.StoreSilent, rules.ModelMissing, multivariate.MalformedModel) as silent:
        Replay.objects.filter(pk=replay.pk).update(state=Replay.FAILED, problem=silent.sentence, touched_at=clock.now())
        log.warning("replay of a rule not finished", replay=str(replay.pk), reason=str(silent))
        return
    _finish(replay, findings)


def _progress(replay: Replay, done: int) -> None:
    Replay.objects.filter(pk=replay.pk).update(done=done, touched_at=clock.now())
    if Replay.objects.filter(pk=replay.pk, cancel_requested=True).exists():
        raise Cancelled


def _finish(replay: Replay, findings: Findings) -> None:
    """Keep what was found; a draft that stands as it was replayed counts as tested."""
    now = clock.now()
    with transaction.atomic():
        replay.state, replay.touched_at, replay.done = Replay.DONE, now, replay.total
        replay.readings, replay.fired, replay.seconds = findings.readings, findings.fired, round(findings.seconds, 1)
        replay.firings = findings.firings
        ordered = sorted(findings.by_point.items(), key=lambda entry: -entry[1])
        replay.by_point = [{"channel": channel, "fired": fired} for channel, fired in ordered[:MOST_FIRINGS]]
        replay.silent_points = max(0, replay.points - len(findings.heard))
        replay.save()
        row = Criterion.objects.select_for_update().get(pk=replay.criterion_id)
        tested = row.state in rules.EDITABLE and queries.fingerprint(row) == replay.fingerprint
        if tested and (findings.readings or row.kind in rules.WITHOUT_HISTORY):
            flows.advance(
                row,
                "tested",
                actor=services.NODE,
                now=now,
                reason=replay.by_name,
                after=lambda _r, _m, made: made.facts.update(fired=findings.fired),
            )


def read_points(row: Criterion) -> dict[int, devices.SensorSummary | None]:
    """Points whose history the rule reads, by channel; ``None`` for virtual points."""
    wanted = set(queries.channels(row))
    given = criteria.parameters(row.kind, row.parameters)
    match given:
        case Combined():
            wanted |= {each.channel for each in (*given.conditions, *given.states)}
        case Colours():
            wanted |= {each.channel for each in given.indicators}
        case Virtual():
            wanted |= set(given.inputs.values())
        case Blocked():
            wanted |= set(given.neighbours)
        case Unit():
            wanted |= set(given.channels)
        case Drift():
            wanted.add(given.twin)
    known = devices.sensors_by_channel(wanted)
    return {channel: known.get(channel) for channel in sorted(wanted)}


def run(row: Criterion, since: datetime, until: datetime, progress: Callable[[int], None] = lambda _done: None) -> Findings:
    """What the rule would have said of [since, until).

    Raises ``StoreSilent``, :class:`rules.ModelMissing`, ``MalformedModel`` and whatever ``progress`` raises.
    """
    given = criteria.parameters(row.kind, row.parameters)
    points = read_points(row)
    topology = _topology(points)
    engine, found = Engine(topology), Findings()
    if isinstance(given, Unit):
        _teach(engine, given.model)
    engine.apply(criteria.Criterion(row.code, row.level, given, Scope(queries.channels(row))), _ms(since))
    engine.settle()
    last = np.full(max([*points, *_own(given), 0]) + 2, -1, np.int64)
    work = _work(points, since, until)
    step = _tick_ms(given)
    for number, at in enumerate(_slices(since, until), 1):
        block = _read(points, at, min(at + SLICE, until), work)
        found.readings += len(block)
        found.heard |= set(np.unique(block.channel).tolist())
        _judge(engine, block, last, (_ms(at), _ms(min(at + SLICE, until))), step, found)
        progress(number)
    found.close(_ms(until))
    return found


def _teach(engine: Engine, digest: str) -> None:
    """Hand over the model that a rule names. Raises :class:`rules.ModelMissing`, ``MalformedModel``."""
    data = queries.unit_model(digest)
    if data is None:
        raise rules.ModelMissing
    engine.units.learn(digest, multivariate.unpack(data))


def _judge(engine: Engine, block: Block, last: NDArray[np.int64], span: tuple[int, int], step: int, found: Findings) -> None:
    """Feed ``block``, ascending in time, in pieces of ``step`` ms with a look at the time between them."""
    if not step:
        _feed(engine, block, last, span[1], found)
        return
    edges = np.arange(span[0], span[1] + step, step)
    places = np.searchsorted(block.time, edges)
    for number in range(len(edges) - 1):
        found.take(engine.tick(int(edges[number])))
        if places[number + 1] > places[number]:
            _feed(engine, block.part(int(places[number]), int(places[number + 1])), last, int(edges[number + 1]) - 1, found)


def _feed(engine: Engine, block: Block, last: NDArray[np.int64], at_ms: int, found: Findings) -> None:
    if not len(block):
        return
    told, reckoned = engine.judge(block, last, at_ms)
    np.maximum.at(last, block.channel, block.time)
    found.take(engine.tell(told))
    if len(reckoned):
        # A virtual point fires nothing itself: how many results it gives is what there is to see.
        found.by_point[int(reckoned.channel[0])] = found.by_point.get(int(reckoned.channel[0]), 0) + len(reckoned)
        np.maximum.at(last, reckoned.channel, reckoned.time)


def _tick_ms(given: criteria.Parameters) -> int:
    """How often time alone is to be looked at; 0 for kinds that only readings move."""
    if isinstance(given, Silent):
        return int(min(max(given.interval_s * 1000.0 / 3, 1000.0), _QUIET_TICK_MS))
    return _QUIET_TICK_MS * 400 if isinstance(given, criteria.Configured) else 0


def _own(given: criteria.Parameters) -> list[int]:
    return [given.channel] if isinstance(given, Virtual) else []


def _topology(points: Iterable[int]) -> Topology:
    """The registry as it is now, as far as it speaks of these points."""
    wanted, topology = set(points), Topology()
    for entry in devices.registry_snapshot():
        if any(sensor.channel in wanted for device in entry.devices for sensor in device.sensors):  # type: ignore[attr-defined]
            topology.apply(entry, 1)  # type: ignore[arg-type]
    return topology


def _slices(since: datetime, until: datetime) -> Iterator[datetime]:
    while since < until:
        yield since
        since += SLICE


Span = tuple[int, int]


def _work(points: dict[int, devices.SensorSummary | None], since: datetime, until: datetime) -> dict[int, list[Span]]:
    by_device: dict[UUID, list[Span]] = {}
    for each in devices.work_on({point.device_id for point in points.values() if point is not None}, since, until):
        by_device.setdefault(each.device_id, []).append((_ms(each.since), _ms(each.until)))
    return {channel: by_device.get(point.device_id, []) for channel, point in points.items() if point is not None}


def _read(points: dict[int, devices.SensorSummary | None], since: datetime, until: datetime, work: dict[int, list[Span]]) -> Block:
    """Every reading of the points in [since, until), ascending in time."""
    parts = []
    for channel, point in points.items():
        if point is None:
            continue
        time, value = _readings(point.id, since, until)
        quality = np.zeros(len(time), np.uint8)
        for begin, end in work.get(channel, ()):
            quality[(time >= begin) & (time < end)] |= MAINTENANCE
        parts.append(Block(np.full(len(time), channel, np.int32), time, value, quality))
    whole = concatenate(parts) if parts else empty()
    order = np.argsort(whole.time, kind="stable")
    return Block(whole.channel[order], whole.time[order], whole.value[order], whole.quality[order])


def _readings(sensor_id: UUID, since: datetime, until: datetime) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Time and value of every reading. A window with two readings in one bucket is asked again in halves."""
    found = stream.series(sensor_id, since, until, BUCKETS).buckets
    if any(bucket.count > 1 for bucket in found) and (until - since) > timedelta(milliseconds=BUCKETS):
        middle = since + (until - since) / 2
        middle = middle.replace(microsecond=middle.microsecond // 1000 * 1000)
        first, second = _readings(sensor_id, since, middle), _readings(sensor_id, middle, until)
        return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
    return (
        np.array([_ms(bucket.at) for bucket in found], np.int64),
        np.array([bucket.mean for bucket in found], np.float64),
    )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """A time of :attr:`Replay.firings`."""
    return datetime.fromtimestamp(ms / 1000, UTC)
