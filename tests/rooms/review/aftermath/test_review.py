"""A review from its beginning to the lesson that somebody else has seen carried out."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from tests.accounts import client_for
from tests.rooms.jinan import NOW, actor

from anlan.command.incidents import door as incidents
from anlan.command.incidents import queries as incident_queries
from anlan.command.incidents import services as incident_services
from anlan.command.incidents import tasking as incident_tasking
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, MissingFields
from anlan.ledger import clocks
from anlan.ledger.models import ClockState
from anlan.review.aftermath import door, presenting, queries, rules, services
from anlan.review.aftermath.models import Review

pytestmark = pytest.mark.django_db


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def incident(county_officer: Actor) -> Any:
    found = incidents.open_incident(
        {"title": "氯气泄漏", "kind": "hazchem_leak", "place_code": "370102", "longitude": 117.05, "latitude": 36.67},
        actor=county_officer,
        now=after(5),
    )
    row = incident_queries.incident(found, None)
    task = incident_tasking.order_task(
        row, {"title": "开启水幕", "assignee": "企业", "due": after(20), "done_when": "水幕覆盖"}, actor=county_officer, now=after(8)
    )
    incident_tasking.accept_task(task, actor=county_officer, now=after(10))
    incident_tasking.finish_task(task, "已开启", actor=county_officer, now=after(34))
    incident_services.note(row, "decision", "就地避险", actor=county_officer, now=after(12))
    return found


@pytest.fixture
def review(incident: Any, county_officer: Actor) -> Review:
    return services.open_review(incident, actor=county_officer, now=after(2000))


LESSON = {"area": "tasks", "problem": "水幕开启慢", "measure": "改为联锁启动", "owner_name": "示范氯碱安全科", "due": date(2027, 2, 1)}


def test_figures_come_from_the_course_and_stand_once_it_is_issued(review: Review, county_officer: Actor, county_leader: Actor) -> None:
    lines = queries.lines(review, county_officer, after(2000))
    figures = {each["code"]: each for each in queries.figures(review, lines)}
    assert (figures["tasks_in_time"]["part"], figures["tasks_in_time"]["whole"]) == (0, 1)
    assert [(each.title, each.late_minutes) for each in rules.missed(lines)] == [("完成：开启水幕", 14)]
    with pytest.raises(MissingFields):
        services.submit(review, actor=county_officer, now=after(2001))
    services.write(review, {"achieved": "接报及时", "failed": "水幕开启超时"}, actor=county_officer, now=after(2001))
    services.submit(review, actor=county_officer, now=after(2002))
    with pytest.raises(NotPermitted):
        services.issue(review, actor=county_officer, now=after(2003))
    issued = services.issue(review, actor=county_leader, now=after(2003))
    incident_services.note(incident_queries.incident(review.incident_id, None), "note", "事后补记", actor=county_officer, now=after(2004))
    assert queries.figures(issued, ()) == issued.figures
    with pytest.raises(rules.ReviewClosed):
        services.write(issued, {"failed": "没有"}, actor=county_officer, now=after(2005))
    second = actor("duty_leader", "370102", 2)
    assert queries.elsewhere(Review(kind="hazchem_leak", exercise=False, place_code="370102"), second)["tasks_in_time"] == 0


def test_whoever_hands_it_in_does_not_pass_it(review: Review, county_leader: Actor) -> None:
    services.write(review, {"achieved": "一", "failed": "二"}, actor=county_leader, now=after(2001))
    services.submit(review, actor=county_leader, now=after(2002))
    with pytest.raises(FourEyes):
        services.issue(review, actor=county_leader, now=after(2003))
    services.send_back(review, "补充数据", actor=actor("duty_leader", "370102", 2), now=after(2004))
    review.refresh_from_db()
    assert review.state == rules.DRAFT


def test_one_incident_has_one_review_and_a_dropped_one_makes_room(
    review: Review, incident: Any, county_officer: Actor, county_leader: Actor
) -> None:
    with pytest.raises(rules.ReviewExists):
        services.open_review(incident, actor=county_officer, now=after(2001))
    services.drop(review, "重写", actor=county_leader, now=after(2002))
    assert services.open_review(incident, actor=county_officer, now=after(2003)).pk != review.pk


def test_a_lesson_runs_against_its_day_and_is_verified_by_somebody_else(
    review: Review, county_officer: Actor, county_leader: Actor
) -> None:
    for wrong in ({"problem": " "}, {"area": "wings"}, {"due": date(2026, 11, 1)}):
        with pytest.raises(rules.BadLesson):
            services.note_lesson(review, LESSON | wrong, actor=county_officer, now=after(2000))
    lesson = services.note_lesson(review, LESSON, actor=county_officer, now=after(2000))
    assert [each.problem for each in door.open_lessons(county_officer, after(2000))] == ["水幕开启慢"]
    assert clocks.for_subject(lesson).get().until.isoformat() == "2027-02-01T15:59:59+00:00"
    with pytest.raises(MissingFields):
        services.finish(lesson, " ", actor=county_leader, now=after(3000))
    lesson = services.finish(lesson, "联锁已投用", actor=county_leader, now=after(3000))
    with pytest.raises(FourEyes):
        services.verify(lesson, actor=county_leader, now=after(3001))
    other = actor("duty_leader", "370102", 2)
    lesson = services.reopen(lesson, "现场未见联锁", actor=other, now=after(3002))
    assert clocks.for_subject(lesson).filter(state=ClockState.RUNNING).count() == 1, "the clock runs again"
    lesson = services.finish(lesson, "联锁已投用，附照片", actor=county_leader, now=after(3003))
    assert services.verify(lesson, actor=other, now=after(3004)).state == rules.VERIFIED


def test_the_report_says_what_was_missed_and_the_sheet_leaves_nothing_out(review: Review, county_officer: Actor) -> None:
    services.note_lesson(review, LESSON, actor=county_officer, now=after(2000))
    here = client_for("duty_officer", "370102")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer(here, review, "pdf"))).pages)
    for words in ("超时 14 分钟", "水幕开启慢", "能力指标"):
        assert words in text, words
    assert answer(here, review, "docx")[:2] == b"PK"
    lines = queries.lines(review, county_officer, after(3000))
    rows = CalamineWorkbook.from_filelike(BytesIO(answer(here, review, "xlsx"))).get_sheet_by_index(0).to_python()
    assert len(rows) == len(lines) + 1
    assert here.get(reverse("aftermath:document", args=[review.pk, "exe"])).status_code == 404


def answer(client: Any, review: Review, form: str) -> bytes:
    found = client.get(reverse("aftermath:document", args=[review.pk, form]))
    assert found.status_code == 200
    return found.content


def test_the_page_tells_moments_to_the_map_and_the_next_county_nothing(review: Review, incident: Any, other_county_officer: Actor) -> None:
    here, there = client_for("duty_officer", "370102"), client_for("duty_officer", "370103")
    address = reverse("aftermath:detail", args=[review.pk])
    page = here.get(address, {"only": "missed"}).content.decode()
    assert "超时 14 分钟" in page
    story = here.get(reverse("aftermath:story", args=[review.pk])).json()
    assert [each["tone"] for each in story["lines"]].count("red") == 1
    wrong = here.post(reverse("aftermath:act", args=[review.pk, "submit"]))
    assert wrong.status_code == 422
    assert there.get(address).status_code == 404
    assert there.get(reverse("aftermath:story", args=[review.pk])).status_code == 404
    with pytest.raises(NotFound):
        services.open_review(incident, actor=other_county_officer, now=after(2001))
    assert here.post(reverse("aftermath:create", args=[incident])).status_code == 302, "it leads to the one that exists"


def test_a_long_course_is_shortened_in_the_report_and_says_so(
    review: Review, county_officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = queries.lines(review, county_officer, after(3000)) * 200
    blocks = presenting.document(review, lines, county_officer, after(3000)).blocks
    assert "此处列出其中 600 条" in str(blocks)
