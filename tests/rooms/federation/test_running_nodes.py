"""Three nodes that run, county, city and nation: the link is cut, programs are killed, answers are lost; nothing is, and nothing comes twice."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.rooms.federation.nodes import RunningNode, join, nodes, reported, states, until
from tests.rooms.jinan import actor

from anlan.federation import link, outbox
from anlan.federation.envelope import Address, Lane
from anlan.federation.models import Node
from anlan.federation.refusals import LinkFailed
from anlan.kernel import clock
from anlan.kernel.ids import new_id
from anlan.kernel.levels import Level
from anlan.report.filings import services
from anlan.report.filings.models import Filing

pytestmark = pytest.mark.timeout(180)
log = logging.getLogger(__name__)
CITY, NATION = Address(Level.CITY, "370100"), Address(Level.NATION, "000000")
Note = tuple[UUID, Lane, str]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[list[RunningNode]]:
    """The three, with all their processes; none has joined another."""
    places = {"370102": "历下区节点", "370100": "济南市节点", "000000": "国家节点"}
    with django_db_blocker.unblock(), nodes(tmp_path_factory.mktemp("nodes"), places) as made:
        county, city, nation = made
        for node in made:
            node.call_oneself()
        nation.start("web", "worker")
        city.start("web", "courier", "worker")
        county.start("courier", "worker")
        yield made


@pytest.fixture(scope="module")
def joined(network: list[RunningNode]) -> list[RunningNode]:
    """The same, each joined to the one above it."""
    for lower, upper in pairwise(network):
        join(lower, upper)
    return network


def post(node: RunningNode, to: Address, *lanes: Lane) -> list[Note]:
    """Notes that a node writes, in one transaction each."""
    written = []
    with node.at():
        for lane in lanes:
            letter = outbox.Letter(
                kind="test.note",
                to=(to,),
                lane=lane,
                subject=new_id(),
                place_code=node.place_code,
                title=lane.name,
                body={"words": "正文" * 50},
            )
            (row,) = outbox.post(letter, now=clock.now())
            written.append((row.envelope_id, lane, row.title))
    return written


def came(node: RunningNode, since: datetime) -> list[Note]:
    """Notes that a node keeps, in the order in which it took them."""
    found = node.rows(
        "SELECT envelope_id, lane, title FROM federation_inboxenvelope WHERE kind = 'test.note' AND taken_at >= %s ORDER BY taken_at, id",
        since,
    )
    return [(key, Lane(lane), title) for key, lane, title in found]


def unsettled(node: RunningNode, column: str) -> int:
    return node.rows(f"SELECT count(*) FROM federation_outboxenvelope WHERE kind = 'test.note' AND {column} IS NULL")[0][0]


def in_order(written: list[Note]) -> list[Note]:
    """As they are to arrive: lane by lane, in each as they were written."""
    return sorted(written, key=lambda note: note[1])


def test_a_node_is_looked_up_asks_is_let_in_by_a_person_and_only_then_heard(network: list[RunningNode]) -> None:
    county, city, _nation = network
    city.wait_for_web()
    county.ask(city)
    assert states(city)["历下区节点"] == "below asked"
    with county.at(), httpx.Client(trust_env=False) as client, pytest.raises(LinkFailed) as failed:
        link.call(Node.objects.get(relation="above"), link.by_http(client), now=clock.now)
    assert "link_not_joined" in failed.value.message()
    until(lambda: "link_not_joined" in county.rows("SELECT trouble FROM federation_node WHERE relation = 'above'")[0][0])
    city.accept(county)
    until(lambda: county.rows("SELECT trouble, last_contact_at IS NULL FROM federation_node WHERE relation = 'above'") == [("", False)])
    assert states(city)["历下区节点"] == "below joined" and states(county)["济南市节点"] == "above joined"


def test_what_waited_while_the_node_above_was_dead_goes_in_its_order_once(joined: list[RunningNode]) -> None:
    county, city, _nation = joined
    since = clock.now()
    city.kill("web")
    lanes = (Lane.BULK, Lane.ROUTINE, Lane.URGENT, Lane.FLASH, Lane.ROUTINE, Lane.URGENT, Lane.FLASH, Lane.ROUTINE)
    written = post(county, CITY, *lanes)
    until(lambda: "ReadError" in trouble(county) or "Connect" in trouble(county) or "RemoteProtocolError" in trouble(county))
    assert came(city, since) == [] and unsettled(county, "taken_at") == len(lanes)
    city.start("web")
    city.wait_for_web()
    until(lambda: unsettled(county, "taken_at") == 0)
    assert came(city, since) == in_order(written)


def trouble(node: RunningNode) -> str:
    return node.rows("SELECT trouble FROM federation_node WHERE relation = 'above'")[0][0]


def test_what_was_kept_but_not_answered_for_goes_again_and_is_kept_once(joined: list[RunningNode]) -> None:
    county, city, _nation = joined
    since = clock.now()
    city.line.be("deaf")
    written = post(county, CITY, Lane.URGENT, Lane.FLASH, Lane.URGENT)
    # The city has the flash note, the county does not know it, and its courier dies in the middle of trying again.
    until(lambda: len(came(city, since)) == 1 and city.line.swallowed >= 1)
    assert unsettled(county, "taken_at") == 3
    county.kill("courier")
    city.line.be("up")
    county.start("courier")
    until(lambda: unsettled(county, "taken_at") == 0)
    assert came(city, since) == in_order(written)


def test_an_envelope_passes_a_relay_and_word_of_it_comes_back_through_it(
    joined: list[RunningNode], record_property: Callable[[str, object], None]
) -> None:
    county, city, nation = joined
    # The nation hears of the county from the city: what came before that would wait for its next try.
    until(lambda: states(nation).get("历下区节点") == "beyond joined" and states(county).get("国家节点") == "beyond joined")
    since, began = clock.now(), time.monotonic()
    written = post(county, NATION, Lane.FLASH, Lane.ROUTINE, Lane.FLASH)
    until(lambda: len(came(nation, since)) == 3)
    up = time.monotonic() - began
    assert came(nation, since) == came(city, since) == in_order(written)
    keys = [note[0] for note in written]
    told = "SELECT refused_code FROM federation_outboxenvelope WHERE envelope_id = ANY(%s) AND kind = 'test.note'"
    until(lambda: {code for (code,) in county.rows(told, keys)} == {"envelope_kind_unknown"})
    record_property("seconds_up", round(up, 2))
    record_property("seconds_there_and_back", round(time.monotonic() - began, 2))
    log.info("up %.2f s, there and back %.2f s", up, time.monotonic() - began)
    for node in (city, nation):
        found = Counter(key for (key,) in node.rows("SELECT envelope_id FROM federation_inboxenvelope"))
        assert set(found.values()) == {1}


def test_a_report_of_the_county_is_there_in_the_city_and_its_receipt_returns(joined: list[RunningNode]) -> None:
    county, city, _nation = joined
    filing = reported(county)
    with county.at():
        services.report_up(filing, actor=actor("duty_officer", "370102"), now=clock.now())
    waiting = "SELECT 1 FROM filings_filingstep WHERE filing_id = %s AND receiver_level = 2 AND received_at IS NULL"
    until(lambda: bool(city.rows(waiting, filing.pk)))
    with city.at():
        (there,) = Filing.objects.all()
        assert (there.pk, there.title, there.injured) == (filing.pk, filing.title, 2)
        services.receive(there, actor=actor("duty_officer", "370100"), now=clock.now())
    receipt = "SELECT received_by FROM filings_filingstep WHERE filing_id = %s AND receiver_level = 2"
    until(lambda: county.rows(receipt, filing.pk) == city.rows(receipt, filing.pk))
    assert county.rows(receipt, filing.pk)[0][0]
    for node in (county, city):
        assert len(node.rows("SELECT 1 FROM filings_filing")) == 1
