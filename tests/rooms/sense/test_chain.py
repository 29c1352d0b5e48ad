"""The whole chain with the real gatekeeper and a real database: registered, let in, played, detected, entered, seen; and everybody killed once."""

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import aiomqtt
import numpy as np
import pytest
from django.conf import settings
from django.db import connection
from tests.rooms.sense.pipeline import pipeline, wait_until
from tests.rooms.sense.plant import LOADER, Plant, officer

from anlan.kernel import clock
from anlan.sense.alarms import door as alarms
from anlan.sense.alarms.models import Alarm
from anlan.sense.devices import door as devices
from anlan.sense.devices import queries, services
from anlan.sense.stream import door as stream
from anlan.sense.stream import replay
from anlan.wire import readings

pytestmark = [pytest.mark.engines, pytest.mark.timeout(240), pytest.mark.django_db(transaction=True)]


def database_url():
    entry = connection.settings_dict
    user = f"&user={quote(entry['USER'])}" if entry["USER"] else ""
    return f"postgres:///{entry['NAME']}?host={quote(str(entry['HOST']))}{user}"


def play(running, plant, values, secret=None):
    """Play ``values`` of the pressure point, one a second, the last one now."""
    seconds = np.arange(len(values), dtype=float)
    start = datetime.now(UTC) - timedelta(seconds=float(seconds[-1]))
    username = plant.issued.credential.username
    plan = replay.Plan("D1", username, secret or plant.issued.secret, {"p": "PT-1"}, start, None, port=running.mqtt_port)
    return asyncio.run(replay.play(replay.Series({"p": np.array(values, float)}, seconds), plan)), start


async def sign_in(running, username, secret):
    async with aiomqtt.Client("127.0.0.1", running.mqtt_port, username=username, password=secret) as client:
        await client.publish(readings.topic(username, "ghost"), b"{}", qos=1)


def test_a_release_is_played_detected_entered_and_seen_and_wrong_secrets_are_counted(monkeypatch):
    plant = Plant(now=clock.now())
    duty = officer("370102", "alarms.view", "devices.view", "stream.view_unknown")
    with pipeline(database_url=database_url()) as running:
        monkeypatch.setitem(settings.ANLAN, "TELEMETRY_URL", running.telemetry_url)
        running.start("telemetry", "gatekeeper", "intake", "detector", "alarms")
        wait_until(lambda: "admitting equipment" in running.log("gatekeeper"), "the gatekeeper is ready", 60)

        result, start = play(running, plant, [1.0] * 20 + [1.3] * 10 + [1.6] * 10)
        assert result.acknowledged == 40
        wait_until(lambda: Alarm.objects.count() == 2, "H and HH are entered", 60)
        first, second = Alarm.objects.order_by("raised_at")
        assert [(a.kind, round((a.raised_at - start).total_seconds())) for a in (first, second)] == [("H", 20), ("HH", 30)]
        assert (first.device_id, first.event_key, second.event_key) == (plant.device.id, first.pk, first.pk)
        assert alarms.unacknowledged_count(duty) == 2

        # A point registered while everything runs is known at once.
        devices.add_sensor(
            plant.device.id, {"code": "NEW", "name": "新测点", "sensor_class": "number", "unit": ""}, actor=LOADER, now=clock.now()
        )
        for name in ("detector", "alarms", "intake", "gatekeeper"):
            running.kill(name)
            running.start(name)
        wait_until(lambda: running.log("gatekeeper").count("admitting equipment") == 2, "the gatekeeper is back", 60)
        play(running, plant, [1.6, 1.0, 0.9])
        wait_until(lambda: all(a.cleared_at for a in Alarm.objects.all()), "both are cleared", 60)
        assert Alarm.objects.count() == 2
        wait_until(lambda: running.stored() == 43, f"43 readings are stored, not {running.stored()}")

        found = stream.series(plant.pressure.id, start - timedelta(seconds=1), datetime.now(UTC) + timedelta(seconds=1), 5000)
        assert sum(bucket.count for bucket in found.buckets) == 43
        assert stream.latest([plant.pressure.id])[plant.pressure.id].value == 0.9
        assert devices.online_counts(duty) == devices.OnlineCount(points=3, online=1, known=True)

        for username, secret in ((plant.issued.credential.username, "wrong"), ("stranger", "wrong")):
            with pytest.raises(aiomqtt.MqttError):
                asyncio.run(sign_in(running, username, secret))
        asyncio.run(sign_in(running, plant.issued.credential.username, plant.issued.secret))
        expected = {
            (plant.issued.credential.username, "_", "device_wrong_secret"): 1,
            ("_unknown", "_", "device_unknown_credential"): 1,
            (plant.issued.credential.username, "ghost", "reading_unknown_device"): 1,
        }
        seen = lambda actor: {(c.credential, c.device_code, c.reason): c.count for c in stream.quarantine_counts(actor)}  # noqa: E731
        wait_until(lambda: seen(duty) == expected, f"{expected}, but {seen(duty)}")
        assert seen(officer("370103", "devices.view")) == {}

        # A rotated secret opens at once, the old one for a while yet; a revoked credential opens nothing.
        credential = queries.one_credential(plant.issued.credential.id, None)
        rotated = services.rotate_secret(credential, actor=LOADER, now=clock.now())
        # Sooner than the registry is read in any case: the outbox tells of it.
        wait_until(lambda: _opens(running, credential.username, rotated.secret), "the new secret opens", 15)
        assert _opens(running, credential.username, plant.issued.secret)
        services.revoke_credential(credential, actor=LOADER, now=clock.now())
        wait_until(lambda: not _opens(running, credential.username, rotated.secret), "the revoked credential is refused", 15)
        assert all(running.stop(name) == 0 for name in ("alarms", "detector", "intake", "gatekeeper", "telemetry"))


def _opens(running, username, secret):
    try:
        asyncio.run(sign_in(running, username, secret))
    except aiomqtt.MqttError:
        return False
    return True
