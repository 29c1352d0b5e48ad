"""What a point's state is, which windows there are, how two curves go together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.sense.monitor import rules

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
numbers = st.floats(-1e6, 1e6)
series = st.dictionaries(st.integers(0, 30), numbers, max_size=30)


@pytest.mark.parametrize(
    ("age_s", "known", "level", "state"),
    [
        (10, True, None, rules.ONLINE),
        (301, True, None, rules.OFFLINE),
        (None, True, None, rules.NEVER),
        (10, False, None, rules.UNKNOWN),
        (None, False, None, rules.UNKNOWN),
        (301, True, 2, rules.ALARM),
        (None, False, 1, rules.ALARM),
    ],
)
def test_an_alarm_goes_before_everything_and_unknown_is_never_normal(age_s, known, level, state):
    at = None if age_s is None else NOW - timedelta(seconds=age_s)
    assert rules.state_of(at, NOW, 300, known=known, level=level) == state


def test_a_window_is_named_by_its_ends_or_by_its_length_up_to_now():
    assert rules.window({}, NOW) == rules.Window(NOW - timedelta(days=1), NOW, live=True)
    assert rules.window({"span": "3600"}, NOW) == rules.Window(NOW - timedelta(hours=1), NOW, live=True)
    found = rules.window({"since": "1000", "until": "3000"}, NOW)
    assert (found.since.timestamp(), found.until.timestamp(), found.live) == (1, 3, False)


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "3000", "until": "1000"},
        {"since": "", "until": "1000"},
        {"since": "x", "until": "y"},
        {"span": "0.5"},
        {"span": "nan"},
        {"span": "1e300"},
        {"span": "-5"},
        {"since": "0", "until": str(10**15)},
        {"since": "0", "until": str(10**30)},
    ],
)
def test_a_window_that_is_none_is_refused(asked):
    with pytest.raises(rules.NoSuchWindow):
        rules.window(asked, NOW)


def test_filters_that_name_nothing_that_is_an_id_are_refused_and_the_rest_is_read():
    owner, point = uuid4(), uuid4()
    found = rules.filters({"q": " 压力 ", "class": "level", "enterprise": str(owner), "offset": "200"}, [str(point)])
    assert (found.text, found.sensor_class, found.enterprise_id, found.ids, found.offset) == ("压力", "level", owner, (point,), 200)
    assert rules.filters({"offset": "-5"}).offset == 0
    for wrong in ({"enterprise": "x"}, {"enterprise": "' OR 1=1"}):
        with pytest.raises(rules.MalformedChoice):
            rules.filters(wrong)
    with pytest.raises(rules.MalformedChoice):
        rules.filters({}, ["no id"])


@given(one=series, other=series)
def test_correlation_is_symmetric_bounded_and_counts_what_both_have(one, other):
    there, number = rules.correlation(one, other)
    back, _same = rules.correlation(other, one)
    assert number == len(one.keys() & other.keys())
    assert (there is None) == (back is None)
    if there is not None:
        assert -1.0 <= there <= 1.0 and there == pytest.approx(back)


@given(
    one=st.dictionaries(st.integers(0, 50), st.integers(-1000, 1000).map(float), min_size=4, max_size=40),
    factor=st.sampled_from([-2.0, 0.5, 3.0]),
)
def test_a_straight_relation_correlates_by_its_sign(one, factor):
    told, _number = rules.correlation(one, {key: factor * value + 7 for key, value in one.items()})
    if len(set(one.values())) > 1:
        assert told == pytest.approx(np.sign(factor))
    else:
        assert told is None


def test_how_full_a_vessel_is_is_unknown_without_its_bounds():
    assert rules.filled(3, 0, 12) == 0.25
    assert rules.filled(-1, 0, 12) == 0 and rules.filled(99, 0, 12) == 1
    assert rules.filled(3, 0, None) is None and rules.filled(3, 5, 5) is None
