"""The tree of organisations: entered, moved, dissolved, found; and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from anlan.ground.organisations import door, rules, services
from anlan.ground.organisations.models import Organisation
from anlan.kernel.access import Actor, Classification, Grant, system_actor
from anlan.kernel.errors import Invalid, NotFound, NotPermitted
from anlan.kernel.levels import Level
from anlan.ledger.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("jinan_places")]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SYSTEM = system_actor("tests")


def enter(name: str, place_code: str, kind: str = "emergency_bureau", *, actor: Actor = SYSTEM, **more: object) -> Organisation:
    return services.create_organisation(name=name, kind=kind, place_code=place_code, actor=actor, now=NOW, **more)


@pytest.fixture
def bureaus() -> dict[str, Organisation]:
    nation = enter("应急管理部", "000000")
    province = enter("山东省应急管理厅", "370000", parent_id=nation.pk)
    city = enter("济南市应急管理局", "370100", parent_id=province.pk, duty_phone="0531－6660 0000")
    county = enter("历下区应急管理局", "370102", parent_id=city.pk)
    return {"nation": nation, "province": province, "city": city, "county": county}


def county_clerk(place: str = "370102") -> Actor:
    prefix = place.rstrip("0")
    return Actor(
        account_id=uuid4(),
        name="历下区干部",
        post="clerk",
        level=Level.COUNTY,
        place_code=place,
        grants=tuple(Grant(action, prefix, None, Classification.SENSITIVE) for action in rules.ACTIONS),
    )


def test_the_level_follows_from_the_place(bureaus):
    assert [row.level for row in bureaus.values()] == [Level.NATION, Level.PROVINCE, Level.CITY, Level.COUNTY]
    assert enter("解放路街道应急办", "370102001", "department").level == Level.TOWNSHIP


def test_a_telephone_is_tidied(bureaus):
    assert bureaus["city"].duty_phone == "0531-6660 0000"


def test_the_path_goes_from_the_top_down(bureaus):
    assert [item.name for item in door.path(bureaus["county"].pk)] == [
        "应急管理部",
        "山东省应急管理厅",
        "济南市应急管理局",
        "历下区应急管理局",
    ]


def test_the_bureau_of_a_place_is_its_own_or_the_nearest_above(bureaus):
    assert door.bureau_of("370102").id == bureaus["county"].pk
    assert door.bureau_of("370102001").id == bureaus["county"].pk
    assert door.bureau_of("370103").id == bureaus["city"].pk
    assert door.bureau_of("000000").id == bureaus["nation"].pk


def test_no_bureau_anywhere_is_said_so():
    assert door.bureau_of("370102") is None


def test_who_stands_above_without_a_parent_is_found_by_kind_and_place(bureaus):
    lone = enter("市中区应急管理局", "370103")
    assert door.upper_of(lone.pk).id == bureaus["city"].pk
    assert door.upper_of(bureaus["county"].pk).id == bureaus["city"].pk
    assert door.upper_of(bureaus["nation"].pk) is None
    assert door.upper_of(uuid4()) is None


def test_a_dissolved_bureau_answers_no_more(bureaus):
    services.dissolve_organisation(bureaus["county"].pk, on=date(2026, 11, 1), actor=SYSTEM, now=NOW)
    assert door.bureau_of("370102").id == bureaus["city"].pk
    assert not door.organisation(bureaus["county"].pk).in_use


def test_organisations_are_found_by_kind_at_a_place_and_below(bureaus):
    team = enter("历下区应急救援大队", "370102", "rescue_team")
    assert [item.id for item in door.find("rescue_team", "370102")] == [team.pk]
    assert door.find("rescue_team", "370100") == ()
    assert [item.id for item in door.find("rescue_team", "370100", below=True)] == [team.pk]


def test_every_change_is_audited(bureaus):
    services.change_organisation(bureaus["county"].pk, short_name="历下应急", actor=SYSTEM, now=NOW)
    entry = AuditEntry.objects.latest("sequence")
    assert entry.action == "organisations.change"
    assert entry.content["changed"]["short_name"] == ["", "历下应急"]


def test_nothing_can_stand_above_itself(bureaus):
    for parent in ("county", "city"):
        with pytest.raises(rules.ParentMakesCycle):
            services.change_organisation(bureaus["city"].pk, parent_id=bureaus[parent].pk, actor=SYSTEM, now=NOW)
    bureaus["city"].refresh_from_db()
    assert bureaus["city"].parent_id == bureaus["province"].pk


def test_a_parent_of_another_place_is_refused(bureaus):
    other = enter("市中区应急管理局", "370103")
    with pytest.raises(rules.ParentBelow):
        services.change_organisation(bureaus["county"].pk, parent_id=other.pk, actor=SYSTEM, now=NOW)


def test_a_dissolved_parent_is_refused(bureaus):
    services.dissolve_organisation(bureaus["county"].pk, on=date(2026, 11, 1), actor=SYSTEM, now=NOW)
    with pytest.raises(rules.ParentDissolved):
        enter("历下区应急管理局执法队", "370102", "department", parent_id=bureaus["county"].pk)


def test_the_tree_has_a_greatest_depth():
    parent: UUID | None = None
    for step in range(rules.DEEPEST):
        parent = enter(f"第{step}级", "370102", "department", parent_id=parent).pk
    with pytest.raises(rules.ParentTooDeep):
        enter("再下一级", "370102", "department", parent_id=parent)


def test_what_has_units_below_is_not_dissolved(bureaus):
    with pytest.raises(rules.HasActiveChildren) as refused:
        services.dissolve_organisation(bureaus["city"].pk, on=date(2026, 11, 1), actor=SYSTEM, now=NOW)
    assert refused.value.facts["count"] == 1


def test_what_is_dissolved_is_not_changed_and_not_dissolved_again(bureaus):
    county = bureaus["county"].pk
    services.dissolve_organisation(county, on=date(2026, 11, 1), actor=SYSTEM, now=NOW)
    with pytest.raises(rules.AlreadyDissolved):
        services.change_organisation(county, short_name="x", actor=SYSTEM, now=NOW)
    with pytest.raises(rules.AlreadyDissolved):
        services.dissolve_organisation(county, on=date(2026, 11, 2), actor=SYSTEM, now=NOW)


def test_a_name_is_free_again_after_dissolving(bureaus):
    with pytest.raises(Invalid):
        enter("历下区应急管理局", "370102")
    services.dissolve_organisation(bureaus["county"].pk, on=date(2026, 11, 1), actor=SYSTEM, now=NOW)
    assert enter("历下区应急管理局", "370102").pk != bureaus["county"].pk


def test_every_wrong_field_is_named_at_once():
    with pytest.raises(Invalid) as refused:
        enter(" ", "370199", "club", duty_phone="打电话", longitude=36.6, latitude=117.0)
    assert {field: type(why) for field, why in refused.value.fields.items()} == {
        "name": rules.NameMissing,
        "place_code": rules.UnknownPlace,
        "kind": rules.UnknownKind,
        "duty_phone": rules.WrongPhone,
        "longitude": type(refused.value.fields["longitude"]),
    }


def test_a_former_place_code_is_refused_for_a_new_organisation():
    with pytest.raises(Invalid) as refused:
        enter("章丘市应急管理局", "370181")
    assert set(refused.value.fields) == {"place_code"}


def test_a_county_clerk_works_only_in_his_county(bureaus):
    clerk = county_clerk()
    assert enter("历下区安委会", "370102", "committee", actor=clerk).pk
    with pytest.raises(NotPermitted):
        enter("市中区安委会", "370103", "committee", actor=clerk)
    with pytest.raises(NotPermitted):
        services.change_organisation(bureaus["city"].pk, short_name="x", actor=clerk, now=NOW)
    with pytest.raises(NotPermitted):
        services.change_organisation(bureaus["county"].pk, place_code="370103", parent_id=None, actor=clerk, now=NOW)


def test_contacts_are_replaced_in_the_order_of_calling(bureaus):
    county = bureaus["county"]
    people = [{"name": "甲", "duty": "局长", "phone": "0531-1111"}, {"name": "乙", "phone": "13800000000"}]
    services.set_contacts(county.pk, people, actor=SYSTEM, now=NOW)
    services.set_contacts(county.pk, people[::-1], actor=SYSTEM, now=NOW)
    assert [item.name for item in county.contacts.all()] == ["乙", "甲"]
    with pytest.raises(rules.WrongPhone):
        services.set_contacts(county.pk, [{"name": "丙", "phone": "nope"}], actor=SYSTEM, now=NOW)
    assert county.contacts.count() == 2


def test_rows_of_a_spreadsheet_find_their_parent_by_name(bureaus):
    rows = [
        {"name": "历下区消防救援大队", "kind": "fire_rescue", "place_code": "370102", "parent_name": "历下区应急管理局", "longitude": ""},
        {"name": "市中区消防救援大队", "kind": "fire_rescue", "place_code": "370103", "parent_name": "济南市应急管理局", "longitude": None},
    ]
    assert services.import_organisations(rows, actor=SYSTEM, now=NOW) == 2
    assert Organisation.objects.get(name="市中区消防救援大队").parent_id == bureaus["city"].pk
    with pytest.raises(rules.ParentUnknown):
        services.import_organisations([{**rows[0], "name": "另一大队", "parent_name": "没有的机构"}], actor=SYSTEM, now=NOW)


def test_unknown_organisations():
    assert door.organisation(uuid4()) is None
    assert door.path(uuid4()) == ()
    with pytest.raises(NotFound):
        services.change_organisation(uuid4(), short_name="x", actor=SYSTEM, now=NOW)


def test_there_are_51_sectors_each_with_a_ministry():
    sectors = door.sectors()
    assert [item.code for item in sectors] == [f"S{number:02d}" for number in range(1, 52)]
    assert all(item.name_zh and item.name_en and item.ministry_zh and item.ministry_en and item.source for item in sectors)
    assert door.sector("S26").ministry_zh == "应急管理部"
    assert door.sector("S99") is None


@pytest.mark.parametrize("phone", ["", "0531-88888888", "(0531) 8888 8888 转123", "+86 531 8888", "119"])
def test_telephones_that_people_write_are_taken(phone):
    assert rules.checked_phone(phone) == phone


@pytest.mark.parametrize("phone", ["12", "abc", "0531;88888888", "０５３１８", "https://x"])
def test_what_is_no_telephone_is_refused(phone):
    with pytest.raises(rules.WrongPhone):
        rules.checked_phone(phone)
