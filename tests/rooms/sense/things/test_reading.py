"""Reading by the SensorThings API: links, options, pages, and nothing of another county by any path."""

import itertools

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.accounts import client_for
from tests.rooms.sense.plant import LOADER, NOW
from tests.rooms.sense.things.conftest import MS, ROOT, Asking, machine_of

from anlan.sense.devices import door as devices
from anlan.sense.devices.models import Sensor
from anlan.sense.things.entities import SETS
from anlan.sense.things.rules import CONFORMANCE

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(plants):
    return Asking(client_for("duty_officer", "370102"))


def ids(found):
    return [entity["@iot.id"] for entity in found["value"]]


def names(found):
    return [entity["name"] for entity in found["value"]]


def test_the_root_lists_the_entity_sets_and_what_is_conformed_to(officer):
    root = officer.get("")
    assert {entry["name"] for entry in root["value"]} == set(SETS)
    assert root["serverSettings"]["conformance"] == list(CONFORMANCE)


def test_every_navigation_link_of_every_entity_leads_where_it_says(officer):
    seen, waiting = set(), [entry["url"] for entry in officer.get("")["value"] if entry["name"] != "Observations"]
    while waiting:
        address = waiting.pop()
        if address in seen or len(seen) > 400:
            continue
        seen.add(address)
        found = officer.follow(address)
        for entity in found.get("value", [found]):
            assert officer.follow(entity["@iot.selfLink"])["@iot.id"] == entity["@iot.id"]
            waiting += [value for name, value in entity.items() if name.endswith("@iot.navigationLink")]
    kinds = {address.removeprefix(f"http://testserver{ROOT}/").partition("(")[0] for address in seen}
    assert kinds == set(SETS) - {"Observations"} | {"Observations"}


def test_a_thing_tells_its_registry_facts_and_its_position(plants, officer):
    ours, _theirs = plants
    thing = officer.get(f"Things('{ours.device.id}')", expand="Locations,Datastreams($select=name,unitOfMeasurement;$orderby=name)")
    assert (thing["name"], thing["properties"]["code"]) == ("罐区控制系统", "D1")
    assert thing["Locations"][0]["location"] == {"type": "Point", "coordinates": [117.05, 36.66]}
    assert [(stream["name"], stream["unitOfMeasurement"]["symbol"]) for stream in thing["Datastreams"]] == [
        ("1 号罐压力", "MPa"),
        ("氯气浓度", "mg/m³"),
    ]
    assert "@iot.id" not in thing["Datastreams"][0]


def test_properties_and_bare_values_have_addresses(plants, officer):
    channel = plants[0].pressure.channel
    assert officer.get(f"Datastreams({channel})/name") == {"name": "1 号罐压力"}
    assert officer.get(f"Datastreams({channel})/unitOfMeasurement/symbol/$value") == "MPa"
    assert officer.get(f"Datastreams({channel})/Thing/properties/code/$value") == "D1"
    assert officer.get(f"Datastreams({channel})/Observations/$ref", top=1)["value"][0].keys() == {"@iot.selfLink"}
    assert officer.get(f"Datastreams({channel})/nothing", 404)["code"] == "things_unknown_address"


@pytest.mark.parametrize(
    ("entities", "condition", "expected"),
    [
        ("Things", "name eq '罐区控制系统'", 1),
        ("Things", "startswith(name,'罐区') and endswith(name,'系统') and substringof('控制',name)", 1),
        ("Things", "not startswith(name,'罐区')", 0),
        ("Things", "properties/code eq 'D1' and properties/deviceClass ne 'other'", 1),
        ("Things", "length(properties/code) add 1 eq 3", 1),
        ("Things", "toupper(concat(properties/code,'x')) eq 'D1X' and indexof(properties/code,'1') eq 1", 1),
        ("Things", "substring(properties/code,1,1) eq '1' and trim(' a ') eq 'a' and tolower('A') eq 'a'", 1),
        ("Things", "description ne null and properties/own eq null", 1),
        ("Things", "Datastreams/name eq '氯气浓度'", 1),
        ("Things", "Datastreams/name eq 'nothing'", 0),
        ("Things", "Datastreams/unitOfMeasurement/symbol eq 'MPa' or Datastreams/unitOfMeasurement/symbol eq 'mg/m³'", 1),
        ("Things", "Datastreams/ObservedProperty/id eq 'pressure'", 1),
        ("Things", "id eq 'no identifier'", 0),
        ("Locations", "st_within(location, geography'POLYGON ((117 36, 118 36, 118 37, 117 37, 117 36))')", 1),
        ("Locations", "st_within(location, geography'POLYGON ((117 36, 117.01 36, 117.01 37, 117 37, 117 36))')", 0),
        (
            "Locations",
            "st_intersects(location, geography'POLYGON ((117 36, 118 36, 118 37, 117 37, 117 36), (117.04 36.65, 117.06 36.65, 117.06 36.67, 117.04 36.67, 117.04 36.65))')",
            0,
        ),
        ("Locations", "st_contains(geography'MULTIPOLYGON (((117 36, 118 36, 118 37, 117 37, 117 36)))', location)", 1),
        (
            "Locations",
            "st_equals(location, geography'POINT (117.05 36.66)') and not st_disjoint(location, geography'POINT (117.05 36.66)')",
            1,
        ),
        ("Locations", "geo.distance(location, geography'POINT (117.05 36.67)') lt 1200", 1),
        ("Locations", "geo.distance(location, geography'POINT (117.05 36.67)') lt 1000", 0),
        ("Locations", "Things/name eq '罐区控制系统' and encodingType eq 'application/geo+json'", 1),
        ("HistoricalLocations", "year(time) eq 2026 and month(time) eq 11 and time le now()", 1),
        ("Datastreams", "Thing/name eq '罐区控制系统'", 2),
        ("Datastreams", "Thing/Locations/name eq '罐区控制系统' and ObservedProperty/name eq '压力（表压）'", 1),
        ("Datastreams", "properties/inUse and properties/decimals mul 2 ge 4 and properties/decimals mod 2 eq 0", 2),
        ("Datastreams", "properties/decimals div 0 gt 1", 0),
        ("Datastreams", "properties/rangeLow eq null", 2),
        ("Sensors", "Datastreams/name eq '氯气浓度'", 1),
        ("ObservedProperties", "id eq 'pressure' or name eq '温度'", 2),
        ("FeaturesOfInterest", "geo.intersects(feature, geography'POINT (117.05 36.66)')", 1),
    ],
)
def test_filters(officer, entities, condition, expected):
    found = officer.get(entities, filter=condition, count="true")
    assert (found["@iot.count"], len(found["value"])) == (expected, expected)


@pytest.mark.parametrize(
    ("entities", "condition", "code"),
    [
        ("Things", "nothing eq 1", "things_unknown_property"),
        ("Things", "name gt 3", "things_not_comparable"),
        ("Things", "length(3) eq 1", "things_not_comparable"),
        ("Things", "frobnicate(name)", "things_not_supported"),
        ("Things", "name eq", "things_bad_expression"),
        ("Things", "Datastreams/Observations/result gt 3", "things_unknown_property"),
        ("Things", "substring(name,1,-5) eq 'x'", "things_bad_expression"),
        ("Locations", "st_touches(location, geography'POINT (1 1)')", "things_not_supported"),
        ("Locations", "st_within(location, geography'LINESTRING (1 1, 2 2)')", "things_not_supported"),
    ],
)
def test_filters_that_cannot_be_are_refused_with_their_code(officer, entities, condition, code):
    found = officer.client.get(f"{ROOT}/{entities}", {"$filter": condition})
    assert found.status_code in {400, 501}
    assert found.json()["code"] == code


def test_pages_follow_one_another_until_everything_was_told(plants, officer):
    for number in range(7):
        devices.add_sensor(
            plants[0].device.id, {"code": f"N{number}", "name": f"点{number}", "sensor_class": "number", "unit": ""}, actor=LOADER, now=NOW
        )
    found = officer.get("Datastreams", top=2, orderby="name desc", count="true", select="name,id")
    told = names(found)
    while "@iot.nextLink" in found:
        found = officer.follow(found["@iot.nextLink"])
        told += names(found)
    assert len(told) == 9 and told == sorted(told, reverse=True) and len(set(told)) == 9


def test_observations_are_asked_of_the_store_by_bounds_and_never_by_reading_everything(plants, officer, readings):
    channel = plants[0].pressure.channel
    found = officer.get(
        f"Datastreams({channel})/Observations",
        filter="phenomenonTime ge 2026-11-22T00:57:00Z and phenomenonTime lt 2026-11-22T01:00:00Z and result add 1 gt 1.15",
        orderby="phenomenonTime desc",
    )
    assert [entity["result"] for entity in found["value"]] == [0.3, 0.2]
    question = readings.asked[-1]
    assert (question.channels, question.since, question.until) == ([channel], MS - 180_000, MS)
    assert found["value"][0]["phenomenonTime"] == "2026-11-22T00:59:00.000Z"
    assert officer.get(f"Datastreams({channel})/Observations", 400, filter="result gt 5")["code"] == "things_time_needed"
    assert officer.get(f"Datastreams({channel})/Observations", 400, orderby="result")["code"] == "things_time_needed"


def test_observations_page_by_time_and_can_be_counted(plants, officer, readings):
    channel = plants[0].pressure.channel
    found = officer.get(f"Datastreams({channel})/Observations", top=2, count="true")
    told = [entity["result"] for entity in found["value"]]
    assert found["@iot.count"] == 5
    while "@iot.nextLink" in found:
        found = officer.follow(found["@iot.nextLink"])
        told += [entity["result"] for entity in found["value"]]
    assert told == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert all(question.offset == 0 for question in readings.asked)


def test_an_observation_has_an_address_for_ever_and_tells_its_quality(plants, officer, readings):
    channel = plants[0].gas.channel
    readings.add(channel, MS, 7.5, 4 | 8)
    one = officer.get(f"Observations('{channel}-{MS}')", expand="Datastream/Thing,FeatureOfInterest")
    assert (one["result"], one["resultQuality"]) == (7.5, ["late", "exercise"])
    assert one["Datastream"]["Thing"]["properties"]["code"] == "D1"
    assert one["FeatureOfInterest"]["feature"]["type"] == "Point"
    assert officer.get(f"Observations('{channel}-{MS + 1}')", 404)["code"] == "things_not_found"


def test_observations_of_all_datastreams_are_merged_and_filtered_by_what_they_belong_to(plants, officer, readings):
    ours = plants[0]
    readings.add(ours.gas.channel, MS - 30_000, 99)
    found = officer.get("Observations", orderby="phenomenonTime desc", top=3)
    assert [entity["result"] for entity in found["value"]] == [0.4, 99, 0.3]
    found = officer.get("Observations", filter=f"Datastream/name eq '氯气浓度' and Datastream/Thing/id eq '{ours.device.id}'")
    assert [entity["result"] for entity in found["value"]] == [99]


def test_data_arrays(plants, officer):
    channel = plants[0].pressure.channel
    found = officer.get(f"Datastreams({channel})/Observations", resultFormat="dataArray", select="result,phenomenonTime", top=2)
    (array,) = found["value"]
    assert array["components"] == ["phenomenonTime", "result"]
    assert array["dataArray"] == [["2026-11-22T00:56:00.000Z", 0.0], ["2026-11-22T00:57:00.000Z", 0.1]]
    assert array["Datastream@iot.navigationLink"].endswith(f"/Datastreams({channel})")


def test_expanding_is_bounded(plants, officer):
    deep = "Datastreams($expand=Thing($expand=Datastreams($expand=Thing($expand=Datastreams($expand=Thing($expand=Datastreams))))))"
    assert officer.client.get(f"{ROOT}/Things", {"$expand": deep}).json()["code"] == "things_bad_option"


def test_a_page_of_things_costs_few_queries(plants, officer):
    officer.get("Things")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        officer.get("Datastreams", expand="Sensor,ObservedProperty")
    assert len(asked) < 16


# --- Jurisdiction -----------------------------------------------------------------------------------------------------

MARK = "右岸翡翠"


@pytest.fixture
def marked(plants):
    """Everything of the other county carries a mark, and everything is told of by its identifiers too."""
    _ours, theirs = plants
    devices.change_device(theirs.device.id, {"name": MARK}, actor=LOADER, now=NOW)
    devices.change_sensor(theirs.pressure.id, {"name": MARK}, actor=LOADER, now=NOW)
    return theirs


def secrets_of(plant):
    return [MARK, str(plant.device.id), f"({plant.pressure.channel})", f"({plant.gas.channel})", f"'{plant.pressure.channel}-"]


def test_another_countys_things_are_nowhere(plants, marked, officer):
    secrets = secrets_of(marked)
    addresses = [
        *SETS,
        *(f"{plural}/$ref" for plural in SETS),
        "Things?$expand=Datastreams($expand=Observations,Sensor,ObservedProperty($expand=Datastreams)),Locations($expand=Things),HistoricalLocations",
        "Datastreams?$expand=Thing,Observations&$count=true",
        "ObservedProperties('pressure')/Datastreams?$expand=Thing",
        "ObservedProperties?$expand=Datastreams($expand=Thing,Sensor)",
        "FeaturesOfInterest?$expand=Observations($expand=Datastream)",
        "Observations?$resultFormat=dataArray",
        "Observations?$expand=Datastream($expand=Thing),FeatureOfInterest",
    ]
    for address in addresses:
        answer = officer.client.get(f"{ROOT}/{address}")
        assert answer.status_code == 200, (address, answer.content.decode())
        for secret in secrets:
            assert secret not in answer.content.decode(), (address, secret)
    assert officer.get("Things", count="true")["@iot.count"] == 1
    assert officer.get("Observations", count="true")["@iot.count"] == 5


def test_another_countys_things_cannot_be_addressed_asked_for_or_probed(plants, marked, officer):
    ours = plants[0]
    channel, other = ours.pressure.channel, marked.pressure.channel
    for kind, key in itertools.chain(
        ((plural, f"'{marked.device.id}'") for plural in ("Things", "Locations", "HistoricalLocations", "FeaturesOfInterest")),
        ((plural, str(other)) for plural in ("Datastreams", "Sensors")),
        [("Observations", f"'{other}-{MS}'")],
    ):
        for tail in ("", "/$ref", "/name", *(f"/{link}" for link in SETS[kind].links)):
            assert officer.client.get(f"{ROOT}/{kind}({key}){tail}").status_code == 404, (kind, tail)
    for address, condition in (
        ("Things", f"name eq '{MARK}'"),
        ("Things", f"Datastreams/name eq '{MARK}'"),
        ("Things", f"id eq '{marked.device.id}'"),
        ("Datastreams", f"id eq {other}"),
        ("Datastreams", f"Thing/name eq '{MARK}'"),
        ("Observations", f"Datastream/id eq {other}"),
        ("Observations", f"id eq '{other}-{MS}'"),
        ("Observations", f"FeatureOfInterest/name eq '{MARK}'"),
    ):
        assert officer.get(address, filter=condition, count="true")["@iot.count"] == 0, condition
    # A link is followed only to what may be seen: nothing is learnt by asking through it.
    assert officer.get(f"Things('{ours.device.id}')/Datastreams({other})", 404)["code"] == "things_not_found"
    assert officer.get(f"Datastreams({channel})/Thing")["@iot.id"] == str(ours.device.id)


def test_a_point_seen_beside_a_device_that_is_not_tells_nothing_of_it(plants, officer):
    theirs = plants[1]
    Sensor.objects.filter(pk=theirs.gas.id).update(place_code="370102", name="借来的测点")
    devices.change_device(theirs.device.id, {"name": MARK}, actor=LOADER, now=NOW)
    channel = theirs.gas.channel
    assert officer.get(f"Datastreams({channel})/name")["name"] == "借来的测点"
    assert officer.client.get(f"{ROOT}/Datastreams({channel})/Thing").status_code == 404
    assert "Thing" not in officer.get(f"Datastreams({channel})", expand="Thing")
    assert officer.get("Datastreams", filter=f"Thing/name eq '{MARK}'", count="true")["@iot.count"] == 0
    assert officer.get("Datastreams", filter=f"id eq {channel} and Thing/name eq null", count="true")["@iot.count"] == 1
    assert officer.get("Things", filter="Datastreams/name eq '借来的测点'", count="true")["@iot.count"] == 0
    ordered = officer.get("Datastreams", orderby="Thing/name")
    assert MARK not in str(ordered)


def test_a_credential_sees_its_own_enterprise_and_nobody_sees_anything_unasked(plants, marked):
    ours = plants[0]
    machine = machine_of(ours)
    assert ids(machine.get("Things")) == [str(ours.device.id)]
    assert machine.client.get(f"{ROOT}/Things", headers={"Authorization": "Basic eDp5"}).status_code == 401
    assert Client().get(f"{ROOT}/Things").status_code == 401
    assert client_for("audit_admin", "370102").get(f"{ROOT}/Things").status_code == 403
    assert len(ids(Asking(client_for("duty_officer", "370100")).get("Things"))) == 2
