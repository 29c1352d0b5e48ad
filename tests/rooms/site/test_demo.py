"""The demonstration: plausible signals, a world that the rooms accept, a drill that anybody may run, and nothing of it outside demo mode."""

import json
import random
from datetime import timedelta

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc
from tests.accounts import client_of
from tests.rooms.site.small_world import built

from anlan.ground.enterprises import door as enterprises
from anlan.ground.enterprises import onboarding
from anlan.ground.enterprises.models import Certificate, EnterpriseContact, Invitation
from anlan.ground.packs.models import SectorFacts
from anlan.ground.people.models import Account
from anlan.ground.risksources import intake
from anlan.kernel.access import system_actor
from anlan.ledger import audit
from anlan.prevent.dangers import rules as danger_rules
from anlan.prevent.dangers.models import Danger
from anlan.prevent.holdings.models import Holding, Leg
from anlan.prevent.risks.models import RiskObject
from anlan.sense.devices import door as devices
from anlan.sense.devices import rules as device_rules
from anlan.site.demo import bulk, cast, drill, names, registers, signals, simulator, trades, world
from anlan.site.demo import dangers as demo_dangers
from anlan.site.demo.models import DemoWorld, Drill
from anlan.wire import readings

EVERY_TRADE = (*trades.TRADES, trades.PLANT)
HAZARDS = [(trade.code, hazard) for trade in EVERY_TRADE for hazard in trade.hazards]
WHOLE = ("chemical", "storage", "cold", "coal", "pond", "food", "grain")
"""Trades of which the small world has one enterprise each: with and without packs, criteria, a ledger of chemicals, special works."""
WAVE = signals.Wave(base=20.0, noise=0.5, daily=2.0, drift=1.0, low=0.0, high=100.0, seed=7)


@pytest.mark.parametrize(("trade", "hazard"), HAZARDS, ids=[f"{trade}-{hazard.code}" for trade, hazard in HAZARDS])
def test_every_hazard_source_of_the_demonstration_is_one_that_the_rooms_accept(trade, hazard):
    intake.attributes(hazard.kind, hazard.attributes)
    for equipment in hazard.equipment:
        assert equipment.device_class in device_rules.DEVICE_CLASSES
        for point in equipment.points:
            known = devices.sensor_class(point.sensor_class)
            assert known is not None, point.sensor_class
            low = point.low if point.low is not None else known.plausible_low
            high = point.high if point.high is not None else known.plausible_high
            device_rules.checked_limits(world._limits(point.limits), low, high)


def test_no_instrument_alarms_while_nothing_happens():
    points = [point for _trade, hazard in HAZARDS for equipment in hazard.equipment for point in equipment.points]
    waves = [signals.Wave(p.base, p.noise, p.daily, p.drift, -1e9, 1e9, number) for number, p in enumerate(points)]
    day = np.array([signals.Signals(waves).read(t) for t in range(0, 86_400, 600)])
    for point, lowest, highest in zip(points, day.min(axis=0), day.max(axis=0), strict=True):
        for kind, limit in point.limits.items():
            assert (highest < limit) if kind in {"H", "HH"} else (lowest > limit), (point.code, kind)


@given(st.integers(0, 2_000_000_000))
def test_a_signal_is_the_same_at_the_same_second_and_stays_in_range(t):
    first, second = signals.Signals([WAVE]).read(t)[0], signals.Signals([WAVE]).read(t)[0]
    assert first == second
    assert 0.0 <= first <= 100.0


@given(st.floats(0, 1_000), st.floats(1, 100), st.floats(0, 100))
def test_a_fault_comes_and_goes_and_never_overshoots(start, rise, hold):
    fault = signals.Fault(0, start, rise, hold, 60.0)
    assert signals.pull(fault, start - 1) == 0
    assert signals.pull(fault, fault.end_s + 1) == 0
    for share in (signals.pull(fault, start + k * (fault.end_s - start) / 20) for k in range(21)):
        assert 0.0 <= share <= 1.0 + 1e-9


@given(st.integers(0, 2_000_000_000))
def test_a_scripted_fault_that_began_is_seen_to_its_end(t):
    picked = signals.scheduled([(0, 30.0), (1, 40.0)], t)
    assert len(picked) == 2
    assert all(fault.end_s - fault.start_s < 900 for fault in picked)


def test_the_release_passes_both_limits_within_ten_seconds_and_falls_when_capped():
    (gas,) = {p.code: p.limits for h in trades.PLANT.hazards for e in h.equipment for p in e.points if p.code == "G3"}.values()
    assert signals.released("G3", 10, None) > gas["HH"]
    assert signals.released("G3", 600, 590) < signals.released("G3", 600, 10)
    assert signals.released("G3", 4_000, 3_000) < gas["H"]
    assert signals.released("WS", 10, None) is None


@given(st.integers(0, 99_999))
def test_every_invented_credit_code_is_well_formed(serial):
    assert uscc.is_valid(names.credit_code("370114", serial))


def test_names_of_enterprises_are_marked_and_never_repeat():
    source = names.EnterpriseNames(random.Random(1))
    made = [source.next("化工") for _ in range(200)]
    assert len(set(made)) == 200
    assert all(name.startswith("示范") for name in made)


def test_no_account_of_the_cast_mixes_administration_and_business():
    for part in cast.PARTS:
        assert (part.group == "admin") == part.kind.endswith("_admin")


@pytest.fixture
def small_world(jinan_places, clock, monkeypatch, settings, tmp_path, request):
    """The plant and one enterprise of two trades, in the real places of Jinan; of some more and with what they keep where the test is ``whole``."""
    whole = request.node.get_closest_marker("whole") is not None
    return built(monkeypatch, settings, tmp_path, now=clock.now(), trades=WHOLE if whole else WHOLE[:2], records=whole)


@pytest.mark.django_db
@pytest.mark.whole
def test_the_world_is_built_once_and_audited(small_world, clock):
    assert not world.build(lambda *_: None, now=clock.now())
    assert Account.objects.count() == len(cast.PARTS)
    plant = DemoWorld.objects.get().plant_id
    assert enterprises.enterprise(plant).name == cast.PLANT_NAME
    links = json.loads(world.links_file().read_text())
    assert len(links) == 1 + len(WHOLE)
    assert world.links_file().stat().st_mode & 0o077 == 0
    assert audit.verify().intact
    assert small_world[-1] == ("records", len(world.RECORDS), len(world.RECORDS))
    _every_enterprise_keeps_what_its_trade_keeps(plant)


def _every_enterprise_keeps_what_its_trade_keeps(plant):
    drawn = {(sketch.trade, sketch.title) for sketch in demo_dangers._OF_OTHERS}
    for owner in bulk.owners(but=plant):
        own, profile, called = owner.file.id, owner.profile, owner.trade.code
        texts = {(seen.title, seen.location) for seen in profile.every_danger}
        dangers = list(Danger.objects.filter(enterprise_id=own))
        assert {row.sector for row in dangers} == {danger_rules.SECTOR_OF.get(owner.trade.sector, "other")}, called
        assert any((row.title, row.location) in {(seen.title, seen.location) for seen in profile.dangers} for row in dangers), called
        assert all((row.title, row.location) in texts or (called, row.title) in drawn for row in dangers), called
        held = Certificate.objects.filter(enterprise_id=own)
        assert {row.kind for row in held} >= set(profile.papers), called
        assert {row.person_post for row in held} >= set(profile.posts), called
        assert {row.role for row in EnterpriseContact.objects.filter(enterprise_id=own)} >= {"principal", "safety_manager"}, called
        objects = {row.name for row in RiskObject.objects.filter(enterprise_id=own)}
        assert objects == ({risk.thing for risk in profile.risks} if owner.staff >= registers.FEWEST_STAFF else set()), called
        for balance in Holding.objects.filter(enterprise_id=own):
            legs = Leg.objects.filter(store_id=balance.store_id, product_id=balance.product_id)
            assert balance.mass_kg == sum(leg.mass_kg for leg in legs) > 0, called
        assert Holding.objects.filter(enterprise_id=own).exists() == bool(profile.business), called
    assert SectorFacts.objects.filter(enterprise_id=plant, pack_code="hazchem").exists()
    assert Invitation.objects.filter(state=onboarding.SUBMITTED).exists()


@pytest.mark.django_db
def test_what_the_simulator_says_is_what_the_stream_understands(small_world, clock):
    plants = simulator.load_plants(world.links_file())
    state = simulator.State(drill=None, plant_id=plants[0].enterprise_id)
    for plant in plants:
        for topic, payload in simulator.messages(plant, 1_800_000_000.0, [], state):
            assert topic.startswith(f"anlan/in/{plant.username}/")
            decoded = readings.decode(payload)
            assert not decoded.refused
    state.drill = Drill(started_at=clock.now(), started_by="x")
    at_once = clock.now().timestamp() + simulator.ANNOUNCING_S / 2
    assert not any(b"exercise" in payload for _topic, payload in simulator.messages(plants[0], at_once, [], state))
    t = clock.now().timestamp() + 120
    spoken = b" ".join(payload for _topic, payload in simulator.messages(plants[0], t, [], state))
    assert b'"exercise": true' in spoken
    ordinary = b" ".join(payload for _topic, payload in simulator.messages(plants[1], t, [], state))
    assert b"exercise" not in ordinary


@pytest.mark.django_db
def test_anybody_may_drill_and_only_one_drill_runs(small_world, clock):
    visitor = client_of(Account.objects.get(username="city.duty"))
    assert visitor.get("/drill/").status_code == 200
    assert visitor.post("/drill/start/").status_code == 302
    assert visitor.post("/drill/start/").status_code == 409
    assert "V-102" in visitor.get("/drill/").content.decode()
    assert visitor.post("/drill/cap/").status_code == 302
    assert visitor.post("/drill/end/").status_code == 302
    assert visitor.post("/drill/end/").status_code == 409
    assert drill.start(actor=system_actor("x"), now=clock.now()).ended_at is None


@pytest.mark.django_db
def test_a_drill_is_an_exercise_announced_for_the_plant_s_devices_as_long_as_it_lasts(small_world, clock):
    plant, actor = DemoWorld.objects.get().plant_id, system_actor("x")
    began = clock.now()
    drill.start(actor=actor, now=began)
    known = [device.id for device in devices.devices_of(plant)]
    assert known and all(devices.exercised(device_id, began + drill.LONGEST) for device_id in known)
    assert not any(devices.exercised(device_id, began + drill.LONGEST + drill.ON_THE_WAY) for device_id in known)
    over = began + timedelta(minutes=5)
    drill.end(actor=actor, now=over)
    assert all(devices.exercised(device_id, over) for device_id in known)
    assert not any(devices.exercised(device_id, over + drill.ON_THE_WAY) for device_id in known)
    drill.start(actor=actor, now=over)
    assert all(devices.exercised(device_id, over + drill.LONGEST) for device_id in known)


@pytest.mark.django_db
def test_outside_demo_mode_there_is_no_drill_and_no_demonstration(small_world, settings):
    visitor = client_of(Account.objects.get(username="city.duty"))
    settings.ANLAN = {**settings.ANLAN, "DEMO": False}
    assert visitor.get("/drill/").status_code == 404
    assert visitor.post("/drill/start/").status_code == 404
    with pytest.raises(CommandError, match="not in demo mode"):
        call_command("load_demo")


@pytest.mark.django_db
def test_one_demo_role_signs_in_by_one_click_only_in_demo_mode(small_world, settings, client):
    from anlan.ground.people import door as people
    from anlan.site.demo.accounts import roles

    people.register_demo_roles(roles)
    try:
        assert "县值班员" in client.get("/sign-in/").content.decode()
        settings.ANLAN = {**settings.ANLAN, "DEMO": False}
        assert "县值班员" not in client.get("/sign-in/").content.decode()
    finally:
        people.register_demo_roles(None)
