"""Plans: chosen by kind and place, turned into tasks, and refused when their parts do not fit together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.accounts import client_for
from tests.rooms.jinan import NOW, actor

from anlan.command.plans import comparing, door, editing, queries, rules, services
from anlan.command.plans.models import PlanTemplate
from anlan.command.plans.rules import Candidate, choose
from anlan.command.resources import door as resources
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import NotFound, NotPermitted

SYSTEM = system_actor("loader")


EXAMPLES = {"EXAMPLE-HAZCHEM-LEAK", "EXAMPLE-FIRE", "EXAMPLE-MINE-WATER", "EXAMPLE-FLOOD"}


def content(**more: Any) -> dict[str, Any]:
    return {
        "code": "LX-HAZ",
        "edition": 1,
        "title": "历下区危险化学品事故应急预案",
        "plan_type": "special",
        "kind": "hazchem_leak",
        "place_code": "370102",
        "trigger": "发生泄漏",
        "source": "测试",
        "levels": [{"level": "III", "condition": "c", "decided_by": "县政府", "expected_hours": 24, "measures": "m"}],
        "roles": [{"code": "fire", "name": "抢险组", "filled_by": "消防", "duty": ""}],
        "actions": [
            {"code": "go", "levels": "III", "role": "fire", "text": "赶赴现场", "deadline_min": 30, "resource": "", "done_when": "到场"}
        ],
        **more,
    }


def test_the_flow_of_a_plan_has_no_problem() -> None:
    assert rules.FLOW.problems() == []
    assert all(move.action in rules.ACTIONS for move in rules.FLOW.moves)


def test_the_most_local_plan_wins_then_the_newest_edition() -> None:
    plans = [
        Candidate("nation", "fire", "000000", 9),
        Candidate("city", "fire", "370100", 1),
        Candidate("county-1", "fire", "370102", 1),
        Candidate("county-2", "fire", "370102", 2),
        Candidate("other kind", "flood", "370102", 5),
    ]
    assert choose(plans, "fire", "370102").id == "county-2"  # type: ignore[union-attr]
    assert choose(plans, "fire", "370103").id == "city"  # type: ignore[union-attr]
    assert choose(plans, "fire", "110105").id == "nation"  # type: ignore[union-attr]
    assert choose(plans, "quake", "370102") is None


@pytest.mark.django_db
def test_the_example_plan_is_loaded_once_marked_as_example_and_gives_at_least_three_tasks(world: None) -> None:
    assert services.load_examples(actor=SYSTEM, now=NOW) == 4
    assert services.load_examples(actor=SYSTEM, now=NOW) == 0
    plan = door.plan_for("hazchem_leak", "370102")
    assert plan is not None
    assert plan.example
    assert [level.level for level in plan.levels] == ["I", "II", "III", "IV"]
    tasks = door.instantiate(plan.id, "III", NOW)
    assert len(tasks) == 14
    plug = next(task for task in tasks if task.code == "plug")
    assert plug.depends_on == ("reconnoitre", "isolate")
    known = {code for code, _name in resources.capability_choices()}
    assert {task.capability for task in tasks if task.capability} <= known, "what a plan asks for, resources can offer"
    groups = door.structure(plan.id, "III")
    assert {task.group for task in tasks} <= {group.code for group in groups}
    assert next(group.parent for group in groups if group.code == "enterprise") == "commander"
    assert tasks[0].due == NOW + timedelta(minutes=15)
    assert all(task.post and task.done_when for task in tasks)
    assert len(door.instantiate(plan.id, "IV", NOW)) < len(tasks)


@pytest.mark.django_db
def test_a_county_plan_replaces_the_example_and_a_new_edition_retires_the_old(world: None) -> None:
    services.load_examples(actor=SYSTEM, now=NOW)
    first = services.issue(services.create_plan(content(), actor=SYSTEM, now=NOW), actor=SYSTEM, now=NOW)
    assert door.plan_for("hazchem_leak", "370102").id == first.pk  # type: ignore[union-attr]
    second = services.issue(services.create_plan(content(edition=2), actor=SYSTEM, now=NOW), actor=SYSTEM, now=NOW)
    assert door.plan_for("hazchem_leak", "370102").id == second.pk  # type: ignore[union-attr]
    first.refresh_from_db()
    assert first.state == rules.RETIRED
    with pytest.raises(rules.NoActions):
        door.instantiate(second.pk, "IV", NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "broken",
    [
        {"actions": [{"code": "x", "levels": "III", "role": "nobody", "text": "t", "deadline_min": 1, "resource": "", "done_when": "d"}]},
        {"actions": [{"code": "x", "levels": "I", "role": "fire", "text": "t", "deadline_min": 1, "resource": "", "done_when": "d"}]},
        {"plan_type": "wish"},
        {"trigger": ""},
    ],
)
def test_a_plan_whose_parts_do_not_fit_is_refused_whole(world: None, broken: dict[str, Any]) -> None:
    with pytest.raises(rules.MalformedTemplate):
        services.create_plan(content(**broken), actor=SYSTEM, now=NOW)
    assert PlanTemplate.objects.count() == 0


@pytest.mark.django_db
def test_officers_see_plans_above_them_but_no_drafts_of_others(
    county_officer: Actor, other_county_officer: Actor, city_leader: Actor
) -> None:
    services.load_examples(actor=SYSTEM, now=NOW)
    draft = services.create_plan(content(), actor=SYSTEM, now=NOW)
    assert {p.code for p in queries.plans(county_officer)} == {*EXAMPLES, "LX-HAZ"}
    assert {p.code for p in queries.plans(other_county_officer)} == EXAMPLES
    with pytest.raises(NotFound):
        queries.plan(draft.pk, other_county_officer)
    with pytest.raises(NotPermitted):
        services.issue(draft, actor=other_county_officer, now=NOW)
    services.issue(draft, actor=city_leader, now=NOW)


@pytest.mark.django_db
def test_an_own_plan_is_written_from_the_example_changed_in_parts_and_frozen_when_issued(county_officer: Actor, city_leader: Actor) -> None:
    county_clerk = actor("bureau_clerk", "370102")
    services.load_examples(actor=SYSTEM, now=NOW)
    example = PlanTemplate.objects.get(code="EXAMPLE-HAZCHEM-LEAK")
    values = {"code": "LX-1", "title": "历下区预案", "place_code": "370102"}
    draft = editing.copy_as_own(example, values, actor=county_clerk, now=NOW)
    assert not draft.example
    assert queries.lacking(draft, NOW).percent == 100
    with pytest.raises(rules.CodeTaken):
        editing.copy_as_own(example, values, actor=county_clerk, now=NOW)

    report = draft.actions.get(code="report")
    report.depends_on = "inform"
    with pytest.raises(rules.MalformedTemplate, match="plan_template_malformed"):
        editing.put(draft, "action", report, actor=county_clerk, now=NOW)  # inform waits for report
    report.depends_on, report.deadline_min = "", 10
    editing.put(draft, "action", report, actor=county_clerk, now=NOW)
    with pytest.raises(rules.StillUsed):
        editing.remove(draft, "role", draft.roles.get(code="rescue"), actor=county_clerk, now=NOW)
    editing.remove(draft, "chapter", draft.chapters.get(clause="7.5"), actor=county_clerk, now=NOW)
    assert [row.clause for row in queries.lacking(draft, NOW).missing] == ["7.5"]
    found = comparing.differences(queries.edition_of(example), queries.edition_of(draft))
    assert {(each.part, each.key, each.how) for each in found} == {
        ("about", "about", "changed"),
        ("actions", "report", "changed"),
        ("chapters", "7.5", "removed"),
    }

    services.issue(draft, actor=city_leader, now=NOW)
    with pytest.raises(rules.NotADraft):
        editing.put(draft, "action", report, actor=county_clerk, now=NOW)
    assert editing.next_edition(draft, actor=county_clerk, now=NOW).edition == 2


@pytest.mark.django_db
def test_the_pages_of_a_draft_show_what_is_missing_and_take_changes(world: None) -> None:
    draft = services.create_plan(content(), actor=SYSTEM, now=NOW)
    client = client_for("bureau_clerk", "370102")
    assert "缺 5 章" in client.get(f"/plans/{draft.pk}/").content.decode()
    written = {"clause": "7.4", "heading": "处置措施", "text": "先救人"}
    assert client.post(f"/plans/{draft.pk}/parts/chapter/", written).status_code == 302
    assert "缺 4 章" in client.get(f"/plans/{draft.pk}/").content.decode()
    action = draft.actions.get()
    changed = {"text": "到场", "role_code": "fire", "levels": ["III"], "deadline_min": "20", "done_when": "到场并报告"}
    assert client.post(f"/plans/{draft.pk}/parts/action/{action.pk}/", changed).status_code == 302
    assert door.instantiate(draft.pk, "III", NOW)[0].due == NOW + timedelta(minutes=20)
    again = {"level": "III", "condition": "c", "decided_by": "县政府", "expected_hours": "24", "measures": "m"}
    assert client.post(f"/plans/{draft.pk}/parts/level/", again).status_code == 422
    for page in ("preview/?level=III", "cards/", "about/", "parts/role/", "copy/"):
        assert client.get(f"/plans/{draft.pk}/{page}").status_code == 200, page
