"""A plan walks through the law: reviewed, published, handed in, completed once, registered; silence registers it too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.accounts import client_for
from tests.rooms.jinan import NOW, actor

from anlan.command.plans import door, editing, law, obliging, queries, rules, services
from anlan.command.plans.models import PlanFiling, PlanTemplate
from anlan.command.plans.obliging import Expert
from anlan.ground.enterprises.models import Enterprise
from anlan.kernel.access import Actor, system_actor
from anlan.kernel.errors import NotPermitted

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("loader")
PANEL = [Expert("甲", "化工学会", False, True), Expert("乙", "设计院", False, True), Expert("丙", "大学", False, False)]


@pytest.fixture
def principal(plant: Enterprise) -> Actor:
    return actor("enterprise_principal", plant.place_code, enterprise_id=plant.pk)


@pytest.fixture
def draft(plant: Enterprise) -> PlanTemplate:
    """The plant's own plan, written from the example by its safety manager."""
    services.load_examples(actor=SYSTEM, now=NOW)
    example = PlanTemplate.objects.get(code="EXAMPLE-HAZCHEM-LEAK")
    manager = actor("enterprise_manager", plant.place_code, enterprise_id=plant.pk)
    values = {"code": "QY-1", "title": "示范氯碱液氯泄漏专项预案", "place_code": plant.place_code, "subject": "chemical"}
    return editing.copy_as_own(example, values, actor=manager, now=NOW)


def reviewed(plan: PlanTemplate) -> PlanTemplate:
    obliging.record_review(plan, date(2026, 6, 1), PANEL, "同意通过", actor=SYSTEM, now=NOW)
    return services.issue(plan, actor=SYSTEM, now=NOW)


def test_an_enterprise_s_plan_is_reviewed_signed_handed_in_completed_once_and_registered(
    draft: PlanTemplate, principal: Actor, county_officer: Actor, other_county_officer: Actor
) -> None:
    assert draft.pk not in {row.pk for row in queries.plans(county_officer)}, "what a plant still writes is its own"
    with pytest.raises(law.ReviewMissing):
        services.issue(draft, actor=principal, now=NOW)
    biased = [*PANEL, Expert("丁", "本厂", True, True), Expert("戊", "示范氯碱有限公司", False, True)]
    with pytest.raises(law.ReviewerHasInterest) as refused:
        obliging.record_review(draft, date(2026, 6, 1), biased, "", actor=SYSTEM, now=NOW)
    assert refused.value.facts["names"] == "丁、戊"
    obliging.record_review(draft, date(2026, 6, 1), PANEL, "同意通过", actor=SYSTEM, now=NOW)
    services.issue(draft, actor=principal, now=NOW)
    chosen = door.plan_for("hazchem_leak", "370102")
    assert chosen is not None
    assert chosen.code == "EXAMPLE-HAZCHEM-LEAK", "a bureau's response never takes a plant's plan"

    filing = obliging.file_plan(draft, ["application", "document"], actor=principal, now=NOW)
    with pytest.raises(law.FiledAlready):
        obliging.file_plan(draft, ["document"], actor=principal, now=NOW)
    inspector = actor("inspector", "370102")
    with pytest.raises(law.MaterialsMissing):
        obliging.accept(filing, actor=inspector, now=NOW)
    with pytest.raises(NotPermitted):
        obliging.tell_missing(filing, "缺两项", actor=principal, now=NOW)
    obliging.tell_missing(filing, "缺评审意见、风险评估", actor=inspector, now=NOW)
    assert filing.missing == ["opinion", "risks"]
    obliging.complete(filing, ["opinion"], actor=principal, now=NOW + timedelta(days=1))
    with pytest.raises(law.ToldOnce):
        obliging.tell_missing(filing, "还缺", actor=inspector, now=NOW + timedelta(days=1))
    assert queries.filings(other_county_officer).count() == 0

    assert obliging.sweep(NOW + timedelta(days=5)) == 0
    assert obliging.sweep(NOW + timedelta(days=30)) == 1, "silence counts as filed"
    filing = PlanFiling.objects.get()
    assert (filing.state, filing.by_silence) == (rules.FILED, True)
    draft.refresh_from_db()
    assert draft.filed_on == filing.filed_on
    assert filing.number.startswith("370102-")
    assert filing.number.endswith("-0001")


def test_what_is_owed_shows_in_the_county_s_calendar_until_it_is_done(draft: PlanTemplate, county_officer: Actor) -> None:
    reviewed(draft)
    issued = draft.issued_on
    assert issued is not None
    late = law.file_by(issued) + timedelta(days=3)
    assert next((plan.pk, duty.code, duty.overdue(late)) for plan, duty in queries.owed(county_officer, late)) == (draft.pk, "file", True)
    now = datetime.combine(late, datetime.min.time(), tzinfo=UTC)
    filing = obliging.file_plan(draft, ["application", "document", "opinion", "risks"], actor=SYSTEM, now=now)
    assert filing.late_days == 3
    obliging.accept(filing, actor=SYSTEM, now=now)
    values = {"kind": law.DRILL, "day": late, "how": "tabletop", "note": "达到目的"}
    obliging.record(draft, values, actor=SYSTEM, now=now)
    assert {duty.code: duty.due for _plan, duty in queries.owed(county_officer, late)}["drill"] == law.months_after(late, 6)
    obliging.record(draft, values | {"kind": law.REVISION, "how": "risk"}, actor=SYSTEM, now=now)
    assert "revise" in {duty.code for _plan, duty in queries.owed(county_officer, late)}
    renewed = editing.next_edition(draft, actor=SYSTEM, now=now)
    reviewed(renewed)
    codes = {duty.code for plan, duty in queries.owed(county_officer, late) if plan.pk == renewed.pk}
    assert codes == {"file", "drill", "evaluate"}, "the next edition settles the reason to revise, and is handed in anew"


def test_the_page_of_the_law_takes_a_review_and_a_drill_and_says_what_is_wrong(world: None) -> None:
    services.load_examples(actor=SYSTEM, now=NOW)
    example = PlanTemplate.objects.get(code="EXAMPLE-FIRE")
    clerk = actor("bureau_clerk", "370102")
    own = editing.copy_as_own(example, {"code": "LX-2", "title": "火灾预案", "place_code": "370102"}, actor=clerk, now=NOW)
    client = client_for("bureau_clerk", "370102")
    base = f"/plans/{own.pk}/law/"
    review = {"review-held_on": "2026-06-01", "review-minutes": "通过", "review-experts": "甲，学会，同意\n乙，大学"}
    assert "第 2 行应为" in client.post(f"{base}review/", review).content.decode()
    review["review-experts"] = "甲，学会，同意\n乙，大学，同意，有利害关系"
    assert "应当回避" in client.post(f"{base}review/", review).content.decode()
    review["review-experts"] = "甲，学会，同意"
    assert client.post(f"{base}review/", review).status_code == 302
    drill = {"record-kind": "drill", "record-day": "2026-06-02", "record-how": "law", "record-note": "无"}
    assert client.post(f"{base}record/", drill).status_code == 422
    assert client.post(f"{base}record/", drill | {"record-how": "full"}).status_code == 302
    html = client.get(base).content.decode()
    assert "评审通过" in html
    assert "综合演练" in html
    services.issue(own, actor=SYSTEM, now=NOW)
    assert client.post(f"{base}file/", {"file-materials": ["document"]}).status_code == 302
    assert client_for("inspector", "370102").post(f"{base}check/accept/").status_code == 302
    filing = PlanFiling.objects.get()
    assert (filing.filed_with, obliging.copied_to(own, filing.submitted_on)) == ("历下区人民政府", "济南市应急管理局")
    assert client.get(f"{base}register/").content.startswith(b"%PDF")
    assert "组织演练" in client.get("/plans/owed/").content.decode()
