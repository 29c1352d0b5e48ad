"""Carriers are tried with one text to one address; and what is on the pages can be taken out as a list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.accounts import client_for
from tests.rooms.warn.channels.carriers import NOW, TESTS, Phones, carrier, people, said
from tests.rooms.warn.channels.loopback import gateway

from anlan.ground.audiences.door import Area
from anlan.kernel import clock
from anlan.ledger.models import AuditEntry
from anlan.warn.channels import dispatcher, ending, engine, gate, rules, trying
from anlan.warn.channels.adapters.contract import ReceiptNote, Told
from anlan.warn.channels.models import Carrier, Message, Trial

pytestmark = pytest.mark.django_db
HERE = Area(("370102",))


@pytest.fixture(autouse=True)
def _stopped():
    with clock.moved_to(NOW):
        yield


@pytest.fixture
def real(monkeypatch):
    """A carrier that is not simulated, behind a socket."""
    with gateway() as held:
        monkeypatch.setenv("ANLAN_CARRIER_HOSTS", held.address)
        yield held, Carrier.objects.create(name="网关", channel="sms", adapter="sms_http", endpoint=held.address, place_code="370102")


def test_a_real_carrier_is_tried_with_a_marked_text_which_is_kept_masked_and_audited(real):
    held, by = real
    trial = trying.try_out(by.pk, "138 0000 0001", actor=TESTS, now=NOW)
    assert (trial.answer, trial.address) == ("accepted", "138****0001")
    assert held.rang == {"13800000001": 1}
    assert gate.TEST_MARK in held.texts["13800000001"]
    assert AuditEntry.objects.filter(action="carriers.test").count() == 1
    note = ReceiptNote(Told.DELIVERED, NOW, f"trial.{trial.pk.hex}")
    engine.take_receipts(by, [note, note], now=NOW)
    trial.refresh_from_db()
    by.refresh_from_db()
    assert (trial.told, by.contradictions) == ("delivered", 0)


def test_the_button_is_no_way_to_send_messages(real):
    held, by = real
    with pytest.raises(trying.NotAnAddress):
        trying.try_out(by.pk, "13800000001,13800000002", actor=TESTS, now=NOW)
    trying.try_out(by.pk, "13800000001", actor=TESTS, now=NOW)
    with pytest.raises(trying.TriedTooOften):
        trying.try_out(by.pk, "13800000001", actor=TESTS, now=NOW + timedelta(seconds=19))
    for number in range(1, trying.MOST):
        trying.try_out(by.pk, "13800000001", actor=TESTS, now=NOW + number * trying.PAUSE)
    with pytest.raises(trying.TriedTooOften):
        trying.try_out(by.pk, "13800000001", actor=TESTS, now=NOW + timedelta(minutes=30))
    assert held.rang.total() == trying.MOST


def test_nothing_leaves_a_demonstration_even_as_a_trial_and_an_unmarked_text_is_no_trial(real, settings):
    _held, by = real
    one = trying._text(by, Trial(carrier=by), "13800000001", NOW)
    settings.ANLAN = settings.ANLAN | {"DEMO": True}
    with pytest.raises(rules.NeverLeaves):
        gate.try_out(by, Phones(), one)
    settings.ANLAN = settings.ANLAN | {"DEMO": False}
    from dataclasses import replace

    with pytest.raises(ValueError, match="says so"):
        gate.try_out(by, Phones(), replace(one, text="关闭门窗"))


def test_a_carrier_that_does_not_answer_is_told_on_its_page(real):
    held, by = real
    held.fault = "busy"
    officer = client_for("bureau_clerk", "370102")
    assert officer.post(f"/carriers/{by.pk}/test/", {"address": "13800000001"}).status_code == 302
    page = officer.get(f"/carriers/{by.pk}/").content.decode()
    assert "HTTP 429" in page
    assert "138****0001" in page
    assert client_for("approver", "370102").post(f"/carriers/{by.pk}/test/", {"address": "13800000001"}).status_code == 403


def test_deliveries_leave_as_csv_masked_and_written_down():
    people(3)
    message = said(HERE)
    dispatcher.plan_waiting()
    answer = client_for("duty_officer", "370102").get(f"/channels/{message.pk}/deliveries.csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert "100****0001" in lines[2]
    assert "10000000001" not in "".join(lines)
    assert AuditEntry.objects.filter(action="channels.export").count() == 1
    assert client_for("approver", "370103").get(f"/channels/{message.pk}/deliveries.csv").status_code == 404


def test_a_message_is_done_when_every_delivery_has_ended_and_nobody_waits_to_be_called():
    people(2)
    by, voice, phones, looks = carrier(), carrier("voice"), Phones(), ending.Endings()
    message = said(HERE)
    assert looks.look(now=NOW) == 0, "not planned yet"
    dispatcher.plan_waiting()

    def after(minutes: float) -> str:
        now = NOW + timedelta(minutes=minutes)
        with clock.moved_to(now):
            for each in (by, voice):
                while engine.hand_over_next(each, phones, worker=1, now=now):
                    pass
            dispatcher.sweep()
            looks.look(now=now)
        message.refresh_from_db()
        return str(message.state)

    assert after(0) == Message.SENDING
    first = [ReceiptNote(Told.DELIVERED, NOW, key) for key in phones.keys]
    engine.take_receipts(by, first[:1], now=NOW)
    assert [after(4), after(4.2)] == [Message.SENDING] * 2, "the other one is being called by the machine"
    assert after(10) == Message.SENDING, "and then by people"
    call = message.calls.get()
    from anlan.warn.channels import calling

    calling.attempt(call.pk, outcome="told", actor=TESTS, now=NOW)
    assert after(11) == Message.DONE
    # A receipt that comes after the end is still kept.
    assert engine.take_receipts(by, first, now=NOW) == 2
