"""Two days of rain over a tailings pond, and an earthquake whose warning is updated and partly taken back."""

from datetime import UTC, timedelta

import pytest
from tests.accounts import make_account
from tests.rooms.jinan import city_officer, county_officer, plant, safety_manager, world  # noqa: F401
from tests.rooms.warn.hazards import messages
from tests.rooms.warn.hazards.conftest import ground, pond  # noqa: F401
from tests.rooms.warn.hazards.quakes import report

from anlan.desk.models import Notification
from anlan.kernel.errors import Refusal
from anlan.ledger.events import deliver_pending
from anlan.ledger.models import Announcement
from anlan.warn.hazards import door, quaking, queries, reckoning, services
from anlan.warn.hazards.models import ActionOrder, Outcome, Quake
from anlan.wire import cap

pytestmark = pytest.mark.django_db
POND = "370102002"


def test_rain_grows_over_two_days_and_the_pond_goes_orange_and_red_with_its_reason(ground, pond, city_officer, safety_manager):  # noqa: F811
    clock = ground
    night = make_account("night", "duty_officer", "370102")
    update, cancel = cap.MessageType.UPDATE, cap.MessageType.CANCEL
    course = [
        (0, "R1", 1, cap.MessageType.ALERT, (), 1),
        (9, "R2", 2, update, ("R1",), 3),
        (26, "R3", 3, update, ("R2",), 4),
        (30, "R4", 4, update, ("R3",), 4),
        (40, "R5", 4, cancel, ("R4",), 0),
    ]
    begin, hours = clock.now(), 0
    for at, identifier, level, kind, references, expected in course:
        clock.advance(hours=at - hours)
        hours, now = at, clock.now()
        content = messages.alert(identifier, now, level=level, kind=kind, references=references, hours=20)
        taken = services.take(content, name=identifier, via="手工导入", actor=city_officer, now=now)
        assert (taken.good, taken.bad) == (1, 0)
        deliver_pending()
        told = door.levels_at([POND], now)[POND]
        assert told.level == expected, identifier
        assert told.known
        if expected > level:
            assert any("尾矿库" in reason for reason in told.reasons)
    # The past is told as it was then.
    for at, _identifier, _level, _kind, _references, expected in course:
        assert door.levels_at([POND], begin + timedelta(hours=at, minutes=1))[POND].level == expected
    tones = list(
        Notification.objects.filter(account_id=night.pk, event="hazards.risen").order_by("created_at").values_list("tone", flat=True)
    )
    assert tones == ["orange", "red"]


@pytest.fixture
def valves(ground, plant, safety_manager):  # noqa: F811
    """A valve at the works that shuts from VI on, and one far off that shuts from V on."""
    common = {
        "device": "XV-101",
        "address": "https://plant.example.com/eew",
        "verb": "close_valve",
        "actor": safety_manager,
        "now": ground.now(),
    }
    near = quaking.subscribe(plant.pk, name="近处阀", intensity=6.0, longitude=117.05, latitude=36.66, **common)
    far = quaking.subscribe(plant.pk, name="远处阀", intensity=5.0, longitude=118.4, latitude=36.66, **common)
    return near, far


def orders():
    rows = ActionOrder.objects.order_by("sent_at", "plant_action__name")
    return [(row.plant_action.name, row.purpose, row.estimate_number) for row in rows]


def test_an_early_warning_is_updated_and_taken_back_for_a_part_and_nothing_is_undone_silently(ground, valves, city_officer, safety_manager):  # noqa: F811
    clock = ground
    night = make_account("night", "duty_officer", "370102")
    origin = clock.now()
    clock.advance(seconds=5)
    quaking.take_quake(report(clock.now(), 6.0, origin=origin), exercise=False, actor=city_officer, now=clock.now())
    assert orders() == [("近处阀", "do", 1)]
    clock.advance(seconds=4)
    quaking.take_quake(report(clock.now(), 7.2, origin=origin), exercise=False, actor=city_officer, now=clock.now())
    assert orders() == [("近处阀", "do", 1), ("远处阀", "do", 2)]
    near = ActionOrder.objects.get(plant_action__name="近处阀")
    quaking.answer(near.pk, done=True, remark="已关", actor=safety_manager, now=clock.now())
    with pytest.raises(Refusal):
        quaking.answer(near.pk, done=False, remark="", actor=safety_manager, now=clock.now())
    clock.advance(seconds=10)
    quaking.take_quake(report(clock.now(), 6.1, origin=origin), exercise=False, actor=city_officer, now=clock.now())
    assert orders()[2:] == [("远处阀", "recall", 3)]
    # What was sent and what was done stand as they were.
    assert ActionOrder.objects.filter(purpose="do").count() == 2
    assert ActionOrder.objects.get(pk=near.pk).state == ActionOrder.DONE
    quake = Quake.objects.get()
    assert [each.magnitude for each in quake.estimates.all()] == [6.0, 7.2, 6.1]
    sent = Announcement.objects.filter(kind="hazards.order").order_by("id").values_list("payload", flat=True)
    assert [each["message"]["purpose"] for each in sent] == ["do", "do", "recall"]
    assert all(each["message"]["answer"].endswith("/answer") for each in sent)

    clock.advance(minutes=2)
    assert quaking.mark_missing(clock.now()) == 2
    assert quaking.mark_missing(clock.now()) == 0
    deliver_pending()
    assert Notification.objects.filter(account_id=night.pk, event="hazards.answered").count() == 2
    assert door.levels_at(["370102"], clock.now())["370102"].level >= 2

    clock.advance(hours=1)
    quaking.take_quake(report(clock.now(), 4.4, origin=origin, reviewed=True), exercise=False, actor=city_officer, now=clock.now())
    assert set(Outcome.objects.values_list("kind", flat=True)) == {"false"}
    assert ActionOrder.objects.get(pk=near.pk).outcome == "false"
    with pytest.raises(Refusal):
        quaking.take_quake(report(clock.now(), 7.0, origin=origin), exercise=False, actor=city_officer, now=clock.now())


def test_a_warning_that_was_no_earthquake_is_cancelled_and_leaves_the_grid(ground, valves, city_officer):  # noqa: F811
    now = ground.now()
    quaking.take_quake(report(now, 6.5, origin=now), exercise=False, actor=city_officer, now=now)
    reckoning.reckon_grid(now)
    assert door.levels_at(["370102"], now)["370102"].level >= 2
    later = now + timedelta(seconds=20)
    quaking.take_quake(report(later, 6.5, origin=now, cancelled=True), exercise=False, actor=city_officer, now=later)
    reckoning.reckon_grid(later)
    assert door.levels_at(["370102"], later)["370102"].level == 0
    assert {row.purpose for row in ActionOrder.objects.filter(plant_action__name="近处阀")} == {"do", "recall"}
    assert queries.live_quake(later) is not None


def test_an_exercise_earthquake_is_carried_through_to_its_orders_and_never_enters_the_real_grid(ground, valves, city_officer):  # noqa: F811
    now = ground.now()
    quaking.take_quake(report(now, 7.0, origin=now), exercise=True, actor=city_officer, now=now)
    reckoning.reckon_grid(now)
    assert all(row.exercise for row in ActionOrder.objects.all())
    assert ActionOrder.objects.exists()
    assert door.levels_at(["370102"], now)["370102"].level == 0
    assert now.tzinfo is UTC or now.utcoffset() is not None
