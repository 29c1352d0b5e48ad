"""One look at one page: accessibility, console, other hosts, a picture of what is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.browser.node import PROJECT, Node

ARTEFACTS = Path(__file__).parent / "artefacts"
AXE = PROJECT / "web" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
HEIGHTS = {390: 844, 1440: 900, 1920: 1080, 3840: 2160}
READY_MS = 30_000
# The pop-ups of the address bar are pages of their own in a process of their own, drawn again at each navigation: half of one core for
# nothing anybody sees. The flag replaces the list that the driver gives, so its entries that matter here stand in it too.
SWITCHED_OFF = [
    # A page kept for the way back goes on living, and makes each next page begin in a new process.
    "BackForwardCache",
    "SpareRendererForSitePerProcess",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    # WebGL in software, everything else without a GPU process in between: a picture takes a sixth of the time.
    "--disable-gpu-compositing",
    "--disable-gpu-rasterization",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={','.join(SWITCHED_OFF)}",
]


@contextmanager
def chromium_browser(path: str) -> Iterator[Browser]:
    """Chromium, for the whole run."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watcher:
    """Everything a page did that it should not."""

    node: Node
    wrong: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to the page's console, exceptions and requests."""
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.wrong.append(f"exception: {error}"))

    def watch_requests(self, context: BrowserContext) -> None:
        """Listen to every request of the context, workers included."""
        context.on("request", lambda request: self._request(request.url))

    def _console(self, kind: str, text: str) -> None:
        if kind == "error":
            self.wrong.append(f"console: {text[:300]}")

    def _request(self, url: str) -> None:
        if not url.startswith((self.node.url, "data:", "blob:")):
            self.wrong.append(f"request to another host: {url}")

    def take(self) -> list[str]:
        """What was seen since the last call."""
        seen, self.wrong[:] = list(self.wrong), []
        return seen


@dataclass
class Visitor:
    """One account in one browser context."""

    node: Node
    context: BrowserContext
    watcher: Watcher
    page: Page

    def wear(self, language: str, theme: str) -> None:
        """Set language and appearance by cookie, as the switches in the bar do."""
        code = "en" if language == "en" else "zh-hans"
        self.context.add_cookies(
            [
                {"name": "anlan_language", "value": code, "url": self.node.url},
                {"name": "anlan_theme", "value": theme, "url": self.node.url},
            ]
        )

    def open(self, path: str, width: int) -> int:
        """Open a page at a width and wait until its scripts say that it is ready. Returns the status."""
        self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        answer = self.page.goto(self.node.url + path, wait_until="load")
        self.settle()
        return answer.status if answer else 0

    def settle(self) -> None:
        """Wait for the marks that scripts set, never for silence on the network."""
        self.page.wait_for_selector("html[data-shell-ready]", state="attached", timeout=READY_MS)
        if self.page.locator("#map").count():
            self.page.wait_for_selector("html[data-map-ready]", state="attached", timeout=READY_MS)
        for island, mark in ISLANDS:
            if self.page.locator(island).count():
                self.page.wait_for_selector(f"html[data-{mark}-ready]", state="attached", timeout=READY_MS)
        # By selector: the page's own security policy forbids the evaluated text of a wait by function.
        self.page.wait_for_selector(".htmx-request", state="detached", timeout=READY_MS)


def leave(visitor: Visitor) -> None:
    """Go where nothing is drawn and nothing listened to. It is of the node itself, for a page of another site would end the browser's process,
    and the next page would begin in a new one that has to learn every script anew.
    """
    visitor.page.goto(f"{visitor.node.url}/healthz")


# What a narrow window and other words can break in a document whose roles and structure were looked at before.
NARROW = [
    "target-size",
    "button-name",
    "link-name",
    "label",
    "scrollable-region-focusable",
    "link-in-text-block",
    "html-lang-valid",
]


ROWS_ALIKE = "tbody tr:nth-child(n+16)"
"""Rows of a long table come from one template: what is wrong with the sixteenth is wrong with those before it."""


def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """Findings of axe on the page as it stands, by every rule of :data:`TAGS` or by ``rules`` alone.

    Styles and media need not be fetched once more (``preload``): the styles of a node are its own and no page plays sound.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    asked = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": TAGS}
    found: dict[str, Any] = page.evaluate(
        "([asked, rows]) => axe.run({exclude: [rows]}, {runOnly: asked, resultTypes: ['violations'], preload: false})",
        [asked, ROWS_ALIKE],
    )
    lines = []
    for violation in found["violations"]:
        where = [node["html"][:140] for node in violation["nodes"][:3]]
        lines.append(f"axe {violation['id']} ({len(violation['nodes'])}×): {violation['help']} {where}")
    return lines


def darkened(visitor: Visitor, path: str, name: str) -> list[str]:
    """The page that is open in its dark appearance, without loading it again: what axe says of its contrasts, and a picture."""
    page = visitor.page
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    lines = violations(page, ["color-contrast"])
    picture(page, f"{name}-zh-1440-dark", wrong=lines)
    return [f"{path} [zh 1440 dark] {line}" for line in lines]


def picture(page: Page, name: str, *, whole: bool = False, wrong: Sequence[str] = ()) -> None:
    """Keep a picture of what is wrong, or of everything if ``ANLAN_PICTURES`` is set: hundreds that nobody looks at cost a minute."""
    if wrong or os.environ.get("ANLAN_PICTURES"):
        ARTEFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=whole)


def too_wide(page: Page) -> list[str]:
    """Whether the page scrolls sideways, which no page may."""
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"page is {width[0]} px wide in a window of {width[1]}"] if width[0] > width[1] + 1 else []


ISLANDS = (("#grid", "points"), ("[data-curves]", "curves"), ("#plan.plan", "plan"), ("#plot", "plot"))
"""What scripts fill, with the mark that they set when they are ready."""
REPLACE = """async path => {
    const answer = await fetch(path, {headers: {Accept: "text/html"}});
    const other = new DOMParser().parseFromString(await answer.text(), "text/html");
    const needs = [...other.querySelectorAll("link[rel=stylesheet], script[src]")].map(each => each.getAttribute("href") ?? each.getAttribute("src"));
    const has = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map(each => each.getAttribute("href") ?? each.getAttribute("src"));
    if (answer.status !== 200 || needs.some(each => !has.includes(each))) return false;
    document.documentElement.lang = other.documentElement.lang;
    document.documentElement.dataset.theme = "light";
    document.title = other.title;
    document.body.replaceWith(document.adoptNode(other.body));
    return true;
}"""


def exchanged(visitor: Visitor, path: str, language: str, width: int) -> bool:
    """Put another document into the page that is open, if its styles and scripts are there already: nothing is loaded and begun twice.

    What scripts draw is not in it, so a page with such a part is to be opened (``False``).
    """
    page = visitor.page
    if not page.url.startswith(visitor.node.url) or page.locator(", ".join(["#map", *(island for island, _mark in ISLANDS)])).count():
        return False
    visitor.wear(language, "light")
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    return bool(page.evaluate(REPLACE, path))


def in_other_words(visitor: Visitor, path: str, language: str, width: int, name: str) -> list[str]:
    """The page that is open, with its words in another language and on another width: what sticks out, and what axe says of :data:`NARROW`."""
    if not exchanged(visitor, path, language, width):
        return audit_page(visitor, path, language, width, "light", name, rules=NARROW)
    return _looked_at(visitor, path, language, width, "light", name, rules=NARROW)


def audit_generated(visitor: Visitor, path: str, language: str, name: str) -> list[str]:
    """A page that comes from the templates of them all: in full on a telephone, for its width on a desk."""
    if exchanged(visitor, path, language, 390):
        wrong = _looked_at(visitor, path, language, 390, "light", name)
    else:
        wrong = audit_page(visitor, path, language, 390, "light", name)
    return wrong + audit_page(visitor, path, language, 1440, "light", name, reload=False, axe=False)


def audit_page(
    visitor: Visitor,
    path: str,
    language: str,
    width: int,
    theme: str,
    name: str,
    *,
    reload: bool = True,
    axe: bool = True,
    rules: Sequence[str] = (),
) -> list[str]:
    """Look at one page and say what is wrong.

    ``reload=False`` only resizes the page that is open; without ``axe`` only its width and console; ``rules`` are those of axe (empty: all).
    """
    page = visitor.page
    wrong = []
    if reload:
        visitor.wear(language, theme)
        status = visitor.open(path, width)
        if status != 200:
            wrong.append(f"status {status}")
    else:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.wait_for_timeout(60)
    return [f"{path} [{language} {width} {theme}] {line}" for line in wrong] + _looked_at(
        visitor, path, language, width, theme, name, axe=axe, rules=rules
    )


def _looked_at(
    visitor: Visitor, path: str, language: str, width: int, theme: str, name: str, *, axe: bool = True, rules: Sequence[str] = ()
) -> list[str]:
    page = visitor.page
    wrong = (violations(page, rules) if axe else []) + too_wide(page) + visitor.watcher.take()
    if axe or wrong:
        picture(page, f"{name}-{language}-{width}-{theme}", wrong=wrong)
    return [f"{path} [{language} {width} {theme}] {line}" for line in wrong]
