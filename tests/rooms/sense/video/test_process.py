"""The whole signalling process against the database, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from types import ModuleType

import pytest
from asgiref.sync import sync_to_async
from tests.rooms.sense.plant import LOADER, enterprise
from tests.rooms.sense.video.talking import CAMERA, PASSWORD, PLATFORM, REALM, SERVER

from anlan.ground.places import loading
from anlan.kernel import clock as kernel_clock
from anlan.sense.video import services
from anlan.sense.video.events import picture_of
from anlan.sense.video.models import Camera, Platform, VideoEvent
from anlan.sense.video.sip import process
from anlan.site.demo import recorder
from anlan.site.demo.cameras import MAKER, DemoCamera, DemoPlatform, draw
from anlan.site.launcher.node import free_port
from anlan.wire.framing import Frame
from anlan.wire.gb28181 import contents, digest, manscdp, message
from anlan.wire.gb28181.framing import Framer
from anlan.wire.gb28181.message import Request, Response

pytestmark = pytest.mark.django_db(transaction=True)


class Line:
    """A device's side of a TCP connection or of a pair of datagram sockets."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self.heard: asyncio.Queue[message.Message] = asyncio.Queue()
        self._number = 0
        self.send: Callable[[bytes], None] = lambda _data: None
        self.transport = "UDP"

    async def by_tcp(self) -> Line:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        self.send, self.transport = writer.write, "TCP"

        async def listen() -> None:
            framer = Framer()
            while data := await reader.read(65536):
                for piece in framer.feed(data):
                    assert isinstance(piece, Frame)
                    self._take(piece.data)

        self._task = asyncio.create_task(listen())
        return self

    async def by_udp(self) -> Line:
        line = self

        class Heard(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                line._take(data)

        transport, _protocol = await asyncio.get_running_loop().create_datagram_endpoint(Heard, remote_addr=(self._host, self._port))
        self.send = transport.sendto
        return self

    def _take(self, data: bytes) -> None:
        found = message.parse(data)
        if isinstance(found, Request):
            self.send(message.encode(message.answer(found, 200, tag="device")))
        self.heard.put_nowait(found)

    async def ask(self, method: str, body: bytes = b"", *headers: tuple[str, str]) -> Response:
        self._number += 1
        told = (
            ("Via", f"SIP/2.0/{self.transport} 127.0.0.1:1;rport;branch=z9hG4bK{id(self)}{self._number}"),
            ("From", f"<sip:{PLATFORM}@{REALM}>;tag=d"),
            ("To", f"<sip:{SERVER}@{REALM}>"),
            ("Call-ID", f"call-{id(self)}"),
            ("CSeq", f"{self._number} {method}"),
            *headers,
        )
        self.send(message.encode(Request(told, body, method, f"sip:{SERVER}@{REALM}")))
        async with asyncio.timeout(10):
            while True:
                found = await self.heard.get()
                if isinstance(found, Response) and found.cseq == (self._number, method):
                    return found

    async def register(self) -> Response:
        first = await self.ask("REGISTER", b"", ("Expires", "3600"))
        challenge = digest.parse_challenge(first.get("WWW-Authenticate"))
        proof = digest.respond(challenge, PLATFORM, PASSWORD, "REGISTER", "sip:x", cnonce="c")
        return await self.ask("REGISTER", b"", ("Expires", "3600"), ("Authorization", proof.header()))

    async def say(self, root: str, command: str, content: contents.Content, *, device: str = PLATFORM) -> Response:
        body = manscdp.encode(manscdp.Body(root, command, 5, device, content))
        return await self.ask("MESSAGE", body, ("Content-Type", message.MANSCDP))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something in the database."""
    async with asyncio.timeout(15):
        while not await sync_to_async(condition)():
            await asyncio.sleep(0.05)


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    number = free_port()
    monkeypatch.setitem(os.environ, "ANLAN_SIP_PORT", str(number))
    monkeypatch.setitem(os.environ, "ANLAN_SIP_HOST", "127.0.0.1")
    monkeypatch.setitem(os.environ, "ANLAN_SIP_SERVER", SERVER)

    def register() -> None:
        loading.load(within="3701")
        owner = enterprise()
        services.register_platform(
            code=PLATFORM, name="录像机", password=PASSWORD, place_code="370102", uscc=owner.uscc, actor=LOADER, now=kernel_clock.now()
        )

    await sync_to_async(register)()
    stop = asyncio.Event()
    running = asyncio.create_task(process.run(stop))
    async with asyncio.timeout(15):
        while not running.done():
            with contextlib.suppress(OSError):
                _reader, writer = await asyncio.open_connection("127.0.0.1", number)
                writer.close()
                break
            await asyncio.sleep(0.05)
    yield number
    stop.set()
    await running


@pytest.mark.parametrize("way", ["by_tcp", "by_udp"])
async def test_a_device_registers_lists_its_cameras_and_its_alarm_is_kept_before_it_is_answered(
    way: str, port: int, clock: ModuleType
) -> None:
    line = await getattr(Line("127.0.0.1", port), way)()
    assert (await line.register()).status == 200
    await until(lambda: Platform.objects.filter(line="online").exists())
    items = (contents.CatalogItem(CAMERA, "液氯储存区", status="ON"),)
    assert (await line.say("Response", "Catalog", contents.Catalog(1, items))).status == 200
    await until(lambda: Camera.objects.filter(line="online", device__isnull=False).exists())
    told_ms = round(kernel_clock.now().timestamp() * 1000)
    answer = await line.say("Notify", "Alarm", contents.Alarm(1, 5, told_ms, "烟雾", kind=2), device=CAMERA)
    assert answer.status == 200
    events = await sync_to_async(lambda: list(VideoEvent.objects.values_list("kind", flat=True)))()
    assert events == ["gb28181.video_2"], "answered, so it is there already"
    assert (await line.ask("REGISTER", b"", ("Expires", "0"))).status == 401


async def test_garbage_on_the_port_harms_nobody(port: int, clock: ModuleType) -> None:
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(30):
        writer.write(b"\x00\xff garbage\r\n\r\n" * 50)
    with contextlib.suppress(ConnectionError):
        await writer.drain()
    udp = await Line("127.0.0.1", port).by_udp()
    udp.send(b"\xff" * 60_000)
    udp.send(b"REGISTER sip:a@b SIP/2.0\r\n\r\n")
    line = await Line("127.0.0.1", port).by_tcp()
    assert (await line.register()).status == 200


async def test_the_recorder_of_the_demonstration_is_understood(port: int, clock: ModuleType) -> None:
    cameras = tuple(DemoCamera(f"3701020000132{number:07}", f"{number} 号", 1, 117.05, 36.66, dark=number == 9) for number in range(1, 10))
    talking = asyncio.create_task(recorder.stay_registered(DemoPlatform(PLATFORM, PASSWORD, "user", "secret", cameras)))
    await until(lambda: Camera.objects.filter(line="online").count() == 8)
    await until(lambda: Platform.objects.filter(manufacturer=MAKER, heartbeat_s=30).exists())
    assert await sync_to_async(Camera.objects.filter(line="offline").count)() == 1
    talking.cancel()
    await asyncio.gather(talking, return_exceptions=True)


def test_pictures_of_the_demonstration_are_pictures(clock: ModuleType) -> None:
    camera = DemoCamera("37010200001320000001", "液氯储存区", 1, None, None)
    assert picture_of(draw(camera, kernel_clock.now()), 100_000).media_type == "image/png"
