"""Creating and changing by the SensorThings API: the registry's own verbs, the stream's own intake, and typed refusals for the rest."""

import json
from datetime import timedelta

import pytest
from tests.accounts import client_for
from tests.rooms.sense.plant import LOADER, NOW
from tests.rooms.sense.things.conftest import MS, ROOT, Asking, machine_of

from anlan.ledger.models import AuditEntry
from anlan.sense.devices import door as devices
from anlan.sense.devices.models import Device, Sensor
from anlan.sense.things.models import Description
from anlan.sense.uplink import services as uplink

pytestmark = pytest.mark.django_db

THING = {
    "name": "3 号罐区网关",
    "description": "液氯储罐区",
    "properties": {"code": "GW-3", "deviceClass": "gateway", "manufacturer": "示例", "maintainer": "甲班"},
    "Locations": [
        {
            "name": "罐区北",
            "description": "北侧",
            "encodingType": "application/geo+json",
            "location": {"type": "Point", "coordinates": [117.06, 36.67]},
        }
    ],
    "Datastreams": [
        {
            "name": "北侧氯气",
            "description": "氯气体积分数",
            "unitOfMeasurement": {"name": "ppm", "symbol": "ppm", "definition": "ppm"},
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "ObservedProperty": {"@iot.id": "gas_toxic_ppm"},
            "Sensor": {
                "name": "电化学探头",
                "description": "B 型",
                "encodingType": "application/pdf",
                "metadata": "https://example.org/b.pdf",
            },
            "properties": {"code": "CL2-N"},
        }
    ],
}


@pytest.fixture
def kept(monkeypatch):
    """What would go to the stream."""
    found = []

    class Line:
        def store(self, messages):
            found.extend(messages)
            return False

        def await_known(self, device):
            pass

    monkeypatch.setattr(uplink, "line", lambda _url: Line())
    return found


@pytest.fixture
def machine(plants, kept):
    return machine_of(plants[0])


@pytest.fixture
def manager(plants):
    asking = Asking(client_for("enterprise_manager", "370102", enterprise_id=plants[0].enterprise.pk))
    asking.client.handler.enforce_csrf_checks = False
    return asking


def test_a_machine_enters_a_thing_with_everything_below_it(plants, machine):
    made = machine.send("post", "Things", THING)
    device = Device.objects.get(pk=made["@iot.id"])
    point = Sensor.objects.get(device=device)
    assert (device.code, device.device_class, device.credential_id, device.state) == (
        "GW-3",
        "gateway",
        plants[0].issued.credential.id,
        "in_use",
    )
    assert (device.longitude, point.code, point.sensor_class, point.unit) == (117.06, "CL2-N", "gas_toxic_ppm", "ppm")
    told = machine.get(f"Things('{device.pk}')", expand="Locations,Datastreams/Sensor,Datastreams/ObservedProperty")
    assert (told["description"], told["properties"]["maintainer"], told["Locations"][0]["name"]) == ("液氯储罐区", "甲班", "罐区北")
    (stream,) = told["Datastreams"]
    assert (stream["description"], stream["Sensor"]["name"], stream["Sensor"]["metadata"]) == (
        "氯气体积分数",
        "电化学探头",
        "https://example.org/b.pdf",
    )
    assert stream["ObservedProperty"]["@iot.id"] == "gas_toxic_ppm"
    assert machine.get("Things", filter="properties/maintainer eq '甲班' and description eq '液氯储罐区'")["value"][0]["@iot.id"] == str(
        device.pk
    )
    entered = AuditEntry.objects.filter(subject_id=str(device.pk)).latest("sequence")
    assert plants[0].issued.credential.username in str(vars(entered))


def test_nothing_of_a_thing_stays_when_part_of_it_is_refused(plants, machine):
    broken = {**THING, "Datastreams": [*THING["Datastreams"], {**THING["Datastreams"][0], "ObservedProperty": {"name": "心情"}}]}
    assert machine.send("post", "Things", broken, 400)["code"] == "things_unknown_observed_property"
    assert not Device.objects.filter(code="GW-3").exists() and not Description.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "things_bad_entity"),
        ({"properties": {"code": "no code!"}}, "invalid"),
        ({"properties": {"code": "D1"}}, "invalid"),
        ({"properties": 3}, "things_bad_entity"),
        ({"properties": {"deviceClass": "spaceship"}}, "things_bad_entity"),
        ({"properties": {"state": "asleep"}}, "things_bad_entity"),
        ({"Locations": [{"location": {"type": "Point", "coordinates": [36.67, 117.06]}}]}, "impossible_coordinates"),
        ({"Locations": [{"location": {"type": "Polygon", "coordinates": [[[1, 1]]]}}]}, "things_not_supported"),
        ({"Locations": [{}, {}]}, "things_bad_entity"),
        (
            {"Datastreams": [{"name": "x", "ObservedProperty": {"@iot.id": "pressure"}, "Observations": [{"result": 1}]}]},
            "things_created_elsewhere",
        ),
    ],
)
def test_things_that_cannot_be_are_refused(machine, change, code):
    answer = machine.client.post(
        f"{ROOT}/Things", json.dumps({**THING, **change}), content_type="application/json", headers=machine.headers
    )
    assert 400 <= answer.status_code <= 501
    assert answer.json()["code"] == code


def test_a_machine_enters_but_neither_changes_nor_stops_nor_reaches_another_enterprise(plants, machine):
    ours, theirs = plants
    assert machine.send("patch", f"Things('{ours.device.id}')", {"properties": {"state": "stopped"}}, 403)["code"] == "not_permitted"
    assert machine.send("post", f"Things('{ours.device.id}')/Locations", THING["Locations"][0], 403)["code"] == "not_permitted"
    assert machine.send("post", f"Things('{theirs.device.id}')/Datastreams", THING["Datastreams"][0], 404)["code"] == "things_not_found"
    stolen = {**THING["Datastreams"][0], "Thing": {"@iot.id": str(theirs.device.id)}}
    assert machine.send("post", "Datastreams", stolen, 404)["code"] == "things_not_found"
    made = machine.send(
        "post", "Things", {**THING, "properties": {"code": "X", "enterprise": str(theirs.enterprise.pk), "state": "retired"}}
    )
    assert Device.objects.get(pk=made["@iot.id"]).enterprise_id == ours.enterprise.pk
    assert Device.objects.get(pk=ours.device.id).state == "in_use"


def test_a_person_changes_what_the_registry_allows(plants, manager):
    ours = plants[0]
    thing = f"Things('{ours.device.id}')"
    changed = manager.send("patch", thing, {"name": "新名称", "description": "说明", "properties": {"manufacturer": "乙", "own": 1}}, 200)
    assert (changed["name"], changed["description"], changed["properties"]["manufacturer"], changed["properties"]["own"]) == (
        "新名称",
        "说明",
        "乙",
        1,
    )
    manager.send("patch", thing, [{"op": "replace", "path": "/properties/manufacturer", "value": "丙"}], 200, "application/json-patch+json")
    manager.send("patch", f"Locations('{ours.device.id}')", {"location": {"type": "Point", "coordinates": [117.1, 36.7]}}, 200)
    device = Device.objects.get(pk=ours.device.id)
    assert (device.name, device.manufacturer, device.longitude) == ("新名称", "丙", 117.1)
    stream = f"Datastreams({ours.gas.channel})"
    assert manager.send("patch", stream, {"properties": {"rangeHigh": 50, "decimals": 1}}, 200)["properties"]["rangeHigh"] == 50
    assert manager.send("patch", f"Sensors({ours.gas.channel})", {"metadata": "x"}, 200)["metadata"] == "x"


@pytest.mark.parametrize(
    ("method", "address", "body", "code"),
    [
        ("patch", "Datastreams({channel})", {"unitOfMeasurement": {"symbol": "x"}}, "things_not_changeable"),
        ("patch", "Datastreams({channel})", {"properties": {"decimals": "many"}}, "things_bad_entity"),
        ("patch", "ObservedProperties('pressure')", {"name": "x"}, "things_not_changeable"),
        ("patch", "Observations('{channel}-{ms}')", {"result": 5}, "things_not_changeable"),
        ("patch", "Things", {"name": "x"}, "things_not_supported"),
        ("delete", "Things('{device}')", {}, "things_not_changeable"),
        ("delete", "Observations('{channel}-{ms}')", {}, "things_not_changeable"),
        ("post", "Sensors", {"name": "x"}, "things_created_elsewhere"),
        ("post", "ObservedProperties", {"name": "x"}, "things_created_elsewhere"),
        ("post", "FeaturesOfInterest", {"name": "x"}, "things_created_elsewhere"),
        ("post", "Things('{device}')", {"name": "x"}, "things_not_supported"),
        ("post", "Datastreams({channel})/Observations", {"result": 5}, "things_only_machines"),
        ("patch", "Things('{device}')", [], "things_bad_entity"),
    ],
)
def test_what_cannot_be_changed_is_refused_with_its_reason(plants, manager, method, address, body, code):
    ours = plants[0]
    path = address.format(channel=ours.pressure.channel, device=ours.device.id, ms=MS)
    answer = getattr(manager.client, method)(f"{ROOT}/{path}", json.dumps(body), content_type="application/json")
    assert 400 <= answer.status_code <= 501
    assert answer.json()["code"] == code


def test_a_browsers_session_needs_its_form_token(plants):
    client = client_for("enterprise_manager", "370102", enterprise_id=plants[0].enterprise.pk)
    client.handler.enforce_csrf_checks = True
    answer = client.post(f"{ROOT}/Things", json.dumps(THING), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "form_token_missing")


def test_an_observation_goes_the_way_of_every_reading(plants, machine, kept):
    ours = plants[0]
    made = machine.send(
        "post", f"Datastreams({ours.pressure.channel})/Observations", {"result": 0.85, "phenomenonTime": "2026-11-22T00:59:59Z"}
    )
    assert made["@iot.id"] == f"{ours.pressure.channel}-{MS - 1000}"
    (message,) = kept
    assert message.subject == f"$MQTT.msgs.anlan.in.{ours.issued.credential.username}.D1"
    assert json.loads(message.payload) == [{"t": MS - 1000, "v": {"PT-1": 0.85}}]
    machine.send("post", "Observations", {"result": 1, "Datastream": {"@iot.id": ours.pressure.channel}})
    assert json.loads(kept[1].payload) == [{"t": MS, "v": {"PT-1": 1.0}}]
    said = (f"Datastreams({ours.pressure.channel})/Observations", {"result": 1, "parameters": {"exercise": True}})
    until = NOW + timedelta(hours=1)
    assert "exercise" not in machine.send("post", *said).get("resultQuality", [])
    devices.announce_exercise(ours.enterprise.pk, since=NOW, until=until, reason="演练", actor=LOADER, now=NOW)
    assert machine.send("post", *said)["resultQuality"] == ["exercise"]
    assert json.loads(kept[2].payload) == [{"t": MS, "v": {"PT-1": 1.0}, "exercise": True}]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"result": "high"}, "reading_not_a_number"),
        ({}, "reading_bad_observation"),
        ({"result": 1, "phenomenonTime": "noon"}, "reading_bad_time"),
        ({"result": 1, "phenomenonTime": "2020-01-01T00:00:00Z"}, "reading_clock_behind"),
    ],
)
def test_an_observation_that_cannot_be_used_is_refused(plants, machine, body, code):
    answer = machine.client.post(
        f"{ROOT}/Datastreams({plants[0].pressure.channel})/Observations",
        json.dumps(body),
        content_type="application/json",
        headers=machine.headers,
    )
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_data_arrays_create_observations_and_tell_which_were_wrong(plants, machine, kept):
    ours, theirs = plants
    array = {
        "Datastream": {"@iot.id": ours.pressure.channel},
        "components": ["phenomenonTime", "result"],
        "dataArray@iot.count": 4,
        "dataArray": [
            ["2026-11-22T00:59:57Z", 0.1],
            ["2026-11-22T00:59:58Z", "x"],
            ["2026-11-22T00:59:59Z", 0.3],
            ["2020-01-01T00:00:00Z", 1],
        ],
    }
    links = machine.send("post", "CreateObservations", [array])
    assert [link.rpartition("/")[2] for link in links] == [
        f"Observations('{ours.pressure.channel}-{MS - 3000}')",
        "error",
        f"Observations('{ours.pressure.channel}-{MS - 1000}')",
        "error",
    ]
    assert sum(len(json.loads(message.payload)) for message in kept) == 2
    elsewhere = {**array, "Datastream": {"@iot.id": theirs.pressure.channel}}
    assert machine.send("post", "CreateObservations", [elsewhere], 404)["code"] == "things_not_found"


def test_a_batch_answers_each_request_and_refers_to_what_it_made(plants, machine, kept):
    ours = plants[0]
    told = machine.send(
        "post",
        "$batch",
        {
            "requests": [
                {"id": "1", "method": "post", "url": "Things", "body": {"name": "B-1"}},
                {"id": "2", "method": "post", "url": "$1/Datastreams", "body": THING["Datastreams"][0]},
                {"id": "3", "method": "get", "url": "Things?$filter=name eq 'B-1'&$expand=Datastreams&$count=true"},
                {"id": "4", "method": "get", "url": "Things('nothing')"},
                {"id": "5", "method": "post", "url": f"/v1.1/Datastreams({ours.gas.channel})/Observations", "body": {"result": 2}},
            ]
        },
        200,
    )
    assert [(response["id"], response["status"]) for response in told["responses"]] == [
        ("1", 201),
        ("2", 201),
        ("3", 200),
        ("4", 404),
        ("5", 201),
    ]
    assert told["responses"][2]["body"]["value"][0]["Datastreams"][0]["name"] == "北侧氯气"
    assert told["responses"][3]["body"]["code"] == "things_not_found"
    assert len(kept) == 1


def test_a_group_of_a_batch_is_done_whole_or_not_at_all(plants, machine):
    told = machine.send(
        "post",
        "$batch",
        {
            "requests": [
                {"id": "1", "atomicityGroup": "g", "method": "post", "url": "Things", "body": {"name": "G-1"}},
                {"id": "2", "atomicityGroup": "g", "method": "post", "url": "Things", "body": {"name": ""}},
                {"id": "3", "method": "post", "url": "Things", "body": {"name": "G-3"}},
            ]
        },
        200,
    )
    assert [(response["id"], response["status"]) for response in told["responses"]] == [("1", 424), ("2", 400), ("3", 201)]
    assert set(Device.objects.filter(code__startswith="G-").values_list("code", flat=True)) == {"G-3"}


def test_what_was_said_of_another_enterprises_equipment_is_not_told(plants, machine, manager):
    theirs = plants[1]
    Description.objects.create(
        entity="Thing", subject=theirs.device.id, enterprise_id=theirs.enterprise.pk, place_code="370103", description="机密"
    )
    assert "机密" not in json.dumps(machine.get("Things"), ensure_ascii=False)
    assert machine.get("Things", filter="description eq '机密'", count="true")["@iot.count"] == 0
