"""Draws on the map of a bulletin with its own pen, corner by corner, and waits for what the server says of it."""

from __future__ import annotations

from math import cos, pi, sin
from time import perf_counter

from playwright.sync_api import Page

Corners = list[tuple[float, float]]
MAP = ".bulletin-draw .bulletin-map"
ANSWERED = "#area-check:not([aria-busy])"
PROPOSED = f"{ANSWERED} [data-proposal]"
COUNTED = f"{ANSWERED}:not(:has([data-proposal])) .area-figures"


def ragged(corners: int, width: float, height: float) -> Corners:
    """A ragged outline that fills a map (px from its corner).

    The pen takes a corner within 25 px of the last or the first one for the end: each is further from the one before, and the first stands apart.
    """
    middle = (width / 2 + 15, height / 2)
    reach = (width / 2 - 95, height / 2 - 45)
    outline = [(30.0, height / 2)]
    for number in range(1, corners):
        angle = pi + 0.12 + (2 * pi - 0.24) * number / corners
        share = 1.0 if number % 2 else 0.55
        outline.append((middle[0] + reach[0] * share * cos(angle), middle[1] + reach[1] * share * sin(angle)))
    return outline


def draw(page: Page, corners: int, answer: str) -> float:
    """Take the pen for areas and set so many corners; the seconds from the click that ends the drawing until ``answer`` is shown."""
    frame = page.locator(MAP)
    page.get_by_role("button", name="区域", exact=True).click()
    # The tools of drawing are fetched with the first pen; once they are there, the pointer is a cross.
    page.wait_for_selector(f'{MAP} canvas[style*="crosshair"]')
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    outline = [(box["x"] + x, box["y"] + y) for x, y in ragged(corners, box["width"], box["height"])]
    for x, y in outline:
        page.mouse.click(x, y)
    began = perf_counter()
    page.mouse.click(*outline[0])
    page.wait_for_selector(answer)
    return perf_counter() - began


def paste(page: Page, text: str, answer: str) -> None:
    """Put corners into the text beside the map, as from the clipboard."""
    page.locator("#id_area").fill(text)
    page.locator("#id_area").press("Tab")
    page.wait_for_selector(answer)


def accept(page: Page) -> float:
    """Take the simplified area; the seconds until its people are counted."""
    began = perf_counter()
    page.locator("[data-take]").click()
    page.wait_for_selector(COUNTED)
    return perf_counter() - began
