"""The one page of an enterprise: head, facts, timeline, and how many questions it asks."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.accounts import client_for
from tests.rooms.ground.plants import NOW

from anlan.ground.enterprises import certifying, queries, services
from anlan.kernel import clock
from anlan.kernel.access import system_actor
from anlan.prevent.dangers import rules as danger_rules
from anlan.prevent.dangers.models import Danger

pytestmark = pytest.mark.django_db

MOST_QUESTIONS = 92
"""What the whole page may ask of the database, whatever the enterprise has: three to five for each room that tells something."""


@pytest.fixture
def plant(make):
    row = make(1, scale="medium", staff_count="260", legal_representative="赵立", registered_address="工业南路 1 号")
    actor = system_actor("tests")
    services.add_site(row.pk, actor=actor, now=NOW, name="主厂区", longitude="117.0765", latitude="36.6665")
    for role, name, phone in (
        ("principal", "王安", "13800138000"),
        ("safety_director", "钱守", "13800138001"),
        ("control_room", "中控室", "0531-66608888"),
    ):
        services.add_contact(row.pk, actor=actor, now=NOW, role=role, name=name, phone=phone)
    return row


def danger(plant, number, **more):
    now = clock.now()
    values = {
        "enterprise": plant,
        "place_code": plant.place_code,
        "title": f"法兰泄漏 {number}",
        "location": f"部位 {number}",
        "sector": next(iter(danger_rules.SECTORS)),
        "source": next(iter(danger_rules.SOURCES)),
        "found_at": now - timedelta(hours=number),
        "found_by_id": plant.pk,
        "found_by_name": "孙查",
        "state": danger_rules.FOUND,
        "opened_at": now,
    }
    return Danger.objects.create(**values | more)


def page(plant, role="bureau_clerk", **query):
    return client_for(role).get(reverse("enterprises:file", args=[plant.pk]), query).content.decode()


def test_the_head_says_who_it_is_and_who_answers(plant):
    text = page(plant)
    head = text[: text.index('id="facts"')]
    for part in (plant.name, plant.uscc, "工业南路 1 号", "赵立", "王安", "13800138000", "钱守", "中控室", "0531-66608888"):
        assert part in head, part


def test_who_answers_is_masked_for_those_who_may_not_call(plant):
    text = page(plant, "approver")
    assert "13800138001" not in text
    assert "138****8001" in text


def test_nobody_to_call_is_said_in_the_head(make):
    text = page(make(2))
    assert text[: text.index('id="facts"')].count("未登记") == 3


def test_the_strip_counts_open_overdue_and_major_dangers_and_leads_to_them(plant):
    for number in range(3):
        danger(plant, number)
    danger(plant, 8, overdue=True, grade=danger_rules.MAJOR)
    danger(plant, 9, closed_at=clock.now(), state=danger_rules.CLOSED)
    danger(plant, 10, exercise=True, overdue=True)
    text = client_for("bureau_clerk").get(reverse("enterprises:facts", args=[plant.pk])).content.decode()
    start = text.index("未销号隐患")
    assert '<strong class="fact-value">4</strong><span class="fact-note">逾期 1 · 重大 1</span>' in text[start:]
    link = text[text.rindex('href="', 0, start) + 6 :].split('"')[0].replace("&amp;", "&")
    listed = client_for("bureau_clerk").get(link).content.decode()
    # The number in the box and the list behind it are of the same dangers.
    assert all(f"法兰泄漏 {number}<" in listed for number in (0, 1, 2, 8))
    assert "法兰泄漏 9<" not in listed


def strip(plant):
    return client_for("bureau_clerk").get(reverse("enterprises:facts", args=[plant.pk])).content.decode()


def test_what_an_inspector_looks_for_is_told_quietly_where_nothing_is_registered(plant):
    text = strip(plant)
    told = dict(re.findall(r'fact-quiet".*?fact-label">(.*?)</span><strong class="fact-value">(.*?)</strong>', text))
    assert {label: told[label] for label in ("安全风险", "职业健康", "证照", "今日特殊作业", "今日安全承诺", "安全风险分级")} == {
        "安全风险": "未登记",
        "职业健康": "未登记",
        "证照": "未登记",
        "今日特殊作业": "无",
        "今日安全承诺": "无须公告",
        "安全风险分级": "不适用",
    }


def test_a_file_needs_a_risk_register_always_and_factors_at_work_where_the_trade_has_them(plant):
    def missing(sector):
        plant.sector_code = sector
        return {need.code for need in queries.completeness(plant, NOW.date()).missing}

    assert {"risks.register", "occupational-health.factors"} <= missing("S26")
    assert "risks.register" in missing("S44") and "occupational-health.factors" not in missing("S44")


def test_a_principal_without_the_certificate_that_somebody_else_holds_is_told_in_words_and_its_number_is_masked(plant):
    values = {"kind": "manager_assessment", "number": "T370102198001011234", "person_post": "主要负责人", "valid_until": "2030-01-01"}
    held = certifying.add_certificate(plant.pk, person_name="曹明", **values, actor=system_actor("tests"), now=NOW)
    text = page(plant)
    assert "登记的主要负责人是王安，主要负责人考核合格证的持证人是曹明，两者不一致" in text
    listed = client_for("bureau_clerk").get(reverse("desk:certificates-list"), {"enterprise": plant.pk}).content.decode()
    assert all(held.number not in shown and "*1234" in shown for shown in (text, listed))
    services.add_contact(plant.pk, actor=system_actor("tests"), now=NOW, role="principal", name="曹明", phone="13800138009")
    assert "两者不一致" not in page(plant)


def test_a_closed_major_danger_alarms_nobody(plant):
    danger(plant, 1, grade=danger_rules.MAJOR, state=danger_rules.CLOSED, closed_at=clock.now())
    listed = client_for("bureau_clerk").get(reverse("desk:dangers-list"), {"enterprise": plant.pk}).content.decode()
    for text in (page(plant), listed):
        assert "重大隐患" in text
        assert not re.search(r'chip-red">\s*重大隐患', text)
    danger(plant, 2, grade=danger_rules.MAJOR)
    assert re.search(r'chip-red">\s*重大隐患', page(plant))


def test_the_strip_is_green_where_nothing_is_wrong(plant):
    text = client_for("bureau_clerk").get(reverse("enterprises:facts", args=[plant.pk])).content.decode()
    assert 'class="fact fact-green"' in text
    assert 'class="fact fact-red"' not in text


def test_the_timeline_mixes_rooms_newest_first_and_filters_by_kind(plant):
    danger(plant, 1)
    danger(plant, 2, found_at=NOW - timedelta(days=400))
    client = client_for("bureau_clerk")
    url = reverse("enterprises:timeline", args=[plant.pk])
    text = client.get(url).content.decode()
    assert text.index("法兰泄漏 1") < text.index("登记企业") < text.index("法兰泄漏 2")
    only = client.get(url, {"kind": "dangers"}).content.decode()
    assert "法兰泄漏 2" in only
    assert "登记企业" not in only


def test_the_timeline_goes_back_page_by_page(plant):
    for number in range(30):
        danger(plant, number, found_at=NOW - timedelta(days=1))
    client = client_for("bureau_clerk")
    found, url = set(), reverse("enterprises:timeline", args=[plant.pk]) + "?kind=dangers"
    for _step in range(3):
        answer = client.get(url)
        found |= {str(line.happening.title) for line in answer.context["lines"]}
        url = answer.context["older_url"]
    assert len(found) == 30
    assert url == ""


def test_a_wrong_moment_in_the_address_shows_the_newest(plant):
    answer = client_for("bureau_clerk").get(
        reverse("enterprises:timeline", args=[plant.pk]), {"until": "gestern", "skip": "x", "kind": "no"}
    )
    assert answer.status_code == 200
    assert "登记企业" in answer.content.decode()


def test_another_county_sees_neither_facts_nor_timeline(plant):
    client = client_for("bureau_clerk", "370103")
    assert client.get(reverse("enterprises:facts", args=[plant.pk])).status_code == 404
    assert client.get(reverse("enterprises:timeline", args=[plant.pk])).status_code == 404


def test_the_page_asks_a_bounded_number_of_questions_however_much_there_is(plant):
    client = client_for("bureau_clerk")
    url = reverse("enterprises:file", args=[plant.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        assert client.get(url).status_code == 200
    for number in range(40):
        danger(plant, number)
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).status_code == 200
    assert len(many) <= MOST_QUESTIONS
    assert len(many) <= len(few) + 2
