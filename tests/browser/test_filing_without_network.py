"""The network is cut while a report is written: it waits in the browser, its moment with it, and arrives once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.browser.audit import Visitor, picture
from tests.browser.test_offline_checks import WAITING

pytestmark = pytest.mark.browser

TITLE = "断网时报送的氯气泄漏"


def test_a_report_sent_without_a_network_arrives_once_when_it_is_back(visitor: Callable[[str], Visitor]) -> None:
    duty = visitor("duty")
    duty.wear("zh", "light")
    assert duty.open("/filings/new/", 390) == 200
    page = duty.page
    page.fill("#id_title", TITLE)
    page.select_option("#id_kind", "hazchem_leak")
    page.fill("#id_location", "键盘路2号")
    duty.context.set_offline(True)
    page.fill("#id_deaths", "0")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_selector(WAITING)
    expect(page.locator("[data-offline-said]")).to_contain_text("存在本机")
    # Pressed again by a nervous hand: the second waits behind the first and is the same report.
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_selector(f"{WAITING} >> nth=1")
    picture(page, "filing-without-network")
    duty.context.set_offline(False)
    page.wait_for_selector(WAITING, state="detached")
    assert duty.open(f"/filings/?q={TITLE}", 1440) == 200
    rows = page.locator("main tbody tr").filter(has_text=TITLE)
    expect(rows).to_have_count(1)
    expect(rows).not_to_contain_text("草稿")
    page.goto("about:blank")
    duty.watcher.take()
