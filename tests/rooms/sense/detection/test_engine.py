"""Rules of all kinds together: who watches what, suppression, causes, memory over a restart."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.detection.plan import Desk, criterion, device, points, told, topology

from anlan.sense.criteria.rules import KINDS, LEARNT
from anlan.sense.detection import telling
from anlan.sense.detection.engine import remembered
from anlan.wire.blocks import DOUBTFUL, EXERCISE, LATE, MAINTENANCE
from anlan.wire.criteria import (
    BY_KIND,
    Blocked,
    Colours,
    Combined,
    Condition,
    Configured,
    Criterion,
    Drift,
    Frozen,
    Indicator,
    Limit,
    Range,
    Rate,
    Repeated,
    Scope,
    Silent,
    Virtual,
)
from anlan.wire.detections import CLEAR, RAISE
from anlan.wire.registry import Entry

MINE = (
    "mine",
    device("face", points(1, 2, sensor_class="methane"), device_class="gas_detector", risk_source="north"),
    device("pump", points(3, sensor_class="state"), device_class="pump", risk_source="north"),
)
PLANT = ("plant", device("tank", points(4, 5, sensor_class="level"), risk_source="tank farm"))
HIGH = Limit("H", 1.0)


def test_a_rule_watches_points_by_number_class_device_class_and_hazard_source():
    found = topology(MINE, PLANT)
    scopes = {
        Scope(channels=(5, 2)): [2, 5],
        Scope(sensor_classes=("methane",)): [1, 2],
        Scope(device_classes=("pump",), channels=(4,)): [3, 4],
        Scope(risk_sources=("north",)): [1, 2, 3],
        Scope(sensor_classes=("nothing like it",)): [],
        # Numbers beyond the registry are those of virtual points.
        Scope(channels=(70_000,)): [70_000],
    }
    assert {scope: found.channels(scope).tolist() for scope in scopes} == scopes


def test_points_that_come_and_go_are_watched_and_let_go():
    found = topology(MINE)
    desk = Desk(found, criterion(HIGH, sensor_classes=("level",)))
    assert desk.read(1, (4, 2.0)) == []
    found.apply(Entry(PLANT[0], True, PLANT[1:]))
    assert desk.tick(2) == []
    assert told(desk.read(3, (4, 2.0))) == [(RAISE, "H", 4, "r", 3.0)]
    found.apply(Entry(PLANT[0], True, ()))
    said = desk.tick(4)
    assert [(t.change, t.channel, t.withdrawn) for t in said] == [(CLEAR, 4, True)]


def test_a_rule_withdrawn_clears_what_it_raised_and_a_changed_one_begins_anew():
    desk = Desk(topology(MINE), criterion(HIGH, 1), criterion(HIGH, 2, code="other"))
    desk.read(1, (1, 2.0), (2, 2.0))
    desk.engine.apply(Criterion("r", 2, HIGH, in_force=False))
    assert [(t.change, t.channel, t.withdrawn) for t in desk.tick(2)] == [(CLEAR, 1, True)]
    desk.engine.apply(criterion(Limit("H", 1.5), 2, code="other"))
    assert [(t.change, t.rule, t.withdrawn) for t in desk.tick(3)] == [(CLEAR, "other", True)]
    assert told(desk.read(4, (2, 2.0))) == [(RAISE, "H", 2, "other", 4.0)]


def test_a_rule_withdrawn_or_changed_while_the_detector_was_away_is_cleared_when_it_is_back():
    desk = Desk(topology(MINE), criterion(HIGH, 1), criterion(HIGH, 2, code="other"), criterion(HIGH, 3, code="stays"))
    desk.read(1, (1, 2.0), (2, 2.0), (3, 2.0))
    again = desk.again(None, criterion(Limit("H", 1.5), 2, code="other"), criterion(HIGH, 3, code="stays"))
    assert sorted((t.change, t.channel, t.rule, t.withdrawn, t.raised_ms) for t in again.said) == [
        (CLEAR, 1, "r", True, 1000),
        (CLEAR, 2, "other", True, 1000),
    ]
    assert told(again.read(2, (2, 0.0), (3, 0.0))) == [(CLEAR, "H", 3, "stays", 1.0)]


def test_the_memory_holds_the_rules_themselves():
    desk = Desk(topology(MINE))
    desk.engine.apply(criterion(HIGH, 1), 77)
    desk.engine.settle()
    assert remembered(desk.engine.pack()) == [(criterion(HIGH, 1), 77)]
    # Packed again before it was settled it is still whole.
    fresh = Desk(topology(MINE))
    desk.read(1, (1, 2.0))
    fresh.engine.unpack(desk.engine.pack())
    fresh.engine.apply(criterion(HIGH, 1))
    assert "LIMIT.state" in fresh.engine.pack()
    desk.engine.drop_all_but({"other"})
    assert not desk.engine.watches


def test_nothing_is_raised_while_suppressed_and_what_still_stands_is_told_when_it_ends():
    desk = Desk(topology(MINE), criterion(HIGH, 1, 2, suppressed=[(10_000, 60_000)]))
    assert told(desk.read(5, (1, 2.0))) == [(RAISE, "H", 1, "r", 5.0)]
    assert told(desk.read(20, (1, 0.0), (2, 2.0))) == [(CLEAR, "H", 1, "r", 5.0)]
    assert desk.read(30, (1, 2.0)) == []
    assert desk.read(40, (1, 0.0)) == []
    again = desk.again()
    assert again.tick(50) == []
    assert told(again.tick(60)) == [(RAISE, "H", 2, "r", 20.0)]
    assert told(again.read(70, (2, 0.0))) == [(CLEAR, "H", 2, "r", 20.0)]


def test_a_suppression_of_some_points_leaves_the_others_alone():
    desk = Desk(topology(MINE), criterion(HIGH, 1, 2, suppressed=[(0, 60_000, (1,))]))
    assert told(desk.read(5, (1, 2.0), (2, 2.0))) == [(RAISE, "H", 2, "r", 5.0)]


def test_more_than_memory_holds_is_told_although_suppressed(monkeypatch):
    monkeypatch.setattr(telling, "MOST_WITHHELD", 1)
    desk = Desk(topology(MINE), criterion(HIGH, 1, 2, suppressed=[(0, 60_000)]))
    assert len(desk.read(5, (1, 2.0), (2, 2.0))) == 1


def test_a_flood_stands_under_its_first_alarm_and_a_later_one_for_itself():
    desk = Desk(topology(MINE, PLANT), criterion(HIGH, 1, 2, 3, 4))
    first, second, elsewhere = desk.read(1, (1, 2.0), (2, 2.0), (4, 2.0))
    assert (first.cause, second.cause, elsewhere.cause) == ("", first.episode, "")
    # The pump is another device of the same hazard source.
    (pump,) = desk.read(30, (3, 2.0))
    assert pump.cause == first.episode
    desk.read(40, (2, 0.0))
    (later,) = desk.read(100, (2, 2.0))
    assert later.cause == ""
    again = desk.again()
    again.read(110, (1, 0.0))
    (follower,) = again.read(120, (1, 2.0))
    assert follower.cause == later.episode


def test_what_rises_behind_a_lost_link_stands_under_it():
    own = Virtual(9, "a + 1", {"a": 4})
    desk = Desk(topology(MINE, ("plant", device("tank", points(4, 5)))), criterion(Silent(10), 4, 5, code="s"), criterion(own, code="v"))
    desk.read(0, (4, 1.0), (5, 1.0))
    (lost,) = desk.tick(*range(60))
    assert (lost.kind, lost.channel) == ("LINK", 4)
    desk.engine.apply(criterion(Configured(h=1.0), 4, code="c"))
    (wrong,) = desk.tick(61)
    assert (wrong.kind, wrong.cause) == ("CONFIGURED", lost.episode)


def test_readings_under_maintenance_raise_nothing_and_marks_of_readings_go_along():
    desk = Desk(topology(MINE), criterion(HIGH, 1))
    assert desk.read(1, (1, 5.0), quality=MAINTENANCE) == []
    (raised,) = desk.read(2, (1, 5.0), quality=LATE | EXERCISE | DOUBTFUL)
    assert raised.quality == LATE | EXERCISE | DOUBTFUL


def test_readings_come_again_or_in_disorder_change_nothing():
    desk = Desk(topology(MINE), criterion(HIGH, 1))
    desk.read(10, (1, 10, 2.0))
    assert desk.read(11, (1, 10, 0.0), (1, 9, 0.0)) == []
    assert told(desk.read(12, (1, 12, 0.0))) == [(CLEAR, "H", 1, "r", 10.0)]


def test_limits_set_wrongly_are_told_of_without_any_reading_and_keep_their_name_over_a_restart():
    wanted = Configured(h=1.0, hh=1.5)
    entries = ("m", device("d", points(1, limits=[("H", 1.0), ("HH", 1.5)]) + points(2, limits=[("H", 1.2), ("HH", 1.5)]) + points(3)))
    found = topology(entries, at_ms=40_000)
    desk = Desk(found)
    desk.engine.apply(criterion(wanted, 1, 2, 3), 50_000)
    older = desk.again()
    said = desk.tick(60)
    assert told(said) == [(RAISE, "CONFIGURED", 2, "r", 50.0), (RAISE, "CONFIGURED", 3, "r", 50.0)]
    assert said[0].facts == {"set_h": 1.2, "wanted_h": 1.0, "set_hh": 1.5, "wanted_hh": 1.5}
    assert said[1].facts == {"wanted_h": 1.0, "wanted_hh": 1.5}
    older.engine.apply(criterion(wanted, 1, 2, 3), 50_000)
    assert [t.message_id for t in older.tick(99)] == [t.message_id for t in said]
    found.apply(Entry("m", True, (device("d", points(1, 2, 3, limits=[("H", 0.8), ("HH", 1.5)])),)), 70_000)
    assert told(desk.tick(71)) == [(CLEAR, "CONFIGURED", 2, "r", 50.0), (CLEAR, "CONFIGURED", 3, "r", 50.0)]
    assert desk.tick(*range(72, 80)) == []


EVERYTHING = (
    criterion(Limit("HH", 3.0, restore=1.0, dwell_s=2, hold_s=2), 1, 2, code="limit"),
    criterion(Rate(60.0, window_s=0), 1, 2, code="rate"),
    criterion(Rate(30.0, window_s=8), 1, code="slope"),
    criterion(Frozen(3, gap_s=20), 1, 2, code="frozen"),
    criterion(Blocked(3, (2,), 0.5, gap_s=20), 1, code="blocked"),
    criterion(Range(0.0, 4.0), 1, 2, 3, code="range"),
    criterion(Drift(2, 1.0, window_s=8), 1, code="drift"),
    criterion(Silent(2), 1, 2, 3, code="silent"),
    criterion(Repeated(8), 1, 2, code="repeated"),
    criterion(Configured(h=1.0), 1, code="configured"),
    criterion(Combined((Condition(1, ">=", 2.0), Condition(2, ">=", 2.0)), states=(Condition(3, "==", 1.0),)), code="combined"),
    criterion(Colours((Indicator(1, "a", 1.0, 2.0, 3.0, 4.0), Indicator(2, "b", 1.0, 2.0, 3.0, 4.0)), hold_s=3), code="colours"),
    criterion(Virtual(9, "a - b", {"a": 1, "b": 2}), code="virtual"),
    criterion(HIGH, 9, code="of-virtual"),
)
streams = st.lists(st.tuples(st.integers(1, 4), st.dictionaries(st.integers(1, 3), st.integers(-1, 5).map(float), max_size=3)), max_size=40)


@given(streams, st.sets(st.integers(0, 40), max_size=3))
def test_started_again_at_any_moment_it_says_the_same_about_everything(steps, restarts):
    def run(cuts):
        desk, now, said = Desk(topology(MINE), *EVERYTHING), 0, []
        for number, (gap, values) in enumerate(steps):
            if number in cuts:
                desk = desk.again(None, *EVERYTHING)
                assert desk.said == []
            now += gap
            said += desk.tick(now)
            if values:
                said += desk.read(now, *sorted(values.items()))
        return said

    assert run(restarts) == run(set())


@given(streams)
def test_whatever_comes_alarms_are_raised_once_and_cleared_only_after(steps):
    desk, now = Desk(topology(MINE), *EVERYTHING), 0
    for gap, values in steps:
        now += gap
        desk.tick(now)
        if values:
            desk.read(now, *sorted(values.items()))
    standing = set()
    for transition in desk.said:
        assert (transition.episode in standing) == (transition.change == CLEAR), transition
        (standing.add if transition.change == RAISE else standing.remove)(transition.episode)
        assert np.isfinite([transition.value, transition.limit, transition.peak]).all()


def test_the_rules_above_are_of_every_kind_that_a_person_writes():
    assert {type(each.parameters) for each in EVERYTHING} == {BY_KIND[kind] for kind in set(KINDS) - LEARNT}
