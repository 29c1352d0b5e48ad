"""Telling people and posts: nobody twice, way after way, receipts line by line, roll calls that show an empty post at once, walls kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.accounts import client_of, make_account
from tests.rooms.jinan import NOW, actor

from anlan.command.contact import door, hearing, queries, reaching, rules, services, sweeping, waiting
from anlan.command.contact.models import Attempt, Line, Notice
from anlan.command.duty import door as duty
from anlan.command.incidents import contacting
from anlan.desk.models import Notification
from anlan.ground.enterprises.models import Enterprise
from anlan.ground.evidence import door as evidence
from anlan.ground.people import door as people
from anlan.ground.people.models import Account
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import ReasonRequired
from anlan.warn.channels.models import Message

pytestmark = pytest.mark.django_db


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


def acting(account: Account) -> Actor:
    found = people.actor_for(account.pk, now=NOW)
    assert found is not None
    return found


@pytest.fixture
def officer(world: None) -> Account:
    """The county's duty officer, who has an account and a telephone."""
    row = make_account("officer", "duty_officer", now=NOW)
    Account.objects.filter(pk=row.pk).update(phone="13900000001")
    return row


@pytest.fixture
def sender(world: None) -> Actor:
    """The city's duty officer."""
    return acting(make_account("city", "duty_officer", "370100", now=NOW))


def line_of(row: Notice) -> Line:
    return row.lines.get()


def tell(sender: Actor, whom: list[str], channels: list[str], **more: Any) -> Notice:
    return queries.notice(door.tell(door.Saying("紧急集合", "七点到指挥中心"), whom, channels, actor=sender, now=NOW, **more), sender)


def test_way_after_way_until_he_confirms_and_nobody_is_told_twice(sender: Actor, officer: Account) -> None:
    saved = services.keep_contact(actor=sender, now=NOW, name="王主任", phone="139 0000 0001", place_code="370102")
    row = tell(sender, [f"account:{officer.pk}", f"contact:{saved.pk}", f"account:{officer.pk}"], ["sms", "voice"])
    line = line_of(row)
    assert (line.state, line.ways, Message.objects.count()) == ("telling", ["sms", "voice"], 1)
    first = line.attempts.get()
    services.hear(first.pk, "failed", "gateway hangs", after(0.1))
    assert [each.channel for each in line.attempts.all()] == ["sms", "voice"], "a carrier that hangs is not waited for"
    second = line.attempts.get(channel="voice")
    services.hear(second.pk, "confirmed", "", after(1))
    services.hear(second.pk, "delivered", "", after(2))
    line.refresh_from_db()
    assert (line.state, line.confirmed_by, line.seconds) == ("confirmed", "voice", 60)
    assert sweeping.sweep(after(60)) == 0
    found = door.receipts(row.pk, sender)
    assert (found.tally.confirmed, found.lines[0].confirmed_by) == (1, "voice")


def test_silence_takes_the_next_way_and_the_sender_learns_that_none_is_left(sender: Actor, officer: Account) -> None:
    row = tell(sender, [f"account:{officer.pk}"], ["page", "sms"])
    assert Notification.objects.filter(account_id=officer.pk).count() == 1
    assert (sweeping.sweep(after(9)), sweeping.sweep(after(10)), sweeping.sweep(after(10)), sweeping.sweep(after(20))) == (0, 1, 0, 1)
    line = line_of(row)
    assert (line.state, [each.channel for each in line.attempts.all()]) == ("silent", ["page", "sms"])
    assert Notification.objects.filter(account_id=sender.account_id, event="contact.unanswered").count() == 1
    assert services.urge(row, actor=sender, now=after(30)) == 1
    services.confirm(line_of(row), actor=acting(officer), now=after(31))
    line.refresh_from_db()
    assert (line.state, line.urged, line.confirmed_by) == ("confirmed", 1, "page")


def test_somebody_without_a_number_is_named_and_reached_by_hand(sender: Actor, world: None) -> None:
    silent = make_account("silent", "commander", now=NOW)
    row = tell(sender, [f"account:{silent.pk}"], ["sms", "voice"])
    assert line_of(row).state == "no_way"
    services.note_call(line_of(row), "无人接听", actor=sender, now=after(1), reached=False)
    services.note_call(line_of(row), "已知晓", actor=sender, now=after(2))
    line = line_of(row)
    assert (line.state, line.confirmed_by, line.answer) == ("confirmed", "person", "已知晓")
    assert [each.by_name for each in line.attempts.all()] == [sender.name, sender.name]


def test_what_has_not_gone_is_stopped_with_a_reason(sender: Actor, officer: Account) -> None:
    row = tell(sender, [f"account:{officer.pk}"], ["sms"])
    with pytest.raises(ReasonRequired):
        services.stop(row, "", actor=sender, now=after(1))
    services.stop(row, "集合取消", actor=sender, now=after(1))
    assert (line_of(row).state, sweeping.sweep(after(60))) == ("dropped", 0)
    with pytest.raises(rules.NoLongerOpen):
        services.confirm(line_of(row), actor=acting(officer), now=after(2))


def test_a_circular_is_signed_for_answered_listed_when_late_and_replaced(sender: Actor, plant: Enterprise) -> None:
    manager = make_account("manager", "enterprise_manager", enterprise_id=plant.pk, now=NOW)
    told = {"kind": rules.CIRCULAR, "ask_answer": True, "due_at": after(60)}
    saying = door.Saying("开展液氯储罐排查", "请报排查结果")
    row = services.tell(saying, [f"enterprise:{plant.pk}"], ["page"], actor=sender, now=NOW, more=told)
    receiver = acting(manager)
    (waits,) = waiting.todo(receiver, after(61))
    assert waits.overdue
    assert queries.overdue(row, after(61)).count() == 1
    with pytest.raises(rules.AnswerNeeded):
        services.confirm(line_of(row), actor=receiver, now=after(62))
    newer = services.tell(
        saying, [f"enterprise:{plant.pk}"], ["page"], actor=sender, now=after(63), more={**told, "replaces": row, "due_at": None}
    )
    row.refresh_from_db()
    assert (row.state, newer.edition) == ("closed", 2)
    services.confirm(line_of(newer), actor=receiver, now=after(64), answer="已排查，无隐患")
    assert line_of(newer).answer == "已排查，无隐患"
    assert not list(waiting.todo(receiver, after(65)))


def test_walls_stand_between_senders_and_between_receivers(sender: Actor, officer: Account, plant: Enterprise) -> None:
    row = tell(sender, [f"account:{officer.pk}"], ["page"])
    neighbour = acting(make_account("neighbour", "duty_officer", "370103", now=NOW))
    with pytest.raises(NotFound):
        queries.notice(row.pk, neighbour)
    with pytest.raises(NotFound):
        queries.notice(row.pk, acting(officer))  # whoever receives reads his own line, not the sender's book
    with pytest.raises(rules.NotYours):
        services.confirm(line_of(row), actor=neighbour, now=after(1))
    with pytest.raises(rules.OutOfReach):
        tell(neighbour, [f"account:{officer.pk}"], ["page"])
    with pytest.raises(NotPermitted):
        tell(actor("expert", "370100"), [f"organisation:{people_bureau()}"], ["voice"])
    assert client_of(neighbour_account(neighbour)).get(reverse("contact:receive", args=[line_of(row).pk])).status_code == 404


def people_bureau() -> str:
    from anlan.ground.organisations import door as organisations

    found = organisations.bureau_of("370102")
    assert found is not None
    return str(found.id)


def neighbour_account(found: Actor) -> Account:
    return Account.objects.get(pk=found.account_id)


def test_a_roll_call_shows_an_empty_post_at_once_and_is_answered_by_whoever_is_on_duty(sender: Actor, officer: Account) -> None:
    leader = make_account("leader", "duty_leader", "370103", now=NOW)
    duty.add_shift(officer.pk, "officer", after(-60), after(600), actor=actor("duty_leader", "370102"), now=NOW)
    row = services.call_roll("夜间点名", ["duty:370102", "duty:370103"], ["page", "voice"], actor=sender, now=NOW)
    present, empty = row.lines.get(key="duty:370102"), row.lines.get(key="duty:370103")
    assert (present.state, present.account_id, empty.state) == ("telling", officer.pk, "nobody")
    assert empty.leader_names == leader.display_name
    other = make_account("other", "duty_officer", now=NOW)
    with pytest.raises(rules.OffDuty):
        services.confirm(present, actor=acting(other), now=after(1))
    services.confirm(present, actor=acting(officer), now=after(1.5), whereabouts="值班室")
    present.refresh_from_db()
    assert (present.state, present.seconds, present.whereabouts) == ("confirmed", 90, "值班室")
    begins, ends = queries.month_of("2026-11", NOW)
    assert [(each.place_code, each.tally.confirmed, each.tally.nobody) for each in queries.month(begins, ends, sender)] == [
        ("370102", 1, 0),
        ("370103", 0, 1),
    ]


def test_a_drawn_roll_call_strikes_at_its_proven_moment_and_an_unanswered_one_reaches_the_leader(sender: Actor, officer: Account) -> None:
    leader = make_account("leader", "duty_leader", now=NOW)
    duty.add_shift(officer.pk, "officer", after(-60), after(600), actor=actor("duty_leader", "370102"), now=NOW)
    with pytest.raises(rules.BadTime):
        services.call_roll("点名", ["duty:370102"], ["page"], actor=sender, now=NOW, begins_at=after(10), ends_at=after(5))
    row = services.call_roll(
        "抽查", ["duty:370102"], ["page", "sms"], actor=sender, now=NOW, begins_at=after(10), ends_at=after(70), seed="00" * 16
    )
    at = rules.strike_at("00" * 16, "duty:370102", after(10), after(70))
    assert (row.state, sweeping.sweep(at - timedelta(seconds=1)), sweeping.sweep(at)) == ("planned", 0, 1)
    assert (sweeping.sweep(at + timedelta(minutes=3)), sweeping.sweep(at + timedelta(minutes=6))) == (1, 1)
    line = line_of(row)
    assert (line.state, line.called_at, line.leader_names) == ("silent", at, leader.display_name)
    assert Attempt.objects.filter(line=line).count() == 2


def test_pages_of_the_sender_and_of_the_receiver(sender: Actor, officer: Account, plant: Enterprise) -> None:
    desk = client_of(Account.objects.get(pk=sender.account_id))
    assert "13900000001" in desk.get(reverse("contact:directory"), {"q": "officer"}).content.decode()
    page = desk.get(reverse("contact:compose"), {"to": [f"account:{officer.pk}", "duty:370103"]}).content.decode()
    assert "无人在岗" in page
    bad = desk.post(reverse("contact:compose"), {"to": ["robot:1"], "title": "甲", "channels": ["page"]})
    assert bad.status_code == 422
    sent = desk.post(
        reverse("contact:compose"), {"to": [f"account:{officer.pk}"], "title": "集合", "channels": ["page", "sms"], "ask_receipt": "on"}
    )
    row = Notice.objects.get()
    assert sent["Location"] == reverse("contact:detail", args=[row.pk])
    assert "Officer" in desk.get(sent["Location"]).content.decode()
    post = client_of(officer)
    assert "集合" in post.get(reverse("contact:received")).content.decode()
    told = {"actor": sender, "now": NOW}
    file = evidence.attach(row, SimpleUploadedFile("排查表.txt", "一号罐".encode()), **told)
    stray = evidence.attach(plant, SimpleUploadedFile("内部.txt", b"x"), **told)
    assert "排查表.txt" in post.get(reverse("contact:receive", args=[line_of(row).pk])).content.decode()
    assert post.get(reverse("contact:enclosure", args=[line_of(row).pk, file.id])).status_code == 200
    assert post.get(reverse("contact:enclosure", args=[line_of(row).pk, stray.id])).status_code == 404
    assert post.post(reverse("contact:confirm", args=[line_of(row).pk])).status_code == 302
    assert line_of(row).state == "confirmed"
    for name in ("contact:roll", "contact:group", "contact:statistics"):
        assert desk.get(reverse(name), {"to": ["duty:370102"]}).status_code == 200
    saved = desk.post(reverse("contact:group"), {"to": ["duty:370102", "duty:370103"], "name": "县区值班"})
    assert saved.status_code == 302
    assert desk.post(reverse("contact:roll"), {"to": ["duty:370102"], "title": "点名", "channels": ["page"]}).status_code == 302
    missing = desk.post(reverse("contact:act", args=[uuid4(), "urge"]))
    assert missing.status_code == 404


def test_a_great_many_are_told_by_the_worker_at_once_and_stand_in_the_course_of_the_incident(
    sender: Actor, world: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules.TABLES, "parameter", lambda code, _day: {"people_at_once": 2, "notice_step_minutes": 10}[code])
    saved = [services.keep_contact(actor=sender, now=NOW, name=f"村{n}", phone=f"1390000{n:04}", place_code="370102") for n in range(5)]
    subject = uuid4()
    row = tell(sender, [f"contact:{each.pk}" for each in saved], ["sms"], subject=("incidents.incident", subject, "氯气泄漏"))
    assert row.lines.filter(state="telling").count() == 2
    hearing.go_on(door.NoticeSent(**reaching.about(row, NOW)))
    assert row.lines.filter(state="telling").count() == 5
    (told,) = contacting.lines(subject, sender)
    assert (told.kind, "紧急集合" in told.title, told.who) == ("contact", True, sender.name)
