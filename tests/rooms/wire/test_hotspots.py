"""Fire hot spots: tables of both instruments are read, a bad row is refused with its line, and nothing else is lost."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.wire import hotspots
from anlan.wire.hotspots import Confidence, HotSpotsRefused

VIIRS = "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,frp,daynight"
MODIS = "latitude,longitude,brightness,scan,track,acq_date,acq_time,satellite,confidence,version,bright_t31,frp,daynight,type"
ROW = "36.5,117.25,330.5,0.39,0.36,2026-11-22,0518,N20,VIIRS,n,2.0NRT,290.1,4.5,D"


def table(*rows, header=VIIRS):
    return "\n".join((header, *rows)).encode()


def test_a_table_of_viirs_is_read():
    spot = hotspots.decode(table(ROW)).spots[0]
    assert (spot.latitude, spot.longitude, spot.seen) == (36.5, 117.25, datetime(2026, 11, 22, 5, 18, tzinfo=UTC))
    assert (spot.satellite, spot.instrument, spot.confidence, spot.confidence_percent) == ("N20", "VIIRS", Confidence.NOMINAL, None)
    assert (spot.brightness, spot.brightness_far, spot.power, spot.scan, spot.track) == (330.5, 290.1, 4.5, 0.39, 0.36)
    assert (spot.day, spot.kind, spot.version) == (True, None, "2.0NRT")


def test_a_table_of_modis_is_read():
    spot = hotspots.decode(table("36.5,117.25,330.5,1.0,1.0,2026-11-22,5,Terra,85,6.1NRT,290.1,20.5,N,0", header=MODIS)).spots[0]
    assert (spot.instrument, spot.confidence, spot.confidence_percent, spot.day, spot.kind) == ("MODIS", None, 85.0, False, 0)
    assert spot.seen == datetime(2026, 11, 22, 0, 5, tzinfo=UTC)
    assert (spot.brightness, spot.brightness_far) == (330.5, 290.1)


@pytest.mark.parametrize(
    ("clock", "hour", "minute"),
    [("0518", 5, 18), ("518", 5, 18), ("5", 0, 5), ("0", 0, 0), ("05:18", 5, 18), ("5:18:30", 5, 18), ("2359", 23, 59)],
)
def test_the_time_is_read_however_a_spreadsheet_left_it(clock, hour, minute):
    assert hotspots.decode(table(ROW.replace("0518", clock))).spots[0].seen == datetime(2026, 11, 22, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "confidence", "percent"),
    [
        ("l", "low", None),
        ("nominal", "nominal", None),
        ("HIGH", "high", None),
        ("0", None, 0),
        ("100", None, 100),
        ("55%", None, 55),
        ("", None, None),
    ],
)
def test_confidence_is_kept_as_the_instrument_gives_it(told, confidence, percent):
    spot = hotspots.decode(table(ROW.replace(",n,", f",{told},"))).spots[0]
    assert (spot.confidence, spot.confidence_percent) == (confidence, percent)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("36.5", "x", "hotspots_no_figure"),
        ("36.5", "", "hotspots_no_figure"),
        ("36.5", "nan", "hotspots_no_figure"),
        ("36.5", "91", "hotspots_off_earth"),
        ("117.25", "-180.5", "hotspots_off_earth"),
        ("330.5", "hot", "hotspots_no_figure"),
        ("4.5", "inf", "hotspots_no_figure"),
        ("0518", "2460", "hotspots_no_date"),
        ("0518", "noon", "hotspots_no_date"),
        ("2026-11-22", "22.11.2026", "hotspots_no_date"),
        ("2026-11-22", "2026-02-30", "hotspots_no_date"),
        (",n,", ",x,", "hotspots_no_confidence"),
        (",n,", ",101,", "hotspots_no_confidence"),
        (",D", ",X", "hotspots_no_daynight"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_the_others_are_kept(old, new, code):
    other = ROW.replace("36.5", "37.5")
    found = hotspots.decode(table(ROW.replace("36.5", "35.5"), ROW.replace(old, new, 1), "", other))
    assert [spot.latitude for spot in found.spots] == [35.5, 37.5]
    assert [(refused.line, refused.codes) for refused in found.refused] == [(3, {code})]
    assert "第 3 行" in found.refused[0].message()


def test_every_reason_of_a_row_is_told_and_the_same_detection_counts_once():
    found = hotspots.decode(table(ROW, ROW, "x,y,z"))
    assert len(found.spots) == 1
    assert found.refused[0].codes == {"hotspots_twice"}
    assert "第 2 行" in found.refused[0].message()
    assert found.refused[1].codes == {"hotspots_no_figure", "hotspots_no_date"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "hotspots_columns"),
        (b"<html>", "hotspots_columns"),
        (b"latitude,longitude,acq_date\n", "hotspots_columns"),
        (table("x" * 200_000), "hotspots_not_a_table"),
        (b"\xff\xfe\x00", "hotspots_columns"),
    ],
)
def test_what_is_no_table_is_refused(data, code):
    with pytest.raises(HotSpotsRefused) as refused:
        hotspots.decode(data)
    assert refused.value.codes == {code}


def test_a_table_that_went_through_a_spreadsheet_is_read():
    for data in (b"\xef\xbb\xbf" + table(ROW), table(ROW).replace(b"\n", b"\r\n"), table(ROW + ",某县", header=f"{VIIRS},county".upper())):
        assert len(hotspots.decode(data).spots) == 1
    assert len(hotspots.decode(table(ROW + ",某县", header=f"{VIIRS},县").decode().encode("gb18030")).spots) == 1
    assert hotspots.decode(table()).spots == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from(["36.5", "117", "2026-11-22", "0518", "n", "", '"', "x", "\x00"]), max_size=15).map(",".join), max_size=5
    )
)
def test_any_row_is_read_or_refused(rows):
    try:
        found = hotspots.decode(table(*rows))
    except HotSpotsRefused:
        return
    assert len(found.spots) + len(found.refused) <= len(rows)
