"""The frame of every page: language, keys, refusals, the live count, the map."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.browser.audit import Visitor, violations
from tests.browser.node import Node

pytestmark = pytest.mark.browser


def test_the_language_is_chinese_until_somebody_switches(visitor: Callable[[str], Visitor]) -> None:
    """The suite's browser asks for American English, which must not matter."""
    one = visitor("")
    one.context.clear_cookies()
    one.open("/sign-in/", 1440)
    expect(one.page.locator("html")).to_have_attribute("lang", "zh-CN")
    one.page.click("button[name=language]")
    one.settle()
    expect(one.page.locator("html")).to_have_attribute("lang", "en")
    one.context.clear_cookies()


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("duty")
    one.wear("zh", "light")
    one.open("/enterprises/", 1440)
    one.page.keyboard.press("Tab")
    expect(one.page.locator(".skip-link")).to_be_focused()
    one.page.keyboard.press("Enter")
    expect(one.page.locator("#content")).to_be_focused()


def test_keys_walk_the_rows_open_help_and_lead_to_the_map(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("duty")
    page = one.page
    one.wear("zh", "light")
    one.open("/enterprises/", 1440)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr.row-here")).to_have_count(1)
    assert page.evaluate("[...document.querySelectorAll('main .table tbody tr')].indexOf(document.querySelector('.row-here'))") == 1
    page.keyboard.press("k")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    one.settle()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("m")
    assert "/map/" in page.url


def test_an_unknown_address_is_explained_in_both_languages(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("duty")
    for language, title in (("zh", "没有找到"), ("en", "Not found")):
        one.wear(language, "light")
        assert one.open("/no/such/page/", 1440) == 404
        expect(one.page.locator("h1")).to_have_text(title)
        number = one.page.locator("dd.mono").inner_text()
        assert len(number) == 8
        assert violations(one.page) == []
    one.watcher.take()


def test_what_the_post_may_not_do_is_refused_with_a_sentence(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("audit")
    one.wear("zh", "light")
    assert one.open("/enterprises/", 1440) == 403
    expect(one.page.locator("h1")).to_have_text("没有权限")
    one.watcher.take()


def test_the_navigation_leads_nowhere_that_refuses(node: Node, visitor: Callable[[str], Visitor]) -> None:
    for role in ("duty", "approver", "clerk", "plant", "team", "system", "security", "audit"):
        one = visitor(role)
        one.wear("zh", "light")
        one.open("/own/", 1440)
        links = one.page.evaluate("[...document.querySelectorAll('.side a')].map(a => a.getAttribute('href'))")
        assert links, role
        assert one.page.locator(".side > ul > li").count() <= 8
        for link in sorted(set(links)):
            answer = one.context.request.get(node.url + link)
            assert answer.status == 200, f"{role}: {link} answers {answer.status}"


def test_the_map_lists_the_same_objects_as_a_table_and_keeps_its_view_in_the_address(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("duty")
    page = one.page
    one.wear("zh", "light")
    one.open("/map/", 1440)
    page.click("#map-table-open")
    table = page.locator("#map-table")
    expect(table).to_be_visible()
    assert violations(page) == []
    button = table.locator("tbody button").last
    title = button.inner_text()
    button.click()
    expect(page.locator("#map-panel-body h2")).to_have_text(title)
    assert "pick=" in page.url
    assert "layers=" in page.url
    shared = page.url
    page.goto(shared)
    one.settle()
    expect(page.locator("#map-panel-body h2")).to_have_text(title)
    assert one.watcher.take() == []


def test_what_was_sent_to_a_node_that_did_not_answer_is_a_draft_again(visitor: Callable[[str], Visitor], node: Node) -> None:
    one = visitor("inspector")
    one.wear("zh", "light")
    page, address = one.page, f"{node.url}/dangers/report/?enterprise={node.records['enterprises']}"
    offered = page.locator("form[data-draft] > .notice button")

    def write(words: str) -> None:
        page.goto(address)
        page.wait_for_selector("html[data-shell-ready]", state="attached")
        page.fill("[name=title]", words)
        page.fill("[name=location]", "泵房")
        page.locator("[data-draft-state]", has_text=re.compile(r".+")).first.wait_for()

    write("夜里写的隐患")
    page.route("**/dangers/report/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.locator("form[data-draft] button[type=submit], form[data-draft] .btn-primary").last.click()
    page.wait_for_url("chrome-error://**")
    page.unroute("**/dangers/report/**")
    page.goto(address)
    page.wait_for_selector("html[data-shell-ready]", state="attached")
    offered.first.click()
    assert page.locator("[name=title]").input_value() == "夜里写的隐患"
    page.locator("form[data-draft] button[type=submit], form[data-draft] .btn-primary").last.click()
    page.wait_for_url(re.compile(r"/dangers/[0-9a-f-]{36}/$"))
    page.wait_for_selector("html[data-shell-ready]", state="attached")
    page.goto(address)
    page.wait_for_selector("html[data-shell-ready]", state="attached")
    assert offered.count() == 0
    one.watcher.take()
