"""Verbs of major hazard units against the database: what each keeps, refuses, raises, tells, and writes to the register."""

import json
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.rooms.prevent.hazardsources.plant import COUNTY, WORKED

from anlan.desk import todo
from anlan.ground.population import door as population
from anlan.ground.risksources import door as risksources
from anlan.kernel.access import system_actor
from anlan.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from anlan.kernel.flow import FourEyes, MissingFields, ReasonRequired, WrongState
from anlan.ledger.events import deliver_pending
from anlan.ledger.models import AuditEntry, Clock, ClockState
from anlan.prevent.hazardsources import door, filing, hearing, queries, reassessing, refusals, rules, services, surroundings
from anlan.prevent.hazardsources.inventory import Line
from anlan.prevent.hazardsources.models import Assessment, Filing, InventoryVersion, Reassessment

pytestmark = pytest.mark.django_db
LESS = [Line("氯", "7782-50-5", "10", "t")]
MORE = [Line("氯", "7782-50-5", "100", "t"), Line("氨", "7664-41-7", "20", "t")]


def register(plant):
    """What the register says of both tanks now."""
    return [(row.is_major, row.major_level) for row in risksources.risk_sources(row.id for row in plant.tanks).values()]


def open_triggers(unit):
    return {row.trigger for row in queries.open_reassessments(unit.pk)}


# --- the unit and its inventory


def test_a_unit_stands_where_its_hazard_source_stands_and_its_code_is_taken_once(plant):
    unit = plant.unit()
    assert (unit.longitude, unit.place_code, unit.is_major) == (117.0765, COUNTY, None)
    with pytest.raises(Invalid) as caught:
        plant.unit(source_ids=[])
    assert type(caught.value.fields["code"]) is refusals.CodeTaken


def test_a_hazard_source_belongs_to_one_unit_of_its_own_enterprise(plant):
    plant.unit()
    with pytest.raises(refusals.SourceInAnotherUnit):
        plant.unit(code="U-2")
    with pytest.raises(refusals.SourceOfAnother):
        services.register_unit(plant.other.id, code="X", name="X", kind="storage", source_ids=[plant.tanks[0].id], **plant.by("rival"))


def test_a_unit_needs_name_code_kind_and_a_point_in_its_county(plant):
    with pytest.raises(Invalid) as caught:
        plant.unit(name=" ", code="", kind="pile", longitude="abc", latitude="36.6")
    assert set(caught.value.fields) == {"name", "code", "kind", "longitude"}


def test_others_neither_see_nor_touch_a_unit(plant):
    unit = plant.filled()
    for name in ("rival", "neighbour"):
        with pytest.raises(NotFound):
            queries.unit(unit.pk, plant.actor(name))
        with pytest.raises(NotPermitted):
            services.write_inventory(unit.pk, LESS, **plant.by(name))
        with pytest.raises(NotPermitted):
            services.assess(unit.pk, assessor="孙工", people=0, **plant.by(name))
    with pytest.raises(NotPermitted):
        services.write_inventory(unit.pk, LESS, **plant.by("operator"))


def test_the_same_inventory_again_changes_nothing_and_other_lines_make_a_version(plant):
    unit = plant.filled()
    version, fresh = services.write_inventory(unit.pk, [*WORKED, Line(unit="t")], **plant.by("manager"))
    assert (version.number, fresh) == (1, False)
    version, fresh = services.write_inventory(unit.pk, LESS, seen=1, **plant.by("manager"))
    assert (version.number, fresh) == (2, True)
    with pytest.raises(Conflict):
        services.write_inventory(unit.pk, MORE, seen=1, **plant.by("principal") | {"actor": plant.actor("manager")})
    with pytest.raises(refusals.TooManyLines):
        services.write_inventory(unit.pk, LESS * 201, **plant.by("manager"))


def test_wrong_lines_are_kept_beside_good_ones_and_hold_up_the_assessment(plant):
    unit = plant.filled([WORKED[0], Line("氨", "", "-1", "t"), Line("硝化纤维素", "9004-70-0", "1", "t")])
    assert len(queries.lines_of(queries.newest_inventory(unit.pk))) == 3
    with pytest.raises(refusals.InventoryIncomplete) as caught:
        services.assess(unit.pk, assessor="孙工", people=0, **plant.by("manager"))
    assert caught.value.facts["lines"] == "2、3"
    assert not Assessment.objects.exists()


def test_inventories_and_assessments_never_change(plant):
    _unit, row = plant.assessed()
    for change in (
        lambda: InventoryVersion.objects.update(note="x"),
        lambda: Assessment.objects.filter(pk=row.pk).update(level=4),
        lambda: Assessment.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises((IntegrityError, Exception)) as caught, transaction.atomic():
            change()
        assert "never changed" in str(caught.value) or "protected" in str(caught.value).lower()


# --- the assessment


def test_the_worked_check_is_kept_with_every_step_and_written_to_the_register(plant):
    unit, row = plant.assessed()
    assert (str(row.s), str(row.r), row.level, row.next_due_on) == ("4.0000", "18.0000", 3, date(2029, 11, 22))
    assert [step["product"] for step in row.sheet["steps"]] == ["8.0000", "4.0000"]
    assert (unit.is_major, unit.major_level, unit.filing_state) == (True, 3, "draft")
    assert register(plant) == [(True, 3), (True, 3)]
    assert AuditEntry.objects.filter(action="hazardsources.assess", subject_id=str(unit.pk)).exists()


def test_what_cannot_be_assessed_says_what_is_missing(plant):
    empty = plant.unit()
    with pytest.raises(refusals.InventoryEmpty):
        services.assess(empty.pk, assessor="孙工", people=0, **plant.by("manager"))
    bare = plant.unit(code="U-2", source_ids=[])
    services.write_inventory(bare.pk, WORKED, **plant.by("manager"))
    with pytest.raises(refusals.NoSources):
        services.assess(bare.pk, assessor="孙工", people=0, **plant.by("manager"))
    services.write_inventory(empty.pk, WORKED, **plant.by("manager"))
    with pytest.raises(refusals.PeopleWrong):
        services.assess(empty.pk, assessor="孙工", people=-1, **plant.by("manager"))
    with pytest.raises(Invalid):
        services.assess(empty.pk, assessor=" ", people=0, **plant.by("manager"))


def test_another_level_is_told_to_the_enterprise_and_its_bureau(plant):
    unit, _ = plant.assessed()
    assert plant.told("hazardsources.regraded") == {"manager", "principal", "inspector"}
    services.write_inventory(unit.pk, MORE, **plant.by("manager"))
    unit, row = plant.again(unit)
    assert (row.level, row.number) == (1, 2)
    assert register(plant) == [(True, 1), (True, 1)]


def test_a_small_unit_is_no_major_hazard_source_and_gets_no_filing(plant):
    unit = plant.filled([Line("氯", "", "1", "t")])
    unit, row = plant.again(unit)
    assert (row.is_major, row.level, unit.filing_state) == (False, None, "")
    assert register(plant) == [(False, None), (False, None)]


# --- assessing anew


def test_another_inventory_after_the_assessment_asks_to_assess_anew_with_a_trial(plant):
    unit, _ = plant.assessed()
    services.write_inventory(unit.pk, MORE, **plant.by("manager"))
    (row,) = queries.open_reassessments(unit.pk)
    assert (row.trigger, row.trial["level"], row.automatic) == ("inventory", 1, True)
    assert "氯 10 t → 100 t" in reassessing.said(row, str)
    unit.refresh_from_db()
    assert (unit.to_reassess, unit.major_level) == (True, 3)
    assert plant.told("hazardsources.reassess") == {"manager", "principal", "inspector"}
    waiting = [item for item in todo.items(plant.actor("manager"), plant.clock.now()) if item.subject == unit.pk]
    assert len(waiting) == 1
    plant.again(unit)
    assert not open_triggers(unit)


def test_a_change_in_the_register_asks_to_assess_anew_and_a_level_typed_there_is_put_right(plant):
    unit, _ = plant.assessed()
    deliver_pending()
    risksources.change_risk_source(plant.tanks[0].id, design_max_t=50, **plant.by("manager"))
    deliver_pending()
    assert open_triggers(unit) == {"inventory"}
    risksources.change_risk_source(plant.tanks[1].id, major_level=1, major_basis="手工", **plant.by("manager"))
    deliver_pending()
    assert register(plant) == [(True, 3), (True, 3)]


def test_people_declare_an_occasion_once_with_words(plant):
    unit, _ = plant.assessed()
    reassessing.declare(unit.pk, trigger="rebuilt", reason="扩建二期", **plant.by("principal"))
    reassessing.declare(unit.pk, trigger="rebuilt", reason="扩建二期", **plant.by("inspector"))
    assert Reassessment.objects.count() == 1
    with pytest.raises(Invalid) as caught:
        reassessing.declare(unit.pk, trigger="three_years", reason=" ", **plant.by("inspector"))
    assert set(caught.value.fields) == {"trigger", "reason"}
    with pytest.raises(NotPermitted):
        reassessing.declare(unit.pk, trigger="rebuilt", reason="x", **plant.by("operator"))


def test_an_accident_asks_for_every_major_unit_of_the_enterprise(plant):
    unit, _ = plant.assessed()
    told = door.note_accident(plant.enterprise.id, reason="液氯泄漏，1人死亡", **plant.by("inspector"))
    assert [row.id for row in told] == [unit.pk]
    assert open_triggers(unit) == {"accident"}


def test_three_years_later_the_sweep_asks_once(plant):
    unit, row = plant.assessed()
    plant.clock.advance(days=(row.next_due_on - date(2026, 11, 22)).days - 1)
    assert reassessing.sweep(plant.clock.now()) == 0
    assert any(item.subject == unit.pk for item in todo.items(plant.actor("manager"), plant.clock.now()))
    plant.clock.advance(days=1)
    assert (reassessing.sweep(plant.clock.now()), reassessing.sweep(plant.clock.now())) == (1, 0)
    assert open_triggers(unit) == {"three_years"}


def counted(plant, people):
    """A census: so many people in the whole county, all of them at a point about 300 m east of the plant."""
    point = {"type": "Point", "coordinates": [117.0765 + 0.0033, 36.6665]}
    row = {"type": "Feature", "geometry": point, "properties": {"name": "东村", "population": people}}
    for kind, content in (
        ("figures", f"code,population\n{COUNTY},{people}\n"),
        ("points", json.dumps({"type": "FeatureCollection", "features": [row]})),
    ):
        population.import_population(
            content.encode(),
            kind=kind,
            name="普查",
            year=2026,
            source="街道普查",
            place_code=COUNTY,
            status="verified",
            actor=system_actor("tests"),
            now=plant.clock.now(),
        )
    deliver_pending()


def test_people_are_estimated_from_a_census_and_another_one_that_changes_alpha_asks_to_assess_anew(plant):
    counted(plant, 40)
    unit = plant.filled()
    row = services.assess(unit.pk, assessor="孙工", **plant.by("manager"))
    assert (row.people_source, row.people_basis["outline"], row.sheet["alpha"]) == ("estimated", "circle", "1.2")
    plant.clock.advance(hours=1)
    counted(plant, 45)
    assert not open_triggers(unit)
    plant.clock.advance(hours=1)
    counted(plant, 400)
    assert open_triggers(unit) == {"surroundings"}
    assert queries.open_reassessments(unit.pk).get().trial["people"] >= 100


def test_a_census_is_compared_with_the_estimate_beside_a_surveyed_number(plant):
    counted(plant, 40)
    unit, row = plant.assessed(people=0)
    assert row.people == 0 and 30 <= row.people_basis["estimated"] <= 49
    plant.clock.advance(hours=1)
    counted(plant, 42)
    assert not open_triggers(unit)


def test_where_nobody_counted_people_must_be_typed_unless_more_change_nothing(plant, monkeypatch):
    unit = plant.filled()

    def answer(total):
        found = population.PeopleInside(total=total, by_place=(), method=(), night=True, unknown=("370112",))
        monkeypatch.setattr(surroundings.population, "people_in", lambda area, **_more: found)

    answer(99.0)
    with pytest.raises(refusals.PeopleNotKnown):
        services.assess(unit.pk, assessor="孙工", **plant.by("manager"))
    answer(99.2)
    assert services.assess(unit.pk, assessor="孙工", **plant.by("manager")).people == 100


def test_the_ring_reaches_500_metres_from_the_point_without_a_boundary(plant):
    unit = plant.unit()
    kind, area = surroundings.ring(unit, plant.clock.now())
    assert kind == rules.BY_CIRCLE
    ring = area[0][0]
    east, north = max(x for x, _ in ring) - 117.0765, max(y for _, y in ring) - 36.6665
    assert abs(north * 111_195 - 500) < 2
    assert abs(east * 111_195 * 0.8021 - 500) < 3


# --- the filing


def test_a_filing_goes_from_assessment_to_acceptance_and_cancellation(plant):
    unit, _ = plant.assessed()
    case = Filing.objects.get(unit=unit)
    clock = Clock.objects.get(subject_id=case.pk)
    assert (clock.rule_code, (clock.until - plant.clock.now()) > timedelta(days=14)) == ("hazard_file", True)
    with pytest.raises(MissingFields):
        filing.submit(case.pk, contact_name="", contact_phone="1", **plant.by("manager"))
    with pytest.raises(WrongState):
        filing.accept(case.pk, receipt_number="1", **plant.by("inspector"))
    filing.submit(case.pk, contact_name="王安", contact_phone="0531-1", **plant.by("manager"))
    clock.refresh_from_db()
    assert clock.state == ClockState.MET
    assert plant.told("hazardsources.filing") == {"inspector"}
    with pytest.raises(NotPermitted):
        filing.accept(case.pk, receipt_number="1", **plant.by("manager"))
    with pytest.raises(MissingFields):
        filing.accept(case.pk, receipt_number=" ", **plant.by("inspector"))
    with pytest.raises(ReasonRequired):
        filing.decide(case.pk, "return", **plant.by("inspector"))
    filing.decide(case.pk, "return", reason="缺评估报告", **plant.by("inspector"))
    filing.submit(case.pk, contact_name="王安", contact_phone="0531-1", **plant.by("manager"))
    filing.accept(case.pk, receipt_number="鲁历备2026-1", **plant.by("inspector"))
    unit.refresh_from_db()
    case.refresh_from_db()
    assert (unit.filing_state, case.answers[0]["principal"]) == ("accepted", "王安")
    for name in ("manager", "inspector"):
        assert not [item for item in todo.items(plant.actor(name), plant.clock.now()) if item.subject == case.pk]
    filing.decide(case.pk, "ask_cancel", reason="停产拆除", **plant.by("manager"))
    assert Clock.objects.get(subject_id=case.pk, state=ClockState.RUNNING).rule_code == "hazard_cancel_review"
    filing.decide(case.pk, "cancel", **plant.by("inspector"))
    unit.refresh_from_db()
    assert unit.filing_state == "cancelled"
    assert not Clock.objects.filter(subject_id=case.pk, state=ClockState.RUNNING).exists()


def test_nobody_accepts_what_he_sent_himself(plant):
    unit, _ = plant.assessed()
    case = Filing.objects.get(unit=unit)
    filing.submit(case.pk, contact_name="王安", contact_phone="0531-1", **plant.by("manager"))
    Filing.objects.filter(pk=case.pk).update(submitted_by_id=plant.actor("inspector").account_id)
    with pytest.raises(FourEyes):
        filing.accept(case.pk, receipt_number="1", **plant.by("inspector"))


def test_a_filing_waits_for_the_responsible_three_and_for_what_asks_to_assess_anew(plant):
    unit, _ = plant.assessed()
    case = Filing.objects.get(unit=unit)
    risksources.change_risk_source(plant.tanks[0].id, technical_name="", **plant.by("manager"))
    with pytest.raises(refusals.AnswersMissing):
        filing.submit(case.pk, contact_name="王安", contact_phone="1", **plant.by("manager"))
    reassessing.declare(unit.pk, trigger="rebuilt", reason="扩建", **plant.by("manager"))
    with pytest.raises(refusals.ReassessFirst):
        filing.submit(case.pk, contact_name="王安", contact_phone="1", **plant.by("manager"))


def test_an_assessment_after_sending_brings_the_filing_back_and_a_newer_one_replaces_the_accepted(plant):
    unit, _ = plant.assessed()
    first = Filing.objects.get(unit=unit)
    filing.submit(first.pk, contact_name="王安", contact_phone="1", **plant.by("manager"))
    plant.clock.advance(hours=1)
    unit, row = plant.again(unit)
    first.refresh_from_db()
    assert (first.state, first.assessment_id) == ("draft", row.pk)
    assert Clock.objects.filter(subject_id=first.pk, state=ClockState.RUNNING).count() == 1
    filing.submit(first.pk, contact_name="王安", contact_phone="1", **plant.by("manager"))
    filing.accept(first.pk, receipt_number="1", **plant.by("inspector"))
    plant.clock.advance(days=400)
    unit, row = plant.again(unit, 200)
    second = Filing.objects.get(unit=unit, state="draft")
    filing.submit(second.pk, contact_name="王安", contact_phone="1", **plant.by("manager"))
    filing.accept(second.pk, receipt_number="2", **plant.by("inspector"))
    first.refresh_from_db()
    assert first.state == "replaced"


def test_hearing_twice_tells_nobody_twice(plant):
    unit, _ = plant.assessed()
    event = risksources.RiskSourceChanged(subject_id=plant.tanks[0].id, place_code=COUNTY, at=plant.clock.now(), changed=("design_max_t",))
    hearing.follow_register(event)
    hearing.follow_register(event)
    assert Reassessment.objects.filter(unit=unit).count() == 1
