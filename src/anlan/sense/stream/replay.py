"""``anlan replay``: plays a recorded series as a device through the node's MQTT port, at any speed, every message acknowledged.

The file is CSV or Parquet with a header, or numbers in columns separated by blanks (``.dat``, ``.txt``; columns are then called 1, 2, 3 …).
Each row becomes one sample; a value that is missing or no finite number is left out. Nothing here knows the stream or the database: what is
played passes exactly where a device's messages pass.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiomqtt
import numpy as np
from numpy.typing import NDArray

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire import readings

WINDOW = 256
"""Messages on the way without an acknowledgement."""


class ReplayRefused(Refusal):
    code = "replay_refused"
    sentence = N_("无法回放：{reason}")
    status = 422


class NothingToReplay(ReplayRefused):
    code = "replay_nothing"
    sentence = N_("所选范围内没有可回放的行。")


class TurnedAway(ReplayRefused):
    code = "replay_turned_away"
    sentence = N_("节点拒绝了接入用户名“{credential}”或其密钥。")


@dataclass(frozen=True)
class Series:
    """Columns by name, all of equal length; ``seconds`` since the first row, ascending."""

    columns: dict[str, NDArray[np.float64]]
    seconds: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.seconds)


@dataclass(frozen=True)
class Plan:
    """What is to be played: as which device, which column as which point, from when, how fast (``None``: as fast as it goes)."""

    device: str
    credential: str
    secret: str
    mapping: dict[str, str]
    start: datetime
    speed: float | None
    batch: int = 1
    exercise: bool = False
    host: str = "127.0.0.1"
    port: int = 1883


@dataclass
class Result:
    """What came of it. ``seconds``: how long it took."""

    rows: int = 0
    readings: int = 0
    messages: int = 0
    acknowledged: int = 0
    seconds: float = 0.0


def read_series(path: Path, *, rows: str = "", time_column: str = "", interval_s: float = 1.0) -> Series:
    """Read a file. ``rows``: ``A:B`` counted from 0, end excluded. Without ``time_column`` rows lie ``interval_s`` apart.

    Raises :class:`ReplayRefused`.
    """
    try:
        columns = _read(path)
    except (OSError, ValueError) as wrong:
        raise ReplayRefused(reason=str(wrong)) from wrong
    length = max((len(column) for column in columns.values()), default=0)
    part = _slice(rows)
    if time_column:
        if time_column not in columns:
            raise ReplayRefused(reason=f"{time_column} ∉ {', '.join(columns)}")
        seconds = columns.pop(time_column)
    else:
        seconds = np.arange(length) * interval_s
    columns = {name: column[part] for name, column in columns.items()}
    seconds = seconds[part]
    if not len(seconds):
        raise NothingToReplay()
    return Series(columns, seconds - seconds[0])


def _read(path: Path) -> dict[str, NDArray[np.float64]]:
    if path.suffix.lower() in {".dat", ".txt"}:
        table = np.loadtxt(path, ndmin=2)
        return {str(number + 1): table[:, number] for number in range(table.shape[1])}
    import pyarrow as pa
    from pyarrow import csv, parquet

    found = parquet.read_table(path) if path.suffix.lower() in {".parquet", ".pq"} else csv.read_csv(path)
    columns: dict[str, NDArray[np.float64]] = {}
    for name, column in zip(found.column_names, found.columns, strict=True):
        if pa.types.is_timestamp(column.type):
            columns[name] = column.cast(pa.timestamp("ms")).cast(pa.int64()).to_numpy(zero_copy_only=False) / 1000.0
        elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_boolean(column.type):
            columns[name] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return columns


def _slice(text: str) -> slice:
    if not text:
        return slice(None)
    first, colon, last = text.partition(":")
    try:
        return slice(int(first or 0), int(last) if last else (None if colon else int(first) + 1))
    except ValueError:
        raise ReplayRefused(reason=f"--rows {text}") from None


def payloads(series: Series, plan: Plan) -> Iterator[tuple[float, bytes, int, int]]:
    """Messages in order: seconds since the first row at which it is due, payload, rows and readings in it."""
    names = [(series.columns[column], point) for column, point in plan.mapping.items()]
    start_ms = round(plan.start.timestamp() * 1000)
    for first in range(0, len(series), plan.batch):
        samples = []
        for row in range(first, min(first + plan.batch, len(series))):
            values = {point: float(column[row]) for column, point in names if math.isfinite(column[row])}
            if values:
                samples.append(readings.Sample(start_ms + round(float(series.seconds[row]) * 1000), values, plan.exercise))
        if samples:
            due = float(series.seconds[min(first + plan.batch, len(series)) - 1])
            yield due, readings.encode(samples), len(samples), sum(len(sample.values) for sample in samples)


async def play(series: Series, plan: Plan, *, progress: bool = False) -> Result:
    """Play ``series``; returns when every message was acknowledged. Raises :class:`ReplayRefused` when the node turns the device away."""
    logging.getLogger("mqtt").setLevel(logging.ERROR)
    result, began = Result(), time.monotonic()
    waiting = list(payloads(series, plan))
    total = len(waiting)
    done = [False] * total
    topic = readings.topic(plan.credential, plan.device)
    tries, admitted = 0, False
    while not all(done):
        try:
            async with _client(plan) as client:
                tries, admitted = 0, True
                await _send(client, topic, waiting, done, plan, result, began, progress)
        except (aiomqtt.MqttError, ExceptionGroup) as trouble:
            if isinstance(trouble, ExceptionGroup) and trouble.split(aiomqtt.MqttError)[1] is not None:
                raise
            tries += 1
            # Once let in, a refusal only means that the gatekeeper is not back yet.
            if not admitted and ("ot authorized" in str(trouble) or "code:4" in str(trouble)):
                raise TurnedAway(credential=plan.credential) from trouble
            if tries > 30:
                raise ReplayRefused(reason=str(trouble)) from trouble
            await asyncio.sleep(min(0.2 * 2**tries, 5.0))
    result.seconds = time.monotonic() - began
    return result


def _client(plan: Plan) -> aiomqtt.Client:
    return aiomqtt.Client(
        plan.host,
        plan.port,
        username=plan.credential,
        password=plan.secret,
        # A clean session under a name of its own: two replays of one device do not throw each other out.
        identifier=f"replay-{plan.device}-{os.getpid()}-{time.monotonic_ns() % 100000}",
        max_inflight_messages=WINDOW,
        max_queued_outgoing_messages=0,
    )


async def _send(
    client: aiomqtt.Client,
    topic: str,
    waiting: Sequence[tuple[float, bytes, int, int]],
    done: list[bool],
    plan: Plan,
    result: Result,
    began: float,
    progress: bool,
) -> None:
    room = asyncio.Semaphore(WINDOW)

    async def one(at: int) -> None:
        _due, payload, rows, values = waiting[at]
        try:
            await client.publish(topic, payload, qos=1, timeout=30)
        finally:
            room.release()
        done[at] = True
        result.acknowledged += 1
        result.messages += 1
        result.rows += rows
        result.readings += values
        if progress:
            _show(result, len(waiting), began)

    async with asyncio.TaskGroup() as tasks:
        for at, (due, *_rest) in enumerate(waiting):
            if done[at]:
                continue
            if plan.speed is not None:
                await asyncio.sleep(max(0.0, began + due / plan.speed - time.monotonic()))
            await room.acquire()
            tasks.create_task(one(at))


def _show(result: Result, total: int, began: float) -> None:
    every = max(1, total // 100)
    if result.acknowledged % every == 0 or result.acknowledged == total:
        rate = result.readings / max(time.monotonic() - began, 1e-9)
        sys.stderr.write(f"\r{result.acknowledged}/{total} messages acknowledged, {result.readings} readings, {rate:,.0f}/s ")
        sys.stderr.flush()


def default_start(series: Series, speed: float | None, now: datetime) -> datetime:
    """A start such that the last row falls on the moment it is sent: no reading then lies ahead of the node's clock."""
    length = float(series.seconds[-1])
    return now + timedelta(seconds=(length / speed if speed else 0.0) - length)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="anlan replay", description="Play a CSV, Parquet or whitespace series as a device through MQTT.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--device", required=True, help="device code")
    parser.add_argument("--credential", required=True, help="user name of the enterprise's credential")
    parser.add_argument("--secret", default=os.environ.get("ANLAN_DEVICE_SECRET", ""), help="its secret (or ANLAN_DEVICE_SECRET)")
    parser.add_argument("--map", default="", help="column=sensor,column=sensor (default: every column under its own name)")
    parser.add_argument("--speed", default="1", help="times real time, or max")
    parser.add_argument(
        "--start", default="", help="time of the first row, ISO 8601 with offset (default: so that the last row is sent now)"
    )
    parser.add_argument("--rows", default="", help="A:B, counted from 0, end excluded")
    parser.add_argument("--time", default="", help="column that holds the time")
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between rows without a time column")
    parser.add_argument("--batch", type=int, default=1, help="rows a message")
    parser.add_argument(
        "--exercise",
        action="store_true",
        help="mark the readings as an exercise; the mark counts only while one is announced for the device (登记演练), else they ring as real",
    )
    parser.add_argument("--mqtt", default=os.environ.get("ANLAN_MQTT_URL", "mqtt://127.0.0.1:1883"))
    return parser.parse_args(argv)


def _plan(given: argparse.Namespace, series: Series) -> Plan:
    mapping = dict(pair.split("=", 1) for pair in given.map.split(",") if "=" in pair) or {name: name for name in series.columns}
    missing = [column for column in mapping if column not in series.columns]
    if missing:
        raise ReplayRefused(reason=f"{', '.join(missing)} ∉ {', '.join(series.columns)}")
    try:
        speed = None if given.speed == "max" else float(given.speed)
        start = datetime.fromisoformat(given.start) if given.start else default_start(series, speed, datetime.now(UTC))
    except ValueError as wrong:
        raise ReplayRefused(reason=str(wrong)) from wrong
    if start.tzinfo is None or (speed is not None and speed <= 0) or given.batch < 1:
        raise ReplayRefused(reason="--start, --speed, --batch")
    address = urlsplit(given.mqtt)
    return Plan(
        given.device,
        given.credential,
        given.secret,
        mapping,
        start,
        speed,
        given.batch,
        given.exercise,
        address.hostname or "127.0.0.1",
        address.port or 1883,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Entry of the command; prints one JSON object with what was acknowledged."""
    given = _arguments(argv)
    try:
        series = read_series(given.file, rows=given.rows, time_column=given.time, interval_s=given.interval)
        result = asyncio.run(play(series, _plan(given, series), progress=sys.stderr.isatty()))
    except ReplayRefused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    sys.stdout.write(json.dumps(result.__dict__) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
