"""Orders to plants on their way: out with the estimate, confirmed by the device, told when they do not arrive, recalled before they left."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.accounts import client_of, make_account
from tests.rooms.warn.channels.carriers import Phones, carrier
from tests.rooms.warn.hazards import quakes

from anlan.desk.models import Notification
from anlan.ledger.events import deliver_pending
from anlan.warn.channels import door as channels
from anlan.warn.channels import engine
from anlan.warn.channels.adapters.contract import Told
from anlan.warn.channels.models import Delivery, Message
from anlan.warn.hazards import carrying, quaking
from anlan.warn.hazards.models import ActionOrder


@pytest.mark.parametrize(
    ("before", "heard", "late", "expected"),
    [
        ("sent", "delivered", False, "sent"),
        ("sent", "confirmed", False, "done"),
        ("missing", "confirmed", True, "done"),
        ("sent", "failed", False, "unreached"),
        ("sent", "expired", False, "unreached"),
        ("sent", "cancelled", False, "withdrawn"),
        ("unreached", "delivered", False, "sent"),
        ("unreached", "delivered", True, "missing"),
        ("unreached", "confirmed", True, "done"),
        ("missing", "failed", True, "missing"),
    ],
)
def test_what_is_heard_of_the_carriage_only_adds_to_what_is_known(before, heard, late, expected):
    now = quakes.NOW
    order = ActionOrder(state=before, due_at=now + timedelta(seconds=-1 if late else 30))
    assert carrying.after(order, heard, now) == expected


def test_what_a_person_answered_stands_whatever_the_carrier_says():
    order = ActionOrder(state=ActionOrder.FAILED, answered_at=quakes.NOW, due_at=quakes.NOW)
    assert {carrying.after(order, heard, quakes.NOW) for heard in ActionOrder.CARRIAGES} == {ActionOrder.FAILED}


@pytest.fixture
def valve(ground, plant, safety_manager):
    """A valve that shuts from VI on, by the intranet of the works."""
    return quaking.subscribe(
        plant.pk, name="出口阀", device="XV-101", address="works-7", verb="close_valve", intensity=6.0, longitude=117.05, latitude=36.66,
        actor=safety_manager, now=ground.now(),
    )  # fmt: skip


@pytest.fixture
def line(ground, valve, city_officer):
    """A carrier of the node's intranet channel, and what happens on it."""
    return quakes.Line(ground, Phones(), carrier("intranet"), city_officer)


@pytest.mark.django_db
def test_an_order_leaves_with_its_estimate_before_any_warning_and_the_device_confirms_it(line):
    order = line.estimate(7.0)
    kept = Delivery.objects.get(message_id=order.message_id)
    assert (kept.channel, kept.address, kept.priority, kept.needs_confirmation) == ("intranet", "works-7", 0, True)
    line.send()
    data = line.phones.data["works-7"]
    assert (data["verb"], data["purpose"], data["estimate"], data["answer"]) == (
        "close_valve", "do", 1, f"/api/v1/hazards/orders/{order.pk}/answer",
    )  # fmt: skip
    assert "关闭阀门" in line.phones.texts["works-7"] and "XV-101" in line.phones.texts["works-7"]
    line.hear(Told.DELIVERED)
    order.refresh_from_db()
    assert (order.state, order.carriage) == (ActionOrder.SENT, "delivered")
    line.clock.advance(seconds=3)
    line.hear(Told.CONFIRMED)
    order.refresh_from_db()
    assert (order.state, order.answered_by, order.answered_at) == (ActionOrder.DONE, "XV-101", line.clock.now())
    assert quaking.mark_missing(line.clock.now() + timedelta(hours=1)) == 0
    page = client_of(make_account("night", "duty_officer", "370102")).get(reverse("hazards:quake", args=[order.quake_id])).content.decode()
    assert "设备已确认" in page and "XV-101" in page
    assert channels.is_served("intranet", "370102", exercise=True) and not channels.is_served("intranet", "370102")


@pytest.mark.django_db
def test_an_order_that_does_not_arrive_is_told_at_once_and_carried_once(line):
    night = make_account("night", "duty_officer", "370102")
    order = line.estimate(7.0)
    deliver_pending()
    deliver_pending()
    assert Message.objects.filter(source_kind=carrying.ORDER).count() == 1
    line.send()
    line.hear(Told.FAILED)
    order.refresh_from_db()
    assert order.state == ActionOrder.UNREACHED
    told = Notification.objects.get(account_id=night.pk, event="hazards.answered")
    assert "没有送达" in told.sentence


@pytest.mark.django_db
def test_a_recall_stops_an_order_that_has_not_left_and_follows_one_that_has(line):
    order = line.estimate(7.0)
    line.estimate(4.0)
    line.hear()
    order.refresh_from_db()
    assert order.state == ActionOrder.WITHDRAWN
    line.send()
    assert line.phones.data["works-7"]["purpose"] == "recall"
    again = line.estimate(7.0)
    line.send()
    assert again.estimate_number == 3 and line.phones.data["works-7"]["purpose"] == "do"
    line.estimate(4.0)
    line.send()
    assert line.phones.data["works-7"]["purpose"] == "recall"
    assert [row.purpose for row in ActionOrder.objects.order_by("sent_at")] == ["do", "recall", "do", "recall"]


@pytest.mark.django_db
def test_an_order_of_an_exercise_goes_to_a_simulated_carrier_only_and_a_real_one_to_a_real_carrier_only(line):
    real = carrier("intranet")
    real.adapter = "intranet_http"
    real.save()
    line.estimate(7.0)
    assert engine.claim(real, worker=1, now=line.clock.now()) is None
    assert engine.claim(line.carrier, worker=1, now=line.clock.now()) is not None
    Delivery.objects.update(inside=False, state=0)
    Message.objects.update(exercise=False)
    assert engine.claim(line.carrier, worker=1, now=line.clock.now()) is None


@pytest.mark.django_db
def test_a_source_that_may_give_no_orders_gives_none(line):
    assert line.estimate(7.5, orders=False) is None
