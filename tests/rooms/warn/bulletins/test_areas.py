"""Areas that are drawn: what is read, what is refused and where, and that nobody is lost when an outline is thinned."""

from datetime import UTC, date, datetime, timedelta
from math import cos, pi, sin

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.kernel.levels import Level
from anlan.warn.bulletins import area, hygiene, rules

DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SQUARE = [[117.0, 36.6], [117.1, 36.6], [117.1, 36.7], [117.0, 36.7], [117.0, 36.6]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [list(ring) for ring in rings]}


def star(radii, centre=(117.0, 36.6)):
    """A ring about a centre with one corner for each radius (degrees)."""
    turn = [2 * pi * number / len(radii) for number in range(len(radii))]
    return [[centre[0] + radius * cos(angle), centre[1] + radius * sin(angle)] for radius, angle in zip(radii, turn, strict=True)]


def test_a_square_is_measured_on_the_ellipsoid():
    found = area.read(polygon(SQUARE))
    assert area.vertices(found.shape) == 4
    assert area.area_km2(found.shape) == pytest.approx(99.2, abs=0.3)


def test_every_form_of_geojson_gives_the_same_area():
    feature = {"type": "Feature", "properties": {}, "geometry": polygon(SQUARE)}
    multi = {"type": "MultiPolygon", "coordinates": [[SQUARE]]}
    forms = [polygon(SQUARE), polygon(SQUARE[:-1]), feature, multi, {"type": "FeatureCollection", "features": [feature]}]
    assert len({area.read(form).shape.normalize().wkt for form in forms}) == 1


def test_holes_are_filled_and_told_since_the_message_cannot_say_them():
    hole = [[117.02, 36.62], [117.04, 36.62], [117.04, 36.64], [117.02, 36.62]]
    found = area.read(polygon(SQUARE, hole))
    assert found.holes == 1
    assert area.area_km2(found.shape) == pytest.approx(area.area_km2(area.read(polygon(SQUARE)).shape))


def test_polygons_that_overlap_become_one():
    second = [[x + 0.05, y] for x, y in SQUARE]
    found = area.read({"type": "MultiPolygon", "coordinates": [[SQUARE], [second]]})
    assert (found.joined, len(found.shape.geoms)) == (1, 1)


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ("{", area.AreaUnreadable),
        ({"type": "Point", "coordinates": [117, 36]}, area.AreaUnreadable),
        ({"type": "Polygon"}, area.AreaUnreadable),
        ({"type": "Polygon", "coordinates": "x"}, area.AreaUnreadable),
        (polygon([[117, 36], [118, 36], [117, 36]]), area.AreaUnreadable),
        (polygon([[117, 36], [118, 36], ["NaN", 37]]), area.AreaUnreadable),
        (polygon([[117, 36], [118, 36], [True, 37]]), area.AreaUnreadable),
        (polygon([[117, 36], [117.000001, 36], [117, 36.000001]]), area.AreaUnreadable),
        (polygon([[117, 36], [118, 37], [118, 36], [117, 37]]), area.AreaCrossesItself),
        (polygon([[179, 36], [-179, 36], [-179, 37], [179, 37]]), area.AreaCrossesDateLine),
        (polygon([[179, 36], [181, 36], [181, 37]]), area.AreaCrossesDateLine),
        (polygon([[36.6, 117.0], [36.7, 117.0], [36.7, 117.1]]), area.AreaProbablySwapped),
        (polygon([[2.3, 48.8], [2.4, 48.8], [2.4, 48.9]]), area.AreaNotInChina),
    ],
)
def test_what_is_no_area_is_refused_by_name(told, refusal):
    with pytest.raises(refusal):
        area.read(told)


def test_where_an_outline_crosses_itself_is_told():
    with pytest.raises(area.AreaCrossesItself) as refused:
        area.read(polygon([[117, 36], [118, 37], [118, 36], [117, 37]]))
    assert refused.value.facts == {"longitude": "117.5000", "latitude": "36.5000"}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.02, 0.3), min_size=101, max_size=400))
def test_a_thinned_outline_holds_the_whole_of_the_drawn_one(radii):
    drawn = area.read(polygon(star(radii))).shape
    thin = area.simplified(drawn, 100)
    assert thin.vertices == area.vertices(thin.shape) <= 100
    assert thin.shape.is_valid
    assert shapely.covers(thin.shape, drawn)
    # What goes into the message is read again without a refusal.
    assert area.read(area.geojson(thin.shape)).holes == 0


def test_six_thousand_vertices_cost_little_ground():
    drawn = area.read(polygon(star([0.2 + 0.03 * sin(9 * 2 * pi * n / 6208) for n in range(6208)]))).shape
    thin = area.simplified(drawn, 100)
    assert thin.vertices <= 100
    assert thin.added_km2 < 0.05 * area.area_km2(drawn)
    assert thin.added_km2 == pytest.approx(area.area_km2(thin.shape) - area.area_km2(drawn), rel=1e-6)


def test_far_islands_are_joined_rather_than_dropped():
    islands = [
        [[[x + 0.01 * dx, 36 + y / 10 + 0.01 * dy] for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1))]]
        for x in range(105, 120)
        for y in range(4)
    ]
    drawn = area.read({"type": "MultiPolygon", "coordinates": islands}).shape
    thin = area.simplified(drawn, 100)
    assert thin.vertices <= 100
    assert shapely.covers(thin.shape, drawn)


def test_too_many_vertices_are_refused_with_both_numbers():
    with pytest.raises(hygiene.TooManyVertices) as refused:
        hygiene.check_vertices(300, DAY)
    assert refused.value.facts == {"count": 300, "limit": 100}
    hygiene.check_vertices(100, DAY)


def test_what_lies_outside_is_measured_from_a_border_that_is_known_only_so_well():
    own = shapely.box(117.0, 36.0, 118.0, 37.0)
    assert area.beyond(shapely.box(117.2, 36.2, 117.4, 36.4), own, 0.6).is_empty
    assert area.beyond(shapely.box(117.9, 36.2, 118.003, 36.4), own, 0.6).is_empty
    outside = area.beyond(shapely.box(117.9, 36.2, 118.1, 36.4), own, 0.6)
    assert area.area_km2(outside) > 150
    assert area.area_km2(area.cut_to(shapely.MultiPolygon([shapely.box(117.9, 36.2, 118.1, 36.4)]), own)) < 220


def test_an_area_too_large_for_kind_and_level_needs_a_reason_and_a_whole_division_is_told():
    def codes(event, level, drawn, divisions=0.0):
        found = hygiene.area_findings(drawn_km2=drawn, event_code=event, level=level, holes=0, divisions_km2=divisions, on=DAY)
        return [(each.code, each.weight) for each in found]

    assert codes("12D00", "blue", 250) == [("area_large", hygiene.TO_ACCEPT)]
    assert codes("12D00", "red", 250) == []
    assert codes("11C00", "blue", 50_000) == []
    assert codes("12D00", "red", 0, 5000) == [("divisions_large", hygiene.TOLD)]


def test_unusual_times_need_a_reason():
    def codes(onset_h, expires_h):
        found = hygiene.time_findings(NOW + timedelta(hours=onset_h), NOW + timedelta(hours=expires_h), NOW, DAY)
        return {each.code for each in found}

    assert codes(0, 6) == set()
    assert codes(100, 120) == {"onset_far"}
    assert codes(-7, 6) == set()
    assert codes(-25, 6) == {"onset_past"}
    assert codes(0, 0.1) == {"short"}
    assert codes(-25, 0.1) == {"onset_past", "short"}


def test_a_reason_of_blanks_is_none():
    finding = hygiene.Finding("short", hygiene.TO_ACCEPT, "{minutes}", {"minutes": 5})
    for accepted in ({}, {"short": "  "}, {"other": "因为"}):
        with pytest.raises(hygiene.NotAccepted):
            hygiene.check_accepted([finding], accepted)
    hygiene.check_accepted([finding], {"short": "只到换班"})


def said(number, **changes):
    values = {
        "id": str(number),
        "event_code": "12D00",
        "level": "red",
        "text": "甲",
        "exercise": False,
        "divisions": ("370102",),
        "shape": None,
    }
    return hygiene.Said(**(values | changes))


@pytest.mark.parametrize(
    ("other", "contradicts"),
    [
        ({"level": "blue"}, True),
        ({"text": "乙"}, True),
        ({}, False),
        ({"level": "blue", "exercise": True}, False),
        ({"level": "blue", "event_code": "12G00"}, False),
        ({"level": "blue", "divisions": ("3701",)}, True),
        ({"level": "blue", "divisions": ("370102001",)}, True),
        ({"level": "blue", "divisions": ("370103",)}, False),
    ],
)
def test_two_bulletins_contradict_each_other_over_shared_ground_only(other, contradicts):
    assert bool(hygiene.contradictions(said(1), [said(2, **other)])) is contradicts


def test_one_incident_is_one_event_and_two_incidents_are_two():
    mine = said(1, incident="a")
    assert hygiene.contradictions(mine, [said(2, incident="a", event_code="12G00", level="blue")])
    assert not hygiene.contradictions(mine, [said(2, incident="b", level="blue")])


def test_shapes_that_only_touch_share_nothing():
    def at(west):
        return {"divisions": (), "shape": shapely.box(west, 36, west + 1, 37), "level": "blue"}

    assert hygiene.contradictions(said(1, **(at(117.0) | {"level": "red"})), [said(2, **at(117.5))])
    assert not hygiene.contradictions(said(1, **(at(117.0) | {"level": "red"})), [said(2, **at(118.0))])


def stale(state, level="red", *, touched_h=0.0, expires_h=6.0):
    times = {"touched": NOW - timedelta(hours=touched_h), "expires": NOW + timedelta(hours=expires_h)}
    return hygiene.staleness(state=state, level=level, now=NOW, on=DAY, **times)


def test_what_nobody_has_touched_for_too_long_is_stale_and_says_why():
    assert not stale("published", touched_h=5)
    assert stale("published", touched_h=7) == hygiene.UNTOUCHED
    assert stale("published", touched_h=7, expires_h=0.4) == hygiene.ENDING
    assert stale("published", touched_h=7, expires_h=0) == hygiene.OVER
    assert not stale("published", "blue", touched_h=7)
    assert stale("pending", touched_h=0.2) == hygiene.UNDECIDED
    assert stale("pending", touched_h=0.2, expires_h=-1) == hygiene.TOO_LATE
    assert not stale("pending", "yellow", touched_h=0.2)
    assert stale("draft", expires_h=-1) == hygiene.FORGOTTEN
    assert stale("draft", touched_h=25) == hygiene.LEFT
    assert not stale("expired", touched_h=900, expires_h=-1)


@pytest.mark.parametrize(
    ("level", "place", "warning", "may"),
    [
        (Level.COUNTY, "370102", "red", True),
        (Level.TOWNSHIP, "370102001", "blue", False),
        (Level.COUNTY, "500101", "red", False),
        (Level.COUNTY, "500101", "orange", False),
        (Level.COUNTY, "500101", "yellow", True),
        (Level.PROVINCE, "500000", "red", True),
        (Level.COUNTY, "370102", "", True),
    ],
)
def test_who_may_issue_which_level_is_law_by_place(level, place, warning, may):
    def check():
        rules.check_authority("12D00", level, DAY, warning_level=warning, place_code=place)

    if may:
        check()
    else:
        with pytest.raises(rules.MayNotIssue):
            check()


def test_weather_signals_are_nobodys_here_whatever_the_level():
    for row in rules.levels():
        with pytest.raises(rules.MayNotIssue):
            rules.check_authority("11B03", Level.NATION, DAY, warning_level=row.code, place_code="000000")


def test_a_post_that_the_law_does_not_name_may_not_approve():
    of = {"event_code": "12D00", "warning_level": "red", "place_code": "370102", "on": DAY}
    rules.check_approver("approver", **of)
    with pytest.raises(rules.MayNotApprove):
        rules.check_approver("duty_officer", **of)


def test_every_rule_of_authority_has_a_source_and_names_its_posts():
    for rule in rules.authority_table(DAY):
        assert rule.source
        assert rule.lowest_level == "none" or (rule.drafting_posts and rule.approving_posts)


def test_the_documented_state_table_is_the_flow():
    from pathlib import Path

    text = (Path(__file__).parents[4] / "docs" / "bulletins.md").read_text(encoding="utf-8")
    rows = {tuple(cell.strip().strip("`") for cell in line.strip("|").split("|")[:4]) for line in text.splitlines() if line.startswith("|")}
    told = {row for row in rows if row[1] in {move.code for move in rules.FLOW.moves}}
    assert told == {(source, move.code, move.target, move.action) for move in rules.FLOW.moves for source in move.sources}
