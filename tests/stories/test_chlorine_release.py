"""The whole night of the chlorine release, in four levels, over 36 hours and thirty days of movable time: from the alarm to the last lesson.

Everything is of an exercise and invented. The paths that other stories follow in detail (a reading into an alarm, a bulletin to the last person who was
not reached) are walked here once more in their place, so that one timeline holds all of it. The supplement of the second day is sent before its
24 hours are over, as the law asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pypdf import PdfReader
from tests.accounts import LOADER, actor_of, client_of, make_account
from tests.rooms.jinan import NOW, raise_alarm
from tests.stories import test_chlorine_bulletin as warning
from tests.stories.test_chlorine_bulletin import COUNTY, PLANT, Night

from anlan.command.dispatch import aid, scene
from anlan.command.dispatch import queries as aid_queries
from anlan.command.dispatch import sweeping as scene_sweeping
from anlan.command.dispatch.models import AidAnswer
from anlan.command.evacuation import queries as evacuation_queries
from anlan.command.evacuation import services as evacuation
from anlan.command.evacuation.models import Evacuation
from anlan.command.incidents import door as incidents
from anlan.command.incidents.door import TimelineLine
from anlan.command.plans import door as plans
from anlan.ground.enterprises.models import Enterprise
from anlan.ground.facilities.models import Facility
from anlan.ground.organisations.models import Organisation
from anlan.kernel.flow import FourEyes
from anlan.ledger import audit, clocks
from anlan.ledger.models import Clock
from anlan.report.filings import door as filings
from anlan.report.filings import instructing, merging, refusals, services
from anlan.report.filings import queries as filing_queries
from anlan.report.filings.models import Filing
from anlan.review.aftermath import queries as review_queries
from anlan.review.aftermath import rules as review_rules
from anlan.review.aftermath import services as review
from anlan.sense.alarms import door as alarms

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(180)]
HOUR = 60
NEIGHBOUR, CITY, PROVINCE, NATION = "370103", "370100", "370000", "000000"
BUREAUS = {
    COUNTY: "历下区应急管理局",
    NEIGHBOUR: "市中区应急管理局",
    CITY: "济南市应急管理局",
    PROVINCE: "山东省应急管理厅",
    NATION: "应急管理部",
}
UPWARD = {
    "leader": ("duty_leader", COUNTY),
    "second": ("duty_leader", COUNTY),
    "hazmat": ("duty_officer", NEIGHBOUR),
    "city": ("duty_officer", CITY),
    "city_leader": ("duty_leader", CITY),
    "province": ("duty_officer", PROVINCE),
    "province_leader": ("duty_leader", PROVINCE),
    "nation": ("duty_officer", NATION),
}


@dataclass
class Story:
    """The night with everybody above and beside the county, and what has come of it so far."""

    night: Night
    plant: Enterprise
    filing: UUID
    incident: UUID

    def at(self, minutes: float) -> None:
        """Time passes; every task of the board is done a minute before it is due, legal clocks are swept."""
        until = NOW + timedelta(minutes=minutes)
        officer = self.night.actor("officer")
        for task in incidents.open_tasks(officer, self.night.clock.now(), limit=100) if self.incident else ():
            if task.due - timedelta(minutes=1) <= until:
                self.night.clock.set(max(self.night.clock.now(), task.due - timedelta(minutes=1)))
                incidents.finish_task(task.id, "完成", actor=officer, now=self.now)
        self.night.at(minutes)
        clocks.sweep(self.now)
        scene_sweeping.sweep(self.now)

    @property
    def now(self) -> Any:
        return self.night.clock.now()

    def row(self) -> Filing:
        return filing_queries.filing(self.filing, None)


@pytest.fixture
def story(jinan_places: None, clock: Any) -> Story:
    """The county's night, the bureaus above and beside, the works."""
    for code, name in BUREAUS.items():
        found = Organisation.objects.filter(place_code=code, kind="emergency_bureau").first()
        if found is None:
            level = {NATION: 0, PROVINCE: 1, CITY: 2}.get(code, 3)
            Organisation.objects.create(name=name, kind="emergency_bureau", level=level, place_code=code, state="active")
    night = warning.gather(clock)
    night.people |= {name: make_account(name, kind, place, now=NOW - timedelta(days=2)) for name, (kind, place) in UPWARD.items()}
    plant = Enterprise.objects.create(
        uscc="91370102MA00000A0X", name="示范氯碱有限公司", place_code=COUNTY, longitude=PLANT[0], latitude=PLANT[1], staff_count=260
    )
    night.people["manager"] = make_account("manager", "enterprise_manager", COUNTY, enterprise_id=plant.pk, now=NOW - timedelta(days=2))
    plans.load_examples(actor=LOADER, now=NOW)
    warning.enter_register()
    return Story(night, plant, UUID(int=0), UUID(int=0))


def test_the_chlorine_release_from_the_alarm_to_the_last_lesson(story: Story) -> None:
    the_works_reports(story)
    the_county_takes_it_up(story)
    run = warning.judge(story.night, story.plant)
    the_response_starts(story)
    area = people_are_to_leave(story)
    address = warning.the_zone_becomes_a_draft(story.night, run)
    bulletin = warning.nobody_who_had_a_hand_approves(story.night, address)
    message = warning.it_goes_out_and_the_monitor_tells_what_receipts_say(story.night, bulletin)
    it_goes_up_and_directly_to_the_ministry(story)
    warning.people_reach_whom_no_channel_reached(story.night, message)
    update = warning.the_zone_shrinks(story.night, bulletin, message)
    for each in (bulletin, update):
        incidents.link(story.incident, "bulletin", each.pk, actor=story.night.actor("desk"), now=story.now)
    the_crews_work(story)
    a_worker_dies(story)
    the_area_is_empty(story, area)
    two_instructions(story)
    warning.all_clear(story.night, bulletin, update)
    people_come_home(story, area)
    two_more_die_and_the_city_is_late(story)
    the_response_ends(story)
    the_next_day(story)
    what_is_said_of_it(story)
    the_window_closes(story)


def the_works_reports(story: Story) -> None:
    """T0 to T+4: three detectors, an owner, the report of the safety manager with two who cough."""
    night = story.night
    raised = [raise_alarm(story.plant, episode=f"g{n}", minutes=n / 2, title=f"氯气探测器 G{n + 1} 浓度高高") for n in range(3)]
    night.at(2)
    for alarm in raised:
        alarms.acknowledge(alarm.pk, "V-102 阀门泄漏，水幕已开", actor=night.actor("officer"), now=night.clock.now())
    night.at(4)
    values = {
        "kind": "hazchem_leak",
        "title": "示范氯碱有限公司氯气泄漏",
        "occurred_at": NOW,
        "known_at": NOW + timedelta(minutes=1),
        "place_code": COUNTY,
        "location": "液氯储存区",
        "longitude": PLANT[0],
        "latitude": PLANT[1],
        "alarm_id": raised[0].pk,
        "unit_profile": "氯碱企业，一级重大危险源",
        "scene": "V-102 阀门泄漏，东北风",
        "brief_course": "储罐压力升高后阀门泄漏",
        "injured": 2,
        "deaths": 0,
        "serious_injured": 0,
        "missing": 0,
        "unknown": ["direct_loss", "evacuated"],
        "measures_taken": "水幕、切断上游",
        "exercise": True,
    }
    manager = night.actor("manager")
    story.filing = filings.create_filing(values, actor=manager, now=night.clock.now())
    filings.submit(story.filing, actor=manager, now=night.clock.now())
    owed = Clock.objects.get(subject_id=story.filing, rule_code="enterprise_county")
    assert (owed.state, owed.until) == ("met", NOW + timedelta(minutes=61))
    assert story.row().reporting_code == "U", "what it did is not known yet: reported as if ordinary"


def the_county_takes_it_up(story: Story) -> None:
    """T+5: signed for, the county's two hours run from the receipt; two callers of the same smell become part of it."""
    night = story.night
    night.at(5)
    officer, now = night.actor("officer"), night.clock.now()
    filings.receive(story.filing, actor=officer, now=now)
    owed = Clock.objects.get(subject_id=story.filing, rule_code="county_city")
    assert owed.until == now + timedelta(hours=2)
    for caller, phone in (("周边居民甲", "13800000011"), ("周边居民乙", "13800000012")):
        told = {
            "kind": "hazchem_leak",
            "title": f"{caller}反映刺鼻气味",
            "occurred_at": NOW + timedelta(minutes=2),
            "known_at": now,
            "place_code": COUNTY,
            "location": "化工路",
            "longitude": PLANT[0] + 0.003,
            "latitude": PLANT[1],
            "source": "phone",
            "reporter_phone": phone,
            "exercise": True,
        }
        taken = filings.intake(told, actor=officer, now=now)
        assert story.filing in {each.filing.id for each in taken.alike}
        filings.merge(taken.filing_id, story.filing, "同一事件", actor=officer, now=now)
    assert story.row().sources.count() == 2
    assert [each.title for each in filings.open_filings(officer)] == ["示范氯碱有限公司氯气泄漏"]
    for notice in story.row().notices.all():
        services.note_told(story.row(), notice.pk, "值班室", actor=officer, now=now)


def the_response_starts(story: Story) -> None:
    """T+8: level III of the plan, asked for by the officer, started by the leader; fourteen tasks; the team of the next county is asked for."""
    night = story.night
    night.at(7)
    officer, leader = night.actor("officer"), night.actor("leader")
    story.incident = incidents.open_incident({"filing_id": story.filing}, actor=officer, now=night.clock.now())
    plan = plans.plan_for("hazchem_leak", COUNTY)
    assert plan is not None
    values = {
        "plan_id": plan.id,
        "level": "III",
        "matter": "液氯泄漏处置",
        "grounds": "突发事件应对法第七十一条",
        "measures": "疏散下风向人员，堵漏",
        "expected_until": night.clock.now() + timedelta(hours=24),
    }
    response = incidents.propose_response(story.incident, values, actor=officer, now=night.clock.now())
    with pytest.raises(FourEyes):
        incidents.start_response(response, actor=_as_leader(officer, leader), now=night.clock.now())
    incidents.start_response(response, actor=leader, now=night.clock.now())
    tasks = incidents.open_tasks(officer, night.clock.now(), limit=100)
    assert len(tasks) >= 14
    for task in tasks:
        incidents.accept_task(task.id, actor=officer, now=night.clock.now())
        if task.due <= night.clock.now() + timedelta(minutes=15):
            incidents.finish_task(task.id, "企业已切断上游，水幕已开；已上报", actor=officer, now=night.clock.now())
    unit = Organisation.objects.get(place_code=NEIGHBOUR, kind="emergency_bureau")
    needed = {"title": "危化救援队 F2", "need": "危化队 1 支", "told": "液氯泄漏，需堵漏力量", "meeting_point": "化工路东口"}
    aid.ask(story.incident, {**needed, "needed_by": NOW + timedelta(minutes=90)}, [unit.pk], actor=officer, now=night.clock.now())
    theirs = night.actor("hazmat")
    answer = aid_queries.answer(AidAnswer.objects.get().pk, theirs)
    aid.offer(answer, {"offer": "危化队 20 人 4 车", "phone": "0531-1", "people": 20}, actor=theirs, now=night.clock.now())
    answer = aid.agree(answer, actor=officer, now=night.clock.now())
    aid.send(answer, actor=theirs, now=night.clock.now())


def _as_leader(officer: Any, leader: Any) -> Any:
    """The officer with the leader's powers as well: even then he does not approve what he asked for."""
    from dataclasses import replace

    return replace(officer, grants=leader.grants)


def people_are_to_leave(story: Story) -> Evacuation:
    """T+8: 1,200 people of two villages and a boarding school are ordered to leave, three shelters opened."""
    night = story.night
    officer, now = night.actor("officer"), night.clock.now()
    row = evacuation.prepare({"incident_id": story.incident}, actor=officer, now=now)
    for name, people in (("示范东村", 520), ("示范西村", 340), ("示范寄宿学校", 340)):
        evacuation.add_place(row, {"name": name}, people, actor=officer, now=now)
    for number, beds in enumerate((600, 400, 300)):
        hall = Facility.objects.create(
            name=f"安置点{number + 1}", kind="shelter", place_code=COUNTY, longitude=117.0, latitude=36.66, capacity=beds, state="open"
        )
        evacuation.open_shelter(row, actor=officer, now=now, facility_id=hall.pk)
    evacuation.order(row, actor=night.actor("leader"), now=now)
    filings.supplement(story.filing, {"evacuated": 1200}, actor=officer, now=now, reason="下令疏散")
    assert story.row().reporting_code == "N", "five hundred and more evacuated: a serious near miss"
    return row


def it_goes_up_and_directly_to_the_ministry(story: Story) -> None:
    """T+16: to the city and, because it may be grave, to the ministry; both sign a minute later."""
    night = story.night
    night.at(16)
    officer = night.actor("officer")
    filings.report_up(story.filing, actor=officer, now=night.clock.now())
    direct = services.report_directly(story.row(), _nation(), actor=officer, now=night.clock.now(), note="可能升级")
    night.at(17)
    filings.receive(story.filing, actor=night.actor("city"), now=night.clock.now())
    filings.receive(story.filing, actor=night.actor("nation"), now=night.clock.now())
    direct.refresh_from_db()
    assert direct.received_at == night.clock.now()
    assert Clock.objects.get(subject_id=story.filing, rule_code="county_city").state == "met"
    page: Client = night.web("desk")
    paper = page.get(f"/filings/{story.filing}/document.pdf").content
    assert "示范氯碱" in "".join(each.extract_text() for each in PdfReader(BytesIO(paper)).pages)


def _nation() -> Any:
    from anlan.kernel.levels import Level

    return Level.NATION


def the_crews_work(story: Story) -> None:
    """T+37 to T+70: two crews inside under a timer, the team of the next county on scene, the valve capped."""
    night = story.night
    story.at(37)
    officer = night.actor("officer")
    crew = scene.enter(story.incident, {"who": "F1 侦检组", "sector": "罐区", "people": 4}, actor=officer, now=night.clock.now())
    story.at(52)
    crew = scene.check_in(crew, actor=officer, now=night.clock.now())
    answer = AidAnswer.objects.get()
    aid.arrived(answer, actor=officer, now=night.clock.now())
    story.at(70)
    scene.leave(crew, "堵漏完成", actor=officer, now=night.clock.now())
    incidents.note(story.incident, "note", "阀门已堵，读数下降", actor=officer, now=night.clock.now())


def a_worker_dies(story: Story) -> None:
    """T+75: one dead and four gravely poisoned: an ordinary accident; the first supplement, learned of and sent within the day."""
    night = story.night
    story.at(75)
    officer = night.actor("officer")
    filings.casualties_learned(story.filing, night.clock.now(), actor=officer, now=night.clock.now())
    figures = {"deaths": 1, "serious_injured": 4}
    filings.supplement(story.filing, figures, actor=officer, now=night.clock.now(), reason="医院通报")
    row = story.row()
    assert (row.level_code, row.reporting_code) == ("IV", "IV")
    assert Clock.objects.filter(subject_id=story.filing, rule_code="casualty_change", state="met").count() == 1
    filings.receive(story.filing, actor=night.actor("city"), now=night.clock.now())


def the_area_is_empty(story: Story, area: Evacuation) -> None:
    """By T+150: 1,187 at shelters, 13 with family, nobody unaccounted for."""
    night = story.night
    story.at(120)
    officer = night.actor("officer")
    east, west, school = area.places.order_by("number")
    first, second, third = area.shelters.order_by("opened_at", "id")
    for place, shelter, people in ((east, first, 512), (west, second, 335), (school, third, 340)):
        family = evacuation.enter_group(place, {"name": "王某某", "needs": ["oxygen"]}, 3, actor=officer, now=night.clock.now())
        evacuation.arrive(area, family.code, shelter, actor=officer, now=night.clock.now(), key=family.code)
        evacuation.arrive(area, family.code, shelter, actor=officer, now=night.clock.now(), key=family.code)
        evacuation.walk_in(place, shelter, people - 3, actor=officer, now=night.clock.now())
    story.at(150)
    for place, people in ((east, 8), (west, 5)):
        rest = place.groups.get(counted=True)
        evacuation.move(rest, "home", "elsewhere", people, actor=officer, now=night.clock.now())
    evacuation.confirm_empty(area, actor=officer, now=night.clock.now())
    books = evacuation_queries.account(area)
    assert (books.where["sheltered"], books.where["elsewhere"], books.unaccounted) == (1187, 13, 0)


def two_instructions(story: Story) -> None:
    """T+3 h: one from the city, one from the province that the city passes down; both are answered and confirmed."""
    night = story.night
    story.at(3 * HOUR)
    row = story.row()
    city, province = night.actor("city_leader"), night.actor("province_leader")
    from anlan.kernel.levels import Level

    day = {"due": night.clock.now() + timedelta(hours=6)}
    first = instructing.instruct(row, "全力救治", "市长", actor=city, now=night.clock.now(), to_level=Level.COUNTY, **day)
    second = instructing.instruct(row, "查明原因，严防次生", "副省长", actor=province, now=night.clock.now(), to_level=Level.CITY, **day)
    below = instructing.pass_down(row, second.pk, "请县局查明阀门失效原因", actor=city, now=night.clock.now())
    story.at(4 * HOUR)
    officer = night.actor("officer")
    for each in (first, below):
        instructing.complete(row, each.pk, "已落实", actor=officer, now=night.clock.now())
    instructing.complete(row, second.pk, "县局已查明", actor=night.actor("city"), now=night.clock.now())
    instructing.confirm(row, first.pk, actor=city, now=night.clock.now())
    instructing.confirm(row, second.pk, actor=province, now=night.clock.now())
    assert all(line.done_at for line in filings.instructions(story.filing, officer))


def people_come_home(story: Story, area: Evacuation) -> None:
    """T+5 h: two waves, each allowed by somebody else than who proposed it; the books close."""
    night = story.night
    officer, leader = night.actor("officer"), night.actor("leader")
    east, west, school = area.places.order_by("number")
    for minute, places in ((310, (east, west)), (360, (school,))):
        story.at(minute)
        wave = evacuation.propose_return(area, places, "连续监测一小时低于限值", actor=officer, now=night.clock.now())
        evacuation.allow_return(wave, actor=leader, now=night.clock.now())
        for place in places:
            evacuation.return_all(place, actor=officer, now=night.clock.now())
    for place, people in ((east, 8), (west, 5)):
        evacuation.move(place.groups.get(counted=True), "elsewhere", "returned", people, actor=officer, now=night.clock.now())
    area.refresh_from_db()
    evacuation.close(area, "两批全部返回", actor=leader, now=night.clock.now())
    assert evacuation_queries.account(area).where["returned"] == 1200


def two_more_die_and_the_city_is_late(story: Story) -> None:
    """T+9 h: three dead, a relatively serious accident; flashes in time, the city's report to the province 14 minutes late, with who and why."""
    night = story.night
    story.at(9 * HOUR)
    filings.casualties_learned(story.filing, night.clock.now(), actor=night.actor("officer"), now=night.clock.now())
    filings.supplement(
        story.filing, {"deaths": 3, "serious_injured": 2}, actor=night.actor("manager"), now=night.clock.now(), reason="医院通报"
    )
    row = story.row()
    assert row.reductions.count() == 1, "two who died are no longer gravely hurt: a second person confirms it"
    services.confirm_reduction(row.reductions.get(), actor=night.actor("officer"), now=night.clock.now())
    row = story.row()
    assert (row.level_code, row.deaths, row.serious_injured) == ("III", 3, 2)
    parallel = row.steps.get(kind="parallel")
    assert (parallel.receiver_level, parallel.late_seconds) == (1, 0), "the works reports to the province at the same time"
    assert Clock.objects.get(subject_id=story.filing, rule_code="city_province").until == NOW + timedelta(hours=11)
    story.at(9 * HOUR + 20)
    for who in ("officer", "city"):
        services.record_flash(story.row(), services.Spoken("省厅值班室"), actor=night.actor(who), now=night.clock.now())
    filings.receive(story.filing, actor=night.actor("city"), now=night.clock.now())
    story.at(11 * HOUR + 14)
    services.report_up(story.row(), actor=night.actor("city"), now=night.clock.now(), note="值班员处置次生险情")
    filings.receive(story.filing, actor=night.actor("province"), now=night.clock.now())
    step = story.row().steps.get(rule_code="city_province")
    assert (step.late_minutes, step.sent_by, step.note) == (14, night.actor("city").name, "值班员处置次生险情")
    mark = story.row().marks.get()
    assert (mark.kind, mark.who, mark.late_minutes) == ("late", "济南市应急管理局", 14)
    for notice in story.row().notices.filter(done_at__isnull=True):
        doers = {3: "officer", 2: "city", 1: "province", 0: "nation"}
        assert notice.sender_level is not None
        services.note_told(story.row(), notice.pk, "值班室", actor=night.actor(doers[notice.sender_level]), now=night.clock.now())


def the_response_ends(story: Story) -> None:
    """T+20 h: ended with grounds; the team of the next county is home."""
    night = story.night
    story.at(20 * HOUR)
    leader = night.actor("leader")
    response = incidents.incident(story.incident, leader)
    assert response.response_level == "III"
    answer = aid.release(AidAnswer.objects.get(), actor=night.actor("officer"), now=night.clock.now())
    aid.came_back(answer, Decimal("12800.00"), "药剂、油料", actor=night.actor("hazmat"), now=night.clock.now())
    from anlan.command.incidents.models import Response

    running = Response.objects.get(incident_id=story.incident)
    incidents.end_response(running.pk, "泄漏源封堵，监测连续达标，人员全部返回", actor=leader, now=night.clock.now())


def the_next_day(story: Story) -> None:
    """T+32 h: the third supplement, within the 24 hours that the law gives."""
    night = story.night
    story.at(32 * HOUR)
    officer = night.actor("officer")
    filings.supplement(story.filing, {"brief_course": "阀门 V-102 填料失效"}, actor=officer, now=night.clock.now(), reason="当日情况")
    supplements = [version for version in story.row().versions.all() if version.kind == "supplement"]
    assert [sorted(version.changed) for version in supplements][-1] == ["brief_course"]
    assert len([version for version in supplements if "deaths" in version.changed or "brief_course" in version.changed]) == 3


def what_is_said_of_it(story: Story) -> None:
    """T+36 h: the timeline holds every line of the night; one deadline was missed, shown with who and why; lessons have owners."""
    night = story.night
    story.at(36 * HOUR)
    officer, leader = night.actor("officer"), night.actor("leader")
    incidents.close_incident(story.incident, "三人死亡，处置结束", actor=officer if _may_close(officer) else leader, now=night.clock.now())
    lines = incidents.timeline(story.incident, leader, night.clock.now())
    assert lines[0].code == "alarm.raised"
    assert {line.kind for line in lines} >= {"alarm", "filing", "bulletin", "response", "task", "incident", "evacuation", "aid", "log"}
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    late = [line for line in lines if line.met is False]
    assert [(line.kind, line.late_minutes) for line in late] == [("filing", 14)], [_told(line) for line in late]
    row = review.open_review(story.incident, actor=officer, now=night.clock.now())
    review.write(row, {"achieved": "报警两分钟内有人处置", "failed": "市级向省级上报超时"}, actor=officer, now=night.clock.now())
    due = (night.clock.now() + timedelta(days=60)).date()
    lesson = {"area": "reporting", "problem": "市级值班一人", "measure": "重大敏感时段双人值守", "owner_name": "市局指挥中心", "due": due}
    review.note_lesson(row, lesson, actor=officer, now=night.clock.now())
    review.submit(row, actor=officer, now=night.clock.now())
    issued = review.issue(row, actor=leader, now=night.clock.now())
    figures = {each["code"]: each for each in issued.figures}
    assert figures["alarm_owned"]["value"] == 2
    assert figures["alarm_reported"]["value"] == 4
    assert figures["reports_in_time"]["whole"] - figures["reports_in_time"]["part"] == 1
    assert figures["people_out"]["value"] == pytest.approx(143, abs=1)
    assert figures["instructions_done"]["value"] == 1
    assert [each.late_minutes for each in review_rules.missed(review_queries.lines(issued, leader, night.clock.now()))] == [14]
    web = night.web("desk")
    told = web.get(f"/aftermath/{issued.pk}/story.json").json()["lines"]
    assert any(each["tone"] == "red" for each in told)
    paper = web.get(f"/aftermath/{issued.pk}/report.pdf").content
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages).replace("\n", "")
    assert "超时 14 分钟" in text or "14 分钟" in text
    assert "双人值守" in text
    assert night.web("hazmat").get(f"/aftermath/{issued.pk}/").status_code == 404


def _may_close(officer: Any) -> bool:
    return bool(officer.may("incidents.close", place_code=COUNTY))


def _told(line: TimelineLine) -> str:
    return f"{line.at:%d %H:%M} {line.code} {line.title} {line.late_minutes}"


def the_window_closes(story: Story) -> None:
    """Day 30: the figures are locked, and the accident counts once."""
    night = story.night
    officer = night.actor("officer")
    ends = timedelta(days=30) + timedelta(hours=21, minutes=46)  # 02:14 of the day to the midnight that ends the thirtieth day after it
    night.clock.set(NOW + ends - timedelta(minutes=1))
    filings.supplement(story.filing, {"scene": "善后"}, actor=officer, now=night.clock.now())
    night.clock.set(NOW + ends)
    with pytest.raises(refusals.WindowClosed):
        filings.supplement(story.filing, {"deaths": 4}, actor=officer, now=night.clock.now())
    assert Filing.objects.exclude(state__in=("draft", "withdrawn", "merged")).count() == 1
    assert merging.proposals(merging.told_by(story.row()), officer, but=story.row()) == ()
    assert audit.verify().intact
    assert actor_of(night.people["nation"]).may("filings.view", place_code=COUNTY)
    assert client_of(night.people["nation"]).get(f"/filings/{story.filing}/").status_code == 200
