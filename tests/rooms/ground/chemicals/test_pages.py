"""The mirror of the data files, and chemicals as the desk shows them."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from pypdf import PdfReader
from tests.accounts import client_for
from tests.rooms.ground.plants import NOW, make  # noqa: F401
from tests.rooms.ground.risksources.test_risksources import TANK

from anlan.ground.chemicals import catalogue, services
from anlan.ground.chemicals.models import Chemical
from anlan.ground.risksources import services as risksources
from anlan.kernel.access import system_actor
from anlan.ledger.models import AuditEntry

pytestmark = pytest.mark.django_db
LOADER = system_actor("tests")


@pytest.fixture
def mirrored(db):
    services.mirror(actor=LOADER, now=NOW)


def page(code):
    return reverse("desk:chemicals-detail", args=[Chemical.objects.get(code=code).pk])


def test_the_mirror_equals_the_files_and_is_done_once(db):
    assert services.mirror(actor=LOADER, now=NOW) == len(catalogue.entries())
    entries = AuditEntry.objects.filter(action="chemicals.load")
    assert entries.count() == 1
    assert services.mirror(actor=LOADER, now=NOW) == 0
    assert entries.count() == 1
    Chemical.objects.filter(code="chlorine").update(name="错")
    Chemical.objects.filter(code="ammonia").update(code="gone")
    call_command("load_chemicals", verbosity=0)
    assert entries.count() == 2
    assert Chemical.objects.get(code="chlorine").name == "氯"
    assert set(Chemical.objects.values_list("code", flat=True)) == set(catalogue.by_code())


def test_the_list_is_searched_and_filtered_in_every_county(mirrored):
    client = client_for("duty_officer")
    listed = client.get(reverse("desk:chemicals-list"), {"q": "液氯"}).content.decode()
    assert page("chlorine") in listed
    assert page("ammonia") not in listed
    listed = client.get("/api/v1/chemicals", {"main_class": "2.3", "size": "100"}).json()
    assert {"氯", "氨", "硫化氢"} <= {each["name"] for each in listed["items"]}
    assert "苯" not in {each["name"] for each in listed["items"]}
    assert client.get("/api/v1/chemicals", {"regulated": "1"}).json()["count"] == len(
        [c for c in catalogue.by_code() if catalogue.regulated(c)]
    )


def test_the_page_tells_figures_with_source_what_is_missing_limits_and_the_card(mirrored):
    text = client_for("duty_officer").get(page("chlorine")).content.decode()
    for part in ("-34.04 °C", "chemicals (PyPI)", "二手资料", "AEGL-3", "60 分钟 20 ppm", "打印处置卡", "铁路罐车", "碱液池", "无数据"):
        assert part in text, part


def test_a_mixture_is_said_to_have_no_figures(mirrored):
    text = client_for("duty_officer").get(page("liquefied_petroleum_gas")).content.decode()
    assert "混合物或溶液没有确定的理化数据" in text
    assert page("propane") in text


def test_the_card_is_printed(mirrored):
    client = client_for("duty_officer")
    answer = client.get(reverse("chemicals:card", args=[Chemical.objects.get(code="ammonia").pk]))
    assert answer["Content-Type"] == "application/pdf"
    pages = PdfReader(BytesIO(answer.content)).pages
    assert 1 <= len(pages) <= 3


def test_the_sheet_gives_everything_as_data(mirrored):
    client = client_for("duty_officer")
    told = json.loads(client.get(reverse("chemicals:sheet", args=["phosgene"])).content)
    assert told["chemical"]["cas"] == "75-44-5"
    assert all(row["source"] and row["status"] for row in [*told["figures"], *told["limits"]])
    assert "diffusivity_m2_s" in told["missing"]
    assert told["card"]["guide"] == "125"
    refused = client.get(reverse("chemicals:sheet", args=["unobtainium"]))
    assert refused.status_code == 404
    assert refused.json()["code"] == "chemical_unknown"


def test_a_hazard_source_shows_the_card_of_its_substance_or_that_several_fit(mirrored, make):  # noqa: F811
    source = risksources.register_risk_source(make(1).pk, actor=LOADER, now=NOW, **TANK)
    client = client_for("bureau_clerk")
    where = reverse("risksources:file", args=[source.pk])
    text = client.get(where).content.decode()
    assert page("chlorine") in text
    assert "应急处置卡" in text
    risksources.change_risk_source(source.pk, actor=LOADER, now=NOW, substance_name="", substance_cas="7664-39-3")
    text = client.get(where).content.decode()
    assert page("hydrogen_fluoride") in text
    assert page("hydrofluoric_acid") in text
    assert "对应多种化学品" in text
    risksources.change_risk_source(source.pk, actor=LOADER, now=NOW, substance_name="自编物料", substance_cas="")
    assert "化学品资料中没有“自编物料”" in client.get(where).content.decode()
