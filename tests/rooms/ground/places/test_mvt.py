"""The tile writer, read back by the library and compared."""

from __future__ import annotations

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.ground.places import mvt


def written(shapes, properties=None):
    tile = mvt.new_tile()
    features = np.array(shapes, dtype=object)
    mvt.add_layer(tile, "layer", 4096, features, properties or [{"number": number} for number in range(len(features))])
    return mapbox_vector_tile.decode(tile.SerializeToString(), default_options={"y_coord_down": True})


def read(shapes):
    layer = written(shapes).get("layer", {"features": []})
    return {feature["properties"]["number"]: shapely.geometry.shape(feature["geometry"]) for feature in layer["features"]}


boxes = st.tuples(st.integers(-128, 4000), st.integers(-128, 4000), st.integers(1, 200), st.integers(1, 200)).map(
    lambda box: shapely.box(box[0], box[1], box[0] + box[2], box[1] + box[3])
)
rings = st.lists(st.tuples(st.floats(-128, 4224), st.floats(-128, 4224)), min_size=3, max_size=12).map(
    lambda vertices: shapely.MultiPoint(vertices).convex_hull
)


@settings(max_examples=150, deadline=None)
@given(st.lists(boxes, min_size=1, max_size=8))
def test_boxes_come_back_as_they_were(shapes):
    assert {number: shape.equals(shapes[number]) for number, shape in read(shapes).items()} == dict.fromkeys(range(len(shapes)), True)


@settings(max_examples=150, deadline=None)
@given(st.lists(rings.filter(lambda shape: shape.geom_type == "Polygon" and shape.area > 50), min_size=1, max_size=6))
def test_any_area_comes_back_within_half_a_unit(shapes):
    found = read(shapes)
    for number, shape in found.items():
        assert shape.hausdorff_distance(shapes[number]) <= 0.7072
    assert all(number in found for number, shape in enumerate(shapes) if shape.minimum_clearance > 3)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(-128, 4224), st.integers(-128, 4224)), min_size=1, max_size=20))
def test_points_come_back_in_order(points):
    found = read([shapely.Point(point) for point in points])
    assert [(int(found[number].x), int(found[number].y)) for number in range(len(points))] == points


def test_holes_and_islands_keep_their_sides():
    island = shapely.box(3000, 3000, 3100, 3100)
    land = shapely.Polygon(shapely.box(0, 0, 2000, 2000).exterior, [shapely.box(500, 500, 900, 900).exterior])
    assert read([shapely.MultiPolygon([land, island]), island])[0].equals(shapely.MultiPolygon([land, island]))


@pytest.mark.parametrize("clockwise", [True, False])
def test_the_direction_of_the_source_does_not_matter(clockwise):
    land = shapely.Polygon(shapely.box(0, 0, 20, 20, ccw=clockwise).exterior, [shapely.box(5, 5, 9, 9, ccw=clockwise).exterior])
    assert read([land])[0].equals(land)


def test_what_shrinks_to_nothing_is_left_out_with_its_holes():
    speck = shapely.Polygon(shapely.box(0.1, 0.1, 0.4, 0.4).exterior, [shapely.box(0.2, 0.2, 0.3, 0.3).exterior])
    sliver = shapely.Polygon([(10, 10), (20, 10.2), (10, 10.4)])
    assert set(read([speck, shapely.box(1, 1, 5, 5), sliver])) == {1}
    assert written([speck]) == {}


def test_empty_shapes_are_no_features():
    assert set(read([shapely.Polygon(), shapely.box(0, 0, 5, 5), shapely.MultiPolygon()])) == {1}


def test_lines_run_on_from_piece_to_piece():
    lines = shapely.MultiLineString([[(0, 0), (10, 0), (10, 0.2), (20, 5)], [(100, 100), (90, 90)], [(5, 5), (5.1, 5.1)]])
    assert read([lines, shapely.LineString([(1, 1), (2, 2)])])[0].equals(
        shapely.MultiLineString([[(0, 0), (10, 0), (20, 5)], [(100, 100), (90, 90)]])
    )


def test_values_are_shared_and_kept_by_kind():
    properties = [{"name": "历下区", "listed": 1}, {"name": "历下区", "listed": 0}]
    features = written([shapely.Point(1, 1), shapely.Point(2, 2)], properties)["layer"]["features"]
    assert [feature["properties"] for feature in features] == properties
