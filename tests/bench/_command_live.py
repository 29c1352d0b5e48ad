"""A change on one desk, seen on 200 others: one officer writes a line of the log on a real node, 200 streams of the county's desk hear of it.

``live_change_ms``: the 99th percentile from sending the change until a desk is told, over all desks and changes; ``live_shown_ms``: the longest until the one desk
that asks for its part again has the line in its hands. Desks ask scoped pages, so that what is told carries no content.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable

import httpx

DESKS, CHANGES = 200, 20
EVERY_S = 1.5
LIMIT_MS = 1000.0
ACCOUNT = "county.duty"


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """On the node that ``ANLAN_BENCH_URL`` names, else on one of its own."""
    from tests.bench._whole_node import whole_node

    if url := os.environ.get("ANLAN_BENCH_URL"):
        told, shown, first = asyncio.run(_measure(url.rstrip("/")))
    else:
        with whole_node() as node:
            told, shown, first = asyncio.run(_measure(node.url))
    say(f"{len(told):,} of {DESKS * CHANGES:,} tellings heard")
    lost = DESKS * CHANGES - len(told)
    return {
        "live_change_ms": _percentile(told, 0.99),
        "live_shown_ms": round(max(shown), 1),
        "live_first_ms": round(first, 1),
        "live_desks": DESKS,
        "live_lost": lost,
        "live_limit_ms": LIMIT_MS,
    }


def _percentile(values: list[float], share: float) -> float:
    return round(sorted(values)[max(0, int(len(values) * share) - 1)], 1)


async def _measure(url: str) -> tuple[list[float], list[float], float]:
    """Milliseconds until told, of every desk and change; until shown, of every change; until the very first was shown."""
    limits = httpx.Limits(max_connections=DESKS + 10)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits, follow_redirects=True) as desk:
        await _sign_in(desk)
        sent: dict[str, float] = {}
        heard: list[tuple[str, float]] = []
        opened = asyncio.Semaphore(0)
        streams = [asyncio.create_task(_listen(desk, heard, opened)) for _number in range(DESKS)]
        async with asyncio.timeout(120):
            for _stream in streams:
                await opened.acquire()
        # The first of a node that has just started also reads the code that writes it: told apart.
        first = await _change(desk, -1, {})
        heard.clear()
        shown = [await _change(desk, number, sent) for number in range(CHANGES)]
        await asyncio.sleep(3)
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
    began = sorted(sent.values())
    told = [(at - max(each for each in began if each <= at)) * 1000 for _key, at in heard]
    return told, shown, first


async def _sign_in(desk: httpx.AsyncClient) -> None:
    await desk.get("/sign-in/")
    answer = await desk.post(
        "/sign-in/demo/",
        data={"username": ACCOUNT, "csrfmiddlewaretoken": desk.cookies["anlan_csrf"]},
        headers={"Referer": str(desk.base_url)},
    )
    answer.raise_for_status()
    assert (await desk.get("/duty/")).status_code == 200, "the officer's desk did not open"


async def _listen(desk: httpx.AsyncClient, heard: list[tuple[str, float]], opened: asyncio.Semaphore) -> None:
    """One open desk: notes when it is told of a line of the log."""
    async with desk.stream("GET", "/live/", timeout=None) as answer:
        opened.release()
        event = ""
        async for line in answer.aiter_lines():
            if line.startswith("event:"):
                event = line.removeprefix("event:").strip()
            elif line.startswith("data:") and event == "duty.logged":
                heard.append((str(json.loads(line.removeprefix("data:"))["id"]), time.monotonic()))


async def _change(desk: httpx.AsyncClient, number: int, sent: dict[str, float]) -> float:
    """Write one line and look at the part that holds it; milliseconds until it is there."""
    text = f"台架日志 {number} {time.time_ns()}"
    began = sent[text] = time.monotonic()
    token = desk.cookies["anlan_csrf"]
    headers = {"HX-Request": "true", "Referer": str(desk.base_url), "X-CSRFToken": token}
    (await desk.post("/duty/log/", data={"kind": "memo", "text": text}, headers=headers)).raise_for_status()
    page = await desk.get("/duty/part/log/")
    assert text in page.text, "the line is not on the desk"
    took = (time.monotonic() - began) * 1000
    await asyncio.sleep(EVERY_S)
    return took
