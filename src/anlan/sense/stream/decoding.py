"""From what devices sent to one block of readings: decode, authenticate, check the clock, mark, and set apart what cannot be used.

Every message is touched once; values go from the decoder straight into a column. No network, no Django, no clock: the time is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np

from anlan.kernel.errors import Refusal
from anlan.ledger.broker import Message
from anlan.sense.stream import earliest, rules
from anlan.sense.stream.metering import Meter
from anlan.sense.stream.points import SUBJECT_PREFIX, Layout, Points, Source
from anlan.wire import blocks, observations, payloads, quarantine, readings

MOST_UNKNOWN_DEVICES = 50
"""So many made-up device codes of one credential are told apart; more are counted together."""
NOTICE_MS = 60_000
"""A device's readings that were kept, but not as they were marked, are told of at most so often: a notice must not become a flood itself."""


@dataclass
class Apart:
    """What of one device was set apart for one reason in one batch."""

    count: int = 0
    through: int = 0
    samples: list[quarantine.QuarantineSample] = field(default_factory=list)


@dataclass
class Outcome:
    """What one batch of messages came to. ``apart`` by (credential, device, reason), with what was kept and is only told of
    (``rules.NOTICES``); ``repeated``: messages a device sent twice."""

    block: blocks.Block
    apart: dict[tuple[str, str, str], Apart]
    repeated: int = 0


class Decoder:
    """Decodes batches of raw messages against the registry."""

    def __init__(self, points: Points, *, ahead_s: float = rules.AHEAD_LIMIT_S) -> None:
        self._points = points
        self._ahead_ms, self._behind_ms = round(ahead_s * 1000), round(rules.BEHIND_LIMIT_S * 1000)
        self._late_ms = round(rules.LATE_S * 1000)
        self._unknown: dict[str, set[str]] = {}
        self._unannounced: dict[tuple[str, str], _Unannounced] = {}
        self._beyond: dict[str, Meter] = {}

    def decode(self, messages: Sequence[Message], now_ms: int) -> Outcome:
        """One block of all usable readings of ``messages``. ``now_ms``: the node's clock, ms since 1970 UTC."""
        batch = _Batch(now_ms)
        for message in messages:
            source = self._points.sources.get(message.subject)
            if source is None or not source.in_use:
                if source is None and (channel := observations.channel_of(message.subject)) is not None:
                    self._observe(batch, channel, message)
                    continue
                self._refuse_sender(batch, message, source)
                continue
            if message.data == source.last_payload:
                # A device that missed the acknowledgement sends the same message again.
                batch.repeated += 1
                self._measure(source, 0, message)
                continue
            source.last_payload = message.data
            try:
                decoded = payloads.decode(message.data, message.at_ms, source.units)
            except Refusal as refusal:
                batch.set_apart(source.credential, source.code, refusal.code, 1, message, str(refusal))
                self._measure(source, 0, message)
                continue
            if source.meter is not None:
                self._measure(source, sum(len(sample.values) for sample in decoded.samples), message)
            for refusal in decoded.refused:
                batch.set_apart(source.credential, source.code, refusal.code, 1, message, str(refusal))
            if decoded.timeless:
                # Sent again, the same bytes say that the value has not changed.
                source.last_payload = b""
            for sample in decoded.samples:
                self._take(batch, source, sample, message)
        if self._beyond:
            self._tell_beyond(batch)
        return Outcome(self._columns(batch), batch.apart, batch.repeated)

    def _measure(self, source: Source, count: int, message: Message) -> None:
        """Count a message with ``count`` readings against the quota of its credential, where it has one."""
        if source.meter is not None and not source.meter.take(source.code, count, message):
            self._beyond[source.credential] = source.meter

    def _tell_beyond(self, batch: _Batch) -> None:
        """Tell what lay beyond quotas. It was used all the same: what was acknowledged cannot be refused any more."""
        for credential, meter in list(self._beyond.items()):
            for device, count, message, detail in meter.due(batch.now_ms):
                batch.set_apart(credential, device, rules.OVER_QUOTA, count, message, detail)
            if not meter.waits:
                del self._beyond[credential]

    def _observe(self, batch: _Batch, channel: int, message: Message) -> None:
        """Take one Observation of the SensorThings API. Who may publish for a channel was decided when the device signed in."""
        source = self._points.owners[channel] if channel < len(self._points.owners) else None
        if source is None:
            batch.set_apart(quarantine.UNKNOWN, quarantine.UNKNOWN, "reading_unknown_sensor", 1, message, message.subject[-60:])
            return
        if not source.in_use:
            self._refuse_sender(batch, message, source)
            return
        try:
            moment, value, exercise = observations.read(readings.loaded(message.data))
        except Refusal as refusal:
            batch.set_apart(source.credential, source.code, refusal.code, 1, message, str(refusal))
            return
        self._measure(source, 1, message)
        sample = readings.Sample(message.at_ms if moment is None else moment, {source.code_of(channel): value}, exercise)
        self._take(batch, source, sample, message)

    def _take(self, batch: _Batch, source: Source, sample: readings.Sample, message: Message) -> None:
        off_ms = sample.time_ms - batch.now_ms
        if off_ms > self._ahead_ms:
            batch.set_apart(source.credential, source.code, "reading_clock_ahead", len(sample.values), message, f"{off_ms / 1000:+.0f} s")
            return
        if -off_ms > self._behind_ms:
            sample = self._not_too_old(batch, source, sample, message)
            if not sample.values:
                return
        layout = source.layout(tuple(sample.values))
        if layout.kept is None:
            batch.values.append(sample.values.values())
        else:
            values = tuple(sample.values.values())
            batch.values.append([values[at] for at in layout.kept])
            detail = ", ".join(layout.unknown[:5])
            batch.set_apart(source.credential, source.code, "reading_unknown_sensor", len(layout.unknown), message, detail)
        quality = self._exercise(batch, source, sample, len(layout.channels), message) if sample.exercise else 0
        if -off_ms > self._late_ms:
            quality |= blocks.LATE
        if source.maintenance and source.under_maintenance(sample.time_ms):
            quality |= blocks.MAINTENANCE
        if sample.doubtful and message.headers and readings.GATEWAY in message.headers:
            batch.mark_doubtful(sample, layout)
        batch.rows += len(layout.channels)
        batch.channels.append(layout.channels)
        batch.times.append(sample.time_ms)
        batch.qualities.append(quality)

    def _not_too_old(self, batch: _Batch, source: Source, sample: readings.Sample, message: Message) -> readings.Sample:
        """What of a sample of long ago is taken; the rest is set apart."""
        classes = source.classes()
        kept: dict[str, float] = {}
        too_old: dict[str, int] = {}
        for code, value in sample.values.items():
            reason = earliest.too_old(sample.time_ms, source.since_ms, classes.get(code, ""), batch.now_ms)
            if reason:
                too_old[reason] = too_old.get(reason, 0) + 1
            else:
                kept[code] = value
        for reason, count in too_old.items():
            batch.set_apart(source.credential, source.code, reason, count, message, f"{(sample.time_ms - batch.now_ms) / 1000:+.0f} s")
        return replace(sample, values=kept) if too_old else sample

    def _exercise(self, batch: _Batch, source: Source, sample: readings.Sample, count: int, message: Message) -> int:
        """The mark of ``count`` readings that call themselves an exercise: a sender's word alone makes none, an alarm could hide behind it.

        Where no exercise is announced the readings are kept as real ones, and that is told.
        """
        if source.exercises and source.exercised(sample.time_ms):
            return blocks.EXERCISE
        noted = self._unannounced.setdefault((source.credential, source.code), _Unannounced())
        noted.count += count
        if batch.now_ms - noted.told_ms >= NOTICE_MS:
            batch.set_apart(source.credential, source.code, rules.EXERCISE_NOT_ANNOUNCED, noted.count, message, "")
            noted.count, noted.told_ms = 0, batch.now_ms
        return 0

    def _columns(self, batch: _Batch) -> blocks.Block:
        if not batch.channels:
            return blocks.empty()
        channel = np.concatenate(batch.channels)
        counts = np.fromiter(map(len, batch.channels), np.int64, len(batch.channels))
        value = np.fromiter(chain.from_iterable(batch.values), np.float64, len(channel))
        time = np.repeat(np.array(batch.times, np.int64), counts)
        quality = np.repeat(np.array(batch.qualities, np.uint8), counts)
        with np.errstate(invalid="ignore"):
            outside = (value < self._points.low[channel]) | (value > self._points.high[channel])
        quality[outside] |= blocks.OUT_OF_RANGE
        if batch.doubtful:
            quality[batch.doubtful] |= blocks.DOUBTFUL
        return blocks.Block(channel, time, value, quality)

    def _refuse_sender(self, batch: _Batch, message: Message, source: Source | None) -> None:
        if source is not None:
            reason = "reading_device_not_in_use" if self._points.credentials.get(source.credential) else "device_revoked_credential"
            batch.set_apart(source.credential, source.code, reason, 1, message, "")
            return
        parts = message.subject.removeprefix(SUBJECT_PREFIX).split(".")
        credential = parts[0]
        if len(parts) != 2:
            batch.set_apart(credential, quarantine.UNKNOWN, "reading_bad_topic", 1, message, message.subject[:120])
            return
        named = self._unknown.setdefault(credential, set())
        device = parts[1] if parts[1] in named or len(named) < MOST_UNKNOWN_DEVICES else quarantine.UNKNOWN
        named.add(device)
        batch.set_apart(credential, device, "reading_unknown_device", 1, message, parts[1][:64])


@dataclass
class _Unannounced:
    """Readings of one device marked as an exercise that nobody announced: how many since they were last told of, and when that was."""

    count: int = 0
    told_ms: int = -NOTICE_MS


class _Batch:
    """What gathers while a batch is decoded: one entry a sample, not a value."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self.repeated = self.rows = 0
        self.doubtful: list[int] = []
        self.channels: list[np.ndarray] = []
        self.values: list[Iterable[float]] = []
        self.times: list[int] = []
        self.qualities: list[int] = []
        self.apart: dict[tuple[str, str, str], Apart] = {}

    def mark_doubtful(self, sample: readings.Sample, layout: Layout) -> None:
        """Note the rows of ``sample`` (about to be added) whose values the sender itself calls not valid."""
        codes = tuple(sample.values)
        kept = codes if layout.kept is None else tuple(codes[at] for at in layout.kept)
        self.doubtful += [self.rows + at for at, code in enumerate(kept) if code in sample.doubtful]

    def set_apart(self, credential: str, device: str, reason: str, count: int, message: Message, detail: str) -> None:
        apart = self.apart.setdefault((credential, device, reason), Apart())
        apart.count += count
        apart.through = message.sequence
        apart.samples = [*apart.samples[1 - quarantine.MAX_SAMPLES :], quarantine.sample(self.now_ms, detail, message.data)]
