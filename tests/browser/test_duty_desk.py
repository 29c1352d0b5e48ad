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
    picture(page, "duty-1-call")
    address = page.url
    page.keyboard.type("示范氯碱有限公司")
    # The browser closes in the middle of a word: nothing is lost.
    page.goto("about:blank")
    until_kept(duty, address, "#q-persons", "示范氯碱有限公司")
    expect(page.locator("#q-place")).to_have_value("键盘路1号示范氯碱")
    page.locator("#q-deaths").focus()
    page.keyboard.type("0")
    key_to(page, "Control+Enter")
    expect(page.locator("#id_location")).to_have_value("键盘路1号示范氯碱")
    picture(page, "duty-2-report")
    # What the caller could not say stands as unknown already.
    key_to(page, "Control+Enter")
    expect(page.locator("#way")).to_be_visible()
    key_to(page, "u")
    expect(page.locator("main")).to_contain_text("未签收")
    picture(page, "duty-3-reported")
    key_to(page, "i")
    key_to(page, "Control+Enter")
    assert re.search(r"/incidents/[0-9a-f-]{36}/$", page.url), page.url
    propose_and_wake(page)
    page.goto("about:blank")
    duty.watcher.take()


def propose_and_wake(page: Page) -> None:
    """The response is proposed and the leader, who must approve it, is told by every way at once."""
    page.keyboard.press("p")
    expect(page.locator("#id_plan_id")).to_be_focused()
    for _ in range(12):
        if page.evaluate("document.activeElement.name") == "level":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for words in ("氯气泄漏处置", "疏散下风向人员", "突发事件应对法第七十一条"):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    key_to(page, "Control+Enter")
    expect(page.locator("main")).to_contain_text("氯气泄漏处置")
    picture(page, "duty-4-proposed")
    key_to(page, "l")
    key_to(page, "Control+Enter")
    assert "/contact/" in page.url, page.url
    picture(page, "duty-5-woken")


def until_kept(duty: Visitor, address: str, box: str, words: str) -> None:
    """Open a call again until what was typed last stands in it: what a page sends as it goes arrives a moment later."""
    for _ in range(10):
        assert duty.open(address.split("/", 3)[3].join(("/", "")), 1440) == 200
        if duty.page.locator(box).input_value() == words:
            return
    expect(duty.page.locator(box)).to_have_value(words)


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
