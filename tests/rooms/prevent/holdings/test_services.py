"""Verbs of the ledger of chemicals against the database: what each keeps, refuses, tells, and what a balance is at every moment."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rooms.prevent.holdings.works import COUNTY, POINT, THERE

from anlan.desk import todo
from anlan.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, Refusal
from anlan.kernel.geo import Point
from anlan.ledger.models import AuditEntry
from anlan.prevent.hazardsources import services as grading
from anlan.prevent.hazardsources.inventory import Line
from anlan.prevent.holdings import door, loading, presenting, queries, recording, refusals, registering, rules, running, searching
from anlan.prevent.holdings.models import Holding, Leg, Load, Movement, Product

pytestmark = pytest.mark.django_db


def wrong(caught):
    """The refusals of an ``Invalid`` by field."""
    return {name: type(why) for name, why in caught.value.fields.items()}


# --- products and places


def test_a_product_takes_its_numbers_from_its_entry_and_gets_one_code(works):
    assert (works.chlorine.chemical_code, works.chlorine.cas, works.chlorine.un) == ("chlorine", "7782-50-5", "1017")
    assert len(works.chlorine.code) == 12 and works.chlorine.code != works.theirs.code
    with pytest.raises(Invalid) as caught:
        registering.register_product(
            works.own.id, chemical="chlorine", name="液氯", specification="99.6%", business="use", phone="1", **works.by()
        )
    assert wrong(caught) == {"name": refusals.ProductTaken}


def test_an_entry_is_chosen_and_never_guessed_from_a_number_of_several(works):
    about = {"business": "use", "phone": "1", **works.by()}
    with pytest.raises(Invalid) as caught:
        registering.register_product(works.own.id, name="7664-39-3", **about)
    assert wrong(caught) == {"chemical": refusals.SeveralEntries}
    with pytest.raises(Invalid) as caught:
        registering.register_product(works.own.id, name="神秘溶剂", **about)
    assert wrong(caught) == {"chemical": refusals.EntryUnknown}
    with pytest.raises(Invalid) as caught:
        registering.register_product(works.own.id, chemical="-", name="神秘溶剂", **about)
    assert wrong(caught) == {"hazards": refusals.OutsideNeedsWords, "measures": refusals.OutsideNeedsWords}
    made = registering.register_product(works.own.id, chemical="-", name="神秘溶剂", hazards="易燃", measures="撤离", **about)
    assert made.chemical_code == ""


def test_the_second_of_two_people_is_told_and_what_still_holds_something_stays_in_use(works):
    works.record("opening", 3)
    with pytest.raises(Conflict):
        registering.change_product(works.chlorine.pk, version=99, phone="2", **works.by())
    for verb, record in ((registering.change_product, works.chlorine), (registering.change_store, works.tank)):
        with pytest.raises(Invalid) as caught:
            verb(record.pk, in_use=False, **works.by())
        assert wrong(caught) == {"in_use": refusals.StillHolds}
    assert registering.change_product(works.chlorine.pk, phone="119", **works.by()).phone == "119"


def test_a_place_stands_where_its_hazard_source_stands_and_what_it_holds_moves_with_it(works):
    assert works.tank.longitude == POINT["longitude"]
    works.record("opening", 3)
    registering.change_store(works.tank.pk, longitude=117.08, latitude=36.667, **works.by())
    assert Holding.objects.get(store=works.tank).longitude == 117.08
    with pytest.raises(Invalid) as caught:
        registering.register_store(works.own.id, code="T1", name="又一罐", kind="tank", **works.by())
    assert wrong(caught) == {"code": refusals.CodeTaken}
    with pytest.raises(Invalid) as caught:
        registering.register_store(works.other.id, code="X", name="罐", kind="tank", source_id=works.source.id, **works.by("receiver"))
    assert wrong(caught) == {"source_id": refusals.OfAnother}


# --- movements and balances


def test_balances_follow_movements_and_moving_between_places_keeps_the_sum(works):
    works.record("opening", 10, hours=9)
    works.record("bought", 2500, unit="kg", hours=8)
    works.record("moved", 4, hours=7, other_store_id=works.shed.pk)
    works.record("used", "1.5", hours=6, store=works.shed)
    assert (works.tonnes(), works.tonnes(works.shed)) == (Decimal("8.5"), Decimal("2.5"))
    assert AuditEntry.objects.filter(action="holdings.record").count() == 4


def test_more_than_is_there_at_that_moment_is_refused_also_when_it_came_later(works):
    works.record("opening", 10, hours=5)
    with pytest.raises(refusals.NotEnough) as caught:
        works.record("used", 11, hours=1)
    assert caught.value.facts["missing"] == "1 t"
    # Written down late: at that moment nothing was there yet.
    with pytest.raises(refusals.NotEnough):
        works.record("used", 1, hours=6)
    # It would take away what was used later.
    works.record("used", 10, hours=1)
    with pytest.raises(refusals.NotEnough):
        works.record("disposed", 1, hours=3)
    assert works.tonnes() == 0 and Movement.objects.count() == 2


def test_a_movement_is_refused_field_by_field(works):
    entry = works.entry("moved", "x", hours=-3, unit="桶", other_store_id=works.tank.pk)
    with pytest.raises(Invalid) as caught:
        recording.record(works.own.id, entry, **works.by())
    assert wrong(caught) == {"quantity": refusals.QuantityWrong, "at": refusals.AheadOfTime, "other_store_id": refusals.OtherStoreNeeded}
    with pytest.raises(refusals.KindUnknown):
        works.record("surplus", 1)
    with pytest.raises(Invalid) as caught:
        works.record("bought", 1, store=works.plant)
    assert wrong(caught) == {"store_id": refusals.OfAnother}
    with pytest.raises(Invalid) as caught:
        works.record("bought", 1, unit="m3")
    assert wrong(caught) == {"density_kg_m3": refusals.DensityNeeded}
    made = works.record("bought", 1, unit="m3", density_kg_m3="1470", density_source="检验单 7")
    assert made.mass_kg == 1470


def test_others_neither_see_nor_write_nor_take_back(works):
    made = works.record("opening", 10)
    for name in ("receiver", "neighbour"):
        with pytest.raises(NotFound):
            queries.movement(made.pk, works.actor(name))
        with pytest.raises(NotPermitted):
            recording.record(works.own.id, works.entry("used", 1), **works.by(name))
    with pytest.raises(NotPermitted):
        recording.reverse(made.pk, reason="错", **works.by("operator"))
    assert works.record("used", 1, by="operator").by_name == works.actor("operator").name


def test_an_entry_is_taken_back_with_a_reason_once_and_every_moment_is_as_before(works):
    works.record("opening", 10, hours=30)
    used = works.record("used", 4, hours=20)
    assert used.late is False
    with pytest.raises(refusals.ReasonNeeded):
        recording.reverse(used.pk, reason=" ", **works.by())
    back = recording.reverse(used.pk, reason="记错罐", **works.by())
    assert works.tonnes() == 10 and back.at == used.at
    assert queries.book_at(works.tank.pk, works.chlorine.pk, used.at) == 10_000
    with pytest.raises(refusals.AlreadyReversed):
        recording.reverse(used.pk, reason="再来", **works.by())
    with pytest.raises(refusals.IsReversal):
        recording.reverse(back.pk, reason="再来", **works.by())


def test_what_came_and_was_used_since_cannot_be_taken_back(works):
    came = works.record("bought", 5, hours=5)
    works.record("used", 5, hours=1)
    with pytest.raises(refusals.NotEnough):
        recording.reverse(came.pk, reason="错", **works.by())
    assert Movement.objects.get(pk=came.pk).reversed_at is None


def test_an_opening_stock_is_the_first_and_stands_once_unless_it_was_taken_back(works):
    first = works.record("opening", 10)
    with pytest.raises(refusals.OpeningTwice):
        works.record("opening", 3)
    recording.reverse(first.pk, reason="期初写错", **works.by())
    assert works.record("opening", 12).mass_kg == 12_000


def test_the_same_number_again_changes_nothing_and_other_content_corrects_in_one_step(works):
    works.record("opening", 10, hours=9)
    entry = works.entry("used", 8, hours=5, external_id="ERP-1")
    made, fresh = recording.record(works.own.id, entry, **works.by())
    again, anew = recording.record(works.own.id, entry, **works.by())
    assert (fresh, anew, again.pk) == (True, False, made.pk)
    # Nine tonnes more beside the eight would be too much; instead of the eight they are not.
    other, fresh = recording.record(works.own.id, works.entry("used", 9, hours=5, external_id="ERP-1"), **works.by())
    assert fresh and works.tonnes() == 1
    assert Movement.objects.get(pk=made.pk).reversed_at is not None and other.reversed_at is None
    with pytest.raises(refusals.NotEnough):
        recording.record(works.own.id, works.entry("used", 11, hours=5, external_id="ERP-1"), **works.by())
    assert works.tonnes() == 1 and Movement.objects.get(pk=other.pk).reversed_at is None


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["bought", "used", "moved", "back"]), st.integers(1, 9), st.integers(1, 20), st.booleans(), st.integers(0, 30)
    ),
    min_size=4,
    max_size=9,
)


@given(DEEDS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sequence_of_accepted_entries_is_ever_below_zero_and_balances_are_sums_of_legs(works, deeds):
    from django.db import transaction

    with transaction.atomic():
        for kind, tonnes, hours, first, which in deeds:
            store, other = (works.tank, works.shed) if first else (works.shed, works.tank)
            try:
                if kind == "back":
                    rows = list(Movement.objects.order_by("created_at", "pk"))
                    if rows:
                        recording.reverse(rows[which % len(rows)].pk, reason="错", **works.by())
                else:
                    works.record(kind, tonnes, hours=hours, store=store, other_store_id=other.pk if kind == "moved" else None)
            except Refusal:
                continue
        for holding in Holding.objects.all():
            steps = list(Leg.objects.filter(store=holding.store, product=holding.product).values_list("at", "mass_kg"))
            assert running.balance(steps) == holding.mass_kg
            assert running.first_shortfall(Decimal(0), steps) is None
        transaction.set_rollback(True)


# --- counts


def test_a_count_that_differs_asks_for_an_explanation_and_changes_no_balance(works):
    works.record("opening", 10, hours=5)
    count = works.record("counted", "9.8", hours=1)
    assert (count.book_kg, count.difference_kg, count.to_explain) == (10_000, -200, True)
    assert works.tonnes() == 10 and works.told("holdings.count") == {"manager"}
    assert any(row.subject == count.pk for row in todo.items(works.actor("manager"), works.clock.now()))
    with pytest.raises(NotPermitted):
        recording.explain(count.pk, reason="损耗", settle=True, **works.by("operator"))
    recording.explain(count.pk, reason="蒸发损耗", settle=True, **works.by())
    assert works.tonnes() == Decimal("9.8")
    settled = Movement.objects.get(settles=count)
    assert (settled.kind, settled.mass_kg) == ("shortfall", 200)
    with pytest.raises(refusals.NothingToExplain):
        recording.explain(count.pk, reason="再说", settle=True, **works.by())
    with pytest.raises(refusals.CountSettled):
        recording.reverse(count.pk, reason="数错", **works.by())
    recording.reverse(settled.pk, reason="原因不对", **works.by())
    count.refresh_from_db()
    assert count.to_explain and works.tonnes() == 10


def test_a_forgotten_entry_closes_the_difference_without_a_settlement(works):
    works.record("opening", 10, hours=9)
    count = works.record("counted", 9, hours=1)
    works.record("used", 1, hours=4)
    assert recording.difference_now(count) == 0
    recording.explain(count.pk, reason="漏记领用，已补登", settle=True, **works.by())
    assert works.tonnes() == 9 and not Movement.objects.filter(settles=count).exists()


def test_a_count_that_agrees_asks_nothing(works):
    works.record("opening", 10)
    assert not works.record("counted", 10_000, unit="kg").to_explain


# --- limits


def test_coming_over_a_limit_is_told_once_and_asks_to_assess_the_unit_anew(works):
    unit = grading.register_unit(works.own.id, code="U", name="液氯单元", kind="storage", source_ids=[works.source.id], **works.by())
    grading.write_inventory(unit.pk, [Line("氯", "7782-50-5", "60", "t")], **works.by())
    grading.assess(unit.pk, assessor="孙工", people=10, **works.by())
    works.record("opening", 4)
    assert works.told("holdings.exceeded") == set()
    works.record("bought", 10)
    assert works.told("holdings.exceeded") == {"manager", "inspector"}
    unit.refresh_from_db()
    assert not unit.to_reassess
    works.record("bought", 50)
    works.told("holdings.exceeded")
    unit.refresh_from_db()
    assert unit.to_reassess
    said = [each.text for each in presenting.limit_warnings(queries.holdings(None))]
    assert len(said) == 2 and "64 t" in said[0] and "60 t" in said[0]


def test_papers_that_are_missing_or_over_are_said(works):
    assert [each.tone for each in presenting.papers(works.chlorine, works.clock.now())] == ["yellow"]
    over = works.clock.now().date() - timedelta(days=1)
    row = registering.change_product(works.chlorine.pk, certificate_number="37A", certificate_until=over, licence_until=over, **works.by())
    assert [each.tone for each in presenting.papers(row, works.clock.now())] == ["red", "red"]


# --- on the road


def test_what_is_sent_waits_for_the_receivers_own_quantity_and_a_difference_is_told_to_both(works):
    works.record("opening", 20, hours=9)
    load = works.send(5)
    assert (works.tonnes(), load.state, load.plate) == (15, rules.ON_ROAD, "鲁A12345")
    assert works.told("holdings.load") == {"receiver"}
    with pytest.raises(NotPermitted):
        loading.receive(load.pk, works.arrival(5), **works.by())
    with pytest.raises(refusals.ReceivedBySender):
        loading.confirm(load.pk, at=works.clock.now(), quantity="5", unit="t", **works.by())
    load = loading.receive(load.pk, works.arrival("4.9"), **works.by("receiver"))
    assert (load.state, load.difference_kg, load.beyond) == (rules.ARRIVED, -100, True)
    assert works.tonnes(works.plant) == Decimal("4.9")
    assert works.told("holdings.load") == {"receiver", "manager", "inspector", "neighbour"}
    with pytest.raises(refusals.LoadNotOnRoad):
        loading.receive(load.pk, works.arrival(5), **works.by("receiver"))
    with pytest.raises(refusals.LoadArrived):
        recording.reverse(load.sent_id, reason="没发", **works.by())


def test_taking_back_the_receipt_puts_the_load_on_the_road_again_and_taking_back_the_sending_ends_it(works):
    works.record("opening", 20, hours=9)
    load = loading.receive(works.send(5).pk, works.arrival(5), **works.by("receiver"))
    assert not load.beyond
    recording.reverse(load.received_id, reason="签错", **works.by("receiver"))
    load.refresh_from_db()
    assert (load.state, load.received_kg, works.tonnes(works.plant)) == (rules.ON_ROAD, None, 0)
    recording.reverse(load.sent_id, reason="没发", **works.by())
    load.refresh_from_db()
    assert (load.state, works.tonnes()) == (rules.CANCELLED, 20)


def test_a_load_to_somebody_unknown_is_confirmed_by_the_sender(works):
    works.record("opening", 20, hours=9)
    load = works.send(5, to=False)
    with pytest.raises(Invalid):
        loading.confirm(load.pk, at=load.departed_at - timedelta(hours=1), quantity="5", unit="t", **works.by())
    load = loading.confirm(load.pk, at=works.clock.now(), quantity="4990", unit="kg", **works.by())
    assert (load.difference_kg, load.beyond, load.received_id) == (-10, False, None)


def test_a_load_is_refused_field_by_field_and_another_chemical_is_not_received(works):
    works.record("opening", 20, hours=9)
    with pytest.raises(Invalid) as caught:
        works.send(5, lasts=-1, to=False, device_id=works.own.id)
    assert wrong(caught) == {"expected_at": refusals.ArrivesBeforeItLeaves, "device_id": refusals.NoTerminal}
    ammonia = registering.register_product(works.other.id, chemical="ammonia", business="use", phone="1", **works.by("receiver"))
    entry = works.arrival(5)
    with pytest.raises(Invalid) as caught:
        loading.receive(works.send(5).pk, type(entry)(**{**vars(entry), "product_id": ammonia.pk}), **works.by("receiver"))
    assert wrong(caught) == {"product_id": refusals.ChemicalDiffers}


def test_a_load_that_does_not_arrive_is_told_once_to_both_and_their_bureaus(works):
    works.record("opening", 20, hours=9)
    load = works.send(5, hours=6, lasts=3)
    assert loading.tell_overdue(works.clock.now()) == 1
    assert loading.tell_overdue(works.clock.now()) == 0
    load.refresh_from_db()
    assert load.overdue and works.told("holdings.load") == {"receiver", "manager", "inspector", "neighbour"}


def test_the_trucks_position_is_kept_for_map_and_search_and_not_one_from_before_it_left(works, monkeypatch):
    from anlan.prevent.holdings import positions

    works.record("opening", 20, hours=9)
    load = works.send(5)
    seen = positions.Position(117.02, 36.66, works.clock.now())
    early = positions.Position(117.0, 36.6, load.departed_at - timedelta(hours=1))
    key = works.own.id
    rows = [Load(pk=load.pk, device_id=key, departed_at=load.departed_at, position_at=None)]
    monkeypatch.setattr(loading, "_travelling", lambda: rows)
    monkeypatch.setattr(positions, "newest", lambda ids: {key: early})
    assert loading.follow_trucks(works.clock.now()) == 0
    monkeypatch.setattr(positions, "newest", lambda ids: {key: seen})
    assert loading.follow_trucks(works.clock.now()) == 1
    load.refresh_from_db()
    assert (load.open_longitude, load.open_latitude) == (117.02, 36.66)


# --- where is it


def found(works, text, *, km=30, tonnes=0, per_place=False, by="inspector", centre=POINT):
    return searching.where(
        text,
        centre=Point(centre["longitude"], centre["latitude"]),
        radius_m=km * 1000,
        least_kg=Decimal(tonnes) * 1000,
        per_place=per_place,
        actor=works.actor(by),
    )


def test_all_chlorine_over_five_tonnes_within_thirty_kilometres(works):
    works.record("opening", 4, hours=9)
    works.record("opening", 3, hours=9, store=works.shed)
    near = found(works, "液氯", tonnes=5)
    assert [(each.name, each.mass_kg) for each in near.holders] == [("示范化工有限公司", 7000)]
    assert found(works, "UN1017", tonnes=5).holders and found(works, "7782-50-5", tonnes=5).holders
    assert found(works, "氯", tonnes=5, per_place=True).holders == []
    assert found(works, "氯", km=2, centre=THERE).holders == []
    assert found(works, "氨").holders == []
    assert found(works, "氯", by="neighbour").holders == []


def test_moving_loads_are_found_by_both_sides_also_without_a_position(works):
    works.record("opening", 20, hours=9)
    load = works.send(5)
    for name in ("inspector", "neighbour"):
        assert [(row.load.pk, row.distance_m) for row in found(works, "氯", by=name).loads] == [(load.pk, None)]
    assert found(works, "氯", by="duty").loads == []
    Load.objects.filter(pk=load.pk).update(open_longitude=THERE["longitude"], open_latitude=THERE["latitude"])
    assert found(works, "氯", km=1).loads == []
    assert 7000 < found(works, "氯", km=20).loads[0].distance_m < 8500


def test_what_the_catalogue_does_not_hold_is_found_by_its_own_name(works):
    made = registering.register_product(
        works.own.id, chemical="-", name="神秘溶剂", hazards="易燃", measures="撤离", business="use", phone="1", **works.by()
    )
    works.record("opening", 2, product_id=made.pk)
    assert found(works, "神秘").mass_kg == 2000


def test_other_rooms_ask_by_the_door(works):
    works.record("opening", 4)
    assert [(row.store, row.mass_kg) for row in door.stock_of(works.own.id)] == [("1#罐", 4000)]
    assert door.stock_of_source(works.source.id)[0].product == "液氯 99.6%"
    assert door.stock_of(works.own.id, works.actor("neighbour")) == ()
    assert Product.objects.filter(place_code=COUNTY).count() == 1
