"""T+6 to T+70: the cloud is reckoned, a level III response starts, the next county sends its team, crews go in and come out."""

from __future__ import annotations

from datetime import timedelta

from anlan.command.dispatch import aid, scene
from anlan.command.dispatch import queries as aids
from anlan.command.dispatch.models import AidAnswer
from anlan.command.incidents import door as incidents
from anlan.command.judgement import prefilling, rules
from anlan.command.judgement import queries as judgements
from anlan.command.judgement import services as judging
from anlan.command.judgement.models import Run
from anlan.command.plans import door as plans
from anlan.command.resources import door as resources
from anlan.ground.roads import door as roads
from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.site.demo.story.act import Act
from anlan.site.demo.story.release import readings_fall
from anlan.site.demo.story.stage import Stage

BLOCKED_AT = 0.9
"""Share of F1's way at which the truck lies."""
SOON = timedelta(minutes=15)


def reckon_cloud(stage: Stage) -> Run:
    """Two-phase chlorine through 20 mm in a stable night, wind from the north-east."""
    filled = prefilling.prefill(prefilling.Origin(risk_source_id=stage.cast.works.tank_id), stage["officer"], now=stage.now)
    row = judging.open_judgement("", filled, exercise=True, actor=stage["officer"], now=stage.now)
    stage.made.judgement = row.pk
    return _run(stage, {"hole_mm": "20", "opening": "vapour", "minutes": "20", "wind_m_s": "2.4", "wind_from_deg": "45", "stability": "F"})


def _run(stage: Stage, typed: dict[str, str]) -> Run:
    row = judgements.judgement(str(stage.made.judgement), stage["officer"])
    run = judging.ask_run(row, rules.TOXIC, typed, queue=lambda _pk: None, actor=stage["officer"], now=stage.now)
    judging.perform(run.pk, lambda: stage.now)
    stage.made.runs.append(run.pk)
    return Run.objects.get(pk=run.pk)


def open_incident(stage: Stage) -> None:
    """The report becomes an incident; the officer asks for level III of the plan."""
    officer = stage["officer"]
    stage.made.incident = incidents.open_incident({"filing_id": stage.made.filing}, actor=officer, now=stage.now)
    plan = plans.plan_for("hazchem_leak", stage.cast.works.place_code)
    values = {
        "plan_id": plan.id if plan is not None else None,
        "level": "III",
        "matter": "液氯泄漏处置",
        "grounds": "突发事件应对法第七十一条",
        "measures": "疏散下风向人员，堵漏",
        "expected_until": stage.now + timedelta(hours=24),
    }
    stage.made.response = incidents.propose_response(stage.made.incident, values, actor=officer, now=stage.now)


def start_response(stage: Stage) -> None:
    """The leader starts it; the officer takes the tasks, and those that are due at once are done."""
    assert stage.made.response is not None
    incidents.start_response(stage.made.response, actor=stage["leader"], now=stage.now)
    officer = stage["officer"]
    for task in incidents.open_tasks(officer, stage.now, limit=200):
        if task.incident_id != stage.made.incident:
            continue
        incidents.accept_task(task.id, actor=officer, now=stage.now)
        if task.due <= stage.now + SOON:
            incidents.finish_task(task.id, "企业已切断上游，水幕已开；已上报", actor=officer, now=stage.now)


def send_fire_team(stage: Stage) -> None:
    """F1 is ordered to the works: committed to its task, with its arrival by road."""
    assert stage.made.incident is not None
    officer = stage["officer"]
    values = {
        "title": "F1 到场侦检、警戒",
        "assignee": "消防救援一站",
        "due": stage.moment(120),
        "capability": "firefighting",
        "resource_id": stage.cast.teams.get("F1"),
    }
    stage.made.fire_task = incidents.order_task(stage.made.incident, values, actor=officer, now=stage.now)
    incidents.move_task(stage.made.fire_task, "accept", actor=officer, now=stage.now)


def ask_for_aid(stage: Stage) -> None:
    """The hazmat team is of the next county: its bureau is asked, offers, is agreed with and sends."""
    assert stage.made.incident is not None
    officer, theirs = stage["officer"], stage["hazmat"]
    needed = {
        "title": "危化救援队 F2",
        "need": "危化队 1 支",
        "told": "液氯泄漏，需堵漏力量",
        "meeting_point": "化工路东口",
        "needed_by": stage.moment(90),
    }
    request = aid.ask(stage.made.incident, needed, [stage.cast.neighbour.id], actor=officer, now=stage.now)
    stage.made.request = request.pk
    stage.made.answer = AidAnswer.objects.get(request=request).pk
    answer = aids.answer(stage.made.answer, theirs)
    offered = {"offer": "危化队 20 人 4 车", "phone": "000-0000000", "people": 20, "resource_id": stage.cast.teams.get("F2")}
    aid.offer(answer, offered, actor=theirs, now=stage.now)
    answer = aid.agree(answer, actor=officer, now=stage.now)
    aid.send(answer, actor=theirs, now=stage.now)


def answer_of(stage: Stage) -> AidAnswer:
    """The neighbour's answer as it stands."""
    return AidAnswer.objects.get(pk=stage.made.answer)


def _log(stage: Stage, text: str) -> None:
    assert stage.made.incident is not None
    incidents.note(stage.made.incident, "note", text, actor=stage["officer"], now=stage.now)


def road_is_blocked(stage: Stage) -> None:
    """A truck lies across R7: closed on the map of the exercise until it is towed away."""
    works = stage.cast.works
    closed = roads.close_road(
        name="R7 路（演习）",
        reason="货车侧翻，双向不通",
        place_code=works.place_code,
        shape="point",
        points=(_on_the_way(stage),),
        radius_m=40.0,
        until_at=stage.moment(120),
        exercise=True,
        actor=stage["officer"],
        now=stage.now,
    )
    stage.made.closure = closed.id
    _log(stage, "R7 路货车侧翻，双向不通")


def _on_the_way(stage: Stage) -> tuple[float, float]:
    """A place on the way of F1 to the works; just before the works where no road net or no F1 is on record."""
    works = stage.cast.works
    end = (works.longitude, works.latitude)
    team = stage.cast.teams.get("F1")
    if team is not None:
        told = resources.resource(team, None, at=stage.now)
        try:
            way = roads.route((told.longitude, told.latitude), end, vehicle=told.vehicle, at=stage.now, exercise=True)
        except Refusal:  # no net in force, or none that leads there
            return end
        return resources.along(way.points, BLOCKED_AT)
    return end


def wind_turns(stage: Stage) -> Run:
    """The wind goes round to the east and freshens: the zones are reckoned again."""
    _log(stage, "风向转东、3.1 米每秒，按新风况重新推演")
    return _run(stage, {"wind_m_s": "3.1", "wind_from_deg": "90", "stability": "E"})


def crew_goes_in(stage: Stage) -> None:
    """F1 reconnoitres under a timer."""
    assert stage.made.incident is not None
    if stage.made.fire_task is not None:
        incidents.move_task(stage.made.fire_task, "arrive", actor=stage["officer"], now=stage.now)
    inside = {"who": "F1 侦检组", "sector": "罐区", "people": 4}
    stage.made.crew = scene.enter(stage.made.incident, inside, actor=stage["officer"], now=stage.now)


def team_arrives(stage: Stage) -> None:
    """The crew reports in time; the neighbour's team is on scene."""
    stage.made.crew = scene.check_in(stage.made.crew, actor=stage["officer"], now=stage.now)
    aid.arrived(answer_of(stage), actor=stage["officer"], now=stage.now)


def valve_is_capped(stage: Stage) -> None:
    """The crew is out, as it says by radio, the valve is capped, the detectors fall."""
    scene.leave(stage.made.crew, "堵漏完成", actor=stage["officer"], now=stage.now)
    _log(stage, "阀门已堵，读数下降")
    readings_fall(stage)


ACTS = (
    Act("reckoned", 6, reckon_cloud, N_("研判：20 毫米孔、稳定夜风，算出影响区和受影响人员"), "county.duty", "judgement"),
    Act("proposed", 7, open_incident, N_("由信息建立事件，值班员提请启动三级响应"), "county.duty", "incident"),
    Act("started", 8, start_response, N_("带班领导启动三级响应：任务下达，指挥机构成立"), "county.leader", "board"),
    Act("fire_team", 8, send_fire_team, N_("消防队 F1 受命出动，按路网算出到场时间"), "county.duty", "incident"),
    Act("aid", 8, ask_for_aid, N_("向邻县请求增援：危化救援队 F2 应允并出发"), "county.duty", "aid"),
    Act("blocked", 18, road_is_blocked, N_("R7 路被侧翻货车堵死，登记封路，F1 改道"), "county.duty", "timeline"),
    Act("turned", 25, wind_turns, N_("风向转东：按新风况重新推演影响区"), "county.duty", "judgement"),
    Act("inside", 37, crew_goes_in, N_("F1 侦检组进入罐区，开始管控计时"), "county.duty", "scene"),
    Act("arrived", 52, team_arrives, N_("侦检组按时报告；邻县危化队到场"), "county.duty", "scene"),
    Act("capped", 70, valve_is_capped, N_("堵漏完成，人员撤出，读数回落，报警恢复"), "county.duty", "timeline"),
)
"""Acts of the response and the aid."""
