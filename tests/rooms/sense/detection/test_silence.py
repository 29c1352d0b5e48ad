"""One dead sensor is one silence; a dead link is one lost link with its points counted, and nobody behind it is called silent."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.detection.plan import Desk, criterion, device, points, told, topology

from anlan.wire.criteria import Silent
from anlan.wire.detections import CLEAR, RAISE

EVERY_10_S = Silent(interval_s=10)
FIVE = ("c1", device("d1", points(1, 2, 3)), device("d2", points(4, 5)))


def speak(desk, since, until, *channels, every=10):
    """Every ten seconds all ``channels`` speak, the clock ticks each second; what was said meanwhile."""
    said = []
    for second in range(since, until):
        if second % every == 0 and channels:
            said += desk.read(second, *[(channel, 1.0) for channel in channels])
        said += desk.tick(second)
    return said


def test_one_dead_sensor_is_one_silence_and_its_first_word_ends_it():
    desk = Desk(topology(FIVE), criterion(EVERY_10_S, 1, 2, 3, 4, 5))
    assert speak(desk, 0, 100, 1, 2, 3, 4, 5) == []
    said = speak(desk, 100, 300, 1, 2, 4, 5)
    assert told(said) == [(RAISE, "SILENT", 3, "r", 120.0)]
    assert (said[0].level, said[0].limit, said[0].facts, said[0].value) == (2, 30.0, {"interval_s": 10.0}, 30.0)
    said = speak(desk, 300, 310, 1, 2, 3, 4, 5)
    assert told(said) == [(CLEAR, "SILENT", 3, "r", 120.0)]
    assert (said[0].time_ms, said[0].value) == (300_000, 210.0)
    assert speak(desk, 310, 400, 1, 2, 3, 4, 5) == []


def test_a_dead_link_is_one_loss_with_all_its_points_and_no_silence():
    desk = Desk(topology(FIVE, ("c2", device("x", points(9)))), criterion(EVERY_10_S, 1, 2, 3, 4, 5, 9))
    speak(desk, 0, 100, 1, 2, 3, 4, 5, 9)
    said = speak(desk, 100, 400, 9)
    assert told(said) == [(RAISE, "LINK", 1, "", 120.0)]
    assert (said[0].value, said[0].facts) == (5.0, {"points": 5.0, "credential": "c1", "device": "d1"})
    assert told(desk.read(405, (4, 1.0))) == [(CLEAR, "LINK", 1, "", 120.0)]
    assert speak(desk, 410, 600, 1, 2, 3, 4, 5, 9) == []


def test_one_dead_device_behind_a_living_gateway_is_the_loss_of_its_own_link():
    desk = Desk(topology(FIVE), criterion(EVERY_10_S, 1, 2, 3, 4, 5))
    speak(desk, 0, 100, 1, 2, 3, 4, 5)
    said = speak(desk, 100, 300, 4, 5)
    assert [(t.kind, t.facts) for t in said] == [("LINK", {"points": 3.0, "credential": "c1", "device": "d1"})]


def test_after_a_link_returned_who_stays_away_is_silent_and_nobody_else():
    desk = Desk(topology(FIVE), criterion(EVERY_10_S, 1, 2, 3, 4, 5))
    speak(desk, 0, 100, 1, 2, 3, 4, 5)
    speak(desk, 100, 200)
    said = speak(desk, 200, 400, 1, 2, 3, 4)
    assert told(said) == [(CLEAR, "LINK", 1, "", 120.0), (RAISE, "SILENT", 5, "r", 230.0)]


def test_a_sensor_silent_before_its_link_is_lost_stays_silent_and_is_not_counted():
    desk = Desk(topology(FIVE), criterion(EVERY_10_S, 1, 2, 3, 4, 5))
    speak(desk, 0, 100, 1, 2, 3, 4, 5)
    assert told(speak(desk, 100, 200, 1, 2, 3, 4)) == [(RAISE, "SILENT", 5, "r", 120.0)]
    said = speak(desk, 200, 300)
    assert [(t.kind, t.value) for t in said] == [("LINK", 4.0)]
    assert told(speak(desk, 300, 310, 1, 2, 3, 4, 5)) == [(CLEAR, "LINK", 1, "", 220.0), (CLEAR, "SILENT", 5, "r", 120.0)]


def test_a_loss_that_a_gateway_reports_is_told_before_silence_would_notice_and_named_by_its_beginning():
    slow = criterion(Silent(interval_s=60), 1, 2, 3, 4, 5)
    desk = Desk(topology(FIVE), slow)
    speak(desk, 0, 100, 1, 2, 3, 4, 5)
    silence = desk.engine.silence
    silence.link_down("c1", 95_000, "d2")
    silence.link_down("c1", 95_000, "unknown")
    assert speak(desk, 100, 125, 1, 2, 3) == []
    assert told(speak(desk, 125, 130, 1, 2, 3)) == [(RAISE, "LINK", 4, "", 95.0)]
    assert set(silence.lost_channels()) == {4, 5}
    # Read again by a detector started anew, the report changes nothing.
    again = desk.again()
    again.engine.silence.link_down("c1", 95_000, "d2")
    assert speak(again, 130, 200, 1, 2, 3) == []
    assert told(again.engine.silence.link_up("c1", 200_000, "d2")) == [(CLEAR, "LINK", 4, "", 95.0)]
    # It stands again and yet nobody behind it speaks: lost once more, noticed by silence this time.
    assert told(speak(again, 200, 500, 1, 2, 3)) == [(RAISE, "LINK", 4, "", 380.0)]


def test_equipment_that_hangs_up_after_every_message_is_no_loss():
    desk = Desk(topology(FIVE), criterion(Silent(interval_s=60), 1, 2, 3, 4, 5))
    for second in range(0, 300, 20):
        assert speak(desk, second, second + 1, 1, 2, 3, 4, 5) == []
        desk.engine.silence.link_down("c1", second * 1000 + 500)
        assert speak(desk, second + 1, second + 20) == []
        if second % 40:
            assert desk.engine.silence.link_up("c1", second * 1000 + 19_900) == []
    desk.engine.silence.link_down("c1", 50_000)
    assert speak(desk, 300, 310, 1, 2, 3, 4, 5) == []


def test_a_detector_that_was_away_invents_no_silence_and_still_notices_it_afterwards():
    desk = Desk(topology(FIVE), criterion(EVERY_10_S, 1, 2, 3, 4, 5))
    speak(desk, 0, 100, 1, 2, 3, 4, 5)
    again = desk.again()
    # Away for an hour with the whole node: nothing lies on the stream of that time.
    assert speak(again, 3700, 3705) == []
    assert speak(again, 3705, 3720, 1, 2, 3, 4) == []
    said = speak(again, 3720, 3900, 1, 2, 3, 4)
    assert told(said) == [(RAISE, "SILENT", 5, "r", 120.0)]
    assert said[0].time_ms == 120_000


def test_a_detector_that_was_away_while_others_spoke_reads_what_they_said_and_finds_who_did_not():
    desk = Desk(topology(FIVE), criterion(EVERY_10_S, 1, 2, 3, 4, 5))
    speak(desk, 0, 100, 1, 2, 3, 4, 5)
    straight, again = desk.again(), desk.again()
    expected = told(speak(straight, 100, 300, 1, 2, 3, 4))
    # The same blocks read afterwards: the stream's time is that of each block.
    said = []
    for second in range(100, 300, 10):
        said += again.tick(second)
        said += again.read(second, *[(channel, 1.0) for channel in (1, 2, 3, 4)])
    assert told(said + again.tick(300)) == expected == [(RAISE, "SILENT", 5, "r", 120.0)]


def test_a_silence_stands_and_keeps_its_name_over_a_restart():
    desk = Desk(topology(FIVE), criterion(EVERY_10_S, 1, 2, 3, 4, 5))
    speak(desk, 0, 100, 1, 2, 3, 4, 5)
    speak(desk, 100, 200, 1, 2, 3, 4)
    again = desk.again()
    assert again.said == []
    assert speak(again, 5000, 5100, 1, 2, 3, 4) == []
    assert told(speak(again, 5100, 5101, 5)) == [(CLEAR, "SILENT", 5, "r", 120.0)]


def test_told_again_from_an_older_memory_a_silence_has_the_same_name():
    desk = Desk(topology(FIVE), criterion(EVERY_10_S, 1, 2, 3, 4, 5))
    speak(desk, 0, 119, 1, 2, 3, 4)
    speak(desk, 119, 120, 5)
    older = desk.again()
    first = [t for t in speak(desk, 120, 300, 1, 2, 3, 4) if t.kind == "SILENT"]
    second = [t for t in speak(older, 900, 1100, 1, 2, 3, 4) if t.kind == "SILENT"]
    assert [t.message_id for t in first] == [t.message_id for t in second]


def test_a_point_under_work_or_out_of_use_is_not_waited_for():
    work = ("c1", device("d1", points(1, 2), maintenance=((100_000, 400_000),)), device("d2", points(3, 4), in_use=False))
    desk = Desk(topology(work), criterion(EVERY_10_S, 1, 2, 3, 4))
    speak(desk, 0, 100, 1, 2)
    assert speak(desk, 100, 400) == []
    assert [(t.kind, t.value, t.raised_ms // 1000) for t in speak(desk, 400, 500)] == [("LINK", 2.0, 429)]


def test_a_lone_point_is_silent_and_a_point_never_heard_is_waited_for_from_the_beginning():
    desk = Desk(topology(("c1", device("d1", points(1)))), criterion(EVERY_10_S, 1))
    assert told(speak(desk, 50, 200)) == [(RAISE, "SILENT", 1, "r", 80.0)]


def test_a_rule_taken_back_clears_silences_and_losses():
    desk = Desk(topology(FIVE, ("c2", device("x", points(8, 9)))), criterion(EVERY_10_S, 1, 2, 3, 4, 5, 8, 9))
    speak(desk, 0, 100, 1, 2, 3, 4, 5, 8, 9)
    speak(desk, 100, 300, 1, 2, 3, 4)
    again = desk.again(None, criterion(EVERY_10_S, 1, 2, 3, 4))
    assert [(t.change, t.kind, t.channel, t.withdrawn) for t in sorted(again.said, key=lambda t: t.channel)] == [
        (CLEAR, "SILENT", 5, True),
        (CLEAR, "LINK", 8, True),
    ]


def test_late_readings_are_words_too():
    desk = Desk(topology(FIVE), criterion(EVERY_10_S, 1, 2, 3, 4, 5))
    speak(desk, 0, 100, 1, 2, 3, 4, 5)
    for second in range(100, 200, 10):
        # Channel 5 sends what it had kept from an hour ago: the sensor lives.
        assert desk.read(second, *[(channel, 1.0) for channel in (1, 2, 3, 4)], (5, second - 3600, 1.0)) == []
        assert desk.tick(*range(second, second + 10)) == []


steps = st.lists(st.tuples(st.integers(1, 25), st.sets(st.integers(1, 5))), max_size=25)


@given(steps, st.integers(0, 25))
def test_every_alarm_is_raised_before_it_is_cleared_and_a_restart_changes_nothing(several, cut):
    def run(restart):
        desk, now, said = Desk(topology(FIVE), criterion(EVERY_10_S, 1, 2, 3, 4, 5)), 0, []
        for number, (gap, channels) in enumerate(several):
            if restart and number == cut:
                desk = desk.again()
            said += [t for second in range(now, now + gap) for t in desk.tick(second)]
            now += gap
            said += desk.read(now, *[(channel, 1.0) for channel in sorted(channels)])
        return said

    said = run(False)
    assert told(run(True)) == told(said)
    standing = set()
    for transition in said:
        if transition.change == RAISE:
            assert transition.episode not in standing
            standing.add(transition.episode)
        else:
            standing.remove(transition.episode)
    # Nobody is silent and behind a lost link at a time.
    counted = [episode.split("-")[0] for episode in standing if "SILENT" in episode]
    assert all(a != b for a, b in itertools.pairwise(sorted(counted)))
