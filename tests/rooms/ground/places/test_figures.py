from __future__ import annotations

from anlan.ground.places import figures


def test_counties_and_zones_add_up_to_every_published_total():
    assert figures.differences(figures.rows()) == {}


def test_a_wrong_county_would_be_noticed():
    rows = list(figures.rows())
    county = next(row for row in rows if row.place_code == "370102")
    rows.remove(county)
    assert figures.differences(tuple(rows)) == {"370100": -county.value}


def test_every_figure_says_where_it_is_from():
    assert all(row.source and row.status == "secondary" and row.year == 2020 for row in figures.rows())
