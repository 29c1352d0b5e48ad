"""A county officer sees nothing of another county: page, API, search, map, export and live stream, walked for every resource."""

from __future__ import annotations

import asyncio
import re
from types import ModuleType
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.accounts import actor_of, client_for, client_of, make_account
from tests.stories.walls import HERE, OURS, THEIRS, THERE, Side, build, kinds_that_may, resources, routes

from anlan.desk.guard import PUBLIC, SIGNED_IN, guard_of
from anlan.desk.live import Hub, Subscriber, may_hear
from anlan.desk.resource.addresses import record_url
from anlan.ground.people import rules, services
from anlan.kernel import clock
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.events import event_kinds
from anlan.kernel.ids import new_id

pytestmark = pytest.mark.django_db

EVERYWHERE = "73,3,136,54"


_signed_in: dict[str, Client] = {}
"""Browsers of the present test: to sign in seventy times takes longer than what is looked at."""


@pytest.fixture
def sides(jinan_places: None, clock: ModuleType) -> tuple[Side, Side]:
    _signed_in.clear()
    return build(HERE, OURS), build(THERE, THEIRS)


def text(response: Any) -> str:
    """The body of an answer, streamed or not."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode("utf-8", errors="replace")


def officers(action: str) -> list[Client]:
    """Browsers of two kinds of county posts that may do ``action``: the first and the last declared."""
    kinds = kinds_that_may(action)
    assert kinds, f"no kind of post may {action}"
    for kind in {*kinds[:1], *kinds[-1:]} - _signed_in.keys():
        _signed_in[kind] = client_for(kind, HERE)
    return [_signed_in[kind] for kind in dict.fromkeys((*kinds[:1], *kinds[-1:]))]


def test_a_list_shows_ones_own_county_only(sides: tuple[Side, Side]) -> None:
    for resource in resources():
        code = resource.code
        address = reverse(f"desk:{code}-list")
        clients = officers(resource.actions.view)
        for client in clients:
            shown = text(client.get(address))
            assert OURS in shown, code
            assert THEIRS not in shown, code
        # What is asked for narrows what the post may see, whichever post it is.
        for asked in ({"place": THERE}, {"place": "370100"}, {"q": THEIRS}, {"size": "100", "sort": "-created_at"}):
            assert THEIRS not in text(clients[0].get(address, asked)).replace(f'value="{THEIRS}"', ""), asked


def test_a_page_of_the_other_county_is_not_there(sides: tuple[Side, Side]) -> None:
    ours, theirs = sides
    for resource in resources():
        code = resource.code
        clients = officers(resource.actions.view)
        assert clients[0].get(record_url(resource, ours.records[code].pk), follow=True).status_code == 200, code
        for client in clients:
            answer = client.get(record_url(resource, theirs.records[code].pk))
            assert answer.status_code in {403, 404}
            assert THEIRS not in text(answer)


def test_an_export_carries_ones_own_county_only(sides: tuple[Side, Side]) -> None:
    for resource in resources():
        if not resource.actions.export:
            continue
        code = resource.code
        for client in officers(resource.actions.export or ""):
            exported = text(client.get(reverse(f"desk:{code}-export"), {"format": "csv"}))
            assert OURS in exported, code
            assert THEIRS not in exported
            assert THEIRS not in text(client.get(reverse(f"desk:{code}-export"), {"format": "csv", "place": THERE}))


def test_the_api_answers_for_ones_own_county_only(sides: tuple[Side, Side]) -> None:
    ours, theirs = sides
    for resource in resources():
        code = resource.code
        for client in officers(resource.actions.view):
            listed = client.get(f"/api/v1/{code}")
            assert listed.status_code == 200
            assert str(ours.records[code].pk) in text(listed), code
            assert str(theirs.records[code].pk) not in text(listed)
            assert client.get(f"/api/v1/{code}/{ours.records[code].pk}").status_code == 200
            assert client.get(f"/api/v1/{code}/{theirs.records[code].pk}").status_code in {403, 404}
            assert str(theirs.records[code].pk) not in text(client.get(f"/api/v1/{code}", {"place": THERE}))


def test_sensorthings_tells_of_ones_own_county_only(sides: tuple[Side, Side]) -> None:
    """By entity set, reference, expansion, filter and identifier; readings too, by address and by data array."""
    ours, theirs = sides
    root = "/api/sensorthings/v1.1"
    device, point = theirs.records["devices"], theirs.records["sensors"]
    sets = ("Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties", "FeaturesOfInterest")
    asked = [
        *sets,
        *(f"{name}/$ref" for name in sets),
        "Things?$expand=Datastreams($expand=Sensor,ObservedProperty($expand=Datastreams)),Locations,HistoricalLocations",
        "Datastreams?$expand=Thing($expand=Datastreams),Observations",
        "Observations?$resultFormat=dataArray&$count=true",
        f"Things?$filter=Datastreams/name eq '{point.name}'&$count=true",  # type: ignore[attr-defined]
        f"Datastreams?$filter=Thing/name eq '{device.name}'&$count=true",  # type: ignore[attr-defined]
        f"Observations?$filter=Datastream/id eq {point.channel}&$count=true",  # type: ignore[attr-defined]
    ]
    for client in officers("devices.view"):
        assert OURS in text(client.get(f"{root}/Things"))
        for address in asked:
            answer = client.get(f"{root}/{address}")
            shown = text(answer)
            assert answer.status_code == 200, (address, shown)
            assert THEIRS not in shown, address
            assert not [pk for pk in theirs.ids() if str(pk) in shown], address
            if "$filter" in address:
                assert '"@iot.count": 0' in shown, address
        for entity in (f"Things('{device.pk}')", f"Locations('{device.pk}')", f"Datastreams({point.channel})", f"Sensors({point.channel})"):  # type: ignore[attr-defined]
            for tail in ("", "/$ref", "/name"):
                assert client.get(f"{root}/{entity}{tail}").status_code == 404, entity
        assert client.get(f"{root}/Datastreams({point.channel})/Observations").status_code == 404  # type: ignore[attr-defined]
    assert ours.records["devices"].pk != device.pk


def test_the_map_draws_ones_own_county_only(sides: tuple[Side, Side]) -> None:
    ours, theirs = sides
    for resource in resources():
        if not resource.map:
            continue
        code = resource.code
        for client in officers(resource.actions.view):
            drawn = text(client.get(f"/api/v1/{code}/features", {"bbox": EVERYWHERE}))
            assert str(ours.records[code].pk) in drawn
            assert str(theirs.records[code].pk) not in drawn
            picked = client.get(reverse("desk:map_picked", args=[code, theirs.records[code].pk]))
            assert picked.status_code in {403, 404}


def test_tiles_tell_everybody_the_same_and_nothing_of_business(sides: tuple[Side, Side]) -> None:
    tiles = {text(client_for("duty_officer", place).get("/tiles/places/8/211/100.mvt")) for place in (HERE, THERE)}
    assert len(tiles) == 1
    assert OURS not in tiles.pop()


def test_county_figures_name_ones_own_county_only(sides: tuple[Side, Side]) -> None:
    for client in officers("map.view"):
        assert set(client.get(reverse("desk:map_counties")).json()["counties"]) <= {HERE}


def test_search_finds_ones_own_county_only(sides: tuple[Side, Side]) -> None:
    for kind in rules.KINDS:
        if rules.KINDS[kind].of_enterprise:
            continue
        client = client_for(kind, HERE)
        ids = {str(pk) for pk in sides[1].ids()}
        for words in (THEIRS, "右岸", "翡翠", "yafc"):
            found = text(client.get(reverse("desk:search"), {"q": words}))
            assert not [pk for pk in ids if pk in found], (kind, words)


def test_search_does_find_ones_own_county(sides: tuple[Side, Side]) -> None:
    found = text(client_for("duty_officer", HERE).get(reverse("desk:search"), {"q": OURS}))
    assert str(sides[0].records["enterprises"].pk) in found


def test_no_page_without_arguments_tells_of_the_other_county(sides: tuple[Side, Side], quick_entry: None) -> None:
    """Home, duty desk, map, wallboard, to-do list … : whatever a county post may open."""
    ids = {str(pk) for pk in sides[1].ids()}
    for kind in ("duty_leader", "bureau_clerk", "wallboard"):
        client = client_for(kind, HERE)
        for route, pattern in routes():
            needed = guard_of(pattern.callback)
            if "<" in route or "(" in route or needed is None or needed == PUBLIC or route.startswith("api/v1/openapi"):
                continue
            if needed != SIGNED_IN and not rules.KINDS[kind].allows(needed):
                continue
            shown = text(client.get(f"/{route}"))
            assert THEIRS not in shown, (kind, route)
            assert not [pk for pk in ids if pk in shown], (kind, route)


def test_no_page_of_one_record_answers_for_the_other_county(sides: tuple[Side, Side], quick_entry: None) -> None:
    """Every route that takes one id, tried with the ids of records over there, by the first kind of post that may open it."""
    theirs = sides[1]
    single = re.compile(r"<uuid:(\w+)>")
    clients = {kind: client_for(kind, HERE) for kind in ("duty_leader", "bureau_clerk", "inspector")}
    wrong = set()
    for route, pattern in routes():
        needed = guard_of(pattern.callback)
        named = single.search(route)
        if len(re.findall("<", route)) != 1 or named is None or needed in {None, PUBLIC}:
            continue
        kind = next((kind for kind in clients if needed == SIGNED_IN or rules.KINDS[kind].allows(str(needed))), None)
        if kind is None:
            continue
        for pk in _within_reach(theirs, pattern.callback.__module__, named[1]):
            address = "/" + single.sub(str(pk), route)
            answer = clients[kind].get(address, headers={"Accept": "application/json"})
            if answer.status_code == 405:
                answer = clients[kind].post(address, headers={"Accept": "application/json"})
            if answer.status_code not in {400, 403, 404, 422} or THEIRS in text(answer):
                wrong.add((kind, route, answer.status_code))
    assert not wrong, sorted(wrong)


def _within_reach(side: Side, module: str, parameter: str) -> list[Any]:
    """Ids that a page of ``module`` may look for: what its parameter names, else those of its room, and of enterprises.

    Ids are unique over all tables, so that those of other rooms would be looked for in vain; a parameter that is neither a key nor a table's name
    may mean any of the wing.
    """
    room = module.rpartition(".")[0].split(".")[1:3]
    named = parameter.removesuffix("_id").replace("_", "")
    free = named not in {"pk", "id"} and named not in {model.__name__.lower() for model in side.made}
    return [
        record.pk
        for model, record in side.made.items()
        if room[0] in {"desk", "site"}
        or model.__module__.split(".")[1 : 2 if free else 3] == room[: 1 if free else 2]
        or model.__name__ == "Enterprise"
        or model.__name__.lower() == named
    ]


def test_the_live_stream_tells_of_ones_own_county_only(clock: ModuleType) -> None:
    listeners: dict[str, Actor] = {
        kind: actor_of(make_account(f"listener.{kind.replace('_', '-')}", kind, HERE))
        for kind in rules.KINDS
        if not rules.KINDS[kind].of_enterprise
    }
    for kind, event in event_kinds().items():
        # Other tests declare events of their own, which no room announces.
        if kind.startswith("tests."):
            continue
        if getattr(event, "personal", False):
            listener = listeners["duty_officer"]
            assert not may_hear(listener, announced(kind, HERE)), kind
            assert may_hear(listener, announced(kind, "", subject=str(listener.account_id))), kind
            continue
        hearing = kinds_that_may(event.action)
        assert hearing, f"{kind}: no kind of post may {event.action}, so nobody hears it"
        for post in hearing:
            assert may_hear(listeners[post], announced(kind, HERE)), (kind, post)
            for elsewhere in (THERE, "370100", "370000", "000000", ""):
                assert not may_hear(listeners[post], announced(kind, elsewhere)), (kind, post, elsewhere)


def announced(kind: str, place_code: str, subject: str = "") -> dict[str, Any]:
    """An announcement as the stream reads it from the outbox."""
    return {
        "id": new_id(),
        "kind": kind,
        "place_code": place_code,
        "enterprise_id": None,
        "classification": 1,
        "subject_id": subject or str(new_id()),
    }


@pytest.mark.django_db(transaction=True)
async def test_an_open_stream_is_told_of_ones_own_county_and_ends_with_the_session() -> None:
    """The whole way: a change commits, the outbox notifies, the listening process tells the one and not the other."""
    streams = await sync_to_async(_streams)()
    ours, theirs = streams
    hub = Hub()
    hub.start()
    try:
        await asyncio.wait_for(hub.listening.wait(), 10)
        hub.subscribers |= set(streams)
        await sync_to_async(make_account)("somebody.new", None, HERE)
        told = await asyncio.wait_for(ours.queue.get(), 10)
        assert told is not None
        assert told["place_code"] == HERE
        assert theirs.queue.empty()
        await sync_to_async(services.lock_account)(theirs.actor.account_id, actor=system_actor("tests"), now=clock.now(), reason="离岗")
        while (last := await asyncio.wait_for(theirs.queue.get(), 10)) is not None:
            assert last["place_code"] == THERE
    finally:
        await hub.stop()


def _streams() -> tuple[Subscriber, Subscriber]:
    """Streams of the security administrators of both counties, who hear of accounts."""
    found = []
    for place in (HERE, THERE):
        account = make_account(f"officer.{place}", "security_admin", place)
        key = client_of(account).cookies[settings.SESSION_COOKIE_NAME].value
        found.append(Subscriber(key, actor_of(account)))
    return found[0], found[1]


def test_the_city_sees_both_counties_and_the_enterprise_only_itself(sides: tuple[Side, Side]) -> None:
    ours, theirs = sides
    city = text(client_for("duty_officer", "370100").get(reverse("desk:enterprises-list")))
    assert OURS in city
    assert THEIRS in city
    plant = make_account("plant", "enterprise_manager", HERE, enterprise_id=ours.records["enterprises"].pk)
    neighbour = make_account("neighbour", "enterprise_manager", HERE, enterprise_id=theirs.records["enterprises"].pk)
    assert OURS in text(client_of(plant).get(reverse("desk:enterprises-list")))
    assert OURS not in text(client_of(neighbour).get(reverse("desk:enterprises-list")))
