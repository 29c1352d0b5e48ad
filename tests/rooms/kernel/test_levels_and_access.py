"""Place codes, their subtrees, and what a grant over a subtree allows."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.access import Actor, Classification, Grant, system_actor
from anlan.kernel.levels import Level, MalformedPlaceCode, code_of, covers, level_of, parent_code, prefix_of

county_codes = st.builds(lambda p, c, d: f"{p:02}{c:02}{d:02}", st.integers(11, 65), st.integers(1, 99), st.integers(1, 99))


@pytest.mark.parametrize(
    ("code", "level", "prefix", "parent"),
    [
        ("000000", Level.NATION, "", None),
        ("370000", Level.PROVINCE, "37", "000000"),
        ("370100", Level.CITY, "3701", "370000"),
        ("370102", Level.COUNTY, "370102", "370100"),
        ("370102001", Level.TOWNSHIP, "370102001", "370102"),
    ],
)
def test_a_code_tells_its_level_prefix_and_parent(code, level, prefix, parent):
    assert (level_of(code), prefix_of(code), parent_code(code)) == (level, prefix, parent)


@pytest.mark.parametrize("code", ["", "37", "37010", "3701020", "37O100", "３７０１００", "370102001001"])
def test_a_malformed_code_is_refused(code):
    with pytest.raises(MalformedPlaceCode):
        level_of(code)


@given(county_codes)
def test_every_upper_place_covers_its_county(county):
    code = county
    while code is not None:
        assert covers(prefix_of(code), county)
        assert code_of(prefix_of(code)) == code
        code = parent_code(code)


def actor(*grants: Grant) -> Actor:
    return Actor(uuid4(), "某人", "duty_officer", Level.COUNTY, "370102", grants=grants)


@given(county_codes, county_codes)
def test_a_county_grant_reaches_its_county_and_no_other(mine, other):
    officer = actor(Grant("alarms.view", mine))
    assert officer.may("alarms.view", place_code=mine)
    assert officer.may("alarms.view", place_code=other) == (mine == other)


def test_without_a_grant_everything_is_denied():
    assert not actor().may("alarms.view", place_code="370102")
    assert not actor(Grant("alarms.view", "370102")).may("alarms.acknowledge", place_code="370102")


def test_a_record_without_a_place_is_seen_only_from_the_top():
    assert not actor(Grant("alarms.view", "370102")).may("alarms.view")
    assert actor(Grant("alarms.view", "")).may("alarms.view")


def test_a_grant_reads_up_to_its_class_of_information():
    officer = actor(Grant("filings.view", "37", classification=Classification.INTERNAL))
    assert officer.may("filings.view", place_code="370102", classification=Classification.INTERNAL)
    assert not officer.may("filings.view", place_code="370102", classification=Classification.SENSITIVE)


def test_an_enterprise_grant_reaches_only_that_enterprise_wherever_it_is():
    mine, other = uuid4(), uuid4()
    manager = actor(Grant("alarms.*", "370102", enterprise_id=mine))
    assert manager.may("alarms.acknowledge", place_code="370102", enterprise_id=mine)
    assert manager.may("alarms.view", place_code="110101", enterprise_id=mine)
    assert not manager.may("alarms.view", place_code="370102", enterprise_id=other)
    assert not manager.may("alarms.view", place_code="370102")


def test_a_pattern_grants_a_rooms_actions_and_nothing_of_its_neighbours():
    officer = actor(Grant("alarms.*", ""))
    assert officer.may("alarms.acknowledge")
    assert not officer.may("alarmsx.view")


def test_a_system_actor_has_the_same_identity_each_time():
    assert system_actor("detector").account_id == system_actor("detector").account_id != system_actor("worker").account_id
