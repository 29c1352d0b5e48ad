"""Pages of hazard sources."""

import pytest
from django.urls import reverse
from tests.accounts import client_for
from tests.rooms.ground.plants import NOW
from tests.rooms.ground.risksources.test_risksources import TANK

from anlan.ground.risksources import services
from anlan.ground.risksources.models import RiskSource
from anlan.kernel.access import system_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(make):
    return services.register_risk_source(
        make(1).pk, actor=system_actor("tests"), now=NOW, **TANK, longitude="117.0765", latitude="36.6665", principal_name="王安"
    )


def test_the_page_shows_attributes_and_who_answers(source):
    text = client_for("bureau_clerk").get(reverse("risksources:file", args=[source.pk])).content.decode()
    for part in ("1# 液氯储罐", "7782-50-5", "卧式罐", "液化气体", "20 m³", "安全包保责任人", "王安", "证据材料"):
        assert part in text, part


def test_telephone_numbers_are_masked_on_the_page_and_in_its_history(source):
    services.change_risk_source(source.pk, actor=system_actor("tests"), now=NOW, principal_phone="13800138000")
    url = reverse("risksources:file", args=[source.pk])
    assert client_for("bureau_clerk").get(url).content.decode().count("13800138000") == 2
    text = client_for("approver").get(url).content.decode()
    assert "13800138000" not in text
    assert text.count("138****8000") == 2


def test_the_enterprise_page_lists_and_draws_it(source):
    text = client_for("bureau_clerk").get(reverse("enterprises:file", args=[source.enterprise_id])).content.decode()
    assert text.count("1# 液氯储罐") >= 2
    assert "plan-hazard" in text


def test_another_county_finds_no_page(source):
    client = client_for("bureau_clerk", "370103")
    assert client.get(reverse("risksources:file", args=[source.pk])).status_code == 404
    assert client.get(reverse("risksources:change", args=[source.pk])).status_code == 404
    assert source.name not in client.get(reverse("desk:risksources-list")).content.decode()
    assert client.get(reverse("risksources:register", args=[source.enterprise_id, "tank"])).status_code == 404


def test_a_source_is_registered_and_changed_by_form(source):
    client = client_for("bureau_clerk")
    url = reverse("risksources:register", args=[source.enterprise_id, "tailings_pond"])
    assert "坝高" in client.get(url).content.decode()
    page = client.post(url, {"code": "T-1", "name": "尾矿库", "state": "in_use"})
    assert page.status_code == 422
    sent = {
        "code": "T-1",
        "name": "尾矿库",
        "state": "in_use",
        "attributes.grade": "5",
        "attributes.dam_height": "12",
        "attributes.total_volume": "8",
        "attributes.overhead": "false",
    }
    page = client.post(url, sent)
    assert page.status_code == 302, page.context["errors"]
    row = RiskSource.objects.get(code="T-1")
    assert row.attributes == {"grade": "5", "dam_height": 12.0, "total_volume": 8.0, "overhead": False}
    change = reverse("risksources:change", args=[row.pk])
    form = client.get(change).context["form"]
    again = {name: form.initial.get(name) for name in form.fields if form.initial.get(name) not in (None, False)}
    page = client.post(change, again | {"attributes.dam_height": "13", "version": row.version})
    assert page.status_code == 302, page.context["errors"]
    row.refresh_from_db()
    assert (row.attributes["dam_height"], row.attributes["overhead"]) == (13.0, False)


def test_the_kinds_are_offered_first(source):
    client = client_for("bureau_clerk")
    url = reverse("risksources:choose_kind", args=[source.enterprise_id])
    assert "尾矿库" in client.get(url).content.decode()
    assert client.get(url, {"kind": "tank"}).status_code == 302


def test_the_list_filters_by_kind_and_enterprise(source):
    client = client_for("bureau_clerk")
    url = reverse("desk:risksources-list")
    assert source.name in client.get(url, {"enterprise": source.enterprise_id, "kind": "tank"}).content.decode()
    assert source.name not in client.get(url, {"kind": "mine"}).content.decode()


def test_a_new_source_begins_with_finding_its_enterprise(source):
    url = reverse("risksources:new")
    client = client_for("bureau_clerk")
    assert url in client.get(reverse("desk:risksources-list")).content.decode()
    assert reverse("risksources:choose_kind", args=[source.enterprise_id]) in client.get(url, {"q": "shifan"}).content.decode()
    other = client_for("bureau_clerk", "370103")
    assert reverse("risksources:choose_kind", args=[source.enterprise_id]) not in other.get(url, {"q": "示范"}).content.decode()
