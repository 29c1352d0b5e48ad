"""A process unit watched as a whole while its readings come in: rows, windows, alarms, whom they name, memory over restarts."""

import itertools
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sense.detection.test_multivariate import plant
from tests.rooms.sense.detection.watch import Watch, block, rule
from tests.stories import tep

from anlan.sense.detection import multivariate
from anlan.sense.detection.multivariate import canonical_variates, trained
from anlan.sense.detection.ordering import fresh_rows
from anlan.sense.detection.units import ProcessUnit
from anlan.wire.blocks import EXERCISE, LATE
from anlan.wire.criteria import Unit

CHANNELS = (11, 12, 13, 14, 15, 16)
DIGEST = "a" * 64
MODEL = trained(plant(1500), partial(canonical_variates, lags=2, states=4))
UNIT = Unit(CHANNELS, 60.0, DIGEST)


def make(model=MODEL):
    kind = ProcessUnit()
    kind.learn(DIGEST, model)
    return kind


def said(rows, start=0, channels=CHANNELS, every_s=60):
    """Readings of rows of all variables, all at one moment."""
    return [
        (channel, (start + at) * every_s * 1000, float(value))
        for at, row in enumerate(rows)
        for channel, value in zip(channels, row, strict=True)
    ]


def broken(rows=40, since=20, seed=5):
    """Normal rows in which the fifth variable leaves the others."""
    found = plant(rows, seed=seed)
    found[since:, 4] += 25
    return found


def test_an_alarm_rises_after_three_rows_and_names_the_variable_that_left_the_others():
    watch = Watch(make(), rule(UNIT, 11))
    told = watch.feed(said(broken()))
    assert told == [("raise", 11, "UNIT", "r", 22 * 60_000, 22 * 60_000)]
    facts = watch.told[0].facts
    assert facts["channel_1"] == 15 and facts["share_1"] > 0.3 and facts["residual"] > 1


def test_it_clears_when_the_unit_is_well_again():
    rows = broken(60, 20)
    rows[40:, 4] -= 25
    told = Watch(make(), rule(UNIT, 11)).feed(said(rows))
    assert [change for change, *_rest in told] == ["raise", "clear"] and told[1][5] >= 42 * 60_000


@given(st.lists(st.integers(1, 239), max_size=6))
def test_it_says_the_same_whole_and_in_pieces_with_the_memory_packed_between(cuts):
    rows = said(broken())
    edges = sorted({0, len(rows), *(cut // 6 * 6 for cut in cuts)})
    expected = Watch(make(), rule(UNIT, 11)).feed(rows)
    watch, found = Watch(make(), rule(UNIT, 11)), []
    for first, last in itertools.pairwise(edges):
        found += watch.feed(rows[first:last])
        kind = make()
        kind.bind([rule(UNIT, 11)])
        kind.unpack(watch.kind.pack())
        watch.kind = kind
    assert found == expected


@pytest.mark.parametrize("mark", [0, EXERCISE, LATE])
def test_an_alarm_carries_the_marks_of_what_it_was_judged_by_also_when_the_memory_was_packed_between(mark):
    rows, nobody = said(broken()), np.full(1000, -1, np.int64)
    *before, marked, raising = [[row for row in rows if row[1] == at * 60_000] for at in range(23)]
    kind = make()
    kind.bind([rule(UNIT, 11)])
    for row, quality in (*((row, 0) for row in before), (marked, mark)):
        assert kind.feed(fresh_rows(block(row, quality), nobody)) == []
    again = make()
    again.bind([rule(UNIT, 11)])
    again.unpack(kind.pack())
    # The row that raises is not marked itself; the one before it in the window is.
    (told,) = again.feed(fresh_rows(block(raising), nobody))
    assert (told.change, told.quality) == ("raise", mark)


def test_points_that_speak_more_often_make_a_row_an_interval():
    rows = np.repeat(broken(), 6, axis=0)
    told = Watch(make(), rule(UNIT, 11)).feed(said(rows, every_s=10))
    assert [change for change, *_rest in told] == ["raise"] and told[0][5] == 22 * 60_000


def test_a_unit_waits_for_its_model_and_for_every_point():
    silent = Watch(ProcessUnit(), rule(UNIT, 11))
    assert silent.feed(said(broken())) == []
    without = [row for row in said(broken()) if row[0] != 13]
    assert Watch(make(), rule(UNIT, 11)).feed(without) == []


def test_after_a_gap_the_window_begins_anew():
    rows = said(broken(20, 20)) + said(plant(1, seed=9) + 500, start=200)
    assert Watch(make(), rule(UNIT, 11)).feed(rows) == []


def test_a_model_survives_packing_and_damage_is_refused():
    packed = multivariate.pack(MODEL)
    again = multivariate.unpack(packed)
    assert again.limits == MODEL.limits and np.array_equal(again.state, MODEL.state)
    for wrong in (b"", b"nothing", packed[: len(packed) // 2]):
        with pytest.raises(multivariate.MalformedModel):
            multivariate.unpack(wrong)


@given(st.data())
def test_a_flipped_bit_of_a_model_is_refused_or_changes_nothing_but_figures(data):
    packed = bytearray(multivariate.pack(MODEL))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = multivariate.unpack(bytes(packed))
    except multivariate.MalformedModel:
        return
    assert found.variables == 6 and found.state.shape[1] == found.residual.shape[1] == 6 * found.lags


def test_a_fault_of_the_tennessee_eastman_process_alarms_soon_after_its_onset_and_the_normal_run_does_not(shared, tmp_path):
    folder = tep.unpack(shared, tmp_path)
    model = trained(tep.table(folder, "d00"))
    channels = tuple(range(1, 53))
    unit = Unit(channels, tep.INTERVAL_S, DIGEST)
    faulty = Watch(make(model), rule(unit, 1))
    told = faulty.feed(said(tep.table(folder, "d05_te"), channels=channels, every_s=180))
    first = next(moment for change, *_mid, moment in told if change == "raise")
    onset = tep.ONSET_ROW * 180_000
    assert onset <= first <= onset + 15 * 60_000
    normal = Watch(make(model), rule(unit, 1)).feed(said(tep.table(folder, "d00_te"), channels=channels, every_s=180))
    assert sum(change == "raise" for change, *_rest in normal) <= 1
