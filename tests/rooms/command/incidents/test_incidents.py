"""An incident from its filing to its closure, and the one timeline of everything about it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader
from tests.rooms.jinan import NOW, actor, raise_alarm

from anlan.command.incidents import document, door, queries, rules, services, tasking, timeline
from anlan.command.incidents.models import Incident, Response, SituationEntry
from anlan.command.plans import door as plans
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, MissingFields, ReasonRequired
from anlan.ledger import clocks
from anlan.ledger.models import Announcement
from anlan.report.filings import services as filings
from anlan.report.filings.models import Filing
from anlan.sense.alarms import door as alarms
from anlan.sense.alarms.models import Alarm

pytestmark = pytest.mark.django_db


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def filing(plant: Enterprise, alarm: Alarm, county_officer: Actor) -> Filing:
    values = {
        "kind": "hazchem_leak",
        "title": "示范氯碱有限公司氯气泄漏",
        "occurred_at": NOW,
        "known_at": after(2),
        "place_code": "370102",
        "location": "液氯储存区",
        "enterprise_id": plant.pk,
        "alarm_id": alarm.pk,
        "unit_profile": "氯碱",
        "scene": "泄漏",
        "brief_course": "法兰泄漏",
        "deaths": 0,
        "serious_injured": 1,
        "injured": 2,
        "missing": 0,
        "direct_loss": None,
        "unknown": ["direct_loss"],
        "measures_taken": "水幕",
        "source": "sensor",
        "exercise": True,
    }
    made = filings.create_filing(values, actor=county_officer, now=after(4))
    return filings.submit(made, actor=county_officer, now=after(5))


@pytest.fixture
def incident(filing: Filing, county_officer: Actor) -> Incident:
    plans.load_examples(actor=system_actor("loader"), now=NOW)
    return services.open_incident({"filing_id": filing.pk}, actor=county_officer, now=after(6))


def wanted(**more: Any) -> dict[str, Any]:
    plan = plans.plan_for("hazchem_leak", "370102")
    return {
        "plan_id": plan.id if plan else None,
        "level": "III",
        "matter": "液氯泄漏处置",
        "grounds": "突发事件应对法第七十一条",
        "measures": "疏散下风向人员",
        "expected_until": after(24 * 60),
        **more,
    }


@pytest.fixture
def response(incident: Incident, county_officer: Actor, county_leader: Actor) -> Response:
    proposed = services.propose_response(incident, wanted(), actor=county_officer, now=after(7))
    return services.start_response(proposed, actor=county_leader, now=after(8))


@pytest.mark.parametrize("flow", [rules.INCIDENT_FLOW, rules.RESPONSE_FLOW, rules.TASK_FLOW, rules.TRANSFER_FLOW])
def test_the_flows_of_command_have_no_problem(flow: Any) -> None:
    assert flow.problems() == []
    assert all(move.action in rules.ACTIONS for move in flow.moves)


def test_an_incident_takes_over_what_the_filing_says_and_is_linked_to_filing_and_alarm(
    incident: Incident, filing: Filing, alarm: Alarm
) -> None:
    assert (incident.title, incident.level_code, incident.exercise) == (filing.title, "IV", True)
    assert incident.enterprise_id == filing.enterprise_id
    assert queries.linked(incident, "filing") == [filing.pk]
    assert queries.linked(incident, "alarm") == [alarm.pk]


def test_nobody_approves_his_own_response(incident: Incident, county_leader: Actor) -> None:
    proposed = services.propose_response(incident, wanted(), actor=county_leader, now=after(7))
    with pytest.raises(FourEyes):
        services.start_response(proposed, actor=county_leader, now=after(8))
    incident.refresh_from_db()
    assert incident.state == rules.OPEN
    services.start_response(proposed, actor=actor("duty_leader", "370102", 2), now=after(9))
    incident.refresh_from_db()
    assert incident.state == rules.RESPONDING


def test_a_started_response_turns_the_plan_into_tasks_with_clocks(incident: Incident, response: Response) -> None:
    tasks = list(incident.tasks.all())
    assert len(tasks) >= 3
    assert [task.number for task in tasks] == list(range(1, len(tasks) + 1))
    clock = clocks.for_subject(tasks[0]).get(rule_code=rules.TASK_CLOCK)
    assert (clock.until, clock.owed_by) == (after(8 + 15), "事故企业")
    assert "incidents.response_started" in set(Announcement.objects.values_list("kind", flat=True))


def test_matter_level_period_and_measures_must_be_stated(incident: Incident, county_officer: Actor, county_leader: Actor) -> None:
    proposed = services.propose_response(incident, wanted(measures=""), actor=county_officer, now=after(7))
    with pytest.raises(MissingFields, match="响应措施"):
        services.start_response(proposed, actor=county_leader, now=after(8))
    services.refuse_response(proposed, "要素不全", actor=county_leader, now=after(9))
    with pytest.raises(rules.PeriodPassed):
        services.propose_response(incident, wanted(expected_until=after(1)), actor=county_officer, now=after(10))
    with pytest.raises(rules.NoPlan):
        services.propose_response(incident, wanted(plan_id=None), actor=county_officer, now=after(10))


def test_there_is_one_response_at_a_time(incident: Incident, response: Response, county_officer: Actor) -> None:
    with pytest.raises(rules.ResponseRunning):
        services.propose_response(incident, wanted(level="II"), actor=county_officer, now=after(20))


def test_a_higher_level_adds_only_the_tasks_it_brings(incident: Incident, county_officer: Actor, county_leader: Actor) -> None:
    proposed = services.propose_response(incident, wanted(level="IV"), actor=county_officer, now=after(7))
    services.start_response(proposed, actor=county_leader, now=after(8))
    before = set(incident.tasks.values_list("code", flat=True))
    with pytest.raises(ReasonRequired):
        services.change_level(proposed, "III", after(3000), " ", actor=county_leader, now=after(30))
    services.change_level(proposed, "III", after(3000), "扩散到厂界外", actor=county_leader, now=after(30))
    codes = list(incident.tasks.values_list("code", flat=True))
    assert before < set(codes)
    assert len(codes) == len(set(codes))


def test_closure_is_refused_while_tasks_are_open(
    incident: Incident, response: Response, county_officer: Actor, county_leader: Actor
) -> None:
    with pytest.raises(rules.ResponseRunning):
        services.close_incident(incident, "完", actor=county_leader, now=after(60))
    services.end_response(response, "泄漏已封堵，监测正常", actor=county_leader, now=after(61))
    with pytest.raises(rules.TasksOpen) as refused:
        services.close_incident(incident, "完", actor=county_leader, now=after(62))
    assert refused.value.facts["count"] == incident.tasks.count()
    first, *others = incident.tasks.all()
    tasking.accept_task(first, actor=county_officer, now=after(63))
    with pytest.raises(MissingFields):
        tasking.finish_task(first, " ", actor=county_officer, now=after(64))
    tasking.finish_task(first, "泄漏源已切断", actor=county_officer, now=after(64))
    with pytest.raises(ReasonRequired):
        tasking.cancel_task(others[0], "", actor=county_leader, now=after(65))
    for task in others:
        tasking.cancel_task(task, "响应已结束，无须执行", actor=county_leader, now=after(65))
    with pytest.raises(MissingFields, match="结案说明"):
        services.close_incident(incident, " ", actor=county_leader, now=after(66))
    services.close_incident(incident, "无死亡，环境监测正常", actor=county_leader, now=after(66))
    assert incident.is_closed
    with pytest.raises(rules.IncidentClosed):
        services.note(incident, "note", "迟来的话", actor=county_officer, now=after(67))


def test_ending_a_response_needs_its_grounds(response: Response, county_leader: Actor) -> None:
    with pytest.raises(MissingFields, match="结束依据"):
        services.end_response(response, "", actor=county_leader, now=after(60))


def test_a_task_done_late_is_missed_by_so_many_minutes(incident: Incident, response: Response, county_officer: Actor) -> None:
    first = incident.tasks.get(code="isolate")
    tasking.accept_task(first, actor=county_officer, now=after(9))
    tasking.finish_task(first, "已切断", actor=county_officer, now=after(8 + 15 + 14))
    assert clocks.for_subject(first).get(rule_code=rules.TASK_CLOCK).state == "missed"
    line = next(
        x for x in door.timeline(incident.pk, county_officer, after(100)) if x.kind == "task" and x.met is False and "切断" in x.title
    )
    assert line.late_minutes == 14


def test_the_timeline_gathers_every_room_in_order_of_time(
    incident: Incident, response: Response, plant: Enterprise, alarm: Alarm, county_officer: Actor, filing: Filing
) -> None:
    raise_alarm(plant, episode="g4", minutes=1, title="氯气探测器 G4 浓度高")
    alarms.acknowledge(alarm.pk, "V-102泄漏，水幕已开", actor=county_officer, now=after(3))
    services.note(incident, "contact", "与企业中控室通话", actor=county_officer, now=after(12))
    filings.report_up(filing, actor=county_officer, now=after(2 + 120 + 14))
    lines = door.timeline(incident.pk, county_officer, after(500))
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert {line.kind for line in lines} >= {"incident", "alarm", "filing", "response", "task", "log"}
    titles = " ".join(line.title for line in lines)
    for words in ("G3", "G4", "报警确认", "首报", "事件立案", "提请启动响应", "批准启动", "下达任务", "联络"):
        assert words in titles
    late = next(line for line in lines if line.kind == "filing" and line.met is False)
    assert (late.late_minutes, late.who) == (14, county_officer.name)
    assert all(line.who for line in lines if line.kind in {"filing", "log", "response"})


def test_the_pdf_of_the_timeline_holds_the_chinese_title_and_the_missed_deadline(
    incident: Incident, response: Response, county_officer: Actor, filing: Filing
) -> None:
    filings.report_up(filing, actor=county_officer, now=after(136))
    lines = timeline.lines(incident.pk, county_officer, after(500))
    content = document.timeline_document(incident, lines, county_officer, after(500))
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    for words in ("示范氯碱有限公司氯气泄漏", "历下区应急管理局", "演练", "超时 14 分钟", "批准启动"):
        assert words in text


def test_another_county_sees_nothing_of_it(
    incident: Incident, response: Response, other_county_officer: Actor, city_officer: Actor
) -> None:
    assert list(queries.incidents(other_county_officer)) == []
    assert door.open_tasks(other_county_officer, after(9)) == ()
    with pytest.raises(NotFound):
        door.timeline(incident.pk, other_county_officer, after(9))
    with pytest.raises(NotPermitted):
        services.note(incident, "note", "x", actor=other_county_officer, now=after(9))
    assert door.open_incidents(city_officer)[0].response_level == "III"


def test_what_the_reader_may_not_see_is_left_out_of_the_timeline(incident: Incident, county_officer: Actor) -> None:
    from dataclasses import replace

    narrow = replace(county_officer, grants=tuple(g for g in county_officer.grants if g.action.startswith("incidents.")))
    kinds = {line.kind for line in door.timeline(incident.pk, narrow, after(100))}
    assert kinds <= {"incident", "response", "task", "log", "structure"}


def test_the_situation_log_only_grows(incident: Incident, county_officer: Actor) -> None:
    entry = services.note(incident, "note", "现场风向东北", actor=county_officer, now=after(10))
    with pytest.raises(DatabaseError), transaction.atomic():
        SituationEntry.objects.filter(pk=entry.pk).update(text="改")
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.delete()


def test_the_database_itself_allows_one_running_response(incident: Incident, response: Response) -> None:
    twin = Response.objects.get(pk=response.pk)
    twin.pk = None
    from anlan.kernel.ids import new_id

    twin.id = new_id()
    with pytest.raises(DatabaseError), transaction.atomic():
        twin.save(force_insert=True)
