"""Nobody is told twice and nobody is forgotten, whatever carriers and workers do."""

from __future__ import annotations

import ast
from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.warn.channels.carriers import NOW, TESTS, Killed, Phones, carrier, people, said

import anlan.warn.channels
from anlan.ground.audiences import services as recipients
from anlan.ground.audiences.door import Area
from anlan.ground.audiences.models import Recipient
from anlan.kernel import clock as kernel_clock
from anlan.warn.bulletins.door import BulletinWords
from anlan.warn.channels import dispatcher, engine, gate, monitor, rules, services
from anlan.warn.channels.adapters.contract import ReceiptNote, Told
from anlan.warn.channels.models import Batch, Call, Carrier, Delivery, Message
from anlan.warn.channels.rules import State

HERE = Area(("370102",))
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _stopped(request):
    if "db" not in request.fixturenames:
        yield
        return
    with kernel_clock.moved_to(NOW):
        yield


def states() -> dict[str, int]:
    found = Counter(State(state).name for state in Delivery.objects.values_list("state", flat=True))
    return dict(found)


def everything(phones, by, *, now=NOW, worker=1) -> int:
    sent = 0
    while handed := engine.hand_over_next(by, phones, worker=worker, now=now):
        sent += handed
    return sent


# --- Law ----------------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.permutations(["accepted", "failed", "delivered", "delivered", "confirmed"]), st.integers(0, 5))
def test_receipts_in_any_order_and_number_end_in_the_same_state(order, count):
    heard = [State[word.upper()] for word in order[:count]]
    state = State.HANDED
    for each in heard:
        after = rules.after_evidence(state, each, handed=True)
        assert after >= state
        state = after
    assert state == max([State.HANDED, *heard])


def test_a_receipt_for_what_was_never_handed_over_means_nothing():
    assert rules.after_evidence(State.PLANNED, State.DELIVERED, handed=False) is None
    assert rules.after_evidence(State.CANCELLED, State.DELIVERED, handed=True) is State.DELIVERED


def test_nothing_real_goes_to_a_simulated_carrier_and_nothing_of_an_exercise_to_a_real_one():
    allowed = {
        (simulated, inside, demo)
        for simulated in (True, False)
        for inside in (True, False)
        for demo in (True, False)
        if rules.may_take(simulated=simulated, inside=inside, demonstration=demo)
    }
    assert allowed == {(False, False, False), (True, True, False), (True, True, True), (True, False, True)}


def test_a_carrier_that_is_tried_takes_its_text_whichever_it_is_but_nothing_leaves_a_demonstration():
    trial = rules.Purpose.CARRIER_TEST
    allowed = {
        (simulated, demo)
        for simulated in (True, False)
        for demo in (True, False)
        if rules.may_take(simulated=simulated, inside=True, demonstration=demo, purpose=trial)
    }
    assert allowed == {(True, False), (True, True), (False, False)}


def test_only_the_gate_hands_anything_to_an_adapter():
    room = Path(anlan.warn.channels.__file__).parent
    callers = set()
    for path in room.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "adapter.send":
                callers.add(path.name)
    assert callers == {"gate.py"}


def test_red_is_before_blue_and_those_told_first_before_others():
    order = [rules.priority(level, rank) for level in rules.LEVELS for rank in (1, 2, 3)]
    assert order == sorted(order)
    assert len(set(order)) == len(order)


def test_every_channel_and_step_says_where_its_figures_come_from():
    assert {row.channel for level in rules.LEVELS for row in rules.ladder(level)} <= rules.channels().keys()
    assert all(row.source and row.status for row in rules.channels().values())
    assert rules.steps_for("red", ["phone"], "hearing")[0].channel == "sms"
    assert [row.channel for row in rules.steps_for("red", ["phone"], "hearing")] == ["sms"]


# --- Sending ------------------------------------------------------------------------------------------------------------


def test_everybody_is_told_once_by_what_carriers_answer(db):
    people(7)
    by, phones = carrier(batch_size=3), Phones()
    message = said(HERE)
    assert dispatcher.plan_waiting() == 1
    assert everything(phones, by) == 7
    assert set(phones.rang.values()) == {1}
    assert states() == {"ACCEPTED": 7}
    # What a carrier took is not what a person got.
    message.refresh_from_db()
    assert monitor.people(message).reached == 0
    assert dispatcher.plan_waiting() == 0
    assert everything(phones, by) == 0


def test_planning_again_after_a_fault_adds_nobody(db):
    people(5)
    message = said(HERE)
    from anlan.warn.channels import planning

    list(planning.plan(message, now=NOW))
    list(planning.plan(message, now=NOW))
    assert Delivery.objects.count() == 5


def test_two_people_with_one_telephone_are_told_once(db):
    people(2)
    people(2, role="grid_member")
    by, phones = carrier(), Phones()
    message = said(HERE)
    dispatcher.plan_waiting()
    everything(phones, by)
    assert set(phones.rang.values()) == {1}
    message.refresh_from_db()
    assert message.sharing == 2


def test_a_carrier_that_hangs_is_asked_and_nobody_is_told_twice(db):
    people(4)
    by, phones = carrier(), Phones()
    said(HERE)
    dispatcher.plan_waiting()
    phones.hangs = True
    everything(phones, by)
    assert states() == {"UNKNOWN": 4}
    phones.hangs = False
    engine.ask_unknown(by, phones, now=NOW + MINUTE)
    assert states() == {"ACCEPTED": 4}
    assert everything(phones, by, now=NOW + MINUTE) == 0
    assert set(phones.rang.values()) == {1}


def test_what_a_carrier_never_heard_of_is_sent_under_the_same_key(db):
    people(4)
    by, phones = carrier(), Phones()
    said(HERE)
    dispatcher.plan_waiting()
    phones.deaf = True
    everything(phones, by)
    phones.deaf = False
    engine.ask_unknown(by, phones, now=NOW + MINUTE)
    assert states() == {"PLANNED": 4}
    everything(phones, by, now=NOW + MINUTE)
    assert set(phones.rang.values()) == {1}
    assert states() == {"ACCEPTED": 4}


def test_a_worker_killed_in_the_middle_of_a_batch_leaves_nobody_out_and_tells_nobody_twice(db):
    people(6)
    by, phones = carrier(), Phones()
    said(HERE)
    dispatcher.plan_waiting()
    phones.dies_after = 3
    with pytest.raises(Killed):
        engine.hand_over_next(by, phones, worker=7, now=NOW)
    assert states() == {"HANDED": 6}
    phones.dies_after = None
    # The next worker does not touch what the dead one had in hand, but takes it over and asks.
    assert everything(phones, by, worker=8) == 0
    orphans = engine.orphaned(NOW + MINUTE)
    assert [batch.worker for batch in orphans] == [7]
    for batch in orphans:
        engine.take_over(batch, now=NOW + MINUTE)
    engine.ask_unknown(by, phones, now=NOW + MINUTE)
    assert states() == {"ACCEPTED": 3, "PLANNED": 3}
    everything(phones, by, worker=8)
    assert len(phones.rang) == 6
    assert set(phones.rang.values()) == {1}
    assert engine.orphaned(NOW + MINUTE) == []


def test_when_nobody_can_say_the_person_is_tried_elsewhere_and_the_page_says_unknown(db):
    people(2)
    by, phones = carrier(), Phones(answers=False)
    message = said(HERE)
    dispatcher.plan_waiting()
    phones.hangs = True
    everything(phones, by)
    with kernel_clock.moved_to(NOW + 2 * MINUTE):
        dispatcher.sweep()
    line = monitor.lines(message)[0]
    assert (line.code, line.unknown) == ("sms", 2)
    with kernel_clock.moved_to(NOW + 4 * MINUTE):
        dispatcher.sweep()
    assert Counter(Delivery.objects.values_list("channel", "state")) == {("sms", State.UNKNOWN): 2, ("voice", State.PLANNED): 2}


def test_a_loudspeaker_of_unknown_outcome_speaks_again(db):
    people(1, role="loudspeaker", device="LS-1")
    by, phones = carrier("broadcast"), Phones(once=False, answers=False)
    said(HERE)
    dispatcher.plan_waiting()
    phones.hangs = True
    everything(phones, by)
    phones.hangs = False
    with kernel_clock.moved_to(NOW + 4 * MINUTE):
        dispatcher.sweep()
    everything(phones, by, now=NOW + 4 * MINUTE)
    assert phones.rang == {"LS-1": 2}
    assert states() == {"ACCEPTED": 1}


def test_a_busy_carrier_is_tried_again_later_and_left_alone_when_it_fails_on(db):
    people(2)
    by, phones = carrier(), Phones()
    said(HERE)
    dispatcher.plan_waiting()
    phones.busy = True
    engine.hand_over_next(by, phones, worker=1, now=NOW)
    assert states() == {"DEFERRED": 2}
    for n in range(1, 5):
        engine.wake_deferred(now=NOW + n * 10 * MINUTE)
        by.closed_until = None
        engine.hand_over_next(by, phones, worker=1, now=NOW + n * 10 * MINUTE)
    assert states() == {"FAILED": 2}
    assert Carrier.objects.get().failing_since is not None
    assert [line.tone for line in monitor.carriers("370102", ["sms"], NOW)] == ["red"]


def test_receipts_tell_who_was_reached_and_lies_are_counted_against_the_carrier(db):
    people(3)
    by, phones = carrier(), Phones()
    message = said(HERE)
    dispatcher.plan_waiting()
    everything(phones, by)
    keys = list(phones.keys)
    # Late, twice, in the wrong order; one for a delivery that there is not; one for a delivery of nobody's key.
    notes = [ReceiptNote(Told.DELIVERED, NOW, keys[0]), ReceiptNote(Told.FAILED, NOW, keys[0]), ReceiptNote(Told.DELIVERED, NOW, keys[0])]
    assert engine.take_receipts(by, [*notes, ReceiptNote(Told.FAILED, NOW, keys[1])], now=NOW) == 2
    phones.lies = True
    assert engine.take_receipts(by, [*phones.receipts(), ReceiptNote(Told.DELIVERED, NOW, "nonsense")], now=NOW) == 0
    assert Carrier.objects.get().contradictions == 2
    assert states() == {"DELIVERED": 1, "FAILED": 1, "ACCEPTED": 1}
    assert monitor.people(message).reached == 1


def test_another_carrier_cannot_speak_for_what_it_was_not_handed(db):
    people(1)
    by, phones = carrier(), Phones()
    said(HERE)
    dispatcher.plan_waiting()
    everything(phones, by)
    assert engine.take_receipts(carrier("voice"), [ReceiptNote(Told.DELIVERED, NOW, next(iter(phones.keys)))], now=NOW) == 0
    assert states() == {"ACCEPTED": 1}


# --- What must not be sent ----------------------------------------------------------------------------------------------


def test_nothing_is_sent_once_stopped_or_run_out(db):
    people(4)
    by, phones = carrier(batch_size=1), Phones()
    message, late = said(HERE), said(HERE, level="blue", expires=NOW + MINUTE)
    dispatcher.plan_waiting()
    engine.hand_over_next(by, phones, worker=1, now=NOW)
    assert services.stop(message.pk, actor=TESTS, now=NOW) == 3
    assert engine.expire(now=NOW + 2 * MINUTE) == 4
    assert everything(phones, by, now=NOW + 2 * MINUTE) == 0
    assert sum(phones.rang.values()) == 1
    assert Message.objects.get(pk=late.pk).state == Message.EXPIRED
    with pytest.raises(rules.MessageStopped):
        services.stop(message.pk, actor=TESTS, now=NOW)


@pytest.mark.parametrize("inside", [{"exercise": True}, {"exercise": False, "test": True}])
def test_an_exercise_and_a_test_never_reach_a_real_carrier(db, inside):
    people(2)
    real, phones = Carrier(name="真实", channel="sms", adapter="sms_http", place_code="000000"), Phones()
    real.save()
    said(HERE, **inside)
    dispatcher.plan_waiting()
    assert everything(phones, real) == 0
    with pytest.raises(rules.NeverLeaves):
        gate.hand_over(real, phones, [], inside=True)
    assert phones.rang == {}


def test_a_real_warning_is_not_thrown_away_on_a_simulated_carrier(db):
    people(2)
    by, phones = carrier(), Phones()
    message = said(HERE, exercise=False)
    dispatcher.plan_waiting()
    assert everything(phones, by) == 0
    with pytest.raises(rules.NotReallySent):
        gate.hand_over(by, phones, [], inside=False)
    assert monitor.without_carrier(message, ["sms"])


def test_quiet_hours_hold_back_all_but_red(db):
    people(1, quiet_from="00:00", quiet_until="23:00")
    red, yellow = said(HERE), said(HERE, level="yellow")
    dispatcher.plan_waiting()
    found = dict(Delivery.objects.values_list("message_id", "state"))
    assert found == {red.pk: State.PLANNED, yellow.pk: State.DEFERRED}
    assert engine.wake_deferred(now=NOW + timedelta(hours=14)) == 1


def test_red_overtakes_what_waits(db):
    people(3)
    by, phones = carrier(batch_size=2), Phones()
    said(HERE, level="blue")
    dispatcher.plan_waiting()
    engine.hand_over_next(by, phones, worker=1, now=NOW)
    said(HERE, level="red")
    dispatcher.plan_waiting()
    everything(phones, by)
    assert phones.order == ["blue", "blue", "red", "red", "red", "blue"]


def test_somebody_who_reads_english_gets_english(db):
    people(1)
    people(1, role="subscriber", language="en", start=50)
    by, phones = carrier(), Phones()
    said(HERE)
    dispatcher.plan_waiting()
    everything(phones, by)
    assert phones.texts == {"10000000000": "液氯泄漏，关闭门窗，不要外出。", "10000000050": "Close windows."}


def test_a_bulletin_reaches_each_in_his_own_language_and_in_chinese_where_it_was_not_written():
    written = {
        "ug": {"headline": "خىلور", "description": "ئېقىپ كەتتى", "instruction": "دېرىزىنى تاقاڭ"},
        "bo": {"headline": "", "instruction": "x"},
    }
    words = BulletinWords(
        uuid4(), "370102", "red", "Alert", True, "液氯泄漏", "某企业液氯泄漏。", "关闭门窗。", "", "", "", "历下区应急管理局", ("370102",), None,
        NOW, NOW + MINUTE, None, "审批人", texts=written,
    )  # fmt: skip
    saying = services.saying_of(words)
    assert set(saying.texts) == {"zh", "ug"}
    assert saying.texts["ug"]["short"] == "【演练】[EXERCISE] خىلور دېرىزىنى تاقاڭ"

    told = SimpleNamespace(title=saying.title, texts=dict(saying.texts), level="red", expires=NOW, pk=None, data=None)

    def read(language):
        return engine._said(told, language, rules.channels()["sms"])(key="k", address="a")

    assert (read("ug").language, read("kk").language) == ("ug", "zh")
    assert "液氯泄漏" in read("kk").text


def test_who_is_erased_is_not_told_and_leaves_no_address(db):
    gone, stays = people(2)
    by, phones = carrier(), Phones()
    said(HERE)
    dispatcher.plan_waiting()
    recipients.erase_recipient(gone.pk, reason="本人申请", actor=TESTS, now=NOW)
    from anlan.ledger.events import deliver_pending

    deliver_pending()
    everything(phones, by)
    assert phones.rang == {stays.phone: 1}
    assert not Delivery.objects.filter(address=gone.phone).exists()
    assert not Recipient.objects.filter(pk=gone.pk).exists()


def test_a_message_of_another_room_goes_to_named_people_once(db):
    from anlan.warn.channels import door

    someone = people(1)[0]
    by, phones = carrier(), Phones()
    say = {"area": None, "recipient_ids": [someone.pk], "direct": [door.Direct("示例", "370102", phone="10000000077")], "once": "notice:1"}
    message = said(**say)
    assert said(**say).pk == message.pk
    everything(phones, by)
    assert phones.rang == {someone.phone: 1, "10000000077": 1}
    found = door.progress(message.pk)
    assert found.by_channel == {"sms": {"ACCEPTED": 2}}
    with pytest.raises(rules.NoReceivers):
        said(None)


def test_a_second_carrier_stands_in_when_the_first_fails(db):
    people(3)
    first, second, phones, others = carrier(batch_size=1), carrier(order=2), Phones(), Phones()
    said(HERE)
    dispatcher.plan_waiting()
    engine.hand_over_next(first, phones, worker=1, now=NOW)
    assert everything(others, second) == 0
    phones.deaf = True
    engine.hand_over_next(first, phones, worker=1, now=NOW)
    assert everything(others, second) == 1
    # What the first one had in hand stays its own until it is known.
    assert states() == {"ACCEPTED": 2, "UNKNOWN": 1}


def _rows(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_no_batch_is_left_open_and_no_call_is_opened_for_those_who_were_reached(db):
    people(3)
    by, phones = carrier(), Phones()
    said(HERE)
    dispatcher.plan_waiting()
    everything(phones, by)
    engine.take_receipts(by, [ReceiptNote(Told.DELIVERED, NOW, key) for key in phones.keys], now=NOW)
    with kernel_clock.moved_to(NOW + 60 * MINUTE):
        dispatcher.sweep()
    assert not Batch.objects.filter(settled_at__isnull=True).exists()
    assert not Call.objects.exists()
    assert _rows("SELECT count(*) FROM channels_delivery WHERE follow_at IS NOT NULL") == 0
