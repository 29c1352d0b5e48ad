"""A warned area drawn by hand: simplified with a preview, taken, and its people counted while one looks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from tests.browser.audit import Visitor, picture
from tests.browser.hand import Hand
from tests.browser.pen import COUNTED, PROPOSED, accept, draw, paste

pytestmark = pytest.mark.browser
CORNERS, PEOPLE = 300, 100_000


@pytest.fixture
def register(hand: Hand):
    """A hundred thousand residents about the county."""
    hand("fill_register", PEOPLE)
    yield
    hand("empty_register")


def corners(text: str) -> list[list[float]]:
    return [[float(part) for part in line.split(",")] for line in text.strip().split("\n")]


def finer(ring: list[list[float]], number: int) -> str:
    """The outline with so many corners: those between are set aside a little, or they would be none."""
    each = number // len(ring)
    found = []
    for (west, south), (east, north) in zip(ring, [*ring[1:], ring[0]], strict=True):
        for step in range(each):
            share, aside = step / each, 1e-4 * (step % 2)
            found.append(f"{west + share * (east - west) + aside:.6f},{south + share * (north - south) + aside:.6f}")
    return "\n".join(found)


def test_three_hundred_corners_are_drawn_simplified_with_a_preview_and_counted(visitor: Callable[[str], Visitor], register: None) -> None:
    one = visitor("duty")
    page = one.page
    one.wear("zh", "light")
    one.open("/warnings/new/", 1440)
    page.wait_for_selector("html[data-map-ready]")
    for _ in range(4):
        page.get_by_role("button", name="放大").first.click()
    page.wait_for_timeout(1000)
    draw(page, 20, COUNTED)
    drawn = page.locator("#id_area").input_value()
    assert len(corners(drawn)) == 20
    told = page.locator("#area-check")
    expect(told.locator("dd strong").nth(1)).to_have_text(re.compile(r"^[\d,]{4,}$"))
    # Three hundred clicks take the suite too long; the bench sets them all with the pen.
    paste(page, finer(corners(drawn), CORNERS), PROPOSED)
    expect(told).to_contain_text("300 / 100")
    expect(told).to_contain_text("原范围全部保留")
    picture(page, "bulletin-1-drawn", whole=True)
    accept(page)
    kept = corners(page.locator("#id_area").input_value())
    assert 4 <= len(kept) <= 100
    expect(told).to_contain_text(re.compile(r"短信 [\d,]{4,}"))
    assert len(json.loads(page.locator("#id_area_drawn").input_value())["coordinates"][0][0]) == CORNERS + 1, (
        "what was drawn is kept beside it"
    )
    picture(page, "bulletin-2-taken", whole=True)
    assert one.watcher.take() == []
