"""The platform's JSON batch: what was said comes back, what cannot be used is refused with its reason, nothing crashes."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.errors import Refusal
from anlan.wire import blocks, detections, quarantine, readings, registry
from anlan.wire.readings import Sample, decode, encode

names = st.text(min_size=1, max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
moments = st.integers(0, 4_000_000_000_000)
samples = st.builds(Sample, moments, st.dictionaries(names, numbers, min_size=1, max_size=8), st.booleans())


@given(st.lists(samples, min_size=1, max_size=6))
def test_what_is_encoded_is_decoded_again(sent):
    decoded = decode(encode(sent))
    assert decoded.refused == ()
    assert list(decoded.samples) == sent


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_never_crash(data):
    try:
        decode(data)
    except Refusal as refusal:
        assert refusal.code.startswith("reading_")


@given(st.lists(samples, min_size=1, max_size=3), st.data())
def test_a_payload_with_one_byte_changed_is_read_or_refused(sent, data):
    payload = bytearray(encode(sent))
    payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    try:
        for sample in decode(bytes(payload)).samples:
            assert all(math.isfinite(value) for value in sample.values.values())
    except Refusal as refusal:
        assert refusal.code.startswith("reading_")


@given(
    st.dictionaries(names, numbers, min_size=1, max_size=5),
    st.sampled_from(["NaN", "Infinity", "-Infinity", "null", "1e999", '"3"', "true"]),
)
def test_a_value_that_is_no_finite_number_is_refused_and_the_others_count(good, bad):
    good.pop("bad", None)
    values = ",".join(f"{json.dumps(name)}:{value!r}" for name, value in good.items())
    decoded = decode(f'{{"t":1,"v":{{{values + "," if values else ""}"bad":{bad}}}}}'.encode())
    assert [refusal.code for refusal in decoded.refused] == ["reading_not_a_number"]
    assert [sample.values for sample in decoded.samples] == ([good] if good else [])


def test_of_several_samples_only_the_wrong_ones_are_refused():
    decoded = decode(b'[{"t":1,"v":{"a":1}},{"t":"yesterday","v":{"a":2}},{"v":{"a":3}},{"t":4,"v":{"a":4}}]')
    assert [sample.time_ms for sample in decoded.samples] == [1, 4]
    assert [refusal.code for refusal in decoded.refused] == ["reading_bad_time", "reading_bad_shape"]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "reading_bad_json"),
        (b"{", "reading_bad_json"),
        (b"\xff\xfe", "reading_bad_json"),
        (b"[" * 100_000, "reading_bad_json"),
        (b"[]", "reading_bad_shape"),
        (b" " * (readings.MAX_PAYLOAD_BYTES + 1), "reading_too_large"),
    ],
)
def test_a_payload_of_which_nothing_can_be_used_is_refused_as_a_whole(payload, code):
    with pytest.raises(Refusal) as refused:
        decode(payload)
    assert refused.value.code == code


@pytest.mark.parametrize("payload", [b"3", b'"x"', b'{"t":1}', b'{"t":1,"v":{}}', b'{"t":1,"v":[1]}', b'{"t":1,"v":{"a":1},"exercise":3}'])
def test_a_sample_of_the_wrong_shape_is_refused(payload):
    decoded = decode(payload)
    assert decoded.samples == ()
    assert [refusal.code for refusal in decoded.refused] == ["reading_bad_shape"]


@pytest.mark.parametrize("moment", ["2026-09-21T08:00:00", "soon", "", -1, 1e30, True, None])
def test_a_time_without_offset_or_meaning_is_refused(moment):
    with pytest.raises(readings.MalformedTime):
        readings.time_ms(moment)


def test_a_time_with_its_offset_is_understood():
    assert readings.time_ms("2026-09-21T08:00:00+08:00") == readings.time_ms("2026-09-21T00:00:00Z") == 1_789_948_800_000


def test_topics_name_credential_and_device():
    assert readings.read_topic(readings.topic("q1", "d1")) == ("q1", "d1")
    for wrong in ("anlan/in/q1", "anlan/in//d", "else/in/q/d", "anlan/in/q/d/e"):
        with pytest.raises(readings.MalformedTopic):
            readings.read_topic(wrong)


rows = st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(-(2**62), 2**62), st.floats(), st.integers(0, 255)), max_size=50)


@given(rows)
def test_a_block_comes_back_bit_for_bit(found):
    columns = list(zip(*found, strict=True)) if found else [()] * 4
    sent = blocks.Block(*(np.array(column, kind) for column, kind in zip(columns, (np.int32, np.int64, np.float64, np.uint8), strict=True)))
    back = blocks.decode(blocks.encode(sent))
    for column in ("channel", "time", "value", "quality"):
        assert getattr(back, column).tobytes() == getattr(sent, column).tobytes()


@given(st.binary(max_size=200))
def test_bytes_that_are_no_block_are_refused(data):
    try:
        blocks.decode(data)
    except Refusal as refusal:
        assert refusal.code == "block_malformed"


def test_a_truncated_block_is_refused():
    whole = blocks.encode(blocks.Block(np.array([1], np.int32), np.array([2]), np.array([3.0]), np.array([0], np.uint8)))
    for length in range(len(whole)):
        with pytest.raises(blocks.MalformedBlock):
            blocks.decode(whole[:length])


@given(st.binary(max_size=100))
def test_other_messages_of_the_stream_are_read_or_refused(data):
    for codec in (registry, detections, quarantine):
        try:
            codec.decode(data)
        except Refusal as refusal:
            assert "malformed" in refusal.code
