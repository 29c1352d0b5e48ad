"""Village staff without an account: the link in their text message opens one call list on one telephone, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from tests.rooms.warn.channels.carriers import NOW, TESTS, Phones, carrier, people, said

from anlan.ground.audiences import services as recipients
from anlan.ground.audiences.door import Area
from anlan.ground.audiences.models import Recipient
from anlan.kernel import clock
from anlan.ledger.events import deliver_pending
from anlan.warn.channels import calling, dispatcher, engine, link_views, linking, services
from anlan.warn.channels.models import Call, CallLink, CallState, Message

pytestmark = pytest.mark.django_db
ADDRESS = "https://warn.example.cn"
HERE = Area(("370102",))


@pytest.fixture(autouse=True)
def _stopped(monkeypatch):
    monkeypatch.setenv("ANLAN_PUBLIC_ADDRESS", ADDRESS)
    for brake in (link_views.asked, link_views.guesses):
        brake._buckets.clear()
    with clock.moved_to(NOW):
        yield


@pytest.fixture
def called():
    """Two residents here and one next door whom nobody can reach, and a village head here who is told so by text message: the path of his link."""
    head = people(1, role="village_head", start=500)[0]
    people(2)
    people(1, place_code="370102002", start=50)
    Recipient.objects.filter(role="resident").update(phone="", name="张三丰")
    message = said(HERE)
    dispatcher.plan_waiting()
    deliver_pending()
    by, phones = carrier(), Phones()
    while engine.hand_over_next(by, phones, worker=1, now=NOW):
        pass
    text = phones.texts[head.phone]
    assert "您处有 2 人没有收到" in text
    return message, re.search(rf"{ADDRESS}(/k/[\w-]+/)", text)[1]


def test_the_link_opens_once_shows_masked_names_and_takes_what_the_village_head_says(called):
    _message, path = called
    phone, other = Client(), Client()
    assert "张" not in phone.get(path).content.decode(), "a machine that looks at the link sees nobody and opens nothing"
    assert phone.post(path).status_code == 302
    page = phone.get(path)
    assert page["Referrer-Policy"] == "same-origin"
    told = page.content.decode()
    assert told.count("张*丰") == 2
    assert "张三丰" not in told
    assert other.get(path).status_code == 403
    assert other.post(path).status_code == 403
    call = Call.objects.filter(place_code="370102001").first()
    assert phone.post(f"{path}{call.pk}/", {"outcome": "no_answer"}).status_code == 302
    assert phone.post(f"{path}{call.pk}/", {"outcome": "visited"}).status_code == 302
    call.refresh_from_db()
    assert (call.state, call.attempts.count()) == (CallState.REACHED, 2)
    assert phone.post(f"{path}{call.pk}/", {"outcome": "told"}).status_code == calling.AlreadyEnded.status
    assert phone.get(path).content.decode().count("张*丰") == 1


def test_the_link_reaches_nobody_of_another_village(called):
    _message, path = called
    phone = Client()
    phone.post(path)
    next_door = Call.objects.get(place_code="370102002")
    assert phone.post(f"{path}{next_door.pk}/", {"outcome": "told"}).status_code == 404
    next_door.refresh_from_db()
    assert next_door.state == CallState.WAITING


def test_the_link_is_dead_once_the_message_is_stopped_has_run_out_or_the_person_is_erased(called):
    message, path = called
    phone = Client()
    phone.post(path)
    assert phone.get(path).status_code == 200
    with clock.moved_to(NOW + timedelta(hours=13)):
        assert phone.get(path).status_code == 404
    head = Recipient.objects.get(role="village_head")
    services.stop(message.pk, actor=TESTS, now=NOW)
    assert phone.get(path).status_code == 404
    recipients.erase_recipient(head.pk, reason="本人要求", actor=TESTS, now=NOW)
    deliver_pending()
    assert not CallLink.objects.exists()


def test_guessing_is_slowed_down_and_a_link_is_kept_as_a_digest_only(called):
    _message, path = called
    token = path.split("/")[2]
    assert token not in str(list(CallLink.objects.values()))
    assert [Client().get(f"/k/{number}/").status_code for number in range(12)] == [404] * 10 + [429] * 2


def test_without_an_address_of_the_node_no_link_is_made(monkeypatch):
    monkeypatch.delenv("ANLAN_PUBLIC_ADDRESS")
    people(1, role="village_head", start=500)
    people(1)
    Recipient.objects.filter(role="resident").update(phone="")
    said(HERE)
    dispatcher.plan_waiting()
    deliver_pending()
    assert "并在“叫应”页面记录" in Message.objects.get(source_kind="calls").texts["zh"]["short"]
    assert linking.public_address() == ""
