"""The spine of judgement by clicks: an alarm of chlorine becomes zones, people and arrivals; a road is closed and arrivals change; two posts draw; the
sheet is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from tests.browser.audit import Visitor, picture, too_wide
from tests.browser.hand import Hand
from tests.browser.node import Node

from anlan.site.demo.cast import PLANT_COUNTY

pytestmark = pytest.mark.browser


def reckon(hand: Hand) -> None:
    """The suite's node has no worker of its own."""
    assert "done" in hand("perform_runs")


def press(one: Visitor, name: str) -> None:
    with one.page.expect_navigation():
        one.page.locator("main").get_by_role("button", name=name, exact=True).first.click()
    one.settle()


def times(page: Page) -> dict[str, str]:
    """Arrivals by team, once they are there."""
    page.wait_for_selector("#judgement-reach table")
    rows = page.locator("#judgement-reach tbody tr")
    return {rows.nth(n).locator("th").inner_text(): rows.nth(n).locator("td").nth(1).inner_text() for n in range(rows.count())}


def test_an_alarm_becomes_zones_people_arrivals_a_shared_drawing_and_a_sheet(
    visitor: Callable[[str], Visitor], node: Node, hand: Hand
) -> None:
    duty = visitor("duty")
    duty.wear("zh", "light")
    page = duty.page
    judge_from_the_alarm(duty, node, hand)
    answer = page.url
    before = arrivals_and_exposure(duty)
    close_a_road(duty, before)
    duty.open(answer.removeprefix(node.url), 1440)
    after = times(page)
    assert after != before, "a closed road changes nobody's arrival"
    picture(page, "judgement-4-after-closing", whole=True)
    draw_together(visitor, node)
    print_the_sheet(duty, answer.removeprefix(node.url), node)
    assert [wrong for wrong in duty.watcher.take() if "inline style" not in wrong] == []


def judge_from_the_alarm(duty: Visitor, node: Node, hand: Hand) -> None:
    """The form comes filled from the hazard source; what no sensor tells is typed; the worker answers."""
    page = duty.page
    duty.open(f"/judgement/new/?alarm={node.records['alarms']}", 1440)
    picture(page, "judgement-1-new", whole=True)
    press(duty, "建立并计算")
    assert re.search(r"/judgement/[0-9a-f-]{36}/$", page.url)
    assert page.locator("[name=substance]").input_value() == "氯"
    for name, value in (("wind_from_deg", "45"), ("wind_m_s", "2.4"), ("hole_mm", "20")):
        page.fill(f"[name={name}]", value)
    page.select_option("[name=stability]", "F")
    page.select_option("[name=opening]", "vapour")
    press(duty, "计算")
    reckon(hand)
    duty.open(page.url.removeprefix(node.url), 1440)
    expect(page.locator(".judgement-headline")).to_contain_text("AEGL-2")
    page.wait_for_selector("html[data-map-ready]")


def arrivals_and_exposure(duty: Visitor) -> dict[str, str]:
    page = duty.page
    found = times(page)
    assert any(re.search(r"\d", told) for told in found.values()), found
    expect(page.locator("#judgement-exposed")).to_contain_text("人")
    picture(page, "judgement-2-answer", whole=True)
    page.set_viewport_size({"width": 390, "height": 844})
    assert too_wide(page) == []
    picture(page, "judgement-3-telephone", whole=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


def close_a_road(duty: Visitor, before: dict[str, str]) -> None:
    """The middle of the first team's way is closed by the form of closures."""
    page = duty.page
    first = next(name for name, told in before.items() if re.search(r"\d", told))
    link = page.locator("#judgement-reach tbody tr", has_text=first).get_by_role("link", name="比较路线")
    address = link.get_attribute("href") or ""
    start = [float(re.search(rf"from_{name}=([\d.]+)", address).group(1)) for name in ("longitude", "latitude")]  # type: ignore[union-attr]
    vehicle = re.search(r"vehicle=(\w+)", address).group(1)  # type: ignore[union-attr]
    source = [float(page.locator(f"[name={name}]").input_value()) for name in ("longitude", "latitude")]
    way = json.loads(
        page.evaluate(
            "async (url) => (await fetch(url)).text()",
            f"/api/v1/roads/route?from={start[0]},{start[1]}&to={source[0]},{source[1]}&vehicle={vehicle}",
        )
    )
    points = way["geometry"]["coordinates"]
    middle = points[len(points) // 2]
    duty.open(reverse("desk:road-closures-create"), 1440)
    for name, value in (
        ("name", "货车侧翻"),
        ("place_code", PLANT_COUNTY),
        ("coordinates_text", f"{middle[0]},{middle[1]}"),
        ("radius_m", "400"),
        ("reason", "货车侧翻，双向中断"),
    ):
        page.locator(f"main [name={name}]").first.fill(value)
    page.locator("main [name=shape]").select_option("point")
    with page.expect_navigation():
        page.locator("main form button[type=submit], main form .form-actions button").first.click()
    expect(page.locator("h1")).to_contain_text("货车侧翻")


def draw_together(visitor: Callable[[str], Visitor], node: Node) -> None:
    """Two posts at one board see each other's strokes."""
    for role in ("duty", "team"):
        one = visitor(role)
        one.wear("zh", "light")
        assert one.open(f"/plotting/{node.records['plotting']}/", 1440) == 200
        one.page.wait_for_selector("html[data-plot-ready][data-map-ready]")
        one.page.wait_for_selector("#plot-link[data-state=open]")
    for role, title in (("duty", "警戒线东口"), ("team", "洗消点")):
        page = visitor(role).page
        if not page.locator("#plot-add").is_visible():
            page.click("#plot-add >> xpath=ancestor::details/summary")
        page.select_option("#add-kind", "point")
        page.fill("#add-title", title)
        page.fill("#add-coordinates", "117.52,36.71")
        page.click("#plot-add button")
    for role in ("duty", "team"):
        for title in ("警戒线东口", "洗消点"):
            visitor(role).page.wait_for_selector(f"#plot-list tr:has(.plot-pick:text-is('{title}'))")
    picture(visitor("duty").page, "judgement-5-drawn-together", whole=True)


def print_the_sheet(duty: Visitor, answer: str, node: Node) -> None:
    """Both files come, each as what it says."""
    page = duty.page
    duty.open(answer, 1440)
    for name, begins in (("打印研判报告", b"%PDF"), ("下载可编辑报告", b"PK")):
        href = page.get_by_role("link", name=name).get_attribute("href")
        got = page.request.get(f"{node.url}{href}")
        assert got.status == 200
        assert got.body().startswith(begins)
