"""Consultations: who is invited sees and speaks, decisions become tasks, several hands keep one record, minutes stay as they were signed."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from pypdf import PdfReader
from tests.accounts import client_for
from tests.rooms.jinan import NOW, actor

from anlan.command.consultation import deciding, door, minuting, queries, rules, services, telling
from anlan.command.consultation.models import Consultation, Minutes, Voice
from anlan.command.incidents import door as incidents
from anlan.kernel import clock as kernel_clock
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import ReasonRequired, WrongState
from anlan.ledger.models import Announcement
from anlan.sense.video.models import Camera, Platform, Snapshot

pytestmark = pytest.mark.django_db
CITY, BESIDE = "duty:370100", "duty:370103"
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 40 + b"\xff\xd9"


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def incident(county_officer: Actor) -> Any:
    values = {
        "title": "氯气泄漏",
        "kind": "hazchem_leak",
        "occurred_at": NOW,
        "place_code": "370102",
        "location": "储罐区",
        "exercise": True,
    }
    return incidents.open_incident(values, actor=county_officer, now=NOW)


def called(officer: Actor, whom: list[str], **more: Any) -> Consultation:
    values = {"title": "第一次会商", "starts_at": after(30), "venue": "指挥中心", "channels": ["page"], **more}
    return services.call(values, whom, actor=officer, now=after(1))


def test_the_invited_bureau_sees_the_consultation_and_speaks_and_nobody_else_does(
    incident: Any, county_officer: Actor, city_officer: Actor, other_county_officer: Actor
) -> None:
    row = called(county_officer, [CITY, BESIDE], incident_id=incident, online=True)
    assert (row.template, row.exercise, row.items.count(), [each.key for each in row.seats.all()][1:]) == (
        "hazchem",
        True,
        7,
        [CITY, BESIDE],
    )
    assert door.consultation(row.pk, other_county_officer).incident_id == incident
    with pytest.raises(NotFound):
        incidents.incident(incident, other_county_officer)
    with pytest.raises(NotFound):
        queries.consultation(row.pk, actor("duty_officer", "110105"))
    (waits,) = telling.todo(other_county_officer, after(2))
    assert (waits.title, waits.overdue) == ("第一次会商", False)
    services.begin(row, actor=county_officer, now=after(30))
    assert services.attend(row, "video", actor=other_county_officer, now=after(31)).way == "video"
    services.speak(row, "dissent", "下风向学校不宜就地避险", actor=other_county_officer, now=after(35), who="别人")
    voice = row.voices.get()
    assert voice.who == f"市中区应急管理局 {other_county_officer.name}", "a guest speaks for himself alone"
    with pytest.raises(DatabaseError), transaction.atomic():
        Voice.objects.update(text="同意")
    for refused in (services.begin, services.end):
        with pytest.raises(NotPermitted):
            refused(row, actor=other_county_officer, now=after(36))
    with pytest.raises(NotPermitted):
        services.keep_notes(row.items.first(), "", "改", actor=other_county_officer, now=after(36))
    heard = Announcement.objects.filter(kind="consultation.changed", place_code=other_county_officer.place_code)
    assert heard.count() == 4, "pages of guests hear of it at their own place"
    course = [line for line in incidents.timeline(incident, county_officer, after(40)) if line.kind == "consultation"]
    assert [line.code for line in course] == ["consultation.open", "consultation.begin", "consultation.dissent"]


def test_a_decision_is_a_task_of_the_incident_until_it_is_revoked(incident: Any, county_officer: Actor) -> None:
    row = called(county_officer, [CITY], incident_id=incident)
    whole = {"text": "增调堵漏组", "assignee": "消防救援大队", "due": after(90), "grounds": "泄漏未止"}
    for name in ("text", "assignee", "due", "grounds"):
        with pytest.raises(rules.DecisionIncomplete):
            deciding.decide(row, {**whole, name: None}, actor=county_officer, now=after(40))
    with pytest.raises(rules.DayPassed):
        deciding.decide(row, {**whole, "due": after(39)}, actor=county_officer, now=after(40))
    first = deciding.decide(row, whole, actor=county_officer, now=after(40))
    assert deciding.decide(row, whole, actor=county_officer, now=after(41)).pk == first.pk, "a form that is sent twice orders once"
    second = deciding.decide(row, {**whole, "text": "再增调一个堵漏组"}, actor=county_officer, now=after(40))
    assert first.task_id is not None
    incidents.move_task(first.task_id, "accept", actor=county_officer, now=after(41))
    deciding.revoke(second, "重复", actor=county_officer, now=after(42))
    with pytest.raises(rules.DecisionSettled):
        deciding.revoke(second, "重复", actor=county_officer, now=after(43))
    assert [line.state for line in queries.decision_lines(row, county_officer, after(43))] == ["已接收", "已撤销"]
    assert incidents.task(second.task_id, county_officer, after(43)).state == "cancelled"
    incidents.move_task(first.task_id, "cancel", "撤回", actor=county_officer, now=after(44))
    incidents.close_incident(incident, "处置完毕", actor=actor("duty_leader", "370102"), now=after(45))
    with pytest.raises(rules.IncidentOver):
        deciding.decide(row, whole, actor=county_officer, now=after(46))
    with pytest.raises(rules.IncidentOver):
        called(county_officer, [CITY], incident_id=incident)


def test_a_consultation_by_itself_follows_its_decisions(county_officer: Actor) -> None:
    for wrong, refusal in (({"starts_at": after(-5)}, rules.StartsInThePast), ({"agenda": [" "]}, rules.NoAgenda)):
        with pytest.raises(refusal):
            called(county_officer, [CITY], **wrong)
    with pytest.raises(rules.NobodyInvited):
        called(county_officer, [])
    row = called(county_officer, [CITY], template="weather")
    values = {"text": "加密巡查", "seat": row.seats.get(key=CITY), "due": after(90), "grounds": "夜间有强降雨"}
    made = deciding.decide(row, values, actor=county_officer, now=after(40))
    assert (made.assignee, made.task_id, queries.decision_lines(row, None, after(91))[0].late) == ("济南市应急管理局", None, True)
    with pytest.raises(rules.NothingSaid):
        deciding.finish(made, " ", actor=county_officer, now=after(92))
    assert deciding.finish(made, "已巡查 12 处", actor=county_officer, now=after(92)).done_at == after(92)
    with pytest.raises(rules.NotAPage):
        services.refer(row, "//elsewhere.example/", "", actor=county_officer, now=after(92))
    assert services.refer(row, "/map/", "一张图", actor=county_officer, now=after(92)).title == "一张图"
    services.reschedule(row, after(200), "等雷达资料", actor=county_officer, now=after(93))
    with pytest.raises(ReasonRequired):
        services.cancel(row, "", actor=county_officer, now=after(94))
    assert services.cancel(row, "降雨减弱", actor=county_officer, now=after(94)).state == "cancelled"
    with pytest.raises(rules.RecordClosed):
        services.add_item(row, "又一项", actor=county_officer, now=after(95))


def test_two_write_at_once_the_chair_signs_and_corrections_are_new_editions(county_officer: Actor, county_leader: Actor) -> None:
    row = called(county_officer, [CITY], chair_id=county_leader.account_id, chair_name=county_leader.name)
    item = row.items.first()
    services.keep_notes(item, "", "风速 2 m/s", actor=county_officer, now=after(31))
    services.keep_notes(item, "", "泄漏量 3 吨", actor=county_leader, now=after(32))
    services.keep_notes(item, "风速 2 m/s", "风速 2 m/s，东南风", actor=county_officer, now=after(33))
    item.refresh_from_db()
    assert item.notes.split("\n") == ["风速 2 m/s，东南风", "泄漏量 3 吨"]
    services.begin(row, actor=county_officer, now=after(34))
    row = services.end(row, actor=county_officer, now=after(50))
    with pytest.raises(rules.NotTheChair):
        minuting.sign(row, actor=actor("duty_leader", "370102", 2), now=after(51))
    row = minuting.sign(row, actor=county_leader, now=after(52))
    with pytest.raises(WrongState):
        minuting.sign(row, actor=county_leader, now=after(53))
    with pytest.raises(rules.RecordClosed):
        services.keep_notes(item, item.notes, "改", actor=county_officer, now=after(54))
    row = minuting.correct(row, {item.pk: "风速 3 m/s"}, "风速记错", actor=county_leader, now=after(60))
    second, first = row.minutes.all()
    assert (row.edition, first.content["items"][0]["notes"], second.content["items"][0]["notes"]) == (2, item.notes, "风速 3 m/s")
    assert (first.digest, second.reason) == (minuting.digest(first.content), "风速记错")
    with pytest.raises(DatabaseError), transaction.atomic():
        Minutes.objects.update(content={})


def test_a_picture_of_a_camera_is_kept_with_its_moment(county_officer: Actor) -> None:
    row = called(county_officer, [CITY])
    platform = Platform.objects.create(code="37010200002000000001", name="平台", place_code="370102", password=b"")
    camera = Camera.objects.create(platform=platform, code="37010200001320000001", name="罐区东", place_code="370102")
    with pytest.raises(rules.NoPicture):
        services.take_still(row, camera.pk, actor=county_officer, now=after(31))
    Snapshot.objects.create(camera=camera, data=JPEG, media_type="image/jpeg", sha256="0" * 64, taken_at=after(30))
    kept = services.take_still(row, camera.pk, actor=county_officer, now=after(31))
    assert (kept.taken_at, kept.is_picture, "罐区东" in kept.caption) == (after(30), True, True)
    assert [each.id for each in queries.files(row, county_officer)] == [kept.id]


def test_the_page_before_during_and_after(world: None) -> None:
    officer, leader, guest = client_for("duty_officer", "370102"), client_for("duty_leader", "370102"), client_for("duty_officer", "370103")
    start = (kernel_clock.now() + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    form = {"title": "天气会商", "starts_at": start, "agenda": "实况｜气象局\n预报", "channels": ["page"], "online": "on"}
    assert officer.get("/consultations/new/?template=weather").status_code == 200
    assert officer.post("/consultations/new/", form).status_code == 422
    assert officer.post("/consultations/new/", {**form, "agenda": "", "to": BESIDE}).status_code == 422
    page = officer.post("/consultations/new/", {**form, "to": BESIDE})["Location"]
    assert "天气会商" in officer.get("/consultations/").content.decode()
    row = Consultation.objects.get()
    item = row.items.first()
    assert (item.title, item.speaker) == ("实况", "气象局")
    guest.post(f"{page}do/attend/")
    officer.post(f"{page}do/begin/")
    _writes(officer, guest, page, item)
    assert officer.post(f"{page}add/decision/", {"decision-text": "加密巡查"}).status_code == 422
    told = {"decision-text": "加密巡查", "decision-assignee": "各镇", "decision-due": start, "decision-grounds": "夜间有雨"}
    officer.post(f"{page}add/decision/", told)
    officer.post(
        f"{page}add/voice/", {"voice-kind": "dissent", "voice-text": "镇里人手不够", "voice-who": "某镇", "voice-item": str(item.pk)}
    )
    officer.post(f"{page}do/end/")
    leader.post(f"{page}do/sign/")
    assert leader.post(f"{page}correct/", {f"text-{item.pk}": "雨强 30 mm/h", "reason": ""}).status_code == 422
    leader.post(f"{page}correct/", {f"text-{item.pk}": "雨强 30 mm/h", "reason": "更新"})
    shown = guest.get(page).content.decode()
    assert all(words in shown for words in ("加密巡查", "镇里人手不够", "雨强 30 mm/h", "第 2 版"))
    printed = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(guest.get(f"{page}minutes.pdf").content)).pages)
    assert all(words in printed.replace("\n", "") for words in ("天气会商会商纪要", "各镇", "镇里人手不够", "第 2 版"))
    assert guest.get(f"{page}minutes.docx").content.startswith(b"PK")
    assert guest.post(f"{page}do/resume/").status_code == 403
    assert client_for("duty_officer", "110105").get(page).status_code == 404


def _writes(officer: Client, guest: Client, page: str, item: Any) -> None:
    headers = {"HX-Request": "true"}
    officer.post(f"{page}items/{item.pk}/", {"base": "", "text": "雨强 20 mm/h"}, headers=headers)
    answer = officer.post(f"{page}items/{item.pk}/", {"base": "", "text": "另一人的话"}, headers=headers).content.decode()
    assert "雨强 20 mm/h" in answer, "what another page holds is shown, not overwritten"
    assert guest.post(f"{page}items/{item.pk}/", {"base": "", "text": "改"}).status_code in (403, 404)
