"""What another system gets: documents as the standards have them, read by a client that others wrote, within one county's walls."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlparse

import mapbox_vector_tile
import pytest
from django.test import Client
from owslib.ogcapi.features import Features
from owslib.util import Authentication
from owslib.wmts import WebMapTileService
from tests.accounts import client_for
from tests.rooms.desk.features.conftest import HERE, issue
from tests.rooms.sense.plant import Plant
from tests.stories.walls import OURS, THEIRS, kinds_that_may

from anlan.command.judgement.models import Run
from anlan.command.judgement.rules import DONE
from anlan.desk.features import documents, painting, results
from anlan.desk.features.parameters import CGCS2000, MOST
from anlan.desk.features.resources import collections
from anlan.desk.features.results import ResultLayer, ResultsProvider, ResultZone
from anlan.desk.mapping import tiles
from anlan.kernel import clock as kernel_clock
from anlan.sense.devices.models import Device

ROUND = ((117.05, 36.65), (117.10, 36.65), (117.10, 36.70), (117.05, 36.70))


@pytest.fixture
def devices(key: SimpleNamespace) -> list[str]:
    """A plant here with seven devices; their ids in order."""
    plant = Plant(1, HERE)
    first = Device.objects.get(pk=plant.device.id)
    told = {f.attname: getattr(first, f.attname) for f in Device._meta.concrete_fields if f.name != "id"}
    for number in range(6):
        Device(**{**told, "code": f"X{number}", "longitude": 117.06 + number / 1000}).save()
    return sorted(str(pk) for pk in Device.objects.values_list("pk", flat=True))


@pytest.fixture
def zones(monkeypatch: pytest.MonkeyPatch) -> ResultLayer:
    """A result that only some may read."""
    layer = ResultLayer(
        run="r1", layer="zones", title="液氯泄漏", about="红：致死", at=kernel_clock.now(), box=(117.05, 36.65, 117.10, 36.70), exercise=True,
        zones=(ResultZone("red", "致死", 1, ((ROUND,),)),),
    )  # fmt: skip
    monkeypatch.setattr(results, "_providers", {})

    def one(actor: Any, run: str, name: str) -> ResultLayer | None:
        return layer if actor.place_code == HERE and (run, name) == ("r1", "zones") else None

    results.register_results(
        ResultsProvider("tests", "alarms.view", lambda actor, _limit: [found] if (found := one(actor, "r1", "zones")) else [], one)
    )
    return layer


def told(client: Client, address: str, status: int = 200, **params: Any) -> Any:
    answer = client.get(address, params)
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def rels(document: Any) -> set[str]:
    return {each["rel"] for each in document["links"]}


@pytest.mark.django_db
def test_every_document_has_the_links_and_members_the_standard_asks(key: SimpleNamespace, devices: list[str]) -> None:
    landing = told(key.client, "/ogc/")
    assert {"self", "service-desc", "service-doc", "conformance", "data"} <= rels(landing)
    assert all(each["href"].startswith("http://testserver/ogc/") for each in landing["links"])
    assert told(key.client, "/ogc/conformance")["conformsTo"] == list(documents.CONFORMANCE)
    listed = told(key.client, "/ogc/collections")
    for each in listed["collections"]:
        assert {"id", "title", "itemType", "extent", "crs", "storageCrs", "links"} <= set(each)
        assert "items" in rels(each)
        alone = told(key.client, f"/ogc/collections/{each['id']}")
        assert {"self", "items", documents.TILESETS} <= rels(alone)
    page = told(key.client, "/ogc/collections/devices/items", limit=2)
    assert page["type"] == "FeatureCollection"
    assert (page["numberReturned"], page["numberMatched"]) == (2, 7)
    assert re.fullmatch(r"2026-11-22T00:00:00Z", page["timeStamp"])
    assert {"self", "alternate", "collection", "next"} <= rels(page)
    one = told(key.client, f"/ogc/collections/devices/items/{devices[0]}")
    assert (one["type"], one["id"]) == ("Feature", devices[0])
    assert {"self", "collection"} <= rels(one)
    assert one["properties"]["url"].startswith("http://testserver/")
    definition = told(key.client, "/ogc/api")
    assert definition["openapi"].startswith("3.0")
    operations = [methods["get"]["operationId"] for methods in definition["paths"].values()]
    assert len(operations) == len(set(operations))
    for path, methods in definition["paths"].items():
        named = {each["name"] for each in methods["get"]["parameters"] if each["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))
    tileset = told(key.client, "/ogc/collections/devices/tiles/WebMercatorQuad")
    (template,) = [each["href"] for each in tileset["links"] if each.get("templated")]
    assert template.endswith("/ogc/collections/devices/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}")
    assert told(key.client, "/ogc/collections/devices/tiles")["tilesets"] == [tileset]
    assert told(key.client, "/ogc/collections/devices/tiles/WebMercatorQuad/tile.json")["tiles"][0].endswith("/{z}/{y}/{x}")
    style = told(key.client, "/ogc/styles/default")
    assert {each["source"] for each in style["layers"] if "source" in each} == set(style["sources"])
    assert all(tiles.startswith("http://testserver/") for source in style["sources"].values() for tiles in source["tiles"])
    assert len(told(key.client, "/ogc/tileMatrixSets/WebMercatorQuad")["tileMatrices"]) == 19


@pytest.mark.django_db
def test_pages_hold_every_feature_once_whatever_is_added_meanwhile(key: SimpleNamespace, devices: list[str]) -> None:
    seen: list[str] = []
    address = "/ogc/collections/devices/items?limit=2"
    while address:
        page = key.client.get(address).json()
        seen += [each["id"] for each in page["features"]]
        following = [each["href"] for each in page["links"] if each["rel"] == "next"]
        address = following[0].removeprefix("http://testserver") if following else ""
        assert not address or parse_qs(urlparse(address).query)["limit"] == ["2"]
        Device.objects.filter(pk=devices[0]).update(updated_at=kernel_clock.now())
    assert seen == devices


@pytest.mark.django_db
def test_features_are_narrowed_by_box_property_and_time_and_told_in_either_order(key: SimpleNamespace, devices: list[str]) -> None:
    items = "/ogc/collections/devices/items"
    inside = told(key.client, items, bbox="117.0595,36.65,117.0615,36.67")
    assert [each["geometry"]["coordinates"] for each in inside["features"]] == [[117.06, 36.66], [117.061, 36.66]]
    swapped = told(key.client, items, bbox="36.65,117.0595,36.67,117.0615", **{"bbox-crs": CGCS2000, "crs": CGCS2000})
    assert [each["geometry"]["coordinates"] for each in swapped["features"]] == [[36.66, 117.06], [36.66, 117.061]]
    assert key.client.get(items, {"crs": CGCS2000})["Content-Crs"] == f"<{CGCS2000}>"
    assert told(key.client, items, place="370103")["features"] == []
    assert told(key.client, items, limit=10**9)["numberReturned"] == len(devices) < MOST
    assert told(key.client, "/ogc/collections/alarms/items", datetime="2020-01-01T00:00:00Z/..")["features"] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("params", "name"),
    [({"bbox": "1,2,3"}, "bbox"), ({"limit": "0"}, "limit"), ({"datetime": "soon"}, "datetime"), ({"state": "nonsense"}, "state"),
     ({"place": "12"}, "place"), ({"offset": "3"}, "offset"), ({"f": "gml"}, "gml"), ({"after": "xx"}, ""), ({"crs": "EPSG:2000"}, "crs")],
)  # fmt: skip
def test_what_cannot_be_read_is_an_exception_of_the_standard_with_our_code_and_sentence(
    key: SimpleNamespace, params: Any, name: str
) -> None:
    refused = told(key.client, "/ogc/collections/devices/items", 400, **params)
    assert refused["code"] != ""
    assert name in refused["description"]
    assert re.search("[\u3400-\u9fff]", refused["description"])


@pytest.mark.django_db
def test_links_are_those_of_the_proxy_before_the_node(key: SimpleNamespace, devices: list[str], settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "data.example.cn"]
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "data.example.cn:8443", "X-Forwarded-Prefix": "/anlan"}
    page = Client().get("/ogc/collections/devices/items?limit=1", headers={**key.basic, **forwarded}).json()
    assert {each["href"].split("/ogc/")[0] for each in page["links"]} == {"https://data.example.cn:8443/anlan"}
    strange = Client().get("/ogc/", headers={**key.basic, "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": '/"><x'}).json()
    assert {each["href"].split("/ogc/")[0] for each in strange["links"]} == {"http://testserver"}


@pytest.mark.django_db
def test_browsers_get_pages_and_anonymous_machines_a_401(devices: list[str]) -> None:
    browser = client_for("duty_officer", HERE)
    html = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for address in (
        "/ogc/",
        "/ogc/conformance",
        "/ogc/api",
        "/ogc/collections",
        "/ogc/collections/devices",
        "/ogc/collections/devices/items",
    ):
        page = browser.get(address, headers=html)
        assert page["Content-Type"].startswith("text/html")
        assert browser.get(address, {"f": "json"}, headers=html)["Content-Type"].split(";")[0].endswith("json")
    assert browser.get(f"/ogc/collections/devices/items/{devices[0]}", headers=html).status_code == 200
    assert browser.get("/ogc/collections/nothing", headers=html).status_code == 404
    assert Client().get("/ogc/").status_code == 401
    assert Client().get("/ogc/", headers=html)["Location"].startswith("/sign-in/")


@pytest.fixture(autouse=True)
def counts_of_tiles_are_made_anew() -> None:
    tiles.forget_counts()


@pytest.mark.django_db
def test_no_key_and_no_browser_of_one_county_is_told_of_the_other(sides: Any) -> None:
    ours, theirs = sides
    foreign = {str(pk) for pk in theirs.ids()}
    for each in collections():
        client = client_for(kinds_that_may(each.action)[0], HERE)
        root = f"/ogc/collections/{each.code}"
        if each.code not in ours.records:
            continue
        answers = [
            client.get(f"{root}/items"),
            client.get(f"{root}/items", {"bbox": "73,3,136,54"}),
            client.get(f"{root}/items", {"f": "html"}),
            client.get(f"{root}/tiles/WebMercatorQuad/0/0/0"),
            client.get(f"{root}/tiles/WebMercatorQuad/6/25/52"),
        ]
        for answer in answers:
            assert answer.status_code in {200, 204}, (each.code, answer.content)
            shown = answer.content.decode(errors="replace")
            assert THEIRS not in shown, each.code
            assert not [pk for pk in foreign if pk in shown], each.code
        assert str(ours.records[each.code].pk) in answers[0].content.decode(), each.code
        assert client.get(f"{root}/items/{ours.records[each.code].pk}").status_code == 200
        assert client.get(f"{root}/items/{theirs.records[each.code].pk}").status_code == 404
    key = issue(name="walled-system")
    for code in ("enterprises", "devices", "alarms"):
        shown = key.client.get(f"/ogc/collections/{code}/items").content.decode()
        assert OURS in shown
        assert THEIRS not in shown
        tile = key.client.get(f"/ogc/collections/{code}/tiles/WebMercatorQuad/6/25/52").content
        assert str(ours.records[code].pk).encode() in tile
        assert str(theirs.records[code].pk).encode() not in tile


def judged(judgement: Any) -> Run:
    """An answered run of a judgement, with two zones."""
    rings = {1: ROUND, 4: tuple((x - 0.01 if x < 117.07 else x, y) for x, y in ROUND)}
    zones = [
        {"code": f"AEGL-{4 - severity}", "label": f"限值{severity}", "limit": 20.0, "unit": "ppm", "minutes": 60.0, "severity": severity,
         "reach_m": 900.0, "band_m": None, "area_m2": 1e6, "arrival_s": 120.0, "departure_s": None, "area": [[ring]], "band_area": [], "frames": []}
        for severity, ring in rings.items()
    ]  # fmt: skip
    now = kernel_clock.now()
    return Run.objects.create(
        judgement=judgement, number=1, kind="toxic", inputs={}, asked_by_id=judgement.pk, asked_by_name="值班员", asked_at=now, state=DONE,
        finished_at=now, result={"zones": zones}, west=117.04, south=36.65, east=117.1, north=36.7,
    )  # fmt: skip


@pytest.mark.django_db
def test_zones_of_judgements_and_outlines_of_counties_stay_within_the_jurisdiction(sides: Any) -> None:
    ours, theirs = (judged(side.records["judgements"]) for side in sides)
    key = issue(name="zones-system")
    found = told(key.client, "/ogc/collections/judgement-zones/items", bbox="117.0,36.6,117.2,36.8")
    assert [each["id"] for each in found["features"]] == [f"{ours.pk}.AEGL-0", f"{ours.pk}.AEGL-3"]
    assert [each["properties"]["tone"] for each in found["features"]] == ["yellow", "red"]
    for ring in (ring for each in found["features"] for polygon in each["geometry"]["coordinates"] for ring in polygon):
        assert ring[0] == ring[-1]
    assert told(key.client, f"/ogc/collections/judgement-zones/items/{ours.pk}.AEGL-3")["properties"]["label"] == "限值1"
    assert told(key.client, f"/ogc/collections/judgement-zones/items/{theirs.pk}.AEGL-3", 404)["code"] == "no_such_feature"
    assert told(key.client, "/ogc/collections/judgement-zones/items", datetime="../2020-01-01T00:00:00Z")["features"] == []
    tile = mapbox_vector_tile.decode(key.client.get("/ogc/collections/judgement-zones/tiles/WebMercatorQuad/10/399/844").content)
    assert {each["properties"]["run_id"] for each in tile["judgement-zones"]["features"]} == {str(ours.pk)}
    listed = key.client.get("/ogc/results/wmts").content.decode()
    assert f"{ours.pk}.zones" in listed
    assert str(theirs.pk) not in listed
    row, column = 1599, 3380
    painted = {pk: key.client.get(f"/ogc/results/{pk}/zones/WebMercatorQuad/12/{row}/{column}.png") for pk in (ours.pk, theirs.pk)}
    assert [each.status_code for each in painted.values()] == [200, 404]
    assert len(painted[ours.pk].content) > len(painting.EMPTY)
    counties = told(key.client, "/ogc/collections/counties/items", bbox="116,36,118,38")
    assert [each["id"] for each in counties["features"]] == [HERE]
    assert told(key.client, f"/ogc/collections/counties/items/{HERE}")["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert key.client.get("/ogc/collections/counties/items/370103").status_code == 404
    city = issue(name="city-system", place_code="370100")
    first = told(city.client, "/ogc/collections/counties/items", limit=1)
    assert first["numberMatched"] > 10
    following = next(each["href"] for each in first["links"] if each["rel"] == "next")
    assert city.client.get(following.removeprefix("http://testserver")).json()["features"][0]["id"] > first["features"][0]["id"]


@pytest.mark.django_db
def test_results_are_pictures_for_those_who_may_read_them(key: SimpleNamespace, zones: ResultLayer) -> None:
    root = "/ogc/results/r1/zones"
    tile = key.client.get(f"{root}/WebMercatorQuad/12/1599/3380.png")
    assert (tile.status_code, tile["Content-Type"]) == (200, "image/png")
    assert tile.content.startswith(b"\x89PNG")
    assert len(tile.content) > len(painting.EMPTY)
    assert key.client.get(f"{root}/legend.png").content.startswith(b"\x89PNG")
    assert key.client.get(f"{root}/WebMercatorQuad/12/1599/3380.png", headers={"If-None-Match": tile["ETag"]}).status_code == 304
    assert key.client.get(f"{root}/WebMercatorQuad/12/5000/0.png").status_code == 404
    other = issue(place_code="370103", name="neighbour-system")
    assert other.client.get(f"{root}/WebMercatorQuad/12/1599/3380.png").status_code == 404
    assert b"r1.zones" not in other.client.get("/ogc/results/wmts").content
    blind = issue(name="blind-system", actions=("devices.view",))
    assert blind.client.get(f"{root}/legend.png").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_client_that_others_wrote_reads_collections_features_tiles_and_results(live_server: Any, request: pytest.FixtureRequest) -> None:
    key = issue()
    plant = Plant(1, HERE)
    auth = Authentication(username=key.key.username, password=key.secret)
    service = Features(f"{live_server.url}/ogc", auth=auth)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in service.conformance()["conformsTo"]
    assert service.api()["openapi"].startswith("3.0")
    assert {"enterprises", "devices", "alarms"} <= set(service.feature_collections())
    assert service.collection("devices")["id"] == "devices"
    found = service.collection_items("devices", bbox=[73, 3, 136, 54], limit=10)
    assert [each["id"] for each in found["features"]] == [str(plant.device.id)]
    assert service.collection_item("devices", str(plant.device.id))["properties"]["name"] == plant.device.name
    with pytest.raises(RuntimeError, match="bad_parameters"):
        service.collection_items("devices", bbox=[1, 2, 3])
    request.getfixturevalue("zones")
    results_service = WebMapTileService(f"{live_server.url}/ogc/results/wmts", username=key.key.username, password=key.secret)
    assert list(results_service.contents) == ["r1.zones"]
    layer = results_service["r1.zones"]
    assert layer.title.endswith("液氯泄漏")
    assert layer.boundingBoxWGS84 == pytest.approx((117.05, 36.65, 117.10, 36.70))
    assert layer.styles["default"]["legend"].endswith("/ogc/results/r1/zones/legend.png")
    picture = results_service.gettile(layer="r1.zones", tilematrixset="WebMercatorQuad", tilematrix="12", row=1599, column=3380)
    assert picture.read().startswith(b"\x89PNG")
    tile = key.client.get("/ogc/collections/devices/tiles/WebMercatorQuad/12/1599/3380")
    assert tile.status_code in {200, 204}
    whole = key.client.get("/ogc/collections/devices/tiles/WebMercatorQuad/0/0/0")
    assert whole["Content-Type"] == "application/vnd.mapbox-vector-tile"
    everything = mapbox_vector_tile.decode(whole.content)
    assert [each["properties"]["id"] for each in everything["devices"]["features"]] == [str(plant.device.id)]
