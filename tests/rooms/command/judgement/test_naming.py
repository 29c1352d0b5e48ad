"""Places in an answer are named to whoever may see them; to others it is told that there are more."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from tests.rooms.command.judgement.test_judgement import after, answered, ask, judgement, readings, tank  # noqa: F401
from tests.rooms.jinan import actor

from anlan.command.judgement import door, exposing, queries, shaping, sheet
from anlan.command.judgement.models import Judgement, Run
from anlan.ground.facilities.models import Facility
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound

pytestmark = pytest.mark.django_db
OWN, OTHERS = "历下小学", "市中养老院"


@pytest.fixture
def run(judgement: Judgement, county_officer: Actor) -> Run:  # noqa: F811
    """An answer with a school of its own county and a home of the next one downwind of the tank."""
    for name, kind, place_code, step in ((OWN, "primary_school", "370102", 0.004), (OTHERS, "nursing_home", "370103", 0.006)):
        Facility.objects.create(
            name=name, kind=kind, place_code=place_code, longitude=117.05 - step, latitude=36.66 - 0.8 * step, state="open"
        )
    return queries.run(answered(ask(judgement, county_officer)).pk, None)


def page(run: Run, reader: Actor) -> str:
    told = shaping.answer(run.judgement, str(run.number), reader, after(8))
    return render_to_string("judgement/_tables.html", {"judgement": run.judgement, "may_run": True, **told})


def test_page_sheet_and_facts_name_places_only_to_whom_they_may_be_named(run: Run, county_officer: Actor, city_officer: Actor) -> None:
    for reader, seen, hidden in ((county_officer, {OWN}, 1), (city_officer, {OWN, OTHERS}, 0)):
        facts = door.report_facts(run.pk, reader)
        told = str(sheet.document(run, facts, (), reader, after(8)).blocks)
        for text in (page(run, reader), told, str(facts.passages)):
            assert {name for name in (OWN, OTHERS) if name in text} == seen
        assert facts.passages_hidden == hidden
        assert ("另有 1 处防护目标" in told) == bool(hidden)
        assert ("另有 1 处防护目标" in page(run, reader)) == bool(hidden)
    with pytest.raises(NotFound):
        door.report_facts(run.pk, actor("duty_officer", "370103"))


def test_a_run_that_kept_no_records_names_nobody(run: Run, county_officer: Actor) -> None:
    for row in run.result["passages"]:
        row.pop("record")
    shown, hidden = exposing.passages_for(run, county_officer)
    assert not any(row["name"] for row in shown)
    assert hidden == 2
    assert shown, "distances along the wind have no name and stay"
