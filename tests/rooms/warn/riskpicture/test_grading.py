"""From something that happened to a stored, explained grade: alarms, dangers, time, areas, an index change."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.accounts import actor_of, client_of, make_account
from tests.rooms.sense.alarms.telling import cleared, duty, raised
from tests.rooms.sense.plant import NOW, Plant, enterprise

from anlan.desk.models import Notification
from anlan.ground.enterprises.models import Enterprise
from anlan.ground.risksources.models import RiskSource
from anlan.kernel.errors import NotPermitted
from anlan.kernel.flow import FourEyes
from anlan.kernel.ids import new_id
from anlan.ledger import events
from anlan.ledger.models import Announcement
from anlan.prevent.dangers.models import Danger
from anlan.prevent.permits.models import Commitment
from anlan.sense.alarms import services as alarms
from anlan.warn.riskpicture import door, factors, living, queries, refusals, replaying, rules, running, services, waiting
from anlan.warn.riskpicture.models import AreaGrade, Grade, GradeMove, IndexVersion, Run, Waiting
from anlan.warn.riskpicture.refusals import FactorSilent

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def heard(now=NOW) -> None:
    """Hearers hear, then the job grades."""
    events.deliver_pending()
    waiting.take(now=now)


def graded(row: Enterprise) -> Grade:
    return Grade.objects.get(kind=rules.ENTERPRISE, enterprise=row)


def first(*rows: Enterprise, now=NOW) -> None:
    door.note_enterprises([row.pk for row in rows], now=now)
    waiting.take(now=now)


def danger(row: Enterprise, **values) -> Danger:
    usual = {
        "title": "安全阀未校验",
        "location": "罐区",
        "sector": "hazchem",
        "source": "inspection",
        "found_by_id": row.pk,
        "found_by_name": "王强",
    }
    found = {
        "enterprise": row,
        "place_code": row.place_code,
        "found_at": NOW - 10 * HOUR,
        "state": "rectifying",
        "opened_at": NOW,
        **usual,
        **values,
    }
    return Danger.objects.create(**found)


def test_a_red_alarm_makes_its_enterprise_worse_until_somebody_takes_notice():
    plant = Plant()
    first(plant.enterprise)
    assert (graded(plant.enterprise).grade, graded(plant.enterprise).score) == (rules.BLUE, 0)
    alarm = raised(plant, kind="HH")
    heard()
    row = graded(plant.enterprise)
    assert (row.grade, row.before, row.score) == (rules.YELLOW, rules.BLUE, 12)
    assert [(code, part) for code, *_, part in row.factors] == [("alarm_1_waiting", 120)]
    alarms.acknowledge(alarm, actor=duty(), now=NOW)
    heard()
    assert [(code, part) for code, *_, part in graded(plant.enterprise).factors] == [("alarm_1_active", 70)]
    cleared(plant, kind="HH", after_s=60)
    heard(NOW + timedelta(minutes=1))
    assert [code for code, *_ in graded(plant.enterprise).factors] == ["alarm_recent"]
    assert graded(plant.enterprise).grade == rules.BLUE
    told = [(move.before, move.after) for move in queries.moves_of(row).order_by("at", "id")]
    assert told == [(None, rules.BLUE), (rules.BLUE, rules.YELLOW), (rules.YELLOW, rules.BLUE), (rules.BLUE, rules.BLUE)]


def test_time_alone_worsens_what_nobody_heeds_and_regrades_nothing_else():
    plant, other = Plant(1), Plant(2)
    danger(other.enterprise, grade="major")
    raised(plant, kind="HH")
    heard()
    first(other.enterprise)
    assert running.due(NOW + timedelta(minutes=4)) == 0
    assert running.due(NOW + HOUR) == 1
    row = graded(plant.enterprise)
    assert (row.grade, row.vetoes, row.score) == (rules.RED, ["alarm_unheeded"], 24)
    assert graded(other.enterprise).look_at is None


def test_a_major_danger_past_its_deadline_is_no_better_than_orange():
    row = enterprise()
    found = danger(row, grade="major", deadline=NOW + HOUR)
    first(row)
    assert (graded(row).grade, graded(row).score) == (rules.BLUE, 7)
    first(row, now=NOW + 2 * HOUR)
    assert (graded(row).grade, graded(row).vetoes) == (rules.ORANGE, ["major_overdue"])
    Danger.objects.filter(pk=found.pk).update(rectified_at=NOW + 3 * HOUR)
    first(row, now=NOW + 4 * HOUR)
    assert graded(row).grade == rules.BLUE


def test_alarms_and_dangers_of_an_exercise_weigh_nothing():
    row = enterprise()
    danger(row, grade="major", exercise=True)
    first(row)
    assert graded(row).factors == []


def test_hazard_sources_have_grades_of_their_own():
    plant = Plant()
    source = RiskSource.objects.create(
        enterprise=plant.enterprise, place_code="370102", code="R1", name="1 号罐", kind="tank", is_major=True, major_level=2
    )
    waiting.note(rules.SOURCE, [source.pk], now=NOW)
    waiting.take(now=NOW)
    row = Grade.objects.get(source=source)
    assert (row.grade, row.score, row.assessed, row.title) == (rules.YELLOW, 22, True, "1 号罐")
    assert [each.pk for each in queries.of_sources(plant.enterprise.pk, None)] == [row.pk]


def test_a_closed_enterprise_loses_its_grade():
    row = enterprise()
    first(row)
    Enterprise.objects.filter(pk=row.pk).update(state="closed")
    first(row)
    assert not Grade.objects.exists()
    assert not AreaGrade.objects.exclude(level="nation").exists()


def test_areas_tell_the_worst_and_how_many():
    rows = [enterprise(1), enterprise(2), enterprise(3, "370103")]
    danger(rows[0], grade="major", deadline=NOW - HOUR)
    first(*rows)
    county, city, nation = (AreaGrade.objects.get(pk=code) for code in ("370102", "370100", "000000"))
    assert (county.orange, county.blue, city.orange, city.blue, nation.blue) == (1, 1, 1, 2, 2)
    assert county.worst == city.worst == nation.worst == 12
    assert county.score > city.score > nation.score
    assert not Announcement.objects.filter(kind=door.AreaGradeChanged.kind).exists()
    assert {row.place_code for row in queries.seen_areas(duty("370102"), "county")} == set()
    mine = actor_of(make_account("here", "duty_officer", "370102"))
    assert [row.place_code for row in queries.seen_areas(mine, "county")] == ["370102"]
    assert not queries.seen_areas(mine, "city").exists()
    assert queries.seen_levels(mine) == ["county", "township"]


def test_an_area_that_takes_another_colour_is_told_once_and_one_that_only_moved_is_not():
    row = enterprise()
    first(row)
    for title in ("甲", "乙"):
        danger(row, grade="major", deadline=NOW - HOUR, title=title)
    first(row)
    danger(row)
    first(row)
    areas = {each.pk: each for each in AreaGrade.objects.all()}
    told = [each.payload for each in Announcement.objects.filter(kind=door.AreaGradeChanged.kind)]
    assert sorted((each["place_code"], each["before"], each["after"]) for each in told) == [
        (code, rules.BLUE, rules.YELLOW) for code in ("000000", "370000", "370100", "370102")
    ]
    assert all(areas[each["place_code"]].score > float(each["score"]) for each in told)
    assert [each["counts"] for each in told if each["place_code"] == "370102"] == [[0, 1, 0, 0]]


def test_the_duty_post_is_told_of_orange_and_red_once():
    account = make_account("watch", "duty_officer", "370102", now=NOW)
    plant = Plant()
    first(plant.enterprise)
    danger(plant.enterprise, grade="major", deadline=NOW - HOUR)
    first(plant.enterprise)
    events.deliver_pending()
    told = Notification.objects.get(account_id=account.pk)
    assert (told.tone, told.facts["title"]) == ("orange", plant.enterprise.name)
    assert "重大隐患逾期未整改" in told.facts["why"]
    assert told.url == reverse("riskpicture:card", args=[plant.enterprise.pk])
    first(plant.enterprise)
    events.deliver_pending()
    assert Notification.objects.count() == 1


def test_what_a_room_contributes_counts_and_is_kept_while_it_is_silent(monkeypatch):
    row = enterprise()
    answers = {"there": True}

    def weather(subjects, _at):
        if not answers["there"]:
            raise FactorSilent(factor="hazard_red")
        return [door.Observed("hazard_red", at, 1.0) for at, code in enumerate(subjects.place_codes) if code == "370102"]

    monkeypatch.setattr(factors, "_contributed", {})
    door.register_factor("weather", weather, codes=("hazard_red",), kinds=(rules.ENTERPRISE, rules.SOURCE))
    first(row)
    assert graded(row).score == 12
    answers["there"] = False
    door.note_places(["370100"], now=NOW)
    waiting.take(now=NOW)
    assert (graded(row).score, graded(row).stale) == (12, ["hazard_red"])


def test_whoever_was_told_of_alone_is_graded_before_the_many(monkeypatch):
    """Rain over a province marks everybody; the alarm of one plant a moment later does not wait for them."""
    monkeypatch.setattr(waiting, "AT_ONCE", 1)
    many, alone = [new_id() for _ in range(waiting.FEW + 1)], new_id()
    waiting.note(rules.ENTERPRISE, many, now=NOW)
    waiting.note(rules.ENTERPRISE, [alone], now=NOW + timedelta(seconds=1))
    assert waiting._taken() == {rules.ENTERPRISE: [alone]}
    assert waiting.note(rules.ENTERPRISE, [many[7]], now=NOW + timedelta(seconds=2)) == 1
    assert waiting.note(rules.ENTERPRISE, many, now=NOW + timedelta(seconds=3)) == 0
    assert waiting._taken() == {rules.ENTERPRISE: [many[7]]}


def test_a_subject_told_twice_waits_once_and_queues_one_job(django_capture_on_commit_callbacks):
    row = enterprise()
    assert [waiting.note(rules.ENTERPRISE, [row.pk, row.pk], now=NOW) for _ in range(2)] == [1, 0]
    assert Waiting.objects.count() == 1
    waiting.take(now=NOW)
    assert waiting.note(rules.ENTERPRISE, [row.pk], now=NOW) == 1


@pytest.fixture
def tested(db) -> IndexVersion:
    """A version drafted by one and back-tested, in which open major dangers weigh three times as much."""
    living.live_index(NOW)
    base = IndexVersion.objects.get(state="live")
    drafter = actor_of(make_account("drafter", "inspector", "370000"))
    row = services.copy(base.pk, "2026-own", actor=drafter, now=NOW)
    row = services.alter(row.pk, "factors", {("danger_major", "points"): "21"}, actor=drafter, now=NOW)
    IndexVersion.objects.filter(pk=row.pk).update(state="tested", tested_digest=row.digest)
    return row


def test_an_index_goes_live_by_a_second_person_after_its_back_test_and_everybody_is_graded_anew(tested):
    rows = [enterprise(number) for number in range(1, 4)]
    for row in rows:
        danger(row, grade="major")
    first(*rows)
    kinds = [door.GradeChanged.kind, door.AreaGradeChanged.kind]
    told = Announcement.objects.filter(kind__in=kinds).count()
    drafter = actor_of(make_account("drafter2", "duty_leader", "370000"))
    IndexVersion.objects.filter(pk=tested.pk).update(drafted_by_id=drafter.account_id)
    with pytest.raises(FourEyes):
        services.enact(tested.pk, actor=drafter, now=NOW)
    leader = actor_of(make_account("leader", "duty_leader", "370000"))
    services.enact(tested.pk, actor=leader, now=NOW)
    run = Run.objects.get()
    assert running.regrade(run.pk, now=NOW).state == Run.DONE
    assert {graded(row).grade for row in rows} == {rules.YELLOW}
    assert {row.index_version for row in Grade.objects.all()} == {"2026-own"}
    assert (Run.objects.get().done, Run.objects.get().result["worse"]) == (3, 3)
    assert AreaGrade.objects.get(pk="370102").yellow == 3
    # What the index alone changed is in the history and rings nowhere.
    assert GradeMove.objects.filter(cause=GradeMove.INDEX, kind=rules.ENTERPRISE).count() == 3
    assert Announcement.objects.filter(kind__in=kinds).count() == told
    assert {row.name: row.state for row in IndexVersion.objects.all()} == {"2026-1": "retired", "2026-own": "live"}


def test_an_index_that_was_changed_after_its_back_test_does_not_go_live(tested):
    first(enterprise(1))
    drafter = actor_of(make_account("third", "inspector", "370000"))
    services.alter(tested.pk, "factors", {("danger_major", "points"): "22"}, actor=drafter, now=NOW)
    with pytest.raises(refusals.NotTested):
        services.enact(tested.pk, actor=actor_of(make_account("leader", "duty_leader", "370000")), now=NOW)


def test_whoever_enacts_covers_everybody_who_is_graded(tested):
    first(enterprise(1), enterprise(2, "370203"))
    with pytest.raises(NotPermitted):
        services.enact(tested.pk, actor=actor_of(make_account("county", "duty_leader", "370102")), now=NOW)


def test_a_run_goes_on_behind_its_last_piece_and_stops_when_asked(tested, monkeypatch):
    first(*(enterprise(number) for number in range(1, 6)))
    monkeypatch.setattr(running, "AT_ONCE", 2)
    run = running.start(tested, Run.REGRADE, by_name="示例", now=NOW)
    running._piece(run.pk, living.index_of(tested), NOW)
    assert Run.objects.get().done == 2
    assert running.regrade(run.pk, now=NOW).done == 5
    second = running.start(tested, Run.REGRADE, by_name="示例", now=NOW)
    running._piece(second.pk, living.index_of(tested), NOW)
    running.cancel(second.pk)
    assert (running.regrade(second.pk, now=NOW).state, Run.objects.get(pk=second.pk).done) == (Run.CANCELLED, 2)
    with pytest.raises(refusals.AlreadyRunning):
        running.start(tested, Run.REGRADE, by_name="示例", now=NOW)
        running.start(tested, Run.REGRADE, by_name="示例", now=NOW)


def test_the_card_says_why_and_what_would_better_it(clock):
    account = make_account("watch", "duty_officer", "370102")
    plant = Plant(now=clock.now())
    danger(plant.enterprise, grade="major", deadline=clock.now() - HOUR, found_at=clock.now() - 5 * HOUR)
    first(plant.enterprise, now=clock.now())
    page = client_of(account).get(reverse("riskpicture:card", args=[plant.enterprise.pk])).content.decode()
    assert "为什么是橙色" in page and "重大隐患逾期未整改" in page
    assert "可降为蓝色，如果：" in page and "完成整改并通过验收" in page
    assert "固有风险未评定" in page
    neighbour = client_of(make_account("beyond", "duty_officer", "370103"))
    assert neighbour.get(reverse("riskpicture:card", args=[plant.enterprise.pk])).status_code == 404


def test_a_version_is_changed_tested_on_what_happened_and_put_in_force_by_another_on_its_pages(clock, monkeypatch):
    now = clock.now()
    monkeypatch.setattr(replaying, "outcomes", {})
    monkeypatch.setattr(replaying, "STEP_H", 24)
    rows = [enterprise(1), enterprise(2)]
    danger(rows[0], grade="major", deadline=now - 10 * DAY, found_at=now - 20 * DAY)
    first(*rows, now=now)
    door.register_outcomes("tests", lambda since, until: [(rows[0].pk, now - 8 * DAY), (rows[1].pk, now - 5 * DAY)])
    drafter = client_of(make_account("drafter", "inspector", "370102"))
    base = IndexVersion.objects.get(state="live")
    drafter.post(reverse("riskpicture:copy", args=[base.pk]), {"name": "2026-own"})
    row = IndexVersion.objects.get(name="2026-own")
    refused = drafter.post(reverse("riskpicture:alter", args=[row.pk, "bands"]), {"cell:1:above": "20"})
    assert refused.status_code == 422 and 'value="20"' in refused.content.decode()
    drafter.post(
        reverse("riskpicture:alter", args=[row.pk, "factors"]), {"cell:danger_major:points": "8", "cell:danger_major:group": "alarms"}
    )
    drafter.post(reverse("riskpicture:test", args=[row.pk]), {"days": "30"})
    run = Run.objects.get(kind=Run.BACKTEST)
    assert replaying.replay(run.pk, now=now).state == Run.DONE
    found = Run.objects.get(pk=run.pk).result
    assert (found["outcomes"], found["hits"], found["hit_rate"], found["warnings"], found["false_alarms"]) == (2, 1, 50.0, 1, 0)
    assert 24 <= found["lead_h"] <= 48
    page = drafter.get(reverse("riskpicture:version", args=[row.pk])).content.decode()
    assert "50.0%" in page and "最后修改的人不能启用" in page and "本单位设定" in page
    leader = client_of(make_account("leader", "duty_leader", "370102"))
    leader.post(reverse("riskpicture:enact", args=[row.pk]))
    assert IndexVersion.objects.get(name="2026-own").state == "live"


def test_the_league_and_the_wall_show_what_the_reader_may_see(clock):
    now = clock.now()
    rows = [enterprise(1), enterprise(2), enterprise(3, "370103")]
    danger(rows[0], grade="major", deadline=now - HOUR, found_at=now - 5 * HOUR)
    first(*rows, now=now)
    watcher = client_of(make_account("watch", "duty_officer", "370102"))
    league = watcher.get(reverse("riskpicture:league")).content.decode()
    assert "place=370102" in league and "370103" not in league
    wall = watcher.get(reverse("wallboard:risk")).content.decode()
    assert rows[0].name in wall and rows[2].name not in wall
    assert rows[0].name in watcher.get(reverse("wallboard:risk_worst")).content.decode()
    assert watcher.get(reverse("wallboard:risk_regions")).status_code == 200
    assert client_of(make_account("operator", "node_operator", "370102")).get(reverse("riskpicture:league")).status_code == 403


def test_a_missing_commitment_is_forgotten_when_its_day_is_over():
    row = enterprise()
    Commitment.objects.create(enterprise=row, place_code="370102", day=NOW.date(), due_at=NOW - HOUR, missed=True)
    first(row)
    assert [code for code, *_ in graded(row).factors] == ["commitment_missing"]
    assert running.unannounced(NOW + HOUR) == 0
    assert running.unannounced(NOW + DAY) == 1
    waiting.take(now=NOW + DAY)
    assert graded(row).factors == []


def test_newcomers_are_found_without_being_announced():
    enterprise(1)
    assert running.newcomers(NOW) == 1
    waiting.take(now=NOW)
    assert running.newcomers(NOW) == 0
