"""What the telemetry process answers over HTTP on loopback, as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from anlan.sense.stream import observed_http
from anlan.sense.stream.answering import BadQuestion, as_json, number
from anlan.sense.stream.completing_http import completeness_routes
from anlan.sense.stream.curves import MOST_BUCKETS
from anlan.sense.stream.newest import MOST_CHANNELS, TICK
from anlan.sense.stream.rollups import MINUTE_MS
from anlan.wire import blocks

if TYPE_CHECKING:
    from anlan.sense.stream.telemetry import Telemetry

MOST_POINTS = 20_000
MOST_CURVES = 16
Handler = Callable[[Request], Awaitable[Response]]


async def _channels(request: Request) -> list[int]:
    """Channel numbers from ``channels=1,2,3``, or from the body (a JSON list) when there are many."""
    try:
        if request.method == "POST":
            found = msgspec.json.decode(await request.body(), type=list[int])
        else:
            found = [int(part) for part in request.query_params.get("channels", "").split(",") if part]
    except (ValueError, msgspec.MsgspecError):
        raise BadQuestion("channels must be whole numbers") from None
    if len(found) > MOST_CHANNELS:
        raise BadQuestion(f"at most {MOST_CHANNELS} channels")
    return found


def _guarded(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except BadQuestion as wrong:
            return as_json({"error": str(wrong)}, 422)

    return answer


def application(telemetry: Telemetry) -> Starlette:
    """The ASGI application."""

    async def series(request: Request) -> Response:
        since, until, points = number(request, "since"), number(request, "until"), number(request, "points", 600)
        if until <= since or not 1 <= points <= MOST_POINTS:
            raise BadQuestion(f"until must be after since, points between 1 and {MOST_POINTS}")
        found = await telemetry.series(number(request, "channel"), since, until, points)
        return as_json(asdict(found))  # type: ignore[call-overload]

    async def rollup(request: Request) -> Response:
        since, until, width = number(request, "since"), number(request, "until"), number(request, "width")
        if until <= since or width <= 0 or width % MINUTE_MS or (until - since) // width > MOST_POINTS:
            raise BadQuestion(f"until must be after since, width whole minutes and at most {MOST_POINTS} buckets a channel")
        return as_json(await telemetry.rollup(await _channels(request), since, until, width))

    async def curves(request: Request) -> Response:
        since, until, most = number(request, "since"), number(request, "until"), number(request, "most", MOST_BUCKETS)
        channels = await _channels(request)
        if until <= since or not 1 <= most <= MOST_BUCKETS or len(channels) > MOST_CURVES:
            raise BadQuestion(f"until must be after since, most between 1 and {MOST_BUCKETS}, at most {MOST_CURVES} channels")
        return as_json({str(channel): await telemetry.curve(channel, since, until, most) for channel in channels})

    async def figures(request: Request) -> Response:
        since, until = number(request, "since"), number(request, "until")
        channels = await _channels(request)
        if until <= since or len(channels) > MOST_CURVES:
            raise BadQuestion(f"until must be after since, at most {MOST_CURVES} channels")
        return as_json({str(channel): await telemetry.figures(channel, since, until) for channel in channels})

    async def changes(request: Request) -> Response:
        body = await request.body()
        if len(body) % 4 or len(body) > 4 * MOST_CHANNELS:
            raise BadQuestion(f"the body must be int32 channel numbers, at most {MOST_CHANNELS}")
        found = telemetry.newest.changes(np.frombuffer(body, "<i4"), number(request, "after"))
        return Response(blocks.encode(found), media_type="application/octet-stream", headers={TICK: str(telemetry.newest.tick)})

    async def latest(request: Request) -> Response:
        return as_json({str(channel): reading for channel, reading in telemetry.newest.of(await _channels(request)).items()})

    async def heard(request: Request) -> Response:
        return as_json({"count": telemetry.newest.heard_since(await _channels(request), number(request, "since"))})

    async def counts(request: Request) -> Response:
        rows, size = await telemetry.size()
        exact = await telemetry.count() if request.query_params.get("exact") == "1" else None
        return as_json({"rows": rows, "bytes": size, "readings": exact, "position": telemetry.stored, "lag": telemetry.lag})

    async def kept_apart(_request: Request) -> Response:
        return as_json(list(telemetry.apart.values()))

    async def healthz(_request: Request) -> Response:
        return as_json({"ok": True, "lag": telemetry.lag, "inserted": telemetry.inserted})

    routes: list[tuple[str, Handler, list[str]]] = [
        ("/series", series, ["GET"]),
        ("/rollup", rollup, ["GET", "POST"]),
        ("/curves", curves, ["GET", "POST"]),
        ("/figures", figures, ["GET", "POST"]),
        ("/changes", changes, ["POST"]),
        ("/latest", latest, ["GET", "POST"]),
        ("/heard", heard, ["POST"]),
        ("/counts", counts, ["GET"]),
        ("/quarantine", kept_apart, ["GET"]),
        ("/healthz", healthz, ["GET"]),
        *completeness_routes(telemetry),
        *observed_http.routes(telemetry),
    ]
    return Starlette(routes=[Route(path, _guarded(handler), methods=methods) for path, handler, methods in routes])


async def serve_http(telemetry: Telemetry, host: str, port: int, stop: asyncio.Event) -> None:
    """Answer on ``host``:``port`` until ``stop`` is set."""
    server = Server(application(telemetry), address=host, port=port, interface=Interfaces.ASGINL, log_enabled=False, websockets=False)
    serving = asyncio.create_task(server.serve())
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()
        return
    server.stop()
    await serving
