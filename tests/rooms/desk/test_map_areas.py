"""Selecting by area: what the officer sees of it, told whole or not at all, and nothing wrong taken for an area."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import shapely
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from anlan.desk.mapping import selecting, shapes
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor, Grant
from anlan.kernel.geo import Point, haversine_m
from anlan.ledger.models import AuditEntry

WIDE = {"type": "Polygon", "coordinates": [[[115, 35], [119, 35], [119, 38], [115, 38], [115, 35]]]}


@given(st.floats(74, 135), st.floats(4, 53), st.floats(10, 20_000), st.floats(0, 359))
def test_the_edge_of_a_buffer_is_its_radius_away(longitude: float, latitude: float, metres: float, turn: float) -> None:
    area = shapes.area_of({"type": "Point", "coordinates": [longitude, latitude]}, metres)
    corner = area.exterior.coords[int(turn) % (len(area.exterior.coords) - 1)]
    found = haversine_m(Point(longitude, latitude), Point(*corner))
    assert found == pytest.approx(metres, rel=0.01)


@pytest.mark.parametrize(
    ("given_area", "refusal"),
    [
        (None, shapes.BadShape),
        ("{", shapes.BadShape),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, shapes.BadShape),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, shapes.BadShape),
        ({"type": "Polygon", "coordinates": [[["a", 0], [1, 1], [1, 0]]]}, shapes.BadShape),
        ({"type": "Point", "coordinates": [500, 20]}, shapes.BadShape),
        ({"type": "GeometryCollection", "geometries": []}, shapes.BadShape),
        ({"type": "LineString", "coordinates": [[i / 100, 30] for i in range(shapes.MOST_CORNERS + 1)]}, shapes.BadShape),
        ({"type": "LineString", "coordinates": [[117, 36], [118, 37]]}, shapes.NoArea),
    ],
)
def test_what_is_no_area_is_refused(given_area: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        shapes.area_of(given_area)


@pytest.mark.parametrize("radius", ["wide", -5, 1e9, float("nan")])
def test_a_radius_that_cannot_be_is_refused(radius: Any) -> None:
    with pytest.raises(shapes.BadRadius):
        shapes.area_of({"type": "Point", "coordinates": [117, 36]}, radius)


def test_a_place_without_an_outline_is_refused_and_one_with_it_is_an_area(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "_outline", [lambda code: WIDE if code == "370100" else None])
    assert shapes.area_of(None, place="370100").equals(shapely.geometry.shape(WIDE))
    with pytest.raises(shapes.NoOutline):
        shapes.area_of(None, place="999999")


@pytest.mark.django_db
def test_an_officer_selects_only_what_lies_in_the_area_and_in_the_jurisdiction(
    plants: list[Enterprise], lixia: Actor, jinan: Actor
) -> None:
    wide = shapes.area_of(WIDE)
    for actor, number in ((lixia, 3), (jinan, 4)):
        ((found,), others) = selecting.select(wide, ["enterprises", "no-such-layer"], actor)
        assert (found.count, found.at_least, others) == (number, False, ())
        assert all(row.url.endswith(f"/{row.id}/") for row in found.rows)
    last = plants[3]
    near = shapes.area_of({"type": "Point", "coordinates": [last.longitude, last.latitude]}, 50)
    ((found,), _others) = selecting.select(near, ["enterprises"], jinan)
    assert [row.title for row in found.rows] == [last.name]


@pytest.mark.django_db
def test_when_too_much_lies_there_the_count_says_at_least(plants: list[Enterprise], jinan: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selecting, "CANDIDATES", 2)
    ((found,), _others) = selecting.select(shapes.area_of(WIDE), ["enterprises"], jinan)
    assert (found.count, found.at_least) == (2, True)


@pytest.mark.django_db
def test_a_selection_is_carried_away_in_three_forms_and_each_time_written_down(
    browser: Callable[[Actor], Client], plants: list[Enterprise], lixia: Actor
) -> None:
    client = browser(replace(lixia, grants=(*lixia.grants, Grant("map.view", "370102"))))
    asked = client.post("/map/select/", json.dumps({"area": WIDE, "layers": ["enterprises"]}), content_type="application/json")
    assert [each["count"] for each in asked.json()["layers"]] == [3]
    assert client.post("/map/select/", "[", content_type="application/json", headers={"Accept": "application/json"}).status_code == 422
    told = {"area": json.dumps(WIDE)}
    answer = client.post("/map/export/enterprises/", {**told, "format": "geojson"})
    features = json.loads(answer.content)["features"]
    assert {feature["properties"]["title"] for feature in features} == {plant.name for plant in plants[:3]}
    rows = list(csv.reader(io.StringIO(client.post("/map/export/enterprises/", {**told, "format": "csv"}).content.decode("utf-8-sig"))))
    assert len(rows) == 4
    assert client.post("/map/export/enterprises/", {**told, "format": "xlsx"}).content.startswith(b"PK")
    assert client.post("/map/export/enterprises/", {**told, "format": "exe"}).status_code == 422
    assert client.post("/map/export/nothing/", {**told, "format": "csv"}).status_code == 404
    assert AuditEntry.objects.filter(action="enterprises.export").count() == 3
