"""Hazard sources: kinds and their attributes, levels, who answers, and what the enterprise's file learns from them."""

from decimal import Decimal

import pytest
from tests.rooms.ground.plants import NOW, officer

from anlan.ground.enterprises import door as enterprises
from anlan.ground.enterprises.services import add_site
from anlan.ground.risksources import door, intake, kinds, rules, screens, services
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Invalid, NotFound, NotPermitted

pytestmark = pytest.mark.django_db

TANK = {
    "code": "V-101",
    "name": "1# 液氯储罐",
    "kind": "储罐",
    "substance_name": "氯",
    "substance_cas": "7782-50-5",
    "quantity_t": "20",
    "design_max_t": "25",
    "attributes": {"罐型": "卧式罐", "容积": "20", "储存状态": "液化气体"},
}


@pytest.fixture
def plant(make):
    return make(1)


def register(plant, actor, **more):
    return services.register_risk_source(plant.pk, actor=actor, now=NOW, **{**TANK, **more})


def wrong(plant, actor, **more):
    with pytest.raises(Invalid) as refused:
        register(plant, actor, **more)
    return refused.value.fields


def test_a_tank_is_registered_with_the_attributes_of_tanks(plant, clerk):
    row = register(plant, clerk)
    assert row.kind == "tank"
    assert row.attributes == {"shape": "horizontal", "volume": 20.0, "state_of_matter": "liquefied_gas"}
    assert row.quantity_t == Decimal("20.0000")
    assert row.place_code == plant.place_code
    assert door.of_enterprise(plant.pk, clerk)[0].name == "1# 液氯储罐"


@pytest.mark.parametrize(
    ("more", "field", "refusal"),
    [
        ({"kind": "飞船"}, "kind", rules.UnknownKind),
        ({"code": ""}, "code", rules.Missing),
        ({"substance_cas": "7782-50-6"}, "substance_cas", rules.WrongCas),
        ({"quantity_t": "-1"}, "quantity_t", rules.WrongQuantity),
        ({"quantity_t": "NaN"}, "quantity_t", rules.WrongQuantity),
        ({"major_level": "五级"}, "major_level", rules.WrongLevel),
        ({"major_level": "三级"}, "is_major", rules.LevelWithoutMark),
        ({"major_level": "三级", "is_major": "是"}, "major_basis", rules.Missing),
        ({"state": "飞行"}, "state", rules.UnknownState),
        ({"longitude": "x", "latitude": "1"}, "longitude", rules.WrongDegrees),
        ({"attributes": {}}, "attributes.volume", rules.AttributeMissing),
        ({"attributes": TANK["attributes"] | {"容积": "3000000"}}, "attributes.volume", rules.AttributeOutOfRange),
        ({"attributes": TANK["attributes"] | {"容积": "多"}}, "attributes.volume", rules.AttributeWrong),
        ({"attributes": TANK["attributes"] | {"罐型": "圆的"}}, "attributes.shape", rules.AttributeNotAChoice),
        ({"attributes": TANK["attributes"] | {"坝高": "3"}}, "attributes.坝高", rules.NotAnAttribute),
        ({"longitude": "116.80", "latitude": "36.55"}, "longitude", None),
    ],
)
def test_wrong_values_are_named(plant, clerk, more, field, refusal):
    fields = wrong(plant, clerk, **more)
    assert field in fields
    assert refusal is None or isinstance(fields[field], refusal)


def test_a_code_is_used_once_in_an_enterprise(plant, clerk, make):
    register(plant, clerk)
    assert isinstance(wrong(plant, clerk)["code"], rules.CodeTaken)
    assert register(make(2), clerk).code == "V-101"


def test_a_source_stands_where_its_site_is(plant):
    city = officer("370100")
    site = add_site(plant.pk, actor=city, now=NOW, name="长清厂区", place_code="370113", longitude="116.80", latitude="36.55")
    row = register(plant, city, site_id=site.pk, longitude="116.80", latitude="36.55")
    assert row.place_code == "370113"
    assert door.of_enterprise(plant.pk, officer("370102")) == ()
    with pytest.raises(NotPermitted):
        register(plant, officer("370102"), code="V-102", site_id=site.pk)


def test_the_site_of_another_enterprise_is_refused(plant, clerk, make):
    other = add_site(make(2).pk, actor=clerk, now=NOW, name="别家")
    assert isinstance(wrong(plant, clerk, site_id=other.pk)["site_id"], rules.SiteOfAnother)


def test_the_enterprise_learns_its_highest_level(plant, clerk):
    row = register(plant, clerk, is_major="是", major_level="三级", major_basis="评估报告")
    register(plant, clerk, code="V-102", is_major=True, major_level=1, major_basis="评估报告")
    assert enterprises.enterprise(plant.pk).major_level == 1
    second = door.of_enterprise(plant.pk)[1]
    services.change_risk_source(second.id, actor=clerk, now=NOW, state="报废")
    assert enterprises.enterprise(plant.pk).major_level == 3
    services.change_risk_source(row.pk, actor=clerk, now=NOW, is_major="", major_level="", major_basis="")
    assert (enterprises.enterprise(plant.pk).has_major_hazard, enterprises.enterprise(plant.pk).major_level) == (False, None)


def test_more_than_the_design_allows_is_kept_and_marked(plant, clerk):
    from anlan.ground.risksources import wording

    assert wording.overfilled(register(plant, clerk, quantity_t="26"))


def test_a_change_of_one_field_needs_no_other(plant, clerk):
    row = register(plant, clerk)
    changed = services.change_risk_source(row.pk, actor=clerk, now=NOW, quantity_t="21")
    assert (changed.quantity_t, changed.attributes) == (Decimal("21"), row.attributes)


def test_another_county_sees_and_changes_nothing(plant, clerk):
    row = register(plant, clerk)
    other = officer("370103")
    with pytest.raises(NotFound):
        door.risk_source(row.pk, other)
    with pytest.raises(NotPermitted):
        services.change_risk_source(row.pk, actor=other, now=NOW, quantity_t="1")


def test_every_kind_can_be_registered_from_its_declared_attributes(plant):
    good = {"number": "1", "integer": "1", "text": "说明", "yes_no": "是"}
    for number, kind in enumerate(kinds.kinds()):
        attributes = {row.code: row.options[0][1] if row.type == "choice" else good[row.type] for row in kinds.attributes_of(kind.code)}
        row = services.register_risk_source(
            plant.pk, actor=system_actor("tests"), now=NOW, code=f"K{number}", name=kind.name_zh, kind=kind.code, attributes=attributes
        )
        assert set(row.attributes) == set(attributes)


def test_the_tables_of_kinds_and_attributes_agree():
    codes = [kind.code for kind in kinds.kinds()]
    assert len(codes) == len(set(codes))
    for code in codes:
        rows = kinds.attributes_of(code)
        assert rows, code
        assert len({row.code for row in rows}) == len(rows)
        for row in rows:
            assert row.type in {"number", "integer", "text", "yes_no", "choice"}
            assert (row.type == "choice") == bool(row.options), row
            assert row.minimum is None or row.maximum is None or row.minimum < row.maximum


def test_a_sheet_row_names_its_enterprise_and_attributes(plant, clerk):
    cells = {
        "uscc": plant.uscc,
        "code": "V-7",
        "name": "甲醇罐",
        "kind": "储罐",
        "is_major": "是",
        "major_level": "四级",
        "major_basis": "评估",
        "attributes": "罐型=浮顶罐；容积=500;储存状态=液态",
    }
    parsed = {column.name: column.parse(cells[column.name]) for column in screens.SHEET.columns if column.name in cells}
    screens.SHEET.check(parsed)
    assert screens.SHEET.place(parsed) == "370102"
    assert services.import_risk_sources([parsed], actor=clerk, now=NOW) == 1
    assert door.of_enterprise(plant.pk)[0].attributes["shape"] == "floating"
    with pytest.raises(Invalid):
        screens.SHEET.check(parsed | {"uscc": "91370102MA9999999X"})


@pytest.mark.parametrize("text", ["7782-50-5", " 7664-41-7 ", "67－56－1"])
def test_cas_numbers_with_a_right_check_digit_pass(text):
    assert intake.cas_number(text).count("-") == 2
