"""Pages of special works and commitments as people send them, and as a phone sends what waited for a network."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from tests.accounts import PASSWORD, client_of
from tests.rooms.prevent.permits.plants import COUNTY, HOT_1, Plant

from anlan.prevent.permits import queries, rules, signing
from anlan.prevent.permits.forms import shown
from anlan.prevent.permits.models import Commitment, GasTest, Permit, Work

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def browser(plant: Plant):
    def opened(name: str) -> Client:
        return client_of(plant.accounts[name])

    return opened


def asked(plant: Plant, **values: object) -> dict[str, object]:
    told: dict[str, object] = {
        "enterprise_id": plant.enterprise.pk,
        "title": "更换法兰",
        "location": "二车间 2#反应釜",
        "kinds": [rules.HOT_WORK, rules.CONFINED_SPACE],
        "planned_from": shown(plant.now),
        "planned_until": shown(plant.now + timedelta(hours=4)),
        "applicant_unit": "二车间",
        "work_unit": "检修班",
        "hazards": "火灾",
        "fire_area": "on",
    }
    return told | values


def test_asking_makes_the_permits_and_shows_the_first(plant: Plant, browser):
    answer = browser("operator").post("/permits/new/", asked(plant), follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "DH-20260609-001" in page
    assert "SX-20260609-001" in page
    assert Permit.objects.count() == 2


def test_a_form_with_errors_comes_back_with_what_was_typed(plant: Plant, browser):
    answer = browser("operator").post("/permits/new/", asked(plant, kinds=[rules.LIFTING]))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "吊物质量" in page
    assert "更换法兰" in page
    assert not Work.objects.exists()


def test_a_phone_gets_its_answer_as_data_and_the_same_act_is_done_once(plant: Plant, browser):
    phone, once = browser("operator"), str(uuid4())
    first = phone.post("/permits/new/", asked(plant, once=once), **JSON)
    again = phone.post("/permits/new/", asked(plant, once=once), **JSON)
    assert first.status_code == again.status_code == 200
    assert first.json()["url"] == again.json()["url"]
    assert Work.objects.count() == 1
    refused = phone.post("/permits/new/", asked(plant, kinds=[]), **JSON)
    assert refused.status_code == 422
    assert refused.json()["fields"]["kinds"]


def test_lines_that_were_answered_are_kept_although_others_are_missing(plant: Plant, browser):
    row = plant.permit()
    answer = browser("shift").post(f"/permits/{row.pk}/do/mark/", {"m-1": "yes", "m-2": "yes", "complete": "1"})
    assert answer.status_code == 422
    assert "14 项安全措施未确认" in answer.content.decode()
    assert row.answers.count() == 2


def test_a_reading_that_waited_for_a_network_counts_from_when_it_was_taken(plant: Plant, browser):
    row = plant.confirmed(plant.permit())
    told = {"test-combustible": "0.1", "test-lel": "5", "seconds_ago": str(20 * 60), "once": str(uuid4())}
    assert browser("operator").post(f"/permits/{row.pk}/do/test/", told, **JSON).status_code == 200
    sample = GasTest.objects.get()
    assert sample.sampled_at == plant.now - timedelta(minutes=20)
    assert sample.late
    page = browser("operator").get(f"/permits/{row.pk}/").content.decode()
    assert "补录" in page


def test_what_is_refused_stands_on_the_page_with_what_was_typed_and_is_told_to_a_phone(plant: Plant, browser):
    row = plant.confirmed(plant.permit())
    plant.sampled(row)
    told = {f"approve-{name}": "赵敏" for name in ("leader_name", "supervisor_name", "briefed_by_name", "briefed_to_name")}
    page = browser("manager").post(f"/permits/{row.pk}/do/approve/", told | {"approve-password": "wrong"})
    assert page.status_code == 422
    assert "签字未通过" in page.content.decode()
    assert "赵敏" in page.content.decode()
    assert "wrong" not in page.content.decode()
    assert browser("manager").post(f"/permits/{row.pk}/do/approve/", told | {"approve-password": PASSWORD}).status_code == 302
    plant.clock.advance(minutes=40)
    late = browser("operator").post(f"/permits/{row.pk}/do/start/", {}, **JSON)
    assert (late.status_code, late.json()["code"]) == (409, "permit_gas_too_old")
    assert "现在不能作业" in browser("operator").get(f"/permits/{row.pk}/").content.decode()


def test_the_printed_permit_is_a_pdf_with_its_number(plant: Plant, browser):
    row = plant.working()
    answer = browser("inspector").get(f"/permits/{row.pk}/permit.pdf")
    assert answer.content.startswith(b"%PDF")
    assert row.number in answer["Content-Disposition"]
    assert browser("neighbour").get(f"/permits/{row.pk}/permit.pdf").status_code == 404


def test_lists_conflicts_and_the_enterprise_s_page_show_what_goes_on(plant: Plant, browser):
    plant.permit()
    plant.permit(rules.CONFINED_SPACE, facts={"opens_vessel": True})
    inspector = browser("inspector")
    assert "DH-20260609-001" in inspector.get("/permits/").content.decode()
    assert "未说明" in inspector.get("/permits/conflicts/").content.decode()
    assert "更换循环水管" in inspector.get(f"/enterprises/{plant.enterprise.pk}/").content.decode()
    assert "更换循环水管" not in browser("neighbour").get("/permits/").content.decode()


def test_a_conflict_is_marked_in_the_list_and_narrowed_to_the_enterprise_whose_page_led_there(plant: Plant, browser):
    fire = plant.permit()
    plant.permit(rules.CONFINED_SPACE, facts={"opens_vessel": True})
    inspector, own = browser("inspector"), plant.enterprise.pk
    assert inspector.get(f"/permits/?enterprise={own}").content.decode().count("冲突未说明") == 2
    page = inspector.get(f"/enterprises/{own}/").content.decode()
    assert "作业冲突 1" in page and f"/permits/conflicts/?enterprise={own}" in page
    narrowed = inspector.get(f"/permits/conflicts/?enterprise={own}").content.decode()
    assert f"只显示“{plant.enterprise.name}”的作业冲突" in narrowed and fire.number in narrowed
    assert browser("neighbour").get(f"/permits/conflicts/?enterprise={own}").status_code == 404
    for each in queries.conflicts_of(fire, plant.now):
        signing.answer_conflict(fire.pk, other_id=each.other.pk, pair=each.pair.code, reason="先封闭人孔", **plant.by("shift"))
    answered = inspector.get(f"/permits/?enterprise={own}").content.decode()
    assert answered.count("冲突已说明") == 2 and "冲突未说明" not in answered


def test_a_commitment_is_given_with_a_reason_where_it_differs_and_read_by_the_bureau(plant: Plant, browser):
    plant.approved()
    form = {each.code: 0 for each in queries.commitment_fields() if each.kind == "count"} | {"risk_grade": 3, "statement": "运行正常"}
    principal = browser("principal")
    assert "动火" in principal.get("/commitments/give/").content.decode()
    refused = principal.post("/commitments/give/", form)
    assert refused.status_code == 422
    assert "与平台记录不一致" in refused.content.decode()
    assert principal.post("/commitments/give/", form | {HOT_1: 1}).status_code == 302
    row = Commitment.objects.get()
    page = browser("inspector").get(f"/commitments/{row.pk}/").content.decode()
    assert "运行正常" in page
    regions = browser("inspector").get("/commitments/regions/").content.decode()
    assert f"place={COUNTY}" in regions
    assert browser("neighbour").get(f"/commitments/{row.pk}/").status_code == 404


def test_the_enterprise_sets_its_own_hours_by_a_form(plant: Plant, browser):
    told = {"kind": rules.BLIND_PLATE, "hours": "6", "basis": "盲板管理规定"}
    assert browser("manager").post("/permits/rules/", told).status_code == 302
    assert queries.own_hours(plant.enterprise.pk, rules.BLIND_PLATE) == 6
    assert browser("manager").post("/permits/rules/", told | {"hours": "0"}).status_code == 422
    assert browser("operator").get("/permits/rules/").status_code == 403
