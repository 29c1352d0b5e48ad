"""A county officer sees nothing of another county, whichever way he asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from tests.rooms.ground.plants import NOW, officer

from anlan.desk.live import may_hear
from anlan.ground.enterprises.door import EnterpriseRegistered
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor

pytestmark = pytest.mark.django_db
Browser = Callable[[Actor], Client]
BOX = "116,36,118,37"


def _everything(client: Client, hidden: Enterprise) -> dict[str, str]:
    """Every way to ask for enterprises, and what was answered."""
    asked = {
        "list": "/enterprises/",
        "list by place": "/enterprises/?place=370103",
        "list by city": "/enterprises/?place=370100",
        "list by search": f"/enterprises/?q={hidden.uscc}",
        "detail": f"/enterprises/{hidden.pk}/",
        "change": f"/enterprises/{hidden.pk}/change/",
        "api list": "/api/v1/enterprises?place=370103",
        "api detail": f"/api/v1/enterprises/{hidden.pk}",
        "features": f"/api/v1/enterprises/features?bbox={BOX}",
        "search": "/search/?q=烟花",
        "csv": "/enterprises/export/?format=csv",
        "to-do": "/todo/",
    }
    answers: dict[str, str] = {}
    for name, address in asked.items():
        answer = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        answers[name] = content.decode()
    return answers


def test_a_county_officer_sees_no_other_county(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    hidden = plants[3]
    for name, text in _everything(browser(lixia), hidden).items():
        assert hidden.name not in text, name
        assert hidden.uscc not in text.replace(f"q={hidden.uscc}", "").replace(f'value="{hidden.uscc}"', ""), name


def test_the_city_sees_all_its_counties(browser: Browser, jinan: Actor, plants: list[Enterprise]) -> None:
    answers = _everything(browser(jinan), plants[3])
    for name in ("list", "list by place", "list by search", "detail", "api list", "api detail", "features", "search", "csv"):
        assert plants[3].name in answers[name].replace("<mark>", "").replace("</mark>", ""), name


def test_a_stranger_is_asked_to_sign_in(browser: Browser, plants: list[Enterprise]) -> None:
    client = Client()
    assert client.get("/enterprises/").status_code == 302
    answer = client.get("/api/v1/enterprises")
    assert answer.status_code == 401 and answer.json()["code"] == "sign_in_required"


def test_writing_through_the_api_stops_at_the_border(browser: Browser, lixia: Actor, plants: list[Enterprise]) -> None:
    client = browser(lixia)
    answer = client.patch(f"/api/v1/enterprises/{plants[3].pk}", data=json.dumps({"short_name": "占用"}), content_type="application/json")
    assert answer.status_code == 404
    plants[3].refresh_from_db()
    assert plants[3].short_name != "占用"


def test_an_announcement_is_heard_only_where_its_place_may_be_seen(lixia: Actor, shizhong: Actor, jinan: Actor) -> None:
    event = EnterpriseRegistered(subject_id=uuid4(), place_code="370103", at=NOW, **_named(EnterpriseRegistered))
    told = {
        "kind": event.kind,
        "place_code": event.place_code,
        "enterprise_id": event.enterprise_id,
        "classification": int(event.classification),
        "subject_id": str(event.subject_id),
    }
    assert may_hear(shizhong, told) and may_hear(jinan, told)
    assert not may_hear(lixia, told)
    assert not may_hear(officer("370103", "places.view"), told)
    assert not may_hear(jinan, {**told, "classification": 2})
    assert not may_hear(jinan, {**told, "kind": "nobody.declared"})


def _named(event: type) -> dict[str, object]:
    """Values for the event's own fields, whatever they are."""
    from dataclasses import MISSING, fields

    common = {"subject_id", "place_code", "at", "enterprise_id", "classification", "exercise"}
    return {f.name: "" for f in fields(event) if f.name not in common and f.default is MISSING and f.default_factory is MISSING}
