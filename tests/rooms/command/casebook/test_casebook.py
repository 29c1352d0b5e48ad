"""The books of an incident: people counted by state, decisions that stay, statements with a second pair of eyes, cost that adds up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from tests.accounts import client_for
from tests.rooms.jinan import NOW

from anlan.command.casebook import door, queries, rules, services
from anlan.command.casebook.models import Decision, Person, Statement
from anlan.command.incidents import door as incidents
from anlan.kernel.access import Actor
from anlan.kernel.errors import NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, MissingFields, ReasonRequired
from anlan.ledger.events import deliver_pending
from anlan.ledger.models import AuditEntry
from anlan.report.filings import door as filings


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize("flow", [rules.PERSON_FLOW, rules.STATEMENT_FLOW], ids=lambda flow: flow.code)
def test_the_flows_have_no_problem(flow: Any) -> None:
    assert flow.problems() == []


def test_whoever_was_hurt_and_went_home_still_counts_as_hurt_by_the_gravest_degree() -> None:
    people = [("dead", "serious"), ("discharged", "light"), ("discharged", "serious"), ("light", "light"), ("missing", ""), ("trapped", "")]
    assert rules.figures([*people, ("safe", "")]) == rules.Figures(deaths=1, serious_injured=1, injured=2, missing=2)


@pytest.fixture
def incident(county_officer: Actor) -> Any:
    report = {
        "kind": "hazchem_leak",
        "title": "氯气泄漏",
        "occurred_at": NOW,
        "known_at": after(2),
        "place_code": "370102",
        "location": "储罐区",
        "deaths": 0,
        "serious_injured": 1,
        "injured": 0,
        "missing": 0,
        "source": "phone",
        "exercise": True,
    }
    filing = filings.create_filing(report, actor=county_officer, now=after(4))
    return incidents.open_incident({"filing_id": filing}, actor=county_officer, now=after(6))


@pytest.mark.django_db
def test_a_death_in_hospital_changes_the_ledger_and_is_never_reported_by_itself(incident: Any, county_officer: Actor) -> None:
    told = {"actor": county_officer}
    person = services.enter_person(incident, "serious", {"name": "赵某", "role": "worker", "hospital": "H1"}, now=after(40), **told)
    report, compared = queries.compared(incident, county_officer)
    assert report is not None
    assert not any(row.differs for row in compared)
    services.move_person(person, "die", now=after(75), **told)
    assert door.figures(incident, county_officer) == rules.Figures(deaths=1)
    report, compared = queries.compared(incident, county_officer)
    assert {row.code for row in compared if row.differs} == {"deaths", "serious_injured"}
    assert report is not None
    assert report.deaths == 0, "the report is as it was told: a supplement is filed by a person"
    deliver_pending()
    page = client_for("duty_officer", "370102").get(report.address).content.decode()
    assert "台账人数与已上报数不一致" in page, "and the report's page says that one is owed"
    with pytest.raises(ReasonRequired):
        services.move_person(person, "correct", now=after(80), **told)
    services.tell_family(person, "钱某", "13900000000", now=after(90), **told)
    services.tell_family(person, "钱某", "13900000001", now=after(95), **told)
    person.refresh_from_db()
    assert person.family_told_at == after(90)
    course = [line for line in incidents.timeline(incident, county_officer, after(100)) if line.kind == "people"]
    assert [line.code for line in course] == ["people.serious", "people.dead", "people.family"]
    assert "赵某" not in str(course)
    assert not any("赵某" in str(entry.content) or "钱某" in str(entry.content) for entry in AuditEntry.objects.all())


@pytest.mark.django_db
def test_names_are_seen_by_whoever_may_and_figures_by_whoever_sees_the_incident(
    incident: Any, county_officer: Actor, other_county_officer: Actor
) -> None:
    person = services.enter_person(incident, "missing", {"name": "赵某"}, actor=county_officer, now=after(10))
    clerk, officer = client_for("bureau_clerk", "370102"), client_for("duty_officer", "370102")
    page = f"/incidents/{incident}/casebook/"
    assert "赵某" in officer.get(page).content.decode()
    shown = clerk.get(page)
    assert (shown.status_code, "赵某" in shown.content.decode()) == (200, False)
    assert client_for("duty_officer", "370103").get(page).status_code == 404
    with pytest.raises(NotFound):
        queries.person(person.pk, other_county_officer)
    with pytest.raises(NotPermitted):
        services.move_person(person, "die", actor=other_county_officer, now=after(11))
    officer.post(f"/casebook/people/{person.pk}/hurt_light/", {"hospital": "H1"})
    person.refresh_from_db()
    assert (person.state, person.worst, person.hospital) == ("light", "light", "H1")


@pytest.mark.django_db
def test_decisions_keep_their_grounds_for_good(incident: Any, county_officer: Actor) -> None:
    with pytest.raises(rules.NothingSaid, match="依据"):
        services.decide(incident, {"text": "就地避险"}, actor=county_officer, now=after(10))
    values = {"text": "就地避险", "grounds": "20 分钟内疏散不完", "facts": "下风向 1200 人", "decided_by": "县长"}
    made = services.decide(incident, values, actor=county_officer, now=after(10))
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.filter(pk=made.pk).update(text="疏散")
    line = next(line for line in incidents.timeline(incident, county_officer, after(20)) if line.kind == "decision")
    assert (line.who, "20 分钟内疏散不完" in line.text) == ("县长", True)


@pytest.mark.django_db
def test_a_statement_goes_out_in_one_voice_and_by_two_people(incident: Any, county_officer: Actor, county_leader: Actor) -> None:
    values = {"audience": "media", "title": "情况通报一", "body": "泄漏已控制"}
    row = services.draft_statement(incident, values, actor=county_leader, now=after(60))
    services.move_statement(row, "submit", actor=county_leader, now=after(61))
    with pytest.raises(FourEyes):
        services.move_statement(row, "approve", actor=county_leader, now=after(62))
    with pytest.raises(NotPermitted):
        services.move_statement(row, "approve", actor=county_officer, now=after(62))
    Statement.objects.update(drafted_by_id=county_officer.account_id)
    row.refresh_from_db()
    services.move_statement(row, "approve", actor=county_leader, now=after(63))
    with pytest.raises(MissingFields, match="发言人"):
        services.move_statement(row, "issue", actor=county_officer, now=after(64))
    services.move_statement(row, "issue", spokesperson="县政府新闻办", actor=county_officer, now=after(65))
    assert (row.issued_at, row.approved_by_name) == (after(65), county_leader.name)


@pytest.mark.django_db
def test_cost_adds_up_with_its_corrections(incident: Any, county_officer: Actor) -> None:
    entry = {"kind": "supplies", "item": "堵漏剂", "standing": "estimated", "payer": "企业", "borne_by": rules.UNIT}
    for amount in ("1200.50", "-200.50"):
        services.enter_cost(incident, {**entry, "amount": Decimal(amount)}, actor=county_officer, now=after(100))
    services.enter_cost(incident, {**entry, "amount": Decimal(300), "borne_by": rules.GOVERNMENT}, actor=county_officer, now=after(100))
    assert queries.total(incident, county_officer) == Decimal("1300.00")
    (filing,) = incidents.linked(incident, "filing", None)
    assert queries.rescue_cost(filing) == filings.RescueCost(1000, 300), "only what the unit bears is its direct loss"
    for wrong in ("0", "1.001", "NaN"):
        with pytest.raises(rules.NoAmount):
            services.enter_cost(incident, {**entry, "amount": Decimal(wrong)}, actor=county_officer, now=after(101))


@pytest.mark.django_db
def test_each_book_is_kept_on_the_page(incident: Any) -> None:
    officer, page = client_for("duty_officer", "370102"), f"/incidents/{incident}/casebook/"
    assert officer.post(f"{page}cost/", {"cost-kind": "people", "cost-item": "", "cost-amount": "x"}).status_code == 422
    posted = {
        "people": {"state": "missing", "role": "resident"},
        "decisions": {"text": "撤离", "grounds": "开裂"},
        "statements": {"audience": "family", "title": "告家属", "body": "正在搜救"},
        "cost": {"kind": "people", "item": "误工", "amount": "88.00", "standing": "confirmed"},
    }
    for what, values in posted.items():
        answer = officer.post(f"{page}{what}/", {f"{what}-{name}": value for name, value in values.items()})
        assert (answer.status_code, answer.headers.get("Location")) == (302, f"{page}#{what}")
    assert officer.post(f"{page}nothing/").status_code == 404
    statement = Statement.objects.get()
    officer.post(f"/casebook/statements/{statement.pk}/submit/")
    shown = officer.get(page).content.decode()
    for words in ("开裂", "告家属", "88.00", "待另一人审批"):
        assert words in shown
    assert Person.objects.get().number == 1
    assert page in officer.get(f"/incidents/{incident}/").content.decode()
