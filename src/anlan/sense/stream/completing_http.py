"""Questions about completeness, the disk and retention that the telemetry process answers over HTTP on loopback."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from anlan.sense.stream.answering import BadQuestion, as_json, number
from anlan.sense.stream.completing import DAY_MS, day_of
from anlan.sense.stream.missing import SUMS
from anlan.wire import asking

if TYPE_CHECKING:
    from anlan.sense.stream.telemetry import Telemetry

MOST_VERIFIED = 5_000
"""Channels whose readings are counted again in one question."""
_LONGEST_MS = 400 * DAY_MS
Handler = Callable[[Request], Awaitable[Response]]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def completeness_routes(telemetry: Telemetry) -> list[tuple[str, Handler, list[str]]]:
    """Path, handler and methods of each question."""
    completing = telemetry.completing

    async def sums(request: Request) -> Response:
        """Sums by device of one day; the columns are named."""
        day = day_of(number(request, "day"))
        columns = ("credential", "device", "points", *SUMS)
        return as_json({"day": day, "columns": columns, "devices": (await completing.day(day, _now_ms())).by_source()})

    async def gaps(request: Request) -> Response:
        since, until = number(request, "since"), number(request, "until")
        if not 0 < until - since <= _LONGEST_MS:
            raise BadQuestion(f"until must be after since and at most {_LONGEST_MS} ms later")
        return as_json(await completing.gaps(since, until, _now_ms()))

    async def verify(request: Request) -> Response:
        channels = await _decoded(request, list[int])
        if len(channels) > MOST_VERIFIED:
            raise BadQuestion(f"at most {MOST_VERIFIED} channels")
        return as_json(await completing.verify(channels, day_of(number(request, "day")), _now_ms()))

    async def declare(request: Request) -> Response:
        intervals = await _decoded(request, list[tuple[int, int]])
        if any(channel < 0 or interval < 0 for channel, interval in intervals):
            raise BadQuestion("channels and intervals must not be negative")
        completing.declare(intervals)
        return as_json({"declared": len(intervals)})

    async def ask(request: Request) -> Response:
        """Ask an open line of a gateway to send again; whether there was one whose protocol can."""
        try:
            asked = asking.decode(await request.body())
        except asking.MalformedAsking as refusal:
            raise BadQuestion(str(refusal)) from None
        return as_json({"heard": await telemetry.ask(asked)})

    async def disk(_request: Request) -> Response:
        return as_json(asdict(telemetry.guard.state))

    async def retention(_request: Request) -> Response:
        return as_json(telemetry.retention.told())

    return [
        ("/completeness", sums, ["GET"]),
        ("/completeness/gaps", gaps, ["GET"]),
        ("/completeness/verify", verify, ["POST"]),
        ("/completeness/declare", declare, ["POST"]),
        ("/ask", ask, ["POST"]),
        ("/disk", disk, ["GET"]),
        ("/retention", retention, ["GET"]),
    ]


async def _decoded(request: Request, shape: type) -> list:  # type: ignore[type-arg]
    try:
        return msgspec.json.decode(await request.body(), type=shape)
    except msgspec.MsgspecError:
        raise BadQuestion("the body is not of the right shape") from None
