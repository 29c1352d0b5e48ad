"""The whole night of the chlorine release, in four levels, over 36 hours and thirty days: from the first drift to the last lesson.

It is the exercise of the demonstration, played by its accounts at their posts, act by act (``anlan.site.demo.story``); this test looks between the acts.
Everything is of an exercise and invented. The supplement of the second day is sent before its 24 hours are over, as the law asks. What a browser shows
of the warning is looked at in ``test_chlorine_bulletin``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from tests.accounts import LOADER, client_of
from tests.rooms.routes import two_ways
from tests.rooms.site.small_world import built

from anlan.command.duty.models import Ring
from anlan.command.evacuation import queries as evacuations
from anlan.command.fieldapp.models import FieldStep
from anlan.command.incidents import door as incidents
from anlan.command.incidents.door import TimelineLine
from anlan.command.resources import door as resources
from anlan.desk.models import Notification
from anlan.federation import outbox
from anlan.federation.envelope import Lane
from anlan.federation.models import InboxEnvelope
from anlan.ground.people.models import Account
from anlan.ground.roads import door as roads
from anlan.ground.roads import keeping
from anlan.kernel.flow import FourEyes
from anlan.kernel.levels import Level
from anlan.ledger import audit
from anlan.ledger.models import Announcement, AuditEntry, Clock, ClockState
from anlan.report.filings import door as filings
from anlan.report.filings import merging, refusals
from anlan.report.filings import queries as filing_queries
from anlan.report.filings.models import Filing
from anlan.review.aftermath import queries as reviews
from anlan.review.aftermath import rules as review_rules
from anlan.sense.alarms import naming
from anlan.sense.alarms.models import Alarm
from anlan.site.demo import playing
from anlan.site.demo.cast import CITY, NEIGHBOUR_COUNTY
from anlan.site.demo.models import Playing
from anlan.site.demo.story import bulletin, cutoff, leaving, people
from anlan.site.demo.story.acts import ACTS
from anlan.site.demo.story.ending import WINDOW, review_of
from anlan.site.demo.story.release import filing_of
from anlan.site.demo.story.stage import Stage
from anlan.warn.bulletins import door as warnings
from anlan.warn.bulletins import rules as warning_law
from anlan.warn.bulletins import services as warning_services
from anlan.warn.channels import calling, monitor
from anlan.warn.channels.models import Carrier, Message

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(180)]
Check = Callable[[Stage], None]


@pytest.fixture
def world(jinan_places: None, clock: Any, monkeypatch: Any, settings: Any, tmp_path: Any) -> datetime:
    """The demonstration's works and its people, and nothing else; the moment at which somebody has the exercise played."""
    built(monkeypatch, settings, tmp_path, now=clock.now(), trades=())
    teams_and_roads(clock.now())
    return clock.advance(hours=3)


def teams_and_roads(now: datetime) -> None:
    """F1 lies 8 km west of the works on R7, F2 in the next county; R8 leads around the last of R7 in six minutes more."""
    works = people.gather(now).works
    scene = (works.longitude, works.latitude)
    net = {"name": "R7、R8", "source": "程序生成", "licence": "", "place_code": CITY, "generated": True}
    keeping._loaded.clear()
    roads.keep_network(two_ways(scene), **net, actor=LOADER, now=now - timedelta(days=60))  # the night is of the past
    base = {"kind": "team", "longitude": scene[0] - 0.0895, "latitude": scene[1], "vehicle": "fire_engine", "duty_phone": "000-0000001"}
    for name, place_code, offers in (("F1 消防站", works.place_code, "firefighting"), ("F2 危化队", NEIGHBOUR_COUNTY, "hazmat_leak")):
        more = {"name": name, "place_code": place_code, "offers": {offers: 1}, "turnout_min": 2}
        resources.register_resource(**base, **more, actor=LOADER, now=now)


def test_the_chlorine_release_from_the_first_drift_to_the_last_lesson(world: datetime) -> None:
    queued: list[Any] = []
    visitor = people.gather(world)["city"]
    row = playing.start(actor=visitor, now=world, queue=queued.append)
    assert queued == [row.pk]
    assert row.began + WINDOW <= world, "the window of casualties is over by now"
    played = []

    def look(done: int) -> bool:
        played.append(ACTS[done - 1].code)
        return True

    acts = tuple(replace(act, play=_watched(act.play, CHECKS.get(act.code))) for act in ACTS)
    assert set(CHECKS) <= {act.code for act in ACTS}
    stage = playing.perform(row, acts, look)
    assert played == [act.code for act in ACTS]
    row.refresh_from_db()
    assert (row.state, row.played, row.incident_id) == (Playing.DONE, len(ACTS), stage.made.incident)
    nothing_else_moved(stage, world)
    pages_of_the_night(stage, row)


def _watched(play: Callable[[Stage], object], check: Check | None) -> Callable[[Stage], object]:
    def both(stage: Stage) -> None:
        play(stage)
        if check is not None:
            check(stage)

    return both


def owed(stage: Stage, rule: str) -> Clock:
    """A legal clock of the report."""
    return Clock.objects.get(subject_id=stage.made.filing, rule_code=rule)


def told(stage: Stage) -> tuple[int, int, int]:
    """People as the monitor tells them: reached by a channel, called by people, not reached."""
    found = monitor.people(Message.objects.get(pk=stage.made.message))
    return found.reached, found.called, found.unreached


# --- release and report ----------------------------------------------------------------------------------------------------------


def three_detectors_are_one_event(stage: Stage) -> None:
    """The hint before them is of their event and rang nowhere."""
    raised = Alarm.objects.filter(pk__in=stage.made.alarms[1:])
    assert [(each.level, each.exercise) for each in raised.order_by("raised_at")] == [(2, True), (1, True), (1, True), (1, True)]
    assert len({each.event_key for each in Alarm.objects.filter(pk__in=stage.made.alarms)}) == 1


def pressure_and_temperature_are_blamed(stage: Stage) -> None:
    """A hint of the unit as a whole, four minutes after the drift began: nobody is told, no limit is near."""
    (hint,) = Alarm.objects.filter(pk__in=stage.made.alarms)
    assert (hint.kind, hint.level, hint.exercise) == ("UNIT", 4, True)
    assert stage.moment(-20) < hint.raised_at <= stage.now
    assert "液位" not in hint.title, "a point that contributes nothing is not named"
    assert {sensor.code for sensor, share in naming.contributions(hint) if share > 10} == {"PT-A", "TT-A"}
    assert not Notification.objects.filter(created_at__gte=stage.began - timedelta(hours=1)).exists()


def a_silent_point_is_no_lost_link(stage: Stage) -> None:
    assert {each.kind for each in Alarm.objects.filter(pk__in=stage.made.alarms)} == {"UNIT", "H", "HH", "SILENT"}


def the_works_is_in_time(stage: Stage) -> None:
    clock = owed(stage, "enterprise_county")
    assert (clock.state, clock.until) == ("met", stage.moment(61))
    assert filing_of(stage).reporting_code == "U", "what it did is not known yet: reported as if ordinary"


def two_callers_are_part_of_one_report(stage: Stage) -> None:
    assert owed(stage, "county_city").until == stage.now + timedelta(hours=2)
    assert filing_of(stage).sources.count() == 2
    assert [each.title for each in filings.open_filings(stage["officer"])] == ["示范氯碱有限公司氯气泄漏"]


# --- response --------------------------------------------------------------------------------------------------------------------


def nobody_starts_what_he_asked_for(stage: Stage) -> None:
    """The officer with the leader's powers as well: even then he does not approve what he asked for."""
    assert stage.made.response is not None
    both = replace(stage["officer"], grants=stage["leader"].grants)
    with pytest.raises(FourEyes):
        incidents.start_response(stage.made.response, actor=both, now=stage.now)


def fourteen_tasks(stage: Stage) -> None:
    """Those that were due at once are done already; the board knows all of them."""
    assert stage.made.incident is not None
    assert len([line for line in incidents.timeline(stage.made.incident, stage["leader"], stage.now) if line.kind == "task"]) >= 14
    assert incidents.incident(stage.made.incident, stage["leader"]).response_level == "III"


def a_serious_near_miss(stage: Stage) -> None:
    assert filing_of(stage).reporting_code == "N", "five hundred and more evacuated: a serious near miss"


# --- bulletin --------------------------------------------------------------------------------------------------------------------


def nobody_approves_his_own(stage: Stage) -> None:
    """Nor by another account that is known to be his."""
    made = bulletin.bulletin_of(stage)
    assert made.exercise, "an exercise stays one"
    assert "氯" in made.headline + made.description
    as_approver = replace(stage["officer"], grants=stage["approver"].grants)
    with pytest.raises(FourEyes):
        warning_services.approve(made, actor=as_approver, now=stage.now)
    phones = Account.objects.filter(username__in=("county.duty", "county.approver"))
    phones.update(phone="13800001111")
    with pytest.raises(warning_law.SamePerson):
        warning_services.approve(made, actor=stage["approver"], now=stage.now)
    phones.update(phone="")


def accepted_is_not_reached(stage: Stage) -> None:
    message = Message.objects.get(pk=stage.made.message)
    assert (message.people, message.exercise) == (44, True)
    line = stage.carriers.lines["sms"]
    assert set(line.rang.values()) == {1}
    assert not set(line.rang) & {bulletin.number(200 + n) for n in range(5)}, "who lives outside is not told"
    assert told(stage) == (0, 0, 44), "what a carrier accepted has reached nobody yet"


def receipts_count(stage: Stage) -> None:
    assert told(stage) == (35, 0, 9)


def late_receipts_count(stage: Stage) -> None:
    assert told(stage) == (39, 0, 5)


def the_machine_rings_who_is_left(stage: Stage) -> None:
    rang = {bulletin.number(n) for n in (38, 39, 100, 101, 102)}
    assert set(stage.carriers.lines["voice"].rang) == rang
    assert not rang & {key for key, times in stage.carriers.lines["sms"].rang.items() if times > 1}, "nobody twice"
    assert told(stage) == (41, 0, 3), "who picked up and pressed no key counts as not reached"


def three_are_to_be_called(stage: Stage) -> None:
    assert [call.name for call in bulletin.calls_of(stage)] == sorted(bulletin.UNREACHED)


def two_are_called(stage: Stage) -> None:
    assert told(stage) == (41, 2, 1)


def the_third_rises(stage: Stage) -> None:
    assert bulletin.calls_of(stage)[2].tier == calling.TOWNSHIP
    assert told(stage) == (41, 2, 1), "rising reaches nobody"


def everybody_is_reached(stage: Stage) -> None:
    assert [each.outcome for each in bulletin.calls_of(stage)[2].attempts.order_by("at")] == ["no_answer", "visited"]
    assert told(stage) == (41, 3, 0)


def the_update_goes_to_fewer(stage: Stage) -> None:
    first, update = bulletin.bulletin_of(stage), bulletin.bulletin_of(stage, 1)
    assert (first.state, update.state, update.changes_id) == ("superseded", "published", first.pk)
    assert 0 < Message.objects.get(source_id=update.pk).people < 44
    assert Message.objects.get(pk=stage.made.message).state == Message.STOPPED


# --- forces ----------------------------------------------------------------------------------------------------------------------


def force(stage: Stage, name: str) -> incidents.Force:
    """F1 or F2 as the incident's room shows it."""
    assert stage.made.incident is not None
    return next(each for each in incidents.forces(stage.made.incident, stage["officer"], stage.now) if each.name.startswith(name))


def the_team_is_on_its_way(stage: Stage) -> None:
    expected = force(stage, "F1").expected_at
    assert expected is not None
    assert round((expected - stage.moment(8)).total_seconds() / 60) == 13, "two minutes to turn out, eight kilometres by road"


def the_neighbour_commits_its_own(stage: Stage) -> None:
    told = force(stage, "F2")
    assert (told.state, told.unit) == ("en_route", stage.cast.neighbour.name)
    assert resources.resource(stage.cast.teams["F2"], None, at=stage.now).held is not None


def six_minutes_later_and_told(stage: Stage) -> None:
    assert force(stage, "F1").shift == 6
    heard = Notification.objects.filter(account_id=stage["officer"].account_id, sentence__contains="预计到场时间改为")
    assert heard.count() == 1


def the_timer_runs(stage: Stage) -> None:
    assert force(stage, "F1").state == "on_scene"
    assert stage.made.crew.check_by - stage.now == timedelta(minutes=20)


def nothing_comes_from_the_scene(stage: Stage) -> None:
    """The network there is cut: the team has capped the valve, and its task stands as it was."""
    assert not FieldStep.objects.exists()
    assert resources.resource(stage.cast.teams["F1"], None, at=stage.now).held is not None


def what_waited_is_told_once(stage: Stage) -> None:
    """Sent twice, kept once, in its order and each at its own moment; the timeline says that it came late. The team is free again."""
    steps = FieldStep.objects.order_by("happened_at")
    assert [(each.kind, each.happened_at) for each in steps] == [(each.kind, stage.moment(each.minutes)) for each in cutoff.TOLD]
    assert stage.made.incident is not None
    lines = [line for line in incidents.timeline(stage.made.incident, stage["leader"], stage.now) if line.kind == "field"]
    assert [line.at for line in lines] == [each.happened_at for each in steps]
    assert all("断网" in line.text for line in lines)
    assert resources.resource(stage.cast.teams["F1"], None, at=stage.now).held is None


# --- evacuation ------------------------------------------------------------------------------------------------------------------


def nobody_is_unaccounted_for(stage: Stage) -> None:
    books = evacuations.account(leaving.area_of(stage))
    assert (books.where["sheltered"], books.where["elsewhere"], books.unaccounted) == (1187, 13, 0)


def all_are_home(stage: Stage) -> None:
    assert evacuations.account(leaving.area_of(stage)).where["returned"] == 1200


# --- reports upward --------------------------------------------------------------------------------------------------------------


def city_and_ministry_signed(stage: Stage) -> None:
    assert owed(stage, "county_city").state == "met"
    direct = filing_of(stage).steps.get(kind="direct")
    assert direct.received_at == stage.now


def an_ordinary_accident(stage: Stage) -> None:
    row = filing_of(stage)
    assert (row.level_code, row.reporting_code) == ("IV", "IV")
    three_wait_the_dead_first(stage)
    assert Clock.objects.filter(subject_id=row.pk, rule_code="casualty_change", state="met").count() == 1


def instructions_are_done(stage: Stage) -> None:
    assert stage.made.filing is not None
    assert all(line.done_at for line in filings.instructions(stage.made.filing, stage["officer"]))


def fewer_gravely_hurt_is_a_reduction(stage: Stage) -> None:
    assert filing_of(stage).reductions.count() == 1, "two who died are no longer gravely hurt: a second person confirms it"


def a_relatively_serious_accident(stage: Stage) -> None:
    row = filing_of(stage)
    assert (row.level_code, row.deaths, row.serious_injured) == ("III", 3, 2)
    parallel = row.steps.get(kind="parallel")
    assert (parallel.receiver_level, parallel.late_seconds) == (1, 0), "the works reports to the province at the same time"
    assert owed(stage, "city_province").until == stage.moment(11 * 60)


def fourteen_minutes_late(stage: Stage) -> None:
    """The city's report to the province, with who and why."""
    step = filing_of(stage).steps.get(rule_code="city_province")
    assert (step.late_minutes, step.sent_by, step.note) == (14, stage["city"].name, "值班员处置次生险情")
    mark = filing_of(stage).marks.get()
    assert (mark.kind, mark.who, mark.late_minutes) == ("late", "济南市应急管理局（演示）", 14)


# --- the link that is cut ----------------------------------------------------------------------------------------------------------


def the_city_does_not_hear(stage: Stage) -> None:
    """What the county writes is here and waits; the city is not told and cannot sign."""
    assert not filing_queries.to_sign(filing_of(stage), Level.CITY).exists()
    rings = Ring.objects.filter(subject_id=stage.made.filing, place_code=CITY)
    assert not rings.filter(since__gt=stage.moment(cutoff.CUT)).exists()


def three_wait_the_dead_first(stage: Stage) -> None:
    stage.at(75)  # what was announced is heard
    the_city_does_not_hear(stage)
    waiting = outbox.waiting().filter(cut=stage.made.cut)
    assert [(row.lane, row.made_at) for row in waiting] == [
        (Lane.FLASH, stage.moment(75)),
        (Lane.URGENT, stage.moment(60)),
        (Lane.URGENT, stage.moment(71)),
    ]


def all_three_arrive_once(stage: Stage) -> None:
    stage.at(cutoff.BACK)
    came = InboxEnvelope.objects.order_by("pk")
    assert [row.lane for row in came] == [Lane.FLASH, Lane.URGENT, Lane.URGENT]
    steps = filing_queries.to_sign(filing_of(stage), Level.CITY)
    assert {(step.sent_at, step.delivered_at) for step in steps} == {(stage.moment(at), stage.moment(cutoff.BACK)) for at in (60, 71, 75)}
    assert not outbox.waiting().exists()


# --- the end ---------------------------------------------------------------------------------------------------------------------


def three_supplements(stage: Stage) -> None:
    supplements = [version for version in filing_of(stage).versions.all() if version.kind == "supplement"]
    assert [sorted(version.changed) for version in supplements][-1] == ["brief_course"]
    assert len([version for version in supplements if "deaths" in version.changed or "brief_course" in version.changed]) == 3


def the_timeline_holds_every_line(stage: Stage) -> None:
    """One deadline was missed."""
    assert stage.made.incident is not None
    lines = incidents.timeline(stage.made.incident, stage["leader"], stage.now)
    assert [line.code for line in lines[:2]] == ["alarm.hinted", "alarm.raised"]
    assert {line.kind for line in lines} >= {"alarm", "filing", "bulletin", "response", "task", "incident", "evacuation", "aid", "log"}
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    late = [line for line in lines if line.met is False]
    assert [(line.kind, line.late_minutes) for line in late] == [("filing", 14)], [_line(line) for line in late]


def _line(line: TimelineLine) -> str:
    return f"{line.at:%d %H:%M} {line.code} {line.title} {line.late_minutes}"


def figures_of_the_review(stage: Stage) -> None:
    issued = review_of(stage)
    figures = {each["code"]: each for each in issued.figures}
    assert figures["alarm_owned"]["value"] == 2
    assert figures["alarm_reported"]["value"] == 4
    assert figures["reports_in_time"]["whole"] - figures["reports_in_time"]["part"] == 1
    assert figures["people_out"]["value"] == pytest.approx(143, abs=1)
    assert figures["instructions_done"]["value"] == 1
    assert [each.late_minutes for each in review_rules.missed(reviews.lines(issued, stage["leader"], stage.now))] == [14]


def no_daily_report_is_owed(stage: Stage) -> None:
    """The final report ends the daily supplements; what was learned afterwards is still taken."""
    assert not Clock.objects.filter(subject_id=stage.made.filing, rule_code="supplement_daily", state=ClockState.RUNNING).exists()


def nothing_is_owed(stage: Stage) -> None:
    """The report is closed; the one duty that was late stays marked, and nothing was left undone."""
    filing = filing_of(stage)
    assert filing.is_closed
    assert not Clock.objects.filter(subject_id=stage.made.filing, state=ClockState.RUNNING).exists()
    assert not filing.steps.filter(received_at__isnull=True).exists(), "everything that was sent was signed for"
    assert not filing.provisional
    assert [(mark.kind, mark.state) for mark in filing.marks.all()] == [("late", "raised")]


def figures_are_locked(stage: Stage) -> None:
    """The accident counts once."""
    with pytest.raises(refusals.WindowClosed):
        filings.supplement(filing_of(stage).pk, {"deaths": 4}, actor=stage["officer"], now=stage.now)
    assert Filing.objects.exclude(state__in=("draft", "withdrawn", "merged")).count() == 1
    assert merging.proposals(merging.told_by(filing_of(stage)), stage["officer"], but=filing_of(stage)) == ()


CHECKS: dict[str, Check] = {
    "drift": pressure_and_temperature_are_blamed,
    "detectors": three_detectors_are_one_event,
    "silent": a_silent_point_is_no_lost_link,
    "reported": the_works_is_in_time,
    "signed": two_callers_are_part_of_one_report,
    "proposed": nobody_starts_what_he_asked_for,
    "started": fourteen_tasks,
    "fire_team": the_team_is_on_its_way,
    "aid": the_neighbour_commits_its_own,
    "turned": six_minutes_later_and_told,
    "inside": the_timer_runs,
    "capped": nothing_comes_from_the_scene,
    "network_back": what_waited_is_told_once,
    "ordered": a_serious_near_miss,
    "drafted": nobody_approves_his_own,
    "sent": accepted_is_not_reached,
    "receipts": receipts_count,
    "late_receipts": late_receipts_count,
    "machine": the_machine_rings_who_is_left,
    "answers": three_are_to_be_called,
    "clerk": two_are_called,
    "rose": the_third_rises,
    "door": everybody_is_reached,
    "update_sent": the_update_goes_to_fewer,
    "empty": nobody_is_unaccounted_for,
    "home_second": all_are_home,
    "signed_above": city_and_ministry_signed,
    "first_waits": the_city_does_not_hear,
    "link_back": all_three_arrive_once,
    "one_dead": an_ordinary_accident,
    "obeyed": instructions_are_done,
    "three_dead": fewer_gravely_hurt_is_a_reduction,
    "reduced": a_relatively_serious_accident,
    "late": fourteen_minutes_late,
    "supplemented": three_supplements,
    "closed": the_timeline_holds_every_line,
    "reviewed": figures_of_the_review,
    "final": no_daily_report_is_owed,
    "last_word": no_daily_report_is_owed,
    "locked": figures_are_locked,
    "filed": nothing_is_owed,
}
"""What is looked at after an act."""


def nothing_else_moved(stage: Stage, world: datetime) -> None:
    """Nothing waits to be delivered, sent or rung of that night, and the log says what was played and when it really was written."""
    assert audit.verify().intact
    assert not Announcement.objects.filter(delivered_at=None, at__range=(stage.began, stage.now)).exists()
    assert not Message.objects.filter(exercise=True, state=Message.SENDING).exclude(source_kind="calls").exists()
    assert not Carrier.objects.filter(enabled=True).exists()
    assert warnings.live(stage["approver"]) == []
    written = AuditEntry.objects.filter(content__exercise__playing__isnull=False)
    assert written.filter(action="filings.receive").exists()
    assert {entry.at for entry in written} == {world}


def pages_of_the_night(stage: Stage, row: Playing) -> None:
    """Whoever had it played walks from act to act, each at its page; the neighbour is not shown what is not his."""
    desk = client_of(Account.objects.get(username="county.duty"))
    page = desk.get("/drill/").content.decode()
    assert row.addresses and all(f'href="{address}"' in page for address in row.addresses.values())
    assert {address: desk.get(address).status_code for address in row.addresses.values()} == dict.fromkeys(row.addresses.values(), 200)
    paper = desk.get(f"/filings/{stage.made.filing}/document.pdf").content
    assert "示范氯碱" in _text(paper)
    review = row.addresses["review"]
    assert any(each["tone"] == "red" for each in desk.get(f"{review}story.json").json()["lines"])
    report = _text(desk.get(f"{review}report.pdf").content)
    assert "14 分钟" in report
    assert "双人值守" in report
    assert client_of(Account.objects.get(username="neighbour.duty")).get(review).status_code == 404
    assert client_of(Account.objects.get(username="nation.duty")).get(row.addresses["filing"]).status_code == 200


def _text(paper: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages).replace("\n", "")
