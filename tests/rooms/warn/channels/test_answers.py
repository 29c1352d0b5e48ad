"""A room that asks for something to be done hears what became of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.rooms.warn.channels.carriers import NOW, TESTS, Phones, carrier

from anlan.kernel import clock
from anlan.ledger.models import Announcement
from anlan.warn.channels import answering, door, engine, services
from anlan.warn.channels.adapters import http
from anlan.warn.channels.adapters.contract import Outgoing, ReceiptNote, Told
from anlan.warn.channels.models import Delivery, Message, Watch

ORDER = {"order": "7", "verb": "close", "device": "XV-101"}


@pytest.fixture(autouse=True)
def _stopped(db):
    with clock.moved_to(NOW):
        yield


def ordered() -> Message:
    saying = door.Saying(
        once="order:7",
        source_kind="tests",
        source_id=None,
        place_code="370102",
        title="关闭 XV-101",
        texts={"zh": {"title": "关闭 XV-101", "body": "关闭 XV-101"}},
        expires=NOW + timedelta(minutes=2),
        level="red",
        exercise=True,
        reference="order-7",
        data=ORDER,
        confirm=True,
    )
    return Message.objects.get(
        pk=door.send(saying, direct=[door.Direct("示例化工", "370102", device="plant-7", role="intranet")], actor=TESTS, now=NOW)
    )


def told() -> list[tuple[str, str]]:
    rows = Announcement.objects.filter(kind="channels.settled").order_by("id")
    return [(row.payload["reference"], row.payload["state"]) for row in rows]


def settled(note: Told | None, by, *, now=NOW) -> list[tuple[str, str]]:
    if note is not None:
        engine.take_receipts(by, [ReceiptNote(note, now, engine.key_of(Delivery.objects.get()))], now=now)
    answering.tell_settled(now=now)
    return told()


def test_an_order_to_a_plant_is_carried_with_its_data_and_each_step_of_the_answer_comes_back_once():
    phones, by = Phones(), carrier("intranet")
    ordered()
    assert engine.hand_over_next(by, phones, worker=1, now=NOW) == 1
    assert phones.data["plant-7"] == ORDER
    assert settled(None, by) == []  # The carrier has it: nothing is known of the plant.
    assert settled(Told.DELIVERED, by) == [("order-7", "delivered")]
    assert settled(Told.DELIVERED, by) == [("order-7", "delivered")]
    assert settled(Told.CONFIRMED, by) == [("order-7", "delivered"), ("order-7", "confirmed")]
    assert settled(Told.FAILED, by)[2:] == []
    answering.forget(now=NOW)
    assert not Watch.objects.exists()


def test_a_failure_is_told_and_so_is_the_receipt_that_comes_after_it():
    phones, by = Phones(), carrier("intranet")
    ordered()
    engine.hand_over_next(by, phones, worker=1, now=NOW)
    settled(Told.FAILED, by)
    assert settled(Told.CONFIRMED, by) == [("order-7", "failed"), ("order-7", "confirmed")]


def test_an_order_that_was_not_sent_in_time_or_was_stopped_is_told_too():
    message = ordered()
    engine.expire(now=NOW + timedelta(minutes=3))
    answering.tell_settled(now=NOW + timedelta(minutes=3))
    assert told() == [("order-7", "expired")]
    Message.objects.filter(pk=message.pk).update(once="before", state=Message.DONE)
    services.stop(ordered().pk, actor=TESTS, now=NOW)
    answering.tell_settled(now=NOW)
    assert told()[1:] == [("order-7", "cancelled")]
    answering.forget(now=NOW + timedelta(days=5))
    assert not Watch.objects.exists()


def test_a_gateway_gets_data_beside_the_words_and_nothing_where_there_is_none():
    plain = Outgoing("k", "a", "t", "x", "zh", "red", NOW)
    assert "data" not in http._message(plain, "")
    assert http._message(Outgoing("k", "a", "t", "x", "zh", "red", NOW, data=ORDER), "")["data"] == ORDER
