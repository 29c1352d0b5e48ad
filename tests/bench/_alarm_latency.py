"""From a device's publish to an event in a browser: one connection lets limits be crossed, an officer's page in Chromium hears of the alarms.

Both sides read the same clock. The probe's reading carries the moment of its publishing; the alarm carries that moment as the time it was
raised; the page notes when its live stream tells it of the alarm.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path

from playwright.async_api import Page, async_playwright

from anlan.site.load.fleet import Link, read
from anlan.site.load.mqtt import CONNACK, answers, connect, publish
from anlan.wire import readings

HIGH, LOW = 99.9, 20.0
CHROMIUM = os.environ.get("ANLAN_CHROMIUM", "/usr/bin/chromium")
_LISTEN = """() => new Promise((opened) => {
  window.heard = [];
  const source = new EventSource('/live/');
  source.addEventListener('alarms.raised', (event) => window.heard.push([JSON.parse(event.data).id, Date.now()]));
  source.onopen = () => opened(true);
})"""


async def _sign_in(page: Page, url: str, account: str) -> None:
    await page.goto(f"{url}/sign-in/")
    await page.click(f"button[value='{account}']")
    await page.wait_for_url(lambda now: "/sign-in/" not in now)


class _Probe(asyncio.Protocol):
    """Publishes one reading at a time, QoS 1."""

    def __init__(self, link: Link) -> None:
        self._link, self._buffer, self._packet = link, bytearray(), 0
        self._topic = readings.topic(link.username, link.device).encode()
        self.admitted = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(connect("probe", self._link.username, self._link.secret))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        for kind, value in answers(self._buffer):
            if kind == CONNACK:
                self.admitted.set_result(value == 0)

    def say(self, values: dict[str, float]) -> int:
        now_ms = time.time_ns() // 1_000_000
        self._packet = self._packet % 65535 + 1
        self.transport.write(publish(self._topic, self._packet, readings.encode([readings.Sample(now_ms, values)])))
        return now_ms


async def _measure(url: str, account: str, link: Link, where: tuple[str, int], seconds: float, every_s: float) -> list[tuple[str, float]]:
    """(alarm, when the page heard of it, ms) of every alarm that the page heard."""
    limited = [code for at, code in enumerate(link.points) if at % 10 == 0]
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        await _sign_in(page, url, account)
        await page.goto(f"{url}/about/")
        await page.evaluate(_LISTEN)
        _transport, probe = await asyncio.get_running_loop().create_connection(lambda: _Probe(link), *where)
        assert await asyncio.wait_for(probe.admitted, 20), "the probe was turned away"
        probe.say(dict.fromkeys(limited, LOW))
        await asyncio.sleep(1)
        end, turn = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            high, low = limited[turn % len(limited)], limited[(turn - 1) % len(limited)]
            probe.say({high: HIGH, low: LOW})
            turn += 1
            await asyncio.sleep(every_s)
        await asyncio.sleep(3)
        heard = await page.evaluate("() => window.heard")
        await browser.close()
    sys.stderr.write(f"{turn} limits crossed, {len(heard)} alarms heard\n")
    return [(str(alarm), float(at)) for alarm, at in heard]


def main() -> int:
    """Measure on the node of the environment; the last line is the latencies in ms, ascending."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--account", default="county.duty")
    parser.add_argument("--fleet", type=Path, required=True)
    parser.add_argument("--mqtt-port", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=0.2)
    asked = parser.parse_args()
    link = read(asked.fleet).links[-1]
    heard = asyncio.run(_measure(asked.url.rstrip("/"), asked.account, link, ("127.0.0.1", asked.mqtt_port), asked.seconds, asked.every))

    import django

    django.setup()
    from anlan.sense.alarms.models import Alarm

    raised = {str(pk): at for pk, at in Alarm.objects.filter(pk__in=[alarm for alarm, _ in heard]).values_list("pk", "raised_at")}
    late = sorted(round(at - raised[alarm].timestamp() * 1000, 1) for alarm, at in heard if alarm in raised)
    sys.stdout.write(json.dumps(late) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
