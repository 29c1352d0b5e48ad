"""The main job, once through: a real process fault comes in over MQTT, an alarm rises, and people carry it to a closed incident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.test import Client
from lxml import etree
from pypdf import PdfReader
from tests.accounts import LOADER, PASSWORD, actor_of, client_of
from tests.rooms.jinan import world  # noqa: F401
from tests.rooms.sense.pipeline import Pipeline, pipeline, wait_until
from tests.stories import tep

from anlan.command.incidents import door as incidents
from anlan.command.plans import door as plans
from anlan.ground.enterprises.models import Enterprise
from anlan.ground.organisations.models import Organisation
from anlan.ground.people import services as people
from anlan.ground.people.models import Account
from anlan.kernel import clock as kernel_clock
from anlan.kernel.access import Actor
from anlan.kernel.flow import FourEyes
from anlan.ledger import audit, broker
from anlan.ledger.events import deliver_pending
from anlan.ledger.models import Clock
from anlan.report.filings import door as filings
from anlan.sense.alarms import door as alarms
from anlan.sense.alarms import intake
from anlan.sense.devices import door as devices
from anlan.sense.stream import replay
from anlan.warn.bulletins import services as bulletins
from anlan.warn.bulletins.models import Bulletin
from anlan.wire import cap

pytestmark = [pytest.mark.django_db, pytest.mark.engines, pytest.mark.timeout(240)]

COUNTY, OTHER_COUNTY, CITY = "370102", "370103", "370100"
LAST_ROW = tep.ONSET_ROW + 12


@dataclass
class Cast:
    """Who plays: accounts by part."""

    officer: Account
    leader: Account
    approver: Account
    city: Account
    stranger: Account


def hire(username: str, kind: str, place: str) -> Account:
    """An account with a post in the bureau of a place."""
    now = kernel_clock.now()
    bureau = Organisation.objects.get(place_code=place, kind="emergency_bureau")
    account = people.create_account(
        username, username.title(), place, organisation_id=bureau.pk, password=PASSWORD, must_change_password=False, actor=LOADER, now=now
    )
    post = people.ensure_post(kind, place, organisation_id=bureau.pk, actor=LOADER, now=now)
    people.assign_post(account.id, post.id, valid_from=now - timedelta(days=1), actor=LOADER, now=now)
    return account


@pytest.fixture
def cast(world, clock) -> Cast:  # noqa: F811
    clock.set(datetime.now(UTC).replace(microsecond=0))
    return Cast(
        hire("officer", "duty_officer", COUNTY),
        hire("leader", "duty_leader", COUNTY),
        hire("approver", "approver", COUNTY),
        hire("city", "duty_officer", CITY),
        hire("stranger", "duty_officer", OTHER_COUNTY),
    )


@pytest.fixture
def works(world) -> Enterprise:  # noqa: F811
    return Enterprise.objects.create(
        uscc="91370102MA00000A0X", name="示范伊斯曼化工有限公司", place_code=COUNTY, longitude=117.05, latitude=36.66, staff_count=260
    )


def sense(running: Pipeline, runs, works: Enterprise) -> tuple[tep.Plant, int]:
    """Register the plant, let it sign in, play the fault run through MQTT; returns the plant and the readings stored."""
    plant = tep.register(runs, works.pk, actor=LOADER, now=kernel_clock.now())
    running.admit(list(devices.registry_snapshot()), secret=plant.issued.secret)
    running.start("telemetry", "intake", "detector")
    whole = tep.series(runs, "d04_te")
    run = replay.Series({name: column[:LAST_ROW] for name, column in whole.columns.items()}, whole.seconds[:LAST_ROW])
    result = tep.play(
        run,
        credential=plant.issued.credential.username,
        secret=plant.issued.secret,
        device=plant.device.code,
        start=tep.start_of(run, datetime.now(UTC)),
        port=running.mqtt_port,
    )
    assert (result.rows, result.acknowledged) == (LAST_ROW, LAST_ROW)
    wait_until(lambda: running.stored() == LAST_ROW * len(tep.VARIABLES), "every reading is stored", 60)
    wait_until(lambda: any(t.change == "raise" for t in running.transitions()), "the detector speaks")
    return plant, running.stored()


def report(alarm: alarms.AlarmSummary, cast: Cast) -> filings.FilingSummary:
    """The officer reports what the alarm says, with what is not known yet marked as such."""
    officer, now = actor_of(cast.officer), kernel_clock.now()
    values = {
        "kind": "hazchem_leak",
        "title": f"示范伊斯曼化工有限公司{alarm.title}",
        "occurred_at": alarm.raised_at,
        "known_at": now,
        "place_code": COUNTY,
        "location": "反应单元",
        "enterprise_id": alarm.enterprise_id,
        "alarm_id": alarm.id,
        "unit_profile": "化工生产企业",
        "scene": "反应器冷却水流量异常升高",
        "brief_course": "冷却水入口温度阶跃，控制系统加大冷却水流量",
        "deaths": 0,
        "serious_injured": 1,
        "injured": 2,
        "missing": 0,
        "direct_loss": None,
        "unknown": ["direct_loss"],
        "measures_taken": "降负荷运行",
        "source": "sensor",
    }
    filing = filings.create_filing(values, actor=officer, now=now)
    filings.submit(filing, actor=officer, now=now)
    return filings.filing(filing, officer)


def warn(incident_id, cast: Cast) -> Bulletin:
    """Drafted by the officer, refused to himself, approved by another."""
    officer, now = actor_of(cast.officer), kernel_clock.now()
    bulletin = bulletins.draft(
        actor=officer,
        now=now,
        event_code="12D00",
        level="orange",
        headline="历下区发布危险化学品事故橙色预警",
        description="示范伊斯曼化工有限公司反应单元异常。",
        instruction="附近人员远离厂区，听从引导。",
        area_codes=[COUNTY],
        onset=now,
        expires=now + timedelta(hours=6),
        issuer_name="历下区应急管理局",
        incident_id=incident_id,
    )
    bulletins.submit(bulletin, actor=officer, now=now)
    with pytest.raises(FourEyes):
        bulletins.approve(bulletin, actor=_with_approval(officer), now=now)
    return bulletins.approve(bulletin, actor=actor_of(cast.approver), now=kernel_clock.advance(minutes=2))


def _with_approval(officer: Actor) -> Actor:
    """The same person with the approver's grant as well: even then he cannot approve his own words."""
    from dataclasses import replace

    from anlan.kernel.access import Classification, Grant

    return replace(officer, grants=(*officer.grants, Grant("bulletins.approve", COUNTY, None, Classification.SENSITIVE)))


def respond(incident_id, cast: Cast) -> None:
    """Proposed by the officer, started by the leader, worked through, ended and closed."""
    officer, leader = actor_of(cast.officer), actor_of(cast.leader)
    plan = plans.plan_for("hazchem_leak", COUNTY)
    assert plan is not None
    values = {
        "plan_id": plan.id,
        "level": "III",
        "matter": "反应单元异常处置",
        "grounds": "突发事件应对法第七十一条",
        "measures": "降负荷、疏散周边",
        "expected_until": kernel_clock.now() + timedelta(hours=24),
    }
    response = incidents.propose_response(incident_id, values, actor=officer, now=kernel_clock.advance(minutes=1))
    incidents.start_response(response, actor=leader, now=kernel_clock.advance(minutes=1))
    tasks = incidents.open_tasks(officer, kernel_clock.now())
    assert len(tasks) >= 3
    for task in tasks:
        incidents.accept_task(task.id, actor=officer, now=kernel_clock.advance(minutes=1))
        incidents.finish_task(task.id, "已完成", actor=officer, now=kernel_clock.advance(minutes=1))
    incidents.end_response(response, "参数恢复正常，监测稳定", actor=leader, now=kernel_clock.advance(minutes=30))
    incidents.close_incident(incident_id, "无死亡，装置恢复", actor=leader, now=kernel_clock.advance(minutes=5))


def test_a_process_fault_is_followed_from_the_first_reading_to_the_closed_incident(cast, works, shared, tmp_path, clock):
    runs = tep.unpack(shared, tmp_path)
    plans.load_examples(actor=LOADER, now=clock.now())
    with pipeline() as running:
        sense(running, runs, works)
        told = [broker.Message(m.metadata.sequence.stream, m.subject, m.data, m.headers) for m in running.messages(broker.ALARMS)]
    assert intake.take_in(told) == len(told)
    assert intake.take_in(told) == 0, "hearing it twice raises nothing twice"
    officer = actor_of(cast.officer)
    raised = alarms.alarms_for_enterprise(works.pk, officer)
    gravest = min(raised, key=lambda a: a.level)
    assert gravest.level == 1
    onset = min(a.raised_at for a in raised)
    desk = client_of(cast.officer).get("/duty/").content.decode()
    assert gravest.title in desk
    assert gravest.title not in client_of(cast.stranger).get("/duty/").content.decode()

    for alarm in raised:
        alarms.acknowledge(alarm.id, "已通知企业核实", actor=officer, now=clock.advance(minutes=1))
    filing = report(gravest, cast)
    owed = Clock.objects.get(subject_id=filing.id, rule_code="county_city")
    assert owed.until - owed.since == timedelta(hours=2)
    incident = incidents.open_incident({"filing_id": filing.id}, actor=officer, now=clock.advance(minutes=2))
    bulletin = warn(incident, cast)
    filings.report_up(filing.id, actor=officer, now=clock.advance(minutes=20))
    filings.receive(filing.id, actor=actor_of(cast.city), now=clock.advance(minutes=3))
    owed.refresh_from_db()
    assert owed.state == "met"
    respond(incident, cast)
    deliver_pending()
    check_record(incident, bulletin, cast, onset, shared)


def check_record(incident, bulletin: Bulletin, cast: Cast, onset: datetime, shared) -> None:
    """The record of it all: page, PDF, feed, audit; and nothing for the neighbour."""
    mine, public, stranger = client_of(cast.officer), Client(), client_of(cast.stranger)
    lines = incidents.timeline(incident, actor_of(cast.officer), kernel_clock.now())
    assert lines[0].at == onset
    assert {line.kind for line in lines} >= {"alarm", "filing", "bulletin", "response", "task", "incident"}
    page = mine.get(f"/incidents/{incident}/timeline/")
    assert page.status_code == 200
    assert bulletin.headline in page.content.decode()
    pdf = mine.get(f"/incidents/{incident}/timeline.pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.getvalue())).pages)
    assert "示范伊斯曼化工有限公司" in text
    assert stranger.get(f"/incidents/{incident}/timeline/").status_code == 404
    assert stranger.get(f"/incidents/{incident}/timeline.pdf").status_code == 404

    assert bulletin.identifier in public.get("/cap/feed.atom").content.decode()
    published = public.get(f"/cap/{bulletin.identifier}.xml").content
    etree.XMLSchema(etree.parse(str(shared / "samples/cap_schema/CAP-v1.2.xsd"))).assertValid(etree.fromstring(published))
    assert cap.decode(published).incidents == str(incident)
    assert incidents.incident(incident, actor_of(cast.officer)).closed_at is not None
    assert audit.verify().intact
