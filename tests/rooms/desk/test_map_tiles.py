"""Vector tiles of resources: what the actor sees, counted where it is much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import mapbox_vector_tile
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from anlan.desk.mapping import mercator, tiles
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor, Grant


@given(st.floats(-179, 179), st.floats(-85, 85), st.integers(0, 14))
def test_a_place_lies_in_the_box_of_its_tile(longitude: float, latitude: float, z: int) -> None:
    x, y = int(mercator.world_x(longitude) * 2**z), int(mercator.world_y(latitude) * 2**z)
    west, south, east, north = mercator.tile_box(z, x, y)
    assert west - 1e-9 <= longitude <= east + 1e-9
    assert south - 1e-9 <= latitude <= north + 1e-9


@pytest.fixture
def fresh() -> Iterator[None]:
    tiles.forget_counts()
    yield
    tiles.forget_counts()


def _tile_at(longitude: float, latitude: float, z: int) -> tuple[int, int, int]:
    return z, int(mercator.world_x(longitude) * 2**z), int(mercator.world_y(latitude) * 2**z)


def _features(content: bytes) -> list[dict[str, Any]]:
    return [] if not content else mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})["enterprises"]["features"]


@pytest.mark.django_db
@pytest.mark.usefixtures("fresh")
def test_a_tile_tells_only_what_the_officer_may_see(plants: list[Enterprise], lixia: Actor, shizhong: Actor, jinan: Actor) -> None:
    where = _tile_at(float(plants[3].longitude or 0), float(plants[3].latitude or 0), 8)
    for actor, number in ((shizhong, 1), (jinan, len(plants)), (lixia, len(plants) - 1)):
        assert len(_features(tiles.tile("enterprises", *where, actor))) == number
    assert _features(tiles.tile("enterprises", *where, shizhong))[0]["properties"] == {
        "id": str(plants[3].pk), "title": plants[3].name, "tone": "grey",
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.usefixtures("fresh")
def test_many_records_are_counted_by_tone_and_none_is_lost(plants: list[Enterprise], jinan: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "SINGLE_AT_MOST", 1)
    Enterprise.objects.filter(pk=plants[0].pk).update(major_level=1)
    counted = [feature["properties"] for feature in _features(tiles.tile("enterprises", *_tile_at(117.0, 36.66, 5), jinan))]
    assert sum(one["count"] for one in counted) == len(plants)
    assert sum(one.get("red", 0) for one in counted) == 1
    assert sum(one.get("grey", 0) for one in counted) == len(plants) - 1


@pytest.mark.django_db
@pytest.mark.usefixtures("fresh")
def test_wrong_tiles_and_layers_are_refused(browser: Callable[[Actor], Client], plants: list[Enterprise], jinan: Actor) -> None:
    client = browser(replace(jinan, grants=(*jinan.grants, Grant("map.view", "3701"))))
    where = "/".join(map(str, _tile_at(117.0, 36.66, 9)))
    good = client.get(f"/tiles/enterprises/{where}.mvt")
    assert good.status_code == 200
    assert good["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert client.get(f"/tiles/enterprises/{where}.mvt", headers={"If-None-Match": good["ETag"]}).status_code == 304
    assert client.get("/tiles/enterprises/15/0/0.mvt").status_code == 404
    assert client.get("/tiles/enterprises/3/8/0.mvt").status_code == 404
    assert client.get("/tiles/nothing/3/1/1.mvt").status_code == 404
    assert client.get("/tiles/enterprises/3/1/1.mvt?state=nonsense").status_code == 422
