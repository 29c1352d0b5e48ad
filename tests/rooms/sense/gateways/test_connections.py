"""Many idle and many slow connections to the gateway's process: a good device is served meanwhile, and each costs little memory."""

import asyncio

import pytest
from tests.bench import connections
from tests.rooms.sense.pipeline import pipeline

pytestmark = [pytest.mark.engines, pytest.mark.timeout(180)]
IDLE, SLOW = 2000, 200
"""Scaled to what an ordinary limit of open files allows; ``anlan bench connections`` does it with 10,000 and 1,000."""


def test_idle_and_slow_connections_in_great_number_hold_up_nobody():
    grant = connections.room()
    idle, slow = min(IDLE, grant * 10 // 11), min(SLOW, grant // 11)
    with pipeline() as engines:
        port = connections.start_gateway(engines, idle + 1)
        figures = asyncio.run(connections.load(engines, port, idle, slow, 25))
    assert figures.standing == idle + slow
    assert figures.good_answered == figures.good_sent == 25
    # A connection is a reader, a session and a task: kilobytes, not the megabyte it may grow to.
    assert figures.bytes_per_connection < 100_000
