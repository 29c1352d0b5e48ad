"""Verbs of the process that hears detector and gateways: many alarms raised and cleared in one transaction.

What a batch tells is worked out in memory, in the order in which it was told, and then written together: alarms, their steps, the audit and
the announcements. A flood costs a few statements, not a few for each alarm, and a batch told twice changes nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from anlan.kernel.access import Actor
from anlan.kernel.ids import new_id
from anlan.ledger import audit
from anlan.ledger.changes import permit, snapshot
from anlan.ledger.events import announce_all
from anlan.ledger.models import FlowStep
from anlan.sense.alarms import naming, queries, rules, tables, timing
from anlan.sense.alarms.door import AlarmCleared, AlarmRaised
from anlan.sense.alarms.models import Alarm
from anlan.sense.alarms.naming import Sender
from anlan.wire.blocks import EXERCISE, LATE
from anlan.wire.detections import CLEAR, RAISE, Transition
from anlan.wire.happenings import Happening

DETECT = "alarms.detect"
_EARLIEST_MS, _LATEST_MS = 946_684_800_000, 4_102_444_800_000
"""2000 and 2100: a time outside is no time of a reading."""
_WRITTEN_AT_CLEARING = (
    *("state", "closed_at", "cleared_at", "cleared_value", "peak", "withdrawn", "acknowledgement_until", "escalates_at"),
    *("cause", "group_key", "updated_at", "version"),
)

Told = Transition | Happening


@dataclass(frozen=True)
class Apart:
    """One thing told that is no alarm: why (a code of ``rules.APART_REASONS``) and which."""

    told: Told
    reason: str
    detail: str


@dataclass
class Outcome:
    """What a batch did."""

    raised: list[Alarm] = field(default_factory=list)
    cleared: list[Alarm] = field(default_factory=list)
    apart: list[Apart] = field(default_factory=list)


def take(told: Sequence[Told], *, actor: Actor, now: datetime) -> Outcome:
    """Enter what was told, in order, in one transaction; told again it changes nothing. Raises ``NotPermitted``."""
    permit(actor, DETECT)
    with transaction.atomic():
        batch = Batch(told, actor, now)
        for each in told:
            batch.hear(each)
        batch.write()
    return batch.outcome


class Batch:
    """What is known while a batch is worked out."""

    def __init__(self, told: Sequence[Told], actor: Actor, now: datetime) -> None:
        self.actor, self.now, self.outcome = actor, now, Outcome()
        transitions = [each for each in told if isinstance(each, Transition)]
        happenings = [each for each in told if isinstance(each, Happening)]
        self._sensors = naming.sensors({each.channel for each in transitions if each.change == RAISE})
        self._units = naming.units(each for each in transitions if each.change == RAISE)
        self._senders = naming.senders({(each.credential, each.device) for each in happenings if each.active})
        episodes = {each.episode for each in transitions} | {naming.episode_of(each) for each in happenings}
        episodes |= {each.cause for each in transitions if each.cause}
        # Locked in the order of their keys, as whoever acknowledges several at once locks them.
        self._by_episode = {row.episode: row for row in _locked().filter(episode__in=episodes)}
        keys = {naming.source_key(each, exercise) for each in happenings for exercise in (each.exercise, True)}
        going_on = _locked().filter(source_key__in=keys, state__in=rules.ACTIVE_STATES) if keys else ()
        self._by_source = {row.source_key: row for row in going_on}
        self._best = _best_levels({row.group_key for row in self._by_episode.values()})
        self._rungs = timing.first_rungs(now)
        self._events: dict[tuple[UUID, bool], list[tuple[datetime, UUID]]] = {}
        self._fresh: dict[UUID, Alarm] = {}
        self._changed: dict[UUID, tuple[Alarm, dict[str, object]]] = {}
        self._steps: list[FlowStep] = []

    def hear(self, told: Told) -> None:
        """Work out one thing that was told."""
        refused = _impossible(told)
        if refused is not None:
            self.outcome.apart.append(refused)
        elif isinstance(told, Happening):
            self._happened(told)
        elif told.change == CLEAR:
            alarm = self._by_episode.get(told.episode)
            if alarm is not None:
                self._clear(alarm, naming.moment(told.time_ms), told.value, told.peak, withdrawn=told.withdrawn)
        elif told.episode not in self._by_episode:
            self._detected(told)

    def write(self) -> None:
        """Everything worked out, together."""
        fresh, changed = list(self._fresh.values()), [row for row, _before in self._changed.values() if row.pk not in self._fresh]
        Alarm.objects.bulk_create(fresh, batch_size=500)
        self._adopt_orphans(fresh)
        if changed:
            Alarm.objects.bulk_update(changed, _WRITTEN_AT_CLEARING, batch_size=500)
        FlowStep.objects.bulk_create(self._steps, batch_size=1000)
        with audit.at_the_end():
            for row in fresh:
                self._audit(row, {name: [None, value] for name, value in snapshot(row).items()})
            for row in changed:
                before = self._changed[row.pk][1]
                self._audit(row, {name: [before[name], value] for name, value in snapshot(row).items() if before[name] != value})
        announce_all([*self._raised_events(), *self._cleared_events()])

    # --- raising ------------------------------------------------------------------------------------------------------

    def _detected(self, told: Transition) -> None:
        if told.kind not in rules.KINDS or told.kind == rules.HAPPENED:
            self.outcome.apart.append(Apart(told, rules.UNKNOWN_KIND, told.kind[:40]))
            return
        sensor = self._sensors.get(told.channel)
        if sensor is None:
            self.outcome.apart.append(Apart(told, rules.UNKNOWN_SENDER, str(told.channel)))
            return
        self._raise(
            naming.sender_of(sensor),
            told.raised_ms,
            episode=told.episode,
            sensor_id=sensor.id,
            cause_episode=told.cause,
            kind=told.kind,
            rule=told.rule[:120],
            level=told.level,
            title=naming.title(told, sensor, self._units),
            unit=sensor.unit if told.kind != naming.UNIT else "",
            limit=told.limit,
            value=told.value,
            peak=told.peak,
            facts=naming.plain(told.facts),
            quality=told.quality,
            exercise=bool(told.quality & EXERCISE),
            late=bool(told.quality & LATE),
        )

    def _happened(self, told: Happening) -> None:
        key = naming.source_key(told, told.exercise)
        if not told.exercise:
            self._end_exercise(told)
        going_on = self._by_source.get(key)
        if not told.active:
            if going_on is not None and going_on.raised_at <= naming.moment(told.time_ms):
                self._clear(going_on, naming.moment(told.time_ms), 0.0, going_on.peak)
                del self._by_source[key]
            return
        level = tables.level_of_happening(told.kind, timezone.localtime(naming.moment(told.time_ms)).date())
        episode = naming.episode_of(told)
        # A panel that repeats itself says nothing new while the thing goes on.
        if level is None or going_on is not None or episode in self._by_episode:
            return
        sender = self._senders.get((told.credential, told.device))
        if sender is None:
            self.outcome.apart.append(Apart(told, rules.UNKNOWN_SENDER, f"{told.credential}/{told.device}"[:200]))
            return
        self._by_source[key] = self._raise(
            sender,
            told.time_ms,
            episode=episode,
            source_key=key,
            kind=rules.HAPPENED,
            rule=told.kind[:120],
            level=level,
            title=naming.title_of_happening(told, sender),
            said=naming.clean(told.text)[:500],
            part=naming.clean(told.part)[:200],
            limit=0.0,
            value=1.0,
            peak=1.0,
            facts=naming.plain(told.values),
            exhibits=list(told.exhibits),
            exercise=told.exercise,
            late=told.late,
        )

    def _end_exercise(self, told: Happening) -> None:
        """What really happens, or is over, at a source ends what an exercise said of it."""
        drill = self._by_source.pop(naming.source_key(told, True), None)
        if drill is not None:
            self._clear(drill, max(naming.moment(told.time_ms), drill.raised_at), 0.0, drill.peak)

    def _raise(self, sender: Sender, raised_ms: int, **values: Any) -> Alarm:
        raised_at, pk, now = naming.moment(raised_ms), new_id(), self.now
        cause = self._by_episode.get(values.get("cause_episode", ""))
        if cause is not None and cause.exercise != values["exercise"]:
            # What a drill raised explains nothing real: it would stand below it untold. Nor the other way round.
            cause, values["cause_episode"] = None, ""
        alarm = Alarm(
            id=pk,
            place_code=sender.place_code,
            classification=sender.classification,
            created_at=now,
            updated_at=now,
            state=rules.RAISED,
            opened_at=now,
            enterprise_id=sender.enterprise_id,
            device_id=sender.device_id,
            risk_source_id=sender.risk_source_id,
            longitude=sender.longitude,
            latitude=sender.latitude,
            event_key=self._event_of(sender.enterprise_id, values["exercise"], raised_at, pk),
            cause=cause,
            group_key=cause.group_key if cause is not None else pk,
            raised_at=raised_at,
            received_at=now,
            rang_at=now,
            **values,
        )
        # A consequence is told on its own only where it makes its group graver.
        alarm.told = cause is None or alarm.level < self._best.get(alarm.group_key, 5)
        if alarm.told and (rung := self._rungs.get(alarm.level)) is not None:
            alarm.escalates_at = now + rung
        self._best[alarm.group_key] = min(alarm.level, self._best.get(alarm.group_key, 5))
        self._fresh[pk] = self._by_episode[alarm.episode] = alarm
        self.outcome.raised.append(alarm)
        self._step(alarm, "open", "")
        return alarm

    def _event_of(self, enterprise_id: UUID, exercise: bool, raised_at: datetime, pk: UUID) -> UUID:
        """The event the alarm belongs to: that of the one raised last before it, while that one gives a sign of life."""
        told = self._events.setdefault((enterprise_id, exercise), [])
        before = told[bisect_right(told, raised_at, key=itemgetter(0)) - 1 :][:1] if told and told[0][0] <= raised_at else []
        if before and (raised_at - before[0][0]).total_seconds() <= rules.EVENT_GAP_S:
            key = before[0][1]
        else:
            key = queries.event_of(enterprise_id, raised_at, exercise) or pk
        insort(told, (raised_at, key), key=itemgetter(0))
        return key

    def _adopt_orphans(self, fresh: Iterable[Alarm]) -> None:
        """Alarms that came before the one that explains them find it, with whatever stands below them."""
        heads = {row.episode: row for row in fresh}
        orphans = _locked().filter(cause__isnull=True, cause_episode__in=list(heads)) if heads else ()
        for orphan in orphans:
            head = heads[orphan.cause_episode]
            if head.group_key == orphan.pk or head.exercise != orphan.exercise:
                continue
            Alarm.objects.filter(pk=orphan.pk).update(cause=head)
            Alarm.objects.filter(group_key=orphan.group_key).update(group_key=head.group_key)
            for row, _before in self._changed.values():
                if row.pk == orphan.pk:
                    row.cause = head
                if row.group_key == orphan.group_key:
                    row.group_key = head.group_key

    # --- clearing -----------------------------------------------------------------------------------------------------

    def _clear(self, alarm: Alarm, at: datetime, value: float, peak: float, *, withdrawn: bool = False) -> None:
        move = rules.clear_move(alarm.state, alarm.level)
        if move is None:
            return
        self._changed.setdefault(alarm.pk, (alarm, snapshot(alarm)))
        source, alarm.state = alarm.state, rules.FLOW.move(move).target
        alarm.cleared_at, alarm.cleared_value, alarm.peak, alarm.withdrawn = at, value, peak, withdrawn
        alarm.updated_at, alarm.version = self.now, alarm.version + 1
        if alarm.state != rules.RETURNED:
            alarm.acknowledgement_until = alarm.escalates_at = None
        if alarm.state == rules.CLOSED:
            alarm.closed_at = self.now
        self.outcome.cleared.append(alarm)
        self._step(alarm, move, source)

    # --- what is written beside the alarms ------------------------------------------------------------------------------

    def _step(self, alarm: Alarm, move: str, source: str) -> None:
        self._steps.append(
            FlowStep(
                flow=rules.FLOW.code,
                subject_type=Alarm._meta.label_lower,
                subject_id=alarm.pk,
                move=move,
                source=source,
                target=alarm.state,
                actor_id=self.actor.account_id,
                actor_name=self.actor.name,
                post=self.actor.post,
                at=self.now,
            )
        )

    def _audit(self, alarm: Alarm, changed: dict[str, object]) -> None:
        audit.append(
            actor=self.actor,
            action=DETECT,
            subject_type=Alarm._meta.label_lower,
            subject_id=alarm.pk,
            place_code=alarm.place_code,
            content={"changed": changed, "facts": {}},
            at=self.now,
        )

    def _raised_events(self) -> list[AlarmRaised]:
        """One for each alarm that is told on its own, and one for all others of a group."""
        silent: dict[UUID, list[Alarm]] = {}
        for alarm in self.outcome.raised:
            if not alarm.told:
                silent.setdefault(alarm.group_key, []).append(alarm)
        found = [(alarm, 0) for alarm in self.outcome.raised if alarm.told]
        found += [(alarms[0], len(alarms) - 1) for alarms in silent.values()]
        return [naming.raised_event(alarm, self.now, others=others) for alarm, others in found]

    def _cleared_events(self) -> list[AlarmCleared]:
        said: set[UUID] = set()
        found = []
        for alarm in self.outcome.cleared:
            if alarm.told or alarm.group_key not in said:
                found.append(naming.cleared_event(alarm, self.now))
                said.add(alarm.group_key)
        return found


def _locked() -> Any:
    return Alarm.objects.select_for_update(of=("self",)).order_by("pk")


def _best_levels(groups: set[UUID]) -> dict[UUID, int]:
    rows = Alarm.objects.filter(group_key__in=groups).order_by().values_list("group_key") if groups else None
    return dict(rows.annotate(best=Min("level"))) if rows is not None else {}


def _impossible(told: Told) -> Apart | None:
    """What no reading can have."""
    if isinstance(told, Happening):
        times, figures, level = (told.time_ms,), tuple(told.values.values()), 1
    else:
        times, figures, level = (told.raised_ms, told.time_ms), (told.limit, told.value, told.peak), told.level
        if told.change not in (RAISE, CLEAR):
            return Apart(told, rules.MALFORMED, told.change[:40])
    if not all(_EARLIEST_MS < time < _LATEST_MS for time in times):
        return Apart(told, rules.IMPOSSIBLE, f"time {times[0]}"[:200])
    if level not in rules.LEVELS:
        return Apart(told, rules.IMPOSSIBLE, f"level {level}"[:200])
    if not all(math.isfinite(figure) for figure in figures):
        return Apart(told, rules.IMPOSSIBLE, "not finite")
    return None
