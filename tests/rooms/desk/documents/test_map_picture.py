"""The map in documents: what is drawn lies where it is, at a true scale, and no text acts as markup."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from anlan.desk.documents.map_picture import SVG, MapPicture, ShownArea, ShownLine, ShownMark, svg

SQUARE = ((117.0, 36.6), (117.02, 36.6), (117.02, 36.62), (117.0, 36.62))


def drawn(picture: MapPicture) -> etree._Element:
    return etree.fromstring(svg(picture))


def circles(root: etree._Element) -> list[tuple[float, float]]:
    return [(float(c.get("cx", "")), float(c.get("cy", ""))) for c in root.iter(f"{{{SVG}}}circle")]


def test_east_is_right_and_north_is_up() -> None:
    marks = tuple(ShownMark(place, "blue", "") for place in ((117.0, 36.6), (117.1, 36.6), (117.0, 36.7)))
    middle, east, north = circles(drawn(MapPicture(marks=marks)))[:3]
    assert east[0] > middle[0]
    assert east[1] == pytest.approx(middle[1])
    assert north[1] < middle[1]
    assert north[0] == pytest.approx(middle[0])


@settings(max_examples=50, deadline=None)
@given(st.floats(80, 130), st.floats(5, 50), st.floats(0.002, 1.0))
def test_the_scale_bar_measures_true(longitude: float, latitude: float, size: float) -> None:
    far = (longitude, latitude + size)
    root = drawn(MapPicture(marks=(ShownMark((longitude, latitude), "", ""), ShownMark(far, "", ""))))
    (_, y1), (_, y2) = circles(root)[:2]
    bar = next(p.get("d", "") for p in root.iter(f"{{{SVG}}}path") if p.get("d", "").startswith("M14,"))
    length = float(re.search(r"H([\d.]+)V", bar).group(1)) - 14  # type: ignore[union-attr]
    label = next(t.text or "" for t in root.iter(f"{{{SVG}}}text") if re.fullmatch(r"[\d.]+ k?m", t.text or ""))
    metres = float(label.split()[0]) * (1000 if label.endswith("km") else 1)
    real = size * math.pi / 180 * 6_371_000
    assert abs(y1 - y2) / real == pytest.approx(length / metres, rel=0.01)


def test_the_wind_arrow_points_to_where_the_wind_blows() -> None:
    root = drawn(MapPicture(areas=(ShownArea(((SQUARE,),), "red", "区"),), wind_from_deg=45, wind="东北风 2.4 m/s"))
    arrow = next(g for g in root.iter(f"{{{SVG}}}g") if "rotate" in (g.get("transform") or ""))
    assert "rotate(225.0)" in arrow.get("transform", "")


def test_a_text_with_markup_stays_text() -> None:
    words = '<script>alert("1")</script>&'
    root = drawn(MapPicture(marks=(ShownMark((117.0, 36.6), "red", words),), lines=(ShownLine(SQUARE, "blue", words),), source=words))
    assert not [node for node in root.iter() if "script" in str(node.tag)]


def test_a_single_place_has_surroundings_and_nothing_is_refused() -> None:
    assert circles(drawn(MapPicture(marks=(ShownMark((117.0, 36.6), "grey", "储罐"),))))
    with pytest.raises(ValueError, match="must show something"):
        svg(MapPicture())
