"""Single readings by condition, as the telemetry process answers for them: a connection to the engine and a thread of their own.

So a slow question holds up neither what is stored nor the curves of the pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import clickhouse_connect
import msgspec
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from starlette.requests import Request
from starlette.responses import Response

from anlan.sense.stream import observed, sampled
from anlan.sense.stream.observed import MalformedCondition, Question
from anlan.sense.stream.sampled import Sampling
from anlan.sense.stream.store import TABLE
from anlan.wire import blocks

if TYPE_CHECKING:
    from anlan.sense.stream.telemetry import Telemetry

Q = TypeVar("Q")


class Observing:
    """The connection; opened at the first question."""

    def __init__(self, engine: Path) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "observe")
        self._client: Client | None = None

    async def answer(self, question: Q, answer: Callable[[Q, observed.Ask, str], Any]) -> Any:
        """What ``answer`` finds. Raises ``ClickHouseError`` when the engine gives up."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, answer, question, self._ask, TABLE)

    def _ask(self, text: str, parameters: dict[str, Any]) -> Sequence[Sequence[Any]]:
        if self._client is None:
            self._client = clickhouse_connect.get_client(interface="chdb", path=str(self._engine))
        return self._client.query(text, parameters=parameters).result_rows

    def close(self) -> None:
        """Let the engine finish."""
        self._thread.shutdown(wait=True)
        if self._client is not None:
            self._client.close()


def routes(telemetry: Telemetry) -> list[tuple[str, Callable[[Request], Any], list[str]]]:
    """``POST /observations`` and ``/observations/count``, each with a :class:`Question` as JSON; ``/samples`` with a :class:`Sampling`,
    which is answered as a block of :mod:`anlan.wire.blocks`."""

    async def asked(request: Request, answer: Callable[[Question, observed.Ask, str], Any]) -> Response:
        try:
            question = observed.checked(msgspec.json.decode(await request.body(), type=Question))
            return _json(await telemetry.observing.answer(question, answer))
        except (msgspec.MsgspecError, MalformedCondition) as wrong:
            return _json({"error": str(wrong)}, 422)
        except ClickHouseError as trouble:
            return _json({"error": str(trouble)[:300]}, 503)

    async def find(request: Request) -> Response:
        return await asked(request, observed.find)

    async def count(request: Request) -> Response:
        return await asked(request, observed.count)

    async def samples(request: Request) -> Response:
        try:
            asked_for = sampled.checked(msgspec.json.decode(await request.body(), type=Sampling))
            found = await telemetry.observing.answer(asked_for, sampled.find)
        except (msgspec.MsgspecError, MalformedCondition) as wrong:
            return _json({"error": str(wrong)}, 422)
        except ClickHouseError as trouble:
            return _json({"error": str(trouble)[:300]}, 503)
        return Response(blocks.encode(found), media_type="application/octet-stream")

    return [("/observations", find, ["POST"]), ("/observations/count", count, ["POST"]), ("/samples", samples, ["POST"])]


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
