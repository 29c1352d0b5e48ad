"""The unified social credit code, telephone numbers, states, completeness."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as library

from anlan.ground.enterprises import rules
from anlan.kernel.errors import Refusal

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
first_17 = st.builds(
    "".join,
    st.tuples(
        st.sampled_from("1579AN"),
        st.sampled_from("1239"),
        st.from_regex(r"[0-9]{6}", fullmatch=True).filter(str.isascii),
        st.text(ALPHABET, min_size=9, max_size=9),
    ),
)


@given(first_17)
def test_every_code_with_its_check_digit_passes(text):
    code = rules.complete_credit_code(text)
    assert rules.credit_code(code) == code
    if text[0].isdigit():
        assert library.is_valid(code)


@given(first_17, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_every_change_of_one_character_fails(text, position, character):
    code = rules.complete_credit_code(text)
    changed = code[:position] + character + code[position + 1 :]
    if changed == code:
        return
    with pytest.raises(Refusal) as refused:
        rules.credit_code(changed)
    assert isinstance(refused.value, rules.WrongCreditCodeCheckDigit | rules.WrongCreditCodeCharacter)


@given(first_17, st.sampled_from(ALPHABET))
def test_a_wrong_check_digit_is_told_the_expected_one(text, found):
    code = rules.complete_credit_code(text)
    if found == code[-1]:
        return
    with pytest.raises(rules.WrongCreditCodeCheckDigit) as refused:
        rules.credit_code(text + found)
    assert refused.value.facts["expected"] == code[-1]
    assert f"末位应为“{code[-1]}”" in refused.value.message()


@given(st.text(max_size=40))
def test_any_text_is_either_a_code_or_refused(text):
    with contextlib.suppress(Refusal):
        assert len(rules.credit_code(text)) == 18


@pytest.mark.parametrize("written", ["91110000600037341l", "９１１１００００６０００３７３４１Ｌ", " 9111 0000-6000 37341L "])
def test_spaces_small_and_full_width_characters_are_folded(written):
    assert rules.credit_code(written) == "91110000600037341L"


@pytest.mark.parametrize(
    ("written", "refusal", "fact"),
    [
        ("9111000060003734", rules.WrongCreditCodeLength, 16),
        ("9111000060003734OL", rules.WrongCreditCodeCharacter, 17),
        ("91A10000600037341L", rules.WrongCreditCodeCharacter, 3),
    ],
)
def test_length_and_characters_are_named(written, refusal, fact):
    with pytest.raises(refusal) as refused:
        rules.credit_code(written)
    assert fact in refused.value.facts.values()


@pytest.mark.parametrize("number", ["13800138000", "0531-66608888", "0531 66608888", "010-12345678"])
def test_telephone_numbers_in_use_pass(number):
    assert rules.phone_number(number)


@pytest.mark.parametrize("number", ["12345678901", "1380013800", "8888", "abc", "", "0531-1", "١٣٨٠٠١٣٨٠٠٠"])
def test_other_telephone_numbers_are_refused(number):
    with pytest.raises(rules.BadPhone):
        rules.phone_number(number)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(str.isascii))
def test_a_masked_mobile_number_keeps_seven_digits_only(number):
    masked = rules.masked_phone(number)
    assert masked == f"{number[:3]}****{number[-4:]}"


def test_a_struck_off_enterprise_never_comes_back():
    for target in rules.STATES:
        with pytest.raises(rules.StateMoveNotAllowed):
            rules.check_state_move(rules.DEREGISTERED, target)


def test_every_state_has_moves_and_no_move_leads_nowhere():
    assert set(rules.STATE_MOVES) == set(rules.STATES)
    assert set().union(*rules.STATE_MOVES.values()) <= set(rules.STATES)
    assert all(source not in targets for source, targets in rules.STATE_MOVES.items())


@given(st.sets(st.sampled_from([need.code for need in rules.NEEDS])))
def test_completeness_is_100_only_when_nothing_is_missing(have):
    found = rules.completeness(have)
    assert 0 <= found.score <= 100
    assert (found.score == 100) == (not found.missing)
    assert {need.code for need in found.missing} == {need.code for need in rules.NEEDS} - have


@given(st.sets(st.sampled_from([need.code for need in rules.NEEDS])), st.sampled_from(rules.NEEDS))
def test_completeness_never_falls_by_knowing_more(have, more):
    assert rules.completeness(have | {more.code}).score >= rules.completeness(have).score
