"""What the page of an enterprise tells of health at work: numbers and factors, never a person."""

from datetime import date, timedelta

import pytest
from tests.accounts import actor_of
from tests.rooms.prevent.health.test_health import Works
from tests.telling import Told

from anlan.prevent.health import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def works(jinan_places, clock):
    return Works(clock)


def test_factors_never_measured_then_within_then_over_the_limit(works):
    told = Told(works.enterprise.id, actor_of(works.accounts["inspector"]))
    assert (str(told.fact("职业健康").value), told.fact("职业健康").tone) == ("无超限", "orange")
    works.result("0.4")
    assert told.fact("职业健康").tone == "green"
    works.result("1.3", measured_on=date(2026, 11, 10))
    fact = told.fact("职业健康")
    assert (str(fact.value), fact.tone) == ("超限 1 项", "red")
    assert "电解厂房" in works.browser("inspector").get(fact.url).content.decode()
    lines = told.lines("occupational-health", works.clock.now())
    assert [line.tone for line in lines] == ["red", "green"]
    assert "1.3 mg/m³" in lines[0].note and lines[1].note.endswith("未超限")
    assert works.browser("inspector").get(lines[0].url).status_code == 200
    assert told.lines("occupational-health", lines[1].at) == [lines[1]]
    assert ("电解厂房", "氯气", "12") in [row[:3] for row in told.printed()]


def test_examinations_are_told_as_a_number_of_people(works):
    due = works.clock.now().date() - timedelta(days=3)
    services.plan_examination(worker="A-0132 张三", people=4, kind="on_job", due_on=due, exposure_id=str(works.factor.pk), **works.by())
    told = Told(works.enterprise.id, actor_of(works.accounts["inspector"]))
    assert "逾期未检 4 人" in str(told.fact("职业健康").note)
    assert not any("张三" in cell for row in told.printed() for cell in row)


def test_an_enterprise_without_factors_tells_nothing(works):
    told = Told(works.other.id, actor_of(works.accounts["inspector"]))
    fact = told.fact("职业健康")
    assert fact.quiet and str(fact.value) == "未登记"
    assert told.lines("occupational-health", works.clock.now()) == []
