"""The count-down of an earthquake as somebody on duty sees it: it runs, follows each estimate, says when it was taken back and when the node is away."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.audit import Visitor, picture

pytestmark = pytest.mark.browser

AN_HOUR_AHEAD = "(() => { const now = Date.now.bind(Date); Date.now = () => now() + 3600000; })()"
WAIT_MS = 30_000
"""Longer than the page waits for an answer before it says that there is none, and than a busy machine takes."""
ORIGIN = {"#id_longitude": "121.40", "#id_latitude": "37.40", "#id_depth_km": "10", "#id_place": "烟台附近", "#id_agency": "测试台网"}
"""Four hundred kilometres away: nearly two minutes, of which a busy machine may take one before anybody looks."""


def estimate(page: Page, magnitude: str) -> None:
    """Fill the form of an estimate that is open, and give it."""
    for field, value in {**ORIGIN, "#id_magnitude": magnitude}.items():
        page.fill(field, value)
    if page.locator("#id_exercise").count():
        page.check("#id_exercise")
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.click("main form.form button.btn-danger")


def seconds(page: Page) -> int:
    return int(page.locator(".eew-seconds").inner_text())


def test_seconds_run_down_follow_each_estimate_and_say_when_the_warning_or_the_node_is_gone(visitor: Callable[[str], Visitor]) -> None:
    duty = visitor("duty")
    duty.wear("zh", "light")
    assert duty.open("/hazards/quakes/estimate/", 1440) == 200
    entering = duty.page
    estimate(entering, "7.8")
    address = entering.url

    # Somebody else looks, with a clock that is an hour wrong.
    page = duty.context.new_page()
    page.add_init_script(AN_HOUR_AHEAD)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(address)
    before = seconds(page)
    assert 0 < before < 150
    expect(page.locator(".eew-seconds")).to_have_text(re.compile("|".join(f"^{number}$" for number in range(before - 1))), timeout=WAIT_MS)
    page.evaluate("window.stillTheSamePage = true")
    picture(page, "quake-counting")

    entering.locator(".page-head a", has_text="更新估计").click()
    estimate(entering, "8.2")
    expect(page.locator("h1")).to_contain_text("M8.2", timeout=WAIT_MS)
    expect(page.locator(".eew-seconds")).to_be_visible()
    assert page.evaluate("window.stillTheSamePage") is True

    page.route("**/seconds.json", lambda route: route.abort())
    expect(page.locator("#eew-stale")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator("#eew-stale")).to_contain_text("失去联系")
    page.unroute("**/seconds.json")
    expect(page.locator("#eew-stale")).to_be_hidden(timeout=WAIT_MS)

    with entering.expect_navigation(wait_until="domcontentloaded"):
        entering.get_by_role("button", name="取消预警", exact=True).click()
    expect(page.locator("#eew [role=alert]")).to_contain_text("预警已取消", timeout=WAIT_MS)
    expect(page.locator(".eew-seconds")).to_have_count(0)
    page.close()
    duty.watcher.take()
