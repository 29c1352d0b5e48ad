"""The pages that watch points as somebody sees them who may, and as nobody sees them who may not."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.accounts import client_for
from tests.rooms.sense.alarms.telling import told
from tests.rooms.sense.plant import LOADER, Plant

from anlan.desk.guard import guard_of
from anlan.ground.risksources import door as risksources
from anlan.kernel import clock
from anlan.ledger.audit import AuditEntry
from anlan.ledger.models import Announcement
from anlan.sense.alarms import services as alarms
from anlan.sense.devices import door as devices
from anlan.sense.monitor import urls
from anlan.sense.monitor.models import Placement
from anlan.sense.stream import queries as stream
from anlan.sense.stream.rules import StoreSilent
from anlan.wire.blocks import MAINTENANCE

pytestmark = pytest.mark.django_db


@pytest.fixture
def plant():
    return Plant(now=clock.now())


@pytest.fixture
def officer(plant):
    return client_for("duty_officer")


@pytest.fixture
def stranger(plant):
    return client_for("duty_officer", "370103")


class Store:
    """A store that answers what it is told to; ``asked`` keeps the questions."""

    def __init__(self) -> None:
        self.newest: dict[str, list] = {}
        self.curve: dict[str, dict] = {}
        self.figures: dict[str, list] = {}
        self.asked: list[tuple] = []

    def __call__(self, path, *, params=None, body=None, **_more):
        self.asked.append((path, params, body))
        if path == "/latest":
            return {key: value for key, value in self.newest.items() if int(key) in body}
        if path == "/curves":
            return {str(channel): self.curve.get(str(channel), curve([], [])) for channel in body}
        if path == "/figures":
            return {str(channel): self.figures.get(str(channel), [0, 0, 0, 0, 0]) for channel in body}
        if path == "/series":
            return {"time": [], "lowest": [], "highest": [], "mean": [], "count": []}
        raise StoreSilent(reason=f"{path} is not told here")


def curve(times, values, *, width=60_000, gap=240_000, marks=()):
    return {
        "width_ms": width,
        "gap_ms": gap,
        "time": list(times),
        "lowest": [value - 0.1 for value in values],
        "highest": [value + 0.1 for value in values],
        "mean": list(values),
        "last": [None] * len(values),
        "count": [60] * len(values),
        "marks": [list(mark) for mark in marks],
    }


@pytest.fixture
def store(monkeypatch):
    answers = Store()
    monkeypatch.setattr(stream, "ask", answers)
    return answers


@pytest.fixture
def silent(monkeypatch):
    def ask(*_args, **_more):
        raise StoreSilent(reason="away")

    monkeypatch.setattr(stream, "ask", ask)


def now_ms():
    return round(clock.now().timestamp() * 1000)


def alarm_of(plant):
    return alarms.raise_alarm(told(plant, raised_ms=now_ms()), plant.pressure, actor=LOADER, now=clock.now())


ADDRESSES = (
    "points/",
    "points/rows/",
    "points/levels/",
    "table/?p={0}",
    "curves/?p={0}",
    "compare/?p={0}",
    "compare/figures/?p={0}",
    "export/?p={0}",
)


def test_every_address_of_the_room_names_an_action():
    assert {guard_of(pattern.callback) for pattern in urls.urlpatterns} == {"devices.view", "devices.change"}


def test_nobody_who_is_not_signed_in_sees_anything(client, plant):
    for address in (*ADDRESSES, f"enterprises/{plant.enterprise.pk}/"):
        assert client.get(f"/monitor/{address.format(plant.pressure.id)}").status_code == 302, address
    assert client.post(f"/monitor/enterprises/{plant.enterprise.pk}/place/").status_code == 302


def test_a_post_without_devices_sees_none_of_the_pages(plant, store):
    captain = client_for("rescue_team")
    for address in (*ADDRESSES, f"enterprises/{plant.enterprise.pk}/"):
        assert captain.get(f"/monitor/{address.format(plant.pressure.id)}").status_code == 403, address


def test_somebody_of_another_county_finds_none_of_it(plant, stranger, store):
    alarm_of(plant)
    store.newest = {str(plant.pressure.channel): [now_ms(), 1.3, 0]}
    for address in ADDRESSES[3:]:
        assert stranger.get(f"/monitor/{address.format(plant.pressure.id)}").status_code == 404, address
    assert stranger.get(f"/monitor/enterprises/{plant.enterprise.pk}/").status_code == 404
    for address in ("points/", "points/rows/", f"points/rows/?enterprise={plant.enterprise.pk}", f"points/rows/?p={plant.pressure.id}"):
        page = stranger.get(f"/monitor/{address}").content.decode()
        assert "罐压力" not in page and plant.enterprise.name not in page, address
    assert stranger.get("/monitor/points/levels/").json() == {"levels": {}}
    assert stranger.get("/monitor/compare/?add=压力").content.decode().count("罐压力") == 0
    assert not [asked for asked in store.asked if asked[0] in ("/curves", "/figures")], "the store was asked before anybody looked who asks"


def test_the_live_list_tells_points_newest_values_and_levels(plant, officer, store):
    alarm_of(plant)
    store.newest = {str(plant.pressure.channel): [now_ms(), 1.61, 0], str(plant.gas.channel): [now_ms() - 3_600_000, 0.2, MAINTENANCE]}
    page = officer.get("/monitor/points/").content.decode()
    assert "1 号罐压力" in page and "1.61 MPa" in page and "离线" in page and "检修中" in page and "二级（橙）" in page
    told = officer.get("/monitor/points/rows/").json()
    assert (told["total"], sorted(told["rows"]["name"]), told["known"]) == (2, ["1 号罐压力", "氯气浓度"], True)
    assert dict(zip(told["values"]["c"], told["values"]["v"], strict=True)) == {plant.pressure.channel: 1.61, plant.gas.channel: 0.2}
    assert told["levels"] == officer.get("/monitor/points/levels/").json()["levels"] == {str(plant.pressure.channel): 2}
    assert told["owners"] == [[str(plant.enterprise.pk), plant.enterprise.name]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=压力", ["1 号罐压力"]),
        ("q=示范氯碱", ["1 号罐压力", "氯气浓度"]),
        ("class=gas_toxic", ["氯气浓度"]),
        ("q=压力&class=gas_toxic", []),
        ("offset=1", ["氯气浓度"]),
        ("enterprise=00000000-0000-7000-8000-000000000000", []),
    ],
)
def test_the_live_list_is_narrowed_by_text_class_and_enterprise(plant, officer, store, query, found):
    assert officer.get(f"/monitor/points/rows/?{query}").json()["rows"]["name"] == found


def test_a_filter_that_is_no_id_is_refused_with_a_sentence(officer, store):
    answer = officer.get("/monitor/points/rows/?enterprise=x", headers={"accept": "application/json"})
    assert answer.status_code == 422 and answer.json()["code"] == "monitor_malformed_choice"


def test_a_silent_store_is_unknown_on_every_page_and_never_normal(plant, officer, silent):
    page = officer.get("/monitor/points/").content.decode()
    assert "时序库暂时没有应答" in page and 'chip-grey">未知' in page and 'chip-green">在线' not in page
    assert officer.get("/monitor/points/rows/").json()["known"] is False
    point = plant.pressure.id
    assert officer.get(f"/monitor/curves/?p={point}", headers={"accept": "application/json"}).status_code == 503
    assert "曲线未知" in officer.get(f"/monitor/table/?p={point}").content.decode()
    assert "统计未知" in officer.get(f"/monitor/compare/?p={point}").content.decode()
    plan = officer.get(f"/monitor/enterprises/{plant.enterprise.pk}/").content.decode()
    assert "最新值未知" in plan and "plan-tag-green" not in plan


def test_curves_come_with_limits_alarms_work_and_marks(plant, officer, store):
    alarm = alarm_of(plant)
    end = now_ms()
    times = [end - 600_000 + n * 60_000 for n in range(5)]
    store.curve = {str(plant.pressure.channel): curve(times, [1.0, 1.1, 1.2, 1.3, 1.4], marks=[(times[1], times[2], MAINTENANCE)])}
    answer = officer.get(f"/monitor/curves/?p={plant.pressure.id}&since={end - 3_600_000}&until={end + 1000}").json()
    (told_curve,) = answer["points"]
    assert [answer["since"] + t for t in told_curve["t"]] == times and told_curve["mean"] == [1.0, 1.1, 1.2, 1.3, 1.4]
    assert [limit[:2] for limit in told_curve["limits"]] == [[1.5, "HH"], [1.2, "H"]]
    assert told_curve["alarms"][0][3] == alarm.title and told_curve["alarms"][0][1] is None
    assert told_curve["marks"] == [[times[1], times[2], MAINTENANCE]] and answer["marks"][str(MAINTENANCE)] == "检修中"
    (asked,) = [params for path, params, _body in store.asked if path == "/curves"]
    assert (asked["since"], asked["until"], asked["most"]) == (end - 3_600_000, end + 1000, 2000)


def test_a_window_or_a_choice_that_is_wrong_is_refused_with_a_sentence(plant, officer, store):
    for query, code in (("since=5&until=5", "monitor_no_such_window"), ("span=x", "monitor_no_such_window")):
        answer = officer.get(f"/monitor/curves/?p={plant.pressure.id}&{query}", headers={"accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    many = "&".join(f"p={uuid4()}" for _ in range(9))
    answer = officer.get(f"/monitor/curves/?{many}", headers={"accept": "application/json"})
    assert answer.json()["code"] == "monitor_too_many_compared"


def test_the_table_shows_every_bucket_and_says_where_nothing_is(plant, officer, store):
    end = now_ms()
    times = [end - 600_000, end - 540_000, end - 60_000]
    store.curve = {str(plant.pressure.channel): curve(times, [1.0, 1.1, 1.25])}
    page = officer.get(f"/monitor/table/?p={plant.pressure.id}&span=3600").content.decode()
    assert page.count('<th scope="row"') == 3 and "1.25" in page and page.count("没有读数") == 1 and "HH 1.5" in page


def test_what_is_exported_is_what_is_shown_and_stands_in_the_audit_log(plant, officer, store):
    store.curve = {str(plant.pressure.channel): curve([now_ms() - 60_000], [1.25])}
    answer = officer.get(f"/monitor/export/?p={plant.pressure.id}&p={plant.gas.id}&span=3600")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(lines) == 2 and lines[1][1:4] == ["1 号罐压力", "PT-1", "MPa"] and lines[1][6] == "1.25"
    entry = AuditEntry.objects.filter(action="devices.view").latest("sequence")
    assert str(plant.pressure.id) in json.dumps(entry.content)


def test_a_comparison_keeps_everything_in_its_address_and_reckons_figures(plant, officer, store):
    end = now_ms()
    times = [end - 600_000 + n * 60_000 for n in range(6)]
    one, other = str(plant.pressure.channel), str(plant.gas.channel)
    store.curve = {one: curve(times, [1, 2, 3, 4, 5, 6]), other: curve(times, [6, 5, 4, 3, 2, 1])}
    store.figures = {one: [360, 0.9, 6.1, 3.5, 1.7078]}
    query = f"p={plant.pressure.id}&p={plant.gas.id}&axes=normal&since={end - 900_000}&until={end}"
    page = officer.get(f"/monitor/compare/?{query}").content.decode()
    assert "-1.000" in page and "1.7078" in page and "这段时间没有读数" in page
    assert f"?p={plant.gas.id}&amp;since={end - 900_000}&amp;until={end}&amp;axes=normal" in page, "removing a point keeps the rest"
    island = json.loads(page.split('id="compare-curves-config" type="application/json">')[1].split("<")[0])
    assert (island["axes"], island["live"], island["until"]) == ("normal", False, end)
    found = officer.get(f"/monitor/compare/?p={plant.pressure.id}&add=浓度").content.decode()
    assert "加入 氯气浓度" in found and f"p={plant.pressure.id}&amp;p={plant.gas.id}" in found


def test_long_comparisons_do_not_read_every_reading(plant, officer, store):
    store.curve = {str(plant.pressure.channel): curve([now_ms() - 86_400_000], [1.0])}
    page = officer.get(f"/monitor/compare/figures/?p={plant.pressure.id}&span={365 * 86400}").content.decode()
    assert "不给出标准差" in page and not [asked for asked in store.asked if asked[0] == "/figures"]


def test_the_page_of_a_point_carries_the_chart_and_the_drawing_for_those_without_a_script(plant, officer, store):
    page = officer.get(f"/sensors/{plant.pressure.id}/?hours=6").content.decode()
    island = json.loads(page.split('id="sensor-curves-config" type="application/json">')[1].split("<")[0])
    assert island["points"] == [str(plant.pressure.id)] and island["until"] - island["since"] == 6 * 3_600_000 and island["live"]
    assert "curve-plain" in page and page.count("sensor-curves-config") == 1


# --- the drawn plan --------------------------------------------------------------------------------------------------


def tank(plant, **more):
    values = {
        "code": "T-1",
        "name": "1 号液氯储罐",
        "kind": "tank",
        "attributes": {"shape": "sphere", "volume": 50, "height": 8, "state_of_matter": "liquid"},
    }
    return risksources.register_risk_source(plant.enterprise.pk, actor=LOADER, now=clock.now(), **{**values, **more})


def level_point(plant, source):
    told_by = {"actor": LOADER, "now": clock.now()}
    device = devices.register_device(
        plant.enterprise.pk, {"code": "LT", "name": "液位计", "device_class": "tank_gauge", "risk_source_id": source.id}, **told_by
    )
    return devices.add_sensor(device.id, {"code": "LT-1", "name": "液位", "sensor_class": "level", "unit": ""}, **told_by)


@pytest.fixture
def keeper(plant):
    return client_for("enterprise_manager", enterprise_id=plant.enterprise.pk)


def test_the_plan_draws_devices_and_keeps_what_has_no_place_in_the_tray(plant, officer, store):
    source = tank(plant)
    level = level_point(plant, source)
    store.newest = {str(plant.pressure.channel): [now_ms(), 1.3, 0], str(level.channel): [now_ms(), 6.0, 0]}
    page = officer.get(f"/monitor/enterprises/{plant.enterprise.pk}/").content.decode()
    assert f'data-tag="{plant.pressure.channel}"' in page and "plan-tag-green" in page and "1.30 MPa" in page
    tray = page.split('id="plan-tray"')[1].split("</section>")[0]
    assert "1 号液氯储罐" in tray and "6.00 m" in tray
    assert "布置平面图" not in page, "a duty officer arranges nothing"


def test_what_is_put_on_the_plan_stands_there_is_audited_and_fills_by_its_level(plant, keeper, officer, store):
    source = tank(plant)
    level = level_point(plant, source)
    store.newest = {str(level.channel): [now_ms(), 6.0, 0]}
    address = f"/monitor/enterprises/{plant.enterprise.pk}/"
    assert 'id="plan-form"' in keeper.get(f"{address}?arrange=1").content.decode()
    spot = {"thing": f"source:{source.id}", "east_m": "50", "north_m": "-20"}
    assert keeper.post(f"{address}place/", spot).status_code == 302
    placed = Placement.objects.get()
    assert (placed.east_m, placed.north_m, placed.kind, placed.place_code) == (50, -20, "source", "370102")
    assert AuditEntry.objects.filter(action="devices.change", subject_id=str(placed.pk)).exists()
    assert Announcement.objects.filter(kind="monitor.plan_arranged").count() == 1
    page = officer.get(address).content.decode()
    assert "75 %" in page and 'id="plan-tray"' not in page
    assert keeper.post(f"{address}place/", spot | {"east_m": "60"}).status_code == 302
    assert Placement.objects.get().east_m == 60
    assert keeper.post(f"{address}place/", {"thing": f"source:{source.id}", "release": "1"}).status_code == 302
    assert not Placement.objects.exists()


def test_a_place_that_is_none_is_refused_beside_its_input_and_nothing_is_kept(plant, keeper, store):
    source = tank(plant)
    address = f"/monitor/enterprises/{plant.enterprise.pk}/place/"
    for wrong in ({"east_m": "x", "north_m": "1"}, {"east_m": "nan", "north_m": "1"}, {"east_m": "1e9", "north_m": "0"}):
        assert keeper.post(address, {"thing": f"source:{source.id}", **wrong}).status_code == 422, wrong
    assert keeper.post(address, {"thing": f"source:{uuid4()}", "east_m": "1", "north_m": "1"}).status_code == 422
    assert not Placement.objects.exists()


def test_nobody_arranges_what_is_not_his(plant, officer, stranger, store):
    source = tank(plant)
    spot = {"thing": f"source:{source.id}", "east_m": "1", "north_m": "1"}
    address = f"/monitor/enterprises/{plant.enterprise.pk}/place/"
    assert officer.post(address, spot).status_code == 403
    other = client_for("enterprise_manager", "370103", enterprise_id=Plant(2, "370103", now=clock.now()).enterprise.pk)
    assert other.post(address, spot).status_code == 404
    assert not Placement.objects.exists()


def test_work_on_a_device_is_told_with_its_curve(plant, officer, store):
    from anlan.sense.devices import services

    moment = clock.now()
    services.plan_maintenance(
        _device(plant),
        kind="maintenance",
        since=moment - timedelta(hours=1),
        until=moment + timedelta(hours=1),
        reason="年检",
        actor=LOADER,
        now=moment,
    )
    answer = officer.get(f"/monitor/curves/?p={plant.pressure.id}&span=3600").json()
    assert answer["points"][0]["work"][0][2:] == ["检修作业", "年检"]


def _device(plant):
    from anlan.sense.devices.models import Device

    return Device.objects.get(pk=plant.device.id)
