"""Emergency broadcast over a real broker: the node's own stream server, which speaks MQTT 3.1.1, with a terminal that plays and answers."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree.ElementTree import fromstring

import aiomqtt
import pytest

from anlan.site.launcher import engines
from anlan.site.launcher.node import free_port
from anlan.warn.channels.adapters import broadcast
from anlan.warn.channels.adapters.contract import Answer, NotSent, Outgoing, Settings, Told

pytestmark = pytest.mark.engines
NAME = f"{{{broadcast.NAMESPACE}}}"


@contextmanager
def broker(folder: Path, port: int) -> Iterator[None]:
    """The server alone, without the node's way of admitting devices."""
    config = folder / "broker.conf"
    config.write_text(
        f'port: {free_port()}\nserver_name: "broker"\njetstream {{ store_dir: "{folder / "store"}" }}\nmqtt {{ port: {port}, host: "127.0.0.1" }}\n'
    )
    process = subprocess.Popen([engines.NATS, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


class Terminal:
    """A loudspeaker: hears what is played to it, and says that it was spoken."""

    def __init__(self, port: int) -> None:
        self.port, self.ready, self.played = port, threading.Event(), list[dict[str, str]]()
        threading.Thread(target=lambda: asyncio.run(self._listen()), daemon=True).start()

    async def _listen(self) -> None:
        with suppress(aiomqtt.MqttError):
            async with aiomqtt.Client("127.0.0.1", self.port) as client:
                await client.subscribe("anlan/broadcast/+/play", qos=1)
                self.ready.set()
                async for message in client.messages:
                    said = {child.tag.removeprefix(NAME): child.text or "" for child in fromstring(bytes(message.payload))}
                    self.played.append(said | {"topic": str(message.topic)})
                    at = datetime.now(UTC).isoformat()
                    body = f'<BroadcastReceipt xmlns="{broadcast.NAMESPACE}"><Key>{said["Key"]}</Key><State>delivered</State><At>{at}</At></BroadcastReceipt>'
                    await client.publish(str(message.topic).replace("/play", "/receipt"), body, qos=1)


def outgoing(number: int) -> Outgoing:
    return Outgoing(
        f"abc-{number}", f"ls-{number}", "液氯泄漏", "关闭门窗，不要外出。", "zh", "red", datetime.now(UTC) + timedelta(hours=1)
    )


def test_a_loudspeaker_behind_a_broker_plays_and_its_receipts_come_back_also_after_the_broker_was_gone(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings("广播", "broadcast", f"mqtt://127.0.0.1:{port}", hosts=(f"127.0.0.1:{port}",), timeout_s=5.0)
    carrier = broadcast.Broadcast(settings)
    with pytest.raises(NotSent):
        carrier.send([outgoing(1)])
    with broker(tmp_path, port):
        terminal = Terminal(port)
        assert terminal.ready.wait(10)
        assert [result.answer for result in carrier.send([outgoing(1), outgoing(2)])] == [Answer.ACCEPTED] * 2
        assert told(carrier, 2) == {("abc-1", Told.DELIVERED), ("abc-2", Told.DELIVERED)}
        assert [(one["topic"], one["Text"], one["Action"]) for one in terminal.played] == [
            (f"anlan/broadcast/ls-{number}/play", "关闭门窗，不要外出。", "play") for number in (1, 2)
        ]
    answers = {result.answer for result in sent(carrier, outgoing(3))}
    assert answers <= {Answer.LATER, Answer.UNKNOWN}, "what nobody acknowledged is not taken for sent"
    with broker(tmp_path, port):
        terminal = Terminal(port)
        assert terminal.ready.wait(10)
        assert [result.answer for result in sent(carrier, outgoing(4))] == [Answer.ACCEPTED], "the line is made again"
        assert ("abc-4", Told.DELIVERED) in told(carrier, 1)
    carrier.close()


def sent(carrier: broadcast.Broadcast, each: Outgoing) -> list:
    """Send, twice where the line is found lost only by trying."""
    from anlan.warn.channels.adapters.contract import Result

    try:
        return carrier.send([each])
    except NotSent:
        return [Result(Answer.LATER)]


def told(carrier: broadcast.Broadcast, wanted: int) -> set[tuple[str, Told]]:
    found: set[tuple[str, Told]] = set()
    until = time.monotonic() + 10
    while len(found) < wanted and time.monotonic() < until:
        found |= {(note.key, note.told) for note in carrier.receipts()}
        time.sleep(0.02)
    return found
