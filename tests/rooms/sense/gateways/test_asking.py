"""What the node misses is asked of an open line: whoever holds it hears, nobody else."""

import asyncio

import nats
import pytest
from tests.rooms.sense.gateways.test_gateway import gateway

from anlan.wire import asking
from anlan.wire.asking import Asking

pytestmark = [pytest.mark.engines, pytest.mark.timeout(120)]


async def test_the_line_of_a_device_is_asked_to_send_again_and_no_other():
    async with gateway() as running:
        first, second = await running.call(), await running.call()
        assert await first.ask("ID 88888 123456") == "WELCOME 88888"
        assert await second.ask("ID open x") == "WELCOME open"
        nc = await nats.connect(running.pipeline.nats_url)
        for asked in (Asking("c1", "nobody", 1, 2), Asking("c1", "d1", 1790000000000, 1790000060000)):
            await nc.publish(asked.subject, asking.encode(asked))
        await nc.publish("asked.c1.d1", b"{}")
        await nc.close()
        assert await first.hear() == "AGAIN 1790000000000"
        with pytest.raises(TimeoutError):
            await second.hear(0.5)
        assert await first.ask("H 88888") == "HERE", "the line goes on as before"
        await asyncio.sleep(0)


def test_a_request_without_an_end_behind_its_beginning_is_refused():
    for wrong in (Asking("c", "d", 5, 5), Asking("c", "d", -1, 5)):
        with pytest.raises(asking.MalformedAsking):
            asking.decode(asking.encode(wrong))
    with pytest.raises(asking.MalformedAsking):
        asking.decode(b"[]")
    right = Asking("c", "d 1", 1, 5)
    assert asking.decode(asking.encode(right)) == right and right.subject == "asked.c._unknown"
