"""SenML, telemetry and their recognition: base fields resolve, times count from receipt, what is no reading is refused alone."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.errors import Refusal
from anlan.wire import payloads, readings, senml, telemetry
from anlan.wire.readings import Sample

NOW = 1_795_000_000_000
UNITS = {"PT-1": "MPa", "TT-1": "℃", "urn:dev:ow:10e2073a01080063": "℃", "SW": ""}

names = st.text(st.characters(codec="ascii", categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=12)
numbers = st.floats(-1e12, 1e12)
seconds = st.integers(senml.RELATIVE_BELOW_S, 4_000_000_000)


def pack(*records):
    return senml.decode(list(records), NOW, UNITS)


def values(decoded):
    return [(sample.time_ms, sample.values) for sample in decoded.samples]


def test_base_name_time_unit_and_value_are_added_to_what_each_record_says():
    decoded = pack(
        {"bn": "urn:dev:plant1:", "bt": 1_790_000_000, "bu": "Pa", "bv": 100_000, "n": "PT-1", "v": 0, "t": 0.5},
        {"n": "TT-1", "u": "K", "v": 300 - 100_000, "t": 1},
    )
    (first, pressure), (second, temperature) = values(decoded)
    assert (first, second, decoded.timeless) == (1_790_000_000_500, 1_790_000_001_000, False)
    assert pressure == {"PT-1": pytest.approx(0.1)}
    assert temperature == {"TT-1": pytest.approx(26.85)}


def test_a_record_without_a_name_of_its_own_is_the_point_its_base_name_names():
    assert values(pack({"bn": "urn:dev:ow:10e2073a01080063", "u": "Cel", "v": 23.1})) == [(NOW, {"urn:dev:ow:10e2073a01080063": 23.1})]


def test_times_below_2_to_the_28_count_from_receipt():
    decoded = pack({"bn": "x:", "n": "TT-1", "v": 1, "t": -60}, {"n": "TT-1", "v": 2}, {"n": "TT-1", "v": 3, "t": 2})
    assert values(decoded) == [(NOW - 60_000, {"TT-1": 1}), (NOW, {"TT-1": 2}), (NOW + 2000, {"TT-1": 3})]
    assert decoded.timeless


def test_names_of_several_pieces_of_equipment_are_never_mixed_up():
    decoded = pack({"bn": "a:", "n": "TT-1", "v": 1}, {"bn": "b:", "n": "TT-1", "v": 2})
    assert values(decoded) == [(NOW, {"a:TT-1": 1, "b:TT-1": 2})]


def test_what_is_no_reading_is_refused_one_by_one_and_the_rest_counts():
    decoded = pack(
        {"bn": "x:", "n": "PT-1", "vs": "open"},
        {"n": "SW", "vb": True},
        {"n": "PT-1", "vd": "Zm9v"},
        {"n": "PT-1", "s": 7},
        {"n": "PT-1", "v": float("nan")},
        {"n": "PT-1", "u": "Cel", "v": 3},
        {"n": "TT-1", "v": 4, "t": "noon"},
        {"n": "TT-1", "v": 5},
    )
    assert values(decoded) == [(NOW, {"SW": 1.0, "TT-1": 5})]
    assert [refusal.code for refusal in decoded.refused] == [
        "reading_bad_time",
        *["reading_no_measurement"] * 3,
        "reading_not_a_number",
        "reading_wrong_unit",
    ]


@pytest.mark.parametrize("records", [[{"bver": 11, "n": "a", "v": 1}], [{"n": "a", "v": 1, "must_": 1}], [{"v": 1, "bn": 3}], ["a"], []])
def test_a_pack_that_must_not_be_guessed_at_is_refused_whole(records):
    with pytest.raises(senml.MalformedPack):
        senml.decode(records, NOW)


def test_two_values_of_one_point_at_one_moment_are_both_kept():
    assert values(pack({"bn": "x:", "n": "TT-1", "v": 1}, {"n": "TT-1", "v": 2})) == [(NOW, {"TT-1": 1}), (NOW, {"TT-1": 2})]


@given(names, seconds, st.dictionaries(names, st.lists(numbers, min_size=1, max_size=4), min_size=1, max_size=4), numbers)
def test_a_pack_with_base_fields_says_the_same_as_one_without(base, start, series, offset):
    resolved = [
        {"n": f"{base}:{name}", "t": start + at, "v": value + offset}
        for name, several in series.items()
        for at, value in enumerate(several)
    ]
    short = [{"n": name, "t": at, "v": value} for name, several in series.items() for at, value in enumerate(several)]
    short[0] |= {"bn": f"{base}:", "bt": start, "bv": offset}
    assert values(senml.decode(short, NOW)) == values(senml.decode(resolved, NOW))


records = st.fixed_dictionaries(
    {},
    optional={
        name: st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.lists(st.integers(), max_size=2))
        for name in ("bn", "bt", "bu", "bv", "bver", "n", "u", "v", "vs", "vb", "t", "x_")
    },
)


@given(st.lists(records, max_size=5))
def test_any_records_are_read_or_refused_and_what_is_read_is_finite(sent):
    try:
        decoded = senml.decode(sent, NOW, UNITS)
    except Refusal as refusal:
        assert refusal.code.startswith("reading_")
        return
    assert all(math.isfinite(value) for sample in decoded.samples for value in sample.values.values())
    assert all(refusal.code.startswith("reading_") for refusal in decoded.refused)


def told(payload):
    return payloads.decode(payload if isinstance(payload, bytes) else json.dumps(payload).encode(), NOW, lambda: UNITS)


def test_every_shape_is_recognised():
    at = 1_790_000_000_000
    assert values(told({"t": at, "v": {"a": 1}})) == [(at, {"a": 1})]
    assert values(told([{"n": "TT-1", "u": "Cel", "v": 2, "t": at // 1000}])) == [(at, {"TT-1": 2})]
    assert values(told({"ts": at, "values": {"a": 3, "b": True}})) == [(at, {"a": 3, "b": 1.0})]
    assert values(told({"a": 4})) == [(NOW, {"a": 4})]
    assert values(told([{"ts": at, "values": {"a": 5}}, {"a": 6}])) == [(at, {"a": 5}), (NOW, {"a": 6})]
    assert [told(x).timeless for x in ({"t": at, "v": {"a": 1}}, {"ts": at, "values": {"a": 3}}, {"a": 4})] == [False, False, True]


@pytest.mark.parametrize("payload", [b"3", b'{"t":1}', b'{"v":{"a":1}}', b'{"t":1,"v":3}', b'[{"t":1,"v":{}}]', b'{"a":{"b":1}}', b"{}"])
def test_what_is_no_shape_is_refused_as_before(payload):
    decoded = told(payload)
    assert decoded.samples == ()
    assert [refusal.code for refusal in decoded.refused] == ["reading_bad_shape"]


def test_telemetry_that_is_no_number_is_refused_and_the_others_count():
    decoded = telemetry.decode([{"ts": 5, "values": {"a": "x", "b": 2}}, {"ts": "now", "values": {"a": 1}}, 7, {"c": None, "d": 4}], NOW)
    assert values(decoded) == [(5, {"b": 2}), (NOW, {"d": 4})]
    assert [refusal.code for refusal in decoded.refused] == [
        "reading_not_a_number",
        "reading_bad_time",
        "reading_bad_shape",
        "reading_not_a_number",
    ]


@given(st.lists(st.builds(Sample, st.integers(0, 4_000_000_000_000), st.dictionaries(names, numbers, min_size=1, max_size=4)), min_size=1))
def test_the_own_batch_is_never_taken_for_anything_else(sent):
    assert list(told(readings.encode(sent)).samples) == sent


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    try:
        told(data)
    except Refusal as refusal:
        assert refusal.code.startswith("reading_")
