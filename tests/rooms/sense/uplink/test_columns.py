"""Tables of readings: what whole columns cannot hold is refused cell by cell, and everything else comes through as it was sent."""

import csv
import io
import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.errors import Refusal
from anlan.sense.uplink import columns, rules

AT = 1_790_000_000_000


def stream_of(table):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def values(decoded):
    return [(sample.time_ms, sample.values) for sample in decoded.samples]


def test_wide_tables_give_one_sample_a_row_and_empty_cells_are_no_readings():
    decoded = columns.from_csv(f"time,PT-1,TT-1\n{AT},0.8,20\n{AT + 1000},,21.5\r\n{AT + 2000},,\n".encode())
    assert values(decoded) == [(AT, {"PT-1": 0.8, "TT-1": 20.0}), (AT + 1000, {"TT-1": 21.5})]
    assert decoded.refused == ()


def test_long_tables_gather_what_is_of_one_moment():
    decoded = columns.from_csv("\ufefftime,point,value\n2026-09-21T16:53:20+08:00,a,1\n2026-09-21T08:53:20Z,b,2\n".encode())
    assert values(decoded) == [(1_789_980_800_000, {"a": 1.0, "b": 2.0})]


def test_a_point_that_comes_twice_at_one_moment_is_kept_twice():
    assert values(columns.from_csv(f"time,point,value\n{AT},a,1\n{AT},a,2\n".encode())) == [(AT, {"a": 1.0}), (AT, {"a": 2.0})]


def test_bad_cells_and_rows_are_refused_alone():
    decoded = columns.from_csv(
        f"time,a,b\n{AT},x,1\nyesterday,2,2\n{AT + 1},nan,3\n{AT + 2},4\n2026-09-21T08:00:00,5,5\n{AT + 3},6,6\n".encode()
    )
    assert values(decoded) == [(AT, {"b": 1.0}), (AT + 1, {"b": 3.0}), (AT + 3, {"a": 6.0, "b": 6.0})]
    assert sorted(refusal.code for refusal in decoded.refused) == [
        "reading_bad_time",
        "reading_bad_time",
        "reading_not_a_number",
        "reading_not_a_number",
        "uplink_bad_table",
    ]


def test_arrow_timestamps_with_a_zone_and_milliseconds_are_both_times():
    moments = pa.array([AT * 1_000_000, (AT + 5) * 1_000_000], pa.timestamp("ns", "Asia/Shanghai"))
    table = pa.table({"time": moments, "a": pa.array([1.0, math.nan]), "b": pa.array([None, 7], pa.int32())})
    decoded = columns.from_arrow(stream_of(table))
    assert values(decoded) == [(AT, {"a": 1.0}), (AT + 5, {"b": 7.0})]
    assert [refusal.code for refusal in decoded.refused] == ["reading_not_a_number"]
    long = pa.table({"time": pa.array([AT], pa.int64()), "point": ["a"], "value": [2.0]})
    assert values(columns.from_arrow(stream_of(long))) == [(AT, {"a": 2.0})]


@pytest.mark.parametrize("body", [b"", b"time\n1\n", b"a,b\n1,2\n", b"time,time\n1,2\n", b"time,point\n1,a\n", b"\xff\xfe"])
def test_what_is_no_table_of_readings_is_refused_whole(body):
    with pytest.raises((rules.MalformedTable, rules.MalformedBody)):
        columns.from_csv(body)


def test_a_timestamp_without_a_zone_is_refused_and_so_is_no_arrow():
    with pytest.raises(rules.MalformedTable):
        columns.from_arrow(stream_of(pa.table({"time": pa.array([1], pa.timestamp("ms")), "a": [1.0]})))
    with pytest.raises(rules.MalformedBody):
        columns.from_arrow(b"no arrow at all")


names = st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8), min_size=1, max_size=4, unique=True).filter(
    lambda found: not {"time", "point"} & set(found)
)


@given(names, st.data())
def test_csv_and_arrow_say_the_same(points, data):
    rows = data.draw(st.lists(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=len(points), max_size=len(points)), max_size=5))
    times = [AT + at for at in range(len(rows))]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["time", *points])
    writer.writerows([time, *("" if value is None else repr(value) for value in row)] for time, row in zip(times, rows, strict=True))
    table = pa.table(
        {"time": pa.array(times, pa.int64()), **{p: pa.array([row[at] for row in rows], pa.float64()) for at, p in enumerate(points)}}
    )
    expected = [
        (time, found)
        for time, row in zip(times, rows, strict=True)
        if (found := {p: v for p, v in zip(points, row, strict=True) if v is not None})
    ]
    assert values(columns.from_csv(text.getvalue().encode())) == expected
    assert values(columns.from_arrow(stream_of(table))) == expected


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        decoded = columns.from_csv(f"time,a\n{text}".encode())
    except Refusal:
        return
    assert all(math.isfinite(value) for sample in decoded.samples for value in sample.values.values())
