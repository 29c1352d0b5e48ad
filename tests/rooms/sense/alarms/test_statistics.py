"""Figures of alarms against a small world reckoned by hand."""

from datetime import timedelta

import pytest
from django.db import connection
from tests.rooms.sense.alarms.telling import cleared, duty, messages, raised, told
from tests.rooms.sense.plant import NOW, Plant

from anlan.sense.alarms import intake, rules, services, statistics, tables
from anlan.sense.alarms.models import Alarm
from anlan.sense.alarms.statistics import Asked

pytestmark = pytest.mark.django_db


def minutes(number):
    return NOW + timedelta(minutes=number)


def asked(**changes):
    return Asked(**{"since": NOW - timedelta(hours=1), "until": NOW + timedelta(hours=23), **changes})


def city():
    return duty("370100")


def answer(plant, *, after, over=None, **values):
    alarm = raised(plant, **values)
    services.acknowledge(alarm, actor=duty(plant.enterprise.place_code), now=NOW + timedelta(seconds=after))
    if over is not None:
        cleared(plant, NOW, after_s=over, **values)
    return alarm


def test_median_and_95th_percentile_by_enterprise_level_kind_and_place():
    first, second = Plant(1, "370102"), Plant(2, "370103")
    for number, seconds in enumerate((10, 20, 30, 40)):
        answer(first, after=seconds, over=100 * (number + 1), kind="H", level=3, raised_s=number)
    answer(second, after=600, kind="HH")
    raised(second, kind="L", level=4)
    by_enterprise = statistics.answers(city(), asked())
    assert [(row.name, row.number, row.waiting) for row in by_enterprise] == [("示范氯碱1号", 4, 0), ("示范氯碱2号", 2, 1)]
    assert by_enterprise[0].acknowledge_median == timedelta(seconds=25)
    assert by_enterprise[0].acknowledge_p95 == timedelta(seconds=38.5)
    assert by_enterprise[0].clear_median == timedelta(seconds=250)
    assert by_enterprise[1].clear_median is None
    assert {row.key: row.number for row in statistics.answers(city(), asked(by="level"))} == {3: 4, 1: 1, 4: 1}
    assert {row.key: row.number for row in statistics.answers(city(), asked(by="kind"))} == {"H": 4, "HH": 1, "L": 1}
    assert {row.key: row.number for row in statistics.answers(city(), asked(by="place"))} == {"370102": 4, "370103": 2}
    assert [row.number for row in statistics.answers(city(), asked(by="kind", place="370103", kind="L"))] == [1]
    assert [row.number for row in statistics.answers(city(), asked(), offset=1)] == [2]
    assert [row.name for row in statistics.answers(duty("370103"), asked())] == ["示范氯碱2号"]
    assert statistics.answers(city(), asked(since=NOW + timedelta(days=1), until=NOW + timedelta(days=2))) == []


def test_an_acknowledgement_that_expired_still_counts_as_the_first_one():
    plant = Plant()
    alarm = answer(plant, after=30)
    Alarm.objects.filter(pk=alarm.pk).update(acknowledged_at=None, state=rules.RAISED)
    services.acknowledge(Alarm.objects.get(), actor=duty(), now=minutes(40))
    assert statistics.answers(city(), asked())[0].acknowledge_median == timedelta(seconds=30)


def test_the_load_of_an_operator_counts_what_stands_on_its_own_and_is_held_against_benchmarks():
    plant = Plant()
    head = told(plant, kind="LINK", level=2)
    intake.take_in(messages(head, *(told(plant, kind="SILENT", rule=f"r{n}", raised_s=n / 10, cause=head.episode) for n in range(30))))
    for number in range(11):
        raised(plant, minutes(1), kind="RATE", level=4, raised_s=60 + number)
    Alarm.objects.filter(kind="LINK").update(received_at=minutes(1))
    found = {each.benchmark.code: each for each in statistics.load(city(), asked(), minutes(2))}
    assert found["per_hour"].value == pytest.approx(12 / 24)
    assert found["peak_10_minutes"].value == 12 and found["peak_10_minutes"].verdict == "too_much"
    assert found["flood_share"].value == pytest.approx(100 / 144)
    assert found["busy_hours"].value == 0
    assert found["top_ten_share"].value == 100
    halved = {each.benchmark.code: each.value for each in statistics.load(city(), asked(operators=2), minutes(2))}
    assert (halved["peak_10_minutes"], halved["flood_share"]) == (6, 0)
    empty = {each.benchmark.code: each.verdict for each in statistics.load(duty("370103"), asked(), minutes(2))}
    assert (empty["per_hour"], empty["top_ten_share"]) == ("good", "unknown")


def test_nuisances_are_told_apart_frequent_chattering_fleeting_and_standing():
    plant = Plant()
    for number in range(3):
        raised(plant, kind="H", level=4, raised_s=20 * number)
        cleared(plant, kind="H", level=4, raised_s=20 * number, after_s=4)
    for number in range(4):
        raised(plant, kind="L", level=4, raised_s=3600 * number)
        cleared(plant, kind="L", level=4, raised_s=3600 * number, after_s=900)
    raised(plant, kind="HH", level=3, raised_s=-90_000)
    now = NOW + timedelta(hours=5)

    def of(kind):
        return [(row.kind, row.number) for row in statistics.nuisances(city(), asked(), kind, now)]

    assert of("frequent") == [("L", 4), ("H", 3)]
    assert of("chattering") == [("H", 1)]
    assert of("fleeting") == [("H", 3)]
    standing = statistics.nuisances(city(), asked(), "standing", now)
    assert [(row.kind, row.longest) for row in standing] == [("HH", timedelta(seconds=90_000, hours=5))]
    assert [row.share for row in statistics.nuisances(city(), asked(), "frequent", now)] == pytest.approx([400 / 7, 300 / 7])
    assert statistics.nuisances(duty("370103"), asked(), "frequent", now) == []
    assert [row.kind for row in statistics.nuisances(city(), asked(), "frequent", now, offset=1, limit=1)] == ["H"]


def test_every_benchmark_says_where_it_comes_from_and_how_sure_it_is():
    for row in tables.benchmarks(NOW.date()):
        assert row.source and row.status in {"secondary", "unverified"} and row.acceptable <= row.manageable


def test_a_period_is_read_over_an_index():
    statement, values = statistics.chosen(city(), asked(level=1)).only("id").query.sql_with_params()
    with connection.cursor() as db:
        db.execute("SET LOCAL enable_seqscan = off")
        db.execute(f"EXPLAIN {statement}", values)
        plan = "\n".join(row[0] for row in db.fetchall())
    assert "Index" in plan
