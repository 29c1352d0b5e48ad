"""A self-assessment from its beginning to the colour that holds, and what is refused on the way."""

from __future__ import annotations

from decimal import Decimal

import pytest

from anlan.desk import facts
from anlan.ground.enterprises.models import Certificate
from anlan.ground.packs import services as packs
from anlan.ground.risksources.models import RiskSource
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Invalid, NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, WrongState
from anlan.ledger.models import Announcement, AuditEntry
from anlan.prevent.dangers import services as dangers
from anlan.prevent.hazardsources.models import HazardUnit
from anlan.prevent.standing import door, queries, refusals, rules, services
from anlan.prevent.standing.models import Grading

pytestmark = pytest.mark.django_db


def answers(row: Grading, **changes: object) -> dict[str, object]:
    return {**queries.counts_of(row.answers), **changes}


def filled(works, row: Grading, by: str = "manager", proofs: dict[str, str] | None = None, **changes: object) -> Grading:
    return services.save(row.pk, counts=answers(row, **changes), proofs=proofs or {}, remarks={}, **works.by(by))


@pytest.fixture
def sent(works) -> Grading:
    row = services.begin(works.enterprise.pk, **works.by("manager"))
    row = filled(works, row, hazard_3=1, standard_3=1, proofs={"standard_3": "标准化三级证书"})
    return services.submit(row.pk, **works.by("principal"))


def test_a_new_assessment_is_filled_from_what_the_platform_knows(works):
    pk, now = works.enterprise.pk, works.clock.now()
    HazardUnit.objects.create(
        enterprise_id=pk, place_code="370102", code="U-1", name="液氯库区", kind="storage", is_major=True, major_level=3, assessed_at=now
    )
    RiskSource.objects.create(
        enterprise_id=pk, place_code="370102", code="R-1", name="液氯储罐", kind="tank", substance_name="氯", substance_cas="7782-50-5"
    )
    packs.load_built_in(actor=system_actor("test"), now=now)
    facts_given = {"activity": "production", "in_park": "false", "processes": "2", "class_a_places": "3"}
    packs.save_facts(pk, "hazchem", facts_given, **works.by("manager"))
    Certificate.objects.create(
        enterprise_id=pk, place_code="370102", kind="standardization_2", holder="unit", number="AQB-2", standing="valid"
    )
    danger = dangers.report(
        enterprise_id=pk, title="紧急切断阀未投用", location="罐区", source="inspection", found_at=now, **works.by("inspector")
    )
    dangers.grade(danger.pk, grade="major", criterion="hazchem_2017-14", **works.by("inspector"))
    row = services.begin(pk, **works.by("manager"))
    found = {code: entry["count"] for code, entry in row.answers.items() if entry["count"]}
    assert found == {
        "hazard_3": 1, "inhalation": 1, "outside_park": 1, "processes": 2, "class_a": 3, "standard_2": 1, "power": 1,
    }  # fmt: skip
    assert row.proposals["hazard_3"]["sure"] and not row.proposals["power"]["sure"] and row.proposals["power"]["url"]
    assert row.self_score == Decimal(100) - 6 - 2 - 3 - 4 - 3 - 5 + 5
    page = works.browser("manager").get(queries.address(row.pk)).content.decode()
    assert "液氯库区" in page and "平台提示，须核对" in page and "紧急切断阀未投用" in page


def test_from_draft_to_the_colour_that_holds_both_sides_are_kept(works, sent):
    counts = answers(sent, managers=2)
    reasons = {"managers": "两人无考核合格证"}
    done = services.review(sent.pk, accept=True, counts=counts, reasons=reasons, verdict="属实", **works.by("inspector"))
    assert (done.state, done.self_colour, done.colour) == (rules.ACCEPTED, "blue", "yellow")
    assert (done.self_score, done.review_score) == (Decimal("96.0"), Decimal("86.0"))
    assert done.answers["managers"]["count"] == 0 and done.review["managers"] == {"count": 2, "reason": "两人无考核合格证"}
    held = door.standing_of(works.enterprise.pk)
    assert held is not None and (held.colour, held.year) == ("yellow", done.year) and held.next_due_on.year == done.year + 1
    kinds = list(Announcement.objects.filter(kind__startswith="standing.").order_by("at", "pk").values_list("kind", flat=True))
    assert sorted(kinds) == ["standing.accepted", "standing.saved", "standing.saved", "standing.submitted"]
    assert AuditEntry.objects.filter(action="standing.review").count() == 1


def test_what_is_sent_back_says_why_and_is_sent_again(works, sent):
    with pytest.raises(Invalid) as refused:
        services.review(sent.pk, accept=False, counts=answers(sent), reasons={}, **works.by("inspector"))
    assert set(refused.value.fields) == {"verdict"}
    back = services.review(sent.pk, accept=False, counts=answers(sent), reasons={"standard_3": "证书已过期"}, **works.by("inspector"))
    assert back.state == rules.RETURNED and back.colour == ""
    page = works.browser("manager").get(queries.address(back.pk)).content.decode()
    assert "证书已过期" in page and "监管部门已退回" in page
    again = services.submit(filled(works, back, standard_3=0).pk, **works.by("principal"))
    assert again.state == rules.SUBMITTED and again.review == {}


def test_every_refusal_on_the_way(works, sent):
    pk = works.enterprise.pk
    with pytest.raises(refusals.YearTaken):
        services.begin(pk, **works.by("manager"))
    with pytest.raises(refusals.NotEditable):
        filled(works, sent)
    with pytest.raises(WrongState):
        services.submit(sent.pk, **works.by("principal"))
    with pytest.raises(NotPermitted):
        services.review(sent.pk, accept=True, counts=answers(sent), reasons={}, **works.by("principal"))
    with pytest.raises(NotFound):
        services.review(sent.pk, accept=True, counts=answers(sent), reasons={}, **works.by("neighbour"))
    with pytest.raises(Invalid) as refused:
        services.review(sent.pk, accept=True, counts=answers(sent, managers=1), reasons={}, **works.by("inspector"))
    assert set(refused.value.fields) == {"managers"}
    Grading.objects.filter(pk=sent.pk).update(filled_by_id=works.by("inspector")["actor"].account_id)
    with pytest.raises(FourEyes):
        services.review(sent.pk, accept=True, counts=answers(sent), reasons={}, **works.by("inspector"))
    works.enterprise.sector_code = "S28"
    works.enterprise.save()
    with pytest.raises(refusals.NotHazchem):
        services.begin(pk, year=2020, **works.by("manager"))


def test_a_bonus_needs_its_proof_and_two_people_do_not_overwrite_each_other(works):
    row = services.begin(works.enterprise.pk, **works.by("manager"))
    seen = row.version
    filled(works, row, fire_team=1)
    with pytest.raises(refusals.ChangedMeanwhile):
        services.save(row.pk, counts=answers(row), proofs={}, remarks={}, seen=seen, **works.by("principal"))
    with pytest.raises(Invalid) as refused:
        services.submit(row.pk, **works.by("principal"))
    assert set(refused.value.fields) == {"fire_team"}


def test_a_veto_makes_it_red_and_the_pages_lists_sheet_and_counts_say_so(works, sent):
    bureau, plant = works.browser("inspector"), works.browser("manager")
    address = queries.address(sent.pk)
    form = bureau.get(f"{address}review/").content.decode()
    assert "标准化三级证书" in form
    sent.refresh_from_db()
    typed = {f"found-{code}": str(count) for code, count in answers(sent, veto_operators=1).items()}
    wrong = bureau.post(f"{address}review/", {**typed, "decision": "accept", "seen": str(sent.version)})
    assert wrong.status_code == 422 and "请写明理由" in wrong.content.decode()
    typed["reason-veto_operators"] = "电工无证上岗"
    assert bureau.post(f"{address}review/", {**typed, "decision": "accept"}).status_code == 302
    page = bureau.get(address).content.decode()
    assert "直接判定为红色" in page and "电工无证上岗" in page and "与自评不同" in page
    sheet = bureau.get(f"{address}sheet.pdf")
    assert sheet["Content-Type"] == "application/pdf" and sheet.content.startswith(b"%PDF")
    listed = bureau.get("/risk-gradings/", {"colour": "red"}).content.decode()
    assert "示范化工有限公司" in listed and "示范化工有限公司" not in bureau.get("/risk-gradings/", {"colour": "blue"}).content.decode()
    assert "示范化工有限公司" in bureau.get("/risk-gradings/", {"format": "csv"}).content.decode("utf-8-sig")
    regions = queries.regions(works.by("inspector")["actor"], sent.year)
    assert [(row.key, row.red, row.waiting) for row in regions] == [("370102", 1, 0)]
    assert "安全风险分级分布" in bureau.get("/risk-gradings/regions/").content.decode()
    assert works.browser("neighbour").get(address).status_code == 404
    assert plant.get(f"{address}fill/").status_code == 409
    file = plant.get(f"/enterprises/{works.enterprise.pk}/").content.decode()
    assert "安全风险分级" in file and "红色" in file
    assert any(teller.code == "risk-gradings" for teller in facts.of_page("enterprises.detail"))


def test_the_form_keeps_what_was_typed_when_it_is_refused(works):
    plant = works.browser("manager")
    begun = plant.post(f"/risk-gradings/begin/{works.enterprise.pk}/")
    assert begun.status_code == 302 and begun.url.endswith("/fill/")
    assert plant.post(f"/risk-gradings/begin/{works.enterprise.pk}/").status_code == 302
    wrong = plant.post(begun.url, {"count-managers": "三", "proof-fire_team": "支队批文", "remark-power": "已整改"})
    page = wrong.content.decode()
    assert wrong.status_code == 422 and 'value="三"' in page and "支队批文" in page and "已整改" in page
    assert plant.post(begun.url, {"count-managers": "3"}).status_code == 302
    assert Grading.objects.get().self_score == Decimal("85.0")
