"""``anlan bench telemetry``: what a whole node takes in, how soon it tells, what it keeps; load tool and node on the same processors.

One run, in this order: two thousand MQTT connections (QoS 1, 60 readings a message) at the asked rate for ten minutes; as many as go in
batches of a thousand; alarms in a browser while 50,000 readings a second come in; one protocol after the other, each as fast as it goes; a
day of a thousand points asked for; the same blocks in a plain PostgreSQL table; a number of fleets from a thousand points to a million.
``lost`` and ``duplicated`` compare what devices were told is kept with what the store holds and with the rows on the stream of readings, one
by one.
"""

from __future__ import annotations

import argparse
import asyncio
import json as encoder
import os
import subprocess
import sys
import time
from contextlib import suppress
from typing import Any

from tests.bench import _history, _plain_table, _protocols, _scaling
from tests.bench._whole_node import FLEET, Usage, WholeNode, usage, wait_until, whole_node

from anlan.ledger import broker
from anlan.site.environment import PROJECT
from anlan.site.launcher.say import progress
from anlan.wire import blocks

OWN_NODE = True
"""It starts a node of its own instead of borrowing engines."""
LINKS = 2000
POINTS = 60


def main(*, json: bool = False, arguments: list[str] | None = None) -> dict[str, object]:
    """Measure; ``--seconds`` shortens the ten minutes for a look."""
    asked = _parser().parse_args(arguments or [])
    figures: dict[str, object] = {}
    with whole_node() as node:
        progress(f"registering {asked.links:,} devices of {POINTS} points")
        node.command(
            "load-telemetry", "--make", str(asked.links), "--points", str(POINTS), "--also", ",".join(_protocols.FIELD), "--only-fleet"
        )
        time.sleep(5)
        figures |= _sustained(node, asked)
        figures |= _burst(node, asked)
        figures |= _alarms(node, asked)
        figures["protocols"] = _protocols.table(node, asked.links, POINTS, asked.protocol_seconds)
        figures |= _history.measure(node)
        progress(f"a day asked for: {figures['day_query_ms']} ms")
        figures["baseline_postgresql"] = _plain_table.measure(
            node.addresses["ANLAN_NATS_URL"], node.addresses["ANLAN_DATABASE_URL"], asked.baseline_rows
        )
        progress(f"plain table: {figures['baseline_postgresql']}")
    if not asked.no_scaling:
        figures["scaling"] = _scaling.table(asked.scaling_seconds)
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="anlan bench telemetry")
    parser.add_argument("--seconds", type=float, default=600, help="of the sustained run (600)")
    parser.add_argument("--rate", type=float, default=205_000, help="readings per second offered in the sustained run (205,000)")
    parser.add_argument("--links", type=int, default=LINKS, help=f"MQTT connections ({LINKS})")
    parser.add_argument("--burst-seconds", type=float, default=15)
    parser.add_argument("--alarm-seconds", type=float, default=60)
    parser.add_argument("--protocol-seconds", type=float, default=20, help="of each protocol's run (20)")
    parser.add_argument("--baseline-rows", type=int, default=5_000_000)
    parser.add_argument("--scaling-seconds", type=float, default=15)
    parser.add_argument("--no-scaling", action="store_true")
    return parser


def _load(node: WholeNode, *arguments: str) -> dict[str, Any]:
    return encoder.loads(node.command("load-telemetry", *arguments, "--json").strip().splitlines()[-1])


def _sustained(node: WholeNode, asked: argparse.Namespace) -> dict[str, object]:
    """What was acknowledged, stored, and on the stream of readings, of the long run."""
    processes = node.processes()
    before, rows_before, kept_before = usage(processes), node.ask("/healthz")["inserted"], _kept(node)
    began = time.monotonic()
    told = _load(node, "--devices", str(asked.links), "--rate", str(asked.rate), "--seconds", str(asked.seconds))
    wanted = told["readings_acknowledged"]
    wait_until(lambda: node.ask("/healthz")["inserted"] - rows_before >= wanted, f"{wanted:,} readings are stored", 1800)
    drained = time.monotonic() - began
    after = usage(processes)
    kept = _kept(node) - kept_before
    on_stream = asyncio.run(_rows_on_stream(node.addresses["ANLAN_NATS_URL"]))
    counts = wait_for_merges(node)
    progress(f"sustained: {told['readings_per_s']:,} readings/s acknowledged, {wanted / drained:,.0f} through to the store")
    return {
        "sustained_per_s": told["readings_per_s"],
        "sustained_through_store_per_s": round(wanted / drained),
        "sustained_seconds": told["seconds"],
        "connections": asked.links,
        "acknowledged": wanted,
        "messages_unacknowledged": told["messages_unacknowledged"],
        "held_back": told["held_back"],
        "stored": kept,
        "lost": max(0, wanted - kept),
        "duplicated": max(0, on_stream - wanted),
        "p99_acknowledged_ms": told["p99_acknowledged_ms"],
        "bytes_per_reading": round(counts["bytes"] / max(1, counts["rows"]), 2),
        "memory_mb": after.megabytes,
        "processor_share": _share(before, after, drained),
    }


def _share(before: Usage, after: Usage, seconds: float) -> dict[str, float]:
    """Share of one processor by service."""
    return {name: round((after.seconds[name] - before.seconds.get(name, 0.0)) / seconds, 3) for name in after.seconds}


def _kept(node: WholeNode) -> int:
    return int(node.ask("/counts", exact=1)["readings"])


def wait_for_merges(node: WholeNode) -> dict[str, Any]:
    """The counts of the store after its parts were merged as far as they will be in a minute."""
    last = node.ask("/counts")
    for _ in range(6):
        time.sleep(10)
        now = node.ask("/counts")
        if now["bytes"] >= last["bytes"] * 0.995:
            return now
        last = now
    return last


async def _rows_on_stream(url: str) -> int:
    """Rows of every block on READINGS that the intake made."""
    stop = asyncio.Event()
    nc = await broker.connect(url, stop, name="bench")
    cursor, rows = broker.Cursor(nc, broker.READINGS, ("readings.0",), batch=200), 0
    while True:
        found = await cursor.next(2.0)
        rows += sum(len(blocks.decode(message.data)) for message in found)
        if not found and cursor.opened and cursor.pending == 0:
            break
    await cursor.close()
    await nc.drain()
    return rows


def _burst(node: WholeNode, asked: argparse.Namespace) -> dict[str, object]:
    """As many as go, in batches of 1,020."""
    before = node.ask("/healthz")["inserted"]
    began = time.monotonic()
    told = _load(node, "--devices", "200", "--rate", "0", "--samples", "17", "--seconds", str(asked.burst_seconds))
    wait_until(lambda: node.ask("/healthz")["inserted"] - before >= told["readings_acknowledged"], "the burst is stored", 900)
    drained = time.monotonic() - began
    progress(f"burst: {told['readings_per_s']:,} readings/s acknowledged")
    return {
        "burst_per_s": told["readings_per_s"],
        "burst_through_store_per_s": round(told["readings_acknowledged"] / drained),
        "burst_unacknowledged": told["messages_unacknowledged"],
    }


def _alarms(node: WholeNode, asked: argparse.Namespace) -> dict[str, object]:
    """From a device's publish to an event in a browser while 50,000 readings a second come in."""
    load = node.beside(
        *("load-telemetry", "--devices", str(asked.links - 1), "--rate", "50000", "--seconds", str(asked.alarm_seconds + 40), "--json")
    )
    try:
        time.sleep(10)
        probe = subprocess.run(
            (sys.executable, "-m", "tests.bench._alarm_latency", "--url", node.url, "--fleet", str(node.home / FLEET),
             "--mqtt-port", node.addresses["ANLAN_MQTT_URL"].rsplit(":", 1)[1], "--seconds", str(asked.alarm_seconds)),
            cwd=PROJECT, env={**os.environ, **node.addresses, "DJANGO_SETTINGS_MODULE": "anlan.site.settings"},
            stdout=subprocess.PIPE, text=True, check=True, timeout=asked.alarm_seconds + 240,
        )  # fmt: skip
        late = encoder.loads(probe.stdout.strip().splitlines()[-1])
    finally:
        load.terminate()
        with suppress(subprocess.TimeoutExpired):
            load.wait(60)
    if not late:
        raise RuntimeError("no alarm reached the browser")
    p99 = late[min(len(late) - 1, int(len(late) * 0.99))]
    progress(f"alarms: {len(late)} heard in the browser, p99 {p99} ms")
    return {"p99_alarm_latency_ms": p99, "p50_alarm_latency_ms": late[len(late) // 2], "alarms_heard": len(late)}


if __name__ == "__main__":
    sys.stdout.write(encoder.dumps(main(arguments=sys.argv[1:])) + "\n")
