"""The draw can be repeated by anybody, a finding has a name under it, and the worst stands first."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date, timedelta

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts import actor_of, client_for, client_of, make_account
from tests.rooms.sense.plant import LOADER, NOW, Plant, officer

from anlan.desk import todo
from anlan.ground.evidence import door as evidence
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import MissingFields, ReasonRequired
from anlan.ledger.models import AuditEntry
from anlan.sense.completeness.models import CompletenessDay
from anlan.sense.devices.models import Sensor
from anlan.sense.patrol import queries, rules, services
from anlan.sense.patrol.models import Patrol, PatrolPoint

HERE, THERE = "370102", "370103"
ALL = ("devices.view", "patrol.view", "patrol.draw", "patrol.check", "patrol.close", "alarms.view", "completeness.view")
TODAY = date(2026, 11, 22)


# --- The draw -----------------------------------------------------------------------------------------------------------


@given(st.sets(st.integers(1, 10**7), min_size=1, max_size=60), st.integers(1, 80), st.text("abc0189", min_size=1, max_size=12))
def test_a_draw_is_repeated_with_nothing_but_a_digest_tool(channels: set[int], wanted: int, seed: str) -> None:
    drawn = rules.draw(seed, channels, wanted)
    by_hand = sorted(channels, key=lambda channel: hashlib.sha256(f"{seed}:{channel}".encode()).hexdigest())
    assert [channel for channel, _number in drawn] == by_hand[:wanted]
    assert rules.draw(seed, sorted(channels, reverse=True), wanted) == drawn


def test_every_point_has_the_same_chance_within_what_chance_allows() -> None:
    hits = dict.fromkeys(range(1, 21), 0)
    for number in range(4000):
        for channel, _number in rules.draw(f"seed {number}", hits, 5):
            hits[channel] += 1
    assert all(850 < count < 1150 for count in hits.values()), hits


def test_a_draw_of_nothing_and_of_too_much_is_refused() -> None:
    with pytest.raises(rules.NothingToDraw):
        rules.draw("a", (), 3)
    for wanted in (0, rules.MOST_DRAWN + 1):
        with pytest.raises(rules.DrawSize):
            rules.draw("a", (1,), wanted)
    for seed in ("", " a", "a\n", "x" * 65):
        with pytest.raises(rules.SeedTooLong):
            rules.checked_seed(seed)


def test_points_go_to_checkers_in_turn() -> None:
    assert rules.assigned(5, ["a", "b"]) == ["a", "b", "a", "b", "a"]
    assert rules.assigned(2, []) == ["", ""]


def drawn(actor: object = None, **told: object) -> Patrol:
    values: dict[str, object] = {"place_code": HERE, "wanted": 1, "seed": "20261122", "actor": actor or officer(HERE, *ALL), "now": NOW}
    return services.draw("十一月抽查", **{**values, **told})  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_draw_keeps_seed_population_and_order_and_draws_from_ones_own_place_only() -> None:
    ours, _theirs = Plant(1, HERE), Plant(2, THERE)
    patrol = drawn(wanted=10)
    channels = sorted([ours.pressure.channel, ours.gas.channel])
    assert patrol.population == 2 and patrol.population_channels == channels
    assert patrol.population_sha256 == hashlib.sha256(",".join(map(str, channels)).encode()).hexdigest()
    points = list(patrol.points.order_by("order"))
    assert [point.channel for point in points] == [channel for channel, _ in rules.draw("20261122", channels, 10)]
    assert AuditEntry.objects.get(action="patrol.draw").content["facts"]["seed"] == "20261122"
    assert len(drawn(seed="").seed) == 32, "without a seed one is drawn at random"
    with pytest.raises(NotPermitted):
        drawn(officer(HERE, "devices.view", "patrol.view"))
    with pytest.raises(rules.NothingToDraw):
        drawn(sensor_class="methane")


# --- Findings ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_spot_check_closes_only_when_every_point_has_a_finding_and_there_is_a_conclusion() -> None:
    Plant(1, HERE)
    patrol, actor = drawn(wanted=2), officer(HERE, *ALL, name="李巡查")
    first, second = patrol.points.order_by("order")
    with pytest.raises(rules.UnknownFinding):
        services.check(first.pk, "", actor=actor, now=NOW)
    with pytest.raises(rules.NoteMissing):
        services.check(first.pk, "faulty", " ", actor=actor, now=NOW)
    services.check(first.pk, "faulty", "探头脱落", site_value=0.0, actor=actor, now=NOW)
    with pytest.raises(rules.NotAllChecked):
        services.move(patrol.pk, "close", conclusion="整改", actor=actor, now=NOW)
    services.check(second.pk, "fine", actor=actor, now=NOW)
    with pytest.raises(MissingFields):
        services.move(patrol.pk, "close", actor=actor, now=NOW)
    services.move(patrol.pk, "close", conclusion="一点故障，责令整改", actor=actor, now=NOW)
    row = PatrolPoint.objects.get(pk=first.pk)
    assert (row.finding, row.checked_by_name, row.checked_at, row.site_value) == ("faulty", "李巡查", NOW, 0.0)
    with pytest.raises(rules.AlreadyClosed):
        services.check(first.pk, "fine", actor=actor, now=NOW)


@pytest.mark.django_db
def test_a_draw_that_is_dropped_stays_with_its_reason() -> None:
    Plant(1, HERE)
    patrol, actor = drawn(), officer(HERE, *ALL)
    with pytest.raises(ReasonRequired):
        services.move(patrol.pk, "drop", actor=actor, now=NOW)
    services.move(patrol.pk, "drop", reason="道路中断", actor=actor, now=NOW)
    assert Patrol.objects.get(pk=patrol.pk).state == rules.DROPPED


@pytest.mark.django_db
def test_another_county_sees_and_checks_nothing() -> None:
    Plant(1, HERE)
    patrol, stranger = drawn(), officer(THERE, *ALL)
    point = patrol.points.get()
    with pytest.raises(NotFound):
        queries.one(patrol.pk, stranger)
    with pytest.raises(NotFound):
        services.check(point.pk, "fine", actor=stranger, now=NOW)
    with pytest.raises(NotFound):
        services.move(patrol.pk, "drop", reason="x", actor=stranger, now=NOW)


@pytest.mark.django_db
def test_whoever_is_to_check_finds_it_among_his_things_to_do(jinan_places: None, clock: object) -> None:
    Plant(1, HERE)
    checker = make_account("checker", "inspector", HERE)
    patrol = drawn(assignees=(checker.pk,), due_on=TODAY - timedelta(days=1))
    waiting = [item for item in todo.items(actor_of(checker), NOW) if item.subject == patrol.points.get().pk]
    assert [(item.overdue, item.title) for item in waiting] == [(True, str(patrol.points.get()))]
    services.check(patrol.points.get().pk, "fine", actor=LOADER, now=NOW)
    assert not [item for item in todo.items(actor_of(checker), NOW) if item.subject == patrol.points.get().pk]


# --- The league table ---------------------------------------------------------------------------------------------------


def day(plant: Plant, back: int, missing: int, **figures: int) -> None:
    told = {"points": 10, "expected": 1000, "received": 1000 - missing, "missing": missing, **figures}
    CompletenessDay.objects.create(
        enterprise=plant.enterprise,
        place_code=plant.enterprise.place_code,
        name=plant.enterprise.name,
        day=TODAY - timedelta(days=back),
        as_of=NOW,
        **told,
    )


@pytest.mark.django_db
def test_the_worst_stands_first_with_its_trend_by_enterprise_and_by_region(jinan_places: None) -> None:
    good, bad, there = Plant(1, HERE), Plant(2, HERE), Plant(3, THERE)
    for back in range(14):
        day(good, back, 0)
        day(bad, back, 500 if back < 7 else 100, silent=5, outside=50)
        day(there, back, 10)
    city = officer("370100", *ALL)
    table = queries.league(city, TODAY - timedelta(days=6), TODAY, by="enterprise")
    assert [row.name for row in table] == [bad.enterprise.name, there.enterprise.name, good.enterprise.name]
    worst = table[0]
    assert (worst.completeness, worst.before, worst.trend, worst.online, worst.outside) == (50.0, 90.0, -40.0, 50.0, 10.0)
    assert worst.points == 10
    regions = queries.league(city, TODAY - timedelta(days=6), TODAY, by="county")
    assert [(row.key, row.completeness) for row in regions] == [(HERE, 75.0), (THERE, 99.0)]
    assert [row.key for row in queries.league(city, TODAY, TODAY, by="city")] == ["370100"]
    assert [row.name for row in queries.league(officer(THERE, *ALL), TODAY, TODAY, by="enterprise")] == [there.enterprise.name]
    assert len(queries.league(city, TODAY, TODAY, by="enterprise", place_code=THERE)) == 1


@pytest.mark.django_db
def test_calibration_overdue_is_told_by_enterprise_and_region_ordered_by_and_exported(jinan_places: None, clock: object) -> None:
    behind, fair, there = Plant(1, HERE), Plant(2, HERE), Plant(3, THERE)
    for plant, missing in ((behind, 0), (fair, 500), (there, 10)):
        day(plant, 0, missing)
    due = {behind: (-1, -40), fair: (0, 30), there: (-1, 31)}
    for plant, (first, second) in due.items():
        for sensor, days in ((plant.pressure, first), (plant.gas, second)):
            Sensor.objects.filter(pk=sensor.id).update(calibration_due=TODAY + timedelta(days=days))
    Sensor.objects.create(
        enterprise_id=behind.enterprise.pk,
        device_id=behind.device.id,
        place_code=HERE,
        code="OLD",
        name="停用测点",
        sensor_class="pressure",
        unit="MPa",
        in_use=False,
        calibration_due=TODAY - timedelta(days=900),
    )
    city = officer("370100", *ALL)
    table = queries.league(city, TODAY, TODAY, by="enterprise", order="overdue")
    assert [(row.key, row.overdue, row.overdue_share, row.due_soon) for row in table] == [
        (str(behind.enterprise.pk), 2, 100.0, 0),
        (str(there.enterprise.pk), 1, 50.0, 0),
        (str(fair.enterprise.pk), 0, 0.0, 2),
    ], "due today is not overdue; what is out of use owes nothing"
    regions = queries.league(city, TODAY, TODAY, by="county", order="overdue_share")
    assert [(row.key, row.overdue, row.overdue_share) for row in regions] == [(HERE, 2, 50.0), (THERE, 1, 50.0)]
    assert next(row.key for row in queries.league(city, TODAY, TODAY, by="enterprise", order="no such")) == str(fair.enterprise.pk)
    (mine,) = queries.league(officer(THERE, *ALL), TODAY, TODAY, by="city", order="overdue")
    assert (mine.overdue, mine.overdue_share) == (1, 50.0), "of what the actor may see"
    client = client_of(make_account("li.inspector", "inspector", HERE))
    page = client.get(reverse("patrol:league"), {"order": "overdue"}).content.decode()
    assert "校准超期（测点）" in page and page.index(behind.enterprise.name) < page.index(fair.enterprise.name)
    lines = csv.reader(io.StringIO(client.get(reverse("patrol:league_file"), {"order": "overdue"}).content.decode("utf-8-sig")))
    head, *body = lines
    rows = [dict(zip(head, row, strict=True)) for row in body]
    assert [(row["名称"], row["校准超期（测点）"], row["校准超期占比（%）"]) for row in rows] == [
        (behind.enterprise.name, "2", "100.0"),
        (fair.enterprise.name, "0", "0.0"),
    ]


def test_what_nothing_is_known_of_stands_at_the_end() -> None:
    def standing(key: str, completeness: float | None, online: float | None = 100.0, unacknowledged: int = 0) -> rules.Standing:
        return rules.Standing(key, key, completeness, None, online, None, 0, 0, unacknowledged, 1)

    table = [standing("d", None), standing("a", 99.0), standing("c", 90.0, 50.0), standing("b", 90.0, 40.0), standing("e", 99.0, 100.0, 3)]
    assert [row.key for row in rules.worst_first(table)] == ["b", "c", "e", "a", "d"]
    assert standing("x", None).trend is None


# --- Pages ---------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_pages_lead_from_the_table_to_the_draw_the_finding_and_the_close(jinan_places: None, clock: object) -> None:
    plant = Plant(1, HERE)
    day(plant, 0, 10)
    inspector = make_account("li.inspector", "inspector", HERE)
    client = client_of(inspector)
    assert plant.enterprise.name in client.get(reverse("patrol:league")).content.decode()
    for asked in ({"by": "county"}, {"by": "city", "days": "30"}, {"by": "x", "days": "-1", "place": "nowhere"}, {"place": HERE}):
        assert client.get(reverse("patrol:league"), asked).status_code == 200
    rows = list(csv.reader(io.StringIO(client.get(reverse("patrol:league_file")).content.decode("utf-8-sig"))))
    assert rows[1][:3] == ["1", plant.enterprise.name, "99.0"]
    assert client.get(reverse("patrol:draw")).status_code == 200
    values = {"title": "示范抽查", "place_code": HERE, "wanted": "2", "seed": "七", "assignees": [str(inspector.pk)]}
    assert client.post(reverse("patrol:draw"), {**values, "sensor_class": "methane"}).status_code == 422
    answer = client.post(reverse("patrol:draw"), values)
    patrol = Patrol.objects.get()
    assert answer["Location"] == reverse("patrol:detail", args=[patrol.pk])
    assert "七" in client.get(answer["Location"]).content.decode()
    lines = client.get(reverse("patrol:population", args=[patrol.pk])).content.decode().split()
    assert lines[0] == "order,channel,sha256" and len(lines) == 3
    for point in patrol.points.all():
        address = reverse("patrol:point", args=[point.pk])
        assert client.get(address).status_code == 200
        assert client.post(address, {"finding": "faulty"}).status_code == 422
        assert client.post(address, {"finding": "fine", "site_value": "1.5"}).status_code == 302
        picture = io.BytesIO()
        segno.make(str(point.pk)).save(picture, kind="png")
        attached = reverse("evidence:attach", args=["patrol.patrolpoint", point.pk])
        client.post(attached, {"file": SimpleUploadedFile("现场.png", picture.getvalue(), "image/png")})
        assert evidence.count_for("patrol.patrolpoint", point.pk, actor_of(inspector)) == 1
    refused = client.post(reverse("patrol:move", args=[patrol.pk, "close"]))
    assert refused.status_code == 422
    assert client.post(reverse("patrol:move", args=[patrol.pk, "close"]), {"conclusion": "一切正常"}).status_code == 302
    assert client.get(reverse("patrol:detail", args=[patrol.pk])).status_code == 200
    assert client_for("wallboard").get(reverse("patrol:draw")).status_code == 403
