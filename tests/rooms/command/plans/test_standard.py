"""What the standard asks for, the command structure of a level, circles of waiting, differences: without a database."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from anlan.command.plans import comparing, rules, standard
from anlan.command.plans.rules import PlanGroup

DAY = date(2026, 11, 26)


def group(code: str, parent: str = "", levels: str = "") -> tuple[PlanGroup, str]:
    return PlanGroup(code, code, parent, code, "", ""), levels


def test_each_kind_of_plan_has_the_chapters_of_the_standard_and_a_department_s_plan_none() -> None:
    counts = {kind: len(standard.chapters(kind, DAY, annexes=False)) for kind in rules.PLAN_TYPES}
    assert counts == {"general": 17, "special": 5, "site": 4, "department": 0}
    assert standard.chapters("special", date(2021, 3, 31)) == ()  # GB/T 29639-2020 is in force from 1 April 2021


def test_a_chapter_of_blanks_is_missing_and_annexes_are_named_apart() -> None:
    found = standard.completeness("site", {"8.1": "高处坠落", "8.2": "  ", "8.3": "断电"}, DAY)
    assert [row.clause for row in found.missing] == ["8.2", "8.4"]
    assert found.percent == 50
    assert len(found.missing_annexes) == 8


def test_a_group_not_set_up_at_a_level_hands_its_own_groups_to_the_one_above() -> None:
    rows = [group("top"), group("rescue", levels="I;II"), group("dogs", "rescue"), group("medical")]
    assert {each.code: each.parent for each in rules.structure_of(rows, "III")} == {"top": "", "dogs": "top", "medical": "top"}
    assert {each.code: each.parent for each in rules.structure_of(rows, "I")}["dogs"] == "rescue"
    assert rules.structure_of([], "I") == ()


@given(st.dictionaries(st.sampled_from("abcdef"), st.sets(st.sampled_from("abcdef"))))
def test_what_is_no_circle_can_be_done_in_some_order(before: dict[str, set[str]]) -> None:
    waiting = set(rules.circle(before))
    assert all(before[code] & waiting for code in waiting)  # whoever waits, waits for one who waits


@given(
    st.dictionaries(st.sampled_from("abc"), st.fixed_dictionaries({"text": st.sampled_from("xyz")})),
    st.dictionaries(st.sampled_from("abc"), st.fixed_dictionaries({"text": st.sampled_from("xyz")})),
)
def test_the_differences_lead_from_one_edition_to_the_other(old: dict[str, dict[str, str]], new: dict[str, dict[str, str]]) -> None:
    made = {key: dict(row) for key, row in old.items()}
    for each in comparing.differences({"actions": old}, {"actions": new}):
        if each.how == comparing.REMOVED:
            del made[each.key]
        else:
            made.setdefault(each.key, {}).update({name: after for name, _before, after in each.fields})
    assert made == new
