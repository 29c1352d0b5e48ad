"""What each way in takes for itself: as many readings as are acknowledged, one protocol after the other, on the running node."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pyarrow as arrow
from tests.bench._whole_node import FLEET, WholeNode, usage, wait_until

from anlan.site.launcher.say import progress
from anlan.site.load.fleet import Link, read
from anlan.site.load.signals import Signals
from anlan.site.load.tally import Tally

FIELD = ("hj212", "jt808")
"""What the devices of the fleet speak beside MQTT."""
_MOMENTS = 20
"""Moments in a message by HTTPS: 1,200 readings, as a collecting host sends them."""


Send = Callable[[float], dict[str, Any]]
"""Sends for a while at a rate in readings per second (0: as fast as is acknowledged) and tells what became of it."""


def table(node: WholeNode, links: int, points: int, seconds: float) -> list[dict[str, object]]:
    """One row for each way in: readings in a message, acknowledged per second, processor by service; p99 of the acknowledgement at half of that."""

    def tool(protocol: str, devices: int, most: float = 0) -> Send:
        def send(rate: float) -> dict[str, Any]:
            asked = ("--protocol", protocol, "--devices", str(devices), "--rate", str(rate or most), "--seconds", str(seconds), "--json")
            return json.loads(node.command("load-telemetry", *asked, allowed=(0, 1)).strip().splitlines()[-1])

        return send

    # Times of field protocols have seconds, so a device says one message in a second: all of them are needed to find the most that goes.
    ways: dict[str, tuple[int, Send]] = {
        "MQTT, JSON": (points, tool("mqtt", min(links, 400))),
        "HJ 212": (points, tool("hj212", links, links * points * 0.95)),
        "JT/T 808": (5, tool("jt808", links, links * 5 * 0.95)),
    }
    fleet = read(node.home / FLEET).links
    for name, kind in {"HTTPS, JSON": "application/json", "HTTPS, Arrow": "application/vnd.apache.arrow.stream"}.items():
        ways[name] = (points * _MOMENTS, lambda rate, kind=kind: asyncio.run(_https(node, fleet[: 2 if rate else 32], kind, seconds)))
    return [_row(node, name, size, send) for name, (size, send) in ways.items()]


def _row(node: WholeNode, name: str, size: int, send: Send) -> dict[str, object]:
    processes, stored = node.processes(), node.ask("/healthz")["inserted"]
    before, began = usage(processes), time.monotonic()
    told = send(0)
    wait_until(lambda: node.ask("/healthz")["inserted"] - stored >= told["readings_acknowledged"], f"{name} is stored", 900)
    after, drained = usage(processes), time.monotonic() - began
    spent = {one: after.seconds[one] - before.seconds.get(one, 0.0) for one in after.seconds}
    calm = send(told["readings_per_s"] / 2)
    row: dict[str, object] = {
        "way": name,
        "readings_a_message": size,
        "acknowledged_per_s": told["readings_per_s"],
        "messages_per_s": round(told["readings_per_s"] / size),
        "through_store_per_s": round(told["readings_acknowledged"] / drained),
        "unacknowledged": told["messages_unacknowledged"] + calm["messages_unacknowledged"],
        "p99_at_half_ms": calm["p99_acknowledged_ms"],
        **{each: told[each] for each in ("outcomes",) if each in told},
        "processor_s_per_million": {
            one: round(used / told["readings_acknowledged"] * 1e6, 2) for one, used in spent.items() if used / drained >= 0.02
        },
    }
    progress(f"{row}")
    return row


async def _https(node: WholeNode, fleet: tuple[Link, ...], content: str, seconds: float) -> dict[str, Any]:
    """Each device sends batch after batch of :data:`_MOMENTS` moments."""
    tally, outcomes, end, began = Tally(), Counter[int](), time.perf_counter() + seconds, time.perf_counter()
    async with httpx.AsyncClient(base_url=node.url, timeout=60, limits=httpx.Limits(max_connections=len(fleet))) as client:

        async def one(number: int, link: Link) -> None:
            signals, moment = Signals(len(link.points), number), 0
            while time.perf_counter() < end:
                moment = max(moment + 1, time.time_ns() // 1_000_000)
                moments = range(moment - _MOMENTS + 1, moment + 1)
                body = _body(content, link.points, moments, [signals.step().tolist() for _ in moments])
                moment += _MOMENTS
                sent = time.perf_counter()
                tally.sent += 1
                answer = await client.post(
                    f"/api/uplink/v1/{link.device}", content=body, headers={"Content-Type": content}, auth=(link.username, link.secret)
                )
                outcomes[answer.status_code] += 1
                if answer.status_code == httpx.codes.OK:
                    tally.acknowledged += 1
                    tally.readings += answer.json()["accepted"]
                    tally.latencies.append(time.perf_counter() - sent)

        await asyncio.gather(*(one(number, link) for number, link in enumerate(fleet)))
    return {
        "readings_acknowledged": tally.readings,
        "readings_per_s": round(tally.readings / (time.perf_counter() - began)),
        "messages_unacknowledged": tally.sent - tally.acknowledged,
        "p99_acknowledged_ms": tally.percentile(0.99),
        "outcomes": dict(outcomes),
    }


def _body(content: str, points: tuple[str, ...], moments: range, values: list[list[float]]) -> bytes:
    if content == "application/json":
        told = [{"t": moment, "v": dict(zip(points, row, strict=True))} for moment, row in zip(moments, values, strict=True)]
        return json.dumps(told, separators=(",", ":")).encode()
    columns = {
        "time": arrow.array(moments, arrow.int64()),
        **{code: arrow.array(column) for code, column in zip(points, zip(*values, strict=True), strict=True)},
    }
    batch, sink = arrow.table(columns), arrow.BufferOutputStream()
    with arrow.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_table(batch)
    return sink.getvalue().to_pybytes()
