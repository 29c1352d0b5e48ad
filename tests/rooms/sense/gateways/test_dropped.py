"""Dropped files: read when whole, stored before they are moved, refused with a reason beside them, never those of another mine."""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.rooms.sense.gateways.keeping import Kept, device

from anlan.sense.gateways.dropped import Watcher
from anlan.wire import coalfiles
from anlan.wire.addresses import PointEntry

MINE, OTHER = "370112000001", "370112000002"
NAME = f"{MINE}_CDSS_20261122090000.txt"


def safety(*rows, mine=MINE, end=True):
    """A file of readings; ``rows``: point, value, state."""
    profile = next(each for each in coalfiles.profiles() if each.profile == "safety_realtime")
    head = profile.field_end.join((mine, "示范煤矿", "2026-11-22 09:00:00"))
    cells = [
        profile.field_end.join((point, "甲烷", "111 工作面", value, "%", state, "2026-11-22 09:00:00")) for point, value, state in rows
    ]
    first = profile.header.end or profile.record_end
    body = head + first + "".join(cell + profile.record_end for cell in cells)
    return (body + (profile.file_end if end else "")).encode("gb18030")


@pytest.fixture
def kept():
    points = (PointEntry("001A01", "GT-1", 1.0, 0.0),)
    return Kept(
        device("d1", "coalfile", MINE, *points), device("d2", "coalfile", OTHER), device("d3", "coalfile", "370112000003", in_use=False)
    )


@pytest.fixture
def drop(tmp_path):
    return tmp_path / "drop"


@pytest.fixture
def watcher(drop, kept):
    drop.mkdir()
    return Watcher(drop, kept.keeper, settled_s=0.2)


def put(drop, name, data, mine=MINE):
    (drop / mine).mkdir(exist_ok=True)
    (drop / mine / name).write_bytes(data)


def lying(drop, mine=MINE):
    """Every file below a mine's folder but the watcher's own, by its place without the day."""
    found = {}
    for path in (drop / mine).rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            parts = path.relative_to(drop / mine).parts
            found["/".join(part for part in parts if not part.isdigit())] = path
    return found


async def test_a_whole_file_is_stored_and_moved_and_its_line_is_up(watcher, drop, kept):
    put(drop, NAME, safety(("001A01", "0.52", "0"), ("001A02", "0.10", "0")))
    assert await watcher.look() == 1
    (sample,) = kept.memory.of("d1")
    assert sample.values == {"GT-1": 0.52, "001A02": 0.10}
    assert sample.time_ms == round(datetime(2026, 11, 22, 1, 0, tzinfo=UTC).timestamp() * 1000)
    assert set(lying(drop)) == {f"done/{NAME}"} and kept.line("d1") == ("up", "")
    assert await watcher.look() == 0


async def test_a_file_that_is_still_being_written_is_left_until_it_is_whole(watcher, drop, kept):
    whole = safety(("001A01", "0.52", "0"), ("001A02", "0.10", "0"))
    for size in (10, len(whole) // 2, len(whole) - 3):
        put(drop, NAME, whole[:size])
        assert await watcher.look() == 0 and kept.memory.samples == []
    put(drop, NAME, whole)
    assert await watcher.look() == 1
    assert len(kept.memory.of("d1")[0].values) == 2


async def test_one_that_stopped_growing_without_its_end_is_read_as_far_as_it_goes_with_the_reason_beside_it(watcher, drop, kept):
    put(drop, NAME, safety(("001A01", "0.52", "0"), end=False) + b"001A02;")
    assert await watcher.look() == 0
    time.sleep(0.25)
    assert await watcher.look() == 1
    assert kept.memory.of("d1")[0].values == {"GT-1": 0.52}
    assert set(lying(drop)) == {f"done/{NAME}", f"done/{NAME}.reason.txt"}
    assert kept.refused() == {("d1", "coalfile_record_unfinished"): 1}


async def test_bad_records_are_told_beside_the_file_and_the_good_ones_count(watcher, drop, kept):
    put(drop, NAME, safety(("001A01", "0.52", "0"), ("001A02", "abc", "0")))
    await watcher.look()
    assert kept.memory.of("d1")[0].values == {"GT-1": 0.52}
    assert "001A02" in lying(drop)[f"done/{NAME}.reason.txt"].read_text()


@pytest.mark.parametrize(
    ("mine", "name", "data", "reason"),
    [
        (MINE, f"{OTHER}_CDSS_20261122090000.txt", safety(("001A01", "0.5", "0"), mine=OTHER), "coalfile_other_mine"),
        (MINE, NAME, safety(("001A01", "0.5", "0"), mine=OTHER), "coalfile_header"),
        ("999999", NAME, safety(("001A01", "0.5", "0")), "gateway_unknown_address"),
        ("370112000003", NAME, safety(("001A01", "0.5", "0")), "gateway_device_not_in_use"),
        (MINE, NAME, b"x" * (coalfiles.MOST_BYTES + 10), "coalfile_too_large"),
    ],
    ids=["named for another", "headed for another", "nobody's", "out of use", "too large"],
)
async def test_what_cannot_be_taken_is_moved_aside_with_its_reason_and_nothing_of_it_is_stored(
    watcher, drop, kept, mine, name, data, reason
):
    put(drop, name, data, mine)
    await watcher.look()
    assert set(lying(drop, mine)) == {f"refused/{name}", f"refused/{name}.reason.txt"}
    assert f"[{reason}]" in lying(drop, mine)[f"refused/{name}.reason.txt"].read_text()
    assert kept.memory.samples == [] and [code for _device, code in kept.refused()] == [reason]


async def test_a_name_that_fits_no_profile_waits_for_its_last_name_and_is_refused_then(watcher, drop, kept):
    put(drop, "notes.txt", b"hello")
    put(drop, f"{NAME}.tmp", safety(("001A01", "0.5", "0")))
    assert await watcher.look() == 0
    time.sleep(0.25)
    assert await watcher.look() == 1
    assert set(lying(drop)) == {"refused/notes.txt", "refused/notes.txt.reason.txt", f"{NAME}.tmp"}


async def test_while_the_stream_takes_nothing_the_file_stays_where_it_is(watcher, drop, kept):
    put(drop, NAME, safety(("001A01", "0.52", "0")))
    kept.memory.away = True
    # The node is told to stop while the file waits to be stored.
    looking = asyncio.create_task(watcher.look())
    await asyncio.sleep(0.1)
    kept.stop.set()
    assert await looking == 0
    assert set(lying(drop)) == {NAME}
    kept.stop.clear()
    kept.memory.away = False
    assert await watcher.look() == 1 and set(lying(drop)) == {f"done/{NAME}"}


async def test_killed_between_storing_and_moving_the_next_run_stores_the_very_same_messages(watcher, drop, kept, monkeypatch):
    put(drop, NAME, safety(("001A01", "1.52", "1")))

    def killed(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(watcher, "_settle", killed)
    with pytest.raises(KeyboardInterrupt):
        await watcher.look()
    again = Watcher(drop, kept.keeper, settled_s=0.2)
    assert await again.look() == 1
    first, second = kept.memory.of("d1")
    assert first == second
    assert kept.memory.happened[0] == kept.memory.happened[1]


async def test_a_state_is_told_when_it_begins_and_when_it_ends_also_across_a_restart(watcher, drop, kept):
    put(drop, NAME, safety(("001A01", "1.52", "1")))
    await watcher.look()
    put(drop, f"{MINE}_CDSS_20261122090010.txt", safety(("001A01", "1.50", "1")))
    restarted = Watcher(drop, kept.keeper, settled_s=0.2)
    await restarted.look()
    put(drop, f"{MINE}_CDSS_20261122090020.txt", safety(("001A01", "0.50", "0")))
    await Watcher(drop, kept.keeper, settled_s=0.2).look()
    assert [(each.kind, each.active) for _device, each in kept.memory.happened] == [("coalfile.alarm", True), ("coalfile.alarm", False)]


def people(second, *areas):
    profile = next(each for each in coalfiles.profiles() if each.profile == "personnel_realtime")
    head = profile.field_end.join((MINE, "示范煤矿", "2026-11-22 09:00:00"))
    cells = [profile.field_end.join((f"K{number}", "某人", "1", "", "", area)) for number, area in enumerate(areas)]
    body = profile.record_end.join([head, *cells, ""]) + profile.file_end
    return f"{MINE}_RYSS_202611220900{second:02d}.txt", body.encode()


async def test_an_area_that_everybody_left_holds_nobody_and_no_gas_reading_becomes_nought(watcher, drop, kept):
    put(drop, NAME, safety(("001A01", "0.52", "0")))
    put(drop, *people(1, "A1", "A1", "A2"))
    await watcher.look()
    put(drop, *people(2, "A2"))
    await Watcher(drop, kept.keeper, settled_s=0.2).look()
    assert kept.memory.of("d1")[1].values == {"A1": 2.0, "A2": 1.0, "underground": 3.0}
    assert kept.memory.of("d1")[2].values == {"A1": 0.0, "A2": 1.0, "underground": 1.0}


async def test_a_link_is_never_followed(watcher, drop, kept, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(safety(("001A01", "0.5", "0")))
    (drop / MINE).mkdir()
    (drop / MINE / NAME).symlink_to(secret)
    (drop / "370112000009").symlink_to(tmp_path)
    assert await watcher.look() == 0
    assert secret.exists() and kept.memory.samples == []


async def test_the_same_name_with_other_contents_is_stored_too_and_both_files_are_kept(watcher, drop, kept):
    for value in ("0.52", "0.53"):
        put(drop, NAME, safety(("001A01", value, "0")))
        await watcher.look()
    assert [sample.values["GT-1"] for sample in kept.memory.of("d1")] == [0.52, 0.53]
    assert len(lying(drop)) == 2


async def test_a_mine_that_drops_nothing_for_long_is_down(watcher, drop, kept, monkeypatch):
    put(drop, NAME, safety(("001A01", "0.52", "0")))
    await watcher.look()
    monkeypatch.setattr("anlan.sense.gateways.dropped.SILENT_S", 0.0)
    monkeypatch.setattr("anlan.sense.gateways.dropped.SILENT_INTERVALS", 0)
    await watcher.look()
    assert kept.line("d1") == ("down", "no_file")


async def test_files_are_taken_in_the_order_of_their_times(watcher, drop, kept):
    for second, value in ((20, "3"), (0, "1"), (10, "2")):
        name = f"{MINE}_CDSS_202611220900{second:02d}.txt"
        put(drop, name, safety(("001A01", value, "0")))
        os.utime(drop / MINE / name, (second, second))
    await watcher.look()
    assert [sample.values["GT-1"] for sample in kept.memory.of("d1")] == [1.0, 2.0, 3.0]


async def test_what_was_kept_long_enough_goes_and_nothing_else(watcher, drop, kept):
    put(drop, NAME, safety(("001A01", "0.52", "0")))
    await watcher.look()
    now = datetime.now(UTC)
    for where, age in (("done", 6), ("done", 9), ("refused", 9), ("refused", 40)):
        day = drop / MINE / where / (now - timedelta(days=age)).strftime("%Y%m%d")
        day.mkdir(parents=True)
        (day / "old.txt").write_text("x")
    assert watcher.sweep(now) == 2
    assert sorted(path.parent.name for path in (drop / MINE).rglob("old.txt")) == sorted(
        (now - timedelta(days=age)).strftime("%Y%m%d") for age in (6, 9)
    )
