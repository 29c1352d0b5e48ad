"""Identification and grading by GB 18218-2018: the worked check, every row, the traps, and what must never happen."""

import csv
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.prevent.hazardsources import grading, inventory, refusals, tables
from anlan.prevent.hazardsources.inventory import Line, line_of

DAY = date(2026, 11, 26)
TABLES = tables.on(DAY)
CHLORINE, AMMONIA = Line("氯", "7782-50-5", "10", "t"), Line("氨", "7664-41-7", "20", "t")


def reckon(*lines, people=60, known=lambda _n, _c: False):
    return grading.reckon(lines, people, DAY, known)


def refusal(line, **more):
    (found,) = reckon(line, **more).refused
    return found


def named(row, quantity="1", unit="t"):
    symbols = "" if row.seq in TABLES.beta_by_seq else "W5.4"
    return Line(row.name_zh, row.cas.split(";")[0], quantity, unit, str(row.seq), symbols)


def test_chlorine_ten_tonnes_with_ammonia_twenty_and_sixty_people_is_level_three():
    found = reckon(CHLORINE, AMMONIA)
    assert (found.s, found.alpha, found.r, found.level) == (4, Fraction(3, 2), 18, 3)
    assert [(s.basis, s.critical_t, s.quantity_t, s.ratio, s.beta, s.product) for s in found.steps] == [
        ("表1-12", "5", "10", "2.0000", "4", "8.0000"),
        ("表1-1", "10", "20", "2.0000", "2", "4.0000"),
    ]
    assert (found.told["s"], found.told["sum_beta"], found.told["r"]) == ("4.0000", "12.0000", "18.0000")


def test_the_tables_hold_what_the_domain_reference_holds(shared):
    def rows(name):
        with (shared / "domain" / "tables" / name).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    for theirs in rows("gb18218_named.csv"):
        ours = TABLES.by_seq[int(theirs["seq"])]
        assert (ours.name_zh, ours.cas, float(ours.critical_t)) == (theirs["name_zh"], theirs["cas"], float(theirs["critical_t"]))
    for theirs in rows("gb18218_categories.csv"):
        assert TABLES.by_symbol[theirs["symbol"]].critical_t == int(theirs["critical_t"])
    betas = rows("beta.csv")
    assert len(betas) == len(TABLES.betas) == 38
    for theirs in betas:
        ours = TABLES.beta_by_symbol.get(theirs["symbol"]) or next(b for b in TABLES.betas if b.name_zh == theirs["name_zh"])
        assert float(ours.beta) == float(theirs["beta"])


@pytest.mark.parametrize("row", TABLES.named, ids=lambda row: str(row.seq))
def test_every_named_substance_computes(row):
    found = reckon(named(row, f"{row.critical_t}"))
    assert (found.complete, found.s, found.is_major) == (True, 1, True)
    assert found.steps[0].basis == f"表1-{row.seq}"


@pytest.mark.parametrize("row", TABLES.categories, ids=lambda row: row.symbol)
def test_every_category_computes(row):
    found = reckon(Line("某物质", "", f"{row.critical_t}", "t", "", row.symbol))
    assert (found.complete, found.s, found.steps[0].basis) == (True, 1, f"表2-{row.symbol}")
    assert found.steps[0].beta_basis == f"表4-{row.symbol}"


def test_all_tables_are_whole():
    assert (len(TABLES.named), len(TABLES.categories)) == (85, 24)
    assert set(TABLES.beta_by_symbol) == set(TABLES.by_symbol)
    assert sum(1 for row in TABLES.named if not row.cas) == 3
    assert len(tables.triggers()) == 6


def test_no_tables_are_held_for_a_day_before_the_standard():
    with pytest.raises(refusals.NoTablesOfDay):
        grading.reckon([CHLORINE], 0, date(2019, 2, 28))
    assert grading.reckon([CHLORINE], 0, date(2019, 3, 1)).complete


@pytest.mark.parametrize(
    ("people", "alpha"), [(0, "0.5"), (1, "1"), (29, "1"), (30, "1.2"), (49, "1.2"), (50, "1.5"), (99, "1.5"), (100, "2"), (10**7, "2")]
)
def test_alpha_follows_the_people_within_500_metres(people, alpha):
    assert grading.alpha(people, TABLES) == Fraction(alpha)


@pytest.mark.parametrize(
    ("r", "level"), [(0, 4), (Fraction("9.9999"), 4), (10, 3), (Fraction("49.9"), 3), (50, 2), (99, 2), (100, 1), (10**6, 1)]
)
def test_levels_begin_at_their_lower_limit(r, level):
    assert grading.level(Fraction(r), TABLES) == level


def test_a_negative_number_of_people_is_refused():
    with pytest.raises(refusals.PeopleWrong):
        reckon(CHLORINE, people=-1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quantity": ""}, refusals.QuantityMissing),
        ({"unit": ""}, refusals.UnitMissing),
        ({"unit": "m3"}, refusals.UnitUnknown),
        ({"quantity": "-1"}, refusals.QuantityNotPositive),
        ({"quantity": "0"}, refusals.QuantityNotPositive),
        ({"quantity": "NaN"}, refusals.QuantityWrong),
        ({"quantity": "Infinity"}, refusals.QuantityWrong),
        ({"quantity": "十"}, refusals.QuantityWrong),
        ({"quantity": "1e999999"}, refusals.QuantityTooLarge),
        ({"quantity": "1e-999999"}, refusals.QuantityNotPositive),
        ({"quantity": "10000001"}, refusals.QuantityTooLarge),
        ({"seq": "86"}, refusals.RowUnknown),
        ({"seq": "-1"}, refusals.RowUnknown),
        ({"seq": "²"}, refusals.RowUnknown),
        ({"seq": "1"}, refusals.RowContradictsCas),
        ({"substance": "氨"}, refusals.NameContradictsCas),
        ({"symbols": "W99"}, refusals.SymbolUnknown),
        ({"mixture": "soup"}, refusals.MixtureUnknown),
        ({"mixture": "new"}, refusals.MixtureNeedsSymbols),
        ({"substance": "", "cas": ""}, refusals.SubstanceMissing),
        ({"substance": "神秘液体", "cas": ""}, refusals.SubstanceUnknown),
        ({"seq": "0"}, refusals.SymbolsNeeded),
    ],
)
def test_a_wrong_line_is_refused_with_its_number_and_the_good_ones_beside_it_stay(change, reason):
    wrong = Line(**{**CHLORINE.told(), **change})
    found = reckon(AMMONIA, wrong)
    assert [type(each) for each in found.refused] == [reason]
    assert found.refused[0].facts["line"] == 2
    assert "2" in found.refused[0].message()
    assert [step.number for step in found.steps] == [1]
    assert (found.s, found.complete, found.level) == (2, False, None)


def test_a_known_chemical_outside_table_one_asks_for_its_category():
    assert type(refusal(Line("乙醛", "75-07-0", "5", "t"), known=lambda _n, _c: True)) is refusals.SymbolsNeeded


def test_a_named_substance_outside_table_three_needs_its_category_for_beta():
    found = refusal(Line("甲醇", "67-56-1", "790", "t"))
    assert type(found) is refusals.SymbolsNeededForRow
    assert found.facts["seq"] == 65
    assert reckon(Line("甲醇", "67-56-1", "790", "t", "", "W5.3")).steps[0].beta_basis == "表4-W5.3"


@pytest.mark.parametrize(
    ("name", "cas", "seqs"),
    [("硝化纤维素", "9004-70-0", [37, 38, 39, 40, 41]), ("", "9004-70-0", [37, 38, 39, 40, 41, 42]), ("硝酸铵", "", [43, 44])],
)
def test_a_cas_number_in_several_rows_offers_the_rows_to_choose_from(name, cas, seqs):
    found = refusal(Line(name, cas, "1", "t", "", "W1.1"))
    assert type(found) is refusals.SeveralRows
    assert found.facts["seqs"] == seqs
    assert reckon(Line(name, cas, "1", "t", str(seqs[-1]), "W10")).complete


def test_a_row_with_a_condition_is_never_taken_by_cas_number_alone():
    found = refusal(Line("盐酸", "7647-01-0", "30", "t"))
    assert type(found) is refusals.ConditionUnclear
    assert reckon(Line("盐酸", "7647-01-0", "30", "t", "11")).steps[0].basis == "表1-11"
    assert type(refusal(Line("盐酸", "7647-01-0", "30", "t", "0"))) is refusals.SymbolsNeeded
    assert reckon(Line("氯化氢（无水）", "", "30", "t")).complete


def test_rows_without_a_cas_number_are_found_by_name():
    assert [reckon(Line(name, "", "1", "t", "", symbols)).steps[0].basis for name, symbols in (("煤气", ""), ("三烷基铝", "W8"))] == [
        "表1-13",
        "表1-74",
    ]


def test_several_categories_take_the_lowest_critical_quantity_and_the_highest_beta():
    (step,) = reckon(Line("某液体", "", "100", "t", "", "W5.3, J5 W5.2")).steps
    assert (step.basis, step.critical_t, step.beta) == ("表2-W5.2", "50", "1")
    (step,) = reckon(Line("某气体", "", "100", "t", "", "W2 J3")).steps
    assert (step.basis, step.critical_t, step.beta, step.beta_basis) == ("表2-W2", "10", "2", "表4-J3")


def test_a_mixture_counts_whole_as_its_substance_or_by_its_own_new_class():
    (same,) = reckon(Line("氨", "7664-41-7", "5", "t", "", "", "same")).steps
    (new,) = reckon(Line("氨", "7664-41-7", "5", "t", "", "J5", "new")).steps
    assert (same.basis, new.basis, new.beta_basis) == ("表1-1", "表2-J5", "表4-J5")


def test_kilograms_are_tonnes_by_a_thousand():
    assert reckon(Line("氯", "", "10000", "kg")).s == reckon(Line("氯", "", "10", "吨")).s == 2


def test_just_below_the_limit_is_never_shown_as_the_limit():
    found = reckon(Line("氯", "", "4.99999999", "t"))
    assert (found.is_major, found.told["s"]) == (False, "0.9999")


def test_a_text_that_is_too_long_is_refused_not_cut():
    with pytest.raises(refusals.FieldTooLong):
        line_of({"substance": "氯" * 121})
    assert line_of({"substance": " 氯 ", "quantity": 10, "seq": 0}) == Line("氯", "", "10", "", "0")


good_lines = st.builds(
    lambda row, kg: named(row, str(kg), "kg"), st.sampled_from(TABLES.named), st.integers(min_value=1, max_value=10_000_000)
)
lists = st.lists(good_lines, max_size=8)


def rank(found):
    """How severe: 0 no major hazard source, 1 level four … 4 level one."""
    return 0 if found.level is None else 5 - found.level


@given(lists, good_lines, st.integers(0, 300))
def test_more_inventory_never_lowers_s_r_or_the_level(lines, more, people):
    before, after = reckon(*lines, people=people), reckon(*lines, more, people=people)
    assert before.s < after.s and before.r < after.r and rank(before) <= rank(after)


@given(lists, st.integers(0, 300), st.integers(0, 300))
def test_more_people_never_lower_r_or_the_level(lines, people, more):
    before, after = reckon(*lines, people=people), reckon(*lines, people=people + more)
    assert before.r <= after.r and rank(before) <= rank(after) and before.s == after.s


@given(st.data(), lists, st.integers(0, 300))
def test_the_order_of_lines_changes_nothing(data, lines, people):
    mixed = data.draw(st.permutations(lines))
    before, after = reckon(*lines, people=people), reckon(*mixed, people=people)
    assert (before.s, before.r, before.level) == (after.s, after.r, after.level)


@given(lists, good_lines, st.integers(1, 10_000_000), st.integers(0, 300))
def test_splitting_a_line_in_two_changes_nothing(lines, line, first, people):
    whole = int(line.quantity)
    one = min(first, whole - 1)
    if one < 1:
        return
    parts = [Line(**{**line.told(), "quantity": str(each)}) for each in (one, whole - one)]
    before, after = reckon(*lines, line, people=people), reckon(*lines, *parts, people=people)
    assert (before.s, before.r, before.level) == (after.s, after.r, after.level)


words = st.text(st.characters(exclude_characters="{"), max_size=12)


@given(st.builds(Line, *[words] * 6, st.sampled_from(["", "same", "new", "x"])))
def test_whatever_is_typed_is_reckoned_or_refused_by_its_line(line):
    found = reckon(CHLORINE, line)
    assert len(found.steps) + len(found.refused) == 2
    assert all(each.facts["line"] == 2 and "{" not in each.message() for each in found.refused)


def test_mixtures_and_units_offered_are_those_understood():
    assert set(inventory.MIXTURES) == {"", "same", "new"}
    assert inventory.TONNES["kg"] * 1000 == 1
