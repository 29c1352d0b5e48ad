"""The law of accounts without a database: passwords, codes, sessions, posts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from anlan.ground.people import rules
from anlan.ground.people.refusals import WeakPassword

POLICY = rules.policy_on(date(2026, 11, 22))
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@given(st.text(max_size=30), st.sampled_from(["zhangsan", "li.si", "duty-01"]))
def test_a_password_is_faultless_exactly_when_it_keeps_every_rule(password: str, username: str) -> None:
    faults = rules.password_faults(password, username, POLICY)
    assert ("short" in faults) == (len(password) < 10)
    assert ("simple" in faults) == (rules.character_classes(password) < 3)
    assert ("username" in faults) == (username in password.casefold())


@given(st.text(alphabet="abcdefghij", min_size=10, max_size=40))
def test_lower_case_alone_is_never_enough(password: str) -> None:
    assert "simple" in rules.password_faults(password, "x", POLICY)


@given(st.text(min_size=1, max_size=8), st.text(max_size=20), st.text(max_size=20))
def test_a_user_name_hidden_in_any_letter_case_is_found(username: str, before: str, after: str) -> None:
    assume(username.upper().casefold() == username.casefold())
    assert "username" in rules.password_faults(before + username.upper() + after, username, POLICY)


def test_chinese_characters_count_as_symbols() -> None:
    assert rules.character_classes("安澜平台Abc1") == 4


def test_a_refused_password_says_every_fault_in_words() -> None:
    message = WeakPassword(faults=["short", "used"], length=10, classes=3, history=5).message(str)
    assert "长度不足 10 位" in message
    assert "最近 5 次" in message


# RFC 6238 appendix B, SHA-1 rows; the codes of eight digits end in these six.
@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_agree_with_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" in base32
    now = datetime.fromtimestamp(seconds, UTC)
    assert rules.accepted_step(secret, code, now, 0) == seconds // 30


@given(st.integers(min_value=10**9, max_value=2 * 10**9), st.integers(min_value=-5, max_value=5))
def test_a_code_holds_one_step_early_or_late_and_never_twice(seconds: int, drift: int) -> None:
    import pyotp

    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    now = datetime.fromtimestamp(seconds, UTC)
    step = rules.totp_step(now)
    code = pyotp.TOTP(secret).generate_otp(step + drift)
    accepted = rules.accepted_step(secret, code, now, 0)
    if abs(drift) <= 1:
        assert accepted is not None
        assert rules.accepted_step(secret, code, now, accepted) != accepted
    else:
        assert accepted is None or pyotp.TOTP(secret).generate_otp(accepted) == code


@pytest.mark.parametrize("code", ["", "abc", "12345", "1234567", "１２３４５６", "      "])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert rules.accepted_step("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", code, NOON, 0) is None


@given(st.text(alphabet="23456789ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=10, max_size=10))
def test_a_recovery_code_may_be_typed_with_or_without_its_hyphen(letters: str) -> None:
    shown = f"{letters[:5]}-{letters[5:]}"
    assert rules.recovery_code_hash("a", shown) == rules.recovery_code_hash("a", f" {letters.lower()} ")
    assert rules.recovery_code_hash("a", shown) != rules.recovery_code_hash("b", shown)


@given(st.integers(min_value=0, max_value=40 * 60), st.integers(min_value=0, max_value=40 * 60))
def test_an_office_session_is_over_after_thirty_idle_minutes_or_twelve_hours(age: int, idle: int) -> None:
    assume(idle <= age)
    started, seen = NOON - timedelta(minutes=age), NOON - timedelta(minutes=idle)
    why = rules.session_over(started, seen, NOON, rules.KINDS["bureau_clerk"], POLICY)
    assert why == ("longest" if age >= 12 * 60 else "idle" if idle >= 30 else None)


def test_a_duty_screen_and_a_wall_stay_lit_without_a_touch() -> None:
    started = NOON - timedelta(hours=25)
    assert rules.session_over(started, started, NOON, rules.KINDS["duty_officer"], POLICY) is None
    assert rules.session_over(started, started, NOON, rules.KINDS["wallboard"], POLICY) is None
    assert rules.session_over(NOON - timedelta(hours=26), NOON, NOON, rules.KINDS["duty_officer"], POLICY) == "longest"
    assert rules.session_over(NOON - timedelta(days=90), NOON, NOON, rules.KINDS["wallboard"], POLICY) == "longest"


def test_no_business_post_may_administer_and_no_administrator_does_business() -> None:
    administration = {action for action in rules.ACTIONS if action.startswith(("people.", "audit."))}
    business = {"alarms.view", "filings.create", "bulletins.approve", "incidents.view", "enterprises.view", "devices.view", "desk.view"}
    for kind in rules.KINDS.values():
        if kind.account_class == "ordinary":
            assert not {action for action in administration if kind.allows(action)}, kind.code
        else:
            assert not {action for action in business if kind.allows(action)}, kind.code


def test_the_three_administrators_share_no_power_but_to_look_at_accounts() -> None:
    powers = {code: {a for a in rules.ACTIONS if rules.KINDS[code].allows(a)} for code in rules.ADMINISTRATORS}
    assert powers["system_admin"] & powers["security_admin"] == {"people.view"}
    assert powers["audit_admin"] == {"audit.view", "audit.verify", "audit.export"}
    assert "people.grant" not in powers["system_admin"]
    assert "people.reset_password" not in powers["security_admin"]


def test_an_approver_drafts_in_no_other_room_and_a_duty_officer_approves_nothing() -> None:
    assert rules.KINDS["approver"].allows("bulletins.approve")
    assert not rules.KINDS["duty_officer"].allows("bulletins.approve")
    assert not rules.KINDS["duty_leader"].allows("bulletins.approve")
    assert not rules.KINDS["approver"].allows("filings.create")


def test_a_wall_only_looks() -> None:
    assert all(rules.is_read_only(pattern) for pattern in rules.KINDS["wallboard"].patterns)


def test_posts_that_decide_ask_for_a_second_factor() -> None:
    asked = {code for code, kind in rules.KINDS.items() if kind.second_factor}
    assert asked == {"approver", "duty_leader", "system_admin", "security_admin", "audit_admin"}


def test_a_node_may_tighten_the_policy_but_not_leave_its_bounds() -> None:
    assert rules.policy_on(date(2026, 11, 22), {"password_min_length": 12}).password_min_length == 12
    assert rules.policy_on(date(2026, 11, 22), {"password_min_length": 1}).password_min_length == 8
    assert rules.policy_on(date(2026, 11, 22), {"lock_after_failures": 1000}).lock_after_failures == 10


@pytest.mark.parametrize(("account_class", "kinds", "clash"), [
    ("ordinary", ["duty_officer", "approver"], False),
    ("ordinary", ["duty_officer", "audit_admin"], True),
    ("system_admin", ["system_admin"], False),
    ("system_admin", ["security_admin"], True),
    ("audit_admin", ["inspector"], True),
])  # fmt: skip
def test_classes_clash_whenever_a_post_is_of_another_class(account_class: str, kinds: list[str], clash: bool) -> None:
    assert rules.classes_clash(account_class, kinds) is clash
