"""One-key reports from the phone to the duty desk, once however often they arrive; tasks, check-ins and positions from the field."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.accounts import client_of, make_account
from tests.rooms.jinan import NOW, actor

from anlan.command.field import door as field
from anlan.command.fieldapp import queries, rules, services
from anlan.command.fieldapp.models import FieldReport, FieldStep
from anlan.command.incidents import door as incidents
from anlan.desk.models import Notification
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import ReasonRequired
from anlan.ledger.events import deliver_pending
from anlan.report.filings import door as filings

pytestmark = pytest.mark.django_db

ONCE = UUID("11111111-2222-4333-8444-555555555555")
LEAD = services.Sent(once=ONCE, kind="fire", words="仓库冒烟", longitude=117.08, latitude=36.67, accuracy_m=12.0)


def picture(name: str = "现场.jpg", fill: int = 30) -> Any:
    body = b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + bytes((200, fill, 30)) * 20 + b"\xff\xd9"
    return SimpleUploadedFile(name, body, content_type="image/jpeg")


@pytest.fixture
def volunteer(world: None) -> Actor:
    return actor("volunteer", "370102")


def test_a_volunteers_report_rings_as_a_lead_and_is_no_filing_before_an_officer_made_one(
    volunteer: Actor, county_officer: Actor, other_county_officer: Actor
) -> None:
    officer = make_account("officer", "duty_officer", "370102", now=NOW)
    report = services.send(LEAD, actor=volunteer, now=NOW)
    assert services.send(LEAD, actor=volunteer, now=NOW + timedelta(minutes=9)).pk == report.pk
    deliver_pending()
    told = Notification.objects.get(account_id=officer.pk, event="fieldapp.reported")
    assert told.sentence.startswith("现场上报（待核实）") and told.url == queries.address(report.pk)
    assert report.filing_id is None and FieldReport.objects.count() == 1
    with pytest.raises(NotFound):
        queries.report(report.pk, other_county_officer)
    with pytest.raises(NotPermitted):
        services.file(report, actor=volunteer, now=NOW)
    with pytest.raises(ReasonRequired):
        services.settle(report, "dismiss", "", actor=county_officer, now=NOW)
    done = services.file(report, actor=county_officer, now=NOW + timedelta(minutes=3))
    filing = filings.filing(done.filing_id or "", county_officer)
    assert (filing.kind, filing.state, filing.brief_course) == ("fire", "draft", "仓库冒烟")


def test_an_enterprises_report_opens_its_own_filing_which_the_county_sees(safety_manager: Actor, county_officer: Actor) -> None:
    officer = make_account("officer", "duty_officer", "370102", now=NOW)
    report = services.send(replace(LEAD, kind="hazchem_leak", seconds_ago=600), actor=safety_manager, now=NOW)
    deliver_pending()
    assert Notification.objects.get(account_id=officer.pk, event="fieldapp.reported").tone == "red"
    filing = filings.filing(report.filing_id or "", county_officer)
    assert filing.enterprise_id == safety_manager.enterprise_id
    assert filing.occurred_at == NOW - timedelta(minutes=10) == report.happened_at
    assert services.file(report, actor=county_officer, now=NOW).filing_id == filing.id


def test_bad_input_is_refused_by_name_and_a_key_belongs_to_who_sent_it(volunteer: Actor, safety_manager: Actor) -> None:
    with pytest.raises(rules.PlaceMissing):
        services.send(services.Sent(once=ONCE), actor=volunteer, now=NOW)
    with pytest.raises(rules.KindUnknown):
        services.send(replace(LEAD, kind="picnic"), actor=volunteer, now=NOW)
    told = services.send(services.Sent(once=ONCE, location="化工路 1 号东门", phone_at=NOW - timedelta(hours=2)), actor=volunteer, now=NOW)
    assert (told.kind, told.clock_off_s) == ("other", -7200)
    with pytest.raises(rules.KeyTaken):
        services.send(LEAD, actor=safety_manager, now=NOW)
    with pytest.raises(NotFound):
        services.add_picture(ONCE, picture(), actor=safety_manager, now=NOW)


def test_pictures_follow_a_report_and_the_same_picture_twice_is_one(volunteer: Actor) -> None:
    services.send(LEAD, actor=volunteer, now=NOW)
    for file in (picture("thumbnail.jpg", 1), picture(), picture()):
        told = services.add_picture(ONCE, file, actor=volunteer, now=NOW)
    assert told.pictures == 2


def test_a_rescuer_moves_his_task_tells_that_he_is_well_and_the_timeline_knows_both_times(county_officer: Actor) -> None:
    team = actor("rescue_team", "370102")
    values = {"title": "液氯泄漏", "kind": "hazchem_leak", "place_code": "370102", "description": "-", "exercise": True}
    incident = incidents.open_incident(values, actor=county_officer, now=NOW)
    order = {"title": "堵漏", "assignee": "危化队", "due": NOW + timedelta(hours=1)}
    task = incidents.order_task(incident, order, actor=county_officer, now=NOW)
    nowhere: dict[str, float | None] = {}
    at = NOW + timedelta(minutes=20)
    keys = {kind: uuid4() for kind in ("accept", "depart", "arrive", "check_in", "finish")}
    for kind, key in keys.items():
        words = "阀门已关闭" if kind == "finish" else ""
        for _again in range(2):
            services.tell(key, kind, task_id=task, words=words, spot=nowhere, seconds_ago=600, actor=team, now=at)
    assert FieldStep.objects.count() == 5
    assert incidents.task(task, county_officer, at).state == "done"
    lines = [line for line in incidents.timeline(incident, county_officer, at) if line.code.startswith("fieldapp.")]
    assert [line.at for line in lines] == [NOW + timedelta(minutes=10)] * 5
    assert all("送达" in line.text for line in lines)
    with pytest.raises(rules.WordsMissing):
        services.tell(uuid4(), "decline", task_id=task, spot=nowhere, actor=team, now=at)


def test_a_phone_that_shares_its_position_is_a_field_unit_of_its_own(volunteer: Actor, county_officer: Actor) -> None:
    first = services.locate(services.Fix(117.08, 36.67, 8.0, 40.0), actor=volunteer, now=NOW)
    again = services.locate(services.Fix(117.09, 36.67, 8.0), actor=volunteer, now=NOW + timedelta(minutes=1))
    (unit,) = field.units(county_officer, at=NOW + timedelta(minutes=1))
    assert first == again == unit.id
    assert (unit.callsign, unit.longitude, unit.state) == (volunteer.name, 117.09, "live")


def test_the_phones_page_sends_in_under_two_kilobytes_and_shows_only_ones_own(world: None) -> None:
    phone = client_of(make_account("helper", "volunteer"))
    body = {"once": str(ONCE), "kind": "fire", "words": "仓库冒烟" * 20, "longitude": "117.08", "latitude": "36.67", "accuracy": "12"}
    answer = phone.post("/app/reports/", {**body, "phone_at": "1790000000000"}, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert "手机时钟" in told["remark"]
    assert "仓库冒烟" in phone.get(told["url"]).content.decode()
    assert phone.get("/app/").status_code == 200 and phone.get("/app/install/").status_code == 200
    assert phone.get("/field-reports/").status_code == 403
    other = client_of(make_account("another", "volunteer"))
    assert other.get(told["url"]).status_code == 404
    assert phone.get("/app/manifest.webmanifest").json()["start_url"] == "/app/"
