"""Road files: what they say is kept, what is wrong in them is named by its place, and a broken file says where."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest
import shapefile
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.routing.arrival_table import TEAMS, table

from anlan.routing import importing, routes, travel, vehicles
from anlan.routing.assembly import BACKWARD, BOTH, FORWARD
from anlan.routing.classes import CODES
from anlan.routing.importing import tags
from anlan.routing.refusals import ImportCancelled, NoRoadsInFile, NotDegrees, RoadFileBroken, RoadFileUnknown

HEAD = '<?xml version="1.0"?>\n<osm version="0.6">\n'
NODES = "".join(f'<node id="{number}" lat="{36.6 + 0.001 * number:.3f}" lon="117.0"/>\n' for number in range(1, 6))
NODES += '<node id="10" lat="36.603" lon="117.001"/>\n'


def way(number: int, refs: list[int], **said: str) -> str:
    inner = "".join(f'<nd ref="{ref}"/>' for ref in refs) + "".join(f'<tag k="{key}" v="{value}"/>' for key, value in said.items())
    return f'<way id="{number}">{inner}</way>\n'


WAYS = (
    way(100, [1, 2, 3, 4], highway="primary", name="经十路", maxspeed="60")
    + way(101, [3, 10], highway="residential", oneway="yes")
    + way(102, [4, 5, 99], highway="service", access="private")
    + way(103, [4, 5], highway="construction")
    + way(104, [1, 1], highway="service")
    + way(105, [2, 3], highway="hyperloop")
    + way(106, [3, 4], highway="secondary", oneway="reversible")
)


def osm(folder: Path, text: str = HEAD + NODES + WAYS + "</osm>\n") -> Path:
    (folder / "roads.osm").write_text(text, encoding="utf-8")
    return folder / "roads.osm"


def pbf(folder: Path) -> Path:
    writer = osmium.SimpleWriter(str(folder / "roads.osm.pbf"), overwrite=True)
    for found in osmium.FileProcessor(str(osm(folder))):
        writer.add(found)
    writer.close()
    return folder / "roads.osm.pbf"


@pytest.mark.parametrize("make", [osm, pbf])
def test_openstreetmap_ways_meet_at_shared_nodes_and_their_troubles_are_named(tmp_path: Path, make: Any) -> None:
    found = importing.read(make(tmp_path))
    net = found.network
    # 经十路 is cut at 2 and 3; nodes 1, 2, 3, 4, 5, 10 remain.
    assert net.nodes == 6
    assert sorted(net.way.tolist()) == [100] * 6 + [101] + [102] * 2 + [105] * 2
    assert {net.names[name] for name in net.name} == {"", "经十路"}
    assert set(net.limit_kmh[net.way == 100].tolist()) == {60.0}
    assert {str(trouble.facts["where"]): trouble.code for trouble in found.troubles} == {
        "way 102": "road_nodes_missing",
        "way 104": "road_too_few_points",
        "way 105": "road_class_unknown",
        "way 106": "road_reversible",
    }
    assert (found.read, found.kept, found.bad) == (7, 4, 4)
    private = net.forbidden[net.way == 102]
    assert (private & vehicles.BITS["car"]).all() and not (private & vehicles.BITS["fire_engine"]).any()


def test_broken_xml_says_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(RoadFileBroken) as refused:
        importing.read(osm(tmp_path, HEAD + NODES + WAYS + "</orm>\n"))
    assert refused.value.facts["where"] == f"line {(HEAD + NODES + WAYS).count(chr(10)) + 1}, column 2"


def test_a_cut_or_damaged_pbf_says_the_byte(tmp_path: Path) -> None:
    path = pbf(tmp_path)
    whole = path.read_bytes()
    for end in (0, 2, 3, 40, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:end])
        with pytest.raises(RoadFileBroken, match="byte"):
            importing.read(path)
    damaged = bytearray(whole)
    damaged[-40:-20] = b"\xff" * 20
    path.write_bytes(damaged)
    with pytest.raises(RoadFileBroken, match="byte"):
        importing.read(path)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_road_file_are_refused_and_never_break_the_reader(tmp_path_factory: Any, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("any", numbered=True)
    for name in ("a.osm", "a.osm.pbf", "a.zip", "a.shp", "a.geojson", "a.geojsonl", "a.tar.xz"):
        (folder / name).write_bytes(data)
        with pytest.raises((RoadFileBroken, NoRoadsInFile, RoadFileUnknown, NotDegrees)):
            importing.read(folder / name)
        (folder / name).unlink()


def feature(coordinates: Any, kind: str = "LineString", **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def geojson(folder: Path, *features: Any, **more: Any) -> Path:
    (folder / "roads.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), encoding="utf-8")
    return folder / "roads.geojson"


A, B, C, D = [117.0, 36.6], [117.01, 36.6], [117.02, 36.6], [117.01, 36.61]


def test_good_lines_beside_bad_ones_are_kept_and_the_bad_named(tmp_path: Path) -> None:
    path = geojson(
        tmp_path,
        feature([A, B, C], 道路等级="省道", 名称="S102"),
        feature(A, "Point"),
        feature([B, [917.01, 36.61]]),
        feature([B, D], highway="residential", oneway="-1"),
        {"type": "Feature", "geometry": None, "properties": {}},
        feature([B]),
        feature([B, ["x", 1]]),
        feature([B, [float("nan"), 36.7]]),
        "no feature",
        feature([[C, D]], "MultiLineString", fclass="tertiary"),
    )
    found = importing.read(path)
    assert (found.read, found.kept, found.bad) == (10, 3, 7)
    assert [(str(trouble.facts["where"]), trouble.code) for trouble in found.troubles] == [
        ("#2", "road_no_line"),
        ("#3", "road_outside_world"),
        ("#5", "road_no_line"),
        ("#6", "road_too_few_points"),
        ("#7", "road_unreadable"),
        ("#8", "road_outside_world"),
        ("#9", "road_no_line"),
    ]
    net = found.network
    assert (net.nodes, net.edges) == (4, 2 * 2 + 1 + 2)
    assert {CODES[each] for each in net.road_class} == {"primary", "residential", "tertiary"}
    assert {net.names[each] for each in net.name} == {"", "S102"}


def test_broken_json_says_line_and_column_and_other_systems_are_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path, feature([A, B]))
    path.write_text(path.read_text().replace('"features": [', '"features":\n[ ,'), encoding="utf-8")
    with pytest.raises(RoadFileBroken) as refused:
        importing.read(path)
    assert refused.value.facts["where"] == "line 2, column 3"
    path.write_bytes(b'{"type": "\xff"}')
    with pytest.raises(RoadFileBroken, match="byte 10"):
        importing.read(path)
    with pytest.raises(NotDegrees):
        importing.read(geojson(tmp_path, feature([A, B]), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}))
    assert importing.read(geojson(tmp_path, feature([A, B]), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::4490"}})).kept == 1


def test_a_bad_line_of_features_by_the_line_loses_no_other(tmp_path: Path) -> None:
    lines = [json.dumps(feature([A, B], highway="primary")), '{"type": "Feature", ', json.dumps(feature([B, D], highway="primary"))]
    (tmp_path / "roads.geojsonl").write_text("\n".join(lines), encoding="utf-8")
    found = importing.read(tmp_path / "roads.geojsonl")
    assert (found.kept, found.bad, found.troubles[0].facts["where"]) == (2, 1, "#2")


def shapes(folder: Path, rows: list[tuple[Any, str, str]], *, encoding: str = "utf-8", prj: str = "") -> dict[str, bytes]:
    streams = {kind: BytesIO() for kind in ("shp", "shx", "dbf")}
    writer = shapefile.Writer(**streams, shapeType=shapefile.POLYLINE, encoding=encoding)
    writer.field("highway", "C", 40)
    writer.field("name", "C", 40)
    for line, road_class, name in rows:
        writer.line([line]) if line else writer.null()
        writer.record(road_class, name)
    writer.close()
    return {kind: stream.getvalue() for kind, stream in streams.items()} | ({"prj": prj.encode()} if prj else {})


def zipped(folder: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / "roads.zip", "w") as archive:
        for kind, data in parts.items():
            archive.writestr(f"济南/roads.{kind}", data)
    return folder / "roads.zip"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_zipped_shapefile_is_read_with_chinese_names_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    rows = [([A, B, C], "primary", "经十路"), (None, "primary", ""), ([B, D], "乡道", "张庄线")]
    found = importing.read(zipped(tmp_path, shapes(tmp_path, rows, encoding=encoding)))
    assert not found.directed
    assert {found.network.names[each] for each in found.network.name} == {"经十路", "张庄线"}
    assert (found.network.nodes, found.network.edges, found.kept) == (4, 6, 2)
    assert [(str(trouble.facts["where"]), trouble.code) for trouble in found.troubles] == [("#2", "road_no_line")]


def test_a_shapefile_of_directed_edges_is_taken_as_it_is(tmp_path: Path) -> None:
    middle = [117.005, 36.601]
    rows = [([A, middle, B], "primary", ""), ([B, middle, A], "primary", ""), ([B, C], "primary", "")]
    found = importing.read(zipped(tmp_path, shapes(tmp_path, rows)))
    assert found.directed
    assert (found.network.nodes, found.network.edges) == (3, 3)


def test_a_cut_shapefile_says_the_byte_and_a_projected_one_is_refused(tmp_path: Path) -> None:
    parts = shapes(tmp_path, [([A, B, C], "primary", "")] * 3)
    with pytest.raises(RoadFileBroken) as refused:
        importing.read(zipped(tmp_path, parts | {"shp": parts["shp"][:-10]}))
    assert refused.value.facts["where"] == f"byte {len(parts['shp']) - 10}"
    with pytest.raises(NotDegrees):
        importing.read(zipped(tmp_path, parts | {"prj": b'PROJCS["CGCS2000_3_Degree_GK_CM_117E"]'}))
    (tmp_path / "roads.zip").write_bytes((tmp_path / "roads.zip").read_bytes()[:-30])
    with pytest.raises(RoadFileBroken):
        importing.read(tmp_path / "roads.zip")


def test_an_import_can_be_called_off(tmp_path: Path) -> None:
    with pytest.raises(ImportCancelled):
        importing.read(osm(tmp_path), should_stop=lambda: True)


def test_files_of_no_known_kind_and_without_roads_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RoadFileUnknown):
        importing.read(tmp_path / "roads.dwg")
    with pytest.raises(NoRoadsInFile) as refused:
        importing.read(geojson(tmp_path, feature(A, "Point")))
    assert refused.value.facts["bad"] == 1


@pytest.mark.parametrize(
    ("said", "direction"),
    [
        ({"highway": "primary"}, BOTH),
        ({"highway": "primary", "oneway": "yes"}, FORWARD),
        ({"highway": "primary", "oneway": "-1"}, BACKWARD),
        ({"highway": "motorway"}, FORWARD),
        ({"highway": "motorway", "oneway": "no"}, BOTH),
        ({"highway": "tertiary", "junction": "roundabout"}, FORWARD),
    ],
)
def test_directions_follow_the_tags(said: dict[str, str], direction: int) -> None:
    facts = tags.facts_of(said)
    assert facts is not None and facts.direction == direction


@pytest.mark.parametrize(
    ("said", "shut"),
    [
        ({}, set()),
        ({"access": "no"}, set(vehicles.LABELS)),
        ({"access": "private"}, {"hazmat_truck", "bus", "car", "foot"}),
        ({"access": "no", "emergency": "yes"}, {"hazmat_truck", "bus", "car", "foot"}),
        ({"hazmat": "no"}, {"hazmat_truck"}),
        ({"hgv": "no", "hazmat": "designated"}, set()),
        ({"motor_vehicle": "no"}, set(vehicles.LABELS) - {"foot"}),
        ({"motor_vehicle": "no", "bus": "yes"}, set(vehicles.LABELS) - {"foot", "bus"}),
        ({"access": "private", "foot": "yes"}, {"hazmat_truck", "bus", "car"}),
    ],
)
def test_access_follows_the_most_particular_key(said: dict[str, str], shut: set[str]) -> None:
    assert {code for code, bit in vehicles.BITS.items() if tags.forbidden(said) & bit} == shut


@pytest.mark.parametrize(
    ("text", "kmh"), [("60", 60), ("60 km/h", 60), ("40 mph", 64.37376), ("none", 0), ("CN:urban", 0), ("", 0), ("900", 0)]
)
def test_posted_speeds_are_figures_or_none(text: str, kmh: float) -> None:
    assert tags.limit_kmh(text) == pytest.approx(kmh)


def test_the_real_roads_of_jinan(shared: Path) -> None:
    """OpenStreetMap roads as directed edges (see shared/data/README.md): counted there, and a fire engine reaches every node of the strong part."""
    found = importing.read(shared / "data" / "roads" / "jinan_osm_roads_shp.tar.xz")
    net = found.network
    assert (net.nodes, net.edges, int(net.strong_part().sum()), found.directed) == (12_766, 28_597, 11_850, True)
    assert found.counts == {"road_no_length": 1}
    engine = vehicles.vehicle("fire_engine")
    times = routes.one_to_all(net, TEAMS["泉城广场"], engine)
    assert times.gap_m < 200
    core = travel.graph(net, engine).core
    assert np.isfinite(times.seconds[core]).all()
    bands = table(net, engine)
    assert [band.median_min for band in bands] == sorted(band.median_min for band in bands)
    # As the crow flies a fire engine in a city is neither slower than a bicycle nor as fast as on a motorway.
    assert all(12 < band.speed_kmh < 50 for band in bands)
    assert bands[3].median_min == pytest.approx(8.3, abs=0.05)  # 3 to 5 km, as docs/routing.md tells
