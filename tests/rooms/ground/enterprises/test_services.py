"""Registering and changing enterprises: what is refused and why, what is kept, audited and announced."""

from datetime import date

import pytest
from tests.rooms.ground.plants import LIXIA, NOW, officer, values

from anlan.ground.enterprises import door, rules, services
from anlan.ground.enterprises.models import Enterprise
from anlan.ground.organisations.door import create_organisation
from anlan.kernel.access import Classification, system_actor
from anlan.kernel.errors import Conflict, Invalid, NotPermitted
from anlan.kernel.geo import ImpossibleCoordinates
from anlan.ledger.models import Announcement, AuditEntry

pytestmark = pytest.mark.django_db


def refusals(call, **fields):
    with pytest.raises(Invalid) as refused:
        call(**fields)
    return refused.value.fields


def register(clerk, **fields):
    return services.register_enterprise(actor=clerk, now=NOW, **fields)


def test_an_enterprise_is_registered_audited_and_announced(clerk):
    row = register(clerk, **values(1, industry_code="2612", scale="中型", staff_count="260", founded_on="2008/5/12"))
    assert (row.industry_code, row.industry_division, row.scale, row.staff_count) == ("C2612", "C26", "medium", 260)
    assert row.founded_on == date(2008, 5, 12)
    entry = AuditEntry.objects.get(action="enterprises.register")
    assert (entry.subject_id, entry.place_code) == (str(row.pk), "370102")
    assert Announcement.objects.get(kind="enterprises.registered").payload["uscc"] == row.uscc


def test_the_bureau_of_the_county_watches_it_unless_another_is_named(clerk):
    bureau = create_organisation(
        name="历下区应急管理局", kind="emergency_bureau", place_code="370102", actor=system_actor("tests"), now=NOW
    )
    assert register(clerk, **values(1)).supervisor_id == bureau.pk


def test_every_wrong_field_is_named_at_once(clerk):
    fields = refusals(
        lambda **f: register(clerk, **f),
        **values(1, uscc="123", industry_code="B26", scale="巨型", staff_count="-3", founded_on="昨天", sector_code="X", name=""),
    )
    assert set(fields) == {"uscc", "industry_code", "scale", "staff_count", "founded_on", "sector_code", "name"}
    assert Enterprise.objects.count() == 0


def test_a_point_outside_china_is_named_beside_a_wrong_place(jinan_places):
    fields = refusals(lambda **f: register(system_actor("tests"), **f), **values(1, place_code="370181", longitude="36.6", latitude="117"))
    assert set(fields) == {"place_code", "longitude"}


def test_a_code_twice_names_the_enterprise_to_whoever_may_see_it(clerk, make):
    make(1)
    taken = refusals(lambda **f: register(clerk, **f), **values(1, name="另一个名字"))["uscc"]
    assert isinstance(taken, rules.CreditCodeTaken)
    assert "济南示范1号化工有限公司" in taken.message()


def test_a_code_twice_tells_nothing_of_another_county(make):
    make(1)
    other = officer("370103")
    fields = values(1) | {"place_code": "370103", "longitude": "116.98", "latitude": "36.62"}
    taken = refusals(lambda **f: register(other, **f), **fields)["uscc"]
    assert isinstance(taken, rules.CreditCodeTakenElsewhere)
    assert "示范" not in taken.message()


def test_two_who_register_the_same_unit_at_once_make_one_file(clerk, make, monkeypatch):
    make(1)
    look = services._refuse_taken
    looks = []

    def blind_at_first(uscc, actor):
        looks.append(uscc)
        if len(looks) > 1:
            look(uscc, actor)

    monkeypatch.setattr(services, "_refuse_taken", blind_at_first)
    assert isinstance(refusals(lambda **f: register(clerk, **f), **values(1))["uscc"], rules.CreditCodeTaken)
    assert Enterprise.objects.count() == 1


def test_nobody_registers_in_another_county(make):
    with pytest.raises(NotPermitted):
        register(officer("370103"), **values(1))
    assert Enterprise.objects.count() == 0


@pytest.mark.parametrize(
    ("longitude", "latitude", "refusal"),
    [
        ("36.66", "117.07", ImpossibleCoordinates),  # swapped
        ("117.07", "", rules.HalfAPoint),
        ("", "36.66", rules.HalfAPoint),
        ("0", "0", ImpossibleCoordinates),
        ("abc", "36.66", rules.NotANumber),
        ("nan", "36.66", rules.NotANumber),
        ("200", "36.66", ImpossibleCoordinates),
        ("116.80", "36.55", rules.PointOutsideCounty),
        ("125.0", "36.66", rules.PointNowhere),  # the sea
    ],
)
def test_impossible_coordinates_are_refused(clerk, longitude, latitude, refusal):
    fields = refusals(lambda **f: register(clerk, **f), **values(1, longitude=longitude, latitude=latitude))
    assert any(isinstance(why, refusal) for why in fields.values()), fields


def test_a_point_in_another_county_is_told_which(clerk):
    fields = refusals(lambda **f: register(clerk, **f), **values(1, longitude="116.80", latitude="36.55"))
    facts = fields["longitude"].facts
    assert facts["found_code"] == "370113"
    assert "长清区" in fields["longitude"].message()
    assert "历下区" in fields["longitude"].message()


def test_a_county_out_of_force_names_its_successor(jinan_places):
    fields = refusals(lambda **f: register(system_actor("tests"), **f), **values(1, place_code="370181", longitude="", latitude=""))
    assert isinstance(fields["place_code"], rules.PlaceNotInForce)
    assert "370114（章丘区）" in fields["place_code"].message()


@pytest.mark.parametrize(
    ("code", "refusal"),
    [("370100", rules.PlaceTooHigh), ("370199", rules.PlaceUnknown), ("", rules.MissingValue)],
)
def test_an_enterprise_belongs_to_a_county_or_township_in_force(jinan_places, code, refusal):
    fields = refusals(lambda **f: register(system_actor("tests"), **f), **values(1, place_code=code, longitude="", latitude=""))
    assert isinstance(fields["place_code"], refusal)


def test_a_malformed_place_code_is_refused(jinan_places):
    fields = refusals(lambda **f: register(system_actor("tests"), **f), **values(1, place_code="37O1", longitude="", latitude=""))
    assert fields["place_code"].code == "malformed_place_code"


def test_a_new_name_keeps_the_old_one(clerk, make):
    row = make(1)
    changed = services.change_enterprise(row.pk, actor=clerk, now=NOW, name="济南新名化工有限公司", reason="更名")
    assert changed.former_names == [{"name": "济南示范1号化工有限公司", "until": "2026-11-22"}]
    assert changed.version == row.version + 1
    assert door.by_uscc(row.uscc, clerk).name == "济南新名化工有限公司"
    assert Announcement.objects.get(kind="enterprises.changed").payload["changed"] == ["name"]


def test_a_change_of_one_field_leaves_the_others_alone(clerk, make):
    row = make(1, staff_count="10")
    changed = services.change_enterprise(row.pk, actor=clerk, now=NOW, staff_count="12")
    assert (changed.staff_count, changed.name, changed.longitude) == (12, row.name, row.longitude)


def test_moving_only_the_place_checks_the_point_that_is_there(clerk, make):
    row = make(1)
    city = officer("370100")
    fields = refusals(lambda **f: services.change_enterprise(row.pk, actor=city, now=NOW, **f), place_code="370113")
    assert isinstance(fields["longitude"], rules.PointOutsideCounty)


def test_nobody_moves_an_enterprise_into_a_county_that_is_not_his(clerk, make):
    row = make(1)
    with pytest.raises(NotPermitted):
        services.change_enterprise(row.pk, actor=clerk, now=NOW, place_code="370103", longitude="116.98", latitude="36.62")
    row.refresh_from_db()
    assert row.place_code == "370102"


def test_a_stale_editor_is_told(clerk, make):
    row = make(1)
    services.change_enterprise(row.pk, actor=clerk, now=NOW, staff_count="12", version=1)
    with pytest.raises(Conflict):
        services.change_enterprise(row.pk, actor=clerk, now=NOW, staff_count="13", version=1)


def test_a_state_is_changed_with_a_reason(clerk, make):
    row = make(1)
    with pytest.raises(Invalid):
        services.change_state(row.pk, "suspended", reason=" ", actor=clerk, now=NOW)
    assert services.change_state(row.pk, "suspended", reason="检修", actor=clerk, now=NOW).state == "suspended"
    with pytest.raises(rules.StateMoveNotAllowed):
        services.change_state(row.pk, "suspended", reason="再停", actor=clerk, now=NOW)
    assert AuditEntry.objects.get(action="enterprises.change_state").content["facts"]["reason"] == "检修"


def test_an_enterprise_keeps_its_own_file_and_no_other(make):
    mine, other = make(1), make(2)
    manager = officer("370102", "enterprises.change", "enterprises.view", enterprise_id=mine.pk)
    services.change_enterprise(mine.pk, actor=manager, now=NOW, staff_count="15")
    with pytest.raises(NotPermitted):
        services.change_enterprise(other.pk, actor=manager, now=NOW, staff_count="15")
    assert set(door.enterprises([mine.pk, other.pk], manager)) == {mine.pk}


def test_the_first_site_is_the_main_one_and_there_is_only_one(clerk, make):
    row = make(1)
    first = services.add_site(row.pk, actor=clerk, now=NOW, name="一厂")
    second = services.add_site(row.pk, actor=clerk, now=NOW, name="二厂", is_main=True)
    first.refresh_from_db()
    assert (first.is_main, second.is_main) == (False, True)
    assert [site.name for site in door.sites_of(row.pk)] == ["二厂", "一厂"]
    assert isinstance(refusals(lambda **f: services.add_site(row.pk, actor=clerk, now=NOW, **f), name="一厂")["name"], rules.SiteNameTaken)


SQUARE = {
    "type": "Polygon",
    "coordinates": [[[117.07, 36.66], [117.08, 36.66], [117.08, 36.67], [117.07, 36.67], [117.07, 36.66]]],
}


def test_a_boundary_gives_the_point_of_a_site(clerk, make):
    site = services.add_site(make(1).pk, actor=clerk, now=NOW, name="一厂", boundary=SQUARE)
    assert 117.07 < site.longitude < 117.08
    assert 36.66 < site.latitude < 36.67


@pytest.mark.parametrize(
    "boundary",
    [
        "{",
        "[]",
        '{"type": "Point", "coordinates": [117, 36]}',
        {"type": "Polygon", "coordinates": [[[117.07, 36.66], [117.08, 36.67], [117.08, 36.66], [117.07, 36.67], [117.07, 36.66]]]},
        {"type": "Polygon", "coordinates": []},
    ],
)
def test_a_boundary_that_is_no_plain_polygon_is_refused(clerk, make, boundary):
    fields = refusals(lambda **f: services.add_site(make(1).pk, actor=clerk, now=NOW, **f), name="一厂", boundary=boundary)
    assert isinstance(fields["boundary"], rules.BadBoundary)


def test_telephone_numbers_are_masked_for_whoever_may_not_call(clerk, make):
    row = make(1)
    services.add_contact(row.pk, actor=clerk, now=NOW, role="principal", name="王安", phone="138 0013 8000")
    assert [c.phone for c in door.contacts_of(row.pk, clerk)] == ["13800138000"]
    assert [c.phone for c in door.contacts_of(row.pk, officer("370102", "enterprises.view"))] == ["138****8000"]
    assert "13800138000" not in str(AuditEntry.objects.latest("sequence").content)


def test_a_secret_class_hides_the_file(make):
    row = make(1, classification=2)
    assert door.by_uscc(row.uscc, officer("370102")) is None
    assert door.by_uscc(row.uscc, officer("370102", "enterprises.view", classification=Classification.SENSITIVE)) is not None


def test_the_door_answers_by_box_and_place(clerk, make):
    row = make(1)
    assert [e.id for e in door.within((117.0, 36.6, 117.2, 36.8), clerk)] == [row.pk]
    assert door.within((116.0, 36.6, 116.1, 36.8), clerk) == ()
    assert [e.id for e in door.of_place("370100", clerk)] == [row.pk]
    assert door.of_place("370100", officer("370103")) == ()


def test_a_point_just_outside_the_outline_still_counts(clerk):
    from anlan.ground.places import door as places

    east = next(
        117.0765 + step * 0.0005 for step in range(2000) if places.county_at(117.0765 + step * 0.0005, 36.6665).code != LIXIA["place_code"]
    )
    assert register(clerk, **values(1, longitude=str(east), latitude="36.6665")).longitude == pytest.approx(east)
    with pytest.raises(Invalid):
        register(clerk, **values(2, longitude=str(east + 0.1), latitude="36.6665"))
