"""Where a bureau works, and over which link it is reached."""

from __future__ import annotations

import pytest
from tests.rooms.federation.others import BEIJING, CITY, LIXIA, NATION, NOW, PROVINCE, SHIZHONG, SUBJECT, Other, city, posted

from anlan.federation import addressing, outbox
from anlan.federation.envelope import Address, Lane
from anlan.federation.models import ABOVE, ASKED, BELOW, BEYOND, LEFT, LinkCut, Node
from anlan.kernel.levels import Level

pytestmark = pytest.mark.django_db
TOWN = "370102001"


def test_a_node_that_stands_alone_sends_nothing_anywhere() -> None:
    Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE)
    assert addressing.next_hop(Address(Level.PROVINCE, PROVINCE)) is None
    assert not addressing.elsewhere(Address(Level.COUNTY, LIXIA), exercise=False)


def test_of_the_nodes_that_serve_a_bureau_the_longest_place_wins() -> None:
    city((Level.CITY, Level.COUNTY))
    own = Address(Level.COUNTY, LIXIA)
    assert addressing.next_hop(own) is None, "the county's bureau works on the city's node"
    county = Other("历下区", Level.COUNTY, LIXIA).known()
    assert addressing.next_hop(own) == county
    assert addressing.next_hop(Address(Level.COUNTY, SHIZHONG)) is None


def test_a_node_serves_only_its_levels_at_its_place_and_below() -> None:
    county = Other("历下区", Level.COUNTY, LIXIA, (Level.TOWNSHIP,)).known()
    assert county.serves(Address(Level.COUNTY, LIXIA)) and county.serves(Address(Level.TOWNSHIP, TOWN))
    for to in (Address(Level.CITY, LIXIA), Address(Level.COUNTY, SHIZHONG), Address(Level.COUNTY, CITY), Address(Level.NATION, NATION)):
        assert not county.serves(to)


def test_what_nobody_told_of_goes_upward_and_what_is_below_stays() -> None:
    city()
    assert addressing.next_hop(Address(Level.PROVINCE, PROVINCE)) is None, "nobody is above"
    province = Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE)
    assert addressing.next_hop(Address(Level.NATION, NATION)) == province
    assert addressing.next_hop(Address(Level.COUNTY, SHIZHONG)) is None
    assert addressing.next_hop(Address(Level.CITY, CITY)) is None, "this very bureau"


def test_where_the_node_above_knows_of_none_either_nothing_is_sent_after_a_bureau() -> None:
    city()
    province = Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE)
    Node.objects.filter(pk=province.pk).update(catalogue_heard="told")
    assert addressing.next_hop(Address(Level.NATION, NATION)) is None
    Other("国家", Level.NATION, NATION).known(BEYOND, via=province)
    assert addressing.next_hop(Address(Level.NATION, NATION)) == province


def test_a_node_that_is_reached_through_another_is_reached_over_that_link() -> None:
    city()
    province = Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE)
    county = Other("历下区", Level.COUNTY, LIXIA).known()
    Other("国家", Level.NATION, NATION).known(BEYOND, via=province)
    Other("街道", Level.TOWNSHIP, TOWN).known(BEYOND, via=county)
    Other("北京市", Level.PROVINCE, BEIJING).known(BEYOND, via=province)
    assert addressing.next_hop(Address(Level.NATION, NATION)) == province
    assert addressing.next_hop(Address(Level.PROVINCE, BEIJING)) == province
    assert addressing.next_hop(Address(Level.TOWNSHIP, TOWN)) == county


def test_the_neighbour_itself_outweighs_whom_it_introduces_at_its_own_place() -> None:
    city()
    county = Other("历下区", Level.COUNTY, LIXIA).known()
    other = Other("市中区", Level.COUNTY, SHIZHONG).known()
    Other("历下区另一节点", Level.COUNTY, LIXIA).known(BEYOND, via=other)
    assert addressing.node_of(Address(Level.COUNTY, LIXIA)) == county


@pytest.mark.parametrize("state", [ASKED, LEFT, "refused"])
def test_only_nodes_that_are_joined_are_reached(state: str) -> None:
    city()
    Other("历下区", Level.COUNTY, LIXIA).known(state=state)
    Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE, state=state)
    assert addressing.next_hop(Address(Level.COUNTY, LIXIA)) is None
    assert addressing.next_hop(Address(Level.PROVINCE, PROVINCE)) is None


def test_an_exercise_goes_only_to_nodes_that_take_exercises() -> None:
    city()
    province = Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE)
    to = Address(Level.NATION, NATION)
    assert addressing.elsewhere(to, exercise=False) and not addressing.elsewhere(to, exercise=True)
    letter = {"kind": "test.note", "to": (to,), "lane": Lane.FLASH, "subject": SUBJECT}
    made = outbox.Letter(**letter, place_code=CITY, title="演练", body={}, exercise=True)
    assert outbox.post(made, now=NOW) == []
    Node.objects.filter(pk=province.pk).update(takes_exercises=True)
    assert addressing.elsewhere(to, exercise=True) and len(outbox.post(made, now=NOW)) == 1


def test_a_node_below_speaks_only_of_its_own_places_and_one_above_only_of_ours() -> None:
    city()
    province = Other("山东省", Level.PROVINCE, PROVINCE).known(ABOVE)
    county = Other("历下区", Level.COUNTY, LIXIA).known(BELOW)
    town = Other("街道", Level.TOWNSHIP, TOWN).known(BEYOND, via=county)
    nation = Other("国家", Level.NATION, NATION).known(BEYOND, via=province)
    allowed = {
        county: (LIXIA, TOWN), town: (TOWN,), province: (CITY, LIXIA, SHIZHONG, TOWN), nation: (CITY, LIXIA, SHIZHONG, TOWN),
    }  # fmt: skip
    for node, places in allowed.items():
        told = [place for place in (NATION, PROVINCE, BEIJING, CITY, LIXIA, SHIZHONG, TOWN) if addressing.may_speak_of(node, place)]
        assert set(told) == set(places), node


def test_a_cut_of_an_exercise_holds_only_what_goes_upward_from_its_place() -> None:
    city((Level.CITY, Level.COUNTY))
    row = LinkCut.objects.create(level=Level.COUNTY, place_code=LIXIA, reason="演练", since=NOW, by_name="导调")
    lixia, shizhong, jinan = Address(Level.COUNTY, LIXIA), Address(Level.COUNTY, SHIZHONG), Address(Level.CITY, CITY)
    assert addressing.cut_between(lixia, jinan) == row
    assert addressing.cut_between(shizhong, jinan) is None and addressing.cut_between(jinan, lixia) is None
    row.until = NOW
    row.save()
    assert addressing.cut_between(lixia, jinan) is None


def test_what_goes_to_a_bureau_of_this_node_is_not_sealed() -> None:
    city((Level.CITY, Level.COUNTY))
    with pytest.raises(AssertionError):
        posted(Address(Level.COUNTY, LIXIA))
