"""Field equipment through the whole chain with the real gatekeeper and a real database: named on a page, let in, heard, shown as up, taken away."""

import asyncio
import time

import pytest
from tests.rooms.sense.pipeline import free_port, pipeline, wait_until
from tests.rooms.sense.plant import LOADER, Plant
from tests.rooms.sense.test_chain import database_url

from anlan.kernel import clock
from anlan.sense.devices import addressing, door, queries
from anlan.sense.devices.door import PlannedPoint
from anlan.site.load.field import FieldDevice, Station
from anlan.site.load.tally import Tally

pytestmark = [pytest.mark.engines, pytest.mark.timeout(240), pytest.mark.django_db(transaction=True)]

MN = "YB6701001000000000000001"


def report(port, secret):
    """One report of the station at this moment; whether it was answered."""
    tally = Tally()

    async def once():
        device = FieldDevice(Station(MN, secret, ("w1",), 1), tally, ("127.0.0.1", port), frozenset(), 1)
        await device.open()
        device.send(time.time_ns() // 1_000_000)
        for _moment in range(100):
            if tally.acknowledged:
                break
            await asyncio.sleep(0.05)
        device.close()

    asyncio.run(once())
    return tally.acknowledged == 1


def test_a_station_is_let_in_once_it_is_named_heard_on_its_point_shown_as_up_and_turned_away_once_the_name_is_taken():
    plant, port = Plant(now=clock.now()), free_port()
    told = {"actor": LOADER}
    with pipeline(database_url=database_url()) as running:
        running.environment["ANLAN_GATEWAY_LISTEN"] = f"hj212=127.0.0.1:{port}"
        running.start("gatekeeper", "intake", "gateway")
        wait_until(lambda: '"event": "listening"' in running.log("gateway"), "the gateway listens", 60)
        assert not report(port, "123456")

        points = (PlannedPoint(plant.pressure.id, "w1", 0.01),)
        issued = door.add_address(plant.device.id, "hj212", MN, secret="123456", points=points, now=clock.now(), **told)
        wait_until(lambda: report(port, issued.secret), "the station is known", 60)
        assert not report(port, "654321")

        def heard():
            return [block for block in running.blocks() if plant.pressure.channel in block.channel]

        wait_until(heard, "its reading lies on the channel of its point", 60)
        wait_until(lambda: door.link_of(plant.device.id).protocol == "hj212", "its line is told", 60)
        wait_until(lambda: door.link_of(plant.device.id).state == "down", "and that it went", 60)

        addressing.remove_address(queries.one_address(issued.id, None), now=clock.now(), **told)
        wait_until(lambda: not report(port, issued.secret), "nobody is let in under the name any more", 60)
