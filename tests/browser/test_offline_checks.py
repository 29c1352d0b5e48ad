"""The day's checks on a phone whose network is cut in the middle: pages open, answers and pictures are kept, and everything arrives once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.audit import Visitor
from tests.browser.node import Node

pytestmark = pytest.mark.browser

WAITING = "[data-offline-queue] li"
PICTURE = b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + bytes((200, 30, 30)) * 20 + b"\xff\xd9"
PHONE = {"width": 390, "height": 844}


def _ready(page: Page, address: str) -> None:
    page.goto(address, wait_until="load")
    page.wait_for_selector("html[data-shell-ready]", state="attached")


def _answer(page: Page, outcome: str, note: str = "", files: list[dict[str, object]] | None = None) -> None:
    page.check(f"#outcome-{outcome}")
    page.fill("#note", note)
    if files:
        page.set_input_files("#photo", files)  # type: ignore[arg-type]
    page.click("#check-form button")


def test_checks_and_a_permit_go_on_without_a_network_and_arrive_once(
    visitor: Callable[[str], Visitor], node: Node, browser: Browser
) -> None:
    phone = visitor("plant")
    phone.wear("zh", "light")
    page = phone.page
    page.set_viewport_size(PHONE)
    _ready(page, f"{node.url}/risk-checks/today/")
    page.wait_for_selector("html[data-offline-kept]", state="attached")
    open_ones = page.locator(".check-rows li:not(:has(> .chip)) a")
    first, second = (f"{node.url}{open_ones.nth(number).get_attribute('href')}" for number in range(2))

    # The network goes away in the middle of the round: checks that were never opened open, and are done.
    phone.context.set_offline(True)
    _ready(page, first)
    page.wait_for_selector("[data-offline-page]")
    program = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": b"MZ" + bytes(300)}
    picture = {"name": "好图.jpg", "mimeType": "image/jpeg", "buffer": PICTURE}
    _answer(page, "abnormal", "断网时发现：卡扣松动", [program, picture])
    page.wait_for_url("**/risk-checks/today/")
    page.wait_for_selector(f"{WAITING} >> nth=2")
    assert "离线，待发 3 项" in page.locator("[data-offline-queue]").inner_text()
    _ready(page, second)
    _answer(page, "normal")
    page.wait_for_url("**/risk-checks/today/")
    page.wait_for_selector(f"{WAITING} >> nth=3")
    assert page.locator("[data-offline-of].chip").count() == 2

    # Closed and opened again without a network, nothing is lost; a permit that was never opened on this phone is worked on too.
    again = phone.context.new_page()
    again.set_viewport_size(PHONE)
    page.goto("about:blank")
    _ready(again, f"{node.url}/permits/{node.records['permit_working']}/")
    again.wait_for_selector(f"{WAITING} >> nth=3")
    again.click("#do-test > summary")
    again.fill("#id_test-combustible", "0.03")
    again.fill("#id_test-lel", "4")
    again.click("#do-test button")
    again.wait_for_selector(f"{WAITING} >> nth=4")
    assert "离线，待发 5 项" in again.locator("[data-offline-queue]").inner_text()

    # Meanwhile somebody else does the second check.
    other = browser.new_context(locale="zh-CN", viewport=PHONE)  # type: ignore[arg-type]
    elsewhere = other.new_page()
    elsewhere.goto(f"{node.url}/sign-in/")
    elsewhere.click(f"button[value='{node.accounts['plant']}']")
    elsewhere.wait_for_url(lambda url: "/sign-in/" not in url)
    _ready(elsewhere, second)
    _answer(elsewhere, "not_applicable", "装置停用")
    elsewhere.wait_for_url("**/risk-checks/today/")
    other.close()

    # Back: sent in order; the program is refused by itself, the second result is told, the rest has gone.
    phone.context.set_offline(False)
    again.wait_for_selector(f"{WAITING} >> nth=2", state="detached")
    again.wait_for_selector(f"{WAITING} .errorlist")
    told = again.locator("[data-offline-queue]").inner_text()
    assert "现场.jpg" in told and "已另存" in told and "好图.jpg" not in told
    again.on("dialog", lambda dialog: dialog.accept())
    for left in (1, 0):
        again.locator(f"{WAITING} button").last.click()
        # the list is drawn anew after each: a second press before that would meet the same line again
        again.wait_for_selector(f"{WAITING} >> nth={left}", state="detached")
    _ready(again, first)
    results = again.locator("#results ~ ul > li")
    assert results.count() == 1 and results.locator("a", has_text="好图.jpg").count() == 1
    assert "断网时发现：卡扣松动" in results.locator("a[href*='/dangers/']").inner_text()
    _ready(again, second)
    assert again.locator("#results ~ ul > li").count() == 2

    again.close()
    phone.watcher.take()
