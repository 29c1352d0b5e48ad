"""Pages of natural hazards: what is told at a glance, and who sees it."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from tests.accounts import client_of, make_account
from tests.rooms.warn.hazards import messages
from tests.rooms.warn.hazards.conftest import NOW

from anlan.desk.models import Notification
from anlan.ground.risksources.models import RiskSource
from anlan.ledger.events import deliver_pending
from anlan.warn.hazards import queries, reckoning, services
from anlan.warn.hazards.models import HazardSignal, Intake

pytestmark = pytest.mark.django_db
SENT = NOW - timedelta(minutes=5)


@pytest.fixture
def rain(ground, pond, city_officer):
    """A yellow rain signal over 历下, reckoned."""
    services.take(messages.alert("A1", SENT), name="a", via="手工导入", actor=city_officer, now=NOW)
    reckoning.reckon_grid(NOW)


def signed_in(place="370102", kind="duty_officer") -> Client:
    return client_of(make_account("pages", kind, place))


def test_the_nowcast_tells_level_reason_and_signals(rain):
    page = signed_in().get("/hazards/").content.decode()
    for told in ("橙色", "千佛山街道", "尾矿库", "济南市气象台发布预警 A1"):
        assert told in page


def test_an_hour_is_looked_at_by_itself(rain):
    client = signed_in()
    part = client.get("/hazards/?h=12", headers={"HX-Request": "true", "HX-Target": "hazard-hour"}).content.decode()
    assert "<html" not in part
    assert "没有自然灾害风险" in part
    assert "没有计算过" in client.get("/hazards/?h=-20").content.decode()


def test_a_city_sees_counties_and_opens_one(rain):
    client = signed_in("370100")
    assert "/hazards/?place=370102" in client.get("/hazards/").content.decode()
    assert "千佛山街道" in client.get("/hazards/?place=370102").content.decode()


def test_the_page_of_a_township_names_the_pond_and_is_shut_to_other_counties(rain):
    client = signed_in()
    page = client.get("/hazards/townships/370102002/").content.decode()
    assert "一号尾矿库" in page
    assert client.get("/hazards/townships/370103001/").status_code == 404
    assert client.get("/hazards/townships/370102999/").status_code == 404
    assert client.get("/hazards/townships/x/").status_code == 404


def test_a_pond_without_a_township_raises_its_county_is_named_and_can_be_given_its_place(ground, pond, city_officer):
    RiskSource.objects.filter(pk=pond.pk).update(place_code="370102")
    night = make_account("night", "duty_officer", "370102")
    services.take(messages.alert("A1", SENT, level=2), name="a", via="手工导入", actor=city_officer, now=NOW)
    deliver_pending()
    assert queries.county_levels(NOW)["370102"] == (3, 2, 3)
    assert {row.place_code: row.level for row in queries.spans(NOW)} == {"370102": 3, "370102001": 2, "370102002": 2}
    assert "未登记所在乡镇" in Notification.objects.get(account_id=night.pk, event="hazards.risen").sentence
    client = client_of(night)
    assert "历下区（所在乡镇未登记）" in client.get("/hazards/?place=370102").content.decode()
    county = client.get("/hazards/townships/370102/").content.decode()
    assert "一号尾矿库" in county
    assert "由登记单位补登" in county
    township = client.get("/hazards/townships/370102001/").content.decode()
    assert "可能就在本乡镇" in township
    assert "本县另有 1 处未登记所在乡镇" in township
    assert client.get("/hazards/townships/370103/").status_code == 404


def test_a_grid_that_was_never_reckoned_is_said_to_be_unknown(ground):
    page = signed_in().get("/hazards/").content.decode()
    assert "没有级别不等于没有风险" in page


def test_files_are_taken_in_by_hand_and_the_result_is_told(ground, tmp_path):
    client = signed_in()
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"hello")
    with bad.open("rb") as file:
        answer = client.post("/hazards/take/", {"file": file}, follow=True)
    assert "认不出" in answer.content.decode()
    assert client.get(f"/hazards/signals/{Intake.objects.get().pk}/").status_code == 404


def test_the_interface_takes_messages_and_tells_what_was_refused(ground):
    client = signed_in()
    good = client.post("/api/v1/hazards/take?name=a.xml", messages.alert("A1", SENT), content_type="application/cap+xml")
    assert (good.status_code, good.json()["good"]) == (200, 1)
    bad = client.post("/api/v1/hazards/take", b"<alert", content_type="text/xml")
    assert bad.status_code == 422
    assert bad.json()["faults"][0]["why"]
    assert client.get(f"/hazards/signals/{HazardSignal.objects.get().pk}/").status_code == 200


def test_the_layer_tells_nothing_beyond_the_jurisdiction(rain):
    answer = signed_in("370103").get("/hazards/features.json?bbox=116,36,118,37")
    assert json.loads(answer.content)["features"] == []
    assert len(json.loads(answer.content)["moments"]) == 23
