"""Pages and the interface of major hazard units."""

import json

import pytest
from django.urls import reverse
from tests.rooms.prevent.hazardsources.plant import WORKED

from anlan.prevent.hazardsources import queries
from anlan.prevent.hazardsources.inventory import LIMITS
from anlan.prevent.hazardsources.models import Filing, HazardUnit, InventoryVersion

pytestmark = pytest.mark.django_db


def posted(lines, **more):
    """A posted inventory."""
    data = {"count": str(len(lines)), **more}
    for number, line in enumerate(lines, 1):
        data |= {f"{name}-{number}": line.get(name, "") for name in LIMITS}
    return data


def test_a_unit_is_registered_filled_tried_assessed_and_filed_by_pages(plant):
    browser = plant.browser("manager")
    new = reverse("hazardsources:register")
    assert "液氯库" in browser.get(new).content.decode()
    assert browser.post(new, {"name": "库区"}).status_code == 422
    sent = {"name": "库区", "code": "U-1", "kind": "storage", "source_ids": [str(row.id) for row in plant.tanks]}
    answer = browser.post(new, sent)
    unit = HazardUnit.objects.get()
    url = reverse("hazardsources:inventory", args=[unit.pk])
    assert answer.url == url
    page = browser.get(url).content.decode()
    assert 'value="氯"' in page and 'value="20"' in page
    lines = [line.told() for line in WORKED]
    tried = browser.post(url, posted(lines, seen="0", **{"try": "1"})).content.decode()
    assert "S = 4.0000" in tried and not InventoryVersion.objects.exists()
    assert browser.post(url, posted(lines, seen="0", save="1")).status_code == 302
    assess = reverse("hazardsources:assess", args=[unit.pk])
    assert "按平台人口数据估算约" in browser.get(assess).content.decode()
    assert browser.post(assess, {"people": "60"}).status_code == 422
    assert browser.post(assess, {"people": "60", "assessor": "孙工"}).status_code == 302
    page = browser.get(queries.address(unit.pk)).content.decode()
    for part in ("三级", "S = 4.0000", "18.0000", "表1-12", "待报送", "王安"):
        assert part in page, part
    case = Filing.objects.get()
    browser.post(reverse("hazardsources:move", args=[case.pk, "submit"]), {"contact_name": "王安", "contact_phone": "13800138000"})
    inspector = plant.browser("inspector")
    inspector.post(reverse("hazardsources:move", args=[case.pk, "accept"]), {"receipt_number": "鲁备1"})
    assert "鲁备1" in inspector.get(queries.address(unit.pk)).content.decode()
    assert "13800138000" in browser.get(queries.address(unit.pk)).content.decode()
    assert browser.post(reverse("hazardsources:move", args=[case.pk, "replace"])).status_code == 404


def test_several_rows_are_offered_and_one_is_chosen(plant):
    unit = plant.unit()
    browser, url = plant.browser("manager"), reverse("hazardsources:inventory", args=[unit.pk])
    lines = [{"substance": "硝酸铵", "quantity": "5", "unit": "t", "symbols": "W9.2"}]
    page = browser.post(url, posted(lines, seen="0", **{"try": "1"})).content.decode()
    assert 'value="1:43"' in page and 'value="1:44"' in page
    page = browser.post(url, posted(lines, seen="0", pick="1:44")).content.decode()
    assert "表1-44" in page


def test_the_second_of_two_people_sees_what_was_saved_and_loses_nothing(plant):
    unit = plant.filled()
    browser, url = plant.browser("manager"), reverse("hazardsources:inventory", args=[unit.pk])
    page = browser.post(url, posted([{"substance": "苯", "quantity": "9", "unit": "t"}], seen="0", save="1"))
    assert page.status_code == 409
    text = page.content.decode()
    assert 'value="苯"' in text and "氨 20 t" in text


def test_the_sheet_prints_as_pdf_and_word(plant):
    unit, row = plant.assessed()
    browser = plant.browser("inspector")
    pdf = browser.get(reverse("hazardsources:sheet_pdf", args=[unit.pk, row.number]))
    assert pdf.content[:5] == b"%PDF-" and "attachment" in pdf["Content-Disposition"]
    assert browser.get(reverse("hazardsources:sheet_word", args=[unit.pk, row.number])).content[:2] == b"PK"
    assert browser.get(reverse("hazardsources:sheet_pdf", args=[unit.pk, 9])).status_code == 404
    assert plant.browser("rival").get(reverse("hazardsources:sheet_pdf", args=[unit.pk, 1])).status_code == 404


def test_lists_the_map_and_lower_pages_show_units(plant):
    unit, _ = plant.assessed()
    browser = plant.browser("inspector")
    assert unit.name in browser.get(reverse("desk:hazard-units-list") + "?major_level=3").content.decode()
    assert unit.name not in browser.get(reverse("desk:hazard-units-list") + "?major_level=1").content.decode()
    assert unit.name in browser.get(reverse("desk:hazard-units-list") + "?format=csv").content.decode("utf-8-sig")
    assert browser.get(reverse("desk:hazard-filings-list")).status_code == 200
    features = browser.get("/api/v1/hazard-units/features?bbox=117,36,118,37").json()
    assert len(features["features"]) == 1
    assert unit.name in browser.get(reverse("enterprises:file", args=[plant.enterprise.id])).content.decode()
    assert unit.name in browser.get(reverse("risksources:file", args=[plant.tanks[0].id])).content.decode()
    assert unit.name not in plant.browser("neighbour").get(reverse("desk:hazard-units-list")).content.decode()


def test_the_interface_puts_an_inventory_once_and_tells_wrong_lines(plant):
    browser = plant.browser("manager")
    url = reverse("hazardsources:api_coded", args=[plant.enterprise.uscc, "U-9"])

    def put(body):
        return browser.put(url, json.dumps(body), content_type="application/json")

    good = {"substance": "氯", "quantity": 10, "unit": "t"}
    assert put({"lines": [good]}).status_code == 404
    first = put({"lines": [good], "name": "氯库", "kind": "storage"})
    assert (first.status_code, first.json()["s"], first.json()["complete"]) == (201, "2.0000", True)
    again = put({"lines": [good]})
    assert (again.status_code, again.json()["number"], again.json()["changed"]) == (200, 1, False)
    wrong = put({"lines": [good, {"substance": "氨", "quantity": 5}]}).json()
    assert [(each["line"], each["code"]) for each in wrong["refused"]] == [(2, "hazard_unit_missing")]
    assert (wrong["complete"], len(wrong["lines"])) == (False, 2)
    assert put({"lines": [good], "seen": 1}).status_code == 409
    for body in ([], {"lines": 3}, {"lines": [3]}, {"lines": [{"substance": {}}]}, {"lines": [], "seen": "x"}):
        assert put(body).status_code == 422
    assert browser.put(url, "{", content_type="application/json").status_code == 422
    assert browser.get(url).json()["number"] == 2
    assert plant.browser("operator").put(url, json.dumps({"lines": []}), content_type="application/json").status_code == 403
    assert plant.browser("rival").get(url).status_code == 404
