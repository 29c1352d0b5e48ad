"""Fixtures of the browser suite: one node, one browser, one context for each account."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser.audit import AXE, Visitor, Watcher, chromium_browser
from tests.browser.hand import Hand
from tests.browser.hand import hand as open_hand
from tests.browser.node import Node, running_node


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of one run share: theirs lie side by side in it; alone, the run's folder is its own."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory, common: Path) -> Iterator[Node]:
    """The running node with the demonstration's world."""
    from django.conf import settings

    if not AXE.exists():
        pytest.skip("axe-core is not installed; run `npm ci` in web/ (./anlan test does)")
    with running_node(tmp_path_factory.getbasetemp() / "home", settings.DATABASES["default"], common) as running:
        yield running


@pytest.fixture(scope="session")
def hand(node: Node) -> Iterator[Hand]:
    """Does on the node what its detector and its worker would do."""
    with open_hand(node.environment, node.home / "hand.log") as opened:
        yield opened


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """Chromium."""
    with chromium_browser(chromium) as running:
        yield running


@pytest.fixture(scope="session")
def visitor(node: Node, browser: Browser) -> Iterator[Callable[[str], Visitor]]:
    """``visitor(role)``: that account signed in by its button on the sign-in page; ``""`` is nobody."""
    known: dict[str, Visitor] = {}

    def visit(role: str) -> Visitor:
        if role not in known:
            known[role] = _enter(node, browser, role)
        return known[role]

    yield visit
    for one in known.values():
        one.context.close()


def _enter(node: Node, browser: Browser, role: str) -> Visitor:
    context = browser.new_context(locale="en-US", timezone_id="America/New_York", reduced_motion="reduce")
    # A page of a busy machine may take long; how long says nothing of whether it is right.
    context.set_default_timeout(60_000)
    page = context.new_page()
    watcher = Watcher(node)
    watcher.watch(page)
    watcher.watch_requests(context)
    one = Visitor(node, context, watcher, page)
    if role:
        page.goto(f"{node.url}/sign-in/")
        page.click(f"button[value='{node.accounts[role]}']")
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        one.settle()
    watcher.take()
    return one
