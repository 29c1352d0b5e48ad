"""The field port over real sockets, without a database: who is let in, what is passed on, floods and slow readers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from anlan.command.field import rules
from anlan.command.field.connections import Limits, Port, Shown, Turned
from anlan.command.field.rules import Account
from anlan.kernel.ids import new_id
from anlan.wire import cot

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
INCIDENT = new_id()


def marker(uid: str, callsign: str, *, kind: str = "a-f-G-U-C", detail: str = "") -> bytes:
    return (
        f'<event version="2.0" uid="{uid}" type="{kind}" time="2026-11-26T02:00:00Z" start="2026-11-26T02:00:00Z" '
        f'stale="2026-11-26T02:05:00Z" how="m-g"><point lat="36.66" lon="117.05" hae="9999999.0" ce="5" le="9999999.0"/>'
        f'<detail><contact callsign="{callsign}"/>{detail}</detail></event>'
    ).encode()


def shown(uid: str, place_code: str = "370102", content: bytes = b"<event shape/>") -> Shown:
    return Shown(uid, content, b"<event gone/>", place_code, None, NOW + timedelta(hours=1))


class Watched:
    def __init__(self, limits: Limits | None = None) -> None:
        self.notes: list[tuple[str, str, cot.Event]] = []
        self.turned: list[Turned] = []
        self.port = Port(
            lambda account, what, event: self.notes.append((account.callsign, what, event)),
            self.turned.append,
            now=lambda: NOW,
            limits=limits,
        )
        units = [
            Account(new_id(), "A", "安一", "", "370102", INCIDENT),
            Account(new_id(), "B", "安二", "", "370102", INCIDENT),
            Account(new_id(), "C", "别处", "", "370103"),
            Account(new_id(), "T", "有证", "ab" * 32, "370102"),
        ]
        self.port.admit({each.uid: each for each in units})
        self.number = 0
        self.writers: list[asyncio.StreamWriter] = []

    async def line(self, *said: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.number)
        self.writers.append(writer)
        for each in said:
            writer.write(each)
        return reader, writer


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def cut_off(reader: asyncio.StreamReader) -> None:
    """The other side ended the line, and said nothing before."""
    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""


def run(work: Callable[[Watched], Awaitable[None]], limits: Limits | None = None) -> None:
    async def whole() -> None:
        watched = Watched(limits)
        watched.number = await watched.port.open("127.0.0.1", 0)
        try:
            async with asyncio.timeout(20):
                await work(watched)
        finally:
            for writer in watched.writers:
                writer.transport.abort()
            await watched.port.close()

    asyncio.run(whole())


def test_an_enrolled_unit_is_heard_and_gets_the_present_picture_of_its_place() -> None:
    async def work(watched: Watched) -> None:
        watched.port.show(shown("z"))
        watched.port.show(shown("elsewhere", "370103", b"<event other/>"))
        reader, _writer = await watched.line(marker("A", "安一"))
        assert await reader.readline() == b"<event shape/>\n"
        watched.port.show(shown("y", "370000", b"<event province/>"))
        assert await reader.readline() == b"<event province/>\n"
        watched.port.withdraw(shown("z"))
        assert await reader.readline() == b"<event gone/>\n"
        assert [(callsign, what, event.point.latitude) for callsign, what, event in watched.notes] == [("安一", "position", 36.66)]

    run(work)


@pytest.mark.parametrize(
    ("uid", "callsign", "reason"),
    [("X", "安一", rules.NotEnrolled), ("A", "冒名", rules.WrongCallsign), ("T", "有证", rules.WrongCertificate)],
)
def test_a_stranger_is_set_apart_told_nothing_and_cut_off(uid: str, callsign: str, reason: type[rules.NotEnrolled]) -> None:
    async def work(watched: Watched) -> None:
        watched.port.show(shown("z"))
        reader, _writer = await watched.line(marker(uid, callsign))
        await cut_off(reader)
        assert watched.notes == []
        assert [(each.uid, each.callsign, each.reason) for each in watched.turned] == [(uid, callsign, reason.code)]

    run(work)


def test_a_ping_is_answered_before_and_after_the_first_position() -> None:
    async def work(watched: Watched) -> None:
        reader, writer = await watched.line(marker("ping", "", kind="t-x-c-t"))
        assert cot.decode(await reader.readline()).type == "t-x-c-t-r"
        writer.write(marker("A", "安一") + marker("ping", "", kind="t-x-c-t"))
        assert cot.decode(await reader.readline()).type == "t-x-c-t-r"

    run(work)


def test_one_terminal_does_not_move_another_and_only_its_incident_hears_it() -> None:
    async def work(watched: Watched) -> None:
        second, _ = await watched.line(marker("B", "安二"))
        other, _ = await watched.line(marker("C", "别处"))
        await until(lambda: watched.port.connected == 2)
        _reader, writer = await watched.line(marker("A", "安一"), marker("B", "安二"))
        drawn = marker("drawing", "路障", kind="u-d-f")
        writer.write(drawn)
        assert await second.readline() == marker("A", "安一") + b"\n"
        assert await second.readline() == drawn + b"\n"
        assert sorted((callsign, what) for callsign, what, _event in watched.notes) == [
            ("别处", "position"),
            ("安一", "mark"),
            ("安一", "position"),
            ("安二", "position"),
        ]
        assert watched.port.refused["field_foreign_unit"] == 1
        watched.port.show(shown("w", "370103", b"<event there/>"))
        assert await other.readline() == b"<event there/>\n"

    run(work)


def test_rubbish_between_events_costs_nothing_and_much_of_it_ends_the_connection() -> None:
    async def work(watched: Watched) -> None:
        reader, writer = await watched.line(b"rubbish" + marker("A", "安一") + b"<event broken " + marker("A", "安一"))
        await until(lambda: len(watched.notes) == 2)
        writer.write(b"<event broken " * 40 + marker("A", "安一"))
        await cut_off(reader)
        assert watched.port.refused["cot_broken"] > 20

    run(work)


def test_a_flood_is_read_no_faster_than_allowed_and_others_are_served_meanwhile() -> None:
    async def work(watched: Watched) -> None:
        await watched.line(marker("A", "安一") * 500)
        reader, _writer = await watched.line(marker("B", "安二"), marker("ping", "", kind="t-x-c-t"))
        while cot.decode(await reader.readline()).type != "t-x-c-t-r":
            pass
        assert sum(callsign == "安一" for callsign, _what, _event in watched.notes) <= 15
        assert any(callsign == "安二" for callsign, _what, _event in watched.notes)

    run(work, Limits(burst=10, events_per_s=1.0))


def test_who_takes_nothing_is_cut_off_and_holds_up_nobody() -> None:
    async def work(watched: Watched) -> None:
        await watched.line(marker("A", "安一"))
        reader, _writer = await watched.line(marker("B", "安二"))
        await until(lambda: watched.port.connected == 2)
        large = b"<event " + b"x" * 60_000

        async def drain() -> None:
            while await reader.read(1 << 20):
                pass

        task = asyncio.create_task(drain())
        for number in range(2000):
            watched.port.show(shown(f"z{number}", content=large))
            await asyncio.sleep(0)
            if watched.port.refused["field_slow_reader"]:
                break
        await until(lambda: watched.port.connected == 1)
        task.cancel()

    run(work, Limits(waiting_bytes=4 * 1024 * 1024))


def test_a_unit_taken_out_of_use_is_cut_off() -> None:
    async def work(watched: Watched) -> None:
        reader, _writer = await watched.line(marker("A", "安一"))
        await until(lambda: watched.port.connected == 1)
        watched.port.admit({})
        await cut_off(reader)

    run(work)


def test_a_track_keeps_what_tells_something() -> None:
    last = (NOW, 117.05, 36.66)
    assert rules.kept(None, NOW, 117.05, 36.66)
    assert not rules.kept(last, NOW + timedelta(seconds=5), 117.05, 36.66)
    assert rules.kept(last, NOW + timedelta(seconds=5), 117.051, 36.66)
    assert rules.kept(last, NOW + timedelta(seconds=31), 117.05, 36.66)
    assert not rules.kept(last, NOW - timedelta(seconds=31), 117.06, 36.66)


def test_a_position_grows_old() -> None:
    assert rules.state(None, None, NOW) == rules.SILENT
    assert rules.state(NOW, NOW + timedelta(minutes=5), NOW) == rules.LIVE
    assert rules.state(NOW, NOW + timedelta(minutes=5), NOW + timedelta(minutes=6)) == rules.STALE


def test_a_fingerprint_is_kept_plain() -> None:
    assert rules.fingerprint(":".join(["AB"] * 32)) == "ab" * 32
    assert rules.fingerprint("") == ""
    with pytest.raises(rules.BadFingerprint):
        rules.fingerprint("abc")


def said(uid: str, text: str, to: str, kind: str = "b-t-f") -> bytes:
    chat = f'<__chat chatroom="{to}" id="{to}" messageId="{uid}" senderCallsign="安一"/><remarks>{text}</remarks>'
    return marker(uid, "", kind=kind, detail=chat)


def test_what_belongs_to_an_exercise_reaches_its_own_units_only() -> None:
    real, drill = Account(new_id(), "R", "实", "", "370102", INCIDENT), Account(new_id(), "D", "演", "", "370102", INCIDENT, True)
    elsewhere, free = replace(drill, incident_id=new_id()), replace(drill, incident_id=None)
    seen = [rules.shown_to(each, "370102", INCIDENT, exercise=True) for each in (real, drill, elsewhere, free)]
    assert seen == [False, True, False, False]
    assert [rules.shown_to(each, "370102", None, exercise=True) for each in (real, drill, free)] == [False, True, True]
    assert [rules.shown_to(each, "370102", INCIDENT) for each in (real, drill, elsewhere)] == [True, True, True]
    assert [rules.shown_to(each, "", INCIDENT) for each in (real, elsewhere)] == [True, False]


def test_a_unit_that_is_moved_loses_what_no_longer_concerns_it_and_gets_what_does() -> None:
    async def work(watched: Watched) -> None:
        watched.port.show(shown("here"))
        watched.port.show(shown("there", "370103", b"<event there/>"))
        reader, _writer = await watched.line(marker("A", "安一"))
        assert await reader.readline() == b"<event shape/>\n"
        moved = replace(watched.port.accounts["A"], place_code="370103", incident_id=None)
        watched.port.admit({**watched.port.accounts, "A": moved})
        assert [await reader.readline() for _ in range(2)] == [b"<event gone/>\n", b"<event there/>\n"]

    run(work)


def test_who_comes_again_is_told_what_was_taken_away_meanwhile() -> None:
    async def work(watched: Watched) -> None:
        watched.port.show(shown("z"))
        reader, writer = await watched.line(marker("A", "安一"))
        assert await reader.readline() == b"<event shape/>\n"
        writer.close()
        await until(lambda: watched.port.connected == 0)
        watched.port.withdraw(shown("z"))
        reader, _writer = await watched.line(marker("A", "安一"), marker("ping", "", kind="t-x-c-t"))
        assert await reader.readline() == b"<event gone/>\n"
        assert cot.decode(await reader.readline()).type == "t-x-c-t-r"

    run(work)


def test_no_terminal_draws_or_deletes_under_a_name_of_the_nodes() -> None:
    async def work(watched: Watched) -> None:
        second, _ = await watched.line(marker("B", "安二"))
        await until(lambda: watched.port.connected == 1)
        forged = marker("anlan-1", "假", kind="u-d-f")
        deleted = marker("x", "", kind="t-x-d-d", detail='<link uid="anlan-1" relation="none"/>')
        own = marker("x", "", kind="t-x-d-d", detail='<link uid="drawing" relation="none"/>')
        await watched.line(marker("A", "安一") + forged + deleted + own)
        assert [await second.readline() for _ in range(2)] == [marker("A", "安一") + b"\n", own + b"\n"]
        assert watched.port.refused["field_foreign_unit"] == 2

    run(work)


def test_a_message_to_one_goes_to_that_one_and_a_call_for_help_to_all_about() -> None:
    async def work(watched: Watched) -> None:
        near = Account(new_id(), "N", "邻", "", "370102")
        third = Account(new_id(), "E", "安三", "", "370102", INCIDENT)
        watched.port.admit({**watched.port.accounts, "N": near, "E": third})
        lines = [(await watched.line(marker(uid, name)))[0] for uid, name in (("B", "安二"), ("E", "安三"), ("N", "邻"))]
        await until(lambda: watched.port.connected == 3)
        private, call = said("m1", "只给你", "B"), marker("A-9-1-1", "安一", kind="b-a-o-tbl")
        await watched.line(marker("A", "安一") + private + said("m2", "给值班室", rules.DESK_UID) + call)
        heard = {}
        for name, line in zip("BEN", lines, strict=True):
            heard[name] = []
            while call not in (data := await line.readline()):
                heard[name].append(cot.decode(data).uid)
        # The others of the incident see each other come; who is near is told of the call alone.
        assert heard["B"][-2:] == ["A", "m1"]
        assert heard["E"][-1] == "A"
        assert heard["N"] == []
        assert [what for callsign, what, _event in watched.notes if callsign == "安一"] == ["position", "talk", "talk", "calling"]

    run(work)


def test_a_word_to_one_unit_reaches_it_or_is_known_not_to() -> None:
    async def work(watched: Watched) -> None:
        assert not watched.port.tell("A", b"<event word/>")
        reader, _writer = await watched.line(marker("A", "安一"))
        await until(lambda: watched.port.connected == 1)
        assert watched.port.tell("A", b"<event word/>")
        assert await reader.readline() == b"<event word/>\n"

    run(work)
