"""What consultations rest on, without a database: two hands in one record, standing agendas."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.command.consultation import rules

TODAY = date(2026, 11, 27)
texts = st.lists(st.sampled_from("甲乙丙丁戊"), max_size=6).map("\n".join)


@given(base=texts, theirs=texts, mine=texts)
def test_nobody_s_words_are_lost_when_two_write_at_once(base: str, theirs: str, mine: str) -> None:
    kept = set(rules.merged(base, theirs, mine).text.split("\n"))
    new = (set(theirs.split("\n")) | set(mine.split("\n"))) - set(base.split("\n"))
    assert new <= kept


@given(base=texts, one=texts)
def test_who_writes_alone_is_kept_as_he_wrote(base: str, one: str) -> None:
    assert rules.merged(base, base, one) == rules.Merged(one)
    assert rules.merged(base, one, base) == rules.Merged(one)
    assert rules.merged(base, one, one) == rules.Merged(one)


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "text", "both"),
    [
        ("一\n二\n三", "一\n甲\n二\n三", "一\n二\n三\n乙", "一\n甲\n二\n三\n乙", False),
        ("一\n二\n三", "一\n二甲\n三", "一\n二乙\n三", "一\n二甲\n二乙\n三", True),
        ("一\n二\n三", "一\n三", "一\n二\n三\n乙", "一\n三\n乙", False),
        # Whoever goes on typing in his own line after a clash does not write it down again and again.
        ("乙", "甲\n乙", "乙丙", "甲\n乙丙", False),
        ("", "甲", "乙", "甲\n乙", True),
    ],
)
def test_lines_are_joined(base: str, theirs: str, mine: str, text: str, both: bool) -> None:
    assert rules.merged(base, theirs, mine) == rules.Merged(text, both)


@pytest.mark.parametrize(
    ("kind", "code"),
    [("hazchem_leak", "hazchem"), ("coal_mine", "mine"), ("natural_disaster", "disaster"), ("other", "general"), ("", "general")],
)
def test_a_kind_of_event_has_its_standing_agenda(kind: str, code: str) -> None:
    assert rules.agenda_for(kind, TODAY) == code


def test_standing_agendas_count_their_items_and_say_that_they_are_the_project_s_own() -> None:
    for rows in rules.agendas(TODAY).values():
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        assert {row.status for row in rows} == {"unverified"}
