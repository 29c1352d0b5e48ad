"""An officer's first fifteen minutes by keyboard only: the telephone rings, questions, a report, and what rings is answered."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.audit import Visitor, picture

pytestmark = pytest.mark.browser


def key_to(page: Page, key: str) -> None:
    """Press a key that leads on to another page."""
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.keyboard.press(key)
    page.wait_for_selector("html[data-shell-ready]", state="attached")


def test_a_call_becomes_a_report_without_a_mouse(visitor: Callable[[str], Visitor]) -> None:
    duty = visitor("duty")
    duty.wear("zh", "light")
    assert duty.open("/duty/", 1440) == 200
    page = duty.page
    key_to(page, "c")
    expect(page.locator("h1")).to_contain_text("电话接报")
    expect(page.locator("#call-kind")).to_be_focused()
    with page.expect_navigation(wait_until="domcontentloaded"):
        # The questions follow the kind of event: the first of the list.
        page.keyboard.press("ArrowDown")
    page.wait_for_selector("html[data-shell-ready]", state="attached")
    expect(page.locator("#q-substance")).to_be_visible()
    page.locator("#call-caller").focus()
    for said in ("中控室 张某", "13900000000", "键盘路1号示范氯碱", "02:10", "氯气泄漏，人员撤离"):
        page.keyboard.type(said)
        page.keyboard.press("Enter")
    expect(page.locator("#q-persons")).to_be_focused()
    with page.expect_response(re.compile("/keep/")):
        page.keyboard.type("示范氯碱有限公司")
    address = page.url
    picture(page, "duty-1-call")
    # The browser closes in the middle: nothing is lost.
    page.goto("about:blank")
    assert duty.open(address.split("/", 3)[3].join(("/", "")), 1440) == 200
    expect(page.locator("#q-place")).to_have_value("键盘路1号示范氯碱")
    expect(page.locator("#q-persons")).to_have_value("示范氯碱有限公司")
    page.locator("#q-deaths").focus()
    page.keyboard.type("0")
    key_to(page, "Control+Enter")
    expect(page.locator("#id_location")).to_have_value("键盘路1号示范氯碱")
    picture(page, "duty-2-report")
    page.goto("about:blank")
    duty.watcher.take()


def test_help_names_the_keys_of_the_desk(visitor: Callable[[str], Visitor]) -> None:
    duty = visitor("duty")
    duty.wear("zh", "light")
    assert duty.open("/duty/", 1440) == 200
    duty.page.keyboard.press("?")
    expect(duty.page.locator("#help")).to_contain_text("接电话")
    picture(duty.page, "duty-3-help")
    duty.page.keyboard.press("Escape")
    duty.page.goto("about:blank")
    duty.watcher.take()
