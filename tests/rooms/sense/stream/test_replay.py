"""``anlan replay``: any series becomes the messages of a device; what cannot be played is said in one sentence."""

import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.rooms.sense.pipeline import device, entry, pipeline, point, wait_until

from anlan.sense.stream import replay
from anlan.wire import readings

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "run.csv"
    path.write_text("when,p,t,note\n2026-01-01T00:00:00,1.5,20,a\n2026-01-01T00:01:00,,21,b\n2026-01-01T00:02:00,1.7,22,c\n")
    return path


def plan(**facts):
    return replay.Plan("d", "c", "good", **{"mapping": {"p": "PT-1"}, "start": NOW, "speed": None, **facts})


def test_csv_parquet_and_columns_of_numbers_are_read(csv, tmp_path):
    found = replay.read_series(csv, time_column="when")
    assert set(found.columns) == {"p", "t"} and found.seconds.tolist() == [0.0, 60.0, 120.0]
    parquet.write_table(pa.table({"p": [1.0, 2.0]}), tmp_path / "run.parquet")
    assert replay.read_series(tmp_path / "run.parquet", interval_s=5).seconds.tolist() == [0.0, 5.0]
    (tmp_path / "run.dat").write_text("  1.0  2.0\n  3.0  4.0\n")
    assert replay.read_series(tmp_path / "run.dat").columns["2"].tolist() == [2.0, 4.0]


def test_rows_are_cut_out_and_missing_values_are_left_out(csv):
    found = replay.read_series(csv, rows="0:2", interval_s=180)
    sent = [
        readings.decode(payload).samples for _due, payload, _rows, _values in replay.payloads(found, plan(mapping={"p": "P", "t": "T"}))
    ]
    start = round(NOW.timestamp() * 1000)
    assert [(s.time_ms - start, s.values) for (s,) in sent] == [(0, {"P": 1.5, "T": 20.0}), (180_000, {"T": 21.0})]


def test_several_rows_make_one_message_and_an_exercise_says_so(csv):
    found = replay.read_series(csv)
    ((due, payload, rows, values),) = replay.payloads(found, plan(batch=10, exercise=True))
    assert (due, rows, values) == (2.0, 2, 2)
    assert all(sample.exercise for sample in readings.decode(payload).samples)


def test_the_last_row_falls_on_the_moment_it_is_sent(csv):
    found = replay.read_series(csv, interval_s=60)
    assert replay.default_start(found, None, NOW) == NOW - timedelta(seconds=120)
    assert replay.default_start(found, 1.0, NOW) == NOW
    assert replay.default_start(found, 60.0, NOW) == NOW - timedelta(seconds=118)


@pytest.mark.parametrize(
    "more", [["--rows", "7:9"], ["--rows", "x"], ["--map", "q=PT-1"], ["--speed", "0"], ["--start", "2026-01-01T00:00:00"], ["--time", "q"]]
)
def test_what_cannot_be_played_is_said_in_one_sentence(csv, capsys, more):
    assert replay.main([str(csv), "--device", "d", "--credential", "c", *more]) == 2
    assert capsys.readouterr().err.startswith("[replay_")


def test_a_file_that_is_none_is_refused(tmp_path, capsys):
    (tmp_path / "run.parquet").write_bytes(b"no parquet")
    for name in ("run.parquet", "missing.csv"):
        assert replay.main([str(tmp_path / name), "--device", "d", "--credential", "c"]) == 2


@pytest.mark.engines
@pytest.mark.timeout(120)
def test_the_command_plays_a_file_and_reports_what_was_acknowledged(csv, capsys):
    with pipeline() as running:
        running.admit([entry("c", device("d", point("PT-1", 1)))])
        running.start("telemetry", "intake")
        told = [
            str(csv),
            "--device",
            "d",
            "--credential",
            "c",
            "--map",
            "p=PT-1",
            "--speed",
            "max",
            "--mqtt",
            running.environment["ANLAN_MQTT_URL"],
        ]
        assert replay.main([*told, "--secret", "bad"]) == 2
        assert "replay_turned_away" in capsys.readouterr().err
        assert replay.main([*told, "--secret", "good"]) == 0
        assert json.loads(capsys.readouterr().out)["acknowledged"] == 2
        wait_until(lambda: running.stored() == 2, "both readings are stored")
