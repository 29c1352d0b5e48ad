"""What reported accidents mean for the risk grading of an enterprise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.rooms.jinan import NOW

from anlan.ledger.sources import law_day
from anlan.prevent.standing import proposing
from anlan.report.filings import accidents, rules
from anlan.report.filings.models import Filing

DAY = date(2026, 6, 9)


def filing(days_ago: int, level: str = "IV", kind: str = "hazchem_leak", **people: int) -> Filing:
    occurred = datetime(2026, 6, 9, 4, tzinfo=UTC) - timedelta(days=days_ago)
    return Filing(kind=kind, occurred_at=occurred, level_code=level, **({"deaths": 0, "injured": 0} | people))


def held(*told: Filing) -> dict[str, int]:
    return {code: len(own) for code, own in accidents.items(list(told), DAY).items() if own}


def test_one_larger_accident_within_three_years_is_an_item_and_two_are_red_at_once():
    assert held(filing(400, "III", deaths=4)) == {"accident_larger": 1}
    assert held(filing(400, "III", deaths=4), filing(900, "III", deaths=3)) == {"accident_larger": 2, "veto_accidents": 2}
    assert held(filing(3 * 366, "III", deaths=4)) == {}


def test_a_major_accident_is_red_at_once():
    assert held(filing(1000, "II", deaths=12)) == {"veto_accidents": 1}


def test_two_deadly_ordinary_accidents_are_red_at_once_only_within_one_year():
    assert held(filing(100, deaths=1), filing(500, deaths=2)) == {"accident_death": 2}
    assert held(filing(100, deaths=1), filing(300, deaths=2)) == {"accident_death": 2, "veto_accidents": 2}


def test_a_fire_that_hurt_nobody_is_of_public_effect_and_one_that_hurt_somebody_is_not():
    assert held(filing(30, "", "fire")) == {"accident_public": 1}
    assert held(filing(30, "IV", "fire", injured=2)) == {}


def test_three_years_before_a_leap_day_is_the_last_of_february():
    assert accidents.years_before(date(2028, 2, 29), 3) == date(2025, 2, 28)


@pytest.mark.django_db
def test_a_grading_proposes_what_was_reported_and_leaves_the_bonus_to_people(plant):
    today = law_day(NOW)
    assert proposing.proposals(plant.pk, today)["no_accident"]["count"] == 0
    base = {"enterprise": plant, "place_code": "370102", "classification": 2, "kind": "fire", "title": "车间起火", "known_at": NOW}
    base |= {"location": "一车间", "source": "phone", "reporter_id": plant.pk, "reporter_name": "值班员", "opened_at": NOW, "deaths": 1}
    base |= {"level_code": "IV", "occurred_at": NOW - timedelta(days=40)}
    for more in ({"state": rules.CLOSED}, {"state": rules.DRAFT}, {"state": rules.CLOSED, "exercise": True}):
        Filing.objects.create(**base | more)
    found = proposing.proposals(plant.pk, today)
    told = found["accident_death"]
    assert (told["count"], told["sure"]) == (1, False)
    assert "火灾（一般事故）" in told["names"] and "车间起火" not in told["names"] and told["names"].count("火灾") == 1
    assert (found["no_accident"]["count"], found["no_accident"]["sentence"]) == (0, "accidents")
    assert "veto_accidents" not in found
