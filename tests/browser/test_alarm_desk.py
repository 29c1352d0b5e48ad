"""The desk of alarms at three in the morning: by keys alone, with news coming in, on a desk and on a telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.browser.audit import Visitor, picture, too_wide, violations
from tests.browser.hand import Hand
from tests.browser.node import Node

pytestmark = pytest.mark.browser


@pytest.fixture
def tell(node: Node, hand: Hand) -> Iterator[Callable[[int, int, str], list[str]]]:
    """``tell(level, number, title)``: so many alarms rise at the plant; their ids. Whoever looks at the node next finds them closed."""
    told: list[str] = []

    def run(level: int, number: int, title: str) -> list[str]:
        found = list(hand("raise_alarms", node.records["enterprises"], level, number, title))
        told.extend(found)
        return found

    yield run
    if told:
        hand("close_alarms", told)


@pytest.fixture
def desk(visitor: Callable[[str], Visitor]) -> Iterator[Visitor]:
    one = visitor("duty")
    one.wear("zh", "light")
    yield one
    one.watcher.take()


def open_desk(one: Visitor, query: str = "", width: int = 1440) -> Page:
    assert one.open(f"/alarms/open/{query}", width) == 200
    one.page.wait_for_selector("html[data-alarm-desk-ready]", state="attached")
    return one.page


def walk_to(page: Page, row: str) -> None:
    for _ in range(60):
        page.keyboard.press("j")
        if page.locator(".row-here").get_attribute("id") == row:
            return
    raise AssertionError(f"no way to {row} by keys")


def test_the_row_under_the_cursor_stays_where_it_is_while_alarms_come_in(desk: Visitor, tell: Callable[[int, int, str], list[str]]) -> None:
    page = open_desk(desk)
    page.keyboard.press("j")
    page.keyboard.press("j")
    here = page.locator("tr.row-here")
    name, before = here.get_attribute("id"), here.bounding_box()
    (fresh,) = tell(1, 1, "新来的红色报警")
    row = page.locator(f"#line-{fresh}")
    expect(row).to_be_attached(timeout=15_000)
    expect(page.locator("#alarm-news")).to_contain_text("新来的红色报警")
    after = page.locator("tr.row-here").bounding_box()
    assert page.locator("tr.row-here").get_attribute("id") == name
    assert before and after and abs(before["y"] - after["y"]) <= 1
    assert page.evaluate("document.activeElement.closest('tr').id") == name
    assert page.title().startswith("(")


def test_an_alarm_is_acknowledged_and_handled_by_keys_alone(desk: Visitor, tell: Callable[[int, int, str], list[str]]) -> None:
    (fresh,) = tell(2, 1, "按键处置的报警")
    page = open_desk(desk)
    walk_to(page, f"line-{fresh}")
    here = page.locator("tr.row-here")
    page.keyboard.press("a")
    expect(here.locator("button[data-key='a']")).to_have_count(0)
    assert here.get_attribute("id") == f"line-{fresh}"
    # A second press must not reach another row's alarm.
    waiting = page.locator("tr.alarm-waits").count()
    page.keyboard.press("a")
    page.wait_for_timeout(700)
    assert page.locator("tr.alarm-waits").count() == waiting
    page.keyboard.press("m")
    dialog = page.locator("#alarm-measure")
    expect(dialog).to_be_visible()
    expect(dialog.locator("[data-what]")).to_have_text("按键处置的报警")
    assert violations(page) == []
    page.keyboard.type("开启水幕")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('tr').id") == f"line-{fresh}"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    desk.settle()
    assert fresh in page.url
    expect(page.locator(".timeline")).to_contain_text("开启水幕")


def test_a_group_is_unfolded_and_acknowledged_with_one_note_by_keys(node: Node, desk: Visitor) -> None:
    page = open_desk(desk)
    key = node.records["alarm_flood"]
    walk_to(page, f"line-{key}")
    page.keyboard.press("u")
    expect(page.locator(f"tr[data-of='{key}']")).to_have_count(11)
    assert page.locator(f"#line-{key} + tr").get_attribute("data-of") == key
    assert f"open={key}" in page.url
    assert violations(page) == [] and too_wide(page) == []
    picture(page, "alarms-desk-unfolded-zh-1440-light")
    page.keyboard.press("u")
    expect(page.locator(f"tr[data-of='{key}']")).to_have_count(0)
    page.keyboard.press("a")
    dialog = page.locator("#alarm-acknowledge")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("a")
    page.keyboard.type("机房断电，已通知电工")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"#line-{key} [data-key='a']")).to_have_count(0)
    page.reload()
    desk.settle()
    expect(page.locator(f"#line-{key}")).not_to_have_class("alarm-waits")


def test_the_search_and_the_help_answer_to_their_keys(desk: Visitor) -> None:
    page = open_desk(desk)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "alarm-q"
    page.keyboard.type("LINK")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    desk.settle()
    assert page.locator("#alarm-lines tbody tr").count() >= 1
    page.keyboard.press("?")
    expect(page.locator("#help")).to_contain_text("处置情况")
    page.keyboard.press("Escape")


def test_sound_is_off_until_somebody_switches_it_on_and_stays_as_it_was_left(desk: Visitor) -> None:
    page = open_desk(desk)
    button = page.locator("#alarm-sound")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.reload()
    desk.settle()
    expect(page.locator("#alarm-sound")).to_have_attribute("aria-pressed", "true")
    page.locator("#alarm-sound").click()
    expect(page.locator("#alarm-sound")).to_have_attribute("aria-pressed", "false")


def test_a_thousand_open_alarms_do_not_hold_the_page_up(desk: Visitor, tell: Callable[[int, int, str], list[str]]) -> None:
    tell(4, 1000, "千条之一")
    page = open_desk(desk)
    expect(page.locator("#alarm-lines tbody tr")).to_have_count(50)
    page.evaluate(
        "() => { window.longest = 0; new PerformanceObserver(list => list.getEntries().forEach(e => { window.longest = Math.max(window.longest, e.duration) })).observe({type: 'longtask'}) }"
    )
    for _ in range(40):
        page.keyboard.press("j")
    (fresh,) = tell(1, 1, "千条之上")
    expect(page.locator(f"#line-{fresh}")).to_be_attached(timeout=15_000)
    assert page.evaluate("window.longest") < 500
    assert page.locator("tr.row-here").count() == 1


def test_on_a_telephone_alarms_are_cards_and_are_acknowledged_by_touch(desk: Visitor, tell: Callable[[int, int, str], list[str]]) -> None:
    (fresh,) = tell(1, 1, "手机上的报警")
    page = open_desk(desk, "?q=手机上的报警", 390)
    row = page.locator(f"#line-{fresh}")
    assert too_wide(page) == [] and violations(page) == []
    button = row.locator("button[data-key='a']")
    box = button.bounding_box()
    assert box and box["height"] >= 44
    button.click()
    expect(row.locator("button[data-key='a']")).to_have_count(0)
    picture(page, "alarms-desk-phone-zh-390-light")


def test_without_a_script_an_alarm_is_acknowledged_all_the_same(
    node: Node, desk: Visitor, tell: Callable[[int, int, str], list[str]]
) -> None:
    (fresh,) = tell(2, 1, "没有脚本的报警")
    browser = desk.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, storage_state=desk.context.storage_state())
    page = context.new_page()
    page.goto(f"{node.url}/alarms/open/?q=没有脚本的报警")
    page.click(f"#line-{fresh} button[data-key='a']")
    assert "/alarms/open/" in page.url
    expect(page.locator(f"#line-{fresh} button[data-key='a']")).to_have_count(0)
    context.close()
