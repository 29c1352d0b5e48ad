"""Gauges: above a threshold is a signal, back below ends it, and silence is never calm."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from tests.accounts import LOADER, client_of, make_account
from tests.rooms.sense.units.past import Past
from tests.rooms.warn.hazards.conftest import NOW

from anlan.ledger.sources import law_day
from anlan.sense.devices import door as devices
from anlan.sense.devices.models import Device, Sensor
from anlan.warn.hazards import gauging, queries, rules
from anlan.warn.hazards.gauging import Measured
from anlan.warn.hazards.models import GaugeThreshold, HazardSignal
from anlan.warn.hazards.refusals import OnlyRainIsSummed
from anlan.wire.blocks import MAINTENANCE


def level(value, live=0):
    rows = [GaugeThreshold(level=level, value=limit) for level, limit in ((2, 3.0), (3, 3.5), (4, 4.2))]
    return gauging.judged([(row, Measured(value)) for row in rows], live).level


@pytest.mark.parametrize(("value", "expected"), [(2.9, 0), (3.0, 2), (3.49, 2), (3.5, 3), (9.0, 4)])
def test_a_reading_has_the_level_of_the_highest_threshold_it_reaches(value, expected):
    assert level(value) == expected == level(value, live=4)


def windows(*told):
    rows = [GaugeThreshold(level=level, value=limit, hours=hours) for level, limit, hours in ((1, 50, 12), (2, 50, 6), (4, 100, 3))]
    return list(zip(rows, (Measured(*each) for each in told), strict=True))


@pytest.mark.parametrize(
    ("told", "live", "expected", "held"),
    [
        (((60.0,), (20.0,), (5.0,)), 0, 1, False),
        (((60.0, 90), (20.0, 90), (5.0,)), 2, 2, True),
        (((60.0, 90), (20.0, 90), (5.0,)), 4, 2, True),
        (((60.0, 90), (55.0, 90), (5.0,)), 2, 2, False),
        (((20.0, 90), (20.0,), (5.0,)), 0, 0, False),
        (((20.0,), (20.0,), (5.0,)), 4, 0, False),
    ],
)
def test_a_sum_with_gaps_never_lets_a_level_fall_below_what_it_was_and_never_raises_one(told, live, expected, held):
    found = gauging.judged(windows(*told), live)
    assert (found.level, found.held) == (expected, held)


@pytest.fixture
def gauge(ground, plant, county_leader, monkeypatch):
    """A river gauge with two thresholds, and the reading it gives."""
    device = Device.objects.create(enterprise=plant, code="RG", name="小清河水位站", device_class="level", place_code="370102001")
    sensor = Sensor.objects.create(
        enterprise=plant, device=device, code="Z", name="水位", sensor_class="level", unit="m", place_code="370102001"
    )
    common = {"hazard": rules.FLOOD, "holds_from": date(2026, 1, 1), "basis": "水文站警戒水位", "status": "unverified"}
    for level, value in ((2, 3.0), (3, 3.5)):
        gauging.set_threshold(sensor.pk, level=level, value=value, actor=county_leader, now=NOW, **common)
    newest: dict = {}
    monkeypatch.setattr(devices, "latest", lambda ids: {pk: newest["reading"] for pk in ids if newest.get("reading")})

    def read(value, at=NOW, quality=0, now=None):
        newest["reading"] = (at, value, quality) if value is not None else None
        gauging.judge(now or at)
        return [(row.level, row.late) for row in queries.in_force(queries.signals(None), now or at)]

    return read


@pytest.mark.django_db
def test_a_gauge_rises_falls_and_falls_silent(gauge):
    minute = timedelta(minutes=1)
    assert gauge(2.0) == []
    assert gauge(3.1, NOW + minute) == [(2, False)]
    assert gauge(3.2, NOW + 2 * minute) == [(2, False)]
    assert HazardSignal.objects.count() == 1
    assert gauge(3.9, NOW + 3 * minute) == [(3, False)]
    silent = NOW + timedelta(hours=3)
    assert gauge(3.9, NOW + 3 * minute, now=silent) == [(3, True)]
    assert gauge(1.0, silent + minute, quality=MAINTENANCE) == [(3, True)]
    assert gauge(None, now=silent + 2 * minute) == [(3, True)]
    assert gauge(1.0, silent + 3 * minute) == []


@pytest.mark.django_db
def test_a_new_threshold_ends_the_one_before_it_and_holds_from_its_day(gauge, county_leader):
    sensor = Sensor.objects.get(code="Z")
    tomorrow = law_day(NOW) + timedelta(days=1)
    gauging.set_threshold(
        sensor.pk,
        hazard=rules.FLOOD,
        level=2,
        value=5.0,
        holds_from=tomorrow,
        basis="调整",
        status="secondary",
        actor=county_leader,
        now=NOW,
    )
    assert gauge(3.1) == [(2, False)]
    assert gauge(3.1, NOW + timedelta(days=1)) == []


@pytest.mark.django_db
def test_the_page_of_a_rain_gauge_sets_the_signals_of_the_weather_service_at_once_and_windows_of_its_own(ground, plant, monkeypatch):
    past = Past().serve(monkeypatch)
    common = {"enterprise": plant, "place_code": "370102001"}
    device = Device.objects.create(code="RG", name="雨量站", device_class="level", **common)
    rain = Sensor.objects.create(device=device, code="P", name="雨量", sensor_class="rainfall", unit="mm", **common)
    river = Sensor.objects.create(device=device, code="Z", name="水位", sensor_class="level", unit="m", **common)
    leader = client_of(make_account("leader", "duty_leader", "370102"))
    address = reverse("hazards:threshold", args=[rain.pk])
    assert "6 小时 50 毫米" in leader.get(address).content.decode()
    assert leader.post(address, {"standard": "1", "counted": "amount", "holds_from": "2026-01-01"}).status_code == 302
    assert GaugeThreshold.objects.filter(sensor=rain).count() == 4
    told = {
        "hazard": rules.RAINSTORM,
        "level": "2",
        "hours": "1",
        "value": "30",
        "holds_from": "2026-01-01",
        "basis": "本地",
        "status": "unverified",
    }
    assert leader.post(address, {**told, "counted": "total"}).status_code == 422
    assert leader.post(address, {**told, "counted": "amount"}).status_code == 302
    past.add(devices.sensor(rain.pk).channel, NOW - timedelta(minutes=5), 12.5)
    page = leader.get(reverse("devices:sensor", args=[rain.pk])).content.decode()
    assert "6 小时累计" in page and "现在 12.5 mm" in page and "缺测" in page
    assert "累计时长" not in leader.get(reverse("hazards:threshold", args=[river.pk])).content.decode()
    with pytest.raises(OnlyRainIsSummed):
        usual = {"hazard": rules.FLOOD, "level": 2, "value": 3.0, "basis": "x", "status": "unverified"}
        gauging.set_threshold(river.pk, hours=6, holds_from=date(2026, 1, 1), actor=LOADER, now=NOW, **usual)
