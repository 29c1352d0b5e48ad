"""A day of readings of many points, put on the stream as the intake would, and how soon the store answers for it."""

from __future__ import annotations

import asyncio
import statistics
import time

import httpx
import nats
import numpy as np
from tests.bench._whole_node import WholeNode, wait_until

from anlan.ledger import broker
from anlan.site.load.signals import Signals
from anlan.wire.blocks import Block, encode

FIRST_CHANNEL = 5_000_000
"""Far beyond any channel that is registered."""
POINTS = 1000
EVERY_S = 10
DAY_S = 86_400
SECOND_BY_SECOND = FIRST_CHANNEL + POINTS
"""One more point that speaks every second."""
ASKED = 60


async def _publish(url: str, begin_ms: int) -> int:
    nc = await nats.connect(url)
    js, rows = nc.jetstream(), 0
    signals = Signals(POINTS, 3)
    channels = np.arange(FIRST_CHANNEL, FIRST_CHANNEL + POINTS, dtype=np.int32)
    for first in range(0, DAY_S, 100 * EVERY_S):
        moments = range(first, min(first + 100 * EVERY_S, DAY_S), EVERY_S)
        value = np.concatenate([signals.step().copy() for _ in moments])
        moment = np.repeat(np.array([begin_ms + 1000 * at for at in moments], np.int64), POINTS)
        channel = np.tile(channels, len(moments))
        await js.publish("readings.history", encode(Block(channel, moment, value, np.zeros(len(value), np.uint8))), timeout=30)
        rows += len(value)
    one = Signals(1, 4)
    moment = begin_ms + 1000 * np.arange(DAY_S, dtype=np.int64)
    value = np.array([float(one.step()[0]) for _ in range(DAY_S)])
    await js.publish(
        "readings.history",
        encode(Block(np.full(DAY_S, SECOND_BY_SECOND, np.int32), moment, value, np.zeros(DAY_S, np.uint8))),
        timeout=30,
    )
    # The stream must be read to here before anything is asked.
    await broker.info_of(js, asyncio.Event(), broker.READINGS)
    await nc.close()
    return rows + DAY_S


def _asked(node: WholeNode, path: str, times: int, **parameters: object) -> list[float]:
    """Milliseconds of each answer."""
    found = []
    with httpx.Client(base_url=node.addresses["ANLAN_TELEMETRY_URL"], timeout=120) as client:
        for _ in range(times):
            began = time.perf_counter()
            if path == "/rollup":
                answer = client.post(path, params=parameters, json=list(range(FIRST_CHANNEL, FIRST_CHANNEL + POINTS)))  # type: ignore[arg-type]
            else:
                answer = client.get(path, params=parameters)  # type: ignore[arg-type]
            answer.raise_for_status()
            found.append((time.perf_counter() - began) * 1000)
    return found


def measure(node: WholeNode) -> dict[str, float]:
    """Put the day there and ask. Milliseconds; p95 where it is asked often."""
    begin_ms = (time.time_ns() // 1_000_000 // 86_400_000 - 2) * 86_400_000
    before = node.ask("/healthz")["inserted"]
    rows = asyncio.run(_publish(node.addresses["ANLAN_NATS_URL"], begin_ms))
    seconds = wait_until(lambda: node.ask("/healthz")["inserted"] - before >= rows, f"{rows} readings of a day are stored", 600)
    time.sleep(15)  # minutes and hours are written every ten seconds
    day = {"since": begin_ms, "until": begin_ms + 1000 * DAY_S}
    second = _asked(node, "/series", ASKED, channel=SECOND_BY_SECOND, points=1000, **day)
    tens = [
        taken for number in range(ASKED) for taken in _asked(node, "/series", 1, channel=FIRST_CHANNEL + number * 7, points=1000, **day)
    ]
    rollup = _asked(node, "/rollup", 5, width=300_000, **day)
    return {
        "day_query_ms": round(_p95([*second, *tens]), 1),
        "day_query_each_second_ms": round(_p95(second), 1),
        "day_query_each_10_s_ms": round(_p95(tens), 1),
        "rollup_1000x1day_ms": round(statistics.median(rollup)),
        "history_rows_per_s": round(rows / seconds),
    }


def _p95(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.95)]
