"""From a thousand points to a million: what a message costs each process as the registry grows. No database, no pages."""

from __future__ import annotations

import asyncio
import multiprocessing

import psutil
from tests.rooms.sense.pipeline import Pipeline, device, entry, limit, pipeline, point, wait_until

from anlan.site.launcher.say import progress
from anlan.site.load import sending
from anlan.site.load.fleet import Link

POINTS = (1_000, 10_000, 100_000, 1_000_000)
EACH = 60
MOST_LINKS = 2000
RATE = 60_000.0


def table(seconds: float) -> list[dict[str, object]]:
    """One row for each number of points."""
    return [_one(points, seconds) for points in POINTS]


def _one(points: int, seconds: float) -> dict[str, object]:
    links = _links(points)
    with pipeline(sync="100ms") as running:
        running.admit(
            [
                entry(
                    link.username,
                    device("d", *(point(c, n, *((limit("HH", 95, 1),) if at % 10 == 0 else ()), low=-50, high=200)
                                  for at, (c, n) in enumerate(zip(link.points, link.channels, strict=True)))),
                )
                for link in links
            ]
        )  # fmt: skip
        running.start("telemetry", "intake", "detector")
        wait_until(
            lambda: "watching readings" in running.log("detector") and "reading what" in running.log("intake"), "everything is up", 240
        )
        before = _used(running)
        answer: multiprocessing.Queue[tuple[int, float]] = multiprocessing.get_context("fork").Queue()
        sender = multiprocessing.get_context("fork").Process(target=_send, args=(links, running.mqtt_port, seconds, answer))
        sender.start()
        readings, took = answer.get(timeout=seconds + 300)
        sender.join()
        wait_until(lambda: running.stored() >= readings, f"{readings} readings are stored", 300)
        after = _used(running)
        row: dict[str, object] = {
            "points": points,
            "connections": len(links),
            "per_s": round(readings / took),
            "processor_s_per_million": {name: round((after[name][0] - before[name][0]) / readings * 1e6, 2) for name in after},
            "memory_mb": {name: after[name][1] for name in after},
        }
    progress(f"scaling: {row}")
    return row


def _links(points: int) -> list[Link]:
    """At most :data:`MOST_LINKS` connections; the points are shared out evenly. Messages hold at most all points of a link."""
    number = min(MOST_LINKS, max(1, points // EACH))
    each = points // number
    return [
        Link(f"c{link}", "good", "d", tuple(f"P{at:03d}" for at in range(each)), tuple(range(1 + link * each, 1 + (link + 1) * each)))
        for link in range(number)
    ]


def _send(links: list[Link], port: int, seconds: float, answer: multiprocessing.Queue[tuple[int, float]]) -> None:
    plan = sending.Plan(("127.0.0.1", port), RATE, seconds)
    tally, took = asyncio.run(sending.run(tuple(links), plan, lambda _elapsed, _tally: None))
    answer.put((tally.readings, took))


def _used(running: Pipeline) -> dict[str, tuple[float, int]]:
    """Processor seconds and megabytes by process."""
    found = {}
    for name, process in running.processes.items():
        one = psutil.Process(process.pid)
        found[name] = (sum(one.cpu_times()[:2]), round(one.memory_info().rss / 2**20))
    return found
