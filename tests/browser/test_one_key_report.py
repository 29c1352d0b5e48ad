"""The one-key report on a phone: three taps, small first, and the same without a network, where it waits and arrives once."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Error, Page, Request
from tests.browser.audit import Visitor
from tests.browser.node import Node

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
WAITING = "[data-offline-queue] li"


def _photo(seed: int) -> bytes:
    """A picture of grain, 400 x 300 px: larger than a small one may be. PNG (RFC 2083): each row behind a zero for its filter."""
    grain = np.random.default_rng(seed).integers(0, 255, (300, 1200), dtype=np.uint8)
    rows = np.hstack([np.zeros((300, 1), dtype=np.uint8), grain]).tobytes()
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 400, 300, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _open(page: Page, node: Node) -> None:
    try:
        page.goto(f"{node.url}/app/", wait_until="load")
    except Error:
        # What just arrived leads the page on by itself; that way was quicker.
        page.wait_for_load_state("load")
        page.goto(f"{node.url}/app/", wait_until="load")
    page.wait_for_selector("html[data-one-key-ready][data-shell-ready]", state="attached")
    page.wait_for_selector("html[data-placed]", state="attached")


def _report(page: Page, node: Node, seed: int) -> int:
    """Report in taps, and say how many they were; the camera is the file chooser."""
    taps = 1
    _open(page, node)
    with page.expect_file_chooser() as camera:
        page.click(".one-key-button")
        taps += 1
    camera.value.set_files([{"name": f"现场{seed}.png", "mimeType": "image/png", "buffer": _photo(seed)}])
    page.wait_for_selector("[data-picture-ready]")
    small = page.evaluate("document.querySelector('[data-thumbnail]').files[0].size")
    assert 0 < small <= 30_000, small
    page.click(".one-key-send")
    return taps + 1


def test_three_taps_send_a_report_small_first_with_a_network_and_without(visitor: Callable[[str], Visitor], node: Node) -> None:
    phone = visitor("team")
    phone.wear("zh", "light")
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"longitude": 117.08, "latitude": 36.67, "accuracy": 9})
    page = phone.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    sent: list[tuple[str, int]] = []

    def count(request: Request) -> None:
        if request.method == "POST" and "/app/reports/" in request.url:
            sent.append((request.url, len(request.post_data_buffer or b"")))

    page.on("request", count)
    assert _report(page, node, 1) == 3
    page.wait_for_url("**/field-reports/**")
    page.wait_for_selector(WAITING, state="detached")
    assert [url.rsplit("/", 2)[-2] for url, _size in sent] == ["reports", "pictures", "pictures"]
    assert 0 < sent[0][1] < 2_000, sent[0][1]
    page.reload()
    assert "117.08000, 36.67000" in page.locator("#facts ~ dl").inner_text()

    # Twice without a network: both wait in order, and arrive once each.
    sent.clear()
    _open(page, node)
    page.wait_for_selector("html[data-offline-kept]", state="attached")
    phone.context.set_offline(True)
    for seed in (2, 3):
        assert _report(page, node, seed) == 3
        page.wait_for_selector(f"{WAITING} >> nth={3 * (seed - 1) - 1}")
    assert "离线，待发 6 项" in page.locator("[data-offline-queue]").inner_text()
    phone.context.set_offline(False)
    page.wait_for_selector(WAITING, state="detached")
    _open(page, node)
    assert page.locator("#own ~ ul > li").count() == 4  # one of the seed
    page.remove_listener("request", count)
    phone.watcher.take()
