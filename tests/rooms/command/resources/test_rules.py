"""The law of resources without a database: codes, offers as people write them, the stock ledger, ranking."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.resources import rules

DAY = date(2026, 11, 26)
amounts = st.decimals(min_value="0.001", max_value="5000", places=3)
days = st.none() | st.integers(-40, 400).map(lambda n: DAY + timedelta(days=n))


def lots_of(parts: list[tuple[Decimal, date | None]]) -> list[rules.Lot]:
    return [rules.Lot(f"{number:03d}", amount, expires) for number, (amount, expires) in enumerate(parts)]


def test_every_class_of_supplies_names_one_that_stands_above_it():
    table = rules.supplies()
    assert len(table) == 916
    assert all(row.parent in table and table[row.parent].level == row.level - 1 for row in table.values() if row.level > 1)


def test_a_need_of_a_class_is_answered_by_every_class_below_it_and_by_no_other():
    found = rules.covering("1010000")
    assert "1010200" in found
    assert "1020000" not in found
    assert len(rules.covering("1000000")) > len(found)
    assert rules.covering("decontamination") == ("decontamination",)
    with pytest.raises(rules.UnknownCapability):
        rules.covering("9999999")


@given(st.dictionaries(st.sampled_from(list(rules.capabilities())), amounts, max_size=5))
def test_offers_are_read_as_they_are_written(offers: dict[str, Decimal]):
    assert dict(rules.read_offers(rules.write_offers(offers.items()))) == offers


def test_offers_are_read_as_people_write_them():
    assert dict(rules.read_offers("灭火救援 2；洗消")) == {"firefighting": 2, "decontamination": 1}
    with pytest.raises(rules.UnknownCapability):
        rules.read_offers("飞行 2")


@given(st.lists(st.tuples(amounts, days), max_size=8), amounts)
def test_an_issue_takes_what_runs_out_first_never_what_has_and_never_more_than_there_is(parts, amount):
    lots = lots_of(parts)
    usable = {lot.key: lot for lot in lots if not lot.expired(DAY)}
    have = rules.balance(lot.quantity for lot in usable.values())
    if have < amount:
        with pytest.raises((rules.NotEnough, rules.ExpiredBatch)):
            rules.draw(lots, amount, DAY, name="帐篷", unit="顶")
        return
    taken = rules.draw(lots, amount, DAY, name="帐篷", unit="顶")
    assert rules.balance(part for _key, part in taken) == amount
    assert all(0 < part <= usable[key].quantity for key, part in taken)
    order = [usable[key].expires_on or date.max for key, _part in taken]
    assert order == sorted(order)
    assert all(part == usable[key].quantity for key, part in taken[:-1]), "a batch is emptied before the next is begun"


@given(st.lists(st.tuples(st.sampled_from(list(rules.MOVEMENTS)), amounts), max_size=20), st.randoms())
def test_the_balance_is_the_sum_of_the_movements_in_any_order(moved, random):
    changes = [rules.signed(kind, amount) for kind, amount in moved]
    before = rules.balance(changes)
    random.shuffle(changes)
    assert rules.balance(changes) == before


def test_a_refusal_names_what_there_is():
    lots = lots_of([(Decimal(30), None), (Decimal(20), DAY - timedelta(days=1))])
    with pytest.raises(rules.ExpiredBatch) as refused:
        rules.draw(lots, Decimal(40), DAY, name="帐篷", unit="顶")
    assert "30 顶" in refused.value.message()
    assert "20 顶" in refused.value.message()


@pytest.mark.parametrize("value", ["", "-1", "0", "nan", "inf", "0.0001", "1e12", "一"])
def test_what_is_no_quantity_is_refused(value: str):
    with pytest.raises(rules.WrongQuantity):
        rules.quantity(value)


def test_whoever_is_unverified_stands_lower_and_says_why():
    good = rules.reasons(rules.Standing(rules.READY, True, True, False), DAY)
    poor = rules.reasons(rules.Standing(rules.LIMITED, False, False, True), DAY)
    assert sum(each.minutes for each in good) == 0
    assert {each.code for each in poor if each.minutes > 0} == {"limited", "unverified", "certificate", "aid"}
    assert all(each.code in rules.REASONS for each in (*good, *poor))


@pytest.mark.parametrize(
    ("share", "place"), [(0.0, (0.0, 0.0)), (0.25, (0.5, 0.0)), (0.75, (1.0, 0.5)), (1.0, (1.0, 1.0)), (2.0, (1.0, 1.0))]
)
def test_somebody_on_his_way_is_where_his_share_of_the_line_ends(share: float, place: tuple[float, float]) -> None:
    assert rules.along([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)], share) == pytest.approx(place)
