"""Several points together, with states and a calendar."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.detection.watch import Watch, in_pieces, rule, series, whole

from anlan.sense.detection.combined import CombinedRule, open_at
from anlan.wire.criteria import Combined, Condition, Hours
from anlan.wire.detections import CLEAR, RAISE

HOT, HIGH, FLOW = Condition(1, ">=", 80.0), Condition(2, ">=", 5.0), Condition(3, "<", 1.0)


def test_all_together_and_no_sooner():
    rows = [*series(1, [90] * 6), *series(2, [0, 0, 6, 6, 0, 6]), *series(3, [9, 0, 9, 0, 0, 9])]
    watch = Watch(CombinedRule(), rule(Combined((HOT, HIGH, FLOW)), 1))
    assert watch.feed(rows) == [(RAISE, 1, "COMBINED", "r", 3000, 3000), (CLEAR, 1, "COMBINED", "r", 3000, 4000)]
    assert watch.told[0].facts == {"count": 3.0, "value_1": 90.0, "value_2": 6.0, "value_3": 0.0}


@pytest.mark.parametrize(("least", "second"), [(1, 0), (2, 2), (3, 3)])
def test_any_two_or_three_of_three(least, second):
    rows = [*series(1, [90] * 6), *series(2, [0, 0, 6, 6, 6, 6]), *series(3, [9, 9, 9, 0, 0, 0])]
    assert whole(CombinedRule, [rule(Combined((HOT, HIGH, FLOW), least=least), 1)], rows)[0][5] == second * 1000


def test_only_while_the_state_holds():
    running = Condition(9, "==", 1.0)
    rows = [*series(1, [90, 90, 90, 90]), *series(9, [0, 1, 1, 0])]
    assert whole(CombinedRule, [rule(Combined((HOT,), states=(running,)), 1)], rows) == [
        (RAISE, 1, "COMBINED", "r", 1000, 1000),
        (CLEAR, 1, "COMBINED", "r", 1000, 3000),
    ]


def test_what_is_too_old_is_unknown():
    together = Combined((Condition(1, ">=", 80.0, age_s=5), HIGH))
    assert whole(CombinedRule, [rule(together, 1)], [(1, 0, 90.0), (2, 5000, 6.0)])[0][0] == RAISE
    assert whole(CombinedRule, [rule(together, 1)], [(1, 0, 90.0), (2, 5001, 6.0)]) == []


def test_a_condition_is_given_up_beyond_its_hysteresis():
    alone = Combined((Condition(1, ">=", 80.0, hysteresis=2.0),))
    assert whole(CombinedRule, [rule(alone, 1)], series(1, [79, 80, 78.5, 78, 77.9])) == [
        (RAISE, 1, "COMBINED", "r", 1000, 1000),
        (CLEAR, 1, "COMBINED", "r", 1000, 4000),
    ]


CHINA = timezone(timedelta(hours=8))
NIGHT_OF_WEEKDAYS = Hours(since=22 * 60, until=6 * 60, weekdays=(0, 1, 2, 3, 4))


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        (datetime(2026, 7, 3, 21, 59, tzinfo=CHINA), False),
        (datetime(2026, 7, 3, 22, 0, tzinfo=CHINA), True),
        # The night of Friday lasts into Saturday; the one of Saturday is not watched.
        (datetime(2026, 7, 4, 5, 59, tzinfo=CHINA), True),
        (datetime(2026, 7, 4, 6, 0, tzinfo=CHINA), False),
        (datetime(2026, 7, 4, 23, 0, tzinfo=CHINA), False),
        (datetime(2026, 7, 6, 3, 0, tzinfo=CHINA), False),
        (datetime(2026, 7, 6, 14, 30, tzinfo=UTC), True),
    ],
)
def test_the_calendar_is_local_and_a_night_belongs_to_the_day_it_begins(moment, open_):
    assert open_at(NIGHT_OF_WEEKDAYS, np.array([round(moment.timestamp() * 1000)])).tolist() == [open_]


readings = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 60), st.integers(0, 2).map(float)), max_size=60)


@given(st.integers(0, 3), st.sampled_from([0.0, 0.004]), readings, st.lists(st.integers(0, 60), max_size=4))
def test_pieces_and_a_packed_memory_change_nothing(least, dwell, rows, cuts):
    rows = list({(c, t): (c, t, v) for c, t, v in rows}.values())
    conditions = (Condition(1, ">=", 2.0, hysteresis=1.0), Condition(2, ">", 0.0, age_s=0.01), Condition(3, "!=", 1.0))
    rules = [
        rule(Combined(conditions, least=least, dwell_s=dwell), 1),
        rule(Combined(conditions[1:], states=(Condition(1, "<", 2.0),)), 2, code="s"),
    ]
    assert in_pieces(CombinedRule, rules, rows, cuts) == whole(CombinedRule, rules, rows)
