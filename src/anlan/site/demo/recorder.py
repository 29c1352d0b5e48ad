"""A recorder of the demonstration: registers by GB/T 28181 over TCP like a real one, lists its cameras, gives signs of life, sends pictures."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import structlog

from anlan.kernel import clock
from anlan.kernel.errors import Refusal
from anlan.site.demo import cameras
from anlan.site.demo.cameras import DemoPlatform
from anlan.wire.framing import Frame
from anlan.wire.gb28181 import digest, manscdp, message
from anlan.wire.gb28181.contents import Catalog, Config, Content, DeviceInfo, Keepalive
from anlan.wire.gb28181.framing import Framer
from anlan.wire.gb28181.message import Request, Response

log = structlog.get_logger()

HEARTBEAT_S, EXPIRES_S, PICTURES_EVERY_S, AGAIN_S, PART = 30.0, 3600, 900.0, 15.0, 4
BEIJING = ZoneInfo("Asia/Shanghai")


def sip_address() -> tuple[str, int]:
    """Where the node listens for video platforms."""
    host = os.environ.get("ANLAN_SIP_HOST", "127.0.0.1")
    return ("127.0.0.1" if host in {"0.0.0.0", "::"} else host), int(os.environ.get("ANLAN_SIP_PORT", "5060"))


class Recorder:
    """One connection of one recorder."""

    def __init__(self, platform: DemoPlatform, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._platform, self._reader, self._writer = platform, reader, writer
        self._call, self._number = secrets.token_hex(8), 0
        self._answers: dict[int, asyncio.Future[Response]] = {}

    async def run(self) -> None:
        """Register and stay until the connection ends. Raises ``ConnectionError`` when it does, or when the node refuses."""
        listening = asyncio.create_task(self._listen())
        living = asyncio.create_task(self._live())
        done, pending = await asyncio.wait([listening, living], return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        self._writer.close()
        for task in done:
            task.result()
        raise ConnectionError("the node closed the connection")

    async def _live(self) -> None:
        while True:
            await self._register()
            for _ in range(int(EXPIRES_S * 0.8 / HEARTBEAT_S)):
                await self._say("Notify", "Keepalive", secrets.randbelow(100_000), Keepalive("OK"))
                await asyncio.sleep(HEARTBEAT_S)

    async def _register(self) -> None:
        contact = (("Contact", f"<sip:{self._platform.code}@127.0.0.1>"), ("Expires", str(EXPIRES_S)))
        answer = await self._ask("REGISTER", b"", *contact)
        if answer.status == 401:
            challenge = digest.parse_challenge(answer.get("WWW-Authenticate"))
            uri = f"sip:{challenge.realm}"
            proof = digest.respond(challenge, self._platform.code, self._platform.password, "REGISTER", uri, cnonce=secrets.token_hex(8))
            answer = await self._ask("REGISTER", b"", *contact, ("Authorization", proof.header()))
        if answer.status != 200:
            raise ConnectionError(f"registration refused: {answer.status}")

    async def _ask(self, method: str, body: bytes, *headers: tuple[str, str]) -> Response:
        self._number += 1
        code = self._platform.code
        told = (
            ("Via", f"SIP/2.0/TCP 127.0.0.1;rport;branch=z9hG4bK{secrets.token_hex(8)}"),
            ("From", f"<sip:{code}@{code[:10]}>;tag={self._call[:8]}"),
            ("To", f"<sip:{code}@{code[:10]}>"),
            ("Call-ID", self._call),
            ("CSeq", f"{self._number} {method}"),
            *headers,
        )
        waiting = self._answers[self._number] = asyncio.get_running_loop().create_future()
        self._writer.write(message.encode(Request(told, body, method, f"sip:{code[:10]}")))
        async with asyncio.timeout(20):
            await self._writer.drain()
            return await waiting

    async def _say(self, root: str, command: str, serial: int, content: Content) -> None:
        body = manscdp.encode(manscdp.Body(root, command, serial, self._platform.code, content))
        await self._ask("MESSAGE", body, ("Content-Type", message.MANSCDP))

    async def _listen(self) -> None:
        framer, telling = Framer(), set()
        while data := await self._reader.read(65536):
            for piece in framer.feed(data):
                if not isinstance(piece, Frame):
                    continue
                found = message.parse(piece.data)
                if isinstance(found, Response):
                    waiting = self._answers.pop(found.cseq[0], None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(found)
                    continue
                self._writer.write(message.encode(message.answer(found, 200, tag=self._call[:8])))
                telling.add(task := asyncio.create_task(self._tell(found)))
                task.add_done_callback(telling.discard)

    async def _tell(self, asked: Request) -> None:
        """Answer a query in a message of our own, as the standard has it."""
        try:
            body = manscdp.decode(asked.body)
        except Refusal:
            return
        serial = body.serial or 0
        items = tuple(camera.item() for camera in self._platform.cameras)
        match (asked.method, body.root, body.command):
            case ("MESSAGE", "Query", "Catalog"):
                for begin in range(0, len(items), PART):
                    await self._say("Response", "Catalog", serial, Catalog(len(items), items[begin : begin + PART]))
            case ("MESSAGE", "Query", "DeviceInfo"):
                await self._say(
                    "Response", "DeviceInfo", serial, DeviceInfo("OK", "录像机（演示）", cameras.MAKER, "DEMO-NVR", "1.0", len(items))
                )
            case ("MESSAGE", "Query", "ConfigDownload"):
                await self._say("Response", "ConfigDownload", serial, Config("OK", "录像机（演示）", EXPIRES_S, int(HEARTBEAT_S), 3))
            case _:
                return


async def stay_registered(platform: DemoPlatform) -> None:
    """Be one recorder for ever; connect again with growing patience."""
    patience = 1.0
    while True:
        try:
            reader, writer = await asyncio.open_connection(*sip_address())
            patience = 1.0
            await Recorder(platform, reader, writer).run()
        except (OSError, TimeoutError, Refusal) as lost:
            log.info("recorder_lost", platform=platform.code, why=str(lost), again_in_s=patience)
            await asyncio.sleep(patience)
            patience = min(30.0, patience * 2)


async def send_pictures(platforms: tuple[DemoPlatform, ...], address: str) -> None:
    """Draw and send a picture of every camera now and then, one after the other, so that it costs next to nothing."""
    async with httpx.AsyncClient(base_url=address, timeout=20, trust_env=False) as client:
        while True:
            taken = True
            for platform in platforms:
                for camera in platform.cameras:
                    if not camera.dark:
                        taken = await _send_picture(client, platform, camera) and taken
                    await asyncio.sleep(0.5)
            # Until its catalogue was taken in, the node knows none of the cameras.
            await asyncio.sleep(PICTURES_EVERY_S if taken else AGAIN_S)


async def _send_picture(client: httpx.AsyncClient, platform: DemoPlatform, camera: cameras.DemoCamera) -> bool:
    at: datetime = clock.now()
    try:
        picture = await asyncio.to_thread(cameras.draw, camera, at.astimezone(BEIJING))
        told = {"camera": camera.code, "time": int(at.timestamp() * 1000), "picture": base64.b64encode(picture).decode()}
        answer = await client.post("/intake/video/snapshots/", json=told, auth=(platform.username, platform.secret))
    except (httpx.HTTPError, Refusal) as lost:
        log.info("picture_not_sent", camera=camera.code, why=str(lost))
        return False
    if answer.status_code != 200:
        log.info("picture_refused", camera=camera.code, status=answer.status_code)
    return answer.status_code == 200
