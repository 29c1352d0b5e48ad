"""Zones become pictures: covered exactly where they lie, worst on top, in a file that others read."""

from __future__ import annotations

import struct
import zlib

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from anlan.desk.features import grid, painting, vectors
from anlan.desk.features.declare import Feature
from anlan.desk.features.refusals import NoSuchMapTile

Z, ROW, COL = 12, 1600, 3381
WEST, SOUTH, EAST, NORTH = (
    COL / 2**Z * 360 - 180,
    *(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (ROW + down) / 2**Z)))) for down in (1,)),
    (COL + 1) / 2**Z * 360 - 180,
    np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * ROW / 2**Z)))),
)


def at(x: float, y: float) -> tuple[float, float]:
    """A place by its share of the tile, from the north-west corner; exact enough for a tile of this size."""
    return WEST + x * (EAST - WEST), NORTH + y * (SOUTH - NORTH)


RINGS = st.lists(st.tuples(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5)), min_size=3, max_size=12)


@given(RINGS)
def test_pixels_are_covered_where_their_middles_lie_in_the_area(corners: list[tuple[float, float]]) -> None:
    ring = [at(x, y) for x, y in corners]
    covered = painting.coverage([[ring]], Z, ROW, COL)
    drawn = shapely.Polygon(grid.pixels(np.array(ring), Z, ROW, COL))
    if not drawn.is_valid:
        return
    x, y = np.meshgrid(np.arange(256) + 0.5, np.arange(256) + 0.5)
    near = shapely.distance(shapely.points(x[::16, ::16], y[::16, ::16]), drawn.boundary) < 1.0
    inside = shapely.contains_xy(drawn, x[::16, ::16], y[::16, ::16])
    assert np.array_equal(covered[::16, ::16][~near], inside[~near].astype(float))
    clipped = shapely.intersection(drawn, shapely.box(0, 0, 256, 256)).area
    assert abs(covered.sum() - clipped) <= 1 + 0.4 * drawn.length


def test_a_hole_is_not_covered() -> None:
    outside, hole = [[at(low, low), at(high, low), at(high, high), at(low, high)] for low, high in ((0.1, 0.9), (0.4, 0.6))]
    covered = painting.coverage([[outside, hole]], Z, ROW, COL)
    assert covered[128, 128] == 0.0
    assert covered[60, 128] == 1.0
    assert covered[10, 128] == 0.0


def test_a_half_covered_pixel_is_half_as_strong() -> None:
    ring = [at(0, 0), at(100.5 / 256, 0), at(100.5 / 256, 1), at(0, 1)]
    covered = painting.coverage([[ring]], Z, ROW, COL)
    assert covered[128, 99:103].tolist() == [1.0, 0.5, 0.0, 0.0]


def test_the_worst_lies_on_top_and_nothing_gives_no_picture() -> None:
    wide, narrow = ([[[at(low, low), at(high, low), at(high, high), at(low, high)]]] for low, high in ((0.1, 0.9), (0.4, 0.6)))
    picture = painting.paint([(wide, painting.colour_of(3)), (narrow, painting.colour_of(1))], Z, ROW, COL)
    assert picture is not None
    red, green, _blue, alpha = picture[128, 128].tolist()
    assert red > green + 60
    assert 0 < picture[60, 128, 3] < alpha
    assert picture[5, 5].tolist() == [0, 0, 0, 0]
    assert painting.paint([(wide, painting.colour_of(3))], Z, ROW + 5, COL) is None


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_picture_is_a_png_that_holds_its_pixels(width: int, height: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    content = painting.png(picture)
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    pieces, place = {}, 8
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        kind, body = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        assert struct.unpack(">I", content[place + 8 + length : place + 12 + length])[0] == zlib.crc32(kind + body)
        pieces[kind], place = body, place + 12 + length
    assert struct.unpack(">IIBBBBB", pieces[b"IHDR"]) == (width, height, 8, 6, 0, 0, 0)
    lines = np.frombuffer(zlib.decompress(pieces[b"IDAT"]), dtype=np.uint8).reshape(height, 1 + width * 4)
    assert np.array_equal(lines[:, 1:].reshape(height, width, 4), picture)


def test_tiles_outside_the_set_are_refused() -> None:
    for z, row, col in ((-1, 0, 0), (19, 0, 0), (3, 8, 0), (3, 0, 8)):
        with pytest.raises(NoSuchMapTile):
            grid.check(z, row, col)


def test_the_box_of_a_tile_holds_its_corners_and_a_margin() -> None:
    west, south, east, north = vectors.box_of(Z, ROW, COL)
    assert west < WEST < EAST < east
    assert south < SOUTH < NORTH < north
    assert vectors.box_of(0, 0, 0) == pytest.approx((-180, -85.0511, 180, 85.0511), abs=1e-3)


def test_a_vector_tile_holds_points_lines_and_areas_where_they_lie() -> None:
    features = [
        Feature("p", {"type": "Point", "coordinates": at(0.5, 0.25)}, {"title": "点", "nothing": None, "many": [1]}),
        Feature("n", None, {"title": "无坐标"}),
        Feature("a", {"type": "Polygon", "coordinates": [[at(-1, -1), at(2, -1), at(2, 2), at(-1, 2), at(-1, -1)]]}, {}),
    ]
    tile = mapbox_vector_tile.decode(vectors.encoded("things", features, Z, ROW, COL), default_options={"y_coord_down": True})
    point, area = tile["things"]["features"]
    assert point["geometry"]["coordinates"] == pytest.approx([2048, 1024], abs=1)
    assert point["properties"] == {"id": "p", "title": "点"}
    corners = np.array(area["geometry"]["coordinates"][0])
    assert corners.min() == -vectors.BUFFER
    assert corners.max() == vectors.EXTENT + vectors.BUFFER
    assert vectors.encoded("things", [features[1]], Z, ROW, COL) == b""
