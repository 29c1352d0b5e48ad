"""The books of an evacuation balance, whatever the order; codes on slips tell a mistyped letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.evacuation import rules
from anlan.command.evacuation.rules import Step

PLACES = tuple(rules.WHERE)
moves = st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES), st.integers(1, 40)), max_size=30)


@given(st.integers(1, 200), moves)
def test_nobody_is_lost_or_made_by_any_run_of_movements(people, asked):
    steps = [Step("", rules.HOME, people)]
    for source, target, some in asked:
        step = Step(source, target, some)
        try:
            rules.check_step(rules.balance(steps), step)
        except (rules.NotSoMany, rules.NobodyMoves):
            continue
        steps.append(step)
    books = rules.balance(steps)
    assert sum(books.values()) == people
    assert min(books.values()) >= 0


@given(st.permutations([Step("", "home", 5), Step("home", "moving", 3), Step("moving", "sheltered", 2), Step("home", "", 1)]))
def test_the_sum_does_not_depend_on_the_order_of_lines(steps):
    found = rules.balance(steps)
    assert (found["home"], found["moving"], found["sheltered"]) == (1, 1, 2)


def test_more_than_are_there_cannot_leave_and_nobody_cannot_move():
    books = rules.balance([Step("", "home", 4)])
    with pytest.raises(rules.NotSoMany):
        rules.check_step(books, Step("home", "sheltered", 5))
    for step in (Step("home", "sheltered", 0), Step("home", "home", 1)):
        with pytest.raises(rules.NobodyMoves):
            rules.check_step(books, step)


def test_whoever_is_on_the_way_or_missing_is_not_accounted_for_and_whoever_stays_is():
    books = rules.Account(
        dict.fromkeys(rules.WHERE, 0) | {"home": 1, "moving": 2, "missing": 3, "staying": 4, "sheltered": 5, "elsewhere": 6}
    )
    assert (books.total, books.unaccounted, books.accounted, books.inside, books.away) == (21, 6, 15, 5, 11)


@given(st.integers(0, 5), st.data())
def test_one_wrong_letter_of_a_slip_is_always_told(place, data):
    code = rules.new_code()
    other = data.draw(st.sampled_from([letter for letter in rules._LETTERS if letter != code[place]]))
    with pytest.raises(rules.BadCode):
        rules.read_code(code[:place] + other + code[place + 1 :])


@given(st.integers(0, 4))
def test_two_letters_changed_about_are_told(place):
    code = rules.new_code()
    turned = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if turned == code:
        return
    with pytest.raises(rules.BadCode):
        rules.read_code(turned)


def test_a_code_is_read_as_people_type_it():
    code = rules.new_code()
    for told in (code.lower(), f" {code[:3]}-{code[3:]} ", f"https://example.invalid/e/{code}/"):
        assert rules.read_code(told) == code
    for wrong in ("", "登记码", code[:-1], code + "A", "0OIL128"):
        with pytest.raises(rules.BadCode):
            rules.read_code(wrong)


def test_needs_are_dated_with_source_and_status():
    from datetime import date

    rows = rules.needs(date(2026, 1, 1))
    assert {"bedridden", "oxygen", "wheelchair"} <= set(rows)
    assert all(row.source and row.status == "unverified" for row in rows.values())
