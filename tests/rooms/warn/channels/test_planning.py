"""Planning by one statement of the database follows the same law as planning one by one, and nobody waits for the end of somebody else's message."""

from __future__ import annotations

from itertools import product

import pytest
from tests.rooms.warn.channels.carriers import NOW, TESTS, Phones, carrier, people, said

from anlan.ground.audiences import door as audiences
from anlan.ground.audiences.door import Area
from anlan.ground.audiences.models import Recipient
from anlan.kernel import clock
from anlan.kernel.ids import new_id
from anlan.warn.channels import dispatcher, engine, planning, rules, services
from anlan.warn.channels.models import Delivery, Message, Queued
from anlan.warn.channels.rules import State

HERE = Area(("370102",))
COLUMNS = ("recipient_id", "role", "channel", "address", "language", "step", "priority", "needs_confirmation", "state", "not_before")


@pytest.fixture(autouse=True)
def _stopped(db):
    with clock.moved_to(NOW):
        yield


@pytest.fixture
def everybody():
    """Somebody of each role, with and without each address, need and quiet hours that hold now (09:18)."""
    rows = []
    for number, (role, phone, email, device, needs, quiet) in enumerate(
        product(audiences.roles(), (True, False), (True, False), (True, False), ("", "hearing mobility"), (True, False))
    ):
        rows.append(
            Recipient(
                id=new_id(), name=f"示例{number}", role=role, place_code="370102001", language="en" if number % 3 else "zh", needs=needs,
                phone=f"100{number:08d}" if phone else "", email=f"a{number}@example.cn" if email else "", device=f"d{number}" if device else "",
                quiet_from="09:00" if quiet else None, quiet_until="10:00" if quiet else None, ground=1,
            )
        )  # fmt: skip
    return Recipient.objects.bulk_create(rows)


def one_by_one(message: Message, rows: list[Recipient]) -> set[tuple[object, ...]]:
    known = audiences.by_ids([row.pk for row in rows])
    planned, _left = planning._rows(message, list(known.values()), NOW)
    names = [name.strip() for name in planning._COLUMNS.split(",")]
    return {tuple(row[names.index(name)] for name in COLUMNS) for row in planned}


@pytest.mark.parametrize("level", rules.LEVELS)
@pytest.mark.parametrize(("channels", "confirm"), [(None, False), (("voice", "led", "email"), True)])
def test_one_statement_plans_everybody_as_planning_one_by_one_does(everybody, level, channels, confirm):
    message = said(HERE, level=level, channels=channels)
    Message.objects.filter(pk=message.pk).update(confirm=confirm)
    message.refresh_from_db()
    dispatcher.plan_waiting()
    found = set(Delivery.objects.filter(message=message).values_list(*COLUMNS))
    assert found == one_by_one(message, everybody)
    assert {row[COLUMNS.index("state")] for row in found} <= {int(State.PLANNED), int(State.DEFERRED)}
    assert Queued.objects.count() == Delivery.objects.filter(state=State.PLANNED).count()
    message.refresh_from_db()
    assert message.without_address == len(everybody) - len(found)


def test_a_large_audience_is_laid_out_and_planned_in_parts_with_everybody_once(monkeypatch):
    monkeypatch.setattr(planning, "FIRST", 7)
    monkeypatch.setattr(planning, "CHUNK_PAGES", 1)
    people(200)
    message = said(HERE)
    assert dispatcher.plan_waiting() == 1
    assert Delivery.objects.filter(message=message).count() == 200
    message.refresh_from_db()
    assert (message.people, message.sharing) == (200, 0)


def test_messages_of_one_urgency_are_planned_in_turn_and_red_before_blue(monkeypatch):
    monkeypatch.setattr(planning, "FIRST", 1)
    monkeypatch.setattr(planning, "CHUNK_PAGES", 1)
    people(300)
    first, planner = said(HERE, level="blue"), dispatcher.Planner()
    while not Delivery.objects.exists():
        planner.step()
    second, urgent = said(HERE, level="blue"), said(HERE, level="red")
    parts = []
    while planner.step():
        count = dict.fromkeys((first.pk, second.pk, urgent.pk), 0)
        count |= {row["message_id"]: row["n"] for row in _counts()}
        parts.append([count[each.pk] for each in (first, second, urgent)])
    assert parts[-1] == [300, 300, 300]
    begun = next(count for count in parts if count[2] == 300)
    assert begun[:2] == [1, 0], "blue waits for red"
    assert any(count[1] > 0 and count[0] < 300 for count in parts), "the second one begins before the first has ended"


def _counts():
    from django.db.models import Count

    return Delivery.objects.values("message_id").annotate(n=Count("pk"))


def test_a_message_that_is_stopped_while_it_is_planned_calls_nobody():
    people(2)
    Recipient.objects.update(phone="")
    message, planner = said(HERE), dispatcher.Planner()
    planner.step()
    services.stop(message.pk, actor=TESTS, now=NOW)
    assert planner.step() is False
    assert not message.calls.exists()


def test_the_first_of_a_second_warning_go_before_the_rest_of_the_first(monkeypatch):
    monkeypatch.setattr(planning, "FIRST", 5)
    people(200)
    people(3, place_code="370103001", start=1000)
    first = said(HERE)
    dispatcher.plan_waiting()
    second = said(Area(("370103",)))
    dispatcher.plan_waiting()
    by, phones = carrier(batch_size=10), Phones()
    engine.hand_over_next(by, phones, worker=1, now=NOW)
    order = [row.message_id for row in Delivery.objects.filter(handed_at__isnull=False)]
    assert (order.count(first.pk), order.count(second.pk)) == (7, 3)
