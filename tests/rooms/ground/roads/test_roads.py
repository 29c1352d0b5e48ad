"""A net is imported, called off, put in force; closures hold for whom they are meant, from when until when; others see none of it."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.accounts import LOADER, client_for
from tests.rooms.jinan import NOW, actor

from anlan.ground.roads import answering, command, door, drawn, intake, keeping, netting, queries, rules, services
from anlan.ground.roads.models import RoadClosure, RoadNetwork
from anlan.kernel.errors import Invalid, NotFound, NotPermitted
from anlan.ledger.models import Announcement, AuditEntry
from anlan.routing import synthetic
from anlan.routing.refusals import NetworkUnreadable, NoRoute

HERE, THERE, CITY = "370102", "370103", "370100"
CORNER = (117.0, 36.6)
TILE = (int(2**13 * (117.02 / 360 + 0.5)), int(2**13 * (0.5 - math.asinh(math.tan(math.radians(36.62))) / (2 * math.pi))))
"""Column and row of a tile within the net at zoom 13."""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """A folder of the node's own."""
    settings.ANLAN = {**settings.ANLAN, "HOME": tmp_path}
    keeping._loaded.clear()
    return tmp_path


@pytest.fixture
def net() -> RoadNetwork:
    """A net over two counties, in force."""
    made = synthetic.grid(20, 20, corner=CORNER)
    key = door.keep_network(made, name="测试路网", source="程序生成", licence="", place_code=CITY, generated=True, actor=LOADER, now=NOW)
    return RoadNetwork.objects.get(pk=key)


def clerk(place_code: str = HERE) -> Any:
    return actor("bureau_clerk", place_code)


def close(**more: Any) -> RoadClosure:
    values: dict[str, Any] = {
        "name": "一号路口",
        "reason": "塌陷",
        "place_code": HERE,
        "shape": "point",
        "points": ((CORNER[0] + 0.025, CORNER[1] + 0.025),),
        "radius_m": 400.0,
        "actor": clerk(),
        "now": NOW,
    }
    return services.close_road(**(values | more))


def upload(content: bytes | str, name: str = "roads.geojson") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def line(*points: tuple[float, float], **said: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "LineString", "coordinates": points}, "properties": said}


GOOD = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [line((117.0, 36.6), (117.01, 36.6), highway="primary"), line((117.0, 36.6)), line((117.01, 36.6), (117.01, 36.61))],
    }
)


def ask(content: str = GOOD, name: str = "roads.geojson", **more: Any) -> RoadNetwork:
    values = {
        "name": "历下路网",
        "source": "测试",
        "licence": "ODbL",
        "place_code": HERE,
        "actor": clerk(),
        "now": NOW,
        "queue": lambda _: None,
    }
    return intake.ask(upload(content, name), **(values | more))


def test_without_a_net_nothing_is_reckoned_and_the_refusal_says_what_to_do() -> None:
    assert door.network(NOW) is None
    with pytest.raises(rules.NoNetwork):
        door.route(CORNER, CORNER, vehicle="car", at=NOW)


def test_a_closure_holds_from_its_beginning_until_it_is_opened(net: RoadNetwork) -> None:
    start, end = (CORNER[0] + 0.01, CORNER[1] + 0.025), (CORNER[0] + 0.04, CORNER[1] + 0.025)
    before = door.route(start, end, vehicle="fire_engine", at=NOW)
    later = NOW + timedelta(hours=1)
    row = close(from_at=later)
    closed = {int(edge) for edge in answering.edges_of(answering.present(NOW), row)}
    assert set(before.edges) & closed
    assert door.route(start, end, vehicle="fire_engine", at=NOW).seconds == before.seconds
    around = door.route(start, end, vehicle="fire_engine", at=later)
    assert around.seconds > before.seconds and not set(around.edges) & closed
    assert door.arrivals([start], end, vehicle="fire_engine", at=later)[0].seconds == pytest.approx(around.seconds)  # type: ignore[union-attr]
    opened = door.open_road(row.pk, reason="已修复", actor=clerk(), now=later)
    assert opened.state == rules.OPENED
    assert door.route(start, end, vehicle="fire_engine", at=later).seconds == before.seconds
    with pytest.raises(rules.AlreadyOpened):
        services.open_road(row.pk, reason="再解除", actor=clerk(), now=later)
    kinds = list(Announcement.objects.filter(kind__startswith="roads.").order_by("id").values_list("kind", flat=True))
    assert kinds == ["roads.enacted", "roads.closed", "roads.opened"]
    assert AuditEntry.objects.filter(action__in=("roads.close", "roads.open"), subject_id=str(row.pk)).count() == 2


def test_a_closure_moved_closes_the_new_place_at_once(net: RoadNetwork) -> None:
    row = close()
    before = set(answering.edges_of(answering.present(NOW), row).tolist())
    moved = services.change_closure(
        row.pk,
        name=row.name,
        reason=row.reason,
        place_code=HERE,
        shape="line",
        points=((CORNER[0], CORNER[1] + 0.0401), (CORNER[0] + 0.05, CORNER[1] + 0.0401)),
        radius_m=80.0,
        from_at=None,
        until_at=None,
        actor=clerk(),
        now=NOW,
    )
    after = set(answering.edges_of(answering.present(NOW), moved).tolist())
    assert after and not after & before


def test_traffic_control_lets_a_fire_engine_through_and_an_exercise_closes_only_the_exercise(net: RoadNetwork) -> None:
    start, end = (CORNER[0] + 0.01, CORNER[1] + 0.025), (CORNER[0] + 0.04, CORNER[1] + 0.025)
    free = {code: door.route(start, end, vehicle=code, at=NOW).seconds for code in ("car", "fire_engine")}
    row = close(lets_emergency_pass=True)
    assert door.route(start, end, vehicle="fire_engine", at=NOW).seconds == free["fire_engine"]
    assert door.route(start, end, vehicle="car", at=NOW).seconds > free["car"]
    services.open_road(row.pk, reason="结束", actor=clerk(), now=NOW)
    close(exercise=True)
    assert door.route(start, end, vehicle="car", at=NOW).seconds == free["car"]
    assert door.route(start, end, vehicle="car", at=NOW, exercise=True).seconds > free["car"]
    assert [each.exercise for each in door.closures(NOW)] == [True]


def test_every_wrong_input_of_a_closure_is_named_and_one_that_meets_no_road_is_refused(net: RoadNetwork) -> None:
    with pytest.raises(Invalid) as refused:
        close(name=" ", reason="", radius_m=0, until_at=NOW - timedelta(hours=1))
    assert set(refused.value.fields) == {"name", "reason", "radius_m", "until_at"}
    with pytest.raises(Invalid) as refused:
        close(points=((117.0239, 36.6239),), radius_m=1.0)
    assert isinstance(refused.value.fields["coordinates_text"], rules.ClosesNothing)
    close(points=((118.5, 36.6),))  # outside the net nobody can say
    with pytest.raises(rules.WrongCoordinates, match="2"):
        rules.parse_coordinates("117.05,36.66\n36.66,117.05")


def test_a_file_is_read_and_kept_with_its_report_and_only_put_in_force_by_hand(net: RoadNetwork, home: Path) -> None:
    row = ask()
    intake.work(row.pk)
    row.refresh_from_db()
    assert (row.state, row.nodes, row.edges, row.features_read, row.features_kept, row.features_bad) == (rules.READY, 3, 4, 3, 2, 1)
    assert row.complaints[0]["facts"] == {"where": "#2"}
    assert not list((home / "roads" / "uploads").iterdir())
    assert queries.in_force(NOW) == net
    # The net of the city is not put aside by one of its counties.
    with pytest.raises(rules.BroaderNetworkInForce):
        services.enact(row.pk, actor=clerk(), now=NOW)
    with pytest.raises(NotPermitted):
        services.enact(net.pk, actor=clerk(), now=NOW)
    for_city = ask(place_code=CITY, actor=clerk(CITY))
    intake.work(for_city.pk)
    services.enact(for_city.pk, actor=clerk(CITY), now=NOW + timedelta(minutes=1))
    assert queries.in_force(NOW + timedelta(minutes=1)) == for_city
    assert queries.in_force(NOW) == net  # what was reckoned then can be reckoned again


def test_a_broken_file_says_where_and_leaves_the_net_in_force(net: RoadNetwork) -> None:
    row = ask(GOOD[:-40])
    intake.work(row.pk)
    row.refresh_from_db()
    assert row.state == rules.FAILED
    assert row.failure["facts"]["where"].startswith("line 1, column ")
    with pytest.raises(rules.NotReady):
        services.enact(row.pk, actor=clerk(), now=NOW)
    assert queries.in_force(NOW) == net


def test_an_import_is_called_off_while_it_waits_and_while_it_runs(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    waiting = ask()
    intake.cancel(waiting.pk, actor=clerk(), now=NOW)
    intake.work(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == rules.CANCELLED and not waiting.nodes
    running = ask()
    read = intake.importing.read

    def called_off_meanwhile(*arguments: Any, **hooks: Any) -> Any:
        RoadNetwork.objects.filter(pk=running.pk).update(cancel_asked=True)
        return read(*arguments, **hooks)

    monkeypatch.setattr(intake.importing, "read", called_off_meanwhile)
    intake.work(running.pk)
    running.refresh_from_db()
    assert running.state == rules.CANCELLED
    assert not list((home / "roads").glob("*.npz")) and not list((home / "roads" / "uploads").iterdir())
    with pytest.raises(rules.NotRunning):
        intake.cancel(running.pk, actor=clerk(), now=NOW)


def test_a_net_whose_file_is_gone_is_not_put_in_force(net: RoadNetwork) -> None:
    row = ask()
    intake.work(row.pk)
    keeping.path_of(row.pk).unlink()
    with pytest.raises(NetworkUnreadable):
        services.enact(row.pk, actor=clerk(), now=NOW)


def test_the_command_imports_a_file_and_names_its_troubles(home: Path, jinan_places: None, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "roads.geojson").write_text(GOOD, encoding="utf-8")
    assert command.main(["import", str(home / "roads.geojson"), "--place", CITY, "--enact"]) == 0
    said = capsys.readouterr().out
    assert "2 roads of 3 features: 3 nodes, 4 edges" in said and "#2" in said and "in force" in said
    (home / "broken.geojson").write_text(GOOD[:50], encoding="utf-8")
    assert command.main(["import", str(home / "broken.geojson")]) == 1
    assert "line 1" in capsys.readouterr().err


def test_the_neighbour_sees_and_opens_no_closure_but_his_routes_heed_it(net: RoadNetwork) -> None:
    row = close()
    neighbour = clerk(THERE)
    assert door.closures(NOW, actor=neighbour) == () and len(door.closures(NOW, actor=clerk())) == 1
    with pytest.raises(NotFound):
        services.open_road(row.pk, reason="x", actor=neighbour, now=NOW)
    with pytest.raises(NotPermitted):
        close(actor=neighbour)
    assert queries.one_network(net.pk, neighbour) == net  # the city's net, by which he reckons too
    with pytest.raises(NotFound):
        queries.one_network(ask().pk, neighbour)


def test_the_api_answers_in_geojson_and_refuses_in_words(net: RoadNetwork, clock: Any) -> None:
    clock.set(NOW)
    close(name="二号路口")
    client: Client = client_for("bureau_clerk", HERE)
    ends = {"from": "117.01,36.61", "to": "117.04,36.64"}
    found = client.get(reverse("roads:api_route"), ends | {"vehicle": "ambulance"}).json()
    assert found["geometry"]["type"] == "LineString" and found["properties"]["seconds"] > 60
    assert found["properties"]["network"]["generated"] is True and found["properties"]["speeds"]["status"] == "unverified"
    areas = client.get(reverse("roads:api_isochrone"), {"from": "117.02,36.62", "minutes": "1,3"}).json()
    assert [feature["properties"]["minutes"] for feature in areas["features"]] == [3.0, 1.0]
    rows = client.get(reverse("roads:api_arrivals"), {"from": "117.01,36.61;119,37", "to": ends["to"]}).json()["arrivals"]
    assert rows[0]["seconds"] > 60 and rows[1] is None
    (closed,) = client.get(reverse("roads:api_closed")).json()["features"]
    assert closed["properties"]["title"] == "二号路口" and closed["properties"]["panel"] == f"/map/object/road-closures/{closed['id']}/"
    outline, roads, middle = closed["geometry"]["geometries"]
    assert (outline["type"], roads["type"], middle["coordinates"]) == ("Polygon", "MultiLineString", [117.025, 36.625])
    assert len(roads["coordinates"]) == len(answering.edges_of(answering.present(NOW), queries.closures(None).get(pk=closed["id"])))
    assert not client.get(reverse("roads:api_closed"), {"bbox": "100,30,101,31"}).json()["features"]
    assert not client.get(reverse("roads:api_closed"), {"at": (NOW - timedelta(hours=1)).isoformat()}).json()["features"]
    ring = [[117.03, 36.63], [117.05, 36.63], [117.05, 36.65], [117.03, 36.65], [117.03, 36.63]]
    for given, code in (
        ({"from": "1", "to": ends["to"]}, "roads_question"),
        (ends | {"vehicle": "tank"}, "roads_question"),
        (ends | {"at": "soon"}, "roads_question"),
        (ends | {"avoid": '{"type": "Point"}'}, "roads_question"),
        (ends | {"to": "118.9,36.9"}, "roads_too_far"),
        (ends | {"avoid": json.dumps({"type": "Polygon", "coordinates": [ring]})}, "roads_end_in_danger"),
    ):
        answer = client.get(reverse("roads:api_route"), given)
        assert (answer.status_code in (409, 422), answer.json()["code"]) == (True, code), given
    assert Client().get(reverse("roads:api_route"), ends).status_code == 401


def test_pages_close_try_and_open_a_road(net: RoadNetwork, clock: Any, jinan_places: None) -> None:
    clock.set(NOW)
    client: Client = client_for("bureau_clerk", HERE)
    given = {"name": "经十路口", "place_code": HERE, "shape": "point", "reason": "积水", "radius_m": "400"}
    wrong = client.post(reverse("desk:road-closures-create"), given | {"coordinates_text": "36.6,117"})
    assert wrong.status_code == 422 and "第 1 个点" in wrong.content.decode()
    made = client.post(reverse("desk:road-closures-create"), given | {"coordinates_text": "117.025，36.625"})
    row = RoadClosure.objects.get(name="经十路口")
    assert made.status_code == 302
    page = client.get(reverse("roads:overview"), {"start": "117.01,36.61", "end": "117.04,36.64", "vehicle": "fire_engine"})
    said = page.content.decode()
    assert "经十路口" in said and "行车时间" in said and "未经核实" in said and "程序生成" in said
    assert client.get(reverse("roads:overview"), {"start": "x", "end": "117.04,36.64", "vehicle": "bus"}).status_code == 422
    assert client.post(reverse("roads:open", args=[row.pk]), {"reason": " "}).status_code == 422
    assert client.post(reverse("roads:open", args=[row.pk]), {"reason": "积水已排"}).status_code == 302
    assert "积水已排" in client.get(reverse("roads:closure", args=[row.pk])).content.decode()
    sent = client.post(
        reverse("roads:import"), {"file": upload(GOOD), "name": "新路网", "source": "测绘院", "licence": "", "place_code": HERE}
    )
    new = RoadNetwork.objects.get(name="新路网")
    assert sent.status_code == 302 and new.state == rules.WAITING
    intake.work(new.pk)
    assert "要素 #2" in client.get(reverse("roads:network", args=[new.pk])).content.decode()
    assert (
        client.post(
            reverse("roads:import"), {"file": upload(GOOD, "roads.dwg"), "name": "x", "source": "x", "place_code": HERE}
        ).status_code
        == 422
    )


def test_a_table_of_speeds_of_the_node_itself_is_used(net: RoadNetwork, home: Path) -> None:
    before = door.route((117.01, 36.61), (117.04, 36.64), vehicle="car", at=NOW)
    head = "road_class,car,valid_from,status,source\n"
    rows = "".join(f"{road},5,2026-01-01,verified,本地出动记录\n" for road in ("primary", "secondary", "residential"))
    (home / "roads" / "speeds.csv").write_text(head + rows, encoding="utf-8")
    slow = door.route((117.01, 36.61), (117.04, 36.64), vehicle="car", at=NOW)
    assert slow.seconds > 3 * before.seconds
    assert slow.seconds == pytest.approx(slow.length_m * 3.6 / 5)


def test_no_road_leads_through_a_danger_zone_about_the_end(net: RoadNetwork) -> None:
    middle = (117.024, 36.624)
    outer = tuple((middle[0] + dx * 0.02, middle[1] + dy * 0.02) for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1)))
    inner = tuple((middle[0] + dx * 0.008, middle[1] + dy * 0.008) for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1)))
    with pytest.raises(NoRoute):
        door.route((117.001, 36.601), middle, vehicle="car", at=NOW, avoid=(((outer, inner),),))
    out = door.route(middle, (117.001, 36.601), vehicle="car", at=NOW, avoid=(((inner,),),))
    assert out.seconds > 0


def test_a_closure_is_drawn_as_what_it_is(net: RoadNetwork) -> None:
    now = answering.present(NOW)
    area = close(shape="area", points=((117.0, 36.6), (117.02, 36.6), (117.02, 36.62)), lets_emergency_pass=True, exercise=True)
    told = drawn.closure(area, now)
    assert [part["type"] for part in told["geometry"]["geometries"]] == ["Polygon", "MultiLineString", "Point"]
    assert (told["properties"]["tone"], told["properties"]["title"]) == (drawn.PASSABLE, "【演练】一号路口")
    along = drawn.closure(close(shape="line", points=((117.0, 36.6), (117.01, 36.6), (117.02, 36.6)), radius_m=60.0), None)
    line, middle = along["geometry"]["geometries"]
    assert (line["type"], middle["coordinates"]) == ("MultiLineString", [117.01, 36.6])
    far = drawn.closure(close(points=((119.0, 37.0),)), now)
    assert [part["type"] for part in far["geometry"]["geometries"]] == ["Polygon", "Point"], (
        "what meets no road is shown by its outline alone"
    )
    assert drawn.meets(told, (117.019, 36.601, 117.5, 37.0)) and not drawn.meets(told, (117.03, 36.6, 117.5, 37.0))


def test_the_net_in_force_is_tiles_and_nobody_else_draws_it(net: RoadNetwork, clock: Any) -> None:
    clock.set(NOW)
    client: Client = client_for("bureau_clerk", HERE)
    column, row = TILE
    answer = client.get(reverse("roads:tile", args=[13, column, row]))
    layers = mapbox_vector_tile.decode(answer.content)
    assert set(layers) == {netting.LAYER} and {each["properties"]["main"] for each in layers[netting.LAYER]["features"]} <= {True, False}
    assert client.get(reverse("roads:tile", args=[13, column + 500, row])).status_code == 204
    assert client.get(reverse("roads:tile", args=[3, 1, 1])).status_code == 404
    RoadNetwork.objects.update(in_force_until=NOW - timedelta(minutes=1))
    assert client.get(reverse("roads:tile", args=[13, column, row])).status_code == 204


def test_each_road_is_drawn_once_and_main_roads_from_afar() -> None:
    made = synthetic.grid(20, 20, corner=CORNER)
    once = netting._once(made)
    ends = np.sort(np.stack([made.tail, made.head]), axis=0)
    assert once.sum() == np.unique(ends, axis=1).shape[1] and made.edges == 2 * once.sum()
    assert set(netting._shown(made, 9)) < set(netting._shown(made, 13)) == set(np.flatnonzero(once))
    inside = netting._near(made, 13, *TILE)
    assert 0 < len(inside) < once.sum()
