"""Whom a node believes, and of whom."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from tests.rooms.federation.others import BEIJING, CITY, LIXIA, NATION, NOW, PROVINCE, SHIZHONG, Other, city

from anlan.federation import addressing, keys, trust
from anlan.federation.envelope import Address
from anlan.federation.models import ABOVE, ASKED, BELOW, BEYOND, JOINED, LEFT, SELF, Node
from anlan.federation.refusals import EnvelopeMalformed, NoIdentity
from anlan.kernel.levels import Level

TOWN = "370102001"
COUNTY = Other("历下区", Level.COUNTY, LIXIA)
PROVINCIAL = Other("山东省", Level.PROVINCE, PROVINCE)


def test_a_card_is_read_as_it_was_written() -> None:
    read = trust.read_card(COUNTY.card())
    assert read == {
        "id": COUNTY.id, "name": "历下区", "level": 3, "place_code": LIXIA, "levels": [3], "public_key": COUNTY.card()["key"],
    }  # fmt: skip


def test_a_card_whose_name_is_not_its_keys_is_refused() -> None:
    for other in ({"id": PROVINCIAL.id}, {"key": PROVINCIAL.card()["key"]}, {"id": COUNTY.id.upper()}):
        with pytest.raises(EnvelopeMalformed):
            trust.read_card(COUNTY.card(**other))


WRONG: dict[str, list[Any]] = {
    "id": ["", None, 5],
    "name": ["", " ", "\x00", "\ud800"],
    "level": [9, "x", None, []],
    "place": ["", "37", "abcdef", None, 370102],
    "levels": [None, 5, [9], ["x"], [[]]],
    "key": ["", "x", "!", b64encode(b"short").decode(), b64encode(bytes(33)).decode(), None],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_card_that_is_not_sound_is_refused(field: str, value: Any) -> None:
    if (field, value) == ("place", 370102):
        assert trust.read_card(COUNTY.card(place=value))["place_code"] == LIXIA
        return
    with pytest.raises(EnvelopeMalformed):
        trust.read_card(COUNTY.card(**{field: value}))


@pytest.mark.parametrize("value", [None, 5, "text", [], {}])
def test_what_is_no_card_is_refused(value: Any) -> None:
    with pytest.raises(EnvelopeMalformed):
        trust.read_card(value)


@pytest.mark.django_db
def test_a_node_without_a_name_has_no_card_and_one_that_changes_keeps_one() -> None:
    with pytest.raises(NoIdentity):
        trust.card()
    city()
    trust.call_oneself("济南", Level.CITY, CITY, (Level.COUNTY,), now=NOW)
    card = trust.card()
    assert Node.objects.filter(relation=SELF).count() == 1
    assert (card["name"], card["levels"], card["id"]) == ("济南", [2, 3], keys.identity().node_id)
    assert trust.read_card(card)["id"] == card["id"]


@pytest.mark.django_db
def test_a_node_whose_key_was_replaced_is_another_node() -> None:
    Other("济南", Level.CITY, CITY).known(SELF)
    made = city()
    assert list(Node.objects.all()) == [made] and made.pk == keys.identity().node_id


def learn(peer: Node, *others: dict[str, Any]) -> set[str]:
    trust.learn(peer, list(others), now=NOW)
    return set(Node.objects.filter(relation=BEYOND, state=JOINED).values_list("name", flat=True))


@pytest.mark.django_db
def test_a_node_below_introduces_only_nodes_within_its_own_place_and_level() -> None:
    city()
    peer = COUNTY.known()
    introduced = learn(
        peer,
        Other("街道", Level.TOWNSHIP, TOWN).card(),
        Other("市中区", Level.COUNTY, SHIZHONG).card(),
        Other("别处街道", Level.TOWNSHIP, "370103001").card(),
        Other("上级", Level.CITY, CITY).card(),
        Other("伪市级", Level.TOWNSHIP, TOWN, (Level.CITY,)).card(),
        {"id": "nonsense"},
    )
    assert introduced == {"街道"}
    town = Node.objects.get(name="街道")
    assert town.via == peer and addressing.next_hop(Address(Level.TOWNSHIP, TOWN)) == peer


@pytest.mark.django_db
def test_a_node_above_introduces_all_others_but_none_at_our_own_places() -> None:
    city()
    peer = PROVINCIAL.known(ABOVE)
    introduced = learn(
        peer,
        Other("国家", Level.NATION, NATION).card(),
        Other("北京市", Level.PROVINCE, BEIJING).card(),
        Other("青岛市", Level.CITY, "370200").card(),
        Other("伪历下区", Level.COUNTY, LIXIA).card(),
        Other("伪济南市", Level.CITY, CITY).card(),
        Other("伪国家", Level.NATION, LIXIA, (Level.COUNTY,)).card(),
    )
    assert introduced == {"国家", "北京市", "青岛市"}
    assert addressing.next_hop(Address(Level.COUNTY, LIXIA)) is None


@pytest.mark.django_db
def test_nodes_that_are_no_longer_named_are_gone_and_come_back_when_named_again() -> None:
    city()
    peer, other = COUNTY.known(), Other("市中区", Level.COUNTY, SHIZHONG).known()
    town, second = Other("街道", Level.TOWNSHIP, TOWN), Other("街道二", Level.TOWNSHIP, "370102002")
    learn(other, Other("市中街道", Level.TOWNSHIP, "370103001").card())
    assert learn(peer, town.card(), second.card()) == {"街道", "街道二", "市中街道"}
    assert learn(peer, town.card()) == {"街道", "市中街道"}, "what another neighbour told stays"
    assert Node.objects.get(pk=second.id).state == LEFT
    assert learn(peer, town.card(), second.card()) == {"街道", "街道二", "市中街道"}
    assert learn(peer) == {"市中街道"}


@pytest.mark.django_db
def test_a_neighbour_is_never_replaced_by_what_another_says_of_it() -> None:
    city()
    peer, below = PROVINCIAL.known(ABOVE), COUNTY.known()
    learn(below, COUNTY.card(), PROVINCIAL.card())
    learn(peer, COUNTY.card(), Other("我", Level.NATION, NATION, key=keys.identity().private).card())
    below.refresh_from_db()
    peer.refresh_from_db()
    assert (below.relation, below.via, peer.relation, peer.via) == (BELOW, None, ABOVE, None)
    own = addressing.own()
    assert own is not None and own.name == "济南市应急管理局"


@pytest.mark.django_db
def test_a_node_that_asks_here_keeps_its_question_though_another_introduces_it() -> None:
    city()
    peer, beijing = PROVINCIAL.known(ABOVE), Other("北京市", Level.PROVINCE, BEIJING)
    asks = beijing.known(state=ASKED)
    learn(peer, beijing.card())
    asks.refresh_from_db()
    assert (asks.relation, asks.state, asks.via) == (BELOW, ASKED, None)


@pytest.mark.django_db
def test_a_node_says_its_own_name_and_levels_anew_but_not_its_place() -> None:
    city()
    peer = COUNTY.known()
    learn(peer, COUNTY.card(name="历下区应急局", levels=[3, 4], place=SHIZHONG))
    peer.refresh_from_db()
    assert (peer.name, peer.levels, peer.place_code) == ("历下区应急局", [3, 4], LIXIA)


@pytest.mark.django_db
@pytest.mark.parametrize("catalogue", [None, {}, "text", 5, [None] * 5_001])
def test_what_is_no_catalogue_is_refused(catalogue: Any) -> None:
    city()
    with pytest.raises(EnvelopeMalformed):
        trust.learn(COUNTY.known(), catalogue, now=NOW)


@pytest.mark.django_db
def test_each_neighbour_is_told_of_the_nodes_on_the_other_side() -> None:
    city()
    peer, below = PROVINCIAL.known(ABOVE), COUNTY.known()
    Other("国家", Level.NATION, NATION).known(BEYOND, via=peer)
    Other("街道", Level.TOWNSHIP, TOWN).known(BEYOND, via=below)
    Other("市中区", Level.COUNTY, SHIZHONG).known(state=ASKED)

    def told(node: Node) -> set[str]:
        return {card["name"] for card in trust.catalogue_for(node)}

    assert told(peer) == {"济南市应急管理局", "历下区", "街道"}
    assert told(below) == {"济南市应急管理局", "山东省", "国家"}
