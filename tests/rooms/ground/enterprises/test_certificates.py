"""The law of licences and certificates, and of the completeness of a file, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.ground.enterprises import certificates, rules

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def test_every_kind_has_a_holder_a_lead_and_a_source():
    for row in certificates.kinds():
        assert row.holder in certificates.HOLDERS
        assert row.lead_days > 0
        assert row.source
    assert certificates.kind("work_safety_permit").lead_days == 90


def test_a_kind_is_found_by_its_name_and_an_unknown_one_is_refused():
    assert certificates.kind(" 特种作业操作证 ").code == "special_operation"
    with pytest.raises(certificates.UnknownCertificateKind):
        certificates.kind("驾驶证")


@settings(max_examples=80)
@given(DAYS, DAYS, st.integers(1, 200))
def test_a_certificate_only_ever_gets_worse_as_days_go_by(due, today, lead):
    order = [certificates.VALID, certificates.EXPIRING, certificates.EXPIRED]
    now = certificates.standing(due, today, lead)
    later = certificates.standing(due, today + timedelta(days=1), lead)
    assert order.index(later) >= order.index(now)


def test_it_holds_on_the_day_it_falls_due_and_not_on_the_next():
    due = date(2026, 11, 26)
    assert certificates.standing(due, due, 60) == certificates.EXPIRING
    assert certificates.standing(due, due + timedelta(days=1), 60) == certificates.EXPIRED
    assert certificates.standing(due, due - timedelta(days=61), 60) == certificates.VALID
    assert certificates.standing(due, due - timedelta(days=60), 60) == certificates.EXPIRING


def test_the_earlier_of_end_and_review_counts():
    assert certificates.due_on(date(2030, 1, 1), date(2027, 1, 1)) == date(2027, 1, 1)
    assert certificates.due_on(None, None) is None


def test_days_that_cannot_be_are_refused():
    with pytest.raises(certificates.CertificateWithoutEnd):
        certificates.check_dates(date(2026, 1, 1), None, None)
    with pytest.raises(certificates.CertificateBackwards):
        certificates.check_dates(date(2026, 1, 2), date(2026, 1, 1), None)


def test_months_are_added_to_the_last_day_of_a_shorter_month():
    assert certificates.add_months(date(2024, 2, 29), 36) == date(2027, 2, 28)
    assert certificates.add_months(date(2026, 11, 30), 3) == date(2027, 2, 28)


def test_a_person_s_number_shows_its_last_four_characters():
    assert certificates.masked_number("T370102198001011234") == "***************1234"


def test_the_principal_and_the_holder_of_the_principal_s_certificate_are_compared_where_both_are_known():
    held = [
        ("manager_assessment", "主要负责人", "曹明"),
        ("manager_assessment", "安全生产管理人员", "陶芳"),
        ("special_operation", "主要负责人", "蒋凯"),
    ]
    certified = certificates.certified_principals(held)
    assert certified == ("曹明",)
    assert certificates.principals_differ(["陈哲"], certified)
    assert not certificates.principals_differ(["陈哲", " 曹明 "], certified)
    assert not certificates.principals_differ([], certified)
    assert not certificates.principals_differ(["陈哲"], certificates.certified_principals(held[1:]))


def test_a_file_of_hazardous_chemicals_needs_a_licence_and_an_assessed_manager_and_one_of_a_shop_does_not():
    day = date(2026, 11, 26)
    chemical, plain = ({need.code for need in rules.needs_of(sector, day)} for sector in ("S26", ""))
    assert {"licence", "certified_manager", "boundary"} <= chemical
    assert not {"licence", "certified_manager", "boundary"} & plain
    assert plain < chemical


def test_every_row_of_completeness_has_words_and_says_where_it_comes_from():
    for row in rules.need_rules():
        assert row.code in rules.NEED_LABELS
        assert row.weight > 0
        assert row.status == "unverified"
