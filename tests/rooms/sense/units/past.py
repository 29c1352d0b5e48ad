"""History of points for tests of process units: what the store answers, and people who train and put in force."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream
from anlan.wire.blocks import Block, concatenate, empty


def ms(moment):
    return round(moment.timestamp() * 1000)


class Past:
    """Readings by channel; answers as the store does: the last or the sum of each interval, buckets of equal width, the newest reading."""

    def __init__(self):
        self.held = {}
        self.asked = []

    def put(self, channel, times, values, quality=None):
        times = np.asarray(times, np.int64)
        marks = np.zeros(len(times), np.uint8) if quality is None else np.asarray(quality, np.uint8)
        self.held[channel] = (times, np.asarray(values, float), marks)

    def fill(self, points, start, rows, every_s=60.0):
        """One reading of every point each ``every_s`` seconds from ``start`` on; ``rows`` has a column for each point."""
        times = ms(start) + np.arange(len(rows)) * round(every_s * 1000)
        for column, point in enumerate(points):
            self.put(point.channel, times, rows[:, column])

    def add(self, channel, moment, value, quality=0):
        """One more reading."""
        times, values, marks = self.held.get(channel, (np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8)))
        self.put(channel, np.append(times, ms(moment)), np.append(values, value), np.append(marks, quality))

    def latest(self, sensor_ids):
        found = {}
        for pk, sensor in devices.sensors(sensor_ids).items():
            if sensor.channel in self.held:
                times, values, marks = self.held[sensor.channel]
                found[pk] = (datetime.fromtimestamp(times[-1] / 1000, UTC), float(values[-1]), int(marks[-1]))
        return found

    def samples(self, channels, since, until, interval_s, *, total=False, without=0):
        self.asked.append((since, until))
        parts = []
        width = round(interval_s * 1000)
        for channel in channels:
            times, values, marks = self.held.get(channel, (np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8)))
            inside = (times >= ms(since)) & (times < ms(until)) & (marks & without == 0)
            times, values, marks = times[inside], values[inside], marks[inside]
            bucket = (times - ms(since)) // width
            last = np.flatnonzero(np.diff(bucket, append=bucket[-1:] + 1)) if len(bucket) else np.empty(0, np.int64)
            bits = np.array([np.bitwise_or.reduce(marks[bucket == bucket[at]]) for at in last], np.uint8)
            told = np.array([values[bucket == bucket[at]].sum() for at in last]) if total else values[last]
            parts.append(Block(np.full(len(last), channel, np.int32), times[last], told, bits))
        whole = concatenate(parts) if parts else empty()
        return whole.where(np.argsort(whole.time, kind="stable"))  # type: ignore[arg-type]

    def series(self, sensor_id, since, until, points=600, actor=None):
        channel = devices.sensor(sensor_id).channel
        times, values, _marks = self.held.get(channel, (np.empty(0, np.int64), np.empty(0), None))
        inside = (times >= ms(since)) & (times < ms(until))
        found = [
            stream.Bucket(datetime.fromtimestamp(at / 1000, UTC), value, value, value, 1)
            for at, value in zip(times[inside].tolist(), values[inside].tolist(), strict=True)
        ]
        return stream.Series(sensor_id, "", since, until, tuple(found))

    def serve(self, monkeypatch):
        monkeypatch.setattr(stream, "samples", self.samples)
        monkeypatch.setattr(stream, "series", self.series)
        monkeypatch.setattr(devices, "latest", self.latest)
        return self
