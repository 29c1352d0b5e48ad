"""Pages of the ledger of chemicals."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from tests.rooms.prevent.holdings.works import POINT

from anlan.prevent.holdings import importing, refusals
from anlan.prevent.holdings.models import Load, Movement, Product, Store

pytestmark = pytest.mark.django_db


def test_a_ledger_is_kept_by_pages_from_the_first_product_to_a_signed_load(works):
    browser = works.browser()
    product = {"chemical": "methanol", "business": "store", "phone": "119", "in_use": "on"}
    answer = browser.post(reverse("holdings:register_product"), product)
    row = Product.objects.get(chemical_code="methanol")
    assert answer.url == reverse("holdings:product", args=[row.pk])
    page = browser.get(answer.url).content.decode()
    assert row.code in page and "还没有上传安全技术说明书" in page and "<svg" in page
    browser.post(reverse("holdings:register_store"), {"code": "T9", "name": "甲醇罐", "kind": "tank", "in_use": "on"})
    store = Store.objects.get(code="T9")
    new = reverse("holdings:record")
    sent = {
        "kind": "opening",
        "product_id": str(row.pk),
        "store_id": str(store.pk),
        "quantity": "20",
        "unit": "m3",
        "at": "2026-11-21T08:00",
    }
    assert browser.post(new, {**sent, "quantity": "abc"}).status_code == 422
    answer = browser.post(new, sent)
    page = browser.get(answer.url).content.decode()
    assert "20 m³ ×" in page and "冲销" in page
    over = {"product_id": str(row.pk), "store_id": str(store.pk), "quantity": "1000", "unit": "t", "at": "2026-11-21T09:00"}
    load = {**over, "plate": "鲁A1", "driver": "孙", "expected_at": "2026-11-21T10:00", "receiver_uscc": works.other.uscc}
    assert "还差" in browser.post(reverse("holdings:send"), load).content.decode()
    browser.post(reverse("holdings:send"), {**load, "quantity": "2"})
    assert Load.objects.get().receiver_id == works.other.id
    page = browser.get(reverse("holdings:load", args=[Load.objects.get().pk])).content.decode()
    assert "没有登记车载终端" in page and reverse("holdings:receive", args=[Load.objects.get().pk]) not in page
    receiver = works.browser("receiver")
    assert receiver.get(reverse("holdings:receive", args=[Load.objects.get().pk])).status_code == 200
    book = browser.get(reverse("holdings:book", args=[works.own.id])).content.decode()
    assert "鲁A1" in book and "甲醇" in book


def test_a_scanned_code_tells_the_public_hazards_and_telephone_and_no_quantity_and_no_address(works):
    works.record("opening", 44)
    page = Client().get(reverse("holdings:public", args=[works.chlorine.code])).content.decode()
    for part in ("液氯", "1017", "0531-00000000", "上风", "示范化工有限公司"):
        assert part in page, part
    for secret in ("44 t", "44,000", works.own.registered_address or "117.07", "1#罐", str(works.chlorine.pk)):
        assert secret not in page, secret
    assert Client().get(reverse("holdings:public", args=["NOSUCHCODE22"])).status_code == 404
    assert str(works.chlorine.pk) in works.browser().get(reverse("holdings:public", args=[works.chlorine.code])).content.decode()


def test_the_label_is_a_pdf_that_bears_the_code(works):
    answer = works.browser().get(reverse("holdings:label", args=[works.chlorine.pk]))
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")


def test_a_count_is_explained_and_an_entry_reversed_by_pages(works):
    opening = works.record("opening", 10, hours=5)
    count = works.record("counted", 9)
    browser = works.browser()
    page = browser.get(reverse("holdings:movement", args=[count.pk])).content.decode()
    assert "差异原因" in page and "-1 t" in page
    browser.post(reverse("holdings:explain", args=[count.pk]), {"reason": "损耗", "settle": "1"})
    assert works.tonnes() == 9
    browser.post(reverse("holdings:reverse", args=[opening.pk]), {"reason": "错"})
    assert works.tonnes() == 9 and Movement.objects.filter(reverses=opening).count() == 0


def test_the_search_names_places_and_trucks_and_says_what_it_cannot_find(works):
    works.record("opening", 40)
    works.send(5)
    point = f"{POINT['longitude']},{POINT['latitude']}"
    query = {"q": "液氯", "least": "5", "radius": "30", "centre": point}
    page = works.browser("inspector").get(reverse("holdings:where"), query).content.decode()
    assert "示范化工有限公司" in page and "35 t" in page and "位置不明" in page
    assert "范围内没有找到" in works.browser("neighbour").get(reverse("holdings:where"), query).content.decode()
    assert works.browser("inspector").get(reverse("holdings:where"), {"q": "氯", "least": "-1", "centre": point}).status_code == 422
    assert works.browser("inspector").get(reverse("holdings:where") + "?c=117.1,36.6").status_code == 200


def test_the_centre_of_a_search_is_an_enterprise_by_name_and_refused_where_nobody_knows_it(works):
    works.record("opening", 40)
    found = works.browser("inspector").get(reverse("holdings:where"), {"q": "液氯", "centre": "示范化工"}).content.decode()
    assert "以“示范化工有限公司”为中心" in found and "40 t" in found
    lost = works.browser("inspector").get(reverse("holdings:where"), {"q": "液氯", "centre": "没有的地方"})
    assert lost.status_code == 422 and "找不到中心“没有的地方”" in lost.content.decode()
    elsewhere = works.browser("neighbour").get(reverse("holdings:where"), {"q": "液氯", "centre": "示范化工"})
    assert elsewhere.status_code == 422  # what one may not see is no centre either


def test_panels_stand_on_the_pages_of_enterprise_and_hazard_source_and_lists_answer(works):
    works.record("opening", 70)
    inspector = works.browser("inspector")
    for url in (reverse("enterprises:file", args=[works.own.id]), reverse("risksources:file", args=[works.source.id])):
        page = inspector.get(url).content.decode()
        assert "70 t" in page and "超过设计最大量" in page
    for code in ("chemical-products", "chemical-stock", "chemical-movements", "chemical-loads"):
        assert inspector.get(reverse(f"desk:{code}-list")).status_code == 200
    told = json.loads(inspector.get("/api/v1/chemical-stock").content)
    assert len(json.dumps(told)) > 50


# --- other systems and spreadsheets


def put(browser, number, **body):
    """A movement as an enterprise's own system sends it."""
    address = reverse("holdings:api_movement", args=[number])
    return browser.put(address, json.dumps(body), content_type="application/json")


def test_an_enterprises_own_system_puts_entries_by_its_numbers_and_corrects_them(works):
    browser = works.browser()
    entry = {"kind": "opening", "product": "液氯 99.6%", "store": "T1", "at": "2026-11-20 08:00", "quantity": 12.5, "unit": "t"}
    answer = put(browser, "ERP-1", **entry)
    assert (answer.status_code, answer.json()["mass_kg"], answer.json()["late"]) == (201, "12500.000", True)
    assert put(browser, "ERP-1", **entry).status_code == 200
    assert put(browser, "ERP-1", **(entry | {"quantity": 13})).json()["held_kg"] == "13000.000"
    got = browser.get(reverse("holdings:api_movement", args=["ERP-1"])).json()
    assert (got["quantity"], Movement.objects.filter(external_id="ERP-1", reversed_at=None).count()) == ("13.000000", 1)
    load = entry | {"kind": "sent", "at": "2026-11-21 08:00", "quantity": 2, "receiver": works.other.uscc, "plate": "鲁A9", "driver": "孙"}
    assert put(browser, "ERP-2", **load, expected_at="2026-11-21 11:00").json()["load"]
    assert put(browser, "ERP-2", **load, expected_at="2026-11-21 11:00").status_code == 200
    assert Load.objects.count() == 1


def test_what_another_system_sends_wrongly_is_refused_by_its_reason(works):
    browser = works.browser()
    entry = {"kind": "used", "product": "液氯", "store": "T1", "at": "2026-11-20 08:00", "quantity": 1, "unit": "t"}
    assert put(browser, "E", **entry).json()["code"] == "holding_not_enough"
    for change, code in (
        ({"product": "乙炔"}, "invalid"),
        ({"at": "昨天"}, "holding_time_wrong"),
        ({"unit": ""}, "holding_body_wrong"),
        ({"kind": "lost"}, "holding_kind_unknown"),
        ({"quantity": [1]}, "holding_body_wrong"),
    ):
        assert put(browser, "E", **(entry | change)).json()["code"] == code, change
    assert put(browser, "E", **entry, enterprise=works.other.uscc).status_code in (403, 404)
    assert put(works.browser("inspector"), "E", **entry, enterprise=works.own.uscc).status_code == 403
    assert browser.put(reverse("holdings:api_movement", args=["E"]), "[", content_type="application/json").status_code == 422
    assert Movement.objects.count() == 0


def test_a_spreadsheet_is_written_in_the_order_of_time_or_not_at_all(works):
    def row(kind, quantity, at, **more):
        told = {"uscc": works.own.uscc, "kind": importing.kind(kind), "product": "液氯", "store": "T1", "quantity": quantity, "unit": "吨"}
        return {**told, "at": importing.moment(at), **more}

    rows = [row("领用消耗", "4", "2026-11-12"), row("期初存量", "10", "2026-11-10 08:00"), row("移库", "1", "2026/11/11", other_store="S1")]
    assert importing.resolve(rows, **works.by()) == {}
    assert importing.write(rows, **works.by()) == 3
    assert (works.tonnes(), works.tonnes(works.shed)) == (5, 1)
    bad = [row("购入", "x", "2026-11-12"), row("购入", "1", "2026-11-12", store="Z9"), row("购入", "1", "2026-11-12", uscc="9137")]
    found = importing.resolve(bad, **works.by())
    assert {index: (name, type(why)) for index, (name, why) in found.items()} == {
        0: ("quantity", refusals.QuantityWrong),
        1: ("store", refusals.NamedNothing),
        2: ("uscc", refusals.FieldWrong),
    }
    over = [row("领用消耗", "9", "2026-11-13")]
    importing.resolve(over, **works.by())
    with pytest.raises(refusals.RowRefused) as caught:
        importing.write(over, **works.by())
    assert "液氯 9" in caught.value.facts["row"] and "还差" in caught.value.facts["why"]
    with pytest.raises(refusals.KindUnknown):
        importing.kind("发货（车辆运输）")
