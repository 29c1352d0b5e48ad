"""The node's streams on a small disk, and a cursor that goes on where it was."""

import asyncio

import pytest
from nats.js import api
from tests.rooms.sense.pipeline import pipeline

from anlan.ledger import broker

pytestmark = [pytest.mark.engines, pytest.mark.timeout(120)]


async def joined(running):
    stop = asyncio.Event()
    nc = await broker.connect(running.nats_url, stop, name="test")
    return nc, nc.jetstream(), stop


def test_streams_are_made_on_a_small_disk_and_again_without_harm(monkeypatch):
    async def run(running):
        nc, js, stop = await joined(running)
        huge = {**broker.STREAMS, "READINGS": {**broker.STREAMS["READINGS"], "max_bytes": 2**55}}
        monkeypatch.setattr(broker, "STREAMS", huge)
        for _again in range(2):
            await broker.ensure_streams(js, stop)
        made = (await js.stream_info("READINGS")).config
        await nc.close()
        return made

    with pipeline() as running:
        made = asyncio.run(run(running))
    assert 0 < made.max_bytes < 2**55 and made.storage == api.StorageType.FILE


def test_the_raw_stream_found_without_retention_is_made_anew():
    async def run(running):
        nc, js, stop = await joined(running)
        await js.add_stream(api.StreamConfig(name=broker.RAW, subjects=["$MQTT.msgs.>"], retention=api.RetentionPolicy.INTEREST))
        await broker.ensure_streams(js, stop)
        made = (await js.stream_info(broker.RAW)).config
        await nc.close()
        return made

    with pipeline() as running:
        assert asyncio.run(run(running)).retention == api.RetentionPolicy.LIMITS


def test_a_cursor_reads_in_order_from_its_position_and_a_stream_made_anew_from_its_beginning():
    async def run(running):
        nc, js, stop = await joined(running)
        await broker.ensure_streams(js, stop)
        for number in range(250):
            await broker.publish(js, stop, "readings.0", str(number).encode())
        found, cursor = [], broker.Cursor(nc, broker.READINGS, ("readings.>",), after=100, batch=40)
        while len(found) < 150:
            found += await cursor.next(1.0)
        assert [message.sequence for message in found] == list(range(101, 251))
        assert await cursor.next(0.1) == []
        await cursor.rewind(248)
        assert [m.data for m in await cursor.next(1.0)] == [b"248", b"249"]
        here = await broker.checked_position(js, stop, broker.READINGS, broker.Position(250))
        assert here.sequence == 250
        assert await broker.checked_position(js, stop, broker.READINGS, here.at(300)) == here
        await js.delete_stream(broker.READINGS)
        await broker.ensure_streams(js, stop)
        await broker.publish(js, stop, "readings.0", b"new")
        position = (await broker.checked_position(js, stop, broker.READINGS, here)).sequence
        await cursor.rewind(position)
        again = []
        while not again:
            again = await cursor.next(1.0)
        assert (position, [m.data for m in again]) == (0, [b"new"])
        assert (await broker.last_message(js, stop, broker.READINGS, "readings.0")).data == b"new"
        assert await broker.last_message(js, stop, broker.READINGS, "readings.9") is None
        await cursor.close()
        stop.set()
        with pytest.raises(ConnectionError):
            await broker.last_message(js, stop, broker.READINGS, "readings.0")
        await nc.close()

    with pipeline() as running:
        asyncio.run(run(running))


def test_a_cursor_keeps_one_consumer_however_many_requests_it_takes_and_leaves_none():
    async def run(running):
        nc, js, stop = await joined(running)
        await broker.ensure_streams(js, stop)
        for number in range(400):
            await broker.publish(js, stop, "readings.0", str(number).encode())
        found, counts, cursor = 0, set(), broker.Cursor(nc, broker.READINGS, ("readings.>",), batch=20)
        while found < 400:
            found += len(await cursor.next(1.0))
            counts.add((await js.stream_info(broker.READINGS)).state.consumer_count)
        await cursor.rewind(100)
        while found < 700:
            found += len(await cursor.next(1.0))
        await cursor.close()
        left = (await js.stream_info(broker.READINGS)).state.consumer_count
        await nc.close()
        return counts, left

    with pipeline() as running:
        counts, left = asyncio.run(run(running))
    assert counts == {1}
    assert left == 0
