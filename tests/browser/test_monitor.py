"""The pages that watch points in a real browser: the list that only draws what is in view, the chart by keyboard, the plan by form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.browser.audit import Visitor
from tests.browser.node import Node

pytestmark = pytest.mark.browser


def test_the_live_list_filters_as_one_types_and_opens_a_point_by_keyboard(visitor: Callable[[str], Visitor], node: Node) -> None:
    duty = visitor("duty")
    duty.wear("zh", "light")
    assert duty.open("/monitor/points/", 1440) == 200
    page = duty.page
    assert page.locator("#grid-plain").is_hidden()
    shown = page.locator(".grid").get_attribute("aria-rowcount")
    assert shown is not None and int(shown) > 2
    assert page.locator(".grid-body .grid-row").count() < 60
    page.fill("#grid-q", "压力")
    page.wait_for_selector(f".grid:not([aria-rowcount='{shown}'])")
    assert all("压力" in name for name in page.locator(".grid-body .grid-name").all_inner_texts())
    assert "q=%E5%8E%8B%E5%8A%9B" in page.url
    page.focus(".grid")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sensors/*/")
    assert duty.watcher.take() == []


def test_columns_that_were_put_away_stay_away(visitor: Callable[[str], Visitor]) -> None:
    duty = visitor("duty")
    duty.open("/monitor/points/", 1440)
    duty.page.click("#grid details summary")
    duty.page.locator("#grid details input").first.uncheck()
    duty.open("/monitor/points/", 1440)
    assert "without-code" in (duty.page.locator(".grid").get_attribute("class") or "")
    duty.page.click("#grid details summary")
    duty.page.locator("#grid details input").first.check()
    assert duty.watcher.take() == []


def test_the_chart_moves_by_keyboard_and_every_link_moves_with_it(visitor: Callable[[str], Visitor], node: Node) -> None:
    duty = visitor("duty")
    duty.open(f"/sensors/{node.records['sensor']}/?hours=1", 1440)
    page = duty.page
    assert "span=3600" in (page.get_attribute("[data-link=export]", "href") or "")
    page.focus("[data-plot]")
    page.keyboard.press("3")
    page.wait_for_selector("[data-link=export][href*='span=604800']")
    page.keyboard.press("+")
    page.wait_for_selector("[data-link=export][href*='span=302400']")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("[data-link=table][href*='until=']")
    page.keyboard.press("End")
    page.wait_for_selector("[data-link=table][href*='span=302400']")
    duty.watcher.take()


def test_something_is_put_on_the_plan_by_form(visitor: Callable[[str], Visitor], node: Node) -> None:
    clerk = visitor("clerk")
    address = f"/monitor/enterprises/{node.records['enterprises']}/?arrange=1"
    clerk.open(address, 1440)
    page = clerk.page
    page.select_option("#id_thing", index=0)
    key = page.input_value("#id_thing")
    page.fill("#id_east_m", "40")
    page.fill("#id_north_m", "-25")
    page.click("#plan-form button:not([name])")
    page.wait_for_selector(f"[data-block='{key}']")
    assert page.locator(f"[data-tray='{key}']").count() == 0
    assert clerk.watcher.take() == []
