"""``plot_fanout_ms``: fifty posts at one board of a running web server, ten strokes a second, from sending one to its arrival at the last post.

The server, its database and its one listening connection are the product's own; the posts are plain HTTP clients in this process, each with a
session of its own. A stroke is timed from the moment at which its POST begins, so the check, the log on disk and the answer's way are in it.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np

from anlan.site.launcher.node import free_port
from anlan.site.launcher.scratch import scratch_node

POSTS = 50
RATE_PER_S = 10
STROKES = 300
WARM_UP = 20
"""Strokes at the beginning that are not counted: the server loads what it loads with the first."""
COUNTY = "370102"
PROJECT = Path(__file__).resolve().parents[2]
START_S = 60


def fanout() -> dict[str, object]:
    """p50 and p99 in ms over all strokes, each at its slowest post; how many arrivals there were, and how many are missing."""
    with scratch_node(durable=True):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=PROJECT, check=True)
        told = subprocess.run([sys.executable, "-m", "tests.bench._plotting"], cwd=PROJECT, check=True, capture_output=True, text=True)
        world = json.loads(told.stdout.splitlines()[-1])
        with _server() as url:
            return asyncio.run(_measure(url, world["board"], world["sessions"]))


def _world() -> dict[str, object]:
    """A board and fifty signed-in posts; runs in a process of its own, so that Django is set up for this database."""
    import django

    django.setup()
    from tests.accounts import actor_of, client_of, make_account

    from anlan.command.plotting import door
    from anlan.ground.places.models import Place
    from anlan.kernel import clock

    above = None
    for code, name, level in (("000000", "全国", 0), ("370000", "山东省", 1), ("370100", "济南市", 2), (COUNTY, "历下区", 3)):
        place = {"code12": code.ljust(12, "0"), "name": name, "short_name": name, "level": level, "parent_id": above}
        Place.objects.create(code=code, **place, longitude=117.0, latitude=36.6)
        above = code
    accounts = [make_account(f"post-{number}", "duty_officer", COUNTY) for number in range(POSTS)]
    wanted = {"title": "fan-out", "place_code": COUNTY}
    board = door.open_board(wanted, actor=actor_of(accounts[0]), now=clock.now())
    return {"board": str(board), "sessions": [client_of(account).cookies["anlan_session"].value for account in accounts]}


@contextmanager
def _server() -> Iterator[str]:
    port = free_port()
    granian = str(Path(sys.executable).parent / "granian")
    command = [granian, "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-ws"]
    process = subprocess.Popen([*command, "anlan.site.asgi:application"], cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(20)


class Posts:
    """What fifty streams heard: when each stroke came to each of them."""

    def __init__(self, url: str, board: str) -> None:
        self.url, self.board = url, board
        self.heard: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self.ready = 0

    async def listen(self, number: int, session: str) -> None:
        client = httpx.AsyncClient(base_url=self.url, timeout=httpx.Timeout(30, read=None), cookies={"anlan_session": session})
        async with client, client.stream("GET", "/live/", params={"feed": f"plotting:{self.board}"}) as stream:
            kind = ""
            async for line in stream.aiter_lines():
                if line.startswith("event:"):
                    kind = line[6:].strip()
                elif line.startswith("data:") and kind == "feed.plotting":
                    told = json.loads(line[5:])
                    if "here" in told:
                        self.ready += 1
                    elif "sequence" in told:
                        self.heard[told["sequence"]].setdefault(number, time.perf_counter())


async def _measure(url: str, board: str, sessions: list[str]) -> dict[str, object]:
    from anlan.command.plotting.document import EMPTY, composed

    posts = Posts(url, board)
    listening = [asyncio.create_task(posts.listen(number, session)) for number, session in enumerate(sessions)]
    async with asyncio.timeout(60):
        while posts.ready < len(sessions):
            await asyncio.sleep(0.05)
    token = secrets.token_hex(16)
    headers = {"X-CSRFToken": token, "Content-Type": "application/octet-stream", "Accept": "application/json"}
    begun: dict[int, float] = {}

    async def stroke(client: httpx.AsyncClient, number: int) -> None:
        place = {"type": "Point", "coordinates": [117.0 + number / 1e4, 36.6]}
        effect = {"kind": "symbol", "symbol": "fire_engine", "tone": "own", "title": f"stroke {number}", "geometry": place}
        name = secrets.token_hex(16)
        update = composed(EMPTY, {f"{name}:{field}": value for field, value in effect.items()})
        cookies = {"anlan_session": sessions[number % len(sessions)], "anlan_csrf": token}
        at = time.perf_counter()
        answer = await client.post(f"/plotting/{board}/updates/", content=update, headers={**headers, "Cookie": _cookie(cookies)})
        answer.raise_for_status()
        begun[answer.json()["sequence"]] = at

    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        first, strokes = time.perf_counter(), []
        for number in range(STROKES):
            await asyncio.sleep(max(0.0, first + number / RATE_PER_S - time.perf_counter()))
            strokes.append(asyncio.create_task(stroke(client, number)))
        await asyncio.gather(*strokes)
    await asyncio.sleep(2)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    counted = [sequence for sequence in sorted(begun) if sequence > WARM_UP]
    last = np.array([max(posts.heard[sequence].values()) - begun[sequence] for sequence in counted if posts.heard[sequence]]) * 1000
    arrived = sum(len(posts.heard[sequence]) for sequence in counted)
    p50, p99 = np.percentile(last, [50, 99])
    return {
        "plot_fanout_ms": round(float(p99), 1),
        "plot_fanout_p50_ms": round(float(p50), 1),
        "plot_fanout_arrivals": arrived,
        "plot_fanout_missing": len(counted) * len(sessions) - arrived,
    }


def _cookie(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


if __name__ == "__main__":
    print(json.dumps(_world()))  # noqa: T201 - read by the measurement
