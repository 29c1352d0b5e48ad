"""Files of earthquakes and hot spots, and real messages: what they hold is taken in, each bad row told for itself."""

import gzip
from datetime import datetime, timedelta

import pytest
from tests.rooms.warn.hazards.conftest import NOW

from anlan.kernel.errors import Refusal
from anlan.warn.hazards import reading, services
from anlan.warn.hazards.models import HotSpot, Quake


def test_a_real_message_of_a_province_is_read_with_its_level_area_and_reference(shared):
    content = (shared / "samples/cap_cn/henan_20200205_11B06_update.xml").read_bytes()
    (message,), refused = reading.read(content, "henan.xml")
    assert not refused
    assert (message.hazard, message.level, message.kind, message.codes[0], message.ends) == ("11B06", 1, "update", "410000", None)
    assert message.references == ("41000041600000,41000041600000_20200204121842",)


@pytest.mark.parametrize("name", ["usgs_event.xml", "neries_events.xml", "qml-example-1.2-RC3.xml"])
def test_real_catalogues_are_read_or_told_event_by_event(shared, name):
    items, refused = reading.read((shared / "samples/quakeml" / name).read_bytes(), name)
    assert items or refused
    for each in items:
        assert isinstance(each, reading.QuakeReport)
        assert -90 <= each.latitude <= 90


def test_a_week_of_the_usgs_is_read_and_the_same_solution_is_named_the_same(shared):
    content = gzip.decompress((shared / "data/earthquake/usgs_all_week_2018-02.geojson.gz").read_bytes())
    items, _refused = reading.read(content, "week.geojson")
    assert len(items) > 1000
    again, _refused = reading.read(content, "week.geojson")
    assert [each.identifier for each in items] == [each.identifier for each in again]
    assert len({each.identifier for each in items}) == len(items)


SPOTS = """latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,frp,daynight
36.6600,117.0500,330.1,0.4,0.4,2026-11-26,0110,N,VIIRS,h,2.0NRT,290.1,5.2,D
36.6600,117.0500,330.1,0.4,0.4,2026-11-26,0110,N,VIIRS,x,2.0NRT,290.1,5.2,D
abc,117.0500,330.1,0.4,0.4,2026-11-26,0110,N,VIIRS,n,2.0NRT,290.1,5.2,D
"""


def test_rows_of_hot_spots_keep_their_confidence_and_bad_rows_are_told(shared):
    items, refused = reading.read(SPOTS.encode(), "viirs.csv")
    assert [(each.confidence, each.told) for each in items] == [(80, "high")]
    assert len(refused) == 2


def test_an_unknown_file_is_refused_with_what_can_be_read():
    with pytest.raises(Refusal):
        reading.read(b"\x00\x01\x02", "noise.bin")


@pytest.mark.django_db
def test_an_earthquake_that_comes_twice_is_one_and_a_spot_at_sea_is_refused(ground, city_officer):
    feature = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "us7000abcd",
                "properties": {
                    "mag": 5.1,
                    "place": "Shandong",
                    "time": int((NOW - timedelta(minutes=9)).timestamp() * 1000),
                    "updated": int(NOW.timestamp() * 1000),
                    "type": "earthquake",
                    "status": "automatic",
                    "magType": "mb",
                    "net": "us",
                    "code": "7000abcd",
                },
                "geometry": {"type": "Point", "coordinates": [117.3, 36.6, 10.0]},
            }
        ],
    }
    import json

    content = json.dumps(feature).encode()
    first = services.take(content, name="a.geojson", via="手工导入", actor=city_officer, now=NOW)
    again = services.take(content, name="a.geojson", via="手工导入", actor=city_officer, now=NOW)
    assert (first.good, again.twice) == (1, 1)
    assert Quake.objects.get().estimates.count() == 1
    sea = SPOTS.replace("117.0500", "125.0000")
    assert services.take(sea.encode(), name="b.csv", via="手工导入", actor=city_officer, now=NOW).bad == 3
    assert not HotSpot.objects.exists()
    assert isinstance(NOW, datetime)
