"""Occupational health: limits, results over them, examinations that are due, and what is never kept."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts import actor_of, client_of, make_account

from anlan.desk import todo
from anlan.desk.models import Notification
from anlan.ground.enterprises import door as enterprises
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Invalid, NotPermitted, Refusal
from anlan.ledger.events import deliver_pending
from anlan.prevent.health import queries, rules, services
from anlan.prevent.health.models import Examination, Exposure, Result

COUNTY = "370102"


class Works:
    """A works with chlorine in its electrolysis hall, and who acts."""

    def __init__(self, clock):
        self.clock = clock
        self.enterprise, self.other = (
            enterprises.register_enterprise(
                uscc=enterprises.complete_credit_code(number),
                name=name,
                place_code=COUNTY,
                longitude=117.0765,
                latitude=36.6665,
                actor=system_actor("tests"),
                now=clock.now(),
            )
            for number, name in (("91370102MA00000A0", "示范化工有限公司"), ("91370102MA0000001", "另一化工有限公司"))
        )
        own = {"enterprise_id": self.enterprise.id}
        self.accounts = {
            "manager": make_account("manager", "enterprise_manager", COUNTY, **own),
            "operator": make_account("operator", "enterprise_operator", COUNTY, **own),
            "rival": make_account("rival", "enterprise_manager", COUNTY, enterprise_id=self.other.id),
            "inspector": make_account("inspector", "inspector", COUNTY),
        }
        self.factor = services.register_exposure(
            workplace="电解厂房", category="chemical", factor="氯气", chemical_code="chlorine", people=12, **self.by()
        )

    def by(self, name="manager"):
        return {"actor": actor_of(self.accounts[name]), "now": self.clock.now()}

    def browser(self, name="manager"):
        return client_of(self.accounts[name])

    def result(self, value, **more):
        told = {"exposure_id": str(self.factor.pk), "measured_on": date(2026, 11, 1), "limit_kind": "MAC", "unit": "mg/m3"}
        return services.record_result(**(told | {"value": Decimal(value)} | more), **self.by())

    def told(self, event):
        deliver_pending()
        names = {account.pk: name for name, account in self.accounts.items()}
        return {names[pk] for pk in Notification.objects.filter(event=event).values_list("account_id", flat=True)}


@pytest.fixture
def works(jinan_places, clock):
    return Works(clock)


def wrong(caught):
    return {name: type(why) for name, why in caught.value.fields.items()}


# --- pure


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(1, 60))
def test_a_period_ends_in_the_month_it_says_and_never_past_its_end(day, months):
    found = rules.months_after(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found.day < day.day and (found + timedelta(days=1)).day == 1)


def test_a_result_that_equals_its_limit_is_not_over_it():
    assert not rules.over(Decimal(1), Decimal(1)) and rules.over(Decimal("1.0001"), Decimal(1)) and not rules.over(Decimal(9), None)


def test_limits_of_work_come_from_the_catalogue_with_source_and_status_and_periods_are_marked_unverified():
    value, source, status = queries.known_limit("chlorine", "MAC", "mg/m³")
    assert value == 1 and source and status in ("secondary", "unverified")
    assert queries.known_limit("chlorine", "MAC", "ppm") is None and queries.known_limit("", "MAC", "mg/m³") is None
    assert {row.status for row in rules.parameters()} == {"unverified"}


@pytest.mark.parametrize("cell", ["x", "-1", "nan", "1e99"])
def test_what_is_no_figure_is_refused(cell):
    with pytest.raises(rules.FieldWrong):
        rules.figure(cell)


# --- factors and results


@pytest.mark.django_db
def test_a_factor_stands_once_at_a_workplace_and_only_its_enterprise_writes_it(works):
    with pytest.raises(Invalid) as caught:
        services.register_exposure(workplace=" 电解厂房 ", category="chemical", factor="氯气", people=1, **works.by())
    assert wrong(caught) == {"factor": rules.FactorTaken}
    for name, refusal in (("inspector", rules.EnterpriseOnly), ("operator", NotPermitted)):
        with pytest.raises(refusal):
            services.register_exposure(workplace="x", category="dust", factor="y", people=1, **works.by(name))
    changed = services.change_exposure(
        works.factor.pk, workplace="电解厂房", category="chemical", factor="氯气", chemical_code="chlorine", people=9, **works.by()
    )
    assert changed.people == 9
    assert list(queries.exposures(works.by("rival")["actor"])) == []


@pytest.mark.django_db
def test_a_result_over_its_limit_is_told_and_shown_and_offers_a_hidden_danger(works):
    made = works.result("1.2")
    assert (made.over, made.limit_value, made.limit_source, made.unit) == (True, 1, "data", "mg/m³")
    assert works.told("health.over_limit") == {"manager", "inspector"}
    page = works.browser().get(reverse("desk:health-results-detail", args=[made.pk])).content.decode()
    assert "转隐患" in page and reverse("dangers:report") in page
    works.factor.refresh_from_db()
    assert works.factor.last_over and works.factor.last_measured == date(2026, 11, 1)
    assert (
        "最近一次检测超过限值" in works.browser("inspector").get(reverse("enterprises:file", args=[works.enterprise.id])).content.decode()
    )
    works.result("0.4", measured_on=date(2026, 11, 10))
    works.factor.refresh_from_db()
    assert not works.factor.last_over


@pytest.mark.django_db
def test_without_a_limit_in_the_data_one_is_typed_with_its_basis_and_marked(works):
    for more, refused in (
        ({"limit_kind": "OWN"}, {"limit_value": rules.LimitNeeded}),
        ({"limit_value": Decimal(2)}, {"limit_basis": rules.LimitWithoutBasis}),
        ({"measured_on": date(2027, 1, 1)}, {"measured_on": rules.InFuture}),
        ({"exposure_id": str(works.other.id)}, {"exposure_id": rules.OfAnother, "limit_value": rules.LimitNeeded}),
    ):
        with pytest.raises(Invalid) as caught:
            works.result("1", **more)
        assert wrong(caught) == refused, more
    made = works.result("1.5", limit_value=Decimal(2), limit_basis="企业内控标准 Q/1")
    assert (made.over, made.limit_source, made.limit_status) == (False, "entered", "unverified")
    assert Result.objects.count() == 1


# --- examinations


@pytest.mark.django_db
def test_an_examination_is_due_done_and_followed_by_the_next_and_keeps_no_result(works):
    row = services.plan_examination(
        worker="A-01", people=1, kind="pre_job", due_on=date(2026, 11, 1), exposure_id=str(works.factor.pk), **works.by()
    )
    assert services.tell_overdue(works.clock.now()) == 1 and services.tell_overdue(works.clock.now()) == 0
    assert works.told("health.overdue") == {"manager"}
    assert any(each.subject == row.pk and each.overdue for each in todo.items(works.by()["actor"], works.clock.now()))
    assert queries.overdue_count(works.enterprise.id, date(2026, 11, 22)) == 1
    with pytest.raises(Invalid):
        services.complete_examination(row.pk, done_on=date(2027, 1, 1), **works.by())
    services.complete_examination(row.pk, done_on=date(2026, 11, 20), follow_up=True, **works.by())
    following = Examination.objects.get(is_done=False)
    assert (following.kind, following.due_on) == ("on_job", date(2027, 11, 20))
    with pytest.raises(rules.Done):
        services.complete_examination(row.pk, done_on=date(2026, 11, 20), **works.by())
    leaving = services.plan_examination(worker="A-02", people=1, kind="leaving", due_on=date(2026, 12, 1), **works.by())
    services.complete_examination(leaving.pk, done_on=date(2026, 11, 20), **works.by())
    assert Examination.objects.filter(is_done=False).count() == 1
    kept = {field.name for field in Examination._meta.get_fields()}
    assert not kept & {"result", "diagnosis", "finding", "name", "identity_number"}


@pytest.mark.django_db
def test_who_is_examined_is_seen_by_the_enterprise_and_read_by_inspectors(works):
    services.plan_examination(worker="A-01", people=1, kind="on_job", due_on=date(2026, 11, 1), **works.by())
    address = reverse("desk:health-examinations-list")
    assert "A-01" in works.browser().get(address).content.decode()
    assert "A-01" not in works.browser("rival").get(address).content.decode()
    assert works.browser("operator").get(address).status_code == 403
    inspector = works.browser("inspector")
    assert "A-01" in inspector.get(address).content.decode()
    assert inspector.get(reverse("desk:health-examinations-create")).status_code == 403
    page = works.browser("inspector").get(reverse("enterprises:file", args=[works.enterprise.id])).content.decode()
    assert "1 人次职业健康检查逾期未做" in page and "A-01" not in page


@pytest.mark.django_db
def test_forms_and_spreadsheets_take_the_same_refusals(works):
    browser = works.browser()
    sent = {"workplace": "包装间", "category": "dust", "factor": "粉尘", "people": "4"}
    assert browser.post(reverse("desk:health-factors-create"), sent).status_code == 302
    dust = Exposure.objects.get(factor="粉尘")
    result = {"exposure_id": str(dust.pk), "measured_on": "2026-11-02", "limit_kind": "PC-TWA", "value": "5", "unit": "mg/m³"}
    answer = browser.post(reverse("desk:health-results-create"), result)
    assert answer.status_code == 422 and "请填写限值和依据" in answer.content.decode()
    rows = [
        {
            "workplace": "包装间",
            "factor": "粉尘",
            "measured_on": date(2026, 11, 2),
            "limit_kind": "PC-TWA",
            "value": Decimal(5),
            "unit": "mg/m³",
        },
        {
            "workplace": "包装间",
            "factor": "噪声",
            "measured_on": date(2026, 11, 2),
            "limit_kind": "OWN",
            "value": Decimal(5),
            "unit": "dB(A)",
        },
    ]
    found = services.resolve_results(rows, **works.by())
    assert {index: type(why) for index, (_name, why) in found.items()} == {0: rules.LimitNeeded, 1: rules.FactorUnknown}
    good = [rows[0] | {"limit_value": Decimal(8), "limit_basis": "GBZ 2.1 表2"}]
    assert services.resolve_results(good, **works.by()) == {} and services.import_results(good, **works.by()) == 1
    due = [{"worker": "B-1", "people": 3, "kind": "on_job", "due_on": date(2026, 12, 1), "workplace": "包装间", "factor": "粉尘"}]
    assert services.resolve_examinations(due, **works.by()) == {} and services.import_examinations(due, **works.by()) == 1
    assert issubclass(type(services.resolve_examinations([due[0] | {"factor": "噪声"}], **works.by())[0][1]), Refusal)
