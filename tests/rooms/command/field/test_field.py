"""Field units in the database: enrolment, positions, tracks, strangers, zones; and a real client of the TAK family at the whole process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from configparser import ConfigParser
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from tests.rooms.command.field.test_connections import marker
from tests.rooms.ground.plants import officer

from anlan.command.field import door, hearing, port, rules, sending, services
from anlan.command.field.models import FieldShape, FieldStranger, FieldUnit
from anlan.command.field.sending import Shape
from anlan.command.judgement.door import JudgementChanged, JudgementRun
from anlan.kernel import clock as kernel_clock
from anlan.kernel.errors import Invalid, NotPermitted
from anlan.kernel.ids import new_id
from anlan.site.launcher.node import free_port
from anlan.wire import cot

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
CLERK = ("field.*",)
RING = ((117.05, 36.66), (117.06, 36.66), (117.06, 36.67), (117.05, 36.66))


def enrolled(uid: str = "A", callsign: str = "安一", **more: Any) -> FieldUnit:
    place = str(more.pop("place_code", "370102"))
    return services.enrol(uid=uid, callsign=callsign, place_code=place, **more, actor=officer(place, *CLERK), now=NOW)


def said(seconds: float = 0, latitude: float = 36.66, detail: str = "") -> cot.Event:
    event = cot.decode(marker("A", "安一", detail=detail))
    at = NOW + timedelta(seconds=seconds)
    return replace(event, time=at, start=at, stale=at + timedelta(minutes=5), point=replace(event.point, latitude=latitude))


@pytest.mark.django_db
def test_positions_of_a_batch_become_the_last_position_and_a_thinned_track() -> None:
    unit = enrolled()
    battery = '<status battery="81"/><track course="90" speed="1.5"/><__group name="Cyan" role="Medic"/>'
    batch = {unit.pk: [said(0), said(1), said(2, 36.661, battery)]}
    services.take_in(batch, NOW)
    services.take_in(batch, NOW)
    unit.refresh_from_db()
    assert (unit.latitude, unit.battery, unit.speed_m_s, unit.role, unit.accuracy_m) == (36.661, 81.0, 1.5, "Medic", 5.0)
    assert [each.latitude for each in unit.track.order_by("at")] == [36.66, 36.661]
    (summary,) = door.units(officer("370102", "field.view"), at=NOW)
    assert (summary.state, summary.callsign) == (rules.LIVE, "安一")
    assert door.units(officer("370103", "field.view"), at=NOW) == ()


@pytest.mark.django_db
def test_late_and_impossible_positions_do_not_move_a_unit() -> None:
    unit = enrolled()
    nowhere = replace(said(20), point=cot.Point(0.0, 0.0))
    services.take_in({unit.pk: [said(10, 36.7), said(5, 36.8), nowhere]}, NOW)
    unit.refresh_from_db()
    assert (unit.latitude, unit.position_at) == (36.7, NOW + timedelta(seconds=10))
    services.take_in({unit.pk: [said(86_400, 36.71)]}, NOW + timedelta(seconds=30))
    unit.refresh_from_db()
    # A clock a day ahead: the position counts, at the time of receipt.
    assert (unit.latitude, unit.position_at) == (36.71, NOW + timedelta(seconds=30))


@pytest.mark.django_db
def test_a_track_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "TRACK_MOST", 5)
    unit = enrolled()
    for number in range(4):
        services.take_in({unit.pk: [said(90 * number + 40 * each) for each in range(2)]}, NOW + timedelta(hours=1))
    assert [(each.at - NOW).total_seconds() for each in unit.track.order_by("at")] == [130, 180, 220, 270, 310]


@pytest.mark.django_db
def test_a_uid_is_enrolled_once_and_only_where_one_may() -> None:
    unit = enrolled(fingerprint=":".join(["AB"] * 32))
    assert unit.fingerprint == "ab" * 32
    with pytest.raises(Invalid) as refused:
        enrolled()
    assert set(refused.value.fields) == {"uid"}
    with pytest.raises(Invalid) as refused:
        enrolled("", "", fingerprint="xyz")
    assert set(refused.value.fields) == {"uid", "callsign", "fingerprint"}
    with pytest.raises(NotPermitted):
        services.alter(unit.pk, team="别人", actor=officer("370103", *CLERK), now=NOW)
    assert services.alter(unit.pk, active=False, actor=officer("370102", *CLERK), now=NOW).active is False
    assert services.take_in({unit.pk: [said()]}, NOW) == 0


@pytest.mark.django_db
def test_strangers_are_counted_bounded_and_forgotten_when_enrolled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "STRANGERS_MOST", 2)
    for number, uid in enumerate(("X", "A", "A", "Y")):
        services.set_apart([(uid, "谁", "", "127.0.0.1:1", rules.NotEnrolled.code)], NOW + timedelta(seconds=number))
    assert dict(FieldStranger.objects.values_list("uid", "count")) == {"A": 2, "Y": 1}
    enrolled()
    assert list(FieldStranger.objects.values_list("uid", flat=True)) == ["Y"]


@pytest.mark.django_db
def test_a_newer_answer_replaces_the_zones_of_the_one_before() -> None:
    told = {"place_code": "370102", "exercise": True}
    first = sending.send("judgement 1", [Shape("致命", RING, 1), Shape("影响", RING, 2)], now=NOW, **told)
    second = sending.send("judgement 1", [Shape("致命", RING, 1)], now=NOW + timedelta(minutes=1), **told)
    assert second == first[:1]
    assert dict(FieldShape.objects.values_list("uid", "withdrawn")) == {first[0]: False, first[1]: True}
    assert sending.send("judgement 1", [Shape("旧", RING, 1)], now=NOW + timedelta(minutes=2), made_at=NOW, **told) == ()
    event = cot.decode(bytes(FieldShape.objects.get(pk=first[0]).content))
    assert (event.callsign, event.type, len(event.detail.corners)) == ("【演练】致命", "u-d-f", 4)


@pytest.mark.django_db
def test_zones_of_a_judgement_are_shown_worst_last_and_go_when_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    subject, now = new_id(), kernel_clock.now()
    area = ((RING,),)
    zones = [
        SimpleNamespace(
            code=f"aegl{4 - severity}", label=label, severity=severity, area=area, limit=20.0, unit="ppm", reach_m=900.0, arrival_s=300.0
        )
        for severity, label in ((1, "致命区"), (2, "重伤区"))
    ]
    case = SimpleNamespace(incident_id=None, exercise=False, state="live")
    monkeypatch.setattr(hearing.judgement, "zones_of", lambda _run: tuple(zones))
    monkeypatch.setattr(hearing.judgement, "judgement", lambda _subject, _actor: case)
    told = {"subject_id": subject, "place_code": "370102", "title": "氯气"}
    hearing.show_zones(JudgementRun(**told, at=now, run_id="1", number=1, state="failed"))
    assert not FieldShape.objects.exists()
    hearing.show_zones(JudgementRun(**told, at=now, run_id="2", number=2, state="done"))
    shown = [cot.decode(bytes(row.content)) for row in FieldShape.objects.order_by("changed")]
    assert [each.callsign for each in shown] == ["氯气 重伤区", "氯气 致命区"]
    assert "20 ppm" in shown[1].detail.remarks.text
    hearing.clear_zones(JudgementChanged(**told, at=now))
    assert not FieldShape.objects.filter(withdrawn=True).exists()
    case.state = "closed"
    hearing.clear_zones(JudgementChanged(**told, at=now + timedelta(seconds=1)))
    assert not FieldShape.objects.filter(withdrawn=False).exists()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not await sync_to_async(condition)():
            await asyncio.sleep(0.05)


@pytest.mark.django_db(transaction=True)
async def test_a_real_client_shows_on_the_map_and_gets_a_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    import pytak

    number, stop = free_port(), asyncio.Event()
    monkeypatch.setitem(os.environ, "ANLAN_COT_HOST", "127.0.0.1")
    monkeypatch.setitem(os.environ, "ANLAN_COT_PORT", str(number))
    monkeypatch.setattr(port, "BATCH_S", 0.1)
    monkeypatch.setattr(port, "SHAPES_EVERY_S", 0.1)
    unit = await sync_to_async(enrolled)("ANLAN-TEST", "试一")
    served = asyncio.create_task(port.run(stop))
    parser = ConfigParser()
    parser["client"] = {"COT_URL": f"tcp://127.0.0.1:{number}", "TAK_PROTO": "0", "PYTAK_NO_HELLO": "1"}
    reader = writer = None
    async with asyncio.timeout(15):
        while writer is None:
            try:
                reader, writer = await pytak.protocol_factory(parser["client"])
            except OSError:
                await asyncio.sleep(0.05)
    outgoing: asyncio.Queue[bytes] = asyncio.Queue()
    incoming: asyncio.Queue[bytes] = asyncio.Queue()
    workers = [pytak.TXWorker(outgoing, parser["client"], writer), pytak.RXWorker(incoming, parser["client"], reader)]
    tasks = [asyncio.create_task(each.run()) for each in workers]
    try:
        now = datetime.now(UTC)
        moment = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        outgoing.put_nowait(marker("ANLAN-TEST", "试一").replace(b'time="2026-11-26T02:00:00Z"', f'time="{moment}"'.encode()))
        await until(lambda: FieldUnit.objects.get(pk=unit.pk).latitude == 36.66)
        uid = await sync_to_async(door.send_shape)("test", "警戒区", RING, severity=2, place_code="370102", now=now)
        async with asyncio.timeout(15):
            while b"u-d-f" not in (heard := await incoming.get()):
                pass
        event = cot.decode(heard)
        assert (event.uid, event.callsign) == (uid, "警戒区")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        writer.close()
        stop.set()
        await served
