"""Pages, tiles and look-up over HTTP."""

from __future__ import annotations

import gzip

import mapbox_vector_tile
import numpy as np
import pytest
from django.test import Client
from tests.accounts import client_for

from anlan.ground.places import tiles

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_country")]

CHINESE_ONLY_PAGES = ["/places/", "/places/changes/", "/places/boundaries/", "/about/data/", "/places/370102/", "/places/370181/"]


@pytest.fixture(autouse=True)
def cache(tmp_path, settings):
    settings.ANLAN = {**settings.ANLAN, "HOME": tmp_path}
    return tmp_path / "cache" / "tiles" / "places"


@pytest.fixture
def officer():
    return client_for("duty_officer", "370102")


def address(zoom, longitude, latitude):
    x, y = tiles.world(np.array([[longitude, latitude]]))[0] * 2**zoom
    return f"/tiles/places/{zoom}/{int(x)}/{int(y)}.mvt"


def decoded(response):
    body = response.content
    return mapbox_vector_tile.decode(gzip.decompress(body) if response.get("Content-Encoding") == "gzip" else body)


@pytest.mark.parametrize("path", [*CHINESE_ONLY_PAGES, "/places/search.json?q=lx", "/places/options/?q=lx", "/tiles/places/5/26/12.mvt"])
def test_nobody_unknown_sees_places(path):
    assert Client().get(path).status_code in {302, 401, 403}


@pytest.mark.parametrize("path", CHINESE_ONLY_PAGES)
def test_every_page_renders_in_both_languages(officer, path):
    chinese = officer.get(path)
    assert chinese.status_code == 200
    officer.cookies["anlan_language"] = "en"
    assert officer.get(path).status_code == 200


def test_the_list_finds_by_pinyin_and_names_the_uppers(officer):
    page = officer.get("/places/", {"q": "lixia"}).content.decode()
    assert "山东省济南市历下区" in page


def test_a_township_page_says_that_its_position_is_only_indicative(officer):
    page = officer.get("/places/370102001/").content.decode()
    assert "示意位置" in page
    assert "乡镇界线未公开" in page


def test_a_former_code_leads_to_the_present_one(officer):
    page = officer.get("/places/370181/").content.decode()
    assert "2016" in page
    assert "/places/370114/" in page


def test_changes_are_filtered_by_year_kind_and_words(officer):
    page = officer.get("/places/changes/", {"year": "2016", "kind": "撤市设区", "q": "章丘"}).content.decode()
    assert "370181" in page
    assert officer.get("/places/changes/", {"year": "x", "page": "-3", "kind": "?"}).status_code == 200


def test_what_could_not_be_joined_is_listed(officer):
    page = officer.get("/places/boundaries/").content.decode()
    for name in ("和康县", "草湖市", "大柴旦行政委员会", "540422", "500112"):
        assert name in page


def test_unknown_codes_are_not_found(officer):
    assert officer.get("/places/999999/").status_code == 404
    assert officer.get("/places/37010/").status_code == 404


def test_the_picker_answers_json_and_radio_buttons(officer):
    answer = officer.get("/places/search.json", {"q": "历下", "level": "3"}).json()["places"]
    assert [(place["code"], place["full_name"]) for place in answer] == [("370102", "山东省济南市历下区")]
    options = officer.get("/places/options/", {"q": "历下", "name": "place_code"}).content.decode()
    assert 'name="place_code" value="370102"' in options
    assert officer.get("/places/options/", {"q": "历下", "name": 'x" onload="'}).status_code == 404


def test_a_tile_shows_the_counties_by_name(officer):
    layers = decoded(officer.get(address(9, 117.05, 36.66)))
    names = {feature["properties"]["name"] for feature in layers["counties"]["features"]}
    assert {"历下区", "市中区", "历城区"} <= names
    assert layers["counties"]["extent"] == 4096
    assert all(feature["properties"]["approximate"] == 1 for feature in layers["townships"]["features"])


def test_low_zooms_have_provinces_and_the_lines_at_sea_but_no_townships(officer):
    layers = decoded(officer.get("/tiles/places/3/6/3.mvt"))
    assert {"provinces", "lines", "province_labels", "counties"} <= set(layers)
    assert "townships" not in layers
    assert "山东省" in {feature["properties"]["name"] for feature in layers["provinces"]["features"]}


def test_outer_rings_are_clockwise_on_the_screen(officer):
    body = gzip.decompress(officer.get(address(7, 117.05, 36.66), headers={"Accept-Encoding": "gzip"}).content)
    layers = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})
    for feature in layers["counties"]["features"]:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        for outer, *_inner in polygons:
            ring = np.array(outer, dtype=float)
            doubled = np.sum(ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1])
            assert doubled > 0, feature["properties"]


def test_a_tile_tells_nothing_but_public_reference_data(officer):
    """The map tile of a county officer holds other counties' outlines, but nothing that anybody reported there."""
    for zoom in (3, 6, 9, 11):
        for layer in decoded(officer.get(address(zoom, 120.38, 36.07))).values():
            for feature in layer["features"]:
                assert set(feature["properties"]) <= {"code", "name", "listed", "approximate"}


def test_officers_of_different_counties_get_the_same_tile(officer):
    other = client_for("duty_officer", "370103")
    path = address(8, 117.05, 36.66)
    assert officer.get(path).content == other.get(path).content


def test_a_tile_is_kept_on_disk_and_answers_not_modified(officer, cache):
    path = address(6, 117.05, 36.66)
    first = officer.get(path, headers={"Accept-Encoding": "gzip"})
    assert first["Content-Encoding"] == "gzip"
    assert len(list(cache.rglob("*.mvt.gz"))) == 1
    again = officer.get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert decoded(officer.get(path)) == decoded(first)


def test_a_tile_without_anything_is_empty_and_fine(officer):
    response = officer.get("/tiles/places/8/0/0.mvt")
    assert response.status_code == 200
    assert response.content == b""


@pytest.mark.parametrize(
    "path", ["/tiles/places/13/0/0.mvt", "/tiles/places/3/8/0.mvt", "/tiles/places/3/0/8.mvt", "/tiles/places/99/0/0.mvt"]
)
def test_tiles_outside_the_world_are_refused_in_plain_words(officer, path):
    assert officer.get(path).status_code == 404


def test_a_cache_that_cannot_be_written_costs_no_tile(officer, cache):
    cache.parent.mkdir(parents=True)
    cache.write_text("a file stands where the folder should be")
    assert decoded(officer.get(address(6, 117.05, 36.66)))["counties"]
