"""A warned area of 300 corners, drawn in a browser with the pen of the editor's map over a register of a million: from the last click to its people.

``area_300_s``: from the click that ends the drawing until figures and the simplified area are shown, and from taking that until its people are counted,
together: the median of the runs; ``area_300_worst_s``: the slowest. ``area_300_server_ms``: the slower answer of the server, as the page saw it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

from playwright.sync_api import Page
from tests.bench import _warn_fanout as fanout

from anlan.site.environment import PROJECT
from anlan.site.launcher import browser as chromium
from anlan.site.launcher import pages
from anlan.site.launcher.node import free_port

CORNERS, RUNS = 300, 3
LIMIT_S = 2.0


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """Draw, simplify and count as often as :data:`RUNS` says; the first drawing, which loads what it loads, is not counted."""
    fanout._fill(say)
    found: list[tuple[float, float]] = []
    with ExitStack() as stack:
        page = stack.enter_context(_editor(stack))
        for run in range(RUNS + 1):
            took = _drawn(page)
            say(f"area of {CORNERS} corners: {took[0]:.2f} s, server {took[1]:.0f} ms")
            found += [took] if run else []
    seconds = [each[0] for each in found]
    return {
        "area_300_s": round(median(seconds), 2),
        "area_300_worst_s": round(max(seconds), 2),
        "area_300_server_ms": round(median(each[1] for each in found)),
        "area_300_limit_s": LIMIT_S,
    }


@contextmanager
def _editor(stack: ExitStack) -> Iterator[Page]:
    """The editor of a city's duty officer."""
    from tests.accounts import client_of, make_account
    from tests.browser.audit import chromium_browser

    found = chromium.chromium()
    if found is None:
        raise RuntimeError(chromium.MISSING)
    port = free_port()
    # Scripts and styles are served from a home of their own: the bench's database has no node around it.
    home = stack.enter_context(tempfile.TemporaryDirectory(prefix="anlan-area-"))
    environment = {**os.environ, "ANLAN_DEMO": "0", "ANLAN_DEBUG": "0", "ANLAN_PORT": str(port), "ANLAN_HOME": home}
    pages.build_web()
    pages.compile_translations()
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--no-input", "-v", "0"], cwd=PROJECT, env=environment, check=True)
    serve = ("-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-ws")
    stack.enter_context(fanout._process(environment, sys.executable, *serve, "anlan.site.asgi:application"))
    url = f"http://127.0.0.1:{port}"
    fanout.wait_for_pages(url)
    session = client_of(make_account(f"drawer-{os.getpid()}", "duty_officer", fanout.CITY)).cookies["anlan_session"].value
    with chromium_browser(found) as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
        context.set_default_timeout(120_000)
        context.add_cookies(
            [{"name": "anlan_session", "value": session, "url": url}, {"name": "anlan_language", "value": "zh-hans", "url": url}]
        )
        page = context.new_page()
        page.goto(f"{url}/warnings/new/")
        yield page


def _drawn(page: Page) -> tuple[float, float]:
    """Draw over the middle of the city, near enough for all of it to lie there: seconds of one drawing with its simplification, and the slower answer of the server in ms."""
    from tests.browser.pen import PROPOSED, accept, draw

    def server() -> float:
        return float(page.locator("#area-check").get_attribute("data-checked-ms") or 0)

    # A new page for each run: after the first the map would show what was taken.
    page.reload()
    page.wait_for_selector("html[data-map-ready]", state="attached")
    for _ in range(4):
        page.get_by_role("button", name="放大").first.click()
        page.wait_for_timeout(400)
    first = draw(page, CORNERS, PROPOSED)
    answered = server()
    return first + accept(page), max(answered, server())
