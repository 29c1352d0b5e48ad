"""The pages of reporting: the form that judges while one types, the filing's page, the document, and who may not see them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from docx import Document as WordFile
from pypdf import PdfReader
from tests.accounts import client_for
from tests.rooms.jinan import raise_alarm

from anlan.ground.enterprises.models import Enterprise
from anlan.kernel import clock as kernel_clock
from anlan.ledger.models import Clock
from anlan.report.filings.models import Filing

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(world: None) -> Client:
    return client_for("duty_officer", "370102")


def typed(**more: Any) -> dict[str, Any]:
    return {
        "kind": "hazchem_leak",
        "title": "氯气泄漏",
        "occurred_at": "2026-01-05T02:14",
        "known_at": "2026-01-05T02:16",
        "place_code": "370102",
        "location": "液氯储存区",
        "source": "phone",
        "deaths": "0",
        "serious_injured": "1",
        "injured": "2",
        "missing": "0",
        "scene": "泄漏",
        "brief_course": "法兰泄漏",
        "measures_taken": "水幕",
        "unit_profile": "氯碱",
        "unknown": ["direct_loss"],
        "exercise": "on",
        **more,
    }


def test_the_form_is_filled_in_from_the_alarm(officer: Client, plant: Enterprise) -> None:
    alarm = raise_alarm(plant)
    html = officer.get(f"/filings/new/?alarm={alarm.pk}").content.decode()
    for words in ("示范氯碱有限公司", "历下区化工路1号", "91370102MA00000A0X", "最高值 60 ppm", 'value="sensor" selected'):
        assert words in html


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"deaths": "2"}, ["一般事故", "济南市应急管理局"]),
        ({"deaths": "3"}, ["较大事故", "山东省应急管理局", "县级电话快报省级"]),
        ({"deaths": "29"}, ["重大事故", "应急管理部"]),
        ({"deaths": "30"}, ["特别重大事故", "第三条第一款（一）"]),
        ({"direct_loss": "4999.9999"}, ["较大事故"]),
        ({"direct_loss": "5000"}, ["重大事故", "应急管理部"]),
        ({"serious_injured": "0", "evacuated": "500", "direct_loss": "0"}, ["较大涉险事故"]),
    ],
)
def test_the_level_is_judged_while_one_types(officer: Client, numbers: dict[str, str], words: list[str]) -> None:
    values = typed(**numbers)
    if "direct_loss" in numbers:
        values["unknown"] = []
    html = officer.post("/filings/level/", values).content.decode()
    for word in words:
        assert word in html


def test_a_half_typed_form_is_judged_too(officer: Client) -> None:
    html = officer.post("/filings/level/", {"deaths": "3", "title": ""}).content.decode()
    assert "较大事故（预判）" in html


def test_a_report_is_sent_in_one_post_and_shown_with_its_clocks(officer: Client) -> None:
    answer = officer.post("/filings/new/", typed(then="submit"), follow=True)
    html = answer.content.decode()
    assert answer.status_code == 200
    for words in ("县级向市级逐级上报", "data-countdown", "历下区应急管理局", "首报", "演练"):
        assert words in html
    assert Filing.objects.get().state == "received"


def test_what_is_left_empty_may_be_declared_unknown_with_one_button(officer: Client) -> None:
    values = typed(deaths="", brief_course="", measures_taken="", unknown=[])
    refused = officer.post("/filings/new/", {**values, "then": "submit"})
    assert refused.status_code == 422
    assert "暂不清楚" in refused.content.decode()
    assert Filing.objects.get().state == "draft"
    sent = officer.post("/filings/new/", {**values, "then": "submit_empty_unknown"}, follow=True)
    assert sent.status_code == 200
    filing = Filing.objects.exclude(state="draft").get()
    assert {"deaths", "brief_course", "measures_taken", "direct_loss"} <= set(filing.unknown)
    assert filing.provisional


def test_wrong_numbers_are_shown_beside_their_field(officer: Client) -> None:
    answer = officer.post("/filings/new/", typed(deaths="-1", occurred_at="2999-01-01T00:00"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_deaths"' in html
    assert Filing.objects.count() == 0


def test_a_report_walks_up_through_the_pages_of_two_bureaus(officer: Client) -> None:
    officer.post("/filings/new/", typed(then="submit"))
    filing = Filing.objects.get()
    city = client_for("duty_officer", "370100")
    address = f"/filings/{filing.pk}/"
    assert "move/receive/" not in city.get(address).content.decode()
    officer.post(f"{address}move/report_up/")
    html = city.get(address).content.decode()
    assert "move/receive/" in html
    assert "超时" in html  # the event of January is reported in the present: far too late, and it says so
    city.post(f"{address}move/receive/")
    filing.refresh_from_db()
    assert (filing.state, filing.holder_level) == ("received", 2)
    refused = officer.post(f"{address}move/report_up/")
    assert refused.status_code == 403
    assert "济南市应急管理局" in refused.content.decode()


def test_a_supplement_by_the_page_makes_a_new_version(officer: Client) -> None:
    officer.post("/filings/new/", typed(then="submit"))
    filing = Filing.objects.get()
    address = f"/filings/{filing.pk}/supplement/"
    assert officer.get(address).status_code == 200
    same = officer.post(address, typed())
    assert same.status_code == 422
    locked = officer.post(address, typed(deaths="3"))
    assert "伤亡数字已锁定" in locked.content.decode(), "the event is more than thirty days past"
    officer.post(address, typed(deaths="3", happened_at="2026-01-06T09:00"))
    filing.refresh_from_db()
    assert (filing.latest_number, filing.level_code) == (2, "III")


def test_the_document_is_a_pdf_with_the_chinese_title(officer: Client) -> None:
    officer.post("/filings/new/", typed(then="submit"))
    answer = officer.get(f"/filings/{Filing.objects.get().pk}/document.pdf")
    assert answer["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    for words in ("关于氯气泄漏的信息快报（首报）", "历下区应急管理局", "演练", "三、简要经过", "暂不清楚"):
        assert words in text


def test_the_document_is_a_word_file_too(officer: Client) -> None:
    officer.post("/filings/new/", typed(then="submit", accident_type="08"))
    answer = officer.get(f"/filings/{Filing.objects.get().pk}/document.pdf?as=docx")
    file = WordFile(BytesIO(answer.content))
    text = "\n".join([row.text for row in file.paragraphs] + [cell.text for table in file.tables for cell in table._cells])
    for words in ("关于氯气泄漏的信息快报（首报）", "三、简要经过", "08 火灾（初步，GB 6441-1986）"):
        assert words in text


def test_each_answer_is_kept_under_the_key_of_the_page_and_what_arrives_twice_is_done_once(officer: Client) -> None:
    key = str(uuid4())
    assert "key" in officer.get("/filings/new/").content.decode()
    told = officer.post("/filings/keep/", {"key": key, "kind": "hazchem_leak", "deaths": "1", "injured": "-3"})
    assert "草稿已保存" in told.content.decode()
    filing = Filing.objects.get()
    assert (str(filing.pk), filing.deaths, filing.injured, filing.state) == (key, 1, None, "draft")
    assert "可能是同一事件" not in officer.post("/filings/level/", typed(key=key)).content.decode(), "its own draft is no other report"
    json = {"headers": {"accept": "application/json"}}
    wrong = officer.post("/filings/new/", typed(key=key, deaths="-1", then="submit"), **json)
    assert (wrong.status_code, "deaths" in wrong.json()["fields"]) == (422, True)
    for _time in range(2):
        sent = officer.post("/filings/new/", typed(key=key, then="submit"), **json)
        assert sent.json() == {"url": f"/filings/{key}/"}
    assert (Filing.objects.count(), Filing.objects.get().latest_number) == (1, 1)
    assert officer.post("/filings/keep/", {"key": key, "deaths": "9"}).status_code == 204


def test_the_page_shows_the_way_the_loss_and_takes_an_item(officer: Client) -> None:
    officer.post("/filings/new/", typed(then="submit"))
    address = f"/filings/{Filing.objects.get().pk}/"
    assert officer.post(f"{address}losses/", {"item": "2.2.4", "amount": "3.5"}).status_code == 422, "no source"
    officer.post(f"{address}losses/", {"item": "2.2.4", "amount": "3.5", "source": "决定书"})
    html = officer.get(address).content.decode()
    for words in ("way-missed", "GB/T 6721-1986", "3.5 万元", "9 项未查清", "未分类"):
        assert words in html, words


def test_another_county_gets_nothing_by_any_address(officer: Client) -> None:
    officer.post("/filings/new/", typed(then="submit"))
    filing = Filing.objects.get()
    stranger = client_for("duty_officer", "370103")
    for tail in ("", "supplement/", "document.pdf", "edit/"):
        assert stranger.get(f"/filings/{filing.pk}/{tail}").status_code == 404
    for tail in ("move/report_up/", "flash/", "direct/"):
        assert stranger.post(f"/filings/{filing.pk}/{tail}", {"level": "0"}).status_code == 404
    assert "氯气泄漏" not in stranger.get("/filings/").content.decode()
    assert "氯气泄漏" not in stranger.get("/duty/").content.decode()


def test_an_enterprise_reports_and_its_hour_is_counted(world: None, plant: Enterprise) -> None:
    manager = client_for("enterprise_manager", "370102", enterprise_id=plant.pk)
    now = kernel_clock.now() - timedelta(minutes=5)
    local = (now + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
    values = typed(source="enterprise", occurred_at=local, known_at=local, enterprise_id=str(plant.pk))
    answer = manager.post("/filings/new/", {**values, "then": "submit"}, follow=True)
    assert answer.status_code == 200
    filing = Filing.objects.get()
    assert (filing.state, filing.enterprise_id) == ("submitted", plant.pk)
    assert Clock.objects.get(subject_id=filing.pk, rule_code="enterprise_county").state == "met"


def test_the_list_offers_a_new_report_and_shows_levels(officer: Client) -> None:
    officer.post("/filings/new/", typed(deaths="3", then="submit"))
    html = officer.get("/filings/").content.decode()
    assert "/filings/new/" in html
    assert "chip-yellow" in html
