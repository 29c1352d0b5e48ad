"""Fills the suite's database: places of Jinan, the demonstration's world, and one of every case. Prints one JSON line at its end.

Run as ``python -m tests.browser.seed`` with the environment of the node.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import django

django.setup()

import docx as python_docx  # noqa: E402
import numpy as np  # noqa: E402
import segno  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.utils import timezone  # noqa: E402

from anlan.command.consultation import deciding, minuting  # noqa: E402
from anlan.command.consultation import services as consulting  # noqa: E402
from anlan.command.contact import services as telling  # noqa: E402
from anlan.command.contact.door import Saying  # noqa: E402
from anlan.command.dispatch import aid as dispatch_aid  # noqa: E402
from anlan.command.dispatch import scene  # noqa: E402
from anlan.command.duty import calls, planning, reporting, ringing, swapping  # noqa: E402
from anlan.command.duty import door as duty  # noqa: E402
from anlan.command.duty.models import Fault  # noqa: E402
from anlan.command.evacuation import services as evacuation  # noqa: E402
from anlan.command.field import services as field  # noqa: E402
from anlan.command.field.models import FieldUnit  # noqa: E402
from anlan.command.fieldapp import services as fieldapp  # noqa: E402
from anlan.command.incidents import door as incidents  # noqa: E402
from anlan.command.judgement import services as judgement  # noqa: E402
from anlan.command.judgement.prefilling import Origin, prefill  # noqa: E402
from anlan.command.minerescue import services as minerescue  # noqa: E402
from anlan.command.plans import door as plans  # noqa: E402
from anlan.command.plans import importing  # noqa: E402
from anlan.command.plans.editing import copy_as_own  # noqa: E402
from anlan.command.plans.models import PlanTemplate  # noqa: E402
from anlan.desk.resource import asking, registry  # noqa: E402
from anlan.federation import keys  # noqa: E402
from anlan.federation.models import ASKED, BELOW, SET_ASIDE, InboxEnvelope, Node, OutboxEnvelope  # noqa: E402
from anlan.ground.chemicals import services as chemicals  # noqa: E402
from anlan.ground.enterprises import door as enterprises  # noqa: E402
from anlan.ground.enterprises import matching, merging  # noqa: E402
from anlan.ground.enterprises import services as enterprise_services  # noqa: E402
from anlan.ground.enterprises.models import DuplicateCandidate  # noqa: E402
from anlan.ground.evidence import door as evidence  # noqa: E402
from anlan.ground.organisations import door as organisations  # noqa: E402
from anlan.ground.people import door as people  # noqa: E402
from anlan.ground.people.models import Account  # noqa: E402
from anlan.ground.places import loading  # noqa: E402
from anlan.ground.population import door as population  # noqa: E402
from anlan.ground.risksources import door as risksources  # noqa: E402
from anlan.ground.roads import door as roads  # noqa: E402
from anlan.kernel import clock  # noqa: E402
from anlan.kernel.access import Actor, system_actor  # noqa: E402
from anlan.kernel.ids import new_id  # noqa: E402
from anlan.kernel.levels import Level  # noqa: E402
from anlan.prevent.health.models import Examination  # noqa: E402
from anlan.prevent.holdings.models import Product  # noqa: E402
from anlan.prevent.permits.models import Permit  # noqa: E402
from anlan.prevent.standing.models import Grading  # noqa: E402
from anlan.report.filings import door as filings  # noqa: E402
from anlan.report.filings import instructing, losses  # noqa: E402
from anlan.report.filings.models import Filing  # noqa: E402
from anlan.report.relays import services as relays  # noqa: E402
from anlan.review.aftermath import services as aftermath  # noqa: E402
from anlan.sense.alarms import services as alarms  # noqa: E402
from anlan.sense.completeness import rules as completeness_rules  # noqa: E402
from anlan.sense.completeness.models import CompletenessDay, Gap  # noqa: E402
from anlan.sense.criteria import door as rule_door  # noqa: E402
from anlan.sense.criteria import queries as rule_queries  # noqa: E402
from anlan.sense.criteria import services as criteria  # noqa: E402
from anlan.sense.criteria.models import Replay  # noqa: E402
from anlan.sense.detection import multivariate  # noqa: E402
from anlan.sense.devices import door as devices  # noqa: E402
from anlan.sense.patrol import services as patrol  # noqa: E402
from anlan.sense.units import services as unit_services  # noqa: E402
from anlan.sense.units.models import ModelVersion  # noqa: E402
from anlan.sense.units.rules import Period  # noqa: E402
from anlan.sense.video import events as video_events  # noqa: E402
from anlan.sense.video import services as video_services  # noqa: E402
from anlan.sense.video import taking as video_taking  # noqa: E402
from anlan.sense.video.facts import Alarmed, LineUp, Listed  # noqa: E402
from anlan.sense.video.models import Camera  # noqa: E402
from anlan.site.demo import world  # noqa: E402
from anlan.site.demo.cast import PLANT_COUNTY  # noqa: E402
from anlan.site.demo.models import DemoWorld, Playing  # noqa: E402
from anlan.site.demo.story.acts import ACTS  # noqa: E402
from anlan.warn.bulletins import foreign  # noqa: E402
from anlan.warn.bulletins import services as bulletins  # noqa: E402
from anlan.warn.bulletins.models import Bulletin  # noqa: E402
from anlan.warn.hazards import feeding  # noqa: E402
from anlan.warn.riskpicture.models import IndexVersion  # noqa: E402
from anlan.wire import cap  # noqa: E402
from anlan.wire.cap.message import Category  # noqa: E402
from anlan.wire.detections import Transition  # noqa: E402
from anlan.wire.gb28181.contents import Alarm, CatalogItem  # noqa: E402

ROLES = {
    "duty": "county.duty",
    "leader": "county.leader",
    "approver": "county.approver",
    "inspector": "county.inspector",
    "clerk": "county.clerk",
    "city": "city.duty",
    "province": "province.duty",
    "nation": "nation.duty",
    "plant": "plant.manager",
    "operator": "plant.operator",
    "team": "team.captain",
    "wall": "wall.city",
    "system": "admin.system",
    "security": "admin.security",
    "audit": "admin.audit",
}


def actor_of(role: str) -> Actor:
    """Who acts for a role of the demonstration."""
    found = people.actor_for(Account.objects.get(username=ROLES[role]).pk)
    assert found is not None, role
    return found


def raise_alarms(plant: UUID, now: datetime) -> list[Any]:
    """Four alarms of the plant, one for each level; the blue one is over and acknowledged."""
    keeper, made = system_actor("detector"), []
    for number, sensor in enumerate(devices.sensors_of(plant)[:4], 1):
        at = int((now - timedelta(minutes=7 * number)).timestamp() * 1000)
        told = Transition(
            change="raise", channel=sensor.channel, kind="HH", level=number, limit=1.0, raised_ms=at, time_ms=at, value=3.2, peak=4.1
        )
        made.append(alarms.raise_alarm(told, sensor, actor=keeper, now=now))
    return made


def raise_flood(plant: UUID, now: datetime, minutes: int) -> Any:
    """A link lost some minutes ago with what it explains: one line of the desk."""
    keeper, at = system_actor("detector"), int((now - timedelta(minutes=minutes)).timestamp() * 1000)
    link, *others = devices.sensors_of(plant)[4:8]
    usual: dict[str, Any] = {"change": "raise", "level": 3, "limit": 0.0, "raised_ms": at, "time_ms": at, "value": 12.0, "peak": 12.0}
    cause = Transition(
        channel=link.channel, kind="LINK", facts={"points": 12.0, "device": link.device_code, "credential": "plant-dcs"}, **usual
    )
    head = alarms.raise_alarm(cause, link, actor=keeper, now=now)
    for number in range(11):
        sensor = others[number % len(others)]
        told = {"rule": f"silent-{number}", "cause": cause.episode, "facts": {"interval_s": 60.0}}
        silent = Transition(channel=sensor.channel, kind="SILENT", **told, **usual)
        alarms.raise_alarm(silent, sensor, actor=keeper, now=now)
    return head


def write_rules(plant: UUID, now: datetime) -> tuple[UUID, UUID]:
    """A rule in force, suppressed for an hour, and a draft that was replayed on history."""
    writer, other = actor_of("inspector"), actor_of("leader")
    points = devices.sensors_of(plant)[:3]
    told = {"enterprise_id": plant, "source": "GB/T 50493-2019", "actor": writer, "now": now}
    scope = criteria.Scope(tuple(point.channel for point in points))
    silent = criteria.draft(kind="SILENT", level=4, parameters={"interval_s": 60.0}, scope=scope, name="测点无数据", **told)
    criteria.move(silent.pk, "without_history", reason="新装测点", actor=writer, now=now)
    silent = criteria.move(silent.pk, "enact", actor=other, now=now)
    criteria.suppress(silent, until=now + timedelta(hours=1), reason="检修作业", actor=writer, now=now)
    conditions = [{"channel": point.channel, "compare": ">=", "limit": 1.0} for point in points[:2]]
    draft = criteria.draft(
        kind="COMBINED", level=2, parameters={"conditions": conditions}, scope=criteria.Scope(), name="两点同时超限", **told
    )
    firings = [
        {
            "channel": points[0].channel,
            "kind": "COMBINED",
            "level": 2,
            "raised_ms": 1_790_000_000_000,
            "cleared_ms": None,
            "value": 1.2,
            "peak": 2,
        }
    ]
    Replay.objects.create(
        criterion=draft, state=Replay.DONE, since=now - timedelta(days=30), until=now, fingerprint=rule_queries.fingerprint(draft), by_name=writer.name,
        created_at=now, touched_at=now, points=2, readings=86_400, fired=14, seconds=5400.0, firings=firings,
        by_point=[{"channel": points[0].channel, "fired": 14}],
    )  # fmt: skip
    return silent.pk, draft.pk


def file_report(plant: UUID, alarm_id: UUID, now: datetime) -> UUID:
    """A report of the plant's leak, sent to the county."""
    values = {
        "kind": "hazchem_leak",
        "title": "示范氯碱有限公司氯气泄漏",
        "occurred_at": now - timedelta(minutes=30),
        "known_at": now - timedelta(minutes=25),
        "place_code": PLANT_COUNTY,
        "location": "液氯储存区",
        "enterprise_id": plant,
        "alarm_id": alarm_id,
        "unit_profile": "氯碱生产企业",
        "scene": "阀门泄漏",
        "brief_course": "储罐压力升高后法兰泄漏",
        "deaths": 0,
        "serious_injured": 1,
        "injured": 2,
        "missing": 0,
        "direct_loss": None,
        "unknown": ["direct_loss"],
        "measures_taken": "启动水幕，关闭上游阀门",
        "source": "phone",
        "exercise": True,
    }
    duty = actor_of("duty")
    filing = filings.create_filing({**values, "accident_type": "WSA10026"}, actor=duty, now=now)
    filings.submit(filing, actor=duty, now=now)
    second = {**values, "title": "居民反映有刺鼻气味", "reporter_phone": "13900000000"}
    filings.intake(second, actor=duty, now=now, into=filing, reason="同一事件的另一来报")
    row = Filing.objects.get(pk=filing)
    instructing.instruct(row, "全力救治，严防次生灾害", "局长", actor=actor_of("leader"), now=now, due=now + timedelta(hours=6))
    losses.enter(row, {"Ed1": (1_200_000, "医院票据"), "Ed2": (None, "")}, actor=duty, now=now)
    return filing


def warn(incident: UUID, now: datetime) -> tuple[Bulletin, Bulletin]:
    """A bulletin in force and a draft."""
    content = {
        "event_code": "12D00",
        "level": "red",
        "headline": "章丘区发布危险化学品泄漏红色预警",
        "description": "某企业液氯泄漏，下风向可能受影响。",
        "instruction": "关闭门窗，不要外出。",
        "area_codes": [PLANT_COUNTY],
        "onset": now,
        "expires": now + timedelta(hours=6),
        "issuer_name": "章丘区应急管理局",
    }
    made = bulletins.draft(actor=actor_of("duty"), now=now, exercise=True, incident_id=incident, **content)
    bulletins.submit(made, actor=actor_of("duty"), now=now)
    bulletins.approve(made, actor=actor_of("approver"), now=now)
    return made, bulletins.draft(actor=actor_of("duty"), now=now, exercise=True, **content)


def hear_of_others(now: datetime) -> None:
    """A feed of somebody else, and a warning that came by it."""
    feed = foreign.subscribe(actor=actor_of("leader"), now=now, name="邻市气象台", url="https://cap.example.org/feed.atom", active=False)
    info = cap.Info(
        categories=(Category.MET,),
        event="暴雨",
        urgency=cap.Urgency.EXPECTED,
        severity=cap.Severity.SEVERE,
        certainty=cap.Certainty.LIKELY,
        headline="邻市气象台发布暴雨橙色预警",
        description="预计未来三小时有强降雨。",
        expires=now + timedelta(hours=6),
        areas=(cap.Area("邻市北部山区", circles=((36.75, 117.4, 12.0),)),),
    )
    sent = cap.Alert("B1", "met.example.org", now, cap.Status.ACTUAL, cap.MessageType.ALERT, cap.Scope.PUBLIC, infos=(info,))
    foreign.take_in(feed, cap.encode(sent), now)
    feeding.register_feed(
        actor=actor_of("leader"), now=now, name="地震目录", kind="usgs", url="https://quakes.example.org/all.geojson", active=False
    )


def mark(filing: UUID, now: datetime) -> dict[str, str]:
    """A reporting fault, as the clock raises it."""
    from anlan.report.filings import marking, rules

    facts = {"who": "示范县应急管理局", "level": 3, "rule_code": "county_city", "late_minutes": 14, "facts": "逐级上报超时 14 分钟"}
    marking.raise_by_rule(Filing.objects.get(pk=filing), rules.LATE, actor=actor_of("duty"), now=now, **facts)
    return {"filing-marks": str(Filing.objects.get(pk=filing).marks.get().pk)}


def respond(filing: UUID, now: datetime) -> tuple[UUID, UUID]:
    """An incident with a response under way."""
    incident = incidents.open_incident({"filing_id": filing}, actor=actor_of("duty"), now=now)
    plan = plans.plan_for("hazchem_leak", PLANT_COUNTY)
    assert plan is not None
    wanted = {
        "plan_id": plan.id,
        "level": "III",
        "matter": "液氯泄漏处置",
        "grounds": "突发事件应对法第七十一条",
        "measures": "疏散下风向人员",
        "expected_until": now + timedelta(days=1),
    }
    response = incidents.propose_response(incident, wanted, actor=actor_of("duty"), now=now)
    incidents.start_response(response, actor=actor_of("leader"), now=now)
    return incident, response


def call_for_aid(incident: UUID, now: datetime) -> dict[str, str]:
    """Aid asked of the bureaus around, and a crew inside that should have reported."""
    told = {"actor": actor_of("duty"), "now": now}
    asked = {"title": "危化救援队", "need": "危化队 1 支 20 人", "told": "液氯泄漏，需堵漏力量", "meeting_point": "东门"}
    units = [unit.id for unit in organisations.find("emergency_bureau", "370100", below=True) if unit.place_code != PLANT_COUNTY]
    request = dispatch_aid.ask(incident, {**asked, "needed_by": now + timedelta(hours=1)}, units, **told)
    scene.enter(incident, {"who": "堵漏一组", "sector": "液氯储槽区", "people": 4, "phone": "呼号 11"}, **told)
    return {"aid-requests": str(request.pk), "aid-answers": str(request.answers.order_by("place_code").first().pk)}


def report_from_field(now: datetime) -> dict[str, str]:
    """A lead that a rescuer sent from his phone, whose clock is wrong."""
    told = fieldapp.Sent(new_id(), "fire", "仓库冒烟", "东门", 117.08, 36.67, 12.0, phone_at=now - timedelta(hours=2))
    return {"field-reports": str(fieldapp.send(told, actor=actor_of("team"), now=now).pk)}


def gather(now: datetime) -> dict[str, str]:
    """A group, a contact outside, a notice to the officer himself and to a hospital, a roll call of his own county."""
    told = {"actor": actor_of("duty"), "now": now}
    outside = telling.keep_contact(name="示范医院总值班", unit="示范医院", phone="0531-88880000", **told)
    keys = [f"account:{told['actor'].account_id}", f"contact:{outside.pk}"]
    telling.keep_group("应急联络", keys, shared=True, **told)
    telling.call_roll("值守点名", [f"duty:{told['actor'].place_code}"], ["page"], **told)
    row = telling.tell(Saying("紧急集合", "七点到指挥中心"), keys, ["page", "voice"], **told)
    return {"contact-notices": str(row.pk), "contact_line": str(row.lines.get(account_id=told["actor"].account_id).pk)}


def weigh(incident: UUID, now: datetime) -> dict[str, str]:
    """A consultation that goes on, with a decision and a dissent, and one whose minutes are signed."""
    told = {"actor": actor_of("duty"), "now": now}
    place = told["actor"].place_code
    values = {"title": "示范氯碱泄漏会商", "starts_at": now, "venue": "指挥中心", "channels": ["page"], "incident_id": incident}
    row = consulting.call(values, [f"duty:{place}", f"duty:{place[:4]}00"], **told)
    consulting.begin(row, **told)
    item = row.items.all()[0]
    consulting.keep_notes(item, "", "液氯储罐出口法兰泄漏，现场监测值仍在上升。", **told)
    consulting.speak(row, "dissent", "学校不宜就地避险。", who="教育局", item=item, **told)
    decided = {"text": "增调一个堵漏组", "assignee": "消防救援大队", "due": now + timedelta(hours=2), "grounds": "一个组轮换不过来"}
    deciding.decide(row, decided, **told)
    signed = consulting.call(
        {"title": "天气会商", "starts_at": now, "template": "weather", "channels": ["page"]}, [f"duty:{place}"], **told
    )
    consulting.begin(signed, **told)
    consulting.end(signed, **told)
    minuting.sign(signed, actor=actor_of("leader"), now=now)
    return {"consultations": str(row.pk), "consultation_signed": str(signed.pk)}


def lead_out(incident: UUID, now: datetime) -> dict[str, str]:
    """People on their way out: a household at a shelter, one that will not leave, a wave of return proposed."""
    told = {"actor": actor_of("duty"), "now": now}
    row = evacuation.prepare({"incident_id": incident}, **told)
    village = evacuation.add_place(row, {"name": "示范村", "clerk_name": "王某", "clerk_phone": "13900000000"}, 120, **told)
    hall = evacuation.open_shelter(row, name="示范体育馆", beds=60, **told)
    evacuation.add_vehicle(row, {"name": "客车一", "seats": 45, "place_id": village.pk}, **told)
    evacuation.order(row, actor=actor_of("leader"), now=now)
    here = evacuation.enter_group(village, {"name": "李某", "phone": "13800000001", "address": "一组三号", "needs": ["oxygen"]}, 4, **told)
    stays = evacuation.enter_group(village, {"name": "赵某", "needs": ["animals"]}, 2, **told)
    evacuation.note_call(stays, "refused", **told)
    evacuation.arrive(row, here.code, hall, **told)
    evacuation.propose_return(row, [village], "监测低于限值一小时", **told)
    return {"evacuations": str(row.pk), "left_place": str(village.pk), "opened_shelter": str(hall.pk)}


def rescue_underground(now: datetime) -> dict[str, str]:
    """A fire in a mine: a squad inside, one at the base, air that goes towards its limit, a hold that was set before."""
    told, place = {"actor": actor_of("duty"), "now": now}, {"place_code": PLANT_COUNTY, "classification": 0}
    mine = enterprises.register_enterprise(
        name="示范煤业有限公司",
        uscc=enterprises.complete_credit_code("91370100MA9YKUANG"),
        sector_code="S46",
        actor=actor_of("clerk"),
        now=now,
        **place,
    )
    values = {"title": "示范煤矿火灾（演练）", "kind": "mine", "place_code": PLANT_COUNTY, "enterprise_id": mine.id, "exercise": True}
    row = minerescue.open_operation(incidents.open_incident(values, **told), "fire", **told)
    places = "井底车场, base, 5, 85, 0\n运输巷, intake, 45, 85, 10\n采煤工作面, face, 95, 45, 25\n回风巷, return, 45, 10, 30"
    minerescue.draw(row, f"{places}\n井底车场 > 运输巷, 600\n运输巷 > 采煤工作面, 900\n采煤工作面 > 回风巷, 900", **told)
    members = [{"name": f"队员{n}", "apparatus": f"HY-{n}"} for n in range(1, 7)]
    first, _second = (
        minerescue.keep_squad(row, {"name": name, "members": members, "duty": duty}, **told)
        for name, duty in (("一小队", "reserve"), ("二小队", "standby"))
    )
    face, pressures = row.places.get(kind="face"), [20.0, 19.5, 19.0, 20.0, 19.0, 18.5]
    wish = {"purpose": "侦察", "pressures": pressures, "trip_minutes": 60, "turn_rule": "half"}
    entry = minerescue.enter(row, first, face, wish, **told)
    minerescue.report(row, {"entry": entry, "place": face, "methane": 4.6, "monoxide": 180, "oxygen": 18.9, "airflow": -0.4}, **told)
    minerescue.forbid(row, "sealing", "封闭火区", actor=actor_of("leader"), now=now)
    return {"mine-rescues": str(row.pk)}


def keep_watch(now: datetime) -> dict[str, str]:
    """A month of duty with too few people for it, somebody away, and a swap that waits for its answer."""
    officer, told = actor_of("duty"), {"actor": actor_of("leader"), "now": now}
    leader, first = told["actor"], timezone.localtime(now).date() + timedelta(days=1)
    queues = {"officer": [officer.account_id], "leader": [leader.account_id]}
    values = {"name": "示范轮值表", "pattern": "day_and_night", "starts_on": first, "ends_on": first + timedelta(days=30), "rest_hours": 12}
    row = planning.draw_up({**values, "queues": {**queues, "deputy": [officer.account_id]}}, **told)
    planning.publish(row, **told)
    away = planning.note_absence(account_id=officer.account_id, starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=5), **told)
    later = now + timedelta(days=40)
    mine = duty.add_shift(officer.account_id, "officer", later, later + timedelta(days=1), **told)
    swap = swapping.ask(mine, leader.account_id, None, "家中有事", actor=officer, now=now)
    call = calls.begin(actor=officer, now=now)
    calls.keep(call, {"event_kind": "hazchem_leak", "place": "化工路1号示范氯碱", "deaths": "0"}, actor=officer, now=now)
    daily = reporting.draft_daily(timezone.localtime(now).date(), actor=officer, now=now)
    rung = ringing.ring("clock", call.pk, occasion="seed", title="到期未报", url="/duty/", place_code=officer.place_code, since=now)
    fault = Fault.objects.create(kind="gap", occasion="seed", place_code=officer.place_code, happened_at=now, detail="officer")
    line = duty.append_log("示范来电", kind="call", actor=officer, now=now)
    return {
        "duty-rings": str(rung.pk),  # type: ignore[union-attr]
        "duty-faults": str(fault.pk),
        "duty-log": str(line),
        "duty-reports": str(daily.pk),
        "duty-calls": str(call.pk),
        "rotas": str(row.pk),
        "absences": str(away.pk),
        "swaps": str(swap.pk),
    }


def look_back(incident: UUID, now: datetime) -> dict[str, str]:
    """A review begun while the response still runs, with a lesson."""
    told = {"actor": actor_of("leader"), "now": now}
    row = aftermath.open_review(incident, **told)
    aftermath.write(row, {"achieved": "两分钟内确认报警", "failed": "市级上报超时"}, **told)
    lesson = {"area": "reporting", "problem": "夜班只有一人", "measure": "夜班双人值守", "owner_name": "值班室主任"}
    noted = aftermath.note_lesson(row, {**lesson, "due": now.date() + timedelta(days=60)}, **told)
    return {"reviews": str(row.pk), "lessons": str(noted.pk)}


def judge(alarm: UUID, now: datetime) -> None:
    """A judgement of the alarm, answered twice so that something changed between the runs."""
    officer = actor_of("duty")
    found = judgement.open_judgement("", prefill(Origin(alarm_id=alarm), officer, now=now), actor=officer, now=now)
    for number, wind in enumerate(("45", "90")):
        given = {"wind_from_deg": wind, "wind_m_s": "2.4", "stability": "F", "hole_mm": "20", "opening": "vapour"}
        run = judgement.ask_run(found, "toxic", given, queue=lambda _run: None, actor=officer, now=now + timedelta(minutes=5 * number))
        judgement.perform(run.pk, clock.now)


def watch_over(plant: UUID, now: datetime) -> None:
    """A week of completeness, a gap that was not filled, and a spot check with one finding."""
    file = enterprises.enterprise(plant)
    where = {"enterprise_id": plant, "place_code": file.place_code, "classification": file.classification}
    for back in range(7):
        figures = {"points": 46, "devices": 6, "expected": 397_440, "received": 397_440 - 311 * back, "missing": 311 * back, "late": 12}
        share = completeness_rules.share(397_440, 311 * back)
        day = timezone.localdate(now) - timedelta(days=back)
        CompletenessDay.objects.create(**where, **figures, name=file.name, day=day, share=share, silent=back % 2, refused=back, as_of=now)
    device = devices.devices_of(plant)[0]
    since = now - timedelta(hours=5)
    span = {"since": since, "until": since + timedelta(minutes=52), "ask_since": since, "ask_until": since + timedelta(minutes=52)}
    Gap.objects.create(
        **where, **span, device_id=device.id, name=device.name, points=8, missing_first=2496, missing=311, state="ended", found_at=now
    )
    clerk = actor_of("clerk")
    check = patrol.draw(
        "十一月监测抽查", place_code=PLANT_COUNTY, wanted=3, seed="2026112201", assignees=(clerk.account_id,), actor=clerk, now=now
    )
    point = check.points.order_by("order").first()
    assert point is not None
    patrol.check(point.pk, "deviating", "现场表头与平台相差 0.2，已要求企业校准", site_value=1.2, actor=clerk, now=now)


def write_plan(now: datetime) -> dict[str, str]:
    """The county's own plan, written from the example and still a draft."""
    example = PlanTemplate.objects.get(code="EXAMPLE-HAZCHEM-LEAK", state="in_force")
    values = {"code": "LX-HAZ", "title": "历下区危险化学品泄漏应急预案", "place_code": PLANT_COUNTY}
    draft = copy_as_own(example, values, actor=actor_of("clerk"), now=now)
    read = importing.start(draft, "预案.docx", word_plan(), actor=actor_of("clerk"), now=now)
    return {
        "plan_draft": str(draft.pk),
        "plan_part": "action",
        "plan_action": str(draft.actions.all()[0].pk),
        "plan_import": str(read.pk),
        "plan_step": str(read.steps.all()[0].pk),
    }


def word_plan() -> bytes:
    """A short plan as a Word file."""
    file, out = python_docx.Document(), BytesIO()
    for heading, text in (("1 适用范围", "适用于液氯储存区。"), ("2 企业文化", "安全第一。"), ("3 处置措施", "先救人，后处置。")):
        file.add_heading(heading, 1)
        file.add_paragraph(text)
    file.save(out)
    return out.getvalue()


def close_a_road(plant: UUID, now: datetime) -> None:
    """The roads about the plant are closed to traffic."""
    file = enterprises.enterprise(plant)
    roads.close_road(
        name="厂区周边道路",
        reason="液氯泄漏，禁止社会车辆进入",
        place_code=file.place_code,
        shape="point",
        points=((file.longitude or 0.0, file.latitude or 0.0),),
        radius_m=600.0,
        lets_emergency_pass=True,
        actor=actor_of("clerk"),
        now=now,
    )


def enrol_a_unit(now: datetime) -> None:
    """A terminal of the rescue team that has told where it is."""
    unit = field.enrol(
        uid="ANDROID-0123456789", callsign="示范救援一组", place_code=PLANT_COUNTY, team="示范救援队", actor=system_actor("seed"), now=now
    )
    FieldUnit.objects.filter(pk=unit.pk).update(longitude=117.55, latitude=36.77, heard_at=now, position_at=now)


def count_people(plant: UUID, now: datetime) -> None:
    """An import of two villages, one of them without a number."""
    file = enterprises.enterprise(plant)
    point = {"type": "Point", "coordinates": [file.longitude, file.latitude]}
    rows = [
        {"type": "Feature", "properties": {"name": name, "people": people}, "geometry": point}
        for name, people in (("甲村", 800), ("乙村", "？"))
    ]
    clerk = actor_of("clerk")
    content = json.dumps({"type": "FeatureCollection", "features": rows}).encode()
    population.import_population(
        content, kind="points", name="村庄人口", year=2025, source="县统计局", place_code=file.place_code, actor=clerk, now=now
    )


def name_in_the_field(plant: UUID, now: datetime) -> UUID:
    """A device's name in Modbus with two of its points."""
    device = next(each for each in devices.devices_of(plant) if each.credential_id is not None)
    sensors = [each for each in devices.sensors_of(plant) if each.device_id == device.id][:2]
    points = [devices.PlannedPoint(each.id, f"holding:{2 * at}", 0.1, 0.0, "float32") for at, each in enumerate(sensors)]
    told = devices.add_address(device.id, "modbus", "192.168.1.20:502/1", points=points, actor=actor_of("clerk"), now=now)
    return told.id


def show(subject: Any, now: datetime) -> UUID:
    """A picture, standing for a photograph of the scene."""
    picture = BytesIO()
    segno.make("scene").save(picture, kind="png", scale=8)
    file = SimpleUploadedFile("现场.png", picture.getvalue(), "image/png")
    return evidence.attach(subject, file, actor=actor_of("duty"), now=now, caption="现场照片").id


def watch(plant: UUID, now: datetime) -> None:
    """A recorder of the plant with five cameras, one of them dark, one with a picture and an event."""
    code, at = "37011400001180000009", round(now.timestamp() * 1000)
    video_services.register_platform(
        code=code,
        name="厂区录像机",
        password="Quiet-Harbour-7",
        place_code=PLANT_COUNTY,
        uscc=enterprises.enterprise(plant).uscc,
        live_template="https://video.example.cn/{device}/{channel}.m3u8",
        actor=actor_of("clerk"),
        now=now,
    )
    names = ("液氯储存区", "液氯充装间", "装卸区", "中央控制室", "厂区大门")
    items = tuple(
        CatalogItem(f"3701140000132{number:07}", name, "海纳", "N-1", status="OFF" if number == 5 else "ON", ptz=1)
        for number, name in enumerate(names, 1)
    )
    alarm = Alarmed(code, items[0].device, Alarm(1, 5, at, "围墙东侧", kind=6), at)
    video_taking.take_in([LineUp(code, "UDP 192.0.2.7:5060", at + 3_600_000, at), Listed(code, items, True, at), alarm], now)
    picture = BytesIO()
    segno.make("camera").save(picture, kind="png", scale=8)
    camera = Camera.objects.get(code=items[0].device)
    video_events.keep_snapshot(camera, video_events.picture_of(picture.getvalue(), 1 << 20), now)


def contact(plant: UUID, now: datetime) -> str:
    """A person to call at the plant."""
    return str(
        enterprise_services.add_contact(plant, role="safety_manager", name="周明", phone="13800000000", actor=actor_of("clerk"), now=now).pk
    )


def learn_unit(plant: UUID, now: datetime) -> UUID:
    """A process unit of the plant with a model of made-up normal operation and the draft of its rule."""
    points, end = devices.sensors_of(plant)[:6], now - timedelta(hours=1)
    inspector = actor_of("inspector")
    unit = unit_services.register_unit(
        plant,
        name="液氯储存单元",
        channels=[point.channel for point in points],
        periods=(Period(end - timedelta(days=7), end),),
        note="七天平稳运行。",
        actor=inspector,
        now=now,
    )
    rows = np.random.default_rng(1).normal(size=(600, len(points)))
    digest = rule_door.keep_model(multivariate.pack(multivariate.trained(rows)), now)
    version = ModelVersion.objects.create(
        unit=unit,
        number=1,
        digest=digest,
        trained_at=now,
        by_name=inspector.name,
        method="cva",
        lags=3,
        quantile=unit.quantile,
        interval_s=unit.interval_s,
        age_s=unit.age_s,
        channels=unit.channels,
        periods=unit.periods,
        rows=600,
        left_out={"gap": 12, "marked": 3},
        limit_state=20.0,
        limit_residual=18.0,
        false_alarm_rate=0.017,
        still=unit.channels[:1],
    )
    unit_services.draft_rule(version, actor=inspector, now=now)
    return unit.pk


def first_records() -> dict[str, str]:
    """For every resource the first record that its county or an administrator sees, by the resource's code."""
    lookers = [actor_of(role) for role in ("duty", "clerk", "security")]
    found = {}
    for resource in registry.all_resources():
        for looker in lookers:
            if looker.may_somewhere(resource.actions.view):
                record = asking.scoped(resource, looker).first()
                if record is not None:
                    found.setdefault(resource.code, str(record.pk))
    return found


def register_twice(plant: UUID, now: datetime) -> UUID:
    """Two more files of the plant, as spreadsheets bring them: one may be the same, the merging of the other waits for a second person.

    Returns the first pair.
    """
    known, clerk, inspector = enterprises.enterprise(plant), actor_of("clerk"), actor_of("inspector")
    there = {"place_code": known.place_code, "legal_representative": known.legal_representative}
    matching.look([plant], now)
    for number, name in enumerate((known.name.replace("有限公司", "（有限公司）"), known.name.replace("有限公司", "有限责任公司")), 1):
        code = enterprises.complete_credit_code(f"{known.uscc[:8]}MA9Y{number}TW{number}7")
        found = enterprises.register_enterprise(name=name, uscc=code, staff_count=str(number), actor=clerk, now=now, **there)
        matching.look([found.id], now)
    merging.propose(plant, found.id, taken=(), reason="导入时按简称重复登记", actor=inspector, now=now)
    return DuplicateCandidate.objects.exclude(first=found.id).exclude(second=found.id).order_by("-score")[0].pk


def remember_playing(address: str, now: datetime) -> None:
    """An exercise that was played: its table leads to pages."""
    told = {"state": Playing.DONE, "played": len(ACTS), "by_name": "程安", "addresses": {"incident": address, "filing": address}}
    Playing.objects.create(began=now - timedelta(days=31), created_at=now, touched_at=now, **told)


def link_nodes(now: datetime) -> str:
    """This node among nodes, and one of a county that asks to be let in; an envelope waits for it and one of its own was set aside.

    Nothing goes anywhere: no node is joined. Returns the one that asks.
    """
    relays.call_oneself("济南市应急管理局", Level.CITY, "370100", [Level.CITY, Level.COUNTY], actor=actor_of("system"), now=now)
    raw = bytes(range(32))
    asking = Node.objects.create(
        id=keys.name_of(raw), public_key=b64encode(raw).decode(), name="商河县应急管理局", relation=BELOW, state=ASKED, level=3,
        place_code="370126", levels=[3], asked_at=now,
    )  # fmt: skip
    told = {"kind": "filings.dossier", "subject": new_id(), "place_code": "370126", "title": "商河县化工园区火灾续报", "sealed": "-"}
    OutboxEnvelope.objects.create(
        peer=asking, envelope_id=new_id(), origin=asking.pk, lane=0, receivers=[[3, "370126"]], made_at=now, exercise=True, **told
    )
    InboxEnvelope.objects.create(
        came_from=asking, envelope_id=new_id(), origin=asking.pk, lane=1, taken_at=now, state=SET_ASIDE, refused_code="envelope_kind_unknown",
        refused_words="本节点还不会办理该类信封，可能是对方版本较新。", **told,
    )  # fmt: skip
    return asking.pk


def main() -> None:
    """Build everything and tell where it is."""
    now = clock.now()
    loading.load(within="3701")
    chemicals.mirror(actor=system_actor("seed"), now=now)
    # A few enterprises of every trade show every page; hundreds would only take time.
    world.TRADES = tuple(replace(trade, count=min(trade.count, 2)) for trade in world.TRADES)
    world.build(lambda *_: None, now=now)
    plant = DemoWorld.objects.get(complete=True).plant_id
    raised = raise_alarms(plant, now)
    flood, other_flood = raise_flood(plant, now, 2), raise_flood(plant, now, 5)
    filing = file_report(plant, raised[0].pk, now)
    incident, response = respond(filing, now)
    remember_playing(f"/incidents/{incident}/", now)
    bulletin, draft = warn(incident, now)
    hear_of_others(now)
    exhibit = show(raised[0], now)
    watch(plant, now)
    watch_over(plant, now)
    judge(raised[0].pk, now)
    close_a_road(plant, now)
    count_people(plant, now)
    field_address = name_in_the_field(plant, now)
    enrol_a_unit(now)
    pair = register_twice(plant, now)
    rule, rule_draft = write_rules(plant, now)
    unit = learn_unit(plant, now)
    made: dict[str, Any] = {
        "enterprises": str(plant),
        "duplicates": str(pair),
        "alarms": str(raised[0].pk),
        "alarm_by": "cause",
        "permits": str(Permit.objects.filter(enterprise_id=plant).exclude(state="working")[0].pk),
        "permit_working": str(Permit.objects.get(enterprise_id=plant, state="working").pk),
        "alarm_group": str(flood.group_key),
        "alarm_flood": str(other_flood.group_key),
        "sensor": str(raised[0].sensor_id),
        "filings": str(filing),
        "incidents": str(incident),
        **mark(filing, now),
        **lead_out(incident, now),
        **weigh(incident, now),
        **rescue_underground(now),
        **gather(now),
        **call_for_aid(incident, now),
        **report_from_field(now),
        **look_back(incident, now),
        **write_plan(now),
        **keep_watch(now),
        "node_asking": link_nodes(now),
        "response": str(response),
        "bulletins": str(bulletin.pk),
        "bulletin_message": str(bulletin.identifier),
        "bulletin_draft": str(draft.pk),
        "evidence": str(exhibit),
        "field_address": str(field_address),
        "criteria": str(rule),
        "rule_draft": str(rule_draft),
        "units": str(unit),
        "rule_template": "methane_face",
        "model": "dispersion.gaussian_plume",
        "place": PLANT_COUNTY,
        "health-examinations": str(Examination.objects.all()[0].pk),
        "product_code": Product.objects.filter(enterprise_id=plant)[0].code,
        "site": str(enterprises.sites_of(plant)[0].id),
        "contact": contact(plant, now),
        "kind": risksources.kinds()[0].code,
        "pack": "hazchem",
        "grading_sent": str(Grading.objects.filter(state="submitted").first().pk),  # type: ignore[union-attr]
        "grading_own": str(Grading.objects.get(enterprise_id=plant).pk),
        "risk_index": str(IndexVersion.objects.all()[0].pk),
        "account": str(Account.objects.get(username=ROLES["clerk"]).pk),
    }
    records = first_records() | made
    print(json.dumps({"accounts": ROLES, "records": records}))  # noqa: T201 - read by the suite


if __name__ == "__main__":
    main()
