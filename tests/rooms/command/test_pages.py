"""The pages of command: the duty desk, the incident's room, the timeline; driven as people drive them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader
from tests.accounts import client_for
from tests.rooms.jinan import raise_alarm

from anlan.command.incidents.models import Incident, Response, ResponseTask
from anlan.command.plans import door as plans
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel import clock as kernel_clock
from anlan.kernel.access import system_actor
from anlan.ledger.events import deliver_pending
from anlan.report.filings.models import Filing
from anlan.sense.alarms.models import Alarm

pytestmark = pytest.mark.django_db
CHINA = timedelta(hours=8)


@pytest.fixture
def officer(world: None) -> Client:
    plans.load_examples(actor=system_actor("loader"), now=kernel_clock.now())
    return client_for("duty_officer", "370102")


@pytest.fixture
def leader(world: None) -> Client:
    return client_for("duty_leader", "370102")


def filed(officer: Client, plant: Enterprise) -> Filing:
    """A report sent from an alarm."""
    alarm = raise_alarm(plant)
    now = (kernel_clock.now() + CHINA).strftime("%Y-%m-%dT%H:%M")
    officer.post(
        "/filings/new/",
        {
            "kind": "hazchem_leak",
            "title": "示范氯碱氯气泄漏",
            "occurred_at": now,
            "known_at": now,
            "place_code": "370102",
            "location": "液氯储存区",
            "source": "sensor",
            "enterprise_id": str(plant.pk),
            "alarm_id": str(alarm.pk),
            "exercise": "on",
            "then": "submit_empty_unknown",
        },
    )
    return Filing.objects.get()


def opened(officer: Client, plant: Enterprise) -> Incident:
    filing = filed(officer, plant)
    form = officer.get(f"/incidents/new/?filing={filing.pk}")
    assert "示范氯碱氯气泄漏" in form.content.decode()
    initial = form.context["form"].initial
    officer.post("/incidents/new/", {k: v for k, v in initial.items() if v is not None} | {"exercise": "on"})
    return Incident.objects.get()


def proposed(officer: Client, plant: Enterprise) -> tuple[Incident, Response]:
    incident = opened(officer, plant)
    page = officer.get(f"/incidents/{incident.pk}/")
    officer.post(f"/incidents/{incident.pk}/propose/", page.context["response_form"].initial)
    return incident, Response.objects.get()


def test_an_empty_desk_says_so(officer: Client) -> None:
    html = officer.get("/duty/").content.decode()
    for words in ("没有未关闭的报警", "没有应报未报的事项", "没有处置中的事件", "当前没有排班"):
        assert words in html


def test_the_desk_shows_alarms_clocks_incidents_and_tasks(officer: Client, leader: Client, plant: Enterprise) -> None:
    incident, response = proposed(officer, plant)
    leader.post(f"/incidents/{incident.pk}/responses/{response.pk}/start/")
    html = officer.get("/duty/").content.decode()
    for words in ("氯气探测器 G3 浓度高高", "data-elapsed", "县级向市级逐级上报", "data-countdown", "响应中", "派出消防和专业救援力量"):
        assert words in html


def test_one_click_acknowledges_and_the_row_stays_in_its_place(officer: Client, plant: Enterprise) -> None:
    first = raise_alarm(plant, episode="g3")
    second = raise_alarm(plant, episode="g4", minutes=1, title="氯气探测器 G4 浓度高")
    desk = officer.get("/duty/")
    order = [str(item["row"].id) for item in desk.context["alarms"]]
    html = officer.post(f"/duty/alarms/{first.pk}/acknowledge/?order={','.join(order)}", headers={"HX-Request": "true"}).content.decode()
    assert Alarm.objects.get(pk=first.pk).acknowledged_by_name == "Duty-Officer-370102"
    assert [html.index(f"alarm-{key}") for key in order] == sorted(html.index(f"alarm-{key}") for key in order)
    third = raise_alarm(plant, episode="g5", minutes=2, title="氯气探测器 G5 浓度高")
    part = officer.get(f"/duty/part/alarms/?order={','.join(order)}")
    assert [str(item["row"].id) for item in part.context["alarms"]] == [str(third.pk), *order]
    assert [item["new"] for item in part.context["alarms"]] == [True, False, False]
    assert second.pk


def test_an_alarm_of_another_county_cannot_be_acknowledged(officer: Client, plant: Enterprise) -> None:
    alarm = raise_alarm(plant)
    stranger = client_for("duty_officer", "370103")
    assert stranger.post(f"/duty/alarms/{alarm.pk}/acknowledge/").status_code == 404
    assert "G3" not in stranger.get("/duty/").content.decode()


def test_every_part_of_the_desk_answers_by_itself_and_no_other(officer: Client) -> None:
    for name in ("alarms", "owed", "approvals", "ongoing", "log"):
        assert officer.get(f"/duty/part/{name}/").status_code == 200
    assert officer.get("/duty/part/secrets/").status_code == 404


def test_the_log_takes_entries_and_pages_show_them(officer: Client) -> None:
    officer.post("/duty/log/", {"kind": "call", "text": "企业来电询问", "caller": "张某"})
    html = officer.get("/duty/log/").content.decode()
    assert "企业来电询问" in html
    assert "张某" in html
    assert officer.post("/duty/log/", {"text": " "}, headers={"HX-Request": "true"}).status_code == 422


def test_a_handover_by_two_people(officer: Client, leader: Client, plant: Enterprise) -> None:
    raise_alarm(plant)
    page = officer.post("/duty/handover/", follow=True)
    assert "氯气探测器 G3 浓度高高" in page.content.decode()
    address = page.redirect_chain[-1][0]
    assert officer.post(f"{address}receive/").status_code == 403
    assert "已交接" in leader.post(f"{address}receive/", follow=True).content.decode()


def test_the_roster_is_planned_by_those_who_may(officer: Client, leader: Client) -> None:
    page = leader.get("/duty/roster/")
    initial = page.context["form"].initial
    account = page.context["form"].fields["account_id"].choices[0][0]
    answer = leader.post("/duty/roster/", {**initial, "account_id": account}, follow=True)
    assert "Duty-Officer" in answer.content.decode() or "Duty-Leader" in answer.content.decode()
    assert leader.post("/duty/roster/", {**initial, "account_id": account}).status_code == 422
    assert officer.get("/duty/roster/").context["form"] is None


def test_the_whole_response_by_pages(officer: Client, leader: Client, plant: Enterprise) -> None:
    incident, response = proposed(officer, plant)
    address = f"/incidents/{incident.pk}/"
    assert officer.post(f"{address}responses/{response.pk}/start/").status_code == 403
    assert "批准启动" in leader.get(address).content.decode()
    leader.post(f"{address}responses/{response.pk}/start/")
    task = ResponseTask.objects.order_by("number").first()
    officer.post(f"{address}tasks/{task.pk}/accept/")
    assert officer.post(f"{address}tasks/{task.pk}/finish/", {"words": ""}).status_code == 422
    officer.post(f"{address}tasks/{task.pk}/finish/", {"words": "泄漏源已切断"})
    officer.post(f"{address}note/", {"kind": "note", "text": "现场风向转东"})
    due = (kernel_clock.now() + CHINA + timedelta(minutes=20)).strftime("%Y-%m-%dT%H:%M")
    officer.post(f"{address}order/", {"task-title": "送水", "task-assignee": "街道", "task-due": due})
    assert ResponseTask.objects.filter(title="送水").exists()
    leader.post(f"{address}responses/{response.pk}/end/", {"reason": "泄漏已封堵，监测正常"})
    refused = leader.post(f"{address}close/", {"summary": "完"})
    assert refused.status_code == 409
    assert "送水" in refused.content.decode()
    for row in ResponseTask.objects.exclude(state="done"):
        leader.post(f"{address}tasks/{row.pk}/cancel/", {"words": "响应已结束"})
    leader.post(f"{address}close/", {"summary": "无人员死亡"})
    assert "已结案" in leader.get(address).content.decode()
    timeline = leader.get(f"{address}timeline/").content.decode()
    for words in ("报警", "首报", "批准启动", "泄漏源已切断", "现场风向转东", "事件结案", "按时"):
        assert words in timeline
    assert "首报" not in leader.get(f"{address}timeline/?kind=task").content.decode()
    pdf = leader.get(f"{address}timeline.pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)
    assert "示范氯碱氯气泄漏：处置过程" in text
    assert "泄漏源已切断" in text


def test_a_response_without_its_words_is_refused_beside_the_form(officer: Client, plant: Enterprise) -> None:
    incident = opened(officer, plant)
    initial = officer.get(f"/incidents/{incident.pk}/").context["response_form"].initial
    answer = officer.post(f"/incidents/{incident.pk}/propose/", {**initial, "measures": ""})
    assert "error-summary" in answer.content.decode()
    assert Response.objects.count() == 0


def test_the_leader_is_told_once_and_a_graver_filing_is_followed(officer: Client, leader: Client, plant: Enterprise) -> None:
    incident, _response = proposed(officer, plant)
    deliver_pending()
    told = leader.get("/notifications/").content.decode()
    assert "提请启动响应" in told
    filing = Filing.objects.get()
    page = officer.get(f"/filings/{filing.pk}/supplement/")
    values = {k: v for k, v in page.context["form"].initial.items() if v is not None and k in page.context["form"].fields}
    officer.post(f"/filings/{filing.pk}/supplement/", {**values, "deaths": "3"})
    deliver_pending()
    incident.refresh_from_db()
    assert incident.level_code == "III"


def test_another_county_gets_nothing_of_an_incident(officer: Client, plant: Enterprise) -> None:
    incident, response = proposed(officer, plant)
    stranger = client_for("duty_leader", "370103")
    for tail in ("", "timeline/", "timeline.pdf"):
        assert stranger.get(f"/incidents/{incident.pk}/{tail}").status_code == 404
    for tail in (f"responses/{response.pk}/start/", "note/", "close/", "order/"):
        assert stranger.post(f"/incidents/{incident.pk}/{tail}", {"text": "x"}).status_code == 404
    assert "示范氯碱" not in stranger.get("/incidents/").content.decode()


def test_the_example_plan_is_seen_in_the_county_and_says_that_it_is_one(officer: Client) -> None:
    listing = officer.get("/plans/").content.decode()
    assert "危险化学品泄漏专项应急预案（示例）" in listing
    plan = plans.plan_for("hazchem_leak", "370102")
    html = officer.get(plan.address).content.decode()  # type: ignore[union-attr]
    for words in ("未经任何单位评审", "切断泄漏源", "完成标准"):
        assert words in html


def test_orders_are_moved_on_the_board_and_the_command_is_changed_on_its_page(officer: Client, leader: Client) -> None:
    officer.post(
        "/incidents/new/",
        {
            "title": "氯气泄漏",
            "kind": "hazchem_leak",
            "place_code": "370102",
            "occurred_at": (kernel_clock.now() + CHINA).strftime("%Y-%m-%dT%H:%M"),
        },
    )
    incident = Incident.objects.get()
    due = (kernel_clock.now() + CHINA + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    officer.post(f"/incidents/{incident.pk}/order/", {"task-title": "侦检", "task-assignee": "危化队", "task-due": due})
    task = ResponseTask.objects.get()
    board = f"/incidents/{incident.pk}/board/"
    move = f"/incidents/{incident.pk}/tasks/{task.pk}"
    assert "侦检" in officer.get(board).content.decode()
    assert officer.post(f"{move}/depart/", {"back": "group"}).headers["Location"] == f"{board}?by=group"
    refused = officer.post(f"{move}/accept/", {"back": "board"})
    assert (refused.status_code, "不能执行" in refused.content.decode()) == (409, True)
    page = f"/incidents/{incident.pk}/structure/"
    named = {"post-group": "new", "post-group_name": "侦检组", "post-holder": "王工", "post-phone": "13900000000", "post-reason": "先到"}
    assert leader.post(f"{page}appoint/", {**named, "post-group_name": ""}).status_code == 200
    assert leader.post(f"{page}appoint/", named).status_code == 302
    shown = leader.get(page).content.decode()
    assert "王工" in shown
    assert officer.post(f"{page}appoint/", named).status_code == 403
    assert officer.get("/incidents/my-tasks/").status_code == 200
