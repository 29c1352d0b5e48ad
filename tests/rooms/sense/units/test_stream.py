"""A model from the room to the running detector: it travels under its own digest, is refused when damaged, and is there again after a restart."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import aiomqtt
import numpy as np
import pytest
from django.conf import settings
from tests.accounts import actor_of, make_account
from tests.rooms.sense.criteria.test_criteria import in_force
from tests.rooms.sense.detection.test_detector import publish
from tests.rooms.sense.detection.test_multivariate import plant
from tests.rooms.sense.pipeline import pipeline, wait_until
from tests.rooms.sense.units.past import Past
from tests.rooms.sense.units.test_units import Section, registered, trained

from anlan.kernel import clock
from anlan.ledger import broker
from anlan.ledger.events import deliver_pending
from anlan.sense.criteria import publishing
from anlan.sense.criteria import queries as rule_queries
from anlan.sense.criteria import services as rule_services
from anlan.sense.devices import door as devices
from anlan.sense.stream import door as stream
from anlan.sense.units import services
from anlan.wire import readings
from anlan.wire.blocks import DOUBTFUL
from anlan.wire.detections import RAISE

pytestmark = [pytest.mark.django_db, pytest.mark.engines, pytest.mark.timeout(240)]


def models_on(running):
    return {m.subject.removeprefix("models."): m.data for m in running.messages(broker.CRITERIA) if m.subject.startswith("models.")}


async def play(running, section, rows, begin_ms):
    """Rows a minute apart, one message each."""
    username = section.issued.credential.username
    async with aiomqtt.Client("127.0.0.1", running.mqtt_port, username=username, password="good") as client:
        for number, row in enumerate(rows):
            values = dict(zip([point.code for point in section.six], row.tolist(), strict=True))
            body = json.dumps({"t": begin_ms + number * 60_000, "v": values}).encode()
            await client.publish(readings.topic(username, "D1"), body, qos=1)


def test_a_model_put_in_force_watches_in_the_running_detector_also_when_it_is_started_again(monkeypatch):
    samples = stream.samples
    past = Past().serve(monkeypatch)
    section, wang, zhao = Section(past), actor_of(make_account("wang", "inspector")), actor_of(make_account("zhao", "inspector"))
    version = trained(registered(section, wang), wang).version
    drafted = services.draft_rule(version, actor=wang, now=clock.now())
    row = rule_queries.one(drafted.id, None)
    with pipeline() as running:
        monkeypatch.setitem(settings.ANLAN, "NATS_URL", running.nats_url)
        monkeypatch.setitem(settings.ANLAN, "TELEMETRY_URL", running.telemetry_url)
        running.admit(list(devices.registry_snapshot()))
        running.start("telemetry", "intake", "detector")
        wait_until(lambda: "watching readings" in running.log("detector"), "the detector reads")
        publish(running, ("models." + "a" * 64, b"nonsense"), ("models." + sha256(b"no model").hexdigest(), b"no model"))
        wait_until(lambda: running.log("detector").count("model of a process unit refused") == 2, "damaged models are refused", 20)
        in_force(row, wang, zhao, clock.now())
        deliver_pending()
        # What no rule names has left the stream again; what a rule names stands there once.
        wait_until(lambda: set(models_on(running)) == {version.digest}, "the model stands on the stream", 20)
        assert sha256(models_on(running)[version.digest]).hexdigest() == version.digest
        assert publishing.publish(clock.now()) == 0
        time.sleep(2)
        running.kill("detector")
        running.start("detector")
        wait_until(lambda: running.log("detector").count("watching readings") == 2, "the detector is back", 20)
        rows = plant(40, seed=6)
        rows[30:, 4] += 25
        begin = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=45)
        begin_ms = round(begin.timestamp() * 1000)
        asyncio.run(play(running, section, rows, begin_ms))
        wait_until(lambda: [t for t in running.transitions() if t.kind == "UNIT"], "the unit alarms", 30)
        (raised,) = [t for t in running.transitions() if t.kind == "UNIT"]
        assert (raised.change, raised.rule, raised.raised_ms) == (RAISE, row.code, begin_ms + 32 * 60_000)
        assert raised.facts["channel_1"] == section.channels[4]
        # What the page asks the real store.
        wait_until(lambda: running.stored() == 240, "everything is stored")
        found = samples(section.channels, begin, begin + timedelta(minutes=40), 120)
        mine = found.where(found.channel == section.channels[0])
        assert mine.time.tolist() == [begin_ms + minute * 60_000 for minute in range(1, 40, 2)]
        np.testing.assert_allclose(mine.value, rows[1::2, 0])
        assert len(found) == 120 and not (found.quality & DOUBTFUL).any()
        sums = samples(section.channels[:1], begin, begin + timedelta(minutes=40), 120, total=True, without=DOUBTFUL)
        assert sums.time.tolist() == mine.time.tolist()
        np.testing.assert_allclose(sums.value, rows[0:40:2, 0] + rows[1:40:2, 0])
        rule_services.move(row.pk, "withdraw", reason="改造", actor=zhao, now=clock.now())
        deliver_pending()
        wait_until(lambda: not models_on(running), "the model leaves the stream with its rule", 20)
        assert running.stop("detector") == 0
