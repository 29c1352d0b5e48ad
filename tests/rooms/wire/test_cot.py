"""Cursor-on-Target: samples of devices, round trips, dirty streams."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.sense.gateways.inspectors import inspect
from anlan.wire import cot
from anlan.wire.cot import shapes
from anlan.wire.cot.event import MOST_BYTES, argb
from anlan.wire.cot.refusals import BadField, Broken, Forbidden, Noise, NotXml, TakProtocol, TooLong
from anlan.wire.framing import Frame, Unreadable

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
PLI = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><event version="2.0" uid="ANDROID-1" type="a-f-G-U-C" time="2026-11-26T02:00:00Z" '
    b'start="2026-11-26T02:00:00Z" stale="2026-11-26T02:06:15Z" how="m-g"><point lat="36.66" lon="117.05" hae="9999999.0" ce="4.5" le="9999999"/>'
    b'<detail><takv os="34" version="5.1.0" device="PHONE" platform="ATAK-CIV"/><contact endpoint="*:-1:stcp" phone="+8613" callsign="\xe5\xae\x89\xe4\xb8\x80"/>'
    b'<uid Droid="\xe5\xae\x89\xe4\xb8\x80"/><precisionlocation altsrc="GPS" geopointsrc="GPS"/><__group role="Team Member" name="Cyan"/>'
    b'<status battery="87"/><track course="91.5" speed="1.25"/></detail></event>'
)
SAMPLES = (
    (
        "Drawing_Shapes_-_Circle.cot",
        "u-d-c-c",
        "Drawing Circle 1",
        lambda d: d.ellipse.major == 226.98412686380018 and d.fill == -1761607681,
    ),
    ("Drawing_Shapes_-_Rectangle.cot", "u-d-r", "Rectangle 1", lambda d: len(d.corners) == 4 and d.stroke == -1 and d.labels is False),
    ("Marker_-_2525.cot", "a-u-G", "U.16.135057", lambda d: d.icon == "COT_MAPPING_2525B/a-u/a-u-G" and d.links[0].relation == "p-p"),
    (
        "Marker_-_Icon_Set.cot",
        "a-u-G",
        "hiker 1",
        lambda d: d.icon.endswith("hiker.png") and ("parent_callsign", "HOPE") in d.links[0].more,
    ),
    ("Marker_-_Spot.cot", "b-m-p-s-m", "R 1", lambda d: d.colour == -65536),
    ("Range___Bearing_-_Circle.cot", "u-r-b-c-c", "R&B Circle 1", lambda d: d.ellipse.minor == 468.29991497750774 and d.fill == 16711680),
    ("Range___Bearing_-_Line.cot", "u-rb-a", "R&B 1", lambda d: d.range_bearing.range_m == 886.144457943895 and d.range_bearing.north == 1),
)


@pytest.mark.parametrize(("name", "kind", "callsign", "holds"), SAMPLES, ids=[each[0] for each in SAMPLES])
def test_every_sample_of_a_device_is_read_and_survives_the_way_back(shared, name, kind, callsign, holds):
    data = (shared / "samples" / "cot" / name).read_bytes()
    event = cot.decode(data)
    assert (event.type, event.callsign, event.point.hae) == (kind, callsign, None)
    assert holds(event.detail)
    assert cot.decode(cot.encode(event)) == event


def test_there_is_no_sample_that_is_not_in_the_table(shared):
    assert {path.name for path in (shared / "samples" / "cot").glob("*.cot")} == {each[0] for each in SAMPLES}


def test_a_marker_of_a_person_is_read():
    event = cot.decode(PLI)
    detail = event.detail
    assert (event.affiliation, event.callsign, detail.group.name, detail.battery) == ("friend", "安一", "Cyan", 87.0)
    assert (event.point.hae, event.point.ce, event.point.le) == (None, 4.5, None)
    assert (detail.track.speed, detail.software.platform, detail.droid) == (1.25, "ATAK-CIV", "安一")
    assert detail.other == ('<precisionlocation altsrc="GPS" geopointsrc="GPS"/>',)


def test_the_place_without_a_fix_is_no_place():
    assert not cot.decode(PLI.replace(b'"36.66"', b'"0.0"').replace(b'"117.05"', b'"0.0"').replace(b'"4.5"', b'"9999999"')).point.is_fix
    assert cot.decode(PLI).point.is_fix


def test_what_is_known_in_part_is_read_and_kept_whole():
    odd = '<contact callsign="安一" xmppUsername="a@b"/>'
    event = cot.decode(PLI.replace(b'<contact endpoint="*:-1:stcp" phone="+8613" callsign="\xe5\xae\x89\xe4\xb8\x80"/>', odd.encode()))
    assert event.callsign == "安一"
    assert odd in event.detail.other
    again = cot.encode(event)
    assert again.count(b"<contact") == 1
    assert cot.decode(again) == event


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"<event", NotXml),
        (b"", NotXml),
        (b"<events/>", BadField),
        (b'<!DOCTYPE event [<!ENTITY a "b">]>' + PLI[55:], Forbidden),
        ('<!DOCTYPE event SYSTEM "http://127.0.0.1/x"><event/>'.encode("utf-16"), Forbidden),
        (PLI.replace(b'lat="36.66"', b'lat="96.66"'), BadField),
        (PLI.replace(b'lat="36.66"', b'lat="nan"'), BadField),
        (PLI.replace(b'uid="ANDROID-1"', b'uid=" "'), BadField),
        (PLI.replace(b'uid="ANDROID-1"', b'uid="' + b"x" * 201 + b'"'), BadField),
        (PLI.replace(b'stale="2026-11-26T02:06:15Z"', b'stale="2026-11-26T02:06:15"'), BadField),
        (PLI.replace(b"<point ", b"<place "), BadField),
        (PLI + b" " * MOST_BYTES, TooLong),
    ],
)
def test_what_is_no_event_is_refused_with_its_reason(data, refusal):
    with pytest.raises(refusal) as refused:
        cot.decode(data)
    assert "{" not in refused.value.message()


texts = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=20)
floats = st.floats(-1e5, 1e5)
metres = st.floats(0, 1e5)
vertices = st.builds(cot.Vertex, st.floats(-90, 90), st.floats(-180, 180), st.none() | floats)
colours = st.integers(-(1 << 31), (1 << 31) - 1)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
words = st.text(st.characters(min_codepoint=33, max_codepoint=0xD7FF, exclude_categories=("Z", "C")), min_size=1, max_size=20)
details = st.builds(
    cot.Detail,
    contact=st.none() | st.builds(cot.Contact, texts, texts, texts),
    software=st.none() | st.builds(cot.Software, texts, texts, texts, texts),
    droid=texts,
    group=st.none() | st.builds(cot.Group, texts, texts),
    battery=st.none() | st.integers(0, 100).map(float),
    track=st.none() | st.builds(cot.Track, st.none() | st.floats(0, 360), st.none() | metres),
    remarks=st.none() | st.builds(cot.Remarks, texts, texts, texts, texts),
    links=st.lists(st.builds(cot.Link, texts, texts, texts, st.none() | vertices), max_size=5).map(tuple),
    range_bearing=st.none() | st.builds(cot.RangeBearing, metres, st.floats(0, 360), st.none() | floats, st.none() | st.integers(0, 2)),
    icon=texts,
    colour=st.none() | colours,
    stroke=st.none() | colours,
    stroke_weight=st.none() | metres,
    fill=st.none() | colours,
    labels=st.none() | st.booleans(),
    other=st.sampled_from([(), ('<x a="1">t<y/></x>',), ("<archive/>", "<archive/>")]),
)
shaped = st.one_of(
    details,
    st.builds(lambda d, e: replace(d, ellipse=e), details, st.builds(cot.Ellipse, metres, metres, st.floats(0, 360))),
    st.builds(lambda d, p, c: replace(d, polyline=tuple(p), closed=c), details, st.lists(vertices, min_size=1, max_size=5), st.booleans()),
)
points = st.builds(cot.Point, st.floats(-90, 90), st.floats(-180, 180), st.none() | floats, st.none() | metres, st.none() | metres)
events = st.builds(cot.Event, words, words, moments, moments, moments, texts, points, shaped, texts, texts, texts)


@settings(max_examples=150, deadline=None)
@given(events)
def test_what_is_written_is_read_as_it_was(event):
    assert cot.decode(cot.encode(event)) == event


def test_text_that_xml_cannot_hold_is_refused_and_not_sent():
    with pytest.raises(BadField):
        cot.encode(replace(cot.decode(PLI), uid="a\x00b"))


def test_a_zone_is_a_closed_drawing_and_a_circle_has_its_radius():
    ring = ((117.0, 36.6), (117.1, 36.6), (117.1, 36.7))
    zone = shapes.polygon("z", ring, name="致命区", stroke=argb(255, 255, 0, 0), fill=argb(64, 255, 0, 0), at=NOW, lasts=timedelta(hours=1))
    corners = cot.decode(cot.encode(zone)).detail.corners
    assert [(each.longitude, each.latitude) for each in corners] == [*ring, ring[0]]
    assert (zone.detail.stroke, zone.detail.fill) == (-65536, 0x40FF0000)
    round_ = shapes.circle("c", (117.0, 36.6), 500.0, name="警戒", stroke=-1, fill=0, at=NOW, lasts=timedelta(hours=1))
    assert cot.decode(cot.encode(round_)).detail.ellipse == cot.Ellipse(500.0, 500.0, 360.0)
    with pytest.raises(BadField):
        shapes.polygon("z", ring[:2], name="", stroke=0, fill=0, at=NOW, lasts=timedelta(hours=1))


STREAM = b"\xef\xbb\xbf" + PLI + b"\n\n" + PLI[55:] + b"rubbish" + PLI + PLI[:200] + PLI + b"\xbf\x01\x7fabc" + PLI


def told(pieces):
    return [type(piece) if isinstance(piece, Frame) else type(piece.reason) for piece in pieces]


def test_a_dirty_stream_gives_every_whole_event_and_a_reason_for_the_rest():
    framer = cot.Framer()
    pieces = [*framer.feed(STREAM), *framer.end()]
    assert told(pieces) == [Frame, Frame, Noise, Frame, Broken, Frame, TakProtocol, Frame]
    assert all(cot.decode(piece.data).callsign == "安一" for piece in pieces if isinstance(piece, Frame))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(1, 300), min_size=1, max_size=40), st.binary(max_size=60))
def test_the_same_bytes_give_the_same_pieces_however_the_network_cuts_them(sizes, dirt):
    data = dirt + STREAM + dirt + PLI
    whole, cut, at = cot.Framer(), cot.Framer(), 0
    expected, pieces = [*whole.feed(data), *whole.end()], []
    while at < len(data):
        size = sizes[at % len(sizes)]
        pieces += cut.feed(data[at : at + size])
        at += size
    found = [*pieces, *cut.end()]
    assert [piece.data for piece in found] == [piece.data for piece in expected]
    assert told(found) == told(expected)


def test_an_event_that_never_ends_is_dropped_and_the_next_one_is_read():
    framer = cot.Framer()
    pieces = framer.feed(b"<event " + b"x" * (3 * MOST_BYTES) + PLI)
    assert isinstance(pieces[0], Unreadable)
    assert isinstance(pieces[0].reason, TooLong)
    assert told(pieces)[-1] is Frame
    assert framer.waiting == 0


def test_nothing_is_held_beyond_the_limit_whatever_comes():
    framer = cot.Framer()
    for _ in range(20):
        framer.feed(b"<event " * 3000)
        framer.feed(b"<?xml " + b"y" * 5000)
        assert framer.waiting <= MOST_BYTES


def test_frames_can_be_looked_at_from_the_command_line():
    (found,) = inspect("cot", PLI)
    assert found.accepted
    assert json.loads(json.dumps(found.said))["callsign"] == "安一"
