"""The pages of the enterprise file as a clerk, an officer of another county and an enterprise see them."""

import pytest
from django.urls import reverse
from tests.accounts import client_for
from tests.rooms.ground.plants import NOW, values

from anlan.ground.enterprises import services
from anlan.ground.enterprises.models import Enterprise, EnterpriseContact
from anlan.kernel.access import system_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def plant(make):
    row = make(1, industry_code="C2612", scale="medium", staff_count="260")
    actor = system_actor("tests")
    services.add_site(row.pk, actor=actor, now=NOW, name="主厂区", longitude="117.0765", latitude="36.6665")
    services.add_contact(row.pk, actor=actor, now=NOW, role="principal", name="王安", phone="13800138000")
    return row


def file_url(row):
    return reverse("enterprises:file", args=[row.pk])


def test_the_file_page_shows_everything_on_one_page(plant):
    page = client_for("bureau_clerk").get(file_url(plant))
    text = page.content.decode()
    assert page.status_code == 200
    for part in (
        plant.name,
        plant.uscc,
        "历下区",
        "主厂区",
        "王安",
        "13800138000",
        "C2612",
        "档案完整度",
        "危险源",
        "证据材料",
        "变更历史",
    ):
        assert part in text, part
    assert "<svg viewBox" in text


def test_the_file_page_asks_no_more_for_many_hazard_sources(plant, django_assert_max_num_queries):
    from anlan.ground.risksources.services import register_risk_source

    for number in range(12):
        facts = {"code": f"X-{number}", "name": "反应釜", "kind": "other", "attributes": {"description": "试验"}}
        register_risk_source(plant.pk, actor=system_actor("tests"), now=NOW, longitude="117.0765", latitude="36.6665", **facts)
    client = client_for("bureau_clerk")
    with django_assert_max_num_queries(92):
        assert client.get(file_url(plant)).status_code == 200


def test_the_file_page_names_what_is_missing(make):
    text = client_for("bureau_clerk").get(file_url(make(2))).content.decode()
    assert "主要负责人联系方式" in text
    assert "补充资料" in text


def test_an_officer_of_another_county_finds_no_page(plant):
    client = client_for("bureau_clerk", "370103")
    assert client.get(file_url(plant)).status_code == 404
    assert client.get(reverse("desk:enterprises-list")).content.decode().count(plant.name) == 0
    assert client.get(reverse("enterprises:state", args=[plant.pk])).status_code == 404
    assert client.get(reverse("enterprises:add_site", args=[plant.pk])).status_code == 404
    assert client.get(reverse("evidence:panel", args=["enterprises.enterprise", plant.pk])).status_code == 404


def test_a_post_without_the_right_sees_a_masked_number_and_no_buttons(plant):
    text = client_for("approver").get(file_url(plant)).content.decode()
    assert "138****8000" in text
    assert "13800138000" not in text
    assert reverse("enterprises:add_site", args=[plant.pk]) not in text


def test_an_enterprise_sees_its_own_file_only(plant, make):
    client = client_for("enterprise_manager", enterprise_id=plant.pk)
    assert client.get(file_url(plant)).status_code == 200
    assert client.get(file_url(make(2))).status_code == 404


def test_the_list_filters_sorts_and_searches(plant, make):
    make(2, name="济南另一家机械厂", scale="small", industry_code="C34")
    client = client_for("bureau_clerk")

    def names(**query):
        text = client.get(reverse("desk:enterprises-list"), query).content.decode()
        return [name for name in (plant.name, "济南另一家机械厂") if name in text]

    assert names() == [plant.name, "济南另一家机械厂"]
    assert names(scale="small") == ["济南另一家机械厂"]
    assert names(industry="C26") == [plant.name]
    assert names(q="jixie") == ["济南另一家机械厂"]
    assert names(q=plant.uscc[:12]) == [plant.name, "济南另一家机械厂"]
    assert names(place="370102", major="1") == []


def test_a_form_with_a_wrong_code_is_shown_again_with_the_expected_digit(jinan_places):
    client = client_for("bureau_clerk")
    good = values(1)["uscc"]
    bad = good[:17] + ("0" if good[17] != "0" else "1")
    sent = {**values(1), "uscc": bad, "state": "operating", "source": "bureau", "classification": "1"}
    page = client.post(reverse("desk:enterprises-create"), sent)
    assert page.status_code == 422
    assert f"末位应为“{good[17]}”" in page.content.decode()
    assert Enterprise.objects.count() == 0
    page = client.post(reverse("desk:enterprises-create"), sent | {"uscc": good})
    assert page.status_code == 302, page.content.decode()[:2000]
    assert Enterprise.objects.get().uscc == good


def test_a_place_is_picked_or_typed(jinan_places):
    client = client_for("bureau_clerk")
    sent = {**values(1), "state": "operating", "source": "bureau", "classification": "1"}
    typed = {name: value for name, value in sent.items() if name != "place_code"} | {"q": "370102"}
    assert client.post(reverse("desk:enterprises-create"), typed).status_code == 302
    wrong = {**sent, **values(2), "place_code": "370181"}
    page = client.post(reverse("desk:enterprises-create"), wrong)
    assert "370114（章丘区）" in page.content.decode()


def test_changing_by_form_keeps_what_was_not_touched(plant):
    client = client_for("bureau_clerk")
    page = client.get(reverse("desk:enterprises-change", args=[plant.pk]))
    assert page.status_code == 200
    form = page.context["form"]
    sent = {name: form.initial.get(name) if form.initial.get(name) is not None else "" for name in form.fields}
    page = client.post(
        reverse("desk:enterprises-change", args=[plant.pk]), sent | {"staff_count": "300", "version": page.context["version"]}
    )
    assert page.status_code == 302, page.context["errors"]
    row = Enterprise.objects.get(pk=plant.pk)
    assert (row.staff_count, row.industry_code, row.name, row.longitude) == (300, "C2612", plant.name, plant.longitude)


def test_sites_contacts_and_state_are_changed_by_forms(plant):
    client = client_for("bureau_clerk")
    for name in ("enterprises:add_site", "enterprises:add_contact", "enterprises:state"):
        assert client.get(reverse(name, args=[plant.pk])).status_code == 200
    client.post(
        reverse("enterprises:add_contact", args=[plant.pk]),
        {"role": "emergency", "name": "李宁", "phone": "0531-66608888", "is_current": "on"},
    )
    contact = EnterpriseContact.objects.get(name="李宁")
    page = client.post(reverse("enterprises:change_contact", args=[contact.pk]), {"role": "emergency", "name": "李宁", "phone": "1"})
    assert page.status_code == 422
    assert client.get(reverse("enterprises:change_site", args=[plant.sites.get().pk])).status_code == 200
    page = client.post(reverse("enterprises:state", args=[plant.pk]), {"state": "suspended", "reason": "检修"})
    assert page.status_code == 302
    assert Enterprise.objects.get(pk=plant.pk).state == "suspended"


def test_english_pages_show_no_chinese_of_ours(plant):
    client = client_for("bureau_clerk")
    client.cookies["anlan_language"] = "en"
    text = client.get(file_url(plant)).content.decode()
    assert "File completeness" in text
    assert "档案完整度" not in text
