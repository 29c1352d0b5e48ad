"""Pages of hidden dangers as people meet them: choosing the enterprise, lists and their export, regions, panels, the map, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.accounts import client_of
from tests.rooms.prevent.dangers.works import Picture

from anlan.prevent.dangers import rules, services
from anlan.prevent.dangers.models import Danger

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(works):
    return lambda name: client_of(works.accounts[name])


def test_an_inspector_first_chooses_the_enterprise_and_its_own_people_need_not(works, browser):
    page = browser("inspector").get("/dangers/report/", {"q": "示范化工"}).content.decode()
    assert f"enterprise={works.enterprise.pk}" in page
    assert "没有找到企业" in browser("inspector").get("/dangers/report/", {"q": "不存在"}).content.decode()
    own = browser("operator").get("/dangers/report/").content.decode()
    assert "示范化工有限公司" in own and 'value="tip"' not in own


def test_an_address_that_names_no_enterprise_is_not_found(works, browser):
    assert browser("inspector").get("/dangers/report/", {"enterprise": "x"}).status_code == 404
    assert browser("neighbour").get("/dangers/report/", {"enterprise": str(works.enterprise.pk)}).status_code == 404


def test_a_picture_of_forty_megabytes_is_refused_and_the_danger_is_kept(works, browser):
    huge = SimpleUploadedFile("大图.jpg", Picture().getvalue()[:-2] + bytes(40 * 1024 * 1024), "image/jpeg")
    told = {
        "enterprise_id": works.enterprise.pk,
        "title": "围堰破损",
        "location": "罐区",
        "found_at": f"{works.now:%Y-%m-%dT%H:%M}",
        "source": rules.INSPECTION,
        "sector": "hazchem",
        "photo": huge,
    }
    page = browser("inspector").post("/dangers/report/", told, follow=True).content.decode()
    assert "大图.jpg" in page and "请压缩" in page
    assert Danger.objects.get().title == "围堰破损"


def test_the_list_filters_exports_and_keeps_to_jurisdiction(works, browser):
    works.ordered()
    works.found(location="泵房", title="泵房积水")
    page = browser("inspector").get("/dangers/", {"grade": "major"}).content.decode()
    assert "储罐区紧急停车系统未投用" in page and "泵房积水" not in page
    sheet = b"".join(browser("inspector").get("/dangers/", {"format": "csv"})).decode("utf-8-sig")
    assert "泵房积水" in sheet and "待判定" in sheet
    assert "泵房积水" not in browser("neighbour").get("/dangers/").content.decode()
    assert "泵房积水" in browser("manager").get("/dangers/").content.decode()
    assert browser("inspector").get("/dangers/", {"q": "泵房"}).content.decode().count("泵房积水") >= 1


def test_a_list_reached_by_a_link_says_what_it_was_narrowed_to(works, browser):
    works.found(location="泵房", title="泵房积水")
    asked = {"enterprise": str(works.enterprise.pk), "state": [rules.FOUND, rules.GRADED]}
    told = '<span class="fixed-filter">'
    page = browser("inspector").get("/dangers/", asked).content.decode()
    assert f'{told}<input type="hidden" name="enterprise" value="{works.enterprise.pk}">示范化工有限公司' in page
    assert f'{told}<input type="hidden" name="state" value="found">' in page and "待判定、" in page and 'id="filter-state"' not in page
    # What one may not see has no name here either.
    assert "示范化工" not in browser("neighbour").get("/dangers/", asked).content.decode()


def test_the_map_shows_open_dangers_alone(works, browser):
    danger = works.found("operator", source=rules.SELF_CHECK)
    box = {"bbox": "116,36,118,37"}
    assert len(browser("inspector").get("/api/v1/dangers/features", box).json()["features"]) == 1
    services.cancel(danger.pk, reason="误报", **works.by("manager"))
    assert browser("inspector").get("/api/v1/dangers/features", box).json()["features"] == []


def test_regions_and_the_enterprises_page_tell_what_is_open(works, browser):
    works.ordered()
    regions = browser("city").get("/dangers/regions/", {"by": "county"}).content.decode()
    assert "重大隐患" in regions and "place=370102" in regions
    assert "没有未销号的隐患" in browser("neighbour").get("/dangers/regions/", {"by": "nonsense", "place": "x"}).content.decode()
    page = browser("inspector").get(f"/enterprises/{works.enterprise.pk}/").content.decode()
    assert "储罐区紧急停车系统未投用" in page


def test_what_somebody_typed_is_kept_when_another_was_faster(works, browser):
    danger = works.graded()
    seen = Danger.objects.get(pk=danger.pk).version
    services.order(danger.pk, order_text="甲", order_basis="法", deadline=works.now + timedelta(days=3), **works.by("colleague"))
    typed = {
        "order-order_text": "乙要求停用",
        "order-order_basis": "法",
        "order-deadline": f"{works.now + timedelta(days=9):%Y-%m-%dT%H:%M}",
        "seen": seen,
    }
    answer = browser("inspector").post(f"/dangers/{danger.pk}/do/order/", typed)
    page = answer.content.decode()
    assert answer.status_code == 409 and "Colleague" in page and "乙要求停用" in page
    assert Danger.objects.get(pk=danger.pk).order_text == "甲"


def test_an_unknown_move_is_not_found_and_reading_is_no_moving(works, browser):
    danger = works.found()
    assert browser("inspector").post(f"/dangers/{danger.pk}/do/explode/").status_code == 404
    assert browser("inspector").get(f"/dangers/{danger.pk}/do/grade/").status_code == 405
    assert browser("operator").post(f"/dangers/{danger.pk}/paid/").status_code == 403


def test_the_page_reads_in_english_too(works, browser):
    danger = works.working()
    client = browser("inspector")
    client.cookies["anlan_language"] = "en"
    page = client.get(f"/dangers/{danger.pk}/").content.decode()
    assert "Being removed" in page and "Ask for an extension" in page and "Major danger" in page
