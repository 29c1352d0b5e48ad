"""What the page of an enterprise tells of its risks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.rooms.prevent.risks.plant import LIGHT, Plant
from tests.telling import Told

from anlan.prevent.risks import checking, rules, services
from anlan.prevent.risks.models import CheckTask

pytestmark = pytest.mark.django_db


def test_a_register_that_was_not_begun_is_not_told(plant: Plant) -> None:
    fact = Told(plant.enterprise.id, plant.actor("inspector")).fact("安全风险")
    assert fact is not None and fact.quiet and (str(fact.value), fact.url) == ("未登记", "#risks")


def test_events_by_the_grade_that_remains_stand_in_the_strip_timeline_and_printed_file(plant: Plant) -> None:
    grave = plant.event()
    services.add_event(grave.unit_id, title="扳手坠落", method="lec", factors=LIGHT, level="post", **plant.by())
    told = Told(plant.enterprise.id, plant.actor("inspector"))
    fact = told.fact("安全风险")
    assert fact is not None and (fact.value, fact.tone) == ("重大风险 1 · 低风险 1", "red")
    assert "residual_grade=1" in fact.url
    listed = plant.browser("inspector").get(fact.url).content.decode()
    assert grave.title in listed and "扳手坠落" not in listed
    assert {line.title for line in told.lines("risks", plant.now)} == {f"评价风险“{grave.title}”", "评价风险“扳手坠落”"}
    assert told.lines("risks", plant.now - timedelta(hours=1)) == []
    assert any(grave.title in row for row in told.printed())
    assert Told(plant.enterprise.id, plant.actor("neighbour")).lines("risks", plant.now) == []


def test_a_check_that_is_late_makes_the_fact_red_and_one_that_found_something_stands_in_the_timeline(plant: Plant) -> None:
    event = plant.event(factors=LIGHT, level="post")
    plant.measure(event)
    plant.measure(event, text="检查警示标识", check_text="标识清楚")
    checking.sweep(plant.now)
    plant.clock.advance(days=1)
    checking.sweep(plant.now)
    told = Told(plant.enterprise.id, plant.actor("inspector"))
    fact = told.fact("安全风险")
    assert fact is not None and fact.tone == "red" and "排查逾期" in str(fact.note) and "/risk-checks/" in fact.url
    task = CheckTask.objects.filter(state=rules.OPEN, overdue=False).order_by("pk").first()
    assert task is not None
    checking.record(task.pk, outcome=rules.ABNORMAL, note="卡扣未锁紧", **plant.by("operator"))
    lines = told.lines("risk-checks", plant.now)
    assert [line.title for line in lines] == [f"排查发现异常（检查内容：{task.title}）"]
    assert plant.browser("inspector").get(lines[0].url).status_code == 200
