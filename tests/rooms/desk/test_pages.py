"""Search, to-do list, notifications, forms and the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver
from tests.rooms.ground.plants import officer, values

from anlan.desk import notifications, todo
from anlan.desk.guard import guard_of
from anlan.desk.models import Notification
from anlan.desk.resource.api import schema
from anlan.desk.search.pages import marked
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel import clock
from anlan.kernel.access import Actor
from anlan.ledger.models import Clock

pytestmark = pytest.mark.django_db
Browser = Callable[[Actor], Client]


def test_search_groups_by_kind_and_marks_the_words(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    text = browser(jinan).get("/search/", {"q": "华鲁"}).content.decode()
    assert "<mark>华鲁</mark>" in text and "<h2>企业</h2>" in text
    by_sound = browser(jinan).get("/search/", {"q": "quancheng"}).content.decode()
    assert "济南泉城燃气有限公司" in by_sound


def test_search_that_finds_nothing_says_what_to_try(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    assert "可以换用更短的名称" in browser(jinan).get("/search/", {"q": "无此名"}).content.decode()


def test_marks_never_let_markup_through() -> None:
    assert marked("<b>化工</b>", ("化工",)) == "&lt;b&gt;<mark>化工</mark>&lt;/b&gt;"


@pytest.mark.usefixtures("jinan_places")
def test_the_form_says_what_is_wrong_above_and_beside(browser: Browser, lixia: Actor) -> None:
    answer = browser(lixia).post("/enterprises/new/", _form_values(values(5, name="新厂", uscc="91370102MA000000XX")))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'class="error-summary"' in text and 'href="#id_uscc"' in text
    assert not Enterprise.objects.filter(name="新厂").exists()


@pytest.mark.usefixtures("jinan_places")
def test_nobody_creates_in_another_county(browser: Browser, lixia: Actor) -> None:
    given = _form_values(values(7, place_code="370103", longitude="116.9976", latitude="36.6512"))
    answer = browser(lixia).post("/enterprises/new/", given)
    assert answer.status_code == 422
    assert not Enterprise.objects.exists()


def _form_values(row: dict[str, Any]) -> dict[str, Any]:
    return {"state": "operating", "source": "bureau", "classification": "1", **row}


def test_a_stale_form_is_refused(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    client = browser(lixia)
    page = client.get(f"/enterprises/{plants[0].pk}/change/").content.decode()
    assert 'name="version"' in page
    row = _form_values(values(1, name="第一次改名厂"))
    assert client.post(f"/enterprises/{plants[0].pk}/change/", {**row, "version": "1"}).status_code == 302
    late = client.post(f"/enterprises/{plants[0].pk}/change/", {**row, "name": "第二次改名厂", "version": "1"})
    assert late.status_code == 422 and "刚刚被他人修改过" in late.content.decode()


def test_the_api_creates_and_changes_through_the_same_services(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    client = browser(lixia)

    def send(method: Callable[..., Any], address: str, content: dict[str, Any]) -> Any:
        return method(address, data=json.dumps(content), content_type="application/json")

    row = _form_values({**values(9), "longitude": "117.0765"})
    row["classification"] = "1"
    made = send(client.post, "/api/v1/enterprises", row)
    assert made.status_code == 201, made.content.decode()
    key = made.json()["id"]
    changed = send(client.patch, f"/api/v1/enterprises/{key}", {"short_name": "九号", "version": made.json()["version"]})
    assert changed.status_code == 200, changed.content.decode()
    assert Enterprise.objects.get(pk=key).short_name == "九号"
    stale = send(client.patch, f"/api/v1/enterprises/{key}", {"short_name": "十号", "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    wrong = send(client.post, "/api/v1/enterprises", {**row, "uscc": "91370102MA000000XX"})
    assert wrong.status_code == 422 and "uscc" in wrong.json()["fields"]
    unknown = send(client.post, "/api/v1/enterprises", {**row, "uscc2": "x"})
    assert unknown.status_code == 422


def test_writing_from_a_foreign_page_is_refused(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    from django.conf import settings

    known = browser(lixia)
    strict = Client(enforce_csrf_checks=True, headers={"X-Test-Actor": str(lixia.account_id)})
    strict.cookies[settings.SESSION_COOKIE_NAME] = "any"
    answer = strict.patch(f"/api/v1/enterprises/{plants[0].pk}", data=json.dumps({"short_name": "伪造"}), content_type="application/json")
    assert answer.status_code == 403
    assert known.get(f"/api/v1/enterprises/{plants[0].pk}").status_code == 200
    plants[0].refresh_from_db()
    assert plants[0].short_name != "伪造"


def test_the_api_reads_pages_with_filters_and_cursor(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    client = browser(jinan)
    first = client.get("/api/v1/enterprises", {"sort": "uscc", "size": "25"}).json()
    assert [row["uscc"] for row in first["items"]] == sorted(plant.uscc for plant in plants)
    assert (first["count"], first["capped"], first["next"]) == (4, False, None)
    assert client.get("/api/v1/enterprises", {"place": "370103"}).json()["count"] == 1
    wrong = client.get("/api/v1/enterprises", {"sort": "password"})
    assert wrong.status_code == 422 and "sort" in wrong.json()["fields"]


def test_features_are_geojson_inside_the_box(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    client = browser(jinan)
    found = client.get("/api/v1/enterprises/features", {"bbox": "117.07,36.6,117.1,36.7"}).json()
    assert found["type"] == "FeatureCollection" and len(found["features"]) == 3
    feature = found["features"][0]
    assert feature["geometry"]["type"] == "Point" and {"id", "title", "tone"} <= set(feature["properties"])
    assert client.get("/api/v1/enterprises/features", {"bbox": "117,36,118,37", "limit": "1"}).json()["truncated"] is True
    assert client.get("/api/v1/enterprises/features", {"bbox": "1,2,3"}).status_code == 422
    assert client.get("/api/v1/enterprises/features", {"bbox": "nan,1,2,3"}).status_code == 422


def test_openapi_names_every_resource_and_the_page_needs_no_other_host(browser: Browser, jinan: Actor) -> None:
    from anlan.desk.resource import all_resources

    paths = schema()["paths"]
    for resource in all_resources():
        assert f"/api/v1/{resource.code}" in paths
    client = browser(jinan)
    assert client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.")
    text = client.get("/api/v1/").content.decode()
    assert "/api/v1/enterprises" in text and "https://" not in text and "cdn" not in text


def test_every_route_of_the_desk_is_guarded() -> None:
    found = [pattern for pattern in _patterns(get_resolver().url_patterns) if "desk" in (pattern.lookup_str or "")]
    assert found
    assert [str(pattern.pattern) for pattern in found if guard_of(pattern.callback) is None] == []


def _patterns(patterns: Any) -> list[Any]:
    return [one for p in patterns for one in (_patterns(p.url_patterns) if hasattr(p, "url_patterns") else [p])]


def test_overdue_clocks_of_my_organisation_come_first(browser: Browser, plants: list[Enterprise]) -> None:
    now = clock.now()
    organisation = uuid4()
    mine = officer("370102", "enterprises.view")
    mine = _at(mine, organisation)
    common = {"subject_type": "enterprises.enterprise", "place_code": "370102", "owed_by_organisation_id": organisation, "since": now}
    Clock.objects.create(subject_id=plants[0].pk, rule_code="a", label="报送", until=now + timedelta(hours=1), **common)
    Clock.objects.create(subject_id=plants[1].pk, rule_code="b", label="续报", until=now - timedelta(hours=1), **common)
    Clock.objects.create(subject_id=plants[2].pk, rule_code="c", label="他人", until=now, **{**common, "owed_by_organisation_id": uuid4()})
    found = todo.items(mine, now)
    assert [(item.what, item.overdue) for item in found] == [("续报", True), ("报送", False)]
    text = browser(mine).get("/todo/").content.decode()
    assert "countdown-missed" in text and "济南泉城燃气有限公司" in text and "他人" not in text


def _at(actor: Actor, organisation: Any) -> Actor:
    from dataclasses import replace

    return replace(actor, organisation_id=organisation)


def test_rooms_add_their_own_things_to_do(lixia: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(todo, "_providers", {})
    todo.register("tests", lambda actor, now: [todo.Todo("查岗", "值班", "/duty/", "应答", subject=uuid4())])
    assert [item.title for item in todo.items(lixia, clock.now())] == ["查岗"]
    assert todo.count(lixia, clock.now()) == 1


def test_notifications_are_counted_listed_and_read_by_their_owner_only(browser: Browser, lixia: Actor, shizhong: Actor) -> None:
    sent = notifications.notify(
        lixia.account_id,
        event="tests",
        once="a",
        sentence="预警“{title}”待您审批。",
        facts={"title": "大风"},
        url="/bulletins/",
        now=clock.now(),
    )
    assert sent is not None
    client, other = browser(lixia), browser(shizhong)
    assert ">1<" in client.get("/notifications/?count=1").content.decode()
    assert "预警“大风”待您审批。" in client.get("/notifications/").content.decode()
    assert "大风" not in other.get("/notifications/").content.decode()
    other.post("/notifications/read/", {"id": str(sent.pk)})
    assert notifications.unread_count(lixia.account_id) == 1
    answer = client.post("/notifications/read/", {"id": str(sent.pk)})
    assert answer["Location"] == "/bulletins/"
    assert notifications.unread_count(lixia.account_id) == 0
    assert Notification.objects.get().read_at is not None


def test_a_notification_never_leads_to_another_host(browser: Browser, lixia: Actor) -> None:
    sent = notifications.notify(lixia.account_id, event="t", once="b", sentence="甲", url="//evil.example/", now=clock.now())
    assert sent is not None
    answer = browser(lixia).post("/notifications/read/", {"id": str(sent.pk)})
    assert answer["Location"] == "/notifications/"
