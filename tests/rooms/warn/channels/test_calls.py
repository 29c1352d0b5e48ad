"""Whom no channel reached is called by people, step by step upward, until a human says that he knows; and the pages that show it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.accounts import actor_of, client_of, make_account
from tests.rooms.warn.channels.carriers import NOW, TESTS, Phones, carrier, people, said

from anlan.desk.models import Notification
from anlan.ground.audiences.door import Area
from anlan.kernel import clock as kernel_clock
from anlan.kernel.errors import Invalid, NotPermitted
from anlan.ledger.events import deliver_pending
from anlan.warn.channels import calling, dispatcher, engine, keeping, monitor, pushing, rules, services
from anlan.warn.channels.adapters.contract import ReceiptNote, Told
from anlan.warn.channels.models import Call, Carrier, Delivery, Message
from anlan.warn.channels.rules import State

HERE = Area(("370102",))
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _stopped(db):
    with kernel_clock.moved_to(NOW):
        yield


def sent(phones, by, *, now=NOW) -> None:
    while engine.hand_over_next(by, phones, worker=1, now=now):
        pass


def at(minutes: float) -> None:
    kernel_clock.set(NOW + minutes * MINUTE)
    dispatcher.sweep()


def climbed(level="red", **who):
    """Somebody whose text message was accepted and never delivered, and whom the machine then called in vain: he is on the call list."""
    someone = people(1, **who)[0]
    sms, voice, texts, rings = carrier(), carrier("voice"), Phones(), Phones()
    message = said(HERE, level=level)
    dispatcher.plan_waiting()
    sent(texts, sms)
    at(3.5)
    sent(rings, voice, now=kernel_clock.now())
    at(9)
    return someone, message


def test_without_a_receipt_the_next_channel_is_tried_and_then_people_call():
    someone, message = climbed()
    assert list(Delivery.objects.order_by("id").values_list("channel", "state")) == [("sms", State.ACCEPTED), ("voice", State.ACCEPTED)]
    call = Call.objects.get()
    assert (call.recipient_id, call.tier, call.state, call.why) == (someone.pk, calling.VILLAGE, "waiting", rules.NO_RECEIPT)
    # Nothing more happens by itself but that it rises.
    at(10)
    assert Delivery.objects.count() == 2
    assert Call.objects.count() == 1
    assert monitor.people(Message.objects.get(pk=message.pk)).unreached == 1


def test_a_call_rises_to_township_and_county_and_stays_until_a_human_confirms():
    climbed()
    at(18)
    assert Call.objects.get().tier == calling.VILLAGE
    for minutes, tier in ((19.5, calling.TOWNSHIP), (30, calling.COUNTY), (300, calling.COUNTY)):
        at(minutes)
        assert (Call.objects.get().tier, Call.objects.get().state) == (tier, "waiting")
    officer = actor_of(make_account("duty", "duty_officer", "370102"))
    call = Call.objects.get()
    calling.attempt(call.pk, outcome="no_answer", actor=officer, now=kernel_clock.now())
    assert Call.objects.get().state == "waiting"
    calling.attempt(call.pk, outcome="visited", note="邻居一起", actor=officer, now=kernel_clock.now())
    done = Call.objects.get()
    assert (done.state, done.reached_by, [each.outcome for each in done.attempts.all()]) == (
        "reached",
        officer.name,
        ["no_answer", "visited"],
    )
    with pytest.raises(calling.AlreadyEnded):
        calling.attempt(call.pk, outcome="told", actor=officer, now=kernel_clock.now())


def test_those_who_call_are_told_how_many_wait():
    duty = make_account("duty", "duty_officer", "370102")
    head = people(1, role="village_head", start=500)[0]
    climbed()
    deliver_pending()
    told = Notification.objects.get(account_id=duty.pk)
    assert told.facts["people"] == 2  # The head did not confirm his own warning either.
    asked = Message.objects.get(source_kind="calls")
    assert list(Delivery.objects.filter(message=asked).values_list("recipient_id", flat=True)) == [head.pk]
    assert "2 人没有收到" in asked.title
    # A call-up makes no calls of its own and goes no further than the exercise that it belongs to.
    assert asked.exercise


def test_a_late_receipt_ends_the_call():
    climbed()
    sms = Carrier.objects.get(channel="sms")
    row = Delivery.objects.get(channel="sms")
    engine.take_receipts(
        sms, [ReceiptNote(Told.DELIVERED, kernel_clock.now(), f"{row.message_id.hex[-12:]}-{row.pk}")], now=kernel_clock.now()
    )
    at(10)
    assert Call.objects.get().state == "reached"
    assert Call.objects.get().reached_by == ""


def test_only_a_pressed_key_counts_on_a_call():
    people(1)
    message = said(HERE, channels=["voice"])
    by, rings = carrier("voice"), Phones()
    dispatcher.plan_waiting()
    sent(rings, by)
    engine.take_receipts(by, [ReceiptNote(Told.DELIVERED, NOW, key) for key in rings.keys], now=NOW)
    assert monitor.people(message).reached == 0
    at(6)
    assert Call.objects.get().why == rules.NOT_CONFIRMED


def test_somebody_without_an_address_is_called_at_once_and_nobody_is_at_blue():
    people(1, role="subscriber", phone="", email="a@example.cn")
    red, blue = said(HERE), said(HERE, level="blue")
    dispatcher.plan_waiting()
    assert list(Call.objects.values_list("message_id", "why")) == [(red.pk, rules.NO_ADDRESS)]
    assert Message.objects.get(pk=blue.pk).without_address == 0  # E-mail is a step of blue.


def test_stopping_ends_the_calls_and_so_does_the_end_of_the_warning():
    _someone, message = climbed()
    services.stop(message.pk, actor=TESTS, now=kernel_clock.now())
    assert Call.objects.get().state == "ended"


def test_calls_of_what_is_over_end():
    climbed()
    at(6 * 60 + 1)
    assert Call.objects.get().state == "ended"


def test_an_officer_of_another_county_calls_nobody_here():
    climbed()
    with pytest.raises(NotPermitted):
        calling.attempt(Call.objects.get().pk, outcome="told", actor=actor_of(make_account("other", "duty_officer", "370103")), now=NOW)


# --- Pages --------------------------------------------------------------------------------------------------------------


def test_the_monitor_tells_what_receipts_say_and_the_list_takes_what_people_say():
    someone, message = climbed()
    duty, other = client_of(make_account("duty", "duty_officer", "370102")), client_of(make_account("other", "duty_officer", "370103"))
    page = duty.get(f"/channels/{message.pk}/monitor/").content.decode()
    assert "液氯泄漏红色预警" in page
    assert someone.name in page
    assert other.get(f"/channels/{message.pk}/monitor/").status_code == 404
    assert someone.name not in other.get("/channels/calls/").content.decode()
    calls = duty.get("/channels/calls/").content.decode()
    assert f"tel:{someone.phone}" in calls
    call = Call.objects.get()
    assert duty.post(f"/channels/calls/{call.pk}/attempt/", {"outcome": ""}).status_code == 422
    assert duty.post(f"/channels/calls/{call.pk}/attempt/", {"outcome": "told"}).status_code == 302
    assert monitor.people(message).called == 1
    assert duty.post(f"/channels/{message.pk}/stop/").status_code == 302
    assert Message.objects.get(pk=message.pk).state == Message.STOPPED


def test_a_carrier_pushes_receipts_with_its_signature_only(client, monkeypatch):
    people(1)
    by, phones = carrier(secret="gateway"), Phones()
    said(HERE)
    dispatcher.plan_waiting()
    sent(phones, by)
    monkeypatch.setenv("ANLAN_CARRIER_SECRET_GATEWAY", "s3cret")
    body = json.dumps({"receipts": [{"key": next(iter(phones.keys)), "state": "delivered", "at": NOW.isoformat()}, "nonsense"]}).encode()
    stamp = str(int(NOW.timestamp()))
    address = f"/channels/receipts/{by.pk}/"

    def push(signed: str, at_time: str = stamp):
        return client.post(
            address, body, content_type="application/json", headers={"X-Anlan-Timestamp": at_time, "X-Anlan-Signature": signed}
        )

    assert push("").status_code == 403
    old = str(int(stamp) - 400)
    assert push(pushing.signature("s3cret", old, body), old).status_code == 403
    good = push(pushing.signature("s3cret", stamp, body))
    assert (good.status_code, good.json()) == (200, {"taken": 1, "left": 1})
    assert Delivery.objects.get().state == State.DELIVERED


def test_a_carrier_s_record_holds_no_secret_and_opens_to_allowed_hosts_only(monkeypatch):
    clerk = actor_of(make_account("clerk", "bureau_clerk", "370102"))
    values = {"name": "短信网关", "channel": "sms", "adapter": "sms_http", "place_code": "370102", "endpoint": "https://sms.example.cn/v1"}
    monkeypatch.setenv("ANLAN_CARRIER_HOSTS", "sms.example.cn")
    for wrong, field in (
        ({"options": '{"token": "x"}'}, "options"),
        ({"options": "[]"}, "options"),
        ({"adapter": "voice_http"}, "adapter"),
        ({"endpoint": "https://169.254.169.254/"}, "endpoint"),
        ({"secret": "missing"}, "endpoint"),
    ):
        with pytest.raises(Invalid) as refused:
            keeping.register_carrier(**values | wrong, actor=clerk, now=NOW)
        assert set(refused.value.fields) == {field}
    row = keeping.register_carrier(**values, options='{"source": "10690000"}', actor=clerk, now=NOW)
    assert keeping.change_carrier(row.pk, enabled=False, actor=clerk, now=NOW).enabled is False


def test_an_update_stops_what_its_predecessor_has_not_sent(jinan_bulletins):
    first, second = jinan_bulletins
    states = dict(Message.objects.values_list("source_id", "state"))
    assert states == {first.pk: Message.STOPPED, second.pk: Message.SENDING}


@pytest.fixture
def jinan_bulletins(monkeypatch):
    """A bulletin and its update, published."""
    from anlan.ground.places import door as places
    from anlan.warn.bulletins import services as bulletins
    from anlan.warn.bulletins.models import MessageKind

    monkeypatch.setattr(places, "exists", lambda code: True)
    writer, approver = actor_of(make_account("writer", "duty_officer", "370102")), actor_of(make_account("approver", "approver", "370102"))
    people(2)
    first = bulletins.draft(
        actor=writer, now=NOW, exercise=True, event_code="12D00", level="red", headline="演练", description="演练", instruction="关窗",
        area_codes=["370102"], onset=NOW, expires=NOW + timedelta(hours=6), issuer_name="历下区应急管理局",
    )  # fmt: skip
    bulletins.submit(first, actor=writer, now=NOW)
    bulletins.approve(first, actor=approver, now=NOW)
    deliver_pending()
    dispatcher.plan_waiting()
    kernel_clock.set(NOW + MINUTE)
    second = bulletins.draft_follower(first, MessageKind.UPDATE, actor=writer, now=NOW + MINUTE)
    bulletins.submit(second, actor=writer, now=NOW + MINUTE)
    bulletins.approve(second, actor=approver, now=NOW + MINUTE)
    deliver_pending()
    assert Delivery.objects.filter(message__source_id=first.pk, state=State.CANCELLED).count() == 2
    return first, second
