"""The gateway with a real stream: what it answers lies on the stream, nobody gets past the registry, no connection harms another."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.rooms.sense.gateways.toy import PROTOCOL, Session
from tests.rooms.sense.pipeline import entry, free_port, pipeline, point, wait_until

from anlan.ledger import broker
from anlan.sense.gateways.gateway import Gateway
from anlan.sense.gateways.rules import Limits
from anlan.wire import addresses, happenings, links, quarantine, readings
from anlan.wire.addresses import AddressEntry, PointEntry
from anlan.wire.registry import DeviceEntry, Entry

pytestmark = [pytest.mark.engines, pytest.mark.timeout(120)]

SEALED = addresses.seal("123456")


def known(in_use=True):
    locked = AddressEntry(PROTOCOL, "88888", salt=SEALED.salt, digest=SEALED.digest, points=(PointEntry("w1", "a", 0.5, 1.0),))
    open_ = AddressEntry(PROTOCOL, "open", open=True)
    forgotten = AddressEntry(PROTOCOL, "forgotten")
    return entry(
        "c1",
        DeviceEntry("d1", in_use, (point("a", 1), point("b", 2)), addresses=(locked,)),
        DeviceEntry("d2", True, (point("a", 3),), addresses=(open_,)),
        DeviceEntry("d3", True, (), addresses=(forgotten,)),
    )


class Caller:
    """A sender of the toy protocol."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer

    async def say(self, text):
        self._writer.write(text.encode())
        await self._writer.drain()

    async def hear(self, seconds=20.0):
        """The next line; empty when the gateway hung up."""
        async with asyncio.timeout(seconds):
            try:
                return (await self._reader.readline()).decode().strip()
            except ConnectionError:
                return ""

    async def ask(self, text):
        await self.say(text + "\n")
        return await self.hear()

    def hang_up(self):
        self._writer.close()


class Running:
    def __init__(self, pipeline, gateway):
        self.pipeline, self.gateway = pipeline, gateway

    @property
    def port(self):
        return self.gateway.ports[PROTOCOL].number

    @property
    def tally(self):
        return self.gateway.ports[PROTOCOL].house.tally

    async def call(self):
        return Caller(*await asyncio.open_connection("127.0.0.1", self.port))

    async def stored(self, stream=broker.RAW):
        return await asyncio.to_thread(self.pipeline.messages, stream)

    async def until(self, true, what):
        """Wait for a fact that the gateway brings about; ``true`` may be asynchronous."""
        async with asyncio.timeout(20):
            while True:
                found = true()
                if await found if asyncio.iscoroutine(found) else found:
                    return
                await asyncio.sleep(0.05)
        raise AssertionError(what)


@asynccontextmanager
async def gateway(limits=None):
    with pipeline() as engines:
        engines.admit([known()])
        stop, ready = asyncio.Event(), asyncio.Event()
        made = Gateway({PROTOCOL: Session}, limits)
        task = asyncio.create_task(made.run(engines.nats_url, {PROTOCOL: ("127.0.0.1", 0)}, stop, ready))
        try:
            opened = asyncio.create_task(ready.wait())
            await asyncio.wait([task, opened], return_when=asyncio.FIRST_COMPLETED)
            assert opened.done(), task.result()
            yield Running(engines, made)
        finally:
            stop.set()
            await task


def now_ms():
    return time.time_ns() // 1_000_000


async def test_what_is_answered_lies_on_the_stream_as_a_message_of_the_device_with_its_marks_in_the_units_of_its_points():
    async with gateway() as running:
        caller = await running.call()
        assert await caller.ask("ID 88888 123456") == "WELCOME 88888"
        assert await caller.ask("V 88888 1790000000000 w1=4 b=7!") == "OK 1790000000000"
        (message,) = await running.stored()
        assert message.subject == "$MQTT.msgs.anlan.in.c1.d1"
        assert message.headers[readings.GATEWAY] == PROTOCOL
        assert readings.decode(message.data).samples == (readings.Sample(1790000000000, {"a": 3.0, "b": 7.0}, doubtful=("b",)),)


async def test_a_delivery_sent_again_is_answered_again_and_stored_once():
    async with gateway() as running:
        for _attempt in range(2):
            caller = await running.call()
            await caller.ask("ID open x")
            assert await caller.ask("V open 1790000000000 a=4") == "OK 1790000000000"
            caller.hang_up()
        assert len(await running.stored()) == 1


async def test_a_report_that_is_no_measurement_reaches_the_stream_of_alarms():
    async with gateway() as running:
        caller = await running.call()
        await caller.ask("ID open x")
        assert await caller.ask("E open 1790000000000 fire") == "OK 1790000000000"
        (message,) = await running.stored(broker.ALARMS)
        (told,) = happenings.decode(message.data)
        assert (message.subject, told.credential, told.device, told.kind, told.text) == (
            happenings.SUBJECT,
            "c1",
            "d2",
            "toy.fire",
            "it rang",
        )


async def freeze(pid: int) -> None:
    """Stop a process and wait until each of its threads stands; under load the last of them still answers for a moment."""
    os.kill(pid, signal.SIGSTOP)
    tasks = Path(f"/proc/{pid}/task")
    while any((task / "stat").read_text().rpartition(")")[2].split()[0] != "T" for task in tasks.iterdir()):
        await asyncio.sleep(0.01)


async def test_while_the_stream_does_not_confirm_nothing_is_answered_and_nothing_is_read():
    async with gateway() as running:
        caller = await running.call()
        await caller.ask("ID open x")
        nats = running.pipeline.processes["nats"].pid
        await freeze(nats)
        try:
            await caller.say("V open 1790000000000 a=4\nH open\n")
            with pytest.raises(TimeoutError):
                await caller.hear(1.0)
        finally:
            os.kill(nats, signal.SIGCONT)
        assert await caller.hear() == "OK 1790000000000"
        assert await caller.hear() == "HERE"
        assert len(await running.stored()) == 1


async def test_a_stream_that_takes_nothing_for_long_ends_the_connection_without_an_answer():
    async with gateway(Limits(store_s=0.5)) as running:
        caller = await running.call()
        await caller.ask("ID open x")
        nats = running.pipeline.processes["nats"].pid
        await freeze(nats)
        try:
            assert await caller.ask("V open 1790000000000 a=4") == ""
        finally:
            os.kill(nats, signal.SIGCONT)
        assert running.tally.not_stored == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("ID 88888 wrong", "gateway_wrong_secret"),
        ("ID nobody 123456", "gateway_unknown_address"),
        ("ID forgotten ", "gateway_wrong_secret"),
    ],
)
async def test_who_does_not_fit_the_registry_is_turned_away_and_counted_against_nobody(said, reason):
    async with gateway() as running:
        caller = await running.call()
        assert (await caller.ask(said)).startswith("NO ")

        async def counted():
            kept = [quarantine.decode(message.data) for message in await running.stored(broker.QUARANTINE)]
            return [(each.credential, each.reason, each.count) for each in kept] == [(quarantine.UNKNOWN, reason, 1)]

        await running.until(counted, "the refusal is counted")
        # Whoever sends all the same is not heard.
        address = said.split(" ")[1]
        assert await caller.ask(f"V {address} 1790000000000 a=4") == ""
        assert await running.stored() == []


async def test_guessing_is_braked_after_five_attempts_and_the_owner_is_not_locked_out_meanwhile():
    async with gateway() as running:
        owner = await running.call()
        assert await owner.ask("ID 88888 123456") == "WELCOME 88888"
        guesser = await running.call()
        for guess in range(7):
            assert await guesser.ask(f"ID 88888 {guess}") == "NO 88888"

        async def braked():
            kept = [quarantine.decode(message.data) for message in await running.stored(broker.QUARANTINE)]
            return {each.reason: each.count for each in kept} == {"gateway_wrong_secret": 5, "gateway_too_many_guesses": 2}

        await running.until(braked, "guesses are counted")
        assert await owner.ask("ID 88888 123456") == "WELCOME 88888"


async def test_a_bad_line_is_set_apart_and_the_good_ones_beside_it_count():
    async with gateway() as running:
        caller = await running.call()
        await caller.ask("ID open x")
        await caller.say("rubbish\nV open 1790000000000 a=nan\nV open 1790000000001 a=4\n")
        assert [await caller.hear(), await caller.hear()] == ["OK 1790000000000", "OK 1790000000001"]
        assert len(await running.stored()) == 1

        async def counted():
            kept = [quarantine.decode(message.data) for message in await running.stored(broker.QUARANTINE)]
            return {(each.device, each.reason): each.count for each in kept} == {
                (quarantine.UNKNOWN, "toy_bad_line"): 1,
                ("d2", "gateway_not_finite"): 1,
            }

        await running.until(counted, "both are counted")


async def test_two_hundred_idle_connections_hold_up_nobody():
    async with gateway() as running:
        idle = [await running.call() for _number in range(200)]
        caller = await running.call()
        await caller.ask("ID open x")
        assert await caller.ask("V open 1790000000000 a=4") == "OK 1790000000000"
        assert running.tally.connections == 201
        for each in idle:
            each.hang_up()
        await running.until(lambda: running.tally.connections == 1, "those who hung up are gone")


async def test_who_never_ends_a_line_or_never_says_who_he_is_goes():
    async with gateway(Limits(piece_s=0.5)) as running:
        silent, slow = await running.call(), await running.call()
        await slow.ask("ID open x")

        async def dribble():
            while True:
                await slow.say("V")
                await asyncio.sleep(0.1)

        dribbling = asyncio.create_task(dribble())
        assert await silent.hear() == ""
        assert await slow.hear() == ""
        dribbling.cancel()
        await running.until(lambda: running.tally.timed_out == 2, "both were timed out")


async def test_who_says_nothing_for_too_long_goes_and_whoever_gives_signs_of_life_stays():
    async with gateway(Limits(idle_s=0.6)) as running:
        quiet, lively = await running.call(), await running.call()
        await quiet.ask("ID open x")
        await lively.ask("ID 88888 123456")
        for _beat in range(8):
            assert await lively.ask("H 88888") == "HERE"
            await asyncio.sleep(0.15)
        assert await quiet.hear() == ""


async def test_an_endless_line_ends_the_connection_before_it_grows():
    async with gateway(Limits(waiting_bytes=100_000)) as running:
        caller = await running.call()
        await caller.ask("ID open x")
        with pytest.raises(ConnectionError):
            for _piece in range(2000):
                await caller.say("V" * 10_000)
        await running.until(lambda: running.tally.connections == 0, "the connection is gone")


async def test_more_connections_than_granted_are_turned_away_and_room_is_given_again():
    async with gateway(Limits(connections=2)) as running:
        first, second, third = [await running.call() for _number in range(3)]
        assert await third.hear() == ""
        assert await second.ask("ID open x") == "WELCOME open"
        first.hang_up()
        await running.until(lambda: running.tally.connections == 1, "there is room")
        fourth = await running.call()
        assert await fourth.ask("ID open x") == "WELCOME open"


async def test_a_device_withdrawn_while_connected_is_heard_no_more():
    async with gateway() as running:
        caller = await running.call()
        await caller.ask("ID 88888 123456")
        assert await caller.ask("V 88888 1790000000000 b=7") == "OK 1790000000000"
        directory = running.gateway.ports[PROTOCOL].house.directory
        running.pipeline.porter.tell(Entry("c1", True, (DeviceEntry("d2", True),)))
        await running.until(lambda: directory.find(PROTOCOL, "88888") is None, "the registry is known")
        assert await caller.ask("V 88888 1790000000001 b=7") == ""
        assert len(await running.stored()) == 1


async def test_what_exceeds_the_quota_is_neither_stored_nor_answered_but_an_alarm_always_is():
    async with gateway() as running:
        directory = running.gateway.ports[PROTOCOL].house.directory
        bounded = Entry("c1", True, known().devices, messages_per_minute=2)
        running.pipeline.porter.tell(bounded)
        await running.until(lambda: directory.quotas._granted, "the quota is known")
        caller = await running.call()
        await caller.ask("ID open x")
        # A minute may end between them; never are more than two answered in one.
        for number in range(5):
            await caller.say(f"V open {1790000000000 + number} a=4\n")
        assert await caller.ask("E open 1790000000000 fire") in {f"OK {1790000000000 + number}" for number in range(5)}
        heard = [await caller.hear(), await caller.hear()]
        assert "OK 1790000000000" in heard

        async def counted():
            kept = [quarantine.decode(message.data) for message in await running.stored(broker.QUARANTINE)]
            return any((each.device, each.reason) == ("d2", "gateway_over_quota") for each in kept)

        await running.until(counted, "the rest is counted")
        assert len(await running.stored(broker.ALARMS)) == 1


async def test_a_port_that_another_program_holds_is_opened_once_it_is_free_and_the_others_do_not_wait():
    with pipeline() as engines, socket.socket() as holder:
        engines.admit([known()])
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        stop, ready = asyncio.Event(), asyncio.Event()
        made = Gateway({PROTOCOL: Session, "other": Session})
        task = asyncio.create_task(made.run(engines.nats_url, {PROTOCOL: ("127.0.0.1", taken), "other": ("127.0.0.1", 0)}, stop, ready))
        await ready.wait()
        caller = Caller(*await asyncio.open_connection("127.0.0.1", made.ports["other"].number))
        assert await caller.ask("ID nobody x") == "NO nobody"
        assert made.ports[PROTOCOL].number == 0
        holder.close()
        await Running(engines, made).until(lambda: made.ports[PROTOCOL].number == taken, "it is opened")
        stop.set()
        await task


async def line_states(running):
    return {(link.device, link.state, link.protocol) for link in map(links.decode, (m.data for m in await running.stored(broker.LINKS)))}


async def test_the_line_to_a_device_is_up_while_one_connection_stands_and_down_after_the_last():
    async with gateway() as running:

        async def shows(state):
            return await line_states(running) == {("d2", state, PROTOCOL)}

        one, two = await running.call(), await running.call()
        await one.ask("ID open x")
        await two.ask("ID open x")
        await running.until(lambda: shows(links.UP), "the line is up")
        one.hang_up()
        await running.until(lambda: running.tally.connections == 1, "one has gone")
        assert await two.ask("H open") == "HERE"
        two.hang_up()
        await running.until(lambda: shows(links.DOWN), "the line is down")


async def test_lines_that_a_killed_gateway_left_standing_are_down_for_the_next_and_what_was_missed_is_asked_for():
    with pipeline() as engines:
        engines.admit([known()])
        heard = now_ms() - 3_600_000
        stale = links.Link("c1", "d2", links.UP, heard, PROTOCOL, "open", heard)
        other = links.Link("c1", "d9", links.UP, heard, "another", "x", heard)
        for link in (stale, other):
            await asyncio.to_thread(publish, engines, link)
        stop, ready = asyncio.Event(), asyncio.Event()
        made = Gateway({PROTOCOL: Session})
        task = asyncio.create_task(made.run(engines.nats_url, {PROTOCOL: ("127.0.0.1", 0)}, stop, ready))
        await ready.wait()
        running = Running(engines, made)

        async def swept():
            return await line_states(running) == {("d2", links.DOWN, PROTOCOL), ("d9", links.UP, "another")}

        await running.until(swept, "the stale line is down, another process's is left alone")
        caller = await running.call()
        assert await caller.ask("ID open x") == "WELCOME open"
        assert await caller.hear() == f"AGAIN {heard}"
        stop.set()
        await task


def publish(engines, link):
    async def once():
        stop = asyncio.Event()
        nc = await broker.connect(engines.nats_url, stop, name="test")
        await broker.publish(nc.jetstream(), stop, link.subject, links.encode(link))
        await nc.close()

    asyncio.run(once())


async def test_a_gateway_killed_in_the_middle_has_lost_nothing_that_it_answered():
    with pipeline() as engines:
        engines.admit([known()])
        port = free_port()
        program = str(Path(__file__).with_name("toy.py"))
        log = (engines.home / "toy.log").open("ab")
        process = subprocess.Popen([sys.executable, program], env={**engines.environment, "TOY_PORT": str(port)}, stdout=log, stderr=log)
        wait_until(lambda: "listening" in engines.log("toy"), "the gateway listens")
        answered = set()
        caller = Caller(*await asyncio.open_connection("127.0.0.1", port))
        await caller.ask("ID open x")

        async def send():
            for number in range(100_000):
                await caller.say(f"V open {1790000000000 + number} a={number}\n")

        async def listen():
            while line := await caller.hear():
                answered.add(int(line.removeprefix("OK ")))
                if len(answered) == 300:
                    process.kill()

        sending = asyncio.create_task(send())
        await listen()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        process.wait()
        stored = {
            sample.time_ms for m in await asyncio.to_thread(engines.messages, broker.RAW) for sample in readings.decode(m.data).samples
        }
        assert len(answered) >= 300
        assert answered <= stored
