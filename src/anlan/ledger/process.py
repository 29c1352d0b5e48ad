"""What every supervised process of a node has in common: JSON log lines, an orderly end, a calm way of trying again. No Django here."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from typing import Any

import structlog

Main = Callable[[asyncio.Event], Awaitable[None]]


def configure_logging(process: str) -> None:
    """Write one JSON object a line to standard error, each naming its process."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format='{"level":"%(levelname)s","logger":"%(name)s","event":"%(message)s"}'
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def serve(process: str, main: Main) -> int:
    """Run ``main(stop)`` until it returns; SIGTERM and SIGINT set ``stop``. Returns the exit code; an exception ends the process."""
    configure_logging(process)

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        log = structlog.get_logger()
        log.info("started")
        try:
            await main(stop)
        except ConnectionError:
            # Told to stop while an engine was away: what was not confirmed is done again at the next start.
            if not stop.is_set():
                raise
        log.info("stopped")

    asyncio.run(run())
    return 0


async def until_stopped(stop: asyncio.Event, work: Sequence[Coroutine[Any, Any, None]], close: Callable[[], Awaitable[None]]) -> None:
    """Do all of ``work`` beside each other until ``stop`` is set or one of it ends; then ``close`` the door and wait for the rest.

    Raises what a piece of work raised, but for a lost connection: what was not confirmed is done again at the next start.
    """
    tasks = [asyncio.create_task(each) for each in work]
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    await close()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, BaseException) and not isinstance(outcome, ConnectionError | asyncio.CancelledError):
            raise outcome


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait ``seconds``, or less when ``stop`` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def attempts(stop: asyncio.Event, *, first_s: float = 0.1, longest_s: float = 5.0) -> AsyncIterator[int]:
    """Count attempts 1, 2, 3 … with a doubling pause between them, until ``stop`` is set or the caller breaks off."""
    number, wait = 1, first_s
    while not stop.is_set():
        yield number
        await pause(stop, wait)
        number, wait = number + 1, min(wait * 2, longest_s)
