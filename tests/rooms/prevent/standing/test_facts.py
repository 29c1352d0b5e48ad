"""What the page of an enterprise tells of its risk grading: how far it is, what was found."""

import pytest
from tests.accounts import actor_of
from tests.telling import Told

from anlan.prevent.standing import queries, services

pytestmark = pytest.mark.django_db


def test_from_nothing_over_the_own_assessment_to_the_colour_that_holds(works):
    told = Told(works.enterprise.pk, actor_of(works.accounts["inspector"]))
    assert (str(told.fact("安全风险分级").value), str(told.fact("安全风险分级").note)) == ("未认定", "未自评")
    row = services.begin(works.enterprise.pk, **works.by("manager"))
    row = services.submit(row.pk, **works.by("principal"))
    fact = told.fact("安全风险分级")
    assert str(fact.value) == "未认定" and "自评 100 分 蓝色" in fact.note and "蓝色" in fact.note and fact.url == queries.address(row.pk)
    counts = queries.counts_of(row.answers) | {"managers": 4}
    done = services.review(row.pk, accept=True, counts=counts, reasons={"managers": "四人无证"}, verdict="属实", **works.by("inspector"))
    fact = told.fact("安全风险分级")
    assert (str(fact.value), fact.tone) == ("黄色", "yellow")
    assert f"{done.review_score.normalize():f} 分" in fact.note
    now = works.clock.now()
    assert [line.tone for line in told.lines("risk-gradings", now)] == ["blue"]
    assert [line.note for line in told.lines("risk-reviews", now)] == ["属实"]
    assert any(row[0] == str(done.year) for row in told.printed())
    assert Told(works.enterprise.pk, actor_of(works.accounts["neighbour"])).lines("risk-reviews", now) == []


def test_the_guide_does_not_apply_to_another_sector(works):
    works.enterprise.sector_code = "S28"
    works.enterprise.save()
    fact = Told(works.enterprise.pk, actor_of(works.accounts["inspector"])).fact("安全风险分级")
    assert fact.quiet and str(fact.value) == "不适用"
