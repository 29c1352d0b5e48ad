"""One map: layers are switched, lengths measured and areas searched without a mouse, and all of it comes back by its address."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.audit import Visitor, violations

pytestmark = pytest.mark.browser

# One degree of latitude is 111.195 km on the sphere of mean radius.
ONE_DEGREE = re.compile(r"111[.,]?\d* 千米")


def _enter(page: Page, kind: str, positions: str, radius: str = "") -> None:
    form = page.locator(".map-tool-form")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    page.select_option("#map-shape-kind", kind)
    page.fill("#map-shape-positions", positions)
    if radius:
        page.fill("#map-shape-radius", radius)
    page.click("#map-shape-form button")


def test_what_is_switched_measured_and_selected_on_the_map_comes_back_by_its_address(visitor: Callable[[str], Visitor]) -> None:
    one = visitor("duty")
    page = one.page
    one.wear("zh", "light")
    one.open("/map/", 1440)

    # Layers: switched by their card, found by their name, in the address.
    page.fill("#map-layer-search", "企业")
    expect(page.locator("[data-card=enterprises]")).to_be_visible()
    expect(page.locator("[data-card=devices]")).to_be_hidden()
    page.fill("#map-layer-search", "")
    page.check("input[name=devices]")
    expect(page.locator("[data-layer-count=devices]")).to_have_text(re.compile(r"^\d+\+?$"))
    expect(page.locator("[data-layer-time=devices]")).to_contain_text("数据截至")
    assert "devices" in page.url

    # Measure by key and form.
    page.locator("#map canvas").focus()
    page.keyboard.press("m")
    expect(page.locator("#map-tool-title")).to_have_text("量算")
    _enter(page, "line", "117.0,36.0\n117.0,37.0")
    expect(page.locator("#map-tool-result")).to_contain_text(ONE_DEGREE)
    _enter(page, "line", "north of the river")
    expect(page.locator("#map-shape-error")).to_be_visible()

    # Select: a buffer around a point finds the objects of the layers that are on.
    page.click("[data-tool=select]")
    _enter(page, "point", "117.05,36.67", "60000")
    total = page.locator(".map-tool-total")
    expect(total).to_contain_text(re.compile(r"范围内共 [1-9]\d* 个对象"))
    counted = total.inner_text()
    assert violations(page) == []
    assert "area=p:117.05,36.67~60000" in page.url

    # The past: alarms are as of then, the rest says that it is not.
    page.click("#map-time-back")
    expect(page.locator("#map-moment")).to_be_visible()
    expect(page.locator("[data-layer-time=devices]")).to_contain_text("只有现状")
    expect(page.locator("[data-layer-time=alarms]")).not_to_contain_text("只有现状")
    assert "at=" in page.url
    page.click("#map-time-now")
    expect(page.locator("#map-moment")).to_be_hidden()

    # The address brings back layers, view and what was selected.
    shared = page.url
    page.goto(shared)
    one.settle()
    expect(page.locator("input[name=devices]")).to_be_checked()
    expect(page.locator(".map-tool-total")).to_have_text(counted)
    assert page.url == shared
    with page.expect_download() as picture:
        page.click("[data-tool=export]")
        page.locator("#map-tool-result .btn-primary").click()
    assert picture.value.suggested_filename.endswith(".png")
    assert one.watcher.take() == []
