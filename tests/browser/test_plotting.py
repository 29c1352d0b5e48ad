"""Two posts at one board in two real browsers: both see both, and what one draws without connection arrives when it is back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from tests.browser.audit import Visitor
from tests.browser.node import Node

pytestmark = pytest.mark.browser


def add(page: Page, title: str, coordinates: str, kind: str = "point") -> None:
    """Add an object by the form, as the keyboard does."""
    if not page.locator("#plot-add").is_visible():
        page.click("#plot-add >> xpath=ancestor::details/summary")
    page.select_option("#add-kind", kind)
    page.fill("#add-title", title)
    page.fill("#add-coordinates", coordinates)
    page.click("#plot-add button")


def row(title: str) -> str:
    return f"#plot-list tr:has(.plot-pick:text-is('{title}'))"


def test_two_posts_draw_together_and_one_goes_on_without_connection(visitor: Callable[[str], Visitor], node: Node) -> None:
    duty, team = visitor("duty"), visitor("team")
    for one in (duty, team):
        one.wear("zh", "light")
        assert one.open(f"/plotting/{node.records['plotting']}/", 1440) == 200
        one.page.wait_for_selector("html[data-plot-ready][data-map-ready]")
        one.page.wait_for_selector("#plot-link[data-state=open]")
    here, there = duty.page, team.page
    there.wait_for_selector(f"#plot-people :text('{here.locator('.plot-me').inner_text().split()[0]}')")

    # At the same time, by form and by hand.
    add(here, "甲点", "117.52,36.71")
    add(there, "乙区", "117.51,36.70\n117.53,36.70\n117.53,36.72", "area")
    for page in (here, there):
        page.wait_for_selector(row("甲点"))
        page.wait_for_selector(row("乙区"))
    here.keyboard.press("Escape")
    here.click("[data-tool=symbol]")
    here.click("[data-symbol=ambulance]")
    here.locator("#plot-map canvas").click(position={"x": 640, "y": 420})
    here.wait_for_selector("#plot-object:not([hidden])")
    here.fill("#plot-title", "急救一车")
    here.click("#plot-form [data-edit]:not([data-act])")
    there.wait_for_selector(row("急救一车"))
    here.click("[data-act=undo]")
    there.wait_for_selector(row("救护车"))
    assert duty.watcher.take() == [] and team.watcher.take() == []

    # One loses the connection, both draw on, it comes back.
    team.context.set_offline(True)
    add(there, "断网点", "117.50,36.69")
    there.wait_for_selector("#plot-link[data-state=lost][data-waiting='1']")
    add(here, "丙点", "117.54,36.73")
    here.wait_for_selector(row("丙点"))
    assert here.locator(row("断网点")).count() == 0
    team.context.set_offline(False)
    here.wait_for_selector(row("断网点"))
    there.wait_for_selector(row("丙点"))
    there.wait_for_selector("#plot-link[data-state=open][data-waiting='0']")
    assert there.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('anlan.plotting.'))") == []

    # Who drew is the node's word; the replay shows what was there before.
    captain = there.locator(".plot-me").inner_text().split()[0]
    assert captain in here.locator(row("断网点")).inner_text()
    here.wait_for_selector("#plot-history >> text=断网点")
    here.click("[data-act=replay]")
    here.fill("#plot-slider", "0")
    here.wait_for_selector("#plot-then:text('第 0 /')")
    here.click("[data-act=live]")
    assert duty.watcher.take() == []
    team.watcher.take()
