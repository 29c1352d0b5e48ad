"""What events of a unit are for, what marks and messages say, and how drawings become events. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.command.field.test_connections import marker

from anlan.command.field import plotted, purposes, rules
from anlan.command.plotting.door import DrawnFeature
from anlan.kernel.geo import Point, haversine_m
from anlan.kernel.ids import new_id
from anlan.wire import cot
from anlan.wire.cot import shapes, talk

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
LASTS = timedelta(hours=1)
degrees = st.tuples(st.floats(100, 120), st.floats(20, 45))


@pytest.mark.parametrize(
    ("uid", "kind", "how", "what"),
    [
        ("A", "a-f-G-U-C", "m-g", purposes.POSITION),
        ("A", "b-a-o-tbl", "m-g", purposes.CALLING),
        ("A-9-1-1", "b-a-o-can", "m-g", purposes.CALL_OVER),
        ("B", "a-f-G-U-C", "m-g", purposes.FOREIGN),
        ("B", "u-d-f", "h-e", purposes.FOREIGN),
        ("m", "b-t-f", "h-g-i-g-o", purposes.TALK),
        ("m", "b-t-f-r", "h-g-i-g-o", purposes.RECEIPT),
        ("anlan-m", "b-t-f-d", "h-g-i-g-o", purposes.RECEIPT),
        ("anlan-m", "b-m-p-s-m", "h-g-i-g-o", purposes.FOREIGN),
        ("x", "b-m-p-s-m", "h-g-i-g-o", purposes.MARK),
        ("x", "a-u-G", "h-g-i-g-o", purposes.MARK),
        ("x", "a-u-G", "m-g", purposes.FOREIGN),
        ("x", "t-x-d-d", "m-g", purposes.REMOVAL),
        ("x", "b-i-v", "m-g", purposes.OTHER),
    ],
)
def test_an_event_is_for_one_purpose(uid: str, kind: str, how: str, what: str) -> None:
    event = replace(cot.decode(marker(uid, "谁", kind=kind)), how=how)
    assert purposes.purpose(event, "A", {"A", "B"}) == what


def test_a_message_keeps_who_to_whom_and_what_within_bounds() -> None:
    sender, to = talk.Party("A", "安一"), talk.Party(talk.EVERYBODY, talk.EVERYBODY)
    event = cot.decode(cot.encode(talk.message("m1", sender, to, "二号罐\n已关阀\u202e", at=NOW, lasts=LASTS)))
    assert purposes.said(event) == purposes.Said("m1", "安一", talk.EVERYBODY, talk.EVERYBODY, "二号罐\n已关阀", False)
    long = purposes.said(talk.message("m2", sender, to, "长" * (rules.LONGEST_MESSAGE + 1), at=NOW, lasts=LASTS))
    assert long is not None and long.cut and len(long.text) == rules.LONGEST_MESSAGE
    assert purposes.said(talk.message("m3", sender, to, " \n\u200b", at=NOW, lasts=LASTS)) is None


@given(st.lists(degrees, min_size=2, max_size=30, unique=True))
def test_a_drawn_line_comes_back_as_it_went(path: list[tuple[float, float]]) -> None:
    drawn = purposes.mark(cot.decode(cot.encode(shapes.line("x", path, name="路", stroke=-65536, at=NOW, lasts=LASTS))))
    assert drawn is not None
    assert (drawn.geometry, drawn.colour) == ({"type": "LineString", "coordinates": [list(each) for each in path]}, "#ff0000")
    west, south, east, north = drawn.box
    assert all(west <= x <= east and south <= y <= north for x, y in path)


@given(degrees, st.floats(20, 5000))
def test_a_drawn_circle_is_an_area_of_its_radius(centre: tuple[float, float], radius: float) -> None:
    drawn = purposes.mark(shapes.circle("x", centre, radius, name="圈", stroke=-1, fill=0, at=NOW, lasts=LASTS))
    assert drawn is not None
    here = Point(*centre)
    for longitude, latitude in drawn.geometry["coordinates"][0]:
        assert haversine_m(here, Point(longitude, latitude)) == pytest.approx(radius, rel=0.01)


def test_the_samples_of_devices_are_marks(shared) -> None:
    forms = {}
    for path in (shared / "samples" / "cot").glob("*.cot"):
        event = cot.decode(path.read_bytes())
        drawn = purposes.mark(event) if purposes.purpose(event, "A", {"A"}) == purposes.MARK else None
        forms[path.stem] = drawn.geometry["type"] if drawn is not None else None
    assert forms == {
        "Drawing_Shapes_-_Circle": "Polygon",
        "Drawing_Shapes_-_Rectangle": "Polygon",
        "Marker_-_2525": "Point",
        "Marker_-_Icon_Set": "Point",
        "Marker_-_Spot": "Point",
        "Range___Bearing_-_Circle": None,
        "Range___Bearing_-_Line": None,
    }


def test_a_mark_with_too_many_corners_or_without_a_place_is_none() -> None:
    path = [(117 + number / 10_000, 36.0) for number in range(rules.MARK_CORNERS + 1)]
    assert purposes.mark(shapes.line("x", path, name="", stroke=-1, at=NOW, lasts=LASTS)) is None
    assert purposes.mark(shapes.spot("x", (0.0, 0.0), name="", colour=-1, at=NOW, lasts=LASTS)) is None


def drawn(kind: str, coordinates: Any, **fields: Any) -> DrawnFeature:
    form = {"line": "LineString", "arrow": "LineString", "area": "Polygon"}.get(kind, "Point")
    geometry = {"type": form, "coordinates": coordinates}
    group = fields.pop("group", "")
    told = {"kind": kind, "geometry": geometry, **fields}
    who = {"created_by": "王", "created_post": "值班员", "created_at": NOW, "changed_by": "李", "changed_post": "指挥", "changed_at": NOW}
    return DrawnFeature(
        "1" * 32, new_id(), kind, "", geometry, told, **who, sequence=1, late=False, exercise=False, label="名", group=group
    )


RING = [[117.0, 36.0], [117.1, 36.0], [117.1, 36.1], [117.0, 36.0]]


@pytest.mark.parametrize(
    ("feature", "kind", "holds"),
    [
        (drawn("point", [117.0, 36.0], tone="hazard"), "b-m-p-s-m", lambda e: e.detail.colour == -2349530),
        (drawn("text", [117.0, 36.0]), "b-m-p-s-m", lambda e: e.detail.icon.endswith("LABEL")),
        (drawn("symbol", [117.0, 36.0], symbol="fire_engine", group="force"), "a-f-G", lambda e: e.how == "h-g-i-g-o"),
        (drawn("symbol", [117.0, 36.0], symbol="drone", group="force"), "a-f-A", lambda e: e.point.latitude == 36.0),
        (drawn("symbol", [117.0, 36.0], symbol="leak", group="hazard"), "b-m-p-s-m", lambda e: e.point.longitude == 117.0),
        (drawn("line", RING[:3]), "u-d-f", lambda e: len(e.detail.corners) == 3),
        (drawn("arrow", RING[:2]), "u-d-f", lambda e: len(e.detail.corners) == 5 and e.detail.corners[1] == e.detail.corners[3]),
        (drawn("area", [RING], fill="light", tone="own"), "u-d-f", lambda e: len(e.detail.corners) == 4 and e.detail.fill is not None),
        (drawn("circle", [117.0, 36.0], radius=250), "u-d-c-c", lambda e: e.detail.ellipse.major == 250),
    ],
    ids=lambda value: value.kind if isinstance(value, DrawnFeature) else "",
)
def test_every_kind_of_object_becomes_something_that_devices_show(feature: DrawnFeature, kind: str, holds: Any) -> None:
    event = plotted.event_of(feature, at=NOW, lasts=LASTS)
    assert event is not None
    read = cot.decode(cot.encode(replace(event, uid="x")))
    assert (read.type, read.callsign) == (kind, "名")
    assert holds(read)
    assert "李" in read.detail.remarks.text and "<creator" in read.detail.other[0]


def test_the_head_of_an_arrow_points_back_from_its_tip() -> None:
    left, tip, right = plotted.arrow_head([(117.0, 36.0), (117.0, 36.1)])
    assert tip == (117.0, 36.1)
    assert left[1] < 36.1 and right[1] < 36.1
    assert left[0] - 117.0 == pytest.approx(117.0 - right[0], abs=1e-6)
