"""A phone beside a vessel, without a network: what is typed is kept, sent when the network is back, and done once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.browser.audit import Visitor
from tests.browser.node import Node

pytestmark = pytest.mark.browser

WAITING = "[data-offline-queue] li"


def test_a_gas_reading_taken_without_a_network_arrives_when_it_is_back(visitor: Callable[[str], Visitor], node: Node) -> None:
    phone = visitor("plant")
    phone.wear("zh", "light")
    assert phone.open(f"/permits/{node.records['permit_working']}/", 390) == 200
    page = phone.page
    page.wait_for_selector("html[data-shell-ready]")
    before = page.locator("#gas ~ .table-wrap tbody tr").count()

    phone.context.set_offline(True)
    page.click("#do-test > summary")
    page.fill("#id_test-combustible", "0.05")
    page.fill("#id_test-lel", "4")
    page.click("#do-test button")
    page.wait_for_selector(WAITING)
    assert "存在本机" in page.locator("#do-test [data-offline-said]").inner_text()
    page.click("#do-stop > summary")
    page.fill("#id_stop-reason", "试验")
    page.click("#do-stop button")
    assert "须联网" in page.locator("#do-stop [data-offline-said]").inner_text()

    phone.context.set_offline(False)
    page.wait_for_selector(WAITING, state="detached")
    # the page reloads when what waited has arrived: the row is asked for by its place, which survives a new document
    page.locator("#gas ~ .table-wrap tbody tr").nth(before).wait_for()
    assert page.locator("#gas ~ .table-wrap tbody tr").count() == before + 1
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('anlan.queue.'))") == []
    phone.watcher.take()


def test_what_the_node_refuses_stays_on_the_phone_and_is_told(visitor: Callable[[str], Visitor], node: Node) -> None:
    phone = visitor("plant")
    phone.wear("zh", "light")
    assert phone.open(f"/permits/{node.records['permit_working']}/", 390) == 200
    page = phone.page
    page.wait_for_selector("html[data-shell-ready]")
    phone.context.set_offline(True)
    page.click("#do-test > summary")
    page.fill("#id_test-combustible", "400")
    page.click("#do-test button")
    page.wait_for_selector(WAITING)
    phone.context.set_offline(False)
    page.wait_for_selector(f"{WAITING} .errorlist")
    assert "不可能" in page.locator(WAITING).inner_text()
    page.on("dialog", lambda dialog: dialog.accept())
    page.click(f"{WAITING} button:last-of-type")
    page.wait_for_selector(WAITING, state="detached")
    phone.watcher.take()
